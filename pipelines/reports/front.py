"""The front page: the finding, three sentences, the strategy's goals, what to decide."""

from typing import Any

from pipelines.catalogue import Goal
from pipelines.reports import cells, danish
from pipelines.reports.assessment import VERDICTS, Line
from pipelines.reports.material import Material

SENTENCES = 3
DECISIONS = 3
NAMED = 2
UNASSESSED = ("too_little", "hidden", "not_estimable")
LEAD_ALWAYS = ("comparison", "both_times", "direction")


def front(material: Material) -> dict[str, Any]:
    """Return the front page's content."""
    texts = material.texts
    groups = _by_verdict(material.primary_lines)
    goals = _goals(material)
    return {
        "headline": material.finding("headline", material.primary_lines),
        "facts": _facts(material),
        "sentences": _sentences(material, groups),
        "verdicts": [
            {"verdict": v, "word": texts(f"verdict.{v}.word"), "count": len(groups[v])}
            for v in VERDICTS
            if groups[v]
        ],
        "goals": {"title": texts("goal.title"), "items": [_goal(material, goal) for goal in goals]},
        "decide": {"title": texts("decide.title"), "items": _decisions(material, groups, goals)},
        "cannot": {"title": texts("cannot.title"), "items": texts.items("cannot.items")},
    }


def _by_verdict(lines: tuple[Line, ...]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {verdict: [] for verdict in VERDICTS}
    for line in lines:
        groups[line.verdict].append(line.intervention.name_da)
    return groups


def _facts(material: Material) -> list[str]:
    texts = material.texts
    people = material.published.indicators.get(("ALL", "people_supported"))
    facts = []
    if people is not None and people.n is not None:
        form = "one" if people.n == 1 else "many"
        facts.append(texts(f"facts.people.{form}", count=danish.number(people.n)))
    elif people is not None:
        facts.append(texts("facts.people_hidden"))
    facts.append(texts("facts.window", **material.window))
    facts.append(texts("facts.reference_date", date=material.reference_date))
    return facts


def _named(material: Material, names: list[str]) -> str:
    """Join at most two names and the number of the others."""
    if len(names) <= NAMED:
        return danish.listed(names)
    others = material.texts.counted("lead.others", len(names) - NAMED)
    return danish.listed([*names[:NAMED], others])


def _sentences(material: Material, groups: dict[str, list[str]]) -> list[str]:
    """Return the three sentences: what goes wrong, what cannot be known, what is unclear; then the goals."""
    texts = material.texts
    always = [texts(f"lead.{key}") for key in LEAD_ALWAYS]
    if len(material.primary_lines) == 1:
        return [*_single(material, material.primary_lines[0]), *always][:SENTENCES]
    parts = [texts.counted(f"lead.part_{v}", len(groups[v])) for v in UNASSESSED if groups[v]]
    asked = {
        "decline": groups["decline"],
        "unassessed": [name for verdict in UNASSESSED for name in groups[verdict]],
        "unclear": groups["unclear"],
    }
    found = [
        texts.counted(f"lead.{key}", len(names), names=_named(material, names), parts=danish.listed(parts))
        for key, names in asked.items()
        if names
    ]
    return [*found, *_goal_sentences(material), *always][:SENTENCES]


def _goal_sentences(material: Material) -> list[str]:
    measured = ((goal.name_da, material.goal_share(goal)) for goal in _goals(material))
    return [
        material.texts("lead.goal", goal=name, share=material.share_sentences(number)[0])
        for name, number in measured
        if number.is_shown
    ]


def _goals(material: Material) -> list[Goal]:
    """Return what the strategies themselves call goals; their other items stand further back."""
    return [g for strategy in material.catalogue.strategies for g in strategy.goals if g.kind == "goal"]


def _single(material: Material, line: Line) -> list[str]:
    """Return what there is to say of the one intervention in the report."""
    texts, before, after = material.texts, line.numbers["mean_baseline"], line.numbers["mean_follow_up"]
    word = texts(f"verdict.{line.verdict}.word")
    rule = texts(f"verdict.{line.verdict}.rule", **material.parameters)
    reason = texts("lead.single_reason", word=word, rule=rule)
    if not line.change.is_shown or before.estimate is None or after.estimate is None:
        return [reason]
    change = texts(
        "lead.single_change",
        before=danish.number(before.estimate, line.decimals),
        after=danish.number(after.estimate, line.decimals),
        instrument=line.short_name,
        change=cells.change_text(texts, line),
    )
    return [change, reason]


def _decisions(material: Material, groups: dict[str, list[str]], goals: list[Goal]) -> list[str]:
    unmeasured = [goal.name_da for goal in goals if not material.is_measured(goal)]
    asked = {
        "decline": groups["decline"],
        "too_little": groups["too_little"],
        "unmeasured": unmeasured,
        "comparison": [""],
    }
    return [
        material.texts.counted(f"decide.{key}", len(names), names=_named(material, names))
        for key, names in asked.items()
        if names
    ][:DECISIONS]


def _goal(material: Material, goal: Goal) -> dict[str, Any]:
    texts, number = material.texts, material.goal_share(goal)
    if number.is_suppressed:
        figure, details = texts("goal.hidden"), [texts("goal.hidden_detail")]
    elif number.estimate is None or number.n is None:
        needs = texts("goal.needs", needs=goal.needs_da) if goal.needs_da else texts("goal.needs_unknown")
        figure, details = texts("goal.unmeasured"), [needs]
    else:
        figure, details = danish.percent(number.estimate, number.n), material.share_sentences(number)
    return {
        "id": goal.id,
        "name": goal.name_da,
        "figure": figure,
        "details": details,
        "value": number.estimate,
        "is_measured": number.is_shown,
    }
