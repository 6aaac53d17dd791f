"""The extension, the styles and the scripts, on a book of two pages that holds one of everything."""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from smallbook import build

pytestmark = pytest.mark.site
PAGE = "book/sampler.html"


def html(root: Path, name: str = PAGE) -> str:
    return (root / "_build" / "html" / name).read_text(encoding="utf-8")


# ------------------------------------------------------------------------------------------------ what is built


def test_page_names_no_other_host(small_book: Path) -> None:
    for page in (small_book / "_build" / "html").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href)=\"([^\"]+)\"", text)
        assert [url for url in loaded if "//" in url] == [], page.name
        assert "THEBE_JS_URL" not in text and "thebe" not in text
        assert "fontawesome" not in text and "require.js" not in text.lower()
        assert "OWNER" not in text
    assert not (small_book / "_build" / "html" / "_static" / "vendor" / "fontawesome").exists()


def test_icons_of_the_page_are_drawn(small_book: Path) -> None:
    icons = (small_book / "book" / "_static" / "icons.css").read_text(encoding="utf-8")
    used = set(re.findall(r"\bfa-(?!solid\b|brands\b|lg\b|fw\b)[a-z-]+", html(small_book)))
    assert used and {name for name in used if f".{name}" not in icons} == set()


def test_front_matter_stands_under_the_title(small_book: Path) -> None:
    text = html(small_book)
    assert "12 minutes of reading · 45 minutes of exercises" in text
    head = text[text.index("<h1>") : text.index("A sentence with mathematics")]
    assert "After this chapter you can" in head and "You need" in head
    assert 'class="math notranslate' in head and 'href="index.html"' in head


def test_scripts_of_the_explorers_are_classic(small_book: Path) -> None:
    scripts = sorted((small_book / "_build" / "html" / "_static" / "explorers").glob("*.js"))
    assert scripts
    for script in scripts:
        assert not re.search(r"^\s*(export|import)\b", script.read_text(encoding="utf-8"), re.MULTILINE)
    assert "_static/explorers/" in html(small_book)
    assert "_static/explorers/" not in html(small_book, "book/index.html")


def test_second_build_takes_seconds_executes_nothing_and_says_what_it_does(small_book: Path) -> None:
    started = time.perf_counter()
    done = build(small_book)
    assert done.returncode == 0, done.stdout
    assert "executing" not in done.stdout
    assert time.perf_counter() - started < 20
    assert re.search(r"\[book +\d+\.\d s\] pages", done.stdout)
    assert "make serve" in done.stdout and str(small_book / "_build" / "html") in done.stdout
    assert "TCP" not in done.stdout + done.stderr


def test_changed_constant_changes_the_page(small_book: Path, tmp_path: Path) -> None:
    """The page of a copy shows the new number after one constant in scaling_lib changed, without any cleaning."""
    copy = tmp_path / "copy"
    shutil.copytree(small_book, copy)
    published = copy / "scaling_lib" / "published.py"
    before = re.search(r"The answer: <strong><span class=\"guess-answer\"><span[^>]*>([\d.]+)", html(copy))
    assert before is not None
    text = published.read_text(encoding="utf-8")
    start = text.index("BESIROGLU_2024")
    changed = text[:start] + re.sub(r"alpha=0\.3\d+", "alpha=0.30", text[start:], count=1)
    assert changed != text
    published.write_text(changed, encoding="utf-8")
    done = build(copy)
    assert done.returncode == 0, done.stdout
    assert "new: all are executed" in done.stdout and "executing" in done.stdout
    after = re.search(r"The answer: <strong><span class=\"guess-answer\"><span[^>]*>([\d.]+)", html(copy))
    assert after is not None and after.group(1) != before.group(1)


BROKEN = {
    "figure without alt text": (
        "```{code-cell} ipython3\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()\n```",
        "image without alt text",
    ),
    "output on stderr": ("```{code-cell} ipython3\nimport sys\nprint('oops', file=sys.stderr)\n```", "stderr"),
    "failing cell": ("```{code-cell} ipython3\nraise ValueError('seven is not a budget')\n```", "seven is not a budget"),
    "quiz without a right choice": ("```{quiz} a\nWhy?\n\n- [ ] x :: no\n- [ ] y :: no\n```", "at least one of them marked"),
    "quiz without feedback": ("```{quiz} b\nWhy?\n\n- [x] x\n- [ ] y :: no\n```", "has no feedback"),
    "two quizzes of one id": ("```{quiz} sampler.double\nWhy?\n\n- [x] x :: a\n- [ ] y :: b\n```", "already used"),
    "guess without reveal": ("```{guess} alone\nHow many?\n```", "no {reveal} of that id"),
    "guess with exchanged bounds": ("```{guess} a\n:low: 3\n:high: 2\nHow many?\n```", "low must be below high"),
    "guess with a word as bound": ("```{guess} b\n:low: few\nHow many?\n```", "expected a number"),
    "claim without verdict": ("```{claim} t\n**Claim.** a\n\n**How to check.** b\n```", "Verdict"),
    "claim with an odd row": (
        "```{claim} t\n:claim: fifth\n\n**Claim.** a\n\n**How to check.** b\n\n**Verdict.** c\n```", "such as W5"
    ),
    "unknown reference": ("See {doc}`nowhere`.", "nowhere"),
}


def test_mistakes_of_an_author_fail_the_build_and_are_named(small_book: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(small_book, copy)
    head = (copy / "book" / "sampler.md").read_text(encoding="utf-8").split("minutes_reading")[0] + "---\n\n"
    toc = (copy / "_toc.yml").read_text(encoding="utf-8")
    for number, (title, (body, _)) in enumerate(BROKEN.items()):
        (copy / "book" / f"broken{number}.md").write_text(f"{head}# {title}\n\n{body}\n", encoding="utf-8")
        toc += f"  - file: book/broken{number}\n"
    (copy / "book" / "minutes.md").write_text("---\nminutes_reading: long\n---\n\n# Minutes\n", encoding="utf-8")
    (copy / "_toc.yml").write_text(toc + "  - file: book/minutes\n", encoding="utf-8")
    done = build(copy)
    assert done.returncode != 0
    assert "failed" in done.stdout.splitlines()[-1]
    said = done.stdout
    for number, (title, (_, words)) in enumerate(BROKEN.items()):
        lines = [line for line in said.splitlines() if words in line]
        assert lines, f"{title}: {words!r} is not said"
    assert "expected whole minutes" in said

    again = build(copy)
    assert again.returncode != 0, "a second build forgot what was wrong"
    assert all(words in again.stdout for _, words in BROKEN.values())
    for page in copy.glob("book/broken*.md"):
        page.unlink()
    (copy / "book" / "minutes.md").unlink()
    (copy / "_toc.yml").write_text(toc.split("  - file: book/broken0")[0], encoding="utf-8")
    mended = build(copy)
    assert mended.returncode == 0, mended.stdout


# ------------------------------------------------------------------------------------------------ what a reader does


@pytest.mark.browser
def test_quick_question_answers_each_choice(small_site: str, watch: Any) -> None:
    watched = watch()
    page = watched.open(f"{small_site}/{PAGE}")
    quiz = page.locator("#quiz-sampler-double, [data-quiz='sampler.double']").first
    choices, status = quiz.locator("details.sl-choice"), quiz.get_by_role("status")
    assert quiz.get_by_role("group", name=re.compile("budget doubles")).count() >= 1
    assert quiz.locator(".sl-feedback:visible").count() == 0

    choices.nth(0).locator("summary").click()
    page.wait_for_timeout(100)
    assert "leave nothing for tokens" in quiz.locator(".sl-feedback:visible").inner_text()
    assert status.inner_text().startswith("Not quite.")

    choices.nth(1).locator("summary").focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(100)
    assert quiz.locator(".sl-feedback:visible").count() == 1
    assert status.inner_text().startswith("Right.")
    assert page.evaluate("() => localStorage.getItem('sl-guess')") is None
    assert watched.errors == []


@pytest.mark.browser
def test_guess_is_refused_kindly_then_kept_then_compared(small_site: str, watch: Any) -> None:
    watched = watch()
    page = watched.open(f"{small_site}/{PAGE}")
    box, reveal = page.locator(".sl-box.sl-guess"), page.locator(".guess-reveal")
    value, low, high = (box.get_by_label(label, exact=True) for label in ("Your value", "80 % interval, from", "to"))
    commit, message = box.get_by_role("button", name="Commit"), box.get_by_role("status")
    assert not reveal.evaluate("(node) => node.open")

    for entries, words in [
        (("", "", ""), "Please give your value"),
        (("many", "1", "2"), "cannot read your value"),
        (("20", "0", "40"), "above zero"),
        (("20", "0.01", "40"), "below 0.1"),
        (("20", "10", "2e6"), "above 100000"),
        (("20", "40", "10"), "lower end first"),
        (("20", "30", "40"), "hold your own value"),
    ]:
        for field, text in zip((value, low, high), entries):
            field.fill(text)
        commit.click()
        assert words in message.inner_text()
        assert page.evaluate("() => localStorage.getItem('sl-guess')") is None
    assert box.locator("[aria-invalid=true]").count() == 1

    for field, text in zip((value, low, high), ("20", "1e1", "1,000")):
        field.fill(text)
    high.press("Enter")
    assert "Committed: 20, between 10 and 1000 tokens per parameter" in message.inner_text()
    assert reveal.evaluate("(node) => node.open")
    assert "holds it" in reveal.get_by_role("status").inner_text()
    kept = json.loads(page.evaluate("() => localStorage.getItem('sl-guess')"))["sampler.tpp"]
    assert (kept["value"], kept["low"], kept["high"]) == (20, 10, 1000)
    assert kept["truth"] == float(page.locator(".guess-answer").inner_text())

    page.reload()
    assert "Committed: 20" in message.inner_text()
    box.get_by_role("button", name="Guess again").click()
    assert page.evaluate("() => JSON.parse(localStorage.getItem('sl-guess'))['sampler.tpp']") is None
    assert value.is_enabled()
    assert watched.errors == []


@pytest.mark.browser
@pytest.mark.parametrize("spoilt", ["not json", "[1, 2]", '{"sampler.tpp": 7}', '{"sampler.tpp": {"value": "x"}}', "null"])
def test_spoilt_storage_does_no_harm(small_site: str, watch: Any, spoilt: str) -> None:
    watched = watch()
    watched.page.add_init_script(f"localStorage.setItem('sl-guess', {json.dumps(spoilt)})")
    page = watched.open(f"{small_site}/{PAGE}")
    box = page.locator(".sl-box.sl-guess")
    for label, text in (("Your value", "20"), ("80 % interval, from", "2"), ("to", "30")):
        box.get_by_label(label, exact=True).fill(text)
    box.get_by_role("button", name="Commit").click()
    assert "Committed" in box.get_by_role("status").inner_text()
    assert watched.errors == []


@pytest.mark.browser
def test_everything_is_readable_without_scripts(small_site: str, watch: Any) -> None:
    watched = watch(java_script_enabled=False)
    page = watched.page
    page.goto(f"{small_site}/{PAGE}")
    assert page.locator(".sl-guess form").count() == 0
    assert page.get_by_text("Write down a value").is_visible()
    for folded in page.locator("details.sl-choice, .guess-reveal, .sl-fold").all():
        folded.locator("summary").first.click()
        assert folded.locator("p").first.is_visible()
    assert page.locator("svg.sl-plot").first.is_visible()


@pytest.mark.browser
def test_explorer_works_from_a_file(small_book: Path, watch: Any) -> None:
    watched = watch()
    page = watched.open((small_book / "_build" / "html" / PAGE).as_uri())
    explorer = page.locator("[data-sl-explorer]").first
    slider = explorer.locator("input[type=range]").first
    before = explorer.inner_text()
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(150)
    assert explorer.inner_text() != before
    assert watched.errors == [] and watched.outside() == []


@pytest.mark.browser
def test_glued_mathematics_is_typeset(small_site: str, watch: Any) -> None:
    page = watch().open(f"{small_site}/{PAGE}")
    sentence = page.locator("article p", has_text="FLOP the law wants")
    assert sentence.locator("mjx-container").count() >= 2
    assert "$" not in sentence.inner_text()


@pytest.mark.browser
def test_prose_keeps_its_measure_and_tables_align(small_site: str, watch: Any) -> None:
    page = watch(width=1600).open(f"{small_site}/{PAGE}")
    paragraph = page.locator("article section > p").first
    characters = paragraph.evaluate(
        """(node) => {
            const range = document.createRange(), walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
            const lines = new Map();
            for (let text; (text = walker.nextNode());)
              for (let i = 0; i < text.length; i++) {
                range.setStart(text, i); range.setEnd(text, i + 1);
                const top = Math.round(range.getBoundingClientRect().top / 12);
                lines.set(top, (lines.get(top) || 0) + 1);
              }
            return [...lines.values()].sort((a, b) => b - a)[1];
        }"""
    )
    assert 55 <= characters <= 80, characters
    cell = page.locator("table.dataframe tbody td").last
    assert cell.evaluate("(node) => getComputedStyle(node).textAlign") == "right"


@pytest.mark.browser
def test_paper_shows_what_is_folded(small_site: str, watch: Any) -> None:
    page = watch().open(f"{small_site}/{PAGE}")
    page.emulate_media(media="print")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".sl-fold p").first.is_visible()
    assert not page.locator(".bd-sidebar-primary").is_visible()
    assert not page.locator(".sl-guess form").is_visible()
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert not page.locator(".sl-fold").first.evaluate("(node) => node.open")
