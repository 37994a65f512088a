"""What was planted, for tests and calibration: never read by the pipeline."""

from typing import Any

import numpy as np

from pipelines.demo.actions import actions_truth
from pipelines.demo.cells import date_texts, provider_code
from pipelines.demo.contacts import coherence_truth
from pipelines.demo.events import events_truth
from pipelines.demo.goals import goals_truth
from pipelines.demo.hours import hours_truth
from pipelines.demo.items import items_truth
from pipelines.demo.latent import (
    FLUCTUATION_DAYS,
    FLUCTUATION_VARIANCE,
    NEVER,
    SHIFT_SD,
    stable_variance,
    to_score,
)
from pipelines.demo.measurements import MONTH_DAYS
from pipelines.demo.network import network_truth
from pipelines.demo.plan import Integers
from pipelines.demo.plans import plans_truth
from pipelines.demo.simulation import PEOPLE_COUNT, Municipality
from pipelines.demo.status import status_truth
from pipelines.demo.surveys import surveys_truth

NOISE_DRAWS = 40


def describe_truth(city: Municipality) -> dict[str, Any]:
    """Return the content of truth.json: the truth per intervention, and the scales unsupported."""
    plan, support, links = city.course.plan, city.course.support, city.links
    changed = date_texts(links.changed, "%Y-%m-%d")
    return {
        "seed": city.seed,
        "reporting_year": city.reporting_year,
        "person_count": PEOPLE_COUNT,
        "episode_count": len(support.person),
        "measurement_count": len(city.measurements.day),
        "interventions": [_intervention(city, j) for j in range(len(plan.interventions))],
        "scales": [_scale(city, k) for k in range(len(plan.scales))],
        "links": [
            {"former_person": former, "person": city.people.cpr[p], "changed_date": day}
            for former, p, day in zip(links.former_cpr, links.person, changed, strict=True)
        ],
        "surveys": surveys_truth(city.surveys),
        "network": network_truth(city.ambassadors, city.activities, city.period.extract),
        "actions": actions_truth(city.actions),
    }


def describe_individuals(city: Municipality) -> dict[str, Any]:
    """Return the content of individuals.json: what was planted for single people, episodes and goals."""
    plan, support = city.course.plan, city.course.support
    return {
        "items": items_truth(city.people, city.questionnaires),
        "individual_goals": goals_truth(city.course, city.goals),
        "status_months": status_truth(plan, support, city.spells, city.period.extract),
        "support_hours": hours_truth(plan, support, city.grants),
        "coherence": coherence_truth(city.people, support, city.contacts, city.plans, city.reporting_year),
        "events": events_truth(support, city.events),
        "plans": plans_truth(city.people, city.plans),
    }


def _intervention(city: Municipality, j: int) -> dict[str, Any]:
    plan, support = city.course.plan, city.course.support
    own = support.intervention == j
    started = np.flatnonzero(own & (support.started < NEVER))
    at_request = city.course.latent.fluctuation_on(support.person[own], support.requested[own])
    outcomes = [_outcome(city, j, int(k), started) for k in np.flatnonzero(plan.is_outcome[j])]
    delivered = {(o["instrument_id"], o["respondent"]) for o in outcomes}
    return {
        "intervention_id": plan.interventions[j].id,
        "role": plan.roles[j],
        "effect_sd": float(plan.effect_sd[j]),
        "horizon_months": int(plan.horizon_months[j]),
        "episode_count": int(own.sum()),
        "started_count": len(started),
        "is_referred_at_trough": bool(plan.is_trough[j]),
        "mean_fluctuation_at_request": _mean(at_request),
        "mean_severity": _mean(-city.course.latent.general[support.person[own]]),
        "outcomes": outcomes,
        "outcomes_without_source": [
            f"{o.instrument}:{o.respondent}"
            for o in plan.interventions[j].outcomes
            if (o.instrument, o.respondent) not in delivered
        ],
        "providers": [
            _provider(city, j, p, started) for p in np.flatnonzero(plan.provider_share[j]).tolist()
        ],
    }


def _provider(city: Municipality, j: int, slot: int, started: Integers) -> dict[str, Any]:
    plan = city.course.plan
    return {
        "provider_id": provider_code(j, slot),
        "effect_sd": float(plan.effect_sd[j] + plan.provider_effect_sd[j, slot]),
        "started_count": int((city.course.support.provider[started] == slot).sum()),
    }


def _outcome(city: Municipality, j: int, k: int, started: Integers) -> dict[str, Any]:
    """One outcome's truth; the two means are over everyone who started, answering or not.

    `mean_effect_points` is the score at the horizon less the score the same people would
    have had, then, without this episode, averaged over measurement error (rounding and range
    limits included);
    `mean_change_without_points` is their change from start to then. Plus is better.
    """
    plan, support = city.course.plan, city.course.support
    scale = plan.scales[k]
    start = support.started[started]
    horizon = start + round(int(plan.horizon_months[j]) * MONTH_DAYS)
    person, scales = support.person[started], np.full(len(started), k)
    noise = np.random.default_rng([city.seed, j, k]).standard_normal((2, NOISE_DRAWS, len(started)))
    effect = city.course.episode_effect(started, scales, horizon)
    z = city.course.wellness(person, scales, horizon)
    before = city.course.wellness(person, scales, start)
    with_support = to_score(plan, scales, z, noise[0])
    without_support = to_score(plan, scales, z - effect, noise[0])
    at_start = to_score(plan, scales, before, noise[1])
    return {
        "instrument_id": scale.instrument,
        "respondent": scale.respondent,
        "is_primary": bool(plan.outcome_share[j, k] == 1.0),
        "effect_sd": float(plan.effect_sd[j] * plan.outcome_share[j, k]),
        "effect_points": float(plan.effect_sd[j] * plan.outcome_share[j, k] * scale.sd),
        "mean_effect_points": _mean(scale.sign * (with_support - without_support)),
        "mean_change_without_points": _mean(scale.sign * (without_support - at_start)),
    }


def _scale(city: Municipality, k: int) -> dict[str, Any]:
    scale, stable = city.course.plan.scales[k], float(stable_variance(city.course.plan)[k])
    return {
        "instrument_id": scale.instrument,
        "respondent": scale.respondent,
        "sd": scale.sd,
        "reliability": scale.reliability,
        "unselected_mean": scale.reference + scale.sign * scale.sd * SHIFT_SD,
        "untreated_correlation": {
            str(months): stable
            + FLUCTUATION_VARIANCE * float(np.exp(-months * MONTH_DAYS / FLUCTUATION_DAYS))
            for months in (6, 12)
        },
    }


def _mean(values: np.ndarray[Any, np.dtype[np.float64]]) -> float | None:
    return round(float(values.mean()), 4) if len(values) else None
