"""Expected scores (method, section 3.5): E0 by a reference or by people who wait, E1 by the others."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
import scipy.stats

from pipelines.catalogue import Reference
from pipelines.warehouse import ladder
from tests.sql import conftest
from tests.sql.conftest import REFERENCE_DATE, START

Z = 1.959963984540054
MINE = "SELECT * FROM individual.expected_change WHERE episode_id = 'e' AND follow_up_kind = 'primary'"
EXPECTED = "SELECT * FROM individual.expected_change ORDER BY episode_id, instrument_id, follow_up_kind"


def reference(name="up6", **change):
    known = {
        "id": name, "instrument": "UP", "respondent": "self", "population_da": "", "is_unselected": True,
        "age_from": 18, "age_to": 64, "target_groups": ("adults",), "mean": 60.0, "mean_standard_error": 2.0,
        "sd": 10.0, "horizon_months": 6, "correlation": 0.6, "correlation_n": 65, "source": "a test",
        "certainty": "sample",
    }  # fmt: skip
    return Reference(**(known | change))


@pytest.fixture
def tables():
    return ("individual.expected_change",)


@pytest.fixture
def references():
    return (reference(),)


@pytest.fixture
def minimum():
    return 5


@pytest.fixture
def catalogue(catalogue, references, minimum):
    least = {"minimum_waiting_persons": minimum, "minimum_usual_pairs": minimum}
    parameters = tuple(
        p.model_copy(update={"value": least[p.id]}) if p.id in least else p for p in catalogue.parameters
    )
    return catalogue.model_copy(update={"references": references, "parameters": parameters})


def person(name=b"p", **known):
    return {"person_id": name, "birth_date": date(1980, 1, 1), "target_group": "adults"} | known


def pair(before, after, name=b"p", start=START, months=6, **key):
    """A baseline at the start and a follow-up at the horizon."""
    later = start.replace(
        year=start.year + (start.month - 1 + months) // 12, month=(start.month - 1 + months) % 12 + 1
    )
    return [
        {"person_id": name, "measured_date": start, "score": before} | key,
        {"person_id": name, "measured_date": later, "score": after} | key,
    ]


def one(given, rows, **raw):
    (row,) = rows(given(**raw), MINE)
    return row


# E0 from a reference


def test_a_reference_by_hand(given, rows):
    """b = 40 lies 20 below 60: 60 - 0.6 * 20 = 48. Variance 64 + (.4 * 2)^2 + 20^2 * .64^2 / 64."""
    row = one(given, rows, person=[person()], episode=[{}], measurement=pair(40, 53))
    assert row["expected_without_support"] == pytest.approx(48, rel=1e-15)
    half = Z * math.sqrt(64 + 0.64 + 2.56)
    assert row["expected_without_support_lower"] == pytest.approx(48 - half, rel=1e-14)
    assert row["expected_without_support_upper"] == pytest.approx(48 + half, rel=1e-14)
    assert row["without_support_source"] == "reference"
    assert row["reason_no_expected_without_support"] is None
    assert row["versus_expected"] == pytest.approx(5, rel=1e-14)


@pytest.mark.parametrize("references", [(reference(instrument="DOWN", mean=20.0),)])
def test_where_low_is_good_plus_is_still_better(given, rows):
    """b = 40, expected 20 + 0.6 * 20 = 32; 30 is two points better than that."""
    key = {"instrument_id": "DOWN"}
    row = one(
        given,
        rows,
        person=[person()],
        episode=[{"intervention_id": "other"}],
        measurement=pair(40, 30, **key),
    )
    assert row["expected_without_support"] == pytest.approx(32)
    assert row["versus_expected"] == pytest.approx(2)
    assert row["expected_without_support_lower"] < 32 < row["expected_without_support_upper"]


@pytest.mark.parametrize("references", [(reference(mean=90.0, mean_standard_error=0.0),)])
def test_beyond_the_end_of_the_scale_nothing_is_clipped(given, rows):
    row = one(given, rows, person=[person()], episode=[{}], measurement=pair(100, 100))
    assert row["expected_without_support"] == pytest.approx(96)
    assert row["expected_without_support_upper"] > 100


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({}, None),
        ({"birth_date": None}, "no_birth_date"),
        ({"target_group": None}, "no_target_group"),
        ({"target_group": "children"}, "other_population"),
        ({"birth_date": date(2006, 3, 1)}, None),  # 18 on the very day of the start
        ({"birth_date": date(2006, 3, 2)}, "other_population"),
        ({"birth_date": date(1959, 3, 2)}, None),  # the last day as a 64-year-old
        ({"birth_date": date(1959, 3, 1)}, "other_population"),
        ({"birth_date": date(2030, 1, 1)}, "other_population"),
    ],
)
def test_the_reference_holds_for_its_ages_and_target_groups_only(given, rows, known, reason):
    row = one(given, rows, person=[person(**known)], episode=[{}], measurement=pair(40, 50))
    assert row["reason_no_expected_without_support"] == reason
    assert (row["expected_without_support"] is None) == (reason is not None)
    assert (row["versus_expected"] is None) == (reason is not None)


@pytest.mark.parametrize(
    ("start", "is_eighteen"),
    [
        (date(2022, 2, 28), False),  # 2022 has no 29 February
        (date(2022, 3, 1), True),
        (date(2024, 2, 28), True),
    ],
)
def test_born_on_a_leap_day(given, rows, start, is_eighteen):
    """Born 29 February 2004, 18 in a year without that day: on 1 March."""
    row = one(
        given, rows, person=[person(birth_date=date(2004, 2, 29))], episode=[{"started_date": start}],
        measurement=pair(40, 50, start=start),
    )  # fmt: skip
    assert (row["without_support_source"] == "reference") == is_eighteen


@pytest.mark.parametrize(("birth", "is_eighteen"), [(date(2006, 2, 28), True), (date(2006, 3, 1), False)])
def test_a_start_on_a_leap_day(given, rows, birth, is_eighteen):
    start = date(2024, 2, 29)
    row = one(
        given, rows, person=[person(birth_date=birth)], episode=[{"started_date": start}],
        measurement=pair(40, 50, start=start),
    )  # fmt: skip
    assert (row["without_support_source"] == "reference") == is_eighteen


@pytest.mark.parametrize(
    ("references", "reason"),
    [
        ((), "no_reference"),
        ((reference(instrument="DOWN"),), "no_reference"),
        ((reference(respondent="parent"),), "no_reference"),
        ((reference(horizon_months=12),), "other_horizon"),
        ((reference(horizon_months=12), reference(age_to=30)), "other_population"),
    ],
)
def test_why_there_is_none(given, rows, reason):
    row = one(given, rows, person=[person()], episode=[{}], measurement=pair(40, 50))
    assert row["reason_no_expected_without_support"] == reason
    values = ("expected_without_support", "expected_without_support_lower", "without_support_source")
    assert all(row[name] is None for name in values)


@pytest.mark.parametrize("references", [(reference("a", age_to=39), reference("b", age_from=40, mean=70.0))])
def test_each_age_has_its_own_reference(given, rows):
    row = one(
        given, rows, person=[person(birth_date=date(1984, 3, 1))], episode=[{}], measurement=pair(40, 50)
    )
    assert row["expected_without_support"] == pytest.approx(70 - 0.6 * 30)


@pytest.mark.parametrize("references", [(reference("a"), reference("b", horizon_months=24, correlation=0.5))])
def test_only_follow_ups_at_a_fixed_horizon_are_expected_at_all(given, rows):
    long = {"measured_date": START.replace(year=2026) - timedelta(40), "score": 55}
    ended = date(2025, 3, 1)
    end = {"measured_date": ended, "score": 55}
    found = rows(
        given(person=[person()], episode=[{"ended_date": ended}], measurement=[*pair(40, 50), end, long]),
        EXPECTED,
    )
    reasons = {r["follow_up_kind"]: r["reason_no_expected_without_support"] for r in found}
    assert reasons == {"primary": None, "end": "no_fixed_horizon"}  # the long window is open still


@pytest.mark.parametrize("references", [(reference("a"), reference("b", horizon_months=24, correlation=0.5))])
def test_a_long_follow_up_takes_the_long_reference(given, rows):
    start = date(2023, 3, 1)
    raw = pair(40, 50, start=start)
    raw.append({"measured_date": date(2025, 3, 1), "score": 55})
    raw.append({"measured_date": date(2026, 1, 20), "score": 55})
    found = rows(given(person=[person()], episode=[{"started_date": start}], measurement=raw), EXPECTED)
    expected = {r["follow_up_kind"]: r["expected_without_support"] for r in found}
    assert expected == {"primary": pytest.approx(48), "long": pytest.approx(50), "interim": None}
    reasons = {r["follow_up_kind"]: r["reason_no_expected_usual_course"] for r in found}
    assert reasons["interim"] == "no_fixed_horizon" and reasons["long"] == "too_few_other_pairs"


# E0 from people who wait

ASKED = date(2023, 1, 10)
WAITS = [(40, 45), (30, 44), (52, 50), (45, 49), (61, 58), (38, 35)]


def waiting(name, first, second, started=None, **episode):
    """A person measured at the request and half a year later, still without support."""
    return (
        {"episode_id": f"wait-{name!r}", "person_id": name, "requested_date": ASKED, "started_date": started}
        | episode,
        pair(first, second, name, ASKED),
    )


def queue(*waits):
    episodes, measurements = [], []
    for episode, scores in waits:
        episodes.append(episode)
        measurements += scores
    return episodes, measurements


def waiting_rows(scores=WAITS, **episode):
    return queue(*(waiting(b"w%d" % n, x, y, **episode) for n, (x, y) in enumerate(scores)))


def least_squares(points, at):
    """Prediction and 95 % prediction interval at `at`, by the book."""
    x, y = np.array(points, dtype=float).T
    n, line = len(x), np.polynomial.polynomial.polyfit(x, y, 1)
    s = math.sqrt(((y - line[0] - line[1] * x) ** 2).sum() / (n - 2))
    error = s * math.sqrt(1 + 1 / n + (at - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum())
    middle = line[0] + line[1] * at
    t = scipy.stats.t.ppf(0.975, n - 2)
    return middle, middle - t * error, middle + t * error


def interval(row, name="expected_without_support"):
    return row[name], row[f"{name}_lower"], row[f"{name}_upper"]


@pytest.mark.parametrize("references", [()])
def test_the_line_through_those_who_waited(given, rows):
    episodes, measurements = waiting_rows()
    row = one(given, rows, episode=[{}, *episodes], measurement=[*pair(48, 60), *measurements])
    # t is within 0.001 from 8 degrees of freedom; here it has 4.
    assert interval(row) == pytest.approx(least_squares(WAITS, 48), rel=3e-3)
    assert row["expected_without_support"] == pytest.approx(least_squares(WAITS, 48)[0], rel=1e-13)
    assert row["without_support_source"] == "waiting"
    assert row["versus_expected"] == pytest.approx(60 - row["expected_without_support"])


@pytest.mark.parametrize("references", [()])
def test_students_t_from_z(given, rows):
    scores = [(x, (7 * x) % 31 + x) for x in range(20, 40)]
    episodes, measurements = waiting_rows(scores)
    row = one(given, rows, episode=[{}, *episodes], measurement=[*pair(48, 60), *measurements])
    assert interval(row) == pytest.approx(least_squares(scores, 48), rel=1e-5)


def test_the_catalogues_reference_goes_first(given, rows):
    episodes, measurements = waiting_rows()
    raw = {"person": [person()], "episode": [{}, *episodes], "measurement": [*pair(40, 60), *measurements]}
    assert one(given, rows, **raw)["without_support_source"] == "reference"


def test_who_has_no_reference_of_theirs_is_compared_with_those_who_wait(given, rows):
    episodes, measurements = waiting_rows()
    row = one(given, rows, episode=[{}, *episodes], measurement=[*pair(40, 60), *measurements])
    assert row["without_support_source"] == "waiting"


@pytest.mark.parametrize("references", [()])
@pytest.mark.parametrize(
    ("count", "reason"), [(0, "no_reference"), (1, "too_few_waiting"), (4, "too_few_waiting"), (5, None)]
)
def test_too_few_wait(given, rows, count, reason):
    episodes, measurements = waiting_rows(WAITS[:count])
    row = one(given, rows, episode=[{}, *episodes], measurement=[*pair(48, 60), *measurements])
    assert row["reason_no_expected_without_support"] == reason


@pytest.mark.parametrize("references", [()])
@pytest.mark.parametrize(
    "scores", [[(40, n) for n in range(6)], [(n, 40) for n in range(6)], [(n, n + 5) for n in range(6)]]
)
def test_people_who_all_score_alike_or_lie_on_a_line_tell_nothing(given, rows, scores):
    episodes, measurements = waiting_rows(scores)
    row = one(given, rows, episode=[{}, *episodes], measurement=[*pair(48, 60), *measurements])
    assert row["reason_no_expected_without_support"] == "no_variation"
    assert interval(row) == (None, None, None)


@pytest.mark.parametrize("references", [()])
def test_nobodys_own_wait_is_in_their_expectation(given, rows):
    """The person waited before the support started; five others remain."""
    episodes, measurements = waiting_rows()
    mine, scores = waiting(b"p", 90, 5)
    started = {"episode_id": "e", "started_date": date(2023, 9, 1)} | {
        k: mine[k] for k in ("requested_date",)
    }
    follow_up = pair(48, 60, start=date(2023, 9, 1))
    row = one(given, rows, episode=[started, *episodes], measurement=[*scores, *follow_up, *measurements])
    assert interval(row)[0] == pytest.approx(least_squares(WAITS, 48)[0], rel=1e-13)


FIT = "SELECT * FROM individual.waiting_pair WHERE horizon_months = 6"


@pytest.mark.parametrize(
    ("change", "is_pair"),
    [
        ({}, True),
        ({"started": date(2023, 7, 11)}, True),  # the day after the second measurement
        ({"started": date(2023, 7, 10)}, False),  # the very day
        ({"started": date(2022, 1, 1)}, False),
        ({"ended_date": date(2023, 7, 10)}, True),  # withdrew that day
        ({"ended_date": date(2023, 7, 9)}, False),
        ({"requested_date": None}, False),
        ({"requested_date": None, "decided_date": ASKED}, True),
        ({"requested_date": ASKED + timedelta(90)}, True),  # measured 90 days before
        ({"requested_date": ASKED + timedelta(91)}, False),
        ({"requested_date": ASKED - timedelta(14)}, True),
        ({"requested_date": ASKED - timedelta(15)}, False),
        ({"requested_date": ASKED - timedelta(80), "decided_date": ASKED - timedelta(14)}, True),
    ],
)
def test_when_somebody_waits(given, rows, change, is_pair):
    episode, scores = waiting(b"p", 40, 45, **change)
    assert len(rows(given(episode=[episode], measurement=scores), FIT)) == is_pair


@pytest.mark.parametrize(("days", "is_pair"), [(-46, False), (-45, True), (45, True), (46, False)])
def test_the_wait_is_as_long_as_the_horizon(given, rows, days, is_pair):
    episode, scores = waiting(b"p", 40, 45)
    scores[1]["measured_date"] += timedelta(days)
    assert len(rows(given(episode=[episode], measurement=scores), FIT)) == is_pair


def test_other_support_ends_the_wait_whatever_it_is(given, rows):
    episode, scores = waiting(b"p", 40, 45)
    other = {"episode_id": "o", "intervention_id": "unmeasured", "started_date": ASKED + timedelta(30)}
    assert rows(given(episode=[episode, other], measurement=scores), FIT) == []


def test_a_person_gives_one_pair_that_of_the_first_wait_and_the_nearest_day(given, rows):
    episode, scores = waiting(b"p", 40, 45)
    again, later = waiting(b"p", 50, 55, requested_date=date(2024, 1, 10), episode_id="again")
    for row in later:
        row["measured_date"] = row["measured_date"].replace(year=2024)
    scores += [
        {"measured_date": date(2023, 7, 11), "score": 1},
        {"measured_date": date(2023, 1, 12), "score": 2},
    ]
    (row,) = rows(given(episode=[episode, again], measurement=scores + later), FIT)
    assert (row["first_hundredths"], row["second_hundredths"]) == (4000, 4500)


def test_what_comes_after_the_reference_date_has_not_happened(given, rows):
    asked = REFERENCE_DATE - timedelta(150)
    scores = [
        {"measured_date": asked, "score": 40},
        {"measured_date": REFERENCE_DATE + timedelta(1), "score": 50},
    ]
    episode = {"requested_date": asked, "started_date": None}
    assert rows(given(episode=[episode], measurement=scores), FIT) == []


def ancestors(name):
    reads = {model.name: model.reads for model in ladder.load_models()}
    found, waiting_names = set(), [name]
    while waiting_names:
        table = waiting_names.pop()
        if table not in found:
            found.add(table)
            waiting_names.extend(reads.get(table, ()))
    return found


def test_by_construction_no_treated_follow_up_can_be_behind_e0():
    """Scores come into E0 by two doors only: the person's own baseline, and people no support has reached."""
    behind = ancestors("individual.expected_without_support")
    reads = {model.name: model.reads for model in ladder.load_models()}
    scores = {"staging.measurement", "staging.item_score"}
    doors = {n for n in behind if not n.startswith("staging.") and scores & set(reads.get(n, ()))}
    assert doors == {"individual.baseline", "individual.waiting_measurement"}
    assert ancestors("individual.waiting_fit") & doors == {"individual.waiting_measurement"}
    assert {n for n in behind if not n.startswith(("raw.", "ref.", "staging."))} == {
        "individual.expected_without_support", "individual.waiting_fit", "individual.waiting_pair",
        "individual.waiting_measurement", "individual.baseline", "individual.episode_outcome",
        "individual.dated_episode",
    }  # fmt: skip


@pytest.mark.parametrize("references", [()])
@pytest.mark.parametrize("after", [0, 50, 100])
def test_whatever_treated_people_score_afterwards_e0_is_the_same(given, rows, after):
    """All who waited were treated later; only their follow-ups differ between the three runs."""
    episodes, measurements = waiting_rows(started=date(2023, 9, 1))
    for n in range(len(WAITS)):
        measurements += pair(45 + n, after + n % 3 if after < 50 else after - n, b"w%d" % n, date(2023, 9, 1))
    connection = given(episode=[{}, *episodes], measurement=[*pair(48, after), *measurements])
    (row,) = rows(connection, MINE)
    assert row["expected_without_support"] == pytest.approx(least_squares(WAITS, 48)[0], rel=1e-13)


# E1, on a catalogue where four interventions share an instrument


@pytest.fixture
def shared(monkeypatch):
    small = conftest.small_catalogue

    def widened(real):
        known = small(real)
        first = known.interventions[0]
        more = tuple(first.model_copy(update={"id": name}) for name in ("second", "third"))
        year = first.model_copy(update={"id": "year", "horizon_months": 12})
        return known.model_copy(update={"interventions": (*known.interventions, *more, year)})

    monkeypatch.setattr(conftest, "small_catalogue", widened)


OTHERS = [(40, 55), (30, 44), (52, 58), (45, 61), (61, 66), (38, 40)]


def others(scores=OTHERS, intervention="second", prefix="o"):
    """People in another intervention, with pairs on the same instrument."""
    episodes, measurements = [], []
    for n, (x, y) in enumerate(scores):
        name = f"{prefix}{n}"
        episodes.append({"episode_id": name, "person_id": name.encode(), "intervention_id": intervention})
        measurements += pair(x, y, name.encode())
    return episodes, measurements


def usual(row):
    return interval(row, "expected_usual_course")


def test_the_usual_course_is_the_line_through_the_other_interventions(given, rows, shared):
    episodes, measurements = others()
    third, more = others([(50, 70), (20, 33)], "third", "x")
    raw = {"episode": [{}, *episodes, *third], "measurement": [*pair(48, 60), *measurements, *more]}
    row = one(given, rows, **raw)
    points = [*OTHERS, (50, 70), (20, 33)]
    assert usual(row) == pytest.approx(least_squares(points, 48), rel=1e-3)
    assert row["expected_usual_course"] == pytest.approx(least_squares(points, 48)[0], rel=1e-13)
    assert row["versus_usual_course"] == pytest.approx(60 - row["expected_usual_course"])
    assert row["reason_no_expected_usual_course"] is None


def test_ones_own_intervention_and_ones_own_pairs_elsewhere_are_left_out(given, rows, shared):
    """Others in the own intervention, and the person's own pair in a third, would draw the line away."""
    episodes, measurements = others()
    same, same_scores = others([(0, 100), (100, 0)], "support", "s")
    mine = {"episode_id": "mine", "intervention_id": "third", "started_date": date(2022, 3, 1)}
    own = pair(5, 99, start=date(2022, 3, 1))
    raw = {
        "episode": [{}, mine, *episodes, *same],
        "measurement": [*pair(48, 60), *own, *measurements, *same_scores],
    }
    assert one(given, rows, **raw)["expected_usual_course"] == pytest.approx(least_squares(OTHERS, 48)[0])
    # The third intervention's own people are judged by all but their own.
    connection = given(**raw)
    query = (
        "SELECT * FROM individual.expected_change WHERE episode_id = 'mine' AND follow_up_kind = 'primary'"
    )
    (row,) = rows(connection, query)
    points = [*OTHERS, (0, 100), (100, 0)]
    assert row["expected_usual_course"] == pytest.approx(least_squares(points, 5)[0])


def test_a_person_twice_in_ones_own_intervention_is_taken_out_once(given, rows, shared):
    episodes, measurements = others()
    again = {"episode_id": "again", "started_date": date(2022, 3, 1)}
    raw = {
        "episode": [{}, again, *episodes],
        "measurement": [*pair(48, 60), *pair(1, 99, start=date(2022, 3, 1)), *measurements],
    }
    assert one(given, rows, **raw)["expected_usual_course"] == pytest.approx(least_squares(OTHERS, 48)[0])


def test_another_horizon_instrument_or_kind_is_no_usual_course(given, rows, shared):
    episodes, measurements = [], []
    for n, (x, y) in enumerate(OTHERS):
        name = b"o%d" % n
        episodes.append({"episode_id": f"o{n}", "person_id": name, "intervention_id": "year"})
        measurements += pair(x, y, name, months=12)
    row = one(given, rows, episode=[{}, *episodes], measurement=[*pair(48, 60), *measurements])
    assert row["reason_no_expected_usual_course"] == "too_few_other_pairs"
    assert usual(row) == (None, None, None) and row["versus_usual_course"] is None


@pytest.mark.parametrize(
    ("count", "reason"), [(0, "too_few_other_pairs"), (4, "too_few_other_pairs"), (5, None)]
)
def test_too_few_others(given, rows, shared, count, reason):
    episodes, measurements = others(OTHERS[:count])
    row = one(given, rows, episode=[{}, *episodes], measurement=[*pair(48, 60), *measurements])
    assert row["reason_no_expected_usual_course"] == reason


def test_others_who_all_score_alike(given, rows, shared):
    episodes, measurements = others([(40, 50)] * 6)
    row = one(given, rows, episode=[{}, *episodes], measurement=[*pair(48, 60), *measurements])
    assert row["reason_no_expected_usual_course"] == "no_variation"


# The lines shown


@pytest.fixture
def shown(rows):
    (model,) = (m for m in ladder.load_models() if m.name == "marts.expected_fit")
    return lambda connection: {(f["kind"], f["basis_id"]): f for f in rows(connection, model.sql)}


def test_the_lines_are_shown(given, shown, shared):
    episodes, measurements = waiting_rows()
    others_too, scores = others()
    fits = shown(given(episode=[*episodes, *others_too], measurement=[*measurements, *scores]))
    assert fits.keys() == {
        ("reference", "up6"), ("waiting", "all"), ("usual_course", "support"), ("usual_course", "third"),
    }  # fmt: skip
    fit = fits["reference", "up6"]
    assert (fit["n"], fit["intercept"], fit["slope"]) == (65, pytest.approx(24), 0.6)
    assert (fit["residual_sd_score"], fit["r_squared"]) == (pytest.approx(8), pytest.approx(0.36))
    for key, points in ((("waiting", "all"), WAITS), (("usual_course", "support"), OTHERS)):
        x, y = np.array(points, dtype=float).T
        line = scipy.stats.linregress(x, y)
        residual = y - line.intercept - line.slope * x
        fit = fits[key]
        assert fit["intercept"] == pytest.approx(line.intercept)
        assert fit["slope"] == pytest.approx(line.slope)
        assert fit["r_squared"] == pytest.approx(line.rvalue**2)
        assert fit["residual_sd_score"] == pytest.approx(math.sqrt((residual**2).sum() / 4))
        assert (fit["mean_baseline_score"], fit["sd_baseline_score"]) == pytest.approx(
            (x.mean(), x.std(ddof=1))
        )
        assert (fit["n"], fit["reason_not_used"]) == (6, None)


@pytest.mark.parametrize(
    ("scores", "reason"),
    [(WAITS[:1], "too_few"), (WAITS[:4], "too_few"), ([(n, n) for n in range(6)], "no_variation")],
)
def test_a_line_that_is_not_used_says_why(given, shown, scores, reason):
    episodes, measurements = waiting_rows(scores)
    fit = shown(given(episode=episodes, measurement=measurements))["waiting", "all"]
    assert (fit["n"], fit["reason_not_used"]) == (len(scores), reason)
    assert fit["residual_sd_score"] is None or reason == "too_few"
