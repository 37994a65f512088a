"""Differences of medians against the R package statpsych (Bonett), whose manual prints two examples.

`ci.median2(.05, y1, y2)`: the examples of versions 1.2 and 1.7, with the results as printed there.
"""

from collections import Counter

import pytest

from pipelines.estimators.median import Values, median_difference, median_variance
from pipelines.estimators.result import Estimate

SMALL = (
    [32, 39, 26, 35, 43, 27, 40, 37, 34, 29],
    [36, 44, 47, 42, 49, 39, 46, 31, 33, 48],
)
SKEWED = (
    [70, 394, 43, 95, 62, 128, 2, 203, 81, 436, 85, 35, 156, 1, 3, 27, 63, 181, 184, 18],
    [102, 120, 78, 78, 417, 124, 86, 171, 176, 129, 230, 194, 100, 157, 306, 411, 164, 103, 193, 312],
)


@pytest.mark.parametrize(
    ("samples", "medians", "error", "limits"),
    [
        (SMALL, (34.5, 43), 4.316291, (-16.95977, -0.04022524)),
        (SKEWED, (75.5, 160.5), 37.11502, (-157.7441, -12.25589)),
    ],
)
def test_differences_of_medians(samples, medians, error, limits):
    a, b = (Values.of(Counter(sample)) for sample in samples)
    assert (a.median, b.median) == medians
    assert (median_variance(a) + median_variance(b)) ** 0.5 == pytest.approx(error, rel=1e-6)
    found = median_difference(a, b, 0.95)
    assert isinstance(found, Estimate)
    assert found.estimate == medians[0] - medians[1]
    assert (found.lower, found.upper) == pytest.approx(limits, rel=1e-6)
