"""The errors an analyst meets: what is wrong, where, and what to do."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `where` names file and key, row or column."""

    where: str
    message_da: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message_da}"


class VirkerError(Exception):
    """A stop that the analyst can act on; carries every problem found."""

    headline_da = "Kørslen stoppede."

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([self.headline_da, *(f"  - {p}" for p in problems)]))


class CatalogueError(VirkerError):
    """The catalogue has mistakes."""

    headline_da = "Kataloget har fejl, som skal rettes, før der kan køres:"


class ExtractError(VirkerError):
    """A delivered file cannot be used."""

    headline_da = "Udtrækkene kan ikke bruges. Intet er ændret. Ret dette og kør igen:"


class UnreachableError(ExtractError):
    """The extracts cannot be reached just now; what is away for a moment may be asked for again."""


class QualityError(VirkerError):
    """The data checks found an error of the stopping kind."""

    headline_da = (
        "Datakontrollen fandt alvorlige fejl. Intet er ændret. Se rækkerne med 'virker check', og kør igen:"
    )


class StoreError(VirkerError):
    """The key, the store or another run stands in the way."""

    headline_da = "Kørslen kan ikke begynde:"


class PersonError(VirkerError):
    """One person's page cannot be made."""

    headline_da = "Siden kan ikke laves:"


def place_of(error: BaseException) -> str:
    """Return what went wrong where, and nothing of the error's own words: they may quote a cell."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    cause = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
    places = ", ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__}{cause} at {places}"
