"""The table of checked claims: its file, its page, and the links between its rows and the chapters' boxes."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "book" / "_ext")]

import course_claims  # noqa: E402

ROWS = course_claims.read(ROOT / "book" / "claims.toml")
#: The ten that every reader should have taken apart by the end of the pillar chapters.
TEN = {f"W{i}" for i in range(1, 11)}
PILLARS = {f"ch{number}" for number in ("01", "02", "03", "04", "05", "08", "11", "13")}
#: What verdicts repeat of a claim, quote as reported, or name (Llama 3.1, Gemini 1.0).
QUOTED = {"W5": ["3.5", "0.35"], "W10": ["3.1", "1.0"], "R4": ["0.01"]}
PLACED = {"W8": "ch03", "W9": "ch08", "W10": "ch01"}


def boxes() -> dict[str, list[str]]:
    """Row -> the chapters whose source has a box for it."""
    found: dict[str, list[str]] = {}
    for chapter in sorted((ROOT / "book").glob("ch*.md")):
        for row in re.findall(r"^`{3,}\{claim\}.*\n:claim: *(\w+)", chapter.read_text(encoding="utf-8"), re.MULTILINE):
            found.setdefault(row.upper(), []).append(chapter.stem)
    return found


def test_every_claim_is_complete_and_its_id_is_its_own() -> None:
    assert len(ROWS) > 70 and TEN <= set(ROWS)
    assert [row for row in ROWS.values() if not row["claim"].endswith((".", "?"))] == []
    assert len({row["claim"] for row in ROWS.values()}) == len(ROWS)
    for letter in {name[0] for name in ROWS}:
        numbers = [int(name[1:]) for name in ROWS if name[0] == letter]
        assert numbers == list(range(1, len(numbers) + 1)), letter


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[five]\nclaim = 'a'", "'five'"),
        ("[W1]\nclaim = 'a'", "W1 must have"),
        ("[W1]\nclaim='a'\nwhy='b'\nsource='blog'\ntopic='laws'\nverdict='false'", "verdict of W1 is 'false'"),
        ("[W1]\nclaim='a'\nwhy='b'\nsource='blog'\ntopic='laws'\nverdict='wrong'\nsee=''", "W1 must have"),
        ("[W1]\nclaim=' '\nwhy='b'\nsource='blog'\ntopic='laws'\nverdict='wrong'", "W1 must have"),
    ],
)
def test_a_table_that_is_none_is_refused_by_name(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "claims.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        course_claims.read(tmp_path / "claims.toml")


def test_numbers_in_verdicts_are_computed() -> None:
    """What a verdict pastes is computed on its page; the few decimal numbers that are typed are known."""
    page = (ROOT / "book" / "claims.md").read_text(encoding="utf-8")
    said = set(re.findall(r"\b([a-z]+\d+_\w+)=", page))
    glued = {key for row in ROWS.values() for key in re.findall(r"\{glue:\w+\}`(\w+)", row["why"])}
    assert len(glued) > 140
    loose = {key for key in glued if key not in said and not key.startswith(("w10_", "s29_", "r6_"))}
    assert loose == set()
    typed = {name: re.findall(r"(?<![\w.{])\d+\.\d+(?![\w.])", re.sub(r"\{[^}]*\}`[^`]*`", "", row["why"])) for name, row in ROWS.items()}
    assert {name: found for name, found in typed.items() if found} == QUOTED


def test_the_ten_are_taken_apart_where_they_belong() -> None:
    """Complete once the eight chapters stand; until then, what is there is right."""
    found = boxes()
    assert set(found) <= set(ROWS), f"no such row: {sorted(set(found) - set(ROWS))}"
    there = {path.stem[:4] for path in (ROOT / "book").glob("ch*.md")}
    assert "ch05_chinchilla" in found["W3"]
    for row, chapter in PLACED.items():
        if chapter in there:
            assert any(name.startswith(chapter) for name in found.get(row, [])), f"{row} belongs in {chapter}"
    if PILLARS <= there:
        assert TEN - set(found) == set()


@pytest.mark.site
def test_rows_and_boxes_lead_to_each_other(site_folder: Path) -> None:
    page = BeautifulSoup((site_folder / "book" / "claims.html").read_text(encoding="utf-8"), "html.parser")
    assert [item["id"].upper() for item in page.select(".sl-claims > li")] == list(ROWS)
    links = {item["id"]: [link["href"] for link in item.select(".sl-claim-links a")] for item in page.select(".sl-claims > li")}
    wanted = {row.lower(): [f"{chapter}.html#claim-{row.lower()}" for chapter in chapters] for row, chapters in boxes().items()}
    assert {row: found for row, found in links.items() if found and row.upper() in boxes()} == wanted
    for row in ROWS.keys() - boxes().keys():  # without a box: the section that treats it, or another row's box
        assert len(links[row.lower()]) == ("see" in ROWS[row]), row
        for name, anchor in (link.split("#") for link in links[row.lower()]):
            assert f'id="{anchor}"' in (site_folder / "book" / name).read_text(encoding="utf-8"), f"{row}: {name} has no #{anchor}"
    pages = {target.split("#")[0] for targets in wanted.values() for target in targets}
    soups = {page: BeautifulSoup((site_folder / "book" / page).read_text(encoding="utf-8"), "html.parser") for page in pages}
    for row, targets in wanted.items():
        for target in targets:
            chapter = soups[target.split("#")[0]]
            assert chapter.select_one(f"#claim-{row}.sl-claim .sl-claim-links a")["href"] == f"claims.html#{row}"
    assert "{glue" not in page.get_text() and "{cite" not in page.get_text()


@pytest.mark.site
@pytest.mark.browser
def test_claims_are_chosen_by_verdict_topic_and_words(site: str, watch: Any) -> None:
    watched = watch()
    page = watched.open(f"{site}/book/claims.html")
    shown = page.locator(".sl-claims > li:visible")
    status = page.locator(".sl-filter-status")
    assert shown.count() == len(ROWS)

    page.get_by_label("Verdict", exact=True).select_option("wrong")
    wrong = [name for name, row in ROWS.items() if row["verdict"] == "wrong"]
    assert shown.count() == len(wrong) and status.inner_text() == f"{len(wrong)} of {len(ROWS)} claims"
    page.get_by_label("Topic", exact=True).select_option("counting")
    assert shown.count() == sum(ROWS[name]["topic"] == "counting" for name in wrong)
    page.get_by_label("With the words").fill("flash ATTENTION")
    assert [item.get_attribute("id") for item in shown.all()] == ["w8"]
    assert page.locator("section:visible > h2").count() == 1

    page.evaluate("() => { location.hash = '#t2'; }")  # a link to a row that is hidden shows it
    page.wait_for_timeout(100)
    assert page.locator("#t2").is_visible() and shown.count() == len(ROWS)
    assert watched.errors == []

    paper = watch(java_script_enabled=False)
    paper.page.goto(f"{site}/book/claims.html")
    assert paper.page.locator(".sl-claims > li:visible").count() == len(ROWS)
