"""LIX as published, and how easy the leaders' report is to read."""

from typing import Any

import pytest

from tests.reports.readability import leaders, lix, sentences, without_numbers, words

MIDDLE = 44


@pytest.mark.parametrize(
    ("text", "published_lix"),
    [
        # The test texts of textstat and of dart-lang/samples (calculate_lix), with the values they state.
        ("Cool dogs wear da sunglasses.", 25.0),
        ("This is a test. And this is another test sentence.", 25.0),
        ("This is a test.", 4.0),
        # "20 words a sentence and 20 per cent long words is LIX 40" (sprogvaskeriet.dk).
        (" ".join(["og"] * 16 + ["sammenhæng"] * 4) + ".", 40.0),
        ("", 0.0),
    ],
)
def test_lix_is_as_published(text: str, published_lix: float) -> None:
    assert lix([text]) == pytest.approx(published_lix)


def test_numbers_end_no_sentence_and_are_no_words() -> None:
    assert without_numbers("Fra 2023 fik 2.043 mennesker 25,7 % af 100.") == "Fra fik mennesker af ."
    assert [len(words(s)) for s in sentences(without_numbers("Vi fik 1.263 svar. Det er nok."))] == [3, 3]
    assert sentences("To grupper: den ene og den anden. Her gik det godt:") == [
        "To grupper: den ene og den anden",
        "Her gik det godt",
    ]


def test_the_leaders_report_is_no_harder_than_a_newspaper(model: dict[str, Any]) -> None:
    front, whole = leaders(model)
    hardest = sorted((lix([s]), s) for text in whole for s in sentences(text))[-8:]
    assert lix(front) <= MIDDLE, hardest
    assert lix(whole) <= MIDDLE, hardest
