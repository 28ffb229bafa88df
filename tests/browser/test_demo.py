"""The demo's page in a real browser, against the real service: orders, cards, and accepting a suggestion."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from cds_service.demo.command import build_demo, demo_settings

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The demo, served on a free port."""
    server = make_server("127.0.0.1", 0, build_demo(demo_settings()), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One headless Chromium: the machine's, else Playwright's own."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        found = next(filter(None, map(shutil.which, (*NAMES, own))), None)
        if found is None:
            pytest.skip("no Chromium on this machine")
        running = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Page]:
    """The page, loaded; anything the browser complains of fails the test."""
    opened = browser.new_page(viewport={"width": 1440, "height": 1000})
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    opened.goto(f"{address}/")
    opened.wait_for_selector("html[data-ready]")
    yield opened
    opened.close()
    assert complaints == []


def choose(page: Page, scenario: str) -> None:
    """Choose a patient and wait for the chart."""
    page.get_by_label("Choose a patient").select_option(scenario)
    expect(page.locator("#chart .who")).to_be_visible()


def test_the_page_is_honest(page: Page) -> None:
    """Nobody may take it for reviewed advice about real people."""
    expect(page.locator("header")).to_contain_text("Synthetic patients")
    expect(page.locator("header")).to_contain_text("not yet been reviewed by a clinician")


def test_daily_methotrexate_is_stopped_and_mended(page: Page) -> None:
    """A daily order brings a critical card; accepting its offer makes the order weekly, and the card goes."""
    choose(page, "methotrexate-daily")
    page.get_by_role("button", name="Check while writing").click()
    stop = page.locator(".card.critical")
    expect(stop).to_be_visible()
    expect(stop.locator("h3")).to_contain_text("Do not sign methotrexate")
    stop.locator(".offers button").first.click()
    expect(page.get_by_label("How often")).to_have_value("weekly")
    expect(page.locator(".card.critical")).to_have_count(0)


def test_a_changed_order_makes_the_answer_stale(page: Page) -> None:
    """After an edit the old cards are greyed, and the page says to ask again."""
    choose(page, "methotrexate-daily")
    page.get_by_role("button", name="Check while writing").click()
    expect(page.locator(".card.critical")).to_be_visible()
    page.get_by_label("Dose", exact=True).fill("10")
    page.get_by_label("Dose", exact=True).blur()
    expect(page.get_by_label("Words for the patient")).to_have_value("10 mg once a day by mouth")
    expect(page.get_by_role("status")).to_contain_text("Ask again")


def test_words_alone_are_checked(page: Page) -> None:
    """An order whose timing is only in the sig is judged by its words."""
    choose(page, "methotrexate-daily")
    page.get_by_label("How often").select_option("words")
    page.get_by_label("Words for the patient").fill("take 6 tablets of 2.5 mg every day")
    page.get_by_label("Words for the patient").blur()
    page.get_by_role("button", name="Check while writing").click()
    expect(page.locator(".card.critical")).to_be_visible()


def test_the_server_way_gives_the_same_cards(page: Page) -> None:
    """Cards are the same whether the chart came with the call or was fetched."""
    choose(page, "methotrexate-egfr-27")
    page.get_by_role("button", name="Sign the orders").click()
    expect(page.locator(".card").first).to_be_visible()
    sent = page.locator(".card h3").all_inner_texts()
    page.get_by_label("the service fetches it").check()
    page.locator("#cards").evaluate("node => node.replaceChildren()")
    page.get_by_role("button", name="Sign the orders").click()
    expect(page.locator(".card").first).to_be_visible()
    assert page.locator(".card h3").all_inner_texts() == sent


def test_nothing_to_say_is_said(page: Page) -> None:
    """No card is a sentence, not an empty space."""
    choose(page, "stable-visit")
    page.get_by_role("button", name="Open the chart").click()
    expect(page.locator(".calm")).to_contain_text("No card")


def test_every_control_has_a_name(page: Page) -> None:
    """A screen reader can name each field and button."""
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("input, select, button")].filter((each) =>
            !(each.labels?.length || each.textContent.trim() || each.getAttribute("aria-label"))).length"""
    )
    assert nameless == 0


@pytest.mark.parametrize(
    "words",
    [
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "<script>alert(1)</script>",
        "![x](https://elsewhere.example/x.png)",
    ],
)
def test_what_a_card_says_cannot_do_anything(page: Page, words: str) -> None:
    """Text of a card becomes text: no element, no script, no address but https."""
    made = page.evaluate(
        """async (words) => {
            const { element, markdown } = await import("/demo/assets/markdown.js");
            const box = element("div", markdown(words));
            return box.querySelectorAll("img, script, a:not([href^='https://'])").length;
        }""",
        words,
    )
    assert made == 0


def test_markdown_is_rendered(page: Page) -> None:
    """Emphasis, lists, tables and escaped characters look as meant."""
    source = "**Stop** at 5 \\< 6\n\n- one\n- *two*\n\n| a | b |\n|---|---|\n| 1 | 2\\|3 |"
    html = page.evaluate(
        """async (words) => {
            const { element, markdown } = await import("/demo/assets/markdown.js");
            return element("div", markdown(words)).innerHTML;
        }""",
        source,
    )
    assert "<strong>Stop</strong> at 5 &lt; 6" in html
    assert "<li><em>two</em></li>" in html
    assert "<td>2|3</td>" in html
