"""Turn what a person passed into numbers, or say what was wrong with it.

Every public function begins here, so that a mistake is named where it was made: each error carries the
argument, the value, what was expected and what to try. Nothing is guessed at and nothing is clipped.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["FloatArray", "Numeric", "broadcast", "choice", "computed", "file_path", "finite", "fraction", "integer", "positive",
           "scalar", "shown", "unwrap"]

FloatArray: TypeAlias = NDArray[np.float64]
#: What a law returns: a float for scalar input, an array for array input.
Numeric: TypeAlias = Any

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 60
_short.maxlist = _short.maxtuple = _short.maxarray = 4


def shown(value: object) -> str:
    """Return `value` for a message: on one line and short, however large it is."""
    return " ".join(_short.repr(value).split())


def _refuse(name: str, value: object, expected: str, remedy: str = "") -> ValueError:
    text = f"{name} is {shown(value)}: expected {expected}."
    return ValueError(f"{text} {remedy}" if remedy else text)


def _array(name: str, value: object, expected: str) -> FloatArray:
    """Return `value` as float64, refusing text, booleans, complex numbers, dates and ragged lists."""
    if value is None:
        raise _refuse(name, value, expected, "Was a value forgotten, or did a function return nothing?")
    if isinstance(value, (str, bytes)):
        raise _refuse(name, value, expected, f"Text is not converted: pass float({shown(value)}) if that is "
                                             f"what is meant.")
    if isinstance(value, (Mapping, set, frozenset)) or callable(value) or hasattr(value, "__next__"):
        raise _refuse(name, value, expected, "Pass a number, a list or an array.")
    try:
        raw = np.asarray(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise _refuse(name, value, expected, "The nested lists have different lengths.") from error
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise _refuse(name, value, expected, "It has masked entries: drop them first, with .compressed().")
    if raw.dtype.kind in "USOV" and raw.dtype.kind != "O":
        raise _refuse(name, value, expected, "It holds text: convert the column to numbers first.")
    if raw.dtype.kind == "O":
        if any(isinstance(item, (str, bytes, bool, complex)) or item is None for item in raw.ravel()):
            raise _refuse(name, value, expected, "It holds something that is not a number: convert or drop it first.")
    elif raw.dtype.kind not in "iuf":
        raise _refuse(name, value, expected, "Booleans, complex numbers and dates are not converted.")
    try:
        with np.errstate(all="ignore"):  # a long double beyond float64 becomes infinite, which is then refused
            return np.asarray(raw, dtype=np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise _refuse(name, value, expected, "It could not be read as floating-point numbers.") from error


def file_path(name: str, value: object) -> Path:
    """Return `value` as a Path if it is text or a path."""
    if isinstance(value, (str, Path)) and str(value):
        return Path(value)
    raise _refuse(name, value, "the name of a file")


def unwrap(array: FloatArray) -> Numeric:
    """Return a float for a zero-dimensional array, the array otherwise."""
    return float(array) if np.ndim(array) == 0 else array


def computed(what: str, formula: Callable[[], object]) -> Numeric:
    """Return what `formula` gives, as a float or an array, or say that it lies beyond what doubles hold."""
    with np.errstate(all="ignore"):
        found = formula()
    if isinstance(found, float) and math.isfinite(found):
        return float(found)
    out = np.asarray(found, dtype=np.float64)
    if not np.isfinite(out).all():
        raise ValueError(f"The {what} for these inputs is beyond what doubles hold, or undefined. Check the "
                         f"sizes and units.")
    return unwrap(out)


def finite(name: str, value: object, *, unit: str = "", low: float = -math.inf, high: float = math.inf,
           open_low: bool = False, open_high: bool = False) -> FloatArray:
    """Return `value` as finite float64 within the limits, whatever its shape."""
    if (plain := _ready(value)) is not None and _within(plain.min(), plain.max(), low, high, open_low, open_high):
        return plain
    left = "" if low == -math.inf else (f" above {low:g}" if open_low else f" of at least {low:g}")
    right = "" if high == math.inf else (f" below {high:g}" if open_high else f" of at most {high:g}")
    joined = f"{left} and{right}" if left and right else left + right
    expected = f"finite numbers{joined}" + (f" ({unit})" if unit else "")
    array = _array(name, value, expected)
    good = np.isfinite(array)
    if not good.all():
        raise _refuse(name, value, expected, _where(array, ~good, "Drop or repair it first."))
    bad = (array <= low) if open_low else (array < low)
    bad |= (array >= high) if open_high else (array > high)
    if bad.any():
        raise _refuse(name, value, expected, _where(array, bad, "Check the sign, the unit and the order of arguments."))
    return array


def _ready(value: object) -> FloatArray | None:
    """`value` as float64 where that takes no judgement, else None: what is called in loops is mostly of this kind."""
    if type(value) is float or type(value) is np.float64 or (type(value) is int and abs(value) < 2**53):
        return np.asarray(value, dtype=np.float64)
    return value if type(value) is np.ndarray and value.dtype == np.float64 and value.size else None


def _within(least: float, most: float, low: float, high: float, open_low: bool, open_high: bool) -> bool:
    return (math.isfinite(least) and math.isfinite(most)  # a NaN anywhere is the least and the most
            and (least > low if open_low else least >= low) and (most < high if open_high else most <= high))


def _where(array: FloatArray, bad: NDArray[np.bool_], remedy: str) -> str:
    if array.ndim == 0:
        return remedy
    first = tuple(int(i) for i in np.argwhere(bad)[0])
    index = first[0] if len(first) == 1 else first
    return f"Entry {index} is {array[first]:g}, the first of {int(bad.sum())} such. {remedy}"


def positive(name: str, value: object, *, unit: str = "") -> FloatArray:
    """Return `value` as finite float64 above zero, whatever its shape."""
    return finite(name, value, unit=unit, low=0.0, open_low=True)


def fraction(name: str, value: object, *, unit: str = "a fraction, 0 to 1") -> FloatArray:
    """Return `value` as float64 between 0 and 1."""
    return finite(name, value, unit=unit, low=0.0, high=1.0)


def scalar(name: str, value: object, *, unit: str = "", low: float = -math.inf, high: float = math.inf,
           open_low: bool = False, open_high: bool = False) -> float:
    """Return `value` as one finite float within the limits."""
    if type(value) is float and _within(value, value, low, high, open_low, open_high):
        return value
    array = finite(name, value, unit=unit, low=low, high=high, open_low=open_low, open_high=open_high)
    if array.ndim:
        raise _refuse(name, value, "one number", f"It has shape {array.shape}: pass one at a time.")
    return float(array)


def integer(name: str, value: object, *, unit: str = "", low: int = 0, high: int | None = None) -> int:
    """Return `value` as one integer; 8.0 and 1e3 count as integers, 8.5 does not."""
    if type(value) is int and low <= value < 2**53 and (high is None or value <= high):
        return value
    number = scalar(name, value, unit=unit, low=low, high=math.inf if high is None else high)
    if number != math.floor(number):
        raise _refuse(name, value, "a whole number", "Round it as you mean it.")
    return int(value) if isinstance(value, (int, np.integer)) else int(number)


def choice(name: str, value: object, allowed: tuple[str, ...]) -> str:
    """Return `value` if it is one of `allowed`; otherwise say which there are and which is nearest."""
    if isinstance(value, str) and value in allowed:
        return value
    import difflib

    near = difflib.get_close_matches(str(value), allowed, n=1)
    remedy = f"Did you mean {near[0]!r}?" if near else ""
    raise _refuse(name, value, "one of " + ", ".join(map(repr, allowed)), remedy)


@overload
def broadcast(__a: tuple[str, FloatArray]) -> tuple[FloatArray]: ...
@overload
def broadcast(__a: tuple[str, FloatArray], __b: tuple[str, FloatArray]) -> tuple[FloatArray, FloatArray]: ...
@overload
def broadcast(*named: tuple[str, FloatArray]) -> tuple[FloatArray, ...]: ...
def broadcast(*named: tuple[str, FloatArray]) -> tuple[FloatArray, ...]:
    """Broadcast named arrays against each other, naming their shapes where they do not fit."""
    if all(array.shape == named[0][1].shape for _, array in named):
        return tuple(array for _, array in named)
    try:
        return tuple(np.broadcast_arrays(*(array for _, array in named)))
    except ValueError as error:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in named)
        raise ValueError(f"Shapes do not fit together: {shapes}. Pass equal lengths, or add an axis with [:, "
                         f"None].") from error


def columns(data: Mapping[str, ArrayLike], *, least: int = 1) -> dict[str, FloatArray]:
    """Return named one-dimensional positive columns of equal length with at least `least` rows."""
    out = {name: positive(name, value) for name, value in data.items()}
    for name, array in out.items():
        if array.ndim != 1:
            raise _refuse(name, data[name], "a one-dimensional column", f"It has shape {array.shape}.")
    lengths = {name: len(array) for name, array in out.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"Columns have different lengths: {lengths}. Every row needs all of them.")
    if lengths and min(lengths.values()) < least:
        raise ValueError(f"{min(lengths.values())} rows are given: at least {least} are needed.")
    return out
