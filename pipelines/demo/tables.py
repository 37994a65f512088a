"""The municipality's records as its systems write them: cells under the sources' own headers.

Headers and value texts come from `catalogue/sources`; what is here is each system's habits:
hyphens in CPR numbers, date and number styles, and columns that nobody asked for (names,
addresses, free text) and that must never get past the border.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipelines.catalogue import Catalogue, Source
from pipelines.demo.actions import actions_table
from pipelines.demo.cells import (
    Cell,
    Table,
    date_texts,
    dates,
    episode_code,
    free_texts,
    hyphenated,
    make_table,
    number_text,
    number_texts,
    provider_code,
    texts_of,
)
from pipelines.demo.contacts import contacts_table
from pipelines.demo.decisions import decisions_table
from pipelines.demo.events import events_table
from pipelines.demo.goals import goals_table
from pipelines.demo.hours import grants_table
from pipelines.demo.items import questionnaires_table
from pipelines.demo.latent import NEVER
from pipelines.demo.links import cpr_on, links_table
from pipelines.demo.network import activities_table, ambassadors_table
from pipelines.demo.plan import Booleans, Integers
from pipelines.demo.plans import plans_table
from pipelines.demo.simulation import PEOPLE_COUNT, Municipality
from pipelines.demo.status import spells_table
from pipelines.demo.surveys import citizen_table, staff_table

REVEALING_NOTE_COUNT = 15
PERSONAL_DETAILS = frozenset({"Fornavn", "Efternavn", "Adresse"})


def make_tables(city: Municipality, catalogue: Catalogue, rng: np.random.Generator) -> tuple[Table, ...]:
    """Write the municipality down, one table per source; KeyError if a source is not in the catalogue."""
    sources = {s.id: s for s in catalogue.sources}
    year, people, links, support = city.reporting_year, city.people, city.links, city.course.support
    return (
        _people(city, sources["cpr_udtraek"]),
        _episodes(city, sources["fagsystem"], rng),
        _forms(city, sources["trivselsskema"]),
        _family_centre(city, sources["familiecenter"]),
        _assessments(city, sources["udredning"]),
        questionnaires_table(people, links, city.questionnaires, sources["spoergeskemasvar"], year),
        goals_table(people, links, city.course, city.goals, sources["borgermaal"], year),
        spells_table(people, links, city.spells, sources["forsoergelse"], year, open_text="31-12-9999"),
        spells_table(people, links, city.spells, sources["bolig"], year),
        spells_table(people, links, city.spells, sources["gaeld"], year),
        grants_table(people, links, support, city.grants, sources["bevilling"], year),
        contacts_table(people, links, city.contacts, sources["kontakter"], year),
        events_table(people, links, city.events, sources["haendelser"], year, rng),
        plans_table(people, links, city.plans, sources["planer"], year, rng),
        links_table(people, links, sources["cpr_skift"], year),
        decisions_table([i.id for i in catalogue.interventions], sources["beslutninger"], year, rng),
        citizen_table(people, links, city.surveys.citizen, sources["borgerundersoegelse"], year),
        staff_table(city.surveys.staff, sources["personaleundersoegelse"], year),
        ambassadors_table(city.ambassadors, sources["ambassadoerer"], year),
        activities_table(city.activities, sources["aktiviteter"], year),
        actions_table(city.actions, sources["handlinger"], year),
    )


def _people(city: Municipality, source: Source) -> Table:
    people, count = city.people, PEOPLE_COUNT
    sex = texts_of(source.feeds[0], "sex")
    columns = {
        "person_id": [hyphenated(c) for c in people.cpr[:count]],
        "Fornavn": people.first_name[:count],
        "Efternavn": people.surname[:count],
        "Adresse": people.address[:count],
        "birth_date": date_texts(people.birth_date[:count].astype(np.int64), "%d-%m-%Y"),
        "sex": [sex["male" if male else "female"][0] for male in people.is_male[:count]],
        "target_group": people.target_group[:count],
        "moved_date": date_texts(city.episodes.moved, "%d-%m-%Y"),
        "death_date": date_texts(city.episodes.died, "%d-%m-%Y"),
    }
    return make_table(source, city.reporting_year, 1, columns, unmapped=PERSONAL_DETAILS)


def _episodes(city: Municipality, source: Source, rng: np.random.Generator) -> Table:
    episodes, support = city.episodes, city.course.support
    count = len(support.person)
    reasons = texts_of(source.feeds[0], "end_reason")
    pick = rng.integers(0, 2**31, count)
    has_provider = (support.started < NEVER) & (rng.random(count) >= 0.02)
    has_started = (support.started < NEVER).tolist()
    codes = [i.id for i in city.course.plan.interventions]
    columns = {
        "episode_id": [episode_code(e) for e in range(count)],
        "person_id": cpr_on(city.people, city.links, support.person, support.requested),
        "intervention_id": [codes[j] for j in support.intervention],
        "provider_id": _provider_codes(support.intervention, support.provider, has_provider),
        "requested_date": date_texts(support.requested, "%d-%m-%Y"),
        "decided_date": date_texts(episodes.decided, "%d-%m-%Y"),
        "started_date": date_texts(support.started, "%d-%m-%Y"),
        "ended_date": date_texts(support.ended, "%d-%m-%Y"),
        "end_reason": [
            reasons[r][p % len(reasons[r])] if r else ""
            for r, p in zip(episodes.end_reason.tolist(), pick.tolist(), strict=True)
        ],
        "weekly_hours": number_texts(episodes.weekly_hours, 1, has_started),
        "cost_dkk": number_texts(episodes.cost_dkk, 2, has_started),
        "Bemærkning": free_texts(city.people, support.person, REVEALING_NOTE_COUNT, rng),
    }
    return make_table(source, city.reporting_year, 1, columns, unmapped=frozenset({"Bemærkning"}))


def _provider_codes(intervention: Integers, slot: Integers, is_known: Booleans) -> list[str]:
    known = zip(intervention.tolist(), slot.tolist(), is_known.tolist(), strict=True)
    return [provider_code(j, p) if is_given else "" for j, p, is_given in known]


def _rows_of(city: Municipality, respondents: set[str], instruments: set[str]) -> npt.NDArray[np.int64]:
    wanted = [s.respondent in respondents and s.instrument in instruments for s in city.course.plan.scales]
    return np.flatnonzero(np.array(wanted)[city.measurements.scale])


def _numbers_of(city: Municipality, rows: npt.NDArray[np.int64]) -> list[str]:
    m = city.measurements
    return cpr_on(city.people, city.links, m.person[rows], m.day[rows])


def _forms(city: Municipality, source: Source) -> Table:
    texts = texts_of(source.feeds[0], "instrument_id")
    # What is delivered as answers to the items comes without a finished score.
    rows = np.setdiff1d(_rows_of(city, {"self"}, set(texts)), city.questionnaires.measurement)
    m, scales = city.measurements, city.course.plan.scales
    columns = {
        "person_id": [hyphenated(cpr) for cpr in _numbers_of(city, rows)],
        "instrument_id": [texts[scales[k].instrument][0] for k in m.scale[rows]],
        "measured_date": date_texts(m.day[rows], "%d.%m.%Y"),
        "score": [
            number_text(v, scales[k].decimals)
            for v, k in zip(m.score[rows].tolist(), m.scale[rows].tolist(), strict=True)
        ],
    }
    return make_table(source, city.reporting_year, 2, columns)


def _family_centre(city: Municipality, source: Source) -> Table:
    feed = source.feeds[0]
    texts = texts_of(feed, "respondent")
    rows = _rows_of(city, set(texts), {feed.constants["instrument_id"]})
    m, people = city.measurements, city.people
    columns: dict[str, Sequence[Cell]] = {
        "person_id": _numbers_of(city, rows),
        "Barnets navn": [f"{people.first_name[p]} {people.surname[p]}" for p in m.person[rows]],
        "respondent": [texts[city.course.plan.scales[k].respondent][0] for k in m.scale[rows]],
        "measured_date": dates(m.day[rows]),
        "score": [int(v) for v in m.score[rows].tolist()],
    }
    return make_table(source, city.reporting_year, 4, columns, unmapped=frozenset({"Barnets navn"}))


def _assessments(city: Municipality, source: Source) -> Table:
    texts = texts_of(source.feeds[0], "instrument_id")
    rows = _rows_of(city, {"staff"}, set(texts))
    m = city.measurements
    columns: dict[str, Sequence[Cell]] = {
        "person_id": _numbers_of(city, rows),
        "instrument_id": [texts[city.course.plan.scales[k].instrument][0] for k in m.scale[rows]],
        "measured_date": dates(m.day[rows]),
        "score": m.score[rows].tolist(),
    }
    return make_table(source, city.reporting_year, 0, columns)
