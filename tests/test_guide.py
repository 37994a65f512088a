"""What docs/brugervejledning.md says of the extracts is what the catalogue says."""

import re
import shutil
from pathlib import Path

from pipelines.catalogue import Catalogue, load_catalogue
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "brugervejledning.md").read_text(encoding="utf-8")


def test_the_table_has_every_extract_with_its_required_fields(catalogue: Catalogue) -> None:
    rows = re.findall(r"^\| `(\w+)`( \(skal med\))? \| [^|]+ \| ([^|]+) \| [^|]+ \|$", GUIDE, re.MULTILINE)
    assert {
        extract: (bool(required), set(re.findall("`(.+?)`", fields))) for extract, required, fields in rows
    } == {e.id: (e.required, {f.name for f in e.fields if f.required}) for e in catalogue.extracts}


def test_the_example_is_a_source_that_the_catalogue_takes(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(ROOT / "catalogue", tmp_path / "catalogue"))
    (example,) = re.findall("```toml\n(.+?)```", GUIDE, re.DOTALL)
    (copy / "sources" / "boliger.toml").write_text(example, encoding="utf-8")
    assert "boliger" in {source.id for source in load_catalogue(copy).sources}


def test_the_share_that_stops_a_run_is_the_catalogues(catalogue: Catalogue) -> None:
    share = float(catalogue.parameter("maximum_rejected_share"))
    assert f"mere end {100 * share:g} pct. af rækkerne" in GUIDE
