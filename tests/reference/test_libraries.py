"""Our estimators against other people's programs: numbers made once by the libraries, with the call that did.

The libraries are no dependency (docs/decisions/0007-own-estimators-or-libraries.md holds the whole script).
"""

import numpy as np
import pytest

from pipelines.estimators import staggered, weighting
from pipelines.estimators.clustered import ClusterRobust, cluster_robust
from pipelines.estimators.growth import CourseSums, Growth, fit_growth
from tests.reference.published import columns, texts

# statsmodels 0.15.0: GLM(Binomial, freq_weights), WLS, put together as overlap weights and outcome models
OVERLAP, OVERLAP_BOOTSTRAP_SD = 1249.3571864545168, 751.5180525854324
# diff-diff 3.13.0: compute_robust_vcov(vcov_type="hc2_bm"): coefficient, standard error, degrees of freedom
CR2 = (1548.2438019995957, 481.8816466378622, 5.5064063199495505)
CR2_WEIGHTED = (1242.2006359399252, 515.0082434544777, 5.740643327739389)
# diff-diff 3.13.0: balancing.entropy_balance
ENTROPY = 1273.261813911914
# diff-diff 3.13.0: CallawaySantAnna(control_group="never_treated", base_period="universal", anticipation=…)
# .aggregate("event_study"): by anticipation the horizon, the effect and its standard error
EVENT_STUDY = {
    0: [
        (-3, 0.025021829597555008, 0.018118920697401324),
        (-2, 0.024458744971169562, 0.01423640221051932),
    ],
    1: [
        (-3, 0.0005630846263854398, 0.013291644736549993),
        (-1, -0.024458744971169562, 0.01423640221051932),
    ],
}
# statsmodels 0.15.0: MixedLM(…, exog_re=[1, t]).fit(reml=True): slope, its error, the slopes' SD, one's own
# deviation
GROWTH = (0.3713557363034858, 0.06245345005317903, 0.49490724874890707, 0.23306797395264028)


@pytest.fixture
def study(oracles):
    """Of the job training study: covariates, who was treated, earnings, years of school as clusters."""
    folder = oracles / "lalonde_weighting"
    race = np.array([row["race"] for row in texts(folder)])
    age, educ, married, nodegree, re74, re75, treat, y = columns(
        folder, "age", "educ", "married", "nodegree", "re74", "re75", "treat", "re78"
    )
    x = [age, educ, race == "hispan", race == "white", married, nodegree, re74 / 1000, re75 / 1000]
    return np.column_stack(x).astype(float), treat == 1, y, educ.astype(np.int64)


def doubly_robust(x, treated, y, count):
    weights = weighting.fit_weights(x, treated, count)
    answered = np.ones_like(count)
    return weighting.doubly_robust_difference(y, x, treated, count, weights, answered)


def test_the_doubly_robust_overlap_difference_and_its_refitting_bootstrap(study):
    x, treated, y, _ = study
    once = np.ones((1, len(y)))
    redraws = np.random.default_rng(4).multinomial(len(y), np.full(len(y), 1 / len(y)), size=100)
    found = doubly_robust(x, treated, y, np.concatenate([once, redraws.astype(float)]))
    assert found[0] == pytest.approx(OVERLAP, abs=1e-6)
    assert found[1:].std(ddof=1) == pytest.approx(OVERLAP_BOOTSTRAP_SD, abs=1e-4)


@pytest.mark.parametrize("is_weighted", [False, True])
def test_cluster_robust_errors_and_degrees_of_freedom(study, is_weighted):
    x, treated, y, school = study
    weight = None
    if is_weighted:
        p = weighting.fit_propensities(x, treated, np.ones((1, len(y))))[0][0]
        weight = np.where(treated, 1 - p, p)
    design = np.column_stack([np.ones(len(y)), treated, x])
    found = cluster_robust(design, y, school, 1, weight)
    assert isinstance(found, ClusterRobust)
    assert (found.coefficient, found.standard_error, found.degrees_of_freedom) == pytest.approx(
        CR2_WEIGHTED if is_weighted else CR2, rel=1e-9
    )


def test_entropy_weights(study):
    x, treated, y, _ = study
    weight = weighting.entropy_weights(x, treated)
    assert weight is not None
    found = weighting.weighted_difference(y, treated, weight[None])[0]
    assert found == pytest.approx(ENTROPY, abs=1e-3)


@pytest.mark.parametrize("anticipation", EVENT_STUDY)
def test_the_time_before_the_start_counted_from_the_base(oracles, anticipation):
    rows = texts(oracles / "did_mpdta")
    counties = sorted({row["countyreal"] for row in rows})
    place = {county: n for n, county in enumerate(counties)}
    outcome, start = np.zeros((len(counties), 5)), np.zeros(len(counties), dtype=np.int64)
    for row in rows:
        n, first = place[row["countyreal"]], int(float(row["first.treat"]))
        outcome[n, int(row["year"]) - 2003] = float(row["lemp"])
        start[n] = first - 2003 if first else staggered.NEVER
    panel = staggered.Panel(outcome, start, np.zeros((len(start), 0)))
    effects = staggered.with_shared_past(
        staggered.group_time_effects(panel, "never_started", anticipation), anticipation
    )
    study = staggered.by_horizon(effects, start)
    found = staggered.past_effects(study, anticipation, 0.95, np.random.default_rng(1))
    assert found is not None
    assert np.column_stack([found.horizon, found.effect, found.standard_error]) == pytest.approx(
        np.array(EVENT_STUDY[anticipation]), abs=1e-9
    )


def test_the_mixed_model_where_its_search_once_stopped_at_a_variance_of_nought():
    rng = np.random.default_rng(1)
    t = np.tile(np.arange(6) / 4, (300, 1))
    y = rng.standard_normal((300, 1)) + (0.3 + 0.5 * rng.standard_normal((300, 1))) * t
    y = y + rng.standard_normal((300, 6))
    sums = [v.sum(axis=1) for v in (np.ones_like(t), t, t * t, y, t * y, y * y)]
    found = fit_growth(CourseSums(*sums))
    assert isinstance(found, Growth)
    # The library's own search ends 7e-5 from the optimum: 1e-4, and not more digits than it has.
    assert (found.slope, found.slope_se, found.slope_sd, found.deviation[0]) == pytest.approx(
        GROWTH, rel=2e-4
    )
