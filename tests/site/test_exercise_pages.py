"""The exercise pages of every chapter as built: the tasks, a download, the way to chapter and solutions, no answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scaling_lib.checks import chapter, chapters, module_of

ROOT = Path(__file__).resolve().parents[2]
STEMS = [module_of(name) for name in chapters()]


@pytest.mark.parametrize("stem", STEMS)
def test_the_table_of_contents_has_chapter_exercises_and_solutions(stem: str) -> None:
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    for folder in ("book", "exercises", "solutions"):
        assert re.search(rf"file: {folder}/{stem}$", toc, re.M), f"_toc.yml: {folder}/{stem} is missing"


@pytest.mark.site
@pytest.mark.parametrize("stem", STEMS)
def test_an_exercise_page_shows_tasks_download_and_the_way_on(stem: str, site_folder: Path) -> None:
    from bs4 import BeautifulSoup

    page = site_folder / "exercises" / f"{stem}.html"
    article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one("article")
    assert article is not None
    links = {link.get_text(): str(link["href"]) for link in article.select(".sl-work .sl-links a")}
    assert {"Download the notebook", "The chapter", "Solutions"} <= set(links)
    given_out = (page.parent / links["Download the notebook"]).resolve()
    assert given_out.read_bytes() == (ROOT / "exercises" / f"{stem}.ipynb").read_bytes()
    for text, folder in (("The chapter", "book"), ("Solutions", "solutions")):
        assert (page.parent / links[text]).resolve() == (site_folder / folder / f"{stem}.html").resolve()
    titles = " ".join(heading.get_text() for heading in article.select("h2"))
    for item in chapter(stem[:4]):
        assert item.title in titles


@pytest.mark.site
@pytest.mark.parametrize("stem", STEMS)
def test_no_solution_is_on_an_exercise_page(stem: str, site_folder: Path) -> None:
    from bs4 import BeautifulSoup

    source = (ROOT / "solutions" / f"{stem}.py").read_text(encoding="utf-8")
    text = BeautifulSoup((site_folder / "exercises" / f"{stem}.html").read_text(encoding="utf-8"), "html.parser").get_text()
    answers = BeautifulSoup((site_folder / "solutions" / f"{stem}.html").read_text(encoding="utf-8"), "html.parser").get_text()
    lines = [
        line.strip()
        for region in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", source, re.S)
        for line in region.splitlines()
        if len(line.strip()) > 8
    ]
    assert lines
    for line in lines:
        assert line not in text and line in answers, line
    assert "SOLUTION" not in text and "HIDDEN" not in text
