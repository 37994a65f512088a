"""Group-time effects against the minimum wage panel (Callaway & Sant'Anna 2021, by the did package)."""

import numpy as np
import pytest

from pipelines.estimators import staggered
from tests.reference.published import cases, texts

SPECIFICATIONS = {
    "att_gt_never_nocov": ("never_started", False, "never_nocov"),
    "att_gt_never_lpop_dr": ("never_started", True, "nev_lpop_dr"),
    "att_gt_notyet_lpop_dr": ("not_yet_started", True, "nyt_lpop_dr"),
    "att_gt_notyet_nocov": ("not_yet_started", False, None),
}
GATHERED = {
    "dynamic": staggered.by_horizon,
    "group": staggered.by_group,
    "calendar": staggered.by_period,
}
FIRST_YEAR = 2003


@pytest.fixture(scope="module")
def panel(oracles):
    folder = oracles / "did_mpdta"
    rows = texts(folder)
    counties = sorted({row["countyreal"] for row in rows})
    place = {county: n for n, county in enumerate(counties)}
    outcome, population = np.zeros((len(counties), 5)), np.zeros(len(counties))
    start = np.zeros(len(counties), dtype=np.int64)
    for row in rows:
        n, first = place[row["countyreal"]], int(float(row["first.treat"]))
        outcome[n, int(row["year"]) - FIRST_YEAR] = float(row["lemp"])
        start[n] = first - FIRST_YEAR if first else staggered.NEVER
        population[n] = float(row["lpop"])
    return outcome, start, population, cases(folder)


def effects_of(panel, comparison, has_covariate):
    outcome, start, population, _ = panel
    covariates = population[:, None] if has_covariate else np.zeros((len(start), 0))
    return staggered.group_time_effects(staggered.Panel(outcome, start, covariates), comparison)


@pytest.mark.parametrize("case", SPECIFICATIONS)
def test_every_group_time_effect_and_its_analytic_error(panel, case):
    comparison, has_covariate, _ = SPECIFICATIONS[case]
    found = effects_of(panel, comparison, has_covariate)
    errors = found.standard_error
    by_place = {
        (int(g) + FIRST_YEAR, int(t) + FIRST_YEAR): (e, se)
        for g, t, e, se in zip(found.group, found.period, found.effect, errors, strict=True)
    }
    expected = panel[3][case]
    assert len(expected) == len(by_place)
    for row in expected:
        assert by_place[row["group"], row["time"]] == pytest.approx((row["att"], row["se"]), abs=1e-9)


@pytest.mark.parametrize("case", [c for c, spec in SPECIFICATIONS.items() if spec[2]])
def test_every_way_of_gathering_them(panel, case):
    comparison, has_covariate, name = SPECIFICATIONS[case]
    start, expected = panel[1], panel[3]
    found = effects_of(panel, comparison, has_covariate)
    simple = expected[f"agg_simple_{name}"]
    assert staggered.overall(found, start) == pytest.approx(
        (simple["overall_att"], simple["overall_se"]), abs=1e-9
    )
    for kind, gather in GATHERED.items():
        gathered, wanted = gather(found, start), expected[f"agg_{kind}_{name}"]
        assert gathered.overall == pytest.approx(wanted["overall_att"], abs=1e-9)
        assert gathered.overall_standard_error == pytest.approx(wanted["overall_se"], abs=1e-9)
        assert gathered.effect == pytest.approx(wanted["att_egt"], abs=1e-9)
        assert gathered.standard_error == pytest.approx(wanted["se_egt"], abs=1e-9)


def test_the_test_of_the_time_before(panel):
    wald = panel[3]["pretest_wald_never_nocov"]
    found = staggered.pre_period_test(effects_of(panel, "never_started", has_covariate=False))
    assert found == pytest.approx((wald["W"], wald["df"], wald["p"]), abs=1e-8)
    for comparison, name in (("never_started", "never"), ("not_yet_started", "notyet")):
        p = staggered.pre_period_test(effects_of(panel, comparison, has_covariate=True))[2]
        assert p == pytest.approx(panel[3][f"pretest_wald_{name}_lpop_dr"]["p"], abs=1e-5)
