"""Read a catalogue folder into one :class:`Catalogue`, finding every mistake in one pass."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import ValidationError

from pipelines.catalogue.action_plan import ActionPlan, broken_action_plan
from pipelines.catalogue.base import Entry
from pipelines.catalogue.codes import broken_codes
from pipelines.catalogue.controls import broken_controls
from pipelines.catalogue.economy import broken_economy
from pipelines.catalogue.entries import (
    KINDS,
    RANGES,
    AgeBand,
    Area,
    Catalogue,
    Consequence,
    Deadline,
    DiscountRate,
    Estimand,
    EventKind,
    Extract,
    Instrument,
    Intervention,
    Label,
    Mart,
    Municipality,
    Parameter,
    PriceIndex,
    Reference,
    Source,
    Status,
    Strategy,
    UnitPrice,
    WillingnessToPay,
)
from pipelines.catalogue.indicators import Figure, Indicator, Question, Statistic, Survey
from pipelines.catalogue.norms import broken_norms, missing_norm_da
from pipelines.catalogue.recommendation import Recommendation, broken_recommendation
from pipelines.catalogue.references import broken_references
from pipelines.catalogue.scoring import broken_scoring
from pipelines.catalogue.strategies import STATISTICS, SURVEYS, broken_strategies
from pipelines.errors import CatalogueError, Problem

EntryType = TypeVar("EntryType", bound=Entry)

# Why a month has no status, beside the statuses in `individual.self_reliance_month`.
NO_STATUSES = frozenset({"unknown", "died", "moved", "window_open"})

# pydantic's error types that an analyst can meet, in her own language.
MESSAGES_DA = {
    "missing": "mangler",
    "extra_forbidden": "kendes ikke; ret stavningen eller fjern linjen",
    "string_type": "skal være en tekst i anførselstegn",
    "string_too_short": "er tom; skriv en tekst",
    "string_pattern_mismatch": "må kun bestå af bogstaver, tal, _ og -, og skal begynde med et bogstav",
    "int_type": "skal være et helt tal uden anførselstegn",
    "float_type": "skal være et tal uden anførselstegn (punktum som decimaltegn)",
    "bool_type": "skal være true eller false",
    "date_type": "skal være en dato uden anførselstegn (åååå-mm-dd)",
    "greater_than": "skal være større end {gt}",
    "greater_than_equal": "skal være mindst {ge}",
    "less_than": "skal være mindre end {lt}",
    "literal_error": "skal være en af: {expected}",
    "tuple_type": "skal være en liste i [ ]",
    "too_short": "skal have mindst {min_length} i listen",
    "model_type": "skal være en gruppe af nøgler",
    "dict_type": "skal være en gruppe af nøgler",
}


@dataclass
class _Reading:
    """Files found under a catalogue (and the one it extends), and the problems met."""

    files: dict[str, Path]
    problems: list[Problem] = field(default_factory=list)
    # In which file an entry of a kind is written, by its id.
    written_in: dict[tuple[type[Entry], str], str] = field(default_factory=dict)

    def toml(self, name: str) -> dict[str, Any] | None:
        if name not in self.files:
            self.problems.append(Problem(name, "filen mangler i kataloget"))
            return None
        try:
            return tomllib.loads(self.files[name].read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            self.problems.append(Problem(name, f"er ikke gyldig TOML i UTF-8: {error}"))
            return None

    def entry(self, kind: type[EntryType], name: str, raw: object, at: str = "") -> EntryType | None:
        try:
            return kind.model_validate(raw)
        except ValidationError as error:
            for detail in error.errors():
                self.problems.append(Problem(f"{name} ({at}{_key(detail['loc'])})", _message(detail)))
            return None

    def single(self, kind: type[EntryType], name: str) -> EntryType | None:
        raw = self.toml(name)
        return None if raw is None else self.entry(kind, name, _as_tuples(raw))

    def folder(self, kind: type[EntryType], folder: str) -> tuple[EntryType, ...]:
        return self._kept(kind, ((name, self.single(kind, name)) for name in self._within(folder)))

    def listed(self, kind: type[EntryType], name: str, key: str) -> tuple[EntryType, ...]:
        return self.rows(kind, name, key, self.keyed(name, key))

    def listed_folder(self, kind: type[EntryType], folder: str, key: str) -> tuple[EntryType, ...]:
        return tuple(entry for name in self._within(folder) for entry in self.listed(kind, name, key))

    def keyed(self, name: str, *keys: str, is_optional: bool = False) -> dict[str, Any]:
        """Return the lists of a file by their keys, none where it may be left out and is."""
        if is_optional and name not in self.files:
            return {}
        raw = self.toml(name) or {}
        for unknown in sorted(raw.keys() - {*keys}):
            self.problems.append(Problem(f"{name} ({unknown})", MESSAGES_DA["extra_forbidden"]))
        return raw

    def rows(self, kind: type[EntryType], name: str, key: str, raw: dict[str, Any]) -> tuple[EntryType, ...]:
        found = (
            (name, self.entry(kind, name, _as_tuples(row), f"{key} {_label(row, position)}: "))
            for position, row in enumerate(raw.get(key, []), start=1)
        )
        return self._kept(kind, found)

    def _within(self, folder: str) -> list[str]:
        return sorted(name for name in self.files if name.startswith(folder + "/"))

    def _kept(
        self, kind: type[EntryType], found: Iterable[tuple[str, EntryType | None]]
    ) -> tuple[EntryType, ...]:
        kept = [(name, entry) for name, entry in found if entry is not None]
        self.written_in |= {(kind, getattr(entry, "id", "")): name for name, entry in kept}
        return tuple(entry for _, entry in kept)


def load_catalogue(root: Path) -> Catalogue:
    """Parse every TOML file under `root`.

    A folder may hold a `catalogue.toml` with `extends = "<other folder>"`: then the
    other catalogue's files are read too, and a file with the same name here takes
    its place. Folders named in `replaces` are not taken over at all.

    Raises:
        CatalogueError: with every mistake of every file, each with file and key.
    """
    reading = _Reading(catalogue_files(root))
    surveys = reading.keyed(SURVEYS, "survey", "question", is_optional=True)
    public = reading.keyed(STATISTICS, "statistic", "figure", is_optional=True)
    # Not validated as a whole: its entries are, and one that failed is a problem already told.
    catalogue = Catalogue.model_construct(
        municipality=reading.single(Municipality, "municipality.toml"),
        parameters=reading.listed(Parameter, "parameters.toml", "parameter"),
        extracts=reading.folder(Extract, "extracts"),
        sources=reading.folder(Source, "sources"),
        instruments=reading.folder(Instrument, "instruments"),
        interventions=reading.listed(Intervention, "interventions.toml", "intervention"),
        deadlines=reading.listed(Deadline, "deadlines.toml", "deadline"),
        references=reading.listed(Reference, "references.toml", "reference"),
        statuses=reading.listed(Status, "statuses.toml", "status"),
        event_kinds=reading.listed(EventKind, "event_kinds.toml", "event_kind"),
        age_bands=reading.listed(AgeBand, "age_bands.toml", "age_band"),
        labels=reading.listed(Label, "labels.toml", "label"),
        estimands=reading.listed(Estimand, "estimands.toml", "estimand"),
        unit_prices=reading.listed(UnitPrice, "unit_prices.toml", "unit_price"),
        consequences=reading.listed(Consequence, "consequences.toml", "consequence"),
        discount_rates=reading.listed(DiscountRate, "discount_rates.toml", "discount_rate"),
        price_indices=reading.listed(PriceIndex, "price_indices.toml", "price_index"),
        willingness_to_pay=reading.listed(WillingnessToPay, "willingness_to_pay.toml", "willingness_to_pay"),
        recommendation=reading.single(Recommendation, "recommendation.toml"),
        action_plan=reading.single(ActionPlan, "action_plan.toml"),
        strategies=reading.folder(Strategy, "strategies"),
        indicators=reading.listed_folder(Indicator, "indicators", "indicator"),
        surveys=reading.rows(Survey, SURVEYS, "survey", surveys),
        questions=reading.rows(Question, SURVEYS, "question", surveys),
        statistics=reading.rows(Statistic, STATISTICS, "statistic", public),
        figures=reading.rows(Figure, STATISTICS, "figure", public),
        marts=reading.listed(Mart, "marts.toml", "mart"),
        files=tuple(reading.files[name] for name in sorted(reading.files)),
    )
    # A file that did not parse would make every reference into its kind look broken.
    broken_kinds = {re.split("[/ ]", problem.where)[0] for problem in reading.problems}
    reading.problems += _doubled_ids(catalogue)
    reading.problems += _broken_extracts(catalogue)
    reading.problems += _broken_marts(catalogue)
    reading.problems += _outside_limits(catalogue)
    reading.problems += _broken_feeds(catalogue, is_known="extracts" not in broken_kinds)
    reading.problems += broken_codes(catalogue, broken_kinds=broken_kinds)
    reading.problems += _broken_goals(catalogue, is_known="strategies" not in broken_kinds)
    reading.problems += _broken_outcomes(catalogue, is_known="instruments" not in broken_kinds)
    reading.problems += broken_norms(catalogue, is_known="instruments" not in broken_kinds)
    reading.problems += broken_scoring(catalogue)
    reading.problems += _broken_deadlines(catalogue, is_known="interventions.toml" not in broken_kinds)
    reading.problems += _broken_statuses(catalogue)
    reading.problems += _broken_age_bands(catalogue)
    reading.problems += _broken_registers(catalogue, is_known="statuses.toml" not in broken_kinds)
    reading.problems += broken_controls(catalogue, is_known="instruments" not in broken_kinds)
    reading.problems += _broken_known_evidence(catalogue)
    values = {p.id: p.value for p in catalogue.parameters} if "parameters.toml" not in broken_kinds else None
    rules = list(broken_recommendation(catalogue.recommendation, values))
    reading.problems += rules
    reading.problems += broken_action_plan(catalogue.action_plan, None if rules else catalogue.recommendation)
    is_known = {"instruments", "interventions.toml", "parameters.toml"}.isdisjoint(broken_kinds)
    reading.problems += broken_references(catalogue, is_known=is_known)
    reading.problems += broken_economy(catalogue, broken_kinds=broken_kinds)
    reading.problems += broken_strategies(catalogue, reading.written_in, broken_kinds=broken_kinds)
    if reading.problems:
        raise CatalogueError(reading.problems)
    return catalogue


def catalogue_files(root: Path) -> dict[str, Path]:
    """Return every file that a catalogue is read from, by its name within the catalogue.

    Raises:
        CatalogueError: there is no such folder, or what it extends cannot be read.
    """
    if not root.is_dir():
        raise CatalogueError([Problem(str(root), "katalogmappen findes ikke; angiv den med --catalogue")])
    found: dict[str, Path] = {}
    manifest = root / "catalogue.toml"
    if manifest.exists():
        try:
            own = tomllib.loads(manifest.read_text(encoding="utf-8"))
            extends, replaces = own["extends"], tuple(f"{folder}/" for folder in own.get("replaces", []))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as error:
            message = f'skal være TOML med én linje: extends = "<mappe>" ({error})'
            raise CatalogueError([Problem(str(manifest), message)]) from error
        inherited = catalogue_files((root / extends).resolve())
        found |= {name: path for name, path in inherited.items() if not name.startswith(replaces)}
    found |= {path.relative_to(root).as_posix(): path for path in root.rglob("*.toml") if path != manifest}
    return found


def _doubled_ids(catalogue: Catalogue) -> Iterator[Problem]:
    for folder, entries in (
        ("parameters.toml", catalogue.parameters),
        ("extracts", catalogue.extracts),
        ("sources", catalogue.sources),
        ("instruments", catalogue.instruments),
        ("interventions.toml", catalogue.interventions),
        ("deadlines.toml", catalogue.deadlines),
        ("references.toml", catalogue.references),
        ("statuses.toml", catalogue.statuses),
        ("event_kinds.toml", catalogue.event_kinds),
        ("age_bands.toml", catalogue.age_bands),
        ("labels.toml", catalogue.labels),
        ("estimands.toml", catalogue.estimands),
        ("unit_prices.toml", catalogue.unit_prices),
        ("consequences.toml", catalogue.consequences),
        ("discount_rates.toml", catalogue.discount_rates),
        ("price_indices.toml", catalogue.price_indices),
        ("willingness_to_pay.toml", catalogue.willingness_to_pay),
        ("strategies", [g for s in catalogue.strategies for g in s.goals]),
        ("indicators", catalogue.indicators),
        (SURVEYS, catalogue.surveys),
        (SURVEYS, catalogue.questions),
        (STATISTICS, catalogue.statistics),
        ("marts.toml", catalogue.marts),
    ):
        for entry_id, times in Counter(e.id for e in entries).items():
            if times > 1:
                yield Problem(f"{folder} ({entry_id})", f"samme id står {times} gange; ét id skal være ét")


def _broken_goals(catalogue: Catalogue, *, is_known: bool) -> Iterator[Problem]:
    for intervention in catalogue.interventions if is_known else ():
        wanted = {*intervention.goals, *(o.goal for o in intervention.outcomes)}
        for goal in sorted(wanted - catalogue.goals.keys()):
            where = f"interventions.toml (intervention {intervention.id}: goals)"
            yield Problem(where, f"målet '{goal}' findes ikke i catalogue/strategies")


def _broken_outcomes(catalogue: Catalogue, *, is_known: bool) -> Iterator[Problem]:
    instruments = {i.id: i for i in catalogue.instruments}
    for intervention in catalogue.interventions:
        where = f"interventions.toml (intervention {intervention.id}: outcomes)"
        if sum(o.primary for o in intervention.outcomes) != 1:
            yield Problem(where, "præcis ét udfald skal have primary = true")
        for outcome in intervention.outcomes if is_known else ():
            instrument = instruments.get(outcome.instrument)
            if instrument is None:
                yield Problem(where, f"måleredskabet '{outcome.instrument}' findes ikke")
            elif message := missing_norm_da(instrument, outcome.respondent):
                yield Problem(where, message)


def _broken_deadlines(catalogue: Catalogue, *, is_known: bool) -> Iterator[Problem]:
    known = {*get_args(Area), *(i.id for i in catalogue.interventions)}
    for deadline in catalogue.deadlines:
        where = f"deadlines.toml (deadline {deadline.id}: "
        if (deadline.days is None) == (deadline.months is None):
            yield Problem(where + "days)", "skal have enten days eller months, og ikke begge")
        if deadline.valid_to and deadline.valid_to < deadline.valid_from:
            yield Problem(where + "valid_to)", "ligger før valid_from")
        if not deadline.applies_to:
            yield Problem(where + "applies_to)", "skal nævne mindst én indsats eller et område")
        for name in sorted(set(deadline.applies_to) - known) if is_known else ():
            yield Problem(where + "applies_to)", f"'{name}' er hverken en indsats eller et område")
    for one, other in combinations(catalogue.deadlines, 2):
        shared = [i.id for i in catalogue.interventions if one.covers(i) and other.covers(i)]
        if one.step == other.step and one.overlaps(other) and shared:
            message = f"gælder samtidig med '{one.id}' for samme skridt og indsats ({shared[0]})"
            yield Problem(f"deadlines.toml (deadline {other.id}: valid_from)", message)


def _broken_known_evidence(catalogue: Catalogue) -> Iterator[Problem]:
    grades = {"nesta": "12345", "vidensdeklaration": "ABCD"}
    for intervention in catalogue.interventions:
        for known in intervention.known_evidence:
            if known.grade not in grades[known.scale]:
                where = f"interventions.toml (intervention {intervention.id}: known_evidence)"
                yield Problem(where, f"'{known.grade}' er ikke et trin på skalaen '{known.scale}'")


def _broken_statuses(catalogue: Catalogue) -> Iterator[Problem]:
    for status in catalogue.statuses:
        if status.id in NO_STATUSES:
            message = "betyder i opgørelserne, at status ikke kendes; vælg et andet id"
            yield Problem(f"statuses.toml (status {status.id}: id)", message)


def _broken_age_bands(catalogue: Catalogue) -> Iterator[Problem]:
    bands = catalogue.age_bands
    if bands and bands[0].age_from != 0:
        where = f"age_bands.toml (age_band {bands[0].id}: age_from)"
        yield Problem(where, "det første bånd skal begynde ved 0")
    for earlier, later in pairwise(bands):
        if later.age_from <= earlier.age_from:
            message = f"skal begynde efter {earlier.age_from}, hvor båndet før begynder"
            yield Problem(f"age_bands.toml (age_band {later.id}: age_from)", message)


def _broken_registers(catalogue: Catalogue, *, is_known: bool) -> Iterator[Problem]:
    with_status = {s.domain for s in catalogue.statuses}
    for intervention in catalogue.interventions:
        where = f"interventions.toml (intervention {intervention.id}: registers)"
        for register, times in Counter(intervention.registers).items():
            if times > 1:
                yield Problem(where, f"'{register}' står {times} gange; nævn hvert register én gang")
            if is_known and register not in with_status:
                yield Problem(where, f"'{register}' har ingen status i statuses.toml")


def _broken_feeds(catalogue: Catalogue, *, is_known: bool) -> Iterator[Problem]:
    extracts = {e.id: e for e in catalogue.extracts}
    for source in catalogue.sources if is_known else ():
        for feed in source.feeds:
            where = f"sources/{source.id} (feeds {feed.extract}: "
            extract = extracts.get(feed.extract)
            if extract is None:
                yield Problem(where + "extract)", f"udtrækket '{feed.extract}' findes ikke")
                continue
            given = {*feed.columns, *feed.constants}
            used: dict[str, Iterable[str]] = {
                "columns": given,
                "values": feed.values,
                "multiply": feed.multiply,
                "absent_when_missing": feed.absent_when_missing,
            }
            for key, names in used.items():
                for name in sorted(set(names) - {f.name for f in extract.fields}):
                    yield Problem(where + f"{key}.{name})", f"feltet findes ikke i '{extract.id}'")
            needed = [f.name for f in extract.fields if f.required or f.name == extract.freshness_field]
            if feed.turned_round and not any(f.references in RANGES for f in extract.fields):
                yield Problem(where + "turned_round)", f"'{extract.id}' har ingen skala at vende")
            for missing in (name for name in needed if name not in given):
                yield Problem(
                    where + f"columns.{missing})", "et påkrævet felt har hverken kolonne eller konstant"
                )


def _broken_extracts(catalogue: Catalogue) -> Iterator[Problem]:
    extracts = {e.id: e for e in catalogue.extracts}
    for extract in catalogue.extracts:
        names = {f.name for f in extract.fields}
        mentioned = [("key", k) for k in extract.key]
        mentioned += [("freshness_field", extract.freshness_field)] if extract.freshness_field else []
        mentioned += [(f"{f.name}.not_before", f.not_before) for f in extract.fields if f.not_before]
        for key, name in mentioned:
            if name not in names:
                yield Problem(f"extracts/{extract.id} ({key})", f"feltet '{name}' findes ikke i udtrækket")
        referred = {f.references for f in extract.fields if f.references}
        for f in extract.fields:
            if f.references and not _resolves(f.references, extracts):
                yield Problem(f"extracts/{extract.id} ({f.name}.references)", f"'{f.references}' findes ikke")
        named = {
            kind
            for reference, kind in (*RANGES.items(), ("instrument.item", "instrument"))
            if reference in referred
        }
        for kind in sorted(named - referred):
            message = f'skalaen kan ikke findes uden et felt med references = "{kind}"'
            yield Problem(f"extracts/{extract.id} (references)", message)
        if "status.domain" in referred and "status" not in referred:
            message = 'området kan ikke holdes mod en status uden et felt med references = "status"'
            yield Problem(f"extracts/{extract.id} (references)", message)


def _outside_limits(catalogue: Catalogue) -> Iterator[Problem]:
    for parameter in catalogue.parameters:
        low, high, value = parameter.at_least, parameter.at_most, parameter.value
        is_number = isinstance(value, int | float)
        if not is_number and (low is not None or high is not None):
            yield Problem(f"parameters.toml (parameter {parameter.id}: value)", "skal være et tal")
        elif isinstance(value, int | float) and not (
            (low is None or value >= low) and (high is None or value <= high)
        ):
            limits = " og ".join(
                f"{word} {limit}" for word, limit in (("mindst", low), ("højst", high)) if limit is not None
            )
            yield Problem(f"parameters.toml (parameter {parameter.id}: value)", f"{value} skal være {limits}")


def _broken_marts(catalogue: Catalogue) -> Iterator[Problem]:
    for mart in catalogue.marts:
        columns = {c.name for c in mart.columns}
        for name in mart.grain:
            if name not in columns:
                yield Problem(f"marts.toml (mart {mart.id}: grain)", f"kolonnen '{name}' er ikke erklæret")
        compared = [("adds_up", sums.column) for sums in mart.adds_up]
        compared += [("divides", division.column) for division in mart.divides]
        compared += [("resembles", resembling.column) for resembling in mart.resembles]
        for key, name in compared:
            if name not in mart.grain:
                yield Problem(f"marts.toml (mart {mart.id}: {key})", f"'{name}' er ikke en del af grain")
        for enclosing in mart.encloses:
            inner = next((m for m in catalogue.marts if m.id == enclosing.mart), None)
            where = f"marts.toml (mart {mart.id}: encloses)"
            if inner is None:
                yield Problem(where, f"mart '{enclosing.mart}' findes ikke")
            elif not set(enclosing.by) <= {*mart.grain} & {*inner.grain}:
                yield Problem(where, "kolonnerne i 'by' skal være en del af grain i begge marts")


def _resolves(reference: str, extracts: dict[str, Extract]) -> bool:
    if reference in (*KINDS, "instrument.item", *RANGES):
        return True
    if reference == "status.domain":
        return True
    extract_id, _, name = reference.partition(".")
    return extract_id in extracts and extracts[extract_id].field(name) is not None


def _as_tuples(value: Any) -> Any:
    """TOML arrays as tuples: entries are immutable and validated strictly."""
    if isinstance(value, list):
        return tuple(_as_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: _as_tuples(item) for key, item in value.items()}
    return value


def _key(location: Iterable[str | int]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in location)


def _label(row: Any, position: int) -> str:
    return str(row.get("id", f"nr. {position}")) if isinstance(row, dict) else f"nr. {position}"


def _message(detail: Any) -> str:
    template = MESSAGES_DA.get(detail["type"])
    told = {key: str(value).replace(" or ", " eller ") for key, value in detail.get("ctx", {}).items()}
    return template.format(**told) if template else detail["msg"]
