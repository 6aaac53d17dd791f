"""Budgets in words: what is read, and what is said about what is not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_lib.compute import Accelerator
from scaling_lib.planner import parse_budget
from scaling_lib.planner.hardware import accelerator_named, accelerator_names

H100 = accelerator_named("H100").flop_per_s


@pytest.mark.parametrize(("text", "flop"), [
    ("1e23 FLOP", 1e23), ("1e23FLOPs", 1e23), ("100 zettaFLOP", 1e23), ("100 ZFLOPs", 1e23), ("0.1 yottaflop", 1e23),
    ("1 PF-day", 8.64e19), ("3,640 petaflop/s-days", 3640 * 8.64e19),
    ("512 H100 for 30 days at 40% MFU", 512 * 30 * 86400 * 0.4 * H100),
    ("512 x H100 SXM, 720 hours, MFU of 0.4", 512 * 30 * 86400 * 0.4 * H100),
    ("512 h100s for 4 weeks at 40 % utilisation with 90% goodput", 512 * 28 * 86400 * 0.4 * 0.9 * H100),
    ("2.5M H100-hours at 0.4 MFU", 2.5e6 * 3600 * 0.4 * H100),
    ("$2M on H100 at $2.50/h at 40% MFU", 2e6 / 2.5 * 3600 * 0.4 * H100),
    ("2 million USD, H100, @ $2.50 per GPU-hour, 35-45% MFU", 2e6 / 2.5 * 3600 * 0.4 * H100),
    ("€500k on H100 at €2/hr, MFU 40%", 5e5 / 2 * 3600 * 0.4 * H100),
])
def test_sentences_are_read(text: str, flop: float) -> None:
    assert parse_budget(text).C == pytest.approx(flop, rel=1e-12)


def test_a_range_of_utilisation_is_a_range_of_flop() -> None:
    budget = parse_budget("512 H100 for 30 days at 30-50% MFU, 80% goodput")
    assert budget.C_high / budget.C_low == pytest.approx(5 / 3)
    assert budget.C == pytest.approx((budget.C_low + budget.C_high) / 2)
    assert (budget.utilisation, budget.goodput) == ((0.3, 0.5), 0.8)


def test_keywords_complete_the_sentence() -> None:
    said = parse_budget("$2M on H100 at $2.50/h at 40% MFU")
    passed = parse_budget("$2M", accelerator="h100", price_per_hour=2.5, utilisation=0.4)
    assert (passed.C, passed.money) == (said.C, said.money)
    own = Accelerator(name="mine", flop_per_s=1e15, memory_bytes=1e11, bandwidth=1e12)
    assert parse_budget("10 days", accelerator=own, count=4,
                        utilisation=0.5).C == pytest.approx(4 * 10 * 86400 * 0.5e15)


@pytest.mark.parametrize(("text", "said"), [
    ("1e23", "needs its unit: write '1e23 FLOP'"),
    ("1e23 FLOP in Paris", "read '1e23 FLOP'; not read 'in', 'Paris'"),
    ("1e23 FLOPS", "rate, FLOP per second"),
    ("989 TFLOP/s", "rate, FLOP per second"),
    ("512 H100 for 30 days", "utilisation is missing"),
    ("$2M", "accelerator and utilisation and price_per_hour are missing"),
    ("512 H100 at 40% MFU", "does not say for how long"),
    ("30 days at 40% MFU", "does not say how many accelerators"),
    ("512 H100 for 3 months at 40% MFU", "give days or weeks"),
    ("512 RTX4090 for 3 days at 40% MFU", "known: "),
    ("512 H100 for 30 days at 140% MFU", "not a range within 0 and 1"),
    ("512 H100 for 30 days at 40 MFU", "Write 40% or 0.4"),
    ("512 H100 for 30 days at 50-40% MFU", "not a range"),
    ("1e23 FLOP, $2M", "stated in 2 ways"),
    ("1e23 FLOP and 512 H100 for 30 days at 40% MFU", "stated in 2 ways"),
    ("€1M on H100 at $2/h at 40% MFU", "mixes EUR and USD"),
    ("512 H100 512 A100 for 3 days", "second time"),
    ("23 FLOP", "between 1e12 and 1e35"),
    ("1e400 FLOP", "between 1e12 and 1e35"),
    ("", "expected words"),
    ("hello", "Write, for instance"),
])
def test_what_is_not_read_is_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="budget") as refused:
        parse_budget(text)
    assert said in str(refused.value)


@pytest.mark.parametrize("value",
                         [None, True, -1.0, 0, math.nan, math.inf, [1e23], {"C": 1e23}, 1j, b"1e23 FLOP", "x" * 501])
def test_bad_budgets_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="budget"):
        parse_budget(value)


@pytest.mark.parametrize("wrong", [
    {"utilisation": 1.5},
    {"utilisation": (0.5, 0.4)},
    {"utilisation": (0.1, 0.2, 0.3)},
    {"utilisation": "40%"},
    {"goodput": 0},
    {"accelerator": "H1000"},
    {"accelerator": 7},
    {"price_per_hour": -1},
    {"price_date": 2025},
    {"count": 0},
    {"utilisation": 0.3},
])
def test_bad_or_contradicting_keywords_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        parse_budget("512 H100 for 30 days at 40% MFU, 95% goodput, $2/h", **wrong)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert 1e12 <= parse_budget(text).C <= 1e35
    except ValueError as error:
        assert "budget" in str(error)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 10**5), st.floats(0.5, 100), st.floats(0.05, 0.9), st.sampled_from(sorted(accelerator_names())))
def test_flop_are_count_time_peak_and_utilisation(count: int, days: float, used: float, name: str) -> None:
    budget = parse_budget(f"{count} {name} for {days!r} days at {used!r} MFU")
    assert budget.C == pytest.approx(count * days * 86400 * accelerator_named(name).flop_per_s * used, rel=1e-9)
