"""What an intervention costs by the person, the completed course and the reliably improved person."""

from collections.abc import Sequence

from pipelines.estimation.economy.rows import WHOLE, economy_row
from pipelines.estimation.rows import Row
from pipelines.estimators.economy import ratio_of_sums
from pipelines.estimators.result import Estimate, NotEstimable, Result


def descriptions(moments: Sequence[Row], level: float, setting: Row) -> list[Row]:
    """Cost by the person, the completed course or the reliably improved person; nobody is compared.

    Where all but a few have completed a course, the number of those who have would tell of the few.
    """
    reached = {m["intervention_id"]: m["asked_count"] for m in moments if m["statistic"] == "cost_per_person"}
    rows = []
    for moment in moments:
        found = _ratio(moment, level, setting)
        left = reached[moment["intervention_id"]] - moment["asked_count"]
        if moment["outcome_id"] == WHOLE and 0 < left < setting["disclosure_minimum"]:
            found = NotEstimable("too_few_persons")
        rows.append(economy_row(moment | {"comparator": "none"}, moment["statistic"], found))
    return rows


def _ratio(moment: Row, level: float, setting: Row) -> Result:
    minimum = setting["disclosure_minimum"]
    if moment["n"] < minimum or moment["units"] < minimum:
        return NotEstimable("cost_unknown" if moment["asked_count"] >= minimum else "too_few_persons")
    products = moment["cost_cost"], moment["cost_units"], moment["units_units"]
    found = ratio_of_sums(moment["n"], moment["cost"], moment["units"], products, level)
    # The persons asked, not those whose cost is known: the gap between two numbers would tell of a few.
    if isinstance(found, Estimate):
        return Estimate(found.estimate, found.lower, found.upper, moment["asked_count"])
    return found


def own_costs(moments: Sequence[Row], level: float, setting: Row) -> dict[str, Result]:
    """What an intervention costs per person begun, of those not started yet: nothing."""
    return {
        row["intervention_id"]: _ratio(row, level, setting)
        for row in moments
        if row["statistic"] == "cost_per_person"
    }
