"""The engine for every other law: starts from where its constants are plausible, Newton on differences of its formula.

Nothing is known of the formula but that it can be called for many constants at once. Constants in which it is linear
are found out and solved for at every start; the others are spread over `Law.ranges`. Derivatives are differences,
taken for all starts and all constants in a single call.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from .._validate import FloatArray
from ..laws import Law
from .newton import TOLERANCE, Derivatives, Mask, Minimum, join, loose, minimise, rounding
from .task import Batch, Solution, Status, Task

__all__ = ["GeneralEngine"]

#: Relative step of differences: what second differences allow in double precision.
_STEP = 2e-4
CHUNK = 64
#: From this many points on, two starts that agree are believed.
MANY = 40


class FormulaModel:
    """Objective of any law on one table, by differences of its formula.

    Coordinates are the constants themselves, or their logarithms where they must be positive.

    Parameters
    ----------
    task : Task
        The checked problem.
    log : ndarray of bool (P,)
        Which constants are held as logarithms.
    unit : ndarray (P,)
        Typical size of each coordinate, for steps near zero.
    low, high : ndarray (P,)
        Box of the coordinates.
    free : ndarray of bool (P,)
        Which constants are to be found.
    reach : ndarray (P,)
        Largest change of a constant in one step; a coefficient may take any.
    """

    def __init__(self, task: Task, log: Mask, unit: FloatArray, low: FloatArray, high: FloatArray, free: Mask,
                 reach: FloatArray) -> None:
        self.task, self.log, self.unit, self.low, self.high = task, log, unit, low, high
        self.size = task.size
        self.y = np.log(task.target)
        self.noise = rounding(self.y)
        self.reach = np.where(log, 3.0, reach)
        self.active = np.flatnonzero(free)
        self.delta = task.delta
        self.rough = False
        self._pairs = np.triu_indices(len(self.active), 1)

    def natural(self, q: FloatArray) -> FloatArray:
        """Constants (..., P) at coordinates (..., P)."""
        return np.where(self.log, np.exp(np.where(self.log, q, 0.0)), q)

    def predict(self, q: FloatArray) -> FloatArray:
        """Log of the law (B, n) at the rows of `q` (B, P)."""
        return self.task.log_predict(self.natural(q))

    def objective(self, q: FloatArray, weights: FloatArray | None = None) -> FloatArray:
        """Objective (B,) alone."""
        residual = self.y - self.predict(q)
        pull = np.clip(residual, -self.delta, self.delta)
        cost = pull * (residual - 0.5 * pull)
        value = (cost if weights is None else cost * weights).sum(axis=1)
        return np.where(np.isfinite(value), value, np.inf)

    def evaluate(self, q: FloatArray, weights: FloatArray | None = None, targets: FloatArray | None = None) -> Derivatives:
        """Objective, gradient, Hessian and reweighted least-squares matrix; see :class:`.newton.Model`."""
        batch, width = q.shape
        active, m = self.active, len(self.active)
        step = _STEP * np.where(self.log, 1.0, np.maximum(np.abs(q), self.unit))[:, active]
        here = q[:, active]
        up = np.where(here + step <= self.high[active], step, 0.0)
        down = np.where(here - step >= self.low[active], step, 0.0)
        first, second = self._pairs if not self.rough else (self._pairs[0][:0], self._pairs[1][:0])
        points = np.repeat(q[:, None, :], 1 + 2 * m + len(first), axis=1)
        each = np.arange(m)
        points[:, 1 + each, active] += up
        points[:, 1 + m + each, active] -= down
        # Cross differences go where there is room: up, unless that leaves the box.
        side = np.where(up > 0, up, -down)
        cross = 1 + 2 * m + np.arange(len(first))
        points[:, cross, active[first]] += side[:, first]
        points[:, cross, active[second]] += side[:, second]
        f = self.predict(points.reshape(-1, width)).reshape(batch, points.shape[1], self.size)
        above, below = f[:, 1:1 + m], f[:, 1 + m:1 + 2 * m]
        jacobian = (above - below) / (up + down)[:, :, None]
        residual = (self.y if targets is None else targets) - f[:, 0]
        size = np.abs(residual)
        pull = np.clip(residual, -self.delta, self.delta)
        cost = pull * (residual - 0.5 * pull)
        curve = (size <= self.delta).astype(np.float64)
        relaxed = self.delta / np.maximum(size, self.delta)
        if weights is not None:
            cost, curve, relaxed, pull = cost * weights, curve * weights, relaxed * weights, pull * weights
        value = cost.sum(axis=1)
        slope = -(jacobian @ pull[:, :, None])[:, :, 0]
        transposed = jacobian.transpose(0, 2, 1)
        gauss = (jacobian * curve[:, None]) @ transposed
        if not self.rough:
            gauss -= self._bend(f, up, down, side, pull)
        gradient = np.zeros((batch, width))
        hessian, majoriser = np.zeros((batch, width, width)), np.zeros((batch, width, width))
        gradient[:, active] = slope
        hessian[:, active[:, None], active] = gauss
        majoriser[:, active[:, None], active] = (jacobian * relaxed[:, None]) @ transposed
        sound = np.isfinite(value) & np.isfinite(slope).all(axis=1) & np.isfinite(majoriser).all(axis=(1, 2))
        hessian[~np.isfinite(hessian)] = 0.0
        return np.where(sound, value, np.inf), gradient, hessian, majoriser

    def _bend(self, f: FloatArray, up: FloatArray, down: FloatArray, side: FloatArray, pull: FloatArray) -> FloatArray:
        """Second derivatives of the log of the law, summed with the pull of each point (B, M, M)."""
        m = len(self.active)
        first, second = self._pairs
        # Summing over the points first leaves small arrays to difference.
        g = (f @ pull[:, :, None])[:, :, 0]
        middle, above, below, crossed = g[:, :1], g[:, 1:1 + m], g[:, 1 + m:1 + 2 * m], g[:, 1 + 2 * m:]
        own = np.where((up > 0) & (down > 0), (above + below - 2 * middle) / (up * up), 0.0)
        toward = np.where(up > 0, above, below)
        out = np.zeros((len(f), m, m))
        each = np.arange(m)
        out[:, each, each] = own
        out[:, first, second] = (crossed - toward[:, first] - toward[:, second] + middle) / (side[:, first] * side[:, second])
        out[:, second, first] = out[:, first, second]
        return out


@cache
def linear_constants(law: type[Law]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Constants in which the formula is linear with the others held, and those of them that are floors.

    Both are tried out on random numbers: a floor adds the same amount at every point.
    """
    rng = np.random.default_rng(20220329)
    names = law.parameter_names()
    inputs = {name: rng.uniform(1.5, 4.0, 7) for name in law.inputs}
    found: list[str] = []
    floors: list[str] = []
    with np.errstate(all="ignore"):
        def at(**moved: float) -> FloatArray:
            theta = {**base, **{name: np.float64(base[name] + step) for name, step in moved.items()}}
            return np.asarray(law._formula(theta, **inputs), dtype=np.float64)

        trials = [{name: np.float64(value) for name, value in zip(names, rng.uniform(0.6, 1.6, len(names)), strict=True)}
                  for _ in range(3)]
        for name in names:
            straight, level = True, True
            for base in trials:
                zero, one, two = at(), at(**{name: 0.1}), at(**{name: 0.2})
                straight &= bool(np.all(np.abs(two - 2 * one + zero) <= 1e-11 * np.abs(two).max()))
                level &= bool(np.ptp(one - zero) <= 1e-11 * np.abs(one).max())
                for other in found:
                    both = at(**{name: 0.1, other: 0.1})
                    straight &= bool(np.all(np.abs(both - one - at(**{other: 0.1}) + zero) <= 1e-11 * np.abs(both).max()))
            if straight:
                found.append(name)
                floors += [name] if level else []
    return tuple(found), tuple(floors)


def _spread(count: int, width: int) -> FloatArray:
    """Points (count, width) that fill the unit cube evenly (the R sequence of Roberts)."""
    golden = 2.0
    for _ in range(30):
        golden = (1 + golden) ** (1 / (width + 1))
    return np.asarray((0.5 + np.outer(np.arange(1, count + 1), golden ** -np.arange(1.0, width + 1))) % 1.0)


class GeneralEngine:
    """Fits of any law on one table.

    Parameters
    ----------
    task : Task
        The checked problem.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        law, names = task.law, task.names
        linear, floors = linear_constants(law)
        ranges = {name: self._range(name, name in linear) for name in names}
        # A coefficient and its exponent trade places along a line if the coefficient is measured in its logarithm.
        self.log = np.array([name in law.positive or (name in law.nonnegative and name not in floors
                                                      and (name in linear or ranges[name][0] > 0)) for name in names])
        self.free = np.array([name not in task.fixed for name in names])
        low, high = (np.array([getattr(task, side)[name] for name in names]) for side in ("low", "high"))
        self.held = np.array([task.fixed.get(name, 0.0) for name in names])
        with np.errstate(divide="ignore", invalid="ignore"):
            # What may be zero but is searched in its logarithm is kept within a range that doubles bear.
            self.low = np.where(self.log, np.where(low > 0, np.log(low), -600.0), low)
            self.high = np.where(self.log, np.minimum(np.log(high), 600.0), high)
            self.held = np.where(self.log, np.log(np.where(self.log, self.held, 1.0)), self.held)
        self._ranges = np.array([ranges[name] for name in names])
        self._solved = [i for i, name in enumerate(names) if name in linear and self.free[i]]
        self._searched = [i for i, name in enumerate(names) if name not in linear and self.free[i]]
        unit = np.maximum(np.abs(self._ranges).max(axis=1) * 1e-2, 1e-3)
        for i in self._solved:
            unit[i] = max(float(np.median(task.target)) * 1e-2, 1e-12)
        reach = np.maximum(np.ptp(self._ranges, axis=1), 0.1)
        reach[[i for i, name in enumerate(names) if name in linear]] = np.inf
        self.model = FormulaModel(task, self.log, unit, self.low, self.high, self.free, reach)

    def _range(self, name: str, linear: bool) -> tuple[float, float]:
        if name in self.task.law.ranges:
            given = self.task.law.ranges[name]
            if isinstance(given, str):
                given = float(self.task.inputs[given].min()), float(self.task.inputs[given].max())
            low, high = given
        elif linear:
            low, high = (0.0, float(self.task.target.max()))
        elif name in self.task.law.positive:
            low, high = 1e-2, 1e2
        else:
            low, high = (0.05, 1.0) if name in self.task.law.nonnegative else (-1.0, 1.0)
        return max(low, min(self.task.low[name], high)), min(high, max(self.task.high[name], low))

    def starts(self, count: int) -> FloatArray:
        """Coordinates (count, P) spread over the ranges, with the linear constants solved for."""
        q = np.tile(np.where(self.free, 0.0, self.held), (count, 1))
        unit = _spread(count, max(len(self._searched), 1))
        for column, i in enumerate(self._searched):
            low, high = self._ranges[i]
            at = unit[:, column]
            if self.log[i]:
                q[:, i] = np.log(low) + at * np.log(high / low)
            elif low > 0:
                q[:, i] = np.exp(np.log(low) + at * np.log(high / low))
            else:
                q[:, i] = low + at * (high - low)
        return self._project(np.clip(q, self.low, self.high)) if self._solved else np.clip(q, self.low, self.high)

    def _project(self, q: FloatArray) -> FloatArray:
        """Solve for the linear constants by least squares in relative error; what turns out below its bound rests on it."""
        task, solved = self.task, self._solved
        table = {name: self.model.natural(q)[:, i, None] for i, name in enumerate(task.names)}
        for i in solved:
            table[task.names[i]] = np.zeros((len(q), 1))
        shape = (len(q), task.size)
        base = np.broadcast_to(task.law._formula(table, **task.inputs), shape)
        columns = []
        for i in solved:
            one = task.law._formula({**table, task.names[i]: np.ones((len(q), 1))}, **task.inputs)
            columns.append((np.broadcast_to(one, shape) - base) / task.target)
        design = np.stack(columns, axis=2)
        right = (task.target - base) / task.target
        if task.weights is not None:
            root = np.sqrt(task.weights)
            design, right = design * root[:, None], right * root
        norm = np.sqrt(np.einsum("bnm,bnm->bm", design, design))
        norm = np.where((norm > 0) & np.isfinite(norm), norm, 1.0)
        design = np.nan_to_num(design / norm[:, None], nan=0.0, posinf=0.0, neginf=0.0)
        right = np.nan_to_num(right, nan=0.0, posinf=0.0, neginf=0.0)
        normal = np.einsum("bnm,bnk->bmk", design, design)
        wanted = np.einsum("bnm,bn->bm", design, right)
        active = np.ones(wanted.shape, bool)
        coefficient = np.zeros(wanted.shape)
        natural_low = np.array([task.low[task.names[i]] for i in solved])
        for _ in range(len(solved)):
            keep = active[:, :, None] & active[:, None, :]
            system = np.where(keep, normal, 0.0) + np.eye(len(solved)) * np.where(active, 1e-10, 1.0)[:, None]
            coefficient = np.linalg.solve(system, np.where(active, wanted, 0.0)[..., None])[..., 0] / norm
            below = active & (coefficient < natural_low)
            if not below.any():
                break
            active &= ~below
        scale = float(np.median(task.target))
        coefficient = np.where(active, coefficient, np.maximum(np.where(np.isfinite(natural_low), natural_low, 0.0), 1e-3 * scale / norm))
        for m, i in enumerate(solved):
            value = coefficient[:, m]
            q[:, i] = np.log(np.maximum(value, 1e-250)) if self.log[i] else value
        return np.clip(q, self.low, self.high)

    def _minimise(self, start: FloatArray, weights: FloatArray | None = None, targets: FloatArray | None = None, *,
                  damping: float = 1.0, limit: int = 150, tolerance: float = TOLERANCE, race: bool = False,
                  spare: int = 0) -> Minimum:
        parts = []
        for at in range(0, len(start), CHUNK):
            rows = slice(at, at + CHUNK)
            parts.append(minimise(self.model, start[rows], low=self.low, high=self.high, free=self.free, damping=damping,
                                  limit=limit, tolerance=tolerance, race=race, spare=spare,
                                  weights=None if weights is None else weights[rows],
                                  targets=None if targets is None else targets[rows]))
        return join(parts)

    def _own(self, rows: int) -> FloatArray | None:
        mass = self.task.weights
        return None if mass is None else np.broadcast_to(mass, (rows, self.task.size))

    def _best(self, tried: int, kept: int) -> Minimum:
        start = self.starts(tried)
        order = np.argsort(self.model.objective(start, self._own(len(start))), kind="stable")[:kept]
        mass = self._own(len(order))
        near = self._settle(start[order], mass)
        return self._minimise(near, mass, damping=0.1, race=kept < 10)

    def _settle(self, start: FloatArray, mass: FloatArray | None) -> FloatArray:
        """Least squares from each start: smooth, cheap, and near enough for Newton's method on the true objective."""
        self.model.delta, self.model.rough = 1e3, True
        try:
            return self._minimise(start, mass, limit=25, tolerance=1e-3, spare=len(start) // 3).q
        finally:
            self.model.delta, self.model.rough = self.task.delta, False

    def solve(self) -> Solution:
        """Find the best constants: few starts where they agree, many where they do not."""
        with np.errstate(all="ignore"):
            m = max(len(self._searched), 1)
            waves = ((24 * m, 12), (400, 48)) if self.task.size < MANY else ((24 * m, 4), (48 * m, 12), (400, 48))
            solution: Solution | None = None
            for tried, kept in waves:
                found = self._best(tried, kept)
                best = int(np.argmin(found.value))
                if (solution is None or found.value[best] < solution.value
                        or (solution.status is Status.NOT_CONVERGED and found.value[best] <= solution.value)):
                    solution = self._judge(found, best)
                agree = found.converged & (found.value <= solution.value * (1 + 1e-7) + 10 * self.model.noise)
                if agree.sum() > 1 and solution.status is Status.CONVERGED:
                    break
            assert solution is not None
            return solution

    def _judge(self, found: Minimum, row: int) -> Solution:
        q, value = found.q[row], float(found.value[row])
        names = self.task.names
        theta = self._theta(q[None])[0]
        if not np.isfinite(value):
            return Solution(theta, value, Status.NOT_CONVERGED, "no start gave a finite prediction")
        status = Status.CONVERGED if found.converged[row] else Status.NOT_CONVERGED
        notes = [] if found.converged[row] else ["the limit of steps came before the minimum"]
        at_bound = self.free & ((q <= self.low) | (q >= self.high))
        for i in np.flatnonzero(at_bound):
            status = Status.AT_BOUND if status is Status.CONVERGED else status
            notes.append(f"{names[i]} rests on its bound {theta[i]:g}")
            if self.log[i] and abs(q[i]) >= 600.0:
                status = Status.DEGENERATE
        vague = loose(value, self.model.noise, found.gradient[row], found.majoriser[row], self.free, at_bound)
        if len(vague):
            status = Status.DEGENERATE
            notes.append(f"the data do not tell {', '.join(names[i] for i in vague)} apart")
        return Solution(theta, value, status, "; ".join(notes) or "a minimum inside the bounds")

    def _theta(self, q: FloatArray) -> FloatArray:
        theta = self.model.natural(q)
        for i, name in enumerate(self.task.names):
            if name in self.task.fixed:
                theta[:, i] = self.task.fixed[name]
            else:
                theta[:, i] = np.clip(theta[:, i], self.task.low[name], self.task.high[name])
        return theta

    def _coordinates(self, theta: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            q = np.where(self.log, np.log(np.where(self.log, theta, 1.0)), theta)
        return np.where(self.free, np.clip(q, self.low, self.high), self.held)

    def refit(self, *, weights: FloatArray | None = None, targets: FloatArray | None = None,
              warm: FloatArray | None = None) -> Batch:
        """Refit many times; see :class:`.task.Engine`."""
        rows = len(weights) if weights is not None else len(targets) if targets is not None else 1
        mass = self._own(rows) if weights is None else weights if self.task.weights is None else weights * self.task.weights
        with np.errstate(all="ignore"):
            if warm is not None:
                start = np.repeat(self._coordinates(warm[None]), rows, axis=0)
                return self._batch(self._minimise(start, mass, targets, damping=0.03))
            # Every fit chooses the best of one common set of starts by its own objective.
            pool = self.starts(64 * max(len(self._searched), 1))
            residual = self.model.y - self.model.predict(pool)
            pull = np.clip(residual, -self.task.delta, self.task.delta)
            cost = np.nan_to_num(pull * (residual - 0.5 * pull), nan=1e300, posinf=1e300)
            score = np.broadcast_to(cost.sum(axis=1), (rows, len(pool))) if mass is None else mass @ cost.T
            kept = np.argsort(score, axis=1)[:, :3]
            best: Minimum | None = None
            for column in kept.T:
                found = self._minimise(pool[column], mass, targets)
                if best is None:
                    best = found
                else:
                    better = found.value < best.value
                    pick = better[:, None]
                    best = Minimum(np.where(pick, found.q, best.q), np.where(better, found.value, best.value),
                                   np.where(better, found.converged, best.converged), best.gradient, best.majoriser)
            assert best is not None
            return self._batch(best)

    def audit(self, starts: FloatArray | None = None) -> Batch:
        """Minimise from every row of `starts` (B, P), or from 500 spread over the ranges."""
        with np.errstate(all="ignore"):
            q = self.starts(500) if starts is None else self._coordinates(starts)
            return self._batch(self._minimise(q, self._own(len(q))))

    def _batch(self, found: Minimum) -> Batch:
        return Batch(self._theta(found.q), found.value, found.converged)
