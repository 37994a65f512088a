"""The decision page, by goal: a line per intervention with difference, certainty, price and verdict."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from pipelines.reports import cells, danish, reasons
from pipelines.reports.assessment import Line, has_people
from pipelines.reports.blocks import Block, Column, Group, bullets, heading, paragraph, section, table
from pipelines.reports.case import Case
from pipelines.reports.marts import NOT_COMPUTED
from pipelines.reports.material import Material, page_anchor, pages_file

TABLE = (
    Column("intervention", 2.6, is_number=False),
    Column("people", 1.1),
    Column("difference", 2.7, is_number=False),
    Column("sure", 2.0, is_number=False),
    Column("price", 1.5),
    Column("verdict", 4.2, is_number=False),
)
# In SD: never a narrower axis, so that a small difference looks small; an interval that goes further is cut.
NARROWEST, WIDEST = 0.6, 1.0
COLOURS = {"favourable": "progress", "unfavourable": "decline"}
LEVELS = range(1, 6)


def decision(material: Material, cases: Sequence[Case]) -> dict[str, Any]:
    """Return the section with one row per intervention, and how to read it."""
    texts = material.texts
    absent = [i.name_da for i in material.catalogue.interventions if not has_people(material.published, i)]
    limit = _limit(cases)
    groups = [
        (
            texts("decision.group", area=texts(f"area.{area}"), goal=goal),
            [_row(case, limit) for case in found],
        )
        for (area, goal), found in groupby(cases, key=lambda case: (case.line.intervention.area, case.goal))
    ]
    shown: list[Block] = [
        table(texts, "tabel-overblik", texts("decision.caption"), "decision", TABLE, groups)
    ]
    pages = texts("decision.pages", file=pages_file(material.manifest, "html"))
    delta = danish.plain(float(material.manifest["parameters"]["smallest_worthwhile_sd"]))
    blocks = [
        *(paragraph(text) for text in texts.items("decision.intro")),
        *([paragraph(pages), *shown] if groups else []),
        *(
            [paragraph(texts("decision.absent", names=danish.listed(absent)), is_quiet=True)]
            if absent
            else []
        ),
        paragraph(texts("hidden.note", **material.parameters), is_quiet=True),
        heading(texts("decision.how"), "vurdering"),
        bullets(texts.items("decision.how_items", delta=delta)),
        bullets([texts(f"evidence.{level}.line") for level in LEVELS]),
    ]
    return section("overblik", texts("decision.heading"), blocks)


def by_area(
    material: Material, lines: tuple[Line, ...], row: Callable[[Material, Line], list[cells.Cell]]
) -> list[Group]:
    """Return the lines' rows in groups by area."""
    return [
        (material.texts(f"area.{area}"), [row(material, line) for line in found])
        for area, found in groupby(lines, key=lambda line: line.intervention.area)
    ]


def _row(case: Case, limit: float) -> list[cells.Cell]:
    material, texts = case.material, case.material.texts
    page = f"{pages_file(material.manifest, 'html')}#{page_anchor(case.id)}"
    return [
        cells.text(case.line.intervention.name_da, material.measure_name(case.line)) | {"link": page},
        cells.people(texts, material.published.economy.get(case.id, NOT_COMPUTED)),
        _difference(case, limit),
        _sure(case),
        _price(case),
        _verdict(case),
    ]


def _limit(cases: Sequence[Case]) -> float:
    """Return how far the drawn axis goes to both sides, in SD."""
    found = [case.standardised for case in cases]
    bounds = [abs(b) for number in found if number for b in (number.lower, number.upper) if b is not None]
    return min(max([NARROWEST, *bounds]), WIDEST)


def _difference(case: Case, limit: float) -> cells.Cell:
    """The interval drawn in SD and written in points where a comparison holds; otherwise the words."""
    material, texts = case.material, case.material.texts
    difference, standardised = case.difference, case.standardised
    if standardised is None or difference is None:
        kind = "unsound" if case.comparator else "register" if case.has_register_comparison else "none"
        return cells.text(texts(f"decision.no_comparison.{kind}"), _development(case))
    delta = float(material.manifest["parameters"]["smallest_worthwhile_sd"])
    assert standardised.estimate is not None

    def place(value: float) -> float:
        return round(50 + 50 * min(max(value / limit, -1), 1), 2)

    lower, upper = standardised.lower, standardised.upper
    against = texts(f"against.{case.comparator}")
    sub = texts(f"decision.says.{case.verdict}", comparator=against)
    unit = case.line.instrument.unit_da
    points = texts("decision.points", value=case.signed(difference), unit=unit)
    is_too_wide = cells.is_too_wide(case.line, difference)
    return cells.text(texts("decision.too_wide") if is_too_wide else points, sub) | {
        "value": {"estimate": difference.estimate, "lower": difference.lower, "upper": difference.upper},
        "interval": {
            "estimate": place(standardised.estimate),
            "lower": place(standardised.estimate if lower is None else lower),
            "upper": place(standardised.estimate if upper is None else upper),
            "band": [place(-delta), place(delta)],
            "colour": COLOURS.get(case.verdict or "", "unclear"),
        },
    }


def _development(case: Case) -> str:
    """The development from before to after, or why there is none; too little to go by is said."""
    material, texts, line = case.material, case.material.texts, case.line
    if not line.change.is_shown:
        return str(cells.missing(texts, line.change)["text"])
    key = "too_little" if line.verdict == "too_little" else "value"
    return texts(f"decision.development.{key}", value=cells.change_text(material.texts, line))


def _sure(case: Case) -> cells.Cell:
    texts, recommended = case.material.texts, case.recommended
    if recommended is None:
        return cells.text(texts("recommendation.absent_brief")) | {"is_missing": True}
    level = recommended.evidence_level
    said = [texts(f"evidence.{level}.word")]
    if recommended.is_compared and recommended.is_robust is not None:
        said.append(texts("decision.robust" if recommended.is_robust else "decision.not_robust"))
    if recommended.known_evidence:
        # Its source, in parentheses, stands on the intervention's own page.
        known = [one.split(" (")[0] for one in recommended.known_evidence.split("; ")]
        said.append(texts("decision.known", known=", ".join(known)))
    return cells.text(texts("decision.level", level=level), " · ".join(said)) | {
        "level": level,
        "value": level,
    }


def _price(case: Case) -> cells.Cell:
    """The mean cost per person; under it what it costs more than the alternative, where that is known."""
    texts, economy = case.material.texts, case.people
    if economy.estimate is None:
        if economy.is_suppressed:
            return cells.missing(texts, economy)
        return cells.text(texts("decision.no_price")) | {"is_missing": True}
    cell = cells.text(danish.kroner(economy.estimate)) | {"value": economy.estimate}
    extra = case.extra_cost
    if extra is not None and extra.estimate is not None:
        cell["sub"] = texts("decision.extra", amount=danish.signed_kroner(extra.estimate))
    return cell


def _verdict(case: Case) -> cells.Cell:
    texts, recommended = case.material.texts, case.recommended
    if recommended is None:
        return cells.text(texts("recommendation.absent")) | {"is_missing": True}
    written = cells.text(recommended.word, reasons.reason(case, recommended))
    return written | {"verdict": reasons.mark(case.material, recommended)}
