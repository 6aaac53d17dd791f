"""Browser tests without a browser: a failure where CI is set, elsewhere a banner that nobody overlooks.

The summary also counts, for each chapter, the exercises, the answers of its bank, and the wrong ones that get a name.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM_MISSING = "Chromium was not found"
_PLACES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str | None:
    """Path of a Chromium: the environment's ``CHROMIUM``, else the usual places, else Playwright's own; or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    for place in _PLACES:
        if (found := shutil.which(place)) is not None:
            return found
    own = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"))
    return str(own[-1]) if own else None


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Path of the browser; a test that asks for it fails where there is none."""
    path = chromium()
    if path is None:
        pytest.fail(f"{CHROMIUM_MISSING}: install it or set CHROMIUM to its path")
    return path


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Any]:
    """A browser for the tests of one file: two at once, or one beside a kernel's event loop, Playwright does not bear."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path, args=list(_FLAGS))
        yield running
        running.close()


#: Files that take longest, the longest first.
SLOW = ("test_site.py", "test_explorers_js.py", "test_small_book.py", "test_exercises.py", "test_checks_bank.py", "test_lab_")


def _rank(item: pytest.Item) -> int:
    return next((i for i, name in enumerate(SLOW) if item.path.name.startswith(name)), len(SLOW))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Begun first, so that no worker is left alone with one of them while the others have nothing to do any more.
    items.sort(key=_rank)
    if chromium() is not None or os.environ.get("CI"):
        return  # with CI set the tests run, and fail for want of a browser
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=CHROMIUM_MISSING))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the share of wrong answers that are named (from whichever process counted it)."""
    rows = sorted(
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "wrong answers" and report.when == "call"
    )
    if rows:
        terminalreporter.section("wrong answers that are named")
        total = ["all", *(sum(row[i] for row in rows) for i in (1, 2, 3)), [item for row in rows for item in row[4]]]
        for name, exercises, right, wrong, bare in [*rows, total]:
            terminalreporter.line(
                f"{name}: {exercises} exercises, {right} right answers, {wrong} wrong ones,"
                f" {100 * (wrong - len(bare)) / wrong:.0f} % of them named"
            )
        for item in total[4]:
            terminalreporter.line(f"     only rejected: {item}")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Say, as the very last thing, that browser tests did not run and how to get them."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    left = [
        report
        for report in (reporter.stats.get("skipped", []) if reporter else [])
        if isinstance(report.longrepr, tuple) and CHROMIUM_MISSING in report.longrepr[2]
    ]
    if left and not hasattr(session.config, "workerinput"):
        files = sorted({report.nodeid.split("::")[0] for report in left})
        reporter.section("BROWSER TESTS DID NOT RUN", sep="!", red=True, bold=True)
        reporter.line(f"{len(left)} tests need Chromium: {', '.join(files)}", red=True)
        reporter.line("Install it (Debian, Ubuntu: sudo apt-get install chromium), or set CHROMIUM to its path; run again.")
