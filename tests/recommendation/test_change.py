"""What would change a recommendation: the nearest rule, the effects between rules, and how many people."""

from dataclasses import replace

import pytest

from pipelines.recommendation.change import Nearest, nearest, needed_effect, plan, stretches
from pipelines.recommendation.measures import Effect, Way, with_effect
from pipelines.recommendation.rules import first_match


def near(table, setting, measures):
    fired = first_match(table.rule, measures, setting)
    return nearest(fired, table, measures, setting)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"probability_positive": 0.86}, Nearest("continue", "probability_positive", 0.86, 0.9)),
        ({"probability_positive": 0.91}, Nearest("adjust", "probability_positive", 0.91, 0.9)),
        ({"coverage": 0.58}, Nearest("adjust", "coverage", 0.58, 0.6)),
        ({"coverage": 0.61}, Nearest("keep_measuring", "coverage", 0.61, 0.6)),
        # Five of twenty pairs are further than two points of coverage, and one of twenty is nearer than ten.
        ({"pairs_per_arm": 15}, Nearest("adjust", "pairs_per_arm", 15, 20)),
        ({"pairs_per_arm": 21, "coverage": 0.75}, Nearest("measure_better", "pairs_per_arm", 21, 19)),
        (
            {"evidence_level": 2, "coverage": 0.9, "pairs_per_arm": 90},
            Nearest("adjust", "evidence_level", 2, 3),
        ),
        # Nothing is nearer than infinitely far, and what is not known has no distance.
        ({"tipping_point_sd": float("inf"), "coverage": None}, None),
    ],
)
def test_nearest(table, setting, undecided, changed, expected):
    # Far from every threshold but those in question.
    far = replace(
        undecided,
        pairs_per_arm=300,
        coverage=0.9,
        evidence_level=5,
        probability_positive=0.5,
        probability_relevant=0.9,
        probability_harm=0.0,
        deteriorated_lower=None,
    )
    if expected is None:
        far = replace(
            far, pairs_per_arm=None, evidence_level=None, is_same_sign=False, probability_positive=None
        )
        assert near(table, setting, replace(far, **changed)) is None
    else:
        assert near(table, setting, replace(far, **changed)) == expected


def test_what_a_comparison_lacks_may_be_the_nearest(table, setting, undecided):
    # A sound comparison that points to harm, two points of coverage short of counting.
    harm = replace(undecided, coverage=0.58, estimate_sd=-0.6, probability_harm=0.99, evidence_level=2)
    development = replace(
        undecided, design="D1", comparator="none", coverage=0.58, evidence_level=2, probability_harm=None
    )
    fired = first_match(table.rule, development, setting)
    assert fired.id == "keep_measuring"
    found = nearest(fired, table, development, setting, (harm,))
    assert found == Nearest("investigate_harm", "coverage", 0.58, 0.6)
    # One that failed its checks is not saved by coverage.
    unsound = replace(harm, is_sound=False)
    assert nearest(fired, table, development, setting, (unsound,)).rule == "measure_better"


def test_the_effects_at_which_each_rule_fires(table, setting, undecided):
    # Standard error 0.1, no pool and every way the same: the rules' limits are arithmetic.
    effect = Effect(Way(0.05, 0.1), others=[Way(0.05, 0.1)] * 5, missing=0.2)
    measures = with_effect(replace(undecided, deteriorated_lower=None), effect, setting)
    along = stretches(table.rule, measures, effect, setting)
    assert [(s.rule, s.lowest, s.highest) for s in along] == [
        # -0.2 - 1.96 * 0.1 = -0.396, then 0.1 - 1.645 * 0.1 = -0.064, then 1.282 * 0.1 = 0.128, and with b
        # and delta and 0.842 * 0.1 it is 0.584.
        ("investigate_harm", -1.5, -0.4),
        ("investigate_no_effect", -0.39, -0.07),
        ("adjust", -0.06, 0.12),
        ("continue", 0.13, 0.58),
        ("invest", 0.59, 1.5),
    ]
    fired = first_match(table.rule, measures, setting)
    assert fired.id == "adjust"
    assert needed_effect(fired, along, 0.05) == 0.13
    assert needed_effect(table.rule_of("invest"), along, 0.7) is None


def test_power_and_persons_are_normal_theory(setting):
    # 400 in two equal arms of SD 1: error 0.1; (1.960 + 0.842) * 0.1 = 0.280.
    found = plan(0.1, 400, setting)
    assert found.smallest_detectable == pytest.approx(0.28016, abs=1e-5)
    assert found.power == pytest.approx(0.850839, abs=1e-6)
    assert (found.needed_persons, found.more_months) == (349, None)
    # Half as many people, in 36 months: 349 needed are 149 more, at 200 / 36 a month 27 months.
    fewer = plan(0.1 * 2**0.5, 200, setting)
    assert (fewer.needed_persons, fewer.more_months) == (349, 27)
