"""Attrition: every episode counted or lacking something, judged a second time in Python."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

from tests.flows.planted_comparison import Comparison, compare
from tests.flows.planted_records import Episode, Outcome, Person, Records, Values


def attrition(records: Records) -> Comparison:
    """The reason found, in the words that can be told without looking at single measurements."""
    rough = {
        r: "not_measured_twice"
        for r in (
            "died", "moved", "not_measured", "no_baseline", "wrong_respondent_baseline", "too_short",
            "wrong_respondent", "other_version", "no_follow_up",
        )
    }  # fmt: skip
    found = records.found(
        "SELECT episode_id, outcome_id, MIN(reason), COUNT(*) FROM individual.attrition GROUP BY ALL", keys=2
    )
    first = _first_in_window(records)
    return compare(
        "Attrition: every episode and outcome has one reason",
        "dates and pairs of the files, judged again",
        found={key: (rough.get(reason, reason), count) for key, (reason, count) in found.items()},
        wanted={
            (e.id, f"{instrument}:{respondent}"): (
                _reason(records, e, (e.id, instrument, respondent), first),
                1,
            )
            for e, instrument, respondent in records.outcomes
        },
        may_differ="died, moved and the seven ways of lacking a measurement are held as one",
    )


def _first_in_window(records: Records) -> dict[tuple[Person, str], str]:
    """Each person's first episode of an intervention in the assessment window."""
    opens, closes = records.window
    started = (e for e in records.episodes.values() if e.started and opens <= e.started <= closes)
    in_order = sorted(started, key=lambda e: (e.started or date.max, e.id), reverse=True)
    return {(e.person, e.intervention): e.id for e in in_order}


def _reason(
    records: Records,
    episode: Episode,
    key: Outcome,
    first: dict[tuple[Person, str], str],
) -> str:
    opens, closes = records.window
    if episode.started is None:
        if episode.ended or records.left(episode.person):
            return "withdrawn"
        return (
            "awaiting_start" if episode.decided else "awaiting_decision" if episode.requested else "no_date"
        )
    if not opens <= episode.started <= closes:
        return "outside_window"
    if first[episode.person, episode.intervention] != episode.id:
        return "repeat_episode"
    if records.horizon_end(episode) > records.reference_date:
        return "window_open"
    return "counted" if key in records.pairs else "not_measured_twice"


def attrition_sums(records: Records) -> Comparison:
    found = records.found(
        "SELECT level, intervention_id, outcome_id, goal_id, SUM(outcome_count)::BIGINT,"
        " SUM(episode_count)::BIGINT, SUM(person_count)::BIGINT FROM marts.attrition_count GROUP BY ALL",
        keys=4,
    )
    outcomes, episodes, persons = Counter[Values](), defaultdict(set), defaultdict(set)
    for episode, place in _places(records):
        outcomes[place] += 1
        episodes[place].add(episode.id)
        persons[place].add(episode.person)
    return compare(
        "Attrition: the reasons of every outcome, intervention, goal and the whole add up",
        "outcomes, episodes and persons in the files",
        found={key: value for key, value in found.items() if value != (0, 0, 0)},
        wanted={place: (n, len(episodes[place]), len(persons[place])) for place, n in outcomes.items()},
    )


def _places(records: Records) -> Iterator[tuple[Episode, Values]]:
    goals = {
        (i.id, o.instrument, o.respondent): o.goal
        for i in records.catalogue.interventions
        for o in i.outcomes
    }
    for episode, instrument, respondent in records.outcomes:
        goal = goals[episode.intervention, instrument, respondent]
        yield episode, ("outcome", episode.intervention, f"{instrument}:{respondent}", goal)
        yield episode, ("intervention", episode.intervention, "ALL", "ALL")
        yield episode, ("goal", "ALL", "ALL", goal)
        yield episode, ("strategy", "ALL", "ALL", "ALL")
