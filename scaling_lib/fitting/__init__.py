"""Estimators: from a table of runs to a law, with an honest account of how well it is known.

Which to use when:

* :func:`fit` finds the constants of any law. Its result can be asked for a `bootstrap`; :func:`profile` gives likelihood
  intervals, :func:`predict` intervals of the curve or of a run, :func:`audit` a second opinion on the minimum.
* :func:`isoflop` and :func:`envelope` find the compute-optimal exponents without a law for the whole surface.
* :func:`straight_line` is the line on log-log paper in closed form, with the textbook's intervals; :func:`growth` the same
  against time.
* :func:`backtest` and :func:`compare` ask what matters before extrapolating: does the law hold on runs it did not see?
* :mod:`.simulate` makes tables whose truth is known, :mod:`.tables` reads tables, :mod:`.logs` training logs.
"""

from . import simulate
from .auditing import Audit, audit
from .backtest import Backtest, Comparison, Score, backtest, compare
from .bootstrap import Bootstrap, Interval, bootstrap
from .envelope import EnvelopePoint, EnvelopeResult, envelope
from .estimate import fit
from .frontier import Frontier, FrontierBootstrap
from .huber import DELTA, huber, huber_objective
from .isoflop import IsoFlopResult, Valley, ValleyStatus, isoflop
from .logs import LogFit, fit_log, read_log
from .predict import Band, predict
from .profile import Profile, profile
from .result import FitResult, load
from .straight import Growth, StraightLine, growth, straight_line
from .tables import read_table
from .task import Status

__all__ = [
    "DELTA", "Audit", "Backtest", "Band", "Bootstrap", "Comparison", "EnvelopePoint", "EnvelopeResult", "FitResult",
    "Frontier", "FrontierBootstrap", "Growth", "Interval", "IsoFlopResult", "LogFit", "Profile", "Score", "Status", "StraightLine", "Valley",
    "ValleyStatus", "audit", "backtest", "bootstrap", "compare", "envelope", "fit", "fit_log", "growth", "huber",
    "huber_objective", "isoflop", "load", "predict", "profile", "read_log", "read_table", "simulate", "straight_line",
]
