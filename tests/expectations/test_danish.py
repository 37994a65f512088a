from datetime import date

import pytest

from pipelines.expectations.danish import as_bounds, as_date, as_number


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (6003, "6.003"), (1234567, "1.234.567"), (0.5, "0,5"), (168.0, "168"), (-1.5, "-1,5")],
)
def test_numbers_have_danish_signs(value: float, text: str) -> None:
    assert as_number(value) == text


def test_dates_and_bounds_read_as_danish() -> None:
    assert as_date(date(2026, 3, 1)) == "01-03-2026"
    assert as_bounds(0, 168.0) == "mellem 0 og 168"
    assert as_bounds(0, None) == "mindst 0"
    assert as_bounds(None, 1000) == "højst 1.000"
