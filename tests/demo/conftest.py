"""One demo municipality for all tests here."""

import pytest

from pipelines.catalogue import Catalogue
from pipelines.demo import write_demo
from tests.demo.reading import YEAR, Demo


@pytest.fixture(scope="session")
def demo(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder / "raw", folder / "truth", catalogue, seed=1, reporting_year=YEAR)
    return Demo(folder / "raw", folder / "truth", catalogue)
