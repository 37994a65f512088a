"""The border: delivered files are detected, read, mapped, pseudonymised, and wrong rows rejected."""

from pipelines.extracts.inspection import Inspection, inspect_file
from pipelines.extracts.landing import FeedCount, Landing, SourceFile, delivered_hashes, read_extracts
from pipelines.extracts.pseudonym import Key, default_key_file, load_key, pseudonymise

__all__ = [
    "FeedCount",
    "Inspection",
    "Key",
    "Landing",
    "SourceFile",
    "default_key_file",
    "delivered_hashes",
    "inspect_file",
    "load_key",
    "pseudonymise",
    "read_extracts",
]
