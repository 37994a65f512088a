"""Imports that wait until they are needed.

Great Expectations imports `altair` for one expectation that draws a chart, `scipy.stats` for
four tests of distributions and `jsonschema` for one on JSON texts: more than half of its import
time, for nothing that a suite of ours uses.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType


class DeferredImports:
    """A finder whose modules run at the first use of one of their attributes.

    The standard library's `LazyLoader` does the work: the modules stay real and complete, and
    code that does use them loads them there and then.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)

    def install(self) -> None:
        """Take precedence over the ordinary finders in this process."""
        sys.meta_path.insert(0, self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a deferred module by its full name; leave every other to the next finder."""
        if name not in self._names:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec
