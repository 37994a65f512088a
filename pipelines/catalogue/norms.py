"""Does the chosen method of reliable change have the norms it needs, and does no norm contradict itself?"""

from collections import Counter
from collections.abc import Iterator
from typing import get_args

from pipelines.catalogue.entries import Catalogue, Instrument, Norm, ReliableChangeMethod
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
        yield from (
            Problem(f"instruments/{instrument.id} ({key})", message)
            for key, message in _broken_sets(instrument)
        )
    yield from _broken_method(catalogue, is_known=is_known)


def missing_norm_da(instrument: Instrument, respondent: str) -> str | None:
    """Return what is wrong where an outcome needs the respondent's norm, or None."""
    chosen = f" i normsættet '{instrument.norm_set}'" if instrument.norm_set else ""
    norm = instrument.norm(respondent)
    if norm is None:
        return f"måleredskabet '{instrument.id}' har ingen norm for '{respondent}'{chosen}"
    if chosen and not norm.has_number:
        return (
            f"måleredskabet '{instrument.id}' har ingen tal for '{respondent}'{chosen}; "
            "skriv dem ind fra kilden, eller vælg et andet sæt"
        )
    return None


def _broken_sets(instrument: Instrument) -> Iterator[tuple[str, str]]:
    sets = {norm.norm_set for norm in instrument.norms}
    names = ", ".join(sorted(name for name in sets if name))
    if instrument.norm_set is None and len(sets) > 1:
        yield "norm_set", f"mangler; vælg et af normsættene: {names}"
    if instrument.norm_set is not None and instrument.norm_set not in sets:
        yield "norm_set", f"normsættet '{instrument.norm_set}' findes ikke; kendte: {names or 'ingen'}"
    counts = Counter((norm.norm_set, norm.respondent) for norm in instrument.norms)
    for (norm_set, respondent), times in counts.items():
        if times > 1:
            named = f" i normsættet '{norm_set}'" if norm_set else "; giv hvert sæt et navn (norm_set)"
            yield "norms", f"{times} normer for '{respondent}'{named}"


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
    norms = [norm for instrument in catalogue.instruments for norm in instrument.norms_in_use]
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
