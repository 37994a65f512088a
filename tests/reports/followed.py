"""Published yearly figures made up for the tests of the strategies: every kind of figure there is."""

import shutil
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.catalogue import Catalogue
from tests.reports.published import TYPES, Row

SHARE = "deadline_met_share"
HOURS, FUNCTIONING = "hours_per_citizen", "vum_func_change"
OVERVIEW_ASKED = "overview_exp"
TARGET_DATE = date(2020, 12, 31)


def share(year: int, numerator: int, n: int, **more: Any) -> Row:
    value = numerator / n
    return {
        "year": year, "law": "share", "value": value, "lower": value - 0.05, "upper": value + 0.05,
        "numerator": numerator, "n": n, "status": "attention", "trend": "uncertain",
    } | more  # fmt: skip


def mean(year: int, value: float, **more: Any) -> Row:
    return {
        "year": year, "law": "mean", "value": value, "lower": value - 0.6, "upper": value + 0.6, "n": 240,
        "status": "attention", "trend": "uncertain",
    } | more  # fmt: skip


def counted(year: int, value: float, **more: Any) -> Row:
    return {"year": year, "law": "census", "value": value, "n": 0, "unit_count": int(value)} | more


def changed(change: float, half: float, baseline: float, year: int = 2023) -> Row:
    return {
        "baseline_year": year, "baseline_value": baseline, "change": change, "change_lower": change - half,
        "change_upper": change + half, "previous_year": 2024,
    }  # fmt: skip


def figures() -> dict[str, list[Row]]:
    """Return the rows by indicator: those of `year`, and the judged ones with population `target`."""
    hidden = {"year": 2025, "law": "share", "is_suppressed": True}
    under = {"year": 2025, "law": "survey", "n": 0, "not_estimable_reason": "response_below_floor"}
    target = {"target_value": 150.0, "target_date": TARGET_DATE}
    cannot = {"target_value": 30.0, "target_date": TARGET_DATE, "status": "cannot_tell"}
    return {
        "who5_change": [
            mean(2023, 8.4, status="first_measurement", trend=None),
            mean(2024, 9.5, **changed(1.1, 3.8, 8.4)),
            mean(2025, 10.4, **changed(2.0, 3.7, 8.4)),
        ],
        SHARE: [
            share(2023, 120, 200, status="first_measurement", trend=None),
            share(2024, 130, 200, **changed(0.05, 0.04, 0.6)),
            share(2025, 150, 200, **changed(0.15, 0.08, 0.6), status="on_track", trend="rising"),
        ],
        FUNCTIONING: [mean(2023, 0.4), mean(2024, 0.5), mean(2025, 0.5, **changed(0.1, 0.3, 0.4))],
        HOURS: [
            mean(2023, 6.0, trend=None),
            mean(2024, 5.0),
            mean(2025, 4.0, **changed(-2.0, 0.5, 6.0), status="on_track", trend="falling"),
        ],
        OVERVIEW_ASKED: [
            share(2025, 230, 400, law="survey", status="off_track", **changed(-0.1, 0.04, 0.67))
        ],
        "coherence_exp": [under],
        "bfu4m_share": [hidden],
        "ambassadors": [
            counted(2020, 152.0, n=152, **target, status="reached"),
            counted(2025, 176.0, n=176, **target, status="reached", trend="rising"),
            counted(2020, 152.0, n=152, **target, status="reached", population="target"),
        ],
        "ambassador_citizen_share": [
            share(2020, 24, 152, law="census", lower=None, upper=None, status="not_reached"),
            share(
                2020, 24, 152, law="census", lower=None, upper=None, status="not_reached",
                population="target", target_value=0.2, target_date=TARGET_DATE,
            ),
        ],
        "activities_30": [{"year": 2020, "law": "census", "n": 0, "population": "target"} | cannot],
        "homeless_count": [
            mean(2017, 57.0, law="count", n=0, lower=43.2, upper=73.9, trend=None),
            mean(2019, 41.0, law="count", n=0, lower=29.4, upper=55.6, **changed(-16.0, 20.2, 57.0, 2017)),
        ],
    }  # fmt: skip


def areas() -> list[Row]:
    """Return the homelessness comparison: ourselves, the neighbours and the country."""

    def of(area: str, kind: str, before: int, after: int, low: float, high: float, **more: Any) -> Row:
        return {
            "statistic_id": "homeless_persons", "area": area, "area_kind": kind, "year": 2019,
            "value": after, "lower": after * 0.8, "upper": after * 1.2, "baseline_year": 2017,
            "baseline_value": before, "ratio": after / before, "ratio_lower": low, "ratio_upper": high,
            "reads": "may_be_chance",
        } | more  # fmt: skip

    chance = {"relative_reads": "may_be_chance"}
    return [
        of("ALL", "neighbours", 743, 794, 0.97, 1.18, dispersion=3.16, **chance),
        of("Fredericia", "own", 57, 41, 0.47, 1.09),
        {"statistic_id": "homeless_persons", "area": "Fredericia", "area_kind": "own", "year": 2022},
        of("Vejen", "neighbour", 41, 17, 0.22, 0.75, reads="fell", **chance),
        of("Hele landet", "national", 6635, 6431, 0.94, 1.0, **chance),
    ]


def responses() -> list[Row]:
    """Return the answer rates: one survey over the floor, one under it."""
    names = ("survey_id", "year", "population", "invited", "answered", "rate", "is_under_floor")
    found = [("citizen", 2025, "year", 800, 424, 0.53, False), ("staff", 2025, "year", 180, 46, 0.256, True)]
    return [dict(zip(names, values, strict=True)) | {"is_suppressed": False} for values in found]


def indicators(catalogue: Catalogue, found: Mapping[str, list[Row]]) -> list[Row]:
    """Return the rows of `strategy_indicator`: each figure at every goal that is followed by it."""
    return [
        {"population": "year", "is_suppressed": False}
        | row
        | {"goal_id": goal.id, "indicator_id": indicator_id}
        for goal in catalogue.goals.values()
        for indicator_id in goal.indicators
        for row in found.get(indicator_id, ())
    ]


def write(year: Path, folder: Path, catalogue: Catalogue, found: Mapping[str, list[Row]]) -> Path:
    """Copy a year's published marts to `folder`, with these yearly figures; return it."""
    shutil.copytree(year, folder)
    path = folder / "strategy_indicator.parquet"
    window = [row for row in pq.read_table(path).to_pylist() if row["population"] == "window"]
    of(folder, catalogue, "strategy_indicator", [*window, *indicators(catalogue, found)])
    of(folder, catalogue, "survey_response", responses())
    of(folder, catalogue, "public_comparison", areas())
    return folder


def of(folder: Path, catalogue: Catalogue, mart_id: str, rows: Iterable[Row]) -> None:
    """Write one mart of the folder."""
    columns = [(column.name, TYPES[column.type]) for column in catalogue.mart(mart_id).columns]
    pq.write_table(pa.Table.from_pylist(list(rows), pa.schema(columns)), folder / f"{mart_id}.parquet")
