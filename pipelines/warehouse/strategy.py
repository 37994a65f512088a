"""The strategies, their indicators and what is published elsewhere, as tables (`ref.*`)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from pipelines.catalogue import Catalogue
from pipelines.catalogue.indicators import Figure, Indicator, Of

# Stated, because a catalogue may have none of them, or an argument that no indicator gives.
STRATEGY_SCHEMAS = {
    "goal": pa.schema(
        [
            ("goal_id", pa.string()),
            ("strategy_id", pa.string()),
            ("kind", pa.string()),
            ("parent_id", pa.string()),
            ("name_da", pa.string()),
            ("owner_role_da", pa.string()),
        ]
    ),
    "indicator": pa.schema(
        [
            ("indicator_id", pa.string()),
            ("name_da", pa.string()),
            ("unit_da", pa.string()),
            ("better", pa.string()),
            ("measured_from", pa.string()),
            ("formula", pa.string()),
            ("instrument_id", pa.string()),
            ("respondent", pa.string()),
            ("change", pa.string()),
            ("threshold_hundredths", pa.int32()),
            ("is_at_least", pa.bool_()),
            ("domain", pa.string()),
            ("is_favourable", pa.bool_()),
            ("deadline_id", pa.string()),
            ("step", pa.string()),
            ("event_kind", pa.string()),
            ("question_id", pa.string()),
            ("statistic_id", pa.string()),
            ("ambassador_kind", pa.string()),
            ("activity_with", pa.string()),
            ("list_kind", pa.string()),
            ("baseline_date", pa.date32()),
            ("baseline_value", pa.float64()),
            ("stands_beside", pa.string()),
        ]
    ),
    "indicator_member": pa.schema(
        [("indicator_id", pa.string()), ("list_kind", pa.string()), ("member", pa.string())]
    ),
    "goal_indicator": pa.schema([("goal_id", pa.string()), ("indicator_id", pa.string())]),
    "goal_target": pa.schema(
        [
            ("goal_id", pa.string()),
            ("indicator_id", pa.string()),
            ("comparison", pa.string()),
            ("value", pa.float64()),
            ("from_date", pa.date32()),
            ("by_date", pa.date32()),
        ]
    ),
    "survey": pa.schema([("survey_id", pa.string()), ("population", pa.string()), ("age_from", pa.int32())]),
    "question": pa.schema(
        [
            ("question_id", pa.string()),
            ("survey_id", pa.string()),
            ("scale_minimum", pa.float64()),
            ("scale_maximum", pa.float64()),
            ("better", pa.string()),
        ]
    ),
    "public_figure": pa.schema(
        [
            ("statistic_id", pa.string()),
            ("area", pa.string()),
            ("area_kind", pa.string()),
            ("year", pa.int32()),
            ("value", pa.int32()),
            ("inhabitants", pa.int32()),
            ("rate", pa.float64()),
        ]
    ),
    "public_note": pa.schema(
        [
            ("statistic_id", pa.string()),
            ("kind", pa.string()),
            ("note_date", pa.date32()),
            ("note_year", pa.int32()),
        ]
    ),
}
HUNDREDTHS = PER_CENT = 100


def strategy_tables(catalogue: Catalogue) -> dict[str, Sequence[Mapping[str, Any]]]:
    """Return the rows of the goals, their indicators and targets, the questions and the public figures.

    A list of an indicator that is left out means all: it has no members, and no `list_kind`. A share is
    written in per cent in the catalogue, and is from 0 to 1 here as it is wherever shares are worked out.
    """
    formulas = {indicator.id: indicator.formula for indicator in catalogue.indicators}
    goals = [(strategy, goal) for strategy in catalogue.strategies for goal in strategy.goals]
    return {
        "goal": [
            {
                "goal_id": goal.id,
                "strategy_id": strategy.id,
                "kind": goal.kind,
                "parent_id": goal.parent,
                "name_da": goal.name_da,
                "owner_role_da": goal.owner_role_da,
            }
            for strategy, goal in goals
        ],
        "indicator": [_indicator(indicator) for indicator in catalogue.indicators],
        "indicator_member": [
            {"indicator_id": indicator.id, "list_kind": kind, "member": member}
            for indicator in catalogue.indicators
            for kind, members in _lists(indicator.of)
            for member in members
        ],
        "goal_indicator": [
            {"goal_id": goal.id, "indicator_id": indicator}
            for _, goal in goals
            for indicator in goal.indicators
        ],
        "goal_target": [
            {
                "goal_id": goal.id,
                "indicator_id": target.indicator,
                "comparison": target.comparison,
                "value": _as_measured(formulas.get(target.indicator), target.value),
                "from_date": target.from_date,
                "by_date": target.by_date,
            }
            for _, goal in goals
            for target in goal.targets
        ],
        "survey": [
            {"survey_id": s.id, "population": s.population, "age_from": s.age_from} for s in catalogue.surveys
        ],
        "question": [
            {
                "question_id": question.id,
                "survey_id": question.survey,
                "scale_minimum": float(question.scale_minimum),
                "scale_maximum": float(question.scale_maximum),
                "better": question.better,
            }
            for question in catalogue.questions
        ],
        "public_figure": [_figure(catalogue, figure) for figure in catalogue.figures],
        "public_note": [
            {"statistic_id": statistic.id, "kind": kind, "note_date": day, "note_year": year}
            for statistic in catalogue.statistics
            for kind, day, year in (
                *(("break", one.date, None) for one in statistic.breaks),
                *(("skipped", None, one.year) for one in statistic.skipped),
            )
        ],
    }


def _indicator(indicator: Indicator) -> dict[str, Any]:
    of, baseline = indicator.of, indicator.baseline
    limit = of.at_most if of.at_least is None else of.at_least
    is_status = indicator.formula == "status_share"
    return {
        "indicator_id": indicator.id,
        "name_da": indicator.name_da,
        "unit_da": indicator.unit_da,
        "better": indicator.better,
        "measured_from": indicator.measured_from,
        "formula": indicator.formula,
        "instrument_id": of.instrument,
        "respondent": of.respondent,
        "change": of.change,
        "threshold_hundredths": None if limit is None else round(HUNDREDTHS * limit),
        "is_at_least": None if limit is None else of.at_least is not None,
        "domain": of.domain,
        "is_favourable": of.favourable is not False if is_status else None,
        "deadline_id": of.deadline,
        "step": of.step,
        "event_kind": of.event_kind,
        "question_id": of.question,
        "statistic_id": of.statistic,
        "ambassador_kind": of.kind,
        "activity_with": of.with_,
        "list_kind": next((kind for kind, _ in _lists(of)), None),
        "baseline_date": baseline and baseline.date,
        "baseline_value": baseline and _as_measured(indicator.formula, baseline.value),
        "stands_beside": indicator.stands_beside,
    }


def _as_measured(formula: str | None, value: float) -> float:
    return value / PER_CENT if formula is not None and formula.endswith("_share") else float(value)


def _lists(of: Of) -> Iterator[tuple[str, tuple[str, ...]]]:
    for kind, members in (
        ("instrument", of.instruments),
        ("intervention", of.interventions),
        ("activity_kind", of.kinds),
        ("end_reason", of.end_reasons),
    ):
        if members:
            yield kind, tuple(dict.fromkeys(members))


def _figure(catalogue: Catalogue, figure: Figure) -> dict[str, Any]:
    statistic = next(one for one in catalogue.statistics if one.id == figure.statistic)
    kinds = {statistic.own_area: "own", statistic.national_area: "national"}
    return {
        "statistic_id": figure.statistic,
        "area": figure.area,
        "area_kind": kinds.get(figure.area, "neighbour"),
        "year": figure.year,
        "value": figure.value,
        "inhabitants": figure.inhabitants,
        "rate": figure.rate,
    }
