"""The errors an analyst meets: what is wrong, where, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass


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
