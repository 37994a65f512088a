"""A draft of next year's plan: what to propose, for whom, by when and why. People edit it."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, groupby
from math import floor, log10

from pipelines.catalogue import Goal
from pipelines.catalogue.action_plan import Proposal
from pipelines.catalogue.indicators import Indicator
from pipelines.reports import cells, danish, in_words, reasons
from pipelines.reports.assessment import primary
from pipelines.reports.blocks import Block, Column, Group, bullets, heading, paragraph, section, table
from pipelines.reports.case import Case
from pipelines.reports.followed import Line
from pipelines.reports.plan.actions import PERCENT, Action, Plan, beside, by_goal, plain_signed, signed

TABLE = (
    Column("action", 3.0, is_number=False),
    Column("goal", 1.9, is_number=False),
    Column("owner", 1.9, is_number=False),
    Column("expected", 1.6, is_number=False),
    Column("why", 5.2, is_number=False),
)
EFFORTS = ("small", "medium", "large")
UNFINISHED = ("planned", "started")
DIGITS = 2
# Of what is delivered, in the unit it is delivered in.
DECIMALS = 2
NAMED = 2


@dataclass(frozen=True)
class Proposed:
    """A proposed action: the extract's fields, `expected` as it is measured, and `why` for people alone."""

    id: str
    proposal: str
    title: str
    goal_id: str
    initiative_id: str | None
    intervention_id: str | None
    indicator_id: str | None
    owner_role: str
    deadline: date
    expected: float | None
    why: str


@dataclass(frozen=True)
class _About:
    """What a proposal is about: everything but its number, its wording and the deadline."""

    name: str
    goal_id: str
    why: str
    owner_role: str
    initiative_id: str | None = None
    intervention_id: str | None = None
    indicator_id: str | None = None
    expected: float | None = None
    deadline: date | None = None
    is_worse: bool = False


def drafted(plan: Plan, cases: Sequence[Case]) -> tuple[Proposed, ...]:
    """Return the proposals in the catalogue's order, numbered; one action is proposed once."""
    find: Mapping[str, Callable[[Proposal], Iterable[_About]]] = {
        "recommendation": lambda proposal: _recommended(plan, proposal, cases),
        "goal": lambda proposal: _followed(plan, proposal),
        "unfinished": lambda proposal: _unfinished(plan),
        "not_measured": lambda proposal: _unmeasured(plan),
    }
    under_way = {about.name for about in _unfinished(plan)}
    found = [
        (proposal, about)
        for proposal in plan.material.catalogue.action_plan.proposal
        for about in find[proposal.from_](proposal)
        # What is under way already is carried over, with the deadline and the words people have given it.
        if proposal.from_ == "unfinished" or _title(proposal, about) not in under_way
    ]
    year = plan.year + 1
    return tuple(
        Proposed(
            id=f"{year}-{number:02d}",
            proposal=proposal.id,
            title=_title(proposal, about),
            goal_id=about.goal_id,
            initiative_id=about.initiative_id,
            intervention_id=about.intervention_id,
            indicator_id=about.indicator_id,
            owner_role=about.owner_role or plan.texts("owner.unknown"),
            deadline=about.deadline or date(year, proposal.month, monthrange(year, proposal.month)[1]),
            expected=about.expected,
            why=about.why,
        )
        for number, (proposal, about) in enumerate(found, start=1)
    )


def _title(proposal: Proposal, about: _About) -> str:
    worse = proposal.title_worse_da if about.is_worse else None
    return (worse or proposal.title_da).format(**{proposal.place: about.name})


def draft(plan: Plan, proposed: Sequence[Proposed], files: Mapping[str, str]) -> dict[str, object]:
    """Return the section with the draft, and how it is edited and delivered."""
    texts, year = plan.texts, plan.year + 1
    title = texts("draft.heading", year=year)
    if not proposed:
        return section("udkast", title, [paragraph(texts("draft.none"))])
    how = "draft.how" if "delivery_file" in files else "draft.how_alone"
    kinds = _kinds(plan)
    groups: list[Group] = [
        (texts(f"draft.group.{kind}"), [_row(plan, one) for one in found])
        for kind, found in groupby(proposed, key=lambda one: kinds[one.proposal])
    ]
    blocks: list[Block] = [
        *(paragraph(text) for text in texts.items("draft.intro")),
        table(texts, "tabel-udkast", texts("draft.caption", year=year), "draft", TABLE, groups),
        heading(texts("draft.how_heading"), "saadan-rettes"),
        bullets(texts.items(how, year=year, **files)),
    ]
    return section("udkast", title, blocks)


def expected_words(plan: Plan, one: Proposed) -> str:
    """Write the proposed expected change; empty where people must set it."""
    if one.expected is None:
        return ""
    if one.indicator_id is not None:
        indicator = plan.indicators.get(one.indicator_id)
        return signed(plan.material.texts, indicator, one.expected) if indicator else ""
    return plan.material.texts.measured(plain_signed(one.expected), plan.unit_of(one.intervention_id))


def delivered_amount(plan: Plan, one: Proposed) -> float | None:
    """Return the expected change as the extract has it: shares in percentage points."""
    indicator = plan.indicators.get(one.indicator_id or "")
    if one.expected is None or indicator is None:
        return one.expected
    is_share = in_words.is_share(indicator)
    return round(one.expected * PERCENT if is_share else one.expected, DECIMALS)


def _kinds(plan: Plan) -> dict[str, str]:
    """Return what brings a proposal up, by its id."""
    proposals = plan.material.catalogue.action_plan.proposal
    return {p.id: "bundled" if p.is_bundled else p.from_ for p in proposals}


def _row(plan: Plan, one: Proposed) -> list[cells.Cell]:
    texts = plan.texts
    known = {i.id: i.name_da for i in plan.material.catalogue.interventions}
    indicator = plan.indicators.get(one.indicator_id or "")
    under = known.get(one.intervention_id or "", "") or (indicator.name_da if indicator else "")
    expected = expected_words(plan, one)
    return [
        cells.text(one.title, one.id),
        cells.text(plan.goal_name(one.goal_id), under if under not in one.title else ""),
        cells.text(one.owner_role, texts("draft.by", date=danish.short_date(one.deadline))),
        cells.text(expected) if expected else cells.text(texts("draft.to_be_set")) | {"is_missing": True},
        cells.text(one.why),
    ]


def _recommended(plan: Plan, proposal: Proposal, cases: Sequence[Case]) -> Iterator[_About]:
    found = [case for case in cases if case.recommended and case.recommended.rule_id in proposal.rules]
    if not proposal.is_bundled:
        yield from (_about_case(plan, case) for case in found)
        return
    goals = dict.fromkeys(primary(case.line.intervention).goal for case in found)
    order = {goal_id: place for place, goal_id in enumerate(plan.material.catalogue.goals)}
    for goal_id in sorted(goals, key=lambda one: order.get(one, len(order))):
        yield _bundle(plan, [c for c in found if primary(c.line.intervention).goal == goal_id])


def _about_case(plan: Plan, case: Case) -> _About:
    assert case.recommended is not None
    facts = {fact["key"]: fact["text"] for fact in reasons.facts(case)}
    said = plan.texts("why.recommended", word=case.recommended.word, reason=facts["reason"])
    if facts.get("change"):
        said = f"{said} {plan.texts('why.change', change=facts['change'])}"
    goal_id = primary(case.line.intervention).goal
    return _About(
        name=case.line.intervention.name_da,
        goal_id=goal_id,
        why=said,
        owner_role=_owner(plan, goal_id),
        intervention_id=case.id,
        # Nothing is expected: last year's change again would be no improvement, and may not be the action's.
        is_worse=case.is_worse,
    )


def _bundle(plan: Plan, cases: Sequence[Case]) -> _About:
    """Return one action for several interventions of a goal; all their names stand in the reason."""
    names = [case.line.intervention.name_da for case in cases]
    goal_id = primary(cases[0].line.intervention).goal
    few = names if len(names) <= NAMED + 1 else [
        *names[:NAMED], plan.texts("draft.others", count=plan.texts.word(len(names) - NAMED))
    ]  # fmt: skip
    word = cases[0].recommended.word if cases[0].recommended else ""
    return _About(
        name=danish.listed(few),
        goal_id=goal_id,
        why=plan.texts.counted("why.bundled", len(names), word=word, names=danish.listed(names)),
        owner_role=_owner(plan, goal_id),
        intervention_id=cases[0].id if len(cases) == 1 else None,
    )


def _followed(plan: Plan, proposal: Proposal) -> Iterator[_About]:
    """Yield an action per indicator whose status asks for one; the first goal that has it is named."""
    seen = set()
    for goal in plan.material.catalogue.goals.values():
        for line in plan.material.followed.lines(goal):
            if line.status in proposal.statuses and line.indicator.id not in seen:
                seen.add(line.indicator.id)
                yield _about_line(plan, line)


def _about_line(plan: Plan, line: Line) -> _About:
    texts, point, judged = plan.material.texts, line.newest, line.judged or line.newest
    status = plan.material.catalogue.label(f"goal_status:{line.status}")
    figure = in_words.figure(texts, line.indicator, judged)
    said = [plan.texts("why.status", status=status, figure=figure, year=judged.year)]
    if point.year != judged.year:
        figure = in_words.figure(texts, line.indicator, point)
        said.append(plan.texts("why.newest", figure=figure, year=point.year))
    if point.change is not None and not point.is_suppressed:
        change = in_words.change(texts, line.indicator, point)
        said.append(plan.texts("why.change_since", change=change, year=point.baseline_year))
    company = beside(plan, line.indicator)
    if company:
        said.append(plan.texts("why.beside", beside=company))
    promised = in_words.target(texts, line)
    if promised:
        said.append(plan.texts("why.target", target=promised))
    return _About(
        name=line.indicator.name_da,
        goal_id=line.goal.id,
        why=" ".join(said),
        owner_role=line.indicator.owner_role_da or line.goal.owner_role_da,
        indicator_id=line.indicator.id,
        expected=_gap(line),
    )


def _gap(line: Line) -> float | None:
    """Return what it takes to the target (without one, back to the baseline); None where it is passed."""
    point = line.newest
    aim = point.baseline_value if point.target_value is None else point.target_value
    if point.estimate is None or aim is None or point.is_suppressed:
        return None
    gap = aim - point.estimate
    if (gap > 0) != (line.indicator.better == "higher"):
        return None
    is_counted = point.law == "census" and not in_words.is_share(line.indicator)
    return gap if is_counted else _rounded(gap)


def _rounded(amount: float) -> float:
    """Keep the digits that a proposal can bear."""
    return round(amount, DIGITS - 1 - floor(log10(abs(amount)))) if amount else 0.0


def _unfinished(plan: Plan) -> Iterator[_About]:
    for action in chain.from_iterable(by_goal(plan, plan.actions).values()):
        if action.status in UNFINISHED:
            yield _about_action(plan, action)


def _about_action(plan: Plan, action: Action) -> _About:
    day = danish.short_date(action.deadline)
    key = "why.late" if action.is_late else "why.unfinished"
    return _About(
        name=action.title,
        goal_id=action.goal_id,
        why=plan.texts(key, id=action.id, date=day, year=plan.year),
        owner_role=action.owner_role,
        initiative_id=action.initiative_id,
        intervention_id=action.intervention_id,
        indicator_id=action.indicator_id,
        expected=action.expected,
        # A deadline that is next year's already is kept.
        deadline=action.deadline if action.deadline.year > plan.year else None,
    )


def _unmeasured(plan: Plan) -> Iterator[_About]:
    """Yield the indicators to begin with: the least effort first, then those that most goals wait for."""
    waiting: dict[str, list[Goal]] = {}
    for goal in plan.material.catalogue.goals.values():
        for indicator in plan.material.followed.missing(goal):
            waiting.setdefault(indicator.id, []).append(goal)
    most = int(plan.material.catalogue.parameter("plan_measurement_lines"))
    ordered = sorted(
        (plan.indicators[indicator_id] for indicator_id in waiting),
        key=lambda one: (EFFORTS.index(one.effort), -len(waiting[one.id])),
    )
    for indicator in ordered[:most]:
        yield _about_missing(plan, indicator, waiting[indicator.id])


def _about_missing(plan: Plan, indicator: Indicator, goals: Sequence[Goal]) -> _About:
    why = plan.texts.counted(
        "why.missing",
        len(goals),
        missing=indicator.missing_da.rstrip("."),
        closed_by=indicator.closed_by_da.rstrip("."),
        effort=plan.material.catalogue.label(f"effort:{indicator.effort}").lower(),
    )
    return _About(
        name=indicator.name_da,
        goal_id=goals[0].id,
        why=why,
        owner_role=indicator.owner_role_da,
        indicator_id=indicator.id,
    )


def _owner(plan: Plan, goal_id: str) -> str:
    goal = plan.material.catalogue.goals.get(goal_id)
    return goal.owner_role_da if goal else ""
