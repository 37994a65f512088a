"""What a strategy's goals are measured by: indicators, surveys' questions, public figures and targets.

An indicator is an entry of `catalogue/indicators/*.toml`. With a `formula` and its arguments `of` it is
measured without a line of code; without one it stands in the measurement plan, and there it says what is
missing. Which formulas there are, and what each must and may be given, is `FORMULAS`.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from pipelines.catalogue.base import Certainty, Entry, Identifier, Register, Respondent

Formula = Literal[
    "reliable_share",
    "mean_change",
    "score_share",
    "status_share",
    "timely_share",
    "median_days",
    "plan_share",
    "own_goal_share",
    "goal_attained_share",
    "coherence_index",
    "mean_hours",
    "event_rate",
    "transition_share",
    "completed_share",
    "served_count",
    "survey_share",
    "survey_mean",
    "public_count",
    "public_rate",
    "ambassador_count",
    "ambassador_share",
    "activity_count",
    "activity_share",
    "organisation_count",
    "action_share",
    "evaluated_share",
]
MeasuredFrom = Literal["register", "survey", "document", "log", "public"]
ActivityKind = Literal[
    "network",
    "dialogue_meeting",
    "theme_day",
    "ambassador_meeting",
    "training",
    "reflection",
    "feedback",
    "other",
]
EndReason = Literal["completed", "dropped_out", "changed", "moved", "died", "other"]


Text = Annotated[str, Field(min_length=1)]


class Of(Entry):
    """The arguments of a formula; which of them it takes is in `FORMULAS`."""

    change: Literal["improved", "deteriorated", "neither"] | None = None
    instruments: tuple[str, ...] = ()
    instrument: str | None = None
    respondent: Respondent | None = None
    at_least: int | float | None = None
    at_most: int | float | None = None
    domain: Register | None = None
    favourable: bool | None = None
    deadline: str | None = None
    step: Literal["requested_to_started", "requested_to_decided", "decided_to_started"] | None = None
    event_kind: str | None = None
    end_reasons: tuple[EndReason, ...] = ()
    interventions: tuple[str, ...] = ()
    question: str | None = None
    statistic: str | None = None
    kind: Literal["citizen", "employee", "politician", "organisation"] | None = None
    kinds: tuple[ActivityKind, ...] = ()
    with_: Annotated[Literal["citizens", "both_sectors"] | None, Field(alias="with")] = None

    @property
    def given(self) -> dict[str, object]:
        """The arguments that are given, by the names they have in TOML."""
        return {
            name.rstrip("_"): value
            for name in self.model_fields_set
            if (value := getattr(self, name)) is not None and value != ()
        }


@dataclass(frozen=True)
class Signature:
    """What a formula must be given, what it may be given, and whether it needs one of two limits."""

    needs: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    has_limit: bool = False


def _signature(needs: str = "", may: str = "", *, has_limit: bool = False) -> Signature:
    return Signature(frozenset(needs.split()), frozenset(may.split()), has_limit)


LIMITS = ("at_least", "at_most")
FORMULAS: Mapping[str, Signature] = MappingProxyType(
    {
        "reliable_share": _signature("change", "instruments"),
        "mean_change": _signature("instrument respondent"),
        "score_share": _signature("instrument respondent", has_limit=True),
        "status_share": _signature("domain", "favourable"),
        "timely_share": _signature("", "deadline"),
        "median_days": _signature("step"),
        "plan_share": _signature(),
        "own_goal_share": _signature(),
        "goal_attained_share": _signature(),
        "coherence_index": _signature(),
        "mean_hours": _signature(),
        "event_rate": _signature("event_kind"),
        "transition_share": _signature(),
        "completed_share": _signature("", "end_reasons interventions"),
        "served_count": _signature("", "interventions"),
        "survey_share": _signature("question", has_limit=True),
        "survey_mean": _signature("question"),
        "public_count": _signature("statistic"),
        "public_rate": _signature("statistic"),
        "ambassador_count": _signature(),
        "ambassador_share": _signature("kind"),
        "activity_count": _signature("", "kinds"),
        "activity_share": _signature("with", "kinds"),
        "organisation_count": _signature("", "kinds"),
        "action_share": _signature(),
        "evaluated_share": _signature(),
    }
)
# What a formula over these is measured from: a mistake in `measured_from` would stand in the report.
FROM_SURVEY = frozenset({"survey_share", "survey_mean"})
FROM_PUBLIC = frozenset({"public_count", "public_rate"})
# What tells of people's wellbeing or functioning, and may stand beside a figure of how much support they get.
OF_PEOPLE = frozenset(
    {"mean_change", "score_share", "reliable_share", "goal_attained_share", "survey_share", "survey_mean"}
)


class Baseline(Entry):
    """What an indicator was before the strategy; without one the first year measured is the baseline."""

    date: datetime.date
    value: int | float
    source: Text


class Indicator(Entry):
    """Something a goal is followed by, how it is measured, and what it takes to measure it (better).

    Without `formula` nothing measures it yet. `missing_da`, `closed_by_da` and `effort` are its line of the
    measurement plan: what is missing, which extract or question closes it, and at what effort. An indicator
    that would mislead alone names in `stands_beside` the one it is always shown with.
    """

    id: Identifier
    name_da: Text
    unit_da: Text
    better: Literal["higher", "lower", "none"]
    measured_from: MeasuredFrom
    owner_role_da: Text
    numerator_da: Text
    denominator_da: Text
    formula: Formula | None = None
    of: Of = Of()
    baseline: Baseline | None = None
    stands_beside: str | None = None
    source: Text
    certainty: Certainty
    note_da: str = ""
    missing_da: Text
    closed_by_da: Text
    effort: Literal["small", "medium", "large"]


class Target(Entry):
    """A number that the strategy itself promises; without `by_date` for every calendar year."""

    indicator: str
    comparison: Literal["at_least", "at_most"]
    value: int | float
    from_date: datetime.date | None = None
    by_date: datetime.date | None = None
    quote_da: Text


class Survey(Entry):
    """A survey and whom it is weighted to: the people served who have turned `age_from`, or nobody (`none`).

    Ages are completed years at the end of the year of the survey.
    """

    id: Identifier
    name_da: Text
    population: Literal["served", "none"]
    age_from: Annotated[int, Field(ge=0)] = 0
    source: Text
    note_da: str = ""


class Question(Entry):
    """One question of a survey, answered by a number on its scale."""

    id: Identifier
    survey: str
    text_da: Text
    scale_minimum: int | float
    scale_maximum: int | float
    better: Literal["higher", "lower"]
    source: Text
    certainty: Certainty
    note_da: str = ""


class SeriesBreak(Entry):
    """A day from which a published series is another: a change across it may come of that alone."""

    date: datetime.date
    text_da: Text


class SkippedYear(Entry):
    """A year in which nothing was counted, though it was due."""

    year: int
    text_da: Text


class Statistic(Entry):
    """A published count, and which areas are one's own and the nation's; the others are neighbours."""

    id: Identifier
    name_da: Text
    unit_da: Text
    own_area: str
    national_area: str
    breaks: tuple[SeriesBreak, ...] = ()
    skipped: tuple[SkippedYear, ...] = ()
    source: Text
    note_da: str = ""


class Figure(Entry):
    """One published count of one area in one year; `rate` is per 1,000 inhabitants, as published."""

    statistic: str
    area: str
    year: int
    value: Annotated[int, Field(ge=0)]
    inhabitants: Annotated[int, Field(gt=0)] | None = None
    rate: Annotated[float, Field(ge=0)] | None = None
    source: Text
    certainty: Certainty
