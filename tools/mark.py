"""Draws the course's mark and favicon: the valley of loss at one budget, and its minimum.

The curve is computed: the loss of a published law against model size, over the sizes at which it exceeds its minimum by
no more than a fixed share. ``python tools/mark.py`` writes the files, ``--check`` says whether they are as drawn.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scaling_lib import published  # noqa: E402

BUDGET = 5.76e23  # FLOP: the budget of Gopher and Chinchilla
SHARE = 0.35      # the curve ends where the reducible loss exceeds its minimum by this share
POINTS = 25
INK, INK_DARK, MINIMUM, MINIMUM_DARK = "#1f4e79", "#9cc3e8", "#b3450f", "#f0995c"


def valley(budget: float = BUDGET, share: float = SHARE, points: int = POINTS) -> np.ndarray:
    """The valley in unit coordinates.

    Parameters
    ----------
    budget : float
        Training compute, FLOP.
    share : float
        Excess over the reducible loss at the minimum at which the curve ends, on both sides.
    points : int
        Points along the curve, evenly spaced in log N.

    Returns
    -------
    ndarray, shape (points, 2)
        x in [0, 1] along log N, y in [0, 1] from the minimum (0) to the end of the curve (1).
    """
    law = published.BESIROGLU_2024
    best = law.optimal(C=budget)

    def excess(log_size: np.ndarray) -> np.ndarray:
        return np.asarray((law.along(budget, np.exp(log_size)) - best.L) / (best.L - law.E))

    wide = np.log(best.N) + np.linspace(-12, 12, 48_001)
    inside = wide[excess(wide) <= share]
    sizes = np.linspace(inside[0], inside[-1], points)
    height = excess(sizes)
    return np.column_stack([(sizes - inside[0]) / (inside[-1] - inside[0]), height / share])


def path(curve: np.ndarray, left: float, top: float, width: float, height: float) -> str:
    """The curve as SVG path data: cubic pieces through its points (Catmull-Rom)."""
    xy = np.column_stack([left + width * curve[:, 0], top + height * (1 - curve[:, 1])])
    slopes = np.gradient(xy, axis=0)
    words = [f"M{xy[0, 0]:.2f} {xy[0, 1]:.2f}"]
    for start, end, leave, arrive in zip(xy[:-1], xy[1:], slopes[:-1], slopes[1:]):
        first, second = start + leave / 3, end - arrive / 3
        words.append(f"C{first[0]:.2f} {first[1]:.2f} {second[0]:.2f} {second[1]:.2f} {end[0]:.2f} {end[1]:.2f}")
    return "".join(words)


def draw(title: str, stroke: float, radius: float, faint: bool) -> str:
    """One square drawing of 64 units: the valley, a fainter one of a larger budget if asked, the minimum."""
    curve = valley(points=9)
    bottom = curve[np.argmin(curve[:, 1])]
    left, top, width, height = 6.0, 10.0, 52.0, 38.0
    x, y = left + width * bottom[0], top + height * (1 - bottom[1])
    second = ""
    if faint:
        second = f'  <path class="v" opacity=".4" d="{path(curve, left + 9, top + 13, width - 18, height - 22)}"/>\n'
        second = second.replace('class="v"', f'class="v" stroke-width="{stroke * 0.6:g}"')
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">\n'
        f"  <title>{title}</title>\n"
        "  <style>\n"
        f"    .v {{ fill: none; stroke: {INK}; stroke-linecap: round }} .m {{ fill: {MINIMUM} }}\n"
        f"    @media (prefers-color-scheme: dark) {{ .v {{ stroke: {INK_DARK} }} .m {{ fill: {MINIMUM_DARK} }} }}\n"
        "  </style>\n"
        f'  <path class="v" stroke-width="{stroke:g}" d="{path(curve, left, top, width, height)}"/>\n'
        f"{second}"
        f'  <circle class="m" cx="{x:.2f}" cy="{y:.2f}" r="{radius:g}"/>\n'
        "</svg>\n"
    )


def drawings() -> dict[str, str]:
    """File name under ``book/_static`` -> SVG text."""
    return {
        "mark.svg": draw("Loss against model size at one budget, with its minimum", 4, 6.5, faint=False),
        "favicon.svg": draw("Scaling Laws, Hands-On", 7, 9, faint=False),
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Draw the mark and the favicon into book/_static.")
    parser.add_argument("--check", action="store_true", help="only say whether the files are as drawn")
    check = parser.parse_args(arguments).check
    folder, stale = ROOT / "book" / "_static", []
    for name, text in drawings().items():
        target = folder / name
        if check:
            if not target.is_file() or target.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            target.write_text(text, encoding="utf-8")
    if stale:
        print(f"[mark] not as drawn: {', '.join(stale)}; run python tools/mark.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
