"""Counts against R's documented examples (`?poisson.test`, `?fisher.test`), and the domain's own."""

from pathlib import Path

import pytest

from pipelines.estimators.poisson import CountRatio, poisson_interval, poisson_ratio, ratio_of_ratios

DOMAIN = Path(__file__).parents[2].parent / "shared" / "domain" / "catalogue.yaml"


def test_a_rate() -> None:
    """`poisson.test(137, 24.19893)`."""
    found = poisson_interval(137, 0.95, 24.19893)
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (5.661407, 4.753125, 6.692709), abs=1e-6
    )


def test_two_rates() -> None:
    """`poisson.test(c(11, 6 + 8 + 7), c(800, 1083 + 1050 + 878))`: breast cancer after X-rays."""
    found = poisson_ratio(11, 21, 0.95, 800, 3011)
    assert isinstance(found, CountRatio)
    assert (found.ratio, found.lower, found.upper) == pytest.approx(
        (1.971488, 0.8584264, 4.2772659), abs=1e-6
    )
    # R's p adds the less likely on the other side; this doubles the one side, as the interval does.
    assert found.p_value > 0.05


@pytest.mark.parametrize(
    ("level", "lower", "upper"), [(0.95, 0.003325764, 0.363182271), (0.99, 0.001386333, 0.578851645)]
)
def test_a_ratio_of_two_ratios(level: float, lower: float, upper: float) -> None:
    """Fisher's twins: `fisher.test(Convictions, conf.level = …)$conf.int`, 2 of 17 against 10 of 13.

    R searches for the limits no closer than this.
    """
    found = ratio_of_ratios((2, 15), (10, 3), level)
    assert isinstance(found, CountRatio)
    assert (found.lower, found.upper) == pytest.approx((lower, upper), abs=2e-5)


@pytest.mark.skipif(not DOMAIN.is_file(), reason=f"the domain catalogue is not at {DOMAIN}")
def test_the_homeless_of_the_worked_example() -> None:
    """57 to 41; the text cuts 73.85 off to 73.8."""
    text = " ".join(DOMAIN.read_text(encoding="utf-8").split())
    assert "p about 0.13" in text and "43.2-73.8 and 29.4-55.6" in text
    before, after = poisson_interval(57, 0.95), poisson_interval(41, 0.95)
    assert (before.lower, before.upper) == pytest.approx((43.2, 73.8), abs=0.06)
    assert (after.lower, after.upper) == pytest.approx((29.4, 55.6), abs=0.05)
    found = poisson_ratio(41, 57, 0.95)
    assert isinstance(found, CountRatio)
    assert found.p_value == pytest.approx(0.13, abs=0.005)
    assert found.lower < 1 < found.upper
