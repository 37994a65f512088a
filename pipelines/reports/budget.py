"""The annex on money: each intervention's net result by year and payer, and what matters most for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.catalogue import Catalogue
from pipelines.reports import cells, danish
from pipelines.reports.blocks import Block, Column, bullets, paragraph, section, table
from pipelines.reports.document import Model, document, write
from pipelines.reports.material import Material
from pipelines.reports.money import ALL, PAYERS, Amount
from pipelines.reports.render import palette
from pipelines.reports.texts import REPORT, TEMPLATES, Texts
from pipelines.reports.tornado import tornado

COLUMNS = (Column("year", 1.2, is_number=False), Column("all", 2.6), *(Column(p, 1.5) for p in PAYERS))
INPUT = "input:"


@dataclass(frozen=True)
class Budget:
    """One intervention's net result against one comparator, by how it was measured."""

    material: Material
    place: tuple[str, str, str]

    @property
    def total(self) -> Amount:
        """The net result of all years and payers."""
        return self.material.money.get(self.place, "net_result")

    @property
    def register(self) -> str | None:
        """The register it was measured in, or None."""
        kind, _, register = self.place[1].partition(":")
        return register if kind == "register" else None

    @property
    def name(self) -> str:
        """The intervention, in words, and the register it was measured in."""
        name, texts = self.material.catalogue.intervention(self.place[0]).name_da, self.material.texts
        if self.register is None:
            return name
        return texts("budget.in_register", name=name, register=texts(f"worth.register.{self.register}"))

    @property
    def side(self) -> str:
        """Whether the whole interval of the net result lies on one side of nothing."""
        lower, upper = self.total.lower, self.total.upper
        if lower is None or upper is None:
            return "open"
        return "gains" if lower > 0 else "loses" if upper < 0 else "open"


def build_budget(
    published: Path, manifest: Mapping[str, Any], catalogue: Catalogue, output: Path
) -> tuple[Path, ...]:
    """Write oekonomi_<year>.html and .pdf to `output` from the published marts; return their paths."""
    material = Material.read(published, manifest, catalogue, Texts(*REPORT, TEMPLATES / "budget_da.toml"))
    model = content(material)
    figures = {
        block["id"]: tornado(block, palette())
        for part in model["sections"]
        for block in part["blocks"]
        if block["kind"] == "figure"
    }
    return write(model, figures, manifest, output)


def content(material: Material) -> Model:
    """Return what the annex says, as plain data."""
    texts, found = material.texts, budgets(material)
    count = len({budget.place[0] for budget in found})
    return document(
        material,
        "oekonomi",
        texts.counted("budget.headline", count) if found else texts("budget.headline_none"),
        facts=[texts("budget.fact", price_year=material.manifest["parameters"]["price_year"])],
        sentences=_main_points(texts, found) if found else [texts("budget.none")],
        sections=[_intro(material), *(_section(budget, number) for number, budget in enumerate(found, 1))],
    )


def budgets(material: Material) -> list[Budget]:
    """Return what may be told: of sound comparisons on the primary outcome, and of registers."""
    found = []
    for line in material.primary_lines:
        registers = {f"register:{name}" for name in line.intervention.registers}
        outcomes = {line.outcome_id} | registers
        of_line = [p for p in material.money.by_place if p[0] == line.intervention.id and p[1] in outcomes]
        found += [Budget(material, place) for place in sorted(of_line)]
    return [one for one in found if one.total.is_shown and one.total.is_sound is not False]


def _main_points(texts: Texts, found: Sequence[Budget]) -> list[str]:
    said = []
    for side in ("gains", "loses", "open"):
        names = list(dict.fromkeys(budget.name for budget in found if budget.side == side))
        if names:
            said.append(texts.counted(f"budget.{side}", len(names), names=danish.listed(names)))
        elif side == "gains":
            said.append(texts("budget.gains_none"))
    return said


def _intro(material: Material) -> dict[str, Any]:
    price_year = material.manifest["parameters"]["price_year"]
    return section(
        "om",
        material.texts("budget.about"),
        [bullets(material.texts.items("budget.intro", price_year=price_year))],
    )


def _section(budget: Budget, number: int) -> dict[str, Any]:
    anchor = "-".join(budget.place[:2]).replace(":", "-")
    return section(
        f"budget-{anchor}",
        budget.name,
        [
            paragraph(_measured(budget), is_quiet=True),
            *(paragraph(text) for text in _back(budget)),
            _years(budget, anchor),
            *_tornado(budget, anchor, number),
            *(paragraph(text, is_quiet=True) for text in _assumed(budget)),
        ],
    )


def _measured(budget: Budget) -> str:
    texts, (_, outcome_id, comparator) = budget.material.texts, budget.place
    if budget.register is not None:
        return texts("worth.by_register", register=texts(f"worth.register.{budget.register}"))
    measure = budget.material.catalogue.instrument(outcome_id.partition(":")[0]).name_da
    return texts("budget.measured", measure=measure, comparator=texts(f"against.{comparator}"))


def _back(budget: Budget) -> list[str]:
    """How probable a gain is, and when the money is back."""
    texts, money = budget.material.texts, budget.material.money
    said = []
    probability = money.get(budget.place, "probability_net_result")
    if probability.estimate is not None:
        said.append(texts("worth.net_probability", probability=danish.chance(probability.estimate)))
    even = money.get(budget.place, "break_even_year")
    if even.estimate is not None:
        said.append(texts("worth.even", year=danish.number(even.estimate)))
    elif even.reason == "not_within_horizon":
        said.append(texts("budget.never"))
    years = _numbers(budget)
    last = money.get(budget.place, "probability_paid_back", item=f"year:{years[-1]}") if years else None
    if last and last.estimate is not None:
        said.append(texts("budget.paid_back", year=years[-1], probability=danish.chance(last.estimate)))
    return [" ".join(said)] if said else []


def _numbers(budget: Budget) -> list[int]:
    found = budget.material.money.by_place[budget.place]["net_result"]
    items = {amount.item for amount in found if amount.item.startswith("year:")}
    return sorted(int(item.removeprefix("year:")) for item in items)


def _years(budget: Budget, anchor: str) -> Block:
    texts = budget.material.texts
    rows = [
        _row(budget, texts("budget.year_number" if year else "budget.first_year", year=year), f"year:{year}")
        for year in _numbers(budget)
    ]
    rows.append(_row(budget, texts("budget.total"), ALL))
    caption = texts("budget.caption", name=budget.name)
    return table(texts, f"tabel-{anchor}", caption, "budget", COLUMNS, [("", rows)])


def _row(budget: Budget, label: str, item: str) -> list[cells.Cell]:
    texts, money = budget.material.texts, budget.material.money
    whole = money.get(budget.place, "net_result", item=item)
    of_payers = [money.get(budget.place, "net_result", payer=payer, item=item) for payer in PAYERS]
    return [
        cells.text(label),
        _cell(texts, whole, with_interval=True),
        *(_cell(texts, one) for one in of_payers),
    ]


def _cell(texts: Texts, amount: Amount, *, with_interval: bool = False) -> cells.Cell:
    if amount.estimate is None:
        return {
            "text": texts("hidden.mark" if amount.is_suppressed else "budget.not_involved"),
            "is_missing": True,
        }
    interval = _from_to(texts, amount.lower, amount.upper) if with_interval else ""
    return cells.text(danish.signed_kroner(amount.estimate), interval) | {"value": amount.estimate}


def _from_to(texts: Texts, lower: float | None, upper: float | None) -> str:
    if lower is None or upper is None:
        return ""
    ends = {"lower": danish.signed_kroner(lower).removesuffix(f"{danish.HARD_SPACE}kr.")}
    return texts("budget.from_to", upper=danish.signed_kroner(upper), **ends)


def _tornado(budget: Budget, anchor: str, number: int) -> list[Block]:
    """Return the figure of what each input could do; those that do nothing are left out."""
    texts, found = budget.material.texts, budget.material.money.by_place[budget.place]
    rows = sorted(
        (_bar(budget.material, amount) for amount in found.get("net_result_if", ()) if _moves(amount)),
        key=lambda bar: (bar["lower"] - bar["upper"], bar["label"]),
    )
    if not rows:
        return []
    first = rows[0]
    ends = {key: danish.signed_kroner(first[key]) for key in ("estimate", "lower", "upper")}
    return [
        {
            "kind": "figure",
            "id": f"figur-{anchor}",
            "number": f"{texts('figures.number', number=number)} {texts('budget.tornado')}",
            "alt": texts("budget.tornado_alt", name=first["label"].lower(), **ends),
            "facts": texts.items("budget.tornado_facts"),
            "axis_label": texts("budget.tornado_axis"),
            "rows": rows,
        }
    ]


def _moves(amount: Amount) -> bool:
    """Say whether an input can move the net result by what a reader would see."""
    if amount.lower is None or amount.upper is None:
        return False
    return danish.kroner(amount.lower) != danish.kroner(amount.upper)


def _bar(material: Material, amount: Amount) -> dict[str, Any]:
    return {
        "label": _input(material, amount.item.removeprefix(INPUT)),
        "estimate": amount.estimate,
        "lower": amount.lower,
        "upper": amount.upper,
        "text": _from_to(material.texts, amount.lower, amount.upper),
    }


def _input(material: Material, name: str) -> str:
    kind, _, named = name.partition(":")
    labels = {
        "price": {price.id: price.label_da for price in material.catalogue.unit_prices},
        "units": {consequence.id: consequence.label_da for consequence in material.catalogue.consequences},
    }
    return material.texts(f"budget.input.{kind}", name=labels.get(kind, {}).get(named, named))


def _assumed(budget: Budget) -> list[str]:
    """Name the prices whose source gives no interval."""
    assumed = budget.total.assumed_prices
    if not assumed:
        return []
    prices = [price for price in budget.material.catalogue.unit_prices if price.id in assumed]
    labels = [price.label_da[:1].lower() + price.label_da[1:] for price in prices]
    return [
        budget.material.texts(
            "budget.assumed",
            names=danish.listed(labels),
            share=budget.material.parameters["price_interval_share"],
        )
    ]
