"""Allocation: published figures, identities, minima, and bad input."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scaling_lib import allocate, published
from scaling_lib.allocate._surface import ChinchillaSurface, SearchedSurface
from scaling_lib.laws import ChinchillaLaw
from scaling_lib.laws.data_constrained import DataConstrainedLaw
from scaling_lib.laws.inference import inference_optimal
from scaling_lib.laws.kaplan import KaplanN

H, HU, B = published.HOFFMANN_2022, published.HOFFMANN_2022_UNROUNDED, published.BESIROGLU_2024
LAWS = {"H": H, "HU": HU, "B": B}
# The exponents with which Sardana et al. and de Vries worked.
SARDANA = ChinchillaLaw(E=1.69, A=406.4, B=410.7, alpha=0.336, beta=0.283)
MUENNIGHOFF = DataConstrainedLaw(E=math.exp(0.6254804), A=math.exp(6.255414), B=math.exp(7.3049974), alpha=0.3526596,
                                 beta=0.3526596, R_D_star=15.387756, R_N_star=5.309743)

laws = st.builds(ChinchillaLaw, E=st.floats(0, 3), A=st.floats(1, 1e4), B=st.floats(1, 1e5), alpha=st.floats(0.1, 0.9),
                 beta=st.floats(0.1, 0.9))
budgets = st.floats(15, 28).map(lambda e: 10.0**e)
served = st.one_of(st.just(0.0), st.floats(6, 16).map(lambda e: 10.0**e))


# Published figures


@pytest.mark.parametrize("name", list(LAWS))
@pytest.mark.parametrize("C", [1e19, 1e21, 1e23, 1e25])
def test_twice_off_wastes_16_to_19_per_cent_at_every_scale(name: str, C: float) -> None:
    quarter, half, best, twice, four = allocate.basin(LAWS[name], C).overhead
    assert best == pytest.approx(0, abs=1e-12)
    assert all(0.155 < waste < 0.19 for waste in (half, twice))
    assert all(0.75 < waste < 0.95 for waste in (quarter, four))


def test_the_regret_table_at_1e23() -> None:
    table = allocate.regret_table(LAWS, 1e23)

    def row(pick: str) -> list[int]:
        return [round(100 * table[pick, law]) for law in ("H", "HU", "B")]

    assert row("H") == [0, 1, 19]
    assert row("B") == [16, 7, 0]
    assert [round(100 * allocate.regret(20.7e9, law, 1e23)) for law in LAWS.values()] in ([4, 1, 4], [4, 1, 5])
    safe = allocate.hedge(LAWS, 1e23)
    assert safe.worst < max(allocate.regret(20.7e9, law, 1e23) for law in LAWS.values()) < 0.05
    assert safe.N == pytest.approx(20.7e9, rel=0.03)


@pytest.mark.parametrize(("N", "D", "law", "waste"), [
    (100e9, 0.17e12, B, 0.67), (10e9, 1.7e12, B, 0.51), (100e9, 0.17e12, H, 1.83), (10e9, 1.7e12, H, 0.05),
    (6.7e9, 1e12, H, 0.04), (6.7e9, 1e12, HU, 0.11), (6.7e9, 1e12, B, 0.43),
])
def test_what_known_models_waste(N: float, D: float, law: ChinchillaLaw, waste: float) -> None:
    assert allocate.overhead(law, N, D) == pytest.approx(waste, abs=0.011)


def test_tokens_per_parameter_are_not_a_constant() -> None:
    assert [round(float(r)) for r in allocate.tokens_per_param(H, [1e19, 1e25])] == [32, 122]
    assert [round(float(r)) for r in allocate.tokens_per_param(B, [1e19, 1e25])] == [24, 17]
    assert [round(float(allocate.tokens_per_param(law, 5.76e23)), 1) for law in (H, HU, B)] == [92.6, 58.9, 18.4]


@pytest.mark.parametrize(("N", "tokens", "saving"), [(13e9, 2e12, 0.174467038031453), (30e9, 1e13, 0.280)])
def test_sardanas_examples(N: float, tokens: float, saving: float) -> None:
    life = allocate.inference_aware(SARDANA, tokens, N=N)
    assert life.saving == pytest.approx(saving, abs=5e-4)
    assert life.reference.N == pytest.approx(N, rel=1e-9)


@pytest.mark.parametrize(("law", "loss", "N", "D", "total"), [
    (H, 2.0, 6487106930.65802, 3889391755015.3, 2.81127539873184e23),
    (B, 2.0, 20011275664.263, 3009443855594.92, 7.61562376827854e23),
])
def test_inference_aware_worked_values(law: ChinchillaLaw, loss: float, N: float, D: float, total: float) -> None:
    life = allocate.inference_aware(law, 1e13, loss=loss)
    assert (life.N, life.D, life.total) == pytest.approx((N, D, total), rel=1e-10)


@pytest.mark.parametrize(("law", "k", "overhead", "pays"), [
    (H, 0.5, 0.208, 1.25), (B, 0.5, 0.259, 1.56), (H, 0.3, 1.05535203660901, 4.52), (B, 0.3, 1.61, 6.9)])
def test_de_vries(law: ChinchillaLaw, k: float, overhead: float, pays: float) -> None:
    found = allocate.payback(law, k)
    assert found.overhead == pytest.approx(overhead, abs=6e-3)
    assert found.served == pytest.approx(pays, abs=0.03)
    assert allocate.payback(law, k, price_ratio=10).served == pytest.approx(found.served / 10)


def test_a_smaller_model_pays_back_where_the_lifetimes_cross() -> None:
    found, best = allocate.payback(B, 0.5), B.optimal(1e23)
    small_N, small_D = 0.5 * best.N, found.k_D * best.D
    assert B(small_N, small_D) == pytest.approx(best.L, rel=1e-12)
    tokens = found.tokens(best.D)
    assert 6 * small_N * small_D + 2 * small_N * tokens == pytest.approx(6 * best.N * best.D + 2 * best.N * tokens,
                                                                         rel=1e-12)


def test_muennighoffs_optima() -> None:
    wide = allocate.data_constrained(MUENNIGHOFF, 1e22, 25e9)
    assert (wide.N, wide.epochs) == (pytest.approx(7.026e9, rel=1e-3), pytest.approx(9.49, abs=0.01))
    small = allocate.data_constrained(MUENNIGHOFF, 1e21, 5e9)
    assert (small.N, small.L) == (pytest.approx(2066410796.2909, rel=1e-5), pytest.approx(2.43685890805242, rel=1e-10))
    assert small.epochs == pytest.approx(16.1, abs=0.05)
    assert small.basin.overhead[2] == pytest.approx(0, abs=1e-6)
    assert small.overhead > wide.overhead > 0


def test_enough_data_cost_nothing() -> None:
    plenty = allocate.data_constrained(MUENNIGHOFF, 1e22, 1e13)
    assert plenty.overhead == pytest.approx(0, abs=1e-9)
    assert plenty.N == pytest.approx(plenty.fresh.N, rel=1e-9)


def test_the_rule_of_thumb_both_ways() -> None:
    assert allocate.rule_of_thumb(1e23).N == pytest.approx(28867513459.4813, rel=1e-12)
    assert allocate.rule_of_thumb(N=70e9).D == 1.4e12
    assert allocate.rule_of_thumb(D=1.4e12).N == 70e9
    assert allocate.rule_of_thumb(N=[1e9, 7e9], tokens_per_param=20).D.tolist() == [2e10, 1.4e11]


# Identities and minima


@settings(max_examples=60, deadline=None)
@given(laws, budgets)
def test_the_optimum_is_a_minimum_of_its_budget(law: ChinchillaLaw, C: float) -> None:
    best = allocate.compute_optimal(law, C)
    assert 6 * best.N * best.D == pytest.approx(C, rel=1e-9)
    nearby = law.along(C, best.N * np.array([0.9, 0.99, 1.01, 1.1]))
    assert (nearby >= best.L * (1 - 1e-14)).all()
    closed = law.optimal(C)
    assert (best.N, best.L) == pytest.approx((closed.N, closed.L), rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(laws, budgets, served)
def test_serving_both_questions_have_one_answer(law: ChinchillaLaw, C: float, tokens: float) -> None:
    life = allocate.inference_aware(law, tokens, C=C)
    assert law(life.N, life.D) == pytest.approx(life.L, rel=1e-9)
    assert life.total <= life.reference_total * (1 + 1e-9)
    assert life.N <= life.reference.N * (1 + 1e-9)
    back = allocate.inference_aware(law, tokens, budget=life.total)
    assert (back.N, back.D, back.L) == pytest.approx((life.N, life.D, life.L), rel=1e-6)
    other = inference_optimal(law, life.L, tokens)  # by bisection, not by Newton's method
    assert (life.N, life.D) == pytest.approx((other.N, other.D), rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(laws, laws, budgets)
def test_regret_is_zero_at_home_and_positive_abroad(mine: ChinchillaLaw, true: ChinchillaLaw, C: float) -> None:
    best = mine.optimal(C)
    # A loss near its floor has lost the digits of its excess, and gamma carries the loss of digits over to compute.
    rounding = 16 * np.finfo(float).eps * best.L / (best.L - mine.E) / mine.gamma
    assert allocate.regret(best, mine, C) == pytest.approx(0, abs=1e-12 + rounding)
    assert allocate.regret(best, true, C) >= 0


@settings(max_examples=25, deadline=None)
@given(st.lists(laws, min_size=2, max_size=4), budgets)
def test_the_hedge_minimises_the_maximum(several: list[ChinchillaLaw], C: float) -> None:
    named = {f"law {i}": law for i, law in enumerate(several)}
    safe = allocate.hedge(named, C)
    assert min(safe.overhead.values()) >= 0
    for factor in (0.5, 0.9, 0.999, 1.001, 1.1, 2.0):
        assert max(allocate.regret(safe.N * factor, law, C) for law in several) >= safe.worst - 1e-9
    assert all(safe.worst <= max(allocate.regret(law.optimal(C), other, C) for other in several) + 1e-9
               for law in several)


@settings(max_examples=40, deadline=None)
@given(laws, budgets, st.floats(1.01, 100))
def test_a_larger_budget_buys_more_of_both(law: ChinchillaLaw, C: float, factor: float) -> None:
    less, more = allocate.compute_optimal(law, C), allocate.compute_optimal(law, C * factor)
    assert more.N > less.N and more.D > less.D and more.L <= less.L


@settings(max_examples=25, deadline=None)
@given(laws, st.floats(17, 26).map(lambda e: 10.0**e), served)
def test_search_finds_what_the_closed_forms_find(law: ChinchillaLaw, C: float, tokens: float) -> None:
    closed, searched = ChinchillaSurface(law.parameters), SearchedSurface(law)
    H, delta = np.asarray(C / 6), np.asarray(tokens / 3)
    N, D = closed.best(H, delta)
    assume(N > 10 and D > 10)  # the search does not go below one parameter
    n, d = searched.best(H, delta)
    assert float(searched.loss(n, d)) == pytest.approx(float(closed.loss(N, D)), rel=1e-10)
    L = closed.loss(N, D)
    if float(L) - law.E > 1e-3:
        n, d = searched.least(L, delta)
        assert float(n * (d + delta)) == pytest.approx(float(H), rel=1e-5)


@settings(max_examples=30, deadline=None)
@given(laws, st.floats(0.05, 1.0), st.floats(0.005, 0.5))
def test_dearer_decoding_asks_for_a_smaller_model(law: ChinchillaLaw, used: float, decoding: float) -> None:
    def size(output: float) -> float:
        return allocate.cost_aware(law,
                                   prompt_tokens=1e12,
                                   output_tokens=1e12,
                                   C=1e22,
                                   train=allocate.Rate(2.0, 1e15, used),
                                   prompt=allocate.Rate(2.0, 1e15, used),
                                   output=allocate.Rate(2.0, 1e15, output)).N

    assert size(decoding / 2) <= size(decoding) * (1 + 1e-12)


def test_equal_prices_reduce_money_to_flop() -> None:
    rate = allocate.Rate(2.0, 1e15, 0.4)
    money = allocate.cost_aware(B, prompt_tokens=1e12, output_tokens=1e12, C=1e23, train=rate, prompt=rate, output=rate)
    flop = allocate.inference_aware(B, 2e12, C=1e23)
    assert (money.N, money.D, money.saving) == pytest.approx((flop.N, flop.D, flop.saving), rel=1e-12)
    assert money.total == pytest.approx(flop.total * rate.per_flop, rel=1e-12)


def test_a_lifetime_basin_says_where_no_tokens_are_left() -> None:
    life = allocate.inference_aware(B, 1e14, C=1e21)
    assert life.basin.overhead[2] == pytest.approx(0, abs=1e-9)
    assert life.basin.D[-1] == 0 and math.isinf(life.basin.overhead[-1]) and math.isinf(life.basin.L[-1])


def test_overtraining_to_a_ratio() -> None:
    chosen = allocate.overtrain(B, 200, C=1e23)
    assert chosen.tokens_per_param == pytest.approx(200) and pytest.approx(1e23) == chosen.C
    assert chosen.overhead == pytest.approx(allocate.regret(chosen, B, 1e23)) == pytest.approx(chosen.basin.overhead[2])
    assert chosen.basin.N[2] == pytest.approx(chosen.N) and chosen.basin.N[3] == pytest.approx(2 * chosen.N)
    assert chosen.L == pytest.approx(chosen.basin.L[2]) and sorted(chosen.basin.penalty, reverse=True) == list(chosen.basin.penalty)
    own = allocate.tokens_per_param(B, 1e23)
    assert allocate.overtrain(B, own, C=1e23).overhead == pytest.approx(0, abs=1e-9)
    with pytest.raises(ValueError, match="tokens_per_param"):
        allocate.overtrain(B, [20, 200], C=1e23)


def test_intervals_come_from_all_refits_at_once() -> None:
    from scaling_lib.fitting import Bootstrap

    rng = np.random.default_rng(0)
    samples = {name: value * np.exp(0.02 * rng.standard_normal(64)) for name, value in B.parameters.items()}
    samples["A"][:3] = 0.0  # refits in which a term vanished
    boot = Bootstrap(B, samples, np.zeros(64), np.ones(64, dtype=bool), "pairs", 0)
    around = allocate.spread(boot, 1e23)
    refits = [ChinchillaLaw(**{k: float(v[i]) for k, v in samples.items()}).optimal(1e23) for i in range(3, 64)]
    assert (around.refits, around.without_optimum) == (61, 3)
    expected = np.quantile([float(split.tokens_per_param) for split in refits], [0.025, 0.975])
    assert tuple(around.tokens_per_param) == pytest.approx(tuple(expected), rel=1e-9)
    wastes = [
        allocate.regret(B.optimal(1e23), ChinchillaLaw(**{k: float(v[i])
                                                          for k, v in samples.items()}), 1e23) for i in range(3, 64)
    ]
    assert around.overhead.high == pytest.approx(float(np.quantile(wastes, 0.95)), rel=1e-9)


def test_intervals_where_unique_tokens_are_few() -> None:
    from scaling_lib.fitting import Bootstrap

    law = DataConstrainedLaw(E=1.87, A=521.0, B=1488.0, alpha=0.353, beta=0.353, R_D_star=15.4, R_N_star=5.31)
    rng = np.random.default_rng(0)
    samples = {name: value * np.exp(0.005 * rng.standard_normal(12)) for name, value in law.parameters.items()}
    boot = Bootstrap(law, samples, np.zeros(12), np.ones(12, dtype=bool), "pairs", 0)
    around = allocate.spread(boot, 1e22, U=25e9)
    refits = [DataConstrainedLaw(**{k: float(v[i]) for k, v in samples.items()}).optimal(1e22, 25e9) for i in range(12)]
    expected = np.quantile([float(split.N) for split in refits], [0.025, 0.975])
    assert tuple(around.N) == pytest.approx(tuple(expected), rel=1e-5)
    assert around.N.low < float(law.optimal(1e22, 25e9).N) < around.N.high and 0 < around.overhead.high < 0.2
    # A size taken for over-training is judged by the same call.
    small = allocate.spread(boot, 1e22, U=25e9, pick=float(law.optimal(1e22, 25e9).N) / 3)
    assert small.overhead.high > 2 * around.overhead.high
    with pytest.raises(ValueError, match="needs the number of unique tokens"):
        allocate.spread(boot, 1e22)
    chinchilla = Bootstrap(B, {k: np.full(3, v) for k, v in B.parameters.items()}, np.zeros(3), np.ones(3, dtype=bool), "pairs", 0)
    with pytest.raises(ValueError, match="no unique tokens"):
        allocate.spread(chinchilla, 1e22, U=25e9)


def test_answers_show_themselves() -> None:
    best, table = allocate.compute_optimal(B, 1e23), allocate.regret_table(LAWS, 1e23, {"<ours>": 13e9})
    assert repr(best).startswith("Optimum(N=2.945e+10")
    assert "parameters" in best._repr_html_() and "19 %" in best.basin._repr_html_()
    assert "&lt;ours&gt;" in table._repr_html_() and "<ours>" not in table._repr_html_()
    assert json.dumps(best.basin.rows())
    assert "epochs=9.49)" in repr(allocate.data_constrained(MUENNIGHOFF, 1e22, 25e9))


# Bad input

BAD: list[Any] = [None, True, "1e23", math.nan, math.inf, -1.0, 0.0, {}, 1j, frozenset({1})]


@pytest.mark.parametrize("bad", BAD, ids=repr)
@pytest.mark.parametrize("call", [
    lambda v: allocate.compute_optimal(B, v),
    lambda v: allocate.basin(B, v),
    lambda v: allocate.off_optimum(B, v, 0.5),
    lambda v: allocate.off_optimum(B, 1e23, v),
    lambda v: allocate.overhead(B, v, 1e12),
    lambda v: allocate.overhead(B, 1e9, v),
    lambda v: allocate.regret(v, B, 1e23),
    lambda v: allocate.regret(1e9, B, v),
    lambda v: allocate.tokens_per_param(B, v),
    lambda v: allocate.rule_of_thumb(v),
    lambda v: allocate.rule_of_thumb(N=v),
    lambda v: allocate.overtrain(B, v, C=1e23),
    lambda v: allocate.inference_aware(B, 1e12, loss=v),
    lambda v: allocate.inference_aware(B, 1e12, C=v),
    lambda v: allocate.payback(B, v),
    lambda v: allocate.small_model_overhead(B, v),
    lambda v: allocate.data_constrained(MUENNIGHOFF, v, 1e9),
    lambda v: allocate.data_constrained(MUENNIGHOFF, 1e21, v),
    lambda v: allocate.hedge(LAWS, v),
    lambda v: allocate.regret_table(LAWS, v),
    lambda v: allocate.Rate(v, 1e15, 0.4),
    lambda v: allocate.Rate(2.0, 1e15, v),
    lambda v: allocate.spread(v, 1e23),
])
def test_bad_values_are_refused(call: Any, bad: Any) -> None:
    with pytest.raises(ValueError, match=r"is|given|expected"):
        call(bad)


@pytest.mark.parametrize("call", [
    lambda: allocate.compute_optimal("B", 1e23),
    lambda: allocate.compute_optimal(KaplanN(N_c=1, alpha_N=1), 1e23),
    lambda: allocate.compute_optimal(B, 1e23, U=1e9),
    lambda: allocate.compute_optimal(MUENNIGHOFF, 1e23),
    lambda: allocate.compute_optimal(ChinchillaLaw(E=1, A=0, B=1, alpha=1, beta=1), 1e23),
    lambda: allocate.rule_of_thumb(),
    lambda: allocate.rule_of_thumb(1e23, N=1e9),
    lambda: allocate.inference_aware(B, 1e12),
    lambda: allocate.inference_aware(B, 1e12, loss=2.0, C=1e23),
    lambda: allocate.inference_aware(B, 1e12, loss=1.5),
    lambda: allocate.inference_aware(B, -1, C=1e23),
    lambda: allocate.payback(B, 1.0),
    lambda: allocate.payback(B, 0.01),
    lambda: allocate.payback(MUENNIGHOFF, 0.5),
    lambda: allocate.data_constrained(B, 1e21, 1e9),
    lambda: allocate.hedge({}, 1e23),
    lambda: allocate.hedge([B], 1e23),
    lambda: allocate.regret_table(LAWS, 1e23, {"hedge": 1e9}),
    lambda: allocate.cost_aware(B, prompt_tokens=1, output_tokens=1, C=1e23, train=2.0, prompt=2.0, output=2.0),
    lambda: allocate.regret_table(LAWS, 1e23)["H", "nobody"],
])
def test_bad_questions_are_refused(call: Any) -> None:
    with pytest.raises(ValueError):
        call()


@settings(max_examples=60, deadline=None)
@given(laws, st.floats(-300, 300).map(lambda e: 10.0**e), st.floats(-300, 300).map(lambda e: 10.0**e))
def test_extremes_have_a_finite_answer_or_none(law: ChinchillaLaw, first: float, second: float) -> None:
    for call in (lambda: allocate.compute_optimal(law, first).L, lambda: allocate.overhead(law, first, second),
                 lambda: allocate.regret(first, law, second),
                 lambda: allocate.inference_aware(law, first, C=second).total,
                 lambda: allocate.tokens_per_param(law, first)):
        try:
            assert math.isfinite(call())
        except ValueError:
            pass
