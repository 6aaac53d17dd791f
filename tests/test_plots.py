"""The figures: labelled, quiet, whole, legible, and clear about bad input."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.colors import to_hex, to_rgb  # noqa: E402

from scaling_lib import ChinchillaLaw, PowerLaw, datasets, fit, plots, published  # noqa: E402
from scaling_lib.fitting import Bootstrap, FitResult, envelope, isoflop  # noqa: E402
from scaling_lib.plots import style  # noqa: E402

PAPERS = ("#ffffff", "#fffefb", "#f4f3ee")  # the site's page, and its cards
NIGHT = ("#15191f", "#121212")
LAWS = {"Hoffmann": published.HOFFMANN_2022, "Besiroglu": published.BESIROGLU_2024}


@pytest.fixture(autouse=True)
def house() -> Iterator[None]:
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        plots.use_style()
        yield
    plt.close("all")


@pytest.fixture(scope="module")
def result() -> FitResult[ChinchillaLaw]:
    runs = datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch")
    return fit(ChinchillaLaw, N=runs.params, D=runs.training_tokens, L=runs.loss_nats)


@pytest.fixture(scope="module")
def refits(result: FitResult[ChinchillaLaw]) -> Bootstrap[ChinchillaLaw]:
    return result.bootstrap(120, seed=0)


@pytest.fixture(scope="module")
def arm() -> dict[str, Any]:
    runs = datasets.load("kaplan_vs_chinchilla_isoflop").query(
        "hyperparameters == 'base' and warmup == 'short' and lr_schedule == 'cosine_matched' "
        "and param_count_rule == 'non_embedding_with_head' and loss_split == 'validation'")
    return {"C": runs.flops, "N": runs.params, "D": runs.tokens, "L": runs.loss_nats}


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


# -- every figure -----------------------------------------------------------------------------------------------------

FIGURES: dict[str, Callable[..., Axes]] = {
    "loglog": lambda ax, **k: plots.loglog([1e18, 1e19, 1e20], [3.0, 2.6, 2.4], fit=PowerLaw(E=1.7, A=4e3, alpha=0.19), upto=1e22,
                                           label="law", xlabel="Compute (FLOP)", ylabel="Loss (nats per token)", ax=ax),
    "isoflop_curves": lambda ax, arm, **k: plots.isoflop_curves(isoflop(**arm), ax=ax),
    "frontier": lambda ax, **k: plots.frontier(LAWS, (1e18, 1e24), ax=ax),
    "tokens_per_param": lambda ax, **k: plots.tokens_per_param(LAWS, (1e18, 1e24), models={"Chinchilla": (5.88e23, 20)}, ax=ax),
    "basin": lambda ax, **k: plots.basin(LAWS, 1e23, ax=ax),
    "basin in nats": lambda ax, **k: plots.basin(published.BESIROGLU_2024, 1e23, unit="nats", ax=ax),
    "loss_surface": lambda ax, result, **k: plots.loss_surface(result, ax=ax),
    "residuals": lambda ax, result, **k: plots.residuals(result, ax=ax),
    "bootstrap_cloud": lambda ax, refits, **k: plots.bootstrap_cloud(refits, "alpha", reference=0.34, ax=ax),
    "bootstrap_cloud of two": lambda ax, refits, **k: plots.bootstrap_cloud(refits, ("alpha", "beta"), ax=ax),
    "forest": lambda ax, **k: plots.forest([("one", 0.5, 0.4, 0.6), ("two", 0.45, None, None, 1)], reference=0.5, ax=ax),
}


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("own", [True, False])
def test_a_figure_is_drawn_labelled_described_and_leaves_no_trace(name: str, own: bool, result: Any, refits: Any, arm: Any) -> None:
    given_axes = plt.subplots()[1] if own else None
    before, open_figures = matplotlib.rcParams.copy(), len(plt.get_fignums())
    ax = FIGURES[name](given_axes, result=result, refits=refits, arm=arm)
    assert isinstance(ax, Axes) and (ax is given_axes or not own)
    assert len(plt.get_fignums()) == open_figures + (0 if own else 1)
    assert dict(matplotlib.rcParams) == dict(before)
    assert ax.has_data() and ax.get_xlabel() and (ax.get_ylabel() or name == "forest")
    for axis, label in ((ax.xaxis, ax.get_xlabel()), (ax.yaxis, ax.get_ylabel())):
        assert (axis.get_scale() == "log") == ("log scale" in label), label
    description = plots.alt(ax)
    assert len(description) > 40 and description.endswith(".") and any(c.isdigit() for c in description)
    ax.figure.canvas.draw()  # warnings, such as a missing glyph, are errors


@pytest.mark.parametrize("name", FIGURES)
def test_the_ground_is_transparent(name: str, result: Any, refits: Any, arm: Any) -> None:
    ax = FIGURES[name](None, result=result, refits=refits, arm=arm)
    assert ax.get_facecolor()[3] == 0 and ax.figure.get_facecolor()[3] == 0
    ax.figure.canvas.draw()
    pixels = np.asarray(ax.figure.canvas.buffer_rgba())
    assert pixels[0, 0, 3] == 0 and (pixels[..., 3] > 200).mean() > 0.001


@pytest.mark.parametrize("name", FIGURES)
def test_bad_axes_are_refused(name: str, result: Any, refits: Any, arm: Any) -> None:
    for bad in ("ax", 3, plt.figure(), plt.subplots(1, 2)[1]):
        with pytest.raises(ValueError, match="ax is "):
            FIGURES[name](bad, result=result, refits=refits, arm=arm)


def test_matplotlib_is_imported_only_to_draw() -> None:
    code = "import sys; from scaling_lib import plots; plots.PALETTE; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# -- what is drawn ----------------------------------------------------------------------------------------------------

def test_isoflop_draws_runs_parabolas_and_minima(arm: dict[str, Any]) -> None:
    found = isoflop(**arm)
    ax = plots.isoflop_curves(found)
    lines = ax.get_lines()
    assert len(lines) == 3 * 12 + 2  # used, unused and a parabola each; the minima and the line through them
    np.testing.assert_allclose(lines[-1].get_xdata(), [valley.N for valley in found.optima])
    shown = sum(len(np.asarray(line.get_xdata())) for line in lines if line.get_marker() == "o")
    assert shown == len(arm["N"])
    assert len(plots.isoflop_curves(found, minima=False).get_lines()) == 3 * 12
    assert "12 have their minimum inside" in plots.alt(ax)


def test_a_valley_without_a_minimum_has_none_drawn() -> None:
    C, N = (grid.ravel() for grid in np.meshgrid([1e17, 1e19, 1e20], np.geomspace(1e8, 6e9, 15)))
    found = isoflop(C=C, N=N, L=published.BESIROGLU_2024.along(C, N))
    assert 0 < len(found.optima) < 3
    ax = plots.isoflop_curves(found)
    assert len(np.asarray(ax.get_lines()[-1].get_xdata())) == len(found.optima)


def test_a_frontier_is_the_laws_own(arm: dict[str, Any], result: Any, refits: Any) -> None:
    sweep, winners = isoflop(**arm), envelope(**arm)
    bands = {"refit": refits, "IsoFLOP": sweep.bootstrap(50)}
    for quantity in ("N", "D", "tokens_per_param"):
        ax = plots.frontier({"IsoFLOP": sweep, "envelope": winners, "refit": result, **LAWS}, (1e16, 1e20), quantity=quantity, bands=bands)
        lines = ax.get_lines()
        assert len(lines) == 5 + 2 and len(ax.collections) == 2
        x, y = (np.asarray(v) for v in lines[-1].get_data())
        np.testing.assert_allclose(y, getattr(published.BESIROGLU_2024.optimal(x), quantity))
        assert set(texts(ax)) == {"IsoFLOP", "envelope", "refit", *LAWS}
    low, high = np.quantile([law.optimal(1e20).tokens_per_param for law in refits.laws()], [0.025, 0.975])
    edge = [path.vertices for path in ax.collections[1].get_paths()][0]
    right = edge[np.isclose(edge[:, 0], 1e20)][:, 1]
    np.testing.assert_allclose([right.min(), right.max()], [low, high])


def test_labels_stand_where_their_lines_end() -> None:
    ax = plots.tokens_per_param({"Hoffmann": published.HOFFMANN_2022}, (1e18, 1e25), models={"over-trained": (7e23, 1868)}, rule=None)
    ax.figure.canvas.draw()
    label = next(text for text in ax.texts if text.get_text() == "Hoffmann")
    end = ax.transData.transform((1e25, published.HOFFMANN_2022.optimal(1e25).tokens_per_param))[1]
    box = label.get_window_extent()
    assert abs((box.y0 + box.y1) / 2 - end) < box.height


@pytest.mark.parametrize("width", [3.2, 7.2])
def test_budgets_are_named_where_there_is_room(arm: dict[str, Any], width: float) -> None:
    ax = plots.isoflop_curves(isoflop(**arm), ax=plt.subplots(figsize=(width, 4.0))[1])
    named = [text for text in ax.texts if text.get_text() != "minima"]
    boxes = [text.get_window_extent() for text in named]
    assert 5 <= len(named) <= 12 and {r"$1.25 \times 10^{16}$", r"$2.56 \times 10^{19}$"} <= {text.get_text() for text in named}
    assert not any(one.overlaps(two) for one, two in combinations(boxes, 2))


def test_a_basin_reads_off_what_allocate_says() -> None:
    ax = plots.basin(published.BESIROGLU_2024, 1e23)
    assert {"18 %", "19 %"} <= set(texts(ax))
    assert "18 % at 0.5 times" in plots.alt(ax)
    nats = plots.basin(published.BESIROGLU_2024, 1e23, unit="nats")
    assert max(np.asarray(nats.get_lines()[-2].get_ydata())) < 0.2


def test_the_surface_carries_its_law(result: Any) -> None:
    ax = plots.loss_surface(published.BESIROGLU_2024, (1e8, 1e11), (1e9, 1e13))
    assert "compute-optimal" in texts(ax) and any("FLOP" in text for text in texts(ax))
    lines = plots.loss_surface(result).get_lines()
    assert any(len(np.asarray(line.get_xdata())) == 240 for line in lines)
    path = max((line for line in lines), key=lambda line: line.get_linewidth())
    x, y = (np.asarray(v) for v in path.get_data())
    np.testing.assert_allclose(y, result.law.optimal_for_params(x).D, rtol=1e-6)


@pytest.mark.parametrize("against", ["", "N", "D", "C", "fitted"])
def test_residuals_are_in_percent(result: Any, against: str) -> None:
    ax = plots.residuals(result, against=against)
    shown = np.asarray(ax.get_lines()[-1].get_ydata())
    np.testing.assert_allclose(shown, 100 * (result.task.target / result.fitted - 1))
    assert "39 lie within the Huber width" in plots.alt(ax)


def test_a_histogram_shows_the_interval(refits: Any) -> None:
    low, high = refits.interval("a", 0.8)
    ax = plots.bootstrap_cloud(refits, "a", level=0.8, reference=0.46)
    bar = next(line for line in ax.get_lines() if len(np.asarray(line.get_xdata())) == 2 and line.get_linewidth() > 2)
    np.testing.assert_allclose(bar.get_xdata(), [low, high])
    assert any("80 % of refits" in text for text in texts(ax)) and "reported 0.46" in texts(ax)
    same = fit(PowerLaw, x=[1.0, 2, 4, 8], L=[3.0, 2.5, 2.2, 2.1], fixed={"E": 2.0}).bootstrap(20)
    plots.bootstrap_cloud(same, "E")  # a constant that was held does not vary


def test_a_band_is_the_bootstraps() -> None:
    x, y = np.geomspace(1, 100, 9), 2 + np.geomspace(1, 100, 9) ** -0.5 * np.array([1.02, 0.99, 1.0, 1.01, 0.98, 1.0, 1.02, 0.99, 1.0])
    found = fit(PowerLaw, x=x, L=y, delta=1.0)
    refits = found.bootstrap(50)
    ax = plots.loglog(x, y, fit=found, band=refits, level=0.5)
    edge = ax.collections[0].get_paths()[0].vertices
    expected = np.quantile(refits.predict(x=100.0), [0.25, 0.75])
    np.testing.assert_allclose(np.unique(edge[np.isclose(edge[:, 0], 100.0)][:, 1]), np.unique(expected))
    plots.loglog(x, y, fit=lambda v: 2 + v**-0.5, band=(x, y * 0.9, y * 1.1))


def test_forest_rows_stand_in_order() -> None:
    ax = plots.forest([("first", 0.5, 0.4, 0.6), ("second", 0.45, None, None)], xlabel="a", level="95 % intervals")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["first", "second"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert texts(ax) == ["0.500  (0.400 to 0.600)", "0.450"]


# -- bad input --------------------------------------------------------------------------------------------------------

LAW = published.BESIROGLU_2024
BAD: list[tuple[str, Callable[[], Any]]] = [
    ("y is", lambda: plots.loglog([1, 2], [1, -2])), ("different lengths", lambda: plots.loglog([1, 2], [1, 2, 3])),
    ("x is", lambda: plots.loglog([1, np.nan], [1, 2])), ("fit is", lambda: plots.loglog([1, 2], [1, 2], fit="law")),
    ("fit is", lambda: plots.loglog([1, 2], [1, 2], fit=LAW)), ("band is", lambda: plots.loglog([1, 2], [1, 2], band=3)),
    ("low at or below high", lambda: plots.loglog([1, 2], [1, 2], band=([1, 2], [2, 2], [1, 1]))),
    ("upto is", lambda: plots.loglog([1, 10], [1, 2], fit=PowerLaw(E=0, A=1, alpha=1), upto=5)),
    ("result is", lambda: plots.isoflop_curves(None)), ("laws is", lambda: plots.frontier(LAW, (1e18, 1e20))),
    ("laws is", lambda: plots.frontier({}, (1e18, 1e20))), (r"laws\['x'\]", lambda: plots.frontier({"x": 3}, (1e18, 1e20))),
    ("C is", lambda: plots.frontier(LAWS, 1e18)), ("C is", lambda: plots.frontier(LAWS, (1e18, 1e18))),
    ("C is", lambda: plots.frontier(LAWS, (0, 1e18))), ("quantity is", lambda: plots.frontier(LAWS, (1e18, 1e20), quantity="n")),
    ("bands is", lambda: plots.frontier(LAWS, (1e18, 1e20), bands={"Hofmann": 1})),
    ("bands is", lambda: plots.frontier(LAWS, (1e18, 1e20), bands={"Hoffmann": 1})),
    ("models", lambda: plots.tokens_per_param(LAWS, (1e18, 1e20), models={"m": (1e18, -2)})),
    ("rule is", lambda: plots.tokens_per_param(LAWS, (1e18, 1e20), rule=0)),
    ("unit is", lambda: plots.basin(LAW, 1e23, unit="%")), ("C is", lambda: plots.basin(LAW, [1e23, 1e24])),
    ("factor is", lambda: plots.basin(LAW, 1e23, factor=1)), ("N is", lambda: plots.loss_surface(LAW)),
    ("law is|laws", lambda: plots.loss_surface(PowerLaw(E=1, A=1, alpha=1), (1, 2), (1, 2))),
    ("result is", lambda: plots.residuals(LAW)), ("bootstrap is", lambda: plots.bootstrap_cloud(LAW, "a")),
    ("rows is", lambda: plots.forest([])), ("rows is", lambda: plots.forest("abc")), (r"rows\[0\]", lambda: plots.forest([(1, 2, 3)])),
    ("wrong order", lambda: plots.forest([("a", 1, 2, 0)])), (r"rows\[0\] value", lambda: plots.forest([("a", "1", 0, 2)])),
    (r"rows\[0\] low", lambda: plots.forest([("a", 1, 0, 2)], log=True)),
    ("dark is", lambda: plots.use_style("yes")), ("ax is", lambda: plots.alt(plt.subplots()[1])),
]


@pytest.mark.parametrize("message, call", BAD, ids=[f"{i} {message}" for i, (message, _) in enumerate(BAD)])
def test_bad_input_is_refused_before_anything_is_drawn(message: str, call: Callable[[], Any]) -> None:
    before = len(plt.get_fignums())
    with pytest.raises(ValueError, match=message):
        call()
    assert len(plt.get_fignums()) <= before + ("alt" in message or message == "ax is")


@pytest.mark.parametrize("message, arguments", [
    ("quantity is", {"quantity": "gamma_"}), ("quantity is", {"quantity": ("a", "b", "E")}), ("level is", {"quantity": "a", "level": 95}),
    ("reference is", {"quantity": "a", "reference": [1, 2]}), ("label is", {"quantity": ("a", "b"), "label": ("x",)}),
    ("log is", {"quantity": "a", "log": 1}), ("log is", {"quantity": lambda law: -law.E, "log": True})])
def test_a_cloud_refuses_what_it_cannot_draw(refits: Any, message: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=message):
        plots.bootstrap_cloud(refits, **arguments)
    assert not plt.get_fignums()


# -- numbers and labels -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("value, text", [(70e9, "70B"), (1.4e12, "1.4T"), (332, "330"), (1e3, "1k"), (999_999, "1M"), (0.5, "0.5"),
                                         (1, "1"), (5e17, "5e+17"), (999.9, "1k")])
def test_counts_are_short(value: float, text: str) -> None:
    assert style.short(value) == text


def test_powers_of_ten() -> None:
    assert style.power(1e18) == "$10^{18}$" and style.power(1.25e16) == "$1.2 \\times 10^{16}$" or style.power(1.25e16).startswith("$1.")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0.01, 0.2))
def test_labels_are_moved_apart_and_keep_their_order(heights: list[float], least: float) -> None:
    moved = style.spread(heights, least)
    order = np.argsort(heights, kind="stable")
    assert (np.diff(np.array(moved)[order]) >= least * (1 - 1e-9)).all()
    assert np.mean(moved) == pytest.approx(np.mean(heights), abs=1e-9)
    if len(heights) == 1 or np.diff(np.sort(heights)).min() > least:
        np.testing.assert_allclose(moved, heights, atol=1e-12)


# -- colours ----------------------------------------------------------------------------------------------------------

def luminance(colour: str) -> float:
    rgb = np.array(to_rgb(colour))
    return float(np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, two: str) -> float:
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_all_text_can_be_read(dark: bool) -> None:
    plots.use_style(dark)
    inks = [matplotlib.rcParams[key] for key in ("text.color", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor")]
    series = [style.series(i)["color"] for i in range(6)]
    assert [to_hex(colour) for colour in series] == list(plots.DARK if dark else plots.PALETTE)
    for colour in [*inks, *series, *style.ramp(12), style.soft()]:
        for ground in NIGHT if dark else PAPERS:
            assert contrast(to_hex(colour), ground) >= 4.5, (to_hex(colour), ground)


def turned(colour: str, share: float) -> str:
    """What the page's filter makes of an ink in dark mode: ``invert(share) hue-rotate(180deg)``, as CSS defines them."""
    rgb = share * (1 - np.array(to_rgb(colour))) + (1 - share) * np.array(to_rgb(colour))
    rotate = np.outer(np.ones(3), [2 * 0.213, 2 * 0.715, 2 * 0.072]) - np.eye(3)  # about the grey axis, by half a turn
    return str(to_hex(np.clip(rotate @ rgb, 0, 1)))


def test_turned_ink_can_be_read_on_a_dark_page() -> None:
    css = (Path(__file__).parent.parent / "book" / "_static" / "course.css").read_text(encoding="utf-8")
    found = re.search(r"filter: invert\((\.\d+)\) hue-rotate\(180deg\)", css)
    assert found is not None
    ink = matplotlib.rcParams["text.color"]
    for colour in [to_hex(ink), *plots.PALETTE, *style.ramp(12), style.soft()]:
        assert contrast(turned(to_hex(colour), float(found.group(1))), NIGHT[0]) >= 4.5, colour


# Machado, Oliveira and Fernandes 2009: full loss of one kind of cone, in linear light.
BLINDNESS = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def lab(colour: str, matrix: Any = None) -> np.ndarray:
    rgb = np.array(to_rgb(colour))
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    if matrix is not None:
        light = np.clip(np.array(matrix) @ light, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ light / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("palette", [plots.PALETTE, plots.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("kind", [None, *BLINDNESS])
def test_series_differ_whatever_the_eye(palette: tuple[str, ...], kind: str | None) -> None:
    matrix = BLINDNESS[kind] if kind else None
    for one, two in combinations(palette[:4], 2):
        assert np.linalg.norm(lab(one, matrix) - lab(two, matrix)) > 15, (one, two)


def test_series_differ_without_colour() -> None:
    looks = [style.series(i) for i in range(6)]
    assert len({str(look["linestyle"]) for look in looks}) == len({look["marker"] for look in looks}) == 6


def test_budgets_are_in_order_of_lightness() -> None:
    for dark in (False, True):
        plots.use_style(dark)
        light = [luminance(to_hex(colour)) for colour in style.ramp(8)]
        assert (np.diff(light) > 0).all() if dark else (np.diff(light) < 0).all()


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.floats(1e-12, 1e30), st.floats(1e-6, 1e9)), min_size=1, max_size=5))
def test_points_of_any_size_are_drawn(points: list[tuple[float, float]]) -> None:
    x, y = zip(*points, strict=True)
    ax = plots.loglog(x, y, fit=lambda v: np.full_like(v, 2.0))
    ax.figure.canvas.draw()
    plt.close("all")


@settings(max_examples=20, deadline=None)
@given(st.one_of(st.none(), st.text(max_size=5), st.booleans(), st.lists(st.floats(), max_size=3), st.dictionaries(st.text(max_size=2), st.floats())))
def test_nonsense_is_refused_by_every_figure(bad: Any) -> None:
    for call in (plots.isoflop_curves, plots.residuals, lambda v: plots.frontier(v, (1e18, 1e20)), lambda v: plots.basin(v, 1e23),
                 lambda v: plots.loss_surface(v, (1, 2), (1, 2)), lambda v: plots.bootstrap_cloud(v, "a"), plots.forest,
                 lambda v: plots.loglog([1, 2], v), lambda v: plots.basin(published.BESIROGLU_2024, v)):
        try:
            call(bad)
        except ValueError:
            continue
        assert call in () or isinstance(bad, list) and len(bad) == 2 and min(bad) > 0, bad
    plt.close("all")
