"""The same simulated people seen by D1, D2, and D3: what each says where nothing works."""

from typing import Any

import numpy as np

from pipelines.calibration import designs
from pipelines.calibration.bench import Cell, Columns
from pipelines.calibration.designs import Numbers, Setting
from pipelines.calibration.findings import Claim, Figure, Section, covers, mean, root_mean_square, share
from pipelines.calibration.world import World, draw_people, draw_reference

REFERENCE_PERSONS = 400
NEVER_CHOSEN: dict[str, Any] = {"chosen_by_score": 0.0, "chosen_by_recorded": 0.0}
WORLDS = {
    "unselected": (
        "nobody is selected",
        World(referred_by_score=0.0, answer_by_baseline=0.0, **NEVER_CHOSEN),
    ),
    "by_score": (
        "referred at a trough that the score shows",
        World(referred_by_score=1.5, chosen_by_recorded=0.0),
    ),
    "by_dip": (
        "referred at a trough that the score shows in part",
        World(referred_by_score=0.0, referred_by_dip=1.5, **NEVER_CHOSEN),
    ),
    "by_lasting": (
        "referred for a lasting severity, worst first",
        World(referred_by_score=0.0, referred_by_lasting=1.0),
    ),
    "by_hidden": (
        "support given to the worst, by a severity nobody recorded",
        World(chosen_by_hidden=1.0, hidden_cost=0.5, **NEVER_CHOSEN),
    ),
}
DESIGNS = {
    "d1": "D1 before–after",
    "d2_reference": "D2 against a reference",
    "d2_waiting": "D2 against those who wait",
    "d3": "D3 comparison group",
}
# Where each design's assumptions hold, and so must its intervals.
HOLDS = {
    "d1": ("unselected",),
    "d2_reference": ("unselected", "by_score"),
    "d2_waiting": ("unselected", "by_score", "by_dip"),
    "d3": ("unselected", "by_score", "by_dip", "by_lasting"),
}


def measure(world: Any, rng: np.random.Generator, setting: Setting) -> Numbers:
    """Ask every design about the same people."""
    people = draw_people(world, rng)
    reference = draw_reference(world, REFERENCE_PERSONS, rng)
    count = designs.draw_counts(len(people.is_treated), setting, rng)
    return (
        designs.before_after(people, setting)
        | designs.against_reference(people, reference, setting)
        | designs.against_waiting(people, setting)
        | designs.difference(people, count, setting)[1]
    )


def cells() -> list[Cell]:
    """Return one world per way of being selected."""
    return [Cell(f"four_designs/{name}", world, measure) for name, (_, world) in WORLDS.items()]


def section(found: dict[str, Columns]) -> Section:
    """Show that D1 answers another question, and what each of the others needs."""
    rows: list[tuple[str | Figure, ...]] = []
    claims = []
    for name, (label, _) in WORLDS.items():
        columns = found[f"four_designs/{name}"]
        for design, design_label in DESIGNS.items():
            estimate, lower, upper = (columns[f"{design}_{of}"] for of in ("estimate", "lower", "upper"))
            is_there, coverage = ~np.isnan(estimate), covers(lower, upper)
            rows.append(
                (
                    label,
                    design_label,
                    mean(estimate),
                    root_mean_square(estimate),
                    coverage,
                    share(lower > 0, is_there),
                    share(upper < 0, is_there),
                )
            )
            if name in HOLDS[design]:
                claims.append(Claim(f"{design_label}, {label}: the interval covers", coverage, 0.93, 0.97))
    return Section(
        id="four_designs",
        title="Nothing works: what does each design say?",
        words=(
            "**This table is the argument for the method.** In none of these worlds does the support do "
            "anything; 60 people got it and 60 waited. People ask for help when things are worst, and most "
            "would have been better a year later in any case. A before–after comparison (D1) takes all of "
            "that for an effect: read its rows where people were *referred at a trough*, and the column "
            "*above 0*: so often would a municipality that looks at before and after alone have seen a clear "
            "improvement from support that does nothing, where 2.5 percent is what chance gives. More people "
            "make it worse, not better. That is why D1 is called *udvikling* and never *effekt*.",
            "D2 mends it where the score itself tells why people were referred; where the score tells only a "
            "part, or people were referred for something lasting, an unselected reference is no longer their "
            "equal. People who wait for the same support are. D3 needs no more than that everything which "
            "decided was recorded. The last rows show what no design here can mend by itself: a severity "
            "that nobody recorded. There the checks (below) and the shift by b must catch it.",
        ),
        columns=("world", "design", "bias, SD", "RMSE, SD", "covers 0, %", "above 0, %", "below 0, %"),
        rows=tuple(rows),
        claims=tuple(claims),
    )
