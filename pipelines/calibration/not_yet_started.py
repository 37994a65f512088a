"""Design D4 on simulated registers: bands that hold together, a dip before the start, and a drift."""

from dataclasses import replace
from typing import Any

import numpy as np

from pipelines.calibration.bench import Cell, Columns
from pipelines.calibration.designs import NOTHING, Numbers, Setting
from pipelines.calibration.findings import Claim, Figure, Section, mean, root_mean_square, share
from pipelines.calibration.register import Register, draw_panel
from pipelines.estimators import staggered

SIZES = (60, 90, 150, 300)
LEAST_CLAIMED = 90
ANTICIPATION = 1
EFFECTS = (10, 20)
WORLDS = {
    **{f"alike/{n}": Register(persons=n) for n in SIZES},
    "drift/300": replace(Register(persons=300), drift=3.0),
}


def measure(world: Any, rng: np.random.Generator, setting: Setting) -> Numbers:
    """Estimate one register's effects as the estimation does."""
    panel = draw_panel(world, rng)
    effects = staggered.group_time_effects(
        panel,
        anticipation=ANTICIPATION,
        minimum_group=setting["cohort_minimum"],
        minimum_others=setting["not_yet_started_minimum"],
        is_small_sample=True,
    )
    tested = staggered.with_shared_past(effects, ANTICIPATION)
    if not (effects.period > effects.group).any() or len(tested.effect) == 0:
        return {"estimate": NOTHING}
    study = staggered.by_horizon(tested, panel.start)
    joint = staggered.joint_effects(
        study, ANTICIPATION, setting["sensitivity_mbar"], setting["confidence_level"], rng
    )
    # The truth is 0 at every horizon: a band holds where it holds 0 everywhere.
    return {
        "estimate": float(joint.effect[-1]),
        "lower": float(joint.lower[-1]),
        "upper": float(joint.upper[-1]),
        "band_holds": float(((joint.lower <= 0) & (joint.upper >= 0)).all()),
        "sensitivity_holds": float(((joint.sensitivity_lower <= 0) & (joint.sensitivity_upper >= 0)).all()),
        "drift_p": joint.drift_p,
    }


def cells() -> list[Cell]:
    """Return the sizes, and one world whose groups do not go alike."""
    return [Cell(f"register/{name}", world, measure) for name, world in WORLDS.items()]


def section(found: dict[str, Columns]) -> Section:
    """Show the bands, what they have power for, and what the sensitivity is for."""
    rows: list[tuple[str | Figure, ...]] = []
    claims = []
    for name, world in WORLDS.items():
        columns = found[f"register/{name}"]
        is_there = ~np.isnan(columns["estimate"])
        holds = share(columns["band_holds"] == 1, is_there)
        sensitivity = share(columns["sensitivity_holds"] == 1, is_there)
        label = "they go alike" if world.drift == 0 else f"a drift of {world.drift:g} points per half-year"
        rows.append(
            (
                label,
                str(world.persons),
                share(is_there),
                mean(columns["estimate"], "points"),
                root_mean_square(columns["estimate"], "points"),
                holds,
                sensitivity,
                share(columns["drift_p"] < 0.05, is_there),
                *(share(columns["lower"] + effect > 0) for effect in EFFECTS),
            )
        )
        if world.drift == 0 and world.persons >= LEAST_CLAIMED:
            claims.append(Claim(f"D4, {world.persons} persons: the band holds", holds, 0.93, 0.97))
        if world.drift:
            claims.append(Claim("D4 with a drift: the sensitivity holds", sensitivity, 0.93, 1.0))
    return Section(
        id="not_yet_started",
        title="D4: those who start against those who start later",
        words=(
            "Eight half-years of a register; people start in five of them or after the last, older people "
            "sooner; a month's status lasts; half of the favourable months of the half-year before the start "
            "are lost (the dip in which people ask for help), which counts as anticipation. Nothing works. "
            "*The band holds* where the truth lies within it at every half-year at once.",
            "The last row breaks the assumption: those who start early fall behind by a few points each "
            "half-year for reasons of their own. The band then fails; the limits of the sensitivity, which "
            "allow for as much drift as was seen before the start, do not.",
        ),
        columns=(
            "world",
            "persons",
            "estimable, %",
            "bias, points",
            "RMSE, points",
            "band holds, %",
            "sensitivity holds, %",
            "drift seen (p < 0.05), %",
            *(f"power at {effect} points, %" for effect in EFFECTS),
        ),
        rows=tuple(rows),
        claims=tuple(claims),
    )
