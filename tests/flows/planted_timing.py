"""Timeliness and transitions of single people, worked out a second time in Python."""

from datetime import date, timedelta

from pipelines.catalogue import Deadline
from tests.flows.planted_comparison import Comparison, compare
from tests.flows.planted_records import Episode, Person, Records, Values, months_later, years_between

STEPS = ("requested_to_decided", "decided_to_started", "requested_to_started")
FIRST_BIRTHDAY = date(2021, 1, 1)  # the first that the demo planted plans for


def crises(records: Records) -> Comparison:
    planted = records.planted["events"]["episodes_started_after_a_crisis"]
    return compare(
        "Crises between the request and the start",
        "a crisis while waiting",
        found=records.found(
            "SELECT episode_id, is_crisis_while_waiting FROM individual.timeliness"
            " WHERE is_crisis_while_waiting AND started_date IS NOT NULL",
            keys=1,
        ),
        wanted={(episode,): (True,) for episode in planted},
        may_differ="those who still wait, or gave up, are not among the planted",
    )


def timeliness(records: Records) -> Comparison:
    return compare(
        "Days requested, decided, started, and whether each deadline passed",
        "the delivered dates and the catalogue's deadlines, counted again",
        found=records.found(
            f"SELECT episode_id, {', '.join(f'{step}_days' for step in STEPS)}, is_decided_after_deadline,"
            " is_started_after_decision_deadline, is_started_after_request_deadline"
            " FROM individual.timeliness",
            keys=1,
        ),
        wanted={(e.id,): _steps(records, e) for e in records.episodes.values()},
    )


def _steps(records: Records, episode: Episode) -> Values:
    dates = (
        (episode.requested, episode.decided),
        (episode.decided, episode.started),
        (episode.requested, episode.started),
    )
    days = [(last - first).days if first and last and last >= first else None for first, last in dates]
    ended = min((d for d in (episode.ended, records.left(episode.person)) if d), default=None)
    verdicts = []
    for step, (first, last) in zip(STEPS, dates, strict=True):
        due = _due(records, episode, step, first)
        # Somebody decided where support has begun, though nobody knows when.
        is_overtaken = step == STEPS[0] and episode.started is not None
        stopped = last or (None if is_overtaken else ended or records.reference_date)
        is_backwards = first is not None and last is not None and last < first
        if due is None or stopped is None or is_backwards:
            verdicts.append(None)
        else:
            verdicts.append(True if stopped > due else False if last else None)
    return (*days, *verdicts)


def _due(records: Records, episode: Episode, step: str, first: date | None) -> date | None:
    intervention = records.catalogue.intervention(episode.intervention)
    in_force: list[Deadline] = [
        d
        for d in records.catalogue.deadlines
        if first
        and d.step == step
        and d.covers(intervention)
        and d.valid_from <= first <= (d.valid_to or date.max)
    ]
    if not first or not in_force:
        return None
    (deadline,) = in_force
    return months_later(first, deadline.months) if deadline.months else first + timedelta(deadline.days or 0)


def plans_for_turning_18(records: Records) -> Comparison:
    planted = {records.person[r["person"]]: r for r in records.planted["plans"]["turned_18"]}
    return compare(
        "Transitions at 18, with a plan in time or not",
        "a plan decided before the birthday, after it, or never",
        found=records.found(
            "SELECT person_id, CAST(transition_date AS VARCHAR), is_planned_in_time"
            " FROM individual.transition WHERE transition_kind = 'turning_18' AND NOT is_ahead"
            f" AND transition_date >= '{FIRST_BIRTHDAY}'",
            keys=1,
        ),
        wanted={
            (person,): (row["birthday"], row["plan"] == "in_time")
            for person, row in planted.items()
            if _has_support_near(records, person, date.fromisoformat(row["birthday"]))
        },
        may_differ="the others who turned 18 had no support near the birthday, and nothing to plan",
    )


def _has_support_near(records: Records, person: Person, birthday: date) -> bool:
    first = birthday - timedelta(records.setting("adult_days_before"))
    last = birthday + timedelta(records.setting("adult_days_after"))
    left = records.left(person)
    return (left is None or left > birthday) and any(
        (e.started or e.decided or date.max) <= last and (e.ended or date.max) >= first
        for e in records.episodes_of[person]
    )


def preparation(records: Records) -> Comparison:
    """Everybody between 16 and 18, here and in support or with support decided."""
    today = records.reference_date
    wanted: dict[Values, Values] = {}
    for person, row in records.register.items():
        open_ones = [e for e in records.episodes_of[person] if not e.ended and (e.started or e.decided)]
        if not row["birth_date"] or records.left(person) or not open_ones:
            continue
        if 16 <= years_between(row["birth_date"], today) < 18:
            running = sum(e.started is not None for e in open_ones)
            has_plan = any(day <= today for day in records.plans[person])
            wanted[(person,)] = (running, len(open_ones) - running, not has_plan)
    return compare(
        "The list of young people to prepare for turning 18",
        "ages, open episodes and plans in the files, looked up again",
        found=records.found(
            "SELECT person_id, running_episode_count, decided_episode_count, is_without_plan"
            " FROM individual.transition_preparation",
            keys=1,
        ),
        wanted=wanted,
    )
