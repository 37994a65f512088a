"""A demo run's delivered rows, its planted truth and what it found; no SQL of the models is read here."""

import calendar
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from pipelines.catalogue import Catalogue, load_catalogue
from pipelines.catalogue.entries import Norm
from pipelines.extracts import load_key
from pipelines.extracts.pseudonym import pseudonymise
from tests.conftest import ROOT, DemoRun

Person = bytes  # the pseudonym of the present number
Outcome = tuple[str, str, str]  # episode, instrument, respondent
Values = tuple[Any, ...]


class Episode(NamedTuple):
    """A delivered episode; dates after the reference date have not happened."""

    id: str
    person: Person
    intervention: str
    requested: date | None
    decided: date | None
    started: date | None
    ended: date | None


class Pair(NamedTuple):
    """A primary pair of measurements, and the change, where plus is better."""

    episode: Episode
    horizon_months: int
    direction: int
    baseline: float
    follow_up_date: date
    follow_up: float

    @property
    def change(self) -> float:
        return self.direction * (self.follow_up - self.baseline)


def months_later(day: date, months: int) -> date:
    """The same day some months later, or the last of a shorter month."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def years_between(born: date, day: date) -> int:
    """Completed years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@dataclass(frozen=True)
class Records:
    """`raw` and everything built on it is what was delivered; only `found` reads what the run made of it."""

    run: DemoRun
    connection: duckdb.DuckDBPyConnection
    catalogue: Catalogue = field(default_factory=lambda: load_catalogue(ROOT / "examples" / "demo"))

    @cached_property
    def truth(self) -> dict[str, Any]:
        whole: dict[str, Any] = self.run.truth("truth.json")
        return whole

    @cached_property
    def planted(self) -> dict[str, Any]:
        individuals: dict[str, Any] = self.run.truth("individuals.json")
        return individuals

    @cached_property
    def pseudonyms(self) -> dict[str, bytes]:
        """Of every CPR number in the files."""
        numbers: list[str] = self.run.truth("cprs.json")
        key = load_key(self.run.key_file, create=False)
        return dict(zip(numbers, pseudonymise(pa.array(numbers), key).to_pylist(), strict=True))

    @cached_property
    def person(self) -> dict[str, Person]:
        """Everybody in the files, by CPR number."""
        return {cpr: self._present(pseudonym) for cpr, pseudonym in self.pseudonyms.items()}

    @cached_property
    def reference_date(self) -> date:
        (day,) = self._rows("SELECT reference_date FROM ref.run")[0].values()
        return day

    @cached_property
    def window(self) -> tuple[date, date]:
        """The first and last day of the assessment window."""
        last = date(self.truth["reporting_year"], 12, 31)
        return months_later(last, -self.setting("assessment_window_months")) + timedelta(1), last

    def setting(self, name: str) -> Any:
        return self.catalogue.parameter(name)

    def norm(self, instrument: str, respondent: str) -> Norm:
        norm = self.catalogue.instrument(instrument).norm(respondent)
        assert norm is not None
        return norm

    def found(self, sql: str, keys: int) -> dict[Values, Values]:
        """Rows of the run's own tables: the first columns are the key, a person_id is read as the person."""
        rows = self._rows(sql)
        for row in rows:
            if "person_id" in row:
                row["person_id"] = self._numbered[row["person_id"]]
        return {tuple(row.values())[:keys]: tuple(row.values())[keys:] for row in rows}

    def raw(self, extract: str) -> list[dict[str, Any]]:
        """An extract's rows in the order of delivery, under their people's present numbers."""
        rows = self._rows(f"SELECT * FROM raw.{extract} ORDER BY source_file, source_line")
        return [row | {"person_id": self._present(row["person_id"])} for row in rows]

    @cached_property
    def episodes(self) -> dict[str, Episode]:
        names = ("requested_date", "decided_date", "started_date", "ended_date")
        return {
            r["episode_id"]: Episode(
                r["episode_id"], r["person_id"], r["intervention_id"], *(self._known(r[n]) for n in names)
            )
            for r in self.raw("episode")
        }

    @cached_property
    def register(self) -> dict[Person, dict[str, Any]]:
        return {row["person_id"]: row for row in self.raw("person")}

    @cached_property
    def episodes_of(self) -> dict[Person, list[Episode]]:
        found: dict[Person, list[Episode]] = defaultdict(list)
        for episode in self.episodes.values():
            found[episode.person].append(episode)
        return found

    def left(self, person: Person) -> date | None:
        """The day a person died or moved away."""
        row = self.register.get(person, {})
        days = (self._known(row.get(name)) for name in ("death_date", "moved_date"))
        return min((day for day in days if day), default=None)

    @cached_property
    def plans(self) -> dict[Person, list[date]]:
        """Decisions of plans for turning 18."""
        found: dict[Person, list[date]] = defaultdict(list)
        for row in self.raw("plan"):
            if row["transition_kind"] == "turning_18":
                found[row["person_id"]].append(row["decided_date"])
        return found

    @cached_property
    def scores(self) -> dict[tuple[Person, str, str], dict[date, float]]:
        """A finished score goes before one summed here: WHO-5, five answers, their sum times four."""
        found: dict[tuple[Person, str, str], dict[date, float]] = defaultdict(dict)
        answers: dict[tuple[Person, date], dict[str, float]] = defaultdict(dict)
        for row in self.raw("item_answer"):
            answers[row["person_id"], row["measured_date"]][row["item_id"]] = row["answer"]
        for (person, day), items in answers.items():
            if len(items) == 5:
                found[person, "WHO5", "self"][day] = 4 * sum(items.values())
        for row in self.raw("measurement"):
            key = (row["person_id"], row["instrument_id"], row["respondent"])
            found[key][row["measured_date"]] = row["score"]
        return found

    @cached_property
    def outcomes(self) -> list[tuple[Episode, str, str]]:
        """Every episode for every outcome its intervention is judged on."""
        of = {i.id: [(o.instrument, o.respondent) for o in i.outcomes] for i in self.catalogue.interventions}
        return [(e, *outcome) for e in self.episodes.values() for outcome in of[e.intervention]]

    @cached_property
    def pairs(self) -> dict[Outcome, Pair]:
        found = {
            (e.id, instrument, respondent): self._pair(e, instrument, respondent)
            for e, instrument, respondent in self.outcomes
            if e.started
        }
        return {key: pair for key, pair in found.items() if pair}

    def horizon_end(self, episode: Episode) -> date:
        """The last day of the primary follow-up's window."""
        assert episode.started
        months = self.catalogue.intervention(episode.intervention).horizon_months
        return months_later(episode.started, months) + timedelta(self.setting("follow_up_tolerance_days"))

    def _pair(self, episode: Episode, instrument: str, respondent: str) -> Pair | None:
        assert episode.started
        last = self.horizon_end(episode)
        scores = self.scores.get((episode.person, instrument, respondent), {})
        early, late = self.setting("baseline_days_before"), self.setting("baseline_days_after")
        before = _nearest(scores, episode.started, early, late)
        if before is None or last > self.reference_date:
            return None
        tolerance = self.setting("follow_up_tolerance_days")
        first_day = before + timedelta(self.setting("minimum_pair_days"))
        later = {day: score for day, score in scores.items() if day >= first_day}
        after = _nearest(later, last - timedelta(tolerance), tolerance, tolerance)
        if after is None:
            return None
        direction = 1 if self.catalogue.instrument(instrument).better == "higher" else -1
        months = self.catalogue.intervention(episode.intervention).horizon_months
        return Pair(episode, months, direction, scores[before], after, scores[after])

    @cached_property
    def _links(self) -> dict[bytes, bytes]:
        return {r["former_person_id"]: r["person_id"] for r in self._rows("SELECT * FROM raw.person_link")}

    def _present(self, pseudonym: bytes) -> Person:
        while pseudonym in self._links:
            pseudonym = self._links[pseudonym]
        return pseudonym

    @cached_property
    def _numbered(self) -> dict[int, Person]:
        rows = self._rows("SELECT person_id, pseudonym FROM staging.identity")
        return {row["person_id"]: self._present(row["pseudonym"]) for row in rows}

    def _known(self, day: date | None) -> date | None:
        return day if day and day <= self.reference_date else None

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.connection.execute(sql).to_arrow_table().to_pylist()
        return rows


def _nearest(scores: dict[date, float], aim: date, before: int, after: int) -> date | None:
    """The day nearest `aim`, of two the earlier."""
    days = (day for day in scores if -before <= (day - aim).days <= after)
    return min(days, key=lambda day: (abs((day - aim).days), day), default=None)


@contextmanager
def open_records(run: DemoRun) -> Iterator[Records]:
    folder = run.version / "restricted"
    with duckdb.connect(folder / "warehouse.duckdb", read_only=True) as connection:
        connection.execute(f"ATTACH IF NOT EXISTS '{folder / 'raw.duckdb'}' AS raw (READ_ONLY)")
        yield Records(run, connection)
