from pathlib import Path

import pytest

from pipelines.catalogue import Catalogue
from tests.extracts.deliveries import (
    EPISODE,
    EPISODES,
    MEASUREMENT,
    MEASUREMENTS,
    PERSON,
    PERSONS,
    Municipality,
    optional,
    with_entries,
)


@pytest.fixture
def town(tmp_path: Path, catalogue: Catalogue) -> Municipality:
    """Three sources, no extract required, so that a test delivers only what it is about."""
    extracts = optional(PERSON, EPISODE, MEASUREMENT)
    folder = tmp_path / "raw"
    folder.mkdir()
    return Municipality(folder, with_entries(catalogue, PERSONS, EPISODES, MEASUREMENTS, extracts=extracts))
