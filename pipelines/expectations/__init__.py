"""Data checks: each extract's contract as a Great Expectations suite, and its verdict.

`rules` turns the catalogue into rules (pure), `checker` runs them in a child process that
imports Great Expectations while the parent reads files, and `worker` is that child.
"""

from pipelines.expectations.checker import Checker, CheckResult

__all__ = ["CheckResult", "Checker"]
