"""Designs by size: intervals, power, and whether D3's check of the balance can be used in a municipality."""

from dataclasses import replace
from typing import Any

import numpy as np

from pipelines.calibration import designs, four_designs
from pipelines.calibration.bench import Cell, Columns
from pipelines.calibration.designs import Numbers, Setting
from pipelines.calibration.findings import Claim, Figure, Section, covers, mean, root_mean_square, share
from pipelines.calibration.world import World, draw_people

SIZES = (20, 40, 60, 150, 300)
EFFECTS = (0.3, 0.6)
# From here on an arm has the method's 20 effective persons, and the intervals are held to their level.
LEAST_CLAIMED = 60
HIDDEN = {"moderate": 0.5, "strong": 1.0}
HIDDEN_SIZES = (40, 60, 150, 300)
PROVIDERS = (12, 6, 3, 1)
PROVIDER_VARIANCE = 0.05
PROVIDER_SIZE = 150


def measure(world: Any, rng: np.random.Generator, setting: Setting) -> Numbers:
    """Compare one contrast's people."""
    people = draw_people(world, rng)
    return designs.difference(people, designs.draw_counts(len(people.is_treated), setting, rng), setting)[1]


def cells() -> list[Cell]:
    """Return the sizes, the hidden severities and the providers."""
    return (
        [Cell(f"size/{n}", World(n, n), four_designs.measure) for n in SIZES]
        + [
            Cell(f"hidden/{name}/{n}", _hidden(n, log_odds), measure)
            for name, log_odds in HIDDEN.items()
            for n in HIDDEN_SIZES
            # The strong one is the easier to find: one size is enough to see it.
            if name == "moderate" or n == LEAST_CLAIMED
        ]
        + [Cell(f"providers/{count}", _clustered(count), four_designs.measure) for count in PROVIDERS]
    )


def sizes(found: dict[str, Columns]) -> Section:
    """Show every design's interval and power by the number of people."""
    rows: list[tuple[str | Figure, ...]] = []
    claims = []
    for design, label in four_designs.DESIGNS.items():
        for n in SIZES:
            columns = found[f"size/{n}"]
            estimate, lower, upper = (columns[f"{design}_{of}"] for of in ("estimate", "lower", "upper"))
            is_there, coverage = ~np.isnan(estimate), covers(lower, upper)
            rows.append(
                (
                    label,
                    str(n),
                    share(is_there),
                    mean(estimate),
                    root_mean_square(estimate),
                    coverage,
                    share((lower > 0) | (upper < 0), is_there),
                    # The estimates move by exactly the effect, and nothing else does.
                    *(share(lower + effect > 0) for effect in EFFECTS),
                    mean(upper - lower),
                )
            )
            if design == "d3" and n >= LEAST_CLAIMED:
                claims.append(Claim(f"D3, {n} in each arm: the interval covers", coverage, 0.93, 0.97))
    return Section(
        id="sizes",
        title="The designs by the number of people",
        words=(
            "People ask for help when the score is low, and the support is given more often to those with a "
            "low score and with earlier support (recorded); six covariates in D3's model, 80 percent answer "
            "(the better off more often), providers not known. More people do not mend a design whose "
            "assumption does not hold: D1's false positives grow with them. *Power* counts every simulated "
            "comparison, also those where no estimate was possible: what a municipality can hope for when it "
            "begins. Where *covers* is far from 95 percent, power is worth nothing.",
        ),
        columns=(
            "design",
            "in each arm",
            "estimable, %",
            "bias, SD",
            "RMSE, SD",
            "covers, %",
            "false positive, %",
            *(f"power at {effect} SD, %" for effect in EFFECTS),
            "interval's width, SD",
        ),
        rows=tuple(rows),
        claims=tuple(claims),
    )


def balance(found: dict[str, Columns], hidden_shift: float) -> Section:
    """Show how often the check of the balance is right, as written in the method and as mended."""
    rows: list[tuple[str | Figure, ...]] = []
    for n in SIZES:
        rows.append(("nothing hidden", str(n), *_checked(found[f"size/{n}"], hidden_shift)))
    for cell, columns in found.items():
        if cell.startswith("hidden/"):
            _, name, size = cell.split("/")
            rows.append((f"{name} hidden selection", size, *_checked(columns, hidden_shift)))
    return Section(
        id="balance",
        title="Is the check of the balance usable?",
        words=(
            "The groups are made alike on what the model holds; on squares, products and what was held out "
            "of the model they ought to be alike too. *Every difference below 0.1 SD* is the method's first "
            "wording: in groups of municipal size chance alone breaks it nearly always, so it tells nothing. "
            "*Beyond 0.1 SD and beyond chance* asks besides whether the largest difference is larger than "
            "the bootstrap finds by chance. In the rows *hidden selection* a severity that nobody recorded "
            f"decides who gets the support (log-odds {HIDDEN['moderate']} or {HIDDEN['strong']} per SD) and "
            "costs half an SD of outcome per SD; two variables held out of the model correlate 0.5 with it. "
            "The shares say how often the check then *objects*: a false alarm in the first rows, a find in "
            "the others. *Called harm* is an interval below 0 in a comparison that passed its checks; the "
            "last column how many of those are left when b = 0.2 SD is given to the doubt.",
        ),
        columns=(
            "world",
            "in each arm",
            "bias, SD",
            "first wording objects, %",
            "present check objects, %",
            "all checks passed, %",
            "called harm, %",
            "called harm after b, %",
        ),
        rows=tuple(rows),
    )


def providers(found: dict[str, Columns]) -> Section:
    """Show intervals where the persons of one provider are alike."""
    rows: list[tuple[str | Figure, ...]] = []
    claims = []
    for count in PROVIDERS:
        columns = found[f"providers/{count}"]
        coverage = covers(columns["d3_lower"], columns["d3_upper"])
        width = mean(columns["d3_upper"] - columns["d3_lower"])
        marked = share(columns["d3_is_one_provider"] == 1)
        expected = covers(columns["d2_reference_lower"], columns["d2_reference_upper"])
        rows.append((str(count), coverage, width, marked, expected))
        # Three providers' interval is wide on purpose (Welch on the means): it may cover more.
        if count >= 5:
            claims.append(Claim(f"D3, {count} providers in each arm: it covers", coverage, 0.93, 0.99))
    return Section(
        id="providers",
        title="Where providers differ",
        words=(
            f"{PROVIDER_SIZE} people in each arm, at so many providers, and an intraclass correlation of "
            f"{PROVIDER_VARIANCE}. The wider of two intervals is used (the bootstrap's and the one by "
            "providers), so it may cover a little more than 95 percent; with one provider in each arm "
            "nothing tells support and provider apart: the interval covers too seldom, and every such row is "
            "marked *one_provider*. D2 (as D1) takes persons for independent: its intervals are too narrow "
            "where providers differ, the more so the fewer they are.",
        ),
        columns=(
            "providers in each arm",
            "D3 covers, %",
            "D3's width, SD",
            "marked one_provider, %",
            "D2 against a reference covers, %",
        ),
        rows=tuple(rows),
        claims=tuple(claims),
    )


def _hidden(n: int, log_odds: float) -> World:
    return replace(World(n, n), chosen_by_hidden=log_odds, hidden_cost=0.5)


def _clustered(count: int) -> World:
    n = PROVIDER_SIZE
    # Selection by the score alone: what D2 then lacks is the providers, and nothing else.
    return World(n, n, chosen_by_recorded=0.0, providers=(count, count), provider_variance=PROVIDER_VARIANCE)


def _checked(columns: Columns, hidden_shift: float) -> tuple[Figure, ...]:
    """Bias, how often either wording objects, how often all is passed, and how often harm is called."""
    is_there, sound = ~np.isnan(columns["d3_estimate"]), columns["d3_is_sound"] == 1
    return (
        mean(columns["d3_estimate"]),
        share(columns["d3_is_below_limit"] == 0, is_there),
        share(columns["d3_is_balanced"] == 0, is_there),
        share(sound),
        share(sound & (columns["d3_upper"] < 0)),
        share(sound & (columns["d3_upper"] < -hidden_shift)),
    )
