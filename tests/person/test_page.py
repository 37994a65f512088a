"""The page: what it says, that it is one A4, and that everybody can read it."""

import re
import tomllib
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from pypdf import PdfReader

from pipelines.catalogue import Catalogue
from pipelines.person import build_page
from pipelines.person.content import Room, writer
from pipelines.person.figures import drawn
from pipelines.person.record import Record
from pipelines.reports.figures import STYLE
from pipelines.reports.render import palette
from pipelines.reports.texts import TEMPLATES
from tests.person.conftest import MANIFEST, Given, day, record, scores
from tests.reports.test_render import Page, squeezed

AMPLE = Room(9, 9, 9)
HOURS = [{"from_date": day(0), "weekly_hours": 6}, {"from_date": day(100), "weekly_hours": 4.5}]


def page(small: Catalogue, about: Record, room: Room = AMPLE) -> dict[str, Any]:
    return writer(about, small).page(room, MANIFEST, "Sag 123")


def said(model: dict[str, Any], section: str) -> list[str]:
    """Every line and note of a section."""
    (found,) = [s for s in model["sections"] if s["id"] == section]
    lines = [
        b["items"] if b["kind"] == "list" else [b["text"]] for b in found["blocks"] if b["kind"] != "table"
    ]
    return [line for group in lines for line in group]


def table(model: dict[str, Any]) -> list[list[dict[str, Any]]]:
    (found,) = [b for s in model["sections"] for b in s["blocks"] if b["kind"] == "table"]
    rows: list[list[dict[str, Any]]] = found["rows"]
    return rows


@pytest.fixture
def whole(given: Given) -> Record:
    """A person with something of everything."""
    return record(
        given(
            person=[{"birth_date": date(2008, 6, 1)}],
            episode=[
                {"decided_date": day(-9), "weekly_hours": 8},
                {"episode_id": "f", "intervention_id": "other",
                 "ended_date": day(300), "end_reason": "dropped_out"},
                {"episode_id": "g", "started_date": None, "requested_date": day(500)},
            ],
            measurement=[
                *scores([(0, 40), (90, 52), (180, 64)]),
                *scores([(-3, 60), (200, 66)], instrument_id="DOWN"),
                *scores([(0, 12), (180, 15)], respondent="parent"),
            ],
            support_hours=HOURS,
            individual_goal=[
                {"goal_id": "1", "goal_type": "develop", "owner": "person", "instrument_id": "UP",
                 "set_date": day(3), "baseline_level": -1, "reviewed_date": day(200), "attained_level": 1},
                {"goal_id": "2", "goal_type": "maintain", "set_date": day(1), "instrument_id": None},
            ],
            plan=[{"plan_id": "p", "kind": "action_plan", "decided_date": day(5)}],
        )
    )  # fmt: skip


def test_the_course_is_said_in_words(small, whole):
    model = page(small, whole)
    assert model["headline"] == (
        "Pålidelig fremgang: UP (selv). Ingen sikker ændring: DOWN. Én kurve kan ikke bedømmes."
    )
    course = model["sections"][0]["blocks"][0]["items"][0]
    assert course["answered"] == "Besvaret af borgeren selv. Høj score er bedst."
    assert course["sentences"] == [
        "Fra 40 til 64 point, 1. mar. 2024 til 28. aug. 2024 (support).",
        "Scorer fra 21 til 59 kan skyldes måleusikkerhed.",
        "Den seneste score er på den gode side af grænsen (50).",
    ]
    assert course["data"]["rows"] == [["1. mar. 2024", "40"], ["30. maj 2024", "52"], ["28. aug. 2024", "64"]]
    assert model["facts"] == [
        "Reference: Sag 123",
        "Data til og med 31. januar 2026",
        "Hentet ind 2. februar 2026",
    ]


def test_support_is_told_with_hours_and_change(small, whole):
    waiting, running, ended = sorted(table(page(small, whole)), key=lambda row: row[1]["text"], reverse=True)[
        0:3
    ]
    assert [cell.get("text") for cell in waiting[:3]] == [
        "support",
        "søgt 14. jul. 2025, ikke begyndt endnu",
        "ikke oplyst",
    ]
    assert [cell.get("text") for cell in running[:3]] == ["support", "siden 1. mar. 2024", "6, nu 4,5"]
    assert [line["text"] for line in running[3]["lines"]] == ["UP (selv): pålidelig fremgang"]
    assert ended[1] == {"text": "1. mar. 2024 – 26. dec. 2024", "sub": "stoppet før tid"}
    assert [line["text"] for line in ended[3]["lines"]] == ["DOWN: ingen sikker ændring"]


def test_goals_plans_and_waiting_are_told(small, whole):
    model = page(small, whole)
    assert said(model, "maal") == [
        "Udvikle – UP (borgerens mål), sat 4. mar. 2024: nået bedre end ventet den 17. sep. 2024.",
        "Fastholde (ejer ikke oplyst), sat 2. mar. 2024: ikke vurderet endnu.",
    ]
    plans = said(model, "overgange")
    assert plans[0] == (
        "Fylder 18 år 1. jun. 2026. Overgangen skal være besluttet inden da (barnets lov §§ 122 og 123). "
        "Der er ingen plan for overgangen endnu."
    )
    assert plans[-1] == "Handleplan, besluttet 6. mar. 2024."
    assert said(model, "ventetid") == [
        "Har ventet på »support« i 201 dage, siden ansøgningen 14. jul. 2025.",
        "support: begyndte ni dage efter afgørelsen 21. feb. 2024.",
        "Kataloget har ingen frist for ventetiden her.",
    ]


def test_what_was_not_delivered_is_said_and_not_taken_for_nothing(small, given):
    absent = page(small, record(given(episode=[{}])))
    assert said(absent, "maal") == ["Der er ikke leveret oplysninger om borgernes egne mål."]
    assert said(absent, "overgange") == ["Der er ikke leveret oplysninger om planer."]
    delivered = page(small, record(given(episode=[{}], individual_goal=[], plan=[])))
    assert said(delivered, "maal") == ["Der er ikke sat mål for borgeren i de leverede data."]
    assert said(delivered, "overgange") == [
        "Der er ingen overgange eller planer for borgeren i de leverede data."
    ]
    for model in (absent, delivered):
        assert model["headline"] == "Der er ingen målinger af borgeren."
        assert said(model, "udvikling") == [
            "Der er ingen målinger af borgeren i de leverede data.",
            "Ikke målt endnu i den støtte, borgeren får nu: UP (borgeren selv).",
        ]


def test_a_person_without_support_has_a_page_too(small, given):
    model = page(small, record(given(person=[{}])))
    assert said(model, "stoette") == ["Der er ingen støtte registreret for borgeren i de leverede data."]
    assert said(model, "ventetid") == ["Der er ingen ventetid at vise."]


@pytest.mark.parametrize(
    ("person", "said_first"),
    [
        ({"death_date": day(600)}, "Død 22. okt. 2025."),
        ({"moved_date": day(600)}, "Fraflyttet 22. okt. 2025."),
        ({"death_date": day(600), "moved_date": day(366)}, "Fraflyttet 2. mar. 2025. Død 22. okt. 2025."),
        ({"death_date": day(701)}, "Død 31. jan. 2026."),
        ({"death_date": day(702), "moved_date": day(702)}, ""),
    ],
)
def test_death_and_moving_stand_under_the_headline(small, given, person, said_first):
    """The reference date is the 701st day: what has not happened on it is not told."""
    assert page(small, record(given(person=[person])))["left"] == said_first


@pytest.mark.parametrize(
    ("person", "episode", "period", "wait"),
    [
        (
            {"death_date": day(40)},
            {"requested_date": day(0), "decided_date": day(7)},
            {"text": "bevilget 8. mar. 2024, begyndte aldrig", "sub": "død"},
            "support: ansøgt 1. mar. 2024, begyndte aldrig. Afgørelsen kom efter syv dage. "
            "Borgeren døde 10. apr. 2024.",
        ),
        (
            {"moved_date": day(40)},
            {"decided_date": day(7)},
            {"text": "bevilget 8. mar. 2024, begyndte aldrig", "sub": "flyttet fra kommunen"},
            "support: bevilget 8. mar. 2024, begyndte aldrig. Borgeren flyttede 10. apr. 2024.",
        ),
        (
            {"moved_date": day(40)},
            {"requested_date": day(0), "ended_date": day(40), "end_reason": "other"},
            {"text": "søgt 1. mar. 2024, begyndte aldrig", "sub": "lukket 10. apr. 2024, anden grund"},
            "support: ansøgt 1. mar. 2024, begyndte aldrig. Sagen blev lukket 10. apr. 2024.",
        ),
        (
            {"moved_date": day(40)},
            {"requested_date": day(0), "ended_date": day(41)},
            {"text": "søgt 1. mar. 2024, begyndte aldrig", "sub": "flyttet fra kommunen"},
            "support: ansøgt 1. mar. 2024, begyndte aldrig. Borgeren flyttede 10. apr. 2024.",
        ),
    ],
)
def test_support_that_never_began_is_not_waited_for(small, given, person, episode, period, wait):
    model = page(small, record(given(person=[person], episode=[{"started_date": None} | episode])))
    assert table(model)[0][1] == period
    assert said(model, "ventetid")[0] == wait


def test_support_without_an_end_is_not_running_after_death(small, given):
    dead = page(small, record(given(person=[{"death_date": day(40)}], episode=[{}])))
    assert table(dead)[0][1] == {"text": "begyndt 1. mar. 2024, ingen slutdato"}
    assert not any("får nu" in line for line in said(dead, "udvikling"))
    returned = page(small, record(given(person=[{"moved_date": day(-40)}], episode=[{}])))
    assert table(returned)[0][1] == {"text": "siden 1. mar. 2024"}


@pytest.mark.parametrize(
    ("episode", "wait"),
    [
        (
            {"requested_date": day(-30), "decided_date": day(-29)},
            "support: begyndte 30 dage efter ansøgningen 31. jan. 2024. Afgørelsen kom efter én dag.",
        ),
        (
            {"requested_date": day(0), "decided_date": day(0)},
            "support: begyndte samme dag som ansøgningen 1. mar. 2024. Afgørelsen kom samme dag.",
        ),
        ({"decided_date": day(-1)}, "support: begyndte én dag efter afgørelsen 29. feb. 2024."),
        ({"requested_date": day(-3), "decided_date": day(-4)},
         "support: begyndte tre dage efter ansøgningen 27. feb. 2024."),
        ({"requested_date": day(1)}, "support: ventetiden er ukendt, fordi datoerne ikke passer sammen."),
        ({"requested_date": day(700), "decided_date": day(701), "started_date": None},
         "Har ventet på »support« i én dag, siden ansøgningen 30. jan. 2026. Afgørelsen kom efter én dag."),
        ({"decided_date": day(701), "started_date": None},
         "Har ventet på »support« i nul dage, siden afgørelsen 31. jan. 2026."),
    ],
)  # fmt: skip
def test_every_wait_is_told_in_days(small, given, episode, wait):
    assert said(page(small, record(given(episode=[episode]))), "ventetid") == [
        wait,
        "Kataloget har ingen frist for ventetiden her.",
    ]


def test_a_wait_without_dates_is_unknown(small, given):
    assert said(page(small, record(given(episode=[{}]))), "ventetid") == [
        "Ventetiden er ukendt, fordi dagen for ansøgning og afgørelse ikke er oplyst."
    ]


def test_waits_going_on_come_first_then_missed_deadlines_then_the_latest(small, given):
    connection = given(
        episode=[
            {"episode_id": "old", "requested_date": day(-90), "started_date": day(-80)},
            {"episode_id": "late", "requested_date": day(-90), "started_date": day(-70)},
            {"episode_id": "new", "requested_date": day(-90), "started_date": day(-60)},
            {"episode_id": "waiting", "requested_date": day(-95), "started_date": None},
        ]
    )
    connection.execute(
        "UPDATE individual.episode_step SET deadline_id = 'drug_treatment_14_days',"
        " due_date = from_date + 14, is_after_deadline = TRUE"
        " WHERE step = 'requested_to_started' AND episode_id = 'late'"
    )
    lines = said(page(small, record(connection)), "ventetid")
    assert [re.findall(r"(\d+|ti) dage", line)[0] for line in lines[:4]] == ["796", "20", "30", "ti"]
    short = said(page(small, record(connection), Room(9, 9, 2)), "ventetid")
    assert short[:2] == lines[:2]
    assert short[2] == "Ventetiden for to støtter mere er der ikke plads til."


@pytest.mark.parametrize(
    ("is_late", "reason", "note"),
    [
        ("FALSE", "NULL", "Ingen af lovens eller kommunens frister i data er overskredet."),
        ("NULL", "'waiting'", "Ingen af lovens eller kommunens frister i data er overskredet."),
        ("NULL", "'no_last_date'",
         "Om alle frister er holdt, kan ikke ses, fordi en dato mangler eller er forkert."),
    ],
)  # fmt: skip
def test_a_deadline_is_said_to_be_kept_only_where_it_is_known(small, given, is_late, reason, note):
    connection = given(episode=[{"requested_date": day(-5)}])
    connection.execute(
        "UPDATE individual.episode_step SET deadline_id = 'drug_treatment_14_days',"
        f" due_date = from_date + 14, is_after_deadline = {is_late}, reason_deadline_unknown = {reason}"
        " WHERE step = 'requested_to_started'"
    )
    assert said(page(small, record(connection)), "ventetid")[-1] == note


@pytest.mark.parametrize(
    ("points", "intervention", "outcome"),
    [
        ([(180, 60)], "support", "UP: kan ikke bedømmes (ingen førmåling)"),
        ([(0, 40)], "support", "UP: kan ikke bedømmes (ikke målt igen)"),
        ([(0, 40), (180, 50)], "unmeasured", "UNKNOWN: kan ikke bedømmes (ukendt måleusikkerhed)"),
        ([(0, 40), (180, 50)], "support", "UP: ingen sikker ændring"),
    ],
)
def test_support_that_cannot_be_judged_says_why(small, given, points, intervention, outcome):
    instrument = "UP" if intervention == "support" else "UNKNOWN"
    measured = scores(points, instrument_id=instrument)
    model = page(small, record(given(episode=[{"intervention_id": intervention}], measurement=measured)))
    assert [line["text"] for line in table(model)[0][3]["lines"]] == [outcome]


def test_days_without_support_are_a_sentence(small, given):
    lines = said(page(small, record(given(episode=[{"ended_date": day(100)}]))), "overgange")
    assert any("Borgeren har nu været uden støtte i 601 dage." in line for line in lines)


def test_a_missed_deadline_is_told_with_its_law(catalogue, given):
    """The real catalogue: treatment of misuse begins within 14 days of the request."""
    connection = given(episode=[{"requested_date": day(-20)}])
    connection.execute(
        "UPDATE individual.episode_step SET deadline_id = 'drug_treatment_14_days',"
        " due_date = from_date + 14, is_after_deadline = TRUE WHERE step = 'requested_to_started'"
    )
    connection.execute("UPDATE individual.dated_episode SET intervention_id = 'drug_treatment'")
    connection.execute("DELETE FROM individual.episode_outcome")
    assert said(page(catalogue, record(connection)), "ventetid") == [
        "Social stofmisbrugsbehandling: begyndte 20 dage efter ansøgningen 10. feb. 2024. "
        "Støtten begyndte seks dage efter fristen 24. feb. 2024. "
        "Social stofmisbrugsbehandling begynder senest 14 dage efter henvendelsen "
        "(Serviceloven § 101, stk. 2).",
        "En overskredet frist kan have en grund, som står i sagen.",
    ]


def test_words_for_groups_and_of_cause_stand_nowhere(small, whole):
    texts = (TEMPLATES / "person_da.toml").read_text(encoding="utf-8").partition("number_words")[2].lower()
    assert "mærkbar" not in texts
    assert "effekt" not in texts
    assert "signifikant" not in texts


def test_sentences_are_short_and_plain(small, whole):
    """LIX (Björnsson 1968): words per sentence plus the percentage of words over six letters."""
    model = page(small, whole)
    prose = [s for c in model["sections"][0]["blocks"][0]["items"] for s in c["sentences"]]
    prose += [line for s in ("maal", "overgange", "ventetid") for line in said(model, s)]
    prose += [*model["foot"][:2], model["notice"]]
    text = re.sub(r"\b(\d+)\. (\w{3})\.? ", r"\1 \2 ", " ".join(prose))
    sentences = [s for s in re.split(r"(?<=[.:]) ", text) if s]
    words = [word.strip(".,;:()»«") for s in sentences for word in s.split()]
    assert max(len(s.split()) for s in sentences) <= 25
    assert len(words) / len(sentences) + 100 * sum(len(w) > 6 for w in words) / len(words) <= 38


@pytest.fixture
def crowded(given: Given) -> Record:
    """More of everything than a page holds."""
    instruments, respondents = ("UP", "DOWN", "UNKNOWN"), ("self", "parent", "teacher", "staff")
    points = [(number, 10 + number % 70) for number in range(0, 700, 20)]
    return record(
        given(
            episode=[
                {"episode_id": f"e{n}", "intervention_id": ("support", "other", "unmeasured")[n % 3],
                 "started_date": day(30 * n), "ended_date": day(30 * n + 200), "end_reason": "completed"}
                for n in range(12)
            ],
            measurement=[
                row
                for instrument in instruments
                for respondent in respondents
                for row in scores(points, instrument_id=instrument, respondent=respondent)
            ],
            individual_goal=[
                {"goal_id": str(n), "goal_type": "limit_loss", "set_date": day(n)} for n in range(20)
            ],
            plan=[{"plan_id": str(n), "kind": "housing_plan", "decided_date": day(n)} for n in range(20)],
        )
    )  # fmt: skip


def test_a_crowded_page_is_one_a4_and_says_what_it_left_out(small, crowded):
    html, pdf = build_page(crowded, MANIFEST, small, "Sag 123")
    reader = PdfReader(BytesIO(pdf))
    assert len(reader.pages) == 1
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]
    text = squeezed(reader.pages[0].extract_text())
    for left_out in ("kurvermereerderikkepladstil", "ældreforløberderikkepladstil", "ældremålerderikkeplads"):
        assert left_out in text
        assert left_out in squeezed(html.decode())


def test_html_and_pdf_say_the_same(small, whole):
    html, pdf = build_page(whole, MANIFEST, small, "Sag 123")
    model = page(small, whole)
    text = squeezed(PdfReader(BytesIO(pdf)).pages[0].extract_text())
    courses = model["sections"][0]["blocks"][0]["items"]
    wanted = [model["headline"], model["left"], model["notice"], *model["facts"], *model["foot"]]
    wanted += [s for c in courses for s in (c["name"], c["answered"], c["word"], *c["sentences"])]
    wanted += [line for s in ("maal", "overgange", "ventetid") for line in said(model, s)]
    assert [w for w in wanted if squeezed(w) not in text] == []
    assert [w for w in wanted if squeezed(w) not in squeezed(html.decode())] == []


def test_the_pages_are_accessible_and_load_nothing(small, whole):
    html, pdf = build_page(whole, MANIFEST, small, "Sag 123")
    found = Page(html.decode())
    assert found.all("html")[0]["lang"] == "da"
    assert found.all("a")[0]["href"] == "#indhold"
    assert len(found.all("caption")) == len(found.all("table"))
    images = [attributes for _, attributes in found.tags if attributes.get("role") == "img"]
    assert len(images) == 3
    assert all("målinger" in (attributes["aria-label"] or "") for attributes in images)
    ids = [attributes["id"] for _, attributes in found.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    assert not found.all("script", "link", "iframe", "img")
    root: Any = PdfReader(BytesIO(pdf)).trailer["/Root"]
    assert "pdfuaid" in root["/Metadata"].get_data().decode("utf-8")


def test_a_reference_with_markup_is_shown_as_text(small, whole):
    html, pdf = build_page(whole, MANIFEST, small, "<b>7</b> #strong[8]")
    assert b"<b>7" not in html
    assert "#strong[8]" in PdfReader(BytesIO(pdf)).pages[0].extract_text()


def test_the_same_rows_give_the_same_bytes(small, whole):
    assert build_page(whole, MANIFEST, small, "") == build_page(whole, MANIFEST, small, "")


def test_no_word_in_a_curve_is_clipped_or_covers_another(small, crowded):
    for course in page(small, crowded)["sections"][0]["blocks"][0]["items"]:
        with rc_context(STYLE):
            figure = drawn(course["figure"], palette())
            canvas: Any = FigureCanvasAgg(figure)
            canvas.draw()
            (axes,) = figure.axes
            beside = [t for t in axes.texts if t.get_position()[0] == 1.02]
            boxes = [t.get_window_extent(canvas.get_renderer()) for t in beside]
            for text in figure.findobj(Text):
                if isinstance(text, Text) and text in axes.texts:
                    extent = text.get_window_extent(canvas.get_renderer())
                    assert extent.x0 >= 0 and extent.x1 <= figure.bbox.width, text.get_text()
                    assert extent.y0 >= 0 and extent.y1 <= figure.bbox.height, text.get_text()
            for place, box in enumerate(boxes):
                assert not any(box.overlaps(other) for other in boxes[place + 1 :]), course["id"]


def test_no_month_runs_into_the_label_beside_it(small, given):
    """A curve may end on any day: every length of two years and more, some days apart."""
    whole = page(small, record(given(episode=[{}], measurement=scores([(0, 40), (90, 50)]))))
    content = whole["sections"][0]["blocks"][0]["items"][0]["figure"]
    colours = palette()
    with rc_context(STYLE):
        for last in range(100, 1500, 9):
            content |= {"until": day(last).isoformat()}
            figure = drawn(content, colours)
            canvas: Any = FigureCanvasAgg(figure)
            canvas.draw()
            (axes,) = figure.axes
            (better,) = [t for t in axes.texts if t.get_text() == content["better"]]
            edge = better.get_window_extent(canvas.get_renderer()).x0
            months = [t for t in axes.get_xticklabels() if t.get_text()]
            assert max(t.get_window_extent(canvas.get_renderer()).x1 for t in months) + 3 < edge, day(last)


def test_every_code_of_the_contracts_has_its_word(catalogue):
    texts = tomllib.loads((TEMPLATES / "person_da.toml").read_text(encoding="utf-8"))

    def values(extract: str, field: str) -> set[str]:
        found = catalogue.extract(extract).field(field)
        assert found is not None
        return set(found.values)

    assert values("episode", "end_reason") == set(texts["support"]["end"])
    assert values("individual_goal", "goal_type") == set(texts["goal"]["type"])
    assert values("individual_goal", "owner") | {"unknown"} == set(texts["goal"]["owner"])
    assert values("plan", "kind") == set(texts["plan"]["kind"])
    assert values("plan", "transition_kind") == set(texts["plan"]["transition_kind"])


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_needs_sideways_scrolling(browser, small, crowded, tmp_path, width):
    path = tmp_path / "page.html"
    path.write_bytes(build_page(crowded, MANIFEST, small, "Sag 123")[0])
    shown = browser.new_page(viewport={"width": width, "height": 844})
    shown.goto(path.as_uri())
    shown.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    shown.close()
