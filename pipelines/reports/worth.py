"""What an intervention costs and what it gives back, in words; effect and money never in one score."""

from collections import Counter
from typing import Any

from pipelines.reports import cells, danish
from pipelines.reports.blocks import Block, Column, bullets, paragraph, section, table
from pipelines.reports.case import Case
from pipelines.reports.material import Material
from pipelines.reports.money import ABSENT, DECLARED, PAYERS, Amount

NOT_YET_STARTED = "not_yet_started"
PORTFOLIO = ("ALL", "ALL", NOT_YET_STARTED)
TABLE = (
    Column("intervention", 2.6, is_number=False),
    Column("extra", 2.2, is_number=False),
    Column("worth", 3.0, is_number=False),
    Column("net", 3.0, is_number=False),
)


def worth(material: Material, cases: list[Case]) -> dict[str, Any]:
    """Return the section on money: a row where there is an amount, the reasons for the others."""
    texts = material.texts
    rows, lacking = [], Counter[str]()
    for case in cases:
        extra = case.extra_cost
        if extra is not None and extra.is_shown:
            name = cells.text(case.line.intervention.name_da, texts(f"against.{case.comparator}"))
            rows.append(
                [name, cells.text(_kroner(extra)), cells.text(_benefit(case)), cells.text(_net(case))]
            )
            continue
        why = _why_no_amount(case, extra)
        if _net_amount(case)[1].is_shown:
            name, none = (
                cells.text(case.line.intervention.name_da),
                cells.text(texts("worth.no_net", reason=why)),
            )
            rows.append([name, none, none, cells.text(_net(case))])
        else:
            lacking[why] += 1
    blocks = [
        paragraph(text)
        for text in texts.items("worth.intro", price_year=material.manifest["parameters"]["price_year"])
    ]
    if rows:
        blocks.append(
            table(texts, "tabel-penge", texts("worth.caption"), "worth", TABLE, [("", rows)], is_folded=True)
        )
    if lacking:
        reasons = [texts.counted("worth.lacking", n, reason=reason) for reason, n in lacking.most_common()]
        blocks += [paragraph(texts("worth.lacking_title")), bullets(reasons)]
    return section("penge", texts("worth.heading"), [*blocks, *_portfolio(material)])


def told(case: Case) -> list[str]:
    """Return the money of one intervention, line by line."""
    texts = case.material.texts
    extra = case.extra_cost
    if extra is None or not extra.is_shown:
        found = [texts("worth.no_extra", reason=_why_no_amount(case, extra))]
        has_net = extra is not None or _net_amount(case)[1].is_shown
        return [*found, texts("worth.net_line", net=_net(case))] if has_net else found
    against = texts(f"against.{case.comparator}")
    return [
        texts("worth.extra_line", comparator=against, amount=_kroner(extra)),
        _benefit(case),
        *_curve(case),
        *_certainty(case),
        texts("worth.net_line", net=_net(case)),
        *_good_effect(case),
    ]


def _place(case: Case) -> tuple[str, str, str]:
    return case.id, case.line.outcome_id, case.comparator or ""


def _why_no_amount(case: Case, extra: Amount | None) -> str:
    texts = case.material.texts
    if extra is None:
        if case.comparator is not None:
            return texts("worth.reason.unsound")
        kind = "register" if case.has_register_comparison else "no_comparison"
        return texts(f"worth.reason.{kind}")
    return _reason(case.material, extra)


def _reason(material: Material, amount: Amount) -> str:
    texts = material.texts
    if amount.is_suppressed:
        return texts("worth.reason.hidden")
    key = f"worth.reason.{amount.reason or 'not_computed'}"
    return texts(key if texts.has(key) else "worth.reason.other")


def _kroner(amount: Amount) -> str:
    """Write an amount with its sign and its interval."""
    assert amount.estimate is not None
    written = danish.signed_kroner(amount.estimate)
    if amount.lower is None or amount.upper is None:
        return written
    lower, upper = (
        danish.signed_kroner(bound).removesuffix(danish.HARD_SPACE + "kr.")
        for bound in (amount.lower, amount.upper)
    )
    return f"{written} ({lower} til {upper})"


def _benefit(case: Case) -> str:
    """What it is worth at the declared willingness to pay, or that nobody has declared one."""
    texts, money, place = case.material.texts, case.material.money, _place(case)
    probability = money.get(place, "probability_net_benefit", item=DECLARED)
    if probability.willingness_to_pay is None:
        return texts("worth.hidden" if probability.is_suppressed else "worth.no_willingness")
    if probability.estimate is None:
        return texts("worth.not_estimable", reason=_reason(case.material, probability))
    benefit = money.get(place, "net_benefit", item=DECLARED)
    return texts(
        "worth.benefit",
        willingness=danish.kroner(probability.willingness_to_pay),
        unit=texts(f"worth.unit.{probability.effect_unit}"),
        benefit=_kroner(benefit) if benefit.is_shown else texts("hidden.mark"),
        probability=danish.chance(probability.estimate),
    )


def _curve(case: Case) -> list[str]:
    """The acceptability curve in one line: nothing, half-way and the highest tried."""
    points = case.material.money.curve(_place(case))
    if len(points) < 2:
        return []
    texts = case.material.texts
    shown = [
        texts(
            "worth.point",
            probability=danish.chance(point.estimate),
            willingness=danish.kroner(point.willingness_to_pay),
        )
        for point in dict.fromkeys((points[0], points[len(points) // 2], points[-1]))
        if point.estimate is not None and point.willingness_to_pay is not None
    ]
    unit = texts(f"worth.unit.{points[0].effect_unit}")
    return [texts("worth.curve", unit=unit, points=danish.listed(shown))]


def _certainty(case: Case) -> list[str]:
    """What it is worth to know for certain before deciding, at the declared willingness to pay."""
    found = case.material.money.get(_place(case), "perfect_information", item=DECLARED)
    if found.estimate is None:
        return []
    return [case.material.texts("worth.certainty", amount=danish.kroner(found.estimate))]


def _net_amount(case: Case) -> tuple[tuple[str, str, str], Amount]:
    """The net result where the comparison holds, else of the first register that has one, else the reason."""
    registers = [(case.id, f"register:{name}", NOT_YET_STARTED) for name in case.line.intervention.registers]
    held = [_place(case)] if case.extra_cost is not None else []
    found = [(place, case.material.money.get(place, "net_result")) for place in [*held, *registers]]
    unknown = found[:1] or [(_place(case), ABSENT)]
    return next((one for one in found if one[1].is_shown), unknown[0])


def _net(case: Case) -> str:
    texts = case.material.texts
    place, total = _net_amount(case)
    if not total.is_shown:
        return texts("worth.no_net", reason=_reason(case.material, total))
    register = place[1].removeprefix("register:")
    first = (
        [texts("worth.by_register", register=texts(f"worth.register.{register}"))]
        if register != place[1]
        else []
    )
    return " ".join([*first, *_net_lines(case.material, place, total)])


def _net_lines(material: Material, place: tuple[str, str, str], total: Amount, before: str = "") -> list[str]:
    """Tell a net result in all and by payer, how likely it is above zero, and when the money is back."""
    texts, money = material.texts, material.money
    payers = [
        texts(
            "worth.payer", payer=texts(f"worth.payers.{payer}"), amount=danish.signed_kroner(amount.estimate)
        )
        for payer in PAYERS
        if (amount := money.get(place, f"{before}net_result", payer=payer)).estimate is not None
    ]
    amounts = {"amount": _kroner(total), "payers": danish.listed(payers)}
    if before:
        amounts["count"] = texts.word(total.interventions or 0)
        amounts["total"] = texts.word(len(material.primary_lines))
    said = [texts("worth.portfolio_total" if before else "worth.net_total", **amounts)]
    probability = money.get(place, f"{before}probability_net_result")
    if probability.estimate is not None:
        said.append(texts("worth.net_probability", probability=danish.chance(probability.estimate)))
    even = money.get(place, "break_even_year")
    if even.estimate is not None:
        said.append(texts("worth.even", year=danish.number(even.estimate)))
    return said


def _portfolio(material: Material) -> list[Block]:
    """What all interventions give back together, each job counted once; why not where it cannot be told."""
    total = material.money.get(PORTFOLIO, "portfolio_net_result")
    if total.reason == "not_computed":
        return []
    if not total.is_shown:
        return [paragraph(material.texts("worth.no_portfolio", reason=_reason(material, total)))]
    return [paragraph(" ".join(_net_lines(material, PORTFOLIO, total, "portfolio_")))]


def _good_effect(case: Case) -> list[str]:
    """A good effect with a negative net result is still a good effect."""
    _, total = _net_amount(case)
    is_good = case.verdict == "favourable" and total.estimate is not None and total.estimate < 0
    return [case.material.texts("worth.good_effect")] if is_good else []
