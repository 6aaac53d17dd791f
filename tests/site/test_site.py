"""The built site in a real browser: every page, light and dark, wide and narrow."""

from __future__ import annotations

import functools
import gzip
import html
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
import yaml
from playwright.sync_api import expect

from browsing import Watched, opener

pytestmark = [pytest.mark.site, pytest.mark.browser]
ROOT = Path(__file__).resolve().parents[2]
FIRST_VIEW = 800 * 1024  # bytes, gzipped


def pages() -> list[str]:
    """Addresses of all pages, from the table of contents, and the pages that Sphinx adds."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    found = [toc["root"]]

    def walk(entries: Any) -> None:
        for entry in entries:
            if "file" in entry:
                found.append(entry["file"])
            for key in ("chapters", "sections", "parts"):
                walk(entry.get(key, []))

    walk([{key: value for key, value in toc.items() if key != "root"}])
    return [f"{name}.html" for name in found] + ["search.html", "genindex.html"]


PAGES = pages()


def pixels(png: bytes) -> np.ndarray:
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"), dtype=float)


@functools.cache
def zipped(body: bytes) -> int:
    return len(gzip.compress(body, 6))


@pytest.fixture(scope="module", params=PAGES)
def visited(request: pytest.FixtureRequest, browser: Any, site: str) -> Iterator[tuple[Watched, str]]:
    """A context for one page, and its address, for all tests that change nothing on it but what is folded open."""
    with opener(browser) as make:
        yield make(), f"{site}/{request.param}"


@pytest.fixture(scope="module", params=["light", "dark"])
def opened(request: pytest.FixtureRequest, visited: tuple[Watched, str]) -> Watched:
    """The page in light or dark."""
    watched, url = visited
    fresh = watched.page.url != url
    watched.view(url, width=1280, scheme=request.param)
    if fresh:  # what comes from the cache later on has no body any more
        watched.weight = sum(zipped(response.body()) for response in watched.bodies if response.ok)
    return watched


def unfolded(watched: Watched) -> Any:
    watched.page.evaluate("() => document.querySelectorAll('article details').forEach((each) => { each.open = true; })")
    return watched.page


def test_page_loads_whole_from_this_host_alone(opened: Watched) -> None:
    page = opened.page

    assert opened.errors == []
    assert opened.outside() == []
    assert 10_000 < opened.weight <= FIRST_VIEW, f"{opened.weight / 1024:.0f} KB gzipped"
    assert page.locator("h1").count() >= 1
    formulas = page.locator("article .math").count()
    assert page.locator("article .math mjx-container").count() == formulas
    assert page.locator("article mjx-merror").count() == 0
    assert page.locator("article").filter(has_text="{glue:").count() == 0


def test_figures_show_something_and_say_what(opened: Watched) -> None:
    page = unfolded(opened)
    for figure in page.locator("article img, article svg.sl-plot").all():
        if not figure.is_visible():
            continue
        if figure.evaluate("(node) => node.tagName") == "IMG":
            figure.scroll_into_view_if_needed()
            figure.evaluate("(node) => node.decode()")  # fails for a file that is missing or none
            assert figure.evaluate("(node) => node.naturalWidth > 1"), figure.get_attribute("src")
            assert (figure.get_attribute("alt") or "").strip(), figure.get_attribute("src")
        seen = pixels(figure.screenshot())
        dark = np.abs(seen - np.median(seen, axis=(0, 1))).sum(axis=2) > 60
        assert dark.mean() > 0.002, "a figure is nearly blank"
        assert dark.any(axis=0).mean() > 0.3, "a figure is drawn in a small part of its area only"


def test_narrow_screens_do_not_scroll_sideways(visited: tuple[Watched, str]) -> None:
    watched, url = visited
    page = watched.view(url, width=400, scheme="light")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 400
    beyond = page.evaluate(
        """() => [...document.querySelectorAll("article *")].filter((node) => {
            const box = node.getBoundingClientRect();
            if (!box.width || box.right <= innerWidth + 1 || getComputedStyle(node).position === "absolute") return false;
            for (let up = node.parentElement; up; up = up.parentElement)
              if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(up).overflowX)) return false;
            return true;
        }).map((node) => node.outerHTML.slice(0, 120))"""
    )
    assert beyond == []


#: The rules of axe that look at colours, and so differ between light and dark.
COLOURS = ["color-contrast", "link-in-text-block"]
#: Axe takes seconds to judge thousands of words. It judges two of each kind: alike in colour, size, weight, and every ground
#: that lies behind them.
MARK_TWO_OF_EACH_KIND = """() => {
  const grounds = new Map(), kinds = new Map();
  const ground = (node) => {
    if (!node) return "";
    if (!grounds.has(node)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(node);
      const own = `${backgroundColor} ${backgroundImage} ${opacity}`;
      grounds.set(node, ground(node.parentElement) + (own === "rgba(0, 0, 0, 0) none 1" ? "" : `|${own}`));
    }
    return grounds.get(node);
  };
  for (const node of document.querySelectorAll("body *")) {
    node.removeAttribute("data-tried");
    if (![...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim())) continue;
    if (!node.checkVisibility()) continue;
    const { color, fontSize, fontWeight, textDecorationLine, textShadow } = getComputedStyle(node);
    const around = node.localName === "a" ? getComputedStyle(node.parentElement).color : "";
    const kind = [color, fontSize, fontWeight, textDecorationLine, textShadow, around, ground(node)].join();
    kinds.set(kind, [...(kinds.get(kind) || []), node]);
  }
  for (const nodes of kinds.values())
    for (const node of [nodes[0], nodes[nodes.length >> 1]]) node.setAttribute("data-tried", "");
}"""
#: Style sheets are not fetched again, some of them from the wrong folder.
RUN = "([where, rules]) => axe.run(where, { preload: false, resultTypes: ['violations', 'passes'], ...rules })"


def violations(page: Any, *, whole: bool) -> list[str]:
    """What axe finds serious or critical: of the colours, and with `whole` of everything else."""
    from axe_playwright_python.sync_playwright import Axe

    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(Axe().axe_script)
    page.evaluate(MARK_TWO_OF_EACH_KIND)
    result = page.evaluate(RUN, [{"include": ["[data-tried]"]}, {"runOnly": COLOURS}])
    seen = {rule["id"]: len(rule["nodes"]) for rule in result["violations"] + result["passes"]}
    assert seen.get("color-contrast", 0) >= 10, f"axe looked at {seen}"
    found = result["violations"]
    if whole:
        off = {rule: {"enabled": False} for rule in COLOURS}
        result = page.evaluate(RUN.replace(", 'passes'", ""), [{"include": ["html"]}, {"rules": off}])
        assert len(result["violations"] + result["passes"]) > 10, "axe looked at nothing"
        found += result["violations"]
    return [
        f"{rule['impact']} {rule['id']}: {rule['nodes'][0]['html'][:160]}"
        for rule in found
        if rule["impact"] in {"serious", "critical"}
    ]


def test_no_serious_accessibility_violation(opened: Watched) -> None:
    page = unfolded(opened)
    assert violations(page, whole=page.evaluate("() => document.documentElement.dataset.theme") == "light") == []


@pytest.mark.parametrize(("scheme", "pale"), [("light", "#bbb"), ("dark", "#444")])
def test_a_violation_would_be_found(site: str, watch: Any, scheme: str, pale: str) -> None:
    page = watch(color_scheme=scheme).open(f"{site}/{PAGES[0]}")
    assert violations(page, whole=True) == []
    page.locator("article p").last.evaluate("(node, pale) => { node.style.color = pale; }", pale)
    page.locator("article").evaluate("(node) => { node.append(document.createElement('input')); }")
    assert {text.split()[1] for text in violations(page, whole=True)} == {"color-contrast:", "label:"}


@functools.cache
def anchors(page: Path) -> frozenset[str]:
    """What a link may lead to on a page."""
    return frozenset(html.unescape(name) for name in re.findall(r'\sid="([^"]+)"', page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", PAGES)
def test_links_within_the_site_lead_somewhere(name: str, site_folder: Path) -> None:
    page = site_folder / name
    text = page.read_text(encoding="utf-8")
    links = [html.unescape(link) for link in re.findall(r'<a\s[^>]*?href="([^"]*)"', text)]
    broken = []
    for link in links:
        target, _, anchor = link.partition("#")
        if "://" in target or target.startswith(("mailto:", "data:")):
            continue
        file = (page.parent / target).resolve() if target else page
        if not file.is_file() or (anchor and file.suffix == ".html" and unquote(anchor) not in anchors(file)):
            broken.append(link)
    assert len(links) > 20 and broken == []
    assert "OWNER" not in text, "a placeholder address is on the page"


def made_with(*marks: str) -> list[str]:
    """Pages whose source holds one of the marks."""
    files = {name: next(ROOT.glob(name.removesuffix("html") + "*"), None) for name in PAGES}
    return [name for name, file in files.items() if file and any(mark in file.read_text(encoding="utf-8") for mark in marks)]


EXPLORED = made_with("explorers.")
ASKING = made_with("{quiz}", "{guess}")


def test_pages_with_explorers_and_questions_are_found() -> None:
    assert {"book/planner.html", "book/ch05_chinchilla.html", "solutions/ch05_chinchilla.html"} <= set(EXPLORED)
    assert len([name for name in ASKING if "/ch" in name]) == len(list(ROOT.glob("book/ch*.md")))


@pytest.mark.parametrize("visited", EXPLORED, indirect=True)
def test_pages_without_a_kernel_answer_mouse_and_keyboard(visited: tuple[Watched, str]) -> None:
    """Each visible slider of each explorer moves what is drawn."""
    watched, url = visited
    page = watched.view(url, width=1280, scheme="light")
    assert page.locator("[data-sl-explorer]").count() >= 1 or "/exercises/" in url  # there, outputs come with work
    for explorer in page.locator("[data-sl-explorer]").all():
        drawn = functools.partial(explorer.locator(".sl-veiled").inner_html)
        for slider in explorer.locator("input[type=range]:visible").all():
            assert slider.evaluate("(node) => node.labels.length > 0 || node.hasAttribute('aria-label')")
            before, picture = slider.input_value(), drawn()
            slider.press("ArrowLeft" if before == slider.get_attribute("max") else "ArrowRight")
            after = drawn()
            assert slider.input_value() != before and after != picture, "the keyboard moved nothing"
            share = 0.25 if float(slider.evaluate("(n) => (n.value - n.min) / (n.max - n.min)")) > 0.5 else 0.75
            box = slider.bounding_box()
            slider.click(position={"x": share * box["width"], "y": box["height"] / 2})
            assert drawn() != after, "the mouse moved nothing"
    assert watched.errors == []


@pytest.mark.parametrize("visited", ASKING, indirect=True)
def test_every_quick_question_and_guess_answers(visited: tuple[Watched, str]) -> None:
    watched, url = visited
    page = watched.view(url, width=1280, scheme="light")
    for quiz in page.locator(".sl-box.sl-quiz").all():
        verdicts = set()
        for choice in quiz.locator("details.sl-choice").all():
            choice.evaluate("(node) => { node.open = false; }")  # another test has folded everything open
            choice.locator("summary").click()
            expect(quiz.locator(".sl-feedback:visible")).to_have_count(1)
            expect(quiz.get_by_role("status")).to_have_text(re.compile(r"^(Right|Not quite)\. ."))
            verdicts.add(quiz.get_by_role("status").inner_text().split(".")[0])
        assert verdicts == {"Right", "Not quite"}
    for guess in page.locator(".sl-box.sl-guess").all():
        guess.get_by_role("button", name="Commit").click()
        assert "Please give your value" in guess.get_by_role("status").inner_text()
    assert watched.errors == []


def test_minutes_of_a_path_are_the_sum_of_its_chapters(site_folder: Path) -> None:
    asked = re.findall(r"\{minutes\}`(reading|exercises) ([^`]+)`", (ROOT / "book" / "paths.md").read_text(encoding="utf-8"))
    shown = re.sub(r"<[^>]+>", "", (site_folder / "book" / "paths.html").read_text(encoding="utf-8"))
    assert len(asked) >= 4
    for kind, names in asked:
        heads = [(ROOT / "book" / f"{name}.md").read_text(encoding="utf-8") for name in names.split()]
        total = sum(int(re.search(rf"^minutes_{kind}: (\d+)$", head, re.MULTILINE)[1]) for head in heads)
        halves = f"{round(total / 30) / 2:g}".replace(".5", "½")
        assert (f"{total} minutes" if total < 100 else f"about {halves} hours") in shown, (kind, names, total)
