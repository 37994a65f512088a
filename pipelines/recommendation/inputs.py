"""What the recommendation reads: the best design of every outcome, the money, and the new persons."""

from collections import defaultdict
from typing import Any

import duckdb

from pipelines.catalogue import Catalogue
from pipelines.estimation.rows import Row, read_rows
from pipelines.recommendation.candidates import MAIN, Candidate, OutcomeRows, best
from pipelines.recommendation.judging import Fresh
from pipelines.recommendation.measures import Measures, Setting

READS = (
    "estimate.intervention_effect",
    "intervention.comparison_person",
    "intervention.waiting_person",
    "intervention.safety_event",
    "estimate.economy_result",
    "estimate.new_person_effect",
)
# An outcome or comparison: intervention, outcome and, of a comparison, what it is compared with.
Place = tuple[str, str]
Compared = tuple[str, str, str]


def chosen_designs(
    connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, setting: Setting
) -> dict[Place, Candidate]:
    """The best design of every outcome, registers too."""
    rows: dict[Place, list[Row]] = defaultdict(list)
    for row in read_rows(
        connection,
        "SELECT * FROM estimate.intervention_effect WHERE population = 'window'"
        " AND statistic <> 'standardised_imbalance' AND NOT starts_with(statistic, 'event_study')",
    ):
        rows[row["intervention_id"], row["outcome_id"]].append(row)
    arms, sds, flags = _arms(connection), _sds(connection), _flags(connection)
    chosen = {}
    for intervention in catalogue.interventions:
        outcomes = {f"{o.instrument}:{o.respondent}": o for o in intervention.outcomes}
        of = {
            outcome_id: OutcomeRows(rows[intervention.id, outcome_id])
            for outcome_id in (*outcomes, *(f"register:{r}" for r in intervention.registers))
        }
        is_answered = any(
            (outcomes[outcome_id].respondent if outcome_id in outcomes else "register") != "staff"
            and _pairs(found) >= setting["minimum_pairs"]
            for outcome_id, found in of.items()
        )
        for outcome_id, found in of.items():
            outcome = outcomes.get(outcome_id)
            coverage = found.row("D1", "none", "coverage")
            known = Measures(
                has_safety_flag=flags.get(intervention.id),
                is_tied_to_goal=outcome is not None and outcome.goal in intervention.goals,
                is_legal_right=intervention.is_legal_right,
                pairs_per_arm=_pairs(found),
                coverage=coverage["estimate"] if coverage else None,
                is_staff_rated_alone=outcome is not None
                and outcome.respondent == "staff"
                and not is_answered,
                has_willingness_to_pay=False,
            )
            place = (intervention.id, outcome_id)
            chosen[place] = best(
                found,
                known,
                arms.get(place, {}),
                sds.get(place),
                catalogue.recommendation.evidence,
                setting,
                intervention.randomised_against,
            )
    return chosen


def _pairs(rows: OutcomeRows) -> int:
    """How many were measured before and after; in a register, those whose months are known."""
    for design, comparator, statistic in (
        ("D1", "none", "mean_change"),
        ("D4", "not_yet_started", "effect_overall"),
    ):
        row = rows.by_place.get((design, comparator, MAIN, statistic))
        if row is not None:
            return int(row["n"])
    return 0


def _arms(connection: duckdb.DuckDBPyConnection) -> dict[Place, dict[str, int]]:
    """Persons with a follow-up in the smaller arm of each comparison."""
    found: dict[Place, dict[str, int]] = defaultdict(dict)
    for intervention_id, outcome_id, comparator, one, other in connection.execute(
        """
        SELECT intervention_id, outcome_id, comparator,
            COUNT(*) FILTER (WHERE is_treated), COUNT(*) FILTER (WHERE NOT is_treated)
        FROM intervention.comparison_person
        WHERE follow_up_hundredths IS NOT NULL
        GROUP BY ALL
        UNION ALL
        SELECT intervention_id, outcome_id, 'waiting',
            COUNT(*) FILTER (WHERE is_early), COUNT(*) FILTER (WHERE is_waiting)
        FROM intervention.waiting_person
        WHERE follow_up_hundredths IS NOT NULL
        GROUP BY ALL
        """
    ).fetchall():
        found[intervention_id, outcome_id][comparator] = min(one, other)
    return found


def _sds(connection: duckdb.DuckDBPyConnection) -> dict[Place, float]:
    return {
        (intervention_id, outcome_id): sd
        for intervention_id, outcome_id, sd in connection.execute(
            """
            SELECT outcome.intervention_id, outcome.outcome_id, norm.sd
            FROM ref.intervention_outcome AS outcome
            INNER JOIN ref.instrument_norm AS norm
                ON outcome.instrument_id = norm.instrument_id AND outcome.respondent = norm.respondent
            WHERE norm.sd > 0
            """
        ).fetchall()
    }


def _flags(connection: duckdb.DuckDBPyConnection) -> dict[str, bool | None]:
    return dict(
        connection.execute(
            "SELECT intervention_id, has_safety_flag FROM intervention.safety_event"
        ).fetchall()
    )


def money(connection: duckdb.DuckDBPyConnection) -> dict[Compared, dict[str, Any]]:
    """What is known of each comparison's money; a row at the declared worth says that one is declared."""
    found: dict[Compared, dict[str, Any]] = defaultdict(dict)
    for *place, statistic, estimate in connection.execute(
        """
        SELECT intervention_id, outcome_id, comparator, statistic, estimate
        FROM estimate.economy_result
        WHERE
            (statistic = 'incremental_cost' AND payer = 'all' AND item = 'all')
            OR (statistic = 'probability_net_benefit' AND item = 'declared')
        """
    ).fetchall():
        of = found[place[0], place[1], place[2]]
        if statistic == "incremental_cost":
            of["incremental_cost_dkk"] = estimate
        else:
            of |= {"has_willingness_to_pay": True, "probability_net_benefit": estimate}
    return found


def new_persons(connection: duckdb.DuckDBPyConnection) -> dict[Compared, Fresh]:
    """Those of each comparison whom last year could not count."""
    return {
        (intervention_id, outcome_id, comparator): Fresh(n, estimate)
        for intervention_id, outcome_id, comparator, n, estimate in connection.execute(
            "SELECT intervention_id, outcome_id, comparator, n, estimate_sd FROM estimate.new_person_effect"
        ).fetchall()
    }
