"""An estimate is a finite number inside its interval, or it is not an estimate."""

import dataclasses
import math

import pytest

from pipelines.estimators.result import Estimate, NotEstimable, require_level


@pytest.mark.parametrize("position", range(3))
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_refuses_what_is_not_a_number(position: int, number: float) -> None:
    numbers = [0.0, 0.0, 0.0]
    numbers[position] = number
    with pytest.raises(ValueError, match="finite"):
        Estimate(*numbers, n=10)


def test_refuses_an_effective_size_that_is_not_a_number() -> None:
    with pytest.raises(ValueError, match="finite"):
        Estimate(0.0, 0.0, 0.0, n=10, n_effective=math.nan)


@pytest.mark.parametrize("numbers", [(1.0, 2.0, 3.0), (4.0, 2.0, 3.0), (2.5, 3.0, 2.0)])
def test_refuses_an_estimate_outside_its_interval(numbers: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="inside its interval"):
        Estimate(*numbers, n=10)


def test_is_immutable() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        NotEstimable("no_pairs").reason = "no_norm"


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, -0.5, math.nan])
def test_a_level_is_a_share(level: float) -> None:
    with pytest.raises(ValueError, match="confidence level"):
        require_level(level)
