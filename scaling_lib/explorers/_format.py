"""How numbers are written, in Python and, by the same rules, in ``explorer.js``.

A format is a kind and a count of digits, such as ``"short:3"``:

========== ================================================== =====================
kind       meaning of the digits                              example
========== ================================================== =====================
sci        significant digits, always a power of ten          ``3.2 × 10²¹``
short      significant digits with K, M, B, T                 ``32.2B``
sig        significant digits, a power of ten when very large ``0.0314``
fixed      digits after the point, thousands grouped          ``1,234.50``
percent    digits after the point; the value is a fraction    ``17 %``
code       significant digits, as Python and JavaScript read  ``5.76e23``
========== ================================================== =====================
"""

from __future__ import annotations

import math

from .._validate import choice, integer, scalar

__all__ = ["check_format", "rounded", "show", "superscript"]

_KINDS = ("sci", "short", "sig", "fixed", "percent", "code")
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUFFIXES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))


def superscript(exponent: int) -> str:
    """An integer in superscript digits."""
    return str(exponent).translate(_SUPERSCRIPTS)


def check_format(name: str, value: object) -> str:
    """Return `value` if it is a format such as ``"short:3"``.

    Raises
    ------
    ValueError
        If the kind is unknown or the digits are not a whole number of at most 12.
    """
    kind, colon, digits = value.partition(":") if isinstance(value, str) else ("", "", "")
    if not colon or not digits.isdigit():
        raise ValueError(f"{name} is {value!r}: expected a kind and a number of digits, such as 'short:3'.")
    choice(f"the kind in {name}", kind, _KINDS)
    integer(f"the digits in {name}", int(digits), low=0 if kind in ("fixed", "percent") else 1, high=12)
    return f"{kind}:{int(digits)}"


def _plain(value: float, digits: int) -> str:
    """`digits` significant digits without a power of ten; trailing zeros stay, they are information."""
    exponent = math.floor(math.log10(abs(value))) if value else 0
    return f"{value:,.{max(digits - 1 - exponent, 0)}f}"


def _scientific(value: float, digits: int) -> str:
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"{mantissa} × 10{superscript(int(exponent))}"


def _for_code(number: float) -> str:
    """A number without superfluous digits; a million and more as a mantissa and an exponent."""
    if 1e-4 <= abs(number) < 1e6 or not number:
        return f"{number:.12f}".rstrip("0").rstrip(".")
    mantissa, exponent = f"{number:.11e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def rounded(value: float, format: str) -> float:
    """`value` as far as its format shows it."""
    kind, digits = format.split(":")
    if kind in ("fixed", "percent"):
        return round(value, int(digits) + (2 if kind == "percent" else 0)) + 0.0
    return float(f"{value:.{int(digits) - 1}e}") + 0.0  # never -0.0


def show(value: object, format: str, unit: str = "") -> str:
    """Write a number as a reader sees it.

    Parameters
    ----------
    value : float
        The number.
    format : str
        A kind and a count of digits, see the head of this module.
    unit : str
        Appended after a space.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the number is not finite or the format is unknown.

    Examples
    --------
    >>> show(3.219e10, "short:3"), show(5.76e23, "sci:3", "FLOP"), show(0.1719, "percent:0")
    ('32.2B', '5.76 × 10²³ FLOP', '17 %')
    """
    number = rounded(scalar("value", value), check_format("format", format))
    kind, count = format.split(":")
    if kind == "code":
        return _for_code(number)
    digits, size = int(count), abs(number)
    if kind == "sci":
        text = _scientific(number, digits) if number else "0"
    elif kind == "percent":
        text = f"{100 * number:,.{digits}f} %"
    elif kind == "fixed":
        text = f"{number:,.{digits}f}"
    elif kind == "short" and 1e3 <= size < 1e15:
        scale, suffix = next(pair for pair in _SUFFIXES if size >= pair[0])
        text = _plain(number / scale, digits) + suffix
    elif size >= 1e15 or (kind == "sig" and size >= 1e6) or 0 < size < 1e-4:
        text = _scientific(number, digits)
    else:
        text = _plain(number, digits)
    text = text.replace("-", "−", 1) if text.startswith("-") else text
    return f"{text} {unit}" if unit else text
