"""Many results looked at together: p-values that say how many of those called findings would be none."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def false_discovery_p(p: Floats) -> Floats:
    """Return Benjamini & Hochberg's (1995) adjusted p-values, in the order given.

    The least share of false findings at which each would be one. As scipy.stats.false_discovery_control,
    whose import takes longer than this run's estimation of everything.
    """
    largest_first = np.argsort(-p, kind="stable")
    scaled = p[largest_first] * len(p) / np.arange(len(p), 0, -1)
    found = np.empty(len(p))
    found[largest_first] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    return found
