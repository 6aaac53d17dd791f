"""Many small robust fits at once: Newton's method with the exact Hessian, a safeguard and box bounds.

Use it through :func:`scaling_lib.fitting.fit`. A *model* evaluates the objective of a batch of parameter vectors with
its gradient, its Hessian and a positive semi-definite majoriser of the Hessian (the reweighted least-squares matrix).
Far from the optimum the majoriser damps the step, near it the step is Newton's own. Rows of a batch are independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .._validate import FloatArray

__all__ = ["Minimum", "Model", "join", "loose", "minimise", "rounding"]

Mask: TypeAlias = NDArray[np.bool_]
Derivatives: TypeAlias = tuple[FloatArray, FloatArray, FloatArray, FloatArray]

#: Relative decrease still possible, by the quadratic model, below which a fit has converged.
TOLERANCE = 1e-13
_GIVE_UP = 1e12


class Model(Protocol):
    """What `minimise` needs of a law on its data."""

    #: Largest change of each parameter in one step (P,).
    reach: FloatArray
    #: Objective that is nothing but rounding of the logarithms, see `rounding`.
    noise: float

    def evaluate(self, q: FloatArray, weights: FloatArray | None, targets: FloatArray | None) -> Derivatives:
        """Objective (B,), gradient (B, P), Hessian (B, P, P) and majoriser (B, P, P) at the rows of q (B, P)."""
        ...


def rounding(y: FloatArray) -> float:
    """Objective of residuals that are nothing but rounding, for log targets `y`."""
    return float(0.5 * np.sum((np.finfo(float).eps * (2 + np.abs(y))) ** 2))


@dataclass(frozen=True)
class Minimum:
    """Where a batch of minimisations ended.

    Attributes
    ----------
    q : ndarray (B, P)
        Parameters in the model's coordinates.
    value : ndarray (B,)
        Objective; infinite where the start was useless.
    converged : ndarray of bool (B,)
        Whether the quadratic model promises no further decrease.
    gradient : ndarray (B, P)
        Gradient at `q`.
    majoriser : ndarray (B, P, P)
        The reweighted least-squares matrix at `q`; a null direction of it is a combination the data do not fix.
    """

    q: FloatArray
    value: FloatArray
    converged: Mask
    gradient: FloatArray
    majoriser: FloatArray


def minimise(model: Model, start: FloatArray, *, low: FloatArray, high: FloatArray, free: Mask,
             weights: FloatArray | None = None, targets: FloatArray | None = None, damping: float = 0.3, limit: int = 120,
             tolerance: float = TOLERANCE, race: bool = False, spare: int = 0) -> Minimum:
    """Minimise from each row of `start` within the box; the caller silences floating-point warnings.

    Parameters
    ----------
    model : Model
        The law on its data.
    start : ndarray (B, P)
        Starting points, clipped into the box.
    low, high : ndarray (P,)
        Bounds.
    free : ndarray of bool (B, P) or (P,)
        False for parameters that stay as they start.
    weights : ndarray (B, n), optional
        Non-negative weight of each point in each fit.
    targets : ndarray (B, n), optional
        Log of the target in each fit, where it differs from the model's own.
    damping : float
        First weight of the majoriser; small where the start is good.
    limit : int
        Largest number of steps.
    tolerance : float
        Relative decrease still possible, by the quadratic model, below which a row has converged.
    race : bool
        Whether the rows are starts of one fit: the race is over when two arrive at the same value and no other is lower.
    spare : int
        Stop when no more than this many rows are on their way; the caller takes them on in better company.
    """
    count, width = start.shape
    low, high = np.broadcast_to(low, start.shape), np.broadcast_to(high, start.shape)
    free = np.broadcast_to(free, start.shape)
    q = np.where(free, np.clip(start, low, high), start)
    value, gradient, hessian, majoriser = model.evaluate(q, weights, targets)
    good = np.isfinite(value)
    out = Minimum(q.copy(), np.where(good, value, np.inf), np.zeros(count, bool), gradient.copy(), majoriser.copy())
    rows = np.arange(count)
    lam = np.full(count, damping)
    done = ~good
    noise = model.noise
    for _ in range(limit):
        if 2 * np.count_nonzero(done) >= len(done):
            keep = ~done
            rows, q, value, lam = rows[keep], q[keep], value[keep], lam[keep]
            free, low, high = free[keep], low[keep], high[keep]
            gradient, hessian, majoriser = gradient[keep], hessian[keep], majoriser[keep]
            weights = None if weights is None else weights[keep]
            targets = None if targets is None else targets[keep]
            done = done[keep]
            if not len(rows):
                break
        step, promise = _step(q, gradient, hessian, majoriser, lam, low, high, free, model.reach)
        flat = promise * (1 + lam) <= tolerance * value + noise
        # With the damping at its end no step of any length helps: rounding has the last word.
        finished = ~done & (flat | (lam > _GIVE_UP))
        if finished.any():
            at = rows[finished]
            out.q[at], out.value[at] = q[finished], value[finished]
            out.gradient[at], out.majoriser[at] = gradient[finished], majoriser[finished]
            out.converged[at] = (flat | (promise * lam <= 1e-6 * value))[finished]
            done = done | finished
            running = np.count_nonzero(~done)
            if running <= spare or (race and _won(out, value[~done], noise)):
                break
        trial = np.where(free, np.clip(q + step, low, high), q)
        new_value, new_gradient, new_hessian, new_majoriser = model.evaluate(trial, weights, targets)
        better = (new_value < value) & ~done
        if better.all():
            lam = np.where(value - new_value > 0.125 * promise, 0.3 * lam, lam)
            q, value, gradient, hessian, majoriser = trial, new_value, new_gradient, new_hessian, new_majoriser
            continue
        lam = np.where(better, np.where(value - new_value > 0.125 * promise, 0.3 * lam, lam), 6 * lam + 1e-6)
        pick, pick2 = better[:, None], better[:, None, None]
        q, value = np.where(pick, trial, q), np.where(better, new_value, value)
        gradient = np.where(pick, new_gradient, gradient)
        hessian = np.where(pick2, new_hessian, hessian)
        majoriser = np.where(pick2, new_majoriser, majoriser)
    left = rows[~done] if len(rows) else rows
    if len(left):
        out.q[left], out.value[left] = q[~done], value[~done]
        out.gradient[left], out.majoriser[left] = gradient[~done], majoriser[~done]
    return out


def _won(out: Minimum, running: FloatArray, noise: float) -> bool:
    arrived = np.sort(out.value[out.converged])
    return (len(arrived) > 1 and bool(arrived[1] <= arrived[0] * (1 + 1e-9) + 10 * noise)
            and (len(running) == 0 or bool(running.min() >= arrived[0])))


def _step(q: FloatArray, gradient: FloatArray, hessian: FloatArray, majoriser: FloatArray, lam: FloatArray,
          low: FloatArray, high: FloatArray, free: Mask, reach: FloatArray) -> tuple[FloatArray, FloatArray]:
    """One damped step within the box and the decrease that its linear model promises."""
    at_low, at_high = q <= low, q >= high
    pinned = ~free | (at_low & (gradient > 0)) | (at_high & (gradient < 0))
    matrix = hessian + lam[:, None, None] * majoriser
    scale = np.sqrt(np.einsum("bii->bi", majoriser))
    scale = 1 / np.maximum(scale, 1e-12 * np.max(scale, axis=1, keepdims=True) + 1e-150)
    step = _solve(matrix, gradient, scale, pinned)
    outward = ((at_low & (step < 0)) | (at_high & (step > 0))) & ~pinned
    again = outward.any(axis=1)
    if again.any():
        step[again] = _solve(matrix[again], gradient[again], scale[again], (pinned | outward)[again])
    room = np.where(step < 0, low - q, high - q)
    ratio = np.where(step == 0, 1.0, np.minimum(room / step, reach / np.abs(step)))
    share = np.minimum(1.0, np.min(np.where(np.isnan(ratio), 1.0, ratio), axis=1))
    step = step * share[:, None]
    return step, -np.einsum("bi,bi->b", gradient, step)


def _solve(matrix: FloatArray, gradient: FloatArray, scale: FloatArray, pinned: Mask) -> FloatArray:
    """A descent direction: Newton's, or where the matrix is not positive that of its eigenvalues made positive."""
    scale = np.where(pinned, 0.0, scale)
    scaled = matrix * (scale[:, :, None] * scale[:, None, :])
    slope = gradient * scale
    width = scaled.shape[1]
    diagonal = np.arange(width)
    solid = scaled.copy()
    solid[:, diagonal, diagonal] += pinned + 1e-13
    try:
        np.linalg.cholesky(solid)
        out = -np.linalg.solve(solid, slope[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        scaled[~np.isfinite(scaled)] = 0.0
        values, vectors = np.linalg.eigh(scaled)
        size = np.abs(values)
        size = np.maximum(size, 1e-9 * size.max(axis=1, keepdims=True) + 1e-300)
        along = np.einsum("bij,bi->bj", vectors, slope)
        out = -np.einsum("bij,bj->bi", vectors, along / size)
    return np.asarray(out * scale)


def join(parts: list[Minimum]) -> Minimum:
    """One batch from several."""
    if len(parts) == 1:
        return parts[0]
    return Minimum(*(np.concatenate([getattr(part, name) for part in parts])
                     for name in ("q", "value", "converged", "gradient", "majoriser")))


def loose(value: float, noise: float, gradient: FloatArray, majoriser: FloatArray, free: Mask, at_bound: Mask) -> NDArray[np.int_]:
    """Indices of free parameters that share a direction which changes no prediction; empty where there is none.

    A parameter which the data press against its bound counts as known, one that merely lies there does not.
    """
    size = np.sqrt(np.maximum(np.diag(majoriser), 0.0))
    pressed = at_bound & (np.abs(gradient) > size * (1e-6 * np.sqrt(max(value, 0.0)) + 3 * np.sqrt(noise)))
    active = np.flatnonzero(free & ~pressed)
    size = size[active]
    dead = size <= 1e-9 * size.max(initial=0.0)
    if dead.any() or not len(active):
        return np.asarray(active[dead])
    values, vectors = np.linalg.eigh(majoriser[np.ix_(active, active)] / np.outer(size, size))
    if values[0] > 1e-11 * values[-1]:
        return active[:0]
    strength = np.abs(vectors[:, 0])
    return np.asarray(active[strength > 0.1 * strength.max()])
