"""The recommendation's table: every mistake is told at once, with its rule and key."""

import shutil

import pytest

from pipelines.catalogue import load_catalogue
from pipelines.catalogue.recommendation import Condition
from pipelines.errors import CatalogueError
from tests.conftest import ROOT

FILE = "recommendation.toml"


@pytest.fixture
def problems(tmp_path):
    """Return what is said of a catalogue in which texts of the file were replaced."""
    copy = shutil.copytree(ROOT / "catalogue", tmp_path / "catalogue")

    def said(*changes, file=FILE):
        path = copy / file
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CatalogueError) as caught:
            load_catalogue(copy)
        return [str(problem) for problem in caught.value.problems]

    return said


@pytest.mark.parametrize("text", ["a  < b", "a < b c", "a == b", "a <", "a is", "is true", "a < b "])
def test_what_is_no_condition(text):
    assert Condition.parse(text) is None


def test_a_condition_taken_apart():
    assert Condition.parse("coverage >= minimum_coverage") == Condition("coverage", ">=", "minimum_coverage")


def test_all_mistakes_at_once(problems):
    said = problems(
        ('"has_safety_flag is true"]', '"has_safety_flag is yes"]'),
        ('"pairs_per_arm < minimum_pairs"', '"pair_per_arm < minimum_pairs"'),
        ('"coverage < minimum_coverage"', '"coverage < minimum_coverge"'),
        ('"evidence_level < minimum_effect_evidence"', '"evidence_level is minimum_effect_evidence"'),
        ('"comparator is waiting"', '"comparator is nobody"'),
        ('"deteriorated_lower > 0"', '"deteriorated_lower => 0"'),
        ("og dækningen er {coverage}.", "og dækningen er {coverge}."),
        ('when = ["probability_positive >= continue_probability"]', "when = []"),
        ('id = "investigate_no_effect"', 'id = "not_better"'),
    )
    assert said == [
        f"{FILE} (rule not_better): samme id står 2 gange; ét id skal være ét",
        f"{FILE} (rule continue): har ingen betingelser, og så nås de næste aldrig",
        f"{FILE} (rule safety_flag: when): 'has_safety_flag is yes': 'yes' skal være en af: true, false",
        f"{FILE} (rule measure_better: any): 'pair_per_arm < minimum_pairs': "
        "målet 'pair_per_arm' kendes ikke; nærmest er 'pairs_per_arm'",
        f"{FILE} (rule measure_better: any): 'coverage < minimum_coverge': "
        "parameteren 'minimum_coverge' findes ikke; nærmest er 'minimum_coverage'",
        f"{FILE} (rule keep_measuring: any): 'evidence_level is minimum_effect_evidence': "
        "'evidence_level' kan kun bruges med <, <=, > eller >=",
        f"{FILE} (rule stop_harm_right: any): 'deteriorated_lower => 0': "
        "skal skrives 'mål operator værdi' med en af operatorerne <, <=, >, >= og is",
        f"{FILE} (rule redesign_no_effect: when): 'comparator is nobody': "
        "'nobody' skal være en af: none, without_support, waiting, other_support, not_yet_started",
        f"{FILE} (rule measure_better: reason_da): '{{coverge}}' er ikke et mål, der kendes; "
        "nærmest er 'coverage'",
    ]


def test_the_last_rule_takes_the_rest(problems):
    (said,) = problems(('id = "adjust"\n', 'id = "adjust"\nwhen = ["coverage > 0.1"]\n'))
    assert said == f"{FILE} (rule adjust): den sidste skal gælde alt andet: uden when og any"


def test_a_parameter_that_is_no_number(problems):
    (said,) = problems(("coverage < minimum_coverage", "coverage < reliable_change_method"))
    assert said.endswith("parameteren 'reliable_change_method' er ikke et tal")


def test_a_measure_that_nothing_computes(problems):
    said = problems(('id = "was_harm"', 'id = "was_harmful"'))
    assert "(measure.30.id): skal være en af:" in said[0]


def test_a_grade_of_another_scale(problems):
    known = 'known_evidence = [{ scale = "nesta", grade = "A", source = "x" }]\nhorizon_months = 6\n'
    (said,) = problems(("horizon_months = 6\n", known), file="interventions.toml")
    assert said.endswith("known_evidence): 'A' er ikke et trin på skalaen 'nesta'")
