"""Draws the course's mark and favicon: valleys of loss against model size, and the line of their minima.

Nothing is drawn by hand: the curves are a published law at three budgets, over the sizes at which the reducible loss
exceeds its minimum by no more than a fixed share. ``python tools/mark.py`` writes the files; ``--check`` says whether
they are as drawn.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scaling_lib import published  # noqa: E402

LAW = published.BESIROGLU_2024
POINTS = 9
# Two colours that stand out on paper and on a dark page alike (contrast above 3 with both).
CURVE, MINIMUM = "#3d7ab3", "#c8641f"


def valley(budget: float, share: float, points: int = POINTS) -> np.ndarray:
    """The valley of one budget.

    Parameters
    ----------
    budget : float
        Training compute, FLOP.
    share : float
        Excess over the reducible loss at the minimum at which the curve ends, on both sides.
    points : int
        Points along the curve, evenly spaced in ln N; odd, so that the middle one lies near the minimum.

    Returns
    -------
    ndarray, shape (points, 2)
        ln N and ln of the reducible loss.
    """
    best = LAW.optimal(C=budget)
    wide = np.log(best.N) + np.linspace(-12, 12, 24_001)

    def height(log_size: np.ndarray) -> np.ndarray:
        return np.log(np.asarray(LAW.along(budget, np.exp(log_size))) - LAW.E)

    inside = wide[height(wide) <= np.log((best.L - LAW.E) * (1 + share))]
    sizes = np.linspace(inside[0], inside[-1], points)
    return np.column_stack([sizes, height(sizes)])


def minimum(budget: float) -> np.ndarray:
    """ln N and ln of the reducible loss at the optimum of one budget."""
    best = LAW.optimal(C=budget)
    return np.array([np.log(best.N), np.log(best.L - LAW.E)])


def smooth(xy: np.ndarray) -> str:
    """SVG path data through the points: cubic pieces with central slopes."""
    slopes = np.gradient(xy, axis=0)
    words = [f"M{xy[0, 0]:.1f} {xy[0, 1]:.1f}"]
    for start, end, leave, arrive in zip(xy[:-1], xy[1:], slopes[:-1], slopes[1:]):
        first, second = start + leave / 3, end - arrive / 3
        words.append(f"C{first[0]:.1f} {first[1]:.1f} {second[0]:.1f} {second[1]:.1f} {end[0]:.1f} {end[1]:.1f}")
    return "".join(words)


def draw(title: str, budgets: Sequence[float], share: float, stroke: float, radius: float) -> str:
    """A square drawing of 64 units: one valley a budget, a dot at each minimum."""
    curves = [valley(budget, share) for budget in budgets]
    dots = [minimum(budget) for budget in budgets]
    every = np.vstack([*curves, *dots])
    low, high = every.min(axis=0), every.max(axis=0)
    margin = np.array([radius, radius])

    def place(points: np.ndarray) -> np.ndarray:
        unit = (points - low) / (high - low)
        return np.asarray(margin + np.column_stack([unit[:, 0], 1 - unit[:, 1]]) * (64 - 2 * margin))

    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">',
        f"  <title>{title}</title>",
        f'  <g fill="none" stroke="{CURVE}" stroke-width="{stroke:g}" stroke-linecap="round">',
        *(f'    <path d="{smooth(place(curve))}"/>' for curve in curves),
        f'  </g>\n  <g fill="{MINIMUM}">',
        *(f'    <circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}"/>' for x, y in place(np.array(dots))),
        "  </g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def drawings() -> dict[str, str]:
    """File name under ``book/_static`` -> SVG text."""
    return {
        "mark.svg": draw("Loss against model size at three budgets", (1e21, 5e21, 2.5e22), 0.3, 3.6, 5),
        "favicon.svg": draw("Scaling Laws, Hands-On", (5.76e23,), 0.35, 8.5, 9.5),
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Draw the mark and the favicon into book/_static.")
    parser.add_argument("--check", action="store_true", help="only say whether the files are as drawn")
    check = parser.parse_args(arguments).check
    folder, stale = ROOT / "book" / "_static", []
    for name, text in drawings().items():
        target = folder / name
        if not check:
            target.write_text(text, encoding="utf-8")
        elif not target.is_file() or target.read_text(encoding="utf-8") != text:
            stale.append(name)
    if stale:
        print(f"[mark] not as drawn: {', '.join(stale)}; run python tools/mark.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
