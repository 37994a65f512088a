"""The border: delivered files are detected, read, mapped, pseudonymised, and wrong rows rejected."""

from pipelines.extracts.inspection import Inspection, inspect_file
from pipelines.extracts.landing import FeedCount, Landing, SourceFile, read_extracts
from pipelines.extracts.pseudonym import Key, load_key, pseudonymise

__all__ = [
    "FeedCount",
    "Inspection",
    "Key",
    "Landing",
    "SourceFile",
    "inspect_file",
    "load_key",
    "pseudonymise",
    "read_extracts",
]
