"""Whether two weighted groups are alike, or differ by more than chance alone makes them.

A difference of standardised means is 0 in no sample. How far it goes by chance is told by the redraws that
refit the weights: a family of columns is judged by the largest of its differences in standard errors, so that
looking at eighty columns is no more likely to raise an alarm than looking at one.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Booleans: TypeAlias = npt.NDArray[np.bool_]
# What is balanced by construction moves in no redraw.
STILL = 1e-6
# Fewer persons of an arm than this, and what was held out of the model is not known of it.
LEAST_KNOWN = 10
# Of the false alarms allowed, most are spent on what was held out: that is where hidden selection shows
# (docs/decisions/0008-balance-beyond-chance.md).
HELD_OUT_SHARE = 0.8


@dataclass(frozen=True)
class Imbalance:
    """The column that stands out most of several: how far the groups differ on it, and how far by chance."""

    column: str
    size: float
    by_chance: float

    def is_beyond(self, limit: float) -> bool:
        """Say whether the difference is above the limit, and above what chance makes it."""
        return self.size > limit and self.size > self.by_chance


@dataclass(frozen=True)
class CovariateBalance:
    """One covariate's standardised difference, in all persons and weighted; the largest of its columns."""

    name: str
    before: float
    after: float
    is_held_out: bool


@dataclass(frozen=True)
class Balance:
    """How alike the groups are on the model's terms, and on what was held out of the model.

    `largest` is the largest standardised difference of all, whatever made it.
    """

    covariates: tuple[CovariateBalance, ...]
    largest: float
    model: Imbalance | None
    held_out: Imbalance | None
    held_out_known: int

    def is_beyond(self, limit: float) -> bool:
        """Say whether the groups differ, on the one or the other, above the limit and beyond chance."""
        return any(found is not None and found.is_beyond(limit) for found in (self.model, self.held_out))


@dataclass(frozen=True)
class Columns:
    """Values (n, q), NaN where not known, and what each column is called."""

    values: Floats
    names: tuple[str, ...]

    def only(self, chosen: Booleans) -> "Columns":
        """Return the chosen columns."""
        names = tuple(name for name, is_chosen in zip(self.names, chosen, strict=True) if is_chosen)
        return Columns(self.values[:, chosen], names)


def balance(
    model: Columns, held_out: Columns, is_treated: Booleans, weight: Floats, chance_level: float, limit: float
) -> Balance:
    """Compare the groups on the model's covariates, their squares and products, and what was held out.

    `weight` (b, n) has the weights themselves first, then those of every redraw. Where nothing is hidden, the
    two families together raise an alarm in about 1 - `chance_level` of the samples.
    """
    held_out = held_out.only(_is_known(held_out.values, is_treated))
    alarms = 1 - chance_level
    terms = _terms(model)
    found = [standardised(columns.values, is_treated, weight) for columns in (terms, held_out)]
    once = np.ones((1, len(is_treated)))
    before = [standardised(columns.values, is_treated, once)[0] for columns in (model, held_out)]
    after = [found[0][0, : len(model.names)], found[1][0]]
    return Balance(
        covariates=(
            *_by_name(model.names, before[0], after[0], is_held_out=False),
            *_by_name(held_out.names, before[1], after[1], is_held_out=True),
        ),
        largest=float(np.abs(np.concatenate([f[0] for f in found])).max(initial=0.0)),
        model=_stands_out(terms.names, found[0], 1 - (1 - HELD_OUT_SHARE) * alarms, limit),
        held_out=_stands_out(held_out.names, found[1], 1 - HELD_OUT_SHARE * alarms, limit),
        held_out_known=len(set(held_out.names)),
    )


def standardised(values: Floats, is_treated: Booleans, weight: Floats) -> Floats:
    """Return (b, q) differences of weighted means in the arms' pooled, unweighted SD; 0 where that is 0."""
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    is_whole = bool(known.all())
    sd = np.sqrt(sum(np.nanvar(values[arm], axis=0, ddof=1) for arm in (is_treated, ~is_treated)) / 2)
    means = []
    for arm in (is_treated, ~is_treated):
        own = weight[:, arm]
        total = own.sum(axis=1, keepdims=True) if is_whole else own @ known[arm].astype(float)
        means.append(own @ filled[arm] / np.where(total > 0, total, np.nan))
    found = (means[0] - means[1]) / np.where(sd > 0, sd, np.nan)
    return np.asarray(np.nan_to_num(found))


def _terms(model: Columns) -> Columns:
    """The model's covariates, their squares and products."""
    first, second = np.triu_indices(len(model.names))
    products = model.values[:, first] * model.values[:, second]
    names = tuple(f"{model.names[i]}*{model.names[j]}" for i, j in zip(first, second, strict=True))
    return Columns(np.hstack([model.values, products]), model.names + names)


def _is_known(values: Floats, is_treated: Booleans) -> Booleans:
    """Which columns are known of enough persons of both arms, and not the same for all of them."""
    known = ~np.isnan(values)
    fewest = np.minimum(known[is_treated].sum(axis=0), known[~is_treated].sum(axis=0))
    lowest, highest = (np.where(known, values, fill) for fill in (np.inf, -np.inf))
    varies = lowest.min(axis=0, initial=np.inf) < highest.max(axis=0, initial=-np.inf)
    return np.asarray((fewest >= LEAST_KNOWN) & varies)


def _stands_out(names: tuple[str, ...], found: Floats, level: float, limit: float) -> Imbalance | None:
    """The column furthest above what it may be: the limit, or what the largest of all is by chance."""
    moved = found[1:] - found[0]
    error = moved.std(axis=0, ddof=1)
    moves = np.flatnonzero(error > STILL)
    if len(moves) == 0:
        return None
    largest = np.abs(moved[:, moves] / error[moves]).max(axis=1)
    by_chance = float(np.quantile(largest, level)) * error[moves]
    size = np.abs(found[0, moves])
    place = int((size / np.maximum(by_chance, limit)).argmax())
    return Imbalance(names[moves[place]], float(size[place]), float(by_chance[place]))


def _by_name(
    names: tuple[str, ...], before: Floats, after: Floats, *, is_held_out: bool
) -> list[CovariateBalance]:
    """One difference per covariate: a category's columns, and the mark of those not known, stand together."""
    rows = []
    for name in dict.fromkeys(names):
        own = np.array([n == name for n in names])
        first, then = (float(values[own][np.abs(values[own]).argmax()]) for values in (before, after))
        rows.append(CovariateBalance(name, first, then, is_held_out))
    return rows
