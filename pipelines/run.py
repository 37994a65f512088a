"""One run: from delivered extracts to a published version, as a list of plain steps.

`virker run --direct` calls the steps one after another; the Prefect flow wraps each in a task.
A step takes the :class:`Run` and returns the rows that went in and came out.
"""

import functools
import importlib
import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import __version__, disclosure, estimation, memory, recommendation, resume
from pipelines.catalogue import Catalogue, load_catalogue
from pipelines.catalogue.load import catalogue_files
from pipelines.errors import ExtractError, Problem, QualityError, StoreError, VirkerError
from pipelines.expectations import Checker
from pipelines.extracts import Key, Landing, delivered_hashes, load_key, read_extracts
from pipelines.publication import BUILDING, Purpose, Store
from pipelines.raw import land, reaches_year_end, reference_date
from pipelines.warehouse import ladder, reference

RAW, WAREHOUSE = "raw.duckdb", "warehouse.duckdb"
# Casework looks at one person at a time: nothing is counted across persons.
COUNTING_LAYERS: dict[Purpose, tuple[str, ...]] = {
    "statistics": ("staging", "individual", "intervention", "strategy"),
    "casework": ("staging", "individual"),
}


@dataclass(frozen=True)
class Request:
    """What was asked for: plain values only, so that an orchestrator may show and store it.

    `follows` is the folder of the yearly results that a run in the middle of a year follows up: their key
    and their memory are its own, and its figures are preliminary.
    """

    extracts: Path
    reporting_year: int
    catalogue: Path
    out: Path
    with_report: bool = True
    purpose: Purpose = "statistics"
    follows: Path | None = None

    @property
    def earlier(self) -> Store:
        """The store that remembers the years before."""
        return Store(self.follows or self.out)


@dataclass
class Run:
    """A run under way: its request, its tools, and what it has learnt so far."""

    request: Request
    catalogue: Catalogue
    key: Key
    store: Store
    build: Path
    checker: Checker
    progress: resume.Progress
    frozen_catalogue: Path | None = None
    reference_date: date | None = None
    steps: list[dict[str, Any]] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """What the version is called, and its build before it."""
        return self.build.name.removeprefix(BUILDING)

    @property
    def restricted(self) -> Path:
        """The folder of what only the municipality's analysts may open."""
        return self.build / "restricted"

    def note(self, table: str, rows_in: Mapping[str, int], row_count: int) -> None:
        """Write one made table into the manifest: rows in every table it read, and in it."""
        self.tables.append({"table": table, "rows_in": dict(rows_in), "rows_out": row_count})

    def warehouse(self) -> duckdb.DuckDBPyConnection:
        """Open the warehouse with the raw tables attached read-only; the caller closes it."""
        connection = duckdb.connect(self.restricted / WAREHOUSE)
        # Looking for the best compression takes longer than writing twice the bytes.
        connection.execute("SET force_compression = 'uncompressed'")
        raw = str(self.restricted / RAW).replace("'", "''")
        connection.execute(f"ATTACH '{raw}' AS raw (READ_ONLY)")
        return connection


@dataclass(frozen=True)
class StepCount:
    """Rows into and out of a step, for the progress display."""

    rows_in: int
    rows_out: int


def read(run: Run) -> StepCount:
    """Read, check row by row and pseudonymise the extracts; land them in `raw.duckdb`."""
    landing = read_extracts(run.request.extracts, run.catalogue, run.key)
    _refuse_statistics_only(run, landing)
    run.files = [asdict(f) for f in landing.files]
    land(landing, run.restricted / RAW)
    run.reference_date = reference_date(run.restricted / RAW, run.catalogue, run.request.reporting_year)
    _start_checks(run)
    counts = [feed for f in landing.files for feed in f.feeds]
    return StepCount(sum(c.row_count for c in counts), sum(c.kept_count for c in counts))


def count(run: Run) -> StepCount:
    """Build the ladder's rungs up to the sufficient statistics."""
    assert run.reference_date is not None
    year = run.request.reporting_year
    remembered: dict[str, list[dict[str, Any]]] = {}
    if run.frozen_catalogue is not None:
        earlier = memory.of(run.request.earlier)
        remembered = memory.reference_rows(earlier, run.frozen_catalogue, year, __version__)
    with run.warehouse() as connection:
        reference.load_reference(connection, run.catalogue, year, run.reference_date, remembered)
        return _build(run, connection, COUNTING_LAYERS[run.request.purpose])


def check(run: Run) -> StepCount:
    """Wait for the data checks; a failed check of severity error stops the run.

    Raises:
        QualityError: with every failed error.
    """
    assert run.reference_date is not None
    # Arrow's conversions from here on import pandas; the wait for the verdict is the time for it.
    importlib.import_module("pandas")
    year_end = reaches_year_end(run.reference_date, run.request.reporting_year)
    results = (*run.checker.verdict(), year_end)
    failed = [r for r in results if r.status == "failed" and r.severity == "error"]
    if failed:
        raise QualityError([Problem(r.check_id, r.message_da) for r in failed])
    with run.warehouse() as connection:
        connection.execute("CREATE SCHEMA quality")
        rows = pa.Table.from_pylist([asdict(r) for r in results])
        reference.create_table(connection, "quality.check_result", rows)
    return StepCount(len(results), sum(r.status == "failed" for r in results))


def estimate(run: Run) -> StepCount:
    """Infer from the counts, and lay the marts."""
    with run.warehouse() as connection:
        for table, (rows_in, row_count) in estimation.estimate(connection).items():
            run.note(table, rows_in, row_count)
        previous = {
            intervention_id: recommendation.Previous(**line)
            for intervention_id, line in memory.previous_lines(connection).items()
        }
        made = recommendation.recommend(connection, run.catalogue, previous)
        for table, (rows_in, row_count) in made.items():
            run.note(table, rows_in, row_count)
        return _build(run, connection, ("marts",))


def publish(run: Run) -> StepCount:
    """Write restricted marts as they are, and the published ones through the small-cell gate."""
    with run.warehouse() as connection:
        marts = {m.id: _mart(connection, m.id, m.grain) for m in run.catalogue.marts}
    published = {m.id: marts[m.id] for m in run.catalogue.marts if m.is_published}
    gated = disclosure.gate(published, run.catalogue)
    for mart in run.catalogue.marts:
        folder, table = ("published", gated[mart.id]) if mart.is_published else ("restricted", marts[mart.id])
        pq.write_table(table, run.build / folder / f"{mart.id}.parquet", compression="zstd")
        run.note(f"{folder}.{mart.id}", {f"marts.{mart.id}": marts[mart.id].num_rows}, table.num_rows)
    return StepCount(sum(t.num_rows for t in marts.values()), sum(t.num_rows for t in gated.values()))


def report(run: Run) -> StepCount:
    """Render every product from the published marts."""
    from pipelines.reports import PRODUCTS

    made = (run.build / "published", _manifest(run), run.catalogue, run.build / "reports")
    files = [path for build in PRODUCTS for path in build(*made)]
    return StepCount(0, len(files))


def switch(run: Run) -> StepCount:
    """Write the manifest and let the finished version take the old one's place."""
    _private(run.restricted)
    manifest = json.dumps(_manifest(run), ensure_ascii=False, indent=1)
    (run.build / "manifest.json").write_text(manifest, encoding="utf-8")
    if run.frozen_catalogue is not None:
        memory.keep(run.build, run.request.reporting_year)
        memory.carry_over(memory.of(run.request.earlier), run.build, run.request.reporting_year)
    run.build = run.store.publish(run.build)
    return StepCount(0, len(run.steps))


Step = Callable[[Run], StepCount]


def steps(request: Request) -> list[tuple[str, Step]]:
    """Return the steps of a run in order, each with the Danish name its progress shows."""
    every: list[tuple[str, Step]] = [
        ("Læser og pseudonymiserer udtræk", read),
        ("Tæller i databasen", count),
        ("Kontrollerer data", check),
        ("Beregner udvikling og usikkerhed", estimate),
        ("Skjuler små tal og skriver marts", publish),
        ("Skriver rapporten", report),
        ("Tager den nye udgave i brug", switch),
    ]
    if request.purpose == "casework":
        return [s for s in every if s[1] in (read, count, check, switch)]
    return [s for s in every if s[1] is not report or request.with_report]


Invoke = Callable[[str, Step, Run], StepCount]
Progress = Callable[[str, StepCount, float], None]


def directly(name: str, step: Step, run: Run) -> StepCount:
    """Call a step without an orchestrator."""
    return step(run)


def perform(
    request: Request, key_file: Path, checker: Checker, progress: Progress, invoke: Invoke = directly
) -> None:
    """Do the whole job: when it returns, the new version is the one shown.

    Whatever goes wrong, the version shown before stays as it was. What an unexpected failure had finished
    is kept aside, and the next run of the very same thing goes on from there.

    Raises:
        VirkerError: with everything the analyst can mend.
    """
    catalogue = load_catalogue(request.catalogue)
    store = Store(request.out)
    with store.locked():
        store.require(request.purpose)
        _refuse_statistics_extracts(request)
        key = _key(key_file, request, store)
        run = _resumed(request, catalogue, key, store, checker)
        try:
            if run is None:
                run = _begun(request, catalogue, key, store, checker)
            before = {step["step"]: StepCount(step["rows_in"], step["rows_out"]) for step in run.steps}
            for name, step in steps(request):
                is_before = step.__name__ in before
                started = time.perf_counter()
                rows = invoke(name, _recalled(step, before) if is_before else _noted(step), run)
                progress(f"{name} (fra før)" if is_before else name, rows, time.perf_counter() - started)
        except VirkerError:
            # What the analyst can mend is not mended by going on.
            _sweep(run)
            raise
        except Exception:
            if run is not None:
                hashes = [(file["name"], file["sha256"]) for file in run.files]
                resume.keep(run.build, run.progress, _fingerprint(request, catalogue, key, hashes))
            raise
        except BaseException:
            _sweep(run)
            raise


def _begun(request: Request, catalogue: Catalogue, key: Key, store: Store, checker: Checker) -> Run:
    started_at = datetime.now(UTC)
    run_id = f"{request.reporting_year}-{started_at:%Y%m%dT%H%M%S}-{os.getpid()}"
    build = store.begin(run_id, request.purpose)
    run = Run(request, catalogue, key, store, build, checker, resume.Progress(started_at))
    if request.purpose == "statistics":
        _use_frozen(run, memory.freeze(request.catalogue, build, request.reporting_year))
    return run


def _resumed(request: Request, catalogue: Catalogue, key: Key, store: Store, checker: Checker) -> Run | None:
    """Take up the run that a failed one left, if it is of the very same thing."""
    for build in resume.unfinished(store):
        hashes = delivered_hashes(request.extracts, catalogue)
        progress = resume.take_up(
            build, build / "restricted" / WAREHOUSE, _fingerprint(request, catalogue, key, hashes)
        )
        if progress is None:
            continue
        run = Run(
            request, catalogue, key, store, build, checker, progress, reference_date=progress.reference_date
        )
        run.steps, run.tables, run.files = list(progress.steps), list(progress.tables), list(progress.files)
        if request.purpose == "statistics":
            _use_frozen(run, build / memory.FOLDER / str(request.reporting_year) / memory.CATALOGUE)
        if check.__name__ not in [step["step"] for step in run.steps]:
            _start_checks(run)
        return run
    return None


def _sweep(run: Run | None) -> None:
    if run is not None:
        shutil.rmtree(run.build, ignore_errors=True)


def _noted(step: Step) -> Step:
    """The step, and with it the note of what is made when it has ended."""

    @functools.wraps(step)
    def noted(run: Run) -> StepCount:
        started = time.perf_counter()
        rows = step(run)
        seconds = round(time.perf_counter() - started, 3)
        run.steps.append({"step": step.__name__, **asdict(rows), "seconds": seconds})
        if step is not switch:
            paths, relations = resume.made(run.build, run.restricted / WAREHOUSE)
            run.progress = replace(
                run.progress,
                reference_date=run.reference_date,
                steps=tuple(run.steps),
                tables=tuple(run.tables),
                files=tuple(run.files),
                paths=paths,
                relations=relations,
            )
        return rows

    return noted


def _recalled(step: Step, before: Mapping[str, StepCount]) -> Step:
    """A step that an earlier run has done: only its counts are given again."""

    @functools.wraps(step)
    def recalled(run: Run) -> StepCount:
        return before[step.__name__]

    return recalled


def _start_checks(run: Run) -> None:
    assert run.reference_date is not None
    docs = run.restricted / "data_docs"
    shutil.rmtree(docs, ignore_errors=True)
    wanted = docs if run.request.with_report else None
    run.checker.start(run.restricted / RAW, run.catalogue, run.reference_date, wanted)


def _fingerprint(request: Request, catalogue: Catalogue, key: Key, hashes: Sequence[tuple[str, str]]) -> str:
    asked = (request.reporting_year, request.with_report, request.purpose, sorted(_versions().items()))
    return resume.fingerprint(hashes, catalogue, key, (Store(request.out), request.earlier), asked)


def _use_frozen(run: Run, frozen: Path) -> None:
    """Keep to the catalogue as it is now: what is written in it while the run goes on is of the next one."""
    files = catalogue_files(frozen)
    run.catalogue = run.catalogue.model_copy(update={"files": tuple(files[name] for name in sorted(files))})
    run.frozen_catalogue = frozen


def _refuse_statistics_extracts(request: Request) -> None:
    """Casework does not read what lies among the data of a store for statistics."""
    if request.purpose != "casework":
        return
    extracts = request.extracts.resolve()
    for folder in extracts.parents:
        if extracts.is_relative_to(folder / "data") and Store(folder).purpose() == "statistics":
            message = (
                f"udtrækkene ligger blandt data til statistik ({folder}) og må ikke bruges i en sag "
                "(databeskyttelsesloven § 10). Lever dem til sagsbehandling for sig, i en anden mappe"
            )
            raise StoreError([Problem(str(request.extracts), message)])


def _refuse_statistics_only(run: Run, landing: Landing) -> None:
    """Casework keeps nothing of what people told for statistics alone: surveys."""
    if run.request.purpose != "casework":
        return
    barred = {extract.id for extract in run.catalogue.extracts if extract.statistics_only}
    message = (
        "svarene er givet til statistik og må ikke bruges i en sag (databeskyttelsesloven § 10). "
        "Lad filen blive ude af udtrækkene til sagsbehandling"
    )
    files = [f.name for f in landing.files if any(feed.extract_id in barred for feed in f.feeds)]
    if files:
        raise ExtractError([Problem(name, message) for name in files])


def _key(key_file: Path, request: Request, store: Store) -> Key:
    """The pseudonym key; made on the very first run, and the same one ever after."""
    for folder in (request.extracts, request.out / "data", request.out / "reports"):
        if key_file.resolve().is_relative_to(folder.resolve()):
            message = (
                f"nøglen må ikke ligge sammen med data ({folder}). Flyt den, eller vælg en anden med --key"
            )
            raise StoreError([Problem(str(key_file), message)])
    earlier = store.manifest() or request.earlier.manifest()
    key = load_key(key_file, create=earlier is None)
    if request.purpose != "statistics":
        # The same pseudonyms in both stores would let them be joined.
        key = key.derived(request.purpose)
    if earlier is not None and earlier["key_fingerprint"] != key.fingerprint:
        message = (
            "nøglen er en anden end den, de nuværende data er lavet med. Brug den rigtige nøgle, "
            "ellers kan borgere ikke følges fra år til år"
        )
        raise StoreError([Problem(str(key_file), message)])
    return key


def _build(run: Run, connection: duckdb.DuckDBPyConnection, layers: tuple[str, ...]) -> StepCount:
    built = list(ladder.build(connection, ladder.load_models(), layers))
    for table in built:
        run.note(table.name, table.rows_in, table.row_count)
    made = {table.name for table in built}
    rows_in = {name: rows for table in built for name, rows in table.rows_in.items() if name not in made}
    read_within = {name for table in built for name in table.rows_in}
    return StepCount(
        sum(rows_in.values()), sum(table.row_count for table in built if table.name not in read_within)
    )


def _mart(connection: duckdb.DuckDBPyConnection, mart_id: str, grain: tuple[str, ...]) -> pa.Table:
    return connection.execute(f"SELECT * FROM marts.{mart_id} ORDER BY {', '.join(grain)}").to_arrow_table()


def _private(folder: Path) -> None:
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _versions() -> dict[str, str]:
    made_by = ("duckdb", "great-expectations", "numpy", "prefect", "pyarrow", "scipy", "typst")
    return {"python": platform.python_version()} | {name: version(name) for name in made_by}


def _manifest(run: Run) -> dict[str, Any]:
    first, last = reference.assessment_window(run.catalogue, run.request.reporting_year)
    return {
        "run_id": run.id,
        "purpose": run.request.purpose,
        "reporting_year": run.request.reporting_year,
        "is_preliminary": run.request.follows is not None,
        "reference_date": str(run.reference_date),
        "window_start": str(first),
        "window_end": str(last),
        "started_at": run.progress.started_at.isoformat(timespec="seconds"),
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "virker_version": __version__,
        "versions": _versions(),
        "catalogue_sha256": run.catalogue.sha256,
        "parameters": {p.id: p.value for p in run.catalogue.parameters},
        "key_fingerprint": run.key.fingerprint,
        "files": run.files,
        "steps": run.steps,
        "tables": run.tables,
    }
