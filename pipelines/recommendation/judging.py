"""The rules held against one intervention's measures, with what is remembered of the year before."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipelines.catalogue.recommendation import Recommendation, Rule
from pipelines.recommendation.candidates import Candidate
from pipelines.recommendation.change import Nearest, Plan, Stretch, nearest, plan, stretches
from pipelines.recommendation.measures import Measures, Setting
from pipelines.recommendation.rules import first_match


@dataclass(frozen=True)
class Previous:
    """What was recommended of an intervention in the latest earlier year, on what.

    `redesigned_date` is of the latest redesign decided on it: what was found was found of another support.
    """

    recommendation: str
    year: int
    outcome_id: str
    comparator: str
    design: str | None = None
    would_be: str | None = None
    n: int | None = None
    estimate_sd: float | None = None
    standard_error_sd: float | None = None
    redesigned_date: date | None = None


@dataclass(frozen=True)
class Fresh:
    """The treated persons whom last year's estimate could not count, and what they say alone."""

    n: int
    estimate_sd: float | None


@dataclass(frozen=True)
class Found:
    """One intervention's recommendation and all that stands behind it."""

    rule: Rule
    would_be: Rule | None
    nearest: Nearest | None
    stretches: Sequence[Stretch]
    plan: Plan | None
    is_planned: bool


def with_history(
    measures: Measures, before: Previous | None, fresh: Fresh | None, table: Recommendation
) -> Measures:
    """Return the measures with last year's finding and what the new persons say of it.

    Nothing is confirmed of a support that was redesigned since, or against another comparator.
    """
    finding = None
    if before and before.redesigned_date is None and before.comparator == measures.comparator:
        rule = table.rule_of(before.recommendation)
        finding = rule.finding if rule else None
    last_year = before.estimate_sd if before and before.estimate_sd is not None else measures.estimate_sd
    is_same_sign = None
    if fresh and fresh.estimate_sd is not None and last_year is not None:
        is_same_sign = fresh.estimate_sd * last_year > 0
    return replace(
        measures,
        was_harm=finding == "harm",
        was_no_effect=finding == "no_effect",
        new_persons=fresh.n if fresh else None,
        is_new_same_sign=is_same_sign,
    )


def judge(candidate: Candidate, table: Recommendation, setting: Setting) -> Found:
    """Return the rule that fires, what it would be after a second year, and what would change it."""
    measures = candidate.measures
    rule = first_match(table.rule, measures, setting)
    confirmed = replace(
        measures,
        was_harm=rule.finding == "harm",
        was_no_effect=rule.finding == "no_effect",
        new_persons=setting["second_year_new_persons"],
        is_new_same_sign=True,
    )
    after = first_match(table.rule, confirmed, setting)
    error = candidate.effect.alone.standard_error if candidate.effect else None
    planned = None
    pairs = measures.pairs_per_arm or 0
    if error:
        planned = plan(error, candidate.n, setting)
    elif pairs:
        # Two groups of this size, and nothing known of them that tells of their follow-up.
        planned = plan(math.sqrt(2 / pairs), 2 * pairs, setting)
    return Found(
        rule=rule,
        would_be=after if rule.finding in ("harm", "no_effect") and after.id != rule.id else None,
        nearest=nearest(rule, table, measures, setting, candidate.passed_over),
        stretches=stretches(table.rule, measures, candidate.effect, setting) if candidate.effect else (),
        plan=planned,
        is_planned=error is None,
    )
