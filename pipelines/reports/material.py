"""What every part of the report is written from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from pipelines.catalogue import Catalogue, Goal
from pipelines.reports import danish
from pipelines.reports.assessment import ASSESSED, Line, Rules, finding, lines
from pipelines.reports.followed import Followed, read_followed
from pipelines.reports.history import Past, read_history
from pipelines.reports.marts import Number, Published, Row, read_published
from pipelines.reports.money import Money, read_money
from pipelines.reports.recommended import Recommended, read_recommended
from pipelines.reports.results import Results, read_course, read_results
from pipelines.reports.texts import Texts


def page_anchor(intervention_id: str) -> str:
    """Return where the page about an intervention begins in the pages' HTML."""
    return f"indsats-{intervention_id}"


def item_anchor(goal_id: str) -> str:
    """Return where an item of a strategy stands in the measurement plan's HTML."""
    return f"punkt-{goal_id.lower()}"


def product_file(manifest: Mapping[str, Any], product: str, suffix: str) -> str:
    """Return the name of a product's file: maaleplan_2025.html."""
    return f"{product}_{manifest['reporting_year']}.{suffix}"


def pages_file(manifest: Mapping[str, Any], suffix: str) -> str:
    """Return the name of the file of pages about the interventions."""
    return product_file(manifest, "indsatser", suffix)


@dataclass(frozen=True)
class Material:
    """The published numbers, the run's manifest, the catalogue and the texts.

    `periods` are the courses' by (intervention, outcome), `recommended` is by intervention, `history` by
    intervention and year.
    """

    published: Published
    results: Results
    periods: Mapping[tuple[str, str], Sequence[Row]]
    recommended: Mapping[str, Recommended]
    money: Money
    history: Sequence[Past]
    followed: Followed
    manifest: Mapping[str, Any]
    catalogue: Catalogue
    texts: Texts

    @classmethod
    def read(
        cls, folder: Path, manifest: Mapping[str, Any], catalogue: Catalogue, texts: Texts
    ) -> "Material":
        """Read every published mart in `folder`; FileNotFoundError if one that all runs make is missing."""
        return cls(
            published=read_published(folder),
            results=read_results(folder),
            periods=read_course(folder),
            recommended=read_recommended(folder),
            money=read_money(folder),
            history=read_history(folder),
            followed=read_followed(folder, catalogue),
            manifest=manifest,
            catalogue=catalogue,
            texts=texts,
        )

    @cached_property
    def rules(self) -> Rules:
        """Return the thresholds of the run."""
        return Rules.of(self.manifest)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Return every intervention × outcome with people, in the report's order."""
        return lines(self.published, self.catalogue, self.rules)

    @cached_property
    def primary_lines(self) -> tuple[Line, ...]:
        """Return the lines the interventions are judged on."""
        return tuple(line for line in self.lines if line.outcome.primary)

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Return the run's parameters by id, written in Danish."""
        written = {key: danish.plain(value) for key, value in self.manifest["parameters"].items()}
        for parameter in self.catalogue.parameters:
            value = self.manifest["parameters"].get(parameter.id)
            if parameter.unit == "andel" and value is not None:
                written[parameter.id] = danish.plain(100 * value) + danish.HARD_SPACE + "%"
        return written

    @cached_property
    def window(self) -> dict[str, str]:
        """Return the assessment window's first and last day in words."""
        days = {"start": self.manifest["window_start"], "end": self.manifest["window_end"]}
        return {key: danish.long_date(date.fromisoformat(day)) for key, day in days.items()}

    @cached_property
    def reference_date(self) -> str:
        """Return the latest date in the data, in words."""
        return danish.long_date(date.fromisoformat(self.manifest["reference_date"]))

    def finding(self, texts_of: str, lines: Sequence[Line], **values: str) -> str:
        """Return the sentence, among the texts of one kind, that says what the lines show."""
        verdicts = Counter(line.verdict for line in lines)
        counts = {verdict: self.texts.word(verdicts[verdict]) for verdict in ASSESSED}
        name = lines[0].intervention.name_da if lines else ""
        key = finding([line.verdict for line in lines])
        total = self.texts.word(len(lines))
        all_of = self.texts("all_of.two" if len(lines) == 2 else "all_of.more", total=total)
        return self.texts(f"{texts_of}.{key}", name=name, total=total, all_of=all_of, **counts, **values)

    def measure_name(self, line: Line) -> str:
        """Return the instrument's short name, with the respondent when it is not the citizen."""
        if line.outcome.respondent == "self":
            return line.short_name
        respondent = self.texts(f"respondent.{line.outcome.respondent}")
        return self.texts("measure.name", instrument=line.short_name, respondent=respondent)

    def goal_share(self, goal: Goal) -> Number:
        """Return the share with reliable improvement on the goal, or a number without value."""
        return self.published.indicators.get((goal.id, "reliably_improved_share"), Number())

    def is_measured(self, goal: Goal) -> bool:
        """Say whether the goal has a number, shown or hidden."""
        number = self.goal_share(goal)
        return number.is_shown or number.is_suppressed

    def share_sentences(self, number: Number) -> list[str]:
        """Return a share in natural frequencies, and its interval and people."""
        assert number.estimate is not None
        people = number.n or 0
        if people < danish.WHOLE_PERCENT_BELOW and number.numerator is not None:
            counted = {"numerator": danish.number(number.numerator), "n": danish.number(people)}
            first = self.texts("goal.counted", **counted)
        else:
            first = self.texts("goal.natural", natural=danish.number(100 * number.estimate))
        if number.lower is None or number.upper is None:
            return [first]
        lower, upper = danish.percent(number.lower, people), danish.percent(number.upper, people)
        values = {"lower": lower.removesuffix(danish.HARD_SPACE + "%"), "upper": upper}
        return [first, self.texts("goal.interval", n=danish.number(people), **values)]
