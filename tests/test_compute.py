"""Parameters, FLOP, hardware and memory against model cards, papers and hand counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_lib import compute, datasets, published
from scaling_lib.compute import Accelerator, Transformer

quick = settings(max_examples=50, deadline=None)

GPT2 = Transformer(
    n_layer=12, d_model=768, n_heads=12, vocab=50257, n_ctx=1024, biases=True, norm="layer", learned_positions=True
)
GPT3 = Transformer(n_layer=96, d_model=12288, n_heads=96, vocab=50257, n_ctx=2048)
LLAMA_2_7B = Transformer(
    n_layer=32, d_model=4096, n_heads=32, d_ff=11008, vocab=32000, n_ctx=4096, gated=True, tied=False
)
LLAMA_2_70B = Transformer(
    n_layer=80, d_model=8192, n_heads=64, n_kv_heads=8, d_ff=28672, vocab=32000, n_ctx=4096, gated=True, tied=False
)
LLAMA_3_8B = Transformer(
    n_layer=32, d_model=4096, n_heads=32, n_kv_heads=8, d_ff=14336, vocab=128256, n_ctx=8192, gated=True, tied=False
)


@pytest.mark.parametrize(
    ("model", "params"),
    [(GPT2, 124_439_808), (LLAMA_2_7B, 6_738_415_616), (LLAMA_2_70B, 68_976_648_192), (LLAMA_3_8B, 8_030_261_248)],
)
def test_total_is_the_count_of_the_model_card(model: Transformer, params: int) -> None:
    assert model.params() == params


def test_conventions() -> None:
    assert GPT3.params("non_embedding") == compute.nonembedding_params(96, 12288) == 173946175488
    assert GPT2.params("with_head") - GPT2.params("non_embedding") == 50257 * 768
    for model in (GPT2, GPT3, LLAMA_2_7B, LLAMA_3_8B):
        narrow, head, total = (model.params(kind) for kind in compute.CONVENTIONS)
        assert narrow < head < total
    with pytest.raises(ValueError, match="Did you mean 'total'"):
        GPT2.params("totals")


def test_grouped_heads_and_gates_change_what_they_should() -> None:
    full = Transformer(n_layer=2, d_model=64, n_heads=8, vocab=100, n_ctx=16)
    grouped = Transformer(n_layer=2, d_model=64, n_heads=8, n_kv_heads=2, vocab=100, n_ctx=16)
    gated = Transformer(n_layer=2, d_model=64, n_heads=8, vocab=100, n_ctx=16, gated=True)
    assert full.params() - grouped.params() == 2 * 2 * 64 * (64 - 16)
    assert gated.params() - full.params() == 2 * 64 * 256


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_heads": 7},
        {"n_kv_heads": 3},
        {"n_layer": 0},
        {"d_model": 64.5},
        {"gated": 1},
        {"norm": "batch"},
        {"vocab": "32k"},
        {"n_ctx": None},
        {"d_ff": -4},
    ],
)
def test_shapes_are_checked(wrong: dict[str, object]) -> None:
    good: dict[str, object] = {"n_layer": 2, "d_model": 64, "n_heads": 8, "vocab": 100, "n_ctx": 16}
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Transformer(**{**good, **wrong})


def test_attention_share() -> None:
    assert GPT3.attention_flop_per_token / (2 * GPT3.params("non_embedding")) == pytest.approx(0.0139, abs=1e-4)
    long = Transformer(n_layer=32, d_model=4096, n_heads=32, vocab=32000, n_ctx=131072)
    assert long.attention_flop_per_token / (2 * long.params("non_embedding")) == pytest.approx(2.67, abs=0.01)
    even = Transformer(n_layer=4, d_model=128, n_heads=4, vocab=10, n_ctx=12 * 128)
    assert even.attention_share == pytest.approx(0.5)
    assert even.forward_flop_per_token() == compute.forward_flop_per_token(4, 128, 12 * 128, 128)


#: Sizes as Table A4 names them, with shapes of Table A9 and the size those shapes are called by there.
A4 = {
    73e6: (74e6, 640, 2560, 64, 10, 10),
    305e6: (306e6, 1024, 4096, 64, 16, 20),
    552e6: (552e6, 1280, 5120, 128, 10, 24),
    1.1e9: (1143e6, 1792, 7168, 128, 14, 26),
    1.6e9: (1609e6, 2048, 8192, 128, 16, 28),
    6.8e9: (6796e6, 3584, 14336, 128, 28, 40),
}


@pytest.mark.parametrize("size", sorted(A4))
def test_table_a4_comes_out_without_embeddings(size: float) -> None:
    params, d_model, d_ff, d_head, heads, layers = A4[size]
    stored = datasets.load("chinchilla_model_configs")
    assert (
        (stored.d_model == d_model) & (stored.layers == layers) & (stored.heads == heads) & (stored.ffw_size == d_ff)
    ).any()
    shape = Transformer(
        n_layer=layers, d_model=d_model, n_heads=heads, d_head=d_head, d_ff=d_ff, vocab=32000, n_ctx=2048
    )
    ratio = shape.hoffmann_flop_per_sequence(embeddings=False) / (6 * params * 2048)
    assert ratio == pytest.approx(published.HOFFMANN_2022_FLOP_RATIO[size], abs=0.022)
    assert shape.hoffmann_flop_per_sequence() > shape.hoffmann_flop_per_sequence(embeddings=False)


def test_gopher_by_three_counts() -> None:
    row = published.GOPHER_280B
    gopher = Transformer(
        n_layer=row.n_layer, d_model=row.d_model, n_heads=row.n_heads, d_head=row.d_head, vocab=32000, n_ctx=2048
    )
    assert compute.train_flop(row.N, 300e9) == pytest.approx(5.04e23)
    ours = gopher.train_flop(300e9, "hoffmann")
    assert gopher.train_flop(300e9, "kaplan") < ours < published.GOPHER_FLOP_RAE


@quick
@given(st.floats(1e6, 1e13), st.floats(1e6, 1e14))
def test_six_n_d_and_back(N: float, D: float) -> None:
    C = compute.train_flop(N, D)
    assert compute.train_tokens(C, N) == pytest.approx(D)
    assert compute.train_params(C, D) == pytest.approx(N)
    assert compute.pf_days_to_flop(compute.flop_to_pf_days(C)) == pytest.approx(C)


def test_methods_of_counting() -> None:
    for method in ("6ND", "6ND_non_embedding", "kaplan", "kaplan_with_head", "hoffmann", "hoffmann_blocks"):
        assert GPT3.train_flop([3e11, 6e11], method)[1] == pytest.approx(2 * GPT3.train_flop(3e11, method))
        assert GPT3.train_flop(3e11, method) == pytest.approx(published.GPT3_FLOP, rel=0.04)
    with pytest.raises(ValueError, match="method is"):
        GPT3.train_flop(1e9, "2ND")


# hardware -------------------------------------------------------------------------------------------------------------

@quick
@given(st.floats(1e18, 1e27), st.integers(1, 100_000), st.floats(0.05, 1.0))
def test_time_money_and_utilisation_are_consistent(flop: float, n: int, use: float) -> None:
    chip = published.H100
    days = compute.training_days(flop, n_gpu=n, peak=chip, mfu=use)
    hours = compute.gpu_hours(flop, peak=chip, mfu=use)
    assert days * 24 * n == pytest.approx(hours)
    assert compute.training_flop(days, n_gpu=n, peak=chip, mfu=use) == pytest.approx(flop)
    assert compute.mfu(flop, gpu_hours=hours, peak=chip) == pytest.approx(use)
    assert compute.training_cost(flop, peak=chip, mfu=use, price_per_hour=2.0, goodput=0.5) == pytest.approx(4 * hours)
    assert compute.energy_kwh(flop, peak=chip, mfu=use, watts=1000, pue=1.2) == pytest.approx(1.2 * hours)
    tokens_per_s = 0.5 * flop / (6 * 7e9) / (days * 86400)
    assert compute.mfu_from_throughput(tokens_per_s, N=7e9, n_gpu=n, peak=chip) == pytest.approx(0.5 * use)


def test_published_hardware_figures() -> None:
    assert compute.training_days(3.8e25, n_gpu=16384, peak=published.H100, mfu=0.40) == pytest.approx(67.9, abs=0.05)
    v3 = compute.train_flop(37e9, 14.8e12)
    assert v3 == pytest.approx(3.29e24, rel=2e-3)
    assert compute.mfu(v3, gpu_hours=2.664e6, peak=published.H800) == pytest.approx(0.346, abs=1e-3)
    assert compute.mfu(v3, gpu_hours=2.79e6, peak=published.H800.flop_per_s_fp8) == pytest.approx(0.216, abs=1e-3)
    # 7B on 2e12 tokens: 3,116 A100-days at full use, some 224,000 dollars at 3 an hour
    hours = compute.gpu_hours(8.4e22, peak=published.A100, mfu=1.0)
    assert hours / 24 == pytest.approx(3116, abs=1)
    assert compute.training_cost(8.4e22, peak=published.A100, mfu=1.0, price_per_hour=3.0) == pytest.approx(
        224e3, rel=3e-3
    )


def test_accelerators_say_their_month() -> None:
    found = [
        published.about(name).value
        for name in published.names()
        if isinstance(published.about(name).value, Accelerator)
    ]
    assert len(found) >= 7
    assert all(len(chip.as_of) == 7 and chip.as_of[4] == "-" for chip in found)
    with pytest.raises(ValueError, match="flop_per_s is -1"):
        Accelerator("chip", -1.0, 80e9, 1e12)
    with pytest.raises(ValueError, match="mfu is 40"):
        compute.training_days(1e22, n_gpu=8, peak=1e15, mfu=40)


# memory ---------------------------------------------------------------------------------------------------------------

def test_training_state_is_sixteen_bytes_a_parameter() -> None:
    state = compute.training_memory(LLAMA_2_7B, batch=1)
    assert state.weights + state.gradients + state.optimiser == pytest.approx(16 * LLAMA_2_7B.params())
    assert not state.fits(published.H100)
    shared = compute.training_memory(LLAMA_2_7B, batch=1, n_gpu=64, zero_stage=3, recompute="full")
    assert shared.weights + shared.gradients + shared.optimiser == pytest.approx(16 * LLAMA_2_7B.params() / 64)
    assert shared.fits(published.H100)


def test_sharing_and_recomputing_only_save() -> None:
    totals = [compute.training_memory(LLAMA_2_7B, batch=2, n_gpu=8, zero_stage=z).total for z in range(4)]
    assert totals == sorted(totals, reverse=True)
    activations = [
        compute.training_memory(LLAMA_2_7B, batch=2, recompute=r).activations for r in ("none", "selective", "full")
    ]
    assert activations == sorted(activations, reverse=True)
    split = compute.training_memory(LLAMA_2_7B, batch=2, n_gpu=8, tensor_parallel=8)
    assert split.total == pytest.approx(compute.training_memory(LLAMA_2_7B, batch=2).total / 8)
    assert compute.training_memory(LLAMA_2_7B, batch=2, optimiser="sgd").optimiser == 4 * LLAMA_2_7B.params()
    with pytest.raises(ValueError, match="does not divide"):
        compute.training_memory(LLAMA_2_7B, batch=2, n_gpu=8, tensor_parallel=3)
    with pytest.raises(ValueError, match="zero_stage is 4"):
        compute.training_memory(LLAMA_2_7B, batch=2, zero_stage=4)


def test_cache() -> None:
    assert compute.kv_cache_bytes(LLAMA_2_7B, 1) == 2 * 32 * 4096 * 2
    assert compute.kv_cache_bytes(LLAMA_3_8B, np.array([1, 2]), dtype="fp8").tolist() == [65536.0, 131072.0]
    served = compute.inference_memory(LLAMA_3_8B, tokens=8192, dtype="int4", n_gpu=2)
    assert served.weights == pytest.approx(LLAMA_3_8B.params() / 4)
    assert served.kv_cache == pytest.approx(8192 * 131072 / 2)
    assert served.share_of(published.H100) == pytest.approx(served.total / 80e9)
    with pytest.raises(ValueError, match="dtype is 'fp64'"):
        compute.kv_cache_bytes(LLAMA_3_8B, 1, dtype="fp64")
    with pytest.raises(ValueError, match=r"model is 7e\+09|model is 7000000000"):
        compute.inference_memory(7e9, tokens=1)


def test_decoding_is_bound_by_memory_until_the_batch_is_large() -> None:
    """H100: 70e9 weights of two bytes at 3.35e12 bytes/s are 42 ms; the batch at which the peak is reached is 295."""
    one = compute.decoding_seconds(70e9, accelerator=published.H100)
    assert one == pytest.approx(2 * 70e9 / 3.35e12)
    full = published.H100.flop_per_s / published.H100.bandwidth
    assert compute.decoding_utilisation(published.H100, batch=full) == pytest.approx(1.0)
    assert compute.decoding_utilisation(published.H100, batch=[1, 2]) == pytest.approx([1 / full, 2 / full])
    assert compute.decoding_utilisation(published.H100, batch=10 * full) == pytest.approx(1.0)
    assert compute.decoding_seconds(70e9, accelerator=published.H100, batch=2 * full) == pytest.approx(2 * one)
    assert compute.decoding_seconds(70e9, accelerator=published.H100, n_gpu=2, dtype="int8") == pytest.approx(one / 4)


@pytest.mark.parametrize(
    "call",
    [
        lambda: compute.decoding_seconds(0, accelerator=published.H100),
        lambda: compute.decoding_seconds(7e9, accelerator="H100"),
        lambda: compute.decoding_seconds(7e9, accelerator=published.H100, batch=-1),
        lambda: compute.decoding_utilisation(published.H100, dtype="int3"),
        lambda: compute.decoding_utilisation(9.89e14),
    ],
)
def test_decoding_refuses_what_makes_no_sense(call: Any) -> None:
    with pytest.raises(ValueError, match="expected"):
        call()
