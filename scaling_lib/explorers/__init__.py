"""Explorers: pictures that answer when they are moved, with a kernel and without one, from one Python function.

How a new one is added
----------------------
1. Write ``scaling_lib/explorers/<name>.py`` with one public function that returns an `Explorer`. Inside it,
   ``compute(settings) -> View`` calls `scaling_lib` for every number; it is pure, quick (a few milliseconds) and
   knows nothing of pages. The pieces of a `View` (axes, lines, points, bands, bars, marks, readouts, one sentence)
   are documented in ``_view.py``, the only place where the schema stands.
2. Give it controls: `Slider`, `Choice`, `Toggle`. What only shows or hides parts of the same view is a *layer*
   (``layer=True``, and ``when=`` on the parts). The static page needs `compute` at every combination of the other
   controls; keep that below a few hundred, or give sliders ``nodes=`` and they are interpolated between so many points.
   Then `tests/test_explorers.py` must bound the error (see ``assert_interpolates``).
3. Prefer texts with ``{key}`` to texts with numbers: they stay one text for the whole grid, and live and static pages
   write their numbers alike. Keep the number of points the same for all settings, for the same reason.
4. A `Guess` asks first. Its truth is computed, never typed.
5. Add the function to ``_HOMES`` below, and to ``EXPLORERS`` in the tests, which then check its schema, its grid, its
   size, its labels and its pages in Chromium, light and dark, at 400 pixels, by mouse and keyboard.

A script or style of an explorer's own does not exist: `explorer.js` draws all of them. A site publishes
`JS` without its last line, as a classic script, and `CSS`; JupyterLab gets both through anywidget. With ``SCALING_LIB_STATIC=1`` in the
environment no widget is made, so that a page carries no state that it never uses.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._controls import Choice, Guess, Slider, Toggle
from ._explorer import CSS, JS, Explorer
from ._view import Axis, Band, Bars, Dot, Line, Panel, Points, Readout, Rule, Span, View

if TYPE_CHECKING:
    from .hand_fit import hand_fit
    from .isoflop import isoflop
    from .sweep import spend_your_sweep

__all__ = [
    "CSS", "JS", "Axis", "Band", "Bars", "Choice", "Dot", "Explorer", "Guess", "Line", "Panel", "Points", "Readout", "Rule",
    "Slider", "Span", "Toggle", "View", "hand_fit", "isoflop", "spend_your_sweep",
]

#: Explorer -> the module that holds it.
_HOMES = {"hand_fit": "hand_fit", "isoflop": "isoflop", "spend_your_sweep": "sweep"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"scaling_lib.explorers has no {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value  # over the submodule of the same name, which the import has just bound here
    return value
