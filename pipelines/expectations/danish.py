"""Numbers and dates as a Danish reader writes them."""

from datetime import date


def as_number(value: float) -> str:
    """Write 6003 as "6.003" and 0.5 as "0,5"."""
    return f"{value:,.10g}".translate(str.maketrans(",.", ".,"))


def as_date(day: date) -> str:
    """Write a day as "31-12-2026"."""
    return f"{day:%d-%m-%Y}"


def as_bounds(minimum: float | None, maximum: float | None) -> str:
    """Write what a value must be: "mellem 0 og 168", "mindst 0" or "højst 168"."""
    if maximum is None and minimum is not None:
        return f"mindst {as_number(minimum)}"
    if minimum is None and maximum is not None:
        return f"højst {as_number(maximum)}"
    return f"mellem {as_number(minimum or 0)} og {as_number(maximum or 0)}"
