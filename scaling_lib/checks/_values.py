"""Reading what a learner answered: any sensible number is one, and anything else gets a sentence that helps.

`number` and `numbers` return floats or raise `Wrong` with the name of what was found instead. `Learner` wraps a
learner's function: it is called with copies, its exceptions become diagnoses, its results become numbers.
"""

from __future__ import annotations

import copy
import inspect
import linecache
import math
import os
import re
import reprlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._validate import FloatArray
from ._model import Attempt, NotAnswered, Wrong

__all__ = ["Learner", "describe", "is_blank", "number", "numbers"]

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 40
_short.maxlist = _short.maxtuple = _short.maxarray = 3
_PACKAGE: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_POWER: Final = re.compile(r"(?:[x×*·]\s*10\s*(?:\^|\*\*)\s*)([+-]?\d+)$")
_GENERATOR_NAMES: Final = ("generator", "map", "filter", "zip", "range_iterator", "list_iterator", "coroutine")
#: More entries than any answer of the course has.
_MOST: Final = 1_000_000


def describe(value: Any) -> str:
    """`value` in at most a few words, whatever it is."""
    try:
        if isinstance(value, np.ndarray):
            return f"an array of shape {value.shape}"
        if callable(value):
            name = getattr(value, "__name__", None)
            return f"the function {name}" if name else f"{type(value).__name__}(...)"
        return _short.repr(value)
    except Exception:
        return f"an object of type {type(value).__name__}"


def is_blank(value: Any) -> bool:
    """Whether an answer is still a stub: ``...``, or a short list, tuple or dict of nothing but stubs."""
    if value is ...:
        return True
    if isinstance(value, Mapping) and 0 < len(value) < 100:
        return all(is_blank(item) for item in value.values())
    return isinstance(value, (list, tuple)) and 0 < len(value) < 100 and all(is_blank(item) for item in value)


def number(value: Any, what: str = "the answer", *, percent: bool = False) -> float:
    """Return `value` as one finite float.

    Ints, floats, NumPy scalars, arrays and lists of one entry, decimals, fractions, one-element tensors and text such
    as ``"2e10"``, ``"20_000"``, ``"1,000"`` or ``"2 x 10^10"`` are numbers (``"17 %"`` where percent is asked for).

    Raises
    ------
    Wrong
        With the name of what was found: "none", "blank", "text", "boolean", "complex", "nan", "infinite", "shape",
        "generator", "function" or "type".
    NotAnswered
        If it is still ``...``.
    """
    if is_blank(value):
        raise NotAnswered
    if value is None:
        raise Wrong(
            f"{_upper(what)} is None. A function that ends without `return` gives None; so does print().", "none"
        )
    if isinstance(value, (str, bytes)):
        value = _from_text(value, what, percent)
    if isinstance(value, (bool, np.bool_)):
        raise Wrong(
            f"{_upper(what)} is {value}, but a number is asked for. Is there a comparison (==, <) where a formula"
            " should be?",
            "boolean",
        )
    if inspect.isgenerator(value) or inspect.iscoroutine(value) or type(value).__name__ in _GENERATOR_NAMES:
        if inspect.iscoroutine(value):
            value.close()
        raise Wrong(
            f"{_upper(what)} is a {type(value).__name__}, which has not computed anything yet. Use `return`, not"
            " `yield`, and list(...) where a sequence is wanted.",
            "generator",
        )
    if callable(value) and not hasattr(value, "__float__"):
        raise Wrong(
            f"{_upper(what)} is {describe(value)}, not a number. Are the parentheses of a call missing?", "function"
        )
    if isinstance(value, (complex, np.complexfloating)):
        raise Wrong(
            f"{_upper(what)} is a complex number. A negative number under a fractional power makes one: look for a"
            " wrong sign.",
            "complex",
        )
    value = _single(value, what)
    try:
        out = float(value)
    except OverflowError:
        raise Wrong(
            f"{_upper(what)} is too large for a floating-point number: look for an exponent that should be negative.",
            "infinite",
        ) from None
    except Exception:
        raise Wrong(
            f"{_upper(what)} is {describe(value)}, of type {type(value).__name__}: one number is asked for.", "type"
        ) from None
    return _finite(out, what)


def _finite(out: float, what: str) -> float:
    if math.isnan(out):
        raise Wrong(
            f"{_upper(what)} is NaN (not a number). The logarithm of a negative number, 0/0 and inf - inf make one.",
            "nan",
        )
    if math.isinf(out):
        raise Wrong(
            f"{_upper(what)} is infinite. Look for a division by zero or an exponent with the wrong sign.", "infinite"
        )
    return out


def _from_text(value: str | bytes, what: str, percent: bool) -> float:
    text = (value.decode(errors="replace") if isinstance(value, bytes) else value).strip()
    plain = text.replace("−", "-").replace("\u202f", "").replace("\u00a0", "")
    if percent:
        plain = plain.removesuffix("%").strip()
    plain = _POWER.sub(r"e\1", plain).replace(" ", "").replace("_", "")
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", plain):
        plain = plain.replace(",", "")
    try:
        return float(plain)
    except ValueError:
        raise Wrong(
            f"{_upper(what)} is the text {_short.repr(text)}, which cannot be read as a number. Write it without a"
            " unit, such as 2e10.",
            "text",
        ) from None


def _untorched(value: Any) -> Any:
    return value.detach().cpu().numpy() if hasattr(value, "detach") else value


def _single(value: Any, what: str) -> Any:
    if isinstance(value, (int, float)):
        return value
    value = _untorched(value)
    size = getattr(value, "size", None)
    count = size if isinstance(size, int) else len(value) if isinstance(value, (list, tuple, set, dict)) else 1
    if count != 1:
        shape = getattr(value, "shape", None)
        found = f"shape {tuple(shape)}" if isinstance(shape, tuple) else f"{count} entries"
        raise Wrong(f"{_upper(what)} has {found}, but one number is asked for.", "shape")
    if isinstance(value, (list, tuple)):
        return number(value[0], what)
    if isinstance(value, np.ndarray):
        return number(value.reshape(-1)[0], what)
    return value.item() if hasattr(value, "item") else value


def numbers(
    value: Any, shape: tuple[int, ...], what: str = "the answer", *, names: Sequence[str] = (), percent: bool = False
) -> FloatArray:
    """Return `value` as finite floats of the given shape; `names` are the keys a dict may have."""
    if shape == ():
        return np.asarray(number(value, what, percent=percent))
    if is_blank(value):
        raise NotAnswered
    if isinstance(value, Mapping) and names:
        missing = [name for name in names if name not in value]
        if missing:
            raise Wrong(f"{_upper(what)} has no entry {missing[0]!r}: the entries are {', '.join(names)}.", "shape")
        value = [value[name] for name in names]
    value = _untorched(value)
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    if isinstance(value, (str, bytes)) and value.strip():
        raise Wrong(
            f"{_upper(what)} is the text {describe(value)}, but {_count(shape)} are asked for: give them as a list,"
            " without quotation marks.",
            "text",
        )
    if not isinstance(value, (list, tuple, np.ndarray)):
        found = number(value, what, percent=percent)
        raise Wrong(
            f"{_upper(what)} is the single number {found:.4g}, but {_count(shape)} are asked for, one for each entry.",
            "shape",
        )
    size = value.size if isinstance(value, np.ndarray) else len(value)
    if size > _MOST:
        raise Wrong(f"{_upper(what)} has {size:,} entries, but {_count(shape)} are asked for.", "shape")
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        array = value.astype(np.float64)
    else:
        flat = value.reshape(-1).tolist() if isinstance(value, np.ndarray) else list(value)
        array = np.array([number(item, f"entry {i} of {what}", percent=percent) for i, item in enumerate(flat)])
    if array.shape != shape and array.size != math.prod(shape):
        raise Wrong(f"{_upper(what)} has shape {array.shape}, but {_count(shape)} are asked for.", "shape")
    array = array.reshape(shape)
    bad = ~np.isfinite(array)
    if bad.any():
        _finite(float(array[bad][0]), f"entry {int(np.flatnonzero(bad.reshape(-1))[0])} of {what}")
    return array


def _count(shape: tuple[int, ...]) -> str:
    return f"{math.prod(shape)} numbers" if len(shape) == 1 else f"numbers of shape {shape}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


class Learner:
    """A learner's function: called with copies, never trusted, and always answered with numbers or a diagnosis."""

    def __init__(self, attempt: Attempt, name: str, outputs: Sequence[str], *, reduces: bool = False) -> None:
        self.attempt, self.name, self.outputs, self.reduces = attempt, name, tuple(outputs), reduces
        function = attempt.answers[name]
        if is_blank(function):
            raise NotAnswered
        if not callable(function):
            raise Wrong(
                f"Give the function itself: check(..., {name}), without parentheses. What arrived is"
                f" {describe(function)}.",
                "not a function",
            )
        self._function: Callable[..., Any] = function

    def raw(self, *args: Any) -> Any:
        """Call it with copies of `args`; an exception becomes a diagnosis."""
        copies = copy.deepcopy(args)
        try:
            with np.errstate(all="ignore"):
                out = self._function(*copies)
        except NotImplementedError:
            raise NotAnswered from None
        except (MemoryError, RecursionError) as error:
            raise _limits(error, self.name) from None
        except (Wrong, NotAnswered):
            raise Wrong(
                f"`{self.name}` calls `check` or one of its errors itself: it should only compute.", "raises"
            ) from None
        except BaseException as error:
            if type(error).__name__ == "Deadline":
                raise
            raise Wrong(_told(error, self.name, self._function, args), "raises") from None
        if not _same(copies, args):
            self.attempt.note(
                f"`{self.name}` changes the arrays it is given. That works here, where it gets copies, but it would"
                " surprise a caller: make a new array instead."
            )
        return out

    def __call__(self, *args: Any) -> tuple[FloatArray, ...]:
        """Call it: its outputs as arrays of the shape of the broadcast arguments, or one number if it reduces."""
        shape = (
            ()
            if self.reduces
            else np.broadcast_shapes(
                *(np.shape(arg) for arg in args if isinstance(arg, (int, float, np.ndarray, np.generic)))
            )
        )
        value = self.raw(*args)
        if len(self.outputs) == 1:
            return (numbers(value, shape, f"what `{self.name}` returns"),)
        return tuple(
            numbers(item, shape, f"{output}, which `{self.name}` returns,")
            for output, item in zip(self.outputs, self._unpack(value), strict=True)
        )

    def _unpack(self, value: Any) -> Sequence[Any]:
        wanted = ", ".join(self.outputs)
        if value is None:
            raise Wrong(f"`{self.name}` returns None: is `return` missing? It should return {wanted}.", "none")
        if isinstance(value, Mapping) and all(output in value for output in self.outputs):
            return [value[output] for output in self.outputs]
        if all(hasattr(value, output) for output in self.outputs):
            return [getattr(value, output) for output in self.outputs]
        if isinstance(value, (list, tuple, np.ndarray)):
            if not (isinstance(value, np.ndarray) and value.ndim == 0) and len(value) == len(self.outputs):
                return list(value)
            found = f"shape {value.shape}" if isinstance(value, np.ndarray) else f"{len(value)} things"
            raise Wrong(
                f"`{self.name}` returns {found}: it should return {len(self.outputs)}, namely {wanted}.", "shape"
            )
        number(value, f"what `{self.name}` returns")
        raise Wrong(
            f"`{self.name}` returns one number: it should return {len(self.outputs)}, namely {wanted}.", "shape"
        )


def _same(left: tuple[Any, ...], right: tuple[Any, ...]) -> bool:
    try:
        return all(np.array_equal(a, b) for a, b in zip(left, right, strict=True) if isinstance(b, (np.ndarray, list)))
    except Exception:
        return False


def _limits(error: BaseException, name: str) -> Wrong:
    if isinstance(error, MemoryError):
        return Wrong(
            f"`{name}` asked for more memory than a check allows. Does a loop make a list longer and longer, or is an"
            " array sized by N or D themselves?",
            "memory",
        )
    return Wrong(
        f"`{name}` calls itself without end (RecursionError). Nothing here needs recursion; if it is meant, it lacks"
        " the case in which it stops.",
        "recursion",
    )


def _told(error: BaseException, name: str, function: Callable[..., Any], args: tuple[Any, ...]) -> str:
    """Say what was raised and in which of the learner's own lines."""
    try:
        detail = str(error)[:300]
    except Exception:
        detail = ""
    kind = type(error).__name__
    text = f"`{name}` stops with {kind}{': ' + detail if detail else ''}."
    where, trace = "", error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if not os.path.abspath(filename).startswith(_PACKAGE) and trace.tb_frame.f_code.co_name != "<module>":
            line = linecache.getline(filename, trace.tb_lineno).strip()
            where = f" Its line {trace.tb_lineno - _first_line(function) + 1} is: `{line}`." if line else where
            if trace.tb_frame.f_code is getattr(function, "__code__", None) and line:
                break
        trace = trace.tb_next
    if isinstance(error, TypeError) and "positional argument" in detail:
        where = f" The check calls it with {len(args)} argument{'s' * (len(args) != 1)}, in the order of the stub."
    elif isinstance(error, (SystemExit, KeyboardInterrupt)):
        where = " A function should return, not end Python."
    return f'{text}{where} `help_me("{kind}")` explains the error.'


def _first_line(function: Callable[..., Any]) -> int:
    code = getattr(function, "__code__", None)
    return code.co_firstlineno if code is not None else 1


def close(got: FloatArray, wanted: FloatArray, rel: float, absolute: float = 1e-12) -> NDArray[np.bool_]:
    """Whether numbers agree to a relative tolerance (and to an absolute one, for zeros)."""
    out: NDArray[np.bool_] = np.abs(got - wanted) <= rel * np.abs(wanted) + absolute
    return out
