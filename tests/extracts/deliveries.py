"""A small municipality for the tests of the border: three extracts, and ways to deliver them."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from pipelines.catalogue import Catalogue, Extract, ExtractField, Feed, Instrument, Source
from pipelines.errors import ExtractError
from pipelines.extracts import Key, Landing, read_extracts

KEY = Key(bytes(range(32)))
ANNE, BO = "010190-1234", "311299-4321"

PERSON = Extract(
    id="person",
    label_da="Borgere",
    required=False,
    key=("person_id",),
    fields=(
        ExtractField(name="person_id", type="person", label_da="CPR-nummer", required=True),
        ExtractField(name="birth_date", type="date", label_da="Fødselsdato"),
        ExtractField(name="sex", type="code", label_da="Køn", values=("female", "male")),
    ),
)
EPISODE = Extract(
    id="episode",
    label_da="Forløb",
    required=False,
    key=("episode_id",),
    fields=(
        ExtractField(name="episode_id", type="code", label_da="Forløbsnummer", required=True),
        ExtractField(name="requested_date", type="date", label_da="Ansøgt"),
        ExtractField(
            name="decided_date",
            type="date",
            label_da="Afgjort",
            not_before="requested_date",
            severity="warning",
        ),
        ExtractField(name="ended_date", type="date", label_da="Slut", not_before="requested_date"),
        ExtractField(name="hours", type="decimal", label_da="Timer", minimum=0, maximum=2_000_000),
        ExtractField(name="visits", type="integer", label_da="Besøg"),
        ExtractField(name="note", type="text", label_da="Leverandør"),
    ),
)
MEASUREMENT = Extract(
    id="measurement",
    label_da="Målinger",
    required=True,
    key=("person_id", "instrument_id", "measured_date"),
    fields=(
        ExtractField(name="person_id", type="person", label_da="CPR-nummer", required=True),
        ExtractField(
            name="instrument_id", type="code", label_da="Skema", required=True, references="instrument"
        ),
        ExtractField(name="measured_date", type="date", label_da="Målt den", required=True),
        ExtractField(
            name="score", type="decimal", label_da="Score", required=True, references="instrument.range"
        ),
    ),
)

MEASUREMENTS = Source(
    id="skemaer",
    label_da="Skemaer",
    file="skemaer*.csv",
    person_key="cpr",
    required=False,
    feeds=(
        Feed(
            extract="measurement",
            columns={
                "person_id": "CPR",
                "instrument_id": "Skema",
                "measured_date": "Dato",
                "score": "Score",
            },
            values={"instrument_id": {"WHO-5": "WHO5", "Ørs": "ORS"}},
        ),
    ),
)
PERSONS = Source(
    id="borgere",
    label_da="Borgere",
    file="borgere*.csv",
    person_key="cpr",
    required=False,
    feeds=(
        Feed(
            extract="person",
            columns={"person_id": "CPR", "birth_date": "Født", "sex": "Køn"},
            values={"sex": {"K": "female", "M": "male"}},
        ),
    ),
)
EPISODES = Source(
    id="forloeb",
    label_da="Forløb",
    file="forløb*.csv",
    person_key="cpr",
    required=False,
    feeds=(
        Feed(
            extract="episode",
            columns={
                "episode_id": "Nr.",
                "requested_date": "Ansøgt",
                "decided_date": "Afgjort",
                "ended_date": "Slut",
                "hours": "Timer",
                "visits": "Besøg",
                "note": "Leverandør",
            },
        ),
    ),
)
GOOD = "CPR;Skema;Dato;Score\r\n010190-1234;WHO-5;31-12-2024;52\r\n"


def instrument(instrument_id: str, minimum: float, maximum: float) -> Instrument:
    return Instrument(
        id=instrument_id,
        name_da=instrument_id,
        measures_da="trivsel",
        unit_da="point",
        minimum=minimum,
        maximum=maximum,
        decimals=0,
        better="higher",
        licence_da="fri",
        source=(),
        norms=(),
    )


def with_entries(
    catalogue: Catalogue,
    *sources: Source,
    extracts: Sequence[Extract] = (PERSON, EPISODE, MEASUREMENT),
) -> Catalogue:
    """The project's catalogue with these extracts and sources, and two instruments."""
    return catalogue.model_copy(
        update={
            "extracts": tuple(extracts),
            "sources": sources,
            "instruments": (instrument("WHO5", 0, 100), instrument("ORS", 0, 40)),
        }
    )


def optional(*extracts: Extract) -> tuple[Extract, ...]:
    return tuple(e.model_copy(update={"required": False}) for e in extracts)


class Municipality:
    """A folder to deliver into, and the border reading it."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self.folder = folder
        self.catalogue = catalogue

    def write(self, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    def read(self) -> Landing:
        landing = read_extracts(self.folder, self.catalogue, KEY)
        for file in landing.files:
            for feed in file.feeds:
                gone = feed.rejected_count + feed.merged_count + feed.absent_count
                assert feed.row_count == feed.kept_count + gone
        return landing

    def landing_of(self, name: str, content: str | bytes, encoding: str = "utf-8") -> Landing:
        self.write(name, content, encoding)
        return self.read()

    def measurements(self, rows: str, header: str = "CPR;Skema;Dato;Score") -> Landing:
        return self.landing_of("skemaer.csv", f"{header}\r\n{rows}")

    def episodes(self, *rows: str) -> Landing:
        header = "Nr.;Ansøgt;Afgjort;Slut;Timer;Besøg;Leverandør"
        return self.landing_of("forløb.csv", "\r\n".join([header, *rows]) + "\r\n")

    def problems(self) -> list[str]:
        with pytest.raises(ExtractError) as caught:
            read_extracts(self.folder, self.catalogue, KEY)
        return [str(p) for p in caught.value.problems]

    def problem(self) -> str:
        (problem,) = self.problems()
        return problem

    def problem_of(self, name: str, content: str | bytes, encoding: str = "utf-8") -> str:
        self.write(name, content, encoding)
        return self.problem()


def workbook(*sheets: tuple[str, Sequence[Sequence[Any]]]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"default_date_format": "dd-mm-yyyy"}) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return stream.getvalue()


def parquet(**columns: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def reasons(landing: Landing) -> list[tuple[int, str | None, str]]:
    rows = landing.rejects.to_pylist()
    return [(r["source_line"], r["field_id"], r["reason"]) for r in rows]
