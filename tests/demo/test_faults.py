"""Every planted fault stands where faults.json says, and is what it says."""

import re
from collections import Counter
from typing import Any

import pytest

from tests.demo.reading import DATE_FORMATS, Demo, as_date

REASONS = {
    "missing", "not_a_date", "not_a_number", "unknown_code", "unknown_reference", "out_of_range",
    "not_an_integer", "before_other_date", "invalid_cpr", "looks_like_cpr", "duplicate", "wrong_column_count",
}  # fmt: skip


def faults(demo: Demo) -> list[dict[str, Any]]:
    return demo.json("faults.json")


def stem_of(fault: dict[str, Any]) -> str:
    return re.split(r"_(?=sdq|\d)", fault["file"])[0]


def test_number_and_kinds(demo: Demo) -> None:
    planted = faults(demo)
    assert 20 <= len(planted) <= 120
    assert {f["reason"] for f in planted if f["handling"] == "rejected"} == REASONS
    assert {f["reason"] for f in planted if f["handling"] == "warning"} == {None}
    for file, count in Counter(f["file"] for f in planted).items():
        assert count < 0.01 * len(demo.rows(stem_of({"file": file}))), file


def test_every_fault_is_at_its_place(demo: Demo) -> None:
    rows = {stem: demo.rows(stem) for stem in {stem_of(f) for f in faults(demo)}}
    for fault in faults(demo):
        (_, header), *body = rows[stem_of(fault)]
        cells = dict(body)[fault["line"]]
        if fault["column"] is not None:
            cell = cells[header.index(fault["column"])]
            planted = "" if fault["value"] is None else fault["value"]
            as_written = "" if cell is None else str(cell)
            assert as_written in (planted, f"{planted}.0"), fault


def test_physical_lines_count_line_ends(demo: Demo) -> None:
    """The line number is what an editor shows, line breaks in free text included."""
    lines = next(demo.raw.glob("indsatser*")).read_bytes().decode("utf-8-sig").split("\n")
    for fault in faults(demo):
        if fault["file"].startswith("indsatser") and fault["column"] is not None:
            assert str(fault["value"]) in lines[fault["line"] - 1], fault


def check_duplicate(fault: dict[str, Any], header: list[str], body: dict[int, list[Any]]) -> bool:
    return any(body[line] == body[fault["line"]] for line in body if line < fault["line"])


def check_before(first: str, then: str) -> Any:
    def check(fault: dict[str, Any], header: list[str], body: dict[int, list[Any]]) -> bool:
        cells = dict(zip(header, body[fault["line"]], strict=True))
        return as_date(cells[then]) < as_date(cells[first])

    return check


# First and last day of what a file is about.
SPANS = {
    "indsatser": ("Startdato", "Slutdato"),
    "borgermaal": ("Mål sat", "Vurderet"),
    "forsoergelse": ("Fra", "Til"),
    "planer": ("Besluttet", "Afsluttet"),
    "ambassadoerer": ("Ambassadør fra", "Stoppet"),
}


def check_end_before_start(fault: dict[str, Any], header: list[str], body: dict[int, list[Any]]) -> bool:
    return check_before(*SPANS[stem_of(fault)])(fault, header, body)


def check_two_scores(fault: dict[str, Any], header: list[str], body: dict[int, list[Any]]) -> bool:
    here = body[fault["line"]]
    return any(c[:3] == here[:3] and c[3] != here[3] for line, c in body.items() if line != fault["line"])


def check_width(more: int) -> Any:
    return lambda fault, header, body: len(body[fault["line"]]) == len(header) + more


CHECKS = {
    "exact_duplicate": check_duplicate,
    "end_before_start": check_end_before_start,
    "decided_before_requested": check_before("Ansøgt", "Afgjort"),
    "two_scores_one_day": check_two_scores,
    "extra_cell": check_width(1),
    "missing_cell": check_width(-1),
}


@pytest.mark.parametrize("kind", sorted(CHECKS))
def test_faults_across_cells(demo: Demo, kind: str) -> None:
    chosen = [f for f in faults(demo) if f["kind"] == kind]
    assert chosen
    for fault in chosen:
        (_, header), *body = demo.rows(stem_of(fault))
        assert CHECKS[kind](fault, header, dict(body)), fault


def test_values_are_wrong_in_the_way_they_say(demo: Demo) -> None:
    interventions = {i.id for i in demo.catalogue.interventions}
    for fault in faults(demo):
        value, kind = fault["value"] or "", fault["kind"]
        if kind == "impossible_date":
            pattern = DATE_FORMATS.get(stem_of(fault), "%d-%m-%Y")
            with pytest.raises(ValueError, match="day is out of range"):
                as_date(value, pattern)
        elif kind == "unknown_intervention":
            assert value not in interventions
        elif kind == "invalid_cpr":
            assert value[2:4] == "13"
        elif kind in ("cpr_in_provider", "unknown_person"):
            assert re.fullmatch(r"\d{10}", value)
        elif kind == "missing_value":
            assert value == ""


def test_unknown_people_are_in_no_register(demo: Demo) -> None:
    registered = {row["CPR-nr."].replace("-", "") for row in demo.clean("borgere")}
    unknown = {f["value"] for f in faults(demo) if f["kind"] == "unknown_person"}
    assert unknown
    assert not unknown & registered


def test_without_the_faults_every_reference_and_key_holds(demo: Demo) -> None:
    registered = {row["CPR-nr."].replace("-", "") for row in demo.clean("borgere")}
    episodes = demo.clean("indsatser")
    assert {demo.person(row["Borgerens CPR"]) for row in episodes} <= registered
    assert len({row["Forløbsnr."] for row in episodes}) == len(episodes)
    for row in episodes:
        dates = [as_date(row[name]) for name in ("Ansøgt", "Afgjort", "Startdato", "Slutdato")]
        known = [d for d in dates if d]
        assert known == sorted(known)
    forms = [(r["CPR"], r["Skema"], r["Besvaret dato"]) for r in demo.clean("trivselsskemaer")]
    assert len(set(forms)) == len(forms)
    assert {demo.person(cpr) for cpr, _, _ in forms} <= registered
