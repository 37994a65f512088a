"""Is a reference for the expected change one that may be used, and does at most one apply to a person?"""

from collections.abc import Iterator
from itertools import combinations

from pipelines.catalogue.entries import Catalogue, Instrument, Reference
from pipelines.errors import Problem


def broken_references(catalogue: Catalogue, *, is_known: bool) -> Iterator[Problem]:
    """Yield every reference that contradicts itself or its instrument, and every two that could both apply.

    `is_known` says whether instruments and interventions could be read at all.
    """
    instruments = {i.id: i for i in catalogue.instruments}
    long = next((p.value for p in catalogue.parameters if p.id == "long_follow_up_months"), None)
    horizons = sorted(
        {i.horizon_months for i in catalogue.interventions} | ({long} if isinstance(long, int) else set())
    )
    for reference in catalogue.references:
        found = [*_contradictions(reference)]
        if is_known:
            found += _against_instrument(reference, instruments.get(reference.instrument))
            if reference.horizon_months not in horizons:
                known = ", ".join(map(str, horizons))
                found.append(("horizon_months", f"ingen opfølgning har den horisont; brug en af: {known}"))
        yield from (Problem(_where(reference, key), message) for key, message in found)
    for one, other in combinations(catalogue.references, 2):
        if one.overlaps(other):
            message = f"gælder for samme alder, målgruppe og horisont som '{one.id}'; kun én må gælde"
            yield Problem(_where(other, "age_from"), message)


def _where(reference: Reference, key: str) -> str:
    return f"references.toml (reference {reference.id}: {key})"


def _contradictions(reference: Reference) -> Iterator[tuple[str, str]]:
    if reference.age_to < reference.age_from:
        yield "age_to", "er mindre end age_from"
    if not reference.target_groups:
        yield "target_groups", "skal nævne mindst én målgruppe, som gennemsnittet gælder for"
    if (reference.mean_n is None) == (reference.mean_standard_error is None):
        yield "mean_n", "skal have enten mean_n eller mean_standard_error, og ikke begge"


def _against_instrument(reference: Reference, instrument: Instrument | None) -> Iterator[tuple[str, str]]:
    if instrument is None:
        yield "instrument", f"måleredskabet '{reference.instrument}' findes ikke"
        return
    if not instrument.minimum <= reference.mean <= instrument.maximum:
        yield "mean", f"ligger uden for skalaen {instrument.minimum:g} til {instrument.maximum:g}"
    norm = instrument.norm(reference.respondent)
    if norm is None:
        message = f"måleredskabet '{instrument.id}' har ingen norm for '{reference.respondent}'"
        yield "respondent", message
    elif (
        norm.reliability_kind == "test-retest"
        and norm.reliability is not None
        and reference.correlation >= norm.reliability
    ):
        yield (
            "correlation",
            f"er ikke lavere end test-retest over få uger ({norm.reliability:g}): "
            "det skal være sammenhængen over hele horisonten",
        )
