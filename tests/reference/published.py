"""Published cases and their data, as the reference folders hold them."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


def cases(folder: Path) -> dict[str, Any]:
    """What each case of a reference expects, by its id."""
    found = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["cases"]
    return {case["id"]: case["expected"] for case in found}


def columns(folder: Path, *names: str) -> list[npt.NDArray[np.float64]]:
    """Numeric columns of a reference's data."""
    rows = texts(folder)
    return [np.array([float(row[name]) for row in rows]) for name in names]


def texts(folder: Path) -> list[dict[str, str]]:
    """The rows of a reference's data."""
    with (folder / "data.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
