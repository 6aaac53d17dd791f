"""What others use for the same job, for comparison in the same run."""

from __future__ import annotations

import functools
import itertools
import tempfile
import time
from typing import Any

import numpy as np

DELTA = 1e-3


def _objective(theta: np.ndarray, n: np.ndarray, d: np.ndarray, y: np.ndarray) -> float:
    a, b, e, alpha, beta = theta
    z = np.stack([a - alpha * n, b - beta * d, np.full_like(n, e)])
    top = z.max(axis=0)
    r = y - top - np.log(np.exp(z - top).sum(axis=0))
    pull = np.clip(r, -DELTA, DELTA)
    return float(np.sum(pull * (r - 0.5 * pull)))


def scipy_multistart(columns: dict[str, Any], every: int) -> tuple[float, float, float]:
    """The replication's way: L-BFGS-B with finite differences from a grid of starts, of which every `every`-th is taken.

    Returns
    -------
    tuple of float
        Best objective, processor seconds, share of the starts that end within 1e-6 of the best.
    """
    from scipy.optimize import minimize

    n, d, y = (np.log(np.asarray(columns[k], dtype=float)) for k in ("N", "D", "L"))
    grid = list(itertools.product(np.arange(0, 26, 5.0), np.arange(0, 26, 5.0), np.arange(-1, 1.1, 0.5), np.arange(0, 2.1, 0.5), np.arange(0, 2.1, 0.5)))
    begin = time.process_time()
    ends = np.array([minimize(_objective, start, (n, d, y), "L-BFGS-B").fun for start in grid[::every]])
    spent = time.process_time() - begin
    return float(ends.min()), spent, float(np.mean(ends <= ends.min() * (1 + 1e-6)))


def packages(columns: dict[str, Any]) -> dict[str, tuple[float, float, str]]:
    """Objective, processor seconds and a note for each package that is installed."""
    return {"chinchilla": _chinchilla(columns)}


def _chinchilla(columns: dict[str, Any]) -> tuple[float, float, str]:
    """`chinchilla` minimises by BFGS in extended precision from a grid of starts: here 72 instead of 4,500."""
    try:
        from chinchilla import Chinchilla  # type: ignore[import-not-found]
        from chinchilla._metrics import log_huber  # type: ignore[import-not-found]
    except ImportError as error:
        return 0.0, 0.0, f"not installed ({error}): pip install chinchilla==0.2.0"
    grid = {"e": [0.0, 1.0], "a": [0.0, 10.0, 20.0], "b": [0.0, 10.0, 20.0], "alpha": [0.25, 0.75], "beta": [0.25, 0.75]}
    with tempfile.TemporaryDirectory() as folder:
        peer = Chinchilla(folder, param_grid=grid, loss_fn=functools.partial(log_huber, delta=DELTA), log_level=50)
        peer.visualizer.optim = lambda *args, **kwargs: None  # drawing is not fitting
        for N, D, L in zip(*(columns[k] for k in ("N", "D", "L")), strict=True):
            peer.append(N=N, D=D, loss=L)
        try:
            begin = time.process_time()
            peer.fit(parallel=False)
            spent = time.process_time() - begin
        except Exception as error:  # noqa: BLE001 - a peer that fails is reported, and the rest goes on
            return 0.0, 0.0, f"failed: {type(error).__name__}: {error}"
    theta = np.array([np.log(float(peer.A)), np.log(float(peer.B)), np.log(float(peer.E)), float(peer.alpha), float(peer.beta)])
    n, d, y = (np.log(np.asarray(columns[k], dtype=float)) for k in ("N", "D", "L"))
    return _objective(theta, n, d, y), spent, ""
