"""One loss in three units, and which losses may be compared.

Nats per token depend on the tokenizer: a token that covers more bytes is harder to predict. Bits per byte divide that
out and compare across tokenizers on the same text. Nothing compares across texts. Perplexity is the exponential of nats
per token and inherits its tokenizer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ._validate import Numeric, broadcast, computed, finite, positive, scalar, shown

__all__ = [
    "Comparison",
    "Loss",
    "bits_per_byte",
    "bits_to_nats",
    "byte_perplexity",
    "compare_losses",
    "nats_from_bits_per_byte",
    "nats_from_perplexity",
    "nats_to_bits",
    "perplexity",
]

_LN2 = math.log(2.0)


def _loss(name: str, value: object, unit: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return finite(name, value, unit=unit, low=0)


def nats_to_bits(nats: object) -> Numeric:
    """Nats in bits: divided by log 2.

    Parameters
    ----------
    nats : float or array_like
        Nats, at least 0.

    Returns
    -------
    float or ndarray
        Bits.

    Raises
    ------
    ValueError
        If `nats` is negative or not finite.

    Examples
    --------
    >>> round(nats_to_bits(2.0), 4)
    2.8854
    """
    value = _loss("nats", nats, "nats")
    return computed("number of bits", lambda: value / _LN2)


def bits_to_nats(bits: object) -> Numeric:
    """Bits in nats: multiplied by log 2.

    Parameters
    ----------
    bits : float or array_like
        Bits, at least 0.

    Returns
    -------
    float or ndarray
        Nats.

    Raises
    ------
    ValueError
        If `bits` is negative or not finite.

    Examples
    --------
    >>> round(bits_to_nats(1.0), 4)
    0.6931
    """
    value = _loss("bits", bits, "bits")
    return computed("number of nats", lambda: value * _LN2)


def perplexity(nats_per_token: object) -> Numeric:
    r"""Perplexity of a token, :math:`e^{L}`: comparable only with the same tokenizer and text.

    Parameters
    ----------
    nats_per_token : float or array_like
        Mean loss of a token.

    Returns
    -------
    float or ndarray
        At least 1.

    Raises
    ------
    ValueError
        If the loss is negative, not finite, or so large that the perplexity overflows.

    Examples
    --------
    >>> round(perplexity(2.0), 3)
    7.389
    """
    value = _loss("nats_per_token", nats_per_token, "nats per token")
    return computed("perplexity", lambda: np.exp(value))


def nats_from_perplexity(perplexity: object) -> Numeric:
    """Nats per token of a perplexity of at least 1.

    Parameters
    ----------
    perplexity : float or array_like
        At least 1.

    Returns
    -------
    float or ndarray
        Nats per token.

    Raises
    ------
    ValueError
        If the perplexity is below 1 or not finite.

    Examples
    --------
    >>> round(nats_from_perplexity(20.0), 4)
    2.9957
    """
    value = finite("perplexity", perplexity, low=1)
    return computed("loss", lambda: np.log(value))


def bits_per_byte(nats_per_token: object, *, tokens_per_byte: object) -> Numeric:
    r"""Bits per byte of a loss per token: :math:`L \cdot \frac{tokens}{bytes} / \log 2`.

    Parameters
    ----------
    nats_per_token : float or array_like
        Mean loss of a token on the text.
    tokens_per_byte : float or array_like
        Tokens of that text over its bytes in UTF-8, both counted on the *same* text: about 0.25 for English and 0.2 to
        0.5 for code, with current tokenizers.

    Returns
    -------
    float or ndarray
        Bits for each byte; comparable across tokenizers on one text.

    Raises
    ------
    ValueError
        If the loss is negative or the ratio not positive.

    Examples
    --------
    >>> round(bits_per_byte(2.0, tokens_per_byte=0.25), 4)
    0.7213
    """
    value, ratio = broadcast(("nats_per_token", _loss("nats_per_token", nats_per_token, "nats per token")),
                             ("tokens_per_byte", positive("tokens_per_byte", tokens_per_byte)))
    return computed("number of bits", lambda: value * ratio / _LN2)


def nats_from_bits_per_byte(bits_per_byte: object, *, tokens_per_byte: object) -> Numeric:
    """Nats per token that a tokenizer would have at these bits per byte: the inverse of `bits_per_byte`.

    Parameters
    ----------
    bits_per_byte : float or array_like
        Bits for each byte of the text.
    tokens_per_byte : float or array_like
        Tokens of that text over its bytes, for this tokenizer.

    Returns
    -------
    float or ndarray
        Nats per token.

    Raises
    ------
    ValueError
        If the bits are negative or the ratio not positive.

    Examples
    --------
    >>> round(nats_from_bits_per_byte(0.8, tokens_per_byte=0.25), 4)
    2.2181
    """
    value, ratio = broadcast(("bits_per_byte", _loss("bits_per_byte", bits_per_byte, "bits per byte")),
                             ("tokens_per_byte", positive("tokens_per_byte", tokens_per_byte)))
    return computed("loss", lambda: value * _LN2 / ratio)


def byte_perplexity(nats_per_token: object, *, tokens_per_byte: object) -> Numeric:
    r"""Perplexity of a byte, :math:`2^{bits\ per\ byte}`: comparable across tokenizers on one text.

    Parameters
    ----------
    nats_per_token : float or array_like
        Mean loss of a token on the text.
    tokens_per_byte : float or array_like
        Tokens of that text over its bytes.

    Returns
    -------
    float or ndarray
        1 to 256 for a model that is no worse than chance.

    Raises
    ------
    ValueError
        If the loss is negative, the ratio not positive, or the perplexity overflows.

    Examples
    --------
    >>> round(byte_perplexity(2.0, tokens_per_byte=0.25), 4)
    1.6487
    """
    bits = np.asarray(bits_per_byte(nats_per_token, tokens_per_byte=tokens_per_byte))
    return computed("perplexity", lambda: np.exp2(bits))


@dataclass(frozen=True)
class Loss:
    """A measured loss with what is needed to know what it may be compared with.

    Parameters
    ----------
    nats_per_token : float
        Mean cross-entropy.
    text : str
        Evaluation text, such as ``"C4 validation"``.
    tokenizer : str
        Tokenizer.
    tokens_per_byte : float, optional
        Tokens of that text over its bytes; needed for bits per byte.

    Raises
    ------
    ValueError
        If the loss is negative, the ratio not positive, or a name is not text.

    Examples
    --------
    >>> a = Loss(2.0, text="C4", tokenizer="GPT-2", tokens_per_byte=0.24)
    >>> b = Loss(2.1, text="C4", tokenizer="Llama 3", tokens_per_byte=0.22)
    >>> compare_losses(a, b)  # doctest: +ELLIPSIS
    Comparison(allowed=True, unit='bits per byte', difference=0.02596..., reason='one text, two tokenizers')
    """

    nats_per_token: float
    text: str
    tokenizer: str
    tokens_per_byte: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "nats_per_token", scalar("nats_per_token", self.nats_per_token, unit="nats per token", low=0)
        )
        for name in ("text", "tokenizer"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name).strip():
                raise ValueError(f"{name} is {shown(getattr(self, name))}: expected its name as text.")
        if self.tokens_per_byte is not None:
            object.__setattr__(
                self, "tokens_per_byte", scalar("tokens_per_byte", self.tokens_per_byte, low=0, open_low=True)
            )

    @property
    def perplexity(self) -> float:
        """Perplexity of a token."""
        return float(perplexity(self.nats_per_token))

    @property
    def bits_per_byte(self) -> float:
        """Bits per byte.

        Raises
        ------
        ValueError
            If the loss was given without tokens_per_byte.
        """
        if self.tokens_per_byte is None:
            raise ValueError(
                "tokens_per_byte is None: bits per byte need the tokens over the bytes of the evaluation text."
            )
        return float(bits_per_byte(self.nats_per_token, tokens_per_byte=self.tokens_per_byte))


@dataclass(frozen=True)
class Comparison:
    """Whether two losses may be compared, and their difference if so.

    Attributes
    ----------
    allowed : bool
        Whether a difference means anything.
    unit : str
        Unit in which they compare; empty if they do not.
    difference : float or None
        First less second, in that unit.
    reason : str
        Why.
    """

    allowed: bool
    unit: str
    difference: float | None
    reason: str


def compare_losses(first: Loss, second: Loss) -> Comparison:
    """Compare two losses in the unit in which they may be compared, or say why they may not.

    Parameters
    ----------
    first, second : Loss
        The two measurements.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If an argument is not a `Loss`.

    Examples
    --------
    >>> compare_losses(Loss(2.02, "MassiveText", "Gopher"), Loss(1.95, "WebText2", "GPT-2")).allowed
    False
    """
    for name, value in (("first", first), ("second", second)):
        if not isinstance(value, Loss):
            raise ValueError(f"{name} is {shown(value)}: expected a scaling_lib.units.Loss.")
    if first.text != second.text:
        return Comparison(False, "", None, f"two texts, {first.text} and {second.text}: no unit compares them")
    if first.tokenizer == second.tokenizer:
        return Comparison(
            True, "nats per token", first.nats_per_token - second.nats_per_token, "one text, one tokenizer"
        )
    if first.tokens_per_byte is None or second.tokens_per_byte is None:
        return Comparison(False, "", None, "two tokenizers: give tokens_per_byte of both, then bits per byte compare")
    return Comparison(True, "bits per byte", first.bits_per_byte - second.bits_per_byte, "one text, two tokenizers")
