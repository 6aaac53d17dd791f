"""The look of the figures, and what they share: axes, tick labels, direct labels, and words for what is seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import numpy as np

from .._validate import FloatArray, _refuse, positive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["DARK", "MARKERS", "PALETTE", "alt", "use_style"]

#: Categorical colours of the house on light ground, in the order of use; the same as in ``house.mplstyle``.
PALETTE: Final = ("#1f5f99", "#b5480b", "#10493a", "#a63f71", "#7d6100", "#545d67")
#: The same hues for a dark ground.
DARK: Final = ("#8dbfee", "#f2a06b", "#d8f0e2", "#e7589d", "#d8bd5a", "#a6afb9")
#: Markers that go with them, so that series stay distinct without colour.
MARKERS: Final = ("o", "s", "^", "D", "v", "P")
#: Ordered colours, from a low to a high budget.
RAMP: Final = ("#21757b", "#1e649f", "#3b3f94", "#3a1d52")
RAMP_DARK: Final = ("#55a3a9", "#5a9fd6", "#9aa6f0", "#e3c8f5")

_SPOKEN: WeakKeyDictionary[Any, list[str]] = WeakKeyDictionary()


def use_style(dark: bool = False) -> None:
    """Use the house style for the figures that follow.

    Figures are transparent with dark ink; on a dark page the site turns the ink light, and JupyterLab lays a light card
    under them. `dark` is for slides and for pages that do neither.

    Parameters
    ----------
    dark : bool
        Light ink and lighter colours, still on a transparent ground.

    Raises
    ------
    ValueError
        If `dark` is not True or False.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> with mpl.rc_context():
    ...     use_style()
    ...     mpl.rcParams["axes.spines.top"]
    False
    """
    if not isinstance(dark, bool):
        raise _refuse("dark", dark, "True or False")
    import matplotlib as mpl
    from cycler import cycler
    from matplotlib import style

    with as_file(files(__package__).joinpath("house.mplstyle")) as path:
        style.use(path)
    if dark:
        cycle = mpl.rcParams["axes.prop_cycle"].by_key()
        changes: dict[Any, Any] = dict.fromkeys(("xtick.labelcolor", "ytick.labelcolor"), "#a6afb9")
        changes |= dict.fromkeys(("axes.edgecolor", "xtick.color", "ytick.color"), "#77828e")
        changes |= dict.fromkeys(("text.color", "axes.labelcolor"), "#dde1e6")
        changes |= {"grid.color": "#353d48", "axes.prop_cycle": cycler(color=DARK, linestyle=cycle["linestyle"])}
        mpl.rcParams.update(changes)


def alt(ax: Axes) -> str:
    """Alternative text of a figure drawn by this package: what is seen, in words and numbers.

    Parameters
    ----------
    ax : Axes
        Axes that a function of this package has drawn on.

    Raises
    ------
    ValueError
        If nothing of this package was drawn on `ax`.

    Examples
    --------
    >>> import matplotlib; matplotlib.use("agg")
    >>> from scaling_lib import plots
    >>> print(alt(plots.loglog([1, 10, 100], [4.0, 2.0, 1.0], xlabel="Compute")))
    3 points, y against Compute, both axes logarithmic: x from 1 to 100, y from 1 to 4.
    """
    if ax not in _SPOKEN:
        raise _refuse("ax", ax, "axes on which a function of scaling_lib.plots has drawn")
    return " ".join(_SPOKEN[ax])


def say(ax: Axes, text: str) -> None:
    """Add a sentence to the alternative text."""
    _SPOKEN.setdefault(ax, []).append(text)


def axes(ax: object) -> Any:
    """The given axes, or new ones where it is None."""
    if ax is None:
        import matplotlib.pyplot as plt

        return plt.subplots(layout="constrained")[1]
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        raise _refuse(
            "ax", ax, "Matplotlib axes, or None for new ones", "For a grid of axes pass one of them, as in axs[0, 1]."
        )
    return ax


def is_dark() -> bool:
    """Whether the ink is light, and so the ground dark."""
    import matplotlib as mpl
    from matplotlib.colors import to_rgb

    return sum(to_rgb(mpl.rcParams["text.color"])) > 1.5


def soft() -> Any:
    """The colour of secondary text and reference lines."""
    import matplotlib as mpl

    colour = mpl.rcParams["xtick.labelcolor"]
    return mpl.rcParams["xtick.color"] if colour == "inherit" else colour


def series(i: int) -> dict[str, Any]:
    """Colour, line and marker of the i-th series."""
    import matplotlib as mpl

    cycle = mpl.rcParams["axes.prop_cycle"].by_key()
    lines = cycle.get("linestyle", ["-", "--", ":", "-."])
    return {
        "color": cycle["color"][i % len(cycle["color"])],
        "linestyle": lines[i % len(lines)],
        "marker": MARKERS[i % len(MARKERS)],
    }


def ramp(n: int) -> list[Any]:
    """`n` ordered colours."""
    from matplotlib.colors import LinearSegmentedColormap

    scale = LinearSegmentedColormap.from_list("house", RAMP_DARK if is_dark() else RAMP)
    return [scale(0.5 if n == 1 else i / (n - 1)) for i in range(n)]


# Numbers in words ----------------------------------------------------------------------------------------------------


def short(value: float, digits: int = 2) -> str:
    """A count as people say it: 70B, 1.4T, 512; powers of ten beyond."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size <= float(f"{value:.{digits}g}") < 1e15:
            return _plain(value / size, digits) + letter
    return f"{value:.{digits}g}" if value >= 1e15 or value < 1e-3 else _plain(value, digits)


def _plain(value: float, digits: int) -> str:
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:.0f}" if rounded == round(rounded) else f"{rounded:.{digits}g}"


def power(value: float, digits: int = 2) -> str:
    """A number as a power of ten in mathtext: 10^18, 3 x 10^18."""
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    lead = "" if float(mantissa) == 1 else f"{float(mantissa):g} \\times "
    return f"${lead}10^{{{int(exponent)}}}$"


# Axes ----------------------------------------------------------------------------------------------------------------


def log_axis(axis: Any, style: str = "count") -> None:
    """Make `axis` logarithmic, ticks as ``count`` (1M, 1B), ``power`` (10^18), ``plain`` (0.5) or ``times`` (x2)."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    (axis.axes.set_xscale if axis.axis_name == "x" else axis.axes.set_yscale)("log")
    low, high = sorted(axis.get_view_interval())
    decades = math.log10(high / low) if low > 0 else 1.0
    words: dict[str, Callable[[float], str]] = {
        "count": short,
        "power": power,
        "plain": lambda v: f"{v:g}",
        "times": lambda v: f"×{v:g}" if v >= 1 else f"×1/{1 / v:g}",
    }
    axis.set_major_locator(
        LogLocator(
            base=10, subs=(1.0, 2.0, 5.0) if decades < 1.6 else (1.0, 3.0) if decades < 2.6 else (1.0,), numticks=9
        )
    )
    axis.set_minor_locator(LogLocator(base=10, subs=tuple(range(2, 10)), numticks=20 if decades < 9 else 2))
    axis.set_major_formatter(FuncFormatter(lambda value, _: words[style](value)))
    axis.set_minor_formatter(NullFormatter())


def end_labels(ax: Axes, items: Iterable[tuple[str, float, Any]], *, gap: float = 1.3) -> None:
    """Name lines at the right edge, where they end, moved apart so that no two labels touch.

    `items` are (label, y, colour); `gap` is the least distance of two labels in font sizes. Call it when all is drawn.
    """
    import matplotlib as mpl

    kept = [(label, float(y), colour) for label, y, colour in items if label]
    if not kept:
        return
    size = 0.9 * float(mpl.rcParams["font.size"])
    ax.get_xlim(), ax.get_ylim()  # the transforms below know the limits only once they were asked for
    least = gap * size / (ax.get_window_extent().height / ax.figure.dpi * 72)
    heights = ax.transAxes.inverted().transform(ax.transData.transform([(1.0, y) for _, y, _ in kept]))[:, 1]
    placed = spread([min(max(float(h), 0.0), 1.0) for h in heights], least)
    for (label, _, colour), h in zip(kept, placed, strict=True):
        ax.annotate(
            label,
            (1.0, h),
            xycoords="axes fraction",
            xytext=(6, 0),
            textcoords="offset points",
            color=colour,
            fontsize=size,
            va="center",
            ha="left",
            annotation_clip=False,
        )


def thin_out(ax: Axes, labels: Sequence[Any], points: Sequence[tuple[float, float]]) -> None:
    """Take away labels that lie on another one or on one of `points`; the first and the last stay."""
    ax.get_xlim(), ax.get_ylim()
    dots = ax.transData.transform(np.asarray(points, dtype=float))
    order = [0, len(labels) - 1, *range(1, len(labels) - 1)] if len(labels) > 1 else [0]
    placed: list[Any] = []
    for i in order:
        box = labels[i].get_window_extent()
        hit = ((dots > (box.x0, box.y0)) & (dots < (box.x1, box.y1))).all(axis=1).any()
        if i not in (0, len(labels) - 1) and (hit or any(box.overlaps(other) for other in placed)):
            labels[i].remove()
        else:
            placed.append(box)


def spread(heights: Sequence[float], least: float) -> list[float]:
    """Move `heights` apart to at least `least`, as little as possible and keeping their order."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    groups: list[list[float]] = []  # sum of wished positions of the lowest member, count
    for i in order:
        groups.append([heights[i], 1.0])
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] + least * groups[-2][1] > groups[-1][0] / groups[-1][1]:
            total, count = groups.pop()
            groups[-1][0] += total - least * groups[-1][1] * count
            groups[-1][1] += count
    out = [0.0] * len(heights)
    rank = 0
    for total, count in groups:
        for k in range(int(count)):
            out[order[rank]] = total / count + least * k
            rank += 1
    return out


def budget_range(name: str, value: object) -> FloatArray:
    """A grid of 121 budgets between the ends of `value`, evenly spaced in the logarithm."""
    ends = positive(name, value, unit="FLOP")
    if ends.ndim != 1 or len(ends) < 2 or ends.min() == ends.max():
        raise _refuse(name, value, "a lowest and a highest budget in FLOP, such as (1e18, 1e24)")
    return np.geomspace(ends.min(), ends.max(), 121)


def splitters(laws: Any) -> dict[str, Any]:
    """Each law by its name, a fit replaced by its law; all have `.optimal`."""
    from ..fitting.result import FitResult

    if not isinstance(laws, Mapping) or not laws:
        raise _refuse(
            "laws", laws, "a mapping from what to call a law to the law", 'Write {"Hoffmann": published.HOFFMANN_2022}.'
        )
    out = {str(key): value.law if isinstance(value, FitResult) else value for key, value in laws.items()}
    for key, law in out.items():
        if not callable(getattr(law, "optimal", None)):
            raise _refuse(
                f"laws[{key!r}]", law, "a law with .optimal, a fit of one, or the result of isoflop or envelope"
            )
    return out
