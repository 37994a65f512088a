"""Twelve interventions that share their comparison people, pooled: does 90 percent mean 90 percent?"""

from itertools import pairwise
from typing import Any

import numpy as np

from pipelines.calibration import designs
from pipelines.calibration.bench import Cell, Columns
from pipelines.calibration.designs import NOTHING, Numbers, Setting
from pipelines.calibration.findings import Claim, Figure, Section, covers, ratio, share
from pipelines.calibration.world import Floats, World, draw_people, joined
from pipelines.estimators.pooling import pool
from pipelines.estimators.weighting import Booleans

# The first is story 3's: 150 people at six providers. The others are as small as most.
FIRST = World(treated=150, others=0, providers=(6, 0))
SMALL = World(treated=40, others=0)
COMPARED = World(treated=0, others=200, providers=(0, 6))
INTERVENTIONS = 12
SPREAD_MEAN, SPREAD_SD = 0.2, 0.2
HARM, GOOD = -0.5, 0.4
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0)
SCENARIOS = ("nothing", "spread", "harm")


def measure(world: Any, rng: np.random.Generator, setting: Setting) -> Numbers:
    """Compare every intervention's people with the same others, and pool under three truths."""
    compared = draw_people(COMPARED, rng)
    arms = [draw_people(own, rng) for own in world]
    persons = sum(len(arm.is_treated) for arm in arms)
    count = designs.draw_counts(persons + len(compared.is_treated), setting, rng)
    of_compared, first, found = count[:, persons:], 0, []
    for arm in arms:
        stop = first + len(arm.is_treated)
        own_count = np.hstack([count[:, first:stop], of_compared])
        found.append(designs.difference(joined(arm, compared), own_count, setting)[0])
        first = stop
    spread = rng.normal(SPREAD_MEAN, SPREAD_SD, len(arms))
    there = [one for one in found if one is not None]
    if len(there) < len(arms):
        return {"is_complete": 0.0}
    redraws = np.array([np.where(np.isnan(d.redraws), np.nanmean(d.redraws), d.redraws) for d in there])
    error = np.array([d.standard_error for d in there])
    covariance = np.corrcoef(redraws) * np.outer(error, error)
    estimate, lower, upper = (
        np.array([getattr(d, of) for d in there]) for of in ("estimate", "lower", "upper")
    )
    truths = {
        "nothing": np.zeros(len(arms)),
        "spread": spread,
        "harm": np.r_[HARM, np.full(len(arms) - 1, GOOD)],
    }
    numbers: Numbers = {
        "is_complete": 1.0,
        "correlation": float(np.corrcoef(redraws)[np.triu_indices(len(arms), 1)].mean()),
        "first_lower": float(lower[0]),
        "first_upper": float(upper[0]),
        "first_error": float(error[0]),
        "false_positive": float(((lower > 0) | (upper < 0)).mean()),
    }
    for name, truth in truths.items():
        pooled = pool(estimate + truth, covariance, setting["pooling_prior_sd"])
        numbers |= {f"{name}_{key}": value for key, value in _scored(pooled, truth, setting).items()}
    return numbers


def cells() -> list[Cell]:
    """Return the one cell: all truths are read off the same people."""
    worlds = (FIRST, *(SMALL for _ in range(INTERVENTIONS - 1)))
    return [Cell("pooled", worlds, measure)]


def section(found: dict[str, Columns]) -> Section:
    """Show what pooled probabilities are worth."""
    columns = found["pooled"]
    rows: list[tuple[str | Figure, ...]] = []
    for kind, label in (("positive", "P(effect > 0)"), ("above", "P(effect > δ)")):
        for place, (low, high) in enumerate(pairwise(BINS)):
            of = np.nan_to_num(columns[f"spread_{kind}_{place}_n"])
            said = ratio(np.nan_to_num(columns[f"spread_{kind}_{place}_said"]), of)
            true = ratio(np.nan_to_num(columns[f"spread_{kind}_{place}_true"]), of)
            rows.append((f"{label} between {low:g} and {high:g}", said, true))
    complete = columns["is_complete"] == 1
    covered = ratio(np.nan_to_num(columns["spread_covered"]) * INTERVENTIONS, complete * float(INTERVENTIONS))
    sure = ratio(np.nan_to_num(columns["nothing_sure"]) * INTERVENTIONS, complete * float(INTERVENTIONS))
    return Section(
        id="pooled",
        title="Pooling: does 90 percent mean 90 percent?",
        words=(
            f"{INTERVENTIONS} interventions (one of 150 people, the others of 40) are compared with the same "
            f"200 people who wait, so their errors go together. Their true effects are drawn anew each time, "
            f"mean {SPREAD_MEAN} SD and standard deviation {SPREAD_SD} SD. Of all the times that pooling "
            "gave a probability within a band, how probable did it say it was on average, and how often was "
            "it true? The two columns ought to be alike.",
        ),
        columns=("pooling said", "on average it said, %", "and it was true, %"),
        rows=tuple(rows),
        claims=(
            Claim("Pooled 95 % intervals cover the drawn effects", covered, 0.93, 0.97),
            Claim("No effect anywhere: pooled P(effect > 0) ≥ 99 %", sure, 0.0, 0.02),
        ),
    )


def harm(columns: Columns, setting: Setting) -> tuple[Any, ...]:
    """Story 3: what is seen of the harmful one among eleven good ones."""
    lower, upper = columns["first_lower"] + HARM, columns["first_upper"] + HARM
    complete = columns["is_complete"] == 1
    return (
        covers(lower, upper, HARM),
        share(upper < 0, complete),
        share(upper < -setting["hidden_confounding_sd"], complete),
        share(columns["harm_first_positive"] >= setting["continue_probability"], complete),
    )


def _scored(pooled: Any, truth: Floats, setting: Setting) -> Numbers:
    """How often which probability was said, the truth of it, and whether the interval holds the truth."""
    level, delta = setting["confidence_level"], setting["smallest_worthwhile_sd"]
    positive, above = pooled.probability_above(0.0), pooled.probability_above(delta)
    # The truth lies within an interval where it has neither too little nor too much below it.
    below = np.array([1 - pooled.probability_above(t)[i] for i, t in enumerate(truth)])
    numbers: Numbers = {
        "covered": float((np.abs(below - 0.5) <= level / 2).mean()),
        "sure": float((positive >= 0.99).mean()),
        "first_positive": float(positive[0]) if len(positive) else NOTHING,
    }
    for kind, said, is_true in (("positive", positive, truth > 0), ("above", above, truth > delta)):
        for place, within in enumerate(_bins(said)):
            numbers[f"{kind}_{place}_n"] = float(within.sum())
            numbers[f"{kind}_{place}_said"] = float(said[within].sum())
            numbers[f"{kind}_{place}_true"] = float(is_true[within].sum())
    return numbers


def _bins(said: Floats) -> list[Booleans]:
    place = np.clip(np.digitize(said, BINS[1:-1]), 0, len(BINS) - 2)
    return [place == i for i in range(len(BINS) - 1)]
