"""Standardised effects against R effectsize: its tests, its documentation and its code.

Left out, because nothing in Virker uses them: `d_replication_rouder` (an ANOVA's residual with
many trials per person; Virker has one pair per person), `cles` (overlap measures derived from d)
and `rank_biserial_hollander`.
"""

import csv
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from pipelines.estimators.mean import PairedMoments, SampleMoments
from pipelines.estimators.result import Estimate, Result
from pipelines.estimators.standardised import (
    cohens_d,
    glass_delta,
    hedges_correction,
    hedges_g,
    one_sample_d,
    repeated_measures_d,
)

FOLDER = Path(__file__).parents[2].parent / "shared" / "oracles" / "effectsize"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the reference cases are not at {FOLDER}")

LEVEL = 0.95
PRECISION = 1e-9  # of cases that name no tolerance of their own: computed in full precision


def case(case_id: str) -> dict:
    cases = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))["cases"]
    return next(c for c in cases if c["id"] == case_id)


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def moments(scores: np.ndarray) -> SampleMoments:
    return SampleMoments(len(scores), float(scores.mean()), float(scores.var(ddof=1)))


def pairs(baseline: np.ndarray, follow_up: np.ndarray) -> PairedMoments:
    covariances = np.cov(baseline, follow_up)
    return PairedMoments(
        n=len(baseline),
        mean_baseline=float(baseline.mean()),
        mean_follow_up=float(follow_up.mean()),
        variance_baseline=float(covariances[0, 0]),
        variance_follow_up=float(covariances[1, 1]),
        covariance=float(covariances[0, 1]),
    )


def cars(column: str) -> tuple[SampleMoments, SampleMoments]:
    """A column of mtcars for am = 0 and am = 1."""
    by_am = defaultdict(list)
    for row in rows("data.csv"):
        by_am[row["am"]].append(float(row[column]))
    return moments(np.array(by_am["0"])), moments(np.array(by_am["1"]))


def weights() -> SampleMoments:
    return moments(np.array([float(row["wt"]) for row in rows("data.csv")]))


def sleep() -> PairedMoments:
    by_group = defaultdict(dict)
    for row in rows("sleep.csv"):
        by_group[row["group"]][row["ID"]] = float(row["extra"])
    return pairs(*(np.array([by_group[g][person] for person in sorted(by_group[g])]) for g in "21"))


def rouder() -> PairedMoments:
    trials = defaultdict(list)
    for row in rows("rouder2016.csv"):
        trials[row["cond"], row["id"]].append(float(row["rt"]))
    persons = sorted({person for _, person in trials})
    return pairs(*(np.array([np.mean(trials[cond, person]) for person in persons]) for cond in "21"))


def equal_variances() -> PairedMoments:
    table = np.array([[float(r["V1"]), float(r["V2"])] for r in rows("paired_equalvar.csv")])
    return pairs(table[:, 1], table[:, 0])


def answers(result: Result, expected: dict, tolerance: float) -> None:
    assert isinstance(result, Estimate)
    point = next(expected[k] for k in ("Cohens_d", "Hedges_g", "Glass_delta", "d") if k in expected)
    low, high = (expected[k] for k in (("CI_low", "CI_high") if "CI_low" in expected else ("lo", "hi")))
    assert (result.estimate, result.lower, result.upper) == pytest.approx((point, low, high), abs=tolerance)


INDEPENDENT = {
    "d_wt_am_pooled": lambda: cohens_d(*cars("wt"), LEVEL),
    "d_wt_am_unpooled": lambda: cohens_d(*cars("wt"), LEVEL, pooled=False),
    "hedges_g_wt_am": lambda: hedges_g(*cars("wt"), LEVEL),
    "glass_delta_wt_am": lambda: glass_delta(*cars("wt"), LEVEL),
    "d_mpg_am": lambda: cohens_d(*cars("mpg"), LEVEL),
    "d_mpg_unpooled": lambda: cohens_d(*cars("mpg"), LEVEL, pooled=False),
    "g_mpg_am": lambda: hedges_g(*cars("mpg"), LEVEL),
}
ONE_SAMPLE = {
    "d_one_sample_wt": lambda: one_sample_d(weights(), LEVEL),
    "d_one_sample_wt_mu3": lambda: one_sample_d(weights(), LEVEL, null=3.0),
    "g_one_sample_mu3": lambda: one_sample_d(weights(), LEVEL, null=3.0, is_corrected=True),
    "dz_sleep_paired": lambda: one_sample_d(sleep().change, LEVEL),
    "gz_sleep_paired": lambda: one_sample_d(sleep().change, LEVEL, is_corrected=True),
    "dz_sleep_mu-1": lambda: one_sample_d(sleep().change, LEVEL, null=-1.0),
}
# The references are condition 1 minus condition 2, in units of condition 2 for Becker's d:
# condition 2 stands where Virker has the baseline.
PAIRED = {"rouder": rouder, "sleep": sleep, "pairedeq": equal_variances}
PUBLISHED = {"rm_rouder_av": "rouder_av", "rm_rouder_z": "rouder_z", "rm_rouder_rm_adj": "rouder_rm_adj"}


@pytest.mark.parametrize("case_id", [*INDEPENDENT, *ONE_SAMPLE])
def test_exact_intervals(case_id: str) -> None:
    reference = case(case_id)
    answers((INDEPENDENT | ONE_SAMPLE)[case_id](), reference["expected"], reference["tolerance"])


@pytest.mark.parametrize("is_corrected", [False, True])
@pytest.mark.parametrize("kind", ["rm", "av", "z", "b"])
@pytest.mark.parametrize("data", PAIRED)
def test_repeated_measures(data: str, kind: str, is_corrected: bool) -> None:
    case_id = f"rm_{data}_{kind}{'_adj' if is_corrected else ''}"
    result = repeated_measures_d(PAIRED[data](), kind, LEVEL, is_corrected=is_corrected)
    answers(result, case(PUBLISHED.get(case_id, case_id))["expected"], PRECISION)


def test_pooled_standard_deviation() -> None:
    manual, automatic = cars("mpg")[1], cars("mpg")[0]
    result = cohens_d(manual, automatic, LEVEL)
    pooled = (manual.mean - automatic.mean) / result.estimate
    assert pooled == pytest.approx(case("sd_pooled_mpg_am")["expected"], abs=PRECISION)


def test_hedges_correction_is_exact() -> None:
    for df, expected in case("J_exact")["expected"].items():
        assert hedges_correction(float(df)) == pytest.approx(expected, abs=1e-12)
