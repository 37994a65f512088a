"""A reader of the demo's files that shares no code with the pipeline."""

import csv
import io
import json
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from python_calamine import CalamineWorkbook

from pipelines.catalogue import Catalogue

YEAR = 2025
ENCODINGS = {
    "borgere": "cp1252",
    "indsatser": "utf-8-sig",
    "trivselsskemaer": "cp1252",
    "spoergeskemasvar": "utf-8-sig",
    "borgermaal": "utf-8-sig",
    "forsoergelse": "cp1252",
    "bolig": "cp1252",
    "gaeld": "cp1252",
    "bevillinger": "utf-8-sig",
    "haendelser": "cp1252",
    "planer": "utf-8-sig",
    "cpr_skift": "cp1252",
    "beslutninger": "utf-8-sig",
    "borgerundersoegelse": "utf-8-sig",
    "personaleundersoegelse": "utf-8-sig",
    "ambassadoerer": "cp1252",
    "aktiviteter": "cp1252",
    "handlinger": "utf-8-sig",
}
# Where it is not dd-mm-yyyy.
DATE_FORMATS = {"trivselsskemaer": "%d.%m.%Y", "haendelser": "%d.%m.%Y"}


@dataclass(frozen=True)
class Demo:
    raw: Path
    truth: Path
    catalogue: Catalogue
    read: dict[str, list[tuple[int, list[Any]]]] = field(default_factory=dict)

    def json(self, name: str) -> Any:
        return json.loads((self.truth / name).read_text(encoding="utf-8"))

    @property
    def faulty_lines(self) -> set[tuple[str, int]]:
        return {(f["file"], f["line"]) for f in self.json("faults.json")}

    def rows(self, stem: str) -> list[tuple[int, list[Any]]]:
        """Physical line (sheet row, Parquet row) and cells of every row; the header is the first."""
        if stem not in self.read:
            self.read[stem] = self._rows(stem)
        return self.read[stem]

    def _rows(self, stem: str) -> list[tuple[int, list[Any]]]:
        path = next(self.raw.glob(f"{stem}*"))
        if path.suffix == ".csv":
            reader = csv.reader(
                io.StringIO(path.read_bytes().decode(ENCODINGS[stem]), newline=""), delimiter=";"
            )
            ends = [(reader.line_num, row) for row in reader]
            starts = [1, *(end + 1 for end, _ in ends[:-1])]
            rows = [(start, row) for start, (_, row) in zip(starts, ends, strict=True)]
            return [row for row in rows if len(row[1]) > 1]
        if path.suffix == ".xlsx":
            sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
            return list(enumerate(sheet.to_python(skip_empty_area=False), start=1))[3:]
        table = pq.read_table(path)
        body = zip(*(column.to_pylist() for column in table.columns), strict=True)
        return [(0, table.column_names), *((n, list(cells)) for n, cells in enumerate(body, start=1))]

    def clean(self, stem: str) -> list[dict[str, Any]]:
        """The rows without a planted fault, by header."""
        (_, header), *body = self.rows(stem)
        name = next(self.raw.glob(f"{stem}*")).name
        faulty = {line for file, line in self.faulty_lines if file == name}
        return [dict(zip(header, cells, strict=True)) for line, cells in body if line not in faulty]

    @cached_property
    def links(self) -> dict[str, tuple[str, date]]:
        """Former number to present number and its first day."""
        return {
            plain(row["Tidligere CPR-nr."]): (plain(row["Nuværende CPR-nr."]), as_date(row["Skiftet den"]))
            for row in self.clean("cpr_skift")
        }

    def person(self, cpr: str) -> str:
        """The present number of whoever has, or had, this one."""
        number = plain(cpr)
        return self.links[number][0] if number in self.links else number


def plain(cpr: str) -> str:
    return cpr.replace("-", "")


def as_date(text: str, pattern: str = "%d-%m-%Y") -> date | None:
    return datetime.strptime(text, pattern).date() if text else None
