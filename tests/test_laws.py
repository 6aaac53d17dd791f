"""Laws of one and two variables: limits, monotonicity, inverses, units, and what is refused."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from scaling_lib import laws, published
from scaling_lib.laws import (
    ChinchillaLaw,
    KaplanND,
    KaplanNS,
    Law,
    PowerLaw,
    PowerRule,
)

H, B = published.HOFFMANN_2022, published.BESIROGLU_2024
sizes = st.floats(1e6, 1e13)
budgets = st.floats(1e15, 1e28)
exponents = st.floats(0.05, 1.0)
chinchillas = st.builds(
    ChinchillaLaw, E=st.floats(0, 3), A=st.floats(1, 1e5), B=st.floats(1, 1e5), alpha=exponents, beta=exponents
)
STORED = {
    name: published.about(name).value for name in published.names() if isinstance(published.about(name).value, Law)
}
quick = settings(max_examples=50, deadline=None)


@pytest.mark.parametrize("name", sorted(STORED))
def test_scalars_arrays_and_series_agree(name: str) -> None:
    law = STORED[name]
    values = {"L": 2.5, "E": 8.0, "k": 10.0, "L_T": 2.0, "L_S": 2.5, "S1": 3.0, "S2": 0.2}
    scalars = {variable: values.get(variable, 1e9) for variable in law.inputs}
    one = law(**scalars)
    assert isinstance(one, float)
    many = law(**{key: np.array([value, value, 1.5 * value]) for key, value in scalars.items()})
    assert many.shape == (3,) and many[0] == many[1] == pytest.approx(one, rel=1e-14)
    series = law(**{key: pd.Series([value]) for key, value in scalars.items()})
    assert series.tolist() == [pytest.approx(one, rel=1e-14)]
    assert law(*scalars.values()) == one
    assert law(**{key: np.empty(0) for key in scalars}).shape == (0,)


@pytest.mark.parametrize("name", sorted(STORED))
def test_laws_survive_json(name: str) -> None:
    law = STORED[name]
    assert laws.from_dict(json.loads(json.dumps(law.to_dict()))) == law


@pytest.mark.parametrize("name", sorted(STORED))
def test_laws_are_frozen_and_hashable(name: str) -> None:
    law = STORED[name]
    with pytest.raises(AttributeError):
        setattr(law, law.parameter_names()[0], 1.0)
    assert hash(law) == hash(type(law)(**law.parameters))


def test_every_law_class_tells_formula_source_and_example() -> None:
    kinds = [
        getattr(laws, name)
        for name in laws.__all__
        if isinstance(getattr(laws, name), type) and issubclass(getattr(laws, name), Law)
    ]
    assert len(kinds) > 25
    for kind in kinds:
        text = kind.__doc__ or ""
        if kind is not Law:
            assert ":math:" in text or ".. math::" in text, kind
            assert "References" in text and ">>>" in text, kind


def test_no_constant_has_a_default() -> None:
    for name in laws.__all__:
        kind = getattr(laws, name)
        if isinstance(kind, type) and issubclass(kind, Law) and kind is not Law:
            with pytest.raises(TypeError):
                kind()


def test_names_of_variables_are_checked() -> None:
    with pytest.raises(ValueError, match="D is missing"):
        H(N=1e9)
    with pytest.raises(ValueError, match="C is not a variable"):
        H(N=1e9, C=1e20)
    with pytest.raises(ValueError, match="given twice"):
        H(1e9, 1e9, N=1e9)
    with pytest.raises(ValueError, match="3 values were given"):
        H(1e9, 1e9, 1e9)
    with pytest.raises(ValueError, match="Did you mean 'ChinchillaLaw'"):
        laws.from_dict({"law": "Chinchila", "parameters": {}})
    with pytest.raises(ValueError, match="not a description"):
        laws.from_dict({"parameters": {}})
    with pytest.raises(ValueError, match="expected the constants"):
        laws.from_dict({"law": "PowerLaw", "parameters": {"E": 1.0}})


def test_constants_are_checked() -> None:
    with pytest.raises(ValueError, match=r"PowerLaw\.A is -1\.0"):
        PowerLaw(E=1, A=-1.0, alpha=0.3)
    with pytest.raises(ValueError, match=r"PowerRule\.k is 0"):
        PowerRule(k=0, p=0.5)
    with pytest.raises(ValueError, match="beyond what doubles hold"):
        PowerLaw(E=0, A=1e300, alpha=-1.0)(1e300)


# power laws -----------------------------------------------------------------------------------------------------------

@quick
@given(st.floats(0, 3), st.floats(0.1, 1e4), exponents, sizes, st.floats(1.1, 100))
def test_power_law_falls_to_its_floor(E: float, A: float, alpha: float, x: float, k: float) -> None:
    law = PowerLaw(E=E, A=A, alpha=alpha)
    assert E <= law(x * k) < law(x) or law(x) - E < 1e-12 * law(x)
    # a change of unit of x is a change of A alone
    assert PowerLaw(E=E, A=A * k**alpha, alpha=alpha)(x * k) == pytest.approx(law(x), rel=1e-12)
    assert law.excess(x) == pytest.approx(A * x**-alpha, rel=1e-6, abs=1e-12)


@quick
@given(st.floats(0.5, 10), exponents, sizes, st.floats(1.01, 1e3))
def test_rescaling_there_and_back(loss: float, alpha: float, N: float, k: float) -> None:
    there = laws.rescale_loss(loss, N, N * k, alpha)
    assert there < loss
    assert laws.rescale_loss(there, N * k, N, alpha) == pytest.approx(loss, rel=1e-12)
    assert laws.rescale_loss(loss, N, N * laws.compute_multiplier(k, alpha), alpha) == pytest.approx(loss / k, rel=1e-9)


def test_doubling_parameters_under_kaplan() -> None:
    assert published.KAPLAN_2020_N(2e9) / published.KAPLAN_2020_N(1e9) == pytest.approx(0.9487, abs=1e-4)
    assert published.KAPLAN_2020_D(2e9) / published.KAPLAN_2020_D(1e9) == pytest.approx(0.9363, abs=1e-4)


# Kaplan ---------------------------------------------------------------------------------------------------------------

def test_joint_law_has_the_single_laws_as_limits() -> None:
    law = published.KAPLAN_2020_ND
    assert law(N=1e9, D=1e40) == pytest.approx(laws.KaplanN(N_c=law.N_c, alpha_N=law.alpha_N)(1e9), rel=1e-9)
    assert law(N=1e60, D=1e9) == pytest.approx(laws.KaplanD(D_c=law.D_c, alpha_D=law.alpha_D)(1e9), rel=1e-9)
    steps = published.KAPLAN_2020_NS
    assert steps(N=1e8, S_min=1e40) == pytest.approx(laws.KaplanN(N_c=steps.N_c, alpha_N=steps.alpha_N)(1e8), rel=1e-9)


@quick
@given(sizes, sizes, st.floats(1.1, 10))
def test_kaplan_laws_fall_in_both(N: float, D: float, k: float) -> None:
    law = published.KAPLAN_2020_ND
    assert law(k * N, D) < law(N, D) and law(N, k * D) < law(N, D)
    assert law.overfitting(N, D) == pytest.approx(law(N, D) / law(N, 1e300) - 1, rel=1e-6, abs=1e-10)
    assert published.KAPLAN_2020_NS(N, k * D) < published.KAPLAN_2020_NS(N, D)


def test_data_rule_keeps_overfitting_at_the_noise() -> None:
    N = np.array([1e6, 1e8, 1e9])
    added = published.KAPLAN_2020_ND.overfitting(N, published.KAPLAN_2020_D_NO_OVERFIT(N))
    assert (added < 0.025).all() and (added > 0.015).all()


def test_kaplan_exponents_add_up() -> None:
    growth = laws.kaplan_exponents(alpha_N=0.077, alpha_S=0.76, alpha_B=0.21)
    assert growth.N + growth.B + growth.S == pytest.approx(1)
    assert growth.D == pytest.approx(growth.B + growth.S)
    printed = published.KAPLAN_2020_ALPHA_C_MIN
    computed = laws.alpha_C_min(alpha_N=0.077, alpha_S=0.76, alpha_B=0.21)
    assert computed == pytest.approx(0.0525, abs=5e-5) and printed != pytest.approx(computed, abs=1e-3)


@quick
@given(st.floats(1e3, 1e8), st.floats(1e3, 1e8), st.floats(1, 1e6))
def test_minimum_steps_and_compute_share_the_batch(B: float, B_crit: float, S: float) -> None:
    C = 6e9 * B * S
    assert laws.steps_min(S, B, B_crit) < S and laws.compute_min(C, B, B_crit) < C
    # (S / S_min - 1)(C / C_min - 1) = 1
    assert (S / laws.steps_min(S, B, B_crit) - 1) * (C / laws.compute_min(C, B, B_crit) - 1) == pytest.approx(
        1, rel=1e-6
    )
    trade = laws.BatchTradeoff(S_min=laws.steps_min(S, B, B_crit), B_crit=B_crit)
    assert trade(B) == pytest.approx(S, rel=1e-12)
    assert trade.examples(B) == pytest.approx(S * B, rel=1e-9)


def test_learning_curves_stop_at_the_converged_loss() -> None:
    law = KaplanNS(N_c=6.5e13, S_c=2.1e3, alpha_N=0.077, alpha_S=0.76)
    assert np.all(np.diff(law(1e8, np.geomspace(1e3, 1e7, 20))) < 0)
    with pytest.raises(ValueError, match=r"KaplanND\.alpha_D is 0"):
        KaplanND(N_c=1e13, D_c=1e13, alpha_N=0.1, alpha_D=0)


# Chinchilla -----------------------------------------------------------------------------------------------------------

@quick
@given(chinchillas, budgets)
def test_the_optimum_is_the_least_along_the_budget(law: ChinchillaLaw, C: float) -> None:
    best = law.optimal(C)
    assert 6 * best.N * best.D == pytest.approx(C, rel=1e-9)
    around = law.along(C, best.N * np.geomspace(0.5, 2, 21))
    assert best.L <= around.min() * (1 + 1e-12)
    assert law.alpha * law.A * best.N**-law.alpha == pytest.approx(law.beta * law.B * best.D**-law.beta, rel=1e-6)
    assert law.a + law.b == pytest.approx(1)


@quick
@given(chinchillas, budgets)
def test_inverses(law: ChinchillaLaw, C: float) -> None:
    best = law.optimal(C)
    assert law.optimal_for_params(best.N).C == pytest.approx(C, rel=1e-6)
    assert law.optimal_for_tokens(best.D).C == pytest.approx(C, rel=1e-6)
    assert law.frontier()(C) == pytest.approx(best.L, rel=1e-9)
    if best.L - law.E > 1e-3:
        assert law.compute_for_loss(best.L) == pytest.approx(C, rel=1e-5)
        assert law.tokens_for_loss(best.L, best.N) == pytest.approx(best.D, rel=1e-5)


@quick
@given(chinchillas, budgets, st.floats(0.3, 3))
def test_what_a_wrong_size_costs(law: ChinchillaLaw, C: float, k: float) -> None:
    best = law.optimal(C)
    penalty = law.off_optimum_penalty(C, k)
    assert penalty == pytest.approx(law.along(C, best.N * k) - best.L, abs=1e-9 * (1 + best.L))
    waste = law.off_optimum_waste(k)
    assert waste >= 0
    if best.L - law.E > 1e-3:
        assert law.compute_for_loss(law.along(C, best.N * k)) * (1 + waste) == pytest.approx(C, rel=1e-4)


def test_twice_off_wastes_sixteen_to_nineteen_percent() -> None:
    for law in (H, B):
        assert (0.155 < law.off_optimum_waste([0.5, 2.0])).all() and (law.off_optimum_waste([0.5, 2.0]) < 0.195).all()
        assert (0.74 < law.off_optimum_waste([0.25, 4.0])).all() and (law.off_optimum_waste([0.25, 4.0]) < 0.96).all()


@pytest.mark.parametrize(
    ("law", "C", "N", "D", "L"),
    [
        (published.HOFFMANN_2022, 1e23, 14.60e9, 1.142e12, 2.0050),
        (published.HOFFMANN_2022, 5.76e23, 32.19e9, 2.982e12, 1.9307),
        (published.HOFFMANN_2022_UNROUNDED, 1e23, 18.15e9, 0.918e12, 1.9885),
        (published.HOFFMANN_2022_UNROUNDED, 5.76e23, 40.36e9, 2.379e12, 1.9184),
        (published.BESIROGLU_2024, 1e23, 29.45e9, 0.566e12, 2.0321),
        (published.BESIROGLU_2024, 5.76e23, 72.25e9, 1.329e12, 1.9744),
        (published.BESIROGLU_2024, 1e25, 312.1e9, 5.341e12, 1.9117),
    ],
)
def test_published_optima(law: ChinchillaLaw, C: float, N: float, D: float, L: float) -> None:
    best = law.optimal(C)
    assert best.N == pytest.approx(N, rel=5e-4)
    assert best.D == pytest.approx(D, rel=1e-3)
    assert best.L == pytest.approx(L, abs=5e-5)


@pytest.mark.parametrize(
    ("law", "ratio"), [(H, 92.6), (published.HOFFMANN_2022_UNROUNDED, 58.9), (published.SARDANA_2024, 55.2), (B, 18.4)]
)
def test_tokens_per_parameter_depend_on_rounding(law: ChinchillaLaw, ratio: float) -> None:
    assert law.optimal(5.76e23).tokens_per_param == pytest.approx(ratio, abs=0.06)


def test_the_rule_of_thumb() -> None:
    N = laws.params_at_ratio(3.14e23, 20)
    assert N == pytest.approx(51.2e9, rel=1e-3)
    assert 6 * N * 20 * N == pytest.approx(3.14e23)


@pytest.mark.parametrize("zero", ["A", "B", "alpha", "beta"])
def test_a_law_with_one_term_has_no_optimum(zero: str) -> None:
    law = ChinchillaLaw(**{**H.parameters, zero: 0.0})
    assert law(1e9, 1e10) > 0
    for ask in (
        lambda: law.optimal(1e20),
        lambda: law.a,
        lambda: law.G,
        lambda: law.gamma,
        lambda: law.frontier(),
        lambda: law.compute_for_loss(2.0),
        lambda: law.off_optimum_waste(2.0),
        lambda: law.tokens_for_loss(3.0, 1e9),
    ):
        with pytest.raises(ValueError, match="no interior optimum"):
            ask()


def test_losses_below_the_floor_are_refused() -> None:
    with pytest.raises(ValueError, match="floor E = 1.69"):
        H.compute_for_loss(1.69)
    with pytest.raises(ValueError, match="no number of tokens"):
        H.tokens_for_loss(1.8, 1e9)
    with pytest.raises(ValueError, match="exceed what doubles hold"):
        ChinchillaLaw(E=1.0, A=10, B=10, alpha=0.01, beta=0.01).compute_for_loss(1.001)
    with pytest.raises(ValueError, match="N is 0"):
        H(0, 1e9)


def test_extreme_sizes() -> None:
    assert H(1e300, 1e300) == pytest.approx(1.69)
    assert H(1e-3, 1e-3) > 1000
    best = H.optimal([1e-200, 1e200])
    assert np.isfinite(best.N).all() and np.isfinite(best.L).all()
    assert H.optimal(10**40).C == 1e40


def test_numerical_optimum_of_the_replication() -> None:
    C = 5.76e23
    found: Any = optimize.minimize_scalar(
        lambda x: B.along(C, math.exp(x)), bounds=(20, 30), method="bounded", options={"xatol": 1e-9}
    )
    assert B.optimal(C).N == pytest.approx(math.exp(found.x), rel=1e-4)
