"""Differences when persons come in clusters (providers): cluster-robust errors that hold with few of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from pipelines.estimators.result import NotEstimable

Floats = npt.NDArray[np.float64]
ROUNDING = 1e-10


@dataclass(frozen=True)
class ClusterRobust:
    """One coefficient with its bias-reduced standard error and Satterthwaite's degrees of freedom."""

    coefficient: float
    standard_error: float
    degrees_of_freedom: float

    @property
    def p_value(self) -> float:
        """Two-sided."""
        return 2 * float(stdtr(self.degrees_of_freedom, -abs(self.coefficient) / self.standard_error))

    def interval(self, level: float) -> tuple[float, float]:
        """Return the t interval."""
        reach = float(stdtrit(self.degrees_of_freedom, (1 + level) / 2)) * self.standard_error
        return self.coefficient - reach, self.coefficient + reach


def cluster_robust(
    design: Floats, y: Floats, cluster: npt.NDArray[np.int64], position: int, weight: Floats | None = None
) -> ClusterRobust | NotEstimable:
    """Fit y on `design` (constant included) and return the coefficient at `position` with CR2 errors.

    Bell & McCaffrey 2002; Pustejovsky & Tipton 2018. The working model has independent persons with
    a variance inverse to their weight.
    """
    root = np.ones(len(y)) if weight is None else np.sqrt(weight)
    x, z = design * root[:, None], y * root
    bread = np.asarray(np.linalg.pinv(x.T @ x, hermitian=True), dtype=np.float64)
    residual = z - x @ (bread @ (x.T @ z))
    groups = [np.flatnonzero(cluster == c) for c in np.unique(cluster)]
    if len(groups) < 2:
        return NotEstimable("one_cluster")
    shares = [_adjusted_share(x[g], bread, position) for g in groups]
    variance = sum(float(share @ residual[g]) ** 2 for share, g in zip(shares, groups, strict=True))
    if variance <= ROUNDING * float(z @ z) * float(bread[position, position]):
        return NotEstimable("no_variance")
    # Satterthwaite, by the moments of that sum of squares under the working model.
    through = np.array([x[g].T @ share for share, g in zip(shares, groups, strict=True)])
    moments = np.diag([float(share @ share) for share in shares]) - through @ bread @ through.T
    freedom = float(np.trace(moments) ** 2 / (moments**2).sum())
    return ClusterRobust(float(bread[position] @ (x.T @ z)), float(np.sqrt(variance)), freedom)


def cluster_robust_means(sizes: Floats, totals: Floats, contrast: Floats) -> ClusterRobust | NotEstimable:
    """Return a contrast of groups' means, with CR2 errors, from what each cluster has in each group.

    The same as :func:`cluster_robust` of a row per person on a column per group, in closed form: a cluster's
    part of the hat matrix is diagonal over the groups.

    Args:
        sizes: persons, clusters times groups.
        totals: the persons' sums, likewise.
        contrast: what each group's mean is multiplied by: (-1, 1) is the second minus the first.

    Returns:
        The contrast, NotEstimable("one_cluster") where all of a group is in one cluster, or
        NotEstimable("no_variance").
    """
    size = sizes.sum(axis=0)
    if np.any(sizes == size):
        return NotEstimable("one_cluster")
    mean = totals.sum(axis=0) / size
    residual = totals - sizes * mean
    share = contrast / size / np.sqrt(1 - sizes / size)
    variance = float(((share * residual).sum(axis=1) ** 2).sum())
    within = np.divide(totals**2, sizes, out=np.zeros_like(totals), where=sizes > 0)
    if variance <= ROUNDING * float((contrast**2 / size * within.sum(axis=0)).sum()):
        return NotEstimable("no_variance")
    through = share * sizes
    moments = np.diag((share**2 * sizes).sum(axis=1)) - (through / size) @ through.T
    freedom = float(np.trace(moments) ** 2 / (moments**2).sum())
    return ClusterRobust(float(contrast @ mean), float(np.sqrt(variance)), freedom)


def _adjusted_share(x: Floats, bread: Floats, position: int) -> Floats:
    """One cluster's share in the coefficient, adjusted: (I - H_gg)^(-1/2) x_g c.

    H_gg lies in the space of x_g's columns, of few dimensions, however many persons the cluster has.
    """
    basis, inner = np.linalg.qr(x)
    root = _inverse_root(np.eye(len(inner)) - inner @ bread @ inner.T)
    return np.asarray(basis @ (root @ (inner @ bread[position])))


def _inverse_root(matrix: Floats) -> Floats:
    """The symmetric inverse square root, on the part of the space that the fit leaves free."""
    values, vectors = np.linalg.eigh(matrix)
    kept = values > ROUNDING
    return np.asarray((vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T)
