"""Pages in a browser, the built site over HTTP, and a small book that is built for the tests."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import smallbook
from browsing import Watched, opener

ROOT = Path(__file__).resolve().parents[2]


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


@pytest.fixture
def watch(browser: Any) -> Iterator[Callable[..., Watched]]:
    """``watch(width=400, color_scheme="dark")``, for pages that a test changes."""
    with opener(browser) as make:
        yield make


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


@pytest.fixture(scope="module")
def small_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = smallbook.copy_project(tmp_path_factory.mktemp("book"))
    done = smallbook.build(root)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture(scope="module")
def small_site(small_book: Path) -> Iterator[str]:
    yield from serve(small_book / "_build" / "html")
