"""What two catalogues differ in is named, and what is no method is not."""

import copy
from typing import Any

import pytest

from pipelines.catalogue.changes import changed_parts, read_content
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def then() -> dict[str, Any]:
    content = {name: dict(one) for name, one in read_content(ROOT / "examples" / "demo").items()}
    # The table of rules as this test knows it, whatever stands in the catalogue.
    content["recommendation.toml"] = {
        "evidence": [{"id": "level_2", "level": 2, "when": ["design is D1"]}],
        "rule": [
            {"id": "stop", "label_da": "Stop", "reason_da": "a", "when": ["p < limit"]},
            {"id": "go", "label_da": "Fortsæt", "reason_da": "b", "when": ["p > limit"]},
        ],
    }
    return content


@pytest.fixture
def now(then: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(then)


def first(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = content["interventions.toml"]["intervention"][0]
    return found


def changed(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    return changed_parts(then, now, first(then)["id"])


def test_the_same_catalogue_has_no_change(then: dict[str, Any], now: dict[str, Any]) -> None:
    assert changed(then, now) == []


def test_words_notes_and_sources_are_no_method(then: dict[str, Any], now: dict[str, Any]) -> None:
    first(now)["name_da"] = "Et andet navn"
    now["parameters.toml"]["parameter"][0]["source"] = "Et andet sted"
    now["instruments/WHO5.toml"]["norms"][0]["sd_certainty"] = "sample"
    now["recommendation.toml"]["rule"][0]["reason_da"] = "Sagt på en anden måde"
    assert changed(then, now) == []


def test_a_parameter_is_named_with_both_values(then: dict[str, Any], now: dict[str, Any]) -> None:
    parameter = next(p for p in now["parameters.toml"]["parameter"] if p["id"] == "minimum_pairs")
    parameter["value"] = 30
    assert changed(then, now) == [f"parameteren »{parameter['label_da']}« (20 → 30)"]


def test_a_parameter_that_came_or_went_is_named(then: dict[str, Any], now: dict[str, Any]) -> None:
    gone = now["parameters.toml"]["parameter"].pop()
    now["parameters.toml"]["parameter"].append({"id": "brand_new", "value": 7, "label_da": "Ny"})
    assert changed(then, now) == [
        "parameteren »Ny« (fandtes ikke → 7)",
        f"parameteren »{gone['label_da']}« ({gone['value']} → fandtes ikke)",
    ]


@pytest.mark.parametrize(
    ("key", "value", "part"),
    [
        ("horizon_months", 24, "indsatsens horisont"),
        ("registers", ["debt"], "indsatsens registerudfald"),
        ("goals", [], "indsatsens mål"),
    ],
)
def test_the_intervention_itself(
    then: dict[str, Any], now: dict[str, Any], key: str, value: object, part: str
) -> None:
    first(now)[key] = value
    assert changed(then, now) == [part]
    # Of no matter to an intervention of another area.
    other = next(i for i in then["interventions.toml"]["intervention"] if i["area"] != first(then)["area"])
    assert changed_parts(then, now, other["id"]) == []


def test_who_is_compared_with_is_method(then: dict[str, Any], now: dict[str, Any]) -> None:
    now["interventions.toml"]["intervention"].append(first(now) | {"id": "newcomer"})
    assert changed(then, now) == ["hvilke andre indsatser på området den sammenlignes med"]
    assert changed_parts(then, now, "newcomer") == ["indsatsen var ikke i kataloget"]
    assert changed_parts(now, then, "newcomer") == ["indsatsen er ikke længere i kataloget"]


def test_only_the_instruments_of_the_interventions_own_outcomes(
    then: dict[str, Any], now: dict[str, Any]
) -> None:
    own = {o["instrument"] for o in first(then)["outcomes"]}
    for name, content in now.items():
        if name.startswith("instruments/"):
            content["norms"][0]["sd"] = 1.25
    assert changed(then, now) == [f"måleredskabet {name}" for name in sorted(own)]


def test_a_reference_of_an_own_instrument(then: dict[str, Any], now: dict[str, Any]) -> None:
    own = {o["instrument"] for o in first(then)["outcomes"]}
    for row in now["references.toml"]["reference"]:
        row["mean"] += row["instrument"] in own
    assert changed(then, now) == ["referencen for det forventede uden støtte"]


def test_rules_and_their_order(then: dict[str, Any], now: dict[str, Any]) -> None:
    now["recommendation.toml"]["rule"][0]["when"] = ["p <= limit"]
    assert changed(then, now) == ["reglen »Stop«"]
    now["recommendation.toml"]["rule"].reverse()
    now["recommendation.toml"]["evidence"][0]["level"] = 1
    assert changed(then, now) == ["evidensniveauet »level_2«", "reglen »Stop«", "reglernes rækkefølge"]


def test_a_catalogue_from_before_there_was_a_file_is_read(then: dict[str, Any], now: dict[str, Any]) -> None:
    earlier = {name: content for name, content in then.items() if name != "recommendation.toml"}
    assert changed(earlier, now) == ["evidensniveauet »level_2«", "reglen »Fortsæt«", "reglen »Stop«"]


@pytest.mark.parametrize(
    ("file", "key", "row", "said"),
    [
        ("willingness_to_pay.toml", "willingness_to_pay", {"amount_dkk": 90000}, "betalingsviljen »own«"),
        ("price_indices.toml", "price_index", {"level": 104.2}, "prisniveauet »own«"),
    ],
)
def test_what_the_money_is_worth_is_method(
    then: dict[str, Any], now: dict[str, Any], file: str, key: str, row: dict[str, Any], said: str
) -> None:
    now[file] = {key: [{"id": "own", **row}]}
    assert changed({**then, file: {}}, now) == [said]


def test_how_goals_are_followed_is_no_method_of_an_intervention(
    then: dict[str, Any], now: dict[str, Any]
) -> None:
    now["indicators/wellbeing.toml"]["indicator"][0]["better"] = "none"
    now["strategies/vulnerability.toml"]["goals"][0]["indicators"] = []
    assert changed(then, now) == []
