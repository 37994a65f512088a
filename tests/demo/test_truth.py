"""The planted truth can be found again in the files by someone who did not write them.

Everything here is computed from the raw files (rows with planted faults left out) and the
catalogue; only the last step looks at truth.json.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pytest

from tests.demo.reading import Demo, as_date

INSTRUMENTS = {"WHO-5": "WHO5", "UCLA-3 (ensomhed)": "UCLA3", "CORE-10": "CORE10", "PHQ-9": "PHQ9"}
RESPONDENTS = {"Forælder": "parent", "Lærer": "teacher", "Den unge selv": "self"}
Key = tuple[str, str, str]  # person, instrument, respondent


@dataclass
class Episode:
    person: str
    intervention: str
    requested: date
    started: date | None
    ended: date | None
    reason: str


@dataclass
class Pair:
    """A person's baseline and follow-up on the primary outcome; change in SD, plus is better."""

    episode: Episode
    key: Key
    baseline: tuple[date, float]
    follow_up: tuple[date, float]
    sd: float

    @property
    def change(self) -> float:
        return (self.follow_up[1] - self.baseline[1]) / self.sd


@dataclass
class Records:
    """The files' content in the catalogue's words; scores turned so that plus is better."""

    demo: Demo
    episodes: list[Episode]
    scores: dict[Key, list[tuple[date, float]]]

    def nearest(self, key: Key, day: date, before: int, after: int) -> tuple[date, float] | None:
        near = [s for s in self.scores.get(key, []) if -before <= (s[0] - day).days <= after]
        return min(near, key=lambda s: abs((s[0] - day).days), default=None)

    @cached_property
    def primary(self) -> dict[str, tuple[str, str, float]]:
        """Instrument, respondent and SD of each intervention's primary outcome."""
        sd = {(s["instrument_id"], s["respondent"]): s["sd"] for s in self.demo.json("truth.json")["scales"]}
        primary = {i.id: next(o for o in i.outcomes if o.primary) for i in self.demo.catalogue.interventions}
        return {i: (o.instrument, o.respondent, sd[o.instrument, o.respondent]) for i, o in primary.items()}


@pytest.fixture(scope="module")
def records(demo: Demo) -> Records:
    sign = {i.id: 1 if i.better == "higher" else -1 for i in demo.catalogue.instruments}
    scores: dict[Key, list[tuple[date, float]]] = {}

    def add(cpr: str, instrument: str, respondent: str, day: date, score: float) -> None:
        scores.setdefault((demo.person(cpr), instrument, respondent), []).append(
            (day, sign[instrument] * score)
        )

    for r in demo.clean("trivselsskemaer"):
        score = float(r["Samlet score"].replace(",", "."))
        day = as_date(r["Besvaret dato"], "%d.%m.%Y")
        add(r["CPR"], INSTRUMENTS.get(r["Skema"], r["Skema"]), "self", day, score)
    for r in demo.clean("familiecenter"):
        add(r["Barnets CPR"], "SDQ", RESPONDENTS[r["Udfyldt af"]], r["Dato"], r["SDQ samlet"])
    for r in demo.clean("funktionsniveau"):
        add(r["cpr"], r["skala"], "staff", r["vurderet"], r["vaerdi"])
    episodes = [
        Episode(
            demo.person(r["Borgerens CPR"]), r["Indsatskode"], as_date(r["Ansøgt"]), as_date(r["Startdato"]),
            as_date(r["Slutdato"]), r["Ophørsårsag"],
        )
        for r in demo.clean("indsatser")
    ]  # fmt: skip
    return Records(demo, episodes, scores)


@pytest.fixture(scope="module")
def closed(records: Records) -> list[tuple[Episode, Pair | None]]:
    """Every started episode whose follow-up window is closed, with its pair if it has one."""
    found: list[tuple[Episode, Pair | None]] = []
    for episode in records.episodes:
        if episode.started is None or episode.reason in ("Fraflyttet", "Død"):
            continue
        instrument, respondent, sd = records.primary[episode.intervention]
        months = records.demo.catalogue.intervention(episode.intervention).horizon_months
        horizon = episode.started + timedelta(days=round(months * 30.4375))
        if horizon + timedelta(days=45) > date(2026, 1, 31):
            continue
        key = (episode.person, instrument, respondent)
        before, after = records.nearest(key, episode.started, 90, 14), records.nearest(key, horizon, 45, 45)
        found.append((episode, Pair(episode, key, before, after, sd) if before and after else None))
    return found


def truth_of(demo: Demo) -> dict[str, dict[str, Any]]:
    return {i["intervention_id"]: i for i in demo.json("truth.json")["interventions"]}


def test_the_plan_has_helpful_useless_and_two_harmful(demo: Demo) -> None:
    truth = truth_of(demo)
    effects = [i["effect_sd"] for i in truth.values()]
    assert sorted(e for e in effects if e < 0) == [-0.5, -0.4]
    assert 6 <= effects.count(0.0) <= 12
    assert all(0.3 <= e <= 0.7 for e in effects if e > 0)
    assert all(len(i["providers"]) >= 4 for i in truth.values() if i["role"] == "harmful")
    assert any(len(i["providers"]) == 2 for i in truth.values())
    assert 2 <= sum(3 <= i["episode_count"] <= 16 for i in truth.values()) <= 6
    assert sum(i["episode_count"] for i in truth.values()) == demo.json("truth.json")["episode_count"]


def test_coverage(closed: list[tuple[Episode, Pair | None]]) -> None:
    coverage = np.mean([pair is not None for _, pair in closed])
    assert 0.50 <= coverage <= 0.75


def test_effects_are_recovered_from_the_files(
    records: Records, closed: list[tuple[Episode, Pair | None]]
) -> None:
    """Ordinary least squares of change on baseline and on the support gained meanwhile.

    Support gained is the rise in build-up (0 to 1 over 183 days of support) between the two
    measurements, of every episode of the person that aims at the instrument: 1 for its
    primary outcome, 0.7 for a secondary one.
    """
    truth = truth_of(records.demo)
    ids = [i for i, t in truth.items() if t["episode_count"] > 20]
    of_person: dict[str, list[Episode]] = {}
    for episode in records.episodes:
        of_person.setdefault(episode.person, []).append(episode)
    pairs = [pair for _, pair in closed if pair and pair.episode.intervention in ids]
    design = np.zeros((len(pairs), len(ids)))
    for row, pair in enumerate(pairs):
        for episode in of_person[pair.key[0]]:
            if episode.intervention in ids and episode.started:
                gained = build_up(episode, pair.follow_up[0]) - build_up(episode, pair.baseline[0])
                share = aim(records, episode.intervention, pair.key[1])
                design[row, ids.index(episode.intervention)] += gained * share
    scales = sorted({pair.key[1:] for pair in pairs})
    own_scale = np.array([[pair.key[1:] == scale for scale in scales] for pair in pairs], dtype=float)
    baseline = np.array([[pair.baseline[1] / pair.sd] for pair in pairs])
    trough = np.array([[float(truth[pair.episode.intervention]["is_referred_at_trough"])] for pair in pairs])
    x = np.hstack([design, own_scale, own_scale * baseline, trough])
    y = np.array([pair.change for pair in pairs])
    beta, *_ = np.linalg.lstsq(x, y, rcond=None)
    residual = y - x @ beta
    variance = np.linalg.inv(x.T @ x) * (residual @ residual) / (len(y) - x.shape[1])
    planted = np.array([truth[i]["effect_sd"] for i in ids])
    found, weight = beta[: len(ids)], 1 / np.diag(variance)[: len(ids)]
    assert abs(np.polyfit(planted, found, 1, w=np.sqrt(weight))[0] - 1) < 0.25
    roles = np.array([truth[i]["role"] for i in ids])
    mean = {r: np.average(found[roles == r], weights=weight[roles == r]) for r in set(roles)}
    # Those who do badly answer less, so the files show a little too good a picture, most of all of harm.
    assert abs(mean["helpful"] - 0.5) < 0.2
    assert abs(mean["useless"]) < 0.2
    assert mean["harmful"] < mean["useless"] - 0.1


def build_up(episode: Episode, day: date) -> float:
    until = min(day, episode.ended) if episode.ended else day
    return min(max((until - episode.started).days / 183, 0.0), 1.0)


def aim(records: Records, intervention_id: str, instrument: str) -> float:
    outcomes = records.demo.catalogue.intervention(intervention_id).outcomes
    return max((1.0 if o.primary else 0.7 for o in outcomes if o.instrument == instrument), default=0.0)


def test_the_truth_in_points_is_the_planted_effect_less_the_scales_limits(demo: Demo) -> None:
    """Ends of scale and support shorter than the build-up take some of it; nothing adds to it."""
    sd = {(s["instrument_id"], s["respondent"]): s["sd"] for s in demo.json("truth.json")["scales"]}
    for intervention in truth_of(demo).values():
        if intervention["started_count"] < 40:
            continue
        for outcome in intervention["outcomes"]:
            unit = sd[outcome["instrument_id"], outcome["respondent"]]
            planted, found = outcome["effect_points"] / unit, outcome["mean_effect_points"] / unit
            assert abs(planted - outcome["effect_sd"]) < 1e-9
            assert 0.65 * abs(planted) - 0.1 <= abs(found) <= abs(planted) + 0.1, intervention
            assert planted == 0 or np.sign(found) == np.sign(planted)


def test_without_support_people_referred_at_a_trough_get_better(demo: Demo, records: Records) -> None:
    """Waiting people are measured at the request and again at the start: nobody has helped them yet."""
    truth = truth_of(demo)
    first = {}
    for episode in records.episodes:
        first.setdefault(episode.person, episode)
    changes: dict[bool, list[float]] = {True: [], False: []}
    waits = measured = 0
    for episode in first.values():
        if episode.started is None or (episode.started - episode.requested).days < 28:
            continue
        instrument, respondent, sd = records.primary[episode.intervention]
        key = (episode.person, instrument, respondent)
        asked = records.nearest(key, episode.requested, 0, 7)
        start = records.nearest(key, episode.started, 15, 14)
        waits += 1
        measured += asked is not None
        if asked and start and (start[0] - asked[0]).days >= 20:
            is_trough = truth[episode.intervention]["is_referred_at_trough"]
            changes[is_trough].append((start[1] - asked[1]) / sd)
    assert 0.25 < measured / waits < 0.40
    assert np.mean(changes[True]) > 0.15
    assert np.mean(changes[True]) - np.mean(changes[False]) > 0.1


def test_useless_support_looks_helpful_before_and_after(
    demo: Demo, closed: list[tuple[Episode, Pair | None]]
) -> None:
    truth = truth_of(demo)
    change = [
        pair.change
        for _, pair in closed
        if pair
        and truth[pair.episode.intervention]["role"] == "useless"
        and truth[pair.episode.intervention]["is_referred_at_trough"]
    ]
    assert np.mean(change) > 0.15


def test_severity_decides_who_gets_what(demo: Demo) -> None:
    severity = [i["mean_severity"] for i in truth_of(demo).values() if i["episode_count"] > 40]
    assert max(severity) - min(severity) > 0.6


def test_those_doing_badly_answer_less(records: Records, closed: list[tuple[Episode, Pair | None]]) -> None:
    """Judged by the last score between baseline and horizon, among those who have one."""
    latest: dict[bool, list[float]] = {True: [], False: []}
    for episode, pair in closed:
        instrument, _, sd = records.primary[episode.intervention]
        if instrument != "WHO5" or not records.nearest(
            (episode.person, "WHO5", "self"), episode.started, 90, 14
        ):
            continue
        months = records.demo.catalogue.intervention(episode.intervention).horizon_months
        end = episode.started + timedelta(days=round(months * 30.4375) - 46)
        scores = [s for s in records.scores[episode.person, "WHO5", "self"] if episode.started < s[0] <= end]
        if scores:
            latest[pair is not None].append(max(scores)[1] / sd)
    assert np.mean(latest[True]) - np.mean(latest[False]) > 0.1


def test_providers_differ_around_their_intervention(demo: Demo) -> None:
    spread = []
    for intervention in truth_of(demo).values():
        providers = intervention["providers"]
        share = np.array([p["started_count"] for p in providers], dtype=float)
        effects = np.array([p["effect_sd"] for p in providers]) - intervention["effect_sd"]
        if share.sum() > 100:
            assert abs(np.average(effects, weights=share)) < 0.05
        spread.extend(effects)
    assert 0.07 < np.std(spread) < 0.16


def test_courses_are_as_messy_as_real_ones(records: Records) -> None:
    started = [e for e in records.episodes if e.started]
    share_open = np.mean([e.ended is None for e in started])
    assert 0.10 < share_open < 0.30
    assert 0.08 < np.mean([e.reason in ("Aktivt fravalg", "Udeblevet") for e in started]) < 0.20
    assert len(started) < len(records.episodes)
    assert {e.reason for e in records.episodes} >= {"Fraflyttet", "Død"}
    assert {e.started.year for e in started} >= {2021, 2022, 2023, 2024, 2025}
    counts = np.unique([e.person for e in records.episodes], return_counts=True)[1]
    assert set(counts) == {1, 2, 3, 4}
    overlapping = 0
    last: dict[str, date] = {}
    for e in sorted(started, key=lambda e: e.started):
        overlapping += e.person in last and e.started < last[e.person]
        last[e.person] = max(e.ended or date.max, last.get(e.person, date.min))
    assert overlapping > 300
