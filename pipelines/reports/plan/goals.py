"""Goal by goal: what moved and what did not, beside the year's actions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.catalogue import Goal
from pipelines.reports import cells, in_words
from pipelines.reports.blocks import Block, Column, paragraph, pointers, section, table
from pipelines.reports.followed import Line, Point
from pipelines.reports.material import product_file
from pipelines.reports.plan.actions import Action, Plan, beside, by_goal, since_before

WITH_ACTIONS = (
    Column("goal", 2.2, is_number=False),
    Column("moved", 5.0, is_number=False),
    Column("actions", 3.4, is_number=False),
)
WITHOUT_ACTIONS = (Column("goal", 2.2, is_number=False), Column("moved", 6.0, is_number=False))
MARKS = {
    "right": "progress",
    "wrong": "decline",
    "mixed": "unclear",
    "unclear": "unclear",
    "unknown": "unmeasured",
}
# The year has no figure, an earlier one has.
OLDER = "older"
# How a figure moved, in the order it is told.
WAYS = ("right", "wrong", "moved", "unclear", "same", "first", "hidden", "no_figure", OLDER)


@dataclass(frozen=True)
class Movement:
    """One indicator of a goal: how it moved in the year, and the same in words."""

    line: Line
    way: str
    words: str


@dataclass(frozen=True)
class Told:
    """One goal: its movements, the indicators that nothing measures, and what that makes of the goal."""

    goal: Goal
    movements: tuple[Movement, ...]
    unmeasured: tuple[str, ...]

    @property
    def finding(self) -> str:
        """Return what the goal's figures say together, as a code."""
        ways = {movement.way for movement in self.movements}
        if "right" in ways:
            return "mixed" if "wrong" in ways else "right"
        if "wrong" in ways:
            return "wrong"
        return "unclear" if ways & {"moved", "unclear", "same"} else "unknown"


def told(plan: Plan, goal: Goal, actions: Sequence[Action] = ()) -> Told:
    """Return how a goal's figures moved in the reporting year, with those that its actions were to move."""
    lines = plan.material.followed.lines(goal)
    listed = {line.indicator.id for line in lines}
    meant = dict.fromkeys(action.indicator_id for action in actions)
    lines += [_line(plan, goal, i) for i in meant if i in plan.points and i not in listed]
    movements = [found for line in lines if (found := _movement(plan, line))]
    moved = {movement.line.indicator.id for movement in movements}
    known = {i.id: i.name_da for i in plan.material.catalogue.indicators}
    unmeasured = tuple(known[i] for i in goal.indicators if i not in moved and i not in plan.points)
    return Told(goal, tuple(movements), unmeasured)


def findings(plan: Plan) -> list[Told]:
    """Return the goals that have actions in the year, in the strategies' order."""
    goals = plan.material.catalogue.goals
    actions = by_goal(plan, plan.actions)
    return [told(plan, goals[goal_id], found) for goal_id, found in actions.items() if goal_id in goals]


def goals(plan: Plan) -> dict[str, Any]:
    """Return the section: the goals with actions, and those with figures and none."""
    texts = plan.texts
    actions = by_goal(plan, plan.actions)
    with_actions = findings(plan)
    rows = [_row(plan, one, actions[one.goal.id]) for one in with_actions]
    others = [told(plan, goal) for goal in plan.material.catalogue.goals.values() if goal.id not in actions]
    moved = [one for one in others if any(movement.way != OLDER for movement in one.movements)]
    blocks: list[Block] = [paragraph(text) for text in texts.items("goals.intro")]
    if rows:
        caption = texts("goals.caption", year=plan.year)
        blocks.append(table(texts, "tabel-maal", caption, "goals", WITH_ACTIONS, [("", rows)]))
    if moved:
        listed = [_row(plan, one)[:2] for one in moved]
        caption = texts("goals.caption_without", year=plan.year)
        blocks.append(
            table(texts, "tabel-maal-uden", caption, "goals", WITHOUT_ACTIONS, [("", listed)], is_folded=True)
        )
    silent = len(others) - len(moved)
    if silent:
        file = product_file(plan.material.manifest, "maaleplan", "html")
        detail = texts.counted("goals.silent", silent)
        blocks.append(pointers([(texts("goals.measurement_plan"), file, detail)]))
    return section("maal", texts("goals.heading"), blocks)


def counted(found: Sequence[Told]) -> Counter[str]:
    """Return how many goals have each finding."""
    return Counter(one.finding for one in found)


def _line(plan: Plan, goal: Goal, indicator_id: str) -> Line:
    """Return the year's figure of an indicator that is another goal's."""
    return Line(goal, plan.indicators[indicator_id], (plan.points[indicator_id],))


def _movement(plan: Plan, line: Line) -> Movement | None:
    """Return how an indicator moved since the year before (or the baseline); None without a figure."""
    point = next((one for one in line.points if one.year == plan.year), None)
    name = line.indicator.name_da
    if point is None:
        return _older(plan, line)
    if point.is_suppressed:
        return Movement(line, "hidden", name)
    if not point.is_shown:
        reason = in_words.reason(plan.material.texts, point)
        return Movement(line, "no_figure", plan.texts("goals.no_figure", name=name, reason=reason))
    since, moved = since_before(point)
    if moved.change is None:
        return Movement(line, "first", name)
    # Its company is another line of the goal; without a figure this year neither stands.
    if line.indicator.stands_beside and not beside(plan, line.indicator):
        return None
    words = in_words.change(plan.material.texts, line.indicator, moved)
    key = "goals.movement" if since == plan.year - 1 else "goals.movement_since"
    return Movement(line, _way(line, moved), plan.texts(key, name=name, change=words, year=since))


def _older(plan: Plan, line: Line) -> Movement | None:
    """Return an earlier year's figure; None where there is none, or where it would stand alone."""
    newest = line.newest
    if newest.estimate is None or newest.year >= plan.year or line.indicator.stands_beside:
        return None
    value = in_words.value(plan.material.texts, line.indicator, newest, newest.estimate)
    words = plan.texts("goals.older", name=line.indicator.name_da, value=value, year=newest.year)
    return Movement(line, OLDER, words)


def _way(line: Line, point: Point) -> str:
    assert point.change is not None
    is_census = point.law == "census"
    lower = point.change if is_census else point.change_lower
    upper = point.change if is_census else point.change_upper
    if is_census and point.change == 0:
        return "same"
    if lower is None or upper is None or lower <= 0 <= upper:
        return "unclear"
    if line.indicator.better == "none":
        return "moved"
    return "right" if (lower > 0) == (line.indicator.better == "higher") else "wrong"


def _row(plan: Plan, one: Told, actions: Sequence[Action] = ()) -> list[cells.Cell]:
    texts = plan.texts
    facts = [
        {"label": texts(f"way.{way}", year=plan.year), "text": "; ".join(words)}
        for way in WAYS
        if (words := [movement.words for movement in one.movements if movement.way == way])
    ]
    if one.unmeasured:
        facts.append({"label": texts("way.unmeasured"), "text": "; ".join(one.unmeasured)})
    if not facts:
        facts = [{"label": texts("way.unmeasured"), "text": texts("goals.nothing")}]
    mark = {"verdict": MARKS[one.finding], "text": texts(f"finding.{one.finding}")}
    done = [{"label": texts(f"status.{action.standing}"), "text": action.title} for action in actions]
    return [cells.text(one.goal.name_da) | {"mark": mark}, _facts(facts), _facts(done)]


def _facts(facts: Sequence[dict[str, str]]) -> cells.Cell:
    return {"text": " ".join(f"{fact['label']}: {fact['text']}" for fact in facts), "facts": list(facts)}
