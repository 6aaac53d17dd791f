"""Simulated surfaces that make fitting hard, for the robustness of the estimators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from scaling_lib import ChinchillaLaw
from scaling_lib.fitting import simulate

#: What is hard about a surface; the suite takes them in turn.
KINDS = ("usual", "noisy", "few", "outliers", "flat_exponent", "no_floor", "weak_term", "isoflop", "exact", "narrow")


@dataclass(frozen=True)
class Surface:
    """A simulated table with its truth."""

    number: int
    kind: str
    law: ChinchillaLaw
    columns: dict[str, Any]


def surface(number: int) -> Surface:
    """The surface of that number: always the same."""
    kind = KINDS[number % len(KINDS)]
    rng = np.random.default_rng([20240415, number])
    n = int(rng.integers(8, 15)) if kind == "few" else int(np.exp(rng.uniform(np.log(15), np.log(300))))
    noise = {"exact": 0.0, "noisy": 0.02}.get(kind, float(rng.uniform(0, 0.01)))
    alpha, beta = rng.uniform(0.2, 0.6, 2)
    if kind == "flat_exponent":
        alpha = float(rng.uniform(0.005, 0.08))
    E = 0.0 if kind == "no_floor" and rng.random() < 0.5 else float(rng.uniform(0.0, 0.1)) if kind == "no_floor" else float(rng.uniform(0.5, 2.5))
    decades = 0.7 if kind == "narrow" else float(rng.uniform(1.5, 3.5))
    N = 10 ** (8.5 + decades * rng.uniform(-0.5, 0.5, n))
    D = 10 ** (10.3 + decades * rng.uniform(-0.5, 0.5, n))
    if kind == "isoflop":
        C = 10 ** rng.choice(np.linspace(18, 21, 5), n)
        D = C / (6 * N)
    excess = rng.uniform(0.1, 0.8, 2)
    if kind == "weak_term":
        excess[int(rng.integers(2))] = float(rng.uniform(0.001, 0.02))
    law = ChinchillaLaw(E=E, A=float(excess[0] * 10 ** (8.5 * alpha)), B=float(excess[1] * 10 ** (10.3 * beta)), alpha=float(alpha), beta=float(beta))
    columns = simulate.surface(law, N, D, noise=noise, seed=number, outliers=0.1 if kind == "outliers" else 0.0, outlier_size=0.15)
    return Surface(number, kind, law, columns)


def surfaces(count: int, start: int = 0) -> Iterator[Surface]:
    """`count` surfaces from number `start` on."""
    return (surface(number) for number in range(start, start + count))
