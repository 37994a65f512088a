"""The memory through whole runs: a year run again gives its own numbers, whatever the method is now."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from pipelines import cli, memory
from pipelines.cli import main
from pipelines.publication import Store
from tests.conftest import ROOT

PERSONS = 90
CATALOGUE = f"""extends = {str(ROOT / "catalogue")!r}
replaces = ["sources", "strategies", "indicators"]
"""
STRATEGY = """
id = "A"
name_da = "x"
owner_da = "x"
source = "x"
[[goals]]
id = "A-G1"
kind = "goal"
name_da = "x"
text_da = "x"
"""
SOURCES = {
    "borgere": ("person", {"person_id": "Borger", "sex": "Køn"}, {}),
    "forloeb": (
        "episode",
        {
            "episode_id": "Forløb",
            "person_id": "Borger",
            "intervention_id": "Indsats",
            "decided_date": "Afgjort",
            "started_date": "Start",
        },
        {},
    ),
    "maalinger": (
        "measurement",
        {"person_id": "Borger", "measured_date": "Dato", "score": "Score"},
        {"instrument_id": "WHO5", "respondent": "self"},
    ),
    "beslutninger": (
        "decision",
        {
            "intervention_id": "Indsats",
            "recommendation_year": "År",
            "decided": "Beslutning",
            "decided_date": "Dato",
            "decided_by": "Hvem",
        },
        {},
    ),
}
INTERVENTION = """
[[intervention]]
id = "{name}"
name_da = "{name}"
purpose_da = "x"
target_group_da = "x"
area = "adults"
legal_basis_da = "x"
is_legal_right = false
horizon_months = 6
goals = ["A-G1"]
outcomes = [{{ instrument = "WHO5", respondent = "self", goal = "A-G1", primary = true }}]
"""


def inline(part: dict[str, str]) -> str:
    return "{ " + ", ".join(f'{name} = "{text}"' for name, text in part.items()) + " }"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small municipality's catalogue and extracts: two interventions, 2022 to 2025."""
    folder = tmp_path_factory.mktemp("years")
    own, raw = folder / "catalogue", folder / "raw"
    (own / "sources").mkdir(parents=True)
    (own / "strategies").mkdir()
    raw.mkdir()
    (own / "strategies" / "own.toml").write_text(STRATEGY, encoding="utf-8")
    (own / "catalogue.toml").write_text(CATALOGUE, encoding="utf-8")
    (own / "interventions.toml").write_text(
        "".join(INTERVENTION.format(name=name) for name in ("one", "other")), encoding="utf-8"
    )
    (own / "deadlines.toml").write_text("", encoding="utf-8")
    (own / "parameters.toml").write_bytes((ROOT / "catalogue" / "parameters.toml").read_bytes())
    for name, (extract, columns, constants) in SOURCES.items():
        parts = {"columns": columns, "constants": constants}
        tables = "".join(f"{key} = {inline(part)}\n" for key, part in parts.items())
        text = f'id = "{name}"\nlabel_da = "x"\nfile = "{name}.csv"\nperson_key = "local"\n'
        text += f'[[feeds]]\nextract = "{extract}"\n{tables}'
        (own / "sources" / f"{name}.toml").write_text(text, encoding="utf-8")
    people, episodes, scores = ["Borger;Køn"], ["Forløb;Borger;Indsats;Afgjort;Start"], ["Borger;Dato;Score"]
    rng = np.random.default_rng(5)
    for n in range(PERSONS):
        decided = date(2022, 2, 1) + timedelta(int(rng.integers(0, 1200)))
        people.append(f"B{n:03};{'male' if n % 2 else 'female'}")
        episodes.append(f"F{n};B{n:03};{'one' if n % 3 else 'other'};{decided};{decided + timedelta(7)}")
        before = int(rng.integers(20, 60))
        after = before + int(rng.integers(-12, 20))
        scores += [f"B{n:03};{decided};{before}", f"B{n:03};{decided + timedelta(182)};{after}"]
    scores.append(f"B000;{date(2026, 1, 20)};50")
    decisions = ["Indsats;År;Beslutning;Dato;Hvem", "one;2024;adjust;2025-03-12;committee"]
    written = {"borgere": people, "forloeb": episodes, "maalinger": scores, "beslutninger": decisions}
    for name, lines in written.items():
        (raw / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> Callable[..., Result]:
    def run(year: int, *options: str) -> Result:
        arguments = [
            "run",
            "--extracts",
            str(folder / "raw"),
            "--year",
            str(year),
            "--out",
            str(folder / "out"),
        ]
        arguments += ["--key", str(folder / "keys" / "pseudonym.key"), "--direct", "--no-report", *options]
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0, done.output
        return done

    return run


def published(folder: Path) -> dict[str, bytes]:
    version = Store(folder / "out").current()
    assert version is not None
    return {p.name: p.read_bytes() for p in sorted((version / "published").iterdir())}


def history(folder: Path) -> list[dict[str, Any]]:
    path = Store(folder / "out").shown("published") / "recommendation_history.parquet"
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def test_a_year_run_again_gives_its_own_numbers(
    folder: Path, run: Callable[..., Result], capsys: pytest.CaptureFixture[str]
) -> None:
    """2024, then 2025 by a changed method, then 2024 again without saying by which catalogue."""
    own = str(folder / "catalogue")
    run(2024, "--catalogue", own)
    first = published(folder)
    assert {row["is_this_year"] for row in history(folder)} == {True}

    parameters = folder / "catalogue" / "parameters.toml"
    text = parameters.read_text(encoding="utf-8")
    window = 'id = "assessment_window_months"\nvalue = 36'
    assert window in text
    parameters.write_text(text.replace(window, window.replace("36", "24")), encoding="utf-8")
    run(2025, "--catalogue", own)
    rows = {(row["intervention_id"], row["year"]): row for row in history(folder)}
    assert rows.keys() == {(i, y) for i in ("one", "other") for y in (2024, 2025)}
    changed = "parameteren »Vurderingsvindue, som slutter ved rapportårets udgang« (36 → 24)"
    assert rows["one", 2024]["method_changed"] == changed
    assert rows["one", 2025]["method_changed"] is None
    assert (rows["one", 2024]["decided"], rows["other", 2024]["decided"]) == ("adjust", None)
    recommended = pq.read_table(
        Store(folder / "out").shown("memory") / "2024" / f"{memory.RECOMMENDATION}.parquet"
    )
    for row in recommended.to_pylist():
        remembered = rows[row["intervention_id"], 2024]
        assert [remembered[name] for name in memory.LINE[1:] if name in remembered] == [
            row[name] for name in memory.LINE[1:] if name in remembered
        ]

    again = run(2024)
    assert "kataloget fra kørslen for 2024" in again.output
    assert published(folder) == first
    store = Store(folder / "out")
    assert memory.of(store).years == (2024, 2025)
    manifest = store.manifest()
    assert manifest is not None
    assert manifest["parameters"]["assessment_window_months"] == 36

    # Asked for by name, the catalogue as it is now is used, and what is another method is said.
    arguments = ["--extracts", "x", "--year", "2024", "--catalogue", own]
    with main.commands["run"].make_context("run", arguments):
        assert cli.catalogue_of_year(store, 2024, folder / "catalogue") == folder / "catalogue"
    assert changed in capsys.readouterr().err
