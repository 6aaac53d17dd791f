"""Pages of a real browser that remember what went wrong on them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

HEIGHT = 900

class Watched:
    """A page that remembers what went wrong on it and what it asked for."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.bodies: list[Any] = []
        self.weight = 0
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
        return self._settled()

    def view(self, url: str, *, width: int, scheme: str) -> Any:
        """The page wide or narrow, light or dark: loaded once, then resized and switched as a reader's system does it."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.page.emulate_media(color_scheme=scheme)
        if self.page.url != url:
            return self.open(url)
        page = self._settled()
        assert page.evaluate("() => document.documentElement.dataset.theme") == scheme, "the page did not follow the system"
        return page

    def _settled(self) -> Any:
        self.page.evaluate("() => window.MathJax?.startup?.promise")
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return self.page


@contextlib.contextmanager
def opener(browser: Any) -> Iterator[Callable[..., Watched]]:
    """Opens fresh pages with fresh storage, and closes them in the end."""
    contexts = []

    def make(width: int = 1280, **options: Any) -> Watched:
        context = browser.new_context(viewport={"width": width, "height": HEIGHT}, **options)
        contexts.append(context)
        return Watched(context.new_page())

    yield make
    for context in contexts:
        context.close()
