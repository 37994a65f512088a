"""Cells of a calibration, each repeated many times: the same numbers whatever the number of processes."""

import multiprocessing
import os
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.calibration.designs import Numbers, Setting

Floats = npt.NDArray[np.float64]
Columns = dict[str, Floats]
# Replications a process takes at a time: enough to hide the hand-over, few enough to share evenly.
CHUNK = 25


@dataclass(frozen=True)
class Cell:
    """One made-up world and what is measured in one replication of it; `measure` is a module's function."""

    id: str
    world: object
    measure: Callable[[object, np.random.Generator, Setting], Numbers]


def run(
    cells: Sequence[Cell],
    setting: Setting,
    *,
    replications: int,
    seed: int,
    workers: int,
    progress: Callable[[int, int], None],
) -> dict[str, Columns]:
    """Return, per cell, an array over replications of every number it measures.

    A replication's random numbers hang on the seed, the cell's id and its own number alone (NumPy's
    SeedSequence, spawned): a cell that is added or left out changes no other, and the first 20 of 2,000
    replications are those of a run of 20.
    """
    tasks = [
        (cell, setting, seed, first, min(first + CHUNK, replications))
        for cell in cells
        for first in range(0, replications, CHUNK)
    ]
    found: dict[str, list[Numbers]] = {cell.id: [] for cell in cells}
    # Many small matrices: NumPy's own threads would only wait for each other. Read by the children at start.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        for done, (task, rows) in enumerate(zip(tasks, pool.map(_replicate, tasks), strict=True), start=1):
            found[task[0].id] += rows
            progress(done, len(tasks))
    return {
        cell: {
            name: np.array([row.get(name, np.nan) for row in rows])
            for name in dict.fromkeys(name for row in rows for name in row)
        }
        for cell, rows in found.items()
    }


def _replicate(task: tuple[Cell, Setting, int, int, int]) -> list[Numbers]:
    cell, setting, seed, first, stop = task
    root = np.random.SeedSequence(seed, spawn_key=(zlib.crc32(cell.id.encode()),))
    # A child of the root, without making those before it.
    children = (
        np.random.SeedSequence(seed, spawn_key=(*root.spawn_key, replication))
        for replication in range(first, stop)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return [cell.measure(cell.world, np.random.default_rng(child), setting) for child in children]
