"""One intervention: its numbers by design, and which comparison speaks for it."""

from dataclasses import dataclass
from functools import cached_property

from pipelines.reports import danish
from pipelines.reports.assessment import Line, primary
from pipelines.reports.marts import NOT_COMPUTED, Number
from pipelines.reports.material import Material
from pipelines.reports.money import Amount
from pipelines.reports.recommended import Recommended
from pipelines.reports.results import Result, Results
from pipelines.reports.texts import Texts

COMPARATORS = ("waiting", "other_support")


@dataclass(frozen=True)
class Case:
    """What one intervention's page and its line among the others are written from."""

    material: Material
    texts: Texts
    line: Line
    others: tuple[Line, ...] = ()

    @property
    def id(self) -> str:
        """Return the intervention's id."""
        return self.line.intervention.id

    @property
    def goal(self) -> str:
        """Return the name of the goal the primary outcome serves."""
        goal = primary(self.line.intervention).goal
        return self.material.catalogue.goals[goal].name_da

    @property
    def people(self) -> Number:
        """Return the persons who began and what each cost."""
        return self.material.published.economy.get(self.id, NOT_COMPUTED)

    @cached_property
    def sd(self) -> float | None:
        """Return the instrument's SD, where the catalogue has one."""
        sd = self.line.norm.sd if self.line.norm else None
        return sd if isinstance(sd, float | int) else None

    @cached_property
    def comparator(self) -> str | None:
        """Return the comparator that speaks for the primary outcome; one that holds goes first."""
        shown = [c for c in COMPARATORS if self.get("D3", c, "mean_difference").is_shown]
        return next(iter([c for c in shown if self.holds(c)] or shown), None)

    @property
    def results(self) -> Results:
        """Return all results of the run."""
        return self.material.results

    @property
    def recommended(self) -> Recommended | None:
        """Return the recommendation; None where the run made none."""
        return self.material.recommended.get(self.id)

    def holds(self, comparator: str) -> bool:
        """Say whether a comparison passed all its checks, those that its evidence level asks for too."""
        if not self.passed(comparator):
            return False
        return self.recommended is None or self.recommended.speaks_of(comparator)

    def passed(self, comparator: str) -> bool:
        """Say whether a comparison passed its own checks, and no negative control of it failed."""
        is_sound = self.get("D3", comparator, "mean_difference").is_sound
        return is_sound and "failed" not in self.controls(comparator)

    def controls(self, comparator: str) -> list[str]:
        """Return what the negative controls said, one code each, of those that could be worked out."""
        found = self.results.specifications(self.id, self.line.outcome_id, comparator, "negative_control")
        return [str(r.diagnostics["result"]) for _, r in found if r.is_shown and "result" in r.diagnostics]

    @property
    def difference(self) -> Result | None:
        """Return the difference in points against that comparator; None if there is no comparison."""
        return self.get("D3", self.comparator, "mean_difference") if self.comparator else None

    @property
    def verdict(self) -> str | None:
        """Return what a comparison that holds says, as a code; None without one."""
        if not self.comparator or not self.holds(self.comparator):
            return None
        return self.get("D3", self.comparator, "standardised_difference").verdict

    @property
    def standardised(self) -> Result | None:
        """Return that difference in SD where the comparison holds, otherwise None."""
        if not self.comparator or not self.holds(self.comparator):
            return None
        found = self.get("D3", self.comparator, "standardised_difference")
        return found if found.is_shown else None

    @property
    def is_worse(self) -> bool:
        """Say whether a comparison that holds has its whole interval below no difference."""
        found = self.standardised
        return found is not None and found.upper is not None and found.upper < 0

    @property
    def is_below(self) -> bool:
        """Say whether what does not hold as a comparison has its whole interval below no difference."""
        expected = self.get("D2", "without_support", "mean_versus_expected")
        found = [self.difference, expected]
        return self.verdict is None and any(r is not None and (r.upper or 0.0) < 0 for r in found)

    @property
    def failed_checks(self) -> tuple[str, ...]:
        """Return why no comparison bears more, as codes: the evidence's reason, then the comparison's own."""
        found = [self.recommended.reason_not_higher] if self.recommended else []
        if self.comparator and self.difference and not self.verdict:
            own = self.difference.diagnostics.get("failed_check")
            found.append(own if own or self.passed(self.comparator) else "control_failed")
        return tuple(dict.fromkeys(code for code in found if code))

    @property
    def extra_cost(self) -> Amount | None:
        """Return the extra cost against what it was compared with; None where no comparison holds."""
        if not self.comparator or not self.holds(self.comparator):
            return None
        place = self.id, self.line.outcome_id, self.comparator
        return self.material.money.get(place, "incremental_cost")

    @property
    def has_register_comparison(self) -> bool:
        """Say whether a register outcome has a comparison."""
        return any(self.register(name).is_shown for name in self.line.intervention.registers)

    def register(self, name: str) -> Result:
        """Return what a register says at the intervention's horizon."""
        statistic = f"effect_at_{self.line.intervention.horizon_months}_months"
        return self.results.get(self.id, f"register:{name}", "D4", "not_yet_started", statistic)

    def get(self, design: str, comparator: str, statistic: str) -> Result:
        """Return a result on the primary outcome."""
        return self.results.get(self.id, self.line.outcome_id, design, comparator, statistic)

    def secondary(self, line: Line, comparator: str) -> Result:
        """Return the difference on another outcome than the primary."""
        return self.results.get(self.id, line.outcome_id, "D3", comparator, "mean_difference")

    def reason(self, number: Number) -> str:
        """Return why there is no number, in words."""
        if number.is_suppressed:
            return self.texts("fact.hidden_detail").rstrip(".").lower()
        key = f"reason.{number.reason or 'not_computed'}"
        return self.texts(key if self.texts.has(key) else "reason.other")

    def points(self, value: float) -> str:
        """Write a difference without its sign: "3,2 point"."""
        decimals = danish.decimals_keeping_sign([value], self.line.decimals)
        return self.texts_of_report.measured(
            danish.number(abs(value), decimals), self.line.instrument.unit_da
        )

    def signed(self, number: Number, decimals: int | None = None) -> str:
        """Write a number with its interval: "+3,2 (0,8 til 5,6)"."""
        assert number.estimate is not None
        bounds = [bound for bound in (number.lower, number.upper) if bound is not None]
        places = self.line.decimals if decimals is None else decimals
        places = danish.decimals_keeping_sign([number.estimate, *bounds], places)
        written = danish.change(number.estimate, places)
        if len(bounds) < 2:
            return written
        lower, upper = (danish.number(bound, places) for bound in bounds)
        return f"{written} ({lower} til {upper})"

    @property
    def texts_of_report(self) -> Texts:
        """Return the report's own texts: verdicts, respondents, units in the singular."""
        return self.material.texts
