"""Each verdict word, by its rule on the interval."""

import pytest

from pipelines.reports.assessment import Rules, finding, judge
from pipelines.reports.marts import NOT_COMPUTED, Number

RULES = Rules(minimum_pairs=20, minimum_coverage=0.5)
COVERED = Number(estimate=0.7, n=60)
HIDDEN = Number(is_suppressed=True)


def change(lower: float, upper: float, n: int = 42) -> Number:
    return Number(estimate=(lower + upper) / 2, lower=lower, upper=upper, n=n)


@pytest.mark.parametrize(
    ("number", "coverage", "expected"),
    [
        (change(0.1, 8.0), COVERED, "progress"),
        (change(-8.0, -0.1), COVERED, "decline"),
        (change(-1.0, 8.0), COVERED, "unclear"),
        (change(0.0, 8.0), COVERED, "unclear"),
        (change(1.0, 8.0, n=19), COVERED, "too_little"),
        (change(1.0, 8.0, n=20), COVERED, "progress"),
        (change(1.0, 8.0), Number(estimate=0.49, n=60), "too_little"),
        (change(1.0, 8.0), Number(estimate=0.5, n=60), "progress"),
        (change(1.0, 8.0), NOT_COMPUTED, "too_little"),
        (change(1.0, 8.0), HIDDEN, "progress"),
        (HIDDEN, COVERED, "hidden"),
        (Number(reason="no_pairs", n=0), COVERED, "not_estimable"),
        (NOT_COMPUTED, COVERED, "not_estimable"),
    ],
)
def test_the_first_rule_that_fits_gives_the_verdict(number: Number, coverage: Number, expected: str) -> None:
    assert judge(number, coverage, RULES) == expected


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], "nothing"),
        (["hidden"], "single_hidden"),
        (["hidden", "hidden"], "hidden"),
        (["too_little"], "single_none_assessed"),
        (["too_little", "hidden"], "none_assessed"),
        (["decline"], "single_decline"),
        (["progress", "progress"], "all_progress"),
        (["progress", "hidden"], "progress"),
        (["progress", "decline", "unclear"], "progress_decline"),
        (["decline", "unclear"], "decline"),
        (["unclear", "too_little"], "unclear"),
    ],
)
def test_a_finding_says_what_the_verdicts_show(verdicts: list[str], expected: str) -> None:
    assert finding(verdicts) == expected  # type: ignore[arg-type]
