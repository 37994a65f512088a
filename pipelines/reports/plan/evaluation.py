"""The evaluation: every action of the year, expected beside measured."""

from typing import Any

from pipelines.reports import cells, danish
from pipelines.reports.blocks import Block, Column, heading, paragraph, section, table
from pipelines.reports.case import Case
from pipelines.reports.plan.actions import EVALUATIONS, HIDDEN, MARKS, STATUS_MARKS, Action, Plan, by_goal

TABLE = (
    Column("action", 3.4, is_number=False),
    Column("status", 2.0, is_number=False),
    Column("expected", 2.1, is_number=False),
    Column("measured", 2.1, is_number=False),
    Column("evaluation", 2.2, is_number=False),
)


def evaluation(plan: Plan) -> dict[str, Any]:
    """Return the section with one line per action, by goal, and the rules it was evaluated by."""
    texts = plan.texts
    blocks: list[Block] = [paragraph(text) for text in texts.items("evaluation.intro")]
    if not plan.actions:
        return section("handlinger", texts("evaluation.heading"), [paragraph(texts("evaluation.none"))])
    groups = [
        (plan.goal_name(goal_id), [_row(plan, action) for action in found])
        for goal_id, found in by_goal(plan, plan.actions).items()
    ]
    caption = texts("evaluation.caption", year=plan.year)
    blocks.append(table(texts, "tabel-handlinger", caption, "evaluation", TABLE, groups))
    blocks += [heading(texts("evaluation.how"), "vurdering"), _legend(plan)]
    return section("handlinger", texts("evaluation.heading"), blocks)


def _row(plan: Plan, action: Action) -> list[cells.Cell]:
    return [
        cells.text(action.title, action.owner_role),
        _status(plan, action),
        plan.expected(action),
        plan.measured(action),
        _evaluated(plan, action),
    ]


def _status(plan: Plan, action: Action) -> cells.Cell:
    texts = plan.texts
    said = [texts("status.deadline", date=danish.short_date(action.deadline))]
    if action.done is not None:
        said.insert(0, texts("status.done_on", date=danish.short_date(action.done)))
    elif action.is_late is None:
        said.insert(0, texts("status.unknown_day"))
    word = texts(f"status.{action.standing}")
    return cells.text(word, " · ".join(said)) | {"verdict": STATUS_MARKS[action.standing]}


def _evaluated(plan: Plan, action: Action) -> cells.Cell:
    texts = plan.texts
    word = texts(f"evaluated.{action.evaluation}.word")
    is_told = action.reason is not None and texts.has(f"reason.{action.reason}")
    sub = texts(f"reason.{action.reason}") if is_told else _direction(plan, action)
    said = [part for part in (sub, _not_effect(plan, action)) if part]
    return cells.text(word, " · ".join(said)) | {"verdict": MARKS[action.evaluation]}


def _not_effect(plan: Plan, action: Action) -> str:
    """Say of an intervention's change from before to after what a comparison shows, or that there is none."""
    line = plan.lines.get(action.intervention_id or "")
    if action.measured_from != "intervention" or action.measured is None or line is None:
        return ""
    case = Case(plan.material, plan.material.texts, line)
    found = case.difference
    if not case.comparator or found is None or not case.holds(case.comparator):
        return plan.texts("effect.none")
    against = plan.material.texts(f"against.{case.comparator}")
    is_wide = cells.is_too_wide(line, found)
    difference = plan.material.texts("decision.too_wide") if is_wide else case.signed(found)
    return plan.texts("effect.compared", against=against, difference=difference)


def _direction(plan: Plan, action: Action) -> str:
    """Say what "less" hides: that the figure went the other way, or did not show a movement."""
    if action.evaluation != "less" or action.measured is None or action.expected is None:
        return ""
    lower = action.measured if action.lower is None else action.lower
    upper = action.measured if action.upper is None else action.upper
    if lower <= 0 <= upper:
        return plan.texts("reason.may_be_chance")
    is_opposite = (lower > 0) == (action.expected < 0)
    return plan.texts("reason.opposite") if action.expected and is_opposite else ""


def _legend(plan: Plan) -> Block:
    has_hidden = any(action.evaluation == HIDDEN for action in plan.actions)
    found = [code for code in EVALUATIONS if code != HIDDEN or has_hidden]
    parameters = plan.material.parameters
    items = [
        {
            "verdict": MARKS[code],
            "word": plan.texts(f"evaluated.{code}.word"),
            "rule": plan.texts(f"evaluated.{code}.rule", **parameters),
        }
        for code in found
    ]
    return {"kind": "legend", "items": items}
