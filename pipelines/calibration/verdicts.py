"""The recommendation where the truth is known: what ought to be found, and what never may be said.

A promise of the method that its own rules cannot keep is no fault of the code: it is told, with the decision
that weighs it, and does not count among the claims that must hold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from pipelines.calibration import stories, two_years
from pipelines.calibration.bench import Cell, Columns
from pipelines.calibration.designs import Setting
from pipelines.calibration.findings import Claim, Figure, Section, share
from pipelines.calibration.four_designs import WORLDS
from pipelines.calibration.two_years import DELTA, PRESENT, YEARS, Variant, judged
from pipelines.calibration.world import Booleans, World
from pipelines.catalogue.recommendation import Recommendation

SIZES = (20, 40, 60, 150, 300)
WEIGHED = (60, 150, 300)
DECISION = "0009-what-the-rules-can-and-cannot-find.md"
FALSE = 0.02
FOUND = 0.8
NEVER = 0.01
TRUTHS = {
    "nothing": "no effect",
    DELTA: "effect at δ",
    "helps": f"{two_years.TRUTHS['helps']} SD better",
    "harms": f"{-two_years.TRUTHS['harms']} SD worse",
}
SAID: Mapping[str, tuple[str, ...]] = {
    "invest": ("invest",),
    "continue": ("continue",),
    "adjust": ("adjust",),
    "harm": ("investigate_harm",),
    "no_effect": ("investigate_no_effect",),
    "measure": ("keep_measuring", "measure_better", "measure_the_goal"),
    "stop": ("stop_harm", "stop_harm_right"),
    "redesign": ("redesign_no_effect", "not_better"),
}
HIDDEN_BETTER = replace(stories.ONLY_HIDDEN, chosen_by_hidden=-stories.ONLY_HIDDEN.chosen_by_hidden)
VARIANTS = (
    PRESENT,
    Variant("b = 0.1 for everybody", changed={"hidden_confounding_sd": 0.1}),
    Variant(
        "b = 0.1 where a negative control that half knows the hidden severity passed",
        informed={"hidden_confounding_sd": 0.1},
    ),
    Variant(
        "P(effect > δ) ≥ 80 % asked before b; harm at 95 %",
        changed={"harm_probability": 0.95},
        of_measures={"probability_relevant_sure": {"hidden_confounding_sd": 0.0}},
    ),
    Variant(
        "the same, and P(effect > 0) at 97.5 %; harm at 90 %",
        changed={"harm_probability": 0.9, "invest_positive_probability": 0.975},
        of_measures={"probability_relevant_sure": {"hidden_confounding_sd": 0.0}},
    ),
)


@dataclass(frozen=True)
class Said:
    """The rules that fired over the replications, by year."""

    rules: Mapping[str, list[str]]
    reasons: Mapping[str, list[str | None]]

    def is_said(self, what: str, years: Iterable[str]) -> Booleans:
        """Say in which replications it was said in one of the years."""
        return np.asarray(np.any([np.isin(self.rules[year], SAID[what]) for year in years], axis=0))

    def share(self, what: str, *years: str) -> Figure:
        """Return how often it was said in one of the years."""
        return share(self.is_said(what, years))


def cells() -> list[Cell]:
    """Return every size without hidden selection, and the stories."""
    return [
        *(Cell(f"verdict/{n}", World(n, n), two_years.measure) for n in SIZES),
        Cell("verdict/development", WORLDS["by_dip"][1], two_years.measure_development),
        Cell("verdict/hidden_worse", stories.ONLY_HIDDEN, two_years.measure),
        Cell("verdict/hidden_better", HIDDEN_BETTER, two_years.measure),
        Cell("verdict/hidden_worse_60", _sixty(stories.ONLY_HIDDEN), two_years.measure),
        Cell("verdict/hidden_better_60", _sixty(HIDDEN_BETTER), two_years.measure),
        Cell("verdict/harm", World(150, 200, providers=(6, 6)), two_years.measure_among),
        Cell("verdict/drop_out", stories.WORST_DROP_OUT, two_years.measure),
        Cell("verdict/answer", stories.ALL_ANSWER, two_years.measure),
        Cell("verdict/bundle", stories.Bundle(), two_years.measure_bundle),
    ]


def sizes(found: dict[str, Columns], setting: Setting, table: Recommendation) -> Section:
    """Show what is recommended by the number of people and the truth."""
    rows: list[tuple[str | Figure, ...]] = []
    claims = []
    first, second = YEARS
    for truth, title in TRUTHS.items():
        for n in SIZES:
            said = _said(found[f"verdict/{n}"], truth, setting, table)
            rows.append(
                (
                    title,
                    str(n),
                    *(said.share(w, first) for w in ("measure", "invest", "continue", "adjust")),
                    *(said.share(w, first) for w in ("no_effect", "harm")),
                    *(said.share(w, second) for w in ("invest", "redesign", "stop")),
                )
            )
            if truth == "nothing":
                wrong = share(said.is_said("invest", YEARS) | said.is_said("stop", YEARS))
                claims.append(Claim(f"No effect, {n} in each arm: Invester or Stop (skade)", wrong, 0, FALSE))
            if truth == DELTA:
                wrong = said.share("redesign", second)
                claims.append(Claim(f"Effect at δ, {n} in each arm: Omlæg (ingen effekt)", wrong, 0, 0.05))
    return Section(
        id="verdicts",
        title="What is recommended, by the number of people",
        words=(
            "The same people as in *the designs by the number of people*, compared with people who wait, "
            "and the rules of the recommendation held against them: by the functions that make the "
            "report's. In the second year a third of the people are new and a third have left the window of "
            "three years; Stop and Omlæg are said only then, of what was found in the first year too. "
            "Nothing is pooled, no price is set, and *measure* is Mål bedre and Fortsæt måling. False "
            f"alarms are counted in either year. {TRUTHS['helps']} is *found* where it says Invester, "
            f"{TRUTHS['harms']} where it says Stop.",
        ),
        columns=(
            "truth",
            "in each arm",
            "measure, %",
            "Invester, %",
            "Fortsæt, %",
            "Justér, %",
            "Undersøg (ingen effekt), %",
            "Undersøg (skade), %",
            "year 2: Invester, %",
            "year 2: Omlæg, %",
            "year 2: Stop, %",
        ),
        rows=tuple(rows),
        claims=tuple(claims),
    )


def planted(found: dict[str, Columns], setting: Setting, table: Recommendation) -> Section:
    """Tell how the planted stories end."""
    first, second = YEARS
    trough = _said(found["verdict/development"], "nothing", setting, table)
    hidden = _said(found["verdict/hidden_worse"], "nothing", setting, table)
    better = _said(found["verdict/hidden_better"], "nothing", setting, table)
    harm = _said(found["verdict/harm"], "harms", setting, table)
    dropped = _said(found["verdict/drop_out"], "helps", setting, table)
    answered = _said(found["verdict/answer"], "helps", setting, table)
    a, b = (_said(found["verdict/bundle"], "nothing", setting, table, prefix=f"{x}_") for x in "ab")
    kept = share(harm.is_said("continue", YEARS) | harm.is_said("invest", YEARS))
    credited = share(a.is_said("continue", (first,)) | a.is_said("invest", (first,)))
    is_apart = share(np.array([reason == "one_provider" for reason in b.reasons[first]]))
    told: list[tuple[str, str, Figure, float | None, float | None, bool]] = [
        ("1 Trough, no comparison, n = 60", "Fortsæt måling", trough.share("measure", first), 1, 1, True),
        ("2 Hidden severity, no effect", "Undersøg (skade)", hidden.share("harm", first), None, None, True),
        ("2 Hidden severity, no effect", "year 2: Stop", hidden.share("stop", second), 0, NEVER, True),
        ("2 The best off by it, no effect", "Invester", better.share("invest", *YEARS), 0, FALSE, True),
        ("3 Harm among eleven good", "Undersøg (skade)", harm.share("harm", first), FOUND, 1, False),
        ("3 Harm among eleven good", "year 2: Stop", harm.share("stop", second), FOUND, 1, False),
        ("3 Harm among eleven good", "Fortsæt or Invester", kept, 0, FALSE, True),
        ("4 0.6 SD, 55 % answer", "Fortsæt måling", dropped.share("measure", first), 0.95, 1, True),
        ("4 0.6 SD, 90 % answer, n = 150", "Invester", answered.share("invest", first), FOUND, 1, False),
        ("5 Bundle, only A works", "A: Fortsæt or Invester", credited, None, None, True),
        ("5 Bundle, only A works", "B: kan ikke skilles", is_apart, 1, 1, True),
        ("5 Bundle, only A works", "B: Stop or Undersøg (skade)", _blamed(b), 0, 0, True),
    ]
    return Section(
        id="verdict_stories",
        title="How the planted stories end",
        words=(
            "The five stories of the method, section 6, judged. Story 2 has its mirror: those best off by a "
            "severity that nobody recorded get the support, which then looks better than it is. In story 3 "
            "the harmful one has six providers in each arm and is pooled with eleven good ones, of which "
            "there are estimates and no people. What the rules cannot keep is weighed in "
            f"[decision 9](decisions/{DECISION}).",
        ),
        columns=("story", "what is said", "share, %", "what is asked"),
        rows=tuple(
            (story, what, figure, "–" if low is None else f"{100 * low:g}–{100 * (high or 0):g}")
            for story, what, figure, low, high, _ in told
        ),
        claims=tuple(
            Claim(f"Story {story}: {what}", figure, low, high, None if is_kept else DECISION)
            for story, what, figure, low, high, is_kept in told
            if low is not None and high is not None
        ),
    )


def weighed(found: dict[str, Columns], setting: Setting, table: Recommendation) -> Section:
    """Hold other rules against the same people."""
    rows: list[tuple[str | Figure, ...]] = []
    second = YEARS[1]
    for variant in VARIANTS:

        def of(cell: str, truth: str, variant: Variant = variant) -> Said:
            return _said(found[f"verdict/{cell}"], truth, setting, table, variant)

        nothing, worse, harm = of("150", "nothing"), of("hidden_worse", "nothing"), of("harm", "harms")
        rows.append(
            (
                variant.title,
                share(nothing.is_said("invest", YEARS) | nothing.is_said("stop", YEARS)),
                of("hidden_better_60", "nothing").share("invest", *YEARS),
                of("hidden_better", "nothing").share("invest", *YEARS),
                of("150", DELTA).share("invest", *YEARS),
                *(of(str(n), "helps").share("invest", second) for n in WEIGHED),
                of("answer", "helps").share("invest", YEARS[0]),
                worse.share("harm", YEARS[0]),
                of("hidden_worse_60", "nothing").share("stop", second),
                worse.share("stop", second),
                *(of(str(n), "harms").share("stop", second) for n in WEIGHED),
                harm.share("stop", second),
            )
        )
    found_at = [str(n) for n in WEIGHED]
    return Section(
        id="other_rules",
        title="Other rules, of the same people",
        words=(
            "What is false, and what is found, by the present rules and by others. *False*: Invester or "
            "Stop where there is no effect, n = 150; *hidden*: no effect, and a severity that nobody "
            "recorded (story 2, and its mirror for Invester). *Found*: Invester in the second year of 0.6 "
            "SD, Stop of −0.5 SD, with so many in each arm. None of them is in use: they are weighed in "
            f"[decision 9](decisions/{DECISION}).",
        ),
        columns=(
            "rules",
            "false, %",
            "hidden: Invester, 60, %",
            "hidden: Invester, 150, %",
            "at δ: Invester, %",
            *(f"Invester found, {n}, %" for n in found_at),
            "story 4: Invester, %",
            "hidden: Undersøg (skade), 150, %",
            "hidden: Stop, 60, %",
            "hidden: Stop, 150, %",
            *(f"Stop found, {n}, %" for n in found_at),
            "story 3: Stop, %",
        ),
        rows=tuple(rows),
    )


def _sixty(world: World) -> World:
    """The same of so few that the check of the balance sees little."""
    return replace(world, treated=60, others=60)


def _blamed(said: Said) -> Figure:
    return share(said.is_said("stop", YEARS) | said.is_said("harm", YEARS))


def _said(
    columns: Columns,
    truth: str,
    setting: Setting,
    table: Recommendation,
    variant: Variant = PRESENT,
    prefix: str = "",
) -> Said:
    years = judged(columns, truth, table, setting, variant, prefix)
    by_year = dict(zip(YEARS, years, strict=False))
    return Said(
        {year: rules for year, (rules, _) in by_year.items()},
        {year: reasons for year, (_, reasons) in by_year.items()},
    )
