"""Links between a person's numbers: a merge that is not certain stops the run."""

from pathlib import Path

import duckdb
import pytest

from pipelines.catalogue import Catalogue
from pipelines.expectations import Checker
from pipelines.expectations.facts import RawFacts
from pipelines.expectations.link_rules import LINKS
from pipelines.expectations.rule import Contract
from pipelines.expectations.rules import contract_rules
from pipelines.expectations.table_rules import agreed_columns
from tests.expectations.contract import REFERENCE_DATE

CHECKS = ("link_self", "link_two", "link_chain")


def failed(catalogue: Catalogue, links: str) -> dict[str, int]:
    """Count what each rule finds in links such as "ab bc": a is the former number of b, b of c."""
    columns = agreed_columns(
        Contract(catalogue.extract(LINKS), catalogue, RawFacts({}, {}, ()), REFERENCE_DATE)
    )
    pairs = links.split()
    facts = RawFacts(
        {e.id: columns if e.id == LINKS else () for e in catalogue.extracts},
        {e.id: len(pairs) for e in catalogue.extracts},
        (),
    )
    rules = [r for r in contract_rules(catalogue, facts, REFERENCE_DATE) if r.check_id in CHECKS]
    assert [r.severity for r in rules] == ["error"] * len(CHECKS)
    found = {}
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE links (former_person_id BLOB, person_id BLOB)")
        for former, present in pairs:
            connection.execute("INSERT INTO links VALUES (encode(?), encode(?))", [former, present])
        for rule in rules:
            query = rule.expectation.arguments["unexpected_rows_query"].format(batch="links")
            found[rule.check_id] = len(connection.execute(query).fetchall())
    return {check: count for check, count in found.items() if count}


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ("ab", {}),
        ("ab bc cd", {}),  # as long as a chain may be
        ("ad bd cd", {}),  # three former numbers of one present
        ("ab ab", {}),  # delivered twice: the key's check tells of it
        ("ab bc cd de", {"link_chain": 1}),
        ("ab bc cd de ef", {"link_chain": 2}),
        ("ab ba", {"link_chain": 2}),
        ("ab bc ca", {"link_chain": 3}),
        ("ab bc cd da", {"link_chain": 4}),
        ("xa ab ba", {"link_chain": 3}),  # leads into a circle
        ("aa", {"link_self": 1}),
        ("ba aa", {"link_self": 1}),
        ("ab ac", {"link_two": 1}),
        ("ab ac ad", {"link_two": 1}),
        ("ab ac de ee", {"link_two": 1, "link_self": 1}),
    ],
)
def test_links_that_do_not_make_one_person(
    catalogue: Catalogue, links: str, expected: dict[str, int]
) -> None:
    assert failed(catalogue, links) == expected


def test_a_circle_stops_the_checker(catalogue: Catalogue, tmp_path: Path) -> None:
    """The same rules through Great Expectations, as in a run."""
    only = catalogue.model_copy(update={"extracts": (catalogue.extract(LINKS),)})
    with duckdb.connect(tmp_path / "raw.duckdb") as connection:
        connection.execute(
            "CREATE TABLE person_link AS SELECT * FROM (VALUES ('a'::BLOB, 'b'::BLOB, 'l.csv', 2::BIGINT),"
            " ('b'::BLOB, 'a'::BLOB, 'l.csv', 3::BIGINT))"
            " AS t(former_person_id, person_id, source_file, source_line)"
        )
        connection.execute(
            "CREATE TABLE source_feed (source_file VARCHAR, source_id VARCHAR, extract_id VARCHAR, "
            "row_count BIGINT, kept_count BIGINT, rejected_count BIGINT, merged_count BIGINT)"
        )
    with Checker() as checker:
        checker.start(tmp_path / "raw.duckdb", only, REFERENCE_DATE, None)
        found = {r.check_id: r for r in checker.verdict()}
    assert {c: (found[c].status, found[c].failed_count) for c in CHECKS} == {
        "link_self": ("passed", 0),
        "link_two": ("passed", 0),
        "link_chain": ("failed", 2),
    }
    assert found["link_chain"].message_da.startswith(
        "Borgere med to numre: 2 tidligere CPR-numre indgår i en kæde"
    )
