"""Anything may be passed to any public function of the mathematics: a finite answer comes back, or a ValueError."""

from __future__ import annotations

import dataclasses
import inspect
import math
import time
import warnings
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaling_lib import capability, compute, laws, published, sampling, units
from scaling_lib.laws import Law

EXAMPLES = 12
SHAPE = compute.Transformer(n_layer=2, d_model=64, n_heads=4, vocab=100, n_ctx=32)
CHIP = published.H100
TABLE = [[0.2, 0.3, 0.5], [0.4, 0.5, 0.6], [0.6, 0.8, 0.7], [0.1, 0.2, 0.9]]

numbers = st.one_of(
    st.floats(),
    st.floats(1e-3, 1e3),
    st.integers(-5, 50),
    st.integers(-(10**40), 10**40),
    st.sampled_from(
        [0, 1, -1, 0.0, -0.0, 1e30, 1e300, 1e308, 5e-324, 1e-300, 10**40, 10**400, 0.5, 1.0, 0.999999, 1 + 1e-12]
    ),
)
oddities = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=4),
    st.binary(max_size=3),
    st.complex_numbers(),
    st.dictionaries(st.text(max_size=1), numbers, max_size=2),
    st.sampled_from(
        [
            Decimal("1.5"),
            Fraction(1, 3),
            np.float32(2),
            np.int64(3),
            np.bool_(True),
            np.datetime64("2020-01-01"),
            object(),
            set(),
            range(3),
            np.ma.masked_array([1.0, 2.0], [False, True]),
            np.longdouble(2),
            np.array(["1", "2"]),
            np.array([1, None], dtype=object),
            np.array([]),
            pd.NA,
            pd.NaT,
            float("nan"),
            math.inf,
            "1e9",
            "nan",
            b"3",
            lambda x: x,
            math.pi,
            1e16 + 2,
            np.uint8(200),
            np.float16(6e4),
        ]
    ),
    st.builds(lambda: (i for i in range(3))),
)
lists = st.lists(numbers, max_size=4)
tables = st.one_of(
    lists,
    st.lists(st.floats(0, 1), min_size=1, max_size=5),
    st.lists(st.one_of(numbers, oddities), max_size=3),
    lists.map(tuple),
    lists.map(lambda values: pd.Series(values, dtype=object)),
    st.lists(st.floats(0.1, 10), max_size=4).map(pd.Series),
    st.lists(st.floats(), max_size=4).map(np.array),
    st.lists(lists, max_size=3),
    st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=5),
    st.lists(st.floats(), min_size=4, max_size=4).map(lambda v: np.array(v).reshape(2, 2)),
    st.lists(st.floats(0.1, 10), min_size=2, max_size=4).map(lambda v: pd.DataFrame({"a": v})),
)
anything = st.one_of(numbers, tables, oddities)

#: Good values by name of the argument; everything else is 0.5.
GOOD: dict[str, Any] = {
    "N": 1e9,
    "D": 2e10,
    "C": 1e20,
    "U": 1e9,
    "L": 2.5,
    "x": 1e3,
    "E": 8,
    "M": 20.0,
    "G": 8,
    "S1": 3.0,
    "S2": 0.1,
    "k": 10,
    "d": 2.0,
    "B": 1e6,
    "S": 1e4,
    "S_min": 1e4,
    "B_crit": 1e6,
    "P": 8,
    "P_w": 8,
    "P_a": 8,
    "P_kv": 8,
    "D_F": 1e8,
    "L_T": 2.0,
    "L_S": 2.5,
    "D_inf": 1e12,
    "tokens_per_param": 20,
    "flop": 1e21,
    "n_gpu": 8,
    "peak": CHIP,
    "gpu_hours": 1e4,
    "days": 30,
    "price_per_hour": 2.0,
    "watts": 700,
    "pue": 1.1,
    "pf_days": 10,
    "model": SHAPE,
    "tokens": 1000,
    "batch": 4,
    "dtype": "bf16",
    "cache_dtype": "fp8",
    "zero_stage": 1,
    "tensor_parallel": 2,
    "optimiser": "adam",
    "recompute": "full",
    "n_layer": 2,
    "d_model": 64,
    "n_ctx": 32,
    "d_attn": 64,
    "n": 101,
    "c": 7,
    "k_max": 5,
    "answers": TABLE[:2],
    "table": TABLE,
    "capabilities": [0.1, 0.5, 0.9, 1.4],
    "score": [0.2, 0.5, 0.7, 0.8],
    "n_components": 2,
    "length": 4,
    "items": 200,
    "final": 0.1,
    "capability": [0.1, 0.2],
    "steps": 100,
    "warmup": 10,
    "decay_steps": 20,
    "lrs": [1e-3, 5e-4],
    "epochs": 4,
    "R_D_star": 15.0,
    "law": published.HOFFMANN_2022,
    "breaks": [{"c": 0.2, "d": 1e4, "f": 0.3}],
    "alpha_N": 0.076,
    "tokens_per_s": 1e5,
    "small_squared": 2.0,
    "big_squared": 0.6,
    "B_small": 8,
    "B_big": 512,
    "perplexity": 20.0,
    "items_": 1,
    "first": units.Loss(2.0, "C4", "a", 0.3),
    "second": units.Loss(2.1, "C4", "b", 0.2),
    "data": published.HOFFMANN_2022.to_dict(),
    "text": "C4",
    "tokenizer": "GPT-2",
    "name": "chip",
    "as_of": "2025-02",
    "flop_per_s": 1e15,
    "memory_bytes": 8e10,
    "bandwidth": 3e12,
    "n_heads": 4,
    "vocab": 100,
    "d_ff": 256,
    "d_head": 16,
    "n_kv_heads": 2,
    "gated": True,
    "tied": False,
    "biases": True,
    "norm": "layer",
    "learned_positions": True,
    "loss": published.HOFFMANN_2022,
    "link": laws.SigmoidAccuracy(a=0.75, k=8.0, L0=0.8, b=0.25),
    "accelerator": CHIP,
    "convention": "total",
    "method": "kaplan",
    "target": 0.9,
    "k1": 10,
    "k2": 100,
    "B_noise": 500.0,
    "examples_needed": 100,
    "head": True,
    "embeddings": False,
    "headroom": 0.1,
    "args": (),
    "kwargs": {},
}
#: Scalars whose name means something else in one place.
LOCAL: dict[str, dict[str, Any]] = {
    "rescale_loss": {"loss": 3.0},
    "coverage_between": {"k": [1, 10, 100], "coverage": [0.2, 0.5, 0.8], "at": 30},
    "coverage_curve": {"c": [3, 5, 7]},
    "family_line": {"C": [1e20, 1e22]},
    "exact_match": {"ce_per_token": 0.1},
    "broken_power_law": {"d": 0.1},
    "AnnealingLaw": {"C": 0.4},
    "fit_approach": {"L": [3.2, 3.0, 2.8, 2.6, 2.4], "score": [0.05, 0.1, 0.3, 0.6, 0.8]},
    "fit_threshold": {"L": [3.2, 3.0, 2.8, 2.6, 2.4], "score": [0.05, 0.1, 0.3, 0.6, 0.8]},
    "mean_left": {"skills": 100},
    "ScaledBetaCoverage": {"top": 0.1},
    "M4": {"eps0": 0.9, "eps_inf": 0.1},
    "RoutedLaw": {"E_start": 2.0, "E_max": 300.0},
    "PowerCoverage": {"a": -2.0, "b": -0.5},
    "samples_for_coverage": {"target": 0.9},
    "BrokenPowerLaw": {"d": 1e4},
    "chinchilla": {},
    "equivalent_flop": {"capability": 0.3},
    "skills_from_data": {"D": 1e6},
    "stays_below": {"steps": [10, 100, 1000], "loss": [0.7, 0.6, 0.1], "level": 0.35},
    "verified_success": {"n": 100},
    "frequencies": {"n": 10},
    "compute_min": {"C": 1e20},
    "cosine": {"final": 0.1, "peak": 1.0},
    "warmup_stable_decay": {"peak": 1.0},
    "plurality_limit": {"answers": [[0.4, 0.3], [0.2, 0.7]]},
    "fit_sigmoid_link": {"floor": 0.0, "top": 1.0},
    "energy_kwh": {"mfu": 0.4},
    "equivalent_flop_": {},
}


def _finite(value: Any) -> bool:
    if value is None or isinstance(value, (str, bool, type, Law, compute.Accelerator, compute.Transformer)):
        return True
    if isinstance(value, Mapping):
        return all(_finite(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return all(_finite(item) for item in value)
    if dataclasses.is_dataclass(value):
        return all(_finite(getattr(value, field.name)) for field in dataclasses.fields(value))
    if isinstance(value, (int, np.integer)):
        return True
    array = np.asarray(value)
    return array.dtype.kind == "f" and bool(np.isfinite(array).all())


def _arguments(call: Callable[..., Any], name: str) -> dict[str, Any]:
    good = {}
    for parameter in inspect.signature(call).parameters.values():
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL or parameter.kind is inspect.Parameter.VAR_KEYWORD:
            continue
        good[parameter.name] = LOCAL.get(name, {}).get(parameter.name, GOOD.get(parameter.name, 0.5))
    return good


def _laws() -> list[Law]:
    made = []
    for name in laws.__all__:
        kind = getattr(laws, name)
        if isinstance(kind, type) and issubclass(kind, Law) and kind is not Law:
            stored = [published.about(n).value for n in published.names() if type(published.about(n).value) is kind]
            made.append(
                stored[0] if stored else kind(**{p: LOCAL.get(name, {}).get(p, 0.5) for p in kind.parameter_names()})
            )
    return made


def _methods(thing: Any) -> list[tuple[str, Callable[..., Any]]]:
    return [(name, getattr(thing, name)) for name, _ in inspect.getmembers(type(thing), inspect.isfunction)
            if not name.startswith("_") and name != "to_dict"]


#: What functions return: made by the library, not by a person.
RESULTS = {
    "Law",
    "Allocation",
    "Areas",
    "Comparison",
    "Components",
    "FamilyLine",
    "InferenceAllocation",
    "KaplanExponents",
    "Memory",
    "QuantaExponents",
    "SigmoidLink",
}
LAWS = _laws()
CALLS: dict[str, Callable[..., Any]] = {}
for module in (laws, compute, units, sampling, capability):
    for public in module.__all__:
        if callable(getattr(module, public)) and public not in RESULTS:
            CALLS[public] = getattr(module, public)
OBJECTS = [*LAWS, SHAPE, laws.QuantaModel(alpha=0.5), compute.inference_memory(SHAPE, tokens=100),
           capability.FamilyLine(slope=0.2, intercept=-4.0), capability.principal_components(TABLE),
           capability.fit_sigmoid_link([0.1, 0.5, 0.9, 1.4], [0.2, 0.5, 0.7, 0.8])]
for thing in OBJECTS:
    for method_name, method in _methods(thing):
        CALLS[f"{type(thing).__name__}.{method_name}"] = method
del CALLS["optimal_precision"]  # takes any number of arguments: below


def _attempt(call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    start = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            value = call(*args, **kwargs)
    except ValueError as error:
        assert str(error).strip()
        assert time.perf_counter() - start < 3
        return None
    assert _finite(value), (value, args, kwargs)
    assert time.perf_counter() - start < 3, "too slow"
    return value


@pytest.mark.parametrize("name", sorted(CALLS))
def test_good_arguments_are_taken(name: str) -> None:
    """Otherwise the fuzzing below would see nothing but refusals."""
    call = CALLS[name]
    value = call(**_arguments(call, name.split(".")[-1]))
    assert _finite(value)


@pytest.mark.parametrize("name", sorted(CALLS))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_functions(name: str, data: st.DataObject) -> None:
    call = CALLS[name]
    arguments = _arguments(call, name.split(".")[-1])
    if not arguments:
        return
    few = data.draw(st.booleans())
    changed = data.draw(
        st.lists(st.sampled_from(sorted(arguments)), min_size=1, max_size=1 if few else len(arguments), unique=True)
    )
    for key in changed:
        arguments[key] = data.draw(anything)
    _attempt(call, (), arguments)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_laws_are_called(law: Law, data: st.DataObject) -> None:
    arguments = {name: data.draw(st.one_of(st.just(GOOD[name]), numbers, anything)) for name in law.inputs}
    value = _attempt(law, (), arguments)
    if value is not None:
        assert np.shape(value) == np.broadcast_shapes(*(np.shape(v) for v in arguments.values()))


@pytest.mark.parametrize("kind", [type(law) for law in LAWS], ids=lambda kind: kind.__name__)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_laws_with_any_constants(kind: type[Law], data: st.DataObject) -> None:
    constants = {name: data.draw(st.one_of(st.floats(1e-3, 10), numbers)) for name in kind.parameter_names()}
    law = _attempt(kind, (), constants)
    if law is None:
        return
    assert law == kind.from_dict(law.to_dict()) == laws.from_dict(law.to_dict())
    _attempt(law, tuple(GOOD[name] for name in kind.inputs), {})
    for name, method in _methods(law):
        _attempt(method, (), _arguments(method, name))
    for name in (n for n, p in inspect.getmembers(kind) if isinstance(p, property) and n != "parameters"):
        _attempt(lambda key=name: getattr(law, key), (), {})


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
@pytest.mark.parametrize("extreme", [0.0, 5e-324, 1e-308, 1e-30, 1e30, 7.5e306, 1.7e308, -1.0, -1e300])
def test_each_constant_at_each_extreme(law: Law, extreme: float) -> None:
    """What chance would rarely find: one constant at the edge of the doubles, the others ordinary."""
    for name in law.parameter_names():
        for base in (law.parameters, *(dict.fromkeys(law.parameter_names(), value) for value in (1.0, 7.0))):
            changed = _attempt(type(law), (), {**base, name: extreme})
            if changed is None:
                continue
            for size in (1e-300, 1.0, 1e9, 1e300):
                _attempt(changed, tuple(size for _ in law.inputs), {})
            for method_name, method in _methods(changed):
                _attempt(method, (), _arguments(method, method_name))
            for key in (n for n, p in inspect.getmembers(type(law)) if isinstance(p, property) and n != "parameters"):
                _attempt(lambda key=key, thing=changed: getattr(thing, key), (), {})


@settings(max_examples=100, deadline=None)
@given(st.lists(anything, max_size=4))
def test_optimal_precision(values: list[Any]) -> None:
    _attempt(laws.optimal_precision, tuple(values), {})


@settings(max_examples=100, deadline=None)
@given(anything)
def test_descriptions_of_laws(value: Any) -> None:
    _attempt(laws.from_dict, (value,), {})
    _attempt(laws.from_dict, ({"law": value, "parameters": {}},), {})
    _attempt(laws.from_dict, ({"law": "PowerLaw", "parameters": value},), {})
    _attempt(laws.from_dict, ({"law": "PowerLaw", "parameters": {"E": value, "A": 1.0, "alpha": 0.5}},), {})
    _attempt(published.about, (value,), {})
