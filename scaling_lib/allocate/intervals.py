"""How far the advice would move if the runs had come out otherwise.

Use `spread` on the bootstrap of a fit: for training alone, with serving, with `U` unique tokens, or (with `pick`) for a size
chosen otherwise, such as by over-training. The last column of such an answer matters most, what the size chosen now would
waste if a refit were the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .._validate import FloatArray, computed, scalar, shown
from ..compute import FLOP_PER_PARAM_TOKEN
from ..laws import ChinchillaLaw, DataConstrainedLaw
from ._surface import ChinchillaSurface, surface_of
from .minimax import percent
from .optimal import evaluate
from .serving import equivalent_tokens

if TYPE_CHECKING:
    from ..fitting import Bootstrap, Interval

__all__ = ["Spread", "spread"]


@dataclass(frozen=True)
class Spread:
    """Intervals of an allocation over the refits of a bootstrap.

    Attributes
    ----------
    level : float
        Part of the refits inside each interval.
    N, D, tokens_per_param : Interval
        Of the best split.
    overhead : Interval
        What the pick wastes if the refits are true: from 0 to the quantile `level`, as a fraction of the compute
        needed.
    refits, without_optimum : int
        Refits counted, and those left out because one of their terms vanished.
    """

    level: float
    N: Interval
    D: Interval
    tokens_per_param: Interval
    overhead: Interval
    refits: int
    without_optimum: int

    def __str__(self) -> str:
        return (f"{100 * self.level:g} % of {self.refits} refits: {self.N.low:.3g} to {self.N.high:.3g} parameters, "
                f"{self.tokens_per_param.low:.3g} to {self.tokens_per_param.high:.3g} tokens per parameter; "
                f"the pick wastes at most {percent(self.overhead.high)}")


def spread(bootstrap: Bootstrap[Any],
           C: object,
           *,
           pick: object = None,
           U: object = None,
           inference_tokens: object = 0.0,
           price_ratio: object = 1.0,
           level: float = 0.95) -> Spread:
    """Intervals of the best split of C FLOP, and of what a pick wastes, over the refits of a law.

    Parameters
    ----------
    bootstrap : Bootstrap
        From ``fit(ChinchillaLaw, ...).bootstrap()``, all solved at once, or of a `DataConstrainedLaw`, some 10 ms a refit.
    C : float
        Budget in FLOP: for training, or for the whole life if `inference_tokens` is given.
    pick : float, optional
        The size to judge, parameters; the optimum of the fit to all runs if omitted.
    U : float, optional
        Unique tokens at hand; a `DataConstrainedLaw` needs them, a `ChinchillaLaw` knows nothing of them.
    inference_tokens, price_ratio : float
        As in :func:`equivalent_tokens`.
    level : float
        Part of the refits inside, above 0 and below 1.

    Returns
    -------
    Spread

    Raises
    ------
    ValueError
        If the bootstrap is of another law, `U` does not suit the law, or fewer than half its refits have an optimum.

    Examples
    --------
    >>> from scaling_lib import datasets, fit
    >>> runs = datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch")
    >>> result = fit(ChinchillaLaw, N=runs.params, D=runs.training_tokens, L=runs.loss_nats)
    >>> around = spread(result.bootstrap(1000), C=5.76e23)
    >>> 7 < around.tokens_per_param.low < 9 and 30 < around.tokens_per_param.high < 40
    True
    """
    samples, law = getattr(bootstrap, "samples", None), getattr(bootstrap, "law", None)
    if not isinstance(samples, dict) or not isinstance(law, (ChinchillaLaw, DataConstrainedLaw)):
        raise ValueError(f"bootstrap is {shown(bootstrap)}: expected the .bootstrap() of a fitted ChinchillaLaw or "
                         "DataConstrainedLaw.")
    scarce = isinstance(law, DataConstrainedLaw)
    if scarce != (U is not None):
        raise ValueError(f"U is {shown(U)}: " + ("a DataConstrainedLaw needs the number of unique tokens." if scarce else
                         "a ChinchillaLaw has no unique tokens; bootstrap a fitted DataConstrainedLaw."))
    from ..fitting import Interval

    inside = scalar("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
    H = np.asarray(scalar("C", C, unit="FLOP", low=0.0, open_low=True) / FLOP_PER_PARAM_TOKEN)
    delta = np.asarray(scalar("inference_tokens", equivalent_tokens(inference_tokens, price_ratio)))
    sound = np.all([samples[name] > 0 for name in ("A", "B", "alpha", "beta")], axis=0)
    if sound.mean() < 0.5:
        raise ValueError(
            f"Only {int(sound.sum())} of {len(sound)} refits have both terms: the runs do not determine an optimum.")
    limits = {"U": scalar("U", U, unit="unique tokens", low=0.0, open_low=True)} if scarce else {}
    chosen = surface_of(law, **limits).best(H, delta)[0] if pick is None else np.asarray(
        scalar("pick", pick, low=0.0, open_low=True))
    tokens = np.asarray(computed("number of tokens", lambda: H / chosen - delta))
    if tokens <= 0:
        raise ValueError(f"pick is {shown(pick)}: serving it costs more than the budget. Take a smaller one.")
    if scarce:
        surfaces = [surface_of(refit, **limits) for refit, kept in zip(bootstrap.laws(), sound, strict=True) if kept]
        N, D = np.array([surface.best(H, delta) for surface in surfaces]).T
        waste = np.array([evaluate(surface, chosen, tokens, delta)[1] for surface in surfaces])
    else:
        whole = ChinchillaSurface({name: column[sound] for name, column in samples.items()})
        N, D = whole.best(H, delta)
        waste = evaluate(whole, np.broadcast_to(chosen, N.shape), np.broadcast_to(tokens, N.shape), delta)[1]

    def central(values: FloatArray) -> Interval:
        low, high = np.quantile(values, [(1 - inside) / 2, (1 + inside) / 2])
        return Interval(float(low), float(high))

    return Spread(level=inside,
                  N=central(N),
                  D=central(D),
                  tokens_per_param=central(D / N),
                  overhead=Interval(0.0, float(np.quantile(waste, inside))),
                  refits=int(sound.sum()),
                  without_optimum=int((~sound).sum()))
