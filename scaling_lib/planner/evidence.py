"""What the advice rests on: the runs behind a law, how far they reach, and how such a fit has missed before.

The published laws of the default table rest on one set of runs, read from a figure; a fit of one's own rests on its
points.
Either way the same questions are asked: how far would resampling move it, how far beyond its runs is the budget, and
what would it have said of its largest runs had it seen only the small ones?
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from .._validate import FloatArray
from ..allocate import Spread, regret, spread
from ..compute import FLOP_PER_PARAM_TOKEN
from ..laws import ChinchillaLaw

if TYPE_CHECKING:
    from ..fitting import Bootstrap, FitResult

__all__ = ["Badge", "Domain", "backtest", "domain_of", "reference", "resampled"]

#: Refits for the sampling part of the uncertainty.
REFITS = 500


@dataclass(frozen=True)
class Domain:
    """How far the runs behind a law reach: lowest and highest parameters, tokens and FLOP, and how many runs.

    Attributes
    ----------
    N, D, C : tuple of float
        Lowest and highest parameters, tokens, FLOP.
    runs : int
        Number of runs.
    """

    N: tuple[float, float]
    D: tuple[float, float]
    C: tuple[float, float]
    runs: int

    def decades_beyond(self, C: float) -> float:
        """Decades of compute between the largest run and C; 0 inside."""
        return max(0.0, float(np.log10(C / self.C[1])))


@dataclass(frozen=True)
class Badge:
    """What a fit to the small runs said of the large ones.

    Attributes
    ----------
    below, above : float
        FLOP up to which runs were fitted, and beyond which they were predicted.
    fitted, predicted : int
        Numbers of runs.
    excess_error : float
        Median error of the predicted loss, as a fraction of the loss above the floor of the fit to all runs.
    compute_error : float
        The same in compute: the factor between predicted and measured, less one, median.
    pick_waste : float
        What the size picked by the small fit wastes at the largest budget, if the fit to all runs is true.
    """

    below: float
    above: float
    fitted: int
    predicted: int
    excess_error: float
    compute_error: float
    pick_waste: float

    def __str__(self) -> str:
        return (
            f"fitted to {self.fitted} runs below {self.below:.0e} FLOP, this method missed the {self.predicted} runs "
            "above "
            f"{self.above:.0e} by {100 * self.excess_error:.0f} % of the loss above the floor (median), worth "
            f"{100 * self.compute_error:.0f} % of the compute; its pick would have wasted {100 * self.pick_waste:.0f} %"
        )


@cache
def _reference_points() -> tuple[FloatArray, FloatArray, FloatArray]:
    # Read as text: pandas would take longer to import than all else together.
    from ..datasets.catalogue import about, read_verified

    rows = csv.DictReader(io.StringIO(read_verified(about("chinchilla_fig4_points")).decode("utf-8")))
    kept = [row for row in rows if row["dropped_by_epoch"] == "0"]
    N, D, L = (np.array([float(row[key]) for row in kept]) for key in ("params", "training_tokens", "loss_nats"))
    return N, D, L


@cache
def reference() -> FitResult[ChinchillaLaw]:
    """The fit to the runs behind the published Chinchilla laws."""
    from ..fitting import fit

    N, D, L = _reference_points()
    return fit(ChinchillaLaw, N=N, D=D, L=L)


@cache
def _reference_bootstrap() -> Bootstrap[Any]:
    return reference().bootstrap(REFITS, seed=0)


def resampled(result: FitResult[Any] | None, C: float, pick: float) -> Spread:
    """The sampling part: the optimum over resampled runs, one's own or those behind the published laws."""
    draws = _reference_bootstrap() if result is None else result.bootstrap(REFITS, seed=0)
    return spread(draws, C, pick=pick)


def domain_of(result: FitResult[Any] | None) -> Domain:
    """How far the runs reach, one's own or those behind the published laws."""
    inputs = (reference() if result is None else result).task.inputs
    N, D = inputs["N"], inputs["D"]
    C = FLOP_PER_PARAM_TOKEN * N * D

    def ends(values: FloatArray) -> tuple[float, float]:
        return float(values.min()), float(values.max())

    return Domain(N=ends(N), D=ends(D), C=ends(C), runs=len(N))


def backtest(result: FitResult[Any] | None) -> Badge | None:
    """Fit the runs a decade and more below the largest, predict those in the last half-decade.

    For the runs behind the published laws: fitted below 1e20 FLOP, predicted above 1e21. None where there are too few
    runs for either part.
    """
    return _reference_badge() if result is None else _badge(result, *_cuts(domain_of(result).C[1]))


def _cuts(top: float) -> tuple[float, float]:
    return top / 10, top / 10**0.5


@cache
def _reference_badge() -> Badge | None:
    return _badge(reference(), 1e20, 1e21)


def _badge(result: FitResult[Any], below: float, above: float) -> Badge | None:
    from ..fitting import fit

    N, D, L = result.task.inputs["N"], result.task.inputs["D"], result.task.target
    C = FLOP_PER_PARAM_TOKEN * N * D
    small, large = below > C, above < C
    full = result.law
    if small.sum() < 10 or large.sum() < 2 or not isinstance(full, ChinchillaLaw):
        return None
    early = fit(ChinchillaLaw, N=N[small], D=D[small], L=L[small], delta=result.delta)
    if not early.ok or min(early.law.A, early.law.B, early.law.alpha, early.law.beta) <= 0:
        return None
    said, was = early.law(N[large], D[large]) - full.E, L[large] - full.E
    sound = (said > 0) & (was > 0)
    if not sound.any():
        return None
    factor = np.exp(np.abs(np.log(said[sound] / was[sound])) / full.gamma)
    top = float(C.max())
    return Badge(below=below,
                 above=above,
                 fitted=int(small.sum()),
                 predicted=int(large.sum()),
                 excess_error=float(np.median(np.abs(said[sound] / was[sound] - 1))),
                 compute_error=float(np.median(factor - 1)),
                 pick_waste=float(regret(early.law.optimal(top), full, top)))
