"""Do prices, consequences and rates hold together, and is nothing counted twice or unmeasured?"""

from collections import Counter
from collections.abc import Iterator, Set

from pipelines.catalogue.entries import Catalogue, Consequence, Intervention, UnitPrice
from pipelines.errors import Problem


def broken_economy(catalogue: Catalogue, *, broken_kinds: Set[str]) -> Iterator[Problem]:
    """Yield every price, consequence, rate or willingness to pay that could not be used as it stands.

    Nothing is held against a file named in `broken_kinds`: it could not be read.
    """
    yield from _broken_rates(catalogue)
    if broken_kinds.isdisjoint({"price_indices.toml", "parameters.toml"}):
        yield from _broken_prices(catalogue)
    if "interventions.toml" in broken_kinds:
        return
    known = {name for intervention in catalogue.interventions for name in _outcomes(intervention)}
    for willing in catalogue.willingness_to_pay:
        where = f"willingness_to_pay.toml (willingness_to_pay {willing.id}: outcome)"
        if willing.outcome not in known or willing.outcome.startswith("register:"):
            yield Problem(where, f"'{willing.outcome}' er ikke et måleredskab, nogen indsats vurderes på")
    for outcome, times in Counter(w.outcome for w in catalogue.willingness_to_pay).items():
        if times > 1:
            yield Problem(
                "willingness_to_pay.toml (outcome)", f"'{outcome}' står {times} gange; kun ét beløb"
            )
    prices = None if "unit_prices.toml" in broken_kinds else {price.id for price in catalogue.unit_prices}
    for consequence in catalogue.consequences:
        for key, message in _wrong_da(consequence, catalogue, known, prices):
            yield Problem(f"consequences.toml (consequence {consequence.id}: {key})", message)
    yield from _counted_twice(catalogue)


def consequences_of(catalogue: Catalogue, intervention: Intervention) -> Iterator[Consequence]:
    """Yield the consequences that hold for an intervention."""
    for consequence in catalogue.consequences:
        is_meant = not consequence.interventions or intervention.id in consequence.interventions
        if is_meant and consequence.outcome in _outcomes(intervention):
            yield consequence


def _outcomes(intervention: Intervention) -> set[str]:
    found = {f"{outcome.instrument}:{outcome.respondent}" for outcome in intervention.outcomes}
    return found | {f"register:{register}" for register in intervention.registers}


def _broken_rates(catalogue: Catalogue) -> Iterator[Problem]:
    for day in sorted({rate.valid_from for rate in catalogue.discount_rates}):
        years = [rate.year_from for rate in catalogue.discount_rates if rate.valid_from == day]
        where = f"discount_rates.toml (valid_from {day})"
        if 0 not in years:
            yield Problem(where, "mangler satsen fra år 0 (year_from = 0)")
        for year, times in Counter(years).items():
            if times > 1:
                yield Problem(where, f"year_from = {year} står {times} gange; ét år har én sats")


def _broken_prices(catalogue: Catalogue) -> Iterator[Problem]:
    target = catalogue.parameter("price_year")
    years = {index.year for index in catalogue.price_indices}
    for year, times in Counter(index.year for index in catalogue.price_indices).items():
        if times > 1:
            yield Problem("price_indices.toml (year)", f"{year} står {times} gange; ét år har ét prisniveau")
    if years and target not in years:
        yield Problem("price_indices.toml (year)", f"mangler prisåret {target} (parameteren price_year)")
    for price in catalogue.unit_prices:
        where = f"unit_prices.toml (unit_price {price.id}: "
        if not _is_interval(price):
            message = "skal ligge omkring price_dkk: lower_dkk og upper_dkk sammen, eller ingen af dem"
            yield Problem(where + "lower_dkk)", message)
        if price.price_year != target and not {price.price_year, target} <= years:
            message = (
                f"er {price.price_year}, men der regnes i {target}-priser: "
                "angiv begge års prisniveau i price_indices.toml"
            )
            yield Problem(where + "price_year)", message)


def _is_interval(price: UnitPrice) -> bool:
    lower, upper = price.lower_dkk, price.upper_dkk
    if lower is None or upper is None:
        return lower is upper
    return lower <= price.price_dkk <= upper


def _wrong_da(
    consequence: Consequence, catalogue: Catalogue, known: Set[str], prices: Set[str] | None
) -> Iterator[tuple[str, str]]:
    if prices is not None and consequence.unit_price not in prices:
        yield "unit_price", f"enhedsprisen '{consequence.unit_price}' findes ikke"
    if consequence.outcome not in known:
        yield "outcome", f"'{consequence.outcome}' er ikke et udfald, nogen indsats vurderes på"
    by_id = {intervention.id: intervention for intervention in catalogue.interventions}
    for name in consequence.interventions:
        if name not in by_id:
            yield "interventions", f"indsatsen '{name}' findes ikke"
        elif consequence.outcome not in _outcomes(by_id[name]):
            yield "interventions", f"'{name}' vurderes ikke på '{consequence.outcome}'"
    yield from _wrong_years_da(consequence, catalogue)


def _wrong_years_da(consequence: Consequence, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    horizons = [
        intervention.horizon_months
        for intervention in catalogue.interventions
        if consequence in consequences_of(catalogue, intervention)
    ]
    for year, times in Counter(one.year for one in consequence.years).items():
        if times > 1:
            yield "years", f"år {year} står {times} gange"
    for one in consequence.years:
        if not one.lower <= one.units <= one.upper:
            yield "years", f"år {one.year}: units skal ligge mellem lower og upper"
        if 12 * one.year >= min(horizons, default=12) and not one.beyond_source:
            message = "ligger efter det, der er målt: angiv en kilde i beyond_source, eller fjern året"
            yield "years", f"år {one.year} {message}"


def _counted_twice(catalogue: Catalogue) -> Iterator[Problem]:
    """Two outcomes of one intervention that spare the same are one sparing."""
    for intervention in catalogue.interventions:
        spared = Counter(
            (consequence.unit_price, one.year)
            for consequence in consequences_of(catalogue, intervention)
            for one in consequence.years
        )
        for (price, year), times in spared.items():
            if times > 1:
                message = (
                    f"indsatsen '{intervention.id}' sparer '{price}' {times} gange i år {year}: "
                    "lad kun ét udfald tælle"
                )
                yield Problem("consequences.toml (unit_price)", message)
