"""What single people's support costs, worked out a second time in Python from the delivered rows."""

from datetime import date

from tests.flows.planted_comparison import Comparison, compare
from tests.flows.planted_records import Episode, Person, Records


def costs_to_the_horizon(records: Records) -> Comparison:
    found = records.found(
        "SELECT episode_id, target_date, cost_oere FROM intervention.comparison_cost", keys=2
    )
    costs = _costs(records)
    return compare(
        "What all support costs from a decision to a comparison's horizon (øre)",
        "the delivered costs, spread over each course's days, added up again",
        found=found,
        wanted={key: (_until(records, costs, *key),) for key in found},
        # Each course's part is a whole øre.
        limit=5,
    )


def cost_per_person(records: Records) -> Comparison:
    costs = _costs(records)
    first, last = records.window
    by_person: dict[tuple[str, Person], list[float | None]] = {}
    for episode in records.episodes.values():
        if episode.started and first <= episode.started <= last:
            cost = costs[episode.id]
            told = None if cost is None else round(cost * _factor(records, episode.started))
            by_person.setdefault((episode.intervention, episode.person), []).append(told)
    known = {key: sum(c for c in of if c is not None) for key, of in by_person.items() if None not in of}
    wanted: dict[tuple[str], tuple[float]] = {}
    for intervention in records.catalogue.interventions:
        mine = [cost for (name, _), cost in known.items() if name == intervention.id]
        reached = sum(name == intervention.id for name, _ in by_person)
        if min(len(mine), reached) >= records.setting("disclosure_minimum"):
            wanted[(intervention.id,)] = (sum(mine) / len(mine),)
    return compare(
        "Cost per person begun in the window (kr.)",
        "the delivered costs, added up again",
        found=records.found(
            "SELECT intervention_id, estimate FROM estimate.economy_result"
            " WHERE statistic = 'cost_per_person' AND estimate IS NOT NULL",
            keys=1,
        ),
        wanted=wanted,
        # Each course is in whole kroner.
        limit=0.5,
    )


def _costs(records: Records) -> dict[str, float | None]:
    return {row["episode_id"]: row["cost_dkk"] for row in records.raw("episode")}


def _factor(records: Records, day: date) -> float:
    levels = {index.year: index.level for index in records.catalogue.price_indices}
    return levels[records.setting("price_year")] / levels[day.year] if day.year in levels else 1.0


def _until(records: Records, costs: dict[str, float | None], name: str, target: date) -> int | None:
    decision = records.episodes[name]
    assert decision.decided
    total = 0.0
    for episode in records.episodes_of[decision.person]:
        days = _days(records, episode)
        if days is None:
            continue
        first, last = days
        overlap = min(last.toordinal(), target.toordinal() - 1) - max(first, decision.decided).toordinal() + 1
        if overlap <= 0:
            continue
        cost = costs[episode.id]
        if cost is None:
            return None
        total += 100 * cost * overlap / ((last - first).days + 1)
    return round(total * _factor(records, decision.decided))


def _days(records: Records, episode: Episode) -> tuple[date, date] | None:
    """The first and the last day of a course that has begun."""
    started = episode.started
    if started is None:
        return None
    row = records.register.get(episode.person, {})
    left = [row.get(name) for name in ("death_date", "moved_date")]
    ends = [episode.ended, records.reference_date, *(day for day in left if day and day >= started)]
    last = min(day for day in ends if day)
    return None if last < started else (started, last)
