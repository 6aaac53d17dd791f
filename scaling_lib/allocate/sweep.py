"""Which small runs to make, so that the optimum of a large one is known best.

Use `design_sweep`. It lays out sweeps of IsoFLOP rows that all cost the same, ranks them by the variance that linear
theory gives the optimum's size, and then tries the most promising by simulation: runs are drawn from a law held to be
true, fitted, and asked for the optimum of the large budget, many times. What counts is the spread of those answers.

The truth is not known before the sweep. Give several laws, and the worst of them ranks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from .._validate import FloatArray, _refuse, integer, scalar, shown
from ..compute import FLOP_PER_PARAM_TOKEN
from ..laws import ChinchillaLaw
from ._surface import ChinchillaSurface
from .minimax import percent
from .optimal import evaluate

if TYPE_CHECKING:
    from ..fitting import Interval

__all__ = ["Sweep", "SweepDesign", "SweepTrial", "design_sweep"]

_ZERO = np.zeros(())
LEVELS = (2, 3, 4, 5, 6)
SPANS = (0.5, 1.0, 1.5, 2.0, 3.0)
SIZES = (3, 4, 5, 7, 9)
WIDTHS = (4.0, 10.0, 30.0, 100.0)


@dataclass(frozen=True)
class Sweep:
    """IsoFLOP rows: at each budget the same number of sizes, even in log N around the expected optimum.

    Attributes
    ----------
    C : tuple of float
        Budgets of the rows, FLOP.
    sizes : int
        Runs in a row.
    width : float
        Largest over smallest size of a row.
    N, D : tuple of float
        Parameters and tokens of every run.
    """

    C: tuple[float, ...]
    sizes: int
    width: float
    N: tuple[float, ...]
    D: tuple[float, ...]

    @property
    def cost(self) -> float:
        """FLOP of all runs."""
        return self.sizes * sum(self.C)

    def __str__(self) -> str:
        return (f"{len(self.C)} budgets from {min(self.C):.2g} to {max(self.C):.2g} FLOP, {self.sizes} sizes each "
                f"over a factor of {self.width:g}")


@dataclass(frozen=True)
class SweepTrial:
    """What a sweep taught in simulation, under the truth where it taught least.

    Attributes
    ----------
    sweep : Sweep
    truth : str
        The law held to be true.
    tokens_per_param : Interval
        95 % of the estimates of the best ratio at the large budget.
    true_ratio : float
        The ratio that is right.
    factor : float
        High end of the interval over its low end: 1 is certainty.
    bias : float
        Median estimate over the truth, less one.
    waste : float
        What the pick wastes in 95 % of the simulations at most.
    failed : float
        Part of the simulations whose fit had no optimum.
    """

    sweep: Sweep
    truth: str
    tokens_per_param: Interval
    true_ratio: float
    factor: float
    bias: float
    waste: float
    failed: float

    def __str__(self) -> str:
        low, high = self.tokens_per_param
        return (f"{self.sweep}: {low:.3g} to {high:.3g} tokens per parameter (truth {self.true_ratio:.3g}), "
                f"wastes at most {percent(self.waste)}")


@dataclass(frozen=True)
class SweepDesign:
    """Sweeps of one cost, the best first.

    Attributes
    ----------
    budget, C : float
        FLOP of the sweep and of the run it prepares.
    noise : float
        Standard deviation of log loss between runs alike.
    trials : tuple of SweepTrial
        Those that were simulated, by `factor`.
    considered : int
        How many were ranked before.
    simulations : int
        Sweeps drawn for each trial and truth.
    """

    budget: float
    C: float
    noise: float
    trials: tuple[SweepTrial, ...]
    considered: int
    simulations: int

    @property
    def best(self) -> Sweep:
        """The sweep with the narrowest interval."""
        return self.trials[0].sweep

    def __str__(self) -> str:
        head = (
            f"{self.considered} sweeps of {self.budget:.2g} FLOP for a run of {self.C:.2g}, noise "
            f"{100 * self.noise:g} %; "
            f"the best of {self.simulations} simulations each:")
        return "\n".join([head, *(f"  {trial}" for trial in self.trials)])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{len(t.sweep.C)} from {min(t.sweep.C):.2g} to "
            f"{max(t.sweep.C):.2g}</td><td>{t.sweep.sizes}</td><td>{t.sweep.width:g}</td>"
            f"<td>{t.tokens_per_param.low:.3g} to "
            f"{t.tokens_per_param.high:.3g}</td><td>{t.true_ratio:.3g}</td><td>{percent(t.waste)}</td></tr>"
            for t in self.trials)
        head = "".join(f"<th scope='col'>{h}</th>" for h in ("budgets (FLOP)", "sizes each", "width",
                                                             "tokens per parameter (95 %)", "truth", "waste"))
        return (
            f"<table><caption>Sweeps of {self.budget:.2g} FLOP for a run of "
            f"{self.C:.2g}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{rows}</tbody></table>")


def _layout(law: ChinchillaLaw, budget: float, levels: int, span: float, sizes: int, width: float) -> Sweep:
    share = 10.0 ** np.linspace(-span, 0.0, levels)
    C = budget / (sizes * share.sum()) * share
    steps = width ** np.linspace(-0.5, 0.5, sizes)
    N = np.asarray(law.optimal(C).N)[:, None] * steps
    D = C[:, None] / FLOP_PER_PARAM_TOKEN / N
    return Sweep(tuple(C.tolist()), sizes, width, tuple(N.ravel().tolist()), tuple(D.ravel().tolist()))


def _variance(law: ChinchillaLaw, sweep: Sweep, C: float) -> float:
    """Variance of the log of the optimum's size at C, in units of the noise's, by linear theory."""
    n, d = np.log(np.array(sweep.N)), np.log(np.array(sweep.D))
    middle_n, middle_d = n.mean(), d.mean()
    model, data = law.A * np.exp(-law.alpha * n), law.B * np.exp(-law.beta * d)
    # Constants: E, log A and log B at the middle of the sweep (else hard to tell from the exponents), alpha, beta.
    J = np.stack([np.ones_like(n), model, data, -model * (n - middle_n), -data * (d - middle_d)], axis=1)
    J /= (law.E + model + data)[:, None]
    total, half = law.alpha + law.beta, np.log(C / FLOP_PER_PARAM_TOKEN)
    log_N = np.log(law.optimal(C).N)
    # log N* = [log(alpha A / beta B) + beta log(C / 6)] / (alpha + beta)
    g = np.array([0.0, 1.0, -1.0, middle_n + 1 / law.alpha - log_N, half - middle_d - 1 / law.beta - log_N]) / total
    # A column scaled to unit length keeps the factorisation honest about what the sweep cannot tell.
    scale = np.linalg.norm(J, axis=0)
    R: FloatArray = np.asarray(np.linalg.qr(J / scale, mode="r"))
    if np.abs(np.diag(R)).min() < 1e-9:
        return float("inf")
    z = np.linalg.solve(R.T, g / scale)
    return float(z @ z)


def _trial(name: str, law: ChinchillaLaw, sweep: Sweep, C: float, noise: float, simulations: int, seed: int,
           delta: float) -> SweepTrial:
    from ..fitting import Interval, fit

    N, D = np.array(sweep.N), np.array(sweep.D)
    L = law(N, D)
    start = fit(ChinchillaLaw, N=N, D=D, L=L, delta=delta)
    rng = np.random.default_rng(seed)
    targets = np.log(L) + noise * rng.standard_normal((simulations, len(N)))
    theta = start.engine.refit(targets=targets, warm=np.array(list(law.parameters.values()))).theta
    constants = dict(zip(ChinchillaLaw.parameter_names(), theta.T, strict=True))
    sound = np.all([constants[key] > 1e-9 for key in ("A", "B", "alpha", "beta")], axis=0)
    failed = 1 - float(sound.mean())
    half = np.asarray(C / FLOP_PER_PARAM_TOKEN)
    true_N, true_D = ChinchillaSurface(law.parameters).best(half, _ZERO)
    if sound.sum() < 0.8 * simulations:
        return SweepTrial(sweep, name, Interval(0.0, np.inf), float(true_D / true_N), np.inf, np.inf, np.inf, failed)
    found_N, found_D = ChinchillaSurface({key: column[sound] for key, column in constants.items()}).best(half, _ZERO)
    low, middle, high = np.quantile(found_D / found_N, [0.025, 0.5, 0.975])
    waste = evaluate(ChinchillaSurface(law.parameters), found_N, found_D)[1]
    return SweepTrial(sweep, name, Interval(float(low), float(high)), float(true_D / true_N), float(high / low),
                      float(middle * true_N / true_D - 1), float(np.quantile(waste, 0.95)), failed)


def design_sweep(laws: ChinchillaLaw | Mapping[str, ChinchillaLaw], budget: object, C: object, *, noise: object = 0.005,
                 smallest: object = 1e6, simulations: object = 200, keep: object = 5, seed: object = 0,
                 delta: object = None) -> SweepDesign:
    """Sweeps of one cost that tell the optimum of a large run best.

    Parameters
    ----------
    laws : ChinchillaLaw or mapping of str to ChinchillaLaw
        What might be true. Sweeps are centred on the first law's optima, and judged by the worst.
    budget : float
        FLOP for all runs of the sweep.
    C : float
        FLOP of the run it prepares.
    noise : float
        Standard deviation of log loss between runs alike: 0.005 is half a per cent.
    smallest : float
        Parameters below which no run is made.
    simulations : int
        Sweeps drawn for each trial and truth.
    keep : int
        Sweeps that are simulated, the best by linear theory.
    seed : int
        Seed of the noise.
    delta : float, optional
        Huber width of the fits, log loss; that of `fit` if omitted.

    Returns
    -------
    SweepDesign

    Raises
    ------
    ValueError
        If an argument is out of range, or no sweep within the budget determines an optimum.

    Notes
    -----
    Fits start from the truth, so that what is measured is the information in the runs. The noise is alike everywhere,
    and the
    law is taken to hold down to the smallest run, which is why small runs look so cheap: set `smallest` where yours
    stops.

    Examples
    --------
    >>> from scaling_lib import published
    >>> design = design_sweep(published.BESIROGLU_2024, budget=1e20, C=1e23, simulations=50, keep=2)
    >>> abs(design.best.cost / 1e20 - 1) < 1e-9
    True
    """
    truths = {"law": laws} if isinstance(laws, ChinchillaLaw) else laws
    if not isinstance(truths, Mapping) or not truths or not all(
            isinstance(law, ChinchillaLaw) for law in truths.values()):
        raise _refuse("laws", laws, "a ChinchillaLaw, or a dictionary of name to ChinchillaLaw")
    for law in truths.values():
        law._needs_both_terms()
    money = scalar("budget", budget, unit="FLOP", low=0.0, open_low=True)
    goal = scalar("C", C, unit="FLOP", low=0.0, open_low=True)
    sd = scalar("noise", noise, unit="standard deviation of log loss", low=0.0, high=1.0, open_low=True)
    least = scalar("smallest", smallest, unit="parameters", low=1.0)
    draws, kept = integer("simulations", simulations, low=20, high=100_000), integer("keep", keep, low=1, high=500)
    from ..fitting import DELTA

    huber = DELTA if delta is None else scalar("delta", delta, unit="log loss", low=0.0, open_low=True)
    first = next(iter(truths.values()))
    sweeps = [_layout(first, money, *shape) for shape in product(LEVELS, SPANS, SIZES, WIDTHS)]
    sweeps = [
        sweep for sweep in sweeps
        if min(sweep.N) >= least and min(sweep.D) >= min(sweep.N)**0.5 and max(sweep.C) <= goal
    ]
    spread = [max(_variance(law, sweep, goal) for law in truths.values()) for sweep in sweeps]
    order = [i for i in np.argsort(spread, kind="stable") if np.isfinite(spread[i])][:kept]
    if not order:
        raise ValueError(
            f"budget is {shown(budget)}: no sweep of that cost, below C = {goal:.3g}, determines an optimum "
            f"with models of "
            "at least "
            f"{least:.3g} parameters. Give more FLOP, or allow smaller models.")
    start = integer("seed", seed)
    trials = [
        max((_trial(name, law, sweeps[i], goal, sd, draws, start, huber) for name, law in truths.items()),
            key=lambda t: t.factor) for i in order
    ]
    return SweepDesign(budget=money,
                       C=goal,
                       noise=sd,
                       trials=tuple(sorted(trials, key=lambda t: t.factor)),
                       considered=len(sweeps),
                       simulations=draws)


def linear_spread(law: ChinchillaLaw, sweep: Sweep, C: float, noise: float) -> FloatArray:
    """Standard deviation of the log of the optimum's size at C by linear theory, for least-squares fits."""
    return np.asarray(noise * np.sqrt(_variance(law, sweep, C)))
