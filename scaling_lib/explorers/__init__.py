"""Explorers: pictures that answer when they are moved, with a kernel and without one, from one Python function.

How a new one is added
----------------------
1. Write ``scaling_lib/explorers/_<name>.py`` with one public function that returns an `Explorer`. Inside it,
   ``compute(settings) -> View`` calls `scaling_lib` for every number; it is pure, quick (a few milliseconds) and
   knows nothing of pages. The pieces of a `View` (axes, lines, points, bands, bars, marks, readouts, one sentence)
   are documented in ``_view.py``, the only place where the schema stands.
2. Give it controls: `Slider`, `Choice`, `Toggle`. What only shows or hides parts of the same view is a *layer*
   (``layer=True``, and ``when=`` on the parts). The static page needs `compute` at every combination of the other
   controls; keep that below a few hundred, or give sliders ``nodes=`` and they are interpolated between so many points.
   Then `tests/test_explorers.py` must bound the error (see ``assert_interpolates``). Where parts of a view depend on few
   of many controls, give a `Section` for each: its grid is the product of its own controls alone (see ``_planner.py``).
3. Prefer texts with ``{key}`` to texts with numbers: they stay one text for the whole grid, and live and static pages
   write their numbers alike. Keep the number of points the same for all settings, for the same reason.
4. A `Guess` asks first. Its truth is computed, never typed. With ``picture=`` it is dragged in a picture; an `OwnGuess` among
   the marks of a view shows it again beside the answer. A `Handle` among the marks moves a slider by being dragged.
5. Add the function to ``_EXPLORERS`` below, and to ``EXPLORERS`` in the tests, which then check its schema, its grid,
   its size, its labels and its pages in Chromium, light and dark, at 400 pixels, by mouse and keyboard.

A script or style of an explorer's own does not exist: `explorer.js` draws all of them. A site publishes
`JS` without its last line, as a classic script, and `CSS`; JupyterLab gets both through anywidget. With
``SCALING_LIB_STATIC=1`` in the environment no widget is made, so that a page carries no state that it never uses.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._controls import Choice, Guess, Slider, Toggle
from ._explorer import CSS, JS, Explorer, Section
from ._view import Axis, Band, Bars, Dot, Handle, Line, Notes, OwnGuess, Panel, Points, Readout, Rule, Span, Table, View

if TYPE_CHECKING:
    from ._budget_buys import budget_buys
    from ._calculator import calculator
    from ._compute_over_time import compute_over_time
    from ._context import context
    from ._critical_batch import critical_batch
    from ._different_tails import different_tails
    from ._drag_a_point import drag_a_point
    from ._hand_fit import hand_fit
    from ._isoflop import isoflop
    from ._make_it_emerge import make_it_emerge
    from ._next_tokens import next_tokens
    from ._pay_back import pay_back
    from ._place_the_verifier import place_the_verifier
    from ._planner import planner
    from ._skills_add_up import skills_add_up
    from ._spend_your_sweep import spend_your_sweep
    from ._two_honest_lines import two_honest_lines
    from ._two_rules import two_rules

__all__ = [
    "CSS",
    "JS",
    "Axis",
    "Band",
    "Bars",
    "Choice",
    "Dot",
    "Explorer",
    "Guess",
    "Handle",
    "Line",
    "Notes",
    "OwnGuess",
    "Panel",
    "Points",
    "Readout",
    "Rule",
    "Section",
    "Slider",
    "Span",
    "Table",
    "Toggle",
    "View",
    "budget_buys",
    "calculator",
    "compute_over_time",
    "context",
    "critical_batch",
    "different_tails",
    "drag_a_point",
    "hand_fit",
    "isoflop",
    "make_it_emerge",
    "next_tokens",
    "pay_back",
    "place_the_verifier",
    "planner",
    "skills_add_up",
    "spend_your_sweep",
    "two_honest_lines",
    "two_rules",
]

#: Loaded when first used, each from the module of its name with an underscore (so that no module hides a function).
_EXPLORERS = (
    "budget_buys",
    "calculator",
    "compute_over_time",
    "context",
    "critical_batch",
    "different_tails",
    "drag_a_point",
    "hand_fit",
    "isoflop",
    "make_it_emerge",
    "next_tokens",
    "pay_back",
    "place_the_verifier",
    "planner",
    "skills_add_up",
    "spend_your_sweep",
    "two_honest_lines",
    "two_rules",
)


def __getattr__(name: str) -> Any:
    if name not in _EXPLORERS:
        raise AttributeError(f"scaling_lib.explorers has no {name!r}; it has {', '.join(__all__)}")
    value = globals()[name] = getattr(import_module(f"{__name__}._{name}"), name)
    return value
