"""Prices, consequences and rates that do not hold together are told by file and key, in Danish."""

import shutil

import pytest

from pipelines.catalogue import load_catalogue
from pipelines.errors import CatalogueError
from tests.conftest import ROOT

PRICE = """
[[unit_price]]
id = "{id}"
label_da = "Prisen"
unit_da = "måned"
payer = "state"
price_dkk = 100.0
price_year = {year}
source = "opdigtet"
certainty = "sample"
"""
CONSEQUENCE = """
[[consequence]]
id = "{id}"
label_da = "Følgen"
outcome = "{outcome}"
unit_price = "month"
years = [{years}]
source = "opdigtet"
certainty = "sample"
"""
YEAR = "{{ year = {year}, units = {units}, lower = 1.0, upper = 3.0{more} }}"
REGISTER = "register:employment"


def price(**known):
    return PRICE.format(**{"id": "month", "year": 2025} | known)


def year(**known):
    return YEAR.format(**{"year": 0, "units": 2.0, "more": ""} | known)


def consequence(*years, **known):
    return CONSEQUENCE.format(**{"id": "c", "outcome": REGISTER, "years": ", ".join(years)} | known)


@pytest.fixture
def problems(tmp_path):
    """Return what a catalogue with these files is told, by file and key."""

    def run(**files):
        folder = tmp_path / "catalogue"
        shutil.copytree(ROOT / "catalogue", folder)
        for name, text in files.items():
            (folder / f"{name}.toml").write_text(text, encoding="utf-8")
        try:
            load_catalogue(folder)
        except CatalogueError as error:
            return {problem.where: problem.message_da for problem in error.problems}
        return {}

    return run


def test_a_price_and_what_is_spared_by_it(problems):
    assert problems(unit_prices=price(), consequences=consequence(year())) == {}


def test_a_year_after_what_was_measured_needs_its_own_source(problems):
    later = {"unit_prices": price(), "consequences": consequence(year(), year(year=1))}
    ((where, message),) = problems(**later).items()
    assert where == "consequences.toml (consequence c: years)"
    assert message.startswith("år 1 ligger efter det, der er målt")


def test_a_year_after_what_was_measured_with_its_own_source(problems):
    later = year(year=1, more=', beyond_source = "nogen"')
    assert problems(unit_prices=price(), consequences=consequence(year(), later)) == {}


@pytest.mark.parametrize(
    ("known", "key"),
    [
        ({"outcome": "register:debt_free"}, "outcome"),
        ({"outcome": "WHO5:parent"}, "outcome"),
        ({"years": year(units=4.0)}, "years"),
        ({"years": f"{year()}, {year()}"}, "years"),
    ],
)
def test_a_consequence_that_could_not_be_used(problems, known, key):
    found = problems(unit_prices=price(), consequences=consequence(year(), **known))
    assert f"consequences.toml (consequence c: {key})" in found


def test_a_consequence_without_its_price(problems):
    assert problems(consequences=consequence(year())) == {
        "consequences.toml (consequence c: unit_price)": "enhedsprisen 'month' findes ikke"
    }


def test_two_outcomes_of_one_support_do_not_spare_the_same_twice(problems):
    both = consequence(year()) + consequence(year(), id="d", outcome="WHO5:self")
    found = problems(unit_prices=price(), consequences=both)
    assert "2 gange i år 0" in found["consequences.toml (unit_price)"]


def test_a_price_of_another_year_needs_both_levels(problems):
    found = problems(unit_prices=price(year=2023))
    assert "2025-priser" in found["unit_prices.toml (unit_price month: price_year)"]


@pytest.mark.parametrize("limits", ["lower_dkk = 90.0", "lower_dkk = 110.0\nupper_dkk = 120.0"])
def test_an_interval_has_two_ends_and_the_price_between_them(problems, limits):
    found = problems(unit_prices=price() + limits)
    assert "unit_prices.toml (unit_price month: lower_dkk)" in found


def test_an_amount_is_for_an_outcome_that_somebody_is_judged_by(problems):
    text = (
        '[[willingness_to_pay]]\nid = "w"\noutcome = "{}"\nunit = "sd"\namount_dkk = 1.0\ndecided_da = ""\n'
    )
    found = problems(willingness_to_pay=text.format(REGISTER))
    assert "willingness_to_pay.toml (willingness_to_pay w: outcome)" in found


def test_rates_begin_with_year_0(problems):
    text = (ROOT / "catalogue" / "discount_rates.toml").read_text(encoding="utf-8")
    found = problems(
        discount_rates=text.replace("year_from = 0\nrate = 0.035", "year_from = 1\nrate = 0.035")
    )
    assert "year_from = 0" in found["discount_rates.toml (valid_from 2021-01-07)"]


def test_the_municipalitys_own_catalogue_makes_up_no_price(catalogue):
    assert (catalogue.unit_prices, catalogue.consequences, catalogue.willingness_to_pay) == ((), (), ())


def test_every_made_up_price_of_the_demo_says_so():
    demo = load_catalogue(ROOT / "examples" / "demo")
    for entry in (*demo.unit_prices, *demo.consequences, *demo.price_indices):
        assert (entry.source, entry.certainty) == ("opdigtet til demoen", "sample")
    assert {willing.decided_da for willing in demo.willingness_to_pay} == {"opdigtet til demoen"}
    beyond = {one.beyond_source for c in demo.consequences for one in c.years if one.year}
    assert beyond == {"opdigtet til demoen"}
