"""When the recurring jobs are due, for which reporting year, and whether one has been done already.

The schedules stand in `prefect.yaml`. What has been done is read where it was done: the memory's manifests,
the follow-up's own, and the last check. So it makes no difference who did it, or whether the machine was on.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from cronsim import CronSim, CronSimError

from pipelines.errors import Problem, StoreError
from pipelines.flows import JOBS, Job
from pipelines.publication import Store

JOB_DA: Mapping[Job, str] = {
    "annual": "Årlig evaluering",
    "quarterly": "Kvartalsopfølgning",
    "monthly": "Månedlig datakontrol",
}
# A job is about the months before it: on 1 February the annual one is about last year, on 1 May the quarterly
# one about this year. Data of January are there in March.
MONTHS_BACK: Mapping[Job, int] = {"annual": 12, "quarterly": 3, "monthly": 2}
ZONE = "Europe/Copenhagen"
FOLLOW_UP = "followup"
CHECKED = Path("data") / "check.json"


@dataclass(frozen=True)
class Schedule:
    """When one job is due: by `cron`, or (for a trial) every `interval` seconds from `anchor_date`."""

    job: Job
    cron: str | None = None
    interval: float | None = None
    anchor_date: datetime | None = None
    timezone: str = ZONE

    def latest(self, now: datetime) -> datetime | None:
        """Return when the job was last due; None for an interval, which belongs to no date."""
        if self.cron is None:
            return None
        latest: datetime = next(CronSim(self.cron, now.astimezone(ZoneInfo(self.timezone)), reverse=True))
        return latest

    def upcoming(self, now: datetime) -> datetime:
        """Return when the job is due next."""
        if self.cron is None:
            assert self.interval is not None
            first, step = self.anchor_date or now, timedelta(seconds=self.interval)
            return first if first > now else now + step - (now - first) % step
        coming: datetime = next(CronSim(self.cron, now.astimezone(ZoneInfo(self.timezone))))
        return coming


def read_schedules(path: Path) -> list[Schedule]:
    """Read the schedules of a `prefect.yaml`, one job after another.

    Raises:
        StoreError: with every mistake in it.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        deployments = list(content["deployments"])
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        message = f"tidsplanerne kan ikke læses ({type(error).__name__}); se prefect.yaml i projektmappen"
        raise StoreError([Problem(str(path), message)]) from None
    found: list[Schedule] = []
    problems: list[Problem] = []
    for deployment in deployments:
        name = deployment.get("name")
        if name not in JOBS:
            problems.append(Problem(f"{path}: {name}", f"kendes ikke; skal være en af: {', '.join(JOBS)}"))
            continue
        for entry in deployment.get("schedules") or ():
            schedule = _schedule(name, entry)
            if isinstance(schedule, str):
                problems.append(Problem(f"{path}: {name}", schedule))
            else:
                found.append(schedule)
    if problems:
        raise StoreError(problems)
    return found


def _schedule(job: Job, entry: Mapping[str, Any]) -> Schedule | str:
    """Return a schedule, or what is wrong with it."""
    try:
        schedule = Schedule(job, **entry)
        schedule.latest(datetime.now().astimezone())
    except TypeError:
        return "en tidsplan har cron og timezone og ikke andet"
    except CronSimError:
        return f"cron skal være fem felter (minut time dag måned ugedag), ikke {entry['cron']!r}"
    except (KeyError, ValueError):
        return f"tidszonen {entry.get('timezone')!r} findes ikke"
    if (schedule.cron is None) == (schedule.interval is None):
        return "en tidsplan skal have cron"
    return schedule


def reporting_year(job: Job, due: date) -> int:
    """Return the year that a job due on a day is about."""
    return due.year - (due.month <= MONTHS_BACK[job])


def is_done(job: Job, out: Path, due: datetime) -> bool:
    """Whether a job has been done, for the year it is about, since it was due."""
    year = reporting_year(job, due.astimezone(ZoneInfo(ZONE)).date())
    done = {"annual": _evaluated, "quarterly": _followed_up, "monthly": _checked}[job](out, year)
    return done is not None and datetime.fromisoformat(done) >= due


def overdue(schedules: list[Schedule], out: Path, now: datetime) -> list[tuple[Job, datetime]]:
    """Return the jobs whose latest date has passed without their being done, each once."""
    latest: dict[Job, datetime] = {}
    for schedule in schedules:
        if (due := schedule.latest(now)) is not None:
            latest[schedule.job] = max(due, latest.get(schedule.job, due))
    return [(job, due) for job, due in latest.items() if not is_done(job, out, due)]


def _evaluated(out: Path, year: int) -> str | None:
    # Not by pipelines.memory: it would bring a database into a process that only waits.
    if (current := Store(out).current()) is None:
        return None
    manifest = _read(current / "memory" / str(year) / "manifest.json")
    return str(manifest["started_at"]) if manifest else None


def _followed_up(out: Path, year: int) -> str | None:
    manifest = Store(out / FOLLOW_UP).manifest()
    return str(manifest["started_at"]) if manifest and manifest["reporting_year"] == year else None


def _checked(out: Path, year: int) -> str | None:
    checked = _read(out / CHECKED)
    return str(checked["checked_at"]) if checked and checked["reporting_year"] == year else None


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return content
