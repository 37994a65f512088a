"""Scores, changes, courses and expectations of single people, worked out a second time in Python."""

from collections import defaultdict
from datetime import date, timedelta
from math import sqrt
from typing import Any

import numpy as np

from pipelines.catalogue.entries import Norm
from tests.flows.planted_comparison import Comparison, compare
from tests.flows.planted_records import Episode, Outcome, Pair, Records, Values, years_between

IMPROVED = ("recovered", "improved")
# Every so many pairs, by episode: a regression for each takes time.
SAMPLE_STEP = 25
PRIMARY = "follow_up_kind = 'primary'"


def scored_items(records: Records) -> Comparison:
    rows = [r for r in records.planted["items"]["rows"] if r["score"] is not None and not r["is_overruled"]]
    return compare(
        "Scores from item answers (WHO-5)",
        "the score each questionnaire's answers were dealt from",
        found=records.found(
            "SELECT person_id, CAST(measured_date AS VARCHAR), score_hundredths / 100"
            " FROM staging.measurement WHERE is_from_items",
            keys=2,
        ),
        wanted={(records.person[r["person"]], r["measured_date"]): (r["score"],) for r in rows},
        may_differ="answers beside a finished score of the same day (10 planted): the finished one counts",
    )


def unscorable_items(records: Records) -> Comparison:
    rows = [r for r in records.planted["items"]["rows"] if r["score"] is None and r["answered_count"]]
    return compare(
        "Questionnaires that no rule scores",
        "answers left out, one or more",
        found=records.found(
            "SELECT person_id, CAST(measured_date AS VARCHAR), answer_count, reason_no_score"
            " FROM staging.item_score WHERE score_hundredths IS NULL",
            keys=2,
        ),
        wanted={
            (records.person[r["person"]], r["measured_date"]): (r["answered_count"], "too_few_answers")
            for r in rows
        },
        may_differ="a questionnaire without a single answer leaves no row to score",
    )


def reliable_change(records: Records) -> Comparison:
    return compare(
        "Reliable change, its categories, and who is at ceiling",
        "Jacobson and Truax, computed again from the delivered scores",
        found=records.found(
            "SELECT episode_id, instrument_id, respondent, change_hundredths / 100, rci, is_reliable,"
            f" category, is_at_ceiling FROM individual.reliable_change WHERE {PRIMARY}",
            keys=3,
        ),
        wanted={key: _judged(records, key, pair) for key, pair in records.pairs.items()},
        limit=1e-6,
    )


def _judged(records: Records, key: Outcome, pair: Pair) -> Values:
    """Change, index, whether it is reliable, category, and whether an improvement could have been."""
    _, instrument, respondent = key
    norm = records.norm(instrument, respondent)
    if not isinstance(norm.sd, int | float) or norm.reliability is None:
        return (pair.change, None, None, None, None)
    error, z = norm.sd * sqrt(2 * (1 - norm.reliability)), records.setting("reliable_z")
    scale = records.catalogue.instrument(instrument)
    best = scale.maximum if pair.direction == 1 else scale.minimum
    is_at_ceiling = pair.direction * (best - pair.baseline) <= z * error
    is_reliable = abs(pair.change) > z * error
    return (pair.change, pair.change / error, is_reliable, _category(norm, pair, z * error), is_at_ceiling)


def _category(norm: Norm, pair: Pair, least: float) -> str:
    if abs(pair.change) <= least:
        return "unchanged"
    if pair.change < 0:
        return "deteriorated"
    assert norm.cutoff is not None
    was, becomes = (pair.direction * (score - norm.cutoff) > 0 for score in (pair.baseline, pair.follow_up))
    return "recovered" if becomes and not was else "improved"


def mean_change(records: Records) -> Comparison:
    """In standard errors, of every outcome with enough counted pairs."""
    found = records.found(
        "SELECT intervention_id, outcome_id, estimate FROM marts.intervention_effect"
        " WHERE statistic = 'mean_change' AND design = 'D1' AND population = 'window'"
        f" AND n >= {records.setting('minimum_pairs')}",
        keys=2,
    )
    errors = _standard_errors(records)
    planted = {
        (i["intervention_id"], f"{o['instrument_id']}:{o['respondent']}"): o["mean_change_without_points"]
        + o["mean_effect_points"]
        for i in records.truth["interventions"]
        for o in i["outcomes"]
    }
    return compare(
        "Mean change per intervention, in its standard errors",
        "mean change without the support, plus the support's effect",
        found={key: (estimate / errors[key],) for key, (estimate,) in found.items()},
        wanted={key: (planted[key] / errors[key],) for key in found},
        limit=3.0,
        may_differ="chance; the planted mean is of all who started, the found one of the twice measured",
    )


def _standard_errors(records: Records) -> dict[tuple[str, str], float]:
    first, last = records.window
    changes = defaultdict(list)
    for (_, instrument, respondent), pair in records.pairs.items():
        if pair.episode.started and first <= pair.episode.started <= last:
            changes[pair.episode.intervention, f"{instrument}:{respondent}"].append(pair.change)
    return {key: float(np.std(c, ddof=1)) / sqrt(len(c)) for key, c in changes.items() if len(c) > 1}


def noticeable_change(records: Records) -> Comparison:
    def is_noticeable(key: Outcome, pair: Pair) -> bool | None:
        least = records.norm(*key[1:]).minimal_important_change
        return None if least is None else pair.change >= least

    return compare(
        "Noticeable change",
        "the catalogue's minimal important change against the delivered scores",
        found=records.found(
            "SELECT episode_id, instrument_id, respondent, is_noticeable"
            f" FROM individual.reliable_change WHERE {PRIMARY}",
            keys=3,
        ),
        wanted={key: (is_noticeable(key, pair),) for key, pair in records.pairs.items()},
    )


def trajectory(records: Records) -> Comparison:
    found = records.found(
        "SELECT episode_id, instrument_id, respondent, point_count, slope_score, slope_standard_error_score"
        " FROM individual.trajectory",
        keys=3,
    )
    wanted = {
        (e.id, instrument, respondent): _line(records, _points(records, e, instrument, respondent))
        for e, instrument, respondent in records.outcomes
        if e.started
    }
    sample = sorted(wanted)[::SAMPLE_STEP]
    return compare(
        "Trajectory: points, slope per 6 months and its standard error",
        f"numpy's polyfit through the delivered scores of every {SAMPLE_STEP}th course",
        found={key: found[key] for key in sample if key in found},
        wanted={key: wanted[key] for key in sample},
        limit=1e-6,
    )


def _points(records: Records, episode: Episode, instrument: str, respondent: str) -> list[tuple[int, float]]:
    assert episode.started
    first = episode.started - timedelta(records.setting("baseline_days_before"))
    after_end = timedelta(records.setting("end_days_after"))
    last = min(records.reference_date, episode.ended + after_end if episode.ended else date.max)
    direction = 1 if records.catalogue.instrument(instrument).better == "higher" else -1
    scores = records.scores.get((episode.person, instrument, respondent), {})
    return [(day.toordinal(), direction * score) for day, score in scores.items() if first <= day <= last]


def _line(records: Records, points: list[tuple[int, float]]) -> Values:
    days, scores = np.array(points, dtype=np.float64).reshape(-1, 2).T
    count = len(points)
    if count < 2 or np.ptp(days) < records.setting("minimum_pair_days"):
        return (count, None, None)
    unit = records.setting("days_per_year") * records.setting("trajectory_months") / 12
    days = (days - days.mean()) / unit
    coefficients = np.polyfit(days, scores, 1)
    unexplained = float(((scores - np.polyval(coefficients, days)) ** 2).sum())
    has_error = count > 2 and unexplained > 1e-9
    error = sqrt(unexplained / (count - 2) / float((days**2).sum())) if has_error else None
    return (count, float(coefficients[0]), error)


def expected_without_support(records: Records) -> Comparison:
    """For everybody of an age and a target group that the catalogue has a reference for."""
    scales = {(s["instrument_id"], s["respondent"]): s for s in records.truth["scales"]}

    def expected(key: Outcome, pair: Pair) -> Values:
        scale = scales[key[1:]]
        mean = scale["unselected_mean"]
        score = mean + scale["untreated_correlation"][str(pair.horizon_months)] * (pair.baseline - mean)
        return (score, pair.direction * (pair.follow_up - score))

    return compare(
        "Expected change without support (E0)",
        "the planted mean of the unselected and the planted untreated correlation",
        found=records.found(
            "SELECT episode_id, instrument_id, respondent, expected_without_support, versus_expected"
            f" FROM individual.expected_change WHERE {PRIMARY} AND without_support_source = 'reference'",
            keys=3,
        ),
        wanted={
            key: expected(key, pair)
            for key, pair in records.pairs.items()
            if _is_in_a_reference(records, key, pair)
        },
        limit=0.01,
        may_differ="the catalogue's references are rounded to four decimals; other horizons have none",
    )


def _is_in_a_reference(records: Records, key: Outcome, pair: Pair) -> bool:
    person = records.register.get(pair.episode.person)
    if person is None or person["birth_date"] is None or pair.episode.started is None:
        return False
    age = years_between(person["birth_date"], pair.episode.started)
    return any(
        (r.instrument, r.respondent, r.horizon_months) == (*key[1:], pair.horizon_months)
        and person["target_group"] in r.target_groups
        and r.age_from <= age <= r.age_to
        for r in records.catalogue.references
    )


def usual_course(records: Records) -> Comparison:
    """A regression for each pair of the sample, over the others' pairs in all other interventions."""
    found = records.found(
        "SELECT episode_id, instrument_id, respondent, expected_usual_course FROM individual.expected_change"
        f" WHERE {PRIMARY}",
        keys=3,
    )
    of_scale = defaultdict(list)
    for key, pair in records.pairs.items():
        of_scale[*key[1:], pair.horizon_months].append(pair)
    sample = sorted(records.pairs)[::SAMPLE_STEP]

    def expected(key: Outcome) -> Values:
        own = records.pairs[key]
        others = [
            (p.baseline, p.follow_up)
            for p in of_scale[*key[1:], own.horizon_months]
            if p.episode.person != own.episode.person and p.episode.intervention != own.episode.intervention
        ]
        if len(others) < records.setting("minimum_usual_pairs"):
            return (None,)
        return (float(np.polyval(np.polyfit(*zip(*others, strict=True), 1), own.baseline)),)

    return compare(
        "Expected change in the usual course (E1)",
        f"numpy's regression without the person and the intervention, for every {SAMPLE_STEP}th pair",
        found={key: found[key] for key in sample if key in found},
        wanted={key: expected(key) for key in sample},
        limit=1e-6,
    )


def success_by_type(records: Records) -> Comparison:
    """Pairs judged by the type of the person's own goal, else by the one declared for the outcome."""
    expected = records.found(
        "SELECT episode_id, instrument_id, respondent, versus_expected FROM individual.expected_change"
        f" WHERE {PRIMARY}",
        keys=3,
    )
    goals = defaultdict(list)
    for row in reversed(records.raw("individual_goal")):
        goals[row["episode_id"], row["instrument_id"]].append(row)

    def judged(key: Outcome, pair: Pair) -> Values:
        episode, instrument, respondent = key
        outcomes = records.catalogue.intervention(pair.episode.intervention).outcomes
        (declared,) = (o for o in outcomes if (o.instrument, o.respondent) == (instrument, respondent))
        own = [g for g in goals[episode, instrument] if g["set_date"] < pair.follow_up_date]
        goal = min(own, key=_rank, default={"goal_type": declared.goal_type, "expected_change": None})
        category, stated = _judged(records, key, pair)[3], goal["expected_change"]
        if goal["goal_type"] != "limit_loss":
            is_success = (
                category in IMPROVED if goal["goal_type"] == "develop" else category != "deteriorated"
            )
            return (goal["goal_type"], None if category is None else is_success)
        if stated is not None:
            return ("limit_loss", None if stated >= 0 else pair.change > stated)
        versus = expected[key][0]
        return ("limit_loss", None if versus is None else versus > 0)

    return compare(
        "Success of a measured outcome by type of goal",
        "the rule of each type, on the categories computed again",
        found=records.found(
            "SELECT episode_id, instrument_id, respondent, goal_type, is_success"
            f" FROM individual.goal_judgement WHERE {PRIMARY}",
            keys=3,
        ),
        wanted={key: judged(key, pair) for key, pair in records.pairs.items()},
    )


def _rank(goal: dict[str, Any]) -> Values:
    owners = ("person", "shared", "professional", None)
    return (owners.index(goal["owner"]), goal["set_date"], goal["goal_id"])
