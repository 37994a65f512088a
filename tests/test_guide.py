"""What docs/brugervejledning.md says of the extracts is what the catalogue says."""

import re
import shutil
from pathlib import Path

from pipelines.catalogue import Catalogue, load_catalogue
from pipelines.catalogue.indicators import FORMULAS
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "brugervejledning.md").read_text(encoding="utf-8")


def test_the_table_has_every_extract_with_its_required_fields(catalogue: Catalogue) -> None:
    rows = re.findall(r"^\| `(\w+)`( \(skal med\))? \| [^|]+ \| ([^|]+) \| [^|]+ \|$", GUIDE, re.MULTILINE)
    assert {
        extract: (bool(required), set(re.findall("`(.+?)`", fields))) for extract, required, fields in rows
    } == {e.id: (e.required, {f.name for f in e.fields if f.required}) for e in catalogue.extracts}


def test_the_examples_are_a_source_and_an_indicator_that_the_catalogue_takes(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(ROOT / "catalogue", tmp_path / "catalogue"))
    source, indicator = re.findall("```toml\n(.+?)```", GUIDE, re.DOTALL)
    (copy / "sources" / "boliger.toml").write_text(source, encoding="utf-8")
    (copy / "indicators" / "own.toml").write_text(indicator, encoding="utf-8")
    catalogue = load_catalogue(copy)
    assert "boliger" in {source.id for source in catalogue.sources}
    assert catalogue.indicator("very_lonely_share").of.question == "lonely"


def test_the_guide_names_every_formula_and_what_it_must_be_given() -> None:
    part = GUIDE[GUIDE.index("| `formula` |") : GUIDE.index("- **Et måltal**")]
    rows = [line.split("|")[1:4] for line in part.splitlines()[2:] if line.startswith("|")]
    named = {
        name: set(re.findall(r"`(\w+)`", of))
        for names, _, of in rows
        for name in re.findall("`(.+?)`", names)
    }
    assert named.keys() == FORMULAS.keys()
    assert [name for name, given in named.items() if not FORMULAS[name].needs <= given] == []


def test_the_share_that_stops_a_run_is_the_catalogues(catalogue: Catalogue) -> None:
    share = float(catalogue.parameter("maximum_rejected_share"))
    assert f"mere end {100 * share:g} pct. af rækkerne" in GUIDE
