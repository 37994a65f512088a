"""From a landing to `raw.duckdb`, and the check of extracts without a run."""

import secrets
import tempfile
from dataclasses import asdict
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.catalogue import Catalogue
from pipelines.errors import ExtractError, Problem
from pipelines.expectations import Checker, CheckResult
from pipelines.extracts import Key, Landing, read_extracts
from pipelines.warehouse.reference import create_table


def check_extracts(
    folder: Path, catalogue: Catalogue, reporting_year: int, checker: Checker
) -> tuple[Landing, tuple[CheckResult, ...]]:
    """Read and check a folder of extracts, keeping nothing; the key is made for this once.

    Raises:
        ExtractError: if a file cannot be read.
    """
    landing = read_extracts(folder, catalogue, Key(secrets.token_bytes(32)))
    last = reference_date(landing, catalogue, reporting_year)
    with tempfile.TemporaryDirectory() as scratch:
        land(landing, Path(scratch) / "raw.duckdb")
        checker.start(Path(scratch) / "raw.duckdb", catalogue, last, None)
        return landing, (*checker.verdict(), reaches_year_end(last, reporting_year))


def reference_date(landing: Landing, catalogue: Catalogue, reporting_year: int) -> date:
    """Return the latest date in the data, no later than the reporting year's end and the lag allowed.

    Raises:
        ExtractError: if the data do not reach into the reporting year.
    """
    last = date.fromordinal(
        date(reporting_year, 12, 31).toordinal() + int(catalogue.parameter("reporting_lag_days"))
    )
    found: list[date | None] = []
    for extract in catalogue.extracts:
        if extract.freshness_field:
            column = landing.tables[extract.id][extract.freshness_field].drop_null()
            found.append(pc.max(pc.filter(column, pc.less_equal(column, pa.scalar(last)))).as_py())
    latest = max((d for d in found if d is not None), default=None)
    if latest is None or latest.year < reporting_year:
        ends = f"data slutter {latest:%d-%m-%Y}" if latest else f"ingen datoer til og med {last:%d-%m-%Y}"
        message = f"{ends}. Vælg et andet år med --year end {reporting_year}, eller hent nyere udtræk"
        raise ExtractError([Problem("alle udtræk", message)])
    return latest


def reaches_year_end(last: date, reporting_year: int) -> CheckResult:
    """Check that the data, up to their latest date, cover the whole reporting year (a warning)."""
    is_whole = last >= date(reporting_year, 12, 31)
    covers = (
        f"og dækker hele {reporting_year}." if is_whole else f"og ikke hele {reporting_year}: foreløbige tal."
    )
    return CheckResult(
        extract_id="measurement",
        check_id="reaches_year_end",
        field_id=None,
        severity="warning",
        status="passed" if is_whole else "failed",
        row_count=1,
        failed_count=int(not is_whole),
        message_da=f"Data går til og med {last:%d-%m-%Y} {covers}",
    )


def land(landing: Landing, database: Path) -> None:
    """Write every extract, the rejects and the counts of every file into a new private database."""
    feeds = [
        {"source_file": f.name, "source_id": f.source_id, **asdict(feed)}
        for f in landing.files
        for feed in f.feeds
    ]
    with duckdb.connect(database) as connection:
        for name, table in landing.tables.items():
            create_table(connection, name, table)
        create_table(connection, "reject", landing.rejects)
        create_table(connection, "source_feed", pa.Table.from_pylist(feeds))
    database.chmod(0o600)
