"""What every catalogue entry is."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Certainty = Literal["found", "recalled-high", "recalled-medium", "recalled-low", "proposal", "sample"]
Respondent = Literal["self", "parent", "teacher", "staff"]
Register = Literal["employment", "education", "housing", "debt"]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]


class Entry(BaseModel):
    """One catalogue entry: immutable, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
