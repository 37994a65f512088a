"""A page's words: the finding, three facts, the paragraph, harms, and the foot."""

from typing import Any

from pipelines.reports import cells, danish, reasons
from pipelines.reports.case import Case
from pipelines.reports.pages.paragraph import Share, Told, sentences
from pipelines.reports.pages.trust import failed_check, provider_mark

DEVELOPED = ("progress", "decline", "unclear")


def title(case: Case) -> str:
    """Return the finding: the comparison's where one holds, otherwise the development's."""
    texts = case.texts
    if case.verdict:
        return texts(f"title.sound.{case.comparator}.{case.verdict}")
    first = texts(f"title.{case.line.verdict}")
    if case.line.verdict not in DEVELOPED:
        return first
    return f"{first} {texts('title.tail_unsound' if case.comparator else 'title.tail_alone')}"


def facts(case: Case) -> list[dict[str, str]]:
    """Return the three facts on top: how much, how sure, at what price; never one score."""
    texts = case.texts
    return [
        _how_much(case),
        {"label": texts("fact.sure")} | how_sure(case),
        {"label": texts("fact.price")} | _price(case),
    ]


def how_sure(case: Case) -> dict[str, str]:
    """Return in words what the best design and its own checks allow."""
    texts, difference = case.texts, case.difference
    if case.verdict and difference:
        check = provider_mark(case, difference)
        level = "marked" if check else "sound"
    elif difference:
        level, check = "unsound", failed_check(case)
    elif case.has_register_comparison:
        level, check = "register", ""
    elif case.get("D2", "without_support", "mean_versus_expected").is_shown:
        level, check = "expected", ""
    else:
        level, check = ("development" if case.line.change.is_shown else "none"), ""
    detail = texts(f"sure.{level}.detail", check=check)
    if case.recommended:
        detail = f"{detail} {texts('sure.level', level=case.recommended.evidence_level)}"
    return {"figure": texts(f"sure.{level}.word"), "detail": detail}


def recommendation(case: Case) -> dict[str, Any]:
    """Return the recommendation's word and reason, and what stands behind it."""
    texts, material, recommended = case.texts, case.material, case.recommended
    if recommended is None:
        absent = texts("recommendation.absent")
        return {"mark": "not_estimable", "word": absent, "reason": "", "why": None}
    facts = [fact for fact in reasons.facts(case) if fact["key"] != "reason"]
    return {
        "mark": reasons.mark(material, recommended),
        "word": texts("recommendation.title", word=recommended.word),
        "reason": f"{reasons.reason(case, recommended)} {texts('recommendation.dialogue')}",
        "why": {
            "title": texts("page_why.title"),
            "items": [texts("page_why.line", label=f["label"], text=f["text"]) for f in facts],
        },
    }


def paragraph(case: Case) -> list[str]:
    """Return the paragraph's sentences, from what is shown."""
    line, difference = case.line, case.difference
    before, after = line.numbers["mean_baseline"], line.numbers["mean_follow_up"]
    better = line.numbers["share_reliably_improved"]
    expected = case.get("D2", "without_support", "mean_versus_expected")
    is_shown = line.change.is_shown and before.is_shown and after.is_shown
    less = (
        case.get("D3", case.comparator, "share_difference_reliably_improved")
        if case.verdict and case.comparator
        else None
    )
    told = Told(
        people=case.people.n,
        pairs=line.change.n if is_shown else None,
        before=danish.number(before.estimate, line.decimals) if before.estimate is not None else None,
        after=danish.number(after.estimate, line.decimals) if after.estimate is not None else None,
        instrument=line.short_name,
        development=line.verdict,
        better=Share(better.numerator, better.n)
        if better.is_shown and better.numerator is not None and better.n
        else None,
        less_without=(less.estimate, less.lower, less.upper)
        if less and less.estimate is not None and less.lower is not None and less.upper is not None
        else None,
        versus_expected=(case.points(expected.estimate), expected.lower, expected.upper)
        if expected.estimate is not None and expected.lower is not None and expected.upper is not None
        else None,
        comparator=case.comparator,  # type: ignore[arg-type]
        comparison=case.verdict or ("unsound" if difference else None),
        difference=case.points(difference.estimate)
        if difference and difference.estimate is not None
        else None,
    )
    return sentences(case.texts, told)


def worse(case: Case) -> dict[str, Any]:
    """Return what became worse, on the primary outcome and on those nobody asked for."""
    texts, share = case.texts, case.line.numbers["share_deteriorated"]
    if share.is_suppressed:
        items = [texts("worse.share_hidden")]
    elif share.numerator is None or share.n is None:
        items = [texts("worse.share_unknown")]
    else:
        items = [texts("worse.share", numerator=danish.number(share.numerator), n=danish.number(share.n))]
    if case.verdict and case.comparator:
        found = case.get("D3", case.comparator, "share_difference_deteriorated")
        if found.lower is not None and found.upper is not None:
            lower, upper = (danish.number(100 * limit) for limit in (found.lower, found.upper))
            against = texts(f"comparator.{case.comparator}")
            items.append(texts("worse.difference", comparator=against, lower=lower, upper=upper))
    names = [case.material.measure_name(line) for line in case.others if line.verdict == "decline"]
    if not case.others:
        items.append(texts("worse.outcomes_absent"))
    elif names:
        items.append(texts("worse.outcomes", names=danish.listed(names)))
    else:
        items.append(texts("worse.outcomes_none"))
    against = case.comparator or "other_support"
    below = [
        case.material.measure_name(line)
        for line in case.others
        if (case.secondary(line, against).upper or 0.0) < 0
    ]
    if below:
        comparator = texts(f"comparator.{against}")
        items.append(texts("worse.outcomes_below", comparator=comparator, names=danish.listed(below)))
    return {"title": texts("worse.title"), "items": items}


def foot(case: Case) -> list[str]:
    """Return how it was measured in three lines, the reservation, the data file and whom to ask."""
    texts, line, material = case.texts, case.line, case.material
    ends = [danish.plain(end) for end in (line.instrument.minimum, line.instrument.maximum)]
    respondent = material.texts(f"respondent.{line.outcome.respondent}")
    return [
        texts(
            "foot.measured",
            instrument=line.instrument.name_da,
            respondent=respondent,
            minimum=ends[0],
            maximum=ends[1],
            direction=texts(f"foot.{line.instrument.better}"),
        ),
        texts("foot.when", months=line.intervention.horizon_months, **material.parameters),
        texts("foot.interval", legal=line.intervention.legal_basis_da, **material.parameters),
        texts("foot.reservation"),
        texts("foot.data", id=case.id, contact=material.catalogue.municipality.contact_da),
    ]


def _how_much(case: Case) -> dict[str, str]:
    texts, report, number = case.texts, case.material.texts, case.line.change
    label, word = texts("fact.development"), report(f"verdict.{case.line.verdict}.word")
    if case.verdict and case.difference:
        number = case.difference
        against = texts(f"comparator.{case.comparator}")
        label = texts("fact.effect", comparator=against)
        word = texts(f"fact.verdict.{case.verdict}", comparator=against)
    if number.estimate is None:
        detail = (
            texts("fact.hidden_detail") if number.is_suppressed else case.reason(number).capitalize() + "."
        )
        return {"label": label, "figure": word, "detail": detail}
    if cells.is_too_wide(case.line, number):
        return {"label": label, "figure": texts("fact.too_wide"), "detail": f"{word}."}
    bounds = [bound for bound in (number.lower, number.upper) if bound is not None]
    places = danish.decimals_keeping_sign([number.estimate, *bounds], case.line.decimals)
    figure = report.measured(danish.change(number.estimate, places), case.line.instrument.unit_da)
    if case.line.verdict == "too_little" and not case.verdict:
        value = cells.change_text(report, case.line)
        return {"label": label, "figure": word, "detail": texts("fact.too_little", value=value)}
    if len(bounds) < 2:
        return {"label": label, "figure": figure, "detail": f"{word}."}
    lower, upper = (danish.number(bound, places) for bound in bounds)
    return {
        "label": label,
        "figure": figure,
        "detail": texts("fact.interval", word=word, lower=lower, upper=upper),
    }


def _price(case: Case) -> dict[str, str]:
    texts, people = case.texts, case.people
    if people.is_suppressed:
        return {"figure": texts("waterfall.hidden").capitalize(), "detail": texts("fact.hidden_detail")}
    if people.estimate is None or people.n is None:
        return {"figure": texts("fact.price_unknown"), "detail": texts("fact.price_unknown_detail")}
    detail = texts.counted("fact.price_detail", people.n, number=danish.number(people.n))
    return {"figure": danish.kroner(people.estimate), "detail": detail}
