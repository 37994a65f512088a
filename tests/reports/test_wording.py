"""Words that must fit the numbers: which way a difference goes, how sure, how far away, how wide."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.catalogue import Catalogue
from pipelines.reports import danish
from pipelines.reports.content import content
from pipelines.reports.pages import content as pages
from pipelines.reports.pages.paragraph import Share, Told, sentences
from tests.reports import published
from tests.reports.published import texts_in
from tests.reports.test_content import line_of, rows
from tests.reports.test_decision import plain, told_why
from tests.reports.test_pages import page_of
from tests.reports.test_paragraph import TEXTS

Row = dict[str, Any]
Change = Callable[[str, Callable[[Row], Row]], None]
COMPARED, UNSOUND, NEAR_ZERO, ALONE = 1, 2, 4, 6


@pytest.fixture
def folder(year: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(year, tmp_path / "published"))


@pytest.fixture
def change(folder: Path) -> Change:
    def changed(mart: str, of_row: Callable[[Row], Row]) -> None:
        path = folder / f"{mart}.parquet"
        found = [row | of_row(row) for row in pq.read_table(path).to_pylist()]
        pq.write_table(pa.Table.from_pylist(found, pq.read_schema(path)), path)

    return changed


def below(catalogue: Catalogue, place: int, **where: str) -> Callable[[Row], Row]:
    """Move the main numbers of an intervention wholly below 0."""
    wanted = where | {"intervention_id": catalogue.interventions[place].id, "population": "window"}
    wanted |= {"specification": "main"}
    moved = {"estimate": -4.5, "lower": -7.1, "upper": -2.0, "verdict": "unfavourable"}
    return lambda row: moved if all(row[key] == value for key, value in wanted.items()) else {}


def test_no_relevant_effect_near_zero_is_not_better_maybe_worse(
    model: dict[str, Any], catalogue: Catalogue
) -> None:
    name = catalogue.interventions[NEAR_ZERO].name_da
    said = f"Undersøg: I {name} klarer borgerne sig ikke bedre end andre, måske dårligere."
    assert said in model["front"]["sentences"]


def test_no_relevant_effect_wholly_below_zero_is_worse(
    folder: Path, change: Change, catalogue: Catalogue
) -> None:
    change("intervention_effect", below(catalogue, NEAR_ZERO, design="D3"))
    model = content(folder, published.manifest(catalogue), catalogue)
    assert "under 0: Borgerne klarer sig dårligere" in line_of(model, catalogue, NEAR_ZERO)[5]["sub"]
    front, name = model["front"], catalogue.interventions[NEAR_ZERO].name_da
    said = f"Undersøg: I {name} klarer borgerne sig dårligere end dem, der sammenlignes med."
    assert said in front["sentences"]
    assert f"Hvem undersøger, hvorfor borgerne klarer sig dårligere i {name}?" in front["decide"]["items"]
    assert "I én klarer borgerne sig dårligere end andre." in front["headline"]
    assert not any("ikke bedre" in text for text in texts_in(front))


@pytest.mark.parametrize(
    ("place", "where"),
    [
        (ALONE, {"design": "D1", "statistic": "mean_change"}),
        (ALONE, {"design": "D2", "comparator": "without_support"}),
        (UNSOUND, {"design": "D3", "statistic": "mean_difference"}),
    ],
)
def test_what_goes_the_wrong_way_is_named_on_the_front_page(
    folder: Path, change: Change, catalogue: Catalogue, place: int, where: dict[str, str]
) -> None:
    change("intervention_effect", below(catalogue, place, **where))
    quiet = ("safety_flag", "investigate_no_effect", "investigate_harm", "invest", "not_better")
    change(
        "intervention_recommendation",
        lambda row: {"rule_id": "keep_measuring"} if row["rule_id"] in quiet else {},
    )
    front = content(folder, published.manifest(catalogue), catalogue)["front"]
    name = catalogue.interventions[place].name_da
    assert any(name in text and "udvikling" in text for text in front["sentences"])
    first = front["decide"]["items"][0]
    assert first.startswith(f"Hvem ser på {name}") and first.endswith("hvor tallene går den forkerte vej?")


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.0, "under 1 %"), (0.0049, "under 1 %"), (0.01, "1 %"), (0.99, "99 %"), (1.0, "over 99 %")],
)
def test_no_probability_is_a_certainty(probability: float, words: str) -> None:
    assert plain(danish.chance(probability)) == words


def test_the_sum_of_all_says_how_many_it_is_of(folder: Path, catalogue: Catalogue) -> None:
    path = folder / "economy_result.parquet"
    found = pq.read_table(path).to_pylist()
    whole = dict.fromkeys(found[0]) | {"intervention_id": "ALL", "outcome_id": "ALL", "payer": "all"}
    whole |= {"comparator": "not_yet_started", "item": "all", "is_suppressed": False}
    whole |= {"diagnostics": json.dumps({"interventions": 3})}
    found += [
        whole | {"statistic": "portfolio_net_result", "estimate": -9e6, "lower": -1e7, "upper": -8e6},
        whole | {"statistic": "portfolio_net_result", "payer": "state", "estimate": -9e6},
        whole | {"statistic": "portfolio_probability_net_result", "estimate": 0.0},
    ]
    pq.write_table(pa.Table.from_pylist(found, pq.read_schema(path)), path)
    model = content(folder, published.manifest(catalogue), catalogue)
    said = next(text for text in texts_in(model) if text.startswith("Tilsammen for"))
    assert said.startswith("Tilsammen for tre af 39 indsatser,")
    assert plain(said).endswith("Sandsynligheden for et plus er under 1 %.")


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (1.0, "enige, men fortegnet skifter i mindst én."),
        (0.5, "Nej: 50 % af de andre måder at regne på er enige."),
    ],
)
def test_many_agree_and_still_not_the_same_answer(
    folder: Path, change: Change, catalogue: Catalogue, share: float, words: str
) -> None:
    change("intervention_recommendation", lambda row: {"is_robust": False, "agreeing_share": share})
    model = pages.content(folder, published.manifest(catalogue), catalogue)
    assert told_why(model, catalogue, COMPARED)["Andre beregningsmåder"].endswith(words)


def test_line_and_page_give_the_same_reasons(folder: Path, change: Change, catalogue: Catalogue) -> None:
    change("intervention_evidence", lambda row: {"reason_not_higher": "one_provider"})
    manifest = published.manifest(catalogue)
    line = told_why(pages.content(folder, manifest, catalogue), catalogue, UNSOUND)["Hvad ville ændre den"]
    items = page_of(pages.content(folder, manifest, catalogue), catalogue, UNSOUND)["trust"]["items"]
    for words in ("leverandør", "grupperne er mere forskellige, end tilfældet kan forklare"):
        assert words in line
        assert words in items[-1]


@pytest.mark.parametrize(
    ("near", "words"),
    [
        ({"measure": "coverage", "from": 0.6049, "to": 0.6}, "dækning er 60,5 %; grænsen er 60,0 %."),
        ({"measure": "coverage", "from": 0.72, "to": 0.6}, "dækning er 72 %; grænsen er 60 %."),
        ({"measure": "pairs_per_arm", "from": 20, "to": 19}, "er mindst 20; grænsen er under 20."),
        ({"measure": "pairs_per_arm", "from": 15, "to": 20}, "er mindst 15; grænsen er 20."),
    ],
)
def test_a_value_and_its_limit_never_read_the_same(
    folder: Path, change: Change, catalogue: Catalogue, near: dict[str, Any], words: str
) -> None:
    would_change = json.dumps({"nearest": {"rule": "measure_better", **near}})
    change("intervention_recommendation", lambda row: {"would_change": would_change})
    model = pages.content(folder, published.manifest(catalogue), catalogue)
    assert told_why(model, catalogue, COMPARED)["Nærmest er"].endswith(words)


@pytest.mark.parametrize(
    ("months", "words"), [(60, "cirka 60 måneder mere."), (61, "Det kan ikke nås med så få borgere.")]
)
def test_what_is_too_far_away_is_not_counted_in_months(
    folder: Path, change: Change, catalogue: Catalogue, months: int, words: str
) -> None:
    would_change = json.dumps({"more_months": months})
    change("intervention_recommendation", lambda row: {"would_change": would_change})
    model = pages.content(folder, published.manifest(catalogue), catalogue)
    assert told_why(model, catalogue, COMPARED)["Hvad ville ændre den"].endswith(words)


def test_an_interval_wider_than_the_scale_is_not_told(
    folder: Path, change: Change, catalogue: Catalogue
) -> None:
    wide = {"estimate": 14.0, "lower": -720.0, "upper": 1000.0}
    change("intervention_effect", lambda row: wide if row["statistic"] == "mean_difference" else {})
    manifest = published.manifest(catalogue)
    model = content(folder, manifest, catalogue)
    assert line_of(model, catalogue, COMPARED)[2]["text"] == "for usikkert til at vise"
    page = page_of(pages.content(folder, manifest, catalogue), catalogue, COMPARED)
    assert page["facts"][0]["figure"] == "For usikkert til at vise"
    assert not any("720" in text for text in texts_in(page))


def test_a_difference_in_shares_wider_than_all_is_not_told() -> None:
    found = Told(
        people=120, pairs=80, before="40", after="52", instrument="WHO-5", development="progress",
        better=Share(37, 80), less_without=(0.14, -0.4, 0.7), comparator="waiting", comparison="undecided",
    )  # fmt: skip
    said = sentences(TEXTS, found)
    assert "Forskellen er for usikker til at vise." in said
    assert not any("cirka" in text or "mellem" in text for text in said)


def test_no_other_decline_says_what_it_is_about_and_a_difference_below_counts(
    folder: Path, change: Change, catalogue: Catalogue
) -> None:
    chosen = next(i for i in catalogue.interventions if len(i.outcomes) > 1 and len(i.registers) == 0)
    place = catalogue.interventions.index(chosen)
    other = next(o for o in chosen.outcomes if not o.primary)
    key = {"intervention_id": chosen.id, "outcome_id": f"{other.instrument}:{other.respondent}"}

    def against(row: Row) -> Row:
        # A row of development becomes the difference; which one is of no matter here.
        is_chosen = all(row[name] == value for name, value in key.items())
        difference = {"design": "D3", "comparator": "other_support", "statistic": "mean_difference"}
        difference |= {"estimate": -4.1, "lower": -6.6, "upper": -1.6}
        return difference if is_chosen and row["statistic"] == "share_at_ceiling" else {}

    change("intervention_effect", against)
    items = page_of(pages.content(folder, published.manifest(catalogue), catalogue), catalogue, place)[
        "worse"
    ]
    assert any(text.startswith("Målt mod anden støtte er tallet dårligere på ") for text in items["items"])


def test_conditions_that_must_not_hold_are_sentences(model: dict[str, Any]) -> None:
    conditions = [row[1]["text"] for row in rows(model, "tabel-regler")]
    assert not any("ikke: " in text for text in conditions)
    assert any("støtten er ikke en ret efter loven" in text for text in conditions)
