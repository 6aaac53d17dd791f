"""Valleys and envelopes: known optima, published exponents from raw runs, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_lib import ChinchillaLaw, datasets, published
from scaling_lib.fitting import ValleyStatus, envelope, isoflop, simulate

TRUTH = published.BESIROGLU_2024
BUDGETS = np.geomspace(1e18, 1e21, 5)

# Porian et al. 2024 on RefinedWeb: a line through their optima, as each correction is added.
PORIAN = [
    ("base", "long", "cosine_long", "non_embedding_no_head", 0.834), ("base", "long", "cosine_long", "non_embedding_with_head", 0.701),
    ("base", "short", "cosine_long", "non_embedding_with_head", 0.604), ("base", "short", "cosine_matched", "non_embedding_with_head", 0.571),
    ("tuned", "short", "constant", "non_embedding_with_head", 0.497),
]


def refinedweb(hyperparameters, warmup, schedule, counting):
    table = datasets.load("kaplan_vs_chinchilla_isoflop")
    keys = {"hyperparameters": hyperparameters, "warmup": warmup, "lr_schedule": schedule, "param_count_rule": counting}
    for name, value in keys.items():
        table = table[table[name] == value]
    return table


@pytest.mark.parametrize("case", PORIAN, ids=lambda case: str(case[-1]))
def test_published_exponents_from_raw_runs(case):
    runs = refinedweb(*case[:4])
    result = isoflop(C=runs.flops, N=runs.params, D=runs.tokens, L=runs.loss_nats)
    assert result.a == pytest.approx(case[4], abs=0.05)
    assert len(result.optima) >= 10 and result.a + result.b == pytest.approx(1, abs=0.03)


def test_a_narrow_window_finds_the_law():
    sweep = simulate.isoflop_sweep(TRUTH, BUDGETS, sizes=15, width=3)
    result = isoflop(**sweep)
    assert len(result.optima) == 5 and result.a == pytest.approx(TRUTH.a, abs=1e-4)
    for valley, C in zip(result.valleys, BUDGETS, strict=True):
        best = TRUTH.optimal(C)
        assert valley.N == pytest.approx(best.N, rel=0.02) and valley.L == pytest.approx(best.L, rel=1e-4)
        assert 6 * valley.N * valley.D == pytest.approx(C, rel=1e-9) and valley.parabola(valley.N) == pytest.approx(valley.L)
    far = result.optimal(1e23)
    assert far.N == pytest.approx(TRUTH.optimal(1e23).N, rel=0.05) and far.L == pytest.approx(TRUTH.optimal(1e23).L, rel=0.01)


def test_a_wide_window_is_biased_without_any_noise():
    sweep = simulate.isoflop_sweep(TRUTH, BUDGETS, sizes=15, width=1000)
    narrow, wide = isoflop(window=3, **sweep), isoflop(window=None, **sweep)
    errors = [abs(np.log(r.valleys[0].N / TRUTH.optimal(BUDGETS[0]).N)) for r in (narrow, wide)]
    assert errors[1] > 5 * errors[0]


def test_a_minimum_outside_is_refused_not_invented():
    one_sided = simulate.isoflop_sweep(TRUTH, BUDGETS, sizes=7, width=8, centre=20)
    result = isoflop(**one_sided)
    assert {v.status for v in result.valleys} == {ValleyStatus.OUTSIDE}
    assert all(v.N is None and v.D is None and v.L is None for v in result.valleys)
    with pytest.raises(ValueError, match="OUTSIDE"):
        result.a  # noqa: B018
    with pytest.raises(ValueError, match="two budgets"):
        result.bootstrap(10)
    assert "0 of 5" in repr(result) and "OUTSIDE" in result._repr_html_()


def test_other_valleys_that_are_none():
    upside_down = isoflop(C=[1e18] * 5, N=np.geomspace(1e7, 1e9, 5), L=[3.0, 3.2, 3.3, 3.2, 3.01], window=None)
    assert upside_down.valleys[0].status is ValleyStatus.NOT_CONVEX
    few = isoflop(C=[1e18] * 2, N=[1e8, 1e9], L=[3.0, 3.2])
    assert few.valleys[0].status is ValleyStatus.TOO_FEW
    with pytest.raises(ValueError, match="three"):
        few.valleys[0].parabola(1e8)


def test_a_table_of_many_budgets_is_refused_in_one_breath():
    N, D = np.repeat(np.geomspace(1e7, 1e10, 8), 6), np.tile(np.geomspace(1e9, 1.1e12, 6), 8)
    with pytest.raises(ValueError, match="TOO_FEW; and [0-9]+ more.*fit a law to all of them") as refused:
        _ = isoflop(N=N, D=D, L=TRUTH(N, D)).a
    assert len(str(refused.value)) < 600


def test_budgets_that_jitter_are_one_budget():
    sweep = simulate.isoflop_sweep(TRUTH, BUDGETS)
    jitter = 1 + 0.003 * np.random.default_rng(0).uniform(-1, 1, len(sweep["C"]))
    assert len(isoflop(C=sweep["C"] * jitter, N=sweep["N"], L=sweep["L"]).valleys) == 5
    assert len(isoflop(N=sweep["N"], D=sweep["D"], L=sweep["L"]).valleys) == 5


def test_the_bootstrap_covers_the_exponent():
    """Thirty noisy sweeps: 95 % intervals contain the noiseless answer of the same design about as often as they say."""
    design = dict(C=BUDGETS, sizes=9, width=20)
    clean = isoflop(window=None, **simulate.isoflop_sweep(TRUTH, **design)).a
    inside = 0
    for seed in range(30):
        result = isoflop(window=None, **simulate.isoflop_sweep(TRUTH, noise=0.004, seed=seed, **design))
        refits = result.bootstrap(400, seed=seed)
        low, high = refits.interval("a")
        inside += low <= clean <= high
        assert high - low < 0.3 and len(refits) + refits.refused == 400
    assert inside >= 26


def test_the_bootstrap_answers_about_the_optimum():
    result = isoflop(**simulate.isoflop_sweep(TRUTH, BUDGETS, noise=0.002, seed=1))
    refits = result.bootstrap(200)
    for quantity, value in (("N", result.optimal(1e22).N), ("D", result.optimal(1e22).D), ("tokens_per_param", result.optimal(1e22).tokens_per_param)):
        low, high = refits.optimal_interval(quantity, 1e22)
        assert low < value < high
    assert "a from" in repr(refits)
    with pytest.raises(ValueError, match="quantity"):
        refits.interval("E")


def test_envelope_of_curves():
    N, D = (g.ravel() for g in np.meshgrid(np.geomspace(1e7, 1e10, 25), np.geomspace(1e8, 1e12, 80)))
    result = envelope(N=N, D=D, L=TRUTH(N, D), run=N)
    assert result.a == pytest.approx(TRUTH.a, abs=0.01) and result.b == pytest.approx(TRUTH.b, abs=0.01)
    low, high = result.bootstrap(50).interval("a")
    assert low < result.a + 0.02 and high > result.a - 0.02


def test_envelope_of_final_losses():
    runs = refinedweb("base", "short", "cosine_matched", "non_embedding_with_head")
    result = envelope(C=runs.flops, N=runs.params, D=runs.tokens, L=runs.loss_nats)
    assert len(result.points) == 12 and 0.45 < result.a < 0.65
    for point in result.points:
        same = runs[np.isclose(runs.flops, point.C)]
        assert point.L == same.loss_nats.min()
        assert point.inside == (same.params.min() < point.N < same.params.max())


def test_winners_at_the_edge_are_left_out():
    sweep = simulate.isoflop_sweep(TRUTH, BUDGETS, sizes=5, width=8, centre=30)
    with pytest.raises(ValueError, match="smaller and larger"):
        envelope(**sweep).a  # noqa: B018


laws = st.builds(ChinchillaLaw, E=st.floats(1, 2), A=st.floats(100, 900), B=st.floats(200, 3000), alpha=st.floats(0.25, 0.45), beta=st.floats(0.25, 0.45))


@given(law=laws)
@settings(max_examples=20, deadline=None)
def test_any_law_is_found_from_its_own_sweep(law):
    assert isoflop(**simulate.isoflop_sweep(law, BUDGETS, sizes=9, width=4)).a == pytest.approx(law.a, abs=2e-3)


GOOD = simulate.isoflop_sweep(TRUTH, BUDGETS)


@pytest.mark.parametrize("estimator", [isoflop, envelope])
@pytest.mark.parametrize("change, words", [
    ({"N": None}, "N is missing"), ({"L": None}, "L is missing"), ({"C": None, "D": None}, "C or D"), ({"N": [1, 2]}, "lengths"),
    ({"L": [np.nan] * 35}, "L is"), ({"C": [0.0] * 35}, "C is"), ({"N": ["a"] * 35}, "N is"), ({"N": np.ones((5, 7))}, "one-dimensional"),
    ({"tolerance": 2}, "tolerance"), ({"tolerance": "x"}, "tolerance"),
])
def test_bad_input_is_refused(estimator, change, words):
    with pytest.raises(ValueError, match=words):
        estimator(**{**GOOD, **change})


def test_bad_options_are_refused():
    for bad in (1.0, 0, "x", np.nan):
        with pytest.raises(ValueError, match="window"):
            isoflop(window=bad, **GOOD)
    with pytest.raises(ValueError, match="run"):
        envelope(run=[1, 2], **GOOD)
    with pytest.raises(ValueError, match="budgets"):
        envelope(run=GOOD["N"], budgets=1, **GOOD)
    with pytest.raises(ValueError, match="n is"):
        isoflop(**GOOD).bootstrap(0)
    exact = {k: v.reshape(5, 7)[:, ::3].ravel() for k, v in GOOD.items()}
    with pytest.raises(ValueError, match="no residual"):
        isoflop(window=None, **exact).bootstrap(10)
