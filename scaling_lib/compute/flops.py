"""The rule C = 6ND and its inverses.

It counts two FLOP per parameter and token forward and four backward. It leaves out attention's share, which
grows with the context, and is within ten per cent for the models of chapter 5.
"""

from __future__ import annotations

from typing import Final

from .._validate import Numeric, broadcast, computed, positive

__all__ = ["FLOP_PER_PARAM_SERVED_TOKEN", "FLOP_PER_PARAM_TOKEN", "train_flop", "train_params", "train_tokens"]

#: Training FLOP for each parameter and token: 2 forward, 4 backward.
FLOP_PER_PARAM_TOKEN: Final = 6.0

#: Inference FLOP for each parameter and token: the forward pass alone.
FLOP_PER_PARAM_SERVED_TOKEN: Final = 2.0


def train_flop(N: object, D: object) -> Numeric:
    """Training compute of N parameters on D tokens, C = 6ND.

    Parameters
    ----------
    N : float or array_like
        Parameters; of a sparse model those that a token uses.
    D : float or array_like
        Training tokens.

    Returns
    -------
    float or ndarray
        FLOP.

    Raises
    ------
    ValueError
        If an argument is not positive and finite.

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, section 2.1.

    Examples
    --------
    >>> f"{train_flop(70e9, 1.4e12):.3g}"
    '5.88e+23'
    """
    size, tokens = broadcast(("N", positive("N", N, unit="parameters")), ("D", positive("D", D, unit="tokens")))
    return computed("training compute", lambda: FLOP_PER_PARAM_TOKEN * size * tokens)


def train_tokens(C: object, N: object) -> Numeric:
    """Tokens that a budget of C FLOP buys for N parameters, D = C / 6N.

    Parameters
    ----------
    C : float or array_like
        Training compute, FLOP.
    N : float or array_like
        Parameters.

    Returns
    -------
    float or ndarray
        Tokens.

    Raises
    ------
    ValueError
        If an argument is not positive and finite.

    Examples
    --------
    >>> f"{train_tokens(5.88e23, N=70e9):.3g}"
    '1.4e+12'
    """
    budget, size = broadcast(("C", positive("C", C, unit="FLOP")), ("N", positive("N", N, unit="parameters")))
    return computed("number of tokens", lambda: budget / FLOP_PER_PARAM_TOKEN / size)


def train_params(C: object, D: object) -> Numeric:
    """Parameters that a budget of C FLOP buys for D tokens, N = C / 6D.

    Parameters
    ----------
    C : float or array_like
        Training compute, FLOP.
    D : float or array_like
        Training tokens.

    Returns
    -------
    float or ndarray
        Parameters.

    Raises
    ------
    ValueError
        If an argument is not positive and finite.

    Examples
    --------
    >>> f"{train_params(5.88e23, D=1.4e12):.3g}"
    '7e+10'
    """
    budget, tokens = broadcast(("C", positive("C", C, unit="FLOP")), ("D", positive("D", D, unit="tokens")))
    return computed("number of parameters", lambda: budget / FLOP_PER_PARAM_TOKEN / tokens)
