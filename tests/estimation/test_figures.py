"""Figures that have not moved are seldom said to have: docs/decisions/0011 has the whole table."""

from collections import Counter

import numpy as np
import pytest

from pipelines.estimation.indicators.judgement import Baseline, status
from pipelines.estimation.indicators.persons import AMOUNT, Mean, Median, Number, Part, Rate, Share
from pipelines.estimators.median import Values
from pipelines.estimators.repeated_events import EventCounts
from pipelines.estimators.result import Estimate

RUNS = 400
RNG = np.random.default_rng(20)


def share():
    return Share(200, int(RNG.binomial(200, 0.3)))


def number():
    return Number(int(RNG.poisson(60)))


def rate():
    """Some return: two events more on average."""
    events = RNG.binomial(1, 0.05, 800) * (1 + RNG.poisson(2, 800))
    counts = EventCounts(800, int(events.sum()), int((events**2).sum()), int(events.max()))
    return Rate(800, int((events > 0).sum()), counts)


def median():
    return Median(60, Values.of(Counter(RNG.negative_binomial(2, 0.04, 60).tolist())), 20)


def mean():
    """Eight providers who differ."""
    provider = RNG.integers(0, 8, 120)
    scores = np.rint(AMOUNT * (RNG.standard_normal(120) + 0.4 * RNG.standard_normal(8)[provider]))
    by_provider = [scores[provider == p] for p in range(8)]
    parts = (Part(str(p), len(y), int(y.sum()), int((y**2).sum())) for p, y in enumerate(by_provider))
    return Mean(120, tuple(part for part in parts if part.n))


@pytest.mark.parametrize("figure", [share, number, rate, median, mean])
def test_what_has_not_changed_is_rarely_called_better_or_worse(figure):
    said = Counter()
    for _ in range(RUNS):
        before, now = figure(), figure()
        value, known = now.result(0.95), before.result(0.95)
        assert isinstance(known, Estimate)
        baseline = Baseline(2023, known.estimate)
        said[status(value, None, baseline, now.change(before, 0.95), 2025, "higher")] += 1
    # 2.5 % each way; 5.5 % is four standard errors off.
    assert {*said} <= {"attention", "on_track", "off_track"}
    assert max(said["on_track"], said["off_track"]) / RUNS < 0.055


def test_a_mean_of_amounts_is_the_mean_and_variance_of_the_persons():
    scores = np.array([12_500, -30_000, 5_000, 5_000, 80_000])
    parts = (Part("X", 3, int(scores[:3].sum()), int((scores[:3] ** 2).sum())),)
    parts += (Part(None, 2, int(scores[3:].sum()), int((scores[3:] ** 2).sum())),)
    moments = Mean(5, parts).moments
    assert (moments.mean, moments.variance) == pytest.approx(
        (scores.mean() / AMOUNT, scores.var(ddof=1) / AMOUNT**2)
    )
