"""E0 on municipalities whose truth is planted: what it corrects for, and what it cannot."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from pipelines.catalogue import Catalogue, load_catalogue
from pipelines.demo import latent
from pipelines.demo.latent import FLUCTUATION_DAYS, FLUCTUATION_VARIANCE, NATURAL_HALF_LIFE_DAYS, NEVER
from pipelines.demo.plan import Booleans, Floats, make_plan
from pipelines.demo.simulation import PEOPLE_COUNT, Municipality, simulate
from pipelines.demo.truth import describe_truth
from pipelines.extracts.feed import schema
from pipelines.warehouse import ladder, reference
from tests.conftest import ROOT
from tests.demo.reading import YEAR
from tests.sql.conftest import needed

SEED = 7


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "examples" / "demo")


def test_the_demos_references_are_the_planted_ones(catalogue: Catalogue) -> None:
    truth = describe_truth(simulate(catalogue, seed=SEED, reporting_year=YEAR))
    planted = {(s["instrument_id"], s["respondent"]): s for s in truth["scales"]}
    assert {(r.instrument, r.respondent, r.horizon_months) for r in catalogue.references} == {
        (*key, months) for key in planted if key[0] not in ("VUM", "FSIII", "GAS") for months in (6, 12)
    }
    for r in catalogue.references:
        scale = planted[r.instrument, r.respondent]
        assert r.mean == pytest.approx(scale["unselected_mean"], abs=5e-5)
        assert r.sd == scale["sd"]
        assert r.correlation == pytest.approx(scale["untreated_correlation"][str(r.horizon_months)], abs=5e-5)
        assert (r.source, r.certainty) == ("Planlagt i de opdigtede data", "sample")


# One municipality, its rows as they are landed, and the real models upon them.


def days(numbers: np.ndarray[Any, Any]) -> list[date | None]:
    return [None if n >= NEVER else date(1970, 1, 1) + timedelta(int(n)) for n in numbers]


def landed(catalogue: Catalogue, city: Municipality) -> dict[str, dict[str, Any]]:
    support, taken, plan = city.course.support, city.measurements, city.course.plan
    scales = [plan.scales[k] for k in taken.scale]
    return {
        "person": {
            "person_id": [b"%016d" % i for i in range(PEOPLE_COUNT)],
            "birth_date": city.people.birth_date[:PEOPLE_COUNT].tolist(),
            "target_group": city.people.target_group[:PEOPLE_COUNT],
            "moved_date": days(city.episodes.moved),
            "death_date": days(city.episodes.died),
        },
        "episode": {
            "episode_id": [str(e) for e in range(len(support.person))],
            "person_id": [b"%016d" % i for i in support.person],
            "intervention_id": [plan.interventions[j].id for j in support.intervention],
            "requested_date": days(support.requested),
            "decided_date": days(city.episodes.decided),
            "started_date": days(support.started),
            "ended_date": days(support.ended),
        },
        "measurement": {
            "person_id": [b"%016d" % i for i in taken.person],
            "instrument_id": [s.instrument for s in scales],
            "respondent": [s.respondent for s in scales],
            "measured_date": days(taken.day),
            "score": taken.score.tolist(),
        },
    }


def judge(catalogue: Catalogue, city: Municipality, source: str = "reference") -> list[dict[str, Any]]:
    """Every primary pair of a primary outcome whose expectation came from `source`."""
    rows = landed(catalogue, city)
    with duckdb.connect() as connection:
        reference.load_reference(connection, catalogue, YEAR, date(YEAR + 1, 1, 31))
        connection.execute("CREATE SCHEMA raw")
        for extract in catalogue.extracts:
            columns = rows.get(extract.id, {})
            count = len(next(iter(columns.values()), ()))
            columns = {"source_file": ["a.csv"] * count, "source_line": range(count)} | columns
            table = pa.table(
                {
                    f.name: pa.array(columns[f.name], f.type)
                    if f.name in columns
                    else pa.nulls(count, f.type)
                    for f in schema(extract)
                }
            )
            reference.create_table(connection, f"raw.{extract.id}", table)
        feeds = pa.table({"extract_id": list(rows)})
        reference.create_table(connection, "raw.source_feed", feeds)
        models = needed(("individual.expected_change",))
        list(ladder.build(connection, models, ("staging", "individual")))
        found = connection.execute(
            f"""
            SELECT
                change.*,
                outcome.intervention_id,
                outcome.horizon_months,
                pair.baseline_date,
                pair.follow_up_date,
                pair.baseline_hundredths / 100 AS baseline,
                pair.follow_up_hundredths / 100 AS follow_up
            FROM individual.expected_change AS change
            INNER JOIN individual.measurement_pair AS pair
                USING (episode_id, instrument_id, respondent, follow_up_kind)
            INNER JOIN individual.episode_outcome AS outcome USING (episode_id, instrument_id, respondent)
            WHERE follow_up_kind = 'primary' AND outcome.is_primary AND without_support_source = '{source}'
            """
        )
        pairs: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
        return pairs


@dataclass
class Found:
    """The pairs of one planted municipality; all in SD, plus is better."""

    city: Municipality
    pairs: list[dict[str, Any]]
    deviation: Floats  # baseline from the reference's mean
    change: Floats
    versus_expected: Floats
    correlation: Floats
    is_within: Booleans

    def near(self, values: Floats, chosen: Booleans) -> float:
        """Three standard errors of the mean over those chosen."""
        return float(3 * values[chosen].std(ddof=1) / np.sqrt(chosen.sum()))


Build = Callable[..., Found]


@pytest.fixture(scope="module")
def build(catalogue: Catalogue) -> Build:
    plan = make_plan(catalogue, np.random.default_rng(SEED))
    count = len(plan.interventions)
    references = {(r.instrument, r.respondent, r.horizon_months): r for r in catalogue.references}
    sign = {i.id: 1 if i.better == "higher" else -1 for i in catalogue.instruments}

    def made(*, effect: float, is_trough: bool, is_severity_neutral: bool, natural: float) -> Found:
        severity = np.zeros(count) if is_severity_neutral else plan.target_severity
        changed = replace(
            plan,
            effect_sd=np.full(count, effect),
            provider_effect_sd=np.zeros_like(plan.provider_effect_sd),
            is_trough=np.full(count, is_trough),
            target_severity=severity,
            response_share=np.full(count, 0.98),
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(latent, "NATURAL_SD", natural)
            city = simulate(catalogue, seed=SEED, reporting_year=YEAR, plan=changed)
        pairs = judge(catalogue, city)
        own = [references[p["instrument_id"], p["respondent"], p["horizon_months"]] for p in pairs]
        turn = np.array([sign[p["instrument_id"]] for p in pairs])
        sd = np.array([r.sd for r in own])

        def column(name: str) -> Floats:
            return np.array([p[name] for p in pairs], dtype=np.float64)

        low, high = column("expected_without_support_lower"), column("expected_without_support_upper")
        return Found(
            city=city,
            pairs=pairs,
            deviation=turn * (column("baseline") - np.array([r.mean for r in own])) / sd,
            change=turn * (column("follow_up") - column("baseline")) / sd,
            versus_expected=column("versus_expected") / sd,
            correlation=np.array([r.correlation for r in own]),
            is_within=(low <= column("follow_up")) & (column("follow_up") <= high),
        )

    return made


@pytest.fixture(scope="module")
def quiet(build: Build) -> Found:
    """No effect, no recovery, and people are picked at a random time whatever their severity."""
    return build(effect=0.0, is_trough=False, is_severity_neutral=True, natural=0.0)


def test_where_nothing_happens_and_nobody_is_picked_nothing_is_found(quiet: Found) -> None:
    everybody = np.full(len(quiet.pairs), True)
    assert len(quiet.pairs) > 2000
    assert abs(quiet.versus_expected.mean()) < quiet.near(quiet.versus_expected, everybody)
    # A person answers several times, so that the pairs are fewer than they look.
    assert 0.93 < quiet.is_within.mean() < 0.97


def test_people_picked_by_a_low_score_rise_without_help_and_as_much_as_expected(quiet: Found) -> None:
    low = quiet.deviation < -0.5
    assert quiet.change[low].mean() > 0.4
    assert abs(quiet.versus_expected[low].mean()) < quiet.near(quiet.versus_expected, low)


def test_an_effect_is_found_beyond_what_was_expected(build: Build) -> None:
    """0.5 SD in all interventions, so a second one adds some and one broken off gives less."""
    found = build(effect=0.5, is_trough=False, is_severity_neutral=True, natural=0.0)
    low = found.deviation < -0.5
    assert found.change[low].mean() > 0.8
    assert 0.4 < found.versus_expected[low].mean() < 0.7


def test_a_dip_deeper_than_the_score_tells_is_corrected_for_in_part_only(build: Build) -> None:
    """People referred at their trough, no effect: the known limit of E0, by its own formula.

    They were picked by the passing part f of their state, which decays with exp(-h / 120) while E0 lets the
    whole score return at the rate of r. What is left is sqrt(F) * f * (exp(-h / 120) - r), and the recovery
    that everybody has after asking for help. (The lowest of four days has better ones around it, which the
    formula leaves out: 0.08 SD of room.)
    """
    found = build(effect=0.0, is_trough=True, is_severity_neutral=True, natural=0.15)
    course = found.city.course
    episode = np.array([int(p["episode_id"]) for p in found.pairs])
    person = course.support.person[episode]
    before, after = (
        np.array([(p[name] - date(1970, 1, 1)).days for p in found.pairs])
        for name in ("baseline_date", "follow_up_date")
    )
    dip = np.sqrt(FLUCTUATION_VARIANCE) * course.latent.fluctuation_on(person, before)
    left = dip * (np.exp(-(after - before) / FLUCTUATION_DAYS) - found.correlation)
    asked = course.support.first_request[person]
    recovered_before, recovered_after = (
        0.15 * (1 - 2.0 ** (-np.maximum(day - asked, 0) / NATURAL_HALF_LIFE_DAYS)) for day in (before, after)
    )
    planted = left + recovered_after - found.correlation * recovered_before
    assert found.change.mean() > 0.25
    assert 0.1 < found.versus_expected.mean() < found.change.mean() - 0.05
    assert found.versus_expected.mean() == pytest.approx(planted.mean(), abs=0.08)


def test_people_who_wait_show_the_way_out_of_the_dip(catalogue: Catalogue) -> None:
    """The same, expected from those who wait: they were referred at their trough too.

    Of the treated those who soon got help are looked at: who waits long has left the dip before the baseline.
    """
    without = catalogue.model_copy(update={"references": ()})
    plan = make_plan(without, np.random.default_rng(SEED))
    count = len(plan.interventions)
    changed = replace(
        plan,
        effect_sd=np.zeros(count),
        provider_effect_sd=np.zeros_like(plan.provider_effect_sd),
        is_trough=np.full(count, True),
        target_severity=np.zeros(count),
        response_share=np.full(count, 0.98),
        wait_days=np.full(count, 120.0),
    )
    city = simulate(without, seed=SEED, reporting_year=YEAR, plan=changed)
    pairs = judge(without, city, "waiting")
    sd = {(s.instrument, s.respondent): s.sd for s in plan.scales}
    sign = {i.id: 1 if i.better == "higher" else -1 for i in without.instruments}
    waits = (city.course.support.started - city.course.support.requested).tolist()
    soon = [p for p in pairs if waits[int(p["episode_id"])] < 90]
    of = [sd[p["instrument_id"], p["respondent"]] for p in soon]
    change = np.array([sign[p["instrument_id"]] * (p["follow_up"] - p["baseline"]) for p in soon]) / of
    versus_expected = np.array([p["versus_expected"] for p in soon]) / of
    assert len(soon) > 200
    assert change.mean() > 0.25
    assert abs(versus_expected.mean()) < 3 * versus_expected.std(ddof=1) / np.sqrt(len(soon))


def test_the_severe_are_expected_too_well_and_the_mild_too_badly(build: Build) -> None:
    """No effect and no dip: what lasts is no chance, but E0 lets it return to the mean like the rest."""
    found = build(effect=0.0, is_trough=False, is_severity_neutral=False, natural=0.0)
    plan = found.city.course.plan
    target = dict(zip((i.id for i in plan.interventions), plan.target_severity, strict=True))
    severity = np.array([target[p["intervention_id"]] for p in found.pairs])
    mild, severe = (found.versus_expected[severity == s].mean() for s in (-0.8, 0.8))
    assert 0.08 < mild < 0.3
    assert -0.25 < severe < -0.05
    assert abs(found.versus_expected[severity == 0.0].mean()) < 0.09
    assert all(abs(found.change[severity == s].mean()) < 0.12 for s in (-0.8, 0.8))
