"""A register panel, simulated: favourable months of people who start support at different times."""

from dataclasses import dataclass

import numpy as np

from pipelines.calibration.world import Floats, Integers
from pipelines.estimators.staggered import Panel

MONTHS = 6


@dataclass(frozen=True)
class Register:
    """One support whose starters a register follows for `periods` half-years; shares in percentage points.

    Before anything happens a person is favourable in a share of months that varies among people about
    `favourable`; a month's status lasts to the next with probability `lasts`. `dip` is the share of
    favourable months lost in the half-year before the start. `drift` is what those who start early lose in
    every half-year for reasons of their own, in points: the assumption of parallel courses broken.
    """

    persons: int = 150
    periods: int = 8
    first_start: int = 3
    favourable: float = 0.4
    lasts: float = 0.85
    dip: float = 0.5
    drift: float = 0.0


def draw_panel(register: Register, rng: np.random.Generator) -> Panel:
    """Draw the persons' half-years without any effect; the last to start do so after the panel's end."""
    n, months = register.persons, register.periods * MONTHS
    age, is_woman = rng.normal(size=n), (rng.random(n) < 0.5).astype(float)
    own = np.clip(register.favourable + 0.1 * age + rng.normal(0, 0.15, n), 0.05, 0.95)
    status = np.empty((n, months))
    status[:, 0] = rng.random(n) < own
    for month in range(1, months):
        is_kept = rng.random(n) < register.lasts
        status[:, month] = np.where(is_kept, status[:, month - 1], rng.random(n) < own)
    start = _starts(register, age, rng)
    period = np.arange(months) // MONTHS
    is_dip = (period == start[:, None] - 1) & (rng.random(status.shape) < register.dip)
    status[is_dip] = 0
    share = 100 * status.reshape(n, register.periods, MONTHS).mean(axis=2)
    is_early = start[:, None] < register.periods
    drifted = share - register.drift * np.arange(register.periods) * is_early
    return Panel(drifted, start, np.column_stack([age, is_woman]))


def _starts(register: Register, age: Floats, rng: np.random.Generator) -> Integers:
    """When each starts: the older sooner; two fifths after the panel's end."""
    order = np.argsort(-(0.5 * age + rng.logistic(size=len(age))))
    cohorts = register.periods - register.first_start
    early = round(0.6 * len(age))
    start = np.full(len(age), register.periods, dtype=np.int64)
    start[order[:early]] = register.first_start + rng.integers(0, cohorts, early)
    return start
