"""Benjamini-Hochberg against the fifteen p-values of the 1995 paper."""

import numpy as np
import pytest

from pipelines.estimators.multiplicity import false_discovery_p
from tests.reference.published import cases, columns


def test_the_adjusted_p_values_and_the_four_findings_of_the_paper(oracles):
    folder = oracles / "multiplicity_bh1995"
    (p,) = columns(folder, "p")
    found = false_discovery_p(p)
    assert found == pytest.approx(cases(folder)["bh1995_adjusted"]["BH"], abs=1e-12)
    assert (found <= 0.05).sum() == cases(folder)["bh1995_rejections_at_0.05"]["BH"]
    order = np.random.default_rng(1).permutation(len(p))
    assert false_discovery_p(p[order]) == pytest.approx(found[order], abs=0)
