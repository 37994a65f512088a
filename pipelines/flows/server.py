"""Prefect's own server on loopback, as a child that never outlives its parent.

Prefect's embedded server is left running where its parent is killed. This one reads a pipe that only the
parent holds: when the parent is gone, however it went, the pipe ends and the server with it.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import ProxyHandler, build_opener

HOST = "127.0.0.1"
START_SECONDS = 300  # 8-20 s where nothing else is running
GRACE_SECONDS = 5


@contextmanager
def reachable(*, port: int | None = None, keeps_schedules: bool = False) -> Iterator[str]:
    """Give the address of Prefect's API: the one set up (PREFECT_API_URL), or a server of our own.

    Our own takes `port`, or any that is free.
    """
    from prefect.settings import PREFECT_API_URL, temporary_settings

    if url := PREFECT_API_URL.value():
        yield url
        return
    with _own(port or _free_port(), keeps_schedules) as url, temporary_settings({PREFECT_API_URL: url}):
        yield url


def is_free(port: int) -> bool:
    """Whether nobody listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _own(port: int, keeps_schedules: bool) -> Iterator[str]:
    from prefect.settings import get_current_settings

    settings = get_current_settings().to_environment_variables(exclude_unset=True)
    # The page asks the server at the address of these.
    own = {"PREFECT_SERVER_API_HOST": HOST, "PREFECT_SERVER_API_PORT": str(port)}
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", __name__, str(port), "scheduled" if keeps_schedules else "embedded"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=os.environ | settings | own,
        # Ctrl-C is for the parent: it has things to tell the server before it goes.
        start_new_session=True,
    )
    assert child.stdin is not None
    try:
        _wait(f"http://{HOST}:{port}/api/health", child)
        yield f"http://{HOST}:{port}/api"
    finally:
        child.stdin.close()
        try:
            child.wait(2 * GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait(health: str, child: "subprocess.Popen[bytes]") -> None:
    opener = build_opener(ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if (code := child.poll()) is not None:
            raise RuntimeError(f"Prefect's server ended with code {code} before it answered")
        try:
            with opener.open(health):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"Prefect's server did not answer in {START_SECONDS} seconds")


def _serve(port: int, kind: str) -> None:
    running: list[Any] = []
    # Before the imports, which take longer than a parent may live.
    threading.Thread(target=_end_with_parent, args=(running,), daemon=True).start()
    import uvicorn
    from prefect.server.api.server import create_app

    app = create_app(ephemeral=kind == "embedded", final=True)
    server = uvicorn.Server(uvicorn.Config(app, host=HOST, port=port, log_level="critical", lifespan="on"))
    running.append(server)
    server.run()


def _end_with_parent(running: list[Any]) -> None:
    sys.stdin.buffer.read()
    for server in running:
        server.should_exit = True
        time.sleep(GRACE_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), sys.argv[2])
