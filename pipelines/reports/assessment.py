"""From published numbers to one verdict per intervention and outcome.

There is no comparison group in the marts read here (design D1), so a verdict
speaks of development, never of effect: its rule reads the interval, not the point.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipelines.catalogue import Catalogue, Instrument, Intervention, Norm, Outcome
from pipelines.reports.danish import decimals_for
from pipelines.reports.marts import Number, Published

Verdict = Literal["progress", "decline", "unclear", "too_little", "hidden", "not_estimable"]
VERDICTS: tuple[Verdict, ...] = ("progress", "decline", "unclear", "too_little", "hidden", "not_estimable")
ASSESSED: tuple[Verdict, ...] = ("progress", "decline", "unclear")
STATISTICS = (
    "coverage",
    "mean_baseline",
    "mean_follow_up",
    "mean_change",
    "share_recovered",
    "share_unchanged",
    "share_deteriorated",
    "share_reliably_improved",
    "share_success",
    "share_noticeable",
    "share_at_ceiling",
)


@dataclass(frozen=True)
class Rules:
    """The thresholds the run used, from its manifest."""

    minimum_pairs: int
    minimum_coverage: float

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> "Rules":
        """Take the thresholds from the manifest's parameters."""
        parameters = manifest["parameters"]
        return cls(int(parameters["minimum_pairs"]), float(parameters["minimum_coverage"]))


@dataclass(frozen=True)
class Line:
    """One intervention on one outcome: its numbers by statistic, and the verdict."""

    intervention: Intervention
    outcome: Outcome
    instrument: Instrument
    norm: Norm | None
    numbers: Mapping[str, Number]
    verdict: Verdict

    @property
    def outcome_id(self) -> str:
        """Return the outcome's id as the marts write it."""
        return f"{self.outcome.instrument}:{self.outcome.respondent}"

    @property
    def short_name(self) -> str:
        """Return the instrument's name without what stands in parentheses."""
        return self.instrument.name_da.split(" (")[0]

    @property
    def change(self) -> Number:
        """Return the mean change, plus = improvement."""
        return self.numbers["mean_change"]

    @property
    def has_other_goals(self) -> bool:
        """Say whether success is known to be something else than reliable improvement."""
        success, better = self.numbers["share_success"], self.numbers["share_reliably_improved"]
        differs = success.is_shown and success.numerator != better.numerator
        return self.outcome.goal_type != "develop" or differs

    @property
    def decimals(self) -> int:
        """Return the decimals worth printing for a mean on this instrument."""
        sd = self.norm.sd if self.norm else None
        # Six SDs span nearly all of a scale: a stand-in where no SD is published.
        return decimals_for(
            sd if isinstance(sd, float) else (self.instrument.maximum - self.instrument.minimum) / 6
        )


def judge(change: Number, coverage: Number, rules: Rules) -> Verdict:
    """Return the verdict on a mean change: the first rule that fits, in this order."""
    if change.is_suppressed:
        return "hidden"
    if change.estimate is None or change.lower is None or change.upper is None:
        return "not_estimable"
    if (change.n or 0) < rules.minimum_pairs or is_low(coverage, rules):
        return "too_little"
    if change.lower > 0:
        return "progress"
    return "decline" if change.upper < 0 else "unclear"


def is_low(coverage: Number, rules: Rules) -> bool:
    """Say whether coverage is below the minimum.

    A hidden coverage is not low: with enough pairs to come this far, what the
    gate hides is that fewer than a handful are missing.
    """
    if coverage.is_suppressed:
        return False
    return coverage.estimate is None or coverage.estimate < rules.minimum_coverage


def lines(published: Published, catalogue: Catalogue, rules: Rules) -> tuple[Line, ...]:
    """Return a line per outcome of every intervention that has people, in the report's order.

    Ordered by area, the goal of the primary outcome and name: never by result.
    """
    goal_order = {goal_id: place for place, goal_id in enumerate(catalogue.goals)}
    area_order = {"children": 0, "adults": 1, "vulnerable": 2}

    def place(line: Line) -> tuple[int, int, str, bool]:
        area = area_order[line.intervention.area]
        goal = goal_order.get(primary(line.intervention).goal, len(goal_order))
        return area, goal, line.intervention.name_da.casefold(), not line.outcome.primary

    found = (
        _line(published, catalogue, rules, intervention, outcome)
        for intervention in catalogue.interventions
        if has_people(published, intervention)
        for outcome in intervention.outcomes
    )
    return tuple(sorted(found, key=place))


def primary(intervention: Intervention) -> Outcome:
    """Return the outcome the intervention is judged on."""
    return next(outcome for outcome in intervention.outcomes if outcome.primary)


def has_people(published: Published, intervention: Intervention) -> bool:
    """Say whether any published number, shown or hidden, rests on people in the intervention."""
    economy = [published.economy[intervention.id]] if intervention.id in published.economy else []
    effects = (number for (owner, _, _), number in published.effects.items() if owner == intervention.id)
    return any(number.is_suppressed or (number.n or 0) > 0 for number in [*economy, *effects])


def finding(verdicts: Iterable[Verdict]) -> str:
    """Return the key of the sentence that says what a set of verdicts shows."""
    counts = Counter(verdicts)
    total = counts.total()
    if total == 0:
        return "nothing"
    single = "single_" if total == 1 else ""
    if not any(counts[verdict] for verdict in ASSESSED):
        return single + ("hidden" if counts["hidden"] == total else "none_assessed")
    if total == 1:
        return single + next(iter(counts))
    if counts["progress"] and counts["decline"]:
        return "progress_decline"
    if counts["progress"] == total:
        return "all_progress"
    return next((verdict for verdict in ("progress", "decline") if counts[verdict]), "unclear")


def _line(
    published: Published, catalogue: Catalogue, rules: Rules, intervention: Intervention, outcome: Outcome
) -> Line:
    outcome_id = f"{outcome.instrument}:{outcome.respondent}"
    numbers = {s: published.effect(intervention.id, outcome_id, s) for s in STATISTICS}
    instrument = catalogue.instrument(outcome.instrument)
    return Line(
        intervention=intervention,
        outcome=outcome,
        instrument=instrument,
        norm=instrument.norm(outcome.respondent),
        numbers=numbers,
        verdict=judge(numbers["mean_change"], numbers["coverage"], rules),
    )
