"""Estimators: from a table of runs to a law, with an honest account of how well it is known.

Which to use when:

* :func:`fit` finds the constants of any law; its result can be asked for a `bootstrap`.
* :func:`isoflop` and :func:`envelope` find the compute-optimal exponents without a law for the whole surface.
"""

from .bootstrap import Bootstrap, Interval, bootstrap
from .envelope import EnvelopePoint, EnvelopeResult, envelope
from .estimate import fit
from .frontier import Frontier, FrontierBootstrap
from .huber import DELTA, huber, huber_objective
from .isoflop import IsoFlopResult, Valley, ValleyStatus, isoflop
from .result import FitResult, load
from .task import Status

__all__ = [
    "DELTA", "Bootstrap", "EnvelopePoint", "EnvelopeResult", "FitResult", "Frontier", "FrontierBootstrap", "Interval",
    "IsoFlopResult", "Status", "Valley", "ValleyStatus", "bootstrap", "envelope", "fit", "huber", "huber_objective",
    "isoflop", "load",
]
