"""Numbers, dates and lists as a Danish reader expects them."""

from datetime import date

import pytest

from pipelines.reports import danish
from pipelines.reports.texts import Texts


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [(1234, 0, "1.234"), (1234.5, 1, "1.234,5"), (-3.26, 1, "−3,3"), (-0.04, 1, "0,0"), (0, 0, "0")],
)
def test_numbers_have_decimal_comma_thousands_point_and_minus_sign(
    value: float, decimals: int, expected: str
) -> None:
    assert danish.number(value, decimals) == expected


@pytest.mark.parametrize(("value", "expected"), [(6.2, "+6"), (-2.7, "−3"), (0.2, "0")])
def test_a_change_carries_its_sign(value: float, expected: str) -> None:
    assert danish.change(value, 0) == expected


@pytest.mark.parametrize(("people", "expected"), [(99, "31 %"), (100, "31,4 %")])
def test_percent_is_whole_below_a_hundred_people(people: int, expected: str) -> None:
    assert danish.percent(0.314, people).replace(danish.HARD_SPACE, " ") == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(148_312, "148.000 kr."), (42_317, "42.300 kr."), (951.4, "951 kr."), (0, "0 kr.")],
)
def test_kroner_have_three_significant_digits(amount: float, expected: str) -> None:
    assert danish.kroner(amount).replace(danish.HARD_SPACE, " ") == expected


def test_dates_and_lists_are_written_out() -> None:
    assert danish.long_date(date(2018, 12, 4)) == "4. december 2018"
    assert danish.listed(["A", "B", "C"]) == "A, B og C"


@pytest.mark.parametrize(("sd", "decimals"), [(19, 0), (10, 0), (8.7, 1), (1.6, 1), (0.8, 2)])
def test_decimals_follow_the_spread_of_the_scale(sd: float, decimals: int) -> None:
    assert danish.decimals_for(sd) == decimals


def test_an_interval_that_excludes_zero_never_prints_a_zero_bound() -> None:
    assert danish.decimals_keeping_sign([3.1, 0.3, 5.9], 0) == 1
    assert danish.decimals_keeping_sign([3.1, 2.3, 5.9], 0) == 0
    assert danish.decimals_keeping_sign([3.1, 0.0001, 5.9], 0) == 0


def test_a_unit_is_singular_after_one() -> None:
    texts = Texts()
    assert texts.measured("1", "niveauer") == "1\xa0niveau"
    assert texts.measured("+1", "point") == "+1\xa0point"
    assert texts.measured("0,5", "niveauer") == "0,5\xa0niveauer"
    assert texts.measured("JT", "") == "JT"
