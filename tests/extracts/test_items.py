"""Answers to items, codes for "not assessed" and scales turned round, at the border."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pipelines.catalogue import Catalogue, Extract, Feed, Instrument, Scoring, ScoringPart, Source
from pipelines.extracts import Landing
from tests.extracts.deliveries import ANNE, MEASUREMENTS, Municipality, instrument, reasons

Town = Callable[..., Municipality]
ANSWERS = Source(
    id="svar",
    label_da="Svar",
    file="svar*.csv",
    person_key="cpr",
    required=False,
    feeds=(
        Feed(
            extract="item_answer",
            columns={
                "person_id": "CPR",
                "instrument_id": "Skema",
                "measured_date": "Dato",
                "item_id": "Spm",
                "answer": "Svar",
            },
            constants={"respondent": "self"},
            values={"item_id": {"Q1": "1"}},
        ),
    ),
)
HEADER = "CPR;Skema;Dato;Spm;Svar\r\n"


def scored(
    instrument_id: str, items: tuple[str, ...], permission: Mapping[str, str] | None = None
) -> Instrument:
    scoring = Scoring(
        item_minimum=1,
        item_maximum=3,
        source="",
        certainty="found",
        missing_rule_source="",
        missing_rule_certainty="found",
        parts=(ScoringPart(id="total", items=items),),
        **(permission or {}),
    )
    whole = instrument(instrument_id, len(items), 3 * len(items))
    return whole.model_copy(update={"scoring": scoring})


INSTRUMENTS = (
    scored("LONELY", ("1", "2", "3")).model_copy(update={"missing_codes": ("9", "-", "Ved ikke")}),
    scored("PAIR", ("1", "4")),
    scored("OWNED", ("1",), {"permission_from_da": "Ejeren"}),
    scored("ALLOWED", ("1",), {"permission_from_da": "Ejeren", "permission_da": "brev af 1. maj 2025"}),
    instrument("LEVEL", 0, 4).model_copy(update={"missing_codes": ("9", "Ikke relevant")}),
    instrument("WIDE", 0, 100),
    instrument("T", 19.8, 80.2),
)


@pytest.fixture
def town(tmp_path: Path, catalogue: Catalogue) -> Town:
    """Return a function that makes a municipality of the real contracts and the sources given."""

    def make(*sources: Source) -> Municipality:
        folder = tmp_path / "raw"
        folder.mkdir()
        extracts: tuple[Extract, ...] = tuple(
            catalogue.extract(e).model_copy(update={"required": False})
            for e in ("measurement", "item_answer")
        )
        entries = {"extracts": extracts, "sources": sources, "instruments": INSTRUMENTS}
        return Municipality(folder, catalogue.model_copy(update=entries))

    return make


def answered(town: Town, *rows: str) -> Landing:
    content = HEADER + "".join(f"{ANNE};{row}\r\n" for row in rows)
    return town(ANSWERS).landing_of("svar.csv", content)


def measured(town: Town, *rows: str, **feed: object) -> Landing:
    (of_source,) = MEASUREMENTS.feeds
    changed = of_source.model_copy(update={"constants": {"respondent": "staff"}, **feed})
    source = MEASUREMENTS.model_copy(update={"feeds": (changed,)})
    content = "CPR;Skema;Dato;Score\r\n" + "".join(f"{ANNE};{row}\r\n" for row in rows)
    return town(source).landing_of("skemaer.csv", content)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("LONELY;31-12-2024;1;1", None),
        ("LONELY;31-12-2024;Q1;3", None),
        ("PAIR;31-12-2024;4;2", None),
        ("ALLOWED;31-12-2024;1;2", None),
        ("LONELY;31-12-2024;1;0", ("answer", "out_of_range")),
        ("LONELY;31-12-2024;1;4", ("answer", "out_of_range")),
        ("PAIR;31-12-2024;1;9", ("answer", "out_of_range")),  # a code of another instrument
        ("LONELY;31-12-2024;4;2", ("item_id", "unknown_item")),  # an item of another instrument
        ("PAIR;31-12-2024;2;2", ("item_id", "unknown_item")),
        ("LONELY;31-12-2024;Q2;2", ("item_id", "unknown_item")),
        ("LONELY;31-12-2024;;2", ("item_id", "missing")),
        ("LONELY;31-12-2024;1;", ("answer", "missing")),
        ("WIDE;31-12-2024;1;2", ("instrument_id", "not_scored")),
        ("OWNED;31-12-2024;1;2", ("instrument_id", "not_permitted")),
        ("OTHER;31-12-2024;1;2", ("instrument_id", "unknown_reference")),
    ],
)
def test_an_answer_is_kept_or_rejected_with_its_reason(
    town: Town, row: str, reason: tuple[str, str] | None
) -> None:
    landing = answered(town, row, "PAIR;30-12-2024;1;1")
    assert [tuple(r[1:]) for r in reasons(landing)] == [r for r in [reason] if r]
    assert len(landing.tables["item_answer"]) == 1 + (reason is None)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            "LONELY;31-12-2024;1;4",
            "»Svar« ligger uden for måleredskabets svarmuligheder. Ret værdien i kildesystemet. "
            "Er tallet en kode for »ikke vurderet«, så skriv den i missing_codes på måleredskabet",
        ),
        (
            "LONELY;31-12-2024;1;",
            "»Svar« mangler (tomt, »-«, »ukendt« eller lignende). Udfyld feltet i kildesystemet, lad rækken "
            'blive ude af udtrækket, eller skriv absent_when_missing = ["answer"] i kildens katalogfil',
        ),
        (
            "OTHER;31-12-2024;1;1",
            "»Måleredskab« findes ikke i kataloget. Kendte: LONELY, PAIR, OWNED, ALLOWED, LEVEL, WIDE, T.",
        ),
        (
            "LONELY;31-12-2024;7;2",
            "»Spørgsmål nr.« er ikke et af måleredskabets spørgsmål. Oversæt det i kildens",
        ),
        ("WIDE;31-12-2024;1;2", "WIDE har ingen regel for, hvordan svar bliver til en score"),
        (
            "OWNED;31-12-2024;1;2",
            "OWNED må kun beregnes elektronisk med rettighedshaverens skriftlige",
        ),
    ],
)
def test_a_reject_says_in_danish_what_to_do(town: Town, row: str, words: str) -> None:
    (reject,) = answered(town, row).rejects.to_pylist()
    assert reject["message_da"].startswith(words)


def test_sdq_and_ors_are_refused_and_the_free_instruments_taken_as_the_catalogue_stands(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    rows = [f"{ANNE};{i};31-12-2024;1;1" for i in ("SDQ", "ORS", "WHO5", "UCLA3", "PHQ9", "CORE10", "VUM")]
    entries = catalogue.model_copy(
        update={"sources": (ANSWERS,), "extracts": (catalogue.extract("item_answer"),)}
    )
    landing = Municipality(tmp_path, entries).landing_of("svar.csv", HEADER + "\r\n".join(rows))
    assert reasons(landing) == [
        (2, "instrument_id", "not_permitted"),
        (3, "instrument_id", "not_permitted"),
        (8, "instrument_id", "not_scored"),
    ]
    assert len(landing.tables["item_answer"]) == 4


@pytest.mark.parametrize("code", ["9", "9,0", "+9", "ikke RELEVANT", " Ikke relevant "])
def test_not_assessed_is_absent_and_no_fault_even_outside_the_scale(town: Town, code: str) -> None:
    landing = measured(town, f"LEVEL;31-12-2024;{code}", "LEVEL;30-12-2024;4")
    (feed,) = landing.files[0].feeds
    assert (feed.absent_count, feed.rejected_count, feed.kept_count) == (1, 0, 1)
    assert landing.tables["measurement"]["score"].to_pylist() == [4]


def test_a_code_is_only_its_own_instruments(town: Town) -> None:
    landing = measured(town, "WIDE;31-12-2024;9", "LEVEL;31-12-2024;90", "LEVEL;31-12-2024;-")
    assert landing.tables["measurement"]["score"].to_pylist() == [9]
    assert [reason for *_, reason in reasons(landing)] == ["out_of_range", "missing"]


def test_a_code_of_an_answer_is_a_missing_answer(town: Town) -> None:
    rows = ("LONELY;31-12-2024;1;9", "LONELY;31-12-2024;2;-", "LONELY;31-12-2024;3;ved ikke")
    landing = answered(town, *rows, "LONELY;30-12-2024;1;1")
    (feed,) = landing.files[0].feeds
    assert (feed.absent_count, feed.rejected_count, feed.kept_count) == (3, 0, 1)


def test_a_code_is_what_the_file_says_not_what_it_is_rescaled_to(town: Town) -> None:
    landing = measured(town, "LEVEL;31-12-2024;9", "LEVEL;30-12-2024;6", multiply={"score": 0.5})
    assert landing.tables["measurement"]["score"].to_pylist() == [3]
    assert landing.files[0].feeds[0].absent_count == 1


def test_a_scale_turned_round_is_turned_on_each_rows_own_instrument_before_it_is_judged(town: Town) -> None:
    rows = ("WIDE;31-12-2024;0", "WIDE;30-12-2024;4", "LEVEL;31-12-2024;4", "LEVEL;30-12-2024;0")
    wrong = ("LEVEL;29-12-2024;5", "WIDE;29-12-2024;-1", "OTHER;31-12-2024;4", "WIDE;28-12-2024;x")
    landing = measured(town, *rows, *wrong, "LEVEL;28-12-2024;9", turned_round=True)
    assert landing.tables["measurement"]["score"].to_pylist() == [100, 96, 0, 4]
    assert [(line, reason) for line, _, reason in reasons(landing)] == [
        (6, "out_of_range"),
        (7, "out_of_range"),
        (8, "unknown_reference"),
        (9, "not_a_number"),
    ]
    assert [r["value"] for r in landing.rejects.to_pylist()] == ["5", "-1", "OTHER", "x"]
    assert landing.files[0].feeds[0].absent_count == 1


def test_the_ends_of_a_scale_turned_round_are_its_ends(town: Town) -> None:
    landing = measured(town, "T;31-12-2024;19,8", "T;30-12-2024;80,2", turned_round=True)
    assert landing.tables["measurement"]["score"].to_pylist() == [80.2, 19.8]


def test_answers_can_be_turned_round_too(town: Town) -> None:
    feed = ANSWERS.feeds[0].model_copy(update={"turned_round": True})
    source = ANSWERS.model_copy(update={"feeds": (feed,)})
    rows = "".join(f"{ANNE};LONELY;31-12-2024;{item};{item}\r\n" for item in (1, 2, 3))
    landing = town(source).landing_of("svar.csv", HEADER + rows)
    assert landing.tables["item_answer"]["answer"].to_pylist() == [3, 2, 1]


def test_a_version_that_no_source_maps_is_null(town: Town) -> None:
    landing = measured(town, "WIDE;31-12-2024;9")
    assert landing.tables["measurement"]["version"].to_pylist() == [None]


def test_the_same_score_of_two_versions_is_no_repeat(town: Town) -> None:
    columns = MEASUREMENTS.feeds[0].columns
    versions = {"columns": {**columns, "version": "Udgave"}, "constants": {"respondent": "self"}}
    feed = MEASUREMENTS.feeds[0].model_copy(update=versions)
    rows = "".join(f"{ANNE};WIDE;31-12-2024;9;{v}\r\n" for v in ("2019", "2024", "2024", ""))
    landing = town(MEASUREMENTS.model_copy(update={"feeds": (feed,)})).landing_of(
        "skemaer.csv", f"CPR;Skema;Dato;Score;Udgave\r\n{rows}"
    )
    assert landing.tables["measurement"]["version"].to_pylist() == ["2019", "2024", None]
    assert [reason for *_, reason in reasons(landing)] == ["duplicate"]
