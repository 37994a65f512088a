"""The rows of one contrast: its differences, and what decides whether they may be believed."""

import json

import numpy as np

from pipelines.estimation.comparison.contrasts import Contrast
from pipelines.estimation.rows import Row, effect_row, verdict
from pipelines.estimators.balance import Imbalance
from pipelines.estimators.comparison import Difference, Interval, Limits, ShareDifference
from pipelines.estimators.result import Estimate, NotEstimable, Result

# Shares and points of a diagnosis are told in steps, so that nobody counts single persons out of them.
STEP = 0.05
PERSON_STEP = 10
# How many assumptions on the missing are tried, from the mildest to the hardest.
SHIFTS = 5
# A larger share of these is worse.
WORSE_AS_LARGER = frozenset({"deteriorated"})


def effect_rows(contrast: Contrast, limits: Limits, setting: Row) -> list[Row]:
    """Return the differences in points, in SD and in shares, or why there are none; and the balance."""
    found, sd = contrast.found, contrast.key["sd"]
    if isinstance(found, NotEstimable):
        shares = [f"share_difference_{event}" for event in contrast.events]
        return [
            contrast_row(contrast, name, found)
            for name in ("mean_difference", "standardised_difference", *shares)
        ]
    points = Estimate(found.estimate, found.lower, found.upper, contrast.n)
    standardised: Result = NotEstimable("no_norm")
    delta, would_flip = setting["smallest_worthwhile_sd"], None
    if sd:
        standardised = Estimate(found.estimate / sd, found.lower / sd, found.upper / sd, contrast.n)
        would_flip = would_verdict_flip(found, sd, setting)
    diagnostics = _diagnostics(found, sd, limits) | dict(contrast.told)
    return [
        contrast_row(contrast, "mean_difference", points, diagnostics),
        contrast_row(
            contrast, "standardised_difference", standardised, diagnostics, delta, would_flip=would_flip
        ),
        *(row for name, share in found.shares.items() for row in _share_rows(contrast, name, share, setting)),
        *_imbalance_rows(contrast, found),
    ]


def contrast_row(
    contrast: Contrast,
    statistic: str,
    result: Result,
    diagnostics: Row | None = None,
    delta: float | None = None,
    *,
    specification: str = "main",
    would_flip: bool | None = None,
) -> Row:
    """Return one statistic's row; with `delta` it has a verdict."""
    found = contrast.found
    size = None
    if isinstance(found, Difference):
        sound = found.soundness
        size = float(_step(min(sound.effective_treated, sound.effective_others), PERSON_STEP))
    return effect_row(
        contrast.key,
        statistic,
        result,
        design="D3",
        comparator=contrast.key["comparator"],
        n=contrast.n,
        n_effective=size,
        diagnostics=json.dumps(diagnostics) if diagnostics else None,
        specification=specification,
        delta=delta,
        would_flip=would_flip,
    )


def would_verdict_flip(found: Difference, sd: float, setting: Row) -> bool:
    """Say whether the verdict would be another if the missing did worse than the others of their arm.

    Tried in the treated, in the others and in both, by several shares of an SD.
    """
    shifts = np.linspace(setting["missing_shift_lowest_sd"], setting["missing_shift_highest_sd"], SHIFTS)
    told = _verdict(found.lower / sd, found.upper / sd, setting)
    moved = (
        found.if_missing_are(-sd * treated, -sd * others)
        for shift in shifts
        for treated, others in ((shift, 0.0), (0.0, shift), (shift, shift))
    )
    return any(_verdict(lower / sd, upper / sd, setting) != told for _, lower, upper in moved)


def _verdict(lower: float, upper: float, setting: Row) -> str:
    return verdict(lower, upper, setting["smallest_worthwhile_sd"])


def _share_rows(
    contrast: Contrast, name: str, share: ShareDifference | NotEstimable, setting: Row
) -> list[Row]:
    """The difference of shares with its verdict, and its bounds whatever the missing had."""
    statistic = f"share_difference_{name}"
    if isinstance(share, NotEstimable):
        return [contrast_row(contrast, statistic, share)]
    told, *others = (_share_verdict(name, one, setting) for one in (share.found, share.least, share.most))
    would_flip = any(other != told for other in others)
    row = contrast_row(contrast, statistic, _estimate(share.found, contrast.n), would_flip=would_flip)
    bounds = contrast_row(contrast, f"{statistic}_bounds", _estimate(share.bounds, contrast.n))
    return [row | {"verdict": told}, bounds]


def _share_verdict(name: str, interval: Interval, setting: Row) -> str:
    """The verdict of a difference of shares: turned round where a larger share is worse."""
    lower, upper = interval.lower, interval.upper
    if name in WORSE_AS_LARGER:
        lower, upper = -upper, -lower
    return verdict(lower, upper, setting["smallest_worthwhile_share"])


def _estimate(interval: Interval, n: int) -> Estimate:
    return Estimate(interval.estimate, interval.lower, interval.upper, n)


def _imbalance_rows(contrast: Contrast, found: Difference) -> list[Row]:
    """One row per covariate, for the love plot: the groups' difference in SD, weighted and before."""
    rows = []
    for covariate in found.soundness.balance.covariates:
        before, after = (round(size, 2) + 0.0 for size in (covariate.before, covariate.after))
        told = {"before": before, "is_held_out": covariate.is_held_out}
        row = contrast_row(
            contrast,
            "standardised_imbalance",
            Estimate(after, after, after, contrast.n),
            told,
            specification=covariate.name,
        )
        rows.append(row | {"lower": None, "upper": None})
    return rows


def _diagnostics(found: Difference, sd: float | None, limits: Limits) -> Row:
    """What decides whether the difference may be believed, without the size of either arm.

    The tipping point moves the treated alone: how much worse than thought those without follow-up must be.
    """
    sound, tipping = found.soundness, found.tipping_point
    failed = sound.failed_check(limits)
    return {
        "is_sound": failed is None,
        "failed_check": failed,
        "largest_imbalance": round(sound.largest_imbalance, 2),
        "held_out_imbalance": _imbalance(sound.balance.held_out, limits),
        "model_imbalance": _imbalance(sound.balance.model, limits),
        "overlap_share": _step(sound.overlap_share, STEP),
        "response_difference": _step(sound.response_difference, STEP),
        "providers": sound.provider_mark(limits),
        "e_value": round(sound.e_value, 2),
        "standard_error_sd": round(found.standard_error / sd, 4) if sd else None,
        "tipping_point_sd": None if tipping is None or not sd else _step(tipping / sd, STEP),
    }


def _imbalance(found: Imbalance | None, limits: Limits) -> Row | None:
    if found is None:
        return None
    return {
        "on": found.column,
        "size": round(found.size, 2),
        "by_chance": round(found.by_chance, 2),
        "is_beyond_chance": found.is_beyond(limits.imbalance),
    }


def _step(value: float, step: float) -> float:
    return round(step * round(value / step), 2)
