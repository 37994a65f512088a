"""What the store remembers of every year: what was recommended, on what estimates, and by which catalogue.

    memory/<year>/intervention_recommendation.parquet   as published
                  intervention_effect.parquet           as published: the primary outcomes, of everybody
                  manifest.json                         of the run
                  catalogue/…                           exact copies of its files

Only what has passed the gate is kept: nothing of any person, so an erasure has nothing to take out here. The
memory is a part of the version, and one switch shows both (docs/decisions/0002). A year is replaced by a new
run of that year alone; the others are carried over from the version before.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.catalogue.changes import changed_parts, read_content
from pipelines.catalogue.load import catalogue_files, load_catalogue
from pipelines.errors import CatalogueError, Problem, StoreError
from pipelines.publication import Store

Row = dict[str, Any]

FOLDER, CATALOGUE, MANIFEST = "memory", "catalogue", "manifest.json"
RECOMMENDATION, EFFECT = "intervention_recommendation", "intervention_effect"
COMPARISON = ("intervention_id", "outcome_id", "design", "comparator")
# What is remembered of a published recommendation.
LINE = (
    *COMPARISON,
    "rule_id",
    "would_be_rule_id",
    "recommendation",
    "evidence_level",
    "n",
    "estimate_sd",
    "lower",
    "upper",
    "is_suppressed",
)
NAMED_PARTS = 4


@dataclass(frozen=True)
class Memory:
    """The years that a version remembers; `folder` is None where there is no version yet."""

    folder: Path | None

    @property
    def years(self) -> tuple[int, ...]:
        """The years remembered, in order."""
        if self.folder is None or not self.folder.is_dir():
            return ()
        return tuple(sorted(int(path.name) for path in self.folder.iterdir() if path.name.isdigit()))

    def catalogue(self, year: int) -> Path | None:
        """Return the folder of a year's own catalogue, or None where the year is not remembered."""
        return self.folder_of(year) / CATALOGUE if year in self.years else None

    def manifest(self, year: int) -> Row:
        """Return the manifest of a remembered year's run."""
        manifest: Row = json.loads((self.folder_of(year) / MANIFEST).read_text(encoding="utf-8"))
        return manifest

    def lines(self, year: int) -> list[Row]:
        """Return a year's recommendations with their estimates, as they were published."""
        errors = {
            tuple(row[name] for name in COMPARISON): _standard_error(row)
            for row in pq.read_table(self.folder_of(year) / f"{EFFECT}.parquet").to_pylist()
            if row["statistic"] == "standardised_difference" and row["specification"] == "main"
        }
        return [
            {
                "year": year,
                **{name: row[name] for name in LINE},
                "standard_error_sd": errors.get(tuple(row[name] for name in COMPARISON)),
            }
            for row in pq.read_table(self.folder_of(year) / f"{RECOMMENDATION}.parquet").to_pylist()
        ]

    def folder_of(self, year: int) -> Path:
        """Return where a year is, or would be, remembered."""
        assert self.folder is not None
        return self.folder / str(year)


def _standard_error(row: Row) -> float | None:
    error: float | None = json.loads(row["diagnostics"] or "{}").get("standard_error_sd")
    return error


def own_catalogue(memory: Memory, year: int) -> Path | None:
    """Return the catalogue that a year before the latest was run by; None where it is not remembered.

    The latest year's is not frozen: it is still being worked on.

    Raises:
        StoreError: this version of Virker cannot read it.
    """
    own = memory.catalogue(year)
    if own is None or year == memory.years[-1]:
        return None
    try:
        load_catalogue(own)
    except CatalogueError as error:
        message = (
            f"kataloget fra dengang (Virker {memory.manifest(year)['virker_version']}) kan ikke læses af "
            "denne udgave. Angiv det nuværende med --catalogue: så står det som en ændret metode"
        )
        raise StoreError([Problem(f"{year}", message), *error.problems]) from error
    return own


def of(store: Store) -> Memory:
    """Return what the version shown remembers."""
    current = store.current()
    return Memory(None if current is None else current / FOLDER)


def freeze(catalogue: Path, build: Path, year: int) -> Path:
    """Copy a catalogue's files, what it extends too, into the memory being built; return the folder."""
    frozen = build / FOLDER / str(year) / CATALOGUE
    for name, path in sorted(catalogue_files(catalogue).items()):
        (frozen / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, frozen / name)
    return frozen


def carry_over(earlier: Memory, build: Path, year: int) -> None:
    """Take every other remembered year along."""
    for other in earlier.years:
        if other != year:
            shutil.copytree(earlier.folder_of(other), build / FOLDER / str(other), copy_function=_link)


def _link(source: str, target: str) -> None:
    """A second name for a file that nobody changes; a copy where the file system has none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def keep(build: Path, year: int) -> None:
    """Put what this run has published, and its manifest, beside the catalogue it was made by."""
    remembered, published = build / FOLDER / str(year), build / "published"
    effect = pq.read_table(published / f"{EFFECT}.parquet")
    is_kept = pc.and_(pc.fill_null(effect["is_primary"], False), pc.equal(effect["population"], "window"))
    pq.write_table(effect.filter(is_kept), remembered / f"{EFFECT}.parquet", compression="zstd")
    shutil.copyfile(published / f"{RECOMMENDATION}.parquet", remembered / f"{RECOMMENDATION}.parquet")
    shutil.copyfile(build / MANIFEST, remembered / MANIFEST)


def reference_rows(earlier: Memory, frozen: Path, year: int, version: str) -> dict[str, list[Row]]:
    """Return the rows of `ref.remembered_year` and `ref.remembered_recommendation`, of the years before.

    `frozen` is this run's own catalogue, `version` its Virker: what differs from them is a change of method.
    """
    years = [other for other in earlier.years if other < year]
    now = read_content(frozen) if years else {}
    of_years, lines = [], []
    for other in years:
        manifest = earlier.manifest(other)
        of_years.append(
            {
                "year": other,
                "reference_date": manifest["reference_date"],
                "catalogue_sha256": manifest["catalogue_sha256"],
                "is_previous": other == years[-1],
            }
        )
        then = read_content(earlier.folder_of(other) / CATALOGUE)
        software = (
            []
            if manifest["virker_version"] == version
            else [f"Virkers udgave ({manifest['virker_version']} → {version})"]
        )
        for line in earlier.lines(other):
            parts = [*changed_parts(then, now, line["intervention_id"]), *software]
            lines.append(line | {"method_changed": _told(parts)})
    return {"remembered_year": of_years, "remembered_recommendation": lines}


def method_changes(earlier: Memory, catalogue: Path, year: int) -> str | None:
    """Return what a catalogue changes for any intervention since a remembered year's own, or None.

    Raises:
        CatalogueError: the catalogue has mistakes.
    """
    own = earlier.catalogue(year)
    if own is None:
        return None
    interventions = load_catalogue(catalogue).interventions
    then, now = read_content(own), read_content(catalogue)
    parts = [part for one in interventions for part in changed_parts(then, now, one.id)]
    return _told(list(dict.fromkeys(parts)))


def _told(parts: list[str]) -> str | None:
    more = len(parts) - NAMED_PARTS
    told = parts[:NAMED_PARTS] + ([f"og {more} ændring{'er' if more > 1 else ''} mere"] if more > 0 else [])
    return "; ".join(told) or None


def previous_lines(connection: duckdb.DuckDBPyConnection) -> dict[str, Row]:
    """Return, by intervention, what the latest year before recommended on its primary outcome, and why.

    `redesigned_date` is of the latest redesign decided on that year's recommendation or a later one: what was
    found before it was found of another intervention.
    """
    rows = connection.execute(
        """
        SELECT
            line.intervention_id, line.outcome_id, line.design, line.comparator, line.year,
            line.rule_id AS recommendation, line.would_be_rule_id AS would_be,
            line.n, line.estimate_sd, line.standard_error_sd,
            MAX(decision.decided_date) AS redesigned_date
        FROM ref.remembered_recommendation AS line
        INNER JOIN ref.remembered_year AS remembered ON line.year = remembered.year
        CROSS JOIN ref.run AS run
        LEFT JOIN staging.decision AS decision
            ON
                line.intervention_id = decision.intervention_id
                AND decision.recommendation_year >= line.year
                AND decision.decided = 'redesign'
                AND decision.decided_date <= run.reference_date
        WHERE remembered.is_previous
        GROUP BY ALL
        """
    ).to_arrow_table()
    return {row.pop("intervention_id"): row for row in rows.to_pylist()}
