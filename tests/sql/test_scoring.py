"""Scores from answers: missing items, reversed items, prorating, and which score a day has."""

from datetime import date, timedelta

import numpy as np
import pytest

from tests.sql.scoring import START, answers, found, instrument, part, scores, staged

HORIZON = date(2024, 9, 1)  # six months after the start
# Two parts: one whose sum is prorated and rounded, one that asks for all answers. From 0 to 28 points.
SCALE = part("scale", range(1, 6), reversed_items=(2,), minimum_answered=3, is_rounded=True)
REST = part("rest", (6, 7))
X = instrument(SCALE, REST, limits=(0, 28), item_limits=(0, 2), multiplier=2)
FOUR = instrument(part("total", range(1, 5), minimum_answered=3), limits=(4, 20), item_limits=(1, 5))


def days(*dated, **key):
    """A questionnaire of FOUR per day; a number is each answer."""
    return [
        row
        for day, answer in dated
        for row in answers([answer] * 4, measured_date=START + timedelta(day), **key)
    ]


def finished(*dated, **key):
    return [key | {"measured_date": START + timedelta(day), "score": score} for day, score in dated]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([1, 1, 1, 1, 1, 0, 0], 10),
        ([0, 0, 0, 0, 0, 0, 0], 4),  # a reversed 0 is 2
        ([0, 2, 0, 0, 0, 0, 0], 0),
        ([2, 0, 2, 2, 2, 2, 2], 28),
        ([1, 1, 1, None, None, 0, 0], 10),  # three of five: as many as needed
        ([1, 1, None, None, None, 0, 0], None),  # two: too few
        ([1, None, 0, 0, None, 0, 0], 4),  # 1 * 5/3 = 1.67, rounded to 2
        ([0, None, 1, 0, 1, 0, 0], 6),  # 2 * 5/4 = 2.5: a half is rounded upwards
        ([0, None, 1, 0, 0, 0, 0], 2),  # 1 * 5/4 = 1.25
        ([1, 1, 1, 1, 1, 0, None], None),  # the other part asks for both
        ([1, 1, 1, 1, 1, None, None], None),
        ([None, None, None, None, None, 2, 2], None),
    ],
)
def test_missing_and_reversed_items_at_the_limit(catalogue, given, expected):
    assert scores(catalogue, X, [given]) == [expected]


def test_a_sum_that_is_not_rounded_is_prorated_to_hundredths(catalogue):
    assert scores(catalogue, FOUR, [[1, 2, 2, None], [1, None, None, 5]]) == [6.67, None]


def test_phq9_by_its_rule_in_words(catalogue):
    """Nine answers summed; one or two that are missing have the mean of the others; with more, no score."""
    rng = np.random.default_rng(9)
    drawn = [
        [None if missing else int(answer) for answer, missing in zip(answers, is_missing, strict=True)]
        for answers, is_missing in zip(
            rng.integers(0, 4, (400, 9)), rng.random((400, 9)) < rng.random((400, 1)) / 2, strict=True
        )
    ]
    known = [[a for a in given if a is not None] for given in drawn]
    expected = [9 * sum(k) / len(k) if len(k) >= 7 else None for k in known]
    assert {len(k) for k in known} >= {5, 6, 7, 8, 9}
    found = scores(catalogue, catalogue.instrument("PHQ9"), drawn)
    assert [f is None for f in found] == [e is None for e in expected]
    differences = [abs(f - e) for f, e in zip(found, expected, strict=True) if f is not None]
    assert max(differences) <= 0.005 + 1e-9


def test_too_few_answers_give_a_row_with_the_reason(catalogue):
    few, none = answers([1, 1], person_id=b"few"), answers([1, 1, 1], person_id=b"enough")
    with staged(catalogue, [FOUR], item_answer=few + none) as connection:
        enough, too_few = found(connection, "staging.item_score")
        assert (too_few["answer_count"], too_few["score_hundredths"]) == (2, None)
        assert (too_few["reason_no_score"], enough["reason_no_score"]) == ("too_few_answers", None)
        (measured,) = found(connection, "staging.measurement")
        assert (measured["score_hundredths"], measured["is_from_items"]) == (400, True)


def test_only_answers_outside_the_total_are_no_score(catalogue):
    extra = part("extra", (5,), in_total=False)
    of = instrument(*FOUR.scoring.parts, extra, limits=(4, 20), item_limits=(1, 5))
    assert scores(catalogue, of, [{5: 1}, {1: 2, 2: 2, 3: 2, 4: 2, 5: 5}]) == [None, 8]


def test_an_answer_delivered_again_is_corrected(catalogue):
    again = answers({"1": 5}, source_file="b.csv")
    with staged(catalogue, [FOUR], item_answer=again + answers([1, 1, 1, 1])) as connection:
        (row,) = found(connection, "staging.item_score")
        assert (row["score_hundredths"], row["answer_count"]) == (800, 4)


@pytest.mark.parametrize("given", [[5, 5, 5, 5], [5, 5]])
def test_a_finished_score_goes_before_one_from_items(catalogue, given):
    """Even where the answers were delivered later."""
    later = answers(given, source_file="z.csv")
    with staged(catalogue, [FOUR], item_answer=later, measurement=finished((0, 7))) as connection:
        (row,) = found(connection, "staging.measurement")
        assert (row["score_hundredths"], row["is_from_items"]) == (700, False)


def test_a_finished_score_of_another_respondent_or_day_is_another_score(catalogue):
    others = finished((0, 7), respondent="staff") + finished((1, 8))
    with staged(catalogue, [FOUR], item_answer=days((0, 5)), measurement=others) as connection:
        rows = found(connection, "staging.measurement")
        assert sorted(r["score_hundredths"] for r in rows) == [700, 800, 2000]


def test_two_questionnaires_on_one_day(catalogue):
    """Two instruments are two scores; two versions of one are one score, never a mix of their answers."""
    other = instrument(part("total", (1, 2)), limits=(2, 10), item_limits=(1, 5), name="Y")
    rows = answers([1, 1, 1, 1], version="2019") + answers([5, 5], version="2024", source_file="b.csv")
    rows += answers([3, 4], instrument_id="Y")
    with staged(catalogue, [FOUR, other], item_answer=rows) as connection:
        of_items = {(r["instrument_id"], r["version"]): r for r in found(connection, "staging.item_score")}
        assert of_items["X", "2019"]["score_hundredths"] == 400
        assert of_items["X", "2024"]["reason_no_score"] == "too_few_answers"
        measured = {r["instrument_id"]: r for r in found(connection, "staging.measurement")}
        assert (measured["X"]["score_hundredths"], measured["X"]["version"]) == (400, "2019")
        assert measured["Y"]["score_hundredths"] == 700


def test_of_two_whole_versions_on_one_day_the_last_delivered_counts(catalogue):
    rows = days((0, 2), version="b") + days((0, 3), version="a", source_file="b.csv")
    with staged(catalogue, [FOUR], item_answer=rows) as connection:
        (row,) = found(connection, "staging.measurement")
        assert (row["version"], row["score_hundredths"]) == ("a", 1200)


def test_answers_of_a_persons_two_pseudonyms_are_one_questionnaire(catalogue):
    rows = answers({"1": 2, "2": 2}, person_id=b"p") + answers({"3": 2, "4": 2}, person_id=b"former")
    links = [{"person_id": b"p", "former_person_id": b"former", "linked_date": START}]
    with staged(catalogue, [FOUR], item_answer=rows, person_link=links) as connection:
        (row,) = found(connection, "staging.item_score")
        assert row["score_hundredths"] == 800


FOLLOW_UP = (HORIZON - START).days


@pytest.mark.parametrize(
    ("before", "after", "is_pair"),
    [
        (None, None, True),
        ("2019", "2019", True),
        ("2019", "2024", False),
        (None, "2024", False),
        ("2024", None, False),
    ],
)
def test_a_pair_is_of_one_version(catalogue, before, after, is_pair):
    scored = finished((0, 7), version=before) + finished((FOLLOW_UP, 9), version=after)
    with staged(catalogue, [FOUR], episode=[{}], measurement=scored) as connection:
        pairs = [
            p for p in found(connection, "individual.measurement_pair") if p["follow_up_kind"] == "primary"
        ]
        assert [p["change_hundredths"] for p in pairs] == [200] * is_pair


def test_the_nearest_follow_up_is_sought_among_those_of_the_baselines_version(catalogue):
    scored = finished((0, 7), (FOLLOW_UP - 20, 9), version="2019") + finished((FOLLOW_UP, 20), version="2024")
    with staged(catalogue, [FOUR], episode=[{}], measurement=scored) as connection:
        (pair,) = (
            p for p in found(connection, "individual.measurement_pair") if p["follow_up_kind"] == "primary"
        )
        assert (pair["follow_up_date"], pair["change_hundredths"]) == (HORIZON - timedelta(20), 200)


def test_a_baseline_and_a_follow_up_from_items(catalogue):
    rows = days((0, 2), (FOLLOW_UP, 4))
    with staged(catalogue, [FOUR], episode=[{}], item_answer=rows) as connection:
        (pair,) = (
            p for p in found(connection, "individual.measurement_pair") if p["follow_up_kind"] == "primary"
        )
        assert pair["change_hundredths"] == 800


@pytest.mark.parametrize(
    ("old", "new", "points", "others", "first"),
    [
        ((0, 30), (60, 90, 120), 3, 2, 60),
        ((0, 30, 40), (60, 90), 3, 2, 0),
        ((0, 30), (60, 90), 2, 2, 0),  # as many of each: the one used first
        ((0, 30), (), 2, 0, 0),
    ],
)
def test_a_course_is_of_one_version(catalogue, old, new, points, others, first):
    scored = finished(*((d, 5 + d / 30) for d in old), version="old")
    scored += finished(*((d, 20 - d / 30) for d in new), version=None)
    with staged(catalogue, [FOUR], episode=[{}], measurement=scored) as connection:
        (line,) = found(connection, "individual.trajectory")
        assert (line["point_count"], line["other_version_count"]) == (points, others)
        assert line["first_date"] == START + timedelta(first)
        assert (line["slope_score"] > 0) == (first == 0)
