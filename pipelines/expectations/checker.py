"""The verdict on the raw database, from a child process that holds Great Expectations.

Its import takes seconds, so the child starts on it at once while the parent reads files.
"""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from pipelines.expectations.danish import as_number

if TYPE_CHECKING:  # a checker is started before anything that takes time to import
    from pipelines.catalogue import Catalogue
    from pipelines.catalogue.entries import Severity
    from pipelines.expectations.rule import Rule

# -P: a file in the caller's folder must not stand in for a package.
WORKER = (sys.executable, "-P", "-m", "pipelines.expectations.worker")
PACKAGE_ROOT = Path(__file__).parents[2]
# Great Expectations sends no usage data from 1.24 on; this holds for a version that would.
QUIET = {"GX_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}


@dataclass(frozen=True)
class CheckResult:
    """One check's outcome: counts and a Danish message, never a value.

    `failed_count` is of rows out of `row_count`; of columns for the check `types`; and 0 or 1
    for a check of a whole table (`columns`, `not_empty`, `freshness`). A passed check may
    have failed rows where some are allowed (`rejected_share`).
    """

    extract_id: str
    check_id: str
    field_id: str | None
    severity: "Severity"
    status: Literal["passed", "failed"]
    row_count: int
    failed_count: int
    message_da: str


class Checker:
    """A child process that runs the rules; made early, asked once the raw database is there."""

    def __init__(self) -> None:
        """Start the child, which begins importing Great Expectations at once."""
        paths = [str(PACKAGE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115, close() closes it
        self._child = subprocess.Popen(
            WORKER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env={**os.environ, **QUIET, "PYTHONPATH": os.pathsep.join(paths)},
        )
        self._rules: tuple[Rule, ...] = ()

    def start(
        self, raw_database: Path, catalogue: "Catalogue", reference_date: date, data_docs: Path | None
    ) -> None:
        """Ask for the checks of `raw_database` and return without waiting for them.

        With `data_docs`, Great Expectations' own pages are written into that folder.
        `reference_date` is the latest day that the data speak of.
        """
        from pipelines.expectations.facts import read_facts
        from pipelines.expectations.rules import contract_rules

        self._rules = contract_rules(catalogue, read_facts(raw_database, catalogue), reference_date)
        request = {
            "database": str(raw_database.resolve()),
            "data_docs": str(data_docs.resolve()) if data_docs else None,
            "rules": [_for_worker(rule) for rule in self._rules],
        }
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(json.dumps(request).encode() + b"\n")
            self._child.stdin.flush()
        except OSError as error:
            raise self._death() from error

    def verdict(self) -> tuple[CheckResult, ...]:
        """Wait for the checks asked for and return their results, in the catalogue's order.

        Raises:
            RuntimeError: if a check could not be carried out, the child died, or none was asked for.
        """
        rules, self._rules = self._rules, ()
        if not rules:
            raise RuntimeError("no checks were asked for")
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._death()
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"the data checks could not be carried out: {answer['error']}")
        counts: list[int] = answer["failed_counts"]
        return tuple(_result(rule, count) for rule, count in zip(rules, counts, strict=True))

    def close(self) -> None:
        """End the child, whatever it is doing. Closing twice does no harm."""
        self._child.kill()
        self._child.wait()
        for stream in (self._child.stdin, self._child.stdout, self._stderr):
            if stream is not None:
                with suppress(OSError):  # the rest of a request that the child never read
                    stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _death(self) -> RuntimeError:
        """Describe why the child is gone. It has no stderr once it has seen data."""
        self._child.kill()
        code = self._child.wait()
        self._stderr.seek(0)
        tail = self._stderr.read().decode(errors="replace").strip().splitlines()[-5:]
        return RuntimeError("\n".join([f"the data checks' process ended with code {code}", *tail]))


def _for_worker(rule: "Rule") -> dict[str, Any]:
    return {
        "table": rule.table,
        "expectation": rule.expectation.name,
        "arguments": rule.expectation.arguments,
        "severity": rule.severity,
        "description": _message(rule.passed_da, rule.failed_count or 0, rule.row_count),
    }


def _result(rule: "Rule", found: int) -> CheckResult:
    failed_count = found if rule.failed_count is None else rule.failed_count
    return CheckResult(
        extract_id=rule.extract_id,
        check_id=rule.check_id,
        field_id=rule.field_id,
        severity=rule.severity,
        status="failed" if found else "passed",
        row_count=rule.row_count,
        failed_count=failed_count,
        message_da=_message(rule.failed_da if found else rule.passed_da, failed_count, rule.row_count),
    )


def _message(text_da: str, failed_count: int, row_count: int) -> str:
    return text_da.replace("{failed}", as_number(failed_count)).replace("{rows}", as_number(row_count))
