"""Published marts made up for the report's tests: plausible, seeded, and already gated."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.catalogue import Catalogue, Intervention, Outcome
from pipelines.disclosure import gate
from tests.reports.compared import compared, course
from tests.reports.recommended import economy as money
from tests.reports.recommended import history, recommended

TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What the made-up data say of one intervention: people, pairs, mean change in SDs, the cost."""

    people: int
    pairs: int
    effect: float = 0.3
    better: int = 0
    worse: int = 0
    cost: float | None = 42_317.0
    reason: str | None = None


def plans(catalogue: Catalogue) -> dict[str, Plan]:
    """Return a plan per intervention: most with data, some thin, some hidden, some not estimable."""
    random, found = Random(2025), {}
    for place, intervention in enumerate(catalogue.interventions):
        people = random.randint(40, 190)
        pairs = round(people * random.uniform(0.52, 0.85))
        better, worse = round(pairs * random.uniform(0.15, 0.45)), round(pairs * random.uniform(0.02, 0.14))
        effect = -0.42 if place in (9, 27) else random.uniform(-0.06, 0.6)
        cost = random.uniform(9_000, 180_000)
        found[intervention.id] = Plan(people, pairs, effect, better, worse, cost)
    ids = list(found)
    found[ids[3]] = Plan(3, 2)
    found[ids[12]] = Plan(31, 14, 0.5, 5, 0)
    found[ids[17]] = Plan(64, 24, 0.4, 8, 5)
    found[ids[22]] = Plan(28, 0, reason="none_closed")
    found[ids[30]] = Plan(12, 4)
    found[ids[35]] = Plan(41, 0, reason="no_pairs", cost=None)
    del found[ids[38]]
    return found


def manifest(catalogue: Catalogue, year: int = 2025) -> Row:
    """Return the manifest of a made-up run."""
    feeds = [
        ("borgere.csv", "person", 2516, 2500, 4, 12, 0),
        ("indsatser.csv", "episode", 6043, 6000, 31, 12, 0),
    ]
    feeds += [("trivsel.xlsx", "measurement", 41_210, 41_020, 190, 0, 0)]
    names = ("row_count", "kept_count", "rejected_count", "merged_count", "absent_count")
    return {
        "run_id": "20260302-0914-7f3a",
        "reporting_year": year,
        "reference_date": f"{year + 1}-02-27",
        "window_start": f"{year - 2}-01-01",
        "window_end": f"{year}-12-31",
        "started_at": f"{year + 1}-03-02T09:14:03+01:00",
        "virker_version": "0.1.0",
        "catalogue_sha256": "9c41d7aa0f5be3c2" * 4,
        "parameters": {parameter.id: parameter.value for parameter in catalogue.parameters},
        "files": [
            {"name": name, "feeds": [{"extract_id": extract, **dict(zip(names, counts, strict=True))}]}
            for name, extract, *counts in feeds
        ],
    }


def write(folder: Path, catalogue: Catalogue, planned: Mapping[str, Plan]) -> Path:
    """Write the published marts to `folder`, through the gate; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = [intervention for intervention in catalogue.interventions if intervention.id in planned]
    effects = [
        row
        for intervention in shown
        for outcome in intervention.outcomes
        for row in _effects(catalogue, intervention, outcome, planned[intervention.id])
    ]
    economy = [
        {"intervention_id": i.id, "n": planned[i.id].people, "cost_per_person_dkk": planned[i.id].cost}
        for i in shown
    ]
    found = [recommended(catalogue, i, planned[i.id].pairs) for i in shown]
    lines = [line for line, _ in found]
    attrition = [row for intervention in shown for row in _attrition(intervention, planned[intervention.id])]
    attrition += _whole_attrition(planned)
    tables = {
        "intervention_effect": effects,
        "intervention_course": [row for i in shown for row in course(catalogue, i, planned[i.id].pairs)],
        "intervention_economy": economy,
        "attrition_summary": attrition,
        "strategy_indicator": _indicators(shown, planned),
        "data_quality": _quality(),
        "intervention_recommendation": lines,
        "intervention_evidence": [evidence for _, evidence in found],
        "economy_result": [row for line in lines for row in money(catalogue, line)],
        "recommendation_history": list(history(catalogue, lines)),
    }
    shown_tables = gate({m: _table(catalogue, m, rows) for m, rows in tables.items()}, catalogue)
    for mart_id, table in shown_tables.items():
        pq.write_table(table, folder / f"{mart_id}.parquet")
    return folder


def _table(catalogue: Catalogue, mart_id: str, rows: Iterable[Row]) -> pa.Table:
    fields = [(column.name, TYPES[column.type]) for column in catalogue.mart(mart_id).columns]
    filled = [
        {"population": "window", "specification": "main", "year": 2025, "is_suppressed": False} | row
        for row in rows
    ]
    return pa.Table.from_pylist(filled, pa.schema(fields))


def _effects(catalogue: Catalogue, intervention: Intervention, outcome: Outcome, plan: Plan) -> Iterable[Row]:
    instrument = catalogue.instrument(outcome.instrument)
    norm = instrument.norm(outcome.respondent)
    spread = norm.sd if norm and isinstance(norm.sd, float) else (instrument.maximum - instrument.minimum) / 6
    sign = 1 if instrument.better == "higher" else -1
    change, half = plan.effect * spread, 1.96 * spread / sqrt(max(plan.pairs, 1))
    middle = (instrument.maximum + instrument.minimum) / 2
    key = {
        "intervention_id": intervention.id,
        "outcome_id": f"{outcome.instrument}:{outcome.respondent}",
        "design": "D1",
        "comparator": "none",
        "follow_up_kind": "primary",
    }

    def row(statistic: str, **values: Any) -> Row:
        return key | {"statistic": statistic, "n": plan.pairs} | values

    if plan.reason:
        for statistic in ("coverage", "mean_change", "mean_baseline", "mean_follow_up", *_shares(plan)):
            yield row(statistic, n=0, not_estimable_reason=plan.reason)
        return
    yield row("coverage", **_share(plan.pairs, plan.people))
    yield row("mean_baseline", estimate=middle - sign * 0.3 * spread)
    yield row("mean_follow_up", estimate=middle - sign * 0.3 * spread + sign * change)
    yield row("mean_change", estimate=change, lower=change - half, upper=change + half)
    for statistic, count in _shares(plan).items():
        reason = _unknown(statistic, norm)
        yield (
            row(statistic, not_estimable_reason=reason)
            if reason
            else row(statistic, **_share(count, plan.pairs))
        )
    place = [i.id for i in catalogue.interventions].index(intervention.id)
    yield from compared(intervention, outcome, spread, place, plan.pairs)


def _unknown(statistic: str, norm: Any) -> str | None:
    if statistic == "share_noticeable":
        return None if norm and norm.minimal_important_change is not None else "no_minimal_important_change"
    if norm is None or norm.reliability is None:
        return "no_norm"
    if statistic == "share_recovered" and norm.cutoff is None and norm.cutoff_method is None:
        return "no_cutoff"
    return None


def _shares(plan: Plan) -> dict[str, int]:
    return {
        "share_reliably_improved": plan.better,
        "share_recovered": plan.better * 2 // 3,
        "share_improved": plan.better - plan.better * 2 // 3,
        "share_unchanged": plan.pairs - plan.better - plan.worse,
        "share_deteriorated": plan.worse,
        "share_noticeable": min(plan.pairs, round(plan.better * 1.4)),
        "share_at_ceiling": plan.pairs // 9,
    }


def _share(numerator: int, n: int) -> Row:
    """Return a share with its Wilson interval."""
    if n == 0:
        return {"numerator": 0, "n": 0, "not_estimable_reason": "no_pairs"}
    share, z2 = numerator / n, 1.96**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = 1.96 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return {"estimate": share, "lower": middle - half, "upper": middle + half, "numerator": numerator, "n": n}


def _attrition(intervention: Intervention, plan: Plan) -> Iterable[Row]:
    missing, not_due = plan.people - plan.pairs, plan.people // 8
    parts = {"counted": plan.pairs, "lacks_baseline": missing // 3, "not_due": not_due}
    parts["lacks_follow_up"] = missing - parts["lacks_baseline"]
    for outcome in intervention.outcomes:
        for part, count in parts.items():
            if count:
                yield {
                    "intervention_id": intervention.id,
                    "outcome_id": f"{outcome.instrument}:{outcome.respondent}",
                    "reason": part,
                    "part": part,
                    "numerator": count,
                    "n": plan.people + not_due,
                }


def _whole_attrition(planned: Mapping[str, Plan]) -> list[Row]:
    """Half of everybody: the other half has several interventions."""
    people, pairs = (sum(getattr(p, name) for p in planned.values()) // 2 for name in ("people", "pairs"))
    parts = {
        "counted": (pairs, "counted"),
        "not_measured": ((people - pairs) // 4, "lacks_baseline"),
        "died": ((people - pairs) // 300, "not_due"),
        "moved": ((people - pairs) // 10, "not_due"),
    }
    rest = people - sum(count for count, _ in parts.values())
    parts["no_follow_up"] = (rest, "lacks_follow_up")
    whole = {"intervention_id": "ALL", "outcome_id": "ALL", "n": people}
    return [whole | {"reason": r, "part": part, "numerator": x} for r, (x, part) in parts.items()]


def _indicators(shown: list[Intervention], planned: Mapping[str, Plan]) -> list[Row]:
    people = sum(plan.people for plan in planned.values())
    rows: list[Row] = [
        {"goal_id": "ALL", "indicator_id": "people_supported", "value": float(people), "n": people}
    ]
    for goal in sorted(
        {outcome.goal for intervention in shown for outcome in intervention.outcomes} - {"A-G2"}
    ):
        plan_list = [planned[i.id] for i in shown if any(o.goal == goal for o in i.outcomes)]
        better, pairs = sum(p.better for p in plan_list), sum(p.pairs for p in plan_list)
        share = _share(better, pairs)
        row = {
            "goal_id": goal,
            "indicator_id": "reliably_improved_share",
            "value": share.pop("estimate", None),
        }
        if pairs:
            rows.append(row | share)
    return rows


def _quality() -> list[Row]:
    found = [
        ("person", "birth_date_known", "warning", "failed", 2500, 14, "14 borgere mangler fødselsdato."),
        (
            "episode",
            "ended_not_before_started",
            "error",
            "passed",
            6000,
            0,
            "Slutdato ligger efter startdato.",
        ),
        (
            "episode",
            "freshness:started_date",
            "warning",
            "failed",
            6000,
            1,
            "De nyeste forløb er ældre end 180 dage.",
        ),
        ("measurement", "in_range", "error", "passed", 41_020, 0, "Alle scorer ligger på skalaen."),
    ]
    names = ("extract_id", "check_id", "severity", "status", "row_count", "failed_count", "message_da")
    return [dict(zip(names, values, strict=True)) for values in found]


def texts_in(node: Any) -> Iterable[str]:
    """Yield every string in a content model."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from texts_in(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from texts_in(value)


def pretty(node: Any) -> str:
    """Return a content model as text for a failed test's message."""
    return json.dumps(node, ensure_ascii=False, indent=1, default=date.isoformat)
