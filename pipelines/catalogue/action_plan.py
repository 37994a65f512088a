"""What next year's action plan is drafted from: a proposal per kind of finding, in the draft's order."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from pipelines.catalogue.base import Entry, Identifier
from pipelines.catalogue.recommendation import Recommendation
from pipelines.errors import Problem

FILE = "action_plan.toml"
PLACE = re.compile(r"\{(\w*)\}")
# What a proposal is chosen by, for each kind of finding.
CHOSEN_BY = {"recommendation": "rules", "goal": "statuses", "unfinished": None, "not_measured": None}


class Proposal(Entry):
    """An action to propose: what brings it up, how it is worded, and the month in which it is to be done.

    `{name}` in the title is the intervention, the indicator or the action that it is about. A bundled one is
    of several interventions of one goal, `{interventions}`. `title_worse_da` is for an intervention whose
    people do worse than those compared with: the whole interval lies below no difference.
    """

    id: Identifier
    from_: Annotated[Literal["recommendation", "goal", "unfinished", "not_measured"], Field(alias="from")]
    rules: tuple[str, ...] = ()
    statuses: tuple[Literal["on_track", "attention", "off_track", "reached", "not_reached"], ...] = ()
    title_da: str
    title_worse_da: str | None = None
    month: Annotated[int, Field(ge=1, le=12)]
    is_bundled: bool = False

    @property
    def place(self) -> str:
        """What stands in braces in the title."""
        return "interventions" if self.is_bundled else "name"


class ActionPlan(Entry):
    """The proposals in order, and the rules that propose nothing."""

    without_proposal: tuple[str, ...] = ()
    proposal: tuple[Proposal, ...]


def broken_action_plan(plan: ActionPlan | None, table: Recommendation | None) -> Iterator[Problem]:
    """Yield every fault; rules are not held against a table that could not be read."""
    if plan is None:
        return
    for entry_id, times in Counter(p.id for p in plan.proposal).items():
        if times > 1:
            yield Problem(f"{FILE} (proposal {entry_id})", f"samme id står {times} gange; ét id skal være ét")
    for proposal in plan.proposal:
        where = f"{FILE} (proposal {proposal.id}"
        wanted = CHOSEN_BY[proposal.from_]
        for name in ("rules", "statuses"):
            if bool(getattr(proposal, name)) != (name == wanted):
                word = "skal" if name == wanted else "kan ikke"
                yield Problem(f"{where}: {name})", f"{word} angives, når from er '{proposal.from_}'")
        for field in ("title_da", "title_worse_da"):
            for name in sorted(set(PLACE.findall(getattr(proposal, field) or "")) - {proposal.place}):
                message = f"'{{{name}}}' kendes ikke her; skriv {{{proposal.place}}}"
                yield Problem(f"{where}: {field})", message)
    if table is not None:
        yield from _broken_rules(plan, [rule.id for rule in table.rule])


def _broken_rules(plan: ActionPlan, known: list[str]) -> Iterator[Problem]:
    named = Counter([*plan.without_proposal, *(r for p in plan.proposal for r in p.rules)])
    for rule_id in sorted(named.keys() - set(known)):
        yield Problem(f"{FILE} (rules)", f"reglen '{rule_id}' findes ikke i recommendation.toml")
    for rule_id in known:
        if named[rule_id] != 1:
            message = f"reglen '{rule_id}' står {named[rule_id]} gange i rules og without_proposal; ét sted"
            yield Problem(f"{FILE} (rules)", f"{message} skal sige, hvad den foreslår")
