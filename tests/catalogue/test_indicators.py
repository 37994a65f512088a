"""Every goal is followed by indicators, every formula has what it needs, and mistakes are told together."""

import re
import shutil
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, get_args

import duckdb
import pytest

from pipelines.catalogue import Catalogue, load_catalogue
from pipelines.catalogue.indicators import FORMULAS, OF_PEOPLE, Formula, Indicator, Of
from pipelines.errors import CatalogueError
from pipelines.warehouse.reference import load_reference, rows_table
from pipelines.warehouse.strategy import STRATEGY_SCHEMAS, strategy_tables
from tests.catalogue.test_load import change, copy
from tests.conftest import ROOT

__all__ = ["copy"]  # the fixture

SHARED = ROOT.parent / "shared"
SEEDS = {"A": "strategy-specialised-social-area.txt", "B": "strategy-vulnerability.txt"}
OWN = """
[[indicator]]
id = "own"
name_da = "Andel, der svarer ja"
unit_da = "pct."
better = "higher"
measured_from = "survey"
owner_role_da = "Analytiker"
numerator_da = "x"
denominator_da = "x"
formula = "survey_share"
of = { question = "overview", at_least = 4 }
source = "x"
certainty = "proposal"
missing_da = "x"
closed_by_da = "x"
effort = "small"
"""


def problems(folder: Path) -> dict[str, str]:
    """Return what is wrong in a catalogue, by where it is."""
    try:
        load_catalogue(folder)
    except CatalogueError as error:
        return {problem.where: problem.message_da for problem in error.problems}
    return {}


@pytest.fixture
def wrong(copy: Path) -> Callable[..., str]:
    """Return a function that writes an indicator with something changed, and says what is wrong with it."""

    def said(old: str, new: str, key: str) -> str:
        assert old in OWN
        (copy / "indicators" / "own.toml").write_text(OWN.replace(old, new), encoding="utf-8")
        found = problems(copy)
        assert list(found) == [f"indicators/own.toml (indicator own: {key})"]
        return found.popitem()[1]

    return said


def bare(text: str) -> str:
    """Letters and digits alone: the seed's lines are broken, with hyphens, where the page was full."""
    return "".join(re.findall(r"\w", text.lower()))


# --- the municipality's own ---


def test_every_goal_of_both_strategies_is_followed_or_says_why_not(catalogue: Catalogue) -> None:
    assert {strategy.id: len(strategy.goals) for strategy in catalogue.strategies} == {"A": 31, "B": 45}
    assert [g.id for g in catalogue.goals.values() if not g.indicators and not g.needs_da] == []
    assert [g.id for g in catalogue.goals.values() if not g.owner_role_da] == []


def test_every_indicator_belongs_to_a_goal_and_has_its_line_of_the_measurement_plan(
    catalogue: Catalogue,
) -> None:
    named = {name for goal in catalogue.goals.values() for name in goal.indicators}
    assert {indicator.id for indicator in catalogue.indicators} == named
    for one in catalogue.indicators:
        texts = (one.name_da, one.unit_da, one.numerator_da, one.denominator_da, one.owner_role_da)
        texts += (one.source, one.missing_da, one.closed_by_da)
        assert all(text.strip() == text and text for text in texts), one.id


def test_all_of_the_domain_catalogues_indicators_are_carried_over(catalogue: Catalogue) -> None:
    path = SHARED / "domain" / "catalogue.yaml"
    if not path.is_file():
        pytest.skip("the domain catalogue (../shared/domain) is not on this machine")
    text = path.read_text(encoding="utf-8")
    part = text[text.index("\nindicators:\n") : text.index("\ninstruments:\n")]
    proposed = set(re.findall(r"^- id: (\w+)$", part, re.MULTILINE))
    assert len(proposed) == 120
    assert proposed - {indicator.id for indicator in catalogue.indicators} == set()


@pytest.mark.parametrize("strategy_id", SEEDS)
def test_goals_and_targets_are_in_the_strategys_own_words(catalogue: Catalogue, strategy_id: str) -> None:
    path = SHARED / "seeds" / SEEDS[strategy_id]
    if not path.is_file():
        pytest.skip("the strategies' texts (../shared/seeds) are not on this machine")
    text = bare(path.read_text(encoding="utf-8"))
    (strategy,) = (one for one in catalogue.strategies if one.id == strategy_id)
    said = [(goal.id, goal.text_da) for goal in strategy.goals]
    said += [(goal.id, target.quote_da) for goal in strategy.goals for target in goal.targets]
    assert [goal for goal, words in said if bare(words) not in text] == []


def test_the_four_numbers_that_the_strategies_promise_and_no_other(catalogue: Catalogue) -> None:
    end, promised = date(2020, 12, 31), []
    for goal in catalogue.goals.values():
        for one in goal.targets:
            promised.append((goal.id, one.indicator, one.comparison, one.value, one.from_date, one.by_date))
    assert promised == [
        ("B-PM1", "ambassadors", "at_least", 150, None, end),
        ("B-PM2", "ambassador_citizen_share", "at_least", 20, None, end),
        ("B-PM3", "activities_30", "at_least", 30, date(2019, 1, 1), end),
        ("B-O1", "amb_meetings", "at_least", 2, None, None),
    ]


def test_effect_targets_have_a_direction_and_no_number(catalogue: Catalogue) -> None:
    effects = [goal for goal in catalogue.goals.values() if goal.kind == "effect_target"]
    assert len(effects) == 5
    for goal in effects:
        assert goal.targets == ()
        assert {catalogue.indicator(name).better for name in goal.indicators} <= {"higher", "lower"}


def test_the_baselines_that_the_texts_give(catalogue: Catalogue) -> None:
    given = {i.id: (i.baseline.date, i.baseline.value) for i in catalogue.indicators if i.baseline}
    assert given == {
        "ambassadors": (date(2018, 12, 4), 52),
        "homeless_count": (date(2017, 2, 6), 57),
    }


def test_support_hours_never_stand_without_wellbeing_or_functioning(catalogue: Catalogue) -> None:
    hours = [indicator for indicator in catalogue.indicators if indicator.formula == "mean_hours"]
    assert [indicator.id for indicator in hours] == ["hours_per_citizen"]
    goals = [goal for goal in catalogue.goals.values() if "hours_per_citizen" in goal.indicators]
    assert goals
    for goal in goals:
        beside = {catalogue.indicator(name).formula for name in goal.indicators}
        assert beside & OF_PEOPLE


def test_the_published_homelessness_counts(catalogue: Catalogue) -> None:
    counts = {(f.area, f.year): f.value for f in catalogue.figures if f.statistic == "homeless_persons"}
    assert (counts["Fredericia", 2017], counts["Fredericia", 2019]) == (57, 41)
    assert counts["Hele landet", 2019] == 6431
    # Middelfart's were not found, and what is not known is not written as a nought.
    neighbours = {area for area, _ in counts} - {"Fredericia", "Hele landet"}
    assert len(neighbours) == 12
    assert "Middelfart" not in neighbours
    assert all((area, year) in counts for area in neighbours for year in (2017, 2019))


# --- an analyst's work without code ---


def test_an_indicator_is_added_without_code(copy: Path) -> None:
    (copy / "indicators" / "own.toml").write_text(OWN, encoding="utf-8")
    path = copy / "strategies" / "vulnerability.toml"
    change(path, 'indicators = ["homeless_count"', 'indicators = ["own", "homeless_count"')
    catalogue = load_catalogue(copy)
    tables = strategy_tables(catalogue)
    (row,) = (one for one in tables["indicator"] if one["indicator_id"] == "own")
    assert (row["formula"], row["question_id"]) == ("survey_share", "overview")
    assert (row["threshold_hundredths"], row["is_at_least"]) == (400, True)
    assert {"goal_id": "B-C3", "indicator_id": "own"} in tables["goal_indicator"]


def test_a_catalogue_from_before_there_were_indicators_is_read(copy: Path) -> None:
    shutil.rmtree(copy / "indicators")
    for name in ("surveys.toml", "public_statistics.toml"):
        (copy / name).unlink()
    for path in (copy / "strategies").iterdir():
        text = path.read_text(encoding="utf-8").split("[[goals]]\n")
        kept = [
            re.sub(r"indicators = \[.*?\]|\[\[goals.targets\]\].*", "", part, flags=re.S) for part in text
        ]
        path.write_text("[[goals]]\n".join(kept), encoding="utf-8")
    catalogue = load_catalogue(copy)
    assert (len(catalogue.goals), catalogue.indicators, catalogue.questions) == (76, (), ())
    tables = strategy_tables(catalogue)
    for name, schema in STRATEGY_SCHEMAS.items():
        assert rows_table(tables[name], schema).schema == schema


def test_the_example_of_a_trial_has_its_own_goal(tmp_path: Path) -> None:
    trial = load_catalogue(ROOT / "examples" / "claus2020")
    assert list(trial.goals) == ["T-G1"]
    assert {indicator.id for indicator in trial.indicators} == set(trial.goals["T-G1"].indicators)


# --- mistakes ---


def test_every_formula_says_what_it_needs() -> None:
    assert set(FORMULAS) == set(get_args(Formula))
    known = {field.alias or name for name, field in Of.model_fields.items()}
    assert set().union(*(one.needs | one.may for one in FORMULAS.values())) <= known


@pytest.mark.parametrize(
    ("new", "key", "message"),
    [
        ('formula = "survey_sum"', "formula", "skal være en af: 'reliable_share', 'mean_change'"),
        ("", "of", "er givet uden formula; skriv, hvilken formel der skal regne, eller fjern of"),
        (
            'formula = "served_count"',
            "of.at_least",
            "bruges ikke af formlen 'served_count' (den kender: inter",
        ),
    ],
)
def test_a_formula_that_nobody_knows_or_nothing_is_said_of(
    copy: Path, new: str, key: str, message: str
) -> None:
    text = OWN.replace('formula = "survey_share"', new)
    (copy / "indicators" / "own.toml").write_text(text, encoding="utf-8")
    assert problems(copy)[f"indicators/own.toml (indicator own: {key})"].startswith(message)


@pytest.mark.parametrize(
    ("of", "key", "message"),
    [
        ("{ at_least = 4 }", "of.question", "mangler; formlen 'survey_share' kan ikke regnes uden"),
        ('{ question = "overview" }', "of", "skal have enten at_least eller at_most, og ikke begge"),
        (
            '{ question = "overview", at_least = 4, at_most = 2 }',
            "of",
            "skal have enten at_least eller at_most, og ikke begge",
        ),
        (
            '{ question = "overview", at_least = 4, domain = "debt" }',
            "of.domain",
            "bruges ikke af formlen 'survey_share' (den kender: at_least, at_most, question); fjern det",
        ),
        (
            '{ question = "overveiw", at_least = 4 }',
            "of.question",
            "spørgsmålet 'overveiw' findes ikke i catalogue/surveys.toml; nærmest er 'overview'",
        ),
        (
            '{ question = "overview", at_least = 6 }',
            "of.at_least",
            "6 ligger uden for skalaen 1 til 5",
        ),
        ('{ question = "overview", atleast = 4 }', "of.atleast", "kendes ikke; ret stavningen"),
    ],
)
def test_a_wrong_argument_is_named(wrong: Callable[..., str], of: str, key: str, message: str) -> None:
    assert message in wrong('{ question = "overview", at_least = 4 }', of, key)


@pytest.mark.parametrize(
    ("formula", "of", "key", "message"),
    [
        (
            "mean_change",
            'instrument = "WHO", respondent = "self"',
            "instrument",
            "måleredskabet 'WHO' findes",
        ),
        ("mean_change", 'instrument = "WHO5", respondent = "staff"', "respondent", "brug en af: self"),
        ("reliable_share", 'change = "improved", instruments = ["WHO5", "X"]', "instruments", "'X' findes"),
        ("score_share", 'instrument = "WHO5", respondent = "self", at_most = 101', "at_most", "0 til 100"),
        ("timely_share", 'deadline = "drug_treatment"', "deadline", "nærmest er 'drug_treatment_14_days'"),
        ("event_rate", 'event_kind = "crises"', "event_kind", "nærmest er 'crisis'"),
        ("served_count", 'interventions = ["peer"]', "interventions", "indsatsen 'peer' findes ikke"),
        ("completed_share", 'end_reasons = ["finished"]', "end_reasons.1", "skal være en af: 'completed'"),
        ("public_count", 'statistic = "homeless"', "statistic", "statistikken 'homeless' findes ikke"),
        ("activity_count", 'kinds = ["party"]', "kinds.1", "skal være en af: 'network'"),
        ("activity_share", 'with = "children"', "with", "skal være en af: 'citizens' eller 'both_sectors'"),
        ("ambassador_share", 'kind = "borger"', "kind", "skal være en af: 'citizen'"),
    ],
)
def test_what_an_argument_names_must_be_there(
    copy: Path, formula: str, of: str, key: str, message: str
) -> None:
    text = OWN.replace("survey_share", formula).replace('question = "overview", at_least = 4', of)
    if formula == "public_count":
        text = text.replace('measured_from = "survey"', 'measured_from = "public"')
    (copy / "indicators" / "own.toml").write_text(text, encoding="utf-8")
    found = problems(copy)
    assert list(found) == [f"indicators/own.toml (indicator own: of.{key})"]
    assert message in found.popitem()[1]


def test_where_it_is_measured_from_must_be_so(wrong: Callable[..., str]) -> None:
    message = wrong('measured_from = "survey"', 'measured_from = "register"', "measured_from")
    assert message == "skal være 'survey', for formlen 'survey_share' regner på en spørgeundersøgelse"


def test_a_change_has_plus_as_better_whatever_the_instrument(copy: Path) -> None:
    path = copy / "indicators" / "wellbeing.toml"
    before, fall = path.read_text(encoding="utf-8").split('id = "core10_change"')
    text = before + 'id = "core10_change"' + fall.replace('better = "higher"', 'better = "lower"', 1)
    path.write_text(text, encoding="utf-8")
    assert problems(copy) == {
        "indicators/wellbeing.toml (indicator core10_change: better)": (
            "skal være 'higher': formlen 'mean_change' regner, så plus altid er bedre"
        )
    }


def test_a_line_of_the_measurement_plan_is_never_empty(wrong: Callable[..., str]) -> None:
    assert wrong('closed_by_da = "x"', 'closed_by_da = ""', "closed_by_da") == "er tom; skriv en tekst"
    assert wrong('missing_da = "x"\n', "", "missing_da") == "mangler"


@pytest.mark.parametrize(
    ("beside", "message"),
    [
        ("", "mangler: færre timer er kun godt, når trivsel eller funktionsevne ikke falder"),
        ('stands_beside = "own"', "er indikatoren selv; nævn en anden"),
        ('stands_beside = "who5_chang"', "indikatoren 'who5_chang' findes ikke; nærmest er 'who5_change'"),
        ('stands_beside = "wait_days"', "'wait_days' siger ikke noget om borgernes trivsel eller funktions"),
    ],
)
def test_support_hours_without_company_are_a_mistake(copy: Path, beside: str, message: str) -> None:
    text = OWN.replace('of = { question = "overview", at_least = 4 }', beside)
    text = text.replace("survey_share", "mean_hours").replace('"survey"', '"register"')
    (copy / "indicators" / "own.toml").write_text(text, encoding="utf-8")
    assert problems(copy)["indicators/own.toml (indicator own: stands_beside)"].startswith(message)


def test_a_goal_that_names_hours_names_what_stands_beside_them(copy: Path) -> None:
    change(copy / "strategies" / "specialised_social_area.toml", '  "vum_func_change",\n  "who5', '  "who5')
    assert problems(copy) == {
        "strategies/specialised_social_area.toml (goals A-F1-I3: indicators)": (
            "'hours_per_citizen' må ikke stå alene: nævn også 'vum_func_change' (stands_beside)"
        )
    }


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ('["ambassadors"]', '["ambasadors"]', "indicators", "findes ikke; nærmest er 'ambassadors'"),
        ('["ambassadors"]', '["ambassadors", "ambassadors"]', "indicators", "'ambassadors' står 2 gange"),
        (
            'indicator = "ambassadors"',
            'indicator = "amb_meetings"',
            "targets",
            "ikke blandt målets indicators",
        ),
        (
            "value = 150\n",
            "value = 150\nfrom_date = 2021-01-01\n",
            "targets",
            "ligger før from_date 2021-01-01",
        ),
        ("by_date = 2020-12-31\n", "from_date = 2020-01-01\n", "targets", "har from_date uden by_date"),
        (
            'kind = "process_target"',
            'kind = "process_target"\nparent = "A-G1"',
            "parent",
            "'A-G1' er ikke et",
        ),
    ],
)
def test_a_goal_that_leads_nowhere_is_a_mistake(
    copy: Path, old: str, new: str, key: str, message: str
) -> None:
    path = copy / "strategies" / "vulnerability.toml"
    before, goal = path.read_text(encoding="utf-8").split('id = "B-PM1"')
    assert old in goal
    path.write_text(before + 'id = "B-PM1"' + goal.replace(old, new, 1), encoding="utf-8")
    found = problems(copy)
    where = f"strategies/vulnerability.toml (goals B-PM1: {key})"
    assert message in found[where]


def test_surveys_and_public_figures_are_held_together(copy: Path) -> None:
    change(copy / "surveys.toml", 'survey = "citizen"', 'survey = "citizens"')
    change(copy / "surveys.toml", "scale_maximum = 5", "scale_maximum = 1")
    path = copy / "public_statistics.toml"
    doubled = path.read_text(encoding="utf-8").split("\n[[figure]]")[1]
    with path.open("a", encoding="utf-8") as file:
        file.write("[[figure]]" + doubled)
        file.write("[[figure]]" + doubled.replace('"homeless_persons"', '"homeless_people"'))
    found = problems(copy)
    assert found["surveys.toml (question overview: survey)"].endswith("'citizens' findes ikke")
    assert found["surveys.toml (question overview: scale_maximum)"] == "skal være større end scale_minimum"
    assert found["public_statistics.toml (figure: year)"].startswith("Hele landet 2009 står 2 gange")
    assert "nærmest er 'homeless_persons'" in found["public_statistics.toml (figure: statistic)"]


def test_many_mistakes_in_several_files_are_told_together(copy: Path) -> None:
    wellbeing, network = copy / "indicators" / "wellbeing.toml", copy / "indicators" / "network.toml"
    change(wellbeing, 'better = "higher"', 'better = "up"')
    change(network, 'kind = "citizen"', 'kinds = ["network"]')
    change(network, 'effort = "small"', 'effort = "lille"')
    change(copy / "surveys.toml", 'better = "higher"', 'bedst = "higher"')
    change(copy / "public_statistics.toml", "year = 2009", 'year = "2009"')
    assert {
        "indicators/wellbeing.toml (indicator who5_change: better)",
        "indicators/network.toml (indicator ambassador_citizen_share: of.kind)",
        "indicators/network.toml (indicator ambassador_citizen_share: of.kinds)",
        "indicators/network.toml (indicator ambassadors: effort)",
        "surveys.toml (question overview: better)",
        "surveys.toml (question overview: bedst)",
        "public_statistics.toml (figure nr. 1: year)",
    } <= set(problems(copy))


def test_one_id_in_two_files_is_a_mistake(copy: Path) -> None:
    (copy / "indicators" / "own.toml").write_text(OWN.replace('"own"', '"who5_change"'), encoding="utf-8")
    assert problems(copy)["indicators (who5_change)"] == "samme id står 2 gange; ét id skal være ét"


def test_a_survey_that_cannot_be_read_does_not_make_indicators_look_broken(copy: Path) -> None:
    change(copy / "surveys.toml", 'id = "overview"', "id = overview")
    assert list(problems(copy)) == ["surveys.toml"]


# --- as tables ---


def indicator(**given: Any) -> Indicator:
    """Return the test's own indicator with something else in it."""
    content = tomllib.loads(OWN)["indicator"][0] | given
    return Indicator.model_validate(content)


def table(catalogue: Catalogue, name: str, *indicators: Indicator) -> list[dict[str, Any]]:
    rows = strategy_tables(catalogue.model_copy(update={"indicators": indicators}))[name]
    return [dict(row) for row in rows]


def test_a_share_is_from_nought_to_one_in_the_tables(catalogue: Catalogue) -> None:
    targets = {row["goal_id"]: row["value"] for row in strategy_tables(catalogue)["goal_target"]}
    assert targets == {"B-PM1": 150, "B-PM2": 0.2, "B-PM3": 30, "B-O1": 2}
    baseline = {"date": date(2019, 1, 1), "value": 40, "source": "x"}
    (share,) = table(catalogue, "indicator", indicator(baseline=baseline))
    (mean,) = table(
        catalogue,
        "indicator",
        indicator(baseline=baseline, formula="survey_mean", of={"question": "overview"}),
    )
    assert (share["baseline_value"], mean["baseline_value"]) == (0.4, 40)


@pytest.mark.parametrize(
    ("given", "hundredths", "is_at_least"),
    [
        ({"at_most": 50}, 5000, False),
        ({"at_least": 7}, 700, True),
        ({"at_least": 2.5}, 250, True),
        ({}, None, None),
    ],
)
def test_a_limit_is_whole_hundredths_on_one_side(
    catalogue: Catalogue, given: dict[str, float], hundredths: int | None, is_at_least: bool | None
) -> None:
    (row,) = table(catalogue, "indicator", indicator(of=given))
    assert (row["threshold_hundredths"], row["is_at_least"]) == (hundredths, is_at_least)


def test_a_list_that_is_left_out_has_no_members(catalogue: Catalogue) -> None:
    some = indicator(
        id="some",
        formula="completed_share",
        of={"interventions": ("drug_treatment", "drug_treatment"), "end_reasons": ("completed",)},
    )
    everything = indicator(id="everything", formula="completed_share", of={})
    assert table(catalogue, "indicator_member", some, everything) == [
        {"indicator_id": "some", "list_kind": "intervention", "member": "drug_treatment"},
        {"indicator_id": "some", "list_kind": "end_reason", "member": "completed"},
    ]
    assert [row["list_kind"] for row in table(catalogue, "indicator", some, everything)] == [
        "intervention",
        None,
    ]


@pytest.mark.parametrize(("given", "expected"), [({}, True), ({"favourable": False}, False)])
def test_a_status_is_favourable_unless_it_is_said_not_to_be(
    catalogue: Catalogue, given: dict[str, bool], expected: bool
) -> None:
    of = {"domain": "housing"} | given
    (status,) = table(catalogue, "indicator", indicator(formula="status_share", of=of))
    (other,) = table(catalogue, "indicator", indicator())
    assert (status["is_favourable"], other["is_favourable"]) == (expected, None)


def test_the_areas_of_a_public_figure(catalogue: Catalogue) -> None:
    with duckdb.connect() as connection:
        load_reference(connection, catalogue, 2025, date(2026, 1, 31))
        kinds = dict(
            connection.execute(
                "SELECT area, ANY_VALUE(area_kind) FROM ref.public_figure GROUP BY ALL"
            ).fetchall()
        )
        rate = connection.execute(
            "SELECT value, rate FROM ref.public_figure WHERE area_kind = 'own' AND year = 2019"
        ).fetchone()
    assert (kinds["Fredericia"], kinds["Hele landet"], kinds["Kolding"]) == ("own", "national", "neighbour")
    assert rate == (41, 0.8)
