"""Age bands leave no age out and do not overlap."""

import shutil

import pytest

from pipelines.catalogue import load_catalogue
from pipelines.errors import CatalogueError
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("age_from = 0", "age_from = 1", "(age_band child: age_from) det første bånd skal begynde ved 0"),
        ("age_from = 18", "age_from = 13", "(age_band young: age_from) skal begynde efter 13"),
        ("age_from = 30", "age_from = 70", "(age_band senior: age_from) skal begynde efter 70"),
        ('id = "young"', 'id = "adult"', "(adult) samme id står 2 gange"),
    ],
)
def test_a_band_begins_where_the_one_before_it_ends(tmp_path, old, new, expected):
    path = shutil.copytree(ROOT / "catalogue", tmp_path / "catalogue") / "age_bands.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogueError) as error:
        load_catalogue(path.parent)
    (problem,) = error.value.problems
    assert f"{problem.where} {problem.message_da}".startswith(f"age_bands.toml {expected}")


def test_a_catalogue_may_have_none(tmp_path):
    path = shutil.copytree(ROOT / "catalogue", tmp_path / "catalogue") / "age_bands.toml"
    path.write_text("", encoding="utf-8")
    assert load_catalogue(path.parent).age_bands == ()
