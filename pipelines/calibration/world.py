"""People of one contrast, simulated: who asked for help, who got the support, who answered, and where."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from pipelines.estimators.comparison import UNKNOWN_PROVIDER, TwoGroups

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
# People are drawn by the block until both arms are full.
BLOCK = 400
LOG_ODDS_REFERRED = -1.0
# The comparison's providers are others than the treated's, and numbered from here.
OTHERS_FIRST = 1000


@dataclass(frozen=True)
class World:
    """One made-up contrast without any effect; scores in SD of an unselected population, plus is better.

    A score is a lasting part and a passing one; `correlation` is how large a part lasts from baseline to
    follow-up. The `referred_by_*` are log-odds of asking for help per SD worse, in both arms; the
    `chosen_by_*` log-odds of getting the support rather than being compared: by the score, by recorded
    severity (earlier support), by a severity that nobody records. The last costs `hidden_cost` SD at
    follow-up per SD. `answer_by_*` are log-odds to answer per SD better, at baseline or at follow-up.
    `providers` are (treated, others), 0 is unknown; they differ by `provider_variance` (ICC).
    """

    treated: int = 60
    others: int = 60
    correlation: float = 0.5
    referred_by_score: float = 1.0
    referred_by_dip: float = 0.0
    referred_by_lasting: float = 0.0
    chosen_by_score: float = 0.4
    chosen_by_recorded: float = 0.4
    chosen_by_hidden: float = 0.0
    hidden_cost: float = 0.0
    answered_treated: float = 0.8
    answered_others: float = 0.8
    answer_by_baseline: float = 0.5
    answer_by_follow_up: float = 0.0
    providers: tuple[int, int] = (0, 0)
    provider_variance: float = 0.0


@dataclass(frozen=True)
class People:
    """Arrays over persons; `follow_up` is NaN where there is no answer, `held_out` where it is not known."""

    is_treated: Booleans
    baseline: Floats
    follow_up: Floats
    covariates: Floats
    held_out: Floats
    provider: Integers

    @property
    def groups(self) -> TwoGroups:
        """What design D3 is given."""
        x = (self.covariates - self.covariates.mean(axis=0)) / self.covariates.std(axis=0)
        return TwoGroups(x, self.held_out, self.is_treated, self.follow_up, self.provider)


def joined(first: People, second: People) -> People:
    """Return both's people in one."""
    return People(
        *(np.concatenate([getattr(first, f.name), getattr(second, f.name)]) for f in fields(People))
    )


def draw_people(world: World, rng: np.random.Generator) -> People:
    """Draw the two arms; the treated come first."""
    blocks = [_block(world, rng)]
    while min(sum(int((b["z"] == arm).sum()) for b in blocks) - size for arm, size in _sizes(world)) < 0:
        blocks.append(_block(world, rng))
    whole = {name: np.concatenate([b[name] for b in blocks]) for name in blocks[0]}
    chosen = np.concatenate([np.flatnonzero(whole["z"] == arm)[:size] for arm, size in _sizes(world)])
    drawn = {name: values[chosen] for name, values in whole.items()}
    is_treated = drawn["z"] == 1
    provider, of_provider = _providers(world, is_treated, rng)
    follow_up = drawn["follow_up"] + of_provider
    # Age, time on the waiting list and concurrent support matter to nobody here, but the model has them.
    others = rng.normal(size=(3, len(chosen)))
    return People(
        is_treated=is_treated,
        baseline=drawn["baseline"],
        follow_up=np.where(_answers(world, is_treated, drawn["baseline"], follow_up, rng), follow_up, np.nan),
        covariates=np.column_stack([drawn["baseline"], drawn["recorded"], *others, drawn["is_woman"]]),
        held_out=_held_out(drawn, rng),
        provider=provider,
    )


def draw_reference(world: World, persons: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return both scores of an unselected, untreated reference group."""
    lasting, passing, later = _score_parts(world, persons, rng)
    return lasting + passing, lasting + later


def _sizes(world: World) -> tuple[tuple[int, int], tuple[int, int]]:
    return (1, world.treated), (0, world.others)


def _score_parts(world: World, persons: int, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    lasts, passes = np.sqrt(world.correlation), np.sqrt(1 - world.correlation)
    lasting, passing, later = rng.normal(size=(3, persons))
    return lasts * lasting, passes * passing, passes * later


def _block(world: World, rng: np.random.Generator) -> dict[str, Floats]:
    """Some of those who asked for help, with who got the support."""
    lasting, passing, later = _score_parts(world, BLOCK, rng)
    baseline = lasting + passing
    asked = (
        world.referred_by_score * baseline
        + world.referred_by_dip * passing / np.sqrt(1 - world.correlation)
        + world.referred_by_lasting * lasting / np.sqrt(world.correlation)
    )
    is_referred = rng.random(BLOCK) < expit(LOG_ODDS_REFERRED - asked)
    # Earlier support tells half of the lasting severity.
    recorded = -0.5 * lasting / np.sqrt(world.correlation) + np.sqrt(0.75) * rng.normal(size=BLOCK)
    hidden = rng.normal(size=BLOCK)
    chosen = (
        world.chosen_by_recorded * recorded
        + world.chosen_by_hidden * hidden
        # About the mean of those who ask, so that both arms fill.
        - world.chosen_by_score * (baseline + 0.5)
    )
    columns = {
        "z": (rng.random(BLOCK) < expit(chosen)).astype(float),
        "baseline": baseline,
        "follow_up": lasting + later - world.hidden_cost * hidden,
        "earlier_score": lasting + np.sqrt(1 - world.correlation) * rng.normal(size=BLOCK),
        "recorded": recorded,
        "hidden": hidden,
        "is_woman": (rng.random(BLOCK) < 0.5).astype(float),
    }
    return {name: values[is_referred] for name, values in columns.items()}


def _providers(world: World, is_treated: Booleans, rng: np.random.Generator) -> tuple[Integers, Floats]:
    """Whose each person is, large providers and small ones, and what the provider adds."""
    provider = np.full(len(is_treated), UNKNOWN_PROVIDER, dtype=np.int64)
    added = np.zeros(len(is_treated))
    for arm, count, first in zip((is_treated, ~is_treated), world.providers, (0, OTHERS_FIRST), strict=True):
        if count:
            size = np.arange(count) + count
            of_arm = rng.choice(count, int(arm.sum()), p=size / size.sum())
            provider[arm] = first + of_arm
            added[arm] = rng.normal(0, np.sqrt(world.provider_variance), count)[of_arm]
    return provider, added


def _answers(
    world: World, is_treated: Booleans, baseline: Floats, follow_up: Floats, rng: np.random.Generator
) -> Booleans:
    """Who answers: exactly the share of each arm, those with the best odds more often."""
    answered = np.zeros(len(is_treated), dtype=np.bool_)
    odds = world.answer_by_baseline * baseline + world.answer_by_follow_up * follow_up
    odds = odds + rng.logistic(size=len(odds))
    for arm, share in ((is_treated, world.answered_treated), (~is_treated, world.answered_others)):
        rows = np.flatnonzero(arm)
        best = rows[np.argsort(-odds[rows])][: round(share * len(rows))]
        answered[best] = True
    return answered


def _held_out(drawn: dict[str, Floats], rng: np.random.Generator) -> Floats:
    """An earlier score, and two things that tell half of the hidden severity; a fifth lack the score."""
    noise = rng.normal(size=(2, len(drawn["hidden"])))
    told = 0.5 * drawn["hidden"] + np.sqrt(0.75) * noise
    earlier = np.where(rng.random(len(drawn["hidden"])) < 0.2, np.nan, drawn["earlier_score"])
    return np.column_stack([earlier, *told])
