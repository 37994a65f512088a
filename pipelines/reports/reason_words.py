"""A rule's sentence with its numbers, as a Danish reader writes them."""

import json
from collections.abc import Mapping

from pipelines.catalogue.recommendation import PLACE, Measure, Recommendation, Rule

UNKNOWN_DA = "ikke opgjort"
HIDDEN_DA = "diskretioneret"


def reason_da(table: Recommendation, rule: Rule, numbers: str | None) -> str:
    """Return the rule's sentence; `numbers` is the mart's column, NULL where it is hidden.

    A number that is not in it is hidden too; one that is null in it is not known.
    """
    told: Mapping[str, float | None] = json.loads(numbers) if numbers else {}

    def number(name: str) -> str:
        if name not in told:
            return HIDDEN_DA
        return number_da(table.declared[name], told[name])

    return PLACE.sub(lambda found: number(found[1]), rule.reason_da)


def number_da(measure: Measure, value: float | None, finer: int = 0) -> str:
    """Return a measure's value with its unit: 62 %, -0,31 SD, mindst 40.

    `finer` is how many decimals it has beyond the usual.
    """
    if value is None:
        return UNKNOWN_DA
    match measure.unit:
        case "share":
            return f"{_decimal_da(100 * value, finer)} %"
        case "probability":
            return _chance_da(value, finer)
        case "share_difference":
            return f"{_decimal_da(100 * value, 1 + finer)} procentpoint"
        case "sd":
            return f"{_decimal_da(value, 2 + finer)} SD"
        case "dkk":
            return f"{value:,.0f} kr.".replace(",", ".")
        case "persons":
            return f"mindst {value:.0f}"
        case _:
            return f"{value:.0f}"


def _chance_da(probability: float, finer: int = 0) -> str:
    """A probability in whole percent, and never a certainty."""
    if probability >= 0.995 and not finer:
        return "over 99 %"
    if probability < 0.005 and not finer:
        return "under 1 %"
    return f"{_decimal_da(100 * probability, finer)} %"


def _decimal_da(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace(".", ",").replace("-", "\N{MINUS SIGN}")
