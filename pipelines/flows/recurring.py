"""The three jobs that come again: the year's evaluation, the quarter's follow-up, the month's check.

Each takes folders and, to catch up, the time it was due; without it the time it was scheduled for counts.
What a job needs is imported when it runs: `virker serve` holds this module for months.
"""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run as current
from prefect.states import Completed

from pipelines.errors import Problem, QualityError, VirkerError, place_of
from pipelines.flows import Job
from pipelines.flows.due import CHECKED, FOLLOW_UP, JOB_DA, ZONE, is_done, reporting_year
from pipelines.flows.notice import Notice, StepError, give, reason_da
from pipelines.publication import Store

if TYPE_CHECKING:
    from pipelines.expectations import CheckResult
    from pipelines.run import StepCount

CATALOGUE = str(Path(__file__).parents[2] / "catalogue")
# A share that is away at night is often back within the hour.
DELAYS_SECONDS = (60.0, 300.0, 1800.0)


def _tell(flow: Any, flow_run: Any, state: Any) -> None:
    job: Job = next(name for name, known in FLOWS.items() if known.name == flow.name)
    given = flow_run.parameters
    when = _due(given.get("due"), flow_run.expected_start_time)
    error = state.result(raise_on_failure=False) if state.is_failed() else None
    why = reason_da(error) if isinstance(error, BaseException) else "Kørslen blev afbrudt udefra."
    year = reporting_year(job, when.date())
    give(Notice(job, year, datetime.now(ZoneInfo(ZONE)), why), Path(given["out"]))


@flow(name=JOB_DA["annual"], persist_result=False, on_failure=[_tell], on_crashed=[_tell])
def annual(extracts: str, out: str, catalogue: str = CATALOGUE, due: str | None = None) -> Any:
    """Evaluate the year before the one it is."""
    return _evaluate("annual", Path(extracts), Path(out), Path(catalogue), due)


@flow(name=JOB_DA["quarterly"], persist_result=False, on_failure=[_tell], on_crashed=[_tell])
def quarterly(extracts: str, out: str, catalogue: str = CATALOGUE, due: str | None = None) -> Any:
    """Follow the year up so far, in a folder of its own: the yearly report stays as it is."""
    return _evaluate("quarterly", Path(extracts), Path(out), Path(catalogue), due)


@flow(name=JOB_DA["monthly"], persist_result=False, on_failure=[_tell], on_crashed=[_tell])
def monthly(extracts: str, out: str, catalogue: str = CATALOGUE, due: str | None = None) -> Any:
    """Check the extracts; only the outcome is kept."""
    when = _due(due, current.scheduled_start_time)
    if is_done("monthly", Path(out), when):
        return _done_already()
    return _check(Path(extracts), Path(out), Path(catalogue), reporting_year("monthly", when.date()))


FLOWS: dict[Job, Any] = {"annual": annual, "quarterly": quarterly, "monthly": monthly}


def _due(due: str | None, scheduled: datetime) -> datetime:
    return (datetime.fromisoformat(due) if due else scheduled).astimezone(ZoneInfo(ZONE))


def _done_already() -> Any:
    return Completed(message="Allerede gjort, siden det var tid: intet at gøre.")


def _evaluate(job: Job, extracts: Path, out: Path, catalogue: Path, due: str | None) -> Any:
    when = _due(due, current.scheduled_start_time)
    if is_done(job, out, when):
        return _done_already()
    from pipelines.expectations import Checker

    try:
        # Started before anything else is imported: its own imports are the longest wait of a run.
        with Checker() as checker:
            from pipelines.extracts import default_key_file
            from pipelines.flows.artifacts import show
            from pipelines.flows.evaluation import as_tasks
            from pipelines.run import Request, perform

            year, is_follow_up = reporting_year(job, when.date()), job == "quarterly"
            place, follows = (out / FOLLOW_UP, out) if is_follow_up else (out, None)
            Store(out).require("statistics")
            request = Request(extracts, year, catalogue, place, follows=follows)
            key_file = Path(os.environ.get("VIRKER_KEY_FILE") or default_key_file("statistics"))
            perform(request, key_file, checker, _progress(job, year), as_tasks(delays=DELAYS_SECONDS))
            show(job, request)
    except (VirkerError, StepError):
        raise
    except Exception as error:
        raise StepError(place_of(error)) from None
    return None


def _progress(job: Job, year: int) -> Any:
    def show(name: str, count: "StepCount", seconds: float) -> None:
        elapsed = f"{seconds:.1f}".replace(".", ",")
        print(f"{JOB_DA[job]} {year}: {name} ({elapsed} s)", file=sys.stderr, flush=True)

    return show


def _check(extracts: Path, out: Path, catalogue: Path, year: int) -> None:
    from pipelines.flows.artifacts import as_row, show_checks
    from pipelines.flows.evaluation import is_away

    results = task(
        name="Læser og kontrollerer udtræk",
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=len(DELAYS_SECONDS),
        retry_delay_seconds=list(DELAYS_SECONDS),
        retry_condition_fn=is_away,
    )(_checked)(extracts, catalogue, year)
    rows = [as_row(result) for result in results]
    show_checks("monthly-datakvalitet", rows)
    _keep_check(out, year, rows)
    failed = [r for r in results if r.status == "failed" and r.severity == "error"]
    if failed:
        raise QualityError([Problem(r.check_id, r.message_da) for r in failed])


def _checked(extracts: Path, catalogue: Path, year: int) -> "tuple[CheckResult, ...]":
    from pipelines.catalogue import load_catalogue
    from pipelines.expectations import Checker

    try:
        with Checker() as checker:
            from pipelines.raw import check_extracts

            _, results = check_extracts(extracts, load_catalogue(catalogue), year, checker)
    except VirkerError:
        raise
    except Exception as error:
        raise StepError(place_of(error)) from None
    return results


def _keep_check(out: Path, year: int, rows: list[dict[str, Any]]) -> None:
    checked = {"checked_at": datetime.now(UTC).isoformat(), "reporting_year": year, "results": rows}
    path = out / CHECKED
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(checked, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(new, path)
