"""The yearly action plan: how it went, goal by goal, and a draft of next year's for people to edit."""

from pipelines.reports.plan.build import build_plan

__all__ = ["build_plan"]
