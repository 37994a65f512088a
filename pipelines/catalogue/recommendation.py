"""The evidence levels and the recommendation's rules as entries: ordered, and the first that matches counts.

A condition is a text, `measure operator value`: `<`, `<=`, `>` or `>=` and a parameter's id (or a number) for
a measure with a size, `is` for a yes or no and for a code. What is not known meets no condition.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from pipelines.catalogue.base import Entry, Identifier
from pipelines.errors import Problem

CONDITION = re.compile(r"(\w+) (<=|>=|<|>|is) (\S+)")
PLACE = re.compile(r"\{(\w+)\}")
NAMED_OPERATORS = frozenset({"is"})
# Measures of these units are compared by size.
SIZES = frozenset({"share", "probability", "sd", "share_difference", "persons", "level", "dkk"})
FILE = "recommendation.toml"

Finding = Literal["harm", "no_effect", "benefit"]
# Each is a field of `pipelines.recommendation.measures.Measures`.
MeasureId = Literal[
    "has_safety_flag",
    "is_tied_to_goal",
    "is_legal_right",
    "pairs_per_arm",
    "coverage",
    "design",
    "comparator",
    "has_estimate",
    "is_sound",
    "is_randomised",
    "is_staff_rated_alone",
    "is_one_provider",
    "negative_control",
    "evidence_level",
    "estimate_sd",
    "probability_harm",
    "deteriorated_lower",
    "probability_relevant",
    "probability_positive_sure",
    "probability_relevant_sure",
    "probability_positive",
    "tipping_point_sd",
    "is_same_sign",
    "agreeing_harm",
    "agreeing_no_effect",
    "agreeing_benefit",
    "has_willingness_to_pay",
    "probability_net_benefit",
    "incremental_cost_dkk",
    "was_harm",
    "was_no_effect",
    "new_persons",
    "is_new_same_sign",
]


@dataclass(frozen=True)
class Condition:
    """A condition taken apart."""

    measure: str
    operator: str
    value: str

    @classmethod
    def parse(cls, text: str) -> "Condition | None":
        """Return the condition that a text says, or None if it says none."""
        found = CONDITION.fullmatch(text)
        return cls(*found.groups()) if found else None


class Measure(Entry):
    """Something a rule may ask for, with its Danish name; `step` is what it is rounded to where it is told.

    A measure of unit `code` has its possible `values`.
    """

    id: MeasureId
    label_da: str
    unit: Literal[
        "share", "probability", "sd", "share_difference", "persons", "level", "dkk", "yes_no", "code"
    ]
    step: Annotated[float, Field(gt=0)] | None = None
    values: tuple[str, ...] = ()


class _Conditional(Entry):
    """What matches where all of `when` hold and, if `any` has conditions, at least one of them."""

    id: Identifier
    label_da: str
    when: tuple[str, ...] = ()
    any: tuple[str, ...] = ()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Those that must all hold."""
        return _parsed(self.when)

    @property
    def alternatives(self) -> tuple[Condition, ...]:
        """Those of which one must hold; none where nothing is asked."""
        return _parsed(self.any)


class EvidenceLevel(_Conditional):
    """How sure the design makes us: 1 a description to 5 a lottery."""

    level: Literal[1, 2, 3, 4, 5]


class Rule(_Conditional):
    """One recommendation: its word, and the sentence that says why with the measures it names in braces.

    Rules with the same `finding` say the same of the effect; what a finding needs two years for is confirmed
    when last year's rule had it too.
    """

    reason_da: str
    finding: Finding | None = None

    @property
    def told(self) -> tuple[str, ...]:
        """The measures that its sentence or its conditions name, in that order and once each."""
        asked = (c.measure for c in (*self.conditions, *self.alternatives))
        return tuple(dict.fromkeys((*PLACE.findall(self.reason_da), *asked)))


class Recommendation(Entry):
    """The whole table."""

    measure: tuple[Measure, ...]
    evidence: tuple[EvidenceLevel, ...]
    rule: tuple[Rule, ...]

    @property
    def declared(self) -> dict[str, Measure]:
        """The measures by id."""
        return {measure.id: measure for measure in self.measure}

    def rule_of(self, rule_id: str) -> Rule | None:
        """Return a rule, or None where the table has it no longer."""
        return next((r for r in self.rule if r.id == rule_id), None)


def broken_recommendation(
    table: Recommendation | None, parameters: Mapping[str, object] | None
) -> Iterator[Problem]:
    """Yield every fault of the table.

    `parameters` are all values by id, None where they could not be read: then nothing is held against them.
    """
    if table is None:
        return
    declared = table.declared
    yield from _doubled("measure", [m.id for m in table.measure])
    kinds: tuple[tuple[str, Sequence[_Conditional]], ...] = (
        ("evidence", table.evidence),
        ("rule", table.rule),
    )
    for kind, entries in kinds:
        yield from _broken_order(kind, entries)
        for entry in entries:
            for key, texts in (("when", entry.when), ("any", entry.any)):
                for text in texts:
                    for message in _wrong_da(text, declared, parameters):
                        yield Problem(f"{FILE} ({kind} {entry.id}: {key})", f"'{text}': {message}")
    for rule in table.rule:
        for name in sorted(set(PLACE.findall(rule.reason_da)) - declared.keys()):
            where = f"{FILE} (rule {rule.id}: reason_da)"
            yield Problem(where, f"'{{{name}}}' er ikke et mål, der kendes{_nearest(name, declared)}")


def _broken_order(kind: str, entries: Sequence[_Conditional]) -> Iterator[Problem]:
    yield from _doubled(kind, [e.id for e in entries])
    if not entries or entries[-1].when or entries[-1].any:
        where = f"{FILE} ({kind} {entries[-1].id})" if entries else f"{FILE} ({kind})"
        yield Problem(where, "den sidste skal gælde alt andet: uden when og any")
    for entry in entries[:-1]:
        if not entry.when and not entry.any:
            yield Problem(f"{FILE} ({kind} {entry.id})", "har ingen betingelser, og så nås de næste aldrig")


def _doubled(kind: str, ids: Sequence[str]) -> Iterator[Problem]:
    for entry_id, times in Counter(ids).items():
        if times > 1:
            yield Problem(f"{FILE} ({kind} {entry_id})", f"samme id står {times} gange; ét id skal være ét")


def _wrong_da(
    text: str, declared: Mapping[str, Measure], parameters: Mapping[str, object] | None
) -> Iterator[str]:
    condition = Condition.parse(text)
    if condition is None:
        yield "skal skrives 'mål operator værdi' med en af operatorerne <, <=, >, >= og is"
        return
    measure = declared.get(condition.measure)
    if measure is None:
        yield f"målet '{condition.measure}' kendes ikke{_nearest(condition.measure, declared)}"
        return
    is_named = condition.operator in NAMED_OPERATORS
    if is_named == (measure.unit in SIZES):
        wanted = "<, <=, > eller >=" if is_named else "is"
        yield f"'{measure.id}' kan kun bruges med {wanted}"
    elif is_named:
        values = ("true", "false") if measure.unit == "yes_no" else measure.values
        if condition.value not in values:
            yield f"'{condition.value}' skal være en af: {', '.join(values)}"
    elif not _is_number(condition.value) and parameters is not None:
        if condition.value not in parameters:
            yield f"parameteren '{condition.value}' findes ikke{_nearest(condition.value, parameters)}"
        elif not isinstance(parameters[condition.value], int | float):
            yield f"parameteren '{condition.value}' er ikke et tal"


def _nearest(name: str, known: Mapping[str, object]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; nærmest er '{close[0]}'" if close else ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@cache
def _parsed(texts: tuple[str, ...]) -> tuple[Condition, ...]:
    return tuple(condition for text in texts if (condition := Condition.parse(text)))
