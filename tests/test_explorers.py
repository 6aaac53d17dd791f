"""Explorers in Python: schema, controls, grid, static form, live protocol, and those of the chapters."""

from __future__ import annotations

import gzip
import json
import math
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_lib import datasets, published
from scaling_lib.explorers import (
    Axis,
    Band,
    Bars,
    Choice,
    Dot,
    Explorer,
    Guess,
    Handle,
    Line,
    OwnGuess,
    Panel,
    Points,
    Readout,
    Rule,
    Slider,
    Span,
    Toggle,
    View,
    _sweeps,
    budget_buys,
    calculator,
    compute_over_time,
    context,
    critical_batch,
    different_tails,
    drag_a_point,
    hand_fit,
    isoflop,
    make_it_emerge,
    next_tokens,
    pay_back,
    place_the_verifier,
    planner,
    skills_add_up,
    spend_your_sweep,
    two_honest_lines,
    two_rules,
)
from scaling_lib.explorers._format import rounded, show
from scaling_lib.explorers._grid import Grid, Grids
from scaling_lib.explorers._view import axis_of, fill_text

EXPLORERS: dict[str, Callable[[], Explorer]] = {
    "budget_buys": budget_buys,
    "compute_over_time": compute_over_time,
    "calculator": calculator,
    "context": context,
    "critical_batch": critical_batch,
    "two_rules": two_rules,
    "drag_a_point": drag_a_point,
    "two_honest_lines": two_honest_lines,
    "isoflop": isoflop,
    "spend_your_sweep": spend_your_sweep,
    "hand_fit": hand_fit,
    "next_tokens": next_tokens,
    "pay_back": pay_back,
    "planner": planner,
    "make_it_emerge": make_it_emerge,
    "make_it_emerge, ipa": lambda: make_it_emerge("ipa"),
    "skills_add_up": skills_add_up,
    "different_tails": different_tails,
    "place_the_verifier": place_the_verifier,
}
#: On a page these show their first view alone.
STILL = {"hand_fit"}
LARGEST = 60_000  # bytes of a static form, gzipped; the planner's, which is a page of its own, has a bound in its own tests

X, Y = Axis("x", 0, 1), Axis("y", 0, 1)


@pytest.fixture(scope="module", params=EXPLORERS)
def explorer(request: pytest.FixtureRequest) -> Explorer:
    return EXPLORERS[request.param]()


def plain(text: str = "A sentence.") -> View:
    return View(Panel(X, Y), text=text)


def with_marks(*marks: Any) -> Explorer:
    return Explorer(
        lambda s: View((Panel(X, Y, marks=marks),), "t"), [Slider("k", "k", 0, 1, step=0.5, value=0)], title="t"
    )


def handles(guess: bool = False) -> Explorer:
    """Two handles: one across on a logarithmic axis, one up and down that first chooses its side."""

    def compute(setting: Mapping[str, Any]) -> View:
        C, up = float(setting["C"]), float(setting["up"])
        at = 2.0 if setting["side"] == "left" else 8.0
        marks = [
            Handle(C, 0.5, 1, 1e4, "C", "Budget", axis="x"),
            Handle(2, up if at == 2 else 0.2, 0, 1, "up", "Left point", sets={"side": "left"}, drawn=at == 2),
            Handle(8, up if at == 8 else 0.2, 0, 1, "up", "Right point", sets={"side": "right"}, drawn=at == 8),
            *([OwnGuess(100)] if guess else []),
        ]
        lines = [Line([1, 1e4], [0, up], "a"), Line([1, 1e4], [0, C / 1e4], "b")]
        return View(
            (Panel(Axis("x (log scale)", 1, 1e4, "log"), Y, lines, marks),),
            "C is {C}, up is {up}.",
            [Readout("C", "C", C), Readout("up", "Up", up, "fixed:2")],
        )

    question = Guess(
        "test.drag", "How high?", "Height", 0.4, 0, 1, format="fixed:2", picture=Panel(Axis("x", 0, 10), Y), at=5
    )
    return Explorer(
        compute,
        [
            Slider("C", "Budget", 1, 1e4, step=0.5, value=100, log=True),
            Slider("up", "Up", 0, 1, step=0.05, value=0.2),
            Choice("side", "Side", {"left": "Left", "right": "Right"}, "left"),
        ],
        title="Handles",
        guess=question if guess else None,
    )


def two_sliders(nodes: int = 9) -> Explorer:
    """A law over budget and size, interpolated: what the static page does for two continuous settings."""
    law = published.BESIROGLU_2024

    def compute(setting: Mapping[str, Any]) -> View:
        C, k = float(setting["C"]), np.geomspace(0.1, 10, 21)
        best = law.optimal(C)
        losses = law.along(C, best.N * k * setting["k"])
        return View(
            Panel(Axis("k", 0.1, 10, "log"), Axis("L", 1.8, 6), [Line(k, losses)], [Dot(1, losses[10], "N = {N}")]),
            "Size {N}, loss {L}.",
            [Readout("N", "N", best.N * setting["k"], "short:4"), Readout("L", "L", losses[10], "fixed:4")],
        )

    return Explorer(
        compute,
        [
            Slider(
                "C", "Budget", 1e18, 1e24, step=0.05, value=1e21, log=True, unit="FLOP", format="sci:2", nodes=nodes
            ),
            Slider("k", "Size", 0.25, 4, step=math.log10(16) / 40, value=1, log=True, nodes=nodes),
        ],
        title="Two sliders",
    )


# -- numbers as texts

FORMATS = [
    (3.219e10, "short:3", "32.2B"),
    (999.6, "short:3", "1.00K"),
    (2.98e12, "short:3", "2.98T"),
    (0, "short:2", "0.0"),
    (5.76e23, "sci:3", "5.76 × 10²³"),
    (1e-7, "sci:1", "1 × 10⁻⁷"),
    (0, "sci:2", "0"),
    (92.61, "sig:3", "92.6"),
    (1e15, "short:2", "1.0 × 10¹⁵"),
    (0.00101827, "sig:4", "0.001018"),
    (1234567, "sig:3", "1.23 × 10⁶"),
    (99999.0, "sig:2", "100,000"),
    (1234.5, "fixed:2", "1,234.50"),
    (-2.4, "fixed:2", "−2.40"),
    (-0.001, "fixed:1", "0.0"),
    (0.1614, "percent:0", "16 %"),
    (1.005, "percent:1", "100.5 %"),
    (9.996, "sig:3", "10.0"),
]


@pytest.mark.parametrize(("value", "format", "text"), FORMATS)
def test_numbers_are_written_as_readers_write_them(value: float, format: str, text: str) -> None:
    assert show(value, format) == text


@given(
    st.floats(-1e30, 1e30, allow_subnormal=False),
    st.sampled_from(["sci:3", "short:3", "sig:2", "fixed:2", "percent:1"]),
)
@settings(max_examples=200)
def test_what_is_displayed_stays_when_it_is_rounded_first(value: float, format: str) -> None:
    assert show(rounded(value, format), format) == show(value, format)


@pytest.mark.parametrize("format", ["short", "short:", "long:3", "sig:0", "sig:99", 3, None])
def test_an_unknown_format_is_refused(format: Any) -> None:
    with pytest.raises(ValueError, match="format|digits"):
        show(1.0, format)


# -- schema

BAD_PARTS: list[tuple[Callable[[], object], str]] = [
    (lambda: Axis("", 0, 1), "label is empty"),
    (lambda: Axis("x", 1, 0), "rising limits"),
    (lambda: Axis("x", 0, 1, "log"), "above zero"),
    (lambda: Axis("x", 0, 1, "logarithmic"), "one of 'linear', 'log'"),
    (lambda: Axis("x", float("nan"), 1), "finite"),
    (lambda: Line([1, 2], [1]), "different lengths"),
    (lambda: Line([], []), "one or more"),
    (lambda: Line([1, 2], [1, float("nan")]), "y is .* finite"),
    (lambda: Line([1], [1], style="dash"), "style"),
    (lambda: Line([1], [1], tone="red"), "tone"),
    (lambda: Points([1], ["1"]), "text"),
    (lambda: Points([1], [1], glyph="star"), "glyph"),
    (lambda: Band([1], [1], [1, 2]), "different lengths"),
    (lambda: Bars([1, 2], [1, 2]), "one more edge"),
    (lambda: Bars([2, 1], [1]), "rising"),
    (lambda: Dot(1, 1, ""), "label is empty"),
    (lambda: Dot(1, 1, "here", place="north"), "place"),
    (lambda: Rule(float("inf")), "at is"),
    (lambda: Span(2, 1), "smaller"),
    (lambda: Handle(0, 0, 1, 1, "k", "a point"), "room to move"),
    (lambda: Handle(0, 0, 0, 1, "k", ""), "label is empty"),
    (lambda: Handle(0, float("nan"), 0, 1, "k", "a"), "y is"),
    (lambda: Handle(0, 0, 0, 1, "k", "a", axis="z"), "axis"),
    (lambda: Handle(0, 0, 0, 1, "k", "a", sets={"p": float("nan")}), "p is"),
    (lambda: OwnGuess(0, label=" "), "label is empty"),
    (lambda: Panel(X, Axis("y", 1, 2, "log"), marks=[Handle(0, 1, 0, 1, "k", "a")]), "y axis is logarithmic"),
    (lambda: Readout("two words", "x", 1), "key"),
    (lambda: Readout("x", "x", float("nan")), "value of x"),
    (lambda: Readout("x", "x", 1, "bogus:2"), "format"),
    (lambda: Panel(X, X, height=3), "height"),
    (lambda: Panel(X, "y"), "axes"),
    (lambda: Panel(X, Y, [Dot(0, 0, "a")]), "series holds"),
    (lambda: Panel(Axis("x", 1, 2, "log"), Y, [Line([0, 1], [1, 1])]), "x axis is logarithmic"),
    (lambda: Panel(X, Axis("y", 1, 2, "log"), [Band([1], [0], [1])]), "y axis is logarithmic"),
    (lambda: Panel(X, Axis("y", 1, 2, "log"), marks=[Rule(-1, axis="y")]), "y axis is logarithmic"),
    (lambda: View((), "text"), "at least one panel"),
    (lambda: View(Panel(X, Y), ""), "text is empty"),
    (lambda: View(Panel(X, Y), "{nothing}"), "no readout"),
    (lambda: View(Panel(X, Y, marks=[Dot(0, 0, "{k}")]), "text"), "no readout"),
    (lambda: View(Panel(X, Y), "t", [Readout("a", "a", 1), Readout("a", "b", 2)]), "each may stand once"),
    (lambda: Slider("C", "", 0, 1, step=0.1, value=0), "label"),
    (lambda: Slider("a b", "C", 0, 1, step=0.1, value=0), "key"),
    (lambda: Slider("C", "C", 1, 0, step=0.1, value=0), "smaller"),
    (lambda: Slider("C", "C", 0, 1, step=0.3, value=0), "divides"),
    (lambda: Slider("C", "C", 0, 1, step=0, value=0), "step"),
    (lambda: Slider("C", "C", 0, 1, step=0.1, value=2), "at most 1"),
    (lambda: Slider("C", "C", 0, 1, step=0.1, value=0.5, log=True), "low is"),
    (lambda: Slider("C", "C", 0, 1, step=0.1, value=0.5, nodes=1), "nodes"),
    (lambda: Slider("C", "C", 0, 1, step=0.1, value=0.5, nodes=5, extra=(0.33,)), "exclude each other"),
    (lambda: Choice("k", "k", {"a": "A"}, "a"), "at least two"),
    (lambda: Choice("k", "k", {"a": "A", "b": ""}, "a"), "text for both"),
    (lambda: Choice("k", "k", {"a": "A", "b": "B"}, "c"), "one of"),
    (lambda: Toggle("k", "k", 1), "True or False"),
    (lambda: Guess("id", "q?", "x", truth=5, low=0, high=1), "truth"),
    (lambda: Guess("id", "", "x", truth=5, low=0, high=10), "question"),
    (lambda: Guess("id", "q?", "x", truth=5, low=0, high=10, options={"a": "A"}, right="b"), "right"),
    (lambda: Guess("id", "q?", "x", truth=5, low=0, high=10, picture=Panel(X, Axis("y", 0, 20))), "must be accepted"),
    (lambda: Guess("id", "q?", "x", truth=5, low=0, high=10, picture=Panel(X, Y), at=3), "at is 3"),
    (lambda: with_marks(Handle(0, 0, 0, 1, "other", "a")), "expected a slider"),
    (lambda: with_marks(Handle(0, 0, 0, 1, "k", "a", sets={"other": 1})), "sets names 'other'"),
    (lambda: with_marks(Handle(0, 0, 0, 1, "k", "a", sets={"k": 9})), "k is 9"),
    (lambda: with_marks(OwnGuess(0)), "asks for none"),
    (lambda: Explorer(lambda s: plain(), [Toggle("k", "k"), Toggle("k", "k")], title="t"), "each may stand once"),
    (lambda: Explorer(lambda s: plain(), ["slider"], title="t"), "controls holds"),
    (lambda: Explorer(lambda s: plain(), title=" "), "title"),
    (lambda: Explorer(lambda s: {"panels": []}, title="t"), "expected a View"),
    (lambda: Explorer(lambda s: View(Panel(X, Y, when="truth"), "t"), title="t"), "which has none"),
    (
        lambda: Explorer(
            lambda s: View(Panel(X, Y, when="a=x"), "t"),
            [Choice("a", "a", {"b": "B", "c": "C"}, "b", layer=True)],
            title="t",
        ),
        "when is",
    ),
]


@pytest.mark.parametrize(("make", "message"), BAD_PARTS)
def test_what_cannot_be_drawn_is_refused_where_it_is_made(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_parts_are_frozen_down_to_their_numbers() -> None:
    line = Line([1.0, 2.0], [3.0, 4.0])
    with pytest.raises(ValueError, match="read-only"):
        line.x[0] = 7.0


@given(st.floats(1e-6, 1e6), st.floats(1.01, 1e6))
@settings(max_examples=150)
def test_automatic_ticks_lie_within_the_limits_and_suffice(low: float, ratio: float) -> None:
    for axis in (Axis("x", low, low * ratio), Axis("x", -low, low * ratio)):
        places = [at for at, _ in axis.ticks]
        span = axis.high - axis.low
        assert 3 <= len(places) <= 11 and len({text for _, text in axis.ticks}) == len(places)
        assert all(axis.low - 1e-6 * span <= at <= axis.high + 1e-6 * span for at in places)


def test_a_logarithmic_axis_is_ticked_in_decades() -> None:
    assert [text for _, text in Axis("x", 1, 1e3, "log").ticks] == ["10⁰", "10¹", "10²", "10³"]
    assert [text for _, text in Axis("x", 2, 60, "log").ticks] == ["2", "5", "10", "20", "50"]


# -- every explorer


def test_its_views_are_json_without_nan(explorer: Explorer) -> None:
    text = json.dumps(explorer.view.data(), allow_nan=False)
    assert explorer.view.sentence and "{" not in explorer.view.sentence and len(text) > 500


def test_a_count_of_one_is_singular(explorer: Explorer) -> None:
    """With each slider at its lowest in turn, as it is where counts come down to one."""
    for slider in (control for control in explorer.controls if isinstance(control, Slider)):
        view = explorer.set(**{slider.key: slider.grid[0]}).view
        shown = {item.key: item.shown for item in view.readouts}
        labels = [fill_text(mark.label, shown) for panel in view.panels for mark in panel.marks]
        for text in (view.sentence, *labels):
            assert "(s)" not in text and not re.search(r"(?<![^\s(])1 [a-z-]+s\b", text), text
        explorer.set(**{slider.key: slider.value})


def samples(explorer: Explorer, count: int = 40) -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    return [{c.key: c.grid[rng.integers(len(c.grid))] for c in explorer.controls} for _ in range(count)]


def series_of(view: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    return [(panel, part) for panel in view["panels"] for part in (*panel["series"], *panel["marks"])]


def assert_same_picture(shown: Mapping[str, Any], computed: Mapping[str, Any], pixels: float) -> None:
    """Every coordinate within so many pixels of a panel 400 pixels large (of what lies inside the panel)."""
    for (panel, a), (_, b) in zip(series_of(shown), series_of(computed), strict=True):
        for name in {"x", "y", "low", "high", "edges", "heights", "at"} & a.keys():
            axis = panel[axis_of(a, name)]
            place = np.log10 if axis["scale"] == "log" else np.asarray
            ends = place(axis["low"]), place(axis["high"])
            inside = np.clip(place(np.asarray(b[name], float)), *ends)
            off = np.abs(np.clip(place(np.asarray(a[name], float)), *ends) - inside) / (ends[1] - ends[0]) * 400
            assert off.max() <= pixels, (name, a["kind"], float(off.max()))


def test_the_page_shows_what_the_function_computes(explorer: Explorer) -> None:
    if explorer.grid is None:
        assert not explorer.static and explorer.title == "Fit the law by hand" and '"view":' in explorer.to_html()
        return
    if isinstance(explorer.grid, Grids):  # test_planner_page.py bounds its numbers against the planner
        for setting in samples(explorer, 3):
            assert_same_picture(explorer.grid.lookup(setting), explorer._compute(setting).data(), pixels=4.0)
        return
    for setting in samples(explorer):
        shown, computed = explorer.grid.lookup(setting), explorer._compute(setting)
        assert_same_picture(shown, computed.data(), pixels=0.3)
        for item, readout in zip(shown["readouts"], computed.readouts, strict=True):
            assert show(item["value"], item["format"]) == readout.shown
        assert shown["text"] == computed.text


def assert_interpolates(explorer: Explorer, pixels: float, readouts: float, count: int = 60) -> None:
    """Bound the error of a coarse grid against the Python function, at random stops between its nodes."""
    assert explorer.grid is not None and explorer.grid.interpolated
    rng = np.random.default_rng(1)
    for _ in range(count):
        setting: dict[str, Any] = {
            c.key: (c.stops if isinstance(c, Slider) else c.grid)[
                rng.integers(len(c.stops if isinstance(c, Slider) else c.grid))
            ]
            for c in explorer.controls
        }
        shown, computed = explorer.grid.lookup(setting), explorer._compute(setting)
        assert_same_picture(shown, computed.data(), pixels)
        for item, readout in zip(shown["readouts"], computed.readouts, strict=True):
            assert item["value"] == pytest.approx(readout.value, rel=readouts)


def test_between_coarse_nodes_the_page_interpolates() -> None:
    assert_interpolates(two_sliders(9), pixels=1.0, readouts=2e-3)
    with pytest.raises(AssertionError):  # and the bound would see a grid that is too coarse
        assert_interpolates(two_sliders(3), pixels=1.0, readouts=2e-3)


def test_the_calculator_is_exact_between_its_corners() -> None:
    assert_interpolates(calculator(), pixels=0.5, readouts=1e-6)


NUMBER = st.floats(-1e6, 1e6, allow_subnormal=False) | st.floats(1e-3, 1e12)


@given(st.lists(st.lists(NUMBER, min_size=5, max_size=5), min_size=4, max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_numbers_survive_the_grid(rows: list[list[float]]) -> None:
    axis = Slider("i", "i", 0, 3, step=1, value=0)
    grid = Grid(
        [axis],
        lambda s: View(
            Panel(X, Y, [Line(range(5), rows[round(s["i"])])]),
            "t",
            [Readout("first", "first", rows[round(s["i"])][0], "sig:4")],
        ),
    )
    table = np.array(rows)
    for i in range(4):
        shown = grid.lookup({"i": float(i)})
        column = np.array(shown["panels"][0]["series"][0]["y"])
        assert (np.abs(column - table[i]) <= 1e-4 * np.ptp(table, axis=0) + 1e-8 * np.abs(table[i])).all()
        assert show(shown["readouts"][0]["value"], "sig:4") == show(rows[i][0], "sig:4")


def test_views_of_different_structure_share_a_grid() -> None:
    grid = Grid(
        [Toggle("more", "more")],
        lambda s: View(
            Panel(X, Y, [Line([0, 1, 2], [1, 2, 3])] if s["more"] else [Line([0, 1], [5, 6])]),
            "Many." if s["more"] else "Few.",
        ),
    )
    assert [len(grid.lookup({"more": on})["panels"][0]["series"][0]["x"]) for on in (False, True)] == [2, 3]
    assert grid.lookup({"more": True})["text"] == "Many."


class Checker(HTMLParser):
    """Refuses tags that are not closed in order, and remembers what it saw."""

    VOID = {"br", "img", "input", "hr", "meta", "path"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "script":
            self.text.append(data)


def checked(html: str) -> Checker:
    parser = Checker()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


def test_its_static_form_is_sound_small_and_teaches_without_a_script(explorer: Explorer) -> None:
    html = explorer.to_html()
    seen = checked(html)
    assert len(gzip.compress(html.encode())) <= LARGEST or explorer.title == "The planner"
    words = " ".join(seen.text)
    assert explorer.title in words and any(readout.shown in words for readout in explorer.view.readouts)
    pictures = html.split("<figure")[1:]
    assert pictures
    for piece in pictures:
        svg = piece[piece.index("<svg") : piece.rindex("</svg>") + 6]
        root = ElementTree.fromstring(svg)
        names = {child.tag.split("}")[1] for child in root}
        assert {"title", "desc", "text"} <= names and root.get("role") == "img" and root.get("aria-label")
    ids = [attributes["id"] for _, attributes in seen.seen if "id" in attributes]
    assert ids == []  # the same explorer may stand twice on a page


def test_nothing_in_a_text_becomes_markup() -> None:
    evil = "</script><script>alert('x')</script>\" onload=\"&<b>"
    explorer = Explorer(
        lambda s: View(
            Panel(
                Axis(evil, 0, 1), Y, [Line([0, 1], [0, 1], evil), Line([0], [0], evil)], [Dot(0, 0, evil)], title=evil
            ),
            evil,
            [Readout("x", evil, 1, unit=evil)],
        ),
        [Choice("c", evil, {"a": evil, "b": evil}, "a")],
        title=evil,
        description=evil,
        guess=Guess("id", evil, evil, truth=1, low=0, high=2, explain=evil),
    )
    html = explorer.to_html()
    assert [tag for tag, _ in checked(html).seen].count("script") == 1
    assert "<b>" not in html and html.count("</script>") == 1
    start = html.index("{")
    assert json.loads(html[start : html.index("</script>")])["spec"]["title"] == evil


# -- the live form


def test_a_request_from_the_page_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = isoflop()
    widget = explorer.widget
    widget._request = {"number": 1, "settings": {"C": 1e19, "law": "besiroglu", "axis": "waste"}}
    assert (
        widget._answer == 1
        and widget._error == ""
        and explorer.settings == {"C": 1e19, "law": "besiroglu", "axis": "waste"}
    )
    assert widget._view["readouts"][3]["value"] == pytest.approx(
        published.BESIROGLU_2024.optimal(1e19).tokens_per_param, rel=1e-5
    )
    widget._request = {"number": 2, "settings": {"C": 1e40}}
    assert widget._answer == 2 and "1e+40" in widget._error and explorer.settings["C"] == 1e19
    monkeypatch.setattr(explorer, "_compute", lambda setting: 1 / 0)
    widget._request = {"number": 3, "settings": {"C": 1e20}}
    assert "division by zero" in widget._error and explorer.settings["C"] == 1e19
    monkeypatch.undo()
    explorer.set(C=1e22)
    assert widget._settings["C"] == 1e22 and widget._error == ""
    widget.close()


def test_a_notebook_gets_text_page_and_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = isoflop()
    monkeypatch.delenv("SCALING_LIB_STATIC", raising=False)
    bundle = explorer._repr_mimebundle_()
    assert {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"} <= bundle.keys()
    assert bundle["text/plain"].startswith("<Explorer 'One budget") and "data-sl-explorer" in bundle["text/html"]
    explorer.widget.close()
    monkeypatch.setenv("SCALING_LIB_STATIC", "1")
    assert isoflop()._repr_mimebundle_().keys() == {"text/plain", "text/html"}


def test_settings_from_python() -> None:
    explorer = isoflop()
    explorer.settings["C"] = 0.0  # a copy
    assert explorer.set(C=1e20).settings["C"] == 1e20
    for bad in ({"C": 1e30}, {"C": "1e20"}, {"C": float("nan")}, {"law": "kaplan"}, {"budget": 1e20}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            explorer.set(**bad)
    assert explorer.settings["C"] == 1e20


def test_importing_the_explorers_is_light() -> None:
    code = (
        "import sys, scaling_lib.explorers as e; e.isoflop(); "
        "print(sorted({'anywidget', 'ipywidgets', 'pandas', 'matplotlib', 'torch', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- the explorers of chapter 5


def test_isoflop_gives_the_ratios_of_the_fits() -> None:
    explorer = isoflop(C=5.76e23)
    found = {law: explorer.set(law=law).view.readouts[3].shown for law in ("hoffmann", "unrounded", "besiroglu")}
    assert found == {"hoffmann": "92.6", "unrounded": "58.9", "besiroglu": "18.4"}


@pytest.mark.parametrize(("law", "start", "end"), [("hoffmann", 32, 122), ("besiroglu", 24, 17)])
def test_twenty_tokens_per_parameter_is_no_constant(law: str, start: int, end: int) -> None:
    explorer = isoflop().set(law=law)
    assert [round(explorer.set(C=C).view.readouts[3].value) for C in (1e19, 1e25)] == [start, end]


@given(st.floats(18, 26), st.sampled_from(["hoffmann", "unrounded", "besiroglu"]))
@settings(max_examples=25, deadline=None)
def test_isoflop_marks_the_lowest_point_of_its_curve(decade: float, law: str) -> None:
    view = isoflop().set(C=10**decade, law=law).view
    panel = view.panels[0]
    curve, best = panel.series[-1], panel.marks[-1]
    assert isinstance(curve, Line) and isinstance(best, Dot)
    assert best.y <= curve.y.min() + 1e-12
    lowest = curve.x[np.argmin(curve.y)]
    assert abs(np.log10(lowest / best.x)) < 1 / 16
    waste = {r.key: r.value for r in view.readouts}
    assert 0.15 < waste["half"] < 0.20 and 0.15 < waste["double"] < 0.20


def test_isoflop_takes_a_fit_of_ones_own() -> None:
    law = published.BESIROGLU_2024
    explorer = isoflop(C=1e21, law=law, law_name="From the 240 points")
    assert explorer.settings["law"] == "own" and "From the 240 points" in explorer.to_html()
    with pytest.raises(ValueError, match="ChinchillaLaw"):
        isoflop(law="hoffmann")
    with pytest.raises(ValueError, match="at most 1e"):
        isoflop(C=1e30)


def test_every_sweep_that_the_page_offers_is_stored() -> None:
    explorer = spend_your_sweep()
    offered = {c.key: c.grid for c in explorer.controls}
    for key, expected in (
        ("top", _sweeps.TOPS),
        ("runs", _sweeps.RUNS),
        ("width", _sweeps.WIDTHS),
        ("noise", _sweeps.NOISES),
    ):
        assert offered[key] == pytest.approx(expected, rel=1e-9)
    assert set(offered["estimator"]) == set(_sweeps.ESTIMATORS)
    stored = _sweeps.stored()
    assert len(stored) == 600 and all(_sweeps._name(*setting) in stored for setting in _sweeps.settings())
    assert all(made.counts.sum() + made.missing == _sweeps.REPEATS and made.missing <= 30 for made in stored.values())


@pytest.mark.parametrize(
    "setting",
    [
        (1e19, 50, 16.0, 0.75, "parametric"),
        (1e21, 25, 64.0, 1.5, "parametric"),
        (1e20, 25, 16.0, 0.375, "isoflop"),
        (1e22, 50, 4.0, 1.5, "isoflop"),
    ],
)
def test_the_stored_sweeps_can_be_computed_again(setting: tuple[float, int, float, float, str]) -> None:
    *design, estimator = setting
    again = _sweeps.summary(_sweeps.conclusions(_sweeps.Sweep(*design), estimator))
    kept = _sweeps.stored()[_sweeps._name(*setting)]
    assert (again.low, again.median, again.high) == pytest.approx((kept.low, kept.median, kept.high), rel=1e-3)
    assert again.missing == kept.missing and np.abs(again.counts - kept.counts).sum() <= 2


def test_sweeps_without_noise_find_the_truth() -> None:
    truth = _sweeps.TRUTH.optimal(_sweeps.TARGET).tokens_per_param
    clean = _sweeps.Sweep(1e20, 50, 16, 0.0)
    assert _sweeps.conclusions(clean, "parametric", repeats=2) == pytest.approx([truth] * 2, rel=1e-4)
    assert _sweeps.conclusions(clean, "isoflop", repeats=2) == pytest.approx([truth] * 2, rel=0.1)


def test_less_noise_buys_more_certainty_than_more_compute() -> None:
    explorer = spend_your_sweep()
    guess = explorer.guess
    assert guess is not None and guess.right == "noise"
    factor = {
        name: explorer.set(**{"top": 1e19, "noise": 0.75, **move}).view.readouts[2].value
        for name, move in (("as it is", {}), ("compute", {"top": 1e21}), ("noise", {"noise": 0.1875}))
    }
    assert factor["noise"] < 2 < 3.5 < min(factor["as it is"], factor["compute"])
    assert guess.truth == pytest.approx(factor["noise"])


@pytest.mark.parametrize(
    "change", [{"runs": 52}, {"runs": 10}, {"width": 1.0}, {"noise": -1}, {"top": float("nan")}, {"runs": "50"}]
)
def test_a_sweep_that_cannot_be_run_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        _sweeps.Sweep(**{"top": 1e19, "runs": 50, "width": 16, "noise": 0.75, **change})


def test_quantiles_of_too_few_answers_are_refused() -> None:
    with pytest.raises(ValueError, match="Only 3 of 150"):
        _sweeps.summary(np.r_[np.full(147, np.nan), 1.0, 2.0, 3.0])


def test_hand_fit_scores_the_law_that_its_sliders_make() -> None:
    explorer = hand_fit()
    explorer.set(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658)
    assert explorer.law == published.BESIROGLU_2024
    table = datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch")
    left = np.abs(np.log(table.loss_nats / published.BESIROGLU_2024(table.params, table.training_tokens)))
    by_hand = np.where(left <= 1e-3, left**2 / 2, 1e-3 * (left - 5e-4)).sum()
    assert len(table) == 240 and explorer.objective == pytest.approx(by_hand, rel=1e-9)
    assert explorer.best_objective <= 1.01827402e-3
    readouts = {readout.key: readout for readout in explorer.view.readouts}
    assert (
        readouts["ratio"].value == pytest.approx(by_hand / explorer.best_objective)
        and 1 <= readouts["ratio"].value < 1.01
    )
    assert readouts["score"].value == pytest.approx(by_hand)


def test_hand_fit_starts_badly_and_says_where() -> None:
    explorer = hand_fit()
    assert explorer.objective > 3 * explorer.best_objective
    assert hand_fit(E=1.7).law.E == 1.7
    for bad in ({"E": 9.0}, {"gamma": 0.3}, {"alpha": "0.3"}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            hand_fit(**bad)
    left = explorer.view.panels[1].series[0]
    assert isinstance(left, Points) and len(left.x) == 240 and np.abs(left.y).max() <= 10


# -- the explorers of chapter 2


def test_a_handle_knows_which_axis_is_its_own() -> None:
    assert [axis_of({"axis": "x"}, name) for name in ("x", "y", "low", "high", "at")] == ["x", "y", "x", "x", "x"]
    assert [axis_of({}, name) for name in ("x", "edges", "y", "heights", "low")] == ["x", "x", "y", "y", "y"]
    explorer = handles()
    assert explorer.grid is not None
    for setting in samples(explorer, 20):
        assert_same_picture(explorer.grid.lookup(setting), explorer._compute(setting).data(), pixels=0.3)


def read(explorer: Explorer, **move: Any) -> dict[str, float]:
    return _readouts(explorer.set(**move))


def test_two_lines_fit_alike_and_part() -> None:
    explorer = two_honest_lines()
    found = read(explorer)
    assert (round(found["r2"], 4), round(found["top"], 3), round(found["top_straight"], 3)) == (0.9993, 3.095, 3.008)
    assert found["top_above"] == pytest.approx(3.110, abs=2e-3) and found["reach"] == 32
    assert found["far_straight"] == pytest.approx(1.76, abs=5e-3) and found["far_above"] == pytest.approx(2.29, abs=1e-2)
    assert found["miss_straight"] < 0.25 and found["miss_above"] < 0.1
    straight = read(explorer, floor=0.0)
    assert straight["top_above"] == pytest.approx(straight["top_straight"])
    guess = explorer.guess
    assert guess is not None and guess.truth == pytest.approx(found["top"]) and guess.right == "open" and guess.picture is not None


def test_another_count_takes_the_floor_away_and_a_point_moves_it() -> None:
    explorer = two_honest_lines()
    best = [read(explorer, rule=rule)["best"] for rule in ("non_embedding_with_head", "with_head_and_attention", "non_embedding_no_head")]
    assert best == pytest.approx([1.80, 1.40, 0.0], abs=0.02)
    moved = [read(explorer, rule="non_embedding_with_head", nudge=nudge)["best"] for nudge in (-0.3, 0.3)]
    assert moved == pytest.approx([1.40, 2.09], abs=0.03)


def test_the_best_floor_is_that_of_the_fit() -> None:
    from scaling_lib import PowerLaw, fit
    from scaling_lib.explorers._two_honest_lines import best_floor, optima

    for rule in ("non_embedding_with_head", "with_head_and_attention"):
        C, L = (column[:7] for column in optima(rule))
        assert best_floor(rule, 7) == pytest.approx(fit(PowerLaw, x=C, L=L, delta=1.0).law.E, abs=0.02)


def test_a_point_at_the_end_turns_the_line_and_one_in_the_middle_does_not() -> None:
    explorer = drag_a_point()
    slope = read(explorer, point=12, factor=1.0)["slope"]
    assert slope == pytest.approx(0.497, abs=1e-3)  # the tuned exponent
    turned = {k: abs(read(explorer, point=k, factor=2.0)["slope"] - slope) for k in (1, 6, 12)}
    assert turned[1] == pytest.approx(turned[12], rel=1e-6) and turned[6] < turned[12] / 5
    inside = read(explorer, point=6, factor=4.0)
    assert inside["error"] > 3 * read(explorer, point=6, factor=1.0)["error"]


def test_drag_a_point_is_least_squares_by_the_hat_matrix() -> None:
    from scaling_lib.explorers._drag_a_point import sizes

    C, N = sizes()
    explorer = drag_a_point()
    before, after = read(explorer, point=12, factor=1.0), read(explorer, point=12, factor=2.0)
    assert after["N"] / before["N"] == pytest.approx(2.0 ** before["weight"])
    handles = [mark for mark in explorer.view.panels[0].marks if isinstance(mark, Handle)]
    assert [handle.sets["point"] for handle in handles] == list(range(1, 13)) and sum(handle.drawn for handle in handles) == 1
    assert handles[-1].y == pytest.approx(2 * N[-1]) and handles[0].y == pytest.approx(N[0])


# -- the explorers of chapter 8


def _readouts(explorer: Explorer) -> dict[str, float]:
    return {readout.key: readout.value for readout in explorer.view.readouts}


def test_pay_back_interpolates_traffic_and_utilisation() -> None:
    assert_interpolates(pay_back(), pixels=1.0, readouts=2e-3)


@pytest.mark.parametrize(("law", "half", "third"), [("besiroglu", 1.56, 6.91), ("hoffmann", 1.25, 4.52)])
def test_when_small_pays_back(law: str, half: float, third: float) -> None:
    """Three times the overhead over the share that serving saves; a tenth of the utilisation divides it by ten."""
    explorer = pay_back(law=law)
    assert _readouts(explorer)["served"] == pytest.approx(half, abs=0.005)
    dear = _readouts(explorer.set(utilisation=0.04))
    assert dear["served"] == pytest.approx(half / 10, abs=0.005)
    assert _readouts(explorer.set(k=0.3, utilisation=0.4))["served"] == pytest.approx(third, abs=0.005)
    fit = getattr(published, {"besiroglu": "BESIROGLU_2024", "hoffmann": "HOFFMANN_2022"}[law])
    D = fit.optimal_for_params(13e9).D
    busy = _readouts(explorer.set(k=0.5, requests=1e7, tokens=2e3))
    assert busy["days"] == pytest.approx(busy["served"] * D / 2e10)


@pytest.mark.parametrize("k", [0.2, 0.5, 0.9])
def test_the_two_lives_cross_where_the_dot_stands(k: float) -> None:
    for law in ("hoffmann", "unrounded", "besiroglu"):
        upper, lower = pay_back(k=k, law=law, utilisation=0.1).view.panels
        large, small = (np.interp(upper.marks[0].x, line.x, line.y) for line in upper.series)
        assert small / large == pytest.approx(1, rel=0.05) and lower.series[1].y[0] > 1 > lower.series[1].y[-1]


def test_a_line_is_drawn_over_the_hidden_tokens() -> None:
    explorer = next_tokens(fall=0.2)
    assert_interpolates(explorer, pixels=0.3, readouts=1e-6)
    (panel,), now = explorer.view.panels, _readouts(explorer)
    drawn, handle = panel.series[2], panel.marks[1]
    assert drawn.y[0] - drawn.y[1] == pytest.approx(0.2) and handle.y == drawn.y[1] == now["drawn"]
    assert handle.low == drawn.y[0] == now["last"] and handle.x == drawn.x[1]


def test_half_a_size_pays_back_at_the_same_multiple_at_every_budget() -> None:
    guess = pay_back().guess
    assert guess is not None and guess.right == "same" and guess.truth == pytest.approx(1.56, abs=0.005)


def test_the_hidden_runs_are_not_in_the_fit_and_go_on_falling() -> None:
    explorer = next_tokens()
    guess = explorer.guess
    assert guess is not None and guess.right == "learns"
    runs = datasets.load("overtraining_loss_runs")
    run = runs[(runs.train_data == "redpajama") & (runs.params.between(1.5e8, 1.6e8)) & (runs.chinchilla_multiple == 32)]
    assert guess.truth == run.loss_nats_c4_val.item() == _readouts(explorer)["end"]
    missed, flat = [], []
    for corpus in ("redpajama", "c4"):
        for size in ("11M", "79M", "154M", "412M"):
            for upto in ("40", "80", "160"):
                view = explorer.set(corpus=corpus, size=size, upto=upto).view
                *_, shown, hidden = view.panels[0].series
                assert shown.x.max() < 1.1 * float(upto) < hidden.x.min() and hidden.x.max() < 4.4 * float(upto)
                now = _readouts(explorer)
                missed.append(abs(now["law"] - now["end"]))
                flat.append(abs(now["last"] - now["end"]))
    assert np.mean(missed) < np.mean(flat) / 4


# -- the explorers of chapter 13


def shown_of(explorer: Explorer) -> dict[str, float]:
    return {readout.key: readout.value for readout in explorer.view.readouts}


def test_nine_samples_or_millions_from_one_average() -> None:
    explorer = different_tails()
    needed = {alpha: shown_of(explorer.set(alpha=alpha))["needed"] for alpha in (0.1, 1.0, 10.0)}
    assert 9 < needed[10.0] < 12 and 40 < needed[1.0] < 60 and needed[0.1] > 1e11
    guess = explorer.guess
    assert guess is not None and guess.right == "million" and 1e6 < guess.truth < 1e7 and " 9, " in guess.explain
    assert [shown_of(explorer.set(alpha=alpha, k=1))["coverage"] for alpha in (0.1, 10.0)] == pytest.approx([0.2881] * 2)


def test_the_tail_is_the_density_near_zero_and_no_density_is_no_power_law() -> None:
    explorer = different_tails().set(alpha=0.316227766017, k=1e5)
    assert shown_of(explorer)["slope"] == pytest.approx(-0.3162, abs=1e-3)
    assert shown_of(explorer.set(k=1e3))["slope"] == pytest.approx(-0.3162, abs=1e-2)
    floor = [shown_of(explorer.set(hardest="floor", k=k))["slope"] for k in (100, 300, 1000)]
    assert floor[0] > floor[1] > floor[2] and floor[2] == pytest.approx(1000 * np.log2(0.99), rel=0.05)
    assert shown_of(explorer)["needed"] < 1000


def test_the_rates_that_are_drawn_have_the_coverage_of_their_law() -> None:
    from scaling_lib.explorers._different_tails import _Spread

    for hardest in (0.0, 0.01):
        spread = _Spread(0.3, hardest)
        p = spread.rates(20_000)
        assert (np.diff(p) > 0).all() and p.mean() == pytest.approx(0.2881, abs=1e-3) and p[0] >= hardest
        assert np.mean((1 - p) ** 100) == pytest.approx(spread.failure(np.array([100.0]))[0], abs=1e-3)


def test_who_chooses_sets_the_ceiling() -> None:
    explorer = different_tails().set(alpha=0.316227766017)
    few, many = (shown_of(explorer.set(k=k)) for k in (1e3, 1e6))
    assert many["coverage"] > 0.98 and few["verified"] == pytest.approx(many["verified"], abs=0.01) and many["verified"] < 0.8
    from scipy.special import betainc

    above_half = 1 - betainc(0.316227766017, 0.316227766017 * (1 - 0.2881) / 0.2881, 0.5)
    assert many["voted"] == pytest.approx(above_half, abs=0.01)


def test_the_line_moves_with_the_number_of_samples() -> None:
    from scaling_lib.explorers._place_the_verifier import solved

    slips = np.logspace(-5, 0, 101)
    best = [slips[solved(slips, n, "sharp").argmax()] for n in (10, 100, 1000)]
    assert best[0] / best[1] == pytest.approx(10, rel=0.4) and best[1] / best[2] == pytest.approx(10, rel=0.4)
    explorer = place_the_verifier().set(n=100, slip=1.0)
    assert shown_of(explorer)["solved"] == pytest.approx(0.225, abs=1e-3)  # accepts everything: one sample
    fooled = [shown_of(explorer.set(n=n, slip=0.01))["fooled"] for n in (1, 10, 100, 10_000)]
    assert fooled[0] < fooled[1] > fooled[2] > fooled[3]
    with pytest.raises(ValueError, match="slip"):
        place_the_verifier(slip=2.0)


# -- the explorers of chapter 11


def test_a_longer_answer_or_a_smaller_test_emerges_later() -> None:
    explorer = make_it_emerge()
    seen = {
        (length, items): _readouts(explorer.set(length=length, items=items))["seen"]
        for length in (1, 5, 30)
        for items in (20, 200, 2000)
    }
    for items in (20, 200, 2000):
        assert seen[1, items] < seen[5, items] < seen[30, items]
    for length in (5, 30):
        assert seen[length, 20] > seen[length, 200] >= seen[length, 2000]
    guess = make_it_emerge().guess
    assert guess is not None and guess.truth == seen[30, 200]


def test_a_skill_appears_where_the_formula_of_the_chapter_says() -> None:
    from scaling_lib.capability import first_visible

    for length, items in ((4, 200), (5, 2000), (30, 200)):
        shown = _readouts(make_it_emerge().set(length=length, items=items))
        assert shown["p"] >= first_visible(items, length)


def test_the_leap_stays_under_the_smooth_score() -> None:
    shown = _readouts(make_it_emerge())
    assert shown["smooth"] > 0.25 and 0.1 < shown["before"] < 0.3
    assert _readouts(make_it_emerge().set(metric="digits"))["smooth"] > 0.15
    with pytest.raises(ValueError, match="data"):
        make_it_emerge("mmlu")


def test_bleu_tells_models_apart_that_exact_match_calls_zero() -> None:
    shown = _readouts(make_it_emerge("ipa").set(items=1000))
    assert shown["zero"] == 30 and shown["high"] > 100 * shown["low"] and 0.3 < shown["rank"] < 0.7
    assert _readouts(make_it_emerge("ipa").set(items=10))["zero"] > shown["zero"]


def test_more_skills_make_a_straighter_and_flatter_mean() -> None:
    explorer = skills_add_up()
    found = [_readouts(explorer.set(skills=n)) for n in (1, 16, 1024)]
    assert found[0]["step"] > found[1]["step"] > found[2]["step"]
    assert found[0]["slope"] < found[1]["slope"] < found[2]["slope"] < found[2]["expected"] < 0
