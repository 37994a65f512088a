"""The run finds for single people what the demo planted for them, measure by measure."""

import math
from functools import cache

import pytest

from tests.conftest import ROOT
from tests.flows import planted
from tests.flows.planted_comparison import compare
from tests.flows.planted_records import open_records


@pytest.fixture(scope="module")
def comparison(demo_run):
    with open_records(demo_run) as records:
        yield cache(lambda measure: measure(records))


@pytest.mark.parametrize("measure", planted.MEASURES, ids=lambda measure: measure.__name__)
def test_found_is_what_was_planted(comparison, measure):
    row = comparison(measure)
    assert row.compared >= 12
    assert row.equal == row.compared, row
    assert row.largest_difference <= row.limit, row


def test_the_page_shows_this_run(comparison):
    found = planted.page(comparison(measure) for measure in planted.MEASURES)
    shown = (ROOT / "docs" / "planted-truth.md").read_text(encoding="utf-8")
    assert shown == found, f"docs/planted-truth.md is of another run. Make it again: {planted.COMMAND}"


def row_of(found, wanted, limit=0.0):
    row = compare("m", "p", found=found, wanted=wanted, limit=limit)
    return row.compared, row.equal, row.largest_difference


def test_what_is_missing_on_either_side_is_compared_and_not_equal():
    assert row_of({1: (5,), 2: (5,)}, {1: (5,), 3: (5,)}) == (3, 1, 0.0)


def test_numbers_may_lie_apart_by_the_limit_and_no_more():
    assert row_of({1: (1.0,)}, {1: (1.25,)}, limit=0.25) == (1, 1, 0.25)
    assert row_of({1: (1.0,)}, {1: (1.5,)}, limit=0.25) == (1, 0, 0.5)
    assert row_of({1: (math.nan,)}, {1: (1.5,)}, limit=9)[:2] == (1, 0)


@pytest.mark.parametrize(
    ("found", "wanted"), [(None, 0), (0, None), (True, 1), (False, None), ("improved", "recovered")]
)
def test_unknown_is_no_number_and_a_verdict_is_no_count(found, wanted):
    assert row_of({1: (found, 7)}, {1: (wanted, 7)}, limit=9)[:2] == (1, 0)
