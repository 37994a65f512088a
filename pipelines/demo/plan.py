"""The plan: what the demo municipality's interventions truly do.

Nothing here looks at an intervention's id. Effects, sizes, providers and selection
are dealt out by the position of the intervention in the catalogue, in cycles of
different lengths, so that any catalogue gets every combination and an edited
catalogue moves the truth along with it.

Position `i` (from 0):

* two harmful ones (-0.4 and -0.5 SD), a third and two thirds down the list of those
  that are not tiny, have four providers or more, and a primary outcome with a published
  SD and reliability: harm that the method ought to find;
* otherwise every fourth (`i % 4 == 3`) is useless (0), the rest helpful (0.3-0.7 SD);
* every tenth (`i % 10 == 9`) is tiny, so that small cells appear;
* every third (`i % 3 == 2`) gets its people at a random time, the others when the
  person is at a trough.

A secondary outcome has 0.7 of the primary outcome's effect; an instrument that the
intervention does not declare has none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from pipelines.catalogue import Catalogue, Feed, Instrument, Intervention, Norm

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Role = Literal["helpful", "useless", "harmful"]

HELPFUL_SD = (0.5, 0.3, 0.7, 0.4, 0.6)
HARMFUL_SD = (-0.4, -0.5)
SECONDARY_SHARE = 0.7
PROVIDER_SD = 0.12
PROVIDER_COUNTS = (4, 6, 2, 3, 5, 1, 4)
PROVIDER_SLOTS = max(PROVIDER_COUNTS)
SMALL_SIZES = (5, 16, 8, 12)
SIZE_WEIGHTS = (1.0, 0.6, 1.6, 0.4, 2.0, 0.8, 1.2)
TARGET_SEVERITY = (-0.8, 0.8, 0.0, 0.4, -0.4)
RESPONSE_SHARES = (0.78, 0.68, 0.86, 0.60, 0.74, 0.50)
MEAN_WAIT_DAYS = (25, 60, 40, 95)

# WHO-5 is a raw sum of 0-25 times 4: only every fourth point can occur.
SCORE_STEPS = {"WHO5": 4.0}
# Where the catalogue knows no SD or reliability, the demo still has to draw scores.
FALLBACK_SD_SHARE_OF_RANGE = 0.2
FALLBACK_RELIABILITY = 0.8
# An unselected reference group scores here on the way from worst to best.
FALLBACK_REFERENCE_SHARE = 0.6


@dataclass(frozen=True)
class Scale:
    """How a latent value in SD units becomes a score, for one instrument and respondent.

    `score = reference + sign * sd * z`, rounded to `step` from `minimum` and held
    within the range; `z` is in SD units with plus as better, `sign` is -1 where a
    low score is the good one.
    """

    instrument: str
    respondent: str
    reference: float
    sd: float
    reliability: float
    sign: int
    step: float
    decimals: int
    minimum: float
    maximum: float
    has_norm: bool


@dataclass(frozen=True)
class Plan:
    """Everything planted, as arrays over interventions (j), scales (k) and provider slots (p)."""

    interventions: tuple[Intervention, ...]
    scales: tuple[Scale, ...]
    roles: tuple[Role, ...]
    effect_sd: Floats  # (j,) on the primary outcome at full build-up, plus is better
    outcome_share: Floats  # (j, k) of that effect: 1 primary, 0.7 secondary, 0 not declared
    is_outcome: Booleans  # (j, k) measured on this scale
    provider_effect_sd: Floats  # (j, p), added to effect_sd; mean 0 over the people of an intervention
    provider_share: Floats  # (j, p), each row sums to 1
    size_weight: Floats  # (j,)
    small_size: Integers  # (j,) the exact number of episodes of a tiny one, else 0
    target_severity: Floats  # (j,) the general severity it attracts
    response_share: Floats  # (j,)
    wait_days: Floats  # (j,)
    is_trough: Booleans  # (j,) people are referred at a low point
    horizon_months: Integers  # (j,)


def make_plan(catalogue: Catalogue, rng: np.random.Generator) -> Plan:
    """Deal out truth to the catalogue's interventions.

    Only `provider_effect_sd` is drawn, N(0, 0.12 SD) per provider and centred; the
    rest follows from the position in the catalogue.
    """
    interventions = catalogue.interventions
    scales = tuple(_scales(catalogue))
    position = np.arange(len(interventions))
    small = np.where(position % 10 == 9, _cycle(SMALL_SIZES, position // 10), 0).astype(np.int64)
    provider_count = _cycle(PROVIDER_COUNTS, position).astype(np.int64)
    is_outcome, share = _outcomes(interventions, scales)
    is_judged = np.array([s.has_norm for s in scales])[share.argmax(axis=1)]
    harmful = _harmful(np.flatnonzero((small == 0) & (provider_count >= 4) & is_judged))
    primary_sd = _primary_effects(len(interventions), harmful)
    provider_effect, provider_share = _providers(provider_count, rng)
    return Plan(
        interventions=interventions,
        scales=scales,
        roles=tuple(_role(effect) for effect in primary_sd),
        effect_sd=primary_sd,
        outcome_share=share,
        is_outcome=is_outcome,
        provider_effect_sd=provider_effect,
        provider_share=provider_share,
        size_weight=np.where(primary_sd < 0, max(SIZE_WEIGHTS), _cycle(SIZE_WEIGHTS, position)),
        small_size=small,
        target_severity=_cycle(TARGET_SEVERITY, position),
        response_share=np.where(primary_sd < 0, RESPONSE_SHARES[0], _cycle(RESPONSE_SHARES, position)),
        wait_days=_cycle(MEAN_WAIT_DAYS, position),
        is_trough=position % 3 != 2,
        horizon_months=np.array([i.horizon_months for i in interventions]),
    )


def _cycle(values: tuple[float, ...] | tuple[int, ...], position: Integers) -> Floats:
    return np.asarray(values, dtype=np.float64)[position % len(values)]


def _harmful(eligible: Integers) -> dict[int, float]:
    places = [eligible[len(eligible) * part // 3] for part in (1, 2)] if len(eligible) >= 3 else []
    return dict(zip((int(p) for p in places), HARMFUL_SD, strict=False))


def _primary_effects(count: int, harmful: dict[int, float]) -> Floats:
    effects = [0.0 if i % 4 == 3 else HELPFUL_SD[i % len(HELPFUL_SD)] for i in range(count)]
    return np.array([harmful.get(i, effect) for i, effect in enumerate(effects)])


def _role(effect: float) -> Role:
    if effect > 0:
        return "helpful"
    return "harmful" if effect < 0 else "useless"


def _outcomes(interventions: tuple[Intervention, ...], scales: tuple[Scale, ...]) -> tuple[Booleans, Floats]:
    """Which scales each intervention is measured on, and the share of its effect each gets."""
    column = {(s.instrument, s.respondent): k for k, s in enumerate(scales)}
    is_outcome = np.zeros((len(interventions), len(scales)), dtype=np.bool_)
    share = np.zeros(is_outcome.shape)
    for j, intervention in enumerate(interventions):
        for outcome in intervention.outcomes:
            k = column.get((outcome.instrument, outcome.respondent))
            if k is not None:  # no source of this municipality delivers the others
                is_outcome[j, k] = True
            for other, scale in enumerate(scales):
                if scale.instrument == outcome.instrument:
                    # Another respondent on the same instrument sees the same effect.
                    share[j, other] = max(share[j, other], 1.0 if outcome.primary else SECONDARY_SHARE)
    return is_outcome, share


def _providers(count: Integers, rng: np.random.Generator) -> tuple[Floats, Floats]:
    slot = np.arange(PROVIDER_SLOTS)
    weight = np.where(slot < count[:, None], 1.0 / (1.0 + 0.4 * slot), 0.0)
    share = weight / weight.sum(axis=1, keepdims=True)
    effect = rng.normal(0.0, PROVIDER_SD, share.shape) * (weight > 0)
    # Centred, so that the planted effect is the mean over the intervention's people.
    return (effect - (effect * share).sum(axis=1, keepdims=True)) * (weight > 0), share


def _scales(catalogue: Catalogue) -> Iterator[Scale]:
    known = {i.id: i for i in catalogue.instruments}
    for source in catalogue.sources:
        for feed in source.feeds:
            if feed.extract == "measurement":
                for instrument_id in _delivered(feed, "instrument_id"):
                    if instrument_id in known:
                        for respondent in _delivered(feed, "respondent"):
                            yield _scale(known[instrument_id], respondent)


def _delivered(feed: Feed, field: str) -> tuple[str, ...]:
    """The values of `field` that a feed can deliver: its constant, or its value map's."""
    if field in feed.constants:
        return (feed.constants[field],)
    return tuple(dict.fromkeys(feed.values.get(field, {}).values()))


def _scale(instrument: Instrument, respondent: str) -> Scale:
    norm: Norm = instrument.norm(respondent) or instrument.norms[0]
    span = instrument.maximum - instrument.minimum
    good_share = FALLBACK_REFERENCE_SHARE if instrument.better == "higher" else 1 - FALLBACK_REFERENCE_SHARE
    reference = norm.functional_mean
    return Scale(
        instrument=instrument.id,
        respondent=respondent,
        reference=instrument.minimum + good_share * span if reference is None else reference,
        sd=norm.sd if isinstance(norm.sd, int | float) else FALLBACK_SD_SHARE_OF_RANGE * span,
        reliability=norm.reliability or FALLBACK_RELIABILITY,
        sign=1 if instrument.better == "higher" else -1,
        step=SCORE_STEPS.get(instrument.id, 10.0**-instrument.decimals),
        decimals=instrument.decimals,
        minimum=instrument.minimum,
        maximum=instrument.maximum,
        has_norm=isinstance(norm.sd, int | float) and norm.reliability is not None,
    )
