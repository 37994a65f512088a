"""The methods of reliable change by hand: SD 10 and r = 0.5, or a sample of two people."""

import math

import pytest

from tests.sql.judging import instrument, judge, norm

KNOWN = norm(sd=10, mean=50, reliability=0.5, cutoff=50)


def one(catalogue, before, after, known=KNOWN, **parameters):
    judged = judge(catalogue, instrument(known), {"p": (before, after)}, **parameters)
    return judged.people["p"]


@pytest.mark.parametrize(
    ("method", "rci"),
    [
        ("JT", 30 / 10),
        # From 30, half the way back to 50 is chance: 10 of the 30 points.
        ("EN", 20 / math.sqrt(50)),
        ("GLN", 20 / math.sqrt(75)),
        ("NK", 20 / math.sqrt(0.25 * 50 + 50)),
    ],
)
def test_a_change_of_30_from_30(catalogue, method, rci):
    row = one(catalogue, 30, 60, reliable_change_method=method)
    assert row["rci"] == pytest.approx(rci, rel=1e-14)
    assert row["category"] == "recovered"


def test_the_reliability_at_follow_up_may_be_another(catalogue):
    known = KNOWN.model_copy(update={"reliability_post": 0.9})
    row = one(catalogue, 30, 60, known, reliable_change_method="NK")
    assert row["rci"] == pytest.approx(20 / math.sqrt(0.25 * 50 + 10), rel=1e-14)


@pytest.mark.parametrize("method", ["EN", "GLN", "NK", "HLL", "HA"])
def test_a_mean_that_is_not_known_is_not_guessed(catalogue, method):
    """Not even when the functional mean is there, nor from the sample when the SD is published."""
    known = norm(sd=10, reliability=0.5, cutoff=50, functional_mean=60, functional_sd=10)
    judged = judge(
        catalogue, instrument(known), {"p": (30, 60), "q": (40, 45)}, reliable_change_method=method
    )
    assert judged.instrument["standard_error_of_difference"] is None
    row = judged.people["p"]
    assert row["rci"] is row["is_reliable"] is row["category"] is row["is_at_ceiling"] is None
    assert (row["change_hundredths"], row["crossed_cutoff"]) == (3000, True)


SAMPLE = norm(sd="sample", reliability=0.75)
TWO = {"p": (40.0, 50.0), "q": (60.0, 90.0)}  # SD^2 200, SEM^2 50, mean change 20 with variance 200


def test_hageman_arrindell_by_hand(catalogue):
    judged = judge(catalogue, instrument(SAMPLE), TWO, reliable_change_method="HA")
    # r_dd = 1 - 100 / 200; RC = (change * r_dd + 20 * (1 - r_dd)) / (sqrt(r_dd) * sqrt(2 * 50))
    assert judged.people["p"]["rci"] == pytest.approx(15 / math.sqrt(50), rel=1e-14)
    assert judged.people["q"]["rci"] == pytest.approx(25 / math.sqrt(50), rel=1e-14)


def test_hsu_linn_lord_judges_against_the_group(catalogue):
    judged = judge(catalogue, instrument(SAMPLE), TWO, reliable_change_method="HLL")
    error = math.sqrt(200 * (1 - 0.75**2))
    # Ten points up, but the group rose by 20 and chance alone would bring a low baseline 2.5.
    assert judged.people["p"]["rci"] == pytest.approx((10 - 20 - 2.5) / error, rel=1e-14)
    assert judged.people["q"]["rci"] == pytest.approx((30 - 20 + 2.5) / error, rel=1e-14)


@pytest.mark.parametrize(
    "scores",
    [
        {"p": (40, 50), "q": (60, 70)},  # everybody changes alike: no variance of change
        {"p": (40, 50), "q": (60, 71)},  # less variance of change than error alone would give
        {"p": (40, 40), "q": (40, 60)},  # no spread at baseline
        {"p": (40, 60)},  # one pair is no sample
    ],
)
def test_a_sample_without_true_change_is_not_estimable(catalogue, scores):
    known = norm(sd="sample", reliability=0.75, cutoff_method="c", functional_mean=70, functional_sd=10)
    judged = judge(catalogue, instrument(known), scores, reliable_change_method="HA")
    assert judged.instrument["standard_error_of_difference"] is None
    assert all(row["category"] is None for row in judged.people.values())


@pytest.mark.parametrize("method", ["JT", "EN", "GLN", "HLL", "NK", "HA"])
@pytest.mark.parametrize("kind", ["a", "b", "c"])
def test_a_scale_turned_round_gives_the_same_verdict(catalogue, method, kind):
    scores = {"p": (40, 72), "q": (60, 90), "r": (33, 31), "s": (47, 20), "t": (52, 52)}
    turned = {p: (100 - before, 100 - after) for p, (before, after) in scores.items()}
    up = norm(sd="sample", reliability=0.8, cutoff_method=kind, functional_mean=80, functional_sd=12)
    down = up.model_copy(update={"functional_mean": 20})
    first = judge(catalogue, instrument(up), scores, reliable_change_method=method).people
    second = judge(catalogue, instrument(down, "lower"), turned, reliable_change_method=method).people
    for person, row in first.items():
        other = second[person]
        assert row["rci"] == pytest.approx(other["rci"], rel=1e-9, abs=1e-9)
        for column in ("category", "crossed_cutoff", "is_reliable", "is_at_ceiling"):
            assert row[column] == other[column], (person, column)


@pytest.mark.parametrize(
    ("better", "kind", "cutoff"),
    [
        ("higher", "a", 50 + 2 * math.sqrt(200)),
        ("higher", "b", 70 - 2 * 10),
        ("higher", "c", (math.sqrt(200) * 70 + 10 * 50) / (math.sqrt(200) + 10)),
        ("lower", "a", 50 - 2 * math.sqrt(200)),
        ("lower", "b", 70 + 2 * 10),
    ],
)
def test_cutoffs_by_hand(catalogue, better, kind, cutoff):
    known = norm(sd="sample", reliability=0.75, cutoff_method=kind, functional_mean=70, functional_sd=10)
    judged = judge(catalogue, instrument(known, better), TWO)
    assert judged.instrument["cutoff_score"] == pytest.approx(cutoff, rel=1e-14)
    assert judged.instrument["follow_up_cutoff_score"] == judged.instrument["cutoff_score"]


def test_hageman_arrindell_keeps_a_published_cutoff(catalogue):
    known = norm(sd="sample", reliability=0.75, cutoff=55)
    judged = judge(catalogue, instrument(known), TWO, reliable_change_method="HA")
    assert judged.instrument["cutoff_score"] == judged.instrument["follow_up_cutoff_score"] == 55


@pytest.mark.parametrize(
    ("before", "after", "category"),
    [
        (40, 60, "improved"),  # half as much again: the limit itself counts
        (40, 59, "unchanged"),
        (40, 20, "deteriorated"),
        (40, 21, "unchanged"),
        (0, 60, None),  # there is no percentage of nothing
        (0, 0, None),
    ],
)
def test_percentages_of_a_scale_whose_error_is_not_known(catalogue, before, after, category):
    row = one(catalogue, before, after, norm(), reliable_change_method="percentage")
    assert (row["category"], row["rci"], row["is_reliable"]) == (category, None, None)


@pytest.mark.parametrize(
    ("before", "after", "category", "is_reliable"),
    [
        (20, 30, "unchanged", False),  # 50 per cent, but within the error (1.96 * 10)
        (30, 15, "unchanged", False),
        (30, 50, "improved", True),
        (50, 20, "deteriorated", True),
        (60, 80, "unchanged", False),  # beyond the error, but 33 per cent
        (0, 60, None, None),
    ],
)
def test_a_percentage_within_the_known_error_is_no_reliable_change(
    catalogue, before, after, category, is_reliable
):
    row = one(catalogue, before, after, reliable_change_method="percentage")
    assert (row["category"], row["is_reliable"], row["rci"]) == (category, is_reliable, None)


def test_a_percentage_is_of_the_points_above_the_scales_lowest_score(catalogue):
    scale = instrument(norm(), "lower", minimum=3, maximum=9)
    scores = {"half": (9, 6), "third": (9, 7), "lowest": (3, 6)}
    people = judge(catalogue, scale, scores, reliable_change_method="percentage").people
    assert {p: row["category"] for p, row in people.items()} == {
        "half": "improved",
        "third": "unchanged",
        "lowest": None,
    }


@pytest.mark.parametrize(
    ("method", "before", "is_at_ceiling"),
    [
        ("JT", 80, False),
        ("JT", 81, True),
        # (100 - x + 0.5 * (x - 50)) / sqrt(50) > 1.96: a high baseline is expected to fall.
        ("EN", 100, False),
        ("percentage", 66, False),
        ("percentage", 67, True),
        ("percentage", 0, None),
    ],
)
def test_at_ceiling_by_method(catalogue, method, before, is_at_ceiling):
    row = one(catalogue, before, 90, reliable_change_method=method)
    assert row["is_at_ceiling"] is is_at_ceiling


def test_at_ceiling_by_error_where_the_percentage_has_room(catalogue):
    down = instrument(KNOWN, "lower")
    scores = {"near": (19, 0), "far": (20, 0)}  # both can lose everything, one of them no more than error
    people = judge(catalogue, down, scores, reliable_change_method="percentage").people
    assert {p: row["is_at_ceiling"] for p, row in people.items()} == {"near": True, "far": False}


@pytest.mark.parametrize(
    ("scores", "functional_sd"),
    [
        ({"p": (40, 70), "q": (60, 71)}, 10),  # follow-ups closer together than error alone would bring
        (TWO, 5),  # a functional population with less spread than error (SEM^2 50)
    ],
)
def test_hageman_arrindell_without_true_variance_says_nothing_of_crossing(catalogue, scores, functional_sd):
    known = norm(
        sd="sample", reliability=0.75, cutoff_method="c", functional_mean=70, functional_sd=functional_sd
    )
    judged = judge(catalogue, instrument(known), scores, reliable_change_method="HA")
    assert judged.instrument["follow_up_cutoff_score"] is None
    assert judged.instrument["standard_error_of_difference"] is not None
    # (30 * r_dd + 20.5 * (1 - r_dd)) / (sqrt(r_dd) * 10) with r_dd 0.446, or 25 / sqrt(50): both reliable.
    reliable = judged.people["p" if scores is not TWO else "q"]
    assert (reliable["category"], reliable["crossed_cutoff"]) == ("improved", None)


def test_shares_can_be_chosen(catalogue):
    chosen = {"percentage_improvement_share": 0.3, "percentage_deterioration_share": 0.2}
    for after, category in ((52, "improved"), (51, "unchanged"), (32, "deteriorated"), (33, "unchanged")):
        row = one(catalogue, 40, after, norm(), reliable_change_method="percentage", **chosen)
        assert row["category"] == category
