"""Two pages for citizens and those close to them: how it goes, what helps, what it means, where to turn."""

from pipelines.reports.citizens.build import build_citizens

__all__ = ["build_citizens"]
