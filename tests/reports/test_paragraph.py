"""The paragraph: numbers in, plain Danish out."""

from dataclasses import replace

import pytest

from pipelines.reports.pages.paragraph import Share, Told, sentences
from pipelines.reports.texts import REPORT, TEMPLATES, Texts

TEXTS = Texts(*REPORT, TEMPLATES / "pages_da.toml")
PLAIN = Told(
    people=120, pairs=80, before="40", after="52", instrument="WHO-5", development="progress",
    better=Share(37, 80),
)  # fmt: skip
START = [
    "120 borgere begyndte i perioden.",
    "80 af dem er målt både før og efter.",
    "I gennemsnit gik de fra 40 til 52 på WHO-5.",
    "Det er en fremgang.",
]
ALONE = "Tallene kan ikke sige, om støtten er årsagen."


def test_without_a_comparison_there_is_no_word_of_what_else_would_have_been() -> None:
    assert sentences(TEXTS, PLAIN) == [*START, "Af 100 borgere fik 46 det sikkert bedre.", ALONE]


def test_natural_frequencies_where_the_design_carries_them() -> None:
    told = replace(
        PLAIN, less_without=(0.08, 0.02, 0.14), comparator="waiting", comparison="favourable",
        difference="6 point",
    )  # fmt: skip
    assert sentences(TEXTS, told)[4:] == [
        "Af 100 borgere fik 46 det sikkert bedre.",
        "Uden indsatsen ville det være cirka 38.",
        "Forskellen er sandsynligvis mellem 2 og 14.",
        "Målt mod at vente er forskellen 6 point til fordel for indsatsen.",
    ]


def test_against_other_support_it_is_not_without_the_intervention() -> None:
    told = replace(PLAIN, less_without=(0.6, 0.5, 0.7), comparator="other_support", comparison="undecided")
    found = sentences(TEXTS, told)
    # 46 less 60 is no share.
    assert "Med anden støtte ville det være cirka 0." in found
    assert not any(text.startswith("Uden indsatsen") for text in found)
    assert found[-1] == "Målt mod anden støtte kan forskellen gå begge veje."


def test_a_comparison_that_does_not_hold_says_so_and_no_number() -> None:
    told = replace(PLAIN, comparator="other_support", comparison="unsound", difference="6 point")
    assert sentences(TEXTS, told)[-2:] == [
        "Der er målt mod anden støtte, men sammenligningen holder ikke.",
        ALONE,
    ]


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        (0.1, 4.0, "Gennemsnittet er 2 point bedre, end man kunne vente uden støtte."),
        (-4.0, -0.1, "Gennemsnittet er 2 point dårligere, end man kunne vente uden støtte."),
        (0.0, 4.0, "Gennemsnittet kan ikke skilles fra det, man kunne vente uden støtte."),
        (-1.0, 4.0, "Gennemsnittet kan ikke skilles fra det, man kunne vente uden støtte."),
    ],
)
def test_against_the_expected(lower: float, upper: float, said: str) -> None:
    assert sentences(TEXTS, replace(PLAIN, versus_expected=("2 point", lower, upper)))[-2] == said


def test_of_few_it_is_a_count_and_not_of_a_hundred() -> None:
    found = sentences(TEXTS, replace(PLAIN, better=Share(12, 49)))
    assert found[4] == "12 af 49 borgere fik det sikkert bedre."


@pytest.mark.parametrize(
    ("people", "pairs", "start"),
    [
        (None, None, ["Antallet af borgere er skjult.", "Der er ikke nok tal til at sige, hvordan det gik."]),
        (31, None, ["31 borgere begyndte i perioden.", "Der er ikke nok tal til at sige, hvordan det gik."]),
        (1, 1, ["Én borger begyndte i perioden.", "1 af dem er målt både før og efter."]),
        (None, 80, ["80 borgere er målt både før og efter.", START[2]]),
    ],
)
def test_hidden_people_and_pairs(people: int | None, pairs: int | None, start: list[str]) -> None:
    assert sentences(TEXTS, replace(PLAIN, people=people, pairs=pairs))[:2] == start
