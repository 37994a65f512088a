"""What a catalogue entry is: one frozen class per kind of entry.

Texts that an analyst or a report reader sees (`*_da`) are Danish; names are English.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

FieldType = Literal["person", "code", "text", "integer", "decimal", "date"]
Severity = Literal["error", "warning"]
Certainty = Literal["found", "recalled-high", "recalled-medium", "recalled-low", "proposal", "sample"]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
Respondent = Literal["self", "parent", "teacher", "staff"]
CutoffMethod = Literal["published", "a", "b", "c"]
ReliableChangeMethod = Literal["JT", "EN", "GLN", "HLL", "NK", "HA", "percentage"]
Area = Literal["children", "adults", "vulnerable"]


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


Identified = TypeVar("Identified", bound=_HasId)


class Entry(BaseModel):
    """One catalogue entry: immutable, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Parameter(Entry):
    """A number or choice that a municipality may change; a column of `ref.setting`.

    `at_least` and `at_most` are the limits within which the method still means what it says.
    """

    id: Identifier
    value: int | float | str
    unit: str
    label_da: str
    source: str
    at_least: int | float | None = None
    at_most: int | float | None = None


class ExtractField(Entry):
    """One column of an extract's contract."""

    name: Identifier
    type: FieldType
    label_da: str
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    references: str | None = None
    not_before: str | None = None
    severity: Severity = "error"


class Extract(Entry):
    """The contract of one canonical extract (`raw.<id>`)."""

    id: Identifier
    label_da: str
    required: bool
    key: tuple[str, ...]
    fields: tuple[ExtractField, ...]
    freshness_field: str | None = None
    freshness_days: int | None = None

    def field(self, name: str) -> ExtractField | None:
        """Return the field called `name`, or None."""
        return next((f for f in self.fields if f.name == name), None)


class Feed(Entry):
    """How one source file fills one extract.

    `columns` maps a canonical field to the header in the file, `constants` gives
    a field the same text on every row, `values` translates texts per field (a
    text not named there is kept), `multiply` rescales a decimal field. With
    `distinct`, rows that are equal after mapping are merged (a wide file repeats
    a person on every row); merged rows are counted, never rejected. A row where a field named
    in `absent_when_missing` is blank holds no record for this extract (a wide file's wave
    without a measurement); such rows are counted too.
    """

    extract: str
    columns: Mapping[str, str]
    constants: Mapping[str, str] = {}
    values: Mapping[str, Mapping[str, str]] = {}
    multiply: Mapping[str, float] = {}
    distinct: bool = False
    absent_when_missing: tuple[str, ...] = ()


class Source(Entry):
    """A file as a source system delivers it, and the extracts it feeds."""

    id: Identifier
    label_da: str
    file: str
    person_key: Literal["cpr", "local"]
    required: bool = True
    feeds: tuple[Feed, ...]


class Norm(Entry):
    """What is known of an instrument for one respondent.

    Means and SDs are in score units. `sd = "sample"` takes mean and SD of the
    baseline scores at hand instead of published ones; otherwise `mean` is the mean
    of the very population that `sd` is of, wanted only by the methods of reliable
    change that allow for regression to it. `reliability_post` is the reliability at
    follow-up where it is known to be another (NK). `cutoff` is published: a score
    strictly on the better side is the well side. Without it, `cutoff_method` derives
    Jacobson & Truax's a, b or c from the baseline sample, the functional population
    or both.
    """

    respondent: Respondent
    label_da: str
    sd: float | Literal["sample"] | None = None
    sd_source: str | None = None
    sd_certainty: Certainty | None = None
    mean: float | None = None
    mean_source: str | None = None
    mean_certainty: Certainty | None = None
    reliability: Annotated[float, Field(gt=0, lt=1)] | None = None
    reliability_kind: Literal["test-retest", "alpha", "assumed"] | None = None
    reliability_source: str | None = None
    reliability_certainty: Certainty | None = None
    reliability_post: Annotated[float, Field(gt=0, lt=1)] | None = None
    reliability_post_source: str | None = None
    reliability_post_certainty: Certainty | None = None
    cutoff: float | None = None
    cutoff_method: CutoffMethod | None = None
    cutoff_source: str | None = None
    cutoff_certainty: Certainty | None = None
    functional_mean: float | None = None
    functional_sd: float | None = None
    minimal_important_change: float | None = None
    minimal_important_change_source: str | None = None
    minimal_important_change_certainty: Certainty | None = None

    @property
    def derives_cutoff(self) -> bool:
        """Say whether the cut-off is computed from data, not published."""
        return self.cutoff_method in ("a", "b", "c")


class Instrument(Entry):
    """A measuring instrument: range, direction and norms per respondent."""

    id: Identifier
    name_da: str
    measures_da: str
    unit_da: str
    minimum: float
    maximum: float
    decimals: int
    better: Literal["higher", "lower"]
    licence_da: str
    source: tuple[str, ...]
    note_da: str = ""
    norms: tuple[Norm, ...]

    def norm(self, respondent: str) -> Norm | None:
        """Return the norm for `respondent`, or None."""
        return next((n for n in self.norms if n.respondent == respondent), None)


class Outcome(Entry):
    """One outcome an intervention is judged on; exactly one per intervention is primary."""

    instrument: str
    respondent: Respondent
    goal: str
    primary: bool = False


class Intervention(Entry):
    """A kind of support: for whom, which goals and outcomes, and on what legal ground."""

    id: Identifier
    name_da: str
    purpose_da: str
    target_group_da: str
    area: Area
    legal_basis_da: str
    is_legal_right: bool
    horizon_months: Literal[6, 12]
    goals: tuple[str, ...]
    outcomes: tuple[Outcome, ...]


class Deadline(Entry):
    """How long one step of an episode may take, while the rule is in force (both days included).

    Either `days` or calendar `months`. `applies_to` names interventions or whole areas.
    """

    id: Identifier
    label_da: str
    legal_basis_da: str
    applies_to: tuple[str, ...]
    step: Literal["requested_to_decided", "decided_to_started", "requested_to_started"]
    days: Annotated[int, Field(gt=0)] | None = None
    months: Annotated[int, Field(gt=0)] | None = None
    valid_from: date
    valid_to: date | None = None
    kind: Literal["legal", "local"]
    source: str
    certainty: Certainty
    note_da: str = ""

    def covers(self, intervention: Intervention) -> bool:
        """Return whether the deadline is one of this intervention's."""
        return intervention.id in self.applies_to or intervention.area in self.applies_to

    def overlaps(self, other: "Deadline") -> bool:
        """Return whether some day has both deadlines in force."""
        return self.valid_from <= (other.valid_to or date.max) and other.valid_from <= (
            self.valid_to or date.max
        )


class Status(Entry):
    """What a person's employment, education, housing or debt can be, and whether it is aimed for."""

    id: Identifier
    domain: Literal["employment", "education", "housing", "debt"]
    label_da: str
    is_favourable: bool


class Goal(Entry):
    """An item of a strategy's tree, with the strategy's own Danish words."""

    id: str
    kind: str
    name_da: str
    text_da: str
    section_da: str = ""
    needs_da: str = ""


class Strategy(Entry):
    """One of the municipality's strategies as a list of goals."""

    id: str
    name_da: str
    owner_da: str
    source: str
    goals: tuple[Goal, ...]


class MartColumn(Entry):
    """A column of a mart and how the small-cell gate treats it.

    `key` and `label` pass; `persons` is the count of people the row rests on;
    `numerator` is a count within it; `statistic` is anything computed from
    people and is hidden with them; `flag` is the gate's own mark.
    """

    name: Identifier
    type: Literal["text", "integer", "decimal", "boolean", "date"]
    unit: str
    label_da: str
    disclosure: Literal["key", "label", "persons", "numerator", "statistic", "flag"]


class AddingUp(Entry):
    """Rows whose numerators add up to something a reader knows.

    They agree on the rest of the grain and have one of `parts` in `column`. If one of
    them is hidden alone, subtraction reveals it: the gate hides another. Sums are looked
    at in the order given.
    """

    column: Identifier
    parts: tuple[str, ...]


class Enclosing(Entry):
    """Rows of another mart whose persons are among this mart's.

    They agree with a row here on the columns `by`. Where only few persons are left over,
    subtraction reveals them: the gate hides the row here. `outer` and `inner` restrict the
    rows here and there to those with the given value in a column.
    """

    mart: Identifier
    by: tuple[str, ...]
    outer: Mapping[str, str] = {}
    inner: Mapping[str, str] = {}


class Mart(Entry):
    """A table others read: its grain and columns, restricted or published."""

    id: Identifier
    label_da: str
    grain: tuple[str, ...]
    is_published: bool
    columns: tuple[MartColumn, ...]
    adds_up: tuple[AddingUp, ...] = ()
    encloses: tuple[Enclosing, ...] = ()


class Municipality(Entry):
    """Whose report it is."""

    name_da: str
    contact_da: str


class Catalogue(Entry):
    """All of it. `files` lists every file read, for the manifest's hashes."""

    municipality: Municipality
    parameters: tuple[Parameter, ...]
    extracts: tuple[Extract, ...]
    sources: tuple[Source, ...]
    instruments: tuple[Instrument, ...]
    interventions: tuple[Intervention, ...]
    deadlines: tuple[Deadline, ...]
    statuses: tuple[Status, ...]
    strategies: tuple[Strategy, ...]
    marts: tuple[Mart, ...]
    files: tuple[Path, ...]

    def parameter(self, parameter_id: str) -> int | float | str:
        """Return the value of a parameter; KeyError if it is not in the catalogue."""
        return _by_id(self.parameters, parameter_id).value

    def extract(self, extract_id: str) -> Extract:
        """Return one extract's contract; KeyError if it is not in the catalogue."""
        return _by_id(self.extracts, extract_id)

    def instrument(self, instrument_id: str) -> Instrument:
        """Return one instrument; KeyError if it is not in the catalogue."""
        return _by_id(self.instruments, instrument_id)

    def intervention(self, intervention_id: str) -> Intervention:
        """Return one intervention; KeyError if it is not in the catalogue."""
        return _by_id(self.interventions, intervention_id)

    def mart(self, mart_id: str) -> Mart:
        """Return one mart's declaration; KeyError if it is not in the catalogue."""
        return _by_id(self.marts, mart_id)

    def known(self, kind: str) -> list[str]:
        """Return the ids that a contract's field may refer to; KeyError for a kind that has none."""
        entries: dict[str, tuple[Instrument | Intervention | Status, ...]] = {
            "instrument": self.instruments,
            "intervention": self.interventions,
            "status": self.statuses,
        }
        return [entry.id for entry in entries[kind]]

    @property
    def goals(self) -> dict[str, Goal]:
        """Every goal of every strategy by its id."""
        return {g.id: g for s in self.strategies for g in s.goals}


def _by_id(entries: Iterable[Identified], wanted: str) -> Identified:
    for entry in entries:
        if entry.id == wanted:
            return entry
    raise KeyError(wanted)
