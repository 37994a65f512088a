"""Write a whole demo municipality: its extracts, and beside them the planted truth."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.catalogue import Catalogue
from pipelines.demo.faults import plant_faults
from pipelines.demo.files import write_table
from pipelines.demo.simulation import Municipality, simulate
from pipelines.demo.tables import EPOCH, make_tables
from pipelines.demo.truth import describe_truth


def write_demo(raw: Path, truth: Path, catalogue: Catalogue, *, seed: int, reporting_year: int) -> None:
    """Write the extracts into `raw` and truth.json, faults.json and cprs.json into `truth`.

    The same seed, year and catalogue give the same bytes. Files of the same name are
    replaced; others are left alone.

    Raises:
        ValueError: if `truth` lies in `raw`, where the pipeline could read it.
    """
    if truth.resolve().is_relative_to(raw.resolve()):
        raise ValueError("truth must lie outside raw")
    city = simulate(catalogue, seed=seed, reporting_year=reporting_year)
    text_rng, fault_rng = (np.random.default_rng([seed, reporting_year, stream]) for stream in (1, 2))
    tables = make_tables(city, catalogue, text_rng)
    spare_cprs = list(city.people.cpr)
    faults = [fault for table in tables for fault in plant_faults(table, spare_cprs, fault_rng)]
    raw.mkdir(parents=True, exist_ok=True)
    truth.mkdir(parents=True, exist_ok=True)
    for table in tables:
        write_table(raw, table, EPOCH + timedelta(days=city.period.extract))
    _write_json(truth / "truth.json", describe_truth(city))
    _write_json(truth / "faults.json", [fault.as_dict() for fault in faults])
    invalid = [fault.value for fault in faults if fault.kind == "invalid_cpr"]
    _write_json(truth / "cprs.json", _planted_cprs(city, invalid))


def _planted_cprs(city: Municipality, invalid: list[str | None]) -> list[str]:
    """Every CPR number in the files, invalid ones included, as ten digits."""
    return sorted({*city.people.cpr, *(text.replace("-", "") for text in invalid if text)})


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
