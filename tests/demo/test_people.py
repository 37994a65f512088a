"""CPR numbers that belong to nobody, and people whose numbers, birth dates and sex agree."""

import re
from datetime import date

import numpy as np

from pipelines.demo.people import fictitious_cpr
from tests.demo.reading import Demo, as_date


def century(digit: int, year: int) -> int:
    """The domain catalogue's table: digit 7 and the two-digit year give the century."""
    if digit <= 3:
        return 1900
    if digit in (4, 9):
        return 2000 if year <= 36 else 1900
    return 2000 if year <= 57 else 1800


def test_numbers_are_unique_and_in_the_fictitious_range(demo: Demo) -> None:
    cprs = [row["CPR-nr."] for row in demo.clean("borgere")]
    assert len(set(cprs)) == len(cprs) == 2500
    assert all(re.fullmatch(r"\d{6}-\d{4}", cpr) for cpr in cprs)
    # No issued number has a day above 31; these have 61-91.
    assert all(61 <= int(cpr[:2]) <= 91 for cpr in demo.json("cprs.json"))


def test_number_birth_date_and_sex_agree(demo: Demo) -> None:
    for row in demo.clean("borgere"):
        digits, born = row["CPR-nr."].replace("-", ""), as_date(row["Fødselsdato"])
        year = century(int(digits[6]), int(digits[4:6])) + int(digits[4:6])
        assert date(year, int(digits[2:4]), int(digits[:2]) - 60) == born
        assert row["Køn"] == ("M" if int(digits[9]) % 2 else "K")


def test_there_are_children_young_people_and_adults(demo: Demo) -> None:
    ages = np.array(
        [(date(2025, 12, 31) - as_date(r["Fødselsdato"])).days / 365.25 for r in demo.clean("borgere")]
    )
    assert (ages < 18).mean() > 0.2
    assert ((ages >= 18) & (ages < 30)).mean() > 0.1
    assert (ages >= 65).mean() > 0.05
    assert ages.min() > 8


def test_every_number_in_the_files_is_listed(demo: Demo) -> None:
    listed = set(demo.json("cprs.json"))
    columns = [(stem, 0) for stem in ("borgere", "trivselsskemaer", "familiecenter", "funktionsniveau")]
    columns += [(s, 1) for s in ("indsatser", "borgermaal", "bevillinger", "planer", "cpr_skift")]
    columns += [(s, 0) for s in ("spoergeskemasvar", "forsoergelse", "bolig", "gaeld", "kontakter")]
    columns += [("haendelser", 0), ("cpr_skift", 0)]
    for stem, place in columns:
        (_, _), *body = demo.rows(stem)
        found = {str(cells[place]).replace("-", "") for _, cells in body if cells[place]}
        assert found <= listed, stem


def test_same_day_and_sex_never_share_a_number() -> None:
    born = np.full(1500, np.datetime64("2010-05-01"))
    cprs = fictitious_cpr(born, np.zeros(1500, dtype=bool), np.random.default_rng(3))
    assert len(set(cprs)) == 1500
    assert all(cpr.startswith("610510") and cpr[6] in "456789" and int(cpr[9]) % 2 == 0 for cpr in cprs)
