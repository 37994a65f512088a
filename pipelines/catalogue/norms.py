"""Does the chosen method of reliable change have the norms it needs, and does no norm contradict itself?"""

from collections.abc import Iterator
from typing import get_args

from pipelines.catalogue.entries import Catalogue, Norm, ReliableChangeMethod
from pipelines.errors import Problem

# Besides SD and reliability. A sample knows all its moments; a published norm knows what it states.
NEEDS_MEAN = ("EN", "GLN", "NK")
NEEDS_SAMPLE = ("HLL", "HA")


def broken_norms(catalogue: Catalogue, *, is_known: bool) -> Iterator[Problem]:
    """Yield every norm that contradicts itself, and a method that no norm could serve."""
    for instrument in catalogue.instruments:
        for norm in instrument.norms:
            where = f"instruments/{instrument.id} (norms {norm.respondent}: "
            yield from (Problem(f"{where}{key})", message) for key, message in _contradictions(norm))
    yield from _broken_method(catalogue, is_known=is_known)


def _broken_method(catalogue: Catalogue, *, is_known: bool) -> Iterator[Problem]:
    where = "parameters.toml (parameter {}: value)"
    values = {p.id: p.value for p in catalogue.parameters}
    for key in ("percentage_improvement_share", "percentage_deterioration_share"):
        share = values.get(key, 1.0)
        if isinstance(share, str) or share <= 0:
            yield Problem(where.format(key), "skal være et tal større end 0")
    where, method = where.format("reliable_change_method"), values.get("reliable_change_method", "JT")
    if method not in get_args(ReliableChangeMethod):
        yield Problem(where, f"skal være en af: {', '.join(get_args(ReliableChangeMethod))}")
    norms = [norm for instrument in catalogue.instruments for norm in instrument.norms]
    is_demanding = method in NEEDS_MEAN or method in NEEDS_SAMPLE
    if is_known and is_demanding and not any(_serves(norm, str(method)) for norm in norms):
        wanted = 'sd = "sample"' + ("" if method in NEEDS_SAMPLE else " eller mean")
        message = f"ingen norm har det, metoden {method} kræver: reliability, og {wanted}"
        yield Problem(where, message + "; intet ville blive bedømt")


def _contradictions(norm: Norm) -> Iterator[tuple[str, str]]:
    if norm.cutoff_method == "published" and norm.cutoff is None:
        yield "cutoff", 'mangler; cutoff_method = "published" kræver den'
    if norm.derives_cutoff and norm.cutoff is not None:
        yield "cutoff", f'bruges ikke, når cutoff_method = "{norm.cutoff_method}"; fjern en af dem'
    if norm.cutoff_method in ("b", "c"):
        for key in ("functional_mean", "functional_sd"):
            if getattr(norm, key) is None:
                yield key, f'mangler; cutoff_method = "{norm.cutoff_method}" kræver den'
    if norm.mean is not None and not isinstance(norm.sd, float | int):
        yield "mean", "er gennemsnittet i den befolkning, sd kommer fra; den kræver sd som et tal"


def _serves(norm: Norm, method: str) -> bool:
    if norm.sd is None or norm.reliability is None:
        return False
    return norm.sd == "sample" or (method in NEEDS_MEAN and norm.mean is not None)
