"""What a person may pass as a number, and how a refusal reads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_lib import _validate as v

REFUSED: dict[str, Any] = {
    "None": None,
    "text": "1e9",
    "bytes": b"3",
    "boolean": True,
    "boolean list": [True, False],
    "complex": 1j,
    "nan": math.nan,
    "inf": math.inf,
    "ragged": [[1, 2], [3]],
    "list of None": [1.0, None],
    "list of text": ["1", "2"],
    "dates": np.array(["2020-01-01"], dtype="datetime64[D]"),
    "mapping": {"a": 1},
    "set": {1.0},
    "generator": (i for i in range(3)),
    "function": abs,
    "object": object(),
    "huge": 10**400,
    "masked": np.ma.masked_array([1.0, 2.0], [False, True]),
    "missing": pd.Series([1.0, None]),
    "pandas NA": pd.array([1, None], dtype="Int64"),
}


@pytest.mark.parametrize("kind", sorted(REFUSED))
@pytest.mark.parametrize("check", [v.finite, v.positive, v.fraction, v.scalar, v.integer])
def test_refusals_name_the_argument(check: Any, kind: str) -> None:
    with pytest.raises(ValueError, match=r"^width is ") as caught:
        check("width", REFUSED[kind])
    assert "expected" in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        3,
        3.0,
        np.float32(3),
        np.int64(3),
        np.array(3.0),
        [3],
        (3.0,),
        pd.Series([3.0]),
        range(3, 4),
        10**40,
        np.ma.masked_array([3.0], [False]),
        pd.array([3], dtype="Int64"),
        np.longdouble(3),
    ],
)
def test_numbers_of_every_kind_are_taken(value: Any) -> None:
    out = v.positive("width", value)
    assert out.dtype == np.float64
    assert (out >= 3).all()


def test_the_first_bad_entry_is_named() -> None:
    with pytest.raises(ValueError, match=r"Entry 1 is -2, the first of 2 such\."):
        v.positive("D", [1.0, -2.0, -3.0], unit="tokens")
    with pytest.raises(ValueError, match=r"Entry \(1, 0\) is nan"):
        v.finite("D", [[1.0, 2.0], [math.nan, 1.0]])


def test_limits_are_said_in_words() -> None:
    with pytest.raises(ValueError, match="above 0 and of at most 1"):
        v.finite("mfu", 0.0, low=0, high=1, open_low=True)
    with pytest.raises(ValueError, match="of at least 0 and below 1"):
        v.finite("p", 1.0, low=0, high=1, open_high=True)
    with pytest.raises(ValueError, match=r"\(FLOP\)"):
        v.finite("C", -1.0, unit="FLOP", low=0)


def test_text_says_how_to_convert() -> None:
    with pytest.raises(ValueError, match=r"float\('3'\)"):
        v.finite("N", "3")


def test_scalar_and_integer() -> None:
    assert v.scalar("x", np.array(2.5)) == 2.5
    assert v.integer("n", 1e3) == 1000 and isinstance(v.integer("n", 1e3), int)
    assert v.integer("n", 10**17 + 1) == 10**17 + 1
    for value in ([1.0], [], [[1.0]]):
        with pytest.raises(ValueError, match="one number"):
            v.scalar("x", value)
    with pytest.raises(ValueError, match="a whole number"):
        v.integer("n", 8.5)
    with pytest.raises(ValueError, match="of at most 9"):
        v.integer("n", 10, high=9)


def test_choice_suggests_the_nearest() -> None:
    assert v.choice("kind", "total", ("total", "with_head")) == "total"
    with pytest.raises(ValueError, match="Did you mean 'total'"):
        v.choice("kind", "totl", ("total", "with_head"))
    for value in (None, 3, ["total"]):
        with pytest.raises(ValueError, match="kind is"):
            v.choice("kind", value, ("total", "with_head"))


def test_broadcast_names_the_shapes() -> None:
    a, b = v.broadcast(("a", np.ones(3)), ("b", np.ones((2, 1))))
    assert a.shape == b.shape == (2, 3)
    with pytest.raises(ValueError, match=r"a \(3,\), b \(2,\)"):
        v.broadcast(("a", np.ones(3)), ("b", np.ones(2)))


def test_columns() -> None:
    out = v.columns({"N": [1, 2], "L": (3.0, 4.0)}, least=2)
    assert out["L"].tolist() == [3.0, 4.0]
    with pytest.raises(ValueError, match="different lengths"):
        v.columns({"N": [1, 2], "L": [3.0]})
    with pytest.raises(ValueError, match="at least 3 are needed"):
        v.columns({"N": [1, 2]}, least=3)
    with pytest.raises(ValueError, match="one-dimensional"):
        v.columns({"N": 1.0})


def test_computed_names_what_overflows() -> None:
    assert v.computed("sum", lambda: np.float64(1) + 1) == 2.0
    assert isinstance(v.computed("sum", lambda: np.float64(1) + 1), float)
    for formula in (lambda: np.exp(np.float64(1e4)), lambda: np.log(np.array([1.0, -1.0])), lambda: np.float64(0) / 0):
        with pytest.raises(ValueError, match="^The price for these inputs"):
            v.computed("price", formula)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=5))
def test_nothing_is_changed(values: list[float]) -> None:
    given_values = list(values)
    assert v.finite("x", values).tolist() == given_values
    assert values == given_values


@settings(max_examples=100, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_fraction_is_the_unit_interval(value: float) -> None:
    if 0 <= value <= 1:
        assert v.fraction("p", value) == value
    else:
        with pytest.raises(ValueError, match="p is"):
            v.fraction("p", value)
