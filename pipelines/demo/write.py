"""Write a whole demo municipality: its extracts, and beside them the planted truth."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.catalogue import Catalogue
from pipelines.demo.cells import EPOCH
from pipelines.demo.faults import plant_faults
from pipelines.demo.files import write_table
from pipelines.demo.simulation import Municipality, simulate
from pipelines.demo.tables import make_tables
from pipelines.demo.truth import describe_individuals, describe_truth


def write_demo(
    raw: Path,
    truth: Path,
    catalogue: Catalogue,
    *,
    seed: int,
    reporting_year: int,
    for_casework: bool = False,
) -> None:
    """Write the extracts into `raw`, and what was planted into `truth`.

    What may only serve statistics is left out of extracts `for_casework`.

    In truth.json stands the truth about interventions, in individuals.json about single people,
    in faults.json every faulty row, in cprs.json every CPR number.

    The same seed, year and catalogue give the same bytes. Files of the same name are
    replaced; others are left alone.

    Raises:
        ValueError: if `truth` lies in `raw`, where the pipeline could read it.
    """
    if truth.resolve().is_relative_to(raw.resolve()):
        raise ValueError("truth must lie outside raw")
    city = simulate(catalogue, seed=seed, reporting_year=reporting_year)
    text_rng, fault_rng = (np.random.default_rng([seed, reporting_year, stream]) for stream in (1, 2))
    is_barred = {e.id: for_casework and e.statistics_only for e in catalogue.extracts}
    tables = [t for t in make_tables(city, catalogue, text_rng) if not is_barred[t.extract_id]]
    spare_cprs = list(city.people.cpr)
    faults = [fault for table in tables for fault in plant_faults(table, spare_cprs, fault_rng)]
    raw.mkdir(parents=True, exist_ok=True)
    truth.mkdir(parents=True, exist_ok=True)
    for table in tables:
        write_table(raw, table, EPOCH + timedelta(days=city.period.extract))
    _write_json(truth / "truth.json", describe_truth(city))
    _write_json(truth / "individuals.json", describe_individuals(city), indent=None)
    _write_json(truth / "faults.json", [fault.as_dict() for fault in faults])
    invalid = [fault.value for fault in faults if fault.kind == "invalid_cpr"]
    _write_json(truth / "cprs.json", _planted_cprs(city, invalid))


def _planted_cprs(city: Municipality, invalid: list[str | None]) -> list[str]:
    """Every CPR number in the files, invalid ones included, as ten digits."""
    wrong = (text.replace("-", "") for text in invalid if text)
    return sorted({*city.people.cpr, *city.links.former_cpr, *wrong})


def _write_json(path: Path, content: Any, indent: int | None = 1) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=indent)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
