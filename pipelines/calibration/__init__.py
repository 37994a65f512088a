"""The method tried on simulated municipalities, where the truth is known (method, section 6).

Each module holds one design's cells and the page's section about them: a cell is a made-up world, described
by a frozen dataclass, and what is measured in one replication of it.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass

from pipelines.calibration import comparison_group, four_designs, not_yet_started, pooled, stories, verdicts
from pipelines.calibration.bench import Cell, Columns
from pipelines.calibration.designs import Setting
from pipelines.calibration.findings import Section
from pipelines.catalogue.recommendation import Recommendation

MODULES = (four_designs, comparison_group, not_yet_started, pooled, stories, verdicts)


@dataclass(frozen=True)
class _Part:
    """A section, and how the ids of the cells that it reads begin."""

    reads: tuple[str, ...]
    make: Callable[[dict[str, Columns], Setting, Recommendation], Section]


PARTS = (
    _Part(("four_designs/",), lambda found, *_: four_designs.section(found)),
    _Part(("size/",), lambda found, *_: comparison_group.sizes(found)),
    _Part(
        ("size/", "hidden/"),
        lambda found, setting, _: comparison_group.balance(found, setting["hidden_confounding_sd"]),
    ),
    _Part(("providers/",), lambda found, *_: comparison_group.providers(found)),
    _Part(("register/",), lambda found, *_: not_yet_started.section(found)),
    _Part(("pooled",), lambda found, *_: pooled.section(found)),
    _Part(
        ("four_designs/", "story/", "pooled"),
        lambda found, setting, _: stories.section(found, setting),
    ),
    _Part(("verdict/",), verdicts.sizes),
    _Part(("verdict/",), verdicts.planted),
    _Part(("verdict/",), verdicts.weighed),
)


def cells(only: str = "") -> list[Cell]:
    """Return every world that is simulated, or those whose id begins so if a section needs no others."""
    chosen = [cell for module in MODULES for cell in module.cells() if cell.id.startswith(only)]
    return chosen if not only or _complete({cell.id for cell in chosen}) else []


def sections(found: dict[str, Columns], setting: Setting, table: Recommendation) -> list[Section]:
    """Return the sections of the page, claims among them, that have all their cells.

    `setting` is the catalogue's parameters by id, `table` its recommendation's rules.
    """
    return [part.make(found, setting, table) for part in _complete(found.keys())]


def _complete(ids: Set[str]) -> list[_Part]:
    lacking = [cell.id for cell in cells() if cell.id not in ids]
    return [part for part in PARTS if not any(cell.startswith(part.reads) for cell in lacking)]
