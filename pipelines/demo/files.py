"""Write tables as files in each system's encoding and layout; the same table gives the same bytes."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from pipelines.demo.cells import Cell, Table


@dataclass(frozen=True)
class CsvStyle:
    """How a system writes CSV: Python's codec, and the title above the header, if it has one."""

    encoding: str
    title_da: str | None = None


CSV_STYLES = {
    "cpr_udtraek": CsvStyle("cp1252"),
    "fagsystem": CsvStyle("utf-8-sig"),
    "trivselsskema": CsvStyle("cp1252", title_da="Besvarede trivselsskemaer"),
    "spoergeskemasvar": CsvStyle("utf-8-sig"),
    "borgermaal": CsvStyle("utf-8-sig"),
    "forsoergelse": CsvStyle("cp1252"),
    "bolig": CsvStyle("cp1252"),
    "gaeld": CsvStyle("cp1252"),
    "bevilling": CsvStyle("utf-8-sig"),
    "haendelser": CsvStyle("cp1252"),
    "planer": CsvStyle("utf-8-sig"),
    "cpr_skift": CsvStyle("cp1252"),
    "beslutninger": CsvStyle("utf-8-sig"),
    "borgerundersoegelse": CsvStyle("utf-8-sig"),
    "personaleundersoegelse": CsvStyle("utf-8-sig"),
    "ambassadoerer": CsvStyle("cp1252"),
    "aktiviteter": CsvStyle("cp1252"),
    "handlinger": CsvStyle("utf-8-sig"),
}


def write_table(folder: Path, table: Table, drawn: date) -> None:
    """Write `table` into `folder` in its system's format; `drawn` is the day of the extract."""
    path = folder / table.file
    if table.source_id in CSV_STYLES:
        path.write_bytes(_csv(table, CSV_STYLES[table.source_id], drawn))
    elif path.suffix == ".xlsx":
        _write_xlsx(path, table, drawn)
    else:
        _write_parquet(path, table)


def _csv(table: Table, style: CsvStyle, drawn: date) -> bytes:
    text = io.StringIO(newline="")
    if style.title_da:
        text.write(f"{style.title_da}, udtræk dannet {drawn:%d.%m.%Y}\r\n")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(table.header)
    writer.writerows(table.rows)
    return text.getvalue().encode(style.encoding)


def _write_xlsx(path: Path, table: Table, drawn: date) -> None:
    book = xlsxwriter.Workbook(path, {"default_date_format": "dd-mm-yyyy"})
    # The creation time is the only thing that would differ between two writings.
    book.set_properties({"title": "SDQ-målinger", "created": datetime(drawn.year, drawn.month, drawn.day)})
    sheet = book.add_worksheet("SDQ")
    sheet.set_column(0, len(table.header) - 1, 16)
    sheet.write_row(0, 0, ["Familiecentret: SDQ-målinger"])
    sheet.write_row(1, 0, [f"Udtræk dannet {drawn:%d-%m-%Y}"])
    sheet.write_row(table.header_line - 1, 0, table.header)
    for number, row in enumerate(table.rows, start=table.header_line):
        sheet.write_row(number, 0, row)
    book.close()


def _write_parquet(path: Path, table: Table) -> None:
    cells: Sequence[Sequence[Cell]] = list(zip(*table.rows, strict=True))
    types = {"measured_date": pa.date32(), "contact_date": pa.date32(), "score": pa.float64()}
    columns = {
        table.header[place]: pa.array(cells[place], types.get(field, pa.string()))
        for field, place in table.fields.items()
    }
    pq.write_table(pa.table(columns), path)
