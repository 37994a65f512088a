"""CR2 with Satterthwaite's degrees of freedom, where the answer is known in closed form, and by coverage."""

import numpy as np
import pytest
from scipy import stats

from pipelines.estimators.clustered import ClusterRobust, cluster_robust, cluster_robust_means
from pipelines.estimators.result import NotEstimable


def robust(*arguments, **named) -> ClusterRobust:
    found = cluster_robust(*arguments, **named)
    assert isinstance(found, ClusterRobust)
    return found


def test_a_mean_over_equal_clusters_is_the_t_test_of_their_means():
    rng = np.random.default_rng(1)
    y = rng.standard_normal((7, 12)) + rng.standard_normal((7, 1))
    found = robust(np.ones((84, 1)), y.ravel(), np.repeat(np.arange(7), 12), 0)
    assert found.coefficient == pytest.approx(y.mean())
    assert found.standard_error == pytest.approx(y.mean(axis=1).std(ddof=1) / np.sqrt(7))
    assert found.degrees_of_freedom == pytest.approx(6)
    by_scipy = stats.ttest_1samp(y.mean(axis=1), 0.0)
    assert found.p_value == pytest.approx(by_scipy.pvalue)
    assert found.interval(0.95) == pytest.approx(by_scipy.confidence_interval(0.95))


def test_two_arms_of_equal_clusters_have_welchs_error_and_bell_and_mccaffreys_freedom():
    rng = np.random.default_rng(2)
    y = rng.standard_normal((9, 10)) + rng.standard_normal((9, 1))
    arm = np.repeat(np.arange(9) < 4, 10).astype(float)
    found = robust(np.column_stack([np.ones(90), arm]), y.ravel(), np.repeat(np.arange(9), 10), 1)
    means = y.mean(axis=1)
    assert found.coefficient == pytest.approx(means[:4].mean() - means[4:].mean())
    assert found.standard_error == pytest.approx(
        np.sqrt(means[:4].var(ddof=1) / 4 + means[4:].var(ddof=1) / 5)
    )
    parts = np.array([1 / 4, 1 / 5])
    assert found.degrees_of_freedom == pytest.approx(parts.sum() ** 2 / (parts**2 / np.array([3, 4])).sum())


def test_intervals_cover_with_five_unequal_clusters_an_arm():
    rng = np.random.default_rng(3)
    cluster = np.repeat(np.arange(10), [4, 8, 15, 30, 60, 5, 9, 14, 28, 50])
    arm = (cluster < 5).astype(float)
    design = np.column_stack([np.ones(len(arm)), arm])
    runs = 400
    hits = 0
    for _ in range(runs):
        y = 0.3 * arm + 0.4 * rng.standard_normal(10)[cluster] + rng.standard_normal(len(arm))
        low, high = robust(design, y, cluster, 1).interval(0.95)
        hits += low <= 0.3 <= high
    assert 0.92 <= hits / runs <= 0.985


def test_weights_that_are_counts_weigh_as_many_times():
    rng = np.random.default_rng(4)
    cluster = np.repeat(np.arange(6), 5)
    y, weight = rng.standard_normal(30), np.tile([1.0, 2.0, 1.0, 3.0, 1.0], 6)
    found = robust(np.ones((30, 1)), y, cluster, 0, weight=weight)
    assert found.coefficient == pytest.approx(np.average(y, weights=weight))


def test_one_cluster_or_none_that_differs_has_no_error_to_tell():
    ones = np.ones((6, 1))
    assert cluster_robust(ones, np.arange(6.0), np.zeros(6, int), 0) == NotEstimable("one_cluster")
    assert cluster_robust(ones, np.full(6, 2.0), np.arange(6), 0) == NotEstimable("no_variance")


def test_means_by_cluster_and_group_are_the_fit_of_a_row_per_person():
    rng = np.random.default_rng(5)
    cluster, year = rng.integers(0, 6, 90), rng.integers(0, 2, 90)
    year[cluster == 5] = 1  # one that came later
    y = rng.standard_normal(90) + rng.standard_normal(6)[cluster] + 0.3 * year
    sizes, totals = np.zeros((2, 6, 2))
    np.add.at(sizes, (cluster, year), 1.0)
    np.add.at(totals, (cluster, year), y)
    by_person = robust(np.column_stack([np.ones(90), year]), y, cluster, 1)
    found = cluster_robust_means(sizes, totals, np.array([-1.0, 1.0]))
    assert isinstance(found, ClusterRobust)
    for name in ("coefficient", "standard_error", "degrees_of_freedom"):
        assert getattr(found, name) == pytest.approx(getattr(by_person, name)), name
    one = cluster_robust_means(sizes[:, 1:], totals[:, 1:], np.array([1.0]))
    assert isinstance(one, ClusterRobust)
    later = year == 1
    by_person = robust(np.ones((later.sum(), 1)), y[later], cluster[later], 0)
    assert (one.standard_error, one.degrees_of_freedom) == pytest.approx(
        (by_person.standard_error, by_person.degrees_of_freedom)
    )


@pytest.mark.parametrize(
    ("sizes", "totals", "reason"),
    [
        ([[3.0]], [[5.0]], "one_cluster"),
        ([[3.0, 4.0], [2.0, 0.0]], [[5.0, 1.0], [3.0, 0.0]], "one_cluster"),  # of the second group
        ([[3.0], [2.0]], [[6.0], [4.0]], "no_variance"),
    ],
)
def test_means_of_one_cluster_or_all_alike_have_no_interval(sizes, totals, reason):
    found = cluster_robust_means(np.array(sizes), np.array(totals), np.array([1.0, -1.0][: len(sizes[0])]))
    assert found == NotEstimable(reason)
