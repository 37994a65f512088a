"""The rows beside a contrast's difference: the listed other ways to it, and how it differs between people."""

import json
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.estimation.comparison.contrasts import numbers
from pipelines.estimation.comparison.effects import PERSON_STEP
from pipelines.estimation.rows import Row, effect_row
from pipelines.estimators.comparison import Difference, Fitted, Limits
from pipelines.estimators.result import Estimate, NotEstimable
from pipelines.estimators.specifications import (
    SPECIFICATIONS,
    Parts,
    Question,
    Way,
    error_between_providers,
    interactions,
)

Booleans = npt.NDArray[np.bool_]

SEGMENTATIONS = ("sex", "age_band", "target_group")
DECIMALS = 4


def beside_rows(
    key: Row,
    fitted: Fitted,
    found: Difference,
    people: pa.Table,
    age_bands: Sequence[Row],
    limits: Limits,
    setting: Row,
) -> list[Row]:
    """Return the difference in SD by every listed specification, and its interactions, of one contrast."""
    question = Question(
        propensity=limits.propensity,
        is_recent=_is_recent(people, setting),
        minimum=setting["segment_minimum"],
        level=setting["confidence_level"],
        error=error_between_providers(found),
    )
    parts = Parts(fitted)
    n, sd = int(parts.known.sum()), key["sd"]
    rows = [
        _row(
            key,
            "standardised_difference",
            way(parts, question),
            n,
            sd,
            name,
            setting["smallest_worthwhile_sd"],
        )
        for name, way in SPECIFICATIONS.items()
    ]
    for segmentation in SEGMENTATIONS:
        rows += _interaction_rows(
            key, parts, question, _segments(segmentation, people, age_bands, setting), setting
        )
    return rows


def _interaction_rows(
    key: Row, parts: Parts, question: Question, segments: dict[str, Booleans], setting: Row
) -> list[Row]:
    """Rows of one way to divide the people; none has a number where the others' would tell of a few persons.

    A segment's difference is told with how many it rests on: all less those shown are the ones not shown.
    """
    members = np.column_stack([is_in.astype(float) for is_in in segments.values()])
    found = interactions(parts, members, question)
    sizes = [int((is_in & parts.known).sum()) for is_in in segments.values()]
    left = int(parts.known.sum()) - sum(
        n for n, one in zip(sizes, found, strict=True) if isinstance(one, Way)
    )
    if 0 < left < setting["disclosure_minimum"]:
        found = [NotEstimable("too_few_persons")] * len(found)
    return [
        _row(
            key | {"population": population},
            "interaction",
            one,
            n if isinstance(one, Way) else 0,
            key["sd"],
        )
        for population, one, n in zip(segments, found, sizes, strict=True)
    ]


def _row(
    key: Row,
    statistic: str,
    way: Way | NotEstimable,
    n: int,
    sd: float,
    specification: str = "main",
    delta: float | None = None,
) -> Row:
    if isinstance(way, NotEstimable):
        return effect_row(
            key, statistic, way, design="D3", comparator=key["comparator"], n=n, specification=specification
        )
    return effect_row(
        key,
        statistic,
        Estimate(way.estimate / sd, way.lower / sd, way.upper / sd, n),
        design="D3",
        comparator=key["comparator"],
        n=n,
        n_effective=float(PERSON_STEP * round(way.effective_size / PERSON_STEP)),
        diagnostics=json.dumps({"standard_error_sd": round(way.standard_error / sd, DECIMALS)}),
        specification=specification,
        delta=delta,
    )


def _is_recent(people: pa.Table, setting: Row) -> Booleans:
    """Who was decided on within the shorter window, at the assessment window's end."""
    months = setting["assessment_window_months"] - setting["shorter_window_months"]
    return np.asarray(numbers(people, "window_days") >= months * setting["days_per_year"] / 12)


def _segments(
    segmentation: str, people: pa.Table, age_bands: Sequence[Row], setting: Row
) -> dict[str, Booleans]:
    """Return who belongs to each segment, by its name; what is not known is a segment of its own.

    Ages are those at the decision, in years of mean length.
    """
    if segmentation == "age_band":
        years = np.floor(numbers(people, "age_days") / setting["days_per_year"])
        place = np.searchsorted([band["age_from"] for band in age_bands], years, side="right") - 1
        names = [
            None if np.isnan(year) or not age_bands else age_bands[max(i, 0)]["age_band_id"]
            for i, year in zip(place, years, strict=True)
        ]
    else:
        names = people[segmentation].to_pylist()
    told = np.array(["unknown" if name is None else name for name in names])
    return {f"{segmentation}:{name}": told == name for name in np.unique(told).tolist()}
