"""What several rooms of the tests share."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from pipelines.catalogue import Catalogue, load_catalogue
from pipelines.publication import Store

# A time limit per example fails where the machine is busy, not where the code is wrong.
hypothesis.settings.register_profile("virker", deadline=None)
hypothesis.settings.load_profile("virker")

ROOT = Path(__file__).parents[1]
ORACLES = ROOT.parent / "shared" / "oracles"


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "catalogue")


@pytest.fixture(scope="session")
def oracles() -> Path:
    if not ORACLES.is_dir():
        pytest.skip("the published reference data (../shared/oracles) are not on this machine")
    return ORACLES


@dataclass(frozen=True)
class DemoRun:
    """A finished `virker demo --direct`, and everything it said."""

    out: Path
    key_file: Path
    said: str

    @property
    def version(self) -> Path:
        current = Store(self.out).current()
        assert current is not None
        return current

    @property
    def raw(self) -> Path:
        return self.out / "data" / "raw"

    def truth(self, name: str) -> Any:
        return json.loads((self.out / "data" / "truth" / name).read_text(encoding="utf-8"))


def virker(*arguments: str | Path, key_file: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | environment | {"VIRKER_KEY_FILE": str(key_file)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    out, keys = tmp_path_factory.mktemp("demo"), tmp_path_factory.mktemp("keys")
    done = virker("demo", "--out", out, "--direct", key_file=keys / "pseudonym.key")
    assert done.returncode == 0, done.stderr
    return DemoRun(out, keys / "pseudonym.key", done.stdout + done.stderr)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, once for all: playwright does not run twice in one process."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
