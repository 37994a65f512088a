"""The house keeps its walls: who may import whom, and what a command may cost to start."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "pipelines"
STAGES = {
    "extracts",
    "expectations",
    "estimation",
    "recommendation",
    "disclosure",
    "reports",
    "demo",
    "person",
}
# What a stage may stand on, besides itself.
GROUND = {"catalogue", "errors", "warehouse", "estimators"}
# The page about one person is drawn with the report's tools; the report knows nothing of persons. A
# recommendation reads the rows of the long result table as estimation writes them.
LENT = {"person": {"reports"}, "recommendation": {"estimation"}}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Every module a file names in an import, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def room(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "pipelines" and len(parts) > 1 else None


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_flows_imports_prefect(path):
    has_prefect = any(name.split(".")[0] == "prefect" for name in imported(path))
    assert not has_prefect or path.parent.name == "flows"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_stage_stands_on_the_ground_and_on_no_other_stage(path):
    mine = path.relative_to(PACKAGE).with_suffix("").parts[0]
    others = {room(name) for name in imported(path)} - {None, mine}
    if mine in STAGES:
        assert others <= GROUND | LENT.get(mine, set())
    elif mine == "estimators":
        assert not others
    elif mine in GROUND:
        assert others <= GROUND - {"estimators"}


def test_help_imports_nothing_heavy():
    code = "import sys, pipelines.cli; print(' '.join(sorted({m.split('.')[0] for m in sys.modules})))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"pandas", "numpy", "duckdb", "pyarrow", "prefect", "great_expectations", "matplotlib", "scipy"}
    assert heavy.isdisjoint(loaded)
    assert "pydantic" not in loaded


def test_the_locks_hold_hashes_and_no_address():
    for lock in sorted(ROOT.glob("requirements*.lock")):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        assert text.count("==") <= text.count("--hash=sha256:")


def test_uv_on_windows_gets_the_locks_versions():
    constraints = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]
    pinned = {c.partition(" ;")[0] for c in constraints["constraint-dependencies"]}
    locked = set()
    for lock in ROOT.glob("requirements*.lock"):
        locked |= set(
            re.findall(r"^([\w.-]+)(?:\[.*?\])?(==[^\s;]+)", lock.read_text(encoding="utf-8"), re.M)
        )
    assert pinned == {name + version for name, version in locked}


def test_no_file_holds_a_path_of_a_machine():
    pattern = re.compile(r"(?<![\w.-])/(?:work|farm|root|tmp/\w+|home/\w+)/")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode != 0:
        pytest.skip("not a git checkout")
    for name in tracked.stdout.split("\n"):
        path = ROOT / name
        if name and path.is_file() and path.suffix not in {".png", ".lock"} and path != Path(__file__):
            assert not pattern.search(path.read_text(encoding="utf-8")), name
