"""D3 on the demo: what it finds against what was planted for the very people it compares.

Severity draws people to interventions and is recorded only in part (the baseline score), so this could fail.
"""

import duckdb
import numpy as np
import pytest

# What each person's support has added on the instrument between the decision and the horizon: an episode's
# effect rises over half a year, stops at its end and stays. A provider's own is left out: 0 on average.
PLANTED = """
WITH person AS (
    SELECT
        compared.*,
        outcome.instrument_id,
        CAST(compared.time_zero_date + intervention.horizon_months * INTERVAL 1 MONTH AS DATE) AS horizon_date
    FROM intervention.comparison_person AS compared
    INNER JOIN ref.intervention AS intervention USING (intervention_id)
    INNER JOIN ref.intervention_outcome AS outcome USING (intervention_id, outcome_id)
    WHERE compared.comparator = 'other_support'
),

added AS (
    SELECT
        person.intervention_id,
        person.outcome_id,
        person.person_id,
        person.is_treated,
        COALESCE(SUM(planted.effect * (share(horizon_date, started_date, ended_date)
            - share(time_zero_date, started_date, ended_date))), 0) AS effect
    FROM person
    LEFT JOIN staging.episode AS episode
        ON person.person_id = episode.person_id AND episode.started_date <= person.horizon_date
    LEFT JOIN planted
        ON episode.intervention_id = planted.intervention_id AND person.instrument_id = planted.instrument_id
    GROUP BY ALL
)

SELECT
    intervention_id,
    outcome_id,
    AVG(effect) FILTER (WHERE is_treated) AS treated,
    AVG(effect) FILTER (WHERE NOT is_treated) AS others
FROM added
GROUP BY ALL
"""
SHARE = """
CREATE TEMP MACRO share(day, started, ended) AS
    GREATEST(0, LEAST(1, DATE_DIFF('day', started, LEAST(day, COALESCE(ended, day))) / 183.0))
"""
ESTIMATED = """
SELECT intervention_id, outcome_id, estimate, lower, upper
FROM marts.intervention_effect
WHERE design = '{}' AND comparator = '{}' AND statistic = '{}' AND estimate IS NOT NULL
"""


@pytest.fixture(scope="module")
def connection(demo_run):
    """The warehouse, and the planted effects in SD: every respondent of an instrument sees the same."""
    path = demo_run.version / "restricted" / "warehouse.duckdb"
    effects = {}
    for intervention in demo_run.truth("truth.json")["interventions"]:
        for outcome in intervention["outcomes"]:
            key = intervention["intervention_id"], outcome["instrument_id"]
            effects[key] = max(effects.get(key, 0.0), outcome["effect_sd"], key=abs)
    with duckdb.connect(path, read_only=True) as connection:
        connection.execute(SHARE)
        connection.execute(
            "CREATE TEMP TABLE planted (intervention_id TEXT, instrument_id TEXT, effect DOUBLE)"
        )
        connection.executemany("INSERT INTO planted VALUES (?, ?, ?)", [(*k, e) for k, e in effects.items()])
        yield connection


def by_outcome(connection, sql):
    return {(row[0], row[1]): np.array(row[2:], float) for row in connection.execute(sql).fetchall()}


def test_the_comparison_finds_the_planted_difference_and_before_after_does_not(connection):
    planted = by_outcome(connection, PLANTED)
    found = by_outcome(connection, ESTIMATED.format("D3", "other_support", "standardised_difference"))
    change = by_outcome(connection, ESTIMATED.format("D1", "none", "standardised_mean_change"))
    truth = np.array([planted[key][0] - planted[key][1] for key in found])
    estimate, lower, upper = np.array([*found.values()]).T
    assert len(found) >= 30
    assert abs((estimate - truth).mean()) < 0.1
    assert np.sqrt(((estimate - truth) ** 2).mean()) < 0.3
    assert np.corrcoef(estimate, truth)[0, 1] > 0.6
    assert np.mean((lower <= truth) & (truth <= upper)) > 0.85
    own = np.array([planted[key][0] for key in found])
    before_after = np.array([change[key][0] for key in found])
    assert (before_after - truth).mean() > 0.4
    assert (before_after - own).mean() > 0.15


def test_harm_is_found_as_harm(connection):
    """The two harmful ones do worse than other support; before-after hides it in the rise that all have."""
    found = by_outcome(connection, ESTIMATED.format("D3", "other_support", "standardised_difference"))
    (harmful,) = connection.execute(
        "SELECT LIST(DISTINCT intervention_id) FROM planted WHERE effect < 0"
    ).fetchone()
    uppers = [found[key][2] for key in found if key[0] in harmful]
    assert len(uppers) >= 2
    assert max(uppers) < 0


def test_nobody_is_in_two_arms_or_treated_before_time_zero(connection):
    wrong = connection.execute(
        """
        SELECT COUNT(*)
        FROM intervention.comparison_person AS compared
        INNER JOIN staging.episode AS episode
            ON compared.person_id = episode.person_id AND compared.intervention_id = episode.intervention_id
        WHERE episode.started_date < compared.time_zero_date
        """
    ).fetchone()
    assert wrong == (0,)
