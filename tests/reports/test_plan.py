"""The yearly plan: the finding first, expected beside measured, by goal, and a draft to deliver."""

import csv
import io
import re
import tomllib
from collections.abc import Callable
from datetime import date
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pypdf import PdfReader

from pipelines.catalogue import Catalogue
from pipelines.extracts import Key, read_extracts
from pipelines.reports.case import Case
from pipelines.reports.plan import build_plan
from pipelines.reports.plan.actions import plain_signed
from pipelines.reports.plan.content import Content, content
from pipelines.reports.plan.editable import action_source, delivery_name
from pipelines.reports.texts import TEMPLATES
from tests.reports import planned, published
from tests.reports.published import texts_in
from tests.reports.readability import lix, sentences
from tests.reports.test_render import Page, squeezed

MAXIMUM_WORDS = 25
Made = Callable[..., Content]
Row = dict[str, Any]


@pytest.fixture(scope="module")
def year(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan") / "published"
    actions = [planned.action(catalogue, line) for line in planned.LISTED]
    return planned.write(folder, catalogue, actions, planned.figures(catalogue))


@pytest.fixture(scope="module")
def made(catalogue: Catalogue, year: Path) -> Content:
    return content(year, published.manifest(catalogue), catalogue)


@pytest.fixture(scope="module")
def model(made: Content) -> dict[str, Any]:
    return made.model


@pytest.fixture(scope="module")
def built(catalogue: Catalogue, year: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return build_plan(year, published.manifest(catalogue), catalogue, tmp_path_factory.mktemp("out"))


@pytest.fixture
def plan_of(catalogue: Catalogue, tmp_path: Path) -> Made:
    """Return a function from rows of actions and figures to the plan's content."""

    def make(actions: list[Row], figures: list[Row] | None = None) -> Content:
        told = planned.figures(catalogue) if figures is None else figures
        folder = planned.write(tmp_path / "published", catalogue, actions, told)
        return content(folder, published.manifest(catalogue), catalogue)

    return make


@pytest.fixture
def action(catalogue: Catalogue) -> Callable[..., Row]:
    """Return a function to a row of action_evaluation: one of the listed, with what is said otherwise."""

    def make(place: int = 0, **known: Any) -> Row:
        return planned.action(catalogue, planned.LISTED[place], **known)

    return make


def rows(model: dict[str, Any], anchor: str) -> list[list[dict[str, Any]]]:
    """Return a table's rows by its anchor."""
    blocks = (block for section in model["sections"] for block in section["blocks"])
    block = next(b for b in blocks if b.get("id") == anchor)
    return [row for group in block["groups"] for row in group["rows"]]


def line(model: dict[str, Any], title: str) -> list[dict[str, Any]]:
    return next(row for row in rows(model, "tabel-handlinger") if row[0]["text"] == title)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("−", "-")


def test_the_headline_is_the_finding(model: dict[str, Any]) -> None:
    assert model["front"]["headline"] == (
        "Fire af syv handlinger er gennemført. For tre af fire mål flyttede tallet sig den rigtige vej."
    )


def test_the_points_say_what_asks_for_something_first_and_never_that_it_worked(model: dict[str, Any]) -> None:
    said = model["front"]["sentences"]
    assert said[0].startswith("Tre handlinger nåede ikke deres frist")
    assert said[1] == "Én handling er opgivet: »Fælles kalender«."
    assert "som ventet ved én handling, mere ved to og mindre, slet ikke eller modsat ved én" in said[2]
    assert said[-1] == "Tallene siger, hvad der flyttede sig. De siger ikke, at handlingerne er årsagen."
    told = [text for text in texts_in(model["sections"][:2]) if "virke" in text or "effekt af" in text]
    assert told == []


def test_every_action_has_its_line_with_expected_beside_measured(model: dict[str, Any]) -> None:
    assert len(rows(model, "tabel-handlinger")) == len(planned.LISTED)
    fast = line(model, "Fast mødedag")
    assert [plain(cell["text"]) for cell in fast[1:]] == [
        "Gennemført",
        "+5 procentpoint",
        "+6,0 procentpoint (2,0 til 10,0)",
        "Som ventet",
    ]
    days = line(model, "Ét sted at henvende sig")
    assert plain(days[1]["text"]) == "Gennemført efter fristen"
    assert plain(days[2]["text"]) == "-5 dage"
    assert plain(days[3]["text"]).startswith("-2,0 dage")
    assert days[4]["verdict"] == "decline"


def test_nothing_measured_is_said_and_is_no_zero(model: dict[str, Any]) -> None:
    dropped, unknown = line(model, "Fælles kalender"), line(model, "Nyt skema")
    assert dropped[3]["text"] == "handlingen nævner intet, der måles"
    assert unknown[3]["text"] == "der er intet tal for året"
    assert dropped[4]["text"] == unknown[4]["text"] == "Ikke målt"
    assert not any("0" in cell["text"] for cell in dropped[2:])


def test_a_count_of_all_has_no_interval(model: dict[str, Any]) -> None:
    assert plain(line(model, "Ti nye ambassadører")[3]["text"]) == "+14 ambassadører"


@pytest.mark.parametrize(
    ("known", "word"),
    [
        ({"status": "done", "is_late": False}, "Gennemført"),
        ({"status": "done", "is_late": True}, "Gennemført efter fristen"),
        ({"status": "done", "is_late": None}, "Gennemført"),
        ({"status": "started", "is_late": False}, "I gang"),
        ({"status": "planned", "is_late": True}, "Forsinket"),
        ({"status": "dropped", "is_late": False}, "Opgivet"),
    ],
)
def test_the_status_in_a_word(plan_of: Made, action: Callable[..., Row], known: Row, word: str) -> None:
    model = plan_of([action(**known)]).model
    assert rows(model, "tabel-handlinger")[0][1]["text"] == word


@pytest.mark.parametrize(
    ("moved", "sub"),
    [((0.01, -0.02, 0.04), "tilfældig"), ((-0.04, -0.06, -0.02), "modsatte"), ((0.02, 0.01, 0.03), "")],
)
def test_less_says_what_it_hides(
    plan_of: Made, action: Callable[..., Row], moved: tuple[float, float, float], sub: str
) -> None:
    known = dict(zip(("measured_change", "change_lower", "change_upper"), moved, strict=True))
    cell = rows(plan_of([action(evaluation="less", **known)]).model, "tabel-handlinger")[0][4]
    assert sub in cell["sub"] if sub else "sub" not in cell


@pytest.mark.parametrize(
    ("reason", "sub"),
    [
        ("nothing_expected", "ikke skrevet"),
        ("no_interval", "usikkerheden"),
        ("too_uncertain", "for usikkert"),
    ],
)
def test_what_cannot_be_told_says_why(
    plan_of: Made, action: Callable[..., Row], reason: str, sub: str
) -> None:
    made = plan_of([action(evaluation="cannot_tell", reason_not_evaluated=reason)])
    assert sub in rows(made.model, "tabel-handlinger")[0][4]["sub"]


def test_a_figure_that_is_hidden_where_it_is_published_is_hidden_here(
    plan_of: Made, action: Callable[..., Row], catalogue: Catalogue
) -> None:
    figures = planned.figures(catalogue)
    few = [row | {"n": 4} if row["indicator_id"] == "deadline_met_share" else row for row in figures]
    model = plan_of([action()], few).model
    row = rows(model, "tabel-handlinger")[0]
    assert (row[3]["text"], row[4]["text"], row[4]["verdict"]) == ("skjult", "Skjult", "hidden")
    assert not any("+6,0" in text for text in texts_in(model))
    assert "Ved én handling kan det ikke afgøres." in " ".join(model["front"]["sentences"])


@pytest.mark.parametrize("has_company", [True, False])
def test_fewer_hours_never_stand_without_how_people_fare(
    plan_of: Made, action: Callable[..., Row], catalogue: Catalogue, has_company: bool
) -> None:
    goal = next(g.id for g in catalogue.goals.values() if "hours_per_citizen" in g.indicators)
    hours, vum = (
        planned.figure(catalogue, goal, indicator, value, law="mean", **planned.moved(*moved))
        for indicator, value, moved in (
            ("hours_per_citizen", 4.2, (-0.5, -0.8, -0.2)),
            ("vum_func_change", -0.1, (-0.3, -0.5, -0.1)),
        )
    )
    figures = [hours, vum] if has_company else [hours]
    known = {"goal_id": goal, "indicator_id": "hours_per_citizen", "expected_change": -0.5}
    known |= {"measured_change": -0.5, "change_lower": -0.8, "change_upper": -0.2}
    model = plan_of([action(**known)], figures).model
    cell = rows(model, "tabel-handlinger")[0][3]
    beside = catalogue.indicator("vum_func_change").name_da
    told = [text for text in texts_in(model) if "0,5" in plain(text) and "-0,5 " in plain(text)]
    if has_company:
        assert "-0,5" in plain(cell["text"])
        assert f"ses sammen med »{beside}«: -0,3" in plain(cell["sub"])
        facts = rows(model, "tabel-maal")[0][1]["text"]
        assert f"{beside}: -0,3" in plain(facts)
    else:
        assert "vises kun sammen med" in cell["text"]
        assert rows(model, "tabel-handlinger")[0][4]["text"] == "Ikke målt"
        # What was expected may stand; what was measured may not.
        assert all("til -0,2" not in plain(text) for text in told)


def test_an_intervention_is_measured_in_the_points_of_its_primary_outcome(
    plan_of: Made, action: Callable[..., Row], catalogue: Catalogue, year: Path
) -> None:
    effects = pq.ParquetFile(year / "intervention_effect.parquet").read().to_pylist()
    found = next(
        row
        for row in effects
        if row["statistic"] == "mean_change" and row["is_primary"] and row["estimate"] is not None
    )
    known = {"measured_from": "intervention", "indicator_id": None, "compared_year": None}
    known |= {"intervention_id": found["intervention_id"], "expected_change": 2.0, "n": found["n"]}
    known |= {"measured_change": found["estimate"], "change_lower": found["lower"]}
    made = plan_of([action(**known, change_upper=found["upper"])])
    row = rows(made.model, "tabel-handlinger")[0]
    line = made.plan.lines[found["intervention_id"]]
    assert plain(row[2]["text"]) == f"+2 {line.instrument.unit_da}"
    # A development is never left to be read as an effect.
    assert row[4]["sub"].startswith("udvikling, ikke effekt; ")
    assert row[3]["value"]["estimate"] == found["estimate"]
    assert row[3]["sub"] == "fra før til efter hos borgerne i indsatsen"


def test_goals_say_what_moved_and_what_did_not_beside_the_actions(model: dict[str, Any]) -> None:
    found = {row[0]["text"]: row for row in rows(model, "tabel-maal")}
    timely = found["Rette støtte på rette tidspunkt"]
    assert timely[0]["mark"] == {"verdict": "progress", "text": "Den rigtige vej"}
    assert [fact["label"] for fact in timely[1]["facts"]] == ["Den rigtige vej", "Måles ikke endnu"]
    # Fewer days are the right way.
    assert "Ventetid" in timely[1]["facts"][0]["text"]
    assert [fact["text"] for fact in timely[2]["facts"]] == ["Fast mødedag", "Ét sted at henvende sig"]
    assert found["Overblik og sammenhæng"][0]["mark"]["text"] == "Ingen sikker ændring"


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ([(0.06, 0.02, 0.10), (-2.0, -3.0, -1.0)], "Den rigtige vej"),
        ([(0.06, 0.02, 0.10), (2.0, 1.0, 3.0)], "Begge veje"),
        ([(-0.06, -0.10, -0.02), (0.0, -1.0, 1.0)], "Den forkerte vej"),
        ([(0.06, 0.0, 0.10), (0.0, -1.0, 1.0)], "Ingen sikker ændring"),
        ([], "Kan ikke siges endnu"),
    ],
)
def test_what_a_goals_figures_say_together(
    plan_of: Made,
    action: Callable[..., Row],
    catalogue: Catalogue,
    changes: list[tuple[float, float, float]],
    finding: str,
) -> None:
    found = [
        planned.figure(catalogue, "A-G4", indicator, 0.5, **planned.moved(*change))
        for indicator, change in zip(("deadline_met_share", "wait_days"), changes, strict=False)
    ]
    model = plan_of([action()], found).model
    assert rows(model, "tabel-maal")[0][0]["mark"]["text"] == finding


def test_a_goal_answers_for_what_its_actions_were_to_move(
    plan_of: Made, action: Callable[..., Row], catalogue: Catalogue
) -> None:
    assert "wait_days" not in catalogue.goals["A-H2"].indicators
    days = planned.figure(catalogue, "A-G4", "wait_days", 41.0, law="median", **planned.moved(4.0, 2.0, 6.0))
    (row,) = rows(plan_of([action(1, goal_id="A-H2")], [days]).model, "tabel-maal")
    assert row[0]["mark"]["text"] == "Den forkerte vej"
    assert row[1]["facts"][0]["label"] == "Den forkerte vej"


def test_a_figure_that_could_not_be_made_says_why(
    plan_of: Made, action: Callable[..., Row], catalogue: Catalogue
) -> None:
    none = {"value": None, "not_estimable_reason": "response_below_floor", "law": "survey"}
    figures = [planned.figure(catalogue, "A-G3", "overview_exp", 0.0) | none]
    (row,) = rows(plan_of([action(2)], figures).model, "tabel-maal")
    told = {fact["label"]: fact["text"] for fact in row[1]["facts"]}
    assert told["Kan ikke opgøres"].endswith(": for få har svaret")
    assert row[0]["mark"]["text"] == "Kan ikke siges endnu"


def test_another_year_than_the_one_before_is_said(
    plan_of: Made, action: Callable[..., Row], catalogue: Catalogue
) -> None:
    change = planned.moved(0.06, 0.02, 0.1) | {"previous_year": 2022}
    figures = [planned.figure(catalogue, "A-G4", "deadline_met_share", 0.5, **change)]
    model = plan_of([action()], figures).model
    assert "siden 2022" in rows(model, "tabel-maal")[0][1]["text"]


def test_a_year_without_a_plan_still_has_a_draft(plan_of: Made) -> None:
    made = plan_of([])
    assert made.model["front"]["headline"] == "Der er ikke leveret nogen handleplan for 2025."
    assert made.proposed
    assert rows(made.model, "tabel-maal-uden")


def test_last_years_actions_are_no_part_of_this_years_plan(plan_of: Made, action: Callable[..., Row]) -> None:
    model = plan_of([action(), action(1, year=2024)]).model
    assert [row[0]["text"] for row in rows(model, "tabel-handlinger")] == ["Fast mødedag"]


# The draft.


def test_every_recommendation_that_asks_for_something_has_a_proposal(
    made: Content, catalogue: Catalogue
) -> None:
    plan = catalogue.action_plan
    asked = {
        i: found
        for i, found in made.plan.material.recommended.items()
        if found.rule_id not in plan.without_proposal
    }
    by_rule = {rule: p for p in plan.proposal for rule in p.rules}
    names = {i.id: i.name_da for i in catalogue.interventions}
    reasons = " ".join(one.why for one in made.proposed)
    for intervention, found in asked.items():
        proposal = by_rule[found.rule_id]
        mine = [one for one in made.proposed if one.proposal == proposal.id]
        if proposal.is_bundled:
            assert any(names[intervention] in one.why for one in mine)
        else:
            assert [one.intervention_id for one in mine].count(intervention) == 1
    assert "Anbefalingen er »Undersøg«." in reasons


def test_proposals_are_numbered_and_have_all_that_the_extract_asks_for(
    made: Content, catalogue: Catalogue
) -> None:
    assert [one.id for one in made.proposed] == [f"2026-{n:02d}" for n in range(1, len(made.proposed) + 1)]
    for one in made.proposed:
        assert one.title and one.owner_role and one.why
        assert one.goal_id in catalogue.goals
        assert one.deadline.year == 2026


def test_what_is_not_done_is_carried_over_and_what_is_dropped_is_not(made: Content) -> None:
    over = [one for one in made.proposed if one.proposal == "unfinished"]
    assert [one.title for one in over] == ["Gruppe om søvn", "Nyt skema"]
    assert over[0].expected == 1.0
    assert over[0].why == "Handling 2025-06 nåede ikke sin frist, 28. sep. 2025."


def test_what_is_under_way_is_not_proposed_anew(
    plan_of: Made, action: Callable[..., Row], made: Content
) -> None:
    anew = next(one for one in made.proposed if one.proposal == "investigate")
    again = plan_of([action(title_da=anew.title, status="started", done_date=None)])
    assert [one.proposal for one in again.proposed if one.title == anew.title] == ["unfinished"]


def test_a_deadline_that_lies_ahead_is_kept(plan_of: Made, action: Callable[..., Row]) -> None:
    known = {"status": "started", "is_late": False, "deadline_date": date(2026, 11, 1), "done_date": None}
    over = [one for one in plan_of([action(**known)]).proposed if one.proposal == "unfinished"]
    assert [one.deadline for one in over] == [date(2026, 11, 1)]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"target_value": 0.95}, 0.14),
        ({"baseline_value": 0.9}, 0.09),
        ({"target_value": 0.8, "baseline_value": 0.9}, None),
        ({}, None),
    ],
)
def test_what_is_off_track_is_to_reach_the_target_or_at_least_where_it_began(
    plan_of: Made, catalogue: Catalogue, known: Row, expected: float | None
) -> None:
    off = planned.figure(catalogue, "A-G4", "deadline_met_share", 0.81, status="off_track", **known)
    found = [one for one in plan_of([], [off]).proposed if one.proposal == "off_track"]
    (one,) = found
    assert (one.indicator_id, one.expected) == ("deadline_met_share", expected)
    assert "Ikke på sporet: 81" in plain(one.why)


def test_a_target_that_was_not_reached_is_told_as_it_was_judged(plan_of: Made, catalogue: Catalogue) -> None:
    known = {"law": "census", "status": "not_reached", "target_value": 0.2, "target_date": date(2020, 12, 31)}
    share = "B-PM2", "ambassador_citizen_share"
    then = planned.figure(catalogue, *share, 0.158, **known) | {"population": "target", "year": 2020}
    now = planned.figure(catalogue, *share, 0.244, **known)
    (one,) = [p for p in plan_of([], [then, now]).proposed if p.proposal == "not_reached"]
    assert plain(one.why).startswith("Ikke nået: 15,8 % i 2020. Det nyeste tal er 24,4 % i 2025.")
    # The newest figure has passed it.
    assert one.expected is None


def test_an_indicator_of_several_goals_is_proposed_once(plan_of: Made, catalogue: Catalogue) -> None:
    goals = [g.id for g in catalogue.goals.values() if "who5_change" in g.indicators]
    assert len(goals) > 1
    off = [planned.figure(catalogue, g, "who5_change", 3.0, law="mean", status="off_track") for g in goals]
    found = [one for one in plan_of([], off).proposed if one.proposal == "off_track"]
    assert [(one.goal_id, one.indicator_id) for one in found] == [(goals[0], "who5_change")]


def test_what_is_not_measured_begins_with_the_least_effort(made: Content, catalogue: Catalogue) -> None:
    new = [one for one in made.proposed if one.proposal == "not_measured"]
    assert len(new) == catalogue.parameter("plan_measurement_lines")
    assert {catalogue.indicator(one.indicator_id or "").effort for one in new} == {"small"}
    assert all("Måles ikke endnu" in one.why for one in new)


def test_last_years_change_is_never_proposed_as_what_to_expect(made: Content, catalogue: Catalogue) -> None:
    advised = {p.id for p in catalogue.action_plan.proposal if p.from_ == "recommendation"}
    found = [one for one in made.proposed if one.proposal in advised]
    assert len({one.proposal for one in found}) > 2
    assert {one.expected for one in found} == {None}


def test_who_do_worse_are_said_to_do_worse(made: Content, catalogue: Catalogue) -> None:
    names = {i.id: i.name_da for i in catalogue.interventions}
    material = made.plan.material
    cases = [Case(material, material.texts, primary) for primary in material.primary_lines]
    worse = {case.id for case in cases if case.is_worse}
    titles = {one.title: one.intervention_id for one in made.proposed if one.proposal == "investigate"}
    assert titles
    for title, intervention in titles.items():
        assert names[intervention or ""] in title
        assert ("klarer sig dårligere end dem, de sammenlignes med" in title) == (intervention in worse)


def test_an_earlier_figure_is_told_where_the_year_has_none(
    plan_of: Made, action: Callable[..., Row], catalogue: Catalogue
) -> None:
    old = planned.figure(catalogue, "A-G4", "deadline_met_share", 0.41, year=2019)
    (row,) = rows(plan_of([action()], [old]).model, "tabel-maal")
    fact = next(fact for fact in row[1]["facts"] if fact["label"] == "Intet tal for 2025")
    name = catalogue.indicator("deadline_met_share").name_da
    assert plain(fact["text"]) == f"{name}: seneste er 41,0 % (2019)"
    assert not any(name in fact["text"] for fact in row[1]["facts"] if fact["label"] == "Måles ikke endnu")
    assert row[0]["mark"]["text"] == "Kan ikke siges endnu"


# What people edit.


def delivered(catalogue: Catalogue, folder: Path, data: bytes) -> pa.Table:
    """Deliver a file as next year's actions; return what was landed."""
    source = next(s for s in catalogue.sources for feed in s.feeds if feed.extract == "action")
    extracts = (
        catalogue.extract("action"),
        *(catalogue.extract(e).model_copy(update={"required": False}) for e in ("measurement",)),
    )
    folder = folder / "raw"
    folder.mkdir()
    (folder / "handlinger_2026.csv").write_bytes(data)
    town = catalogue.model_copy(update={"extracts": extracts, "sources": (source,)})
    landing = read_extracts(folder, town, Key(bytes(range(32))))
    assert landing.rejects.num_rows == 0, landing.rejects.to_pylist()
    return landing.tables["action"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_the_draft_is_delivered_back_as_it_was_proposed(
    built: tuple[Path, ...], made: Content, catalogue: Catalogue, tmp_path: Path, encoding: str
) -> None:
    text = built[3].read_bytes().decode("utf-8-sig")
    landed = delivered(catalogue, tmp_path, text.encode(encoding)).to_pylist()
    assert len(landed) == len(made.proposed) > 10
    for row, one in zip(landed, made.proposed, strict=True):
        assert (row["action_id"], row["year"], row["status"]) == (one.id, 2026, "planned")
        assert (row["goal_id"], row["intervention_id"]) == (one.goal_id, one.intervention_id)
        assert (row["indicator_id"], row["initiative_id"]) == (one.indicator_id, one.initiative_id)
        assert (row["title_da"], row["owner_role"]) == (one.title, one.owner_role)
        assert (row["deadline_date"], row["done_date"]) == (one.deadline, None)


def test_an_edited_draft_is_delivered_as_it_was_edited(
    built: tuple[Path, ...], catalogue: Catalogue, tmp_path: Path
) -> None:
    text = built[3].read_bytes().decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
    kept = table[:2]
    kept[0] |= {"Status": "Gennemført", "Gennemført": "3-2-2026", "Forventet ændring": "12,5"}
    kept.append(kept[1] | {"Handlingsnr.": "2026-99", "Handling": 'Vores egen; med »tegn« og "citat"'})
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(table[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(kept)
    landed = delivered(catalogue, tmp_path, out.getvalue().encode("cp1252")).to_pylist()
    assert [row["action_id"] for row in landed] == ["2026-01", "2026-02", "2026-99"]
    assert (landed[0]["status"], landed[0]["done_date"]) == ("done", date(2026, 2, 3))
    assert landed[0]["expected_change"] == 12.5
    assert landed[2]["title_da"] == 'Vores egen; med »tegn« og "citat"'


def test_a_share_is_delivered_in_percentage_points_and_the_rest_in_its_own_unit(
    plan_of: Made, action: Callable[..., Row], catalogue: Catalogue, tmp_path: Path
) -> None:
    unfinished = {"status": "planned", "done_date": None, "is_late": True}
    rows_ = [
        action(0, **unfinished),
        action(1, **unfinished),
        action(0, **unfinished, action_id="2025-00", expected_change=None),
        action(6, **unfinished),
    ]
    folder = planned.write(tmp_path / "published", catalogue, rows_, planned.figures(catalogue))
    paths = build_plan(folder, published.manifest(catalogue), catalogue, tmp_path / "out")
    landed = delivered(catalogue, tmp_path, paths[3].read_bytes()).to_pylist()
    amounts = {(row["indicator_id"], row["expected_change"]) for row in landed}
    assert {
        ("deadline_met_share", 5.0),
        ("wait_days", -5.0),
        ("deadline_met_share", None),
        ("no_such", 2.0),
    } <= amounts


def test_the_file_has_every_column_of_the_source(built: tuple[Path, ...], catalogue: Catalogue) -> None:
    header = built[3].read_bytes().decode("utf-8-sig").splitlines()[0].split(";")
    delivered_by = action_source(catalogue)
    assert delivered_by is not None
    assert header == list(delivered_by[1].columns.values())
    assert {*delivered_by[1].columns} == {field.name for field in catalogue.extract("action").fields}


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("handlinger*.csv", "handlinger_2026.csv"),
        ("plan.csv", "plan.csv"),
        ("*plan*.csv", "_2026plan.csv"),
        ("plan*.xlsx", "plan_2026.csv"),
    ],
)
def test_the_file_has_a_name_that_the_source_takes(catalogue: Catalogue, pattern: str, name: str) -> None:
    delivered_by = action_source(catalogue)
    assert delivered_by is not None
    source = delivered_by[0].model_copy(update={"file": pattern})
    assert delivery_name(source, 2026) == name
    assert fnmatch(name, pattern) or pattern.endswith(".xlsx")


def test_without_a_source_for_actions_there_is_a_draft_and_no_file_to_deliver(
    year: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    alone = catalogue.model_copy(update={"sources": ()})
    paths = build_plan(year, published.manifest(catalogue), alone, tmp_path)
    assert [path.suffix for path in paths] == [".html", ".pdf", ".md"]
    assert "handlinger_2026.csv" not in paths[0].read_text(encoding="utf-8")


def test_the_markdown_has_a_section_for_each_proposal(built: tuple[Path, ...], made: Content) -> None:
    text = built[2].read_text(encoding="utf-8")
    assert re.findall(r"^## (2026-\d\d) ", text, re.MULTILINE) == [one.id for one in made.proposed]
    for one in made.proposed:
        assert one.owner_role in text
    assert "handlinger_2026.csv" in text


@pytest.mark.parametrize(
    ("amount", "said"),
    [(5.0, "+5"), (-0.25, "-0,25"), (0.0, "0"), (-0.001, "0"), (12.345, "+12,35"), (1200.0, "+1.200")],
)
def test_an_amount_that_somebody_set_is_written_as_set(amount: float, said: str) -> None:
    assert plain(plain_signed(amount)) == said


# The pages.


def test_the_files_are_named_by_the_years(built: tuple[Path, ...]) -> None:
    assert [path.name for path in built] == [
        "handleplan_2025.html",
        "handleplan_2025.pdf",
        "handleplan_2026_udkast.md",
        "handlinger_2026.csv",
    ]


def test_the_page_is_accessible_and_loads_nothing_from_elsewhere(built: tuple[Path, ...]) -> None:
    text = built[0].read_text(encoding="utf-8")
    page = Page(text)
    for attributes in page.all("a"):
        assert re.match(r"#|maaleplan_2025\.html", attributes["href"] or "")
    assert not page.all("script", "link", "iframe", "img")
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.all("caption")) == len(page.all("table")) == 4
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))


def test_html_and_pdf_say_the_same(built: tuple[Path, ...], model: dict[str, Any]) -> None:
    pdf = PdfReader(built[1])
    root: Any = pdf.trailer["/Root"]
    assert root["/Lang"] == "da"
    assert root["/MarkInfo"]["/Marked"]
    assert "pdfuaid" in root["/Metadata"].get_data().decode("utf-8")
    in_pdf = squeezed("".join(page.extract_text() for page in pdf.pages))
    wanted = [model["front"]["headline"], *model["front"]["sentences"]]
    for anchor in ("tabel-handlinger", "tabel-maal", "tabel-udkast"):
        wanted += [row[0]["text"] for row in rows(model, anchor)]
    assert [text for text in wanted if squeezed(text) not in in_pdf] == []
    html = built[0].read_text(encoding="utf-8")
    assert [text for text in wanted if text not in html] == []


def test_the_same_input_gives_the_same_bytes(
    built: tuple[Path, ...], year: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    again = build_plan(year, published.manifest(catalogue), catalogue, tmp_path)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in built]


def test_no_sentence_is_longer_than_25_words(made: Content) -> None:
    stored = tomllib.loads((TEMPLATES / "plan_da.toml").read_text(encoding="utf-8"))
    told = [*texts_in(stored), *made.model["front"]["sentences"], made.model["front"]["headline"]]
    long = [s for text in told for s in sentences(text) if len(s.split()) > MAXIMUM_WORDS]
    assert long == []


def test_leaders_can_read_it(made: Content) -> None:
    stored = tomllib.loads((TEMPLATES / "plan_da.toml").read_text(encoding="utf-8"))
    running = [stored[section]["intro"] for section in ("evaluation", "goals", "draft")]
    assert lix([*texts_in(running), *made.model["front"]["sentences"], *stored["draft"]["how"]]) <= 44


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_needs_sideways_scrolling(browser: Any, built: tuple[Path, ...], width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    page.goto(built[0].as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = "[...document.querySelectorAll('td, th, p, li, h1, h2, h3')]"
    outside += ".filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('thead')).length"
    assert page.evaluate(outside) == 0
    page.close()
