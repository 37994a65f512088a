"""The real table and parameters, and measures that reach as far as the statistical rules."""

from typing import Any

import pytest

from pipelines.catalogue import Catalogue
from pipelines.catalogue.recommendation import Recommendation
from pipelines.recommendation.measures import Measures


@pytest.fixture(scope="session")
def table(catalogue: Catalogue) -> Recommendation:
    return catalogue.recommendation


@pytest.fixture(scope="session")
def setting(catalogue: Catalogue) -> dict[str, Any]:
    """The row of ref.setting."""
    return {p.id: p.value for p in catalogue.parameters}


@pytest.fixture
def undecided() -> Measures:
    """Measured and compared well enough, in its first year, and nothing found."""
    return Measures(
        has_safety_flag=False,
        is_tied_to_goal=True,
        is_legal_right=False,
        pairs_per_arm=60,
        coverage=0.8,
        design="D3",
        comparator="waiting",
        has_estimate=True,
        is_sound=True,
        is_randomised=False,
        is_staff_rated_alone=False,
        is_one_provider=False,
        negative_control="undecided",
        evidence_level=3,
        estimate_sd=0.1,
        probability_harm=0.02,
        deteriorated_lower=-0.05,
        probability_relevant=0.5,
        probability_positive_sure=0.3,
        probability_relevant_sure=0.1,
        probability_positive=0.8,
        tipping_point_sd=0.0,
        is_same_sign=True,
        agreeing_harm=1.0,
        agreeing_no_effect=1.0,
        agreeing_benefit=1.0,
        has_willingness_to_pay=False,
        was_harm=False,
        was_no_effect=False,
    )
