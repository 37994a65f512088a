"""Design D4: what registers say of those who have started, against those who start the same support later.

Whom: people's first start in the assessment window, in half-years with enough of them. Against what: people
who start later and, less the anticipation, have not begun to wait for it. On what: the share of a half-year's
months with a favourable status, in percentage points. When: by half-years since the half-year of the start. A
start lies anywhere in its half-year, so the first half-year after it is on average 3 to 9 months after the
start, and is read as 6 months, the second as 12; the overall effect is the mean of all half-years from the
start's own on.

Beside these the event study, for a drawing: the difference at every half-year before and after the start,
counted from the last one before the wait (whose difference is 0 by that and has no row).
"""

import json
import math
from typing import Any

import duckdb
import numpy as np

from pipelines.estimation.rows import Row, effect_row, read_rows
from pipelines.estimators.result import Estimate, NotEstimable, Result
from pipelines.estimators.staggered import (
    Floats,
    GroupTimeEffects,
    JointEffects,
    Panel,
    PastEffects,
    by_horizon,
    group_time_effects,
    joint_effects,
    past_effects,
    with_shared_past,
)

READS = ("intervention.start_panel", "individual.status_period")
HALF_YEAR_MONTHS = 6
HORIZONS = {"effect_at_6_months": 1, "effect_at_12_months": 2}
OVERALL = "effect_overall"
EVENT_STUDY = "event_study_"
# Percentage points: a smaller error is nobody's change but rounding.
NO_VARIATION = 1e-9
DECIMALS = 4


def results(connection: duckdb.DuckDBPyConnection, level: float) -> list[Row]:
    """Return the effect at 6 and at 12 months and the overall one of every intervention and register.

    The intervals are simultaneous bands: they hold for all half-years from the start on and the overall
    effect together. Where there is a number the event study has a row per half-year: from the start on with
    the same band, earlier with one that holds for all the earlier half-years together.
    """
    (setting,) = read_rows(connection, "SELECT * FROM ref.setting")
    declared = read_rows(
        connection, "SELECT * FROM ref.intervention_register ORDER BY intervention_id, register"
    )
    measured = {row["domain"] for row in read_rows(connection, f"SELECT DISTINCT domain FROM {READS[1]}")}
    return [
        row
        for key in declared
        for row in _outcome_rows(connection, key, setting, level, is_measured=key["register"] in measured)
    ]


def _outcome_rows(
    connection: duckdb.DuckDBPyConnection, key: Row, setting: Row, level: float, *, is_measured: bool
) -> list[Row]:
    panel, wait_days = _panel(connection, key)
    cohorts = _cohorts(connection, key)
    anticipation = _anticipation(wait_days, setting)
    effects = _effects(panel, cohorts, anticipation, setting) if is_measured else NotEstimable("no_register")
    found: dict[str, Result] = dict.fromkeys((*HORIZONS, OVERALL), NotEstimable("too_few_not_yet_started"))
    said: dict[str, dict[str, Any]] = {}
    if isinstance(effects, NotEstimable):
        found = dict.fromkeys(found, effects)
    else:
        rng = np.random.default_rng(setting["band_seed"])
        study = by_horizon(effects, panel.start)
        joint = joint_effects(study, anticipation, setting["sensitivity_mbar"], level, rng)
        for statistic, place in _places(joint).items():
            found[statistic] = _result(joint, place, len(panel.start))
            said[statistic] = _diagnostics(joint, place) | {"sensitivity_mbar": setting["sensitivity_mbar"]}
        if isinstance(found[OVERALL], Estimate):
            past = past_effects(study, anticipation, level, rng)
            for part in (past, joint) if past else (joint,):
                for place, horizon in enumerate(part.horizon.tolist()):
                    statistic = f"{EVENT_STUDY}{horizon:+d}" if horizon else f"{EVENT_STUDY}0"
                    found[statistic] = _result(part, place, len(panel.start))
                    said[statistic] = _diagnostics(part, place) | {"half_year": horizon}
        said = {s: of | {"anticipation_half_years": anticipation} for s, of in said.items()}
    started = sum(count for count, _ in cohorts)
    share = _complete_share(len(panel.start), started, setting["disclosure_minimum"])
    return [
        effect_row(
            key | {"population": "window"},
            statistic,
            result,
            design="D4",
            comparator="not_yet_started",
            n=len(panel.start) if is_measured else 0,
            diagnostics=json.dumps(said.get(statistic, {}) | {"complete_share": share}),
            # A half-year of the drawing is judged by nobody: the declared horizons are.
            delta=None if statistic.startswith(EVENT_STUDY) else setting["smallest_worthwhile_points"],
        )
        for statistic, result in found.items()
    ]


def _panel(connection: duckdb.DuckDBPyConnection, key: Row) -> tuple[Panel, Floats]:
    """The persons whose every half-year is known, and how long those waited of whom it is known."""
    table = connection.execute(
        f"""
        SELECT
            favourable_months, month_count, wait_days, age_years, is_female,
            half_year - MIN(half_year) OVER () AS period,
            start_half_year - MIN(half_year) OVER () AS start_period
        FROM {READS[0]}
        WHERE intervention_id = ? AND register = ? AND reason_not_in_panel IS NULL
        ORDER BY person_id, half_year
        """,
        [key["intervention_id"], key["register"]],
    ).to_arrow_table()
    column = {name: table[name].to_numpy().astype(np.float64) for name in table.column_names}
    periods = int(column["period"].max(initial=-1)) + 1
    by_person = {name: values.reshape(-1, max(periods, 1)) for name, values in column.items()}
    person = {name: values[:, 0] for name, values in by_person.items()}
    # Decades about their mean: the fits want columns of one size.
    age = (person["age_years"] - person["age_years"].mean()) / 10 if periods else person["age_years"]
    return (
        Panel(
            outcome=100 * by_person["favourable_months"] / by_person["month_count"],
            start=person["start_period"].astype(np.int64),
            covariates=np.column_stack([age, person["is_female"]]),
        ),
        person["wait_days"][~np.isnan(person["wait_days"])],
    )


def _cohorts(connection: duckdb.DuckDBPyConnection, key: Row) -> list[tuple[int, bool]]:
    """How many started in each half-year, known or not, and whether the half-year lies in the panel."""
    return connection.execute(
        f"""
        SELECT COUNT(DISTINCT person_id), start_half_year <= MAX(MAX(half_year)) OVER ()
        FROM {READS[0]}
        WHERE intervention_id = ? AND register = ?
        GROUP BY start_half_year
        """,
        [key["intervention_id"], key["register"]],
    ).fetchall()


def _anticipation(wait_days: Floats, setting: Row) -> int:
    """Half-years from the request to the start, for half of the people, and at least the parameter's."""
    days_per_month = setting["days_per_year"] / 12
    months = float(np.median(wait_days)) / days_per_month if len(wait_days) else 0.0
    return math.ceil(max(months, float(setting["anticipation_minimum_months"])) / HALF_YEAR_MONTHS)


def _effects(
    panel: Panel, cohorts: list[tuple[int, bool]], anticipation: int, setting: Row
) -> GroupTimeEffects | NotEstimable:
    minimum, others = setting["cohort_minimum"], setting["not_yet_started_minimum"]
    large = [group for group in panel.groups if (panel.start == group).sum() >= minimum]
    if not large:
        would_do = any(is_in_panel and started >= minimum for started, is_in_panel in cohorts)
        return NotEstimable("unknown_months" if would_do else "too_few_cohorts")
    # The base, the period before it, and so a change that ought to show nothing.
    if max(large) - 1 - anticipation < 1:
        return NotEstimable("no_pre_period")
    effects = group_time_effects(
        panel,
        anticipation=anticipation,
        minimum_group=minimum,
        minimum_others=others,
        is_small_sample=True,
    )
    if not (effects.period > effects.group).any():
        left = max((panel.start > group + 1 + anticipation).sum() for group in large)
        return NotEstimable("no_overlap" if left >= others else "too_few_not_yet_started")
    tested = with_shared_past(effects, anticipation)
    return tested if len(tested.effect) else NotEstimable("no_pre_period")


def _places(joint: JointEffects) -> dict[str, int]:
    """Where each statistic stands among the joint effects, if it is there."""
    places = {
        statistic: int(np.flatnonzero(joint.horizon == horizon)[0])
        for statistic, horizon in HORIZONS.items()
        if horizon in joint.horizon
    }
    # The start's own half-year alone is mostly time before the start.
    return places | {OVERALL: len(joint.horizon)} if places else {}


def _result(effects: JointEffects | PastEffects, place: int, n: int) -> Result:
    if isinstance(effects, JointEffects) and effects.standard_error.min() < NO_VARIATION:
        return NotEstimable("no_variation")
    return Estimate(
        estimate=float(effects.effect[place]),
        lower=float(effects.lower[place]),
        upper=float(effects.upper[place]),
        n=n,
    )


def _diagnostics(effects: JointEffects | PastEffects, place: int) -> dict[str, Any]:
    said = {
        "interval": "simultaneous",
        "pointwise_standard_error": round(float(effects.standard_error[place]), DECIMALS),
    }
    if isinstance(effects, PastEffects):
        return said
    return said | {
        "sensitivity_lower": round(float(effects.sensitivity_lower[place]), DECIMALS),
        "sensitivity_upper": round(float(effects.sensitivity_upper[place]), DECIMALS),
        "pre_period_p": round(effects.drift_p, DECIMALS),
        "pre_period_half_years": len(effects.past_horizons),
        "half_years_from_start": len(effects.horizon),
    }


def _complete_share(complete: int, started: int, minimum: int) -> float | None:
    """The share of those who started that is in the panel, where it tells of no few."""
    if complete < minimum or started - complete < minimum:
        return None
    return round(complete / started, DECIMALS)
