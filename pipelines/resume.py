"""A run that stopped half-way is taken up again where it stopped, if nothing else has changed since.

A step only adds files and tables. So the state after the last finished step is a list of both: what is
there beyond the list belongs to the step that failed, and goes. An analyst's error (a wrong extract, a
failed check) is not resumed: mending it changes the input.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from pipelines.catalogue import Catalogue
from pipelines.extracts import Key
from pipelines.publication import BUILDING, Store

PROGRESS = "restricted/progress.json"
PACKAGE = Path(__file__).parent
CODE = ((PACKAGE, "*.py"), (PACKAGE.parent / "sql", "*.sql"), (PACKAGE.parent / "reports" / "templates", "*"))


@dataclass(frozen=True)
class Progress:
    """How far a run has come: what it had learnt and made when its last finished step ended."""

    started_at: datetime
    reference_date: date | None = None
    steps: tuple[dict[str, Any], ...] = ()
    tables: tuple[dict[str, Any], ...] = ()
    files: tuple[dict[str, Any], ...] = ()
    paths: tuple[str, ...] = ()
    relations: tuple[tuple[str, str], ...] = ()
    # How many steps were finished when the run was last taken up again.
    resumed_after: int = 0


def made(build: Path, warehouse: Path) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return every path of a build and every table of its warehouse."""
    paths = tuple(sorted(p.relative_to(build).as_posix() for p in build.rglob("*")))
    if not warehouse.exists():
        return paths, ()
    with duckdb.connect(warehouse, read_only=True) as connection:
        return paths, tuple(_relations(connection))


def keep(build: Path, progress: Progress, fingerprint: str) -> bool:
    """Leave a failed run's build for the next run, or sweep it where that would help nothing."""
    if len(progress.steps) <= progress.resumed_after:
        # It stopped where it stopped last time: a fresh start may do better.
        shutil.rmtree(build, ignore_errors=True)
        return False
    kept = {"fingerprint": fingerprint, **asdict(progress)}
    try:
        (build / PROGRESS).write_text(json.dumps(kept, default=str), encoding="utf-8")
    except OSError:  # the disk is full, or the build is already published
        shutil.rmtree(build, ignore_errors=True)
        return False
    return True


def unfinished(store: Store) -> list[Path]:
    """Return the builds that a failed run has left to be taken up again."""
    return sorted(path.parents[1] for path in store.versions.glob(f"{BUILDING}*/{PROGRESS}"))


def take_up(build: Path, warehouse: Path, fingerprint: str) -> Progress | None:
    """Bring a build back to the end of its last finished step; None if it was of something else."""
    kept = json.loads((build / PROGRESS).read_text(encoding="utf-8"))
    # Away before anything is changed: a run killed from here on leaves nothing to be taken up.
    (build / PROGRESS).unlink()
    if kept.pop("fingerprint") != fingerprint:
        return None
    progress = Progress(
        started_at=datetime.fromisoformat(kept["started_at"]),
        reference_date=kept["reference_date"] and date.fromisoformat(kept["reference_date"]),
        **{name: tuple(kept[name]) for name in ("steps", "tables", "files", "paths")},
        relations=tuple((schema, table) for schema, table in kept["relations"]),
        resumed_after=len(kept["steps"]),
    )
    # Deepest first, so that a folder is empty when its turn comes.
    for path in sorted(build.rglob("*"), reverse=True):
        if path.relative_to(build).as_posix() not in progress.paths:
            path.rmdir() if path.is_dir() else path.unlink()
    if warehouse.exists():
        with duckdb.connect(warehouse) as connection:
            _drop(connection, progress.relations)
    return progress


def fingerprint(
    inputs: Sequence[tuple[str, str]], catalogue: Catalogue, key: Key, stores: Sequence[Store], asked: object
) -> str:
    """Return one hash of everything that decides what a run makes.

    `inputs` are the files' names and hashes, `stores` those whose shown version is read, `asked` what
    else was asked for.
    """
    shown = [current.name if (current := store.current()) else None for store in stores]
    content = [list(map(list, inputs)), catalogue.sha256, key.fingerprint, shown, str(asked), _code_hash()]
    return sha256(json.dumps(content).encode()).hexdigest()


def _relations(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    sql = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = CURRENT_DATABASE()"
    return sorted(connection.execute(sql).fetchall())


def _drop(connection: duckdb.DuckDBPyConnection, kept: Sequence[tuple[str, str]]) -> None:
    for schema, table in set(_relations(connection)) - set(kept):
        connection.execute(f'DROP TABLE "{schema}"."{table}"')
    sql = "SELECT schema_name FROM duckdb_schemas() WHERE database_name = CURRENT_DATABASE() AND NOT internal"
    for (schema,) in connection.execute(sql).fetchall():
        if schema not in {s for s, _ in kept}:
            connection.execute(f'DROP SCHEMA "{schema}"')


def _code_hash() -> str:
    code = sha256()
    for folder, pattern in CODE:
        for path in sorted(p for p in folder.rglob(pattern) if p.is_file()):
            code.update(path.read_bytes())
    return code.hexdigest()
