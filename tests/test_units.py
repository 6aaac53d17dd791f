"""Nats, bits and perplexity, and which losses compare."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_lib import units
from scaling_lib.units import Loss, compare_losses


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 20), st.floats(0.05, 1))
def test_conversions_there_and_back(nats: float, ratio: float) -> None:
    assert units.bits_to_nats(units.nats_to_bits(nats)) == pytest.approx(nats)
    assert units.nats_from_perplexity(units.perplexity(nats)) == pytest.approx(nats, abs=1e-12)
    bits = units.bits_per_byte(nats, tokens_per_byte=ratio)
    assert units.nats_from_bits_per_byte(bits, tokens_per_byte=ratio) == pytest.approx(nats)
    assert units.byte_perplexity(nats, tokens_per_byte=ratio) == pytest.approx(2**bits)


def test_a_coarser_tokenizer_does_not_change_bits_per_byte() -> None:
    """The same model of the same text, with every two tokens merged, has twice the loss per token."""
    fine = units.bits_per_byte(2.0, tokens_per_byte=0.5)
    assert units.bits_per_byte(4.0, tokens_per_byte=0.25) == pytest.approx(fine)
    assert units.perplexity(4.0) == pytest.approx(units.perplexity(2.0) ** 2)
    assert units.bits_per_byte(math.log(256), tokens_per_byte=1.0) == pytest.approx(8)


def test_what_compares() -> None:
    a, b = Loss(2.0, "C4", "GPT-2", 0.24), Loss(2.1, "C4", "Llama 3", 0.22)
    same = compare_losses(a, Loss(1.9, "C4", "GPT-2"))
    assert same.allowed and same.unit == "nats per token" and same.difference == pytest.approx(0.1)
    across = compare_losses(a, b)
    assert (
        across.allowed
        and across.unit == "bits per byte"
        and across.difference == pytest.approx(a.bits_per_byte - b.bits_per_byte)
    )
    assert across.difference > 0 > a.nats_per_token - b.nats_per_token  # the order turns round
    assert not compare_losses(a, Loss(2.0, "The Pile", "GPT-2", 0.24)).allowed
    assert not compare_losses(a, Loss(2.1, "C4", "Llama 3")).allowed


def test_losses_are_checked() -> None:
    for wrong in ({"nats_per_token": -1}, {"text": ""}, {"tokenizer": 3}, {"tokens_per_byte": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Loss(**{"nats_per_token": 2.0, "text": "C4", "tokenizer": "GPT-2", **wrong})
    with pytest.raises(ValueError, match="tokens_per_byte is None"):
        _ = Loss(2.0, "C4", "GPT-2").bits_per_byte
    with pytest.raises(ValueError, match="first is 2"):
        compare_losses(2.0, 2.1)
    with pytest.raises(ValueError, match="perplexity is 0"):
        units.nats_from_perplexity(0.5)
    with pytest.raises(ValueError, match="beyond what doubles hold"):
        units.perplexity(1e4)
