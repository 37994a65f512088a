"""The calibration's machinery by hand-made worlds, and its page against a quick run."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from pipelines.calibration import bench, cells, comparison_group, designs, page, sections
from pipelines.calibration.findings import Claim, Figure, covers, mean, ratio, root_mean_square, share
from pipelines.calibration.register import Register, draw_panel
from pipelines.calibration.world import UNKNOWN_PROVIDER, World, draw_people, draw_reference, joined
from pipelines.catalogue import load_catalogue
from tests.conftest import ROOT

SEED, REPLICATIONS = 20261122, 4
PAGE = ROOT / "docs" / "calibration.md"
FIGURE = re.compile(r"(-?\d+\.\d+) ± (\d+\.\d+)|–(?= \|)")


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue(ROOT / "catalogue")


@pytest.fixture(scope="module")
def setting(catalogue):
    return {p.id: p.value for p in catalogue.parameters}


def run(some, setting, workers, replications=REPLICATIONS):
    return bench.run(
        some, setting, replications=replications, seed=SEED, workers=workers, progress=lambda *_: None
    )


@pytest.fixture(scope="module")
def quick(setting):
    return run(cells(), setting, workers=2)


@pytest.fixture(scope="module")
def parts(quick, setting, catalogue):
    return sections(quick, setting, catalogue.recommendation)


def rng(seed=1):
    return np.random.default_rng(seed)


def test_the_same_numbers_whatever_the_processes_the_other_cells_and_the_replications(quick, setting):
    some = [c for c in cells() if c.id in {"size/20", "register/alike/60"}]
    alone = run(some, setting, workers=1, replications=2)
    for cell, columns in alone.items():
        for name, values in columns.items():
            assert values.tolist() == pytest.approx(quick[cell][name][:2].tolist(), nan_ok=True)


def test_no_two_cells_share_their_random_numbers():
    ids = [cell.id for cell in cells()]
    assert len(set(ids)) == len(ids)


def test_the_world_is_as_described():
    world = World(treated=4000, others=3000, answered_treated=0.9, answered_others=0.6)
    people = draw_people(world, rng())
    assert people.is_treated.sum() == 4000
    answered = ~np.isnan(people.follow_up)
    assert answered[people.is_treated].mean() == pytest.approx(0.9)
    assert answered[~people.is_treated].mean() == pytest.approx(0.6)
    # Asked for help when low, and the lower of them chosen.
    assert people.baseline[people.is_treated].mean() < people.baseline[~people.is_treated].mean() < -0.2
    assert (people.provider == UNKNOWN_PROVIDER).all()


def test_an_unselected_reference_keeps_the_planted_correlation():
    first, second = draw_reference(World(correlation=0.7), 40_000, rng())
    assert (first.mean(), first.std(), second.std()) == pytest.approx((0, 1, 1), abs=0.03)
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(0.7, abs=0.02)


def test_providers_of_the_arms_are_others_and_differ_as_planted():
    people = draw_people(World(300, 300, providers=(3, 4), provider_variance=400.0), rng())
    of_arms = [set(people.provider[arm].tolist()) for arm in (people.is_treated, ~people.is_treated)]
    assert [len(of_arm) for of_arm in of_arms] == [3, 4]
    assert not of_arms[0] & of_arms[1]
    known = ~np.isnan(people.follow_up)
    for provider in of_arms[0]:
        # Within a provider the persons' own spread, among providers twenty times as much.
        assert people.follow_up[known & (people.provider == provider)].std() < 2
    assert people.follow_up[known].std() > 5


def test_a_hidden_severity_shows_in_what_was_held_out_and_in_no_covariate():
    world = World(4000, 4000, chosen_by_score=0, chosen_by_recorded=0, chosen_by_hidden=1.0, hidden_cost=0.5)
    people = draw_people(world, rng())
    z = people.is_treated

    def gap(values):
        return np.nanmean(values[z], axis=0) - np.nanmean(values[~z], axis=0)

    assert np.abs(gap(people.covariates)).max() < 0.1
    assert gap(people.held_out)[1:].min() > 0.3
    assert np.nanmean(people.follow_up[z]) < np.nanmean(people.follow_up[~z]) - 0.3


def test_every_design_moves_by_exactly_what_is_added_to_the_treated(setting):
    world = World(treated=60, others=60, providers=(6, 6), provider_variance=0.05)
    people, reference = draw_people(world, rng()), draw_reference(world, 400, rng(2))
    count = designs.draw_counts(120, setting, rng(3))
    helped = replace(people, follow_up=people.follow_up + 0.5 * people.is_treated)

    def ask(of):
        return (
            designs.before_after(of, setting)
            | designs.against_reference(of, reference, setting)
            | designs.against_waiting(of, setting)
            | designs.difference(of, count, setting)[1]
        )

    before, after = ask(people), ask(helped)
    for design in ("d1", "d2_reference", "d2_waiting", "d3"):
        for of in ("estimate", "lower", "upper"):
            # Hundredths of points are rounded on the way into D2.
            assert after[f"{design}_{of}"] - before[f"{design}_{of}"] == pytest.approx(0.5, abs=1e-3)
    assert after["d3_is_sound"] == before["d3_is_sound"]


def test_without_enough_who_wait_nothing_is_expected_of_them(setting):
    few = draw_people(World(treated=40, others=24), rng())
    assert np.isnan(designs.against_waiting(few, setting)["d2_waiting_estimate"])


def test_joined_people_are_all_there():
    one, other = (draw_people(World(treated=a, others=b), rng()) for a, b in ((5, 0), (0, 7)))
    both = joined(one, other)
    assert (both.is_treated.sum(), len(both.baseline)) == (5, 12)
    assert both.groups.covariates.mean(axis=0) == pytest.approx(0)


def test_the_register_dips_before_the_start_and_has_no_effect():
    register = Register(persons=6000, dip=0.5)
    panel = draw_panel(register, rng())
    horizon = np.arange(register.periods) - panel.start[:, None]
    at = {h: panel.outcome[horizon == h].mean() for h in (-3, -1, 0, 2)}
    assert at[-1] == pytest.approx(at[-3] / 2, rel=0.1)
    assert at[0] == pytest.approx(at[2], rel=0.1)
    drifting = draw_panel(replace(register, drift=3.0), rng())
    early = panel.start < register.periods
    assert (panel.outcome - drifting.outcome)[early][:, -1] == pytest.approx(21.0)
    assert (panel.outcome - drifting.outcome)[~early].max() == 0


def test_figures_by_hand():
    assert share(np.array([True, True, False, False])).value == 0.5
    # Never an error of 0: (0 + 2) / (16 + 4) is a tenth.
    assert share(np.zeros(16, bool)).error == pytest.approx(np.sqrt(0.1 * 0.9 / 20))
    values = np.array([1.0, 3.0, np.nan])
    assert (mean(values).value, mean(values).error) == pytest.approx((2.0, 1.0))
    assert root_mean_square(np.array([3.0, -4.0])).value == pytest.approx(np.sqrt(12.5))
    assert ratio(np.array([1.0, 2.0]), np.array([2.0, 2.0])).value == 0.75
    held = covers(np.array([-1.0, 0.5, np.nan]), np.array([1.0, 1.0, np.nan]))
    assert held.value == 0.5
    assert str(share(np.zeros(0, bool))) == "–"


@pytest.mark.parametrize(
    ("value", "is_within", "is_refuted"),
    [
        (0.93, True, False),
        (0.97, True, False),
        (0.9, False, False),
        (0.89, False, True),
        (np.nan, False, True),
    ],
)
def test_a_claim_is_refuted_beyond_three_errors(value, is_within, is_refuted):
    claim = Claim("covers", Figure(value, 0.0101), 0.93, 0.97)
    assert (claim.is_within, claim.is_refuted) == (is_within, is_refuted)


def test_a_promise_that_a_decision_weighs_is_no_fault():
    claim = Claim("found", Figure(0.4, 0.01), 0.8, 1.0)
    assert claim.is_fault
    weighed = replace(claim, decision="0009.md")
    assert (weighed.is_refuted, weighed.is_fault) == (True, False)


def test_a_quick_run_refutes_nothing(parts):
    assert [c.text for s in parts for c in s.claims if c.is_fault] == []


def test_some_worlds_alone_have_the_sections_that_need_no_others(quick, setting, catalogue):
    only = {cell.id: quick[cell.id] for cell in cells("size/")}
    assert list(only) == [f"size/{n}" for n in comparison_group.SIZES]
    assert [s.id for s in sections(only, setting, catalogue.recommendation)] == ["sizes"]


def test_the_numbers_are_json_and_all_there(parts):
    told = json.loads(json.dumps(page.numbers(parts, replications=REPLICATIONS, seed=SEED), allow_nan=False))
    assert [len(s["rows"]) for s in told["sections"]] == [len(s.rows) for s in parts]
    assert told["sections"][1]["rows"][0][1] == str(comparison_group.SIZES[0])


@pytest.fixture(scope="module")
def rendered(parts):
    return page.render(parts, replications=REPLICATIONS, seed=SEED, command="x")


def skeleton(text):
    """The page without its figures, without what depends on them, and without how it was made."""
    text = re.sub(r"Made by .*?seed \d+\)", "", text, flags=re.S)
    text = re.sub(r"(yes|within Monte Carlo error|\*\*no\*\*) \|", "answer |", text)
    return FIGURE.sub("#", text)


def test_the_page_is_what_the_code_renders(rendered):
    assert skeleton(PAGE.read_text(encoding="utf-8")) == skeleton(rendered)


def test_a_quick_run_agrees_with_the_page(rendered):
    """Within five Monte Carlo errors of so few replications, by the page's own, and one more or less."""
    text = PAGE.read_text(encoding="utf-8")
    of_page = int(re.search(r"([\d,]+) replications", text)[1].replace(",", ""))
    larger = np.sqrt(of_page / REPLICATIONS)
    pairs = zip(FIGURE.finditer(text), FIGURE.finditer(rendered), strict=True)
    for told, found in pairs:
        if told[1] is None or found[1] is None:
            continue
        # Shares have one decimal, and one hit of four is a quarter.
        one_more = 100 / REPLICATIONS if len(told[1].partition(".")[2]) == 1 else 0.02
        slack = 5 * float(told[2]) * larger + one_more
        assert abs(float(told[1]) - float(found[1])) <= slack, (told[0], found[0])
