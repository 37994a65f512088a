"""A yearly figure of an indicator in words: its value, interval, change, target and status."""

from pipelines.catalogue import Catalogue
from pipelines.catalogue.indicators import Indicator, Target
from pipelines.reports import cells, danish
from pipelines.reports.followed import Line, Point
from pipelines.reports.texts import Texts

# Where half the interval is below the first, a decimal is worth printing; below the next, another.
DECIMAL_BELOW = (5.0, 0.5)
POINTS = "procentpoint"
UNSPOKEN = ("antal", "indeks")
HARD_HYPHEN = "\N{NON-BREAKING HYPHEN}"
# The shape of each status; each also has its word.
MARKS = {
    "on_track": "progress",
    "attention": "unclear",
    "off_track": "decline",
    "first_measurement": "too_little",
    "reached": "reached",
    "not_reached": "not_reached",
    "cannot_tell": "not_estimable",
    "hidden": "hidden",
    "not_measured": "unmeasured",
}


def is_share(indicator: Indicator) -> bool:
    """Say whether the indicator is a share, written in percent."""
    return (indicator.formula or "").endswith("_share")


def unit_of(indicator: Indicator) -> str:
    """Return the unit as it stands after a number; a bare count needs none."""
    if indicator.unit_da in UNSPOKEN:
        return ""
    return indicator.unit_da.replace("-", HARD_HYPHEN)


def value(texts: Texts, indicator: Indicator, point: Point, amount: float, *, unit: bool = True) -> str:
    """Write an amount of the indicator with its unit: "62,3 %", "41 dage"."""
    if is_share(indicator):
        written = danish.number(100 * amount, _decimals(indicator, point))
        return written + danish.HARD_SPACE + "%" if unit else written
    written = danish.number(amount, _decimals(indicator, point))
    return texts.measured(written, unit_of(indicator)) if unit else written


def interval(texts: Texts, indicator: Indicator, point: Point) -> str:
    """Write the interval: "(58,1 til 66,4)"; nothing for what is counted in full."""
    if point.lower is None or point.upper is None:
        return ""
    bounds = [value(texts, indicator, point, bound, unit=False) for bound in (point.lower, point.upper)]
    return _unbroken(texts("overview.interval_value", lower=bounds[0], upper=bounds[1]))


def figure(texts: Texts, indicator: Indicator, point: Point) -> str:
    """Write the value with its interval, the number first; or why there is none."""
    if point.estimate is None:
        return reason(texts, point)
    written = [value(texts, indicator, point, point.estimate), interval(texts, indicator, point)]
    return " ".join(part for part in written if part)


def reason(texts: Texts, point: Point) -> str:
    """Return why there is no figure: hidden, or the reason."""
    key = f"no_figure.{point.reason}"
    if not point.is_suppressed and texts.has(key):
        return texts(key)
    return str(cells.missing(texts, point)["text"])


def change(texts: Texts, indicator: Indicator, point: Point) -> str:
    """Write the change from the baseline with its interval; empty where there is none."""
    if point.change is None:
        return ""
    factor, unit = (100, POINTS) if is_share(indicator) else (1, unit_of(indicator))
    bounds = [factor * b for b in (point.change_lower, point.change_upper) if b is not None]
    amounts = [factor * point.change, *bounds]
    decimals = danish.decimals_keeping_sign(amounts, _decimals(indicator, point))
    written = texts.measured(danish.change(amounts[0], decimals), unit)
    if len(bounds) < 2:
        return written
    lower, upper = (danish.number(bound, decimals) for bound in bounds)
    return f"{written} {_unbroken(texts('overview.interval_value', lower=lower, upper=upper))}"


def meaning(texts: Texts, indicator: Indicator, point: Point) -> str:
    """Say what the change means: better, worse, or maybe chance; of a full count only its direction."""
    if point.change is None:
        return ""
    lower, upper = point.change_lower, point.change_upper
    if lower is None or upper is None:
        lower = upper = point.change
        if not lower:
            return texts("change.same")
    elif lower <= 0 <= upper:
        return texts("change.may_be_chance")
    if indicator.better == "none":
        return texts("change.more" if lower > 0 else "change.less")
    return texts("change.better" if (lower > 0) == (indicator.better == "higher") else "change.worse")


def target(texts: Texts, line: Line) -> str:
    """Write the number that the strategy itself promises; empty where it promises none."""
    promised = promise(line)
    if promised is None:
        return ""
    unit = "%" if is_share(line.indicator) else unit_of(line.indicator)
    written = texts.measured(danish.plain(promised.value), unit)
    if promised.by_date is None:
        return texts(f"target.{promised.comparison}_each_year", value=written)
    day = danish.short_date(promised.by_date)
    return texts(f"target.{promised.comparison}", value=written, date=day)


def promise(line: Line) -> Target | None:
    """Return the target that the strategy sets for the indicator at this item."""
    return next((one for one in line.goal.targets if one.indicator == line.indicator.id), None)


def status(catalogue: Catalogue, code: str) -> cells.Cell:
    """Return a status as word and shape."""
    return cells.text(catalogue.label(f"goal_status:{code}")) | {"verdict": MARKS[code], "value": code}


def _decimals(indicator: Indicator, point: Point) -> int:
    """Return the decimals worth printing beside so wide an interval."""
    if point.law == "census":
        return 1 if is_share(indicator) and (point.n or 0) >= danish.WHOLE_PERCENT_BELOW else 0
    if is_share(indicator):
        return 0 if (point.n or 0) < danish.WHOLE_PERCENT_BELOW else 1
    if point.lower is None or point.upper is None:
        return 0 if point.estimate is None or float(point.estimate).is_integer() else 1
    half = (point.upper - point.lower) / 2
    return sum(half < limit for limit in DECIMAL_BELOW)


def _unbroken(text: str) -> str:
    """A line may break before the interval, never inside it."""
    return text.replace(" ", danish.HARD_SPACE)
