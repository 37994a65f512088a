"""From a landing to `raw.duckdb`, and the check of extracts without a run."""

import secrets
import tempfile
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import duckdb

from pipelines.catalogue import Catalogue
from pipelines.errors import ExtractError, Problem
from pipelines.expectations import Checker, CheckResult
from pipelines.extracts import Key, Landing, read_extracts
from pipelines.warehouse.reference import create_table, rows_table


def check_extracts(
    folder: Path, catalogue: Catalogue, reporting_year: int, checker: Checker
) -> tuple[Landing, tuple[CheckResult, ...]]:
    """Read and check a folder of extracts, keeping nothing; the key is made for this once.

    Raises:
        ExtractError: if a file cannot be read.
    """
    landing = read_extracts(folder, catalogue, Key(secrets.token_bytes(32)))
    with tempfile.TemporaryDirectory() as scratch:
        raw = Path(scratch) / "raw.duckdb"
        land(landing, raw)
        last = reference_date(raw, catalogue, reporting_year)
        checker.start(raw, catalogue, last, None)
        return landing, (*checker.verdict(), reaches_year_end(last, reporting_year))


def reference_date(raw_database: Path, catalogue: Catalogue, reporting_year: int) -> date:
    """Return the latest date in the data, no later than the reporting year's end and the lag allowed.

    Raises:
        ExtractError: if the data do not reach into the reporting year.
    """
    year_end = date(reporting_year, 12, 31)
    last = year_end + timedelta(days=int(catalogue.parameter("reporting_lag_days")))
    found: list[date] = []
    with duckdb.connect(raw_database, read_only=True) as connection:
        for extract in catalogue.extracts:
            if (day := extract.freshness_field) is not None:
                sql = f"SELECT MAX({day}) FROM {extract.id} WHERE {day} <= DATE '{last}'"
                found += [latest for (latest,) in connection.execute(sql).fetchall() if latest is not None]
    latest = max(found, default=None)
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
            create_table(connection, name, table, database.parent)
        create_table(connection, "reject", landing.rejects, database.parent)
        create_table(connection, "source_feed", rows_table(feeds), database.parent)
    database.chmod(0o600)
