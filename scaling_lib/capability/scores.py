"""Exact match against smooth scores, and a task's score in two steps: a law of loss, then a link."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, computed, finite, fraction, shown
from ..laws.base import Law

__all__ = ["TwoStep", "above_chance", "exact_match", "expected_errors", "first_visible", "per_token_accuracy",
           "score_error", "score_interval"]


def _length(length: object) -> FloatArray:
    return finite("length", length, unit="tokens of the answer", low=1)


def per_token_accuracy(ce_per_token: object) -> Numeric:
    r"""Probability of the right token at a cross-entropy: :math:`p = e^{-L}`.

    Parameters
    ----------
    ce_per_token : float or array_like
        Cross-entropy of the answer's tokens, nats per token.

    Returns
    -------
    float or ndarray
        A probability.

    Raises
    ------
    ValueError
        If the cross-entropy is negative or not finite.

    Examples
    --------
    >>> round(per_token_accuracy(0.1), 4)
    0.9048
    """
    loss = finite("ce_per_token", ce_per_token, unit="nats per token", low=0)
    return computed("probability", lambda: np.exp(-loss))


def exact_match(ce_per_token: object, length: object) -> Numeric:
    r"""Probability that all tokens of an answer are right: :math:`p^{K} = e^{-L K}`.

    Smooth in L, but sharp in log L, and the sharper the longer the answer: a jump that the metric makes. Tokens are
    taken as equally hard and independent given the ones before.

    Parameters
    ----------
    ce_per_token : float or array_like
        Cross-entropy of the answer's tokens, nats per token.
    length : float or array_like
        Tokens of the answer, K.

    Returns
    -------
    float or ndarray
        A probability.

    Raises
    ------
    ValueError
        If the cross-entropy is negative or the length below 1.

    References
    ----------
    .. [1] Schaeffer et al. 2023, arXiv 2304.15004.

    Examples
    --------
    >>> [round(exact_match(0.1, length=k), 3) for k in (1, 10, 100)]
    [0.905, 0.368, 0.0]
    """
    loss, tokens = broadcast(("ce_per_token", finite("ce_per_token", ce_per_token, unit="nats per token", low=0)),
                             ("length", _length(length)))
    return computed("probability", lambda: np.exp(-loss * tokens))


def expected_errors(ce_per_token: object, length: object) -> Numeric:
    r"""Wrong tokens in an answer, the smooth score beside `exact_match`: :math:`K (1 - p)`, the edit distance without
    shifts.

    Parameters
    ----------
    ce_per_token : float or array_like
        Cross-entropy of the answer's tokens, nats per token.
    length : float or array_like
        Tokens of the answer, K.

    Returns
    -------
    float or ndarray
        Tokens, 0 to K.

    Raises
    ------
    ValueError
        If the cross-entropy is negative or the length below 1.

    References
    ----------
    .. [1] Schaeffer et al. 2023, arXiv 2304.15004.

    Examples
    --------
    >>> round(expected_errors(0.1, length=10), 3)
    0.952
    """
    loss, tokens = broadcast(("ce_per_token", finite("ce_per_token", ce_per_token, unit="nats per token", low=0)),
                             ("length", _length(length)))
    return computed("number of errors", lambda: -np.expm1(-loss) * tokens)


def first_visible(items: object, length: object) -> Numeric:
    r"""Per-token accuracy at which a test expects its first exact match: :math:`p = n^{-1/K}`.

    Parameters
    ----------
    items : float or array_like
        Items of the test, n.
    length : float or array_like
        Tokens of the answer, K.

    Returns
    -------
    float or ndarray
        A probability: below it the test shows zero, however steadily the model improves.

    Raises
    ------
    ValueError
        If an argument is below 1.

    References
    ----------
    .. [1] Schaeffer et al. 2023, arXiv 2304.15004 (resolution of small tests).

    Examples
    --------
    >>> [round(first_visible(200, length=k), 2) for k in (4, 30)]
    [0.27, 0.84]
    """
    size, tokens = broadcast(("items", finite("items", items, low=1)), ("length", _length(length)))
    return computed("probability", lambda: np.exp(-np.log(size) / tokens))


def score_error(score: object, items: object) -> Numeric:
    r"""Standard error of a score by luck in the items: :math:`\sqrt{s(1 - s)/n}`.

    Near 0 and 1 it is too small; there ask `score_interval`.

    Parameters
    ----------
    score : float or array_like
        Share of right answers, 0 to 1.
    items : float or array_like
        Items of the test.

    Returns
    -------
    float or ndarray
        A fraction.

    Raises
    ------
    ValueError
        If the score is not a fraction, or there is less than one item.

    Examples
    --------
    >>> round(score_error(0.5, 30), 3)
    0.091
    """
    share, size = broadcast(("score", fraction("score", score)), ("items", finite("items", items, low=1)))
    return computed("error", lambda: np.sqrt(share * (1 - share) / size))


def score_interval(right: object, items: object, level: object = 0.95) -> tuple[Numeric, Numeric]:
    r"""Success rates that a test result does not contradict: the exact binomial interval.

    A test that shows zero does not show that a model fails always: 0 of 200 is compatible with almost 2 %.

    Parameters
    ----------
    right : float or array_like
        Right answers, 0 to `items`.
    items : float or array_like
        Items of the test.
    level : float
        Coverage, 0 to 1.

    Returns
    -------
    low, high : float or ndarray
        Fractions.

    Raises
    ------
    ValueError
        If more answers are right than there are items, or a number is out of range.

    References
    ----------
    .. [1] Clopper and Pearson 1934, Biometrika 26, 404-413.

    Examples
    --------
    >>> [round(end, 4) for end in score_interval(0, 200)]
    [0.0, 0.0183]
    """
    from scipy.special import betaincinv

    good, size = broadcast(("right", finite("right", right, low=0)), ("items", finite("items", items, low=1)))
    if (good > size).any():
        raise ValueError(f"right is {shown(right)}: expected at most items = {shown(items)}.")
    covered = finite("level", level, low=0, high=1, open_low=True, open_high=True)
    if covered.ndim:
        raise ValueError(f"level is {shown(level)}: expected one number, such as 0.95.")
    tail = (1 - float(covered)) / 2
    with np.errstate(all="ignore"):
        low = np.where(good > 0, betaincinv(np.maximum(good, 1e-9), size - good + 1, tail), 0.0)
        high = np.where(good < size, betaincinv(good + 1, np.maximum(size - good, 1e-9), 1 - tail), 1.0)
    return computed("interval", lambda: low), computed("interval", lambda: high)


def above_chance(score: object, chance: object) -> Numeric:
    """Score rescaled so that chance is 0 and perfection 1: (score - chance) / (1 - chance); negative below chance.

    Parameters
    ----------
    score : float or array_like
        A fraction, 0 to 1.
    chance : float or array_like
        Score of guessing, at least 0 and below 1.

    Returns
    -------
    float or ndarray
        At most 1.

    Raises
    ------
    ValueError
        If an argument is not a fraction, or chance is 1.

    Examples
    --------
    >>> round(above_chance(0.4, chance=0.25), 6)
    0.2
    """
    value, base = broadcast(("score", fraction("score", score)),
                            ("chance", finite("chance", chance, low=0, high=1, open_high=True)))
    return computed("score", lambda: (value - base) / (1 - base))


@dataclass(frozen=True)
class TwoStep:
    """A task score from parameters and tokens in two steps: a law of loss, then a link from loss to score.

    Parameters
    ----------
    loss : Law
        Law that predicts the loss on the task's answers, such as a `ChinchillaLaw`.
    link : Law
        Law of the score in that loss, with the one variable ``L``, such as `SigmoidAccuracy` or `LossToError`.

    Raises
    ------
    ValueError
        If one is not a law, or the link does not take a loss.

    References
    ----------
    .. [1] Bhagia et al. 2024, arXiv 2412.04403; Gadre et al. 2024, arXiv 2403.08540.

    Examples
    --------
    >>> from scaling_lib.laws import ChinchillaLaw, SigmoidAccuracy
    >>> loss = ChinchillaLaw(E=0.4, A=40, B=60, alpha=0.25, beta=0.25)
    >>> chain = TwoStep(loss, SigmoidAccuracy(a=0.75, k=8, L0=0.8, b=0.25))
    >>> round(chain(N=7e9, D=4e12), 3)
    0.889
    """

    loss: Law
    link: Law

    def __post_init__(self) -> None:
        for name in ("loss", "link"):
            if not isinstance(getattr(self, name), Law):
                raise ValueError(f"{name} is {shown(getattr(self, name))}: expected a law of scaling_lib.laws.")
        if self.link.inputs != ("L",):
            raise ValueError(f"link is {shown(self.link)}: expected a law of the loss L alone, such as "
                             f"SigmoidAccuracy.")
        if self.loss.target != "L":
            raise ValueError(f"loss is {shown(self.loss)}: expected a law that predicts a loss L.")

    def __call__(self, *args: object, **kwargs: object) -> Numeric:
        """The score at the variables of the loss law."""
        return self.link(self.loss(*args, **kwargs))
