"""Modules that are imported only when something of theirs is used."""

import sys

import pytest

from pipelines.expectations.deferral import DeferredImports


def test_a_deferred_module_runs_at_its_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    # `this` prints the Zen of Python when it runs, which shows when that is.
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.delitem(sys.modules, "this", raising=False)
    printed: list[str] = []
    monkeypatch.setattr("builtins.print", printed.append)
    DeferredImports(["this"]).install()
    import this

    assert printed == []
    assert this.s.startswith("Gur Mra bs Clguba")
    assert len(printed) == 1


def test_a_deferred_module_that_is_not_installed_is_missing_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    DeferredImports(["no_such_package"]).install()
    with pytest.raises(ModuleNotFoundError):
        __import__("no_such_package")
