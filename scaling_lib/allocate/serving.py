"""Allocation when the model will also be served, and when FLOP are not money.

Use `inference_aware` when every FLOP costs the same (Sardana), `cost_aware` with a `Rate` each for training, prompts
and
output, `payback` for the tokens after which a smaller model of equal loss has paid for its longer training (de Vries).

Serving T tokens costs 2NT FLOP, as much as training on T/3 more tokens. A dearer FLOP counts for more. So a whole
workload becomes one number, the `equivalent_tokens`, and the answer depends on nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._validate import Numeric, broadcast, computed, finite, positive, scalar, shown, unwrap
from ..compute import FLOP_PER_PARAM_SERVED_TOKEN, FLOP_PER_PARAM_TOKEN
from ..compute.hardware import HOUR
from ..laws import Allocation, ChinchillaLaw, Law
from ..laws.overtraining import payback_tokens, small_model_tokens
from ..laws.overtraining import small_model_overhead as _overhead
from ._surface import Surface, surface_of
from .optimal import Basin, around

__all__ = [
    "Lifetime", "Payback", "Rate", "cost_aware", "equivalent_tokens", "inference_aware", "payback",
    "small_model_overhead"
]


@dataclass(frozen=True)
class Rate:
    """What a FLOP costs on some machine doing some work.

    Parameters
    ----------
    per_hour : float
        Price of one accelerator for one hour, in any currency (the same for every rate).
    peak : float
        Its dense peak, FLOP per second.
    utilisation : float
        Fraction of the peak that counts as model FLOP: perhaps 0.4 in training, far less when decoding.

    Raises
    ------
    ValueError
        If a price or peak is not positive and finite, or the utilisation is not in (0, 1].

    Examples
    --------
    >>> f"{Rate(per_hour=2.0, peak=989e12, utilisation=0.4).per_flop * 1e23:,.0f}"
    '140,434'
    """

    per_hour: float
    peak: float
    utilisation: float

    def __post_init__(self) -> None:
        for name, unit in (("per_hour", "price of an accelerator-hour"), ("peak", "FLOP per second")):
            object.__setattr__(self, name, scalar(f"Rate.{name}",
                                                  getattr(self, name),
                                                  unit=unit,
                                                  low=0.0,
                                                  open_low=True))
        used = scalar("Rate.utilisation",
                      self.utilisation,
                      unit="a fraction of the peak",
                      low=0.0,
                      high=1.0,
                      open_low=True)
        object.__setattr__(self, "utilisation", used)

    @property
    def per_flop(self) -> float:
        """Price of one model FLOP."""
        return self.per_hour / (HOUR * self.peak * self.utilisation)


@dataclass(frozen=True)
class Lifetime:
    """A model for its whole life: training and serving together.

    Attributes
    ----------
    N, D, L : float
        Parameters, training tokens, loss in nats per token.
    train, serve : float
        Spend on training and on serving, in `unit`.
    unit : str
        ``"FLOP"``, or ``"money"`` in the currency of the rates.
    equivalent_tokens : float
        The workload, as training tokens of equal cost.
    reference : Allocation
        The compute-optimal model of the same loss.
    reference_total : float
        What that one spends over the same life.
    basin : Basin
        Sizes around the best at the same total spend.
    """

    N: float
    D: float
    L: float
    train: float
    serve: float
    unit: str
    equivalent_tokens: float
    reference: Allocation
    reference_total: float
    basin: Basin

    @property
    def total(self) -> float:
        """Training and serving."""
        return self.train + self.serve

    @property
    def saving(self) -> float:
        """Part of the compute-optimal model's lifetime spend that is saved at the same loss, 0 to 1."""
        return max(0.0, 1.0 - self.total / self.reference_total)

    @property
    def tokens_per_param(self) -> float:
        """D / N."""
        return self.D / self.N

    def __str__(self) -> str:
        return (
            f"{self.N:.3g} parameters on {self.D:.3g} tokens ({self.tokens_per_param:.3g} per parameter), "
            f"{self.L:.4f} nats per token:\n"
            f"  {self.total:.3g} {self.unit} over its life, {100 * self.saving:.1f} % less than the compute-optimal "
            f"{self.reference.N:.3g} parameters on {self.reference.D:.3g} tokens")


def equivalent_tokens(inference_tokens: object, price_ratio: object = 1.0) -> Numeric:
    """A workload as training tokens of equal cost: a third of the tokens served, times the price of a serving FLOP.

    Parameters
    ----------
    inference_tokens : float or array_like
        Tokens served over the life of the model; 0 is allowed.
    price_ratio : float or array_like
        Price of a FLOP when serving over that of a FLOP in training; 10 if decoding runs at a tenth of the utilisation.

    Raises
    ------
    ValueError
        If `inference_tokens` is negative or `price_ratio` is not positive.

    Examples
    --------
    >>> equivalent_tokens(3e12), equivalent_tokens(3e12, price_ratio=10)
    (1000000000000.0, 10000000000000.0)
    """
    served, ratio = broadcast(
        ("inference_tokens", finite("inference_tokens", inference_tokens, unit="tokens", low=0.0)),
        ("price_ratio", positive("price_ratio", price_ratio)))
    return computed("number of equivalent tokens",
                    lambda: FLOP_PER_PARAM_SERVED_TOKEN / FLOP_PER_PARAM_TOKEN * served * ratio)


def _target(surface: Surface, delta: float, per_unit: float, *, loss: object, N: object, C: object,
            budget: object) -> tuple[float, float]:
    """Loss to reach and the spend H for it, from whichever way the question was put."""
    given = {
        name: value
        for name, value in (("loss", loss), ("N", N), ("C", C), ("budget", budget)) if value is not None
    }
    if len(given) != 1:
        raise ValueError(
            f"{' and '.join(given) or 'Nothing'} is given: expected exactly one of loss (nats per token), N (the "
            "quality of the "
            "compute-optimal model of N parameters), C (of the compute-optimal model of C FLOP), budget (for its "
            "whole life)."
        )
    name, value = next(iter(given.items()))
    number = scalar(name, value, low=0.0, open_low=True)
    if name == "budget":
        size, tokens = surface.best(np.asarray(number / per_unit), np.asarray(delta))
        return float(surface.loss(size, tokens)), number / per_unit
    if name == "loss":
        goal = number
    elif name == "C":
        goal = float(surface.loss(*surface.best(np.asarray(number / FLOP_PER_PARAM_TOKEN), np.zeros(()))))
    else:
        goal = _loss_of_optimal_size(surface, number)
    size, tokens = surface.least(np.asarray(goal), np.asarray(delta))
    return goal, float(computed("lifetime spend", lambda: size * (tokens + delta)))


def _loss_of_optimal_size(surface: Surface, N: float) -> float:
    """Loss of the compute-optimal model that has N parameters, by bisection on the budget."""
    low, high = np.log(10.0), 150.0
    for _ in range(200):
        middle = (low + high) / 2
        size, tokens = surface.best(np.asarray(np.exp(middle)), np.zeros(()))
        low, high = (middle, high) if size < N else (low, middle)
    return float(surface.loss(size, tokens))


def _lifetime(surface: Surface, delta: float, per_unit: float, unit: str, **question: object) -> Lifetime:
    goal, H = _target(surface, delta, per_unit, loss=question.get("loss"), N=question.get("N"), C=question.get("C"),
                      budget=question.get("budget"))
    N, D = (float(x) for x in surface.best(np.asarray(H), np.asarray(delta)))
    ref_N, ref_D = (float(x) for x in surface.least(np.asarray(goal), np.zeros(())))
    computed("lifetime spend", lambda: per_unit * max(N * (D + delta), ref_N * (ref_D + delta)))
    return Lifetime(N=N,
                    D=D,
                    L=goal,
                    train=per_unit * N * D,
                    serve=per_unit * N * delta,
                    unit=unit,
                    equivalent_tokens=delta,
                    reference=Allocation(N=ref_N, D=ref_D, C=FLOP_PER_PARAM_TOKEN * ref_N * ref_D, L=goal),
                    reference_total=per_unit * ref_N * (ref_D + delta),
                    basin=around(surface, H, delta))


def inference_aware(law: Law, inference_tokens: object, *, loss: object = None, N: object = None, C: object = None,
                    budget: object = None, **fixed: float) -> Lifetime:
    """The model with the least 6ND + 2NT at a given quality, or the best quality for a lifetime budget.

    Parameters
    ----------
    law : Law
        A law of N and D.
    inference_tokens : float
        Tokens T served over its life.
    loss : float, optional
        Quality as a loss, nats per token.
    N, C : float, optional
        Quality as that of the compute-optimal model of N parameters, or of C training FLOP.
    budget : float, optional
        FLOP for training and serving together; the loss is then minimised.
    **fixed : float
        Other variables of the law, held at these values.

    Returns
    -------
    Lifetime

    Raises
    ------
    ValueError
        If not exactly one of loss, N, C and budget is given, or the loss is not above the law's floor.

    References
    ----------
    .. [1] Sardana et al. 2024, arXiv 2401.00448, equation 3.

    Examples
    --------
    The paper's example, quality of a 13B model with 2e12 tokens served, which needs its own exponents:

    >>> law = ChinchillaLaw(E=1.69, A=406.4, B=410.7, alpha=0.336, beta=0.283)
    >>> print(inference_aware(law, 2e12, N=13e9))
    6.97e+09 parameters on 1.25e+12 tokens (179 per parameter), 2.0453 nats per token:
      8e+22 FLOP over its life, 17.4 % less than the compute-optimal 1.3e+10 parameters on 5.76e+11 tokens
    """
    served = scalar("inference_tokens", inference_tokens, unit="tokens", low=0.0)
    return _lifetime(surface_of(law, **fixed), equivalent_tokens(served), FLOP_PER_PARAM_TOKEN, "FLOP",
                     loss=loss, N=N, C=C, budget=budget)


def cost_aware(law: Law,
               *,
               prompt_tokens: object,
               output_tokens: object,
               train: Rate,
               prompt: Rate,
               output: Rate,
               loss: object = None,
               N: object = None,
               C: object = None,
               budget: object = None,
               **fixed: float) -> Lifetime:
    """As `inference_aware`, in money: separate prices and utilisations for training, prompts and output.

    Parameters
    ----------
    law : Law
        A law of N and D.
    prompt_tokens, output_tokens : float
        Tokens read and written over the model's life.
    train, prompt, output : Rate
        Price, peak and utilisation for each kind of work.
    loss, N, C, budget : float, optional
        Exactly one, as in `inference_aware`; `budget` is in the currency of the rates.
    **fixed : float
        Other variables of the law, held at these values.

    Returns
    -------
    Lifetime
        Its `unit` is ``"money"``.

    Raises
    ------
    ValueError
        If a rate is no `Rate`, a number of tokens is negative, or not exactly one target is given.

    Notes
    -----
    Decoding is bound by memory, not arithmetic; its low utilisation depends on batch and model. The rate holds it
    fixed.

    References
    ----------
    .. [1] Sardana et al. 2024, arXiv 2401.00448, section on real-world costs.

    Examples
    --------
    >>> from scaling_lib import published
    >>> rates = {"train": Rate(2.0, 989e12, 0.4), "prompt": Rate(2.0, 989e12, 0.4), "output": Rate(2.0, 989e12, 0.04)}
    >>> life = cost_aware(published.BESIROGLU_2024, prompt_tokens=1e12, output_tokens=1e11, C=1e23, **rates)
    >>> f"{life.N:.3g} {life.D:.3g} {100 * life.saving:.0f} %"
    '1.67e+10 1.15e+12 16 %'
    """
    for name, rate in (("train", train), ("prompt", prompt), ("output", output)):
        if not isinstance(rate, Rate):
            raise ValueError(f"{name} is {shown(rate)}: expected Rate(per_hour=..., peak=..., utilisation=...).")
    read = scalar("prompt_tokens", prompt_tokens, unit="tokens", low=0.0)
    written = scalar("output_tokens", output_tokens, unit="tokens", low=0.0)
    delta = (equivalent_tokens(read, prompt.per_flop / train.per_flop) +
             equivalent_tokens(written, output.per_flop / train.per_flop))
    return _lifetime(surface_of(law, **fixed),
                     delta,
                     FLOP_PER_PARAM_TOKEN * train.per_flop,
                     "money",
                     loss=loss,
                     N=N,
                     C=C,
                     budget=budget)


@dataclass(frozen=True)
class Payback:
    """When a smaller model of equal loss has paid for its longer training.

    Attributes
    ----------
    k_N : float or ndarray
        Size, as a part of the compute-optimal size.
    k_D : float or ndarray
        Training tokens it needs for the same loss, as a multiple.
    overhead : float or ndarray
        Extra training compute, ``k_N k_D - 1``.
    served : float or ndarray
        Tokens served until it has paid back, in units of the compute-optimal model's training tokens.
    """

    k_N: Numeric
    k_D: Numeric
    overhead: Numeric
    served: Numeric

    def tokens(self, D: object) -> Numeric:
        """Tokens served until pay-back for a compute-optimal model trained on D tokens."""
        return unwrap(np.asarray(self.served * positive("D", D, unit="tokens")))


def _exponents(law: ChinchillaLaw) -> dict[str, float]:
    if not isinstance(law, ChinchillaLaw):
        raise ValueError(f"law is {shown(law)}: expected a ChinchillaLaw; only there does the scale cancel.")
    law._needs_both_terms()
    return {"alpha": law.alpha, "beta": law.beta}


def small_model_overhead(law: ChinchillaLaw, k_N: object) -> Numeric:
    r"""Extra training compute of a model of `k_N` times the optimal size that reaches the same loss, as a fraction.

    :math:`k_D = [1 - (\beta / \alpha)(k_N^{-\alpha} - 1)]^{-1/\beta}`, overhead :math:`k_N k_D - 1`, at every budget
    alike.

    Parameters
    ----------
    law : ChinchillaLaw
        The law held to be true.
    k_N : float or array_like
        Size of the model in units of the optimal one.

    References
    ----------
    .. [1] de Vries 2023, "Go smol or go home".

    Examples
    --------
    >>> from scaling_lib import published
    >>> round(small_model_overhead(published.HOFFMANN_2022, k_N=0.3), 4)
    1.0554
    """
    return unwrap(np.maximum(np.asarray(_overhead(k_N, **_exponents(law))), 0.0))


def payback(law: ChinchillaLaw, k_N: object, price_ratio: object = 1.0) -> Payback:
    """Tokens served until a model of `k_N` times the optimal size, of equal loss, has paid for its longer training.

    Parameters
    ----------
    law : ChinchillaLaw
        The answer depends on its exponents alone; the budget cancels.
    k_N : float or array_like
        Size as a part of the optimal size, below 1.
    price_ratio : float or array_like
        Price of a serving FLOP over that of a training FLOP; 10 if decoding runs at a tenth of the utilisation.

    Returns
    -------
    Payback

    Raises
    ------
    ValueError
        If k_N is not below 1, or so small that no number of tokens reaches the loss.

    Examples
    --------
    >>> from scaling_lib import published
    >>> [round(payback(law, k_N=0.5).served, 2) for law in (published.HOFFMANN_2022, published.BESIROGLU_2024)]
    [1.25, 1.56]
    """
    size, ratio = broadcast(("k_N", positive("k_N", k_N)), ("price_ratio", positive("price_ratio", price_ratio)))
    exponents = _exponents(law)
    served = np.asarray(payback_tokens(size, **exponents))
    return Payback(k_N=unwrap(size),
                   k_D=small_model_tokens(size, **exponents),
                   overhead=unwrap(np.maximum(np.asarray(_overhead(size, **exponents)), 0.0)),
                   served=computed("number of served tokens", lambda: served / ratio))
