"""What the invented municipality decided on the recommendations of earlier years; nobody in it is named."""

from datetime import date

import numpy as np

from pipelines.catalogue import Source
from pipelines.demo.cells import Table, make_table, texts_of

# Decided on the recommendations of so many years before the reporting year, in the spring after.
YEARS_BACK = (2, 1)
DECIDED_MONTH, DECIDED_DAY = 3, 12
# Not every recommendation is decided on: one intervention in three.
EVERY = 3


def decisions_table(
    intervention_ids: list[str], source: Source, reporting_year: int, rng: np.random.Generator
) -> Table:
    """One row per decision."""
    feed = source.feeds[0]
    decided, by = texts_of(feed, "decided"), texts_of(feed, "decided_by")
    about = [
        (intervention, reporting_year - back)
        for back in YEARS_BACK
        for intervention in intervention_ids[back::EVERY]
    ]
    day = date(reporting_year, DECIDED_MONTH, DECIDED_DAY)
    kinds, roles = rng.choice(list(decided), len(about)), rng.choice(list(by), len(about))
    columns = {
        "intervention_id": [intervention for intervention, _ in about],
        "recommendation_year": [str(year) for _, year in about],
        "decided": [decided[str(kind)][0] for kind in kinds],
        "decided_date": [day.replace(year=year + 1).strftime("%d-%m-%Y") for _, year in about],
        "decided_by": [by[str(role)][0] for role in roles],
    }
    return make_table(source, reporting_year, 1, columns)
