"""The pages of scaling_lib: every public name once, formulas typeset, constants as they are, benchmarks as stored."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup

from scaling_lib import laws, published

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import course_api  # noqa: E402
from course_package import PACKAGE, aliases, homes, introduction, modules_of, public_names, rooms  # noqa: E402


def documented() -> Iterator[str]:
    """Full names of everything public, each once."""
    seen: set[str] = set()
    for room in rooms():
        for full in modules_of(room):
            module = importlib.import_module(full)
            for name in public_names(module):
                home = homes().get(id(getattr(module, name)), f"{full}.{name}")
                if home not in seen:
                    seen.add(home)
                    yield home


@pytest.fixture(scope="module")
def soups(site_folder: Path) -> dict[str, BeautifulSoup]:
    files = sorted((site_folder / "book" / "api").glob("*.html"))
    return {file.stem: BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser") for file in files}


# ---------------------------------------------------------------------------------------------- the built pages


@pytest.mark.site
def test_every_public_name_has_one_entry(soups: dict[str, BeautifulSoup]) -> None:
    ids = Counter(node["id"] for soup in soups.values() for node in soup.select("article [id]"))
    wanted = [*documented(), *(f"{PACKAGE}.published.{name}" for name in published.names())]
    assert len(wanted) > 350
    assert {name: ids[name] for name in wanted if ids[name] != 1} == {}


@pytest.mark.site
def test_the_overview_leads_to_every_entry(soups: dict[str, BeautifulSoup]) -> None:
    linked = {node["href"].partition("#")[2] for node in soups["index"].select("dl.sl-overview dt a[href]")}
    assert {name for name in documented() if name not in linked} == set()


@pytest.mark.site
def test_every_law_shows_its_formula(soups: dict[str, BeautifulSoup]) -> None:
    without = []
    for name in laws.__all__:
        thing = getattr(laws, name)
        if not inspect.isclass(thing) or not issubclass(thing, laws.Law) or thing is laws.Law:
            continue
        entry = soups["laws"].find(id=f"{PACKAGE}.laws.{name}")
        if not entry.find_next_sibling("dd").select("p > .math, div.math"):
            without.append(name)
    assert without == []


@pytest.mark.site
def test_entries_have_no_marks_of_unread_markup(soups: dict[str, BeautifulSoup]) -> None:
    marks = re.compile(r":(?:math|class|func|mod|meth):|``|\]_\b|^-{4,}$|<function|<factory|0x[0-9a-f]{6}", re.MULTILINE)
    for name, soup in soups.items():
        words = [
            text
            for text in soup.select_one("article").find_all(string=True)
            if not any(up.name in {"pre", "code", "script"} or "math" in up.get("class", ()) for up in text.parents)
        ]
        assert marks.findall("".join(words)) == [], name


@pytest.mark.site
def test_links_leave_the_site_for_papers_alone(soups: dict[str, BeautifulSoup]) -> None:
    for name, soup in soups.items():
        article = soup.select_one("article")
        outside = {node["href"] for node in article.select("a[href]") if "://" in node["href"]}
        assert {url for url in outside if not url.startswith("https://arxiv.org/abs/")} == set(), name
        assert not article.select(".viewcode-link")


@pytest.mark.site
def test_constants_stand_as_they_are(site_folder: Path) -> None:
    page = BeautifulSoup((site_folder / "book" / "api" / "published.html").read_text(encoding="utf-8"), "html.parser")
    for name in published.names():
        source = published.about(name)
        row = page.find(id=f"{PACKAGE}.published.{name}").find_parent("tr")
        value, unit, where, status = (cell.get_text().replace("\xa0", " ") for cell in row.find_all("td"))
        name_and_note = row.th.get_text().replace("\xa0", " ")  # "95 %" does not break
        assert unit == source.unit and status == source.status
        assert source.paper in where and source.where in where and source.note in name_and_note
        assert "\n".join(course_api.value_lines(source.value)) in value


@pytest.mark.site
def test_other_spellings_of_a_name_lead_to_its_entry(site_folder: Path) -> None:
    assert aliases()[f"{PACKAGE}.fit"] == f"{PACKAGE}.fitting.fit"
    assert aliases()[f"{PACKAGE}.laws.chinchilla.ChinchillaLaw"] == f"{PACKAGE}.laws.ChinchillaLaw"
    assert aliases()[f"{PACKAGE}.sampling.BetaCoverage"] == f"{PACKAGE}.laws.BetaCoverage"
    sampling = (site_folder / "book" / "api" / "sampling.html").read_text(encoding="utf-8")
    assert BeautifulSoup(sampling, "html.parser").select('article a[href="laws.html#scaling_lib.laws.BetaCoverage"]')


# ---------------------------------------------------------------------------------------------- how they are made


def test_footnotes_become_list_items_and_shared_attributes_are_taken_apart() -> None:
    lines = """One line [1]_, and `.optimal`.

Attributes
----------
low, high : float
    Ends.

References
----------
.. [1] Somebody 2022, arXiv 2203.15556,
   equation 4.
""".splitlines()
    assert course_api.mend(lines) == """One line, and ``.optimal``.

Attributes
----------
low : float
    Ends.
high : float
    Ends.

References
----------
* Somebody 2022, `arXiv 2203.15556 <https://arxiv.org/abs/2203.15556>`__,
  equation 4.
""".splitlines()


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        (5.76e23, ["5.76e+23"]),
        (2000, ["2000"]),
        (laws.PowerLaw(E=1.7, A=400.0, alpha=1 / 3), ["PowerLaw(E=1.7, A=400, alpha=0.3333333)"]),
        (published.Estimate(0.5, 0.4, 0.6, (2.5, 97.5)), ["Estimate(value=0.5, low=0.4, high=0.6, percentiles=(2.5, 97.5))"]),
        ({"a": 1.0, 2: "x"}, ["'a': 1", "2: 'x'"]),
        ((1.0, 2.0), ["(1, 2)"]),
        (((1.0, 2.0), (3.0,)), ["(1, 2)", "(3,)"]),
    ],
)
def test_values_are_written_as_one_would_type_them(value: Any, lines: list[str]) -> None:
    assert course_api.value_lines(value) == lines


def test_no_constant_changes_when_it_is_written() -> None:
    for name in published.names():
        value = published.about(name).value
        if isinstance(value, float):
            assert float(course_api.plain(value)) == value, name


def test_headings_come_from_docstrings() -> None:
    title, beside, rest = introduction(laws.precision)
    assert title == "Fewer bits" and beside.startswith("Training at low precision") and beside.endswith(".")
    assert all("-----" not in line for line in rest)


@pytest.mark.parametrize(("text", "shown"), [("0.00141", "1.41 ms"), ("61.23", "61.2 s"), ("", ""), ("-", "-")])
def test_times_are_readable(text: str, shown: str) -> None:
    assert course_api.seconds(text) == shown


def test_a_long_table_becomes_a_wide_one() -> None:
    rows = [{"q": "E", "how": "x", "p": "94"}, {"q": "E", "how": "y", "p": "95"}, {"q": "a", "how": "y", "p": "96"}]
    assert course_api.pivot(rows, "q", "how", "p") == (["q", "x", "y"], [["E", "94", "95"], ["a", "", "96"]])


@pytest.mark.site
@pytest.mark.parametrize("name", ["coverage", "results"])
def test_stored_benchmarks_stand_on_the_page(name: str, site_folder: Path) -> None:
    page = BeautifulSoup((site_folder / "book" / "api" / "accuracy.html").read_text(encoding="utf-8"), "html.parser")
    stored = (ROOT / "benchmarks" / f"{name}.csv").is_file()
    tables = [table.select_one("thead th").get_text() for table in page.select("table.sl-measured")]
    assert ({"coverage": "Quantity", "results": "Job"}[name] in tables) is stored


def test_a_room_without_a_page_is_said_once_for_each_state(caplog: pytest.LogCaptureFixture) -> None:
    shown = dict.fromkeys(full for room in rooms() for full in modules_of(room) if room != "units")
    env = SimpleNamespace(get_domain=lambda _: SimpleNamespace(data={"modules": shown}))
    app = SimpleNamespace(srcdir=ROOT)
    course_api.every_room_has_a_page(app, env)  # type: ignore[arg-type]
    assert [record.getMessage() for record in caplog.records] == ["scaling_lib.units is public and no page in book/api shows it"]
    course_api.every_room_has_a_page(app, env)  # type: ignore[arg-type]
    assert len(caplog.records) == 1
    shown |= dict.fromkeys(modules_of("units"))
    course_api.every_room_has_a_page(app, env)  # type: ignore[arg-type]
    assert len(caplog.records) == 1
