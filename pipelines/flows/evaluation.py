"""A run as a Prefect flow: one task per step, seen and timed in Prefect's own page."""

from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from pipelines.expectations import Checker
from pipelines.run import Progress, Request, Run, Step, StepCount, perform


def evaluate(request: Request, key_file: Path, checker: Checker, progress: Progress) -> None:
    """Run :func:`pipelines.run.perform` under Prefect; same result, same errors."""

    # Prefect stores a flow's parameters: only paths and the year are named, never data.
    @flow(name=f"virker-{request.reporting_year}", persist_result=False, validate_parameters=False)
    def evaluation(extracts: str, reporting_year: int, out: str) -> None:
        perform(request, key_file, checker, progress, invoke=_as_task)

    evaluation(str(request.extracts), request.reporting_year, str(request.out))


def _as_task(name: str, step: Step, run: Run) -> StepCount:
    count: StepCount = task(name=name, cache_policy=NO_CACHE, persist_result=False)(step)(run)
    return count
