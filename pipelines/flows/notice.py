"""The notice of a failure: a file, and where the municipality wants it a command or a call.

The file holds what the analyst can mend, as the command line would have said it. What leaves the machine
says only that something failed, and where the file is.
"""

import json
import os
import subprocess
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.errors import VirkerError
from pipelines.flows import Job
from pipelines.flows.due import JOB_DA

COMMAND, ADDRESS = "VIRKER_NOTICE_COMMAND", "VIRKER_NOTICE_URL"
FOLDER = Path("data") / "notices"
TIMEOUT_SECONDS = 60
UNEXPECTED_DA = "Kørslen stoppede ved en uventet fejl:"


@dataclass(frozen=True)
class Notice:
    """A job that failed: which, for which year, when, and why."""

    job: Job
    reporting_year: int
    happened_at: datetime
    why: str

    @property
    def headline_da(self) -> str:
        """One sentence without any detail."""
        when = f"{self.happened_at:%d-%m-%Y kl. %H.%M}"
        return f"{JOB_DA[self.job]} for {self.reporting_year} mislykkedes {when}."


def reason_da(error: BaseException) -> str:
    """Return what a notice says of an error: its own words only where they are written to be read."""
    return str(error) if isinstance(error, VirkerError | StepError) else UNEXPECTED_DA


class StepError(RuntimeError):
    """An unexpected failure of a step, told by its place alone."""

    def __init__(self, place: str) -> None:
        super().__init__(f"{UNEXPECTED_DA}\n  - {place}")


def give(notice: Notice, out: Path) -> Path:
    """Write the notice under `out`, send it where it is wanted, and return the file."""
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{notice.happened_at:%Y%m%dT%H%M%S}-{notice.job}.txt"
    path.touch(mode=0o600)
    path.write_text(f"{notice.headline_da}\n\n{notice.why}\n", encoding="utf-8")
    short = f"{notice.headline_da} Se {path}"
    for send in (_run_command, _call):
        try:
            send(short)
        # Whatever goes wrong with the sending, the file is there.
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            with path.open("a", encoding="utf-8") as file:
                file.write(f"\nBeskeden kunne ikke sendes: {type(error).__name__}\n")
    return path


def _run_command(short: str) -> None:
    if command := os.environ.get(COMMAND):
        subprocess.run(
            command,
            shell=True,  # the municipality's own line, as it would be typed
            input=f"{short}\n".encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_SECONDS,
            check=True,
        )


def _call(short: str) -> None:
    if address := os.environ.get(ADDRESS):
        body = json.dumps({"text": short}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        request = urllib.request.Request(address, data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
            pass
