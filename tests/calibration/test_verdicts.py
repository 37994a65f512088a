"""Two years of one simulated intervention, and what the recommendation says of them, by hand."""

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from pipelines.calibration import two_years, verdicts
from pipelines.calibration.two_years import NEW, Variant, compared, draw_years, judged
from pipelines.calibration.world import World
from pipelines.catalogue import load_catalogue
from pipelines.cli import main
from pipelines.estimators.specifications import SPECIFICATIONS
from tests.conftest import ROOT

WORLD = World(60, 60)


@pytest.fixture(scope="module")
def table():
    return load_catalogue(ROOT / "catalogue").recommendation


@pytest.fixture(scope="module")
def setting():
    return {p.id: p.value for p in load_catalogue(ROOT / "catalogue").parameters}


def rng(seed=1):
    return np.random.default_rng(seed)


def columns(estimate=0.0, error=0.05, **changed):
    """One replication that passes every check in both years; the new of the second say the same."""
    year = {
        "pairs": 100,
        "coverage": 0.8,
        "fewest": 100,
        "estimate": estimate,
        "lower": estimate - 1.96 * error,
        "upper": estimate + 1.96 * error,
        "error": error,
        "missing": 0.2,
        "is_sound": 1,
        "is_one_provider": 0,
        "regression_estimate": estimate,
        "regression_error": error,
    }
    fresh = {"year_2_new": 30, "year_2_new_estimate": estimate}
    whole = {f"{y}_{name}": value for y in two_years.YEARS for name, value in year.items()} | fresh
    return {name: np.array([float(value)]) for name, value in (whole | changed).items()}


def said(own, truth, table, setting, **how):
    return [rules[0] for rules, _ in judged(own, truth, table, setting, **how)]


def test_the_second_year_has_a_third_who_are_new_and_lacks_the_oldest_third():
    (first, cohort), (second, later) = draw_years(WORLD, rng())
    for people, of in ((first, cohort), (second, later)):
        assert [int((people.is_treated == arm).sum()) for arm in (True, False)] == [60, 60]
        assert len(of) == 120
    assert np.bincount(cohort).tolist() == [40, 40, 40]
    assert np.bincount(later, minlength=4).tolist() == [40, 40, 0, 40]
    kept = first.baseline[cohort > 0]
    assert np.isin(second.baseline[later < NEW], kept).all()
    assert not np.isin(second.baseline[later == NEW], first.baseline).any()


def test_every_way_moves_by_exactly_the_effect_that_is_added(setting):
    people, cohort = draw_years(WORLD, rng())[1]
    helped = replace(people, follow_up=people.follow_up + 0.6 * people.is_treated)
    before, after = (compared(of.groups, cohort, rng(2), setting) for of in (people, helped))
    assert {name for name in SPECIFICATIONS if f"{name}_estimate" in before} == set(SPECIFICATIONS)
    for name, value in after.items():
        is_moved = name.endswith("estimate") or name in {"lower", "upper"}
        assert value - before[name] == pytest.approx(0.6 if is_moved else 0.0, abs=1e-6), name


def test_who_became_worse_hangs_on_the_effect(setting):
    people = draw_years(WORLD, rng())[0][0]
    worse = two_years._deteriorated(people, setting)
    known = people.is_treated & ~np.isnan(people.follow_up)
    change = (people.follow_up - people.baseline)[known]
    assert worse["worse_harms"][known].mean() == (change - 0.5 < -two_years.RELIABLE_CHANGE).mean()
    assert worse["worse_harms"][known].sum() > worse["worse_helps"][known].sum()
    others = ~people.is_treated
    assert np.array_equal(worse["worse_harms"][others], worse["worse_helps"][others], equal_nan=True)


@pytest.mark.parametrize(
    ("truth", "own", "rules"),
    [
        ("helps", columns(), ["invest", "invest"]),
        ("at_delta", columns(), ["continue", "continue"]),
        ("harms", columns(), ["investigate_harm", "stop_harm"]),
        ("nothing", columns(-0.2), ["investigate_no_effect", "redesign_no_effect"]),
        # Nine new ones are too few, and those who say otherwise confirm nothing.
        ("harms", columns(year_2_new=9), ["investigate_harm", "investigate_harm"]),
        ("harms", columns(year_2_new_estimate=0.6), ["investigate_harm", "investigate_harm"]),
        ("helps", columns(year_1_is_sound=0), ["keep_measuring", "invest"]),
        ("helps", columns(year_1_is_one_provider=1), ["keep_measuring", "invest"]),
        ("helps", columns(year_2_coverage=0.55), ["invest", "keep_measuring"]),
        ("helps", columns(year_2_earlier_score=-1), ["invest", "keep_measuring"]),
        ("helps", columns(year_1_fewest=19), ["measure_better", "invest"]),
        # Another way that says otherwise: not robust.
        ("helps", columns(year_1_regression_estimate=-0.7), ["continue", "invest"]),
    ],
)
def test_both_years_are_judged_by_the_rules(truth, own, rules, table, setting):
    assert said(own, truth, table, setting) == rules


def test_pooled_with_others_a_harmful_one_is_drawn_towards_them(table, setting):
    pooled = {"pooled": 0.1, "pooled_lower": -0.3, "pooled_upper": 0.5, "pooled_positive": 0.95}
    own = columns(0.6, **{f"year_1_{name}": value for name, value in pooled.items()})
    assert said(own, "nothing", table, setting) == ["continue", "invest"]


def test_other_rules_are_held_against_the_same_people(table, setting):
    own = columns(error=0.13)
    assert said(own, "helps", table, setting) == ["continue", "continue"]
    before = Variant("", of_measures={"probability_relevant_sure": {"hidden_confounding_sd": 0.0}})
    assert said(own, "helps", table, setting, variant=before) == ["invest", "invest"]
    informed = Variant("", informed={"hidden_confounding_sd": 0.0})
    assert said(own, "helps", table, setting, variant=informed) == ["continue", "continue"]
    passed = columns(error=0.13, year_2_informed=1)
    assert said(passed, "helps", table, setting, variant=informed) == ["continue", "invest"]


def test_without_anybody_to_compare_with_the_effect_is_unknown(setting, table):
    found = two_years.measure_development(WORLD, rng(), setting)
    own = {name: np.array([value]) for name, value in found.items()}
    assert said(own, "nothing", table, setting) == ["keep_measuring"]


def test_everything_that_can_be_said_is_counted(table):
    counted = {rule for rules in verdicts.SAID.values() for rule in rules}
    assert counted == {rule.id for rule in table.rule} - {"safety_flag"}


@pytest.mark.parametrize("only", ["nothing_begins_so", "hidden/", "verdict/development"])
def test_worlds_that_no_section_is_made_of_are_refused_before_anything_is_simulated(only):
    found = CliRunner().invoke(main, ["calibrate", "--only", only])
    assert found.exit_code == 2
    assert "verdict" in found.output
    assert "hidden" not in found.output.partition("prøv")[2]
