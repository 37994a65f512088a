"""What Prefect's page shows of a finished job: from published marts and counts only."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow.parquet as pq
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from pipelines.catalogue import load_catalogue
from pipelines.expectations import CheckResult
from pipelines.publication import Store
from pipelines.run import Request

HIDDEN = "skjult"
SEVERITY_DA = {"error": "Fejl", "warning": "Advarsel"}


def show(job: str, request: Request) -> None:
    """Show what a run has published: recommendations, where the reports lie, and the data quality."""
    if request.purpose != "statistics":
        return
    store = Store(request.out)
    names = {i.id: i.name_da for i in load_catalogue(request.catalogue).interventions}
    create_table_artifact(
        key=f"{job}-oversigt",
        description=f"Anbefalinger {request.reporting_year}",
        table=[
            {
                "Indsats": names[row["intervention_id"]],
                "Anbefaling": row["recommendation"],
                "Evidens": row["evidence_level"],
                "Borgere": HIDDEN if row["is_suppressed"] else row["n"],
            }
            for row in _rows(store, "intervention_recommendation")
        ],
    )
    reports = sorted(p for p in store.shown("reports").iterdir() if p.is_file())
    links = [f"- [{p.name}]({p.resolve().as_uri()})" for p in reports] or ["Ingen rapporter i denne kørsel."]
    create_markdown_artifact(
        key=f"{job}-rapporter",
        description=f"Rapporter {request.reporting_year}",
        markdown="\n".join([*links, "", f"Marts: `{store.shown('published')}`"]),
    )
    show_checks(f"{job}-datakvalitet", _rows(store, "data_quality"))


def show_checks(key: str, results: Sequence[Mapping[str, Any]]) -> None:
    """Show the outcome of every check: counts and a message, never a value."""
    failed = [row for row in results if row["status"] == "failed"]
    create_table_artifact(
        key=key,
        description=f"{len(results) - len(failed)} af {len(results)} kontroller er i orden",
        table=[
            {
                "Alvor": SEVERITY_DA[row["severity"]] if row["status"] == "failed" else "I orden",
                "Udtræk": row["extract_id"],
                "Besked": row["message_da"],
            }
            # What failed first.
            for row in sorted(results, key=lambda row: row["status"] != "failed")
        ],
    )


def as_row(result: CheckResult) -> dict[str, Any]:
    """Return a check's outcome as the mart `data_quality` has it."""
    return {name: getattr(result, name) for name in ("extract_id", "severity", "status", "message_da")}


def _rows(store: Store, mart: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(store.shown("published") / f"{mart}.parquet").to_pylist()
    return rows
