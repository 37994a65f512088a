"""Scores from items against the published scoring rules: SDQ, WHO-5, UCLA and ORS."""

import csv
import json
from itertools import pairwise
from typing import Any

import pytest

from pipelines.catalogue import Catalogue, Instrument, Scoring
from tests.sql.scoring import instrument, part, scores


@pytest.fixture(scope="module")
def folder(oracles):
    folder = oracles / "scoring_instruments"
    if not folder.is_dir():
        pytest.skip("the published reference data scoring_instruments are not on this machine")
    return folder


@pytest.fixture(scope="module")
def cases(folder) -> dict[str, dict[str, Any]]:
    listed = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["cases"]
    return {case["id"]: case for case in listed}


@pytest.fixture(scope="module")
def sdq_rows(folder) -> list[dict[str, float | None]]:
    with (folder / "data.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        {
            name.removeprefix("sdq"): float(text) if text else None
            for name, text in row.items()
            if name != "id"
        }
        for row in rows
    ]


def rule(entry: Instrument) -> Scoring:
    assert entry.scoring is not None
    return entry.scoring


def permitted(entry: Instrument) -> Instrument:
    scoring = rule(entry).model_copy(update={"permission_da": "tilladelse til denne test"})
    return entry.model_copy(update={"scoring": scoring})


def test_every_case_of_the_oracle_has_a_test(cases):
    assert cases.keys() == {
        "sdq_scales", "sdq_bands_parent_4_17_uk", "who5", "ucla20_v3", "ucla3_tils", "ors",
    }  # fmt: skip


SDQ_SCALES = {
    "emotion": ["emotional"],
    "conduct": ["conduct"],
    "hyper": ["hyperactivity"],
    "peer": ["peer"],
    "prosocial": ["prosocial"],
    "externalising": ["conduct", "hyperactivity"],
    "internalising": ["emotional", "peer"],
}


@pytest.mark.parametrize("scale", SDQ_SCALES)
def test_sdq_scales(catalogue: Catalogue, cases, sdq_rows, scale):
    """The catalogue's own parts, each as an instrument of its own."""
    whole = {p.id: p for p in rule(catalogue.instrument("SDQ")).parts}
    parts = [whole[name].model_copy(update={"in_total": True}) for name in SDQ_SCALES[scale]]
    of = instrument(*parts, limits=(0, 10 * len(parts)), item_limits=(0, 2))
    assert scores(catalogue, of, sdq_rows) == [row[scale] for row in cases["sdq_scales"]["expected"]]


def test_sdq_total(catalogue: Catalogue, cases, sdq_rows):
    of = permitted(catalogue.instrument("SDQ"))
    assert scores(catalogue, of, sdq_rows) == [row["total"] for row in cases["sdq_scales"]["expected"]]


def test_sdq_is_not_scored_without_permission(catalogue: Catalogue, sdq_rows):
    assert set(scores(catalogue, catalogue.instrument("SDQ"), sdq_rows)) == {None}


def test_sdq_bands(catalogue: Catalogue, cases):
    bands = cases["sdq_bands_parent_4_17_uk"]["expected"]
    entry = catalogue.instrument("SDQ")
    scoring = rule(entry)
    parts = {p.id: p for p in scoring.parts}
    for scale, listed in bands.items():
        names = [n for n, p in parts.items() if p.in_total] if scale == "total" else SDQ_SCALES[scale]
        limits = sorted(band[:2] for band in listed)
        assert all(above[0] == below[1] + 1 for below, above in pairwise(limits))
        items = sum(len(parts[name].items) for name in names)
        assert limits[0][0] == scoring.item_minimum * items
        assert limits[-1][1] == scoring.item_maximum * items
    assert (entry.minimum, entry.maximum) == (bands["total"][0][0], bands["total"][-1][1])
    high = next(band for band in bands["total"] if band[2] == "high")
    (british,) = (n for n in entry.norms if (n.norm_set, n.respondent) == ("british", "parent"))
    assert british.cutoff == high[0]


def test_who5(catalogue: Catalogue, cases):
    entry, listed = catalogue.instrument("WHO5"), cases["who5"]["expected"]
    assert scores(catalogue, entry, [row["items"] for row in listed]) == [row["pct"] for row in listed]
    assert [sum(row["items"]) * rule(entry).multiplier for row in listed] == [row["pct"] for row in listed]
    norm = entry.norm("self")
    assert norm is not None
    assert "<=50" in cases["who5"]["params"]["cutoffs"]
    assert ">=10 points" in cases["who5"]["params"]["cutoffs"]
    assert (norm.cutoff, norm.minimal_important_change) == (50, 10)


def test_ucla20(catalogue: Catalogue, cases):
    """An instrument that is not in the catalogue: twenty items, nine of them reversed."""
    expected = cases["ucla20_v3"]["expected"]
    low, high = expected["item_range"]
    whole = part("total", range(1, 21), reversed_items=expected["reverse_items"])
    of = instrument(whole, limits=tuple(expected["total_range"]), item_limits=(low, high))
    loneliest = [low if i in expected["reverse_items"] else high for i in range(1, 21)]
    least_lonely = [low + high - answer for answer in loneliest]
    assert scores(catalogue, of, [[low] * 20, [high] * 20, least_lonely, loneliest]) == [
        expected["all_ones"],
        expected["all_fours"],
        *expected["total_range"],
    ]


@pytest.mark.parametrize(("case", "instrument_id"), [("ucla3_tils", "UCLA3"), ("ors", "ORS")])
def test_items_and_ranges(catalogue: Catalogue, cases, case, instrument_id):
    expected, entry = cases[case]["expected"], catalogue.instrument(instrument_id)
    scoring = rule(entry)
    assert len(scoring.items) == expected["items"]
    assert [scoring.item_minimum, scoring.item_maximum] == expected["item_range"]
    assert [entry.minimum, entry.maximum] == expected["total_range"]
    extremes = [[limit] * expected["items"] for limit in expected["item_range"]]
    assert scores(catalogue, permitted(entry), extremes) == expected["total_range"]


def test_ors_cutoffs(catalogue: Catalogue, cases):
    """The catalogue has adults' ORS; the adolescents' limit is told, and CORS and SRS are not in it."""
    cutoffs = cases["ors"]["expected"]["cutoff"]
    entry = catalogue.instrument("ORS")
    norm = entry.norm("self")
    assert norm is not None
    assert norm.cutoff == cutoffs["adult"]
    assert f"for unge 13-17 år er den {cutoffs['adolescent']}" in entry.note_da
    assert not {"CORS", "SRS"} & {i.id for i in catalogue.instruments}
