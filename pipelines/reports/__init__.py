"""The leaders' report: published marts in, HTML and PDF out, from one content model."""

from pipelines.reports.build import build_report

__all__ = ["build_report"]
