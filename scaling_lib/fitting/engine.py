"""The engine for floors plus power terms: starts by variable projection, batches of exact Newton steps."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._validate import FloatArray
from .newton import Minimum, join, loose, minimise
from .separable import NODES, PowerTerms, starts
from .task import Batch, Solution, Status, Task

__all__ = ["PowerTermsEngine"]

#: Fits that share one evaluation: as many as stay in the processor's cache.
CHUNK = 64
#: Steps that an ordinary descent needs at most: what takes longer creeps along a valley.
SHORT = 40
#: From this many points on, two starts that agree are believed.
MANY = 40
#: A term below this share of the prediction everywhere is absent.
ABSENT = 1e-9
#: Largest exponent times log x: beyond it the coefficient exceeds what doubles hold.
_LARGEST = 700.0


class PowerTermsEngine:
    """Fits of one `Law` with `terms` on one table.

    Parameters
    ----------
    task : Task
        The checked problem.

    Raises
    ------
    ValueError
        If a coefficient is held at zero while its exponent is to be found.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        law = task.law
        self._coefficients = [c for c, _, _ in law.terms]
        self._exponents = [e for _, e, _ in law.terms]
        self._floor = law.floor
        k = len(law.terms)
        x = np.log(np.array([task.inputs[v] for _, _, v in law.terms]))
        mass = task.weights
        # A coefficient that is held or bounded is measured where it is defined, at x = 1.
        at_one = [c in task.fixed or c in task.bounded for c in self._coefficients]
        mean = x.mean(axis=1) if mass is None else x @ mass / mass.sum()
        centre = np.where(at_one, 0.0, mean)
        self.model = PowerTerms(x, np.log(task.target), task.delta, centre)
        self._order = [*self._coefficients, *self._exponents, *([self._floor] if self._floor else [])]
        self._back = [self._order.index(name) for name in task.names]
        width = 2 * k + 1
        self.low, self.high = np.full(width, -np.inf), np.full(width, np.inf)
        self.free = np.ones(width, bool)
        self.held = np.zeros(width)
        # Coefficient and power must both be doubles, and so must their product, which is about as large as the target.
        self._largest = _LARGEST - min(float(np.abs(self.model.y).max()), 100.0)
        steepest = self._largest / np.maximum(np.abs(x).max(axis=1), 1.0)
        self._span = np.maximum(np.ptp(x, axis=1), 1e-3)
        with np.errstate(divide="ignore"):
            for i, name in enumerate(self._order):
                log = i < k
                self.low[i], self.high[i] = task.low[name], task.high[name]
                if log:
                    self.low[i], self.high[i] = np.log(self.low[i]) if self.low[i] > 0 else -np.inf, np.log(self.high[i])
                elif i < 2 * k:
                    self.high[i] = min(self.high[i], steepest[i - k])
                    self.low[i] = max(self.low[i], -steepest[i - k])
                if name in task.fixed:
                    self.free[i] = False
                    self.held[i] = np.log(task.fixed[name]) if log else task.fixed[name]
        if not self._floor:
            self.free[width - 1] = False
        for i, (c, e) in enumerate(zip(self._coefficients, self._exponents, strict=True)):
            if task.fixed.get(c) == 0 and self.free[k + i]:
                raise ValueError(f"fixed holds {c} = 0, which leaves {e} without meaning: hold {e} too, or free {c}.")

    # Coordinates

    def natural(self, q: FloatArray) -> FloatArray:
        """Constants of the law (B, P) at model coordinates (B, 2K + 1)."""
        k = self.model.terms
        out = q[:, : len(self._order)].copy()
        out[:, :k] = np.exp(q[:, :k] + q[:, k:2 * k] * self.model.centre)
        for i, name in enumerate(self._order):
            if name in self.task.fixed:
                out[:, i] = self.task.fixed[name]
            elif name in self.task.bounded:
                out[:, i] = np.clip(out[:, i], self.task.low[name], self.task.high[name])
        return out[:, self._back]

    def coordinates(self, theta: FloatArray) -> FloatArray:
        """Model coordinates (B, 2K + 1) of constants (B, P)."""
        k = self.model.terms
        q = np.zeros((len(theta), 2 * k + 1))
        for i, name in enumerate(self.task.names):
            q[:, self._order.index(name)] = theta[:, i]
        with np.errstate(divide="ignore"):
            q[:, :k] = np.log(q[:, :k]) - q[:, k:2 * k] * self.model.centre
        return q

    # Searching

    def _grid(self, nodes: FloatArray) -> list[FloatArray]:
        k = self.model.terms
        out = []
        for i, name in enumerate(self._exponents):
            if not self.free[k + i]:
                out.append(self.held[k + i: k + i + 1])
                continue
            grid = nodes / self._span[i]
            if self.task.low[name] < 0:
                grid = np.concatenate([-grid[::-1], grid])
            low, high = self.low[k + i], self.high[k + i]
            inside = grid[(grid >= low) & (grid <= high)]
            if len(inside) < 4:
                edge = max(low, min(grid.min(), high - 1e-3 * abs(high))), min(high, max(grid.max(), low + 1e-3 * abs(low)))
                inside = np.linspace(*edge, 6)
            out.append(inside)
        return out

    def starts(self, weights: FloatArray | None, count: int, nodes: FloatArray = NODES) -> tuple[FloatArray, NDArray[np.int_]]:
        """Starting coordinates (B, count, 2K + 1) and which columns each uses."""
        return self._projected(self._grid(nodes), weights, count)

    def _projected(self, grid: list[FloatArray], weights: FloatArray | None, count: int) -> tuple[FloatArray, NDArray[np.int_]]:
        k = self.model.terms
        known: list[float | None] = [None] * (k + bool(self._floor))
        for i in range(len(known)):
            j = i if i < k else 2 * k
            if not self.free[j]:
                known[i] = float(np.exp(self.held[j])) if i < k else float(self.held[j])
        q, support = starts(self.model, grid, weights, known=known, count=count, floor=bool(self._floor))
        return np.where(self.free, q, self.held), support

    def _minimise(self, start: FloatArray, weights: FloatArray | None = None, targets: FloatArray | None = None, *,
                  damping: float = 0.3, race: bool = False, limit: int = 120, fill: bool = True,
                  free: NDArray[np.bool_] | None = None) -> Minimum:
        def some(rows: Any, q: FloatArray, spare: int, damping: float) -> Minimum:
            return minimise(self.model, q, low=self.low, high=self.high,
                            free=self.free if free is None else free if free.ndim == 1 else free[rows],
                            damping=damping, race=race, spare=spare, limit=limit,
                            weights=None if weights is None else weights[rows],
                            targets=None if targets is None else targets[rows])

        if len(start) <= CHUNK:
            return some(slice(None), start, 0, damping)
        # The last few rows of every chunk travel on together, so that no batch runs nearly empty.
        found = join([some(slice(at, at + CHUNK), start[at:at + CHUNK], CHUNK // 4 if fill else 0, damping)
                      for at in range(0, len(start), CHUNK)])
        left = np.flatnonzero(~found.converged & np.isfinite(found.value)) if fill else ()
        for at in range(0, len(left), CHUNK):
            rows = left[at:at + CHUNK]
            rest = some(rows, found.q[rows], 0, 0.01 * damping)
            for name in ("q", "value", "converged", "gradient", "majoriser"):
                getattr(found, name)[rows] = getattr(rest, name)
        return found

    def _own(self, rows: int) -> FloatArray | None:
        mass = self.task.weights
        return None if mass is None else np.broadcast_to(mass, (rows, self.model.size))

    def solve(self) -> Solution:
        """Find the best constants: few starts where they agree, many where they do not."""
        with np.errstate(all="ignore"):
            return self._solve()

    def _solve(self) -> Solution:
        mass = self._own(1)
        start, _ = self.starts(mass, 3)
        found = self._minimise(start[0], self._own(len(start[0])), race=True, limit=2 * SHORT)
        best = int(np.argmin(found.value))
        solution = self._judge(found, best)
        value = found.value[best]
        alike = found.converged & (found.value <= value * (1 + 1e-9) + 10 * self.model.noise)
        if alike.sum() > 1 and solution.status is Status.CONVERGED:
            if self.model.size >= MANY:
                return solution
            # Few points leave many small valleys: agreement of neighbours proves little.
            nodes = np.geomspace(0.1, 25.0, 8)
        else:
            nodes = np.geomspace(0.05, 40.0, 16)
        start, _ = self.starts(mass, 10**6, nodes)
        wide = self._heats(start[0])
        wide = join([wide, self._edges(wide)])
        other = int(np.argmin(wide.value))
        if not wide.converged[other]:
            last = wide.q[np.argsort(wide.value, kind="stable")[:4]]
            wide = join([wide, self._minimise(last, self._own(len(last)), damping=0.1)])
            other = int(np.argmin(wide.value))
        if wide.value[other] < value * (1 - 1e-12) or (solution.status is Status.NOT_CONVERGED and wide.value[other] <= value):
            solution = self._judge(wide, other)
        return solution

    def _heats(self, start: FloatArray) -> Minimum:
        """Many starts, of which fewer and fewer go on: a bad one shows after a few steps, a slow one holds up nobody."""
        found = self._minimise(start, self._own(len(start)), damping=1.0, limit=10, fill=False)
        for keep, limit in ((96, 15), (16, SHORT)):
            # Of starts that have met, one goes on.
            _, first = np.unique(np.round(np.log(found.value + 1e-300), 5), return_index=True)
            order = first[:keep]
            found = self._minimise(found.q[order], self._own(len(order)), damping=0.1, limit=limit, fill=False)
        return found

    def _edges(self, found: Minimum) -> Minimum:
        """From the best ends onto each bound and from the start into each spike, and on from there with all released.

        A spike is a term so steep that it serves only the points where its variable is smallest.
        """
        k = self.model.terms
        ends = found.q[np.argsort(found.value, kind="stable")[:6]]
        rows, held = [ends[:1]], [-1]
        for j in range(k, 2 * k + 1):
            if self.free[j] and np.isfinite(self.low[j]):
                rows.append(ends.copy())
                rows[-1][:, j] = self.low[j]
                held += [j] * len(ends)
        for i in range(k):
            steps = np.unique(self.model.x[i])
            if self.free[i] and self.free[k + i] and len(steps) > 4:
                grid = self._grid(NODES)
                grid[i] = np.clip(3.0 / (steps[[1, 3]] - steps[0]), self.low[k + i], self.high[k + i])
                rows.append(self._projected(grid, self._own(1), 6)[0][0])
                held += [k + i] * len(rows[-1])
        start = np.concatenate(rows)
        free = np.tile(self.free, (len(start), 1)) & (np.arange(start.shape[1]) != np.array(held)[:, None])
        mass = self._own(len(start))
        on = self._minimise(start, mass, damping=1.0, limit=SHORT, free=free)
        on = self._minimise(on.q, mass, damping=0.1, limit=SHORT)
        return on if on.converged[int(np.argmin(on.value))] else join([on, *self._floors(on, np.array(held))])

    def _floors(self, found: Minimum, kind: NDArray[np.int_]) -> list[Minimum]:
        """From the best end of each kind along the floor, everything else refitted at each of its values.

        A floor and a nearly flat term trade places along a valley that is level, long and bent. Steps inside it stay short;
        with the floor held there is no valley.
        """
        last = 2 * self.model.terms
        if not self.free[last]:
            return []
        low = max(self.low[last], 0.0)
        high = min(self.high[last], float(self.model.level.min()))
        free = self.free.copy()
        free[last] = False
        mine = [np.flatnonzero(kind == one) for one in np.unique(kind)]
        at = found.q[[rows[int(np.argmin(found.value[rows]))] for rows in mine]]
        floors = np.tile(low + (high - low) * np.linspace(0.0, 0.98, 8), (len(at), 1))
        each = np.arange(len(at))
        for _ in range(4):
            rows = np.repeat(at, 8, axis=0)
            rows[:, last] = floors.ravel()
            held = self._minimise(rows, self._own(len(rows)), limit=SHORT, free=free)
            best = np.argmin(held.value.reshape(-1, 8), axis=1)
            at = held.q.reshape(len(at), 8, -1)[each, best]
            floors = np.linspace(floors[each, np.maximum(best - 1, 0)], floors[each, np.minimum(best + 1, 7)], 8, axis=1)
        return [self._minimise(at, self._own(len(at)), damping=0.01, limit=SHORT)]

    def _judge(self, found: Minimum, row: int) -> Solution:
        k = self.model.terms
        q = found.q[row].copy()
        z = np.exp(q[:k, None] - q[k:2 * k, None] * self.model.x)
        share = z / (z.sum(axis=0) + q[2 * k])
        value = float(found.value[row])
        notes: list[str] = []
        status = Status.CONVERGED if found.converged[row] else Status.NOT_CONVERGED
        if status is Status.NOT_CONVERGED:
            notes.append("the limit of steps came before the minimum")
        for i, name in enumerate(self._order):
            if not self.free[i] or not (q[i] <= self.low[i] or q[i] >= self.high[i]):
                continue
            if k <= i < 2 * k and abs(q[i]) * np.abs(self.model.x[i - k] + self.model.centre[i - k]).max() > 0.99 * self._largest:
                status = Status.DEGENERATE
                notes.append(f"{name} ran off: its term serves only one end of {self.task.law.terms[i - k][2]}")
                continue
            if status is Status.CONVERGED:
                status = Status.AT_BOUND
            limit = np.exp(q[i]) if i < k else q[i]
            notes.append(f"{name} rests on its bound {limit:g}")
        for i, (coefficient, exponent, variable) in enumerate(self.task.law.terms):
            if share[i].max() < ABSENT and self.free[i]:
                q[i] = -np.inf
                status = Status.DEGENERATE
                notes.append(f"the term in {variable} vanishes: {coefficient} is 0 and {exponent} means nothing")
        if status is not Status.DEGENERATE:
            at_bound = (q <= self.low) | (q >= self.high)
            vague = loose(value, self.model.noise, found.gradient[row], found.majoriser[row], self.free, at_bound)
            if len(vague):
                status = Status.DEGENERATE
                notes.append(f"the data do not tell {', '.join(self._order[i] for i in vague)} apart")
        message = "; ".join(notes) or "a minimum inside the bounds"
        return Solution(self.natural(q[None])[0], value, status, message)

    def refit(self, *, weights: FloatArray | None = None, targets: FloatArray | None = None,
              warm: FloatArray | None = None) -> Batch:
        """Refit many times; see :class:`.task.Engine`."""
        with np.errstate(all="ignore"):
            return self._refit(weights, targets, warm)

    def _refit(self, weights: FloatArray | None, targets: FloatArray | None, warm: FloatArray | None) -> Batch:
        rows = len(weights) if weights is not None else len(targets) if targets is not None else 1
        mass = self._own(rows) if weights is None else weights if self.task.weights is None else weights * self.task.weights
        if warm is not None:
            start = np.repeat(self.coordinates(warm[None]), rows, axis=0)
            start[:, :self.model.terms] = np.maximum(start[:, :self.model.terms], -50.0)
            found = self._minimise(start, mass, targets, damping=0.3)
            return Batch(self.natural(found.q), found.value, found.converged)
        parts = []
        for at in range(0, rows, CHUNK):
            part = slice(at, min(at + CHUNK, rows))
            own = None if mass is None else np.ascontiguousarray(mass[part])
            start, _ = self.starts(own, 1)
            parts.append(np.broadcast_to(start[:, 0], (part.stop - at, start.shape[2])))
        found = self._minimise(np.concatenate(parts), mass, targets)
        return Batch(self.natural(found.q), found.value, found.converged)

    def audit(self, starts: FloatArray | None = None) -> Batch:
        """Minimise from every row of `starts` (B, P), or from the 4,500 classical ones of the Chinchilla law."""
        start = classical(self.task) if starts is None else starts
        with np.errstate(all="ignore"):
            return self._audit(start)

    def _audit(self, start: FloatArray) -> Batch:
        q = self.coordinates(start)
        # Half of the classical starts put a term at e-60 or e+20 of the losses, where no derivative sees it: such a
        # coefficient begins at the edge of what can be seen, with the exponents as they are.
        middle = float(np.median(self.model.y))
        k = self.model.terms
        q[:, :k] = np.clip(q[:, :k], middle - 5.0, middle + 2.0)
        # What is then the same start need not be run twice.
        q, same = np.unique(np.where(self.free, q, self.held), axis=0, return_inverse=True)
        found = self._minimise(q, self._own(len(q)), damping=1.0)
        same = same.ravel()
        return Batch(self.natural(found.q)[same], found.value[same], found.converged[same])


def classical(task: Task) -> FloatArray:
    """The grid of starts of Hoffmann et al. as the replication used it, for each term and the floor."""
    axes: list[FloatArray] = []
    for name in task.names:
        if name == task.law.floor:
            axes.append(np.exp(np.array([-1.0, -0.5, 0.0, 0.5, 1.0])))
        elif any(name == c for c, _, _ in task.law.terms):
            axes.append(np.exp(np.arange(0.0, 26.0, 5.0)))
        else:
            axes.append(np.arange(0.0, 2.1, 0.5))
    return np.array(list(itertools.product(*axes)))
