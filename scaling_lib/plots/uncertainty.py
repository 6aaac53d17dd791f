"""Figures of what a fit leaves open: its residuals, the spread of its refits, and intervals side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from .._validate import _refuse, choice, finite, scalar
from ..compute import FLOP_PER_PARAM_TOKEN
from ..fitting.result import FitResult
from .style import axes, log_axis, say, series, short, soft

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["bootstrap_cloud", "forest", "residuals"]


def residuals(result: Any, *, against: str = "", ax: Axes | None = None) -> Axes:
    """How far each run lies above or below the law, in percent of the loss.

    Parameters
    ----------
    result : FitResult
        From `scaling_lib.fit`.
    against : str
        What stands on the horizontal axis: ``"fitted"``, a variable of the law, or, for a law of N and D, ``"C"``, the
        training compute. By default C where there is one, else the first variable.
    ax : matplotlib Axes, optional
        New axes if None.

    Raises
    ------
    ValueError
        If `result` is not a fit or has no such variable.

    Examples
    --------
    >>> import matplotlib; matplotlib.use("agg")
    >>> from scaling_lib import PowerLaw, fit
    >>> ax = residuals(fit(PowerLaw, x=[1.0, 2, 4, 8], L=[3.0, 2.5, 2.2, 2.1]))
    >>> ax.get_ylabel()
    'Measured loss over fitted (%)'
    """
    if not isinstance(result, FitResult):
        raise _refuse("result", result, "what scaling_lib.fit returns")
    inputs = dict(result.task.inputs)
    if {"N", "D"} <= set(inputs):
        inputs["C"] = FLOP_PER_PARAM_TOKEN * inputs["N"] * inputs["D"]
    which = choice("against", against or ("C" if "C" in inputs else next(iter(inputs))), (*inputs, "fitted"))
    x = result.fitted if which == "fitted" else inputs[which]
    y = 100 * np.expm1(result.residuals)
    ax = axes(ax)
    look = series(0)
    ax.axhline(0, color=soft(), linewidth=0.8)
    near = 100 * np.expm1(result.delta)
    if near < np.abs(y).max():
        ax.axhspan(-near, near, color=soft(), alpha=0.12, linewidth=0)
        ax.annotate(
            f"Huber width\n±{near:.2g} %",
            (1.0, 0),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            va="center",
            textcoords="offset points",
            fontsize="small",
            color=soft(),
            annotation_clip=False,
        )
    ax.plot(x, y, linestyle="none", marker="o", color=look["color"], alpha=0.7, markersize=3.8, markeredgewidth=0)
    names = {
        "N": "Parameters N, log scale",
        "D": "Tokens D, log scale",
        "C": "Training compute C = 6ND (FLOP), log scale",
        "fitted": "Fitted loss (nats per token), log scale",
    }
    log_axis(ax.xaxis, "plain" if x.max() < 1e3 else "power" if x.max() >= 1e15 else "count")
    ax.set_xlabel(names.get(which, f"{which}, log scale"))
    ax.set_ylabel("Measured loss over fitted (%)")
    inside = int((np.abs(result.residuals) <= result.delta).sum())
    say(
        ax,
        f"{len(y)} residuals against {names.get(which, which).split(',')[0]} (log scale), from {y.min():.2f} % to "
        f"{y.max():.2f} % of the loss, median {np.median(y):.2f} %; {inside} lie within the Huber width.",
    )
    return ax


def bootstrap_cloud(
    bootstrap: Any,
    quantity: str | Callable[[Any], Any] | tuple[Any, Any],
    *,
    level: float = 0.95,
    label: str | tuple[str, str] = "",
    log: bool = False,
    reference: object = None,
    ax: Axes | None = None,
) -> Axes:
    """How a quantity spreads over the refits: a histogram with its interval, or for two quantities a cloud.

    Parameters
    ----------
    bootstrap : Bootstrap
        From ``FitResult.bootstrap``.
    quantity : str, callable or pair of them
        A constant, a property of the law, or a function of a law; a pair draws one against the other.
    level : float
        Fraction of the refits inside the interval.
    label : str or pair of str
        Axis label, with the unit; by default the name.
    log : bool
        Whether the quantity's axis is logarithmic.
    reference : float or pair of floats, optional
        A published value to mark.
    ax : matplotlib Axes, optional
        New axes if None.

    Raises
    ------
    ValueError
        If `bootstrap` is none, or `quantity`, `label` and `reference` do not go together.

    Examples
    --------
    >>> import matplotlib; matplotlib.use("agg")
    >>> from scaling_lib import PowerLaw, fit
    >>> refits = fit(PowerLaw, x=[1.0, 2, 4, 8, 16, 32], L=[3.0, 2.5, 2.2, 2.1, 2.05, 2.02], delta=1.0).bootstrap(200)
    >>> bootstrap_cloud(refits, "alpha", label="Exponent").get_xlabel()
    'Exponent'
    """
    if not callable(getattr(bootstrap, "values", None)) or not hasattr(bootstrap, "law"):
        raise _refuse("bootstrap", bootstrap, "what FitResult.bootstrap returns")
    inside = scalar("level", level, unit="a fraction, such as 0.95", low=0.0, high=1.0, open_low=True, open_high=True)
    if not isinstance(log, bool):
        raise _refuse("log", log, "True or False")
    pair = isinstance(quantity, tuple)
    wanted = quantity if isinstance(quantity, tuple) else (quantity,)
    labels = label if isinstance(label, tuple) else (label,) * len(wanted)
    if len(wanted) not in (1, 2) or pair and len(wanted) != 2:
        raise _refuse("quantity", quantity, "one quantity, or a pair of them")
    if len(labels) != len(wanted):
        raise _refuse("label", label, "as many labels as quantities")
    values = [bootstrap.values(item) for item in wanted]
    if log and min(v.min() for v in values) <= 0:
        raise _refuse(
            "log", log, "positive values on a logarithmic axis", "Some refits give zero or less: draw it linear."
        )
    marks = None if reference is None else np.atleast_1d(finite("reference", reference))
    if marks is not None and marks.shape != (len(wanted),):
        raise _refuse("reference", reference, "one number for each quantity")
    names = [_pretty(text, item) + (", log scale" if log else "") for text, item in zip(labels, wanted, strict=True)]
    centre = [item(bootstrap.law) if callable(item) else getattr(bootstrap.law, item) for item in wanted]
    tails = [(1 - inside) / 2, (1 + inside) / 2]
    ax = axes(ax)
    draw = _cloud if pair else _histogram
    draw(ax, values, centre, [np.quantile(v, tails) for v in values], inside, marks, log)
    if log:
        log_axis(ax.xaxis, "plain" if values[0].max() < 1e4 else "count")
        if pair:
            log_axis(ax.yaxis, "plain" if values[1].max() < 1e4 else "count")
    ax.set_xlabel(names[0])
    if pair:
        ax.set_ylabel(names[1])
    for name, v, c in zip(names, values, centre, strict=True):
        low, high = np.quantile(v, tails)
        say(
            ax,
            f"{len(v)} refits: {name} is {_digits(c)} in the fit, and {100 * inside:g} % of the refits lie between "
            f"{_digits(low)} and "
            f"{_digits(high)}.",
        )
    if pair:
        say(ax, f"Their correlation over the refits is {np.corrcoef(*values)[0, 1]:.2f}.")
    return ax


def _pretty(text: str, item: Any) -> str:
    greek = {
        "alpha": "Exponent of parameters α",
        "beta": "Exponent of tokens β",
        "a": "Exponent a of the optimal parameters",
        "b": "Exponent b of the optimal tokens",
        "E": "Irreducible loss E (nats per token)",
        "A": "Coefficient A of the parameter term",
        "B": "Coefficient B of the token term",
    }
    if text:
        return text
    return (
        greek.get(item, item)
        if isinstance(item, str)
        else getattr(item, "__name__", "quantity").replace("<lambda>", "quantity")
    )


def _digits(value: float) -> str:
    return short(value, 3) if abs(value) >= 1000 else f"{value:.3g}"


def _histogram(
    ax: Axes, values: list[Any], centre: list[Any], ends: list[Any], inside: float, marks: Any, log: bool
) -> None:
    v, (low, high) = values[0], ends[0]
    colour, other = series(0)["color"], series(1)["color"]
    show = np.quantile(v, [0.002, 0.998])
    shown = v[(v >= show[0]) & (v <= show[1])]
    number, space = int(np.clip(np.sqrt(len(v)), 12, 32)), np.geomspace if log else np.linspace
    edges: Any = space(float(show[0]), float(show[1]), number) if show[0] < show[1] else 3
    ax.hist(shown, bins=edges, color=colour, alpha=0.22, histtype="stepfilled", linewidth=0)
    ax.hist(shown, bins=edges, color=colour, histtype="step", linewidth=0.9, linestyle="-")
    top = ax.get_ylim()[1]
    ax.set_ylim(0, top * 1.32)
    ax.plot([low, high], [top * 1.08] * 2, color=colour, linewidth=2.2, linestyle="-", solid_capstyle="butt")
    ax.plot([centre[0]], [top * 1.08], marker="o", color=colour, markersize=6)
    ax.annotate(
        f"{_digits(centre[0])},  {100 * inside:g} % of refits {_digits(low)} to {_digits(high)}",
        (low, top * 1.08),
        xytext=(0, 9),
        textcoords="offset points",
        color=colour,
    )
    if marks is not None:
        ax.axvline(marks[0], color=other, linewidth=1.2, linestyle=(0, (4, 2)))
        ax.annotate(
            f"reported {_digits(marks[0])}",
            (marks[0], 0.99),
            xycoords=("data", "axes fraction"),
            xytext=(5, 0),
            textcoords="offset points",
            va="top",
            color=other,
            fontsize="small",
        )
        say(ax, f"A dashed line marks the reported {_digits(marks[0])}.")
    ax.set_ylabel("Refits")


def _cloud(
    ax: Axes, values: list[Any], centre: list[Any], ends: list[Any], inside: float, marks: Any, log: bool
) -> None:
    colour, other = series(0)["color"], series(1)["color"]
    show = [np.quantile(v, [0.001, 0.999]) for v in values]
    keep = np.logical_and.reduce([(v >= s[0]) & (v <= s[1]) for v, s in zip(values, show, strict=True)])
    ax.plot(
        values[0][keep],
        values[1][keep],
        linestyle="none",
        marker="o",
        markersize=2.2,
        alpha=min(1.0, 0.2 + 100 / len(keep)),
        color=colour,
        markeredgewidth=0,
        rasterized=bool(len(keep) > 2000),
    )
    ax.plot(ends[0], [centre[1]] * 2, color=colour, linewidth=1.4, linestyle="-")
    ax.plot([centre[0]] * 2, ends[1], color=colour, linewidth=1.4, linestyle="-")
    ax.plot([centre[0]], [centre[1]], marker="o", color=colour, markersize=7, linestyle="none")
    if marks is not None:
        ax.plot([marks[0]], [marks[1]], marker="D", color=other, markersize=6, linestyle="none")
        ax.annotate(
            "reported",
            tuple(marks),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=other,
            fontsize="small",
        )
        say(ax, f"A diamond marks the reported {_digits(marks[0])} and {_digits(marks[1])}.")


def forest(
    rows: Iterable[Any],
    *,
    reference: float | None = None,
    xlabel: str = "Exponent a of the optimal parameters",
    log: bool = False,
    level: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Estimates with their intervals, one a line, side by side.

    Parameters
    ----------
    rows : iterable of (label, value, low, high)
        `low` and `high` may both be None where no interval was given. A fifth entry, a number, sets the group: groups
        differ in colour and marker.
    reference : float, optional
        A value to compare with, drawn as a vertical line.
    xlabel : str
        Quantity and unit.
    log : bool
        Whether the axis is logarithmic; "log scale" is then added to the label.
    level : str
        What the intervals are, such as "95 % intervals"; written above.
    ax : matplotlib Axes, optional
        New axes, as high as the rows need, if None.

    Raises
    ------
    ValueError
        If a row is not of that form, or a value lies outside its interval.

    Examples
    --------
    >>> import matplotlib; matplotlib.use("agg")
    >>> ax = forest([("Reported", 0.46, 0.454, 0.455 + 0.01), ("Refit", 0.51, 0.47, 0.55)], reference=0.5)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['Reported', 'Refit']
    """
    if isinstance(rows, (str, bytes)) or not isinstance(rows, Iterable):
        raise _refuse("rows", rows, "a list of (label, value, low, high)")
    table = [_row(row, i, log) for i, row in enumerate(rows)]
    if not table:
        raise _refuse("rows", rows, "at least one (label, value, low, high)")
    line = None if reference is None else scalar("reference", reference)
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.subplots(figsize=(plt.rcParams["figure.figsize"][0], 0.9 + 0.34 * len(table)), layout="constrained")[1]
    ax = axes(ax)
    if line is not None:
        ax.axvline(line, color=soft(), linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
    largest = max(abs(number) for row in table for number in row[1:4] if number is not None)
    places = max(0, 2 - int(np.floor(np.log10(largest)))) if largest else 0
    for i, (name, value, low, high, group) in enumerate(table):
        look = series(group)
        if low is not None and high is not None:
            ax.plot([low, high], [i, i], color=look["color"], linewidth=2.0, linestyle="-", solid_capstyle="butt")
        ax.plot(
            [value],
            [i],
            marker=look["marker"],
            color=look["color"],
            markersize=6.5,
            linestyle="none",
            markerfacecolor=look["color"] if low is not None else "none",
        )
        between = "" if low is None else f"{low:.{places}f} to {high:.{places}f}"
        text = f"{value:.{places}f}" + (f"  ({between})" if between else "")
        ax.annotate(
            text,
            (1.0, i),
            xycoords=("axes fraction", "data"),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize="small",
            annotation_clip=False,
        )
        say(ax, f"{name}: {value:.{places}f}, {between or 'no interval'}.")
    if log:
        log_axis(ax.xaxis, "plain")
    ax.set_yticks(range(len(table)), [row[0] for row in table])
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0, labelsize=9)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(xlabel + (", log scale" if log else ""))
    if level:
        ax.set_title(level, loc="left", fontsize="small", fontweight="normal", color=soft())
    if line is not None:
        say(ax, f"A vertical line marks {line:g}.")
    return ax


def _row(row: Any, i: int, log: bool) -> tuple[str, float, float | None, float | None, int]:
    if isinstance(row, (str, bytes)) or not isinstance(row, Iterable):
        raise _refuse(f"rows[{i}]", row, "(label, value, low, high)")
    items = list(row)
    if len(items) not in (4, 5) or not isinstance(items[0], str):
        raise _refuse(f"rows[{i}]", row, "(label, value, low, high), the label a text")
    low_end = {"low": 0.0, "open_low": True} if log else {}
    value = scalar(f"rows[{i}] value", items[1], **low_end)  # type: ignore[arg-type]
    group = int(scalar(f"rows[{i}] group", items[4], low=0)) if len(items) == 5 else 0
    if items[2] is None and items[3] is None:
        return items[0], value, None, None, group
    low, high = (scalar(f"rows[{i}] {name}", item, **low_end) for name, item in (("low", items[2]), ("high", items[3])))  # type: ignore[arg-type]
    if not low <= high:
        raise _refuse(f"rows[{i}]", row, "low at or below high", "Are they in the wrong order?")
    return items[0], value, low, high, group
