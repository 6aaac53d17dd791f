"""What can be chosen among samples: by votes, by verifiers, by a reward; and what samples cost beside training."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, computed, finite, fraction, positive, shown
from ..compute import FLOP_PER_PARAM_SERVED_TOKEN, FLOP_PER_PARAM_TOKEN
from .coverage import _counts

__all__ = ["best_of_n_kl", "flop_matched_multiplier", "fooled_success", "majority_vote", "plurality_limit", "verified_success"]


def majority_vote(p: object, n: object) -> Numeric:
    r"""Probability that more than half of n samples are right, when each is with probability p and there are two
    answers.

    It tends to 1 for p above a half and to 0 below: a vote has a ceiling that samples do not lift.

    Parameters
    ----------
    p : float or array_like
        Probability that one sample is right.
    n : int or array_like
        Votes, odd.

    Returns
    -------
    float or ndarray
        A probability.

    Raises
    ------
    ValueError
        If p is not a probability, or n is not a whole odd number.

    References
    ----------
    .. [1] Condorcet 1785; Wang et al. 2022, arXiv 2203.11171 (self-consistency).

    Examples
    --------
    >>> round(majority_vote(0.6, n=41), 6)
    0.903483
    """
    from scipy.special import betainc

    rate, votes = broadcast(("p", fraction("p", p)), ("n", _counts("n", n, 1)))
    if (votes % 2 == 0).any():
        raise ValueError(f"n is {shown(n)}: expected odd numbers, with which there are no ties.")
    half = (votes + 1) / 2
    return computed("probability", lambda: betainc(half, half, rate))


def plurality_limit(answers: object) -> float:
    """Share of problems that voting solves with unlimited samples: those whose most likely answer is the right one.

    Parameters
    ----------
    answers : array_like, shape (problems, answers)
        Probability of each answer; the right one stands in column 0. Rows add up to at most 1. A tie counts in equal
        shares.

    Returns
    -------
    float
        A share of the problems.

    Raises
    ------
    ValueError
        If the table is not two-dimensional, holds no probabilities, or a row adds up to more than 1.

    References
    ----------
    .. [1] Wu et al. 2024, arXiv 2408.00724.

    Examples
    --------
    >>> plurality_limit([[0.4, 0.3, 0.3], [0.2, 0.7, 0.1], [0.3, 0.3, 0.2]])
    0.5
    """
    table = fraction("answers", answers)
    if table.ndim != 2 or 0 in table.shape:
        raise ValueError(
            f"answers has shape {table.shape}: expected (problems, answers), the right answer in column 0."
        )
    if (table.sum(axis=1) > 1 + 1e-9).any():
        raise ValueError("answers has a row that adds up to more than 1: give probabilities of distinct answers.")
    best = table == table.max(axis=1, keepdims=True)
    return float(np.mean(np.where(best[:, 0], 1 / best.sum(axis=1), 0.0)))


def _tried(p: object, n: object, true_positive: object, false_positive: object) -> tuple[FloatArray, ...]:
    """The rate, the number of tries and the two rates of a verifier, checked and broadcast."""
    return broadcast(("p", fraction("p", p)), ("n", _counts("n", n, 1)), ("true_positive", fraction("true_positive", true_positive)),
                     ("false_positive", fraction("false_positive", false_positive)))


def verified_success(p: object, n: object, *, true_positive: object = 1.0, false_positive: object = 0.0) -> Numeric:
    r"""Chance that the first sample a verifier accepts among n is right: :math:`(1 - (1 - q)^n)\, p t / q`, :math:`q =
    p t + (1-p) f`.

    A perfect verifier gives the coverage. With false positives the success has the ceiling p t / q, the share of
    accepted samples that are right, whatever n.

    Parameters
    ----------
    p : float or array_like
        Probability that one sample is right.
    n : int or array_like
        Samples drawn at most.
    true_positive, false_positive : float or array_like
        Probability that the verifier accepts a right and a wrong sample.

    Returns
    -------
    float or ndarray
        A probability; 0 where nothing is ever accepted.

    Raises
    ------
    ValueError
        If a probability is out of range or n is not a whole number of at least 1.

    References
    ----------
    .. [1] Brown et al. 2024, arXiv 2407.21787 (repeated sampling with verifiers).

    Examples
    --------
    >>> round(verified_success(0.05, 1000, false_positive=0.01), 3)
    0.84
    """
    rate, tries, hit, slip = _tried(p, n, true_positive, false_positive)

    def chance() -> Any:
        right = rate * hit
        accepted = np.minimum(right + (1 - rate) * slip, 1.0)
        any_accepted = -np.expm1(tries * np.log1p(-accepted))
        return np.where(accepted > 0, any_accepted * (right / np.where(accepted > 0, accepted, 1.0)), 0.0)

    return computed("probability", chance)


def fooled_success(p: object, n: object, *, true_positive: object = 1.0, false_positive: object = 0.0) -> Numeric:
    r"""Chance that the best-scored of n samples is right when what fools the verifier scores highest: :math:`(1 - w)^n
    - (1 - w - r)^n`, :math:`r = p t`, :math:`w = (1-p) f`.

    One sample that fools the verifier is enough to lose. With more samples the chance rises, peaks, and falls to 0.

    Parameters
    ----------
    p : float or array_like
        Probability that one sample is right.
    n : int or array_like
        Samples drawn, the highest score of which is given.
    true_positive, false_positive : float or array_like
        Probability that a right sample is scored as right, and that a wrong one is scored above every right one.

    Returns
    -------
    float or ndarray
        A probability.

    Raises
    ------
    ValueError
        If a probability is out of range or n is not a whole number of at least 1.

    References
    ----------
    .. [1] Cobbe et al. 2021, arXiv 2110.14168 (the fall was seen beyond some hundred samples).

    Examples
    --------
    >>> fooled_success(0.05, [10, 100, 1000], false_positive=0.01).round(3)
    array([0.367, 0.383, 0.   ])
    """
    rate, tries, hit, slip = _tried(p, n, true_positive, false_positive)

    def chance() -> Any:
        right, fooling = rate * hit, (1 - rate) * slip
        with np.errstate(divide="ignore"):
            unfooled = tries * np.log1p(-fooling)
            nothing = tries * np.log1p(-np.minimum(right + fooling, 1.0))
        return np.where(right > 0, np.exp(unfooled) - np.exp(nothing), 0.0)

    return computed("probability", chance)


def best_of_n_kl(n: object) -> Numeric:
    r"""Divergence of the best of n samples from the sampler: :math:`\log n - (n - 1) / n` nats.

    Exact for a score without ties, an upper bound otherwise.

    Parameters
    ----------
    n : float or array_like
        Samples, at least 1.

    Returns
    -------
    float or ndarray
        Nats.

    Raises
    ------
    ValueError
        If n is below 1 or not finite.

    References
    ----------
    .. [1] Gao et al. 2022, arXiv 2210.10760; Beirami et al. 2024, arXiv 2401.01879 (when it is a bound).

    Examples
    --------
    >>> round(best_of_n_kl(1000), 4)
    5.9088
    """
    drawn = finite("n", n, unit="samples", low=1)
    return computed("divergence", lambda: np.maximum(np.log(drawn) - (drawn - 1) / drawn, 0.0))


def flop_matched_multiplier(M: object, R: object) -> Numeric:
    r"""Times more inference that a small model may spend for the cost of an M times larger one: :math:`M + 3 (M - 1) /
    R`.

    Both are pre-trained on the same tokens, 6N each, and serve 2N for each token.

    Parameters
    ----------
    M : float or array_like
        Size of the larger model in units of the small one, at least 1.
    R : float or array_like
        Tokens served over tokens of pre-training.

    Returns
    -------
    float or ndarray
        Factor on the small model's inference compute.

    Raises
    ------
    ValueError
        If M is below 1 or R not positive.

    References
    ----------
    .. [1] Snell et al. 2024, arXiv 2408.03314, section 7.

    Examples
    --------
    >>> flop_matched_multiplier(M=14, R=1.0)
    53.0
    """
    larger, ratio = broadcast(("M", finite("M", M, low=1)), ("R", positive("R", R)))
    dearer = FLOP_PER_PARAM_TOKEN / FLOP_PER_PARAM_SERVED_TOKEN
    return computed("multiplier", lambda: larger + dearer * (larger - 1) / ratio)
