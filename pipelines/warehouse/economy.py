"""The catalogue's prices, consequences and rates as tables, all in the prices of one year."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from pipelines.catalogue import Catalogue
from pipelines.catalogue.economy import consequences_of

# Stated, because a catalogue may hold none of them.
ECONOMY_SCHEMAS = {
    "unit_price": pa.schema(
        [
            ("unit_price_id", pa.string()),
            ("payer", pa.string()),
            ("price_dkk", pa.float64()),
            ("lower_dkk", pa.float64()),
            ("upper_dkk", pa.float64()),
            ("is_interval_assumed", pa.bool_()),
        ]
    ),
    "consequence": pa.schema(
        [
            ("intervention_id", pa.string()),
            ("outcome_id", pa.string()),
            ("consequence_id", pa.string()),
            ("unit_price_id", pa.string()),
            ("year_number", pa.int32()),
            ("units", pa.float64()),
            ("lower", pa.float64()),
            ("upper", pa.float64()),
        ]
    ),
    "discount_rate": pa.schema(
        [
            ("valid_from_date", pa.date32()),
            ("year_from", pa.int32()),
            ("rate", pa.float64()),
            ("is_in_force", pa.bool_()),
        ]
    ),
    "price_index": pa.schema([("year_number", pa.int32()), ("factor", pa.float64())]),
    "willingness_to_pay": pa.schema(
        [("outcome_id", pa.string()), ("unit", pa.string()), ("amount_dkk", pa.float64())]
    ),
}


def economy_tables(catalogue: Catalogue, on: date) -> dict[str, Sequence[Mapping[str, Any]]]:
    """Return the rows of every table; the rates in force are the last ones set by the day `on`."""
    factors = _factors(catalogue)
    share = float(catalogue.parameter("price_interval_share"))
    in_force = max((r.valid_from for r in catalogue.discount_rates if r.valid_from <= on), default=None)
    return {
        "unit_price": [
            {
                "unit_price_id": price.id,
                "payer": price.payer,
                "price_dkk": price.price_dkk * factors.get(price.price_year, 1.0),
                "lower_dkk": (price.price_dkk * (1 - share) if price.lower_dkk is None else price.lower_dkk)
                * factors.get(price.price_year, 1.0),
                "upper_dkk": (price.price_dkk * (1 + share) if price.upper_dkk is None else price.upper_dkk)
                * factors.get(price.price_year, 1.0),
                "is_interval_assumed": price.lower_dkk is None,
            }
            for price in catalogue.unit_prices
        ],
        "consequence": [
            {
                "intervention_id": intervention.id,
                "outcome_id": consequence.outcome,
                "consequence_id": consequence.id,
                "unit_price_id": consequence.unit_price,
                "year_number": one.year,
                "units": one.units,
                "lower": one.lower,
                "upper": one.upper,
            }
            for intervention in catalogue.interventions
            for consequence in consequences_of(catalogue, intervention)
            for one in consequence.years
        ],
        "discount_rate": [
            {
                "valid_from_date": rate.valid_from,
                "year_from": rate.year_from,
                "rate": rate.rate,
                "is_in_force": rate.valid_from == in_force,
            }
            for rate in catalogue.discount_rates
        ],
        "price_index": [{"year_number": year, "factor": factor} for year, factor in sorted(factors.items())],
        "willingness_to_pay": [
            {"outcome_id": willing.outcome, "unit": willing.unit, "amount_dkk": willing.amount_dkk}
            for willing in catalogue.willingness_to_pay
        ],
    }


def _factors(catalogue: Catalogue) -> dict[int, float]:
    """What a krone of each year is in kroner of the price year; nothing where no index is declared."""
    levels = {index.year: index.level for index in catalogue.price_indices}
    target = levels.get(int(catalogue.parameter("price_year")))
    return {} if target is None else {year: target / level for year, level in levels.items()}
