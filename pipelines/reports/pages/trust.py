"""Whether the comparison may be believed, in plain lines from its own checks."""

from typing import Any

from pipelines.reports import danish
from pipelines.reports.case import COMPARATORS, Case
from pipelines.reports.results import Result

# The worst is told.
CONTROLS = ("failed", "undecided", "passed")


def trust(case: Case) -> dict[str, Any]:
    """Return three plain lines on whether the comparison may be believed, or why there is none."""
    texts, difference = case.texts, case.difference
    heading = texts("trust.title")
    if difference is None:
        found = next(
            (r for r in (case.get("D3", c, "mean_difference") for c in COMPARATORS) if r.reason), None
        )
        reason = case.reason(found) if found else texts("reason.not_computed")
        key = "trust.register" if case.has_register_comparison else "trust.none"
        return {"title": heading, "items": [texts(key, reason=reason), *_package(case)]}
    failed = [] if case.verdict else [texts("trust.failed", check=failed_check(case))]
    items = [" ".join(part) for part in (_alike(case, difference), _answers(case), _hidden_cause(case))]
    mark = provider_mark(case, difference)
    marks = [*_package(case), *([mark] if mark else [])]
    return {"title": heading, "items": [*items, *marks, *failed]}


def failed_check(case: Case) -> str:
    """Return the names of the checks that failed, in words."""
    keys = [f"check.{failed}" for failed in case.failed_checks] or ["check.other"]
    return "; ".join(case.texts(key if case.texts.has(key) else "check.other") for key in keys)


def provider_mark(case: Case, difference: Result) -> str:
    """Return what the providers do not let the difference say, in words; empty where there are enough."""
    key = f"providers_mark.{difference.diagnostics.get('providers')}"
    return case.texts(key) if case.texts.has(key) else ""


def _package(case: Case) -> list[str]:
    """Say so where most got another intervention as well: what is measured is then the two together."""
    found = case.get("D1", "none", "share_in_package")
    most = float(case.material.manifest["parameters"]["package_share"])
    is_most = found.reason == "nearly_all" or (found.estimate or 0.0) > most
    if not is_most or "with" not in found.diagnostics:
        return []
    name = case.material.catalogue.intervention(found.diagnostics["with"]).name_da
    return [case.texts("trust.package", name=name)]


def _alike(case: Case, difference: Result) -> list[str]:
    texts, told = case.texts, difference.diagnostics
    imbalance, share = told.get("largest_imbalance"), told.get("overlap_share")
    if imbalance is None:
        first = texts("trust.alike_unknown")
    else:
        is_alike = told.get("failed_check") not in ("imbalance", "effective_size", "overlap")
        first = texts("trust.alike_yes" if is_alike else "trust.alike_no")
    found = [first]
    if share is not None:
        found.append(texts("trust.overlap", share=danish.percent(share, 0)))
    if difference.n_effective is not None:
        found.append(texts("trust.effective", persons=danish.number(difference.n_effective)))
    return found


def _answers(case: Case) -> list[str]:
    texts, difference = case.texts, case.difference
    assert difference is not None
    apart, tipping = (difference.diagnostics.get(key) for key in ("response_difference", "tipping_point_sd"))
    found = [
        texts("trust.answers_unknown")
        if apart is None
        else texts("trust.answers", points=danish.number(100 * abs(apart)))
    ]
    if difference.would_flip is not None:
        found.append(texts("trust.flip" if difference.would_flip else "trust.no_flip"))
    elif tipping == 0:
        found.append(texts("trust.already"))
    elif tipping is not None:
        found.append(texts("trust.tipping", sd=danish.number(abs(tipping), 2)))
    return found


def _hidden_cause(case: Case) -> list[str]:
    texts, difference = case.texts, case.difference
    assert difference is not None
    value = difference.diagnostics.get("e_value")
    said = case.controls(case.comparator) if case.comparator else []
    controls = [texts(f"trust.control_{key}") for key in CONTROLS if key in said][:1]
    if value is None:
        return [texts("trust.hidden_cause_unknown"), *controls]
    if value <= 1:
        return [texts("trust.hidden_cause_none"), *controls]
    return [texts("trust.hidden_cause", value=danish.number(value, 1)), *controls]
