"""What the recommendation says of simulated interventions, in a first year and in the next.

The people are simulated and compared once; the effect is added afterwards, as every way of comparing moves by
exactly that. The rules are held against it by the recommendation's own functions, so that the same people
tell of any effect and of any other rules.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pipelines.calibration import designs, pooled, stories
from pipelines.calibration.bench import Columns
from pipelines.calibration.designs import NOTHING, Numbers, Setting
from pipelines.calibration.world import Booleans, Floats, Integers, People, World, draw_people, joined
from pipelines.catalogue.recommendation import Recommendation
from pipelines.estimation.comparison import limits_of
from pipelines.estimation.rows import Row
from pipelines.estimators.comparison import TwoGroups, difference, fit
from pipelines.estimators.pooling import pool
from pipelines.estimators.result import NotEstimable
from pipelines.estimators.specifications import (
    SPECIFICATIONS,
    Parts,
    Question,
    Way,
    error_between_providers,
    treated_coefficient,
)
from pipelines.estimators.unmeasured import control_result
from pipelines.estimators.weighting import linear_models
from pipelines.recommendation.candidates import MAIN, Candidate, OutcomeRows, best
from pipelines.recommendation.judging import Fresh, Previous, with_history
from pipelines.recommendation.measures import Measures, with_effect
from pipelines.recommendation.rules import first_match

YEARS = ("year_1", "year_2")
# A window of three years: the next year's has a third that is new, and a third has left it.
COHORTS = 3
NEW = COHORTS
COMPARATOR = "waiting"
OUTCOME = "score"
TRUTHS = {"nothing": 0.0, "helps": 0.6, "harms": -0.5}
DELTA = "at_delta"
# The instrument's: with it a single person's change is reliable beyond 1.07 SD.
RELIABILITY = 0.85
RELIABLE_CHANGE = 1.96 * math.sqrt(2 * (1 - RELIABILITY))
RESULTS = {"passed": 1.0, "undecided": 0.0, "failed": -1.0}
# Which column held out of the model is which negative control: the score before the baseline, which knows
# nothing of a severity that nobody recorded, and one that tells half of it.
CONTROLS = {"earlier_score": 0, "informed": 2}
# Of the eleven that story 3's is pooled with: forty persons each, compared with the same others.
OTHERS, OTHERS_ERROR, SHARED = 11, 0.2, 0.2
MONTHS_SD = 3.6


@dataclass(frozen=True)
class Variant:
    """Other rules: parameters changed, or changed for single measures only.

    `informed` are the parameters where the control that tells of hidden severity passed.
    """

    title: str
    changed: Mapping[str, Any] = field(default_factory=dict)
    of_measures: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    informed: Mapping[str, Any] = field(default_factory=dict)


PRESENT = Variant("the present rules")


def truths(setting: Setting) -> dict[str, float]:
    """Return the true effects by name, in SD."""
    return TRUTHS | {DELTA: setting["smallest_worthwhile_sd"]}


def measure(world: Any, rng: np.random.Generator, setting: Setting) -> Numbers:
    """Compare one intervention's people in a year and in the next."""
    numbers: Numbers = {}
    for year, (people, cohort) in zip(YEARS, draw_years(world, rng), strict=True):
        groups = replace(people.groups, events=_deteriorated(people, setting))
        of_year = _change(people, groups.events, setting) | compared(groups, cohort, rng, setting)
        numbers |= {f"{year}_{name}": value for name, value in of_year.items()}
    return numbers


def measure_among(world: Any, rng: np.random.Generator, setting: Setting) -> Numbers:
    """The same of a harmful one, pooled with eleven good ones: those are estimates without people."""
    numbers = measure(world, rng, setting)
    shared = math.sqrt(SHARED) * rng.normal()
    own = math.sqrt(1 - SHARED) * rng.normal(size=OTHERS)
    others = pooled.GOOD + OTHERS_ERROR * (shared + own)
    for year in YEARS:
        if not numbers.get(f"{year}_is_sound"):
            continue
        error = np.r_[numbers[f"{year}_error"], np.full(OTHERS, OTHERS_ERROR)]
        correlation = np.full((len(error), len(error)), SHARED)
        np.fill_diagonal(correlation, 1.0)
        y = np.r_[numbers[f"{year}_estimate"] + TRUTHS["harms"], others]
        found = pool(y, correlation * np.outer(error, error), setting["pooling_prior_sd"])
        level = setting["confidence_level"]
        numbers |= {
            f"{year}_pooled": float(found.effect[0]),
            f"{year}_pooled_lower": float(found.quantile((1 - level) / 2)[0]),
            f"{year}_pooled_upper": float(found.quantile((1 + level) / 2)[0]),
            f"{year}_pooled_positive": float(found.probability_above(0.0)[0]),
        }
    return numbers


def measure_development(world: Any, rng: np.random.Generator, setting: Setting) -> Numbers:
    """Nobody to compare with, and no reference: what there is, is a change from before to after."""
    people = draw_people(world, rng)
    return {f"year_1_{name}": value for name, value in _change(people, {}, setting).items()}


def measure_bundle(world: Any, rng: np.random.Generator, setting: Setting) -> Numbers:
    """Ask of A and of B, each beside the other, in both years; months of work in SD."""
    n = world.persons
    new = math.ceil(n / COHORTS)
    asked = stories.draw_bundle(replace(world, persons=n + new), rng)
    cohort = np.r_[np.arange(n) * COHORTS // n, np.full(new, NEW)]
    numbers: Numbers = {}
    for year, rows in zip(YEARS, (cohort < NEW, cohort > 0), strict=True):
        for name in ("a", "b"):
            whole = asked[name]
            groups = TwoGroups(
                whole.covariates[rows],
                whole.held_out[rows],
                whole.is_treated[rows],
                whole.outcome[rows] / MONTHS_SD,
                whole.provider[rows],
            )
            of_year = _answered(groups) | compared(groups, _aged(cohort[rows], year), rng, setting)
            numbers |= {f"{name}_{year}_{of}": value for of, value in of_year.items()}
    return numbers


def draw_years(world: World, rng: np.random.Generator) -> list[tuple[People, Integers]]:
    """Draw both years' people, and of each which third of the window he belongs to; `NEW` are the new."""
    first = draw_people(world, rng)
    fresh = draw_people(
        replace(world, treated=math.ceil(world.treated / COHORTS), others=math.ceil(world.others / COHORTS)),
        rng,
    )
    both = joined(first, fresh)
    cohort = np.full(len(both.is_treated), NEW, dtype=np.int64)
    for arm in (True, False):
        rows = np.flatnonzero(first.is_treated == arm)
        cohort[rows] = np.arange(len(rows)) * COHORTS // max(len(rows), 1)
    return [(_part(both, rows), _aged(cohort[rows], year)) for year, rows in _windows(cohort)]


def compared(groups: TwoGroups, cohort: Integers, rng: np.random.Generator, setting: Setting) -> Numbers:
    """Return one year of D3 by every listed way, its checks and controls, and the new by themselves."""
    own = limits_of(setting)
    fitted = fit(groups, designs.draw_counts(len(cohort), setting, rng))
    if isinstance(fitted, NotEstimable):
        return {}
    found = difference(fitted, setting["confidence_level"], own)
    if isinstance(found, NotEstimable):
        return {}
    treated, known = groups.is_treated, ~np.isnan(groups.outcome)
    numbers: Numbers = {
        "estimate": found.estimate,
        "lower": found.lower,
        "upper": found.upper,
        "error": found.standard_error,
        "missing": found.missing_treated,
        "is_sound": float(found.soundness.failed_check(own) is None),
        "is_one_provider": float(found.soundness.provider_mark(own) == "one_provider"),
        "fewest": float(min((known & treated).sum(), (known & ~treated).sum())),
    }
    for name, share in found.shares.items():
        numbers[f"{name}_lower"] = NOTHING if isinstance(share, NotEstimable) else share.found.lower
    question = Question(
        propensity=own.propensity,
        is_recent=cohort > 0,
        minimum=setting["segment_minimum"],
        level=setting["confidence_level"],
        error=error_between_providers(found),
    )
    parts = Parts(fitted)
    for name, ask in SPECIFICATIONS.items():
        way = ask(parts, question)
        if isinstance(way, Way):
            numbers |= {f"{name}_estimate": way.estimate, f"{name}_error": way.standard_error}
    for name, column in CONTROLS.items():
        if column < groups.held_out.shape[1]:
            numbers[name] = _control(groups.held_out[:, column], groups, fitted.weights.weight[0], setting)
    is_new = (cohort == NEW) & known & treated
    if is_new.any():
        y = np.where(known, groups.outcome, 0.0)
        expected = linear_models(y, groups.covariates, (known & ~treated)[None].astype(float))[0]
        numbers |= {"new": float(is_new.sum()), "new_estimate": float((y - expected)[is_new].mean())}
    return numbers


def judged(
    columns: Columns,
    truth: str,
    table: Recommendation,
    setting: Setting,
    variant: Variant = PRESENT,
    prefix: str = "",
) -> list[tuple[list[str], list[str | None]]]:
    """Return, per year, the rules that fired and why no comparison had more evidence, by replication."""
    rows = [
        {name: float(values[i]) for name, values in columns.items() if values[i] == values[i]}
        for i in range(len(next(iter(columns.values()))))
    ]
    years: list[tuple[list[str], list[str | None]]] = []
    before: list[Previous | None] = [None] * len(rows)
    for year in YEARS:
        numbers = [_of(row, f"{prefix}{year}_") for row in rows]
        if not any(numbers):
            continue
        candidates = [_candidate(one, truth, table, setting, variant) for one in numbers]
        fresh = [_fresh(one, truth, setting) for one in numbers]
        fired = []
        for (candidate, own), last, new in zip(candidates, before, fresh, strict=True):
            measures = with_history(candidate.measures, last, new, table)
            fired.append(first_match(table.rule, measures, own))
        years.append(([rule.id for rule in fired], [c.reason_not_higher for c, _ in candidates]))
        before = [
            Previous(rule.id, 1, OUTCOME, str(c.measures.comparator), estimate_sd=c.estimate)
            for rule, (c, _) in zip(fired, candidates, strict=True)
        ]
    return years


def _windows(cohort: Integers) -> Sequence[tuple[str, Booleans]]:
    return list(zip(YEARS, (cohort < NEW, cohort > 0), strict=True))


def _aged(cohort: Integers, year: str) -> Integers:
    """The oldest third of a window is 0, and who is new stays new."""
    return cohort if year == YEARS[0] else np.where(cohort == NEW, NEW, cohort - 1)


def _part(people: People, rows: Booleans) -> People:
    return People(**{name: values[rows] for name, values in vars(people).items()})


def _deteriorated(people: People, setting: Setting) -> dict[str, Floats]:
    """Who became reliably worse, by what the support does: the one thing that does not just move by it."""
    change = people.follow_up - people.baseline
    return {
        f"worse_{name}": np.where(
            np.isnan(change), np.nan, change + effect * people.is_treated < -RELIABLE_CHANGE
        )
        for name, effect in truths(setting).items()
    }


def _change(people: People, events: Mapping[str, Floats], setting: Setting) -> Numbers:
    """D1 of the treated, and how many of them became reliably worse."""
    known = people.is_treated & ~np.isnan(people.follow_up)
    numbers = designs.before_after(people, setting)
    numbers |= {f"{name}_share": float(event[known].mean()) for name, event in events.items()}
    return numbers | _answered(people.groups)


def _answered(groups: TwoGroups) -> Numbers:
    answered = ~np.isnan(groups.outcome[groups.is_treated])
    return {"pairs": float(answered.sum()), "coverage": float(answered.mean())}


def _control(y: Floats, groups: TwoGroups, weight: Floats, setting: Setting) -> float:
    """What a negative control says, as the estimation asks it; NaN of too few persons."""
    known = ~np.isnan(y)
    if (
        min(int((known & arm).sum()) for arm in (groups.is_treated, ~groups.is_treated))
        < (setting["segment_minimum"])
    ):
        return NOTHING
    estimate, error = treated_coefficient(
        np.where(known, y, 0.0), groups.covariates, groups.is_treated, weight * known
    )
    reach = 1.96 * error
    return RESULTS[control_result(estimate - reach, estimate + reach, setting["control_limit_sd"])]


def _of(row: Mapping[str, float], prefix: str) -> Numbers:
    return {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)}


def _fresh(numbers: Numbers, truth: str, setting: Setting) -> Fresh | None:
    if "new" not in numbers:
        return None
    return Fresh(int(numbers["new"]), numbers["new_estimate"] + truths(setting)[truth])


def _candidate(
    numbers: Numbers, truth: str, table: Recommendation, setting: Setting, variant: Variant
) -> tuple[Candidate, Setting]:
    """The best design's answer, and the parameters that its rules are held against."""
    own = dict(setting) | dict(variant.changed)
    if numbers.get("informed") == RESULTS["passed"]:
        own |= variant.informed
    known = Measures(
        has_safety_flag=False,
        is_tied_to_goal=True,
        is_legal_right=False,
        pairs_per_arm=int(numbers["pairs"]),
        coverage=numbers["coverage"],
        is_staff_rated_alone=False,
        has_willingness_to_pay=False,
    )
    rows = OutcomeRows(_effect_rows(numbers, truth, truths(setting)[truth]))
    arms = {COMPARATOR: int(numbers.get("fewest", 0))}
    candidate = best(rows, known, arms, 1.0, table.evidence, own, None)
    if candidate.effect:
        for name, changed in variant.of_measures.items():
            other = with_effect(candidate.measures, candidate.effect, own | dict(changed))
            candidate = replace(
                candidate, measures=replace(candidate.measures, **{name: getattr(other, name)})
            )
    return candidate, own


def _effect_rows(numbers: Numbers, truth: str, effect: float) -> list[Row]:
    """The rows of the long result table that the recommendation reads, with the effect added."""
    pairs = int(numbers["pairs"])
    rows = [_row("D1", "none", "mean_change", None, pairs)]
    if "d1_estimate" in numbers:
        d1 = [numbers[f"d1_{of}"] + effect for of in ("estimate", "lower", "upper")]
        rows.append(_row("D1", "none", "standardised_mean_change", d1, pairs))
    if "estimate" not in numbers:
        return rows
    estimate, lower, upper = (numbers[of] + effect for of in ("estimate", "lower", "upper"))
    nearest = max(lower, -upper, 0.0)
    is_sound = numbers["is_sound"] == 1
    told = {
        "is_sound": is_sound,
        "failed_check": None if is_sound else "unsound",
        "providers": "one_provider" if numbers["is_one_provider"] else None,
        "standard_error_sd": numbers["error"],
        "tipping_point_sd": nearest / numbers["missing"] if numbers["missing"] > 0 else None,
    }
    rows.append(_d3("standardised_difference", [estimate, lower, upper], told=told))
    for name in SPECIFICATIONS:
        if f"{name}_estimate" in numbers:
            way = [numbers[f"{name}_estimate"] + effect] * 3
            error = {"standard_error_sd": numbers[f"{name}_error"]}
            rows.append(_d3("standardised_difference", way, told=error, specification=name))
    if "earlier_score" in numbers:
        result = next(name for name, code in RESULTS.items() if code == numbers["earlier_score"])
        rows.append(
            _d3("negative_control", [0.0] * 3, told={"result": result}, specification="earlier_score")
        )
    if f"worse_{truth}_lower" in numbers:
        rows.append(_d3("share_difference_deteriorated", [numbers[f"worse_{truth}_lower"]] * 3))
        rows.append(_row("D1", "none", "share_deteriorated", [numbers[f"worse_{truth}_share"]] * 3, pairs))
    if "pooled" in numbers:
        drawn = [numbers[of] for of in ("pooled", "pooled_lower", "pooled_upper")]
        rows.append(_d3("pooled_difference", drawn))
        rows.append(_d3("pooled_probability_positive", [numbers["pooled_positive"]] * 3))
    return rows


def _d3(statistic: str, values: Sequence[float], told: Row | None = None, specification: str = MAIN) -> Row:
    return _row("D3", COMPARATOR, statistic, values, 1, told, specification)


def _row(
    design: str,
    comparator: str,
    statistic: str,
    values: Sequence[float] | None,
    n: int,
    told: Row | None = None,
    specification: str = MAIN,
) -> Row:
    estimate, lower, upper = values or (None, None, None)
    return {
        "design": design,
        "comparator": comparator,
        "statistic": statistic,
        "specification": specification,
        "estimate": estimate,
        "lower": lower,
        "upper": upper,
        "n": n,
        "diagnostics": json.dumps(told) if told else None,
        "not_estimable_reason": None,
    }
