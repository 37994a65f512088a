"""The citizens' two pages: easy to read, never more than the interval allows, always two A4."""

import re
import shutil
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pypdf import PdfReader

from pipelines.catalogue import Catalogue, Contact
from pipelines.reports import build_citizens
from pipelines.reports.citizens.content import content
from pipelines.reports.citizens.icons import SHAPES, array
from pipelines.reports.render import palette
from tests.reports import published
from tests.reports.letters import letter_sizes
from tests.reports.published import Plan
from tests.reports.readability import aloud, lix, running, sentences, without_numbers, words
from tests.reports.test_render import Page, contrast, squeezed

Row = dict[str, Any]
Model = dict[str, Any]
EASY, LONGEST_SENTENCE = 35, 17
# Words of the trade, and words that make a category of a person; each also begins longer words.
FORBIDDEN = re.compile(
    r"\b(indikator|signifikan|interval|konfidens|baseline|evidens|design|median|gennemsnit|andel|procent|pålidelig"
    r"|reliab|effekt|indsats|udsat|målgruppe|forløb|foranstaltning|diskretion|pseudonym|dækning|sammenlign|statisti"
    r"|regression|spredning|population|ydelse|visiter|tværfaglig|koordiner|implementer|måleredskab|primær|klient"
    r"|bruger|borgere|svag|ressource|sagsbehandl|afgørelse|outcome|WHO|SDQ|pct|bortfald|usikkerhed|tendens|måltal"
    r"|funktionsevne|udvikling)|[%§]",
    re.IGNORECASE,
)
LONG_NAME = "Helhedsorienteret familiebehandling med socialpædagogisk efterværn og støttekontaktpersonordning"


def write(catalogue: Catalogue, folder: Path, mart_id: str, rows: Sequence[Row]) -> None:
    """Write a mart's rows as they are, with the columns the catalogue declares."""
    fields = [(column.name, published.TYPES[column.type]) for column in catalogue.mart(mart_id).columns]
    pq.write_table(pa.Table.from_pylist(list(rows), pa.schema(fields)), folder / f"{mart_id}.parquet")


def indicator(goal: str, name: str, value: float | None, n: int | None, **more: Any) -> Row:
    """Return a row of strategy_indicator."""
    row: Row = {"goal_id": goal, "indicator_id": name, "year": 2025, "population": "year", "value": value}
    row |= {"n": n, "is_suppressed": False, "law": "share"}
    if value is not None and n is not None:
        row |= {"lower": value - 0.05, "upper": value + 0.05, "numerator": round(value * n)}
    return row | more


ANSWERS = {"respect_exp": 0.72, "overview_exp": 0.51, "right_support_exp": 0.63, "lonely_exp": 0.24}
ANSWERS |= {"independence_exp": 0.58, "involved_exp": 0.49, "helpful_exp": 0.66, "fun_exp": 0.71}
ROUND = {"survey_id": "citizen", "population": "year", "is_suppressed": False}
HOME = {
    "statistic_id": "homeless_persons",
    "area": "Fredericia",
    "area_kind": "own",
    "year": 2019,
    "value": 41.0,
}
HOME |= {"baseline_year": 2017, "baseline_value": 57.0, "reads": "may_be_chance"}


def whole_year() -> dict[str, list[Row]]:
    """Return rows of everything the pages can show."""
    rise = {
        "baseline_year": 2024,
        "baseline_value": 0.4,
        "change": 0.1,
        "change_lower": 0.02,
        "change_upper": 0.2,
    }
    fall = {
        "baseline_year": 2024,
        "baseline_value": 0.4,
        "change": -0.1,
        "change_lower": -0.2,
        "change_upper": -0.02,
    }
    moved = [rise, fall, rise | {"change_lower": -0.1}, {}, {}, {}, {}, {}]
    rows = [
        indicator("A-G1", "reliable_improve_share", 0.31, 420),
        indicator("A-G1", "reliable_worse_share", 0.08, 420),
        indicator("A-G4", "deadline_met_share", 0.82, 900, **rise),
        indicator("A-G4", "wait_days", 34.0, 900, law="median"),
        indicator("A-N1", "plan_actions_done", 0.6, 0, unit_numerator=9, unit_count=15),
        indicator("ALL", "people_supported", 2043.0, 2043, population="window"),
    ]
    rows += [
        indicator("A-G3", name, value, 440, **change)
        for (name, value), change in zip(ANSWERS.items(), moved, strict=True)
    ]
    answered = [
        ROUND | {"year": 2025, "invited": 800, "answered": 440, "rate": 0.55, "is_under_floor": False}
    ]
    return {"strategy_indicator": rows, "survey_response": answered, "public_comparison": [HOME]}


Made = Callable[..., Model]


@pytest.fixture
def folder(year: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(year, tmp_path / "published"))


@pytest.fixture
def made(folder: Path, catalogue: Catalogue) -> Made:
    """Write marts as given, then return the pages' content."""

    def make(catalogue: Catalogue = catalogue, **marts: Sequence[Row]) -> Model:
        for name, rows in marts.items():
            write(catalogue, folder, name, rows)
        return content(folder, published.manifest(catalogue), catalogue)

    return make


@pytest.fixture
def everything(made: Made) -> Model:
    return made(**whole_year())


def with_contacts(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with two long contacts about each thing."""
    contacts = tuple(
        Contact(
            about=about,
            name_da=f"{name} i Social- og Sundhedsforvaltningens modtagelse",
            phone="70 00 00 00",
            email="socialogsundhedsforvaltningen@eksempelkommunen.dk",
            address_da="Rådhuspladsen 1, 2. sal, 9999 Eksempelby",
            hours_da="mandag til torsdag kl. 10-15, fredag kl. 10-12",
        )
        for about in ("help", "complaint", "answers", "own_data")
        for name in ("Borgerrådgiveren",)
    )
    municipality = catalogue.municipality.model_copy(update={"contacts": contacts})
    return catalogue.model_copy(update={"municipality": municipality})


def with_long_names(catalogue: Catalogue) -> Catalogue:
    named = [
        i.model_copy(update={"name_da": f"{LONG_NAME} {n}"}) for n, i in enumerate(catalogue.interventions)
    ]
    return catalogue.model_copy(update={"interventions": tuple(named)})


def nothing(catalogue: Catalogue, folder: Path) -> Model:
    """Return the pages of a year in which nothing at all was measured."""
    published.write(folder, catalogue, {})
    return content(folder, published.manifest(catalogue), catalogue)


def all_hidden(catalogue: Catalogue, folder: Path) -> Model:
    published.write(folder, catalogue, {i.id: Plan(3, 2) for i in catalogue.interventions})
    return content(folder, published.manifest(catalogue), catalogue)


@pytest.fixture(params=["made up", "everything", "long names", "nothing", "all hidden"])
def any_model(request: pytest.FixtureRequest, catalogue: Catalogue, made: Made, tmp_path: Path) -> Model:
    match request.param:
        case "made up":
            return made()
        case "everything":
            return made(**whole_year())
        case "long names":
            return made(with_contacts(with_long_names(catalogue)), **whole_year())
        case "nothing":
            return nothing(catalogue, tmp_path / "nothing")
        case _:
            return all_hidden(catalogue, tmp_path / "hidden")


def block(model: Model, section: str, kind: str) -> Row:
    found = next(one for one in model["sections"] if one["id"] == section)
    return next(one for one in found["blocks"] if one["kind"] == kind)


def said(model: Model, section: str) -> str:
    (found,) = (one for one in model["sections"] if one["id"] == section)
    return " ".join(aloud(model | {"intro": [], "headline": "", "sections": [found], "foot": []}))


def test_the_pages_are_easy_to_read(any_model: Model) -> None:
    text = running(any_model)
    hardest = sorted((lix([s]), s) for t in text for s in sentences(t))[-5:]
    assert lix(text) <= EASY, hardest


def test_they_are_easy_read_aloud_with_headings_and_names_too(
    made: Made, everything: Model, catalogue: Catalogue
) -> None:
    for model in (made(), everything):
        assert lix([without_numbers(text) for text in aloud(model)]) <= EASY


def test_sentences_are_short(any_model: Model) -> None:
    long = [s for t in running(any_model) for s in sentences(t) if len(words(s)) > LONGEST_SENTENCE]
    assert long == []


def test_no_word_of_the_trade(any_model: Model) -> None:
    text = " ".join(
        [any_model["headline"], *running(any_model), *(s["title"] for s in any_model["sections"])]
    )
    assert FORBIDDEN.findall(text) == []


def test_no_template_is_left_and_nothing_is_empty(any_model: Model) -> None:
    for text in aloud(any_model):
        assert text.strip()
        assert not re.search(r"[{}]|None|nan", text), text


def test_they_speak_to_the_reader(any_model: Model) -> None:
    text = [word.lower() for t in running(any_model) for word in words(t)]
    assert text.count("du") >= 5
    assert text.count("vi") >= 5


def test_people_are_drawn_as_many_as_the_number(everything: Model) -> None:
    drawn = block(everything, "hvordan", "array")
    assert drawn["array"]["counts"] == [("better", 31), ("worse", 8), ("rest", 61)]
    assert "31 er fyldt ud" in drawn["alt"]
    text = said(everything, "hvordan")
    assert "31 ud af 100 fik det klart bedre. Tallet er ikke helt sikkert. Det er nok fra 26 til 36." in text
    assert "8 ud af 100 fik det klart dårligere. Det er nok fra 3 til 13. Hos de andre var" in text
    assert "Vi kan ikke se her, om det var støtten" in text


def test_better_alone_says_that_some_may_be_worse(made: Made) -> None:
    row = indicator("A-G1", "reliably_improved_share", 0.2565, 1263, population="window")
    model = made(strategy_indicator=[row])
    assert block(model, "hvordan", "array")["array"]["counts"] == [("better", 26), ("rest", 74)]
    assert "Nogle kan have fået det dårligere." in said(model, "hvordan")
    assert model["headline"].startswith("26 ud af 100 fik det klart bedre.")


def test_fewer_than_a_hundred_are_counted_as_they_are(made: Made) -> None:
    model = made(
        strategy_indicator=[indicator("A-G1", "reliably_improved_share", 0.25, 40, population="window")]
    )
    assert block(model, "hvordan", "array")["array"]["counts"] == [("better", 10), ("rest", 30)]
    assert "10 ud af 40 fik det klart bedre. Tallet er ikke helt sikkert. Det er nok fra 8 til 12." in said(
        model, "hvordan"
    )
    assert "ud af 100" not in said(model, "hvordan")


@pytest.mark.parametrize(
    ("number", "words_"),
    [
        ({"is_suppressed": True, "value": None, "n": None}, "Der er så få, at man kunne se, hvem de er."),
        ({"value": None, "n": 0}, "Vi har ikke målt nok til at sige, hvordan det går."),
        ({"value": 0.5, "n": 19}, "Vi har ikke målt nok til at sige, hvordan det går."),
    ],
)
def test_what_is_hidden_or_too_little_is_said_plainly(made: Made, number: Row, words_: str) -> None:
    row = indicator("A-G1", "reliably_improved_share", 0.5, 50, population="window") | number
    model = made(strategy_indicator=[row])
    assert said(model, "hvordan").startswith(f"Hvordan går det? {words_}") or words_ in said(model, "hvordan")
    assert not any(one["kind"] == "array" for one in model["sections"][0]["blocks"])
    if row["is_suppressed"]:
        assert not re.search(r"\d", model["headline"])


def test_a_hidden_number_of_people_is_hidden(made: Made) -> None:
    row = indicator("ALL", "people_supported", None, None, population="window", is_suppressed=True)
    assert any("Der er for få" in text for text in made(strategy_indicator=[row])["intro"])


def test_answers_are_told_with_their_uncertainty_and_only_clear_changes(everything: Model) -> None:
    items = block(everything, "spurgt", "asked")["items"]
    assert len(items) == 4
    first, second, third, fourth = items
    assert (first["number"], first["array"]["counts"]) == ("72 ud af 100", [("yes", 72), ("no", 28)])
    assert first["notes"] == ["Nok fra 67 til 77.", "Det er flere end i 2024."]
    assert second["notes"][1] == "Det er færre end i 2024."
    assert third["notes"] == ["Nok fra 58 til 68."]
    assert fourth["notes"] == ["Nok fra 19 til 29."]
    assert "Vi spurgte 800 mennesker i 2025. 440 svarede." in said(everything, "spurgt")


def test_too_few_answers_are_said_and_not_shown(made: Made) -> None:
    low = ROUND | {"year": 2025, "invited": 800, "answered": 120, "rate": 0.15, "is_under_floor": True}
    model = made(survey_response=[low])
    assert "For få svarede. Derfor viser vi ikke, hvad der blev svaret." in said(model, "spurgt")


def test_answers_are_of_the_newest_round_that_enough_answered(made: Made) -> None:
    row = ROUND | {"invited": 800, "answered": 440, "rate": 0.55, "is_under_floor": False}
    rounds = [row | {"year": 2024}, row | {"year": 2025, "answered": 90, "is_under_floor": True}]
    answers = [
        indicator("A-G3", "respect_exp", 0.7, 440, year=2024),
        indicator("A-G3", "overview_exp", 0.6, 440, year=2023),
    ]
    model = made(survey_response=rounds, strategy_indicator=answers)
    assert "Vi spurgte 800 mennesker i 2024. 440 svarede." in said(model, "spurgt")
    assert [item["id"] for item in block(model, "spurgt", "asked")["items"]] == ["figur-respect_exp"]


def test_an_older_year_is_not_told_as_this_one(made: Made) -> None:
    model = made(strategy_indicator=[indicator("A-G4", "deadline_met_share", 0.8, 900, year=2024)])
    assert not any(section["id"] == "ellers" for section in model["sections"])


def test_a_year_that_is_not_over_is_said(folder: Path, catalogue: Catalogue) -> None:
    manifest = published.manifest(catalogue) | {"is_preliminary": True}
    assert "Året er ikke slut, så tallene kan ændre sig." in content(folder, manifest, catalogue)["intro"]


def test_nobody_asked_is_something_not_known(made: Made) -> None:
    model = made()
    assert not any(section["id"] == "spurgt" for section in model["sections"])
    assert "hvad I selv siger" in said(model, "ved-ikke")
    assert "Vi skal spørge jer" in said(model, "nu")


def test_few_are_not_told_as_of_a_hundred_and_very_few_not_at_all(made: Made) -> None:
    few = indicator("A-G4", "deadline_met_share", 0.25, 52)
    assert "13 ud af 52 gange kom svar eller hjælp til tiden. Det er nok fra 10 til 16." in said(
        made(strategy_indicator=[few]), "ellers"
    )
    model = made(strategy_indicator=[indicator("A-G4", "deadline_met_share", 0.25, 19)])
    assert not any(section["id"] == "ellers" for section in model["sections"])


def test_the_plan_of_the_year_is_counted(everything: Model) -> None:
    assert "I 2025 var målet at nå 15 ting. 9 blev nået til tiden." in said(everything, "nu")


@pytest.mark.parametrize(
    ("reads", "words_"),
    [
        ("may_be_chance", "Det kan være et tilfælde."),
        ("fell", "Det er færre, og det er næppe et tilfælde."),
        ("rose", "Det er flere, og det er næppe et tilfælde."),
    ],
)
def test_people_without_a_home_read_as_the_interval_allows(made: Made, reads: str, words_: str) -> None:
    model = made(public_comparison=[HOME | {"reads": reads}, HOME | {"area_kind": "neighbour", "value": 9.0}])
    text = said(model, "ellers")
    assert "I 2017 var der 57 mennesker uden et hjem i Fredericia. I 2019 var der 41." in text
    assert words_ in text
    assert "Vi har ikke nyere tal." in text


def test_what_helps_follows_the_recommendation_and_the_comparison(made: Made, catalogue: Catalogue) -> None:
    model = made()
    names = [i.name_da for i in catalogue.interventions]
    found = {b["text"]: b["names"] for s in model["sections"] for b in s["blocks"] if b["kind"] == "named"}
    assert found["Her ser støtten ud til at hjælpe:"] == names[0]
    assert found["Her gik det dårligere for dem, der fik støtten. Nu ser vi på hvorfor:"] == names[5]
    assert found["Her ved vi ikke, om støtten gør en forskel:"] == names[1]
    assert found["Her gik det ikke meget bedre for dem, der fik støtten:"] == names[4]
    flag = next(text for text in found if "alvorlige" in text)
    assert found[flag] == names[7]
    # The third has a comparison that does not hold: it is nowhere among what helps.
    assert not any(names[2] in text for text in found.values())
    assert "Én slags støtte ser ud til at hjælpe." in model["headline"]
    assert "Én slags støtte ser vi nærmere på." in model["headline"]


def test_against_other_support_it_helps_more_than_that(
    made: Made, folder: Path, catalogue: Catalogue
) -> None:
    chosen = catalogue.interventions[1].id
    path = folder / "intervention_recommendation.parquet"
    rows = pq.read_table(path).to_pylist()
    for row in rows:
        if row["intervention_id"] == chosen:
            row["rule_id"] = "continue"
    pq.write_table(pa.Table.from_pylist(rows, pq.read_schema(path)), path)
    model = made()
    texts = [b["text"] for s in model["sections"] for b in s["blocks"] if b["kind"] == "named"]
    # Its interval reaches over no difference: the word is "nok", and that it is not sure.
    assert "Her hjælper støtten nok mere end andet, men det er ikke sikkert:" in texts
    assert "Én slags støtte hjælper nok mere end andet, men det er ikke sikkert." in model["headline"]


def test_without_support_is_said_of_those_who_waited_only(made: Made, catalogue: Catalogue) -> None:
    text = " ".join(aloud(made()))
    name = catalogue.interventions[0].name_da
    assert f"{name}: 40 ud af 100 fik det klart bedre. Uden støtten var det nok 32." in text
    assert "Forskellen er nok fra 2 til 14." in text
    assert text.count("Uden støtten") == 1


def test_no_comparison_says_that_the_cause_is_not_known(catalogue: Catalogue, tmp_path: Path) -> None:
    model = nothing(catalogue, tmp_path)
    assert model["headline"] == "Vi har ikke målt nok endnu."
    assert "Derfor ved vi ikke, hvad der hjælper." in said(model, "hjaelper")
    assert "Vi skal begynde at måle" in said(model, "nu")


def test_all_hidden_shows_no_number_of_people(catalogue: Catalogue, tmp_path: Path) -> None:
    model = all_hidden(catalogue, tmp_path)
    assert not any(one["kind"] == "array" for s in model["sections"] for one in s["blocks"])
    assert "er der så få, at vi ikke viser tallet" in said(model, "ved-ikke")


def test_contacts_come_from_the_catalogue_and_nowhere_else(made: Made, catalogue: Catalogue) -> None:
    assert all(item["contacts"] == [] for item in block(made(), "hjaelp", "where")["items"])
    items = block(made(with_contacts(catalogue)), "hjaelp", "where")["items"]
    assert [len(item["contacts"]) for item in items] == [1, 1, 1, 1]
    assert items[0]["contacts"][0]["ways"][0] == "Ring: 70 00 00 00."
    only_name = Contact(about="complaint", name_da="Borgerservice")
    one = catalogue.municipality.model_copy(update={"contacts": (only_name,)})
    items = block(made(catalogue.model_copy(update={"municipality": one})), "hjaelp", "where")["items"]
    assert items[1]["contacts"] == [{"name": "Borgerservice", "ways": []}]


@pytest.fixture(params=["made up", "everything", "long names", "nothing"])
def built(
    request: pytest.FixtureRequest, catalogue: Catalogue, folder: Path, tmp_path: Path
) -> tuple[Path, ...]:
    chosen = catalogue
    if request.param in ("everything", "long names"):
        for name, rows in whole_year().items():
            write(catalogue, folder, name, rows)
    if request.param == "long names":
        chosen = with_contacts(with_long_names(catalogue))
    if request.param == "nothing":
        published.write(folder, catalogue, {})
    return build_citizens(folder, published.manifest(catalogue), chosen, tmp_path / "out")


def test_the_pdf_is_two_a4_with_large_letters(
    built: tuple[Path, ...], request: pytest.FixtureRequest
) -> None:
    pdf = PdfReader(built[1])
    assert [path.name for path in built] == ["borgere_2025.html", "borgere_2025.pdf"]
    assert len(pdf.pages) == 2
    assert all(round(float(page.mediabox.height)) == 842 for page in pdf.pages)
    sizes = letter_sizes(pdf.pages)
    smallest = 9 if "long names" in request.node.name else 10
    assert max(sizes, key=lambda size: sizes[size]) >= smallest


def test_html_and_pdf_say_the_same(built: tuple[Path, ...]) -> None:
    html = built[0].read_text(encoding="utf-8")
    text = squeezed(re.sub(r"<[^>]+>", "", html[html.index("<main") : html.index("</main>")]))
    # An address may break, with a space that nobody sees.
    pdf = squeezed("".join(page.extract_text() for page in PdfReader(built[1]).pages)).replace("\u200b", "")
    for sentence in re.findall(r"[A-ZÆØÅ][^.?]{12,}[.?]", text.replace("&#39;", "'")):
        assert sentence in pdf, sentence


def test_the_pdf_is_tagged_titled_and_in_danish(built: tuple[Path, ...]) -> None:
    pdf = PdfReader(built[1])
    root: Any = pdf.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("da", True)
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Hvordan går det? 2025 – Fredericia Kommune"
    assert "pdfuaid" in root["/Metadata"].get_data().decode("utf-8")


def test_the_html_is_whole_and_in_order(built: tuple[Path, ...]) -> None:
    html = built[0].read_text(encoding="utf-8")
    page = Page(html)
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    links = [attributes["href"] for attributes in page.all("a")]
    assert links == ["#tekst", "effektrapport_2025.html"]
    assert not page.all("script", "link", "iframe", "img")
    assert all(attributes["aria-label"] for _, attributes in page.tags if attributes.get("role") == "img")


def test_same_input_same_bytes(folder: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    manifest = published.manifest(catalogue)
    first, second = (build_citizens(folder, manifest, catalogue, tmp_path / name) for name in ("one", "two"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_each_kind_has_a_shape_of_its_own_without_colour() -> None:
    grey = dict.fromkeys(palette(), "#000000") | {"paper": "#ffffff"}
    drawn = [shape(grey) for shape in SHAPES.values()]
    assert len(set(drawn)) == len(drawn)
    svg = array({"shape": "people", "columns": 20, "counts": [("better", 21), ("rest", 1)]}, grey)
    assert svg.count("<g ") == 22
    assert 'viewBox="0 0 400 60"' in svg
    for colour in ("accent", "decline", "rest"):
        assert contrast(palette()[colour], palette()["paper"]) >= 3


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_needs_sideways_scrolling(
    browser: Any, folder: Path, catalogue: Catalogue, tmp_path: Path, width: int
) -> None:
    for name, rows in whole_year().items():
        write(catalogue, folder, name, rows)
    chosen = with_contacts(with_long_names(catalogue))
    built = build_citizens(folder, published.manifest(catalogue), chosen, tmp_path / "out")
    page = browser.new_page(viewport={"width": width, "height": 844})
    page.goto(built[0].as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)")
    assert size >= 17
    page.close()
