"""Who is compared with whom, from which day, and what was known of them then (method, section 4, D3)."""

from datetime import date, timedelta

import pytest

from pipelines.catalogue import Intervention, Outcome
from tests.sql import conftest
from tests.sql.conftest import REFERENCE_DATE, START

HORIZON = date(2024, 9, 1)  # six months after the decision
BEGUN = START + timedelta(30)
CONTRAST = "SELECT * FROM intervention.comparison_person WHERE intervention_id = 'support'"


def intervention(name, area, instrument="UP"):
    return Intervention(
        id=name,
        name_da=name,
        purpose_da="",
        target_group_da="",
        area=area,
        legal_basis_da="",
        is_legal_right=False,
        horizon_months=6,
        goals=("A-G1",),
        outcomes=(Outcome(instrument=instrument, respondent="self", goal="A-G1", primary=True),),
    )


@pytest.fixture(autouse=True)
def _rivals(monkeypatch):
    """Beside `support`: one in its place, and one of another area; both judged by the same instrument."""
    rivals = (intervention("rival", "adults"), intervention("elsewhere", "children"))
    small = conftest.small_catalogue

    def with_rivals(real):
        catalogue = small(real)
        return catalogue.model_copy(update={"interventions": catalogue.interventions + rivals})

    monkeypatch.setattr(conftest, "small_catalogue", with_rivals)


@pytest.fixture
def tables():
    return ("intervention.comparison_person",)


@pytest.fixture
def compared(given, rows):
    """Return the rows of the contrast of `support`, in the order of the decisions."""

    def build(*episodes, measurement=None, **raw):
        scores = measured() if measurement is None else measurement
        connection = given(episode=list(episodes), measurement=scores, **raw)
        return rows(connection, f"{CONTRAST} ORDER BY time_zero_date, person_id")

    return build


def episode(name="e", **known):
    return {"episode_id": name, "decided_date": START, "started_date": BEGUN} | known


def measured(before=40, after=60, decided=START, **key):
    later = date(decided.year + (decided.month > 6), (decided.month + 5) % 12 + 1, min(decided.day, 28))
    days = [(decided, before), (later, after)]
    return [key | {"measured_date": day, "score": score} for day, score in days if score is not None]


def arms(found):
    return [(row["episode_id"], row["is_treated"]) for row in found]


def test_time_zero_is_the_decision_in_both_arms(compared):
    """Scores at the start of support, and six months from then, would be others."""
    treated, other = episode(), episode("r", person_id=b"q", intervention_id="rival", provider_id="R")
    scores = measured() + measured(30, 35, person_id=b"q")
    found = {row["episode_id"]: row for row in compared(treated, other, measurement=scores)}
    assert {name: row["is_treated"] for name, row in found.items()} == {"e": True, "r": False}
    assert {row["time_zero_date"] for row in found.values()} == {START}
    assert (found["e"]["baseline_hundredths"], found["e"]["follow_up_hundredths"]) == (4000, 6000)
    assert (found["r"]["baseline_hundredths"], found["r"]["follow_up_hundredths"]) == (3000, 3500)
    assert found["r"]["provider_id"] == "R"


@pytest.mark.parametrize(("days", "is_in"), [(-91, False), (-90, True), (14, True), (15, False)])
def test_without_a_baseline_about_the_decision_nobody_takes_part(compared, days, is_in):
    scores = [{"measured_date": START + timedelta(days), "score": 40}, *measured(None)]
    assert len(compared(episode(), measurement=scores)) == is_in


def test_the_baseline_is_the_nearest_and_on_a_tie_the_earlier(compared):
    days = {-5: 40, 5: 50, -20: 10}
    scores = [{"measured_date": START + timedelta(day), "score": score} for day, score in days.items()]
    (row,) = compared(episode(), measurement=scores)
    assert (row["baseline_hundredths"], row["earlier_hundredths"]) == (4000, 1000)


@pytest.mark.parametrize(("days", "follow_up"), [(-46, None), (-45, 6000), (45, 6000), (46, None)])
def test_a_follow_up_that_is_missing_is_kept_as_missing(compared, days, follow_up):
    scores = [*measured(after=None), {"measured_date": HORIZON + timedelta(days), "score": 60}]
    (row,) = compared(episode(), measurement=scores)
    assert row["follow_up_hundredths"] == follow_up


@pytest.mark.parametrize("other", [{"respondent": "staff"}, {"version": "2"}, {"instrument_id": "DOWN"}])
def test_only_the_same_instrument_version_and_respondent_is_a_follow_up(compared, other):
    scores = measured(after=None) + measured(None, **other)
    (row,) = compared(episode(), measurement=scores)
    assert row["follow_up_hundredths"] is None


def test_plus_is_better_where_a_lower_score_is(given, rows):
    key = {"instrument_id": "DOWN"}
    scores = [{"measured_date": START - timedelta(40), "score": 70} | key, *measured(60, 35, **key)]
    connection = given(episode=[episode(intervention_id="other")], measurement=scores)
    (row,) = rows(connection, "SELECT * FROM intervention.comparison_person")
    assert (row["earlier_hundredths"], row["baseline_hundredths"], row["follow_up_hundredths"]) == (
        -7000, -6000, -3500,
    )  # fmt: skip


@pytest.mark.parametrize(("days", "is_in"), [(0, True), (1, False)])
def test_the_whole_window_has_passed(compared, days, is_in):
    """2025-06-17 and six months and 45 days are the reference date."""
    decided = date(2025, 6, 17) + timedelta(days)
    case = episode(decided_date=decided, started_date=decided)
    assert len(compared(case, measurement=measured(decided=decided))) == is_in


@pytest.mark.parametrize(
    ("decided", "is_in"),
    [(date(2022, 12, 31), False), (date(2023, 1, 1), True), (None, False)],
)
def test_only_decisions_in_the_assessment_window(compared, decided, is_in):
    scores = measured(decided=decided or START)
    case = episode(decided_date=decided, started_date=(decided or START) + timedelta(9))
    assert len(compared(case, measurement=scores)) == is_in


@pytest.mark.parametrize("decided", [REFERENCE_DATE + timedelta(1), REFERENCE_DATE - timedelta(30)])
def test_what_lies_ahead_has_not_happened(compared, decided):
    assert compared(episode(decided_date=decided, started_date=decided + timedelta(60))) == []


@pytest.mark.parametrize(
    ("started", "is_treated"),
    [(START, True), (HORIZON - timedelta(1), True), (HORIZON, False), (None, False)],
)
def test_treated_is_who_began_before_the_horizon(compared, started, is_treated):
    assert arms(compared(episode(started_date=started))) == [("e", True)] * is_treated


def test_one_who_waits_is_no_comparison_of_other_support(compared):
    assert compared(episode(started_date=None)) == []
    assert compared(episode(started_date=None, intervention_id="rival")) == []


@pytest.mark.parametrize("before", [1, 400])
def test_who_had_begun_before_the_decision_has_no_time_zero(compared, before):
    case = episode(started_date=START - timedelta(before))
    assert compared(case) == []
    again = episode("f", decided_date=None, started_date=START - timedelta(before))
    assert compared(episode(), again) == []


def test_other_support_is_of_the_same_area_and_instrument(compared):
    others = [
        episode(name, person_id=name.encode(), intervention_id=name)
        for name in ("rival", "elsewhere", "other")
    ]
    scores = [
        row
        for name in ("rival", "elsewhere", "other")
        for instrument in ("UP", "DOWN")
        for row in measured(person_id=name.encode(), instrument_id=instrument)
    ]
    assert arms(compared(*others, measurement=scores)) == [("rival", False)]


@pytest.mark.parametrize(("days", "is_in"), [(-1, False), (0, True), (90, True)])
def test_other_support_ends_where_the_intervention_begins_before_the_horizon(compared, days, is_in):
    rival = episode("r", intervention_id="rival")
    later = episode(decided_date=None, started_date=HORIZON + timedelta(days))
    assert arms(compared(rival, later)) == [("r", False)] * is_in


def test_who_had_the_intervention_long_ago_is_no_comparison(compared):
    rival = episode("r", intervention_id="rival")
    assert compared(rival, episode(decided_date=None, started_date=date(2019, 1, 1))) == []


def test_nobody_stands_in_both_arms(compared):
    """Other support first, the intervention two years later: the first decision that is eligible counts."""
    later = date(2025, 3, 1)
    both = [
        episode("r", intervention_id="rival"),
        episode(decided_date=later, started_date=later + timedelta(9)),
    ]
    scores = measured() + measured(decided=later)
    assert arms(compared(*both, measurement=scores)) == [("r", False)]
    assert arms(compared(*both, measurement=measured(decided=later))) == [("e", True)]


def test_of_two_decisions_the_first_that_is_eligible(compared):
    later = date(2025, 3, 1)
    two = [episode("a", started_date=None), episode("b", decided_date=later, started_date=later)]
    scores = measured() + measured(decided=later)
    assert arms(compared(*two, measurement=scores)) == [("b", True)]
    two[0]["started_date"] = BEGUN
    assert arms(compared(*two, measurement=scores)) == [("a", True)]
    assert arms(compared(*two, measurement=measured(decided=later))) == []


def test_two_numbers_of_one_person_are_one(compared):
    link = [{"person_id": b"p", "former_person_id": b"old"}]
    two = [episode("r", intervention_id="rival", person_id=b"old"), episode(decided_date=date(2025, 3, 1))]
    scores = measured(person_id=b"old") + measured(decided=date(2025, 3, 1))
    two[1]["started_date"] = date(2025, 3, 9)
    assert arms(compared(*two, measurement=scores, person_link=link)) == [("r", False)]


@pytest.mark.parametrize("comparator", ["support", "rival"])
@pytest.mark.parametrize(
    ("left", "is_in"),
    [
        ({"death_date": HORIZON + timedelta(45)}, False),
        ({"death_date": HORIZON + timedelta(46)}, True),
        ({"moved_date": START}, False),
        ({"moved_date": START - timedelta(1)}, True),  # has come back
    ],
)
def test_who_died_or_moved_without_a_follow_up_is_taken_out_of_both_arms(compared, comparator, left, is_in):
    person = [{"person_id": b"p"} | left]
    case = episode(intervention_id=comparator)
    assert len(compared(case, measurement=measured(after=None), person=person)) == is_in
    assert len(compared(case, person=person)) == 1


def test_what_was_known_on_the_day(compared):
    person = [
        {"person_id": b"p", "birth_date": START - timedelta(9000), "sex": "female", "target_group": "adults"}
    ]
    long_ago = date(2023, 1, 1)
    others = [
        episode("ended", intervention_id="unmeasured", started_date=long_ago, ended_date=date(2023, 5, 1)),
        episode("runs", intervention_id="other", started_date=long_ago, ended_date=START),
        episode("same day", intervention_id="unmeasured", started_date=START),
        episode("later", intervention_id="other", started_date=START + timedelta(1)),
    ]  # fmt: skip
    case = episode(requested_date=START - timedelta(21))
    (row,) = (row for row in compared(case, *others, person=person) if row["episode_id"] == "e")
    assert (row["earlier_count"], row["concurrent_count"]) == (1, 2)
    assert (row["requested_days"], row["age_days"], row["sex"]) == (21, 9000, "female")
    assert (row["target_group"], row["window_days"]) == ("adults", (START - long_ago).days)


def test_what_was_not_known_is_unknown(compared):
    (row,) = compared(episode(requested_date=START + timedelta(1)))
    unknown = ("requested_days", "age_days", "sex", "target_group", "earlier_hundredths", "favourable_share")
    assert {row[name] for name in unknown} == {None}


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (START - timedelta(1), 1),
        (START, 0),  # of the day itself: it may have come of the decision
        (date(2023, 3, 1), 1),  # twelve months before
        (date(2023, 2, 28), 0),
    ],
)
def test_crises_and_contacts_of_the_year_before(compared, day, count):
    events = [{"kind": "crisis", "event_date": day}, {"kind": "admission", "event_date": day}]
    contacts = [{"provider_id": "P", "contact_date": day}]
    (row,) = compared(episode(), event=events, contact=contacts)
    assert (row["crisis_count"], row["contact_count"]) == (count, count)


def test_events_that_were_not_delivered_are_not_none(compared):
    (row,) = compared(episode())
    assert (row["crisis_count"], row["contact_count"]) == (None, None)
    (row,) = compared(episode(), event=[], contact=[])
    assert (row["crisis_count"], row["contact_count"]) == (0, 0)


def test_favourable_months_of_the_year_before(compared, catalogue):
    """Half a year out of work and two months in it; what was before is not known, and March is ahead."""
    good, bad = (
        next(s.id for s in catalogue.statuses if s.domain == "employment" and s.is_favourable is is_good)
        for is_good in (True, False)
    )
    spells = [
        {"status_id": bad, "from_date": date(2023, 7, 1), "to_date": date(2023, 12, 31)},
        {"status_id": good, "from_date": date(2024, 1, 1), "to_date": None},
    ]
    spells = [{"domain": "employment"} | spell for spell in spells]
    (row,) = compared(episode(), status_spell=spells)
    assert row["favourable_share"] == 2 / 8


def test_of_a_large_group_some_are_taken(compared, catalogue, monkeypatch):
    small = conftest.small_catalogue

    def limited(real):
        parameters = tuple(
            p.model_copy(update={"value": 2}) if p.id == "comparison_maximum" else p for p in real.parameters
        )
        return small(real).model_copy(update={"parameters": parameters})

    monkeypatch.setattr(conftest, "small_catalogue", limited)
    people = [b"a", b"b", b"c"]
    rivals = [episode(f"r{p}", person_id=p, intervention_id="rival") for p in people]
    treated = [episode(f"t{p}", person_id=b"t" + p) for p in people]
    scores = [row for p in people for name in (p, b"t" + p) for row in measured(person_id=name)]
    found = compared(*rivals, *treated, measurement=scores)
    assert sorted(arms(found)) == [
        ("rb'a'", False), ("rb'b'", False), ("tb'a'", True), ("tb'b'", True),
    ]  # fmt: skip
