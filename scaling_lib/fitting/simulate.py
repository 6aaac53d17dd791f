"""Tables of runs that were never trained: to see what an estimator does when the truth is known.

`runs` simulates any law, `surface` a law of N and D, `isoflop_sweep` an IsoFLOP sweep. Noise is multiplicative;
outliers are runs that went wrong and so are only ever worse; drift is an error that grows with scale, as from one
learning rate for all sizes, which no amount of runs averages away.
"""

from __future__ import annotations

import numpy as np

from .._validate import FloatArray, _refuse, broadcast, fraction, integer, positive, scalar
from ..compute import FLOP_PER_PARAM_TOKEN
from ..laws import ChinchillaLaw, Law

__all__ = ["isoflop_sweep", "runs", "surface"]


def runs(law: Law, *, noise: float = 0.0, seed: int = 0, outliers: float = 0.0, outlier_size: float = 0.1,
         drift: float = 0.0, **variables: object) -> dict[str, FloatArray]:
    """Simulate runs of a law.

    Parameters
    ----------
    law : Law
        The truth.
    noise : float
        Standard deviation of log(target): 0.005 is half a per cent.
    seed : int
        Seed of the draw.
    outliers : float
        Fraction of runs that went wrong, 0 to 1.
    outlier_size : float
        Mean excess of log(target) of those (exponentially distributed).
    drift : float
        Error of log(target) per decade of the first variable, zero at its geometric mean.
    **variables : array_like
        The variables of the law; they broadcast and are flattened.

    Returns
    -------
    dict of ndarray (n,)
        The variables and the target by name, ready for ``fit(LawClass, **runs(...))``.

    Raises
    ------
    ValueError
        If an argument is out of range or the law has no finite value there.

    Examples
    --------
    >>> from scaling_lib import PowerLaw
    >>> runs(PowerLaw(E=1.0, A=2.0, alpha=0.5), x=[1, 4, 16])["L"].tolist()
    [3.0, 2.0, 1.5]
    """
    if not isinstance(law, Law):
        raise _refuse("law", law, "a law with its constants, such as published.BESIROGLU_2024")
    rng = np.random.default_rng(integer("seed", seed))
    spread = scalar("noise", noise, unit="standard deviation of the log", low=0.0, high=10.0)
    wrong = float(fraction("outliers", scalar("outliers", outliers)))
    excess = scalar("outlier_size", outlier_size, unit="mean excess of the log", low=0.0, high=10.0)
    slope = scalar("drift", drift, unit="error of the log per decade", low=-10.0, high=10.0)
    bound = {name: np.atleast_1d(value).ravel() for name, value in law._bind((), variables).items()}
    truth = np.atleast_1d(np.asarray(law(**bound)))
    first = np.log10(bound[law.inputs[0]])
    error = spread * rng.standard_normal(truth.shape) + slope * (first - first.mean())
    error += np.where(rng.random(truth.shape) < wrong, rng.exponential(excess, truth.shape) if excess else 0.0, 0.0)
    return {**{name: np.array(value) for name, value in bound.items()}, law.target: truth * np.exp(error)}


def surface(law: Law, N: object, D: object, *, noise: float = 0.0, seed: int = 0, outliers: float = 0.0,
            outlier_size: float = 0.1, drift: float = 0.0) -> dict[str, FloatArray]:
    """Simulate runs of a law of N and D; the arguments are those of `runs`.

    Parameters
    ----------
    law : Law
        The truth.
    N, D : array_like (n,)
        Parameters and tokens of the runs.
    noise : float
        Standard deviation of log(L).
    seed : int
        Same seed, same table.
    outliers : float
        Fraction of runs that went wrong, 0 to 1.
    outlier_size : float
        Mean excess of log(L) of those.
    drift : float
        Error of log(L) per decade of N, zero at its geometric mean.

    Returns
    -------
    dict of ndarray (n,)
        ``"N"``, ``"D"`` and ``"L"``.

    Examples
    --------
    >>> from scaling_lib import ChinchillaLaw, fit, published
    >>> table = surface(published.BESIROGLU_2024, N=[[1e7], [1e8], [1e9]], D=[1e9, 1e10, 1e11])
    >>> round(fit(ChinchillaLaw, **table).law.alpha, 4)
    0.3478
    """
    return runs(law, noise=noise, seed=seed, outliers=outliers, outlier_size=outlier_size, drift=drift, N=N, D=D)


def isoflop_sweep(law: ChinchillaLaw, C: object, *, sizes: int = 7, width: float = 16.0, noise: float = 0.0, seed: int = 0,
                  outliers: float = 0.0, outlier_size: float = 0.1, centre: float = 1.0) -> dict[str, FloatArray]:
    """Simulate an IsoFLOP sweep around the law's optima.

    Parameters
    ----------
    law : ChinchillaLaw
        The truth.
    C : float or array_like (b,)
        Budgets, FLOP.
    sizes : int
        Model sizes per budget, evenly in log N.
    width : float
        Largest over smallest size of a budget.
    centre : float
        Middle of the sizes in units of the true optimum: 1 is a sweep that guessed right.
    noise, seed, outliers, outlier_size
        See `runs`.

    Returns
    -------
    dict of ndarray (b * sizes,)
        ``"C"``, ``"N"``, ``"D"`` and ``"L"``.

    Raises
    ------
    ValueError
        If a budget is not positive and finite, or a number is out of its range.

    Examples
    --------
    >>> from scaling_lib import published
    >>> from scaling_lib.fitting import isoflop
    >>> sweep = isoflop_sweep(published.BESIROGLU_2024, C=[1e18, 1e19, 1e20])
    >>> abs(isoflop(**sweep).a - published.BESIROGLU_2024.a) < 0.02
    True
    """
    budget = np.atleast_1d(positive("C", C, unit="FLOP")).ravel()
    count = integer("sizes", sizes, low=1, high=10_000)
    ratio = scalar("width", width, unit="a factor, such as 16", low=1.0)
    middle = scalar("centre", centre, unit="a factor", low=0.0, open_low=True)
    best = np.atleast_1d(np.asarray(law.optimal(budget).N)) * middle
    steps = np.linspace(-0.5, 0.5, count) if count > 1 else np.zeros(1)
    N, work = broadcast(("N", best[:, None] * ratio**steps), ("C", budget[:, None]))
    table = runs(law, noise=noise, seed=seed, outliers=outliers, outlier_size=outlier_size, N=N, D=work / (FLOP_PER_PARAM_TOKEN * N))
    return {"C": np.array(work.ravel()), **table}
