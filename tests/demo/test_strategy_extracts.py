"""Surveys, ambassadors, activities and actions: the files say what truth.json says, counted another way."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pytest

from pipelines.demo.network import CITIZEN, make_ambassadors
from tests.demo.reading import YEAR, Demo, as_date

LAST_DAY = date(YEAR + 1, 1, 31)


def texts(demo: Demo) -> dict[str, str]:
    return {q.id: q.text_da for q in demo.catalogue.questions}


def rounds(demo: Demo) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The truth of each year's citizen survey, and its lines in the file."""
    rows = demo.clean("borgerundersoegelse")
    for truth in demo.json("truth.json")["surveys"]["citizen"]:
        yield truth, [r for r in rows if as_date(r["Inviteret"]).year == truth["year"]]


def served(demo: Demo, year: int) -> dict[str, tuple[str, str]]:
    """Sex and age band of every grown-up with a day of support in the year."""
    last = {
        row["CPR-nr."].replace("-", ""): (row["Køn"], year - as_date(row["Fødselsdato"]).year)
        for row in demo.clean("borgere")
    }
    people = set()
    for row in demo.clean("indsatser"):
        start, end = as_date(row["Startdato"]), as_date(row["Slutdato"])
        if start and start <= date(year, 12, 31) and (end or LAST_DAY) >= date(year, 1, 1):
            people.add(demo.person(row["Borgerens CPR"]))
    bands = ("young", "adult", "senior")
    return {p: (sex, bands[(age >= 30) + (age >= 67)]) for p in people for sex, age in [last[p]] if age >= 18}


def test_the_headings_are_the_questions(demo: Demo) -> None:
    known = texts(demo)
    for source in demo.catalogue.sources:
        for feed in source.feeds:
            if feed.extract == "survey_answer":
                assert feed.columns["answer"] == known[feed.constants["question_id"]]


def test_who_was_invited_and_who_answered(demo: Demo) -> None:
    for truth, rows in rounds(demo):
        answered = [r for r in rows if r["Besvaret"]]
        assert (len(rows), len(answered)) == (truth["invited_count"], truth["answered_count"])
        assert 0.50 < truth["response_share"] < 0.60
        assert truth["response_share"] == pytest.approx(len(answered) / len(rows), abs=1e-4)
        assert truth["response_share_by_group"]["young_men"] < 0.35
        assert truth["response_share_by_group"]["women"] > 0.6
        people = served(demo, truth["year"])
        assert len(people) == truth["population_count"]
        assert {demo.person(r["CPR"]) for r in rows} <= people.keys()
        assert all(0 <= (as_date(r["Besvaret"]) - as_date(r["Inviteret"])).days <= 28 for r in answered)


def test_unanswered_is_blank_and_answers_are_on_the_scale(demo: Demo) -> None:
    seen = Counter(
        r[texts(demo)[q]] for truth, rows in rounds(demo) for r in rows for q in truth["questions"]
    )
    assert seen.keys() == {"", "Ved ikke", "1", "2", "3", "4", "5"}
    assert all(
        r[texts(demo)[q]] == ""
        for truth, rows in rounds(demo)
        for r in rows
        if not r["Besvaret"]
        for q in truth["questions"]
    )


def test_plain_answers_are_biased_as_planted_and_weighting_takes_it_away(demo: Demo) -> None:
    """Post-stratified by sex and age band, on the people of the files; the truth is of everybody served."""
    biases, errors = [], []
    for truth, rows in rounds(demo):
        people = served(demo, truth["year"])
        size = Counter(people.values())
        for question, planted in truth["questions"].items():
            said = [
                (people[demo.person(r["CPR"])], int(r[texts(demo)[question]]) >= 4)
                for r in rows
                if r[texts(demo)[question]] in set("12345")
            ]
            plain = np.mean([is_high for _, is_high in said])
            assert plain == pytest.approx(planted["answered_share_at_least_4"], abs=1e-4)
            cells = {c: [is_high for cell, is_high in said if cell == c] for c in size}
            assert all(len(answers) >= 10 for answers in cells.values())
            weighted = sum(n * np.mean(cells[c]) for c, n in size.items()) / len(people)
            sign = -1 if question == "lonely" else 1
            biases.append(sign * (planted["biased_share_at_least_4"] - planted["true_share_at_least_4"]))
            errors.append(sign * (weighted - planted["true_share_at_least_4"]))
            assert abs(errors[-1]) < 3.5 * np.sqrt(0.25 / len(said)), question
    assert min(biases) > 0.01
    assert np.mean(biases) > 0.03
    # Of all twenty together: the bias is gone, and not merely smaller (one person answers all of them).
    assert abs(np.mean(errors)) < 0.025


def test_the_staff_survey_names_nobody_and_too_few_answer(demo: Demo) -> None:
    (truth,) = demo.json("truth.json")["surveys"]["staff"]
    rows = demo.clean("personaleundersoegelse")
    assert "CPR" not in rows[0]
    assert len(rows) == truth["invited_count"]
    assert sum(bool(r["Besvaret"]) for r in rows) == truth["answered_count"] < 0.4 * len(rows)


def test_ambassadors_on_the_days_of_the_strategy(demo: Demo) -> None:
    spans = [
        (r["Rolle"], as_date(r["Ambassadør fra"]), as_date(r["Stoppet"]) or date.max)
        for r in demo.clean("ambassadoerer")
    ]
    found = {}
    for planted in demo.json("truth.json")["network"]["ambassadors"]:
        day = date.fromisoformat(planted["date"])
        there = [role for role, joined, left in spans if joined <= day < left]
        assert planted["count"] == len(there)
        assert planted["citizen_count"] == there.count("Borger")
        found[day] = (len(there), there.count("Borger"))
    assert found[date(2018, 12, 4)] == (52, 5)
    assert found[date(2020, 12, 31)] == (152, 24)
    assert max(found) == date(YEAR, 12, 31)
    assert max(joined for _, joined, _ in spans) <= LAST_DAY


@pytest.mark.parametrize("seed", range(20))
def test_the_strategys_numbers_hold_whoever_joins_and_leaves(seed: int) -> None:
    found = make_ambassadors((LAST_DAY - date(1970, 1, 1)).days, np.random.default_rng(seed))
    for day, *planted in ((date(2018, 12, 4), 52, 5), (date(2020, 12, 31), 152, 24)):
        number = (day - date(1970, 1, 1)).days
        assert [found.count_on(number), found.count_on(number, CITIZEN)] == planted
    assert (found.left > found.joined).all()


def test_activities_of_the_target_and_the_years(demo: Demo) -> None:
    rows = demo.clean("aktiviteter")
    counts = Counter((as_date(r["Dato"]).year, r["Aktivitet"]) for r in rows)
    counted = ("Handlingsnetværk", "Dialogmøde", "Temadag", "Andet")
    assert sum(n for (year, kind), n in counts.items() if year in (2019, 2020) and kind in counted) == 33
    for planted in demo.json("truth.json")["network"]["activities"]:
        own = [r for r in rows if as_date(r["Dato"]).year == planted["year"]]
        assert planted["count"] == len(own)
        assert planted["participant_count"] == sum(int(r["Deltagere"] or 0) for r in own)
        both = [r for r in own if (r["Kommunen med"], r["Civilsamfundet med"]) == ("Ja", "Ja")]
        assert planted["both_sectors_count"] == len(both)
    assert any(r["Deltagere"] == "" for r in rows)
    assert all(int(r["Heraf borgere"] or 0) <= int(r["Deltagere"] or 0) for r in rows)


def test_actions_refer_to_the_catalogue_but_for_one_goal(demo: Demo) -> None:
    rows, catalogue = demo.clean("handlinger"), demo.catalogue
    assert [r["Handlingsnr."] for r in rows if r["Mål"] not in catalogue.goals] == [
        a["action_id"] for a in demo.json("truth.json")["actions"] if not a["is_goal_known"]
    ]
    for column, kind in (("Initiativ", "goal"), ("Indsatskode", "intervention"), ("Indikator", "indicator")):
        assert {r[column] for r in rows} - {""} <= set(catalogue.known(kind))
        assert any(r[column] for r in rows)


def test_actions_end_as_planted(demo: Demo) -> None:
    endings = {a["action_id"]: a["ending"] for a in demo.json("truth.json")["actions"]}
    assert Counter(endings[a] for a in endings if a.startswith(f"H{YEAR}")) == {
        "in_time": 12, "late": 1, "under_way": 1, "dropped": 1, "undated": 1, "ahead": 1,
    }  # fmt: skip
    for row in demo.clean("handlinger"):
        done, deadline = as_date(row["Gennemført"]), as_date(row["Frist"])
        ending = endings[row["Handlingsnr."]]
        assert (row["Status"] == "Gennemført") == (ending in ("in_time", "late", "undated", "ahead"))
        assert (done is not None and done <= deadline) == (ending == "in_time")
        assert (done is not None and done > LAST_DAY) == (ending == "ahead")
        assert (done is not None and deadline < done <= LAST_DAY) == (ending == "late")
