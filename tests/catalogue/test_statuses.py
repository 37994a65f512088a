"""What a list of statuses may not say, and what a contract that names their domain needs."""

import shutil

import pytest

from pipelines.catalogue import load_catalogue
from pipelines.errors import CatalogueError
from tests.conftest import ROOT


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "catalogue", tmp_path / "catalogue")
    return tmp_path / "catalogue"


def problems(root):
    with pytest.raises(CatalogueError) as error:
        load_catalogue(root)
    return [(problem.where, problem.message_da) for problem in error.value.problems]


def test_a_status_may_not_be_called_what_means_that_there_is_none(copy):
    for name, old, new in (
        ("statuses.toml", 'id = "pension"', 'id = "unknown"'),
        ("sources/forsoergelse.toml", '= "pension"', '= "unknown"'),
    ):
        path = copy / name
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert problems(copy) == [
        (
            "statuses.toml (status unknown: id)",
            "betyder i opgørelserne, at status ikke kendes; vælg et andet id",
        )
    ]


def test_a_domain_is_held_against_a_status(copy):
    path = copy / "extracts" / "status_spell.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('references = "status"\n', ""), encoding="utf-8")
    assert [where for where, _ in problems(copy)] == ["extracts/status_spell (references)"]
