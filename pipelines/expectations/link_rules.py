"""Rules on the links between a person's numbers: whoever is merged must be one person, for certain."""

from collections.abc import Iterator

from pipelines.expectations.rule import Contract, Rule, no_rows

LINKS = "person_link"
LONGEST_CHAIN = 3  # as many links as sql/staging/identity.sql follows


def link_rules(contract: Contract) -> Iterator[Rule]:
    """Yield the rules that stop a run where links would merge the wrong persons, or not all of one."""
    yield contract.rule(
        "link_self",
        no_rows("SELECT 1 FROM {batch} WHERE former_person_id = person_id"),
        "Intet CPR-nummer er knyttet til sig selv.",
        "{failed} af {rows} rækker knytter et CPR-nummer til sig selv. Ret eller fjern dem i udtrækket.",
    )
    yield contract.rule(
        "link_two",
        no_rows("SELECT 1 FROM {batch} GROUP BY former_person_id HAVING count(DISTINCT person_id) > 1"),
        "Intet tidligere CPR-nummer er knyttet til to nuværende.",
        "{failed} tidligere CPR-numre er knyttet til flere forskellige nuværende. Behold den rigtige række.",
    )
    yield contract.rule(
        "link_chain",
        no_rows(_too_long()),
        f"Ingen kæde af CPR-numre går i ring eller har mere end {LONGEST_CHAIN} led.",
        f"{{failed}} tidligere CPR-numre indgår i en kæde, der går i ring eller har mere end {LONGEST_CHAIN} "
        "led. Knyt hvert tidligere nummer direkte til det nuværende.",
    )


def _too_long() -> str:
    """Find the numbers from which one link more than the longest chain leads; in a circle it always does."""
    links = "(SELECT DISTINCT former_person_id, person_id FROM {batch} WHERE former_person_id <> person_id)"
    joins = (
        f"INNER JOIN {links} AS link{step} ON link{step - 1}.person_id = link{step}.former_person_id"
        for step in range(1, LONGEST_CHAIN + 1)
    )
    return f"SELECT 1 FROM {links} AS link0 {' '.join(joins)} GROUP BY link0.former_person_id"
