"""One person's page: a casework store's rows in, one A4 as HTML and PDF out."""

from pipelines.person.build import build_page
from pipelines.person.record import find_person, read_record

__all__ = ["build_page", "find_person", "read_record"]
