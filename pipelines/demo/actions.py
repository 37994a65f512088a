"""The invented municipality's action plans of two years: what was to be done for which goal, and how it went.

No persons: who owns an action is a role. Planted beside what was done in time: one late, one dropped, one
still under way after its deadline, one done without a date, one said to be done on a day that has not come,
and one for a goal that the catalogue does not know.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np

from pipelines.catalogue import Source
from pipelines.demo.cells import Cell, Table, make_table, number_text, texts_of

Ending = Literal["in_time", "late", "under_way", "dropped", "undated", "ahead"]
UNKNOWN_GOAL = "A-G9"
EARLIEST_DAYS, LATEST_DAYS = 40, 60
STATUSES = {"under_way": "started", "dropped": "dropped"}
# Done on a day after the extract was drawn.
AHEAD_DAYS = 45


@dataclass(frozen=True)
class Action:
    """One action; `due` is month and day, `expected` in the indicator's unit (a share's in points)."""

    goal: str
    title_da: str
    owner_da: str
    due: tuple[int, int]
    ending: Ending
    initiative: str = ""
    intervention: str = ""
    indicator: str = ""
    expected: float | None = None


SOCIAL, FAMILY, HOUSING, STAFF = "Socialchef", "Familiechef", "Leder af boområdet", "Udviklingskonsulent"
# The plan of the reporting year, and of the year before.
PLAN = (
    Action("A-G1", "Alle samtaleforløb for børn og unge måles ved start og efter et halvt år", FAMILY,
           (6, 30), "in_time", "A-F3-I1", "child_therapy", expected=1.5),
    Action("A-G1", "Flere borgere tilbydes recoveryforløb, før støtten i hjemmet udvides", SOCIAL,
           (9, 1), "in_time", "", "recovery_course", expected=2),
    Action("A-G2", "Hverdagsrehabilitering før varig støtte", SOCIAL,
           (5, 1), "in_time", "A-F1-I3", "everyday_rehabilitation", "hours_per_citizen", -0.25),
    Action("A-G3", "En indgang: fast kontaktperson ved mere end to indsatser", SOCIAL,
           (3, 31), "in_time", "A-F1-I1", "", "overview_exp", 5),
    Action("A-G3", "Fælles plan på tværs af job og social", STAFF,
           (10, 1), "late", "A-F3-I4", "", "coherence_exp", 5),
    Action("A-G4", "Afgørelser om støtte i hjemmet inden for fristen", SOCIAL,
           (4, 15), "in_time", "", "", "deadline_met_share", 5),
    Action("A-V2", "Velkomst og første samtale gennemgås sammen med borgerne", HOUSING,
           (8, 15), "undated", "A-F1-I1", "", "respect_exp", 3),
    Action("A-H2", "Kort spørgsmål om hjælp efter hvert møde", STAFF,
           (11, 1), "under_way", "A-N3", "", "helpful_exp", 4),
    Action("A-F1", "Plan for overgangen, senest når den unge fylder 17½ år", FAMILY,
           (6, 1), "in_time", "A-F1-I2", "youth_transition", "t18_ready_share", 10),
    Action("A-F2", "Bevægelse på alle aktivitets- og samværstilbud", HOUSING,
           (9, 15), "in_time", "A-F2-I1", "activity_centre", "fun_exp", 5),
    Action("A-F3", "Metoden til at vurdere effekt bruges på alle indsatser", STAFF,
           (12, 1), "in_time", "A-F3-I1", "", "evidence_share", 10),
    Action("B-C1", "Brobyggere følger borgere ud i foreninger", SOCIAL,
           (10, 15), "in_time", "B-T05", "community_bridge", "lonely_share", -5),
    Action("B-E2", "Housing First til alle, der har boet mere end seks måneder på herberg", HOUSING,
           (12, 15), "ahead", "", "housing_first", expected=3),
    Action("B-E3", "Virksomhedspraktik med mentor i hele kommunen", "Arbejdsmarkedschef",
           (7, 1), "in_time", "B-T06", "job_mentor", "job_link_share", 3),
    Action("B-E4", "Gældsrådgivning to aftener om ugen", SOCIAL,
           (3, 1), "dropped", "", "debt_counselling", "debt_share", -3),
    Action("B-I3", "Ti nye borgere som ambassadører", STAFF,
           (12, 31), "in_time", "B-O1", "", "ambassador_citizen_share", 5),
    Action(UNKNOWN_GOAL, "Fælles aften for pårørende", HOUSING, (5, 20), "in_time"),
)  # fmt: skip
PLAN_BEFORE = (
    Action("A-G1", "Trivsel måles med samme skema i alle voksentilbud", SOCIAL,
           (6, 30), "in_time", "A-F3-I1", "", "who5_change", 2),
    Action("A-G2", "Støtte i gruppe før støtte alene", SOCIAL,
           (9, 30), "late", "A-F1-I3", "coping_group"),
    Action("A-G3", "Borgerundersøgelse om overblik og sammenhæng", STAFF, (10, 1), "in_time"),
    Action("A-G4", "Visitation inden for fire uger", SOCIAL,
           (3, 1), "in_time", "", "", "wait_days", -5),
    Action("A-F1", "Overgangsmøde for alle unge på 17 år", FAMILY,
           (11, 1), "late", "A-F1-I2", "youth_transition", "t18_ready_share", 10),
    Action("A-F3", "Faglig refleksion hver uge i alle teams", STAFF,
           (2, 1), "in_time", "A-F3-I2", "", "reflection_sessions", 1),
    Action("B-C1", "Venneordning i tre bydele", SOCIAL, (9, 1), "in_time", "B-T07", "peer_friend"),
    Action("B-I3", "To ambassadørmøder", STAFF, (12, 1), "in_time", "B-O1", "", "amb_meetings", 1),
)  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """An action in the plan of its year, with what is written of it."""

    number: str
    year: int
    action: Action
    deadline: date
    done: date | None

    @property
    def status(self) -> str:
        """What the plan says: `done`, but where it was dropped or is under way."""
        return STATUSES.get(self.action.ending, "done")


def make_plans_of_action(reporting_year: int, drawn: date, rng: np.random.Generator) -> tuple[Planned, ...]:
    """Draw when each action was done; the plan of the year before first."""
    plans = ((reporting_year - 1, PLAN_BEFORE), (reporting_year, PLAN))
    return tuple(
        _planned(f"H{year}-{n:02d}", year, action, drawn, rng)
        for year, plan in plans
        for n, action in enumerate(plan, start=1)
    )


def _planned(number: str, year: int, action: Action, drawn: date, rng: np.random.Generator) -> Planned:
    deadline = date(year, *action.due)
    early, late = int(rng.integers(0, EARLIEST_DAYS)), int(rng.integers(1, LATEST_DAYS))
    done = {
        "in_time": deadline - timedelta(days=early),
        "late": min(deadline + timedelta(days=late), drawn),
        "ahead": drawn + timedelta(days=AHEAD_DAYS),
    }
    return Planned(number, year, action, deadline, done.get(action.ending))


def actions_table(planned: Sequence[Planned], source: Source, reporting_year: int) -> Table:
    """One row per action."""
    statuses = texts_of(source.feeds[0], "status")
    columns: dict[str, Sequence[Cell]] = {
        "action_id": [p.number for p in planned],
        "year": [str(p.year) for p in planned],
        "goal_id": [p.action.goal for p in planned],
        "initiative_id": [p.action.initiative for p in planned],
        "intervention_id": [p.action.intervention for p in planned],
        "indicator_id": [p.action.indicator for p in planned],
        "title_da": [p.action.title_da for p in planned],
        "owner_role": [p.action.owner_da for p in planned],
        "deadline_date": [p.deadline.strftime("%d-%m-%Y") for p in planned],
        "status": [statuses[p.status][0] for p in planned],
        "done_date": [p.done.strftime("%d-%m-%Y") if p.done else "" for p in planned],
        "expected_change": [
            "" if p.action.expected is None else number_text(p.action.expected, 2) for p in planned
        ],
    }
    return make_table(source, reporting_year, 1, columns)


def actions_truth(planned: Sequence[Planned]) -> list[dict[str, Any]]:
    """Every action with how it ended."""
    return [
        {
            "action_id": p.number,
            "year": p.year,
            "goal_id": p.action.goal,
            "is_goal_known": p.action.goal != UNKNOWN_GOAL,
            "ending": p.action.ending,
            "status": p.status,
            "expected_change": p.action.expected,
        }
        for p in planned
    ]
