"""The page docs/planted-truth.md: what the demo planted for single people against what a run of it finds.

Run `python -m tests.flows.planted > docs/planted-truth.md` to make the page again.
"""

import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.conftest import DemoRun, virker
from tests.flows import (
    planted_attrition,
    planted_costs,
    planted_lives,
    planted_scores,
    planted_strategy,
    planted_timing,
)
from tests.flows.planted_comparison import Comparison
from tests.flows.planted_records import Records, open_records

COMMAND = "python -m tests.flows.planted > docs/planted-truth.md"
MEASURES: tuple[Callable[[Records], Comparison], ...] = (
    planted_lives.merged_persons,
    planted_scores.scored_items,
    planted_scores.unscorable_items,
    planted_scores.reliable_change,
    planted_scores.mean_change,
    planted_scores.noticeable_change,
    planted_scores.trajectory,
    planted_scores.expected_without_support,
    planted_scores.usual_course,
    planted_scores.success_by_type,
    planted_lives.goal_success,
    planted_lives.goal_attainment,
    planted_lives.status_months,
    planted_lives.hours,
    planted_lives.coherence,
    planted_timing.timeliness,
    planted_timing.crises,
    planted_timing.plans_for_turning_18,
    planted_timing.preparation,
    planted_attrition.attrition,
    planted_attrition.attrition_sums,
    planted_costs.costs_to_the_horizon,
    planted_costs.cost_per_person,
    planted_strategy.survey_shares,
    planted_strategy.survey_responses,
    planted_strategy.network,
)
HEAD = f"""\
# Planted truth against found

The demo municipality is made up, so what is true of each of its people is known: every row holds one
individual measure of a run against what was planted, or against the same measure worked out a second time in
Python from the delivered rows. *Equal* must be *compared*, where a value missing on either side is not equal
and numbers may lie apart by *limit*; the last column says whom the comparison leaves out, or why a difference
is no fault.

Made by `{COMMAND}`, and held equal to what a run gives by
`tests/flows/test_planted.py`.

| measure | planted, or worked out again | compared | equal | largest gap | limit | may differ by design |
| --- | --- | ---: | ---: | ---: | ---: | --- |
"""


def page(comparisons: Iterable[Comparison]) -> str:
    """Return the page with one row per measure."""
    return HEAD + "".join(f"| {' | '.join(_cells(c))} |\n" for c in comparisons)


def _cells(row: Comparison) -> tuple[str, ...]:
    return (
        row.measure,
        row.planted,
        f"{row.compared:,}",
        f"{row.equal:,}",
        # The fifth decimal is another on another machine.
        _number(round(row.largest_difference, 4)),
        _number(row.limit),
        row.may_differ,
    )


def _number(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".")


def main() -> None:
    """Make a demo run and print the page."""
    with tempfile.TemporaryDirectory() as folder:
        out, key_file = Path(folder) / "demo", Path(folder) / "pseudonym.key"
        done = virker("demo", "--out", out, "--direct", "--no-report", key_file=key_file)
        if done.returncode:
            sys.exit(done.stderr)
        with open_records(DemoRun(out, key_file, done.stdout)) as records:
            sys.stdout.write(page(measure(records) for measure in MEASURES))


if __name__ == "__main__":
    main()
