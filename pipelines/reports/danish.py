"""Numbers, dates and lists as Danish text (Babel, locale da)."""

from collections.abc import Sequence
from datetime import date
from math import floor, log10

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

LOCALE = "da"
MINUS = "\N{MINUS SIGN}"
HARD_SPACE = "\N{NO-BREAK SPACE}"
# Below this many people a decimal in a percentage would promise more than the data hold.
WHOLE_PERCENT_BELOW = 100


def number(value: float, decimals: int = 0) -> str:
    """Write a number with a fixed count of decimals: 1.234,5 and −3; never "−0"."""
    rounded = round(value, decimals) + 0.0
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    return format_decimal(rounded, format=pattern, locale=LOCALE).replace("-", MINUS)


def change(value: float, decimals: int) -> str:
    """Write a change with its sign: +6, −3, 0."""
    return ("+" if round(value, decimals) > 0 else "") + number(value, decimals)


def percent(share: float, people: int) -> str:
    """Write a share (0..1) of `people`: whole percent below 100 people, else one decimal."""
    return number(100 * share, 0 if people < WHOLE_PERCENT_BELOW else 1) + HARD_SPACE + "%"


def chance(probability: float) -> str:
    """Write a probability in whole percent, and never a certainty."""
    if probability < 0.005:
        return f"under 1{HARD_SPACE}%"
    if probability >= 0.995:
        return f"over 99{HARD_SPACE}%"
    return percent(probability, 0)


def kroner(amount: float) -> str:
    """Write an amount in kroner with three significant digits: 148.000 kr."""
    digits = 2 - floor(log10(abs(amount))) if amount else 0
    return number(round(amount, min(digits, 0))) + HARD_SPACE + "kr."


def signed_kroner(amount: float) -> str:
    """Write an amount in kroner with its sign: +12.300 kr."""
    return ("+" if amount > 0 else "") + kroner(amount)


def plain(value: float | str) -> str:
    """Write a parameter: text as it is, whole numbers whole, others with at most two decimals."""
    if isinstance(value, str):
        return value
    return format_decimal(value, format="#,##0.##", locale=LOCALE).replace("-", MINUS)


def long_date(value: date) -> str:
    """Write a date as 4. december 2018."""
    return format_date(value, "long", locale=LOCALE)


def short_date(value: date) -> str:
    """Write a date as 4. dec. 2018."""
    return format_date(value, "medium", locale=LOCALE)


def listed(names: Sequence[str]) -> str:
    """Join names as "A, B og C"."""
    return format_list(list(names), locale=LOCALE)


def decimals_for(spread: float) -> int:
    """Return the decimals worth printing for a mean on a scale whose SD is `spread`.

    The last digit printed is between a tenth of the SD and the SD's own unit:
    WHO-5 (SD 19) whole points, SDQ (6) one decimal, a 0-4 level (0.8) two.
    """
    return max(0, 1 - floor(log10(spread))) if spread < 10 else 0


def decimals_keeping_sign(values: Sequence[float], decimals: int) -> int:
    """Return one decimal more if that keeps a value that is not zero from being printed as zero.

    Otherwise an interval from 0.3 to 5 would read "0 til 5", as if it touched zero.
    """
    finer = decimals + 1
    hides = any(value != 0 and round(value, decimals) == 0 for value in values)
    helps = all(value == 0 or round(value, finer) != 0 for value in values)
    return finer if hides and helps else decimals
