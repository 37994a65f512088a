"""What the strategies' own figures say, against what was planted: surveys, ambassadors and activities."""

from collections import Counter
from datetime import date
from typing import Any

from tests.flows.planted_comparison import Comparison, Values, compare
from tests.flows.planted_records import Records

Z = 1.959964
BANDS = ((67, "senior"), (30, "adult"), (18, "young"))
COUNTS = "year, value FROM estimate.strategy_indicator WHERE population = 'year'"


def survey_shares(records: Records) -> Comparison:
    """Each share lies so many of its standard errors from what everybody served would have said."""
    asked = {i.id: i.of.question for i in records.catalogue.indicators if i.of and i.of.question}
    rounds = records.truth["surveys"]["citizen"]
    true = {
        (question, one["year"]): planted["true_share_at_least_4"]
        for one in rounds
        for question, planted in one["questions"].items()
    }
    found: dict[Values, Values] = {}
    rows = records.found(
        "SELECT DISTINCT indicator_id, year, value, lower, upper FROM estimate.strategy_indicator"
        " WHERE population = 'year' AND law = 'survey' AND value IS NOT NULL",
        keys=2,
    )
    for (indicator, year), (value, lower, upper) in rows.items():
        key = (asked[indicator], year)
        found[key] = ((value - true[key]) / ((upper - lower) / 2 / Z),) if key in true else (None,)
    return compare(
        "Survey shares weighted to the served, in their standard errors",
        "what everybody served would have answered, asked or not",
        found=found,
        wanted=dict.fromkeys(true, (0.0,)),
        limit=3.0,
        may_differ="chance: who was invited and who answered",
    )


def survey_responses(records: Records) -> Comparison:
    answered = {row["invitation_id"] for row in _rows(records, "survey_answer")}
    counts: dict[Values, Counter[bool]] = {}
    for row in records.raw("survey_invitation"):
        year = row["invited_date"].year
        for population in ("year", *_segments(records, row["person_id"], year)):
            key = (row["survey_id"], year, population)
            counts.setdefault(key, Counter())[row["invitation_id"] in answered] += 1
    return compare(
        "Invited and answered, by sex and age",
        "the delivered invitations and answers, counted again",
        found=records.found(
            "SELECT survey_id, year, population, invited, answered FROM marts.survey_response", keys=3
        ),
        wanted={key: (count.total(), count[True]) for key, count in counts.items()},
    )


def _segments(records: Records, person: bytes | None, year: int) -> tuple[str, ...]:
    if person is None:
        return ()
    row = records.register[person]
    age = year - row["birth_date"].year
    band = next(name for lowest, name in BANDS if age >= lowest)
    return f"sex:{row['sex']}", f"age_band:{band}"


def _rows(records: Records, extract: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        records.connection.execute(f"SELECT * FROM raw.{extract}").to_arrow_table().to_pylist()
    )
    return found


def network(records: Records) -> Comparison:
    planted = records.truth["network"]
    wanted: dict[Values, Values] = {}
    for row in planted["ambassadors"]:
        day = date.fromisoformat(row["date"])
        if (day.month, day.day) == (12, 31):
            wanted["ambassadors", day.year] = (float(row["count"]),)
            wanted["ambassador_citizen_share", day.year] = (row["citizen_count"] / row["count"],)
    last = records.truth["reporting_year"]
    for row in (row for row in planted["activities"] if row["year"] <= last):
        for indicator, kind in (
            ("network_count", "network"),
            ("dialogue_count", "dialogue_meeting"),
            ("theme_day_count", "theme_day"),
            ("amb_meetings", "ambassador_meeting"),
        ):
            wanted[indicator, row["year"]] = (float(row["count_by_kind"][kind]),)
    names = ", ".join(f"'{name}'" for name in sorted({name for name, _ in wanted}))
    return compare(
        "Ambassadors, the citizens among them, and activities, year by year",
        "everybody who joined and left, and every activity",
        found=records.found(f"SELECT DISTINCT indicator_id, {COUNTS} AND indicator_id IN ({names})", keys=2),
        wanted=wanted,
        limit=1e-9,
    )
