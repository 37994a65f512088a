"""`virker serve`: the recurring jobs on Prefect's schedules, and what has been missed caught up."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from filelock import FileLock, Timeout
from prefect.deployments import run_deployment
from prefect.runner import Runner
from prefect.schedules import Cron, Interval
from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_API_PORT

from pipelines.errors import Problem, StoreError, VirkerError
from pipelines.flows import JOBS, Job, recurring, server
from pipelines.flows.due import JOB_DA, ZONE, Schedule, overdue
from pipelines.flows.notice import StepError
from pipelines.publication import Store

Say = Callable[[str], None]


@dataclass(frozen=True)
class Folders:
    """What every job is given: where the extracts come, where results go, and the catalogue."""

    extracts: Path
    out: Path
    catalogue: Path

    def parameters(self, due: datetime | None = None) -> dict[str, Any]:
        """Return them as Prefect keeps them: paths and a time, never data."""
        paths = {name: str(path.absolute()) for name, path in vars(self).items()}
        return paths | ({"due": due.isoformat()} if due else {})


def serve(folders: Folders, schedules: Sequence[Schedule], say: Say) -> None:
    """Keep the schedules until told to stop (Ctrl-C or SIGTERM); first do what has been missed.

    Raises:
        StoreError: the folder is served already, or Prefect's port is taken.
    """
    port = PREFECT_SERVER_API_PORT.value()
    if not PREFECT_API_URL.value() and not server.is_free(port):
        message = (
            "porten er optaget. Kører Prefect der, så sæt PREFECT_API_URL til dens adresse (…/api); "
            "ellers vælg en anden port med PREFECT_SERVER_API_PORT"
        )
        raise StoreError([Problem(f"port {port}", message)])
    with _alone(folders.out), server.reachable(port=port, keeps_schedules=True) as url:
        runner = _Runner(name="virker", limit=1)
        for job in JOBS:
            _add(runner, job, [s for s in schedules if s.job == job], folders)
        say(f"Prefects side: {url.removesuffix('/api')}")
        now = datetime.now(UTC)
        for schedule in schedules:
            say(f"{JOB_DA[schedule.job]}: næste gang {_local(schedule.upcoming(now))}")
        for job, due in overdue(list(schedules), folders.out, now):
            say(f"{JOB_DA[job]}: indhenter {_local(due)}")
            name = f"{recurring.FLOWS[job].name}/{job}"
            run_deployment(name, parameters=folders.parameters(due), timeout=0, as_subflow=False)
        try:
            asyncio.run(runner.start())
        except (KeyboardInterrupt, asyncio.CancelledError):
            say("Stoppet.")


def once(folders: Folders, jobs: Sequence[tuple[Job, datetime | None]], say: Say) -> bool:
    """Do some jobs here and now, one after another; say whether all went well."""
    went_well = True
    with server.reachable():
        for job, due in jobs:
            try:
                recurring.FLOWS[job](**folders.parameters(due))
            except (VirkerError, StepError) as error:
                say(str(error))
                went_well = False
    return went_well


class _Runner(Runner):
    """Prefect's runner, which on SIGTERM ends as by Ctrl-C: its own way leaves from within its loop."""

    async def start(self, run_once: bool = False, webserver: bool | None = None) -> None:
        self._waiting = asyncio.current_task()
        await super().start(run_once, webserver)

    def handle_sigterm(self, *args: Any, **kwargs: Any) -> None:
        assert self._waiting is not None
        self._waiting.get_loop().call_soon_threadsafe(self._waiting.cancel)


def _add(runner: Runner, job: Job, schedules: Sequence[Schedule], folders: Folders) -> None:
    flow = recurring.FLOWS[job]
    runner.add_flow(
        flow,
        name=job,
        description=flow.description,
        parameters=folders.parameters(),
        schedules=[_prefects(schedule) for schedule in schedules],
        paused=False,
    )


def _prefects(schedule: Schedule) -> Any:
    if schedule.cron is not None:
        return Cron(schedule.cron, timezone=schedule.timezone)
    assert schedule.interval is not None
    return Interval(schedule.interval, anchor_date=schedule.anchor_date, timezone=schedule.timezone)


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Hold the folder as its only service; the lock dies with its process."""
    marts = Store(out).marts
    marts.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(marts / ".serving", timeout=0):
            yield
    except Timeout:
        message = "virker serve kører allerede for mappen. Stop den, eller vælg en anden --out"
        raise StoreError([Problem(str(out), message)]) from None


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(ZONE)):%d-%m-%Y kl. %H.%M}"
