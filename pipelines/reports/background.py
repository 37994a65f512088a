"""What stands behind the results: the strategies' goals, method, words."""

from typing import Any

from pipelines.catalogue import Goal, Instrument, Norm
from pipelines.reports import cells, danish
from pipelines.reports.blocks import Block, Column, Group, bullets, heading, paragraph, section, table
from pipelines.reports.material import Material, product_file
from pipelines.reports.quality import QUALITY
from pipelines.reports.reasons import rule_in_words

MEASURED = (
    Column("goal", 4.0, is_number=False),
    Column("share", 1.5),
    Column("interval", 1.8),
    Column("people", 1.5),
)
RULES = (Column("word", 1.5, is_number=False), Column("rule", 6.0, is_number=False))
PARAMETERS = (
    Column("parameter", 4.0, is_number=False),
    Column("value", 1.8),
    Column("source", 2.0, is_number=False),
)
INSTRUMENTS = (
    Column("instrument", 2.2, is_number=False),
    Column("scale", 2.0, is_number=False),
    *(Column(figure, 1.7) for figure in ("cutoff", "noticeable", "sd", "reliability")),
)


def measured_goals(material: Material) -> dict[str, Any]:
    """Return the section of goals with numbers."""
    texts = material.texts
    groups = [
        (
            strategy.name_da,
            [_goal_row(material, goal) for goal in strategy.goals if material.is_measured(goal)],
        )
        for strategy in material.catalogue.strategies
    ]
    if any(rows for _, rows in groups):
        shown = [
            *(paragraph(text) for text in texts.items("strategy.measured_intro")),
            table(texts, "tabel-maal", texts("strategy.measured_caption"), "strategy", MEASURED, groups),
        ]
    else:
        shown = [paragraph(texts("strategy.measured_none"))]
    return section("strategimaal", texts("strategy.measured_heading"), shown)


def method(material: Material) -> dict[str, Any]:
    """Return the section on method: the steps, the designs, their checks and the rules."""
    texts = material.texts
    chosen = f"reliable_change.{material.parameters['reliable_change_method']}"
    reliable_change = texts(chosen, **material.parameters)
    values = {"window_end": material.window["end"], "reliable_change": reliable_change}
    steps = texts.items("method.steps", **values, **material.parameters)
    blocks = [
        bullets(steps, is_ordered=True),
        heading(texts("method.effect_heading"), "effekt-eller-udvikling"),
        *(paragraph(text) for text in texts.items("method.effect")),
        bullets(texts.items("method.designs")),
        heading(texts("method.checks_heading"), "kontroller-af-sammenligningen"),
        bullets(texts.items("method.checks", **material.parameters)),
        *_rules(material),
        paragraph(texts("method.choices", file=product_file(material.manifest, QUALITY, "html"))),
    ]
    return section("metode", texts("method.heading"), blocks)


def choices(material: Material) -> list[Block]:
    """Return every parameter of the run with its value and source, and every instrument in use."""
    texts = material.texts
    parameters = [
        [cells.text(p.label_da), _parameter(material, p.id, p.unit), cells.text(p.source)]
        for p in material.catalogue.parameters
        if p.id in material.parameters
    ]
    caption = texts("method.parameters_caption")
    blocks = [table(texts, "tabel-valg", caption, "method", PARAMETERS, [("", parameters)], is_folded=True)]
    used = {(line.instrument.id, line.outcome.respondent): line for line in material.lines}
    instruments = [_instrument_row(material, line.instrument, line.norm) for line in used.values()]
    if instruments:
        caption = texts("method.instruments_caption")
        rows: list[Group] = [("", instruments)]
        blocks.append(table(texts, "tabel-redskaber", caption, "method", INSTRUMENTS, rows, is_folded=True))
    return blocks


def _rules(material: Material) -> list[Block]:
    """Return the rules of the recommendation as the catalogue has them, in the order they are tried."""
    texts = material.texts
    rows = [
        [cells.text(rule.label_da), cells.text(rule_in_words(material, rule))]
        for rule in material.catalogue.recommendation.rule
    ]
    return [
        heading(texts("rules.heading"), "regler"),
        paragraph(texts("rules.intro")),
        table(texts, "tabel-regler", texts("rules.caption"), "rules", RULES, [("", rows)], is_folded=True),
    ]


def reservations(material: Material) -> dict[str, Any]:
    """Return the section of strengths and limitations."""
    texts = material.texts
    blocks = [
        heading(texts("reservations.strengths_title"), "styrker"),
        bullets(texts.items("reservations.strengths")),
        heading(texts("reservations.limits_title"), "begraensninger"),
        bullets(texts.items("reservations.limits")),
    ]
    return section("forbehold", texts("reservations.heading"), blocks)


def glossary(material: Material) -> dict[str, Any]:
    """Return the glossary."""
    terms = {"kind": "terms", "items": material.texts.terms("glossary.terms")}
    return section("ordliste", material.texts("glossary.heading"), [terms])


def _goal_row(material: Material, goal: Goal) -> list[cells.Cell]:
    texts, number = material.texts, material.goal_share(goal)
    interval = cells.missing(texts, number, is_brief=True)
    if number.lower is not None and number.upper is not None:
        written = [danish.percent(bound, number.n or 0) for bound in (number.lower, number.upper)]
        lower = written[0].removesuffix(danish.HARD_SPACE + "%")
        interval = {"text": texts("strategy.interval_value", lower=lower, upper=written[1])}
    return [cells.text(goal.name_da), cells.share(texts, number), interval, cells.people(texts, number)]


def _parameter(material: Material, parameter_id: str, unit: str) -> cells.Cell:
    written, raw = material.parameters[parameter_id], material.manifest["parameters"][parameter_id]
    if isinstance(raw, str) and material.texts.has(f"method.word.{raw}"):
        written = material.texts(f"method.word.{raw}")
    if parameter_id.endswith(("_year", "_seed")):
        # A year and a seed are names, not amounts: 2025, never 2.025 years.
        written, unit = str(raw), ""
    value = written if written.endswith("%") else material.texts.measured(written, unit)
    return {"text": value, "value": raw}


def _instrument_row(material: Material, instrument: Instrument, norm: Norm | None) -> list[cells.Cell]:
    texts = material.texts
    scale = texts(
        "method.scale_value",
        minimum=danish.plain(instrument.minimum),
        maximum=danish.plain(instrument.maximum),
        direction=texts(f"method.{instrument.better}"),
    )
    respondent = texts(f"respondent.{norm.respondent}") if norm else ""
    return [cells.text(instrument.name_da, respondent), cells.text(scale), *_norm_cells(material, norm)]


def _norm_cells(material: Material, norm: Norm | None) -> list[cells.Cell]:
    """Return cut-off, minimal important change, SD and reliability, each with its certainty."""
    texts, row = material.texts, []
    for name in ("cutoff", "minimal_important_change", "sd", "reliability"):
        value = getattr(norm, name, None)
        if value is None or value == "sample":
            is_derived = name == "cutoff" and norm is not None and norm.derives_cutoff
            key = "computed_cutoff" if is_derived else "sample_sd" if value else "unknown"
            row.append(cells.text(texts(f"method.{key}")))
        else:
            known = texts(f"certainty.{getattr(norm, f'{name}_certainty') or 'unknown'}")
            row.append(cells.text(danish.plain(value), known) | {"value": value})
    return row
