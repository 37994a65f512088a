"""The Prefect flows: the only place that imports Prefect.

Prefect reads its settings when it is first imported, so they are set here. What the user has
set wins.
"""

import os
from typing import Literal, get_args

Job = Literal["annual", "quarterly", "monthly"]
JOBS: tuple[Job, ...] = get_args(Job)

for _name, _value in {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # The run shows its own progress, and an error reaches the caller as the exception it is.
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_SERVER_LEVEL": "CRITICAL",
}.items():
    os.environ.setdefault(_name, _value)
