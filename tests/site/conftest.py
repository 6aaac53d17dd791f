"""A real browser, the built site over HTTP, and a small book that is built for the tests."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        pass


def serve(folder: Path) -> Iterator[str]:
    """The folder over HTTP on a free port; yields the address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    from tests.conftest import CHROMIUM_MISSING, chromium

    path = chromium()
    if path is None:
        pytest.fail(f"{CHROMIUM_MISSING}: install it or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


class Watched:
    """A page that remembers what went wrong on it and what it asked for."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.bodies: list[Any] = []
        page.on("console", lambda m: self.errors.append(f"console: {m.text}") if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: self.errors.append(f"exception: {error}"))
        page.on("requestfailed", lambda request: self.errors.append(f"failed: {request.url}"))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("response", self._response)

    def _response(self, response: Any) -> None:
        self.bodies.append(response)
        if response.status >= 400:
            self.errors.append(f"{response.status}: {response.url}")

    def outside(self) -> list[str]:
        """Addresses asked for that are not this machine's."""
        own = ("http://127.0.0.1:", "file://", "data:", "blob:")
        return [url for url in self.requests if not url.startswith(own)]

    def open(self, url: str) -> Any:
        """Load the page and wait until scripts and mathematics are done."""
        self.page.goto(url, wait_until="load")
        self.page.evaluate("() => window.MathJax?.startup?.promise")
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return self.page


@pytest.fixture
def watch(browser: Any) -> Iterator[Callable[..., Watched]]:
    """Opens fresh pages with fresh storage: ``watch(width=400, color_scheme="dark")``."""
    contexts = []

    def make(width: int = 1280, **options: Any) -> Watched:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        return Watched(context.new_page())

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def site_folder() -> Path:
    folder = ROOT / "_build" / "html"
    if not (folder / "index.html").is_file():
        pytest.fail("the site is not built: run `make book` first (`make test` does)")
    return folder


@pytest.fixture(scope="session")
def site(site_folder: Path) -> Iterator[str]:
    yield from serve(site_folder)


# ------------------------------------------------------------------------------------------------ a small book


def copy_project(target: Path) -> Path:
    """The parts of the project that a build reads, with the tests' own pages in place of the chapters."""
    for name in ("_config.yml", "package.json", "package-lock.json", "requirements.txt", "constraints.txt"):
        shutil.copy2(ROOT / name, target)
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(ROOT / "scaling_lib", target / "scaling_lib", ignore=ignore)
    for folder in ("_ext", "_static", "_templates"):
        shutil.copytree(ROOT / "book" / folder, target / "book" / folder, ignore=ignore)
    for page in (ROOT / "tests" / "site" / "pages").glob("*.md"):
        shutil.copy2(page, target / "book")
    (target / "book" / "references.bib").write_text("", encoding="utf-8")
    (target / "_toc.yml").write_text("format: jb-book\nroot: book/index\nchapters:\n  - file: book/sampler\n", encoding="utf-8")
    if (ROOT / "_assets").is_dir():
        shutil.copytree(ROOT / "_assets", target / "_assets")
    return target


def build(root: Path) -> subprocess.CompletedProcess[str]:
    """Build a copy with the project's own tool, as ``make book`` does."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COV_"))}
    command = [sys.executable, str(ROOT / "tools" / "build_book.py"), str(root)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=300)


@pytest.fixture(scope="module")
def small_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_project(tmp_path_factory.mktemp("book"))
    done = build(root)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture(scope="module")
def small_site(small_book: Path) -> Iterator[str]:
    yield from serve(small_book / "_build" / "html")
