r"""Laws that are a floor plus power terms, :math:`E + \sum_k A_k x_k^{-\alpha_k}`: their derivatives and their starts.

With the exponents held, such a law is linear in everything else. So a coarse grid over the exponents, solved for the
coefficients with those that would be negative held at zero, finds every basin worth trying; Newton does the rest.
Coordinates are the log of each term at the centre of its data, the exponents, and the floor itself, so that a
floor of zero is an ordinary bound and a fit that wants it gets there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from .._validate import FloatArray
from .newton import Derivatives, rounding

__all__ = ["PowerTerms", "starts"]

#: Nodes of the exponent grid, in units of one over the range of log x.
NODES = np.geomspace(0.15, 15.0, 12)


class PowerTerms:
    """Objective and derivatives of a sum of power terms on one table.

    Parameters
    ----------
    x : ndarray (K, n)
        Logarithm of each term's variable.
    y : ndarray (n,)
        Logarithm of the target.
    delta : float
        Huber width.
    centre : ndarray (K,)
        Where each term's coefficient is measured, in log x.
    """

    def __init__(self, x: FloatArray, y: FloatArray, delta: float, centre: FloatArray) -> None:
        terms, size = x.shape
        self.terms, self.size, self.delta = terms, size, delta
        self.centre = centre
        self.x = np.ascontiguousarray(x - centre[:, None])
        self.y = y
        self.noise = rounding(y)
        self.level = np.exp(y)
        width = 2 * terms + 1
        self.reach = np.concatenate([np.full(terms, 4.0), 4.0 / np.maximum(np.ptp(x, axis=1), 1e-3), [np.exp(y.max())]])
        # Every entry of the Hessian is a weight per point (a pair of terms) times a monomial in the variables.
        basis: list[FloatArray] = [np.ones(size), *self.x]
        where: dict[tuple[int, ...], int] = {(): 0, **{(k,): k + 1 for k in range(terms)}}
        for i in range(terms):
            for j in range(i, terms):
                where[(i, j)] = len(basis)
                basis.append(self.x[i] * self.x[j])
        self.basis = np.ascontiguousarray(np.array(basis).T)
        self.pairs = [(i, j) for i in range(terms + 1) for j in range(i, terms + 1)]
        pair_at: dict[tuple[int, ...], int] = {pair: m for m, pair in enumerate(self.pairs)}
        self.own = [pair_at[(k, k)] for k in range(terms)]
        owner = [*range(terms), *range(terms), terms]
        powers: list[tuple[int, ...]] = [*(() for _ in range(terms)), *((k,) for k in range(terms)), ()]
        sign = np.array([1.0] * terms + [-1.0] * terms + [1.0])
        self._row = np.array([[pair_at[tuple(sorted((owner[a], owner[b])))] for b in range(width)]
                              for a in range(width)])
        self._column = np.array([[where[tuple(sorted(powers[a] + powers[b]))] for b in range(width)]
                                 for a in range(width)])
        self._sign = sign[:, None] * sign[None, :]
        self._gradient_row = np.array(owner)
        self._gradient_column = np.array([where[p] for p in powers])
        self._gradient_sign = -sign
        self._batch = 0
        self._space = self._share = np.empty(0)

    def predict(self, q: FloatArray) -> FloatArray:
        """Log of the law (B, n) at the rows of `q`."""
        k = self.terms
        z = q[:, :k, None] - q[:, k:2 * k, None] * self.x
        return np.asarray(np.log(np.exp(z).sum(axis=1) + q[:, 2 * k:]))

    def evaluate(self, q: FloatArray, weights: FloatArray | None = None,
                 targets: FloatArray | None = None) -> Derivatives:
        """Objective, gradient, Hessian and reweighted least-squares matrix; see :class:`.newton.Model`."""
        k, pairs, batch = self.terms, len(self.pairs), len(q)
        space, share = self._workspace(batch)
        z = share[:k]
        for i in range(k):
            np.multiply(q[:, k + i, None], self.x[i], out=z[i])
            np.subtract(q[:, i, None], z[i], out=z[i])
        np.exp(z, out=z)
        total = share[k]
        np.add(z[0], q[:, 2 * k:], out=total)
        for i in range(1, k):
            total += z[i]
        residual = (self.y if targets is None else targets) - np.log(total)
        pull = np.clip(residual, -self.delta, self.delta)
        inner = residual == pull
        cost = residual - 0.5 * pull
        cost *= pull
        relaxed = np.abs(residual)
        np.maximum(relaxed, self.delta, out=relaxed)
        np.divide(self.delta, relaxed, out=relaxed)
        if weights is not None:
            cost *= weights
            relaxed *= weights
            curve = (inner + pull) * weights
            pull *= weights
        else:
            curve = inner + pull
        value = cost.sum(axis=1)
        np.divide(1.0, total, out=total)
        for i in range(k):
            z[i] *= total
        for m, (i, j) in enumerate(self.pairs):
            product = np.multiply(share[i], share[j], out=space[pairs + m])
            np.multiply(product, curve, out=space[m])
            product *= relaxed
        slopes = np.multiply(share, pull, out=space[2 * pairs:])
        for i, m in enumerate(self.own):
            space[m] -= slopes[i]
        moments = _product(space.reshape(-1, self.size), self.basis).reshape(len(space), batch, -1)
        hessian = (moments[self._row, :, self._column] * self._sign[:, :, None]).transpose(2, 0, 1)
        majoriser = (moments[self._row + pairs, :, self._column] * self._sign[:, :, None]).transpose(2, 0, 1)
        gradient = (moments[self._gradient_row + 2 * pairs, :, self._gradient_column] * self._gradient_sign[:, None]).T
        return np.where(np.isnan(value), np.inf, value), gradient, hessian, majoriser

    def _workspace(self, batch: int) -> tuple[FloatArray, FloatArray]:
        # Fresh pages cost as much as the arithmetic: the blocks of the last batch size are kept.
        if self._batch != batch:
            self._batch = batch
            self._space = np.empty((2 * len(self.pairs) + self.terms + 1, batch, self.size))
            self._share = np.empty((self.terms + 1, batch, self.size))
        return self._space, self._share


#: Multiplications in one product that OpenBLAS still leaves to one thread.
_ONE_THREAD = 1 << 18


def _product(rows: FloatArray, columns: FloatArray) -> FloatArray:
    """``rows @ columns`` in slices too small for the threads of BLAS: they gain nothing, and wait long on a busy machine."""
    size = max(1, _ONE_THREAD // columns.size)
    whole = len(rows) // size * size
    out = np.empty((len(rows), columns.shape[1]))
    np.matmul(rows[:whole].reshape(-1, size, rows.shape[1]), columns, out=out[:whole].reshape(-1, size, columns.shape[1]))
    np.matmul(rows[whole:], columns, out=out[whole:])
    return out


def _solve_small(normal: list[list[FloatArray]], right: list[FloatArray]) -> list[FloatArray]:
    """Solve stacks of tiny symmetric systems by elimination; a null pivot leaves its unknown at zero."""
    n = len(right)
    a = [[normal[i][j] for j in range(n)] for i in range(n)]
    b = list(right)
    keep: list[FloatArray] = []
    for i in range(n):
        usable = a[i][i] > 1e-11 * normal[i][i]
        keep.append(np.where(usable, 1 / np.where(usable, a[i][i], 1.0), 0.0))
        for j in range(i + 1, n):
            factor = a[i][j] * keep[i]
            for m in range(j, n):
                a[j][m] = a[j][m] - factor * a[i][m]
            b[j] = b[j] - factor * b[i]
    out: list[FloatArray] = [np.zeros(())] * n
    for i in reversed(range(n)):
        out[i] = keep[i] * reduce(lambda rest, j: rest - a[i][j] * out[j], range(i + 1, n), b[i])
    return out


def starts(model: PowerTerms, exponents: Sequence[FloatArray], weights: FloatArray | None, *,
           known: Sequence[float | None], count: int, floor: bool) -> tuple[FloatArray, NDArray[np.int_]]:
    """Starting points by variable projection, best first.

    Parameters
    ----------
    model : PowerTerms
        The law on its data.
    exponents : sequence of ndarray
        Grid of each term's exponent.
    weights : ndarray (B, n), optional
        Weights of B fits; one fit with equal weights if omitted.
    known : sequence
        Value of each coefficient (at the centre) and of the floor where it is fixed, else None.
    count : int
        Starts per fit.
    floor : bool
        Whether the law has a floor.

    Returns
    -------
    start : ndarray (B, count, P)
    support : ndarray (B, count)
        Bit k is set where column k (the terms in order, then the floor) is present.
    """
    k, level = model.terms, model.level
    shape = tuple(len(e) for e in exponents)
    nodes = int(np.prod(shape))
    relative = 1.0 / level
    columns = [np.exp(-np.outer(e, model.x[i])) * relative for i, e in enumerate(exponents)]
    if floor:
        columns.append(relative[None])
    total = len(columns)
    mass = np.ones((1, model.size)) if weights is None else weights
    batch = len(mass)

    def spread(array: FloatArray, axes: tuple[int, ...]) -> FloatArray:
        view = array.reshape((batch, *(shape[a] if a in axes else 1 for a in range(k))))
        return view

    def axes_of(i: int) -> tuple[int, ...]:
        return (i,) if i < k else ()

    normal: list[list[FloatArray]] = [[np.zeros(())] * total for _ in range(total)]
    right = [spread(mass @ c.T, axes_of(i)) for i, c in enumerate(columns)]
    for i in range(total):
        normal[i][i] = spread(mass @ (columns[i] * columns[i]).T, axes_of(i))
        for j in range(i + 1, total):
            if batch == 1:
                crossed = ((columns[i] * mass[0]) @ columns[j].T).reshape(1, -1)
            else:
                crossed = mass @ (columns[i][:, None] * columns[j][None]).reshape(-1, model.size).T
            normal[i][j] = normal[j][i] = spread(crossed, axes_of(i) + axes_of(j))
    given = [i for i in range(total) if known[i] is not None]
    for i in given:
        for j in range(total):
            right[j] = right[j] - normal[i][j] * known[i]  # type: ignore[operator]
    search = [i for i in range(total) if i not in given]
    full = (batch, *shape)
    best = np.full(full, np.inf)
    coefficient = [np.full(full, 0.0 if known[i] is None else known[i]) for i in range(total)]
    support = np.full(full, sum(1 << i for i in given))
    for size in range(len(search), -1, -1):
        for subset in combinations(search, size):
            values = _solve_small([[normal[i][j] for j in subset] for i in subset], [right[i] for i in subset])
            feasible: NDArray[np.bool_] = np.ones(full, bool)
            score = np.zeros(full)
            for i, value in zip(subset, values, strict=True):
                feasible &= value > 0
                score -= value * right[i]
            better = feasible & (score < best)
            best = np.where(better, score, best)
            support = np.where(better, sum(1 << i for i in (*given, *subset)), support)
            for i in search:
                coefficient[i] = np.where(better, values[subset.index(i)] if i in subset else 0.0, coefficient[i])
        # What one column alone explains is no start worth having while there are better ones.
        if np.isfinite(best).all() or (size < len(search) and np.isfinite(best).reshape(batch, nodes).sum(axis=1).min() >= count):
            break
    flat = best.reshape(batch, nodes)
    take = min(count, nodes)
    order = np.argpartition(flat, take - 1, axis=1)[:, :take] if take < nodes else np.tile(np.arange(nodes), (batch, 1))
    order = np.take_along_axis(order, np.argsort(np.take_along_axis(flat, order, axis=1), axis=1), axis=1)
    grid = np.meshgrid(*exponents, indexing="ij")
    out = np.zeros((batch, take, 2 * k + 1))
    tiny = 1e-3 * level.min()
    for i in range(k):
        picked = np.take_along_axis(coefficient[i].reshape(batch, nodes), order, axis=1)
        out[..., i] = np.log(np.maximum(picked, tiny))
        out[..., k + i] = grid[i].ravel()[order]
    if floor:
        out[..., 2 * k] = np.take_along_axis(coefficient[k].reshape(batch, nodes), order, axis=1)
    return out, np.take_along_axis(support.reshape(batch, nodes), order, axis=1)
