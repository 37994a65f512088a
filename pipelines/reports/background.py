"""What stands behind the results: the strategies' goals, method, words."""

from itertools import groupby
from typing import Any

from pipelines.catalogue import Goal, Instrument, Norm
from pipelines.reports import cells, danish
from pipelines.reports.blocks import Block, Column, Group, bullets, heading, paragraph, section, table
from pipelines.reports.material import Material
from pipelines.reports.reasons import rule_in_words

MEASURED = (
    Column("goal", 4.0, is_number=False),
    Column("share", 1.5),
    Column("interval", 1.8),
    Column("people", 1.5),
)
UNMEASURED = (Column("goal", 1.0, is_number=False), Column("needs", 1.0, is_number=False))
# Delivered for the sake of other extracts: scores, and who is who.
SCORES_AND_LINKS = ("item_answer", "person_link")
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


def unmeasured_goals(material: Material) -> list[dict[str, Any]]:
    """Return the section of goals without a measurement, by strategy; none if all are measured."""
    texts, blocks, count = material.texts, [], 0
    for strategy in material.catalogue.strategies:
        missing = [goal for goal in strategy.goals if not material.is_measured(goal)]
        count += len(missing)
        groups = [
            (_kind(material, kind), [_needs_row(material, goal) for goal in goals])
            for kind, goals in groupby(missing, key=lambda goal: goal.kind)
        ]
        if groups:
            caption = texts("strategy.caption", strategy=strategy.name_da)
            anchor = f"tabel-mangler-{strategy.id.lower()}"
            blocks.append(table(texts, anchor, caption, "strategy", UNMEASURED, groups, is_folded=True))
    if not blocks:
        return []
    intro = paragraph(texts.counted("strategy.intro", count))
    return [section("ikke-maalt", texts("strategy.heading"), [intro, *_delivered(material), *blocks])]


def _delivered(material: Material) -> list[Block]:
    """Say what was delivered beyond the required: it is worked out for each person, but in no goal yet."""
    delivered = {f["extract_id"] for file in material.manifest["files"] for f in file["feeds"]}
    optional = [e for e in material.catalogue.extracts if not e.required and e.id not in SCORES_AND_LINKS]
    names = [f"»{e.label_da}«" for e in optional if e.id in delivered]
    if not names:
        return []
    return [paragraph(material.texts("strategy.delivered", names=danish.listed(names)))]


def method(material: Material) -> dict[str, Any]:
    """Return the section on method, with every parameter and instrument used."""
    texts = material.texts
    chosen = f"reliable_change.{material.parameters['reliable_change_method']}"
    reliable_change = texts(chosen, **material.parameters)
    values = {"window_end": material.window["end"], "reliable_change": reliable_change}
    steps = texts.items("method.steps", **values, **material.parameters)
    parameters = [
        [cells.text(p.label_da), _parameter(material, p.id, p.unit), cells.text(p.source)]
        for p in material.catalogue.parameters
        if p.id in material.parameters
    ]
    used = {(line.instrument.id, line.outcome.respondent): line for line in material.lines}
    instruments = [_instrument_row(material, line.instrument, line.norm) for line in used.values()]
    rows: list[Group] = [("", instruments)]
    blocks = [
        bullets(steps, is_ordered=True),
        heading(texts("method.effect_heading"), "effekt-eller-udvikling"),
        *(paragraph(text) for text in texts.items("method.effect")),
        bullets(texts.items("method.designs")),
        heading(texts("method.checks_heading"), "kontroller-af-sammenligningen"),
        bullets(texts.items("method.checks", **material.parameters)),
        *_rules(material),
        table(
            texts,
            "tabel-valg",
            texts("method.parameters_caption"),
            "method",
            PARAMETERS,
            [("", parameters)],
            is_folded=True,
        ),
    ]
    if instruments:
        caption = texts("method.instruments_caption")
        shown = table(texts, "tabel-redskaber", caption, "method", INSTRUMENTS, rows, is_folded=True)
        blocks.append(shown)
    return section("metode", texts("method.heading"), blocks)


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


def _needs_row(material: Material, goal: Goal) -> list[cells.Cell]:
    return [cells.text(goal.name_da), cells.text(goal.needs_da or material.texts("strategy.needs_unknown"))]


def _kind(material: Material, kind: str) -> str:
    key = f"kind.{kind}"
    return material.texts(key if material.texts.has(key) else "kind.other")


def _parameter(material: Material, parameter_id: str, unit: str) -> cells.Cell:
    written = material.parameters[parameter_id]
    value = written if written.endswith("%") else material.texts.measured(written, unit)
    return {"text": value, "value": material.manifest["parameters"][parameter_id]}


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
