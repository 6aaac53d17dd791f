"""The script of the pages, alone in Chromium: what it counts of the stored guesses, and answers on another page than the question."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).resolve().parents[2] / "book" / "_static" / "course.js"
BODY = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Page</title><article>
<details class="sl-box sl-reveal guess-reveal" data-id="ch01.size"><summary>The answer</summary>
<p>The answer: <strong><span class="guess-answer">10.7</span></strong>.</p><p class="sl-calibration" role="status"></p></details>
<div class="sl-box sl-overview"><p class="sl-nojs">needs JavaScript</p></div></article>"""


def guess(low: float, high: float, truth: float | None = None) -> dict[str, float]:
    return {"value": (low + high) / 2, "low": low, "high": high} | ({} if truth is None else {"truth": truth})


@pytest.fixture(scope="module")
def page(chromium_path: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.route("**/*", lambda route: route.fulfill(body=f"{BODY}<script>{SCRIPT.read_text('utf-8')}</script>", content_type="text/html"))
        page.goto("http://course.test/")
        yield page
        browser.close()


def shown(page: Page, kept: Any) -> str:
    page.evaluate("(kept) => localStorage.setItem('sl-guess', kept)", kept if isinstance(kept, str) else json.dumps(kept))
    page.reload()
    return page.locator(".sl-overview").inner_text()


@pytest.mark.parametrize("kept", [{}, "{broken", "null", "[1]", {"ch01.size": {"value": "x"}}, {"other": guess(1, 2, 1.5)}])
def test_nothing_stored_is_said(page: Page, kept: Any) -> None:
    text = shown(page, kept)
    assert "Nothing is stored" in text and "needs JavaScript" not in text
    assert page.locator(".sl-overview table").count() == 0


def test_guesses_are_counted_by_chapter(page: Page) -> None:
    kept = {
        "ch05.ratio": guess(5, 50, 18.4),  # of a page
        "ch05.sweep": guess(2, 3, 10) | {"choice": "noise"},  # of an explorer
        "ch13.tails": guess(1, 2),  # the answer was not seen
        "ch02.bands": guess(40, 60, 50),
    }
    text = shown(page, kept)
    rows = [row.inner_text().split() for row in page.locator(".sl-overview tbody tr").all()]
    assert rows == [["Chapter", "2", "1", "1", "1"], ["Chapter", "5", "2", "2", "1"], ["Chapter", "13", "1", "0", "0"], ["All", "4", "3", "2"]]
    assert "2 of 3 intervals held the answer. With so few" in text


@pytest.mark.parametrize(("held", "words"), [(4, "too narrow"), (14, "may be luck"), (20, "wider than they need be"), (12, "too narrow")])
def test_a_verdict_comes_with_enough_of_them(page: Page, held: int, words: str) -> None:
    text = shown(page, {f"ch02.g{i}": guess(1, 3, 2 if i < held else 9) for i in range(20)})
    assert f"{held} of 20 intervals held the answer, {5 * held} %" in text and words in text


def test_an_answer_on_another_page_is_compared_when_it_is_opened_and_then_counts(page: Page) -> None:
    assert "Chapter 1\t1\t0\t0" in shown(page, {"ch01.size": guess(5, 20)})
    page.locator(".guess-reveal summary").click()
    page.wait_for_function("document.querySelector('.sl-calibration').textContent.includes('holds')")
    assert json.loads(page.evaluate("localStorage.getItem('sl-guess')"))["ch01.size"]["truth"] == 10.7
    page.wait_for_function("document.querySelector('.sl-overview tbody').innerText.includes('1\\t1\\t1')")
    shown(page, {})
    page.locator(".guess-reveal summary").click()
    assert "No guess of yours is stored" in page.locator(".sl-calibration").inner_text()
