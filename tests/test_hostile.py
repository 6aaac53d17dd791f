"""What a hostile but sensible user passes: refused with a ValueError that is short and on one line, or answered."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scaling_lib import allocate, capability, compute, laws, plan, planner, published, sampling

H, B, M = published.HOFFMANN_2022, published.BESIROGLU_2024, published.MUENNIGHOFF_2023
PAIR = {"a": H, "b": B}
MANY = [10**9] * 100_000


@pytest.mark.parametrize("call", [
    lambda: sampling.pass_at_k(n=10, c=MANY, k=1),
    lambda: sampling.coverage_curve(10, MANY),
    lambda: H.tokens_for_loss(MANY, N=1e-300),
    lambda: H.compute_for_loss([1e-3] * 100_000),
    lambda: laws.payback_tokens(MANY, alpha=0.3, beta=0.3),
    lambda: laws.inference_optimal(MANY, L=2.0, D_inf=1e12),
    lambda: laws.inference_optimal("x" * 10_000, L=2.0, D_inf=1e12),
    lambda: allocate.compute_optimal(pd.DataFrame({"a": MANY}), C=1e21),
    lambda: allocate.hedge(MANY, C=1e21),
    lambda: capability.TwoStep(MANY, B),
    lambda: laws.from_dict({"law": "PowerLaw", "parameters": {str(i): i for i in range(10_000)}}),
    lambda: laws.broken_power_law(1.0, a=1, b=1, c0=1, breaks=["x" * 10_000]),
    lambda: H("9" * 10_000, 1e9),
    lambda: H(np.full((1000, 3), np.nan), 1e9),
    lambda: plan("1e22 FLOP", laws=np.array(MANY)),
    lambda: plan("1e22 FLOP", laws=[MANY]),
])
def test_messages_stay_short_whatever_is_passed(call: Callable[[], Any]) -> None:
    with pytest.raises(ValueError) as refused:
        call()
    assert len(str(refused.value)) < 500 and "\n" not in str(refused.value)


@pytest.mark.parametrize(("call", "said"), [
    (lambda: allocate.regret_table(PAIR, C=1e22, picks=True), "picks is True"),
    (lambda: allocate.regret_table(PAIR, C=1e22, picks=pd.NA), "picks is <NA>"),
    (lambda: allocate.basin(H, C=1e21, multipliers=1e-320), "multipliers is"),
    (lambda: allocate.payback(H, k_N=0.5, price_ratio=5e-324), "beyond what doubles hold"),
    (lambda: H(np.longdouble("1e4000"), 1e9), "N is"),
    (lambda: plan("1e22 FLOP", laws=np.array(1e9)), "laws is"),
    (lambda: laws.broken_power_law(1.0, a=1, b=1, c0=1, breaks=np.array(1e9)), "breaks is"),
    (lambda: laws.cosine(10, peak=1.7e308), "peak is"),
    (lambda: laws.warmup_stable_decay(10, peak=1.7e308, warmup=3), "peak is"),
    (lambda: compute.Transformer(2, 64, 4, 100, 32).forward_flop_per_token(head=pd.NA), "head is"),  # type: ignore
    (lambda: plan("1e22 FLOP", accelerator={}), "accelerator is"),
    (lambda: plan("1e22 FLOP", shape={"layers": 3}), "shape is"),
    (lambda: plan("1e22 FLOP", context=1e300), "context is"),
    (lambda: planner.parse_budget("512 GTX for 30 days at 40% MFU"), "Accelerators that are known"),
])
def test_odd_values_are_refused_by_name(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(ValueError) as refused:
        call()
    assert said in str(refused.value)


@pytest.mark.parametrize("C", [5e-324, 1e-300, 1e-30, 1e30, 1e300, 1.7e308])
@pytest.mark.parametrize("U", [5e-324, 1e-300, 1e11, 1e300])
def test_data_constrained_at_the_edge_of_the_doubles(C: float, U: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            best = allocate.data_constrained(M, C, U)
        except ValueError as error:
            assert "C is" in str(error) and "U is" in str(error) and "beyond what doubles hold" in str(error)
        else:
            assert all(np.isfinite([best.N, best.D, best.L, best.overhead]))


def test_series_keep_their_order_whatever_their_index() -> None:
    sizes = pd.Series([1e9, 1e10, 1e11], index=[7, 3, 3])
    assert np.array_equal(H(sizes, 1e12), H(sizes.to_numpy(), 1e12))


def test_a_plan_speaks_in_rounded_numbers() -> None:
    text = str(plan("1e23 FLOP", accelerator="H100", utilisation=(0.35, 0.45), price_per_hour=2.5,
                    inference_tokens=2e12, candidates={"ours": 13e9}, quantise=True))
    assert "inference_tokens 2T" in text and "candidates ours 13B" in text and "quantise yes" in text
    assert "000000" not in text
    for word in text.replace(",", "").split():
        if word.isdigit() and len(word) > 4:
            assert word.rstrip("0") == word[:3].rstrip("0"), word
