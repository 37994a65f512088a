"""One municipality from one seed: plan, people, latent course, episodes and measurements together."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pipelines.catalogue import Catalogue
from pipelines.demo.actions import Planned, make_plans_of_action
from pipelines.demo.contacts import Contacts, make_contacts
from pipelines.demo.episodes import Episodes, Period, make_episodes
from pipelines.demo.events import Events, make_events
from pipelines.demo.goals import Goals, make_goals
from pipelines.demo.hours import Grants, make_grants
from pipelines.demo.items import Questionnaires, make_questionnaires
from pipelines.demo.latent import GRID_DAYS, Course, make_latent
from pipelines.demo.links import Links, make_links
from pipelines.demo.measurements import Measurements, make_measurements
from pipelines.demo.network import Activities, Ambassadors, make_activities, make_ambassadors
from pipelines.demo.people import People, make_people
from pipelines.demo.plan import Plan, make_plan
from pipelines.demo.plans import Plans, make_plans
from pipelines.demo.status import Spells, make_spells
from pipelines.demo.surveys import Surveys, make_surveys

PEOPLE_COUNT = 2500
# People who are in no register of citizens: the faults borrow their CPR numbers.
SPARE_PEOPLE_COUNT = 40
MEASUREMENT_COUNT = 60_000
YEAR_COUNT = 5
STREAM_COUNT = 17


@dataclass(frozen=True)
class Municipality:
    """What happened, before any system wrote it down. The first PEOPLE_COUNT people are registered."""

    seed: int
    reporting_year: int
    people: People
    course: Course
    period: Period
    episodes: Episodes
    measurements: Measurements
    questionnaires: Questionnaires
    goals: Goals
    spells: Spells
    grants: Grants
    contacts: Contacts
    events: Events
    plans: Plans
    links: Links
    surveys: Surveys
    ambassadors: Ambassadors
    activities: Activities
    actions: tuple[Planned, ...]


def make_period(reporting_year: int) -> Period:
    """Five years of requests, ending in November; extracts drawn on 31 January of the year after."""
    return Period(
        first_request=day_number(date(reporting_year - YEAR_COUNT + 1, 1, 1)),
        last_request=day_number(date(reporting_year, 11, 30)),
        extract=day_number(date(reporting_year + 1, 1, 31)),
    )


def simulate(
    catalogue: Catalogue, *, seed: int, reporting_year: int, plan: Plan | None = None
) -> Municipality:
    """Draw a municipality; the same arguments give the same one.

    Every stage has its own random stream: with another `plan` (say, no effects) the
    people, their traits, requests, visits and measurement errors stay the same.
    """
    seeds = np.random.SeedSequence([seed, reporting_year]).spawn(STREAM_COUNT)
    streams = [np.random.default_rng(s) for s in seeds]
    plan = plan or make_plan(catalogue, streams[0])
    period = make_period(reporting_year)
    people = make_people(PEOPLE_COUNT + SPARE_PEOPLE_COUNT, reporting_year, streams[1])
    latent = make_latent(PEOPLE_COUNT, plan, period.first_request - GRID_DAYS, period.extract, streams[2])
    episodes = make_episodes(plan, people.area[:PEOPLE_COUNT], latent, period, streams[3])
    support = episodes.support
    course = Course(plan, latent, support)
    measurements = make_measurements(course, episodes, MEASUREMENT_COUNT, period.extract, streams[4])
    return Municipality(
        seed=seed,
        reporting_year=reporting_year,
        people=people,
        course=course,
        period=period,
        episodes=episodes,
        measurements=measurements,
        questionnaires=make_questionnaires(plan, measurements, period.extract, streams[5]),
        goals=make_goals(course, period.extract, streams[6]),
        spells=make_spells(plan, people, episodes, period, catalogue.statuses, streams[7]),
        grants=make_grants(plan, episodes, period.extract, streams[8]),
        contacts=make_contacts(support, period.extract, streams[9]),
        events=make_events(people, episodes, period, streams[10]),
        plans=make_plans(people, episodes, period, streams[11]),
        links=make_links(people, support, period, streams[12]),
        surveys=make_surveys(people, course, episodes, period, reporting_year, streams[13]),
        ambassadors=make_ambassadors(period.extract, streams[14]),
        activities=make_activities(period.extract, streams[15]),
        actions=make_plans_of_action(reporting_year, day_of(period.extract), streams[16]),
    )


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def day_of(number: int) -> date:
    """The date of a number of days since 1970-01-01."""
    return date(1970, 1, 1) + timedelta(days=number)
