"""Several interventions' effects on one outcome, each drawn towards the others by how little it knows itself.

The model: estimates y with a known error covariance V; true effects theta_i ~ N(mu, tau^2).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import ndtr

Floats = npt.NDArray[np.float64]
# tau beyond this many prior SDs has no weight to speak of; steps enough for four decimals of a probability.
GRID_PRIOR_SDS, GRID_STEPS = 6.0, 601
# A mixture's quantile lies within this many of its parts' standard deviations.
QUANTILE_REACH = 12.0


@dataclass(frozen=True)
class RandomEffects:
    """The classical fit at one tau^2: the overall mean, and every shrunken effect with its SD."""

    tau2: float
    mean: float
    mean_se: float
    effect: Floats
    effect_se: Floats


def tau2_dersimonian_laird(y: Floats, v: Floats) -> float:
    """Return the moment estimate of tau^2 from independent estimates (DerSimonian & Laird 1986)."""
    w = 1 / v
    q = _heterogeneity(y, v, 0.0)
    return float(max(0.0, (q - (len(y) - 1)) / (w.sum() - (w**2).sum() / w.sum())))


def tau2_paule_mandel(y: Floats, v: Floats) -> float:
    """Return the tau^2 at which the generalised Q equals k - 1 (Paule & Mandel 1982)."""
    freedom = len(y) - 1
    if _heterogeneity(y, v, 0.0) <= freedom:
        return 0.0
    highest = float(np.var(y) * len(y) + v.max())
    return float(brentq(lambda tau2: _heterogeneity(y, v, tau2) - freedom, 0.0, highest, xtol=1e-14))


def tau2_reml(y: Floats, v: Floats) -> float:
    """Return the restricted maximum likelihood tau^2, never below 0 (Viechtbauer 2005, Fisher scoring)."""
    tau2 = tau2_dersimonian_laird(y, v)
    for _ in range(200):
        w = 1 / (v + tau2)
        mean = (w * y).sum() / w.sum()
        information = (w**2).sum() - 2 * (w**3).sum() / w.sum() + ((w**2).sum() / w.sum()) ** 2
        score = (w**2 * (y - mean) ** 2).sum() - w.sum() + (w**2).sum() / w.sum()
        step = score / information
        moved = max(0.0, tau2 + step)
        if abs(moved - tau2) < 1e-14:
            return float(moved)
        tau2 = moved
    return float(tau2)


def random_effects(y: Floats, covariance: Floats, tau2: float) -> RandomEffects:
    """Fit the model at a given tau^2; the shrunken effects' SDs hold the mean's uncertainty too.

    `covariance` is V, (k, k): estimates that share comparison people are not independent.
    """
    weight = np.linalg.inv(covariance + tau2 * np.eye(len(y)))
    total = weight.sum()
    mean = float((weight @ y).sum() / total)
    own = tau2 * weight
    effect = mean + own @ (y - mean)
    lean = 1 - own.sum(axis=1)
    variance = tau2 - tau2 * np.diag(own) + lean**2 / total
    return RandomEffects(tau2, mean, float(total**-0.5), effect, np.sqrt(np.maximum(variance, 0.0)))


@dataclass(frozen=True)
class Pooled:
    """The posterior of every true effect: a mixture of normals over a grid of tau."""

    weight: Floats  # (g,) of each tau
    mean: Floats  # (g, k)
    sd: Floats  # (g, k)
    tau: Floats  # (g,)
    overall: Floats  # (g,) the mean of all true effects

    @property
    def effect(self) -> Floats:
        """Posterior means, (k,)."""
        return np.asarray(self.weight @ self.mean)

    @property
    def overall_mean(self) -> float:
        """The posterior mean of the mean of all true effects."""
        return float(self.weight @ self.overall)

    @property
    def tau_mean(self) -> float:
        """The posterior mean of tau."""
        return float(self.weight @ self.tau)

    def probability_above(self, limit: float) -> Floats:
        """Return P(theta_i > limit), (k,)."""
        return np.asarray(self.weight @ ndtr((self.mean - limit) / self.sd))

    def quantile(self, share: float) -> Floats:
        """Return the posterior quantile of every effect, (k,)."""
        low = (self.mean - QUANTILE_REACH * self.sd).min(axis=0)
        high = (self.mean + QUANTILE_REACH * self.sd).max(axis=0)

        def one(i: int) -> float:
            below = lambda x: float(self.weight @ ndtr((x - self.mean[:, i]) / self.sd[:, i])) - share  # noqa: E731
            return float(brentq(below, low[i], high[i], xtol=1e-10))

        return np.array([one(i) for i in range(self.mean.shape[1])])


def pool(y: Floats, covariance: Floats, prior_sd: float) -> Pooled:
    """Return the posterior with a flat prior on mu and a half-normal(prior_sd) one on tau, by a grid.

    Roever 2020 (bayesmeta); Gelman et al., Bayesian Data Analysis, section 5.4.

    Raises:
        ValueError: if there are fewer than two estimates, or V is not a covariance of them.
    """
    if len(y) < 2 or covariance.shape != (len(y), len(y)) or not np.allclose(covariance, covariance.T):
        raise ValueError("pooling takes two or more estimates and their symmetric covariance matrix")
    # Midpoints: tau = 0 itself would give a true effect without spread.
    edges = np.linspace(0.0, GRID_PRIOR_SDS * prior_sd, GRID_STEPS)
    tau = (edges[1:] + edges[:-1]) / 2
    # In the covariance's own axes every tau is a row of numbers: no matrix is inverted 600 times.
    values, axes = np.linalg.eigh(covariance)
    # Two estimates that hang together wholly leave an axis without error, which rounding may put below 0.
    values = np.maximum(values, 0.0)
    precision = 1 / (values + tau[:, None] ** 2)
    ones, along = axes.sum(axis=0), y @ axes
    total = precision @ ones**2
    mean = precision @ (ones * along) / total
    rest = along - mean[:, None] * ones
    lean = 1 - tau[:, None] ** 2 * (precision * ones) @ axes.T
    variance = tau[:, None] ** 2 - tau[:, None] ** 4 * precision @ (axes**2).T + lean**2 / total[:, None]
    # The likelihood of tau, with mu integrated out, and its prior.
    log_weight = 0.5 * (
        np.log(precision).sum(axis=1) - np.log(total) - (precision * rest**2).sum(axis=1)
    ) - tau**2 / (2 * prior_sd**2)
    weight = np.exp(log_weight - log_weight.max())
    return Pooled(
        weight=weight / weight.sum(),
        mean=mean[:, None] + tau[:, None] ** 2 * (precision * rest) @ axes.T,
        sd=np.sqrt(np.maximum(variance, 0.0)),
        tau=tau,
        overall=mean,
    )


def _heterogeneity(y: Floats, v: Floats, tau2: float) -> float:
    w = 1 / (v + tau2)
    return float((w * (y - (w * y).sum() / w.sum()) ** 2).sum())
