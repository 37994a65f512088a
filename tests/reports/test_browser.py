"""The page in a real browser, at a phone's and a desk's width."""

from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize("product", ["built", "built_pages"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_needs_sideways_scrolling(
    browser: Any, request: pytest.FixtureRequest, product: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    page.goto(request.getfixturevalue(product)[0].as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = "[...document.querySelectorAll('td, th, p, li, svg, h1, h2, h3')]"
    outside += ".filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('thead')).length"
    assert page.evaluate(outside) == 0
    page.close()


def test_table_rows_are_cards_on_a_phone_and_still_tables_to_a_screen_reader(
    browser: Any, built: tuple[Path, ...]
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(built[0].as_uri())
    row = "document.querySelector('#tabel-overblik tbody tr:nth-child(2)')"
    assert page.evaluate(f"getComputedStyle({row}).display") == "grid"
    page.locator("details:has(#tabel-punkter-a) > summary").click()
    assert page.get_by_role("table").count() == 2
    assert page.get_by_role("rowheader").count() > 40
    page.close()


def test_long_tables_are_folded_on_a_phone_and_open_elsewhere(
    browser: Any, built: tuple[Path, ...], model: dict[str, Any]
) -> None:
    folded = [
        block["id"] for section in model["sections"] for block in section["blocks"] if block.get("fold")
    ]
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(built[0].as_uri())
    assert page.evaluate("document.documentElement.scrollHeight") < 40_000
    assert len(folded) > 10
    assert not any(page.locator(f"#{anchor}").is_visible() for anchor in folded)
    page.locator("details:has(#tabel-hukommelse) > summary").click()
    assert page.locator("#tabel-hukommelse").is_visible()
    page.emulate_media(media="print")
    assert all(page.locator(f"#{anchor}").is_visible() for anchor in folded)
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1280, "height": 844})
    assert all(page.locator(f"#{anchor}").is_visible() for anchor in folded)
    assert not page.locator("summary").first.is_visible()
    page.close()


def test_no_request_leaves_the_page(browser: Any, built: tuple[Path, ...]) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(built[0].as_uri())
    assert asked == [built[0].as_uri()]
    page.close()


def test_a_page_is_found_by_its_title_and_its_numbers_are_unfolded(
    browser: Any, built_pages: tuple[Path, ...], page_model: dict[str, Any]
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(built_pages[0].as_uri())
    first = page_model["pages"][0]
    article = page.get_by_role("article", name=first["title"]).first
    figure = article.get_by_role("img", name=first["designs"]["alt"])
    assert figure.is_visible()
    # The smallest letters of a figure on a phone.
    assert (
        page.evaluate(
            "() => Math.min(...[...document.querySelectorAll('article svg text')].slice(0, 200)"
            ".map(t => parseFloat(getComputedStyle(t).fontSize) * t.ownerSVGElement.getScreenCTM().a))"
        )
        >= 8
    )
    numbers = page.locator(f"#{first['designs']['table']['id']}")
    assert not numbers.is_visible()
    page.locator(f"details:has(#{first['designs']['table']['id']}) > summary").click()
    assert numbers.is_visible()
    page.close()
