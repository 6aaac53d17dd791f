"""From parameters and tokens to FLOP, and back.

C = 6ND counts two FLOP per parameter and token forward and four backward. It leaves out attention's share, which
grows with the context, and is within ten per cent for the models of chapter 5.
"""

from __future__ import annotations

from typing import Final

from ._validate import Numeric, broadcast, positive, unwrap

__all__ = ["FLOP_PER_PARAM_TOKEN", "train_flop", "train_params", "train_tokens"]

#: Training FLOP for each parameter and token: 2 forward, 4 backward.
FLOP_PER_PARAM_TOKEN: Final = 6.0


def train_flop(N: object, D: object) -> Numeric:
    """Training compute of N parameters on D tokens, C = 6ND.

    Parameters
    ----------
    N : float or array_like
        Parameters.
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

    Examples
    --------
    >>> f"{train_flop(70e9, 1.4e12):.3g}"
    '5.88e+23'
    """
    size, tokens = broadcast(("N", positive("N", N, unit="parameters")), ("D", positive("D", D, unit="tokens")))
    return unwrap(FLOP_PER_PARAM_TOKEN * size * tokens)


def train_tokens(C: object, N: object) -> Numeric:
    """Tokens that a budget of C FLOP buys for N parameters, D = C / 6N."""
    budget, size = broadcast(("C", positive("C", C, unit="FLOP")), ("N", positive("N", N, unit="parameters")))
    return unwrap(budget / (FLOP_PER_PARAM_TOKEN * size))


def train_params(C: object, D: object) -> Numeric:
    """Parameters that a budget of C FLOP buys for D tokens, N = C / 6D."""
    budget, tokens = broadcast(("C", positive("C", C, unit="FLOP")), ("D", positive("D", D, unit="tokens")))
    return unwrap(budget / (FLOP_PER_PARAM_TOKEN * tokens))
