"""A made-up year of published marts, and the report built from it once."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.catalogue import Catalogue
from pipelines.reports import build_pages, build_report
from pipelines.reports.content import content
from pipelines.reports.pages import content as pages
from tests.reports import published


@pytest.fixture(scope="session")
def year(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published.write(
        tmp_path_factory.mktemp("year") / "published", catalogue, published.plans(catalogue)
    )


@pytest.fixture(scope="session")
def model(catalogue: Catalogue, year: Path) -> dict[str, Any]:
    return content(year, published.manifest(catalogue), catalogue)


@pytest.fixture(scope="session")
def built(catalogue: Catalogue, year: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return build_report(year, published.manifest(catalogue), catalogue, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="session")
def page_model(catalogue: Catalogue, year: Path) -> dict[str, Any]:
    return pages.content(year, published.manifest(catalogue), catalogue)


@pytest.fixture(scope="session")
def built_pages(
    catalogue: Catalogue, year: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, ...]:
    return build_pages(year, published.manifest(catalogue), catalogue, tmp_path_factory.mktemp("pages"))
