"""A method of reliable change without the norms it needs, and norms that contradict themselves."""

import shutil

import pytest

from pipelines.catalogue import load_catalogue
from pipelines.errors import CatalogueError
from tests.conftest import ROOT

WHO5 = "instruments/WHO5.toml"


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(ROOT / "catalogue", tmp_path / "catalogue")


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def choose(copy, method):
    change(copy / "parameters.toml", 'value = "JT"', f'value = "{method}"')


def problems(copy):
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(copy)
    return str(caught.value)


@pytest.mark.parametrize("method", ["EN", "GLN", "NK"])
def test_a_method_that_needs_a_mean(copy, method):
    choose(copy, method)
    assert f"ingen norm har det, metoden {method} kræver" in problems(copy)
    change(copy / WHO5, "sd = 19", "sd = 19\nmean = 70")
    load_catalogue(copy)


@pytest.mark.parametrize("method", ["HLL", "HA"])
def test_a_method_that_needs_a_sample(copy, method):
    choose(copy, method)
    change(copy / WHO5, "sd = 19", "sd = 19\nmean = 70")
    assert "reliable_change_method" in problems(copy)
    change(copy / WHO5, "sd = 19\nmean = 70", 'sd = "sample"')
    load_catalogue(copy)


@pytest.mark.parametrize("method", ["JT", "percentage"])
def test_a_method_that_needs_no_more_than_the_catalogue_has(copy, method):
    choose(copy, method)
    load_catalogue(copy)


def test_an_unknown_method_and_a_share_of_nothing(copy):
    choose(copy, "RCI")
    change(
        copy / "parameters.toml",
        'value = 0.5\nunit = "andel"\nlabel_da = "Mindste fremgang',
        'value = 0\nunit = "andel"\nlabel_da = "Mindste fremgang',
    )
    text = problems(copy)
    assert "skal være en af: JT, EN, GLN, HLL, NK, HA, percentage" in text
    assert "percentage_improvement_share" in text


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("cutoff = 50", "", "mangler; cutoff_method"),
        ('cutoff_method = "published"', 'cutoff_method = "a"', "bruges ikke"),
        ('cutoff = 50\ncutoff_method = "published"', 'cutoff_method = "b"', None),
        ("sd = 19", 'sd = "sample"\nmean = 70', "kræver sd som et tal"),
    ],
)
def test_norms_that_contradict_themselves(copy, old, new, problem):
    change(copy / WHO5, old, new)
    if problem is None:
        load_catalogue(copy)
    else:
        assert problem in problems(copy)


@pytest.mark.parametrize("kind", ["b", "c"])
def test_a_derived_cutoff_needs_the_functional_population(copy, kind):
    change(copy / WHO5, 'cutoff = 50\ncutoff_method = "published"', f'cutoff_method = "{kind}"')
    change(copy / WHO5, "functional_sd = 19", "")
    assert "functional_sd): mangler" in problems(copy)
