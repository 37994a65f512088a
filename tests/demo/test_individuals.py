"""What was planted for single people is what stands in the files, read by someone who did not write them.

The rules (which months count, how goals are summed up) are the method's, worked out here from
the files' rows alone; only the comparison looks at individuals.json.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from math import sqrt
from typing import Any

import pytest

from tests.demo.reading import Demo, as_date, plain

ANSWERS = {
    "Hele tiden": 5,
    "Det meste af tiden": 4,
    "Mere end halvdelen af tiden": 3,
    "Mindre end halvdelen af tiden": 2,
    "Lidt af tiden": 1,
    "På intet tidspunkt": 0,
}
FAVOURABLE = {
    "Ordinær beskæftigelse", "Fleksjob", "Løntilskud", "I gang med uddannelse", "Uddannelse fuldført",
    "Egen bolig", "Botilbud", "Ingen restance", "Afdragsordning",
}  # fmt: skip
DOMAINS = {"Forsørgelse": "employment", "Uddannelse": "education"}
LAST_DAY = date(2026, 1, 31)
OPEN = date(9999, 12, 31)


@dataclass(frozen=True)
class Episode:
    id: str
    person: str
    intervention: str
    provider: str
    requested: date
    started: date
    ended: date
    hours: float


def number(text: str) -> float:
    return float(text.replace(".", "").replace(",", "."))


@dataclass(frozen=True)
class Lives:
    """The files' rows by the present numbers of their people."""

    demo: Demo

    @cached_property
    def episodes(self) -> dict[str, Episode]:
        return {
            r["Forløbsnr."]: Episode(
                r["Forløbsnr."],
                self.demo.person(r["Borgerens CPR"]),
                r["Indsatskode"],
                r["Leverandør"],
                as_date(r["Ansøgt"]),
                as_date(r["Startdato"]),
                as_date(r["Slutdato"]) or OPEN,
                number(r["Timer pr. uge"]),
            )
            for r in self.demo.clean("indsatser")
            if r["Startdato"]
        }

    @cached_property
    def role(self) -> dict[str, str]:
        return {i["intervention_id"]: i["role"] for i in self.demo.json("truth.json")["interventions"]}

    @cached_property
    def spells(self) -> dict[tuple[str, str], list[tuple[date, date, bool]]]:
        found: dict[tuple[str, str], list[tuple[date, date, bool]]] = defaultdict(list)
        for stem, names in {
            "forsoergelse": ("Status", "Fra", "Til"),
            "bolig": ("Boligsituation", "Indflyttet", "Fraflyttet"),
            "gaeld": ("Gældsstatus", "Fra dato", "Til dato"),
        }.items():
            for r in self.demo.clean(stem):
                status, first, last = (r[name] for name in names)
                domain = (
                    DOMAINS[r["Område"]] if "Område" in r else {"bolig": "housing", "gaeld": "debt"}[stem]
                )
                spell = (as_date(first), as_date(last) or OPEN, status in FAVOURABLE)
                found[self.demo.person(r["CPR-nr."]), domain].append(spell)
        return found

    @cached_property
    def contacts(self) -> Counter[tuple[str, str, date]]:
        return Counter(
            (self.demo.person(r["cpr"]), r["leverandoer"], r["kontaktdato"])
            for r in self.demo.clean("kontakter")
        )


@pytest.fixture(scope="module")
def lives(demo: Demo) -> Lives:
    return Lives(demo)


@pytest.fixture(scope="module")
def truth(demo: Demo) -> dict[str, Any]:
    return demo.json("individuals.json")


PERSON_AND_DAY = {
    "indsatser": ("Borgerens CPR", "Ansøgt"),
    "trivselsskemaer": ("CPR", "Besvaret dato"),
    "familiecenter": ("Barnets CPR", "Dato"),
    "funktionsniveau": ("cpr", "vurderet"),
    "spoergeskemasvar": ("CPR", "Besvaret dato"),
    "borgermaal": ("CPR", "Mål sat"),
    "forsoergelse": ("CPR-nr.", "Fra"),
    "bolig": ("CPR-nr.", "Indflyttet"),
    "gaeld": ("CPR-nr.", "Fra dato"),
    "bevillinger": ("Borgerens CPR", "Bevilget fra"),
    "kontakter": ("cpr", "kontaktdato"),
    "haendelser": ("CPR", "Hændelsesdato"),
    "planer": ("CPR", "Besluttet"),
}


def test_links_are_the_planted_pairs(demo: Demo) -> None:
    planted = {
        link["former_person"]: (link["person"], date.fromisoformat(link["changed_date"]))
        for link in demo.json("truth.json")["links"]
    }
    assert demo.links == planted
    registered = {plain(r["CPR-nr."]) for r in demo.clean("borgere")}
    assert {present for present, _ in planted.values()} <= registered
    assert not planted.keys() & registered


def test_everything_of_before_the_change_stands_under_the_former_number(demo: Demo) -> None:
    changed = {present: day for present, day in demo.links.values()}
    seen: Counter[tuple[str, bool]] = Counter()
    for stem, (person, day) in PERSON_AND_DAY.items():
        pattern = "%d.%m.%Y" if stem in ("trivselsskemaer", "haendelser") else "%d-%m-%Y"
        for row in demo.clean(stem):
            cpr = plain(row[person])
            if cpr in demo.links or cpr in changed:
                there = as_date(row[day], pattern) if isinstance(row[day], str) else row[day]
                there = there.date() if hasattr(there, "date") else there
                is_former = cpr in demo.links
                assert is_former == (there < changed[demo.person(cpr)]), (stem, row)
                seen[stem, is_former] += 1
    assert {s for s, is_former in seen if is_former} >= {"indsatser", "trivselsskemaer", "kontakter", "bolig"}


def test_items_give_the_planted_scores(demo: Demo, truth: dict[str, Any]) -> None:
    finished = {
        (demo.person(r["CPR"]), as_date(r["Besvaret dato"], "%d.%m.%Y")): int(r["Samlet score"])
        for r in demo.clean("trivselsskemaer")
        if r["Skema"] == "WHO-5"
    }
    found = {}
    for row in demo.clean("spoergeskemasvar"):
        day = as_date(row["Besvaret dato"])
        answers = [ANSWERS[text] for text in list(row.values())[2:] if text in ANSWERS]
        assert all(text in ANSWERS or text in ("", "Ikke oplyst") for text in list(row.values())[2:])
        key = (demo.person(row["CPR"]), day)
        found[key] = (len(answers), 4.0 * sum(answers) if len(answers) == 5 else None, key in finished)
        assert key not in finished or finished[key] != found[key][1]
    planted = {
        (r["person"], date.fromisoformat(r["measured_date"])): (
            r["answered_count"], r["score"], r["is_overruled"],
        )
        for r in truth["items"]["rows"]
    }  # fmt: skip
    assert found == planted
    kinds = Counter((score is None, overruled) for _, score, overruled in found.values())
    assert kinds == {(False, False): 600, (True, False): 45, (False, True): 10}
    assert {n for n, score, _ in found.values() if score is None} == {0, 1, 2, 3, 4}


def test_goals_are_coded_by_type(demo: Demo) -> None:
    goals = demo.clean("borgermaal")
    assert {(r["Måltype"], r["Niveau ved start"]) for r in goals} == {
        ("Udvikle", "-1"), ("Fastholde", "0"), ("Begrænse tab", "1"),
    }  # fmt: skip
    assert {r["Opnået niveau"] for r in goals} == {"", "-2", "-1", "0", "1", "2"}
    assert all(bool(r["Opnået niveau"]) == bool(r["Vurderet"]) for r in goals)
    assert {r["Hvis mål"] for r in goals} == {"", "Borgerens", "Fagpersonens", "Fælles"}
    assert all(r["Måltype"] == "Begrænse tab" and r["Følges med"] for r in goals if r["Forventet ændring"])
    keys = [(r["Målnr."], r["Vurderet"]) for r in goals]
    assert len(set(keys)) == len(keys)


def test_goal_attainment_is_the_planted(demo: Demo, lives: Lives, truth: dict[str, Any]) -> None:
    last: dict[str, dict[str, Any]] = {}
    for row in sorted(demo.clean("borgermaal"), key=lambda r: as_date(r["Vurderet"]) or date.min):
        if row["Vurderet"]:
            last[row["Målnr."]] = row
    by_episode: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for row in last.values():
        by_episode[row["Forløbsnr."]].append((float(row["Vægt"] or 1), int(row["Opnået niveau"])))
        assert demo.person(row["CPR"]) == lives.episodes[row["Forløbsnr."]].person
    planted = {r["episode_id"]: (r["goal_count"], r["t_score"]) for r in truth["individual_goals"]["rows"]}
    assert by_episode.keys() == planted.keys()
    for episode, goals in by_episode.items():
        squares, total = sum(w * w for w, _ in goals), sum(w for w, _ in goals)
        t = 50 + 10 * sum(w * x for w, x in goals) / sqrt(0.7 * squares + 0.3 * total**2)
        assert planted[episode] == (len(goals), pytest.approx(t, abs=1e-5))
    attained: dict[str, list[bool]] = defaultdict(list)
    for row in last.values():
        if row["Måltype"] == "Udvikle":
            role = lives.role[lives.episodes[row["Forløbsnr."]].intervention]
            attained[role].append(int(row["Opnået niveau"]) >= 0)
    shares = {role: sum(hits) / len(hits) for role, hits in attained.items()}
    assert shares == pytest.approx(truth["individual_goals"]["attained_share_of_develop"], abs=1e-4)
    assert shares["helpful"] > shares["useless"] + 0.15


def test_goals_of_the_persons_own_get_further(truth: dict[str, Any]) -> None:
    mean = {
        g["owner"]: g["mean_level"]
        for g in truth["individual_goals"]["by_type_and_owner"]
        if g["goal_type"] == "develop"
    }
    assert mean["person"] > mean["professional"] + 0.2


def test_nobody_has_two_statuses_on_one_day(lives: Lives) -> None:
    assert {domain for _, domain in lives.spells} == {"employment", "education", "housing", "debt"}
    for key, spells in lives.spells.items():
        spells.sort()
        for (_, end, was), (start, _, becomes) in pairwise(spells):
            assert start == end + timedelta(days=1), key
            assert was != becomes, key


def status_days(start: date, months: range) -> list[date]:
    """The 15ths of months counted from the last 15th that is not after the start (0)."""
    first = 12 * start.year + start.month - 1 - (start.day < 15)
    return [date((first + m) // 12, (first + m) % 12 + 1, 15) for m in months]


def test_favourable_months_are_the_planted(lives: Lives, truth: dict[str, Any]) -> None:
    def favourable(spells: list[tuple[date, date, bool]], days: list[date]) -> int | None:
        known = [good for day in days for first, last, good in spells if first <= day <= last]
        return sum(known) if len(known) == len(days) and days[-1] <= LAST_DAY else None

    found = {}
    for e in lives.episodes.values():
        before, after = status_days(e.started, range(-23, 1)), status_days(e.started, range(1, 25))
        for domain in ("employment", "education", "housing", "debt"):
            spells = lives.spells.get((e.person, domain), [])
            months = (favourable(spells, before), favourable(spells, after))
            if None not in months:
                found[e.id, domain] = months
    planted = {
        (r["episode_id"], r["domain"]): (r["favourable_before"], r["favourable_after"])
        for r in truth["status_months"]["rows"]
    }
    assert found == planted
    assert len(found) > 3000


def test_work_and_housing_rise_where_support_helps_and_nothing_else_does(truth: dict[str, Any]) -> None:
    rise = {
        (r["role"], r["domain"]): r["mean_favourable_after"] - r["mean_favourable_before"]
        for r in truth["status_months"]["by_role"]
    }
    assert rise["helpful", "employment"] > 3
    assert rise["helpful", "housing"] > 2
    assert abs(rise["helpful", "education"]) < 2
    assert abs(rise["helpful", "debt"]) < 2


def test_hours_fall_where_support_helps(demo: Demo, lives: Lives, truth: dict[str, Any]) -> None:
    grants: dict[str, list[tuple[date, float]]] = defaultdict(list)
    for row in demo.clean("bevillinger"):
        episode = lives.episodes[row["Forløbsnr."]]
        assert demo.person(row["Borgerens CPR"]) == episode.person
        day = as_date(row["Bevilget fra"])
        assert episode.started <= day <= episode.ended
        grants[episode.id].append((day, number(row["Timer pr. uge"])))
    fall: dict[str, list[float]] = defaultdict(list)
    for row in truth["support_hours"]["rows"]:
        days = sorted(grants.pop(row["episode_id"]))
        episode = lives.episodes[row["episode_id"]]
        assert (len(days), days[0][1], days[-1][1]) == (
            row["grant_count"], row["first_hours"], row["last_hours"],
        )  # fmt: skip
        assert days[0] == (episode.started, episode.hours)
        if len(days) > 1:
            fall[lives.role[episode.intervention]].append(1 - days[-1][1] / days[0][1])
    assert grants == {}
    means = {role: sum(falls) / len(falls) for role, falls in fall.items()}
    assert means == pytest.approx(truth["support_hours"]["mean_fall_share"], abs=1e-4)
    assert means["helpful"] > 0.25
    assert abs(means["useless"]) < 0.05


def test_contacts_lie_within_support_by_their_provider(lives: Lives) -> None:
    given = defaultdict(list)
    for e in lives.episodes.values():
        given[e.person].append(e)
    assert set(lives.contacts.values()) == {1}
    for person, provider, day in lives.contacts:
        # One in fifty episodes stands without its provider in the case system.
        assert any(e.started <= day <= e.ended and e.provider in (provider, "") for e in given[person]), (
            provider,
            day,
        )


def test_coherence_counted_day_by_day(demo: Demo, lives: Lives, truth: dict[str, Any]) -> None:
    assert len(truth["coherence"]) == 12
    for planted in truth["coherence"]:
        days = [date(planted["year"], 1, 1) + timedelta(days=n) for n in range(365)]
        own = [e for e in lives.episodes.values() if e.person == planted["person"]]
        running = [[e for e in own if e.started <= day <= e.ended] for day in days]
        kinds = [len({e.intervention for e in there}) for there in running]
        met = Counter(
            provider
            for person, provider, day in lives.contacts
            if person == planted["person"] and day.year == planted["year"]
        )
        n = met.total()
        plans = [
            r
            for r in demo.clean("planer")
            if demo.person(r["CPR"]) == planted["person"]
            and as_date(r["Besluttet"]) <= days[-1]
            and (as_date(r["Afsluttet"]) or OPEN) >= days[0]
        ]
        assert planted == {
            "person": planted["person"],
            "year": 2025,
            "episode_count": len({e.id for there in running for e in there}),
            "intervention_count": len({e.intervention for there in running for e in there}),
            "highest_concurrent_count": max(kinds),
            "supported_day_count": sum(k > 0 for k in kinds),
            "overlap_day_count": sum(k > 1 for k in kinds),
            "contact_count": n,
            "contact_provider_count": len(met),
            "continuity": pytest.approx((sum(c * c for c in met.values()) - n) / (n * (n - 1)), abs=1e-6)
            if n > 1
            else None,
            "plan_count": len(plans),
        }
    assert any(p["overlap_day_count"] > 30 for p in truth["coherence"])


def test_crises_before_support(demo: Demo, lives: Lives, truth: dict[str, Any]) -> None:
    crises = defaultdict(list)
    kinds = Counter()
    for row in demo.clean("haendelser"):
        kinds[row["Hændelse"]] += 1
        if row["Hændelse"] == "Krise":
            crises[demo.person(row["CPR"])].append(as_date(row["Hændelsesdato"], "%d.%m.%Y"))
    found = [
        e.id
        for e in lives.episodes.values()
        if any(e.requested <= day < e.started for day in crises[e.person])
    ]
    # No crisis on the day itself: nobody could say which came first.
    assert not any(
        day in (e.requested, e.started) for e in lives.episodes.values() for day in crises[e.person]
    )
    assert found == truth["events"]["episodes_started_after_a_crisis"]
    assert len(found) >= 200
    names = {"Krise": "crisis", "Underretning": "notification", "Indlæggelse": "admission"}
    assert {names[kind]: n for kind, n in kinds.items()} == truth["events"]["event_count"]


def test_plans_for_turning_18(demo: Demo, truth: dict[str, Any]) -> None:
    decided = {
        demo.person(r["CPR"]): (as_date(r["Besluttet"]), as_date(r["Planlagt overgang"]))
        for r in demo.clean("planer")
        if r["Overgang"] == "Fylder 18 år"
    }
    found = {}
    for row in demo.clean("borgere"):
        born, left = as_date(row["Fødselsdato"]), as_date(row["Fraflyttet"]) or as_date(row["Død"]) or OPEN
        is_leap_day = (born.month, born.day) == (2, 29) and (born.year + 18) % 4
        birthday = date(born.year + 18, 3, 1) if is_leap_day else born.replace(year=born.year + 18)
        if not date(2021, 1, 1) <= birthday <= min(LAST_DAY, left):
            continue
        person = plain(row["CPR-nr."])
        day, planned = decided.pop(person, (None, birthday))
        assert planned == birthday
        timing = "none" if day is None else "in_time" if day < birthday else "late"
        found[person] = (birthday.isoformat(), timing)
    assert decided == {}
    assert found == {p["person"]: (p["birthday"], p["plan"]) for p in truth["plans"]["turned_18"]}
    assert min(Counter(timing for _, timing in found.values()).values()) > 40


def test_plans_are_of_every_kind(demo: Demo, truth: dict[str, Any]) -> None:
    plans = demo.clean("planer")
    assert len({r["Plannr."] for r in plans}) == len(plans)
    assert all(bool(r["Overgang"]) == (r["Plantype"] == "Overgangsplan") for r in plans)
    assert sorted(Counter(r["Plantype"] for r in plans).values()) == sorted(
        truth["plans"]["plan_count"].values()
    )
    overgange = Counter(r["Overgang"] for r in plans if r["Overgang"])
    assert sorted(overgange.values()) == sorted(truth["plans"]["transition_count"].values())
