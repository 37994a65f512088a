"""A Prefect server of our own goes with the process that started it, however that goes."""

import os
import subprocess
import sys

from tests.conftest import ROOT
from tests.flows.test_serve import answers, until

SCRIPT = """
from pipelines.flows.server import reachable
with reachable() as url:
    print(url, flush=True)
    input()
"""


def test_no_server_is_left_running_after_kill_9(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env=environment | {"PREFECT_HOME": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    health = process.stdout.readline().strip() + "/health"
    assert answers(health)
    process.kill()
    process.communicate()
    until(lambda: not answers(health))
