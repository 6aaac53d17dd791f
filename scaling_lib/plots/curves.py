"""Figures of laws against one variable: points and lines, frontiers, tokens per parameter, the basin of an optimum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from .._validate import FloatArray, _refuse, broadcast, choice, columns, positive, scalar
from ..fitting.result import FitResult
from ..laws import Law
from .style import axes, budget_range, end_labels, log_axis, say, series, short, soft, splitters

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["basin", "frontier", "loglog", "tokens_per_param"]

#: Label -> a law with `.optimal`, a fit, or the result of `isoflop` or `envelope`.
Laws: TypeAlias = Mapping[str, Any]


def loglog(
    x: object,
    y: object,
    *,
    fit: object = None,
    band: object = None,
    level: float = 0.95,
    upto: float | None = None,
    xlabel: str = "x",
    ylabel: str = "y",
    label: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Points on two logarithmic axes, with a law through them and its uncertainty.

    Parameters
    ----------
    x, y : array_like (n,)
        Positive numbers, in the units that `xlabel` and `ylabel` name.
    fit : Law of one variable, FitResult or callable, optional
        Called with x; drawn solid where there are points, dashed where it extrapolates.
    band : Bootstrap or (x, low, high), optional
        Shaded: the central `level` of the refits, or the curves given.
    level : float
        Fraction of the refits inside the band.
    upto : float, optional
        Draw the law from the points as far as this x, in either direction.
    xlabel, ylabel : str
        Quantity and unit; "(log scale)" is added.
    label : str
        Name of the law, written at its end.
    ax : matplotlib Axes, optional
        New axes if None.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If a value is not positive and finite, lengths differ, or `fit` or `band` is something else.

    Examples
    --------
    >>> import matplotlib; matplotlib.use("agg")
    >>> from scaling_lib import PowerLaw
    >>> ax = loglog([1, 10, 100], [4.0, 2.0, 1.0], fit=PowerLaw(E=0.0, A=4.0, alpha=0.3), xlabel="Compute (FLOP)")
    >>> ax.get_xlabel()
    'Compute (FLOP), log scale'
    """
    data = columns({"x": x, "y": y})  # type: ignore[dict-item]
    x_, y_ = data["x"], data["y"]
    inside = np.geomspace(x_.min(), x_.max(), 121)
    beyond: FloatArray | None = None
    if upto is not None:
        end = scalar("upto", upto, low=0.0, open_low=True)
        if x_.min() <= end <= x_.max():
            raise _refuse("upto", upto, "an x beyond the points", "Within them the law is drawn anyway.")
        beyond = np.geomspace(x_.max() if end > x_.max() else x_.min(), end, 61)
    curve = _callable(fit)
    shade = _band(band, level, inside if beyond is None else np.unique(np.r_[inside, beyond]))
    ax = axes(ax)
    look, ink = series(0), series(1)
    if shade is not None:
        ax.fill_between(*shade, color=ink["color"], alpha=0.18, linewidth=0, zorder=1)
    if curve is not None:
        drawn = curve(inside)
        ax.plot(inside, drawn, color=ink["color"], linestyle="-", zorder=3)
        if beyond is not None:
            drawn = curve(beyond)
            ax.plot(beyond, drawn, color=ink["color"], linestyle=(0, (4, 2)), zorder=3)
    ax.plot(x_, y_, linestyle="none", marker="o", color=look["color"], alpha=0.85, markeredgewidth=0, zorder=4)
    for values, limit in ((x_, ax.set_xlim), (y_, ax.set_ylim)):
        if values.max() < values.min() * 1.001 and curve is None and shade is None or len(x_) == 1:
            limit(float(values.min()) / 3, float(values.max()) * 3)  # one point has no extent to scale to
    log_axis(ax.xaxis, _scale(x_))
    log_axis(ax.yaxis, "plain" if y_.max() < 1e4 else "count")
    ax.set_xlabel(f"{xlabel}, log scale")
    ax.set_ylabel(f"{ylabel}, log scale")
    if curve is not None and label:
        ax.set_xlim(right=float((inside if beyond is None else beyond).max()))
        end_labels(ax, [(label, float(np.asarray(drawn)[-1]), ink["color"])])
    say(
        ax,
        f"{len(x_)} points, {ylabel} against {xlabel}, both axes logarithmic: x from {x_.min():.3g} to {x_.max():.3g}, "
        f"y from {y_.min():.3g} to {y_.max():.3g}.",
    )
    if curve is not None:
        say(
            ax,
            f"The curve of {label or 'the law'} runs from {float(curve(inside[:1])[0]):.3g} "
            f"to {float(np.asarray(drawn)[-1]):.3g}" + (", dashed beyond the points." if beyond is not None else "."),
        )
    if shade is not None:
        say(ax, "A shaded band shows its uncertainty.")
    return ax


_QUANTITIES = {
    "N": ("Optimal parameters N", "parameters"),
    "D": ("Optimal tokens D", "tokens"),
    "tokens_per_param": ("Optimal tokens per parameter D/N", "tokens per parameter"),
}


def frontier(
    laws: Laws,
    C: object,
    *,
    quantity: str = "N",
    bands: Mapping[str, Any] | None = None,
    level: float = 0.95,
    ax: Axes | None = None,
) -> Axes:
    """The compute-optimal split against the budget, law by law.

    Parameters
    ----------
    laws : mapping of str to Law, FitResult, IsoFlopResult or EnvelopeResult
        What to call each line, and what has `.optimal`. Optima that a result holds are drawn as points.
    C : (low, high)
        Budgets to draw, FLOP.
    quantity : {"N", "D", "tokens_per_param"}
        What stands on the vertical axis.
    bands : mapping of str to Bootstrap or FrontierBootstrap, optional
        Refits of some of the laws; their central `level` is shaded.
    level : float
        Fraction of the refits inside a band.
    ax : matplotlib Axes, optional
        New axes if None.

    Examples
    --------
    >>> import matplotlib; matplotlib.use("agg")
    >>> from scaling_lib import published
    >>> ax = frontier({"Hoffmann": published.HOFFMANN_2022, "Besiroglu": published.BESIROGLU_2024}, (1e18, 1e24))
    >>> len(ax.get_lines())
    2
    """
    ax, ends = _frontier(laws, C, quantity, bands, level, ax)
    end_labels(ax, ends)
    return ax


def _frontier(
    laws: Laws, C: object, quantity: str, bands: Mapping[str, Any] | None, level: float, ax: Axes | None
) -> tuple[Axes, list[tuple[str, float, Any]]]:
    """The frontier without its labels, and the labels, which wait until the limits are known."""
    name, unit = _QUANTITIES[choice("quantity", quantity, tuple(_QUANTITIES))]
    grid = budget_range("C", C)
    table = splitters(laws)
    bands = {} if bands is None else bands
    for key in bands:
        choice("bands", key, tuple(table))
    shades = {key: _frontier_band(value, quantity, grid, level) for key, value in bands.items()}
    ax = axes(ax)
    ends: list[tuple[str, float, Any]] = []
    spoken = []
    for i, (key, law) in enumerate(table.items()):
        look = series(i)
        y = np.asarray(getattr(law.optimal(grid), quantity))
        if key in shades:
            ax.fill_between(grid, *shades[key], color=look["color"], alpha=0.15, linewidth=0, zorder=1)
        ax.plot(grid, y, color=look["color"], linestyle=look["linestyle"], zorder=3)
        optima = _optima(laws[key], quantity)
        if optima is not None:
            ax.plot(
                *optima,
                linestyle="none",
                marker=look["marker"],
                color=look["color"],
                markeredgewidth=0,
                alpha=0.8,
                zorder=4,
                clip_on=False,
            )
        ends.append((key, float(y[-1]), look["color"]))
        spoken.append(f"{key} from {short(y[0])} to {short(y[-1])}")
    log_axis(ax.xaxis, "power")
    log_axis(ax.yaxis)
    ax.set_xlim(grid[0], grid[-1])
    ax.set_xlabel("Training compute C (FLOP), log scale")
    ax.set_ylabel(f"{name}, log scale")
    say(
        ax,
        f"{name} against training compute from {grid[0]:.3g} to {grid[-1]:.3g} FLOP, both axes logarithmic, in {unit}: "
        + "; ".join(spoken)
        + ".",
    )
    if shades:
        say(ax, f"Shaded: the central {100 * level:g} % of the refits of {', '.join(shades)}.")
    return ax, ends


def tokens_per_param(
    laws: Laws,
    C: object,
    *,
    bands: Mapping[str, Any] | None = None,
    level: float = 0.95,
    rule: float | None = 20.0,
    models: Mapping[str, tuple[float, float]] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Tokens per parameter of the optimum against the budget, with the rule of thumb and real models for comparison.

    Parameters
    ----------
    laws, C, bands, level, ax
        As in `frontier`.
    rule : float or None
        A constant ratio to compare with, drawn as a thin line.
    models : mapping of str to (C, ratio), optional
        Models to mark: training compute in FLOP and tokens per parameter.

    Raises
    ------
    ValueError
        If a budget, the rule or a model is not positive and finite.

    Examples
    --------
    >>> import matplotlib; matplotlib.use("agg")
    >>> from scaling_lib import published
    >>> laws = {"Besiroglu": published.BESIROGLU_2024}
    >>> ax = tokens_per_param(laws, (1e18, 1e24), models={"Chinchilla": (5.88e23, 20)})
    >>> ax.get_ylabel()
    'Optimal tokens per parameter D/N, log scale'
    """
    ratio = None if rule is None else scalar("rule", rule, unit="tokens per parameter", low=0.0, open_low=True)
    marks = {key: positive(f"models[{key!r}]", value) for key, value in (models or {}).items()}
    for key, value in marks.items():
        if value.shape != (2,):
            raise _refuse(f"models[{key!r}]", value, "a pair (training compute in FLOP, tokens per parameter)")
    ax, ends = _frontier(laws, C, "tokens_per_param", bands, level, ax)
    if ratio is not None:
        ax.axhline(ratio, color=soft(), linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
        ends.append((f"rule of thumb: {ratio:g}", ratio, soft()))
        say(ax, f"A thin line marks {ratio:g} tokens per parameter.")
    for key, (budget, value) in marks.items():
        ax.plot(
            budget,
            value,
            linestyle="none",
            marker="o",
            markerfacecolor="none",
            markeredgecolor=soft(),
            markersize=5,
            zorder=5,
        )
        ax.annotate(
            key, (budget, value), xytext=(-6, 5), textcoords="offset points", ha="right", fontsize="small", color=soft()
        )
    if marks:
        say(ax, "Models marked: " + ", ".join(f"{key} at {_tidy(value[1])}" for key, value in marks.items()) + ".")
    end_labels(ax, ends)
    return ax


def basin(laws: Any, C: object, *, unit: str = "percent", factor: float = 8.0, ax: Axes | None = None) -> Axes:
    """What a model of the wrong size costs, against its size as a multiple of the best.

    Parameters
    ----------
    laws : Law, FitResult or mapping of str to them
        Laws of N and D.
    C : float
        Training compute, FLOP.
    unit : {"percent", "nats"}
        Compute wasted, in percent of what the same loss needs at the optimum; or loss above the optimum.
    factor : float
        How far to go to either side; above 1.
    ax : matplotlib Axes, optional
        New axes if None.

    Raises
    ------
    ValueError
        If `C` or `factor` is out of range, or `unit` is unknown.

    Examples
    --------
    >>> import matplotlib; matplotlib.use("agg")
    >>> from scaling_lib import published
    >>> ax = basin(published.BESIROGLU_2024, 1e23)
    >>> ax.get_ylabel()
    'Extra compute for the same loss (%)'
    """
    from ..allocate import off_optimum, overhead

    choice("unit", unit, ("percent", "nats"))
    budget = scalar("C", C, unit="FLOP", low=0.0, open_low=True)
    far = scalar("factor", factor, unit="a factor, such as 8", low=1.0, open_low=True)
    named = isinstance(laws, Mapping)
    table = splitters(laws if named else {"": laws})
    k = np.geomspace(1 / far, far, 161)

    def cost(law: Any, times: FloatArray) -> FloatArray:
        if unit == "nats":
            return np.asarray(off_optimum(law, budget, times))
        best = law.optimal(budget)
        return 100 * np.asarray(overhead(law, best.N * times, best.D / times))

    curves = {key: cost(law, k) for key, law in table.items()}
    ax = axes(ax)
    guide = [t for t in (0.25, 0.5, 2.0, 4.0) if 1 / far < t < far]
    for t in guide:
        ax.axvline(t, color=soft(), linewidth=0.5, alpha=0.5, zorder=0)
    for i, (key, y) in enumerate(curves.items()):
        look = series(i)
        ax.plot(k, y, color=look["color"], linestyle=look["linestyle"])
        at = cost(table[key], np.array(guide))
        ax.plot(guide, at, linestyle="none", marker=look["marker"], color=look["color"], markeredgewidth=0)
        if not named:
            for t, value in zip(guide, at, strict=True):
                text = f"{value:.0f} %" if unit == "percent" else f"{value:.3f}"
                ax.annotate(
                    text,
                    (t, value),
                    xytext=(7 if t > 1 else -7, 0),
                    textcoords="offset points",
                    va="top",
                    ha="left" if t > 1 else "right",
                    color=look["color"],
                )
        seen = "; ".join(
            f"{v:.0f} % at {t:g} times" if unit == "percent" else f"{v:.4f} nats at {t:g} times"
            for t, v in zip(guide, at, strict=True)
        )
        say(
            ax,
            f"{key or 'The law'} at {budget:.3g} FLOP costs nothing at the best size and, at multiples of it, {seen}.",
        )
    log_axis(ax.xaxis, "times")
    from matplotlib.ticker import FixedLocator, NullLocator

    steps = np.arange(-np.floor(np.log2(far)), np.floor(np.log2(far)) + 1)
    ax.xaxis.set_major_locator(FixedLocator(list(2.0**steps)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlim(k[0], k[-1])
    ax.set_ylim(bottom=0)
    ax.set_xlabel("Parameters as a multiple of the optimum, log scale")
    ax.set_ylabel(
        "Extra compute for the same loss (%)" if unit == "percent" else "Loss above the optimum (nats per token)"
    )
    if named:
        end_labels(ax, [(key, y[-1], series(i)["color"]) for i, (key, y) in enumerate(curves.items())])
    return ax


# Helpers -------------------------------------------------------------------------------------------------------------


def _tidy(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _scale(x: FloatArray) -> str:
    return "power" if x.max() >= 1e15 else "plain" if x.max() < 1e3 else "count"


def _callable(fit: object) -> Any:
    if fit is None:
        return None
    law = fit.law if isinstance(fit, FitResult) else fit
    if isinstance(law, Law) and len(law.inputs) != 1:
        raise _refuse(
            "fit", fit, "a law of one variable", f"This one takes {', '.join(law.inputs)}: pass a function of x."
        )
    if not callable(law):
        raise _refuse("fit", fit, "a law of one variable, a fit of one, or a function of x")
    return lambda x: np.asarray(law(x), dtype=np.float64)


def _band(band: Any, level: float, grid: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    if band is None:
        return None
    if hasattr(band, "predict") and hasattr(band, "law"):
        if len(band.law.inputs) != 1:
            raise _refuse("band", band, "the bootstrap of a law of one variable")
        low, high = np.quantile(band.predict(**{band.law.inputs[0]: grid}), _tails(level), axis=0)
        return grid, low, high
    if isinstance(band, tuple) and len(band) == 3:
        x, low, high = broadcast(
            *((name, positive(f"band {name}", value)) for name, value in zip(("x", "low", "high"), band, strict=True))
        )
        if (low > high).any():
            raise _refuse("band", band, "low at or below high everywhere", "Are they in the wrong order?")
        return x, low, high
    raise _refuse("band", band, "a bootstrap, or a tuple (x, low, high)")


def _tails(level: float) -> list[float]:
    inside = scalar("level", level, unit="a fraction, such as 0.95", low=0.0, high=1.0, open_low=True, open_high=True)
    return [(1 - inside) / 2, (1 + inside) / 2]


def _optima(result: Any, quantity: str) -> tuple[FloatArray, FloatArray] | None:
    """Budgets and optima that a result of `isoflop` or `envelope` holds."""
    points = getattr(result, "valleys", None) or getattr(result, "points", None)
    if not points:
        return None
    good = [point for point in points if point.inside]
    y = [point.D / point.N if quantity == "tokens_per_param" else getattr(point, quantity) for point in good]
    return np.array([point.C for point in good]), np.array(y)


def _frontier_band(band: Any, quantity: str, grid: FloatArray, level: float) -> FloatArray:
    samples = getattr(band, "samples", None)
    if isinstance(samples, Mapping) and {"a", "b", "k_N", "k_D"} <= set(samples):
        N = samples["k_N"][:, None] * grid ** samples["a"][:, None]
        D = samples["k_D"][:, None] * grid ** samples["b"][:, None]
        drawn = {"N": N, "D": D, "tokens_per_param": D / N}[quantity]
    elif callable(getattr(band, "laws", None)):
        drawn = np.array([getattr(law.optimal(grid), quantity) for law in band.laws()])
    else:
        raise _refuse("bands", band, "bootstraps of laws or of frontiers")
    return np.asarray(np.quantile(drawn, _tails(level), axis=0))
