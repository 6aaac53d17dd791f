"""The planner: the regret table, four parts of uncertainty, warnings, JSON, and bad input."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_lib import Plan, allocate, plan, published
from scaling_lib.compute import Accelerator, Transformer
from scaling_lib.fitting import FitResult, fit, simulate
from scaling_lib.laws import ChinchillaLaw
from scaling_lib.laws.kaplan import KaplanN
from scaling_lib.planner.evidence import REFITS, domain_of, reference

B = published.BESIROGLU_2024


@cache
def own_fit(noise: float = 0.003) -> FitResult[ChinchillaLaw]:
    """A fit to simulated runs between 6e16 and 6e20 FLOP."""
    sizes, ratios = np.geomspace(1e7, 1e9, 8), np.geomspace(10, 100, 5)
    N, D = (grid.ravel() for grid in np.broadcast_arrays(sizes[:, None], sizes[:, None] * ratios))
    runs = simulate.surface(B, N, D, noise=noise, seed=1)
    return fit(ChinchillaLaw, **runs)


def said(answer: Plan, text: str) -> bool:
    return any(text in warning for warning in answer.warnings)


# The headline


def test_the_regret_table_is_the_headline() -> None:
    answer = plan("1e23 FLOP")
    table = {
        pick: [round(100 * v) for v in row]
        for pick, row in zip(answer.table.picks, answer.table.overhead, strict=True)
    }
    assert table["HOFFMANN_2022"] == [0, 1, 19]
    assert table["BESIROGLU_2024"] == [16, 7, 0]
    assert max(table["hedge"]) <= 5
    assert answer.pick.basis == "hedge" and answer.pick.N == answer.hedge[0]
    assert 6 * answer.pick.N * answer.pick.D == pytest.approx(1e23, rel=1e-12)
    low, high = answer.pick.N_near
    assert low < answer.pick.N < high
    text = str(answer)
    assert text.index("Train 21B parameters") < text.index("Compute wasted") < text.index("How sure")


def test_constants_that_are_only_reported_are_never_a_default() -> None:
    from scaling_lib.planner.inputs import DEFAULT_LAWS

    assert all(published.about(name).status in ("verified", "recomputed") for name in DEFAULT_LAWS)
    assert set(plan("1e23 FLOP").table.laws) == set(DEFAULT_LAWS)


def test_uncertainty_has_four_parts() -> None:
    sampling, law, transfer, extrapolation = plan("1e24 FLOP").uncertainty
    assert [p.source for p in (sampling, law, transfer, extrapolation)] == [
        "sampling", "choice of law", "transfer to your corpus", "extrapolation"]
    assert sampling.tokens_per_param is not None and sampling.tokens_per_param[0] < 18 < sampling.tokens_per_param[1]
    assert law.tokens_per_param is not None and law.tokens_per_param[1] / law.tokens_per_param[0] > 4
    assert transfer.waste is not None and 0 < transfer.waste < 0.3
    assert extrapolation.decades == pytest.approx(np.log10(1e24 / domain_of(None).C[1]))


def test_the_badge_is_a_backtest_of_the_runs_behind_the_laws() -> None:
    badge = plan("1e23 FLOP").backtest
    assert badge is not None
    N, D, L = (reference().task.inputs["N"], reference().task.inputs["D"], reference().task.target)
    C = 6 * N * D
    assert (badge.fitted, badge.predicted) == (int((C < 1e20).sum()), int((C > 1e21).sum()))
    early, full = fit(ChinchillaLaw, N=N[C < 1e20], D=D[C < 1e20], L=L[C < 1e20]).law, reference().law
    large = C > 1e21
    miss = np.abs((early(N[large], D[large]) - full.E) / (L[large] - full.E) - 1)
    assert badge.excess_error == pytest.approx(float(np.median(miss)), rel=1e-9)
    assert "missed the 23 runs above" in str(badge)


def test_no_loss_unless_the_runs_are_ones_own() -> None:
    assert plan("1e23 FLOP").loss is None
    assert plan("1e23 FLOP", law=B).loss is None
    assert "nats per token" not in str(plan("1e23 FLOP"))
    own = plan("1e22 FLOP", law=own_fit())
    assert own.loss is not None and own.pick.basis == "yours"
    assert own.loss.value == pytest.approx(own_fit().law(own.pick.N, own.pick.D))
    (a, b), (c, d) = own.loss.confidence, own.loss.prediction
    assert c < a < b < d and a < float(B(own.pick.N, own.pick.D)) < b
    values = [value for _, value, _ in own.loss.milestones]
    assert values == sorted(values, reverse=True) and all(v > own.loss.value for v in values)


def test_ones_own_fit_is_judged_beside_the_published_laws() -> None:
    own = plan("1e22 FLOP", law=own_fit())
    assert own.table.laws[0] == "yours" and len(own.table.laws) == 4
    assert own.domain == domain_of(own_fit()) and own.domain.C[1] == pytest.approx(6 * 1e9 * 1e11)
    assert plan("1e22 FLOP", law=own_fit(), prefer="hedge").pick.basis == "hedge"
    assert own.uncertainty[0].tokens_per_param is not None
    assert f"{REFITS} refits of your runs" in own.uncertainty[0].text
    assert "none, as long as" in own.uncertainty[2].text


def test_a_saved_fit_and_its_description_plan_alike(tmp_path: Path) -> None:
    path = own_fit().save(tmp_path / "fit.json")
    direct = plan("1e22 FLOP", law=own_fit())
    assert plan("1e22 FLOP", law=str(path)).pick == direct.pick
    assert plan("1e22 FLOP", law=json.loads(path.read_text())).loss == direct.loss


# JSON


@pytest.mark.parametrize("inputs", [
    {"budget": "1e23 FLOP"},
    {"budget": 3e22, "unique_tokens": 5e10, "laws": ["BESIROGLU_2024"]},
    {
        "budget": "512 H100 for 30 days at 35-45% MFU, 90% goodput", "inference_tokens":
        {"prompt": 1e13, "output": 1e12}, "serving_utilisation": {"prompt": 0.4, "output": 0.05}, "price_per_hour": 2.5,
        "price_date": "2025-02", "deadline_days": 20, "candidates": {"ours": 13e9}, "shape": Transformer(
            n_layer=80, d_model=8192, n_heads=64, vocab=32000, n_ctx=131072)
    },
    {
        "budget": "10 days at 40% MFU", "count": 64, "accelerator": Accelerator(
            name="mine", flop_per_s=1e15, memory_bytes=1e11, bandwidth=1e12)
    },
    {"budget": "1e22 FLOP", "law": ChinchillaLaw(E=1.8, A=500, B=2000, alpha=0.35, beta=0.37), "laws": {"other": B}},
])
def test_json_reproduces_the_answer(inputs: dict[str, Any]) -> None:
    answer = plan(**inputs)
    text = answer.to_json()
    again = Plan.from_json(text)
    assert again == answer and again.to_json() == text
    assert json.loads(text)["inputs"]["budget"] == inputs["budget"]


def test_json_of_ones_own_fit_reproduces_loss_and_intervals() -> None:
    answer = plan("1e22 FLOP", law=own_fit())
    again = Plan.from_json(answer.to_json())
    assert again.loss == answer.loss and again.uncertainty == answer.uncertainty


def test_json_that_comes_out_differently_is_named() -> None:
    data = json.loads(plan("1e23 FLOP").to_json())
    data["answer"]["pick"]["N"] *= 1.5
    with pytest.raises(ValueError, match=r"answer\.pick\.N was"):
        Plan.from_json(json.dumps(data))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"scaling_lib": "fit"}', '{"scaling_lib": "plan", "inputs": {"nonsense": 1}}', None])
def test_bad_json_is_refused(text: Any) -> None:
    with pytest.raises(ValueError):
        Plan.from_json(text)


# The parts


def test_serving_asks_for_a_smaller_model_that_is_as_good() -> None:
    answer = plan("1e23 FLOP", inference_tokens=5e12)
    assert answer.lifetime is not None
    for row in answer.lifetime.rows:
        law = published.about(row.law).value
        assert law(row.N, row.D) == pytest.approx(law(answer.pick.N, answer.pick.D), rel=1e-9)
        total = 6 * row.N * row.D + 2 * row.N * 5e12
        least = allocate.inference_aware(law, 5e12, loss=float(law(answer.pick.N, answer.pick.D))).total
        assert total == pytest.approx(least, rel=1e-9)
        assert row.saving == pytest.approx(1 - least / (1e23 + 2 * answer.pick.N * 5e12), rel=1e-6)
        if row.pays_back_after > 0:
            T = row.pays_back_after
            assert 6 * row.N * row.D + 2 * row.N * T == pytest.approx(1e23 + 2 * answer.pick.N * T, rel=1e-9)


def test_dear_decoding_counts_for_more() -> None:
    cheap = plan("1e23 FLOP", inference_tokens=1e12)
    dear = plan("1e23 FLOP", inference_tokens=1e12, utilisation=0.4, serving_utilisation=0.04)
    assert cheap.lifetime is not None and dear.lifetime is not None
    assert dear.lifetime.equivalent_tokens == pytest.approx(10 * cheap.lifetime.equivalent_tokens)
    assert dear.lifetime.rows[0].N < cheap.lifetime.rows[0].N


def test_scarce_data_lower_the_size_and_raise_the_alarm() -> None:
    answer = plan("1e22 FLOP", unique_tokens=25e9)
    plenty = plan("1e22 FLOP", unique_tokens=1e14)
    assert answer.data is not None and plenty.data is not None
    assert answer.data.epochs > 4 and said(answer, "more than four") and answer.data.worth < answer.pick.D
    assert not said(plenty, "epochs") and plenty.data.shortage == pytest.approx(0, abs=1e-6)
    assert plenty.pick.N == pytest.approx(plan("1e22 FLOP").pick.N, rel=1e-4)
    assert answer.pick.N < plenty.pick.N  # epochs before parameters, as Muennighoff et al. found
    assert said(plan("1e24 FLOP", unique_tokens=1e9), "Beyond about 40")
    assert said(plan("1e22 FLOP", unique_tokens=1e11), "nearly as good as fresh")


def test_time_money_and_memory() -> None:
    answer = plan("512 H100 for 30 days at 30-50% MFU, 90% goodput", price_per_hour=2.0, price_date="2025-02")
    c = answer.cluster
    assert c is not None and c.days == (30, 30) and c.cost == (512 * 720 * 2.0, 512 * 720 * 2.0)
    assert answer.budget.C_low < answer.pick.C < answer.budget.C_high
    assert c.memory is not None and c.memory.fits and c.memory.bytes_each == pytest.approx(16 * answer.pick.N / 512)
    assert "price of 2025-02" in str(answer)
    flop = plan("3.8e25 FLOP on 16384 H100 at 40% MFU", deadline_days=30)
    assert flop.cluster is not None and flop.cluster.days is not None
    assert flop.cluster.days[0] == pytest.approx(67.9, abs=0.1)
    assert said(flop, "deadline of 30 days is missed") and flop.cluster.needed == math.ceil(
        16384 * flop.cluster.days[1] / 30)
    tight = plan("1e24 FLOP on 4 H100 at 40% MFU")
    assert said(tight, "training state does not fit")


def test_candidates_and_ratios_are_judged() -> None:
    answer = plan("1e23 FLOP", candidates={"ours": 7e9}, tokens_per_param=20)
    assert answer.table["ours", "BESIROGLU_2024"] == pytest.approx(allocate.regret(7e9, B, 1e23))
    assert answer.table["20 tokens per parameter", "BESIROGLU_2024"] < 0.01
    assert plan("1e23 FLOP", candidates={"ours": 7e9}, prefer="ours").pick.N == 7e9


def test_what_a_tenth_more_buys() -> None:
    more = plan("1e23 FLOP", laws=["BESIROGLU_2024"]).more
    small, large = B.optimal(1e23), B.optimal(1.1e23)
    assert more.N == pytest.approx((large.N / small.N - 1,) * 2)
    assert more.excess == pytest.approx((1 - (large.L - B.E) / (small.L - B.E),) * 2)


# Warnings


@pytest.mark.parametrize(("inputs", "text"), [
    ({}, "Extrapolating beyond the data by 10^0.9"),
    ({}, "outside the fitted sizes"),
    ({}, "disagree by 4.1x in tokens per parameter"),
    ({"law": B}, "came without its runs"),
    ({"batch_tokens": 1e9}, "above the critical"),
    ({"batch_tokens": 1e9}, "too few for a schedule"),
    ({"context": 131072}, "attention adds"),
    ({"tokens_per_param": 2000, "prefer": "2000 tokens per parameter", "quantise": True
      }, "quantisation after training"),
    ({"tokens_per_param": 2000, "prefer": "2000 tokens per parameter", "fine_tune": True}, "fine-tuning may go worse"),
    ({"mixture": True}, "laws of dense models"),
    ({"mixture": True, "candidates": {"moe": 671e9}}, "given as one number is ambiguous"),
    ({"accelerator": "H100", "utilisation": 0.75}, "above what large runs report"),
    ({"accelerator": "H100", "utilisation": 0.4, "price_per_hour": 2.0}, "has no date"),
])
def test_warnings_say_what_they_saw(inputs: dict[str, Any], text: str) -> None:
    assert said(plan("1e23 FLOP", **inputs), text), plan("1e23 FLOP", **inputs).warnings


@pytest.mark.parametrize(("inputs", "text"), [
    ({"laws": ["BESIROGLU_2024"]}, "disagree"),
    ({"batch_tokens": 1e6}, "batch"),
    ({"context": 2048}, "attention"),
    ({"quantise": True, "fine_tune": True}, "over-trained"),
    ({"mixture": True, "candidates": {"moe": {"active": 37e9, "total": 671e9}}}, "ambiguous"),
    ({"unique_tokens": 1e14}, "unique"),
    ({"accelerator": "H100", "utilisation": 0.4, "price_per_hour": 2.0, "price_date": "2025"}, "date"),
])
def test_warnings_are_silent_without_a_cause(inputs: dict[str, Any], text: str) -> None:
    assert not said(plan("1e23 FLOP", **inputs), text)


def test_money_alone_is_planned_and_what_it_buys_is_said_first() -> None:
    alone = plan(budget="$2M")
    low, high = alone.budget.utilisation or (0, 0)
    stated = plan(f"$2M on H100 at $10.80/h at {low}-{high} MFU", price_date="2025-02")
    assert alone.pick == stated.pick and alone.budget.price_date == "2025-02" and 0.2 < low < high < 0.5
    assert "partly assumed: H100 SXM; 10.8 USD an hour (Google Cloud on demand, February 2025); " in alone.warnings[0]
    assert "2.7 to 5.4 times as much" in alone.warnings[0] and not said(stated, "assumed")
    assert Plan.from_json(alone.to_json()) == alone
    priced = plan("$2M on H100 at $2.50/h", price_date="2025-02")
    assert "assumed: 25" in priced.warnings[0] and "times as much" not in priced.warnings[0]
    assert plan("$2M on TPU v5p at 40% MFU").budget.price_per_hour == 4.2


@pytest.mark.parametrize("budget", ["€2M", "$2M on A100", "$2M on B200 at 40% MFU"])
def test_no_price_is_assumed_that_is_not_verified(budget: str) -> None:
    with pytest.raises(ValueError, match="price_per_hour"):
        plan(budget)


def test_within_the_runs_nothing_is_extrapolated() -> None:
    inside = plan("1e20 FLOP", law=own_fit())
    assert not said(inside, "Extrapolating") and not said(inside, "outside the fitted")
    assert inside.uncertainty[3].decades == 0


# Looks, and what must always hold


def test_html_escapes_what_was_stated() -> None:
    page = plan("1e23 FLOP", candidates={"<script>": 7e9})._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page and "Compute wasted" in page


@settings(max_examples=25, deadline=None)
@given(st.floats(15, 27).map(lambda e: 10.0**e), st.floats(1.05, 30))
def test_more_budget_means_more_of_both_and_the_hedge_is_safest(C: float, factor: float) -> None:
    less, more = plan(C), plan(C * factor)
    assert more.pick.N > less.pick.N and more.pick.D > less.pick.D
    assert less.pick.worst == min(less.table.worst) and all(v >= 0 for row in less.table.overhead for v in row)


# Bad input

BAD: list[Any] = [True, "much", math.nan, math.inf, -1.0, 0.0, [], [1.0], object(), 1j]


@pytest.mark.parametrize("bad", BAD, ids=lambda v: repr(v)[:12])
@pytest.mark.parametrize("name", [
    "tokens_per_param", "inference_tokens", "unique_tokens", "count", "deadline_days", "batch_tokens", "context",
    "price_per_hour", "goodput", "utilisation", "accelerator", "law", "candidates", "shape"
])
def test_bad_values_are_refused(name: str, bad: Any) -> None:
    with pytest.raises(ValueError):
        plan("1e23 FLOP", **{name: bad})


@pytest.mark.parametrize("inputs", [
    {"unique_tokens": 25},
    {"inference_tokens": 300},
    {"candidates": {"ours": 7}},
    {"candidates": {"hedge": 7e9}},
    {"candidates": {1: 7e9}},
    {"candidates": {"moe": {"total": 1e12}}},
    {"prefer": "nobody"},
    {"law": "BESIROGLU_2024"},
    {"law": KaplanN(N_c=1, alpha_N=1)},
    {"law": "no/such/file.json"},
    {"laws": ["NOBODY_2020"]},
    {"laws": []},
    {"laws": 7},
    {"laws": {"yours": B}},
    {"laws": [B]},
    {"law": {"law": "Nonsense"}},
    {"serving_utilisation": 0.1},
    {"inference_tokens": 1e12, "serving_utilisation": 0.1},
    {"inference_tokens": {}},
    {"inference_tokens": {"a": 1e12}, "serving_utilisation": {"b": 0.1}, "utilisation": 0.4},
    {"quantise": 1},
    {"deadline_days": 3},
    {"law": ChinchillaLaw(E=1, A=0, B=1, alpha=1, beta=1)},
])
def test_bad_questions_are_refused(inputs: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        plan("1e23 FLOP", **inputs)


def test_a_degenerate_fit_bears_no_plan() -> None:
    N = np.full(12, 1e8)
    D = np.geomspace(1e9, 1e11, 12)
    flat = fit(ChinchillaLaw, N=N, D=D, L=B(N, D))
    with pytest.raises(ValueError, match="DEGENERATE|no interior optimum"):
        plan("1e22 FLOP", law=flat)


def test_errors_about_units_name_the_likely_slip() -> None:
    with pytest.raises(ValueError, match="25e9 is 25 billion"):
        plan("1e23 FLOP", unique_tokens=25)
