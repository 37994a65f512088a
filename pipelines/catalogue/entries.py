"""What a catalogue entry is: one frozen class per kind of entry.

Texts that an analyst or a report reader sees (`*_da`) are Danish; names are English.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import Field

from pipelines.catalogue.action_plan import ActionPlan
from pipelines.catalogue.base import Certainty, Entry, Identifier, Register, Respondent
from pipelines.catalogue.indicators import Figure, Indicator, Question, Statistic, Survey, Target
from pipelines.catalogue.recommendation import Recommendation

FieldType = Literal["person", "code", "text", "integer", "decimal", "date"]
Severity = Literal["error", "warning"]
CutoffMethod = Literal["published", "a", "b", "c"]
ReliableChangeMethod = Literal["JT", "EN", "GLN", "HLL", "NK", "HA", "percentage"]
Area = Literal["children", "adults", "vulnerable"]
GoalType = Literal["develop", "maintain", "limit_loss"]
Payer = Literal["municipality", "region", "state"]

# The kinds of entries whose ids a contract's field may refer to, and what the catalogue calls them.
KINDS: Mapping[str, str] = {
    "instrument": "instruments",
    "intervention": "interventions",
    "status": "statuses",
    "event_kind": "event_kinds",
    "goal": "goals",
    "indicator": "indicators",
    "survey": "surveys",
    "question": "questions",
}
# What a field may refer to whose limits are set by the entry, of this kind, that its row names.
RANGES: Mapping[str, str] = {
    "instrument.range": "instrument",
    "instrument.item_range": "instrument",
    "question.range": "question",
}


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


Identified = TypeVar("Identified", bound=_HasId)


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
    """One column of an extract's contract; a date that `may_be_future` tells of a plan, not of what was."""

    name: Identifier
    type: FieldType
    label_da: str
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    references: str | None = None
    not_before: str | None = None
    may_be_future: bool = False
    severity: Severity = "error"


class Extract(Entry):
    """The contract of one canonical extract (`raw.<id>`).

    What is `statistics_only` was given for statistics alone: a casework run refuses it.
    """

    id: Identifier
    label_da: str
    required: bool
    key: tuple[str, ...]
    fields: tuple[ExtractField, ...]
    statistics_only: bool = False
    freshness_field: str | None = None
    freshness_days: int | None = None

    def field(self, name: str) -> ExtractField | None:
        """Return the field called `name`, or None."""
        return next((f for f in self.fields if f.name == name), None)


class Feed(Entry):
    """How one source file fills one extract.

    `columns` maps a canonical field to the header in the file, `constants` gives
    a field the same text on every row, `values` translates texts per field (a
    text not named there is kept, one translated to "" is missing), `multiply` rescales
    a decimal field. With `distinct`, rows that are equal after mapping are merged (a wide
    file repeats a person on every row); merged rows are counted, never rejected. A row where a field named
    in `absent_when_missing` is blank holds no record for this extract (a wide file's wave
    without a measurement); such rows are counted too. `turned_round`: the source delivers the
    scale of each row's instrument upside down (minimum + maximum - value is meant).
    """

    extract: str
    columns: Mapping[str, str]
    constants: Mapping[str, str] = {}
    values: Mapping[str, Mapping[str, str]] = {}
    multiply: Mapping[str, float] = {}
    distinct: bool = False
    absent_when_missing: tuple[str, ...] = ()
    turned_round: bool = False


class Source(Entry):
    """A file as a source system delivers it, and the extracts it feeds."""

    id: Identifier
    label_da: str
    file: str
    person_key: Literal["cpr", "local"]
    required: bool = True
    feeds: tuple[Feed, ...]


class Norm(Entry):
    """What is known of an instrument for one respondent, in the set of norms `norm_set`.

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
    norm_set: Identifier | None = None
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

    @property
    def has_number(self) -> bool:
        """Say whether anything can be judged by it."""
        known = (self.sd, self.reliability, self.cutoff, self.cutoff_method, self.minimal_important_change)
        return any(value is not None for value in known)


class ScoringPart(Entry):
    """Items that are summed together (a scale of a questionnaire, or all of it).

    `reversed_items` count from the other end. At least `minimum_answered` of the items (all, if
    not stated) must be answered; with fewer than all, the sum is prorated: the mean of the
    answered stands for the missing. `is_rounded`: the part is a whole number of points, halves
    upwards. A part that is not `in_total` is known but not in the score.
    """

    id: Identifier
    items: Annotated[tuple[str, ...], Field(min_length=1)]
    reversed_items: tuple[str, ...] = ()
    minimum_answered: int | None = None
    is_rounded: bool = False
    in_total: bool = True

    @property
    def needed(self) -> int:
        """How many of the items must be answered."""
        return len(self.items) if self.minimum_answered is None else self.minimum_answered


class Scoring(Entry):
    """How answers to single items become a score: `multiplier` times the sum of the parts.

    Where the owner of the instrument forbids electronic scoring without permission,
    `permission_from_da` says who must give it, and nothing is scored until `permission_da`
    names the permission that the municipality holds.
    """

    item_minimum: float
    item_maximum: float
    multiplier: Annotated[float, Field(gt=0)] = 1
    source: str
    certainty: Certainty
    missing_rule_source: str
    missing_rule_certainty: Certainty
    permission_from_da: str | None = None
    permission_da: str | None = None
    parts: tuple[ScoringPart, ...]

    @property
    def is_permitted(self) -> bool:
        """Say whether answers may be scored here."""
        return self.permission_from_da is None or bool(self.permission_da)

    @property
    def items(self) -> tuple[str, ...]:
        """Every item of every part."""
        return tuple(item for part in self.parts for item in part.items)


class Instrument(Entry):
    """A measuring instrument: range, direction, norms per respondent and how it is scored.

    `missing_codes` are what source systems write for "not assessed": never a number, whatever
    the range. `norm_set` chooses among several sets of norms; one alone needs no choice.
    """

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
    missing_codes: tuple[str, ...] = ()
    scoring: Scoring | None = None
    norm_set: Identifier | None = None
    norms: tuple[Norm, ...]

    @property
    def norms_in_use(self) -> tuple[Norm, ...]:
        """The norms of the chosen set, or all where none is chosen."""
        return tuple(n for n in self.norms if self.norm_set in (None, n.norm_set))

    def norm(self, respondent: str) -> Norm | None:
        """Return the norm in use for `respondent`, or None."""
        return next((n for n in self.norms_in_use if n.respondent == respondent), None)

    @property
    def items(self) -> tuple[str, ...]:
        """The items whose answers may be scored; none without a rule or its owner's permission."""
        return self.scoring.items if self.scoring and self.scoring.is_permitted else ()


class Outcome(Entry):
    """One outcome an intervention is judged on; exactly one per intervention is primary.

    `goal_type` says what success is for a person whose own plan has no goal on the instrument.
    """

    instrument: str
    respondent: Respondent
    goal: str
    primary: bool = False
    goal_type: GoalType = "develop"


class NegativeControl(Entry):
    """What neither the intervention nor other support of its area is aimed at, and why it cannot be moved.

    Either an instrument and who answers, or a register. A difference in it is not of the support.
    """

    instrument: str | None = None
    respondent: Respondent | None = None
    register_: Annotated[Register | None, Field(alias="register")] = None
    reason_da: str

    @property
    def id(self) -> str:
        """The id that it has, or would have, as an outcome."""
        return f"register:{self.register_}" if self.register_ else f"{self.instrument}:{self.respondent}"


class KnownEvidence(Entry):
    """What others have found of an intervention: its grade on one of two published scales, and who says so.

    Nesta's standards of evidence run from 1 to 5, the Vidensdeklaration from D to A. It stands beside what is
    found here and is never averaged with it.
    """

    scale: Literal["vidensdeklaration", "nesta"]
    grade: Literal["A", "B", "C", "D", "1", "2", "3", "4", "5"]
    source: str


class Intervention(Entry):
    """A kind of support: for whom, which goals and outcomes, and on what legal ground.

    `support_level` says how much of a person's life the support takes over: 1 an early or
    preventive offer, 2 support at home or as an outpatient, 3 intensive support or a day
    programme, 4 round the clock (placement, residential care). Without it no change of level
    is judged. `registers` names what the intervention is meant to move of a person's employment,
    education, housing and debt; `negative_controls` what it cannot move. `known_evidence` is what others have
    found of it; `randomised_against` says that a lottery decides who gets it and who gets that instead. More
    serious events during the support than `serious_event_limit` (else the parameter's) are a safety flag.
    """

    id: Identifier
    name_da: str
    purpose_da: str
    target_group_da: str
    area: Area
    legal_basis_da: str
    is_legal_right: bool
    horizon_months: Literal[6, 12]
    support_level: Literal[1, 2, 3, 4] | None = None
    goals: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    registers: tuple[Register, ...] = ()
    negative_controls: tuple[NegativeControl, ...] = ()
    known_evidence: tuple[KnownEvidence, ...] = ()
    randomised_against: Literal["waiting", "other_support"] | None = None
    serious_event_limit: Annotated[int, Field(ge=0)] | None = None


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


class Reference(Entry):
    """What happens to people's scores without support, from a population nobody picked out (method, 3.5).

    `mean` and `sd` are of an unselected population of the ages (completed years, both included)
    and target groups named: a general population is no reference for people in need of support.
    `correlation` is between two scores of untreated people `horizon_months` apart. There is no
    "sample" here: the treated group's own mean would give the raw change back.
    """

    id: Identifier
    instrument: str
    respondent: Respondent
    population_da: str
    is_unselected: Literal[True]
    age_from: Annotated[int, Field(ge=0)]
    age_to: int
    target_groups: tuple[str, ...]
    mean: float
    mean_n: Annotated[int, Field(gt=1)] | None = None
    mean_standard_error: Annotated[float, Field(ge=0)] | None = None
    sd: Annotated[float, Field(gt=0)]
    horizon_months: Annotated[int, Field(gt=5)]
    correlation: Annotated[float, Field(gt=0, lt=1)]
    correlation_n: Annotated[int, Field(gt=3)]
    source: str
    certainty: Certainty
    note_da: str = ""

    @property
    def standard_error(self) -> float:
        """The standard error of the mean, given or from its number of people."""
        if self.mean_standard_error is not None:
            return self.mean_standard_error
        assert self.mean_n is not None
        return self.sd / math.sqrt(self.mean_n)

    def overlaps(self, other: "Reference") -> bool:
        """Return whether some person's score could have both applied to it."""
        return (
            (self.instrument, self.respondent, self.horizon_months)
            == (other.instrument, other.respondent, other.horizon_months)
            and self.age_from <= other.age_to
            and other.age_from <= self.age_to
            and not set(self.target_groups).isdisjoint(other.target_groups)
        )


class Status(Entry):
    """What a person's employment, education, housing or debt can be, and whether it is aimed for."""

    id: Identifier
    domain: Register
    label_da: str
    is_favourable: bool


class EventKind(Entry):
    """What an event can be: a crisis that support should have come before, a serious event during support."""

    id: Identifier
    label_da: str
    is_crisis: bool
    is_serious: bool = False


class AgeBand(Entry):
    """Ages that results are shown by: from `age_from` (completed years) to where the next band begins."""

    id: Identifier
    label_da: str
    age_from: Annotated[int, Field(ge=0)]


class Label(Entry):
    """The Danish name of a code, `kind:code`."""

    id: str
    label_da: str


class Estimand(Entry):
    """What a design estimates against a comparator, `design:comparator`, as a sentence.

    `{intervention}`, `{outcome}` and `{months}` (the horizon) stand for those of the row, and a parameter's
    id in braces for its value.
    """

    id: str
    sentence_da: str


class UnitPrice(Entry):
    """What one unit of something costs one payer, in the prices of `price_year`.

    Without an interval the price is taken to lie within the parameter `price_interval_share` of what it says.
    """

    id: Identifier
    label_da: str
    unit_da: str
    payer: Payer
    price_dkk: Annotated[float, Field(ge=0)]
    lower_dkk: Annotated[float, Field(ge=0)] | None = None
    upper_dkk: float | None = None
    price_year: int
    source: str
    certainty: Certainty


class ConsequenceYear(Entry):
    """How many units one more success spares in one year after the decision; the first year is 0.

    What lies beyond the horizon of the intervention was not measured: it stands on `beyond_source`.
    """

    year: Annotated[int, Field(ge=0)]
    units: float
    lower: float
    upper: float
    beyond_source: str = ""


class Consequence(Entry):
    """What one more success on an outcome spares, in units that have a price; minus is what it takes more of.

    A success is one more reliably improved person, or in a register one more person with a favourable status
    all the time. Without `interventions` it holds for all that have the outcome.
    """

    id: Identifier
    label_da: str
    outcome: str
    interventions: tuple[str, ...] = ()
    unit_price: str
    years: Annotated[tuple[ConsequenceYear, ...], Field(min_length=1)]
    source: str
    certainty: Certainty


class DiscountRate(Entry):
    """The yearly rate from `year_from` on (years after the decision), as set on `valid_from`."""

    id: Identifier
    valid_from: date
    year_from: Annotated[int, Field(ge=0)]
    rate: Annotated[float, Field(ge=0, lt=1)]
    source: str
    certainty: Certainty


class PriceIndex(Entry):
    """The level of prices in a year; only the ratio of two years says anything."""

    id: Identifier
    year: int
    level: Annotated[float, Field(gt=0)]
    source: str
    certainty: Certainty


class WillingnessToPay(Entry):
    """What politicians have said they would pay per person for one more unit of an outcome (λ).

    The unit is a standard deviation (`sd`) or one more reliably improved person.
    """

    id: Identifier
    outcome: str
    unit: Literal["sd", "reliably_improved"]
    amount_dkk: Annotated[float, Field(gt=0)]
    decided_da: str


class Goal(Entry):
    """An item of a strategy's tree, with the strategy's own Danish words, and what it is followed by.

    `parent` is the item it stands under in the strategy. `needs_da` says what it takes to measure it better.
    """

    id: str
    kind: str
    parent: str | None = None
    name_da: str
    text_da: str
    section_da: str = ""
    needs_da: str = ""
    owner_role_da: str = ""
    indicators: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()


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


class Resembling(Entry):
    """A row that counts nearly the same persons as another, or as those a third leaves out.

    They agree on the rest of the grain, and have `part`, `like` and `unlike` in `column`. The
    gate hides the row where one of the others is hidden, and where the difference would tell of
    few persons.
    """

    column: Identifier
    part: str
    like: str
    unlike: str


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


class Division(Entry):
    """Rows that divide the persons of another row among them, in one or several ways.

    They agree on the rest of the grain. The row of everybody has `whole` in `column`, and those that divide
    it in one way `<way>:<part>`. Whole minus visible parts is what is hidden: the gate hides all parts of a
    way where it would hide one, and where it hides the whole.
    """

    column: Identifier
    whole: str


class Mart(Entry):
    """A table others read: its grain and columns, restricted or published."""

    id: Identifier
    label_da: str
    grain: tuple[str, ...]
    is_published: bool
    columns: tuple[MartColumn, ...]
    divides: tuple[Division, ...] = ()
    adds_up: tuple[AddingUp, ...] = ()
    resembles: tuple[Resembling, ...] = ()
    encloses: tuple[Enclosing, ...] = ()


class Contact(Entry):
    """Whom a citizen may turn to `about` something, and how: what is not known is left out."""

    about: Literal["help", "complaint", "answers", "own_data"]
    name_da: str
    phone: str | None = None
    email: str | None = None
    address_da: str | None = None
    hours_da: str | None = None


class Municipality(Entry):
    """Whose report it is, and whom its citizens may turn to."""

    name_da: str
    contact_da: str
    contacts: tuple[Contact, ...] = ()


class Catalogue(Entry):
    """All of it. `files` lists every file read, for the manifest's hashes."""

    municipality: Municipality
    parameters: tuple[Parameter, ...]
    extracts: tuple[Extract, ...]
    sources: tuple[Source, ...]
    instruments: tuple[Instrument, ...]
    interventions: tuple[Intervention, ...]
    deadlines: tuple[Deadline, ...]
    references: tuple[Reference, ...]
    statuses: tuple[Status, ...]
    event_kinds: tuple[EventKind, ...]
    age_bands: tuple[AgeBand, ...]
    labels: tuple[Label, ...]
    estimands: tuple[Estimand, ...]
    unit_prices: tuple[UnitPrice, ...]
    consequences: tuple[Consequence, ...]
    discount_rates: tuple[DiscountRate, ...]
    price_indices: tuple[PriceIndex, ...]
    willingness_to_pay: tuple[WillingnessToPay, ...]
    recommendation: Recommendation
    action_plan: ActionPlan
    strategies: tuple[Strategy, ...]
    indicators: tuple[Indicator, ...]
    surveys: tuple[Survey, ...]
    questions: tuple[Question, ...]
    statistics: tuple[Statistic, ...]
    figures: tuple[Figure, ...]
    marts: tuple[Mart, ...]
    files: tuple[Path, ...]

    @property
    def sha256(self) -> str:
        """The hash of every file read: two runs with the same one used the same catalogue."""
        digest = sha256()
        for path in self.files:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()

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

    def label(self, label_id: str) -> str:
        """Return the Danish name of a code; KeyError if it is not in the catalogue."""
        return _by_id(self.labels, label_id).label_da

    def mart(self, mart_id: str) -> Mart:
        """Return one mart's declaration; KeyError if it is not in the catalogue."""
        return _by_id(self.marts, mart_id)

    def indicator(self, indicator_id: str) -> Indicator:
        """Return one indicator; KeyError if it is not in the catalogue."""
        return _by_id(self.indicators, indicator_id)

    def known(self, kind: str) -> list[str]:
        """Return the ids that a contract's field may refer to; KeyError for a kind that has none."""
        if kind == "goal":
            return list(self.goals)
        entries: tuple[_HasId, ...] = getattr(self, KINDS[kind])
        return [entry.id for entry in entries]

    def limits(self, reference: str) -> dict[str, tuple[float, float]]:
        """Return the lowest and highest value by the id of the entry that sets them (`RANGES`)."""
        if reference == "question.range":
            return {q.id: (q.scale_minimum, q.scale_maximum) for q in self.questions}
        if reference == "instrument.item_range":
            rules = {i.id: i.scoring for i in self.instruments if i.scoring}
            return {name: (rule.item_minimum, rule.item_maximum) for name, rule in rules.items()}
        return {i.id: (i.minimum, i.maximum) for i in self.instruments}

    @property
    def goals(self) -> dict[str, Goal]:
        """Every goal of every strategy by its id."""
        return {g.id: g for s in self.strategies for g in s.goals}


def _by_id(entries: Iterable[Identified], wanted: str) -> Identified:
    for entry in entries:
        if entry.id == wanted:
            return entry
    raise KeyError(wanted)
