"""Who people are, their goals, status, hours and coherence, against what was planted."""

from collections import defaultdict
from datetime import date

from tests.flows.planted_comparison import Comparison, compare
from tests.flows.planted_records import Records, Values


def merged_persons(records: Records) -> Comparison:
    """Everybody's whole set of numbers, so that a merge too many shows as well as one too few."""
    by_pseudonym = {pseudonym: cpr for cpr, pseudonym in records.pseudonyms.items()}
    found = records.found("SELECT pseudonym, present_pseudonym FROM staging.identity", keys=1)
    together = defaultdict(set)
    for (pseudonym,), (present,) in found.items():
        together[present].add(by_pseudonym[pseudonym])
    former = {link["former_person"]: link["person"] for link in records.truth["links"]}
    wanted = defaultdict(set)
    for (pseudonym,) in found:
        cpr = by_pseudonym[pseudonym]
        wanted[former.get(cpr, cpr)].add(cpr)
    return compare(
        f"Persons with two numbers ({len(former)}) and everybody else",
        "who changed number, and to which",
        found={cpr: (frozenset(group),) for group in together.values() for cpr in group},
        wanted={cpr: (frozenset(group),) for group in wanted.values() for cpr in group},
    )


def goal_attainment(records: Records) -> Comparison:
    """Where all goals of an episode that were there to be reviewed have been."""
    sets, reviews, latest = defaultdict(set), defaultdict(set), dict[str, date]()
    set_on = {}
    for row in records.raw("individual_goal"):
        episode, goal = row["episode_id"], row["goal_id"]
        sets[episode].add(goal)
        set_on[goal] = row["set_date"]
        if row["reviewed_date"]:
            reviews[episode].add(goal)
            latest[episode] = max(row["reviewed_date"], latest.get(episode, date.min))
    waiting = {
        episode
        for episode, goals in sets.items()
        if any(set_on[goal] < latest.get(episode, date.max) for goal in goals - reviews[episode])
    }
    rows = records.planted["individual_goals"]["rows"]
    return compare(
        "Goal attainment T",
        "every goal's type, weight and level",
        found=records.found(
            "SELECT episode_id, goal_count - new_goal_count, t_score FROM individual.goal_attainment"
            " WHERE owner = 'all' AND t_score IS NOT NULL",
            keys=1,
        ),
        wanted={
            (r["episode_id"],): (r["goal_count"], r["t_score"])
            for r in rows
            if r["episode_id"] not in waiting
        },
        limit=1e-5,
        may_differ="an episode with a goal not yet reviewed has no T; the planted one is of the others",
    )


def goal_success(records: Records) -> Comparison:
    return compare(
        "Success of individual goals, by type and owner: goals reviewed and attained",
        "every goal's type, owner and level",
        found=records.found(
            "SELECT goal_type, owner, COUNT(*), COUNT(*) FILTER (is_success) FROM individual.goal_review"
            " WHERE reviewed_date IS NOT NULL GROUP BY goal_type, owner",
            keys=2,
        ),
        wanted={
            (r["goal_type"], r["owner"]): (r["goal_count"], r["attained_count"])
            for r in records.planted["individual_goals"]["by_type_and_owner"]
        },
    )


def status_months(records: Records) -> Comparison:
    return compare(
        "Favourable months before and after the start",
        "every spell of work, education, housing and debt",
        found=records.found(
            "SELECT episode_id, domain, before_favourable_months, after_favourable_months"
            " FROM individual.self_reliance WHERE favourable_month_change IS NOT NULL",
            keys=2,
        ),
        wanted={
            (r["episode_id"], r["domain"]): (r["favourable_before"], r["favourable_after"])
            for r in records.planted["status_months"]["rows"]
        },
        may_differ="where one of the 48 months is unknown or lies ahead there is no change on either side",
    )


def hours(records: Records) -> Comparison:
    """At the end only of those whose support has ended while they lived there."""
    found = records.found(
        "SELECT episode_id, moment, own_hundredths / 100 FROM individual.support_hours"
        " WHERE moment IN ('start', 'end') AND own_hundredths IS NOT NULL",
        keys=2,
    )
    wanted: dict[Values, Values] = {}
    for row in records.planted["support_hours"]["rows"]:
        episode = records.episodes[row["episode_id"]]
        left = records.left(episode.person)
        wanted[episode.id, "start"] = (row["first_hours"],)
        if episode.ended and not (left and left < episode.ended):
            wanted[episode.id, "end"] = (row["last_hours"],)
    granted = {episode for episode, _ in wanted}
    return compare(
        "Weekly hours at the start and at the end",
        "the first and the last grant of every episode that has any",
        found={key: value for key, value in found.items() if key[0] in granted},
        wanted=wanted,
        limit=1e-9,
        may_differ="support that has not ended, or whose person died or moved first, has no hours at the end",
    )


def coherence(records: Records) -> Comparison:
    rows = records.planted["coherence"]
    found = records.found(
        "SELECT person_id, support_year, episode_count, intervention_count, most_interventions, support_days,"
        " overlap_days, contact_count, contact_provider_count, plan_count, continuity_index"
        " FROM individual.person_year_coherence",
        keys=2,
    )
    names = (
        "episode_count", "intervention_count", "highest_concurrent_count", "supported_day_count",
        "overlap_day_count", "contact_count", "contact_provider_count", "plan_count", "continuity",
    )  # fmt: skip
    wanted = {(records.person[r["person"]], r["year"]): tuple(r[n] for n in names) for r in rows}
    return compare(
        "Coherence of a person's year: nine numbers",
        "counted day by day for a few persons",
        found={key: found[key] for key in wanted if key in found},
        wanted=wanted,
        limit=1e-5,
    )
