"""The year's actions as the published mart has them, and what stands beside each in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from pipelines.catalogue.indicators import Indicator
from pipelines.reports import cells, danish, in_words
from pipelines.reports.assessment import Line
from pipelines.reports.followed import Point
from pipelines.reports.marts import read_optional
from pipelines.reports.material import Material
from pipelines.reports.texts import Texts

PERCENT = 100
HIDDEN = "hidden"
# A figure that would mislead without the one it belongs with.
ALONE = "alone"
# The shape of each word; "more" and "as_expected" are told apart by the word.
MARKS = {
    "as_expected": "progress",
    "more": "progress",
    "less": "decline",
    "cannot_tell": "unclear",
    "not_measured": "unmeasured",
    HIDDEN: "hidden",
}
EVALUATIONS = tuple(MARKS)
STATUS_MARKS = {
    "done": "reached",
    "done_late": "reached",
    "started": "too_little",
    "planned": "too_little",
    "late": "decline",
    "dropped": "not_estimable",
}


@dataclass(frozen=True)
class Action:
    """One action of the year's plan; a hidden one has no measured change and no evaluation."""

    id: str
    goal_id: str
    initiative_id: str | None
    intervention_id: str | None
    indicator_id: str | None
    title: str
    owner_role: str
    deadline: date
    done: date | None
    status: str
    is_late: bool | None
    expected: float | None
    measured_from: str | None
    compared_year: int | None
    measured: float | None
    lower: float | None
    upper: float | None
    evaluation: str
    reason: str | None

    @property
    def standing(self) -> str:
        """Return how it stands as one word's key: late is said of what is not done, too."""
        if self.status == "done":
            return "done_late" if self.is_late else "done"
        return "late" if self.is_late else self.status


@dataclass(frozen=True)
class Plan:
    """What every part of the plan's evaluation and draft is written from."""

    material: Material
    texts: Texts
    actions: tuple[Action, ...]

    @property
    def year(self) -> int:
        """Return the year that is evaluated; the draft is of the next."""
        return int(self.material.manifest["reporting_year"])

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """Return the indicators by id."""
        return {indicator.id: indicator for indicator in self.material.catalogue.indicators}

    @cached_property
    def points(self) -> dict[str, Point]:
        """Return the reporting year's figure by indicator: the same at every item that it belongs to."""
        return {
            indicator_id: point
            for (_, indicator_id), points in self.material.followed.points.items()
            for point in points
            if point.year == self.year
        }

    @cached_property
    def lines(self) -> dict[str, Line]:
        """Return the primary outcome's line by intervention."""
        return {line.intervention.id: line for line in self.material.primary_lines}

    def unit_of(self, intervention_id: str | None) -> str:
        """Return the unit of an intervention's primary outcome; empty where none is known."""
        line = self.lines.get(intervention_id or "")
        return line.instrument.unit_da if line else ""

    def goal_name(self, goal_id: str) -> str:
        """Return a goal's name; its id as delivered where the catalogue does not know it."""
        goal = self.material.catalogue.goals.get(goal_id)
        return goal.name_da if goal else self.texts("goal.unknown", id=goal_id)

    def named(self, action: Action) -> str:
        """Return the name of what an action is measured by; empty where it names nothing that is known."""
        if action.measured_from == "indicator":
            indicator = self.indicators.get(action.indicator_id or "")
            return indicator.name_da if indicator else self.texts("measured.unknown", id=action.indicator_id)
        known = {i.id: i.name_da for i in self.material.catalogue.interventions}
        return known.get(action.intervention_id or "", "")

    def expected(self, action: Action) -> cells.Cell:
        """Write the expected change with its unit, and under it what is to move."""
        name = self.named(action)
        if action.expected is None:
            return cells.text(self.texts("expected.none"), name) | {"is_missing": True}
        return cells.text(self.signed(action, action.expected), name) | {"value": action.expected}

    def measured(self, action: Action) -> cells.Cell:
        """Write how far the figure moved, and since when."""
        if action.evaluation == HIDDEN:
            return cells.text(self.material.texts("hidden.mark")) | {"is_missing": True}
        if action.measured is None:
            indicator = self.indicators.get(action.indicator_id or "")
            company = self.indicators.get(indicator.stands_beside or "") if indicator else None
            name = company.name_da if company else ""
            return cells.text(self.texts(f"measured.{action.reason}", name=name)) | {"is_missing": True}
        if action.measured_from == "intervention":
            since = [self.texts("measured.before_after")]
        else:
            since = [self.texts("measured.since", year=action.compared_year)]
            since += [said for said in [beside(self, self.indicators[action.indicator_id or ""])] if said]
        return cells.text(self.moved(action), " · ".join(since)) | {
            "value": {"estimate": action.measured, "lower": action.lower, "upper": action.upper}
        }

    def moved(self, action: Action) -> str:
        """Write a measured change with its interval."""
        texts = self.material.texts
        indicator, point = (
            self.indicators.get(action.indicator_id or ""),
            self.points.get(action.indicator_id or ""),
        )
        if action.measured_from == "indicator" and indicator and point:
            found = replace(
                point, change=action.measured, change_lower=action.lower, change_upper=action.upper
            )
            return in_words.change(texts, indicator, found)
        return cells.change_text(texts, self.lines[action.intervention_id or ""])

    def signed(self, action: Action, amount: float) -> str:
        """Write an amount of what the action is measured by, with its sign and unit."""
        indicator = self.indicators.get(action.indicator_id or "")
        if indicator is not None:
            return signed(self.material.texts, indicator, amount)
        if action.measured_from == "intervention":
            return self.material.texts.measured(plain_signed(amount), self.unit_of(action.intervention_id))
        return plain_signed(amount)


def signed(texts: Texts, indicator: Indicator, amount: float) -> str:
    """Write a change of an indicator that somebody has set: as exactly as it was set."""
    if in_words.is_share(indicator):
        return texts.measured(plain_signed(PERCENT * amount), in_words.POINTS)
    return texts.measured(plain_signed(amount), in_words.unit_of(indicator))


def since_before(point: Point) -> tuple[int | None, Point]:
    """Return the year compared with, and the figure with that change: the year before, or the baseline."""
    if point.previous_change is None:
        return point.baseline_year, point
    return point.previous_year, replace(
        point,
        change=point.previous_change,
        change_lower=point.previous_lower,
        change_upper=point.previous_upper,
    )


def beside(plan: Plan, indicator: Indicator) -> str:
    """Say how the figure moved that an indicator may never stand without; empty where it is not shown."""
    company = plan.indicators.get(indicator.stands_beside or "")
    point = plan.points.get(indicator.stands_beside or "")
    if company is None or point is None or not point.is_shown:
        return ""
    texts = plan.material.texts
    _, moved = since_before(point)
    words = in_words.change(texts, company, moved) or in_words.figure(texts, company, point)
    return plan.texts("measured.beside", name=company.name_da, change=words)


def with_company(plan: Plan) -> Plan:
    """Return the plan without the figures that may not stand alone and would."""
    return replace(plan, actions=tuple(_not_alone(plan, action) for action in plan.actions))


def _not_alone(plan: Plan, action: Action) -> Action:
    indicator = plan.indicators.get(action.indicator_id or "")
    is_alone = indicator is not None and indicator.stands_beside and not beside(plan, indicator)
    if action.measured is None or not is_alone:
        return action
    return replace(action, measured=None, lower=None, upper=None, evaluation="not_measured", reason=ALONE)


def plain_signed(amount: float) -> str:
    """Write an amount with its sign and at most two decimals."""
    return ("+" if round(amount, 2) > 0 else "") + danish.plain(round(amount, 2) + 0.0)


def read_actions(folder: Path, year: int) -> tuple[Action, ...]:
    """Read the year's actions in the order of their numbers; none where no plan was delivered."""
    rows = (row for row in read_optional(folder, "action_evaluation") if row["year"] == year)
    return tuple(sorted(map(_action, rows), key=lambda action: action.id))


def by_goal(plan: Plan, actions: Iterable[Action]) -> dict[str, list[Action]]:
    """Return actions by goal, in the strategies' order; goals that the catalogue does not know are last."""
    order = {goal_id: place for place, goal_id in enumerate(plan.material.catalogue.goals)}
    found: dict[str, list[Action]] = {}
    for action in sorted(actions, key=lambda one: (order.get(one.goal_id, len(order)), one.goal_id)):
        found.setdefault(action.goal_id, []).append(action)
    return found


def _action(row: Mapping[str, Any]) -> Action:
    is_hidden = bool(row["is_suppressed"])
    return Action(
        id=row["action_id"],
        goal_id=row["goal_id"],
        initiative_id=row["initiative_id"],
        intervention_id=row["intervention_id"],
        indicator_id=row["indicator_id"],
        title=row["title_da"],
        owner_role=row["owner_role"],
        deadline=row["deadline_date"],
        done=row["done_date"],
        status=row["status"],
        is_late=row["is_late"],
        expected=row["expected_change"],
        measured_from=row["measured_from"],
        compared_year=row["compared_year"],
        measured=None if is_hidden else row["measured_change"],
        lower=None if is_hidden else row["change_lower"],
        upper=None if is_hidden else row["change_upper"],
        evaluation=HIDDEN if is_hidden else row["evaluation"],
        reason=None if is_hidden else row["reason_not_evaluated"],
    )
