"""A synthetic municipality with planted truth: extracts as its systems would deliver them.

The files are for the pipeline; the truth beside them is for tests only.
"""

from pipelines.demo.write import write_demo

__all__ = ["write_demo"]
