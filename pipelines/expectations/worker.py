"""The child process that holds Great Expectations: rules in, counts out.

It is started as `python -m pipelines.expectations.worker`, imports Great Expectations at once,
and answers requests, a line of JSON each, until its stdin closes: that is how it ends with its
parent, however the parent ended. Only counts leave it, or the kind and place of an error.
"""

import gc
import json
import os
import sys
import traceback
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from pipelines.expectations.deferral import DeferredImports

# Great Expectations imports these for its expectations on distributions and on JSON texts. They
# are more than half of its import time, and no rule of ours needs them.
UNUSED = ("altair", "jsonschema", "scipy.stats")


def main() -> None:
    """Import Great Expectations while the first request may already be waiting, then answer."""
    requests: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_receive, args=(requests,), daemon=True).start()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _load()
    while True:
        request = json.loads(requests.get())
        # From here on, what libraries print, log or warn of may hold data: it goes nowhere.
        _silence()
        answers.write(json.dumps(_answer(request)).encode() + b"\n")
        answers.flush()


def _receive(requests: SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        requests.put(line)
    # The parent is gone or done. Great Expectations needs a second to unload: it need not.
    os._exit(0)


def _load() -> None:
    DeferredImports(UNUSED).install()
    # An import makes thousands of classes and frees none: looking for garbage is a fifth of it.
    gc.disable()
    import pipelines.expectations.suites  # noqa: F401

    gc.freeze()
    gc.enable()


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())
    os.close(nowhere)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    from pipelines.expectations.suites import NotCarriedOutError, failed_counts

    docs = Path(request["data_docs"]) if request["data_docs"] else None
    try:
        return {"failed_counts": failed_counts(Path(request["database"]), request["rules"], docs)}
    except NotCarriedOutError as error:
        return {"error": str(error)}
    except Exception as error:  # whatever it is, the parent must hear of it
        return {"error": _describe(error)}


def _describe(error: Exception) -> str:
    """Say what kind of error it was and where, but not its text: a database quotes values."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    places = ", ".join(f"{Path(f.filename).name}:{f.lineno} in {f.name}" for f in frames)
    return f"{type(error).__name__} ({places})"


if __name__ == "__main__":
    main()
