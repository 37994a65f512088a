"""Published counts: chance, two years, the neighbours beside, and what is told where nothing compares."""

from datetime import date

import duckdb
import pyarrow as pa
import pytest

from pipelines.estimation.indicators import public
from pipelines.estimators.result import Estimate
from pipelines.warehouse.reference import create_table, rows_table
from pipelines.warehouse.strategy import STRATEGY_SCHEMAS

LEVEL = 0.95
HOMELESS = [("Here", "own", 2017, 57), ("Here", "own", 2019, 41)]
NEIGHBOURS = {"A": (67, 72), "B": (121, 102), "C": (136, 181), "D": (182, 169)}


@pytest.fixture
def series():
    """Return {(area, year): row} of a statistic's figures."""
    opened = []

    def build(*figures, baseline=None, notes=(), year=2025, more=None):
        connection = duckdb.connect()
        opened.append(connection)
        connection.execute("CREATE SCHEMA ref")
        rows = [
            {"statistic_id": "homeless", "area": area, "area_kind": kind, "year": when, "value": value}
            | (more or {}).get((area, when), {})
            for area, kind, when, value in figures
        ]
        indicator = {"formula": "public_count", "statistic_id": "homeless"}
        tables = {
            "public_figure": rows,
            "public_note": [{"statistic_id": "homeless"} | note for note in notes],
            "indicator": [
                indicator | {"indicator_id": "count", "baseline_date": baseline},
                indicator | {"indicator_id": "rate", "formula": "public_rate"},
            ],
            "run": [{"reporting_year": year}],
        }
        for name, content in tables.items():
            create_table(connection, f"ref.{name}", rows_table(content, STRATEGY_SCHEMAS.get(name)))
        found = public.comparisons(connection, LEVEL)
        assert found.schema == public.SCHEMA
        return connection, {(row["area"], row["year"]): row for row in found.to_pylist()}

    yield build
    for connection in opened:
        connection.close()


def neighbours(left_out=()):
    return [
        (area, "neighbour", year, counts[place])
        for area, counts in NEIGHBOURS.items()
        for place, year in enumerate((2017, 2019))
        if (area, year) not in left_out
    ]


def test_57_to_41_may_be_chance(series):
    _, rows = series(*HOMELESS)
    first, last = rows["Here", 2017], rows["Here", 2019]
    assert (first["lower"], first["upper"]) == pytest.approx((43.1712, 73.8501), abs=1e-4)
    assert (last["lower"], last["upper"]) == pytest.approx((29.4223, 55.6211), abs=1e-4)
    assert last["p_value"] == pytest.approx(0.12929, abs=1e-5)
    assert (last["ratio"], last["reads"]) == (pytest.approx(41 / 57), "may_be_chance")
    assert (last["baseline_year"], last["baseline_value"]) == (2017, 57)
    assert first["reason_no_comparison"] == "is_baseline" and first["reads"] is None
    assert last["reason_no_relative"] == "own_area"


@pytest.mark.parametrize(("last", "reads"), [(20, "fell"), (41, "may_be_chance"), (110, "rose")])
def test_what_a_change_reads(series, last, reads):
    _, rows = series(HOMELESS[0], ("Here", "own", 2019, last))
    assert rows["Here", 2019]["reads"] == reads


def test_the_neighbours_stand_beside_each_and_together(series):
    _, rows = series(*HOMELESS, *neighbours())
    together = rows["ALL", 2019]
    assert (together["value"], together["baseline_value"], together["area_count"]) == (524, 506, 4)
    assert together["relative_ratio"] == pytest.approx((41 / 57) / (524 / 506))
    assert together["relative_reads"] == "may_be_chance" and together["dispersion"] > 1
    one = rows["C", 2019]
    assert one["reads"] == "rose"
    assert one["relative_ratio"] == pytest.approx((41 / 57) / (181 / 136))
    assert one["relative_lower"] < one["relative_ratio"] < one["relative_upper"]


@pytest.mark.parametrize("year", [2017, 2019])
def test_a_neighbour_without_one_of_the_years_is_in_neither_sum(series, year):
    _, rows = series(*HOMELESS, *neighbours({("A", year)}))
    together = rows["ALL", 2019]
    assert (together["value"], together["baseline_value"], together["area_count"]) == (452, 439, 3)
    if year == 2017:
        assert rows["A", 2019]["reason_no_comparison"] == "no_baseline"
        assert rows["A", 2019]["value"] == 72


def test_two_neighbours_do_not_tell_how_neighbours_differ(series):
    _, rows = series(*HOMELESS, *neighbours()[:4])
    assert rows["ALL", 2019]["reason_no_relative"] == "too_few_areas"
    assert rows["ALL", 2019]["ratio"] is not None


def test_our_own_are_taken_out_of_the_nation(series):
    nation = [("All", "national", 2017, 6635), ("All", "national", 2019, 6431)]
    _, rows = series(*HOMELESS, *nation)
    found = rows["All", 2019]
    assert found["ratio"] == pytest.approx(6431 / 6635)
    assert found["relative_ratio"] == pytest.approx((41 / 57) / (6390 / 6578))


def test_what_is_not_found_is_told_and_is_no_nought(series):
    """Others have a figure of 2022, we have none; before our first nothing is missing."""
    nation = [("All", "national", year, 6000) for year in (2009, 2017, 2022)]
    _, rows = series(*HOMELESS, *nation)
    missing = rows["Here", 2022]
    assert missing["value"] is None and missing["reason_no_comparison"] == "not_found"
    assert rows["All", 2022]["reason_no_relative"] == "own_not_found"
    assert rows["All", 2009]["reason_no_comparison"] == "before_baseline"
    assert ("Here", 2009) not in rows


def test_a_break_and_skipped_years_between_are_told(series):
    notes = [
        {"kind": "break", "note_date": date(2023, 10, 1)},
        {"kind": "skipped", "note_year": 2021},
        {"kind": "skipped", "note_year": 2020},
    ]
    years = [("Here", "own", year, 50) for year in (2017, 2019, 2022, 2023, 2024)]
    _, rows = series(*years, notes=notes)
    told = {
        year: (rows["Here", year]["break_date"], rows["Here", year]["skipped_years"])
        for _, _, year, _ in years
    }
    assert told == {
        2017: (None, None),
        2019: (None, None),
        2022: (None, "2020, 2021"),
        2023: (None, "2020, 2021"),  # counted in the year of the break: taken as before it
        2024: (date(2023, 10, 1), "2020, 2021"),
    }


def test_the_baseline_is_the_indicators_else_our_first_year(series):
    years = [("Here", "own", year, value) for year, value in ((2015, 50), (2017, 57), (2019, 41))]
    _, rows = series(*years, baseline=date(2017, 2, 6))
    assert rows["Here", 2019]["baseline_value"] == 57
    assert rows["Here", 2015]["reason_no_comparison"] == "before_baseline"
    _, rows = series(*years)
    assert rows["Here", 2019]["baseline_value"] == 50


def test_nobody_is_no_ratio(series):
    _, rows = series(HOMELESS[0], ("Here", "own", 2019, 0))
    found = rows["Here", 2019]
    assert (found["value"], found["lower"]) == (0, 0) and found["upper"] > 3
    assert found["reason_no_comparison"] == "none_counted"


def test_a_rate_from_inhabitants_or_as_published(series):
    more = {("Here", 2017): {"inhabitants": 51000}, ("Here", 2019): {"rate": 0.8}}
    connection, rows = series(*HOMELESS, more=more)
    first, last = rows["Here", 2017], rows["Here", 2019]
    assert first["rate"] == pytest.approx(57 / 51)
    assert (first["rate_lower"], first["rate_upper"]) == pytest.approx((43.1712 / 51, 73.8501 / 51), abs=1e-4)
    assert last["rate"] == pytest.approx(0.8)
    assert last["rate_upper"] == pytest.approx(0.8 * 55.6211 / 41, abs=1e-4)
    measured = {(m.indicator_id, m.year): m.figure for m in public.measured(connection)}
    change = measured["rate", 2019].change(measured["rate", 2017], LEVEL)
    assert isinstance(change, Estimate) and change.estimate == pytest.approx(0.8 - 57 / 51)


def test_the_indicator_has_our_own_figures_and_counts_none_of_ours(series):
    connection, _ = series(*HOMELESS, *neighbours())
    found = public.measured(connection)
    assert [(m.indicator_id, m.year, m.population) for m in found] == [
        ("count", 2017, "year"),
        ("count", 2019, "year"),
    ]
    for one in found:
        assert (one.figure.law, one.figure.n, one.figure.numerator) == ("count", 0, None)
    change = found[1].figure.change(found[0].figure, LEVEL)
    assert isinstance(change, Estimate)
    assert change.estimate == -16 and change.lower < change.estimate < 0 < change.upper


def test_nothing_after_the_reporting_year(series):
    connection, rows = series(*HOMELESS, year=2018)
    assert list(rows) == [("Here", 2017)]
    assert [m.year for m in public.measured(connection)] == [2017]


def test_no_figures_are_no_rows(series):
    connection, rows = series()
    assert rows == {} and public.measured(connection) == []
    assert isinstance(public.comparisons(connection, LEVEL), pa.Table)
