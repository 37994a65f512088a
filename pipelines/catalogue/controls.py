"""What is wrong with the negative controls that interventions declare."""

from collections import Counter
from collections.abc import Iterator

from pipelines.catalogue.entries import Catalogue, Intervention, NegativeControl
from pipelines.catalogue.norms import missing_norm_da
from pipelines.errors import Problem


def broken_controls(catalogue: Catalogue, *, is_known: bool) -> Iterator[Problem]:
    """Yield every control that could not tell whether the people compared are alike.

    `is_known` is False where the instruments could not be read: then none is held against them.
    """
    for intervention in catalogue.interventions:
        where = f"interventions.toml (intervention {intervention.id}: negative_controls"
        for position, control in enumerate(intervention.negative_controls, start=1):
            for message in _wrong_da(control, intervention, catalogue, is_known=is_known):
                yield Problem(f"{where}.{position})", message)
        for name, times in Counter(c.id for c in intervention.negative_controls).items():
            if times > 1:
                yield Problem(f"{where})", f"'{name}' står {times} gange; nævn hver kontrol én gang")


def _wrong_da(
    control: NegativeControl, intervention: Intervention, catalogue: Catalogue, *, is_known: bool
) -> Iterator[str]:
    given = [value is not None for value in (control.instrument, control.respondent, control.register_)]
    if given not in ([True, True, False], [False, False, True]):
        yield "skal have enten instrument og respondent eller register, og ikke begge"
        return
    aimed = [i.id for i in _aimed_at(catalogue, control, intervention)]
    if intervention.id in aimed:
        yield f"'{control.id}' er også et udfald af indsatsen; den kan ikke være dens kontrol"
    elif aimed:
        yield f"'{control.id}' er et udfald af '{aimed[0]}', som der sammenlignes med; vælg noget andet"
    if control.instrument is not None and is_known:
        instrument = next((i for i in catalogue.instruments if i.id == control.instrument), None)
        if instrument is None:
            yield f"måleredskabet '{control.instrument}' findes ikke"
        elif lacking := missing_norm_da(instrument, str(control.respondent)):
            yield lacking


def _aimed_at(
    catalogue: Catalogue, control: NegativeControl, intervention: Intervention
) -> Iterator[Intervention]:
    """Yield the interventions of the same area that the control is an outcome of."""
    for other in catalogue.interventions:
        outcomes = {f"{o.instrument}:{o.respondent}" for o in other.outcomes}
        outcomes |= {f"register:{register}" for register in other.registers}
        if other.area == intervention.area and control.id in outcomes:
            yield other
