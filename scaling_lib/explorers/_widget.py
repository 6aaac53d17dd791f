"""The live form: an anywidget that shows an explorer while a kernel runs. Imported only when it is displayed."""

from __future__ import annotations

from functools import cache
from typing import Any

__all__ = ["widget_class"]


@cache
def widget_class() -> Any:
    """The widget class, made at the first use so that importing the explorers needs no widget library."""
    import anywidget
    import traitlets

    from ._explorer import CSS, JS

    class ExplorerWidget(anywidget.AnyWidget):
        """Traits with an underscore travel; `_request` comes from the page, the others go to it."""

        _esm = JS.read_text(encoding="utf-8")
        _css = CSS.read_text(encoding="utf-8")
        _spec = traitlets.Dict().tag(sync=True)
        _settings = traitlets.Dict().tag(sync=True)
        _view = traitlets.Dict().tag(sync=True)
        _error = traitlets.Unicode().tag(sync=True)
        _request = traitlets.Dict().tag(sync=True)
        _answer = traitlets.Int().tag(sync=True)

        def answer(self, number: int, settings: dict[str, Any], view: dict[str, Any], error: str) -> None:
            """Send one view and then the number of the request that it answers."""
            with self.hold_sync():
                self._view, self._error, self._settings = view, error, settings
            self._answer = number

        def follow(self, settings: dict[str, Any], view: dict[str, Any]) -> None:
            """Show what was set from Python."""
            with self.hold_sync():
                self._view, self._error = view, ""
            self._answer -= 1
            self._settings = settings

    return ExplorerWidget
