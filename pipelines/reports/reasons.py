"""A recommendation in words: why, what is nearest, what the numbers could show, and what would change it."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.catalogue.recommendation import PLACE, Measure, Rule
from pipelines.reports import danish
from pipelines.reports.case import Case
from pipelines.reports.material import Material
from pipelines.reports.reason_words import number_da, reason_da
from pipelines.reports.recommended import Recommended

SD_DECIMALS = 2
# At most one decimal more than usual, where value and limit would read the same.
FINEST = 2
# A number of persons further away than this is not waited for.
LONGEST_MONTHS = 60
OPERATORS = {"<": "under", "<=": "at_most", ">": "over", ">=": "at_least"}
MARKS = {"harm": "decline", "benefit": "progress", "no_effect": "unclear"}


def mark(material: Material, recommended: Recommended) -> str:
    """Return the shape of a recommendation's word: better, worse, neither, or too little to say."""
    rule = material.catalogue.recommendation.rule_of(recommended.rule_id)
    if rule is not None and (rule.finding or is_flag(rule)):
        return MARKS[rule.finding or "harm"]
    return "unclear" if recommended.is_compared else "too_little"


def is_flag(rule: Rule) -> bool:
    """Say whether a rule is about serious events, whatever the effect."""
    return any(condition.measure == "has_safety_flag" for condition in rule.conditions)


def reason(case: Case, recommended: Recommended) -> str:
    """Return the rule's own sentence, and what a rule of no effect is silent on: that it goes worse."""
    rule = case.material.catalogue.recommendation.rule_of(recommended.rule_id)
    said = _sentence(case.material, recommended)
    if case.is_worse and rule is not None and rule.finding == "no_effect":
        return f"{said} {case.material.texts('recommendation.worse')}"
    return said


def _sentence(material: Material, recommended: Recommended) -> str:
    """Return the rule's own sentence with the numbers that are shown."""
    table = material.catalogue.recommendation
    rule = table.rule_of(recommended.rule_id)
    if rule is None:
        return material.texts("recommendation.rule_unknown", rule=recommended.rule_id)
    told = json.loads(recommended.numbers) if recommended.numbers else {}
    hidden = [name for name in PLACE.findall(rule.reason_da) if name not in told]
    if not hidden:
        return reason_da(table, rule, recommended.numbers)
    kept = rule.model_copy(update={"reason_da": _without(rule.reason_da, hidden)})
    return f"{reason_da(table, kept, recommended.numbers)} {material.texts('recommendation.hidden')}"


def _without(sentences: str, hidden: Sequence[str]) -> str:
    """Leave what rests on a hidden number out: the parenthesis, or what follows the colon."""
    for name in hidden:
        place = f"{{{name}}}"
        sentences = re.sub(rf" \([^()]*{re.escape(place)}[^()]*\)", "", sentences)
        sentences = re.sub(rf":[^:.]*{re.escape(place)}[^.]*", "", sentences)
    return sentences


def rule_in_words(material: Material, rule: Rule) -> str:
    """Return a rule as the catalogue has it: what must hold, and of what one thing must."""
    texts = material.texts
    declared = {m.id: m for m in material.catalogue.recommendation.measure}

    def said(conditions: Any) -> list[str]:
        return [_condition(material, declared[c.measure], c.operator, c.value) for c in conditions]

    every, some = said(rule.conditions), said(rule.alternatives)
    if not every and not some:
        return texts("rules.else")
    parts = [texts("rules.all", conditions="; ".join(every))] if every else []
    if some:
        parts.append(texts("rules.any" if len(some) > 1 else "rules.all", conditions="; ".join(some)))
    return " ".join(parts)


def _condition(material: Material, measure: Measure, operator: str, value: str) -> str:
    texts = material.texts
    if operator == "is":
        key = f"rules.code.{value}"
        written = texts(key) if texts.has(key) else value
        if value == "false" and texts.has(f"rules.negated.{measure.id}"):
            return texts(f"rules.negated.{measure.id}")
        return texts(
            f"rules.is_{value}" if value in ("true", "false") else "rules.is",
            measure=measure.label_da,
            value=written,
        )
    limit = float(material.manifest["parameters"].get(value, value))
    words = texts(f"rules.operator.{OPERATORS[operator]}")
    return f"{measure.label_da} {words} {number_da(measure, limit).removeprefix('mindst ')}"


def facts(case: Case) -> list[dict[str, str]]:
    """Return what stands behind a recommendation, each with its label."""
    material, recommended = case.material, case.recommended
    texts = material.texts
    if recommended is None:
        return [{"key": "reason", "label": texts("why.reason"), "text": texts("recommendation.absent")}]
    found = {
        "reason": reason(case, recommended),
        "numbers": _numbers(material, recommended),
        "nearest": _nearest(material, recommended),
        "power": _power(material, recommended),
        "change": _change(case, recommended),
        "robust": _robust(material, recommended),
        "right": texts("why.legal_right") if recommended.is_legal_right else "",
        "known": recommended.known_evidence or texts("why.known_none"),
    }
    return [{"key": key, "label": texts(f"why.{key}"), "text": text} for key, text in found.items() if text]


def _numbers(material: Material, recommended: Recommended) -> str:
    """The numbers the rule looked at, as far as they have a size and are shown."""
    if recommended.numbers is None:
        return material.texts("why.hidden")
    declared = {m.id: m for m in material.catalogue.recommendation.measure}
    written = [
        f"{declared[name].label_da}: {number_da(declared[name], value)}"
        for name, value in json.loads(recommended.numbers).items()
        if name in declared and declared[name].unit not in ("yes_no", "code") and value is not None
    ]
    return "; ".join(written) + "." if written else material.texts("why.no_numbers")


def _nearest(material: Material, recommended: Recommended) -> str:
    texts, near = material.texts, recommended.would_change.get("nearest")
    if recommended.is_suppressed:
        return ""
    if not near:
        return texts("why.nearest_none")
    table = material.catalogue.recommendation
    declared = {m.id: m for m in table.measure}
    rule = table.rule_of(near["rule"])
    measure = declared[near["measure"]]
    now, needed = _apart(material, measure, near)
    return texts(
        "why.nearest_value",
        word=rule.label_da if rule else near["rule"],
        measure=measure.label_da,
        now=now,
        needed=needed,
    )


def _apart(material: Material, measure: Measure, near: Mapping[str, Any]) -> tuple[str, str]:
    """Write the value and its limit so that they can be told apart."""
    now, needed = near.get("from"), near["to"]
    if now is None:
        return material.texts("hidden.mark"), number_da(measure, needed).removeprefix("mindst ")
    if measure.unit == "persons" and needed < now:
        limit = number_da(measure, needed + 1).removeprefix("mindst ")
        return number_da(measure, now), material.texts("why.nearest_below", limit=limit)
    for finer in range(FINEST):
        written = number_da(measure, now, finer), number_da(measure, needed, finer)
        if written[0] != written[1]:
            break
    return written[0], written[1].removeprefix("mindst ")


def _power(material: Material, recommended: Recommended) -> str:
    """What so many persons can show of the smallest worthwhile difference."""
    texts = material.texts
    if recommended.power is None or recommended.smallest_detectable_sd is None:
        return "" if recommended.is_suppressed else texts("why.power_none")
    planned = "planned" if recommended.would_change.get("is_planned") else "now"
    return texts(
        f"why.power_{planned}",
        delta=danish.plain(float(material.manifest["parameters"]["smallest_worthwhile_sd"])),
        power=danish.chance(recommended.power),
        smallest=danish.number(recommended.smallest_detectable_sd, SD_DECIMALS),
    )


def _change(case: Case, recommended: Recommended) -> str:
    """What would change it: more persons, a better comparison, another effect, a second year."""
    material, texts = case.material, case.material.texts
    table, told = material.catalogue.recommendation, recommended.would_change
    found = []
    if recommended.would_be and (rule := table.rule_of(recommended.would_be)):
        found.append(texts("why.second_year", word=rule.label_da))
    failed = case.failed_checks
    if failed:
        found.append(texts("why.not_higher", reason=", og ".join(not_higher(material, f) for f in failed)))
    needed = recommended.needed_effect_sd
    if needed is not None:
        reached = next(
            (s["rule"] for s in told.get("effects", ()) if s["lowest"] <= needed <= s["highest"]), ""
        )
        rule = table.rule_of(reached)
        size = danish.change(needed, SD_DECIMALS)
        found.append(texts("why.effect", size=size, word=rule.label_da if rule else reached))
    if recommended.needed_persons is not None and told.get("more_months"):
        persons = danish.number(recommended.needed_persons)
        if told["more_months"] > LONGEST_MONTHS:
            found.append(texts("why.persons_unreachable", persons=persons))
        else:
            found.append(texts.counted("why.persons", told["more_months"], persons=persons))
    return " ".join(found)


def not_higher(material: Material, failed: str) -> str:
    """Return a reason why no comparison bears more evidence, in words."""
    key = f"not_higher.{failed}"
    return material.texts(key if material.texts.has(key) else "not_higher.other")


def _robust(material: Material, recommended: Recommended) -> str:
    texts = material.texts
    if not recommended.is_compared or recommended.is_suppressed:
        return ""
    if recommended.is_robust is None or recommended.agreeing_share is None:
        return texts("why.robust_unknown")
    share = danish.percent(recommended.agreeing_share, 0)
    if recommended.is_robust:
        return texts("why.robust_yes", share=share)
    # Enough agree and still it is not robust: then the sign is not the same in all.
    is_enough = recommended.agreeing_share >= float(material.manifest["parameters"]["robust_share"])
    return texts("why.robust_sign" if is_enough else "why.robust_no", share=share)
