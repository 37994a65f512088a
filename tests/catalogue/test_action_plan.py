"""What next year's plan is drafted from: every rule proposes something, or says that it does not."""

import pytest

from pipelines.catalogue import Catalogue
from pipelines.catalogue.action_plan import ActionPlan, Proposal, broken_action_plan

BOUND = {"from": "recommendation", "title_da": "Se på {name}", "month": 6}


def proposal(entry_id: str = "one", **known: object) -> Proposal:
    return Proposal.model_validate({"id": entry_id} | BOUND | {"rules": ("adjust",)} | known)


def problems(catalogue: Catalogue, *proposals: Proposal, without: tuple[str, ...] | None = None) -> list[str]:
    """Return what is said of a plan; the rules it does not name propose nothing."""
    named = {rule for p in proposals for rule in p.rules}
    rest = tuple(rule.id for rule in catalogue.recommendation.rule if rule.id not in named)
    plan = ActionPlan(without_proposal=rest if without is None else without, proposal=proposals)
    return [str(p) for p in broken_action_plan(plan, catalogue.recommendation)]


def test_the_catalogues_own_plan_is_whole(catalogue: Catalogue) -> None:
    assert list(broken_action_plan(catalogue.action_plan, catalogue.recommendation)) == []


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"rules": ()}, "rules): skal angives, når from er 'recommendation'"),
        ({"statuses": ("off_track",)}, "statuses): kan ikke angives, når from er 'recommendation'"),
        ({"from": "goal", "rules": ()}, "statuses): skal angives, når from er 'goal'"),
        ({"title_da": "Se på {names}"}, "'{names}' kendes ikke her; skriv {name}"),
        ({"title_da": "Se på {name}", "is_bundled": True}, "'{name}' kendes ikke her; skriv {interventions}"),
    ],
)
def test_a_proposal_that_cannot_be_made_is_told(catalogue: Catalogue, known: dict, said: str) -> None:
    found = problems(catalogue, proposal(**known))
    assert any(said in problem for problem in found), found


def test_ids_are_not_repeated(catalogue: Catalogue) -> None:
    found = problems(catalogue, proposal(), proposal(rules=("invest",)))
    assert found == ["action_plan.toml (proposal one): samme id står 2 gange; ét id skal være ét"]


def test_every_rule_is_named_once(catalogue: Catalogue) -> None:
    rest = tuple(r.id for r in catalogue.recommendation.rule if r.id not in ("adjust", "invest"))
    found = problems(catalogue, proposal(rules=("adjust", "no_such")), without=(*rest, "adjust"))
    assert [problem.partition(": ")[2].split(" i ")[0] for problem in found] == [
        "reglen 'no_such' findes ikke",
        "reglen 'invest' står 0 gange",
        "reglen 'adjust' står 2 gange",
    ]
