"""The planted stories of the method's section 6, as far as designs go: `verdicts` has how they end."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, ndtr

from pipelines.calibration import designs, pooled
from pipelines.calibration.bench import Cell, Columns
from pipelines.calibration.comparison_group import measure
from pipelines.calibration.designs import Numbers, Setting
from pipelines.calibration.findings import Figure, Section, mean, share
from pipelines.calibration.world import Booleans, Integers, World
from pipelines.estimation.comparison import limits_of
from pipelines.estimators.comparison import TwoGroups, compare
from pipelines.estimators.result import NotEstimable

ONLY_HIDDEN = World(
    treated=150,
    others=150,
    chosen_by_score=0.0,
    chosen_by_recorded=0.0,
    chosen_by_hidden=0.5,
    hidden_cost=0.5,
)
TRUE_EFFECT = 0.6
WORST_DROP_OUT = World(answered_treated=0.55, answered_others=0.55, answer_by_follow_up=1.0)
ALL_ANSWER = World(treated=150, others=150, answered_treated=0.9, answered_others=0.9)
TIPPING_ASKED = 0.25


@dataclass(frozen=True)
class Bundle:
    """People of whom most get both supports or none; months in work of 12, of which A alone adds `months`."""

    persons: int = 240
    months: float = 2.0
    together: float = 1.5
    providers: int = 6


def draw_bundle(world: Bundle, rng: np.random.Generator) -> dict[str, TwoGroups]:
    """Draw the people, and who is compared where A is asked of, and B, and B as if there were no A."""
    n = world.persons
    before = rng.normal(size=n)
    has_a = rng.random(n) < 0.5
    has_b = rng.random(n) < expit(world.together * (2 * has_a - 1))
    # One outcome per person: months in work are counted once, whoever helped.
    months = np.clip(np.round(4 + 2 * before + world.months * has_a + rng.normal(0, 3, n)), 0, 12)
    months[rng.random(n) < 0.1] = np.nan
    of_many, other = rng.integers(0, world.providers, n), 100 + rng.integers(0, world.providers, n)
    held_out = rng.normal(size=(n, 2))
    asked: dict[str, tuple[Booleans, list[Any], Integers]] = {
        "a": (has_a, [before, has_b], np.where(has_a, of_many, other)),
        "b": (has_b, [before, has_a], np.where(has_b, 0, other)),
        "b_alone": (has_b, [before], np.where(has_b, 0, other)),
    }
    return {
        name: TwoGroups(
            np.column_stack([(c - np.mean(c)) / np.std(c) for c in covariates]),
            held_out,
            treated,
            months,
            provider,
        )
        for name, (treated, covariates, provider) in asked.items()
    }


def measure_bundle(world: Any, rng: np.random.Generator, setting: Setting) -> Numbers:
    """Ask of A and of B, each beside the other, and of B as if there were no A."""
    asked = draw_bundle(world, rng)
    count = designs.draw_counts(world.persons, setting, rng)
    numbers: Numbers = {}
    limits = limits_of(setting)
    for name, groups in asked.items():
        found = compare(groups, count, setting["confidence_level"], limits)
        if isinstance(found, NotEstimable):
            continue
        numbers |= {
            f"{name}_estimate": found.estimate,
            f"{name}_lower": found.lower,
            f"{name}_upper": found.upper,
            f"{name}_is_one_provider": float(found.soundness.provider_mark(limits) == "one_provider"),
        }
    return numbers


def cells() -> list[Cell]:
    """Return the stories that no other cell tells."""
    return [
        Cell("story/hidden", ONLY_HIDDEN, measure),
        Cell("story/drop_out", WORST_DROP_OUT, measure),
        Cell("story/answer", ALL_ANSWER, measure),
        Cell("story/bundle", Bundle(), measure_bundle),
    ]


def section(found: dict[str, Columns], setting: Setting) -> Section:
    """Tell each story by what the designs say in which share of the replications."""
    trough, hidden = found["four_designs/by_dip"], found["story/hidden"]
    rows: list[tuple[str | Figure, ...]] = [
        (
            "1 Trough, no effect, no comparison, n = 60",
            "D1's interval lies above 0",
            share(trough["d1_lower"] > 0),
            "D1 clearly up; without a reference or people who wait E0 is not estimable",
        ),
        *_hidden_rows(hidden, setting),
    ]
    covered, below, after_shift, kept = pooled.harm(found["pooled"], setting)
    third = "3 Harm of 0.5 SD, n = 150, six providers, among eleven good"
    rows += [
        (third, "the interval covers the truth", covered, "about 95"),
        (third, "the interval lies below 0", below, "high"),
        (third, "it still does after b", after_shift, "≥ 80 asked of Stop (skade)"),
        (third, "pooled P(effect > 0) ≥ 90 %", kept, "< 2 asked of Fortsæt"),
    ]
    for title, cell in (
        ("4 True 0.6 SD, n = 60, 55 % answer, the worst drop out", "drop_out"),
        ("4 The same, n = 150, 90 % answer", "answer"),
    ):
        rows += _drop_out_rows(title, found[f"story/{cell}"], setting)
    rows += _bundle_rows(found["story/bundle"])
    return Section(
        id="stories",
        title="The planted stories",
        words=(
            "The five stories of the method, section 6, as far as the designs go: what they say in which "
            "share of the replications; *asked* is what the method asks. What the recommendation makes of "
            "them is told below.",
        ),
        columns=("story", "what is seen", "share, % (or SD, months)", "what is asked"),
        rows=tuple(rows),
    )


def _hidden_rows(columns: Columns, setting: Setting) -> list[tuple[str | Figure, ...]]:
    title = "2 No effect, the worst by a severity not recorded, n = 150"
    sound = columns["d3_is_sound"] == 1
    return [
        (title, "bias, SD", mean(columns["d3_estimate"]), "0 were right"),
        (title, "the interval lies below 0: harm", share(columns["d3_upper"] < 0), "none of it is real"),
        (
            title,
            "the check of the balance objects",
            share(columns["d3_is_balanced"] == 0),
            "as often as can be",
        ),
        (title, "harm, and all checks passed", share(sound & (columns["d3_upper"] < 0)), "few"),
        (
            title,
            "the same after b",
            share(sound & (columns["d3_upper"] < -setting["hidden_confounding_sd"])),
            "(next to) none: never Stop",
        ),
    ]


def _drop_out_rows(title: str, columns: Columns, setting: Setting) -> list[tuple[str | Figure, ...]]:
    lower = columns["d3_lower"] + TRUE_EFFECT
    shifted = columns["d3_estimate"] + TRUE_EFFECT - setting["hidden_confounding_sd"]
    tipping = np.where(lower > 0, lower / columns["d3_missing"], 0.0)
    relevant = (shifted - setting["smallest_worthwhile_sd"]) / columns["d3_error"]
    is_sure = (ndtr(shifted / columns["d3_error"]) >= setting["invest_positive_probability"]) & (
        ndtr(relevant) >= setting["invest_relevant_probability"]
    )
    return [
        (title, "bias, SD", mean(columns["d3_estimate"]), "0 were right"),
        (
            title,
            "interval's width, SD",
            mean(columns["d3_upper"] - columns["d3_lower"]),
            "wider where few answer",
        ),
        (title, "all checks passed", share(columns["d3_is_sound"] == 1), ""),
        (title, "the interval lies above 0", share(lower > 0), ""),
        (title, f"tipping point ≥ {TIPPING_ASKED} SD", share(tipping >= TIPPING_ASKED), "few, then most"),
        (
            title,
            "after b, unpooled: P(> 0) ≥ 99 % and P(> δ) ≥ 80 %",
            share(is_sure),
            "few, then ≥ 80 asked of Invester",
        ),
    ]


def _bundle_rows(columns: Columns) -> list[tuple[str | Figure, ...]]:
    title = "5 Two bundled supports, only A works, B has one provider"
    return [
        (
            title,
            "A beside B: the interval lies above 0",
            share(columns["a_lower"] > 0),
            "most: A is credited",
        ),
        (
            title,
            "A beside B: months in work",
            mean(columns["a_estimate"]),
            "2 less what the scale's end cuts off",
        ),
        (title, "B beside A: the interval lies above 0", share(columns["b_lower"] > 0), "2.5: chance"),
        (
            title,
            "B beside A: the interval lies below 0",
            share(columns["b_upper"] < 0),
            "2.5: chance; no Stop",
        ),
        (
            title,
            "B is marked one_provider",
            share(columns["b_is_one_provider"] == 1),
            "100: kan ikke skilles",
        ),
        (
            title,
            "B as if there were no A: above 0",
            share(columns["b_alone_lower"] > 0),
            "what the method avoids",
        ),
    ]
