"""The front page: the finding by the recommendations, six points, the strategy's goals, what to decide."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pipelines.catalogue import Goal
from pipelines.reports import cells, danish, in_words, reasons
from pipelines.reports.assessment import Line
from pipelines.reports.case import Case
from pipelines.reports.document import preliminary
from pipelines.reports.followed import Line as Followed
from pipelines.reports.material import Material
from pipelines.reports.strategies import GOOD, WORSE, chief, statuses

POINTS = 6
DECISIONS = 3
NAMED = 2
RESTS = ("worse", "flag", "unknown")
# What only asks for more or better measurement stands after what goes the wrong way.
MEASURING = ("keep_measuring", "measure_better")
Groups = dict[str, list[Case]]


def front(material: Material, cases: Sequence[Case]) -> dict[str, Any]:
    """Return the front page's content."""
    texts = material.texts
    groups = _by_rule(material, cases)
    goals = _goals(material)
    alone = sum(case.verdict is None for case in cases)
    cannot = texts.items("cannot.items")
    if alone:
        cannot = [texts.counted("cannot.alone", alone), *cannot]
    return {
        "headline": _headline(material, cases, groups),
        "facts": _facts(material),
        "sentences": _points(material, cases, groups)[:POINTS],
        "verdicts": _words(material, groups),
        "goals": {"title": goals_title(material), "items": [_goal(material, goal) for goal in goals]},
        "decide": {"title": texts("decide.title"), "items": _decisions(material, cases, groups, goals)},
        "cannot": {"title": texts("cannot.title"), "items": cannot},
    }


def _by_rule(material: Material, cases: Sequence[Case]) -> Groups:
    """Return the interventions by the rule that fired, the largest decision first: the order of the texts.

    A rule that may fire with the whole interval below 0 has those by themselves where the texts do.
    """
    order = material.texts.keys("point")
    groups: Groups = {}
    for case in cases:
        if case.recommended:
            rule_id = case.recommended.rule_id
            worse = f"{rule_id}_worse"
            is_worse = case.is_worse and material.texts.has(f"point.{worse}")
            groups.setdefault(worse if is_worse else rule_id, []).append(case)
    return dict(
        sorted(groups.items(), key=lambda one: order.index(one[0]) if one[0] in order else len(order))
    )


def _headline(material: Material, cases: Sequence[Case], groups: Groups) -> str:
    """Return what the recommendations find: who is helped, who may be harmed, what is not known."""
    texts, total = material.texts, len(cases)
    if not cases:
        return texts("headline.nothing")
    if not groups:
        return texts("headline.absent")
    counts: Counter[str] = Counter()
    for rule_id, found in groups.items():
        rule = material.catalogue.recommendation.rule_of(rule_id.removesuffix("_worse"))
        compared = sum(case.recommended is not None and case.recommended.is_compared for case in found)
        if rule is not None and reasons.is_flag(rule):
            counts["flag"] += len(found)
        elif rule_id.endswith("_worse"):
            counts["worse"] += len(found)
        elif rule is not None and rule.finding:
            counts[rule.finding] += len(found)
        else:
            counts["undecided"] += compared
            counts["unknown"] += len(found) - compared
    counts["unknown"] += total - sum(len(found) for found in groups.values())
    said = {key: texts.word(count) for key, count in counts.items()} | {"total": texts.word(total)}
    said |= {key.capitalize(): value[:1].upper() + value[1:] for key, value in said.items()}
    name = cases[0].line.intervention.name_da
    if total == 1:
        return texts(f"headline.single_{next(key for key, count in counts.items() if count)}", name=name)
    kinds = [key for key in ("benefit", "harm", "no_effect", "undecided") if counts[key]]
    main = "_".join(kinds[:2]) if kinds[:2] == ["benefit", "harm"] else next(iter(kinds), "")
    first = [texts(f"headline.{main}", **said)] if main else []
    rest = [texts.counted(f"headline.{key}", counts[key]) for key in RESTS if counts[key]]
    if counts["unknown"] == total:
        rest = [texts("headline.all_unknown", **said)]
    return " ".join([*first, *rest])


def _facts(material: Material) -> list[str]:
    texts = material.texts
    people = material.published.indicators.get(("ALL", "people_supported"))
    facts = preliminary(material)
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
    others = material.texts.counted("point.others", len(names) - NAMED)
    return danish.listed([*names[:NAMED], others])


def _names(cases: Sequence[Case]) -> list[str]:
    return [case.line.intervention.name_da for case in cases]


def _points(material: Material, cases: Sequence[Case], groups: Groups) -> list[str]:
    """Return one sentence per recommendation, then the development and the goals."""
    texts = material.texts
    found = []
    for rule_id, of_rule in groups.items():
        key = f"point.{rule_id}" if texts.has(f"point.{rule_id}") else "point.other"
        word = of_rule[0].recommended.word if of_rule[0].recommended else ""
        names = _named(material, _names(of_rule))
        found.append(texts.counted(key, len(of_rule), names=names, word=word))
    if len(cases) == 1:
        found += _single(material, cases[0].line)
    elif cases:
        declined = _declined(cases)
        below = [case for case in cases if case.is_below and case not in declined]
        said = [_development(material, cases)]
        if below:
            names = _named(material, _names(below))
            said.append(texts.counted("development.below", len(below), names=names))
        # What goes the wrong way is named, however many rules there are.
        place = POINTS - 1 if declined or below else len(found)
        found.insert(place, " ".join(said))
    return [*found, *_goal_sentences(material)[:1]]


def _development(material: Material, cases: Sequence[Case]) -> str:
    """Say of those without a comparison how many went forward and back."""
    verdicts = Counter(case.line.verdict for case in cases if case.verdict is None)
    words = {key: material.texts.word(verdicts[key]) for key in ("progress", "decline")}
    key = "none" if not verdicts else "some" if verdicts["progress"] or verdicts["decline"] else "unclear"
    if verdicts["decline"]:
        key, words["names"] = "with_decline", _named(material, _names(_declined(cases)))
    return material.texts(f"development.{key}", total=material.texts.word(verdicts.total()), **words)


def _declined(cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if case.verdict is None and case.line.verdict == "decline"]


def _single(material: Material, line: Line) -> list[str]:
    """Return the development of the one intervention in the report, where there is one to tell."""
    before, after = line.numbers["mean_baseline"], line.numbers["mean_follow_up"]
    if not line.change.is_shown or before.estimate is None or after.estimate is None:
        return []
    return [
        material.texts(
            "development.single",
            before=danish.number(before.estimate, line.decimals),
            after=danish.number(after.estimate, line.decimals),
            instrument=line.short_name,
            change=cells.change_text(material.texts, line),
        )
    ]


def _words(material: Material, groups: Groups) -> list[dict[str, Any]]:
    """Return how many interventions have each recommendation's word, with its shape."""
    # Several rules may have one word; the first is the more serious.
    words: dict[str, dict[str, Any]] = {}
    for found in groups.values():
        for case in found:
            if case.recommended:
                word, mark = case.recommended.word, reasons.mark(material, case.recommended)
                words.setdefault(word, {"verdict": mark, "word": word, "count": 0})["count"] += 1
    return list(words.values())


def _goal_sentences(material: Material) -> list[str]:
    measured = ((goal.name_da, material.goal_share(goal)) for goal in _goals(material))
    return [
        material.texts("development.goal", goal=name, share=material.share_sentences(number)[0])
        for name, number in measured
        if number.is_shown
    ]


def _goals(material: Material) -> list[Goal]:
    """Return what the strategies themselves call goals; their other items stand further back."""
    return [g for strategy in material.catalogue.strategies for g in strategy.goals if g.kind == "goal"]


def _decisions(material: Material, cases: Sequence[Case], groups: Groups, goals: list[Goal]) -> list[str]:
    """Return the largest questions: of the recommendations, of what goes the wrong way, of measurement."""
    texts = material.texts
    unmeasured = [
        goal.name_da for goal in goals if not material.is_measured(goal) and not _followed(material, goal)
    ]
    declined = _declined(cases)
    behind = _names([case for case in cases if case in declined or case.is_below])
    asked = {key: _names(found) for key, found in groups.items() if texts.has(f"decide.{key}")}
    measuring = {key: asked.pop(key) for key in MEASURING if key in asked}
    return [
        texts.counted(f"decide.{key}", len(names), names=_named(material, names))
        for key, names in {**asked, "behind": behind, **measuring, "unmeasured": unmeasured}.items()
        if names
    ][:DECISIONS]


def goals_title(material: Material) -> str:
    """Say how many of the strategies' items stand well and how many do not; without figures, the title."""
    counts = statuses(material, list(material.catalogue.goals.values()))
    good, bad = (sum(counts.get(status, 0) for status in group) for group in (GOOD, WORSE))
    if not good and not bad:
        return material.texts("goal.title")
    total = len(material.catalogue.goals)
    return material.texts("goal_followed.title", good=good, bad=bad, total=total)


def _followed(material: Material, goal: Goal) -> Followed | None:
    """Return the goal's chief yearly figure; None where none can be shown."""
    line = chief(material.followed.lines(goal))
    return line if line is not None and line.newest.is_shown else None


def _goal(material: Material, goal: Goal) -> dict[str, Any]:
    """Return a goal's card: the share with reliable improvement, otherwise the chief yearly figure."""
    texts, number, line = material.texts, material.goal_share(goal), _followed(material, goal)
    value = number.estimate
    if number.estimate is not None and number.n is not None:
        figure, details = danish.percent(number.estimate, number.n), material.share_sentences(number)
    elif line is not None and line.newest.estimate is not None:
        value = line.newest.estimate
        figure = in_words.value(texts, line.indicator, line.newest, value)
        details = _followed_details(material, line)
    elif number.is_suppressed:
        figure, details = texts("goal.hidden"), [texts("goal.hidden_detail")]
    else:
        needs = texts("goal.needs", needs=goal.needs_da) if goal.needs_da else texts("goal.needs_unknown")
        figure, details = texts("goal.unmeasured"), [needs]
    return {
        "id": goal.id,
        "name": goal.name_da,
        "figure": figure,
        "details": details,
        "value": value,
        "is_measured": value is not None,
    }


def _followed_details(material: Material, line: Followed) -> list[str]:
    texts, status = material.texts, material.catalogue.label(f"goal_status:{line.status}")
    interval = in_words.interval(texts, line.indicator, line.newest).strip("()")
    key = "interval" if interval else "status"
    if interval and line.status == "hidden":
        key = "interval_alone"
    return [
        texts("goal_followed.figure", name=line.indicator.name_da),
        texts(f"goal_followed.{key}", interval=interval, status=status.lower()),
    ]
