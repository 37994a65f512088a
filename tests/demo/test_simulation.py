"""The municipality against its own twins: the same people, with one thing planted otherwise."""

from dataclasses import replace

import numpy as np
import pytest

from pipelines.catalogue import Catalogue
from pipelines.demo.latent import BUILD_UP_DAYS, NEVER, SHIFT_SD
from pipelines.demo.plan import Plan
from pipelines.demo.simulation import Municipality, simulate
from pipelines.demo.status import DOMAINS, Spells
from tests.demo.reading import YEAR

ALWAYS = 1 - 1e-12


@pytest.fixture(scope="module")
def plan(catalogue: Catalogue) -> Plan:
    return simulate(catalogue, seed=1, reporting_year=YEAR).course.plan


@pytest.fixture(scope="module")
def answering(catalogue: Catalogue, plan: Plan) -> tuple[Municipality, Municipality]:
    """Everybody answers, in a municipality with effects and in one without any."""
    everyone = replace(plan, response_share=np.full_like(plan.response_share, ALWAYS))
    nothing = replace(
        everyone,
        effect_sd=np.zeros_like(plan.effect_sd),
        provider_effect_sd=np.zeros_like(plan.provider_effect_sd),
    )
    with_effects = simulate(catalogue, seed=1, reporting_year=YEAR, plan=everyone)
    without = simulate(catalogue, seed=1, reporting_year=YEAR, plan=nothing)
    return with_effects, without


def gain_by_row(answering: tuple[Municipality, Municipality]) -> np.ndarray:
    """What support added to each measurement, in SD of the scale, plus as better."""
    here, there = answering[0].measurements, answering[1].measurements
    assert np.array_equal(here.person, there.person)
    assert np.array_equal(here.scale, there.scale)
    assert np.array_equal(here.day, there.day)
    unit = np.array([s.sign / s.sd for s in answering[0].course.plan.scales])[here.scale]
    return np.asarray((here.score - there.score) * unit)


def test_change_less_the_natural_course_is_the_planted_effect(
    answering: tuple[Municipality, Municipality],
) -> None:
    """Of people with one episode, measured on the primary outcome after the build-up."""
    city = answering[0]
    support, plan, m = city.course.support, city.course.plan, city.measurements
    gain = gain_by_row(answering)
    is_single = support.of_person[:, 1] < 0
    episode = support.of_person[m.person, 0]
    lasted = np.minimum(support.ended, m.day.max())[episode] - support.started[episode]
    is_full = (lasted >= BUILD_UP_DAYS) & (m.day - support.started[episode] >= BUILD_UP_DAYS)
    is_primary = plan.outcome_share[support.intervention[episode], m.scale] == 1
    chosen = is_single[m.person] & is_full & is_primary
    provider = plan.provider_effect_sd[support.intervention, support.provider]
    planted = (plan.effect_sd[support.intervention] + provider)[episode]
    assert chosen.sum() > 500
    for role in ("helpful", "useless", "harmful"):
        of_role = chosen & np.array([r == role for r in plan.roles])[support.intervention[episode]]
        # The ends of a scale swallow some of an effect.
        assert abs(gain[of_role].mean() - planted[of_role].mean()) < 0.1, role
    slope = np.polyfit(planted[chosen], gain[chosen], 1)[0]
    assert 0.9 < slope < 1.02


def test_nothing_is_gained_before_support_starts(answering: tuple[Municipality, Municipality]) -> None:
    support, m = answering[0].course.support, answering[0].measurements
    first_start = np.full(support.people_count, NEVER)
    np.minimum.at(first_start, support.person, support.started)
    before = m.day <= first_start[m.person]
    assert before.sum() > 3000
    assert np.all(gain_by_row(answering)[before] == 0)


def test_missing_answers_make_the_municipality_look_better(
    catalogue: Catalogue, answering: tuple[Municipality, Municipality]
) -> None:
    def mean_after_a_year(city: Municipality) -> float:
        m, support = city.measurements, city.course.support
        rows = m.day - support.first_request[m.person] > 200
        unit = np.array([s.sign / s.sd for s in city.course.plan.scales])[m.scale]
        reference = np.array([s.reference for s in city.course.plan.scales])[m.scale]
        return float(((m.score - reference) * unit)[rows].mean())

    real = simulate(catalogue, seed=1, reporting_year=YEAR)
    assert mean_after_a_year(real) > mean_after_a_year(answering[0]) + 0.1


def test_scores_of_an_unselected_group_have_the_instruments_spread(
    answering: tuple[Municipality, Municipality],
) -> None:
    """Without effects, at a random point of everyone's course, z is N(shift, 1) less what noise adds."""
    course = answering[1].course
    everyone = np.arange(course.support.people_count)
    scale = np.zeros_like(everyone)
    day = np.full_like(everyone, course.latent.first_day + 400)
    z = course.wellness(everyone, scale, day)
    reliability = course.plan.scales[0].reliability
    assert abs(z.std() ** 2 - reliability) < 0.06
    assert SHIFT_SD - 0.05 < z.mean() < SHIFT_SD + 0.2


def test_statuses_move_with_helpful_support_alone(answering: tuple[Municipality, Municipality]) -> None:
    """The same people with and without effects: only those with helpful support have other spells."""
    here, there = (city.spells for city in answering)
    plan, support = answering[0].course.plan, answering[0].course.support
    is_helping = (support.started < NEVER) & (plan.effect_sd[support.intervention] > 0)
    is_helped = np.zeros(support.people_count, dtype=bool)
    is_helped[support.person[is_helping]] = True

    def of(spells: Spells, chosen: np.ndarray) -> list[tuple[int, ...]]:
        columns = (spells.domain[chosen], spells.person[chosen], spells.first[chosen], spells.last[chosen])
        return list(zip(*(c.tolist() for c in columns), strict=True))

    assert of(here, ~is_helped[here.person]) == of(there, ~is_helped[there.person])
    for domain, name in enumerate(DOMAINS):
        helped_here, helped_there = (is_helped[s.person] & (s.domain == domain) for s in (here, there))
        assert (of(here, helped_here) == of(there, helped_there)) == (name in ("education", "debt"))
