"""The `virker` command. Heavy imports wait until a command needs them."""

import json
import os
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines import __version__
from pipelines.errors import Problem, StoreError, VirkerError
from pipelines.flows import JOBS, Job
from pipelines.publication import PURPOSES, Purpose, Store

# Many small matrices: numpy's threads would only wait for each other (design D3: 9 s of CPU became 3).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if TYPE_CHECKING:
    from pipelines.expectations import Checker
    from pipelines.run import Progress, Request, StepCount

CHECKOUT = Path(__file__).parents[1]
DEMO_YEAR = 2025
DEMO_SEED = 20251231
QUICK_REPLICATIONS = 12
FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

INSPECTED_DA = {
    "name": "Fil",
    "source_ids": "Passer til kilde",
    "encoding": "Tegnsæt",
    "delimiter": "Skilletegn",
    "decimal_sign": "Decimaltegn",
    "date_format": "Datoformat",
    "header_line": "Overskrifter i linje",
    "row_count": "Rækker",
    "wrong_line_count": "Rækker, der ikke kan deles",
    "headers": "Kolonner",
    "ignored_columns": "Kolonner, der ikke læses",
    "notes_da": "Bemærkninger",
}

catalogue_option = click.option(
    "--catalogue",
    type=FOLDER,
    default=CHECKOUT / "catalogue",
    show_default="catalogue/",
    help="Katalogmappe.",
)
out_option = click.option(
    "--out", type=FOLDER, default=CHECKOUT, show_default="projektmappen", help="Mappe til data/ og reports/."
)
key_option = click.option(
    "--key",
    "key_file",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="VIRKER_KEY_FILE",
    help="Nøglefil til pseudonymer. Laves første gang; skal ligge uden for data. [VIRKER_KEY_FILE]",
)
direct_option = click.option("--direct", is_flag=True, help="Kør uden Prefect (hurtigere, samme resultat).")
report_option = click.option("--report/--no-report", "with_report", default=True, help="Skriv rapporten.")
purpose_option = click.option(
    "--purpose",
    type=click.Choice(PURPOSES),
    default="statistics",
    show_default=True,
    help="Hvad data skal bruges til: statistik (marts og rapport) eller sagsbehandling (én borgers side). "
    "Gælder for mappen --out for altid.",
)


class DanishErrors(click.Group):
    """Prints what the analyst can mend, without a traceback, and ends with exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; errors of Virker's own become a message and exit code 1."""
        try:
            return super().invoke(ctx)
        except VirkerError as error:
            click.echo(str(error), err=True)
            ctx.exit(1)


@click.group(
    cls=DanishErrors, help="Virker: hvilke indsatser hjælper hvilke borgere, og hvor sikkert ved vi det?"
)
@click.version_option(__version__, prog_name="virker")
def main() -> None:
    """Entry point."""


@main.command(epilog="Eksempel: virker demo --out C:\\virker-demo")
@out_option
@key_option
@direct_option
@report_option
@purpose_option
def demo(out: Path, key_file: Path | None, direct: bool, with_report: bool, purpose: Purpose) -> None:
    """Lav en opdigtet kommunes udtræk, og kør det hele på dem."""
    from pipelines.expectations import Checker

    raw, truth, catalogue = out / "data" / "raw", out / "data" / "truth", CHECKOUT / "examples" / "demo"
    if not (truth / "truth.json").exists() and raw.is_dir() and any(raw.iterdir()):
        message = "mappen har allerede filer, som demoen ikke har lavet. Vælg en anden mappe med --out"
        raise StoreError([Problem(str(raw), message)])
    Store(out).require(purpose)
    with Checker() as checker:
        from pipelines.catalogue import load_catalogue
        from pipelines.demo import write_demo
        from pipelines.run import Request

        write_demo(
            raw,
            truth,
            load_catalogue(catalogue),
            seed=DEMO_SEED,
            reporting_year=DEMO_YEAR,
            for_casework=purpose == "casework",
        )
        click.echo(f"Demo-udtræk ligger i {raw}", err=True)
        _run(Request(raw, DEMO_YEAR, catalogue, out, with_report, purpose), key_file, checker, direct)


@main.command(epilog="Eksempel: virker run --extracts data/raw --year 2025")
@click.option("--extracts", type=FOLDER, required=True, help="Mappe med udtræk.")
@click.option("--year", type=click.IntRange(1990, 2200), required=True, help="Rapportår.")
@catalogue_option
@out_option
@key_option
@direct_option
@report_option
@purpose_option
def run(
    extracts: Path,
    year: int,
    catalogue: Path,
    out: Path,
    key_file: Path | None,
    direct: bool,
    with_report: bool,
    purpose: Purpose,
) -> None:
    """Kør det hele: læs, pseudonymisér, kontrollér, beregn, skriv marts og rapport."""
    from pipelines.expectations import Checker

    Store(out).require(purpose)
    # Started before anything else is imported: its own imports are the longest wait of a run.
    with Checker() as checker:
        from pipelines.run import Request

        if purpose == "statistics":
            catalogue = catalogue_of_year(Store(out), year, catalogue)
        _run(Request(extracts, year, catalogue, out, with_report, purpose), key_file, checker, direct)


@main.command(epilog='Eksempel: virker person --out sager --reference "Sag 123"')
@click.option("--out", type=FOLDER, required=True, help="Mappen fra en kørsel med --purpose casework.")
@catalogue_option
@key_option
@click.option(
    "--reference", default="", help="Sagens nummer eller lignende, som skrives på siden. Intet CPR."
)
@click.option("--cpr-stdin", is_flag=True, help="Læs CPR-nummeret fra standard input (til et andet system).")
def person(out: Path, catalogue: Path, key_file: Path | None, reference: str, cpr_stdin: bool) -> None:
    """Skriv siden »Borgerens forløb« om én borger (kun til sagsbehandling). Der spørges om CPR-nummeret."""
    from pipelines.casework import Casework
    from pipelines.extracts import default_key_file

    casework = Casework(out, catalogue, key_file or default_key_file("casework"), reference)
    # Never an argument of the command: the shell and the list of processes would keep it.
    number = sys.stdin.readline() if cpr_stdin else click.prompt("CPR-nummer", hide_input=True, err=True)
    for path in casework.write_page(number):
        click.echo(f"Side: {path}")
    click.echo(
        "Læg siden på sagen: efter næste kørsel er den væk herfra. Kun den, der arbejder med sagen, "
        "og borgeren selv må se siden.",
        err=True,
    )


@main.command(epilog="Eksempel: virker inspect data/raw/indsatser_2025.csv")
@click.argument("file", type=FILE)
@catalogue_option
@click.option("--json", "as_json", is_flag=True, help="Skriv resultatet som JSON.")
def inspect(file: Path, catalogue: Path, as_json: bool) -> None:
    """Vis, hvordan en fil bliver læst: tegnsæt, skilletegn, datoer, kolonner."""
    from pipelines.catalogue import load_catalogue
    from pipelines.extracts import inspect_file

    found = asdict(inspect_file(file, load_catalogue(catalogue)))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        for name, label in INSPECTED_DA.items():
            value = found[name]
            shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
            click.echo(f"{label + ':':<28}{'-' if shown in (None, '') else shown}")
        for problem in found["problems"]:
            click.echo(f"Problem: {problem['where']}: {problem['message_da']}", err=True)
    if found["problems"]:
        click.get_current_context().exit(1)


@main.command(epilog="Eksempel: virker check --extracts data/raw --year 2025")
@click.option("--extracts", type=FOLDER, required=True, help="Mappe med udtræk.")
@click.option("--year", type=click.IntRange(1990, 2200), required=True, help="Rapportår.")
@catalogue_option
def check(extracts: Path, year: int, catalogue: Path) -> None:
    """Læs og kontrollér udtræk uden at gemme noget: afviste rækker, fejl og advarsler."""
    from pipelines.expectations import Checker

    with Checker() as checker:
        from pipelines.catalogue import load_catalogue
        from pipelines.raw import check_extracts

        landing, results = check_extracts(extracts, load_catalogue(catalogue), year, checker)
    # One line per kind of fault: a wrong column of 20,000 rows is one thing to mend.
    kinds: dict[tuple[str, ...], list[int]] = {}
    for reject in landing.rejects.to_pylist():
        kind = (reject["source_file"], reject["column_name"] or "hele rækken", reject["message_da"])
        kinds.setdefault(kind, []).append(reject["source_line"])
    for (file, column, message), lines in kinds.items():
        others = len(lines) - 1
        more = f" og {_danish(others)} {'anden' if others == 1 else 'andre'}" if others else ""
        click.echo(f"Afvist: {file}, linje {lines[0]}{more}, {column}: {message}")
    failed = [r for r in results if r.status == "failed"]
    for result in failed:
        click.echo(f"{'Fejl' if result.severity == 'error' else 'Advarsel'}: {result.message_da}")
    click.echo(f"{len(results) - len(failed)} af {len(results)} kontroller er i orden.")
    if any(r.severity == "error" for r in failed):
        click.get_current_context().exit(1)


@main.command(epilog="Eksempel: virker serve --extracts udtræk --out resultater")
@click.option("--extracts", type=FOLDER, required=True, help="Mappe, hvor udtrækkene bliver leveret.")
@catalogue_option
@out_option
@key_option
@click.option(
    "--schedules",
    type=FILE,
    default=CHECKOUT / "prefect.yaml",
    show_default="prefect.yaml",
    help="Fil med tidsplanerne.",
)
@click.option("--once", type=click.Choice(JOBS), help="Gør én ting nu, og stop.")
@click.option("--due", is_flag=True, help="Gør det, der er forfaldent og ikke gjort, og stop.")
def serve(
    extracts: Path,
    catalogue: Path,
    out: Path,
    key_file: Path | None,
    schedules: Path,
    once: Job | None,
    due: bool,
) -> None:
    """Kør af sig selv: evaluering hvert år, opfølgning hvert kvartal, datakontrol hver måned."""
    if once and due:
        raise click.UsageError("--once og --due kan ikke bruges sammen")
    from datetime import UTC, datetime

    from pipelines.catalogue import load_catalogue
    from pipelines.flows.due import overdue, read_schedules

    # What is wrong is told now, and not on 1 February.
    Store(out).require("statistics")
    load_catalogue(catalogue)
    planned = read_schedules(schedules)
    jobs = [(once, None)] if once else overdue(planned, out, datetime.now(UTC)) if due else None
    if jobs == []:
        click.echo("Intet er forfaldent.", err=True)
        return
    if key_file:
        # The jobs run in processes of their own.
        os.environ["VIRKER_KEY_FILE"] = str(key_file.absolute())
    click.echo("Starter Prefect (10-20 sekunder)", err=True)
    from pipelines.flows import service

    folders = service.Folders(extracts, out, catalogue)
    say = partial(click.echo, err=True)
    if jobs is None:
        service.serve(folders, planned, say)
    elif not service.once(folders, jobs, say):
        click.get_current_context().exit(1)


@main.command(epilog="Eksempel: virker calibrate --quick")
@click.option("--quick", is_flag=True, help=f"{QUICK_REPLICATIONS} gentagelser i stedet for mange: en prøve.")
@click.option(
    "--replications",
    type=click.IntRange(min=2),
    default=2000,
    show_default=True,
    help="Gentagelser af hver opdigtet verden.",
)
@click.option("--seed", type=click.IntRange(min=0), default=20261122, show_default=True, help="Frø.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    help="Processer. Tallene er de samme, uanset hvor mange.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Fil til siden (Markdown).")
@click.option("--json", "as_json", is_flag=True, help="Skriv tallene som JSON.")
@click.option("--only", default="", metavar="BEGYNDELSE", help="Kun de verdener, hvis id begynder sådan.")
@catalogue_option
def calibrate(
    quick: bool,
    replications: int,
    seed: int,
    workers: int,
    out: Path | None,
    as_json: bool,
    only: str,
    catalogue: Path,
) -> None:
    """Prøv metoden på opdigtede borgere, hvor sandheden er kendt. Fejlkode 1, hvis et løfte ikke holder."""
    from pipelines.calibration import bench, cells, page, sections
    from pipelines.catalogue import load_catalogue

    replications = QUICK_REPLICATIONS if quick else replications
    shown = 0

    def show(done: int, total: int) -> None:
        nonlocal shown
        if (percent := 100 * done // total) >= shown + 5:
            shown = percent
            click.echo(f"  {shown} %", err=True)

    worlds = cells(only)
    if not worlds:
        first = sorted({cell.id.partition("/")[0] for cell in cells()})
        names = ", ".join(name for name in first if cells(name))
        raise click.BadParameter(
            f"intet afsnit kan laves af dem alene; prøv en af: {names}", param_hint="--only"
        )
    known = load_catalogue(catalogue)
    setting = {p.id: p.value for p in known.parameters}
    columns = bench.run(worlds, setting, replications=replications, seed=seed, workers=workers, progress=show)
    parts = sections(columns, setting, known.recommendation)
    command = f"virker calibrate --replications {replications} --seed {seed}"
    command += f" --only {only}" if only else " --out docs/calibration.md"
    if as_json:
        found = page.numbers(parts, replications=replications, seed=seed)
        click.echo(json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False))
    text = page.render(parts, replications=replications, seed=seed, command=command)
    if out:
        out.write_text(text, encoding="utf-8")
        click.echo(f"Side: {out}", err=True)
    elif not as_json:
        click.echo(text, nl=False)
    refuted = [claim for part in parts for claim in part.claims if claim.is_fault]
    for claim in refuted:
        click.echo(f"Holder ikke: {claim.text} ({claim.figure})", err=True)
    if refuted:
        click.get_current_context().exit(1)


def _run(request: "Request", key_file: Path | None, checker: "Checker", direct: bool) -> None:
    from pipelines.extracts import default_key_file
    from pipelines.run import perform, steps

    key_file = key_file or default_key_file(request.purpose)
    progress = _progress(len(steps(request)))
    if direct:
        perform(request, key_file, checker, progress)
    else:
        click.echo("Starter Prefect (10-20 sekunder; --direct springer det over)", err=True)
        from pipelines.flows.evaluation import evaluate

        evaluate(request, key_file, checker, progress)
    store = Store(request.out)
    _remark(store, request)
    if request.purpose == "casework":
        click.echo(f"Til sagsbehandling: {store.shown('restricted')}")
        click.echo(f'Én borgers side: virker person --out "{request.out}" --catalogue "{request.catalogue}"')
        return
    click.echo(f"Marts: {store.shown('published').parent}")
    for report in sorted(store.shown("reports").glob("*_*.*")):
        click.echo(f"Rapport: {report}")


def catalogue_of_year(store: Store, year: int, catalogue: Path) -> Path:
    """An earlier year's own catalogue, as the memory has it, unless another was asked for; say which."""
    from pipelines import memory

    remembered = memory.of(store)
    is_asked_for = click.get_current_context().get_parameter_source("catalogue")
    if is_asked_for is not click.core.ParameterSource.DEFAULT:
        if changed := memory.method_changes(remembered, catalogue, year):
            message = f"Med det valgte katalog er metoden en anden end ved kørslen for {year}: {changed}."
            click.echo(message, err=True)
        return catalogue
    own = memory.own_catalogue(remembered, year)
    if own is None:
        return catalogue
    click.echo(f"Bruger kataloget fra kørslen for {year}. Vælg et andet med --catalogue.", err=True)
    # By the known place, which is there after this run too.
    return store.shown(memory.FOLDER) / str(year) / memory.CATALOGUE


def _remark(store: Store, request: "Request") -> None:
    """Say what a reader of the numbers should know: rejected rows and failed checks."""
    import duckdb

    # A row of a wide file may be rejected by several feeds, for several reasons: it is one row all the same.
    lines = "SELECT COUNT(*) FROM (SELECT DISTINCT source_file, source_line FROM reject)"
    with duckdb.connect(store.shown("restricted") / "raw.duckdb", read_only=True) as raw:
        rejected = raw.execute(lines).fetchone()
    if rejected and rejected[0]:
        check = (
            f'virker check --extracts "{request.extracts}" --year {request.reporting_year} '
            f'--catalogue "{request.catalogue}"'
        )
        click.echo(f"Afviste rækker: {_danish(rejected[0])}. Se dem med: {check}", err=True)
    failed = (
        "SELECT message_da FROM quality.check_result WHERE status = 'failed' ORDER BY extract_id, check_id"
    )
    with duckdb.connect(store.shown("restricted") / "warehouse.duckdb", read_only=True) as warehouse:
        for (message,) in warehouse.execute(failed).fetchall():
            click.echo(f"Advarsel: {message}", err=True)


def _progress(total: int) -> "Progress":
    done = 0

    def show(name: str, count: "StepCount", seconds: float) -> None:
        nonlocal done
        done += 1
        rows = f"{_danish(count.rows_in)} ind, {_danish(count.rows_out)} ud"
        elapsed = f"{seconds:.1f}".replace(".", ",")
        click.echo(f"  {done}/{total}  {name:<36}{rows:>28}{elapsed:>8} s", err=True)

    return show


def _danish(number: int) -> str:
    return f"{number:,}".replace(",", ".")


if __name__ == "__main__":
    main()
