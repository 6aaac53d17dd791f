"""The page that says how the site was built."""

from __future__ import annotations

import platform
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from scaling_lib import checks, datasets, published

pytestmark = pytest.mark.site


def rows(site_folder: Path) -> list[dict[str, str]]:
    page = BeautifulSoup((site_folder / "book" / "status.html").read_text(encoding="utf-8"), "html.parser")
    return [
        {line.find("td").get_text(): line.find_all("td")[-1].get_text() for line in table.select("tbody tr")}
        for table in page.select(".sl-status-table table")
    ]


def test_every_executed_notebook_has_its_seconds(site_folder: Path) -> None:
    page = BeautifulSoup((site_folder / "book" / "status.html").read_text(encoding="utf-8"), "html.parser")
    linked = {link["href"] for link in page.select(".sl-status-table a")}
    assert {"claims.html", "ch05_chinchilla.html", "../solutions/ch05_chinchilla.html"} <= linked
    notebooks, *_ = rows(site_folder)
    *each, total = map(float, notebooks.values())
    assert len(each) == len(linked) and min(each) > 0
    assert total == pytest.approx(sum(each), abs=0.05 * len(each) + 0.1)


def test_versions_and_counts_are_those_of_this_environment(site_folder: Path) -> None:
    _, versions, counts = rows(site_folder)
    assert versions["Python"] == platform.python_version() and re.match(r"\d", versions["Sphinx"])
    assert "not installed" not in versions.values()
    number = {name: int(text.replace(",", "")) for name, text in counts.items()}
    assert number["exercises"] == len(checks.exercises())
    assert number["published tables"] == len(datasets.names())
    assert number["published constants, each with its source"] == len(published.names())
    pages = list(site_folder.rglob("*.html"))
    explorers = sum(len(re.findall(r'class="sl-explorer-host" data-sl-explorer', path.read_text(encoding="utf-8"))) for path in pages)
    assert number["explorers"] == explorers > 0
    assert all(value > 0 for value in number.values())
