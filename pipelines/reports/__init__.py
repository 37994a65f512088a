"""The leaders' report and the page per intervention: published marts in, HTML and PDF out."""

from pipelines.reports.build import build_report
from pipelines.reports.pages import build_pages

__all__ = ["build_pages", "build_report"]
