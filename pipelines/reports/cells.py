"""Table cells: each a Danish text beside its raw value, or the reason there is none.

A cell is a dict with `text`, and where it applies `sub` (a second, quieter
line), `value` (the raw number), `verdict` (a code), `interval` (where the dot
and the interval stand on an axis of 0 to 100), `level` (so many of five),
`facts` (labelled lines in place of the text), `link` (where the text leads, in
the HTML), `anchor` (where a row can be found, in the HTML), `is_muted` and
`mark` (a verdict's code and word between the text and the second line).
"""

from collections.abc import Mapping
from typing import Any

from pipelines.reports import danish
from pipelines.reports.assessment import VERDICTS, Line, Rules
from pipelines.reports.marts import Number
from pipelines.reports.texts import Texts

Cell = dict[str, Any]
Table = dict[str, Any]


def text(value: str, sub: str = "") -> Cell:
    """Return a cell of words."""
    return {"text": value, "sub": sub} if sub else {"text": value}


def missing(texts: Texts, number: Number, *, is_brief: bool = False) -> Cell:
    """Return the words that stand where a number cannot: hidden, or the reason.

    `is_brief` is for a cell whose reason already stands elsewhere in the row.
    """
    if number.is_suppressed:
        return {"text": texts("hidden.mark"), "is_missing": True}
    reason = f"reason.{'brief' if is_brief else number.reason or 'not_computed'}"
    return {"text": texts(reason if texts.has(reason) else "reason.other"), "is_missing": True}


def people(texts: Texts, number: Number) -> Cell:
    """Return a count of people."""
    if number.n is None:
        return missing(texts, number, is_brief=True)
    return {"text": danish.number(number.n), "value": number.n}


def share(texts: Texts, number: Number) -> Cell:
    """Return a share in percent with "14 af 45" under it."""
    if number.estimate is None or number.n is None:
        return missing(texts, number, is_brief=True)
    cell: Cell = {"text": danish.percent(number.estimate, number.n), "value": number.estimate}
    if number.numerator is not None:
        cell["sub"] = texts(
            "overview.of", numerator=danish.number(number.numerator), n=danish.number(number.n)
        )
    return cell


def is_too_wide(line: Line, number: Number) -> bool:
    """Say whether an interval in points is wider than the instrument's whole scale."""
    if number.lower is None or number.upper is None:
        return False
    return number.upper - number.lower > line.instrument.maximum - line.instrument.minimum


def change_text(texts: Texts, line: Line, *, unit: bool = True) -> str:
    """Write a mean change with its interval: "+6 point (2 til 10)"."""
    number = line.change
    assert number.estimate is not None
    if is_too_wide(line, number):
        return texts("decision.too_wide")
    bounds = [bound for bound in (number.lower, number.upper) if bound is not None]
    decimals = danish.decimals_keeping_sign([number.estimate, *bounds], line.decimals)
    change = danish.change(number.estimate, decimals)
    if unit:
        change = texts.measured(change, line.instrument.unit_da)
    if len(bounds) < 2:
        return change
    lower, upper = (danish.number(bound, decimals) for bound in bounds)
    interval = texts("overview.interval_value", lower=lower, upper=upper)
    # A line may break before the interval, never inside it.
    return f"{change} {interval.replace(' ', danish.HARD_SPACE)}"


def change(texts: Texts, line: Line, *, is_brief: bool = False) -> Cell:
    """Return the mean change with its interval in the instrument's own unit."""
    number = line.change
    if number.estimate is None:
        return missing(texts, number, is_brief=is_brief)
    raw = {"estimate": number.estimate, "lower": number.lower, "upper": number.upper}
    return muted(text(change_text(texts, line)) | {"value": raw}, line)


def marked_change(texts: Texts, line: Line, rules: Rules) -> Cell:
    """Return the mean change, marked with the verdict and its reason where there is too little data."""
    cell = change(texts, line)
    if line.verdict != "too_little":
        return cell
    mark = {"verdict": line.verdict, "text": texts(f"verdict.{line.verdict}.word")}
    return cell | {"mark": mark, "sub": _why(texts, line, rules)}


def muted(cell: Cell, line: Line) -> Cell:
    """Return the cell, muted where there is too little data to judge by."""
    return cell | {"is_muted": True} if line.verdict == "too_little" and "is_missing" not in cell else cell


def legend(texts: Texts, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the block with every verdict's word and its rule."""
    items = [
        {
            "verdict": verdict,
            "word": texts(f"verdict.{verdict}.word"),
            "rule": texts(f"verdict.{verdict}.rule", **parameters),
        }
        for verdict in VERDICTS
    ]
    return {"kind": "legend", "items": items}


def _why(texts: Texts, line: Line, rules: Rules) -> str:
    coverage = line.numbers["coverage"]
    if line.verdict == "not_estimable":
        return str(missing(texts, line.change)["text"])
    if line.verdict != "too_little":
        return ""
    if (line.change.n or 0) < rules.minimum_pairs:
        pairs = danish.number(line.change.n or 0)
        return texts("verdict.too_little.few_pairs", pairs=pairs, minimum_pairs=rules.minimum_pairs)
    if coverage.estimate is None or coverage.n is None:
        return str(missing(texts, coverage)["text"])
    return texts(
        "verdict.too_little.low_coverage",
        coverage=danish.percent(coverage.estimate, coverage.n),
        minimum_coverage=danish.percent(rules.minimum_coverage, 0),
    )
