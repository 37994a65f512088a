"""A run as a Prefect flow: one task per step, seen and timed in Prefect's own page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prefect import flow, task

from pipelines.errors import UnreachableError, VirkerError, place_of
from pipelines.expectations import Checker
from pipelines.flows.artifacts import show
from pipelines.flows.notice import StepError
from pipelines.flows.server import reachable
from pipelines.run import Invoke, Progress, Request, Run, Step, StepCount, perform


def evaluate(request: Request, key_file: Path, checker: Checker, progress: Progress) -> None:
    """Run :func:`pipelines.run.perform` under Prefect; same result, same errors."""
    faults: list[Exception] = []

    # Prefect stores a flow's parameters: only paths and the year are named, never data.
    @flow(name=f"virker-{request.reporting_year}", persist_result=False, validate_parameters=False)
    def evaluation(extracts: str, reporting_year: int, out: str) -> None:
        perform(request, key_file, checker, progress, invoke=as_tasks(faults=faults))
        show("run", request)

    with reachable():
        try:
            evaluation(str(request.extracts), request.reporting_year, str(request.out))
        except StepError:
            raise faults[-1] from None


def as_tasks(*, delays: Sequence[float] = (), faults: list[Exception] | None = None) -> Invoke:
    """Return how a step is called as a task.

    Extracts that cannot be reached are asked for again after each of `delays` (seconds). Prefect keeps the
    text of an error; of an unexpected one it gets the place alone, and `faults` the error itself.
    """

    def invoke(name: str, step: Step, run: Run) -> StepCount:
        def whole() -> StepCount:
            try:
                return step(run)
            except VirkerError:
                raise
            except Exception as error:
                if faults is not None:
                    faults.append(error)
                raise StepError(place_of(error)) from None

        done: StepCount = task(
            name=name,
            # A step that an earlier run of the same build has done shows as cached.
            cache_key_fn=lambda *_: f"{run.id}-{step.__name__}",
            persist_result=True,
            retries=len(delays),
            retry_delay_seconds=list(delays),
            retry_condition_fn=is_away,
        )(whole)()
        return done

    return invoke


def is_away(task: Any, task_run: Any, state: Any) -> bool:
    """Whether a task failed because the extracts could not be reached."""
    return isinstance(state.result(raise_on_failure=False), UnreachableError)
