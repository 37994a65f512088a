"""Rules for scoring that contradict themselves, norm sets, and scales that cannot be turned."""

import shutil

import pytest

from pipelines.catalogue import load_catalogue
from pipelines.errors import CatalogueError
from tests.conftest import ROOT

SDQ, WHO5, ORS = (f"instruments/{name}.toml" for name in ("SDQ", "WHO5", "ORS"))
ITEMS = 'items = ["1", "2", "3", "4", "5"]'


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(ROOT / "catalogue", tmp_path / "catalogue")


def change(path, old, new, count=1):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")


def problems(copy):
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(copy)
    return [str(p) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (ITEMS, 'items = ["1", "2", "3", "4"]', "fra 0 til 80, men måleredskabets skala er 0 til 100"),
        ("multiplier = 4", "multiplier = 0.5", "reglen giver scorer fra 0 til 12,5"),
        ("multiplier = 4", "multiplier = 0", "scoring.multiplier): skal være større end 0"),
        ("item_maximum = 5", "item_maximum = 0", "item_maximum): skal være større end item_minimum"),
        (ITEMS, 'items = ["1", "2", "3", "4", "4"]', "spørgsmål '4' står 2 gange"),
        (ITEMS, "items = []", "skal have mindst 1 i listen"),
        (ITEMS, f'{ITEMS}\nreversed_items = ["6"]', "parts total.reversed_items): spørgsmål '6' er ikke"),
        (ITEMS, f"{ITEMS}\nminimum_answered = 6", "minimum_answered): skal være fra 1 til 5"),
        (ITEMS, f"{ITEMS}\nminimum_answered = 0", "minimum_answered): skal være fra 1 til 5"),
        (ITEMS, f"{ITEMS}\nin_total = false", "mindst én del skal tælle med"),
        ("multiplier = 4", 'multiplier = 4\npermission_da = "brev"', "bruges ikke uden permission_from_da"),
    ],
)  # fmt: skip
def test_a_rule_that_contradicts_itself(copy, old, new, problem):
    change(copy / WHO5, old, new)
    assert problem in " ".join(problems(copy))


def test_an_item_belongs_to_one_part(copy):
    change(copy / SDQ, 'items = ["1", "4", "9", "17", "20"]', 'items = ["1", "4", "9", "17", "25"]')
    assert problems(copy) == [
        "instruments/SDQ (scoring.parts): spørgsmål '25' står 2 gange; hvert spørgsmål hører til én del"
    ]


@pytest.mark.parametrize("name", [SDQ, ORS])
def test_a_rule_whose_owner_must_permit_it_is_in_use_only_with_the_permission_named(copy, name):
    instrument_id = name.removeprefix("instruments/").removesuffix(".toml")
    assert load_catalogue(copy).instrument(instrument_id).items == ()
    change(copy / name, "permission_from_da", 'permission_da = ""\npermission_from_da')
    assert load_catalogue(copy).instrument(instrument_id).items == ()
    change(copy / name, 'permission_da = ""', 'permission_da = "Aftale 12-34 af 1. maj 2025"')
    assert len(load_catalogue(copy).instrument(instrument_id).items) == (25 if name == SDQ else 4)


def test_only_the_chosen_set_of_norms_is_used(catalogue, copy):
    british = catalogue.instrument("SDQ")
    assert {n.norm_set for n in british.norms_in_use} == {"british"}
    assert british.norm("parent").cutoff == 17
    for who in ("Forælder", "Lærer", "Den unge selv"):
        label = f'label_da = "{who}, danske normer, Arnfred m.fl. 2019 (én dansk kommune)"'
        change(copy / SDQ, label, f"{label}\ncutoff = 14")
    change(copy / SDQ, 'norm_set = "british"', 'norm_set = "danish_arnfred_2019"')
    danish = load_catalogue(copy).instrument("SDQ")
    assert [n.cutoff for n in danish.norms_in_use] == [14, 14, 14]
    assert (danish.norm("parent").cutoff, danish.norm("parent").sd) == (14, None)


def test_a_chosen_set_without_a_respondent_that_an_outcome_needs(copy):
    change(copy / SDQ, 'norm_set = "british"', 'norm_set = "danish_niclasen_2012"')
    text = " ".join(problems(copy))
    assert "måleredskabet 'SDQ' har ingen norm for 'self' i normsættet 'danish_niclasen_2012'" in text


def test_a_chosen_set_without_numbers(copy):
    change(copy / SDQ, 'norm_set = "british"', 'norm_set = "danish_arnfred_2019"')
    text = " ".join(problems(copy))
    assert "har ingen tal for 'parent' i normsættet 'danish_arnfred_2019'; skriv dem ind fra kilden" in text


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            'norm_set = "british"\n\n', "\n",
            "vælg et af normsættene: british, danish_arnfred_2019, danish_niclasen_2012",
        ),
        ('norm_set = "british"', 'norm_set = "danish"', "normsættet 'danish' findes ikke; kendte: british"),
        (
            'respondent = "teacher"\nnorm_set = "british"', 'respondent = "parent"\nnorm_set = "british"',
            "2 normer for 'parent' i normsættet 'british'",
        ),
    ],
)  # fmt: skip
def test_norm_sets_that_cannot_be_told_apart(copy, old, new, problem):
    change(copy / SDQ, old, new)
    assert problem in " ".join(problems(copy))


def test_two_norms_without_a_set(copy):
    path = copy / WHO5
    path.write_text(path.read_text(encoding="utf-8") + '\n[[norms]]\nrespondent = "self"\nlabel_da = "x"\n')
    assert "2 normer for 'self'; giv hvert sæt et navn (norm_set)" in " ".join(problems(copy))


def test_a_feed_without_a_scale_cannot_be_turned_round(copy):
    change(copy / "sources/cpr_udtraek.toml", 'extract = "person"', 'extract = "person"\nturned_round = true')
    assert problems(copy) == [
        "sources/cpr_udtraek (feeds person: turned_round): 'person' har ingen skala at vende"
    ]


def test_items_need_the_instrument_beside_them(copy):
    change(copy / "extracts/item_answer.toml", 'references = "instrument"\n', "")
    assert 'skalaen kan ikke findes uden et felt med references = "instrument"' in " ".join(problems(copy))
