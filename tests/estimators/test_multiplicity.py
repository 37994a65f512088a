import numpy as np
import pytest

from pipelines.estimators.multiplicity import false_discovery_p


def test_by_hand():
    """0.01 * 4 / 1; 0.02 * 4 / 2; 0.03 * 4 / 3 = 0.04 for all three; 0.9 stays."""
    assert false_discovery_p(np.array([0.03, 0.9, 0.01, 0.02])) == pytest.approx([0.04, 0.9, 0.04, 0.04])


def test_ties_one_and_none():
    assert false_discovery_p(np.array([0.5, 0.5])) == pytest.approx([0.5, 0.5])
    assert false_discovery_p(np.array([0.2])) == pytest.approx([0.2])
    assert false_discovery_p(np.array([1.0, 1.0, 0.0])) == pytest.approx([1.0, 1.0, 0.0])
    assert len(false_discovery_p(np.array([]))) == 0
