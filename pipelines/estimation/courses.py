"""Every course of measurements against the average course of its intervention: a description."""

import duckdb
import numpy as np
import pyarrow as pa

from pipelines.estimators.growth import CourseSums, fit_growth
from pipelines.estimators.result import NotEstimable

READS = ("individual.trajectory",)
SCHEMA = pa.schema(
    [
        ("episode_id", pa.string()),
        ("instrument_id", pa.string()),
        ("respondent", pa.string()),
        ("average_slope_score", pa.float64()),
        ("deviation_score", pa.float64()),
        ("deviation_standard_error_score", pa.float64()),
        ("reason_no_deviation", pa.string()),
    ]
)


def trajectories(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return one row per episode_id, instrument_id and respondent with three points or more in the window.

    Slopes are as in `individual.trajectory`; a deviation is what is known of a person's slope beyond the
    average.
    """
    courses = connection.execute(
        """
        SELECT
            episode_id, instrument_id, respondent, point_count, sum_days, sum_days_days, sum_score,
            sum_days_score, sum_score_score, setting.days_per_year * setting.trajectory_months / 12 AS days,
            DENSE_RANK() OVER (ORDER BY intervention_id, instrument_id, respondent) AS course_group
        FROM individual.trajectory
        CROSS JOIN ref.setting AS setting
        WHERE is_in_window AND point_count >= 3 AND reason_no_slope IS NULL
        ORDER BY course_group, episode_id
        """
    ).to_arrow_table()
    column = {name: courses[name].to_numpy() for name in courses.column_names[3:]}
    average, deviation, error = (np.full(len(courses), np.nan) for _ in range(3))
    reasons: list[str | None] = [None] * len(courses)
    starts = np.flatnonzero(np.diff(column["course_group"], prepend=0))
    for rows in np.split(np.arange(len(courses)), starts[1:]) if len(courses) else ():
        growth = fit_growth(
            CourseSums(
                n=column["point_count"][rows].astype(np.float64),
                t=column["sum_days"][rows],
                tt=column["sum_days_days"][rows],
                y=column["sum_score"][rows],
                ty=column["sum_days_score"][rows],
                yy=column["sum_score_score"][rows],
            )
        )
        if isinstance(growth, NotEstimable):
            for row in rows.tolist():
                reasons[row] = growth.reason
        else:
            days = column["days"][rows[0]]
            average[rows] = growth.slope * days
            deviation[rows], error[rows] = growth.deviation * days, growth.deviation_se * days
    found = (pa.array(values, from_pandas=True) for values in (average, deviation, error))
    columns = [*courses.columns[:3], *found, pa.array(reasons, pa.string())]
    return pa.table(columns, names=SCHEMA.names).cast(SCHEMA)
