"""Figures of the loss over model size and tokens: IsoFLOP valleys, and the map with its compute-optimal path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .._validate import FloatArray, _refuse, positive
from ..compute import FLOP_PER_PARAM_TOKEN
from ..fitting.result import FitResult
from .style import axes, log_axis, power, ramp, say, series, short, soft, splitters, thin_out

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["isoflop_curves", "loss_surface"]


def isoflop_curves(result: Any, *, minima: bool = True, ax: Axes | None = None) -> Axes:
    """Loss against model size at each budget: the runs, the parabolas and their minima.

    Filled points were used by the parabola, hollow ones were not. Where budgets lie close, not every one is named. A
    budget without a minimum inside the sampled sizes keeps its points and has no minimum drawn.

    Parameters
    ----------
    result : IsoFlopResult
        From `scaling_lib.fitting.isoflop`.
    minima : bool
        Whether to draw the minima and the line through them.
    ax : matplotlib Axes, optional
        New axes if None.

    Raises
    ------
    ValueError
        If `result` is not what `scaling_lib.fitting.isoflop` returns.

    Examples
    --------
    >>> import matplotlib; matplotlib.use("agg")
    >>> import numpy as np
    >>> from scaling_lib import published
    >>> from scaling_lib.fitting import isoflop
    >>> C, N = (grid.ravel() for grid in np.meshgrid([1e18, 1e19, 1e20], np.geomspace(3e7, 3e10, 25)))
    >>> ax = isoflop_curves(isoflop(C=C, N=N, L=published.BESIROGLU_2024.along(C, N)))
    >>> ax.get_xlabel()
    'Parameters N, log scale'
    """
    valleys = getattr(result, "valleys", None)
    if not valleys:
        raise _refuse("result", result, "what scaling_lib.fitting.isoflop returns")
    ax, names = axes(ax), []
    for valley, colour in zip(valleys, ramp(len(valleys)), strict=True):
        used = valley.used
        ax.plot(
            valley.sizes[used],
            valley.losses[used],
            linestyle="none",
            marker="o",
            color=colour,
            markeredgewidth=0,
            zorder=3,
        )
        ax.plot(
            valley.sizes[~used],
            valley.losses[~used],
            linestyle="none",
            marker="o",
            color=colour,
            markerfacecolor="none",
            markeredgewidth=0.7,
            alpha=0.65,
            markersize=3.5,
            zorder=2,
        )
        tip = (valley.sizes[-1], valley.losses[-1])
        if valley.coefficients:
            grid = np.geomspace(valley.sizes[used].min(), valley.sizes[used].max(), 81)
            ax.plot(
                grid,
                valley.parabola(grid),
                color=colour,
                linewidth=1.2,
                linestyle="-" if valley.inside else (0, (3, 2)),
            )
        names.append(
            ax.annotate(
                power(valley.C, 3),
                tip,
                xytext=(6, 0),
                textcoords="offset points",
                color=colour,
                va="center",
                fontsize="small",
            )
        )
    best = [valley for valley in valleys if valley.inside]
    if minima and best:
        mark = series(1)["color"]
        ax.plot([v.N for v in best], [v.L for v in best], color=mark, linewidth=0.9, linestyle=(0, (2, 2)), zorder=4)
        ax.plot(
            [v.N for v in best],
            [v.L for v in best],
            linestyle="none",
            marker="D",
            color=mark,
            markersize=5,
            markeredgewidth=0,
            zorder=5,
        )
        ax.annotate(
            "minima",
            (best[0].N, best[0].L),
            xytext=(0, 12),
            textcoords="offset points",
            color=mark,
            ha="center",
            va="bottom",
            fontsize="small",
        )
    log_axis(ax.xaxis)
    low, high = ax.get_xlim()
    ax.set_xlim(low, high * (high / low) ** 0.09)
    ax.set_xlabel("Parameters N, log scale")
    ax.set_ylabel("Loss L (nats per token)")
    thin_out(ax, names, [(n, loss) for v in valleys for n, loss in zip(v.sizes, v.losses, strict=True)])
    ax.set_title(
        "Budget C (FLOP) at the end of a curve", loc="right", fontsize="small", fontweight="normal", color=soft()
    )
    say(
        ax,
        f"Loss against parameters (log scale) at {len(valleys)} budgets from {valleys[0].C:.3g} to {valleys[-1].C:.3g} "
        "FLOP, each with a parabola.",
    )
    if minima and best:
        say(
            ax,
            f"{len(best)} have their minimum inside the sampled sizes, from {short(best[0].N)} parameters at a loss "
            f"of {best[0].L:.2f} to {short(best[-1].N)} at {best[-1].L:.2f}.",
        )
    return ax


def loss_surface(law: Any, N: object = None, D: object = None, *, ax: Axes | None = None) -> Axes:
    """A law of N and D as a map: lines of equal loss, lines of equal compute, and the compute-optimal path.

    Parameters
    ----------
    law : ChinchillaLaw or FitResult
        With a fit, its runs are drawn as points and give the ranges.
    N, D : (low, high), optional
        Ranges of parameters and tokens; needed with a law.
    ax : matplotlib Axes, optional
        New axes if None.

    Raises
    ------
    ValueError
        If `law` is no law of N and D alone, or a range is not two rising positive numbers.

    Examples
    --------
    >>> import matplotlib; matplotlib.use("agg")
    >>> from scaling_lib import published
    >>> ax = loss_surface(published.BESIROGLU_2024, (1e7, 1e11), (1e9, 1e13))
    >>> ax.get_ylabel()
    'Tokens D, log scale'
    """
    runs = law.task.inputs if isinstance(law, FitResult) else None
    rule = splitters({"law": law})["law"]
    if tuple(rule.inputs) != ("N", "D"):
        raise _refuse("law", law, "a law of N and D alone")
    ends = []
    for name, value, unit in (("N", N, "parameters"), ("D", D, "tokens")):
        given = runs[name] if value is None and runs is not None else positive(name, value, unit=unit)
        if given.ndim != 1 or len(given) < 2 or given.min() == given.max():
            raise _refuse(name, value, f"a lowest and a highest number of {unit}, such as (1e8, 1e11)")
        margin = 1.3 if value is None else 1.0
        ends.append((float(given.min()) / margin, float(given.max()) * margin))
    n, d = (np.geomspace(*end, 121) for end in ends)
    loss = rule(n[None, :], d[:, None])
    ax = axes(ax)
    log_axis(ax.xaxis)
    log_axis(ax.yaxis)
    ax.set_xlim(*ends[0])
    ax.set_ylim(*ends[1])
    for axis in (ax.xaxis, ax.yaxis):
        log_axis(axis)
    low, high = (FLOP_PER_PARAM_TOKEN * ends[0][i] * ends[1][i] for i in (0, 1))
    best = rule.optimal(np.geomspace(low, high, 241))
    lines = ax.contour(n, d, loss, levels=_levels(loss), colors=[series(0)["color"]], linewidths=0.9, linestyles="-")
    spots = [spot for level in lines.levels if (spot := _label_spot(n, d, loss, best, float(level))) is not None]
    if spots:
        ax.clabel(lines, fmt="%.2f", fontsize=7.5, inline_spacing=4, manual=spots)
    for exponent in range(int(np.ceil(np.log10(low))), int(np.floor(np.log10(high))) + 1):
        half = 10.0**exponent / FLOP_PER_PARAM_TOKEN
        ax.plot(n, half / n, color=soft(), linewidth=0.6, linestyle=(0, (1, 2)), zorder=0)
        _at_edge(ax, half / ends[1][1], half / ends[0][1], ends, f"{power(10.0**exponent)} FLOP", soft(), 7.5)
    ax.plot(best.N, best.D, color=series(1)["color"], linewidth=2.0, linestyle="-")
    if runs is not None:
        ax.plot(
            runs["N"],
            runs["D"],
            linestyle="none",
            marker="o",
            markersize=2.6,
            color=soft(),
            alpha=0.7,
            markeredgewidth=0,
        )
    top, right = (
        float(np.exp(np.interp(np.log(end), np.log(x), np.log(y))))
        for end, x, y in ((ends[1][1], best.D, best.N), (ends[0][1], best.N, best.D))
    )
    _at_edge(ax, top, right, ends, "compute-optimal", series(1)["color"], 8.5)
    ax.set_xlabel("Parameters N, log scale")
    ax.set_ylabel("Tokens D, log scale")
    ax.set_title(
        "Loss in nats per token on the curves", loc="left", fontsize="small", fontweight="normal", color=soft(), pad=20
    )
    say(
        ax,
        f"Lines of equal loss over parameters ({short(ends[0][0])} to {short(ends[0][1])}) and tokens "
        f"({short(ends[1][0])} to {short(ends[1][1])}), both axes logarithmic; loss falls from {loss.max():.2f} at the "
        f"lower left to {loss.min():.2f} nats per token at the upper right. A thick line follows the compute-optimal splits; "
        "dotted diagonals are equal compute.",
    )
    return ax


def _at_edge(
    ax: Axes, top: float, right: float, ends: list[tuple[float, float]], text: str, colour: Any, size: float
) -> None:
    """Write `text` outside the frame where a line leaves it: at N = `top` through the upper edge, or at D = `right`."""
    if ends[0][0] < top < ends[0][1]:
        ax.annotate(
            text,
            (top, ends[1][1]),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            va="bottom",
            color=colour,
            fontsize=size,
            annotation_clip=False,
        )
    elif ends[1][0] < right < ends[1][1]:
        ax.annotate(
            text,
            (ends[0][1], right),
            xytext=(5, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            color=colour,
            fontsize=size,
            annotation_clip=False,
        )


def _label_spot(n: FloatArray, d: FloatArray, loss: FloatArray, best: Any, level: float) -> tuple[float, float] | None:
    """Where to label the curve of `level`: to the right of the optimal path, where the curves are far apart."""
    size = float(np.exp(np.interp(-level, -best.L, np.log(best.N)))) * (n[-1] / n[0]) ** 0.06
    if not n[0] * 1.1 < size < n[-1] / 1.1:
        return None
    column = loss[:, int(np.argmin(np.abs(np.log(n / size))))]
    tokens = float(np.exp(np.interp(-level, -column, np.log(d))))
    return (size, tokens) if d[0] * 1.2 < tokens < d[-1] / 1.2 else None


def _levels(loss: FloatArray) -> FloatArray:
    """Levels evenly spaced in the excess over the lowest, at two decimals and without repeats."""
    low, high = float(loss.min()), float(loss.max())
    levels = np.unique(np.round(low + (high - low) * np.geomspace(0.01, 0.9, 9), 2))
    inside = levels[(levels > low) & (levels < high)]
    return inside if len(inside) else np.array([(low + high) / 2])
