"""One page per intervention: the second product beside the leaders' report, from the same marts."""

from pipelines.reports.pages.build import build_pages

__all__ = ["build_pages"]
