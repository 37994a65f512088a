"""Can every indicator be measured as it says, and does every goal lead to indicators that are there?"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from difflib import get_close_matches

from pipelines.catalogue.base import Entry
from pipelines.catalogue.entries import Catalogue, Goal, Strategy
from pipelines.catalogue.indicators import (
    FORMULAS,
    FROM_PUBLIC,
    FROM_SURVEY,
    LIMITS,
    OF_PEOPLE,
    Indicator,
    Of,
)
from pipelines.errors import Problem

Found = Iterator[tuple[str, str]]
INDICATORS = "indicators"
SURVEYS, STATISTICS = "surveys.toml", "public_statistics.toml"


def broken_strategies(
    catalogue: Catalogue, files: Mapping[tuple[type[Entry], str], str], *, broken_kinds: Set[str]
) -> Iterator[Problem]:
    """Yield every goal, indicator, question and public figure that could not be used as it stands.

    `files` tells where an indicator or a strategy, by its kind and id, is written. Nothing is held against
    a file named in `broken_kinds`: it could not be read.
    """
    yield from _broken_surveys(catalogue)
    yield from _broken_figures(catalogue)
    for indicator in catalogue.indicators:
        found = [*_broken_formula(indicator)]
        if not found and indicator.formula:
            found += _broken_arguments(indicator.of, catalogue, broken_kinds)
        if INDICATORS not in broken_kinds:
            found += _broken_company(indicator, catalogue)
        where = f"{files[Indicator, indicator.id]} (indicator {indicator.id}: "
        yield from (Problem(f"{where}{key})", text) for key, text in found)
    for strategy in catalogue.strategies:
        for goal in strategy.goals:
            found = [*_broken_goal(goal, strategy)]
            if INDICATORS not in broken_kinds:
                found += _broken_indicators(goal, catalogue)
            where = f"{files[Strategy, strategy.id]} (goals {goal.id}: "
            yield from (Problem(f"{where}{key})", text) for key, text in found)


def _broken_formula(indicator: Indicator) -> Found:
    """Yield what the formula lacks, or has no use for."""
    given = indicator.of.given.keys()
    if indicator.formula is None:
        if given:
            yield "of", "er givet uden formula; skriv, hvilken formel der skal regne, eller fjern of"
        return
    formula, signature = indicator.formula, FORMULAS[indicator.formula]
    limits = set(LIMITS) if signature.has_limit else set()
    for name in sorted(signature.needs - given):
        yield f"of.{name}", f"mangler; formlen '{formula}' kan ikke regnes uden"
    for name in sorted(given - signature.needs - signature.may - limits):
        known = ", ".join(sorted(signature.needs | signature.may | limits)) or "ingen"
        yield f"of.{name}", f"bruges ikke af formlen '{formula}' (den kender: {known}); fjern det"
    if limits and len(given & limits) != 1:
        yield "of", f"formlen '{formula}' skal have enten at_least eller at_most, og ikke begge"
    if formula == "mean_change" and indicator.better != "higher":
        yield "better", "skal være 'higher': formlen 'mean_change' regner, så plus altid er bedre"
    if formula in FROM_SURVEY and indicator.measured_from != "survey":
        yield "measured_from", f"skal være 'survey', for formlen '{formula}' regner på en spørgeundersøgelse"
    if formula in FROM_PUBLIC and indicator.measured_from != "public":
        yield "measured_from", f"skal være 'public', for formlen '{formula}' regner på offentlige tal"


def _broken_arguments(of: Of, catalogue: Catalogue, broken_kinds: Set[str]) -> Found:
    """Yield every argument that names what is not in the catalogue, or a limit outside the scale."""
    with_status = {status.domain: True for status in catalogue.statuses}
    told: tuple[tuple[str, Sequence[str], str, str, Sequence[str]], ...] = (
        ("instruments", of.instruments, "måleredskabet", "instruments", catalogue.known("instrument")),
        ("instrument", _one(of.instrument), "måleredskabet", "instruments", catalogue.known("instrument")),
        ("domain", _one(of.domain), "registeret", "statuses.toml", [*with_status]),
        ("deadline", _one(of.deadline), "fristen", "deadlines.toml", [d.id for d in catalogue.deadlines]),
        ("event_kind", _one(of.event_kind), "hændelsen", "event_kinds.toml", catalogue.known("event_kind")),
        (
            "interventions",
            of.interventions,
            "indsatsen",
            "interventions.toml",
            catalogue.known("intervention"),
        ),
        ("question", _one(of.question), "spørgsmålet", SURVEYS, [q.id for q in catalogue.questions]),
        ("statistic", _one(of.statistic), "statistikken", STATISTICS, [s.id for s in catalogue.statistics]),
    )
    for key, names, word, file, known in told:
        for name in names if file not in broken_kinds else ():
            if name not in known:
                yield f"of.{key}", f"{word} '{name}' findes ikke i catalogue/{file}{_nearest(name, known)}"
    yield from _broken_scale(of, catalogue)


def _broken_scale(of: Of, catalogue: Catalogue) -> Found:
    limit = of.at_most if of.at_least is None else of.at_least
    instrument = next((i for i in catalogue.instruments if i.id == of.instrument), None)
    question = next((q for q in catalogue.questions if q.id == of.question), None)
    if instrument and of.respondent and instrument.norm(of.respondent) is None:
        answers = ", ".join(sorted({norm.respondent for norm in instrument.norms_in_use}))
        yield "of.respondent", f"'{of.respondent}' besvarer ikke '{instrument.id}'; brug en af: {answers}"
    scale = (
        (instrument.minimum, instrument.maximum)
        if instrument
        else (question.scale_minimum, question.scale_maximum)
        if question
        else None
    )
    if limit is not None and scale and not scale[0] <= limit <= scale[1]:
        key = "at_most" if of.at_least is None else "at_least"
        yield f"of.{key}", f"{limit:g} ligger uden for skalaen {scale[0]:g} til {scale[1]:g}"


def _broken_company(indicator: Indicator, catalogue: Catalogue) -> Found:
    """Yield a figure that would mislead alone and has no fit company."""
    beside = indicator.stands_beside
    if beside is None:
        if indicator.formula == "mean_hours":
            message = (
                "mangler: færre timer er kun godt, når trivsel eller funktionsevne ikke falder; nævn den "
            )
            yield "stands_beside", message + "indikator, tallet altid skal stå sammen med"
        return
    other = next((one for one in catalogue.indicators if one.id == beside), None)
    if other is None:
        known = [one.id for one in catalogue.indicators]
        yield "stands_beside", f"indikatoren '{beside}' findes ikke{_nearest(beside, known)}"
    elif other is indicator:
        yield "stands_beside", "er indikatoren selv; nævn en anden"
    elif indicator.formula == "mean_hours" and other.formula not in OF_PEOPLE:
        yield "stands_beside", f"'{beside}' siger ikke noget om borgernes trivsel eller funktionsevne"


def _broken_goal(goal: Goal, strategy: Strategy) -> Found:
    ids = {one.id for one in strategy.goals}
    if goal.parent is not None and goal.parent not in ids - {goal.id}:
        yield "parent", f"'{goal.parent}' er ikke et andet punkt i strategien {strategy.id}"
    for name, times in Counter(goal.indicators).items():
        if times > 1:
            yield "indicators", f"'{name}' står {times} gange; nævn hver indikator én gang"
    for target in goal.targets:
        if target.indicator not in goal.indicators:
            yield "targets", f"indikatoren '{target.indicator}' er ikke blandt målets indicators"
        if target.from_date and target.by_date and target.by_date < target.from_date:
            yield "targets", f"by_date {target.by_date} ligger før from_date {target.from_date}"
        if target.from_date and not target.by_date:
            yield "targets", "har from_date uden by_date; et mål for hvert år har ingen af dem"


def _broken_indicators(goal: Goal, catalogue: Catalogue) -> Found:
    known = {indicator.id: indicator for indicator in catalogue.indicators}
    for name in goal.indicators:
        if name not in known:
            yield "indicators", f"indikatoren '{name}' findes ikke{_nearest(name, [*known])}"
        elif (beside := known[name].stands_beside) and beside not in goal.indicators:
            yield "indicators", f"'{name}' må ikke stå alene: nævn også '{beside}' (stands_beside)"


def _broken_surveys(catalogue: Catalogue) -> Iterator[Problem]:
    surveys = {survey.id for survey in catalogue.surveys}
    for question in catalogue.questions:
        where = f"surveys.toml (question {question.id}: "
        if question.survey not in surveys:
            yield Problem(where + "survey)", f"spørgeundersøgelsen '{question.survey}' findes ikke")
        if question.scale_maximum <= question.scale_minimum:
            yield Problem(where + "scale_maximum)", "skal være større end scale_minimum")


def _broken_figures(catalogue: Catalogue) -> Iterator[Problem]:
    statistics = [statistic.id for statistic in catalogue.statistics]
    for name in sorted({figure.statistic for figure in catalogue.figures} - {*statistics}):
        message = f"statistikken '{name}' findes ikke{_nearest(name, statistics)}"
        yield Problem("public_statistics.toml (figure: statistic)", message)
    seen = Counter((figure.statistic, figure.area, figure.year) for figure in catalogue.figures)
    for (statistic, area, year), times in seen.items():
        if times > 1:
            message = f"{area} {year} står {times} gange for '{statistic}'; ét år har ét tal"
            yield Problem("public_statistics.toml (figure: year)", message)


def _one(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


def _nearest(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; nærmest er '{close[0]}'" if close else ""
