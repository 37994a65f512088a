"""The catalogue: TOML files edited by analysts, parsed once to frozen classes."""

from pipelines.catalogue.entries import (
    AddingUp,
    Catalogue,
    Deadline,
    Extract,
    ExtractField,
    Feed,
    Goal,
    Instrument,
    Intervention,
    Mart,
    MartColumn,
    Municipality,
    Norm,
    Outcome,
    Parameter,
    Source,
    Strategy,
)
from pipelines.catalogue.load import load_catalogue

__all__ = [
    "AddingUp",
    "Catalogue",
    "Deadline",
    "Extract",
    "ExtractField",
    "Feed",
    "Goal",
    "Instrument",
    "Intervention",
    "Mart",
    "MartColumn",
    "Municipality",
    "Norm",
    "Outcome",
    "Parameter",
    "Source",
    "Strategy",
    "load_catalogue",
]
