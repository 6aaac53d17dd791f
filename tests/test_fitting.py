"""The fit of the 240 points, fits with known and bounded constants, statuses, and what is refused."""

from __future__ import annotations

import json
import math
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_lib import ChinchillaLaw, PowerLaw, datasets, fit, published
from scaling_lib.fitting import FitResult, Status, huber, huber_objective, load


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    return datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch")


@pytest.fixture(scope="module")
def result(runs) -> FitResult:
    return fit(ChinchillaLaw, N=runs.params, D=runs.training_tokens, L=runs.loss_nats)


def objective(law, runs, delta=1e-3) -> float:
    """The objective written out independently of the library."""
    r = np.log(runs.loss_nats) - np.log(law.E + law.A * runs.params**-law.alpha + law.B * runs.training_tokens**-law.beta)
    return float(np.where(abs(r) <= delta, r**2 / 2, delta * (abs(r) - delta / 2)).sum())


def test_the_replication_is_reproduced(result):
    # Besiroglu et al. 2024, optimum of their notebook's grid.
    assert result.objective <= 1.01827402e-3
    assert result.status is Status.CONVERGED and result.ok and result.n_points == 240
    for name, value, tolerance in (("E", 1.81724, 5e-5), ("A", 477.84, 0.05), ("B", 2143.86, 1.0), ("alpha", 0.34731, 2e-5),
                                   ("beta", 0.36718, 3e-5)):
        assert getattr(result.law, name) == pytest.approx(value, abs=tolerance)


def test_the_objective_is_what_it_says(result, runs):
    assert result.objective == pytest.approx(objective(result.law, runs), rel=1e-9)
    assert huber_objective(result.residuals) == pytest.approx(result.objective, rel=1e-12)
    assert objective(published.BESIROGLU_2024, runs) == pytest.approx(1.0228e-3, rel=1e-3)
    assert objective(published.HOFFMANN_2022, runs) == pytest.approx(4.12e-3, rel=5e-3)


def test_five_dropped_points_change_the_law(runs):
    every = datasets.load("chinchilla_fig4_points")
    law = fit(ChinchillaLaw, N=every.params, D=every.training_tokens, L=every.loss_nats).law
    assert law.E == pytest.approx(1.89, abs=0.01) and law.B == pytest.approx(12846, rel=0.02) and law.beta == pytest.approx(0.453, abs=0.002)


def test_nothing_beats_the_fit_nearby(result, runs):
    rng = np.random.default_rng(0)
    for scale in (1e-5, 1e-3, 1e-2):
        for _ in range(20):
            moved = ChinchillaLaw(**{k: v * math.exp(scale * rng.normal()) for k, v in result.law.parameters.items()})
            assert objective(moved, runs) >= result.objective * (1 - 1e-9)


@pytest.mark.parametrize("fixed", [{"E": 1.69}, {"alpha": 0.34}, {"A": 400.0}, {"A": 400.0, "alpha": 0.34}, {"E": 0.0}, {"E": 1.8, "B": 2000.0, "beta": 0.366}])
def test_known_constants_stay(fixed, runs, result):
    held = fit(ChinchillaLaw, N=runs.params, D=runs.training_tokens, L=runs.loss_nats, fixed=fixed)
    assert {k: held.law.parameters[k] for k in fixed} == fixed
    assert held.objective >= result.objective and held.fixed == fixed
    assert held.objective == pytest.approx(objective(held.law, runs), rel=1e-8)
    for name in held.free:
        for factor in (0.999, 1.001):
            moved = ChinchillaLaw(**{**held.law.parameters, name: held.law.parameters[name] * factor})
            assert objective(moved, runs) >= held.objective * (1 - 1e-9)


def test_bounds_hold_and_are_reported(runs):
    bounded = fit(ChinchillaLaw, N=runs.params, D=runs.training_tokens, L=runs.loss_nats, bounds={"E": (1.9, 2.0), "A": (None, 100)})
    assert bounded.law.E == 1.9 and bounded.law.A == pytest.approx(100) and bounded.law.A <= 100
    assert bounded.status is Status.AT_BOUND and "E" in bounded.message and "A" in bounded.message
    wide = fit(ChinchillaLaw, N=runs.params, D=runs.training_tokens, L=runs.loss_nats, bounds={"A": (1, 1e6), "beta": (0.01, 2)})
    assert wide.status is Status.CONVERGED and wide.objective <= 1.0182742e-3


def test_weights_count_points(runs):
    few = runs.iloc[:60]
    weights = np.random.default_rng(1).integers(0, 4, 60)
    repeated = few.loc[few.index.repeat(weights)]
    by_weight = fit(ChinchillaLaw, N=few.params, D=few.training_tokens, L=few.loss_nats, weights=weights)
    by_row = fit(ChinchillaLaw, N=repeated.params, D=repeated.training_tokens, L=repeated.loss_nats)
    assert by_weight.objective == pytest.approx(by_row.objective, rel=1e-9)
    assert by_weight.law.alpha == pytest.approx(by_row.law.alpha, rel=1e-6)


def test_a_floor_of_zero_is_found():
    x = np.geomspace(1e6, 1e10, 20)
    result = fit(PowerLaw, x=x, L=80 * x**-0.2)
    assert result.law.E == pytest.approx(0, abs=1e-9) and result.law.alpha == pytest.approx(0.2)
    bent = fit(PowerLaw, x=x, L=np.exp(1 - 0.01 * np.log(x / 1e6) ** 2))
    assert bent.status is Status.AT_BOUND and bent.law.E == 0 and "E" in bent.message


def test_what_the_data_do_not_fix_is_degenerate(runs):
    one_size = fit(ChinchillaLaw, N=np.full(240, 1e9), D=runs.training_tokens, L=runs.loss_nats)
    assert one_size.status is Status.DEGENERATE and not one_size.ok
    two_sizes = fit(ChinchillaLaw, N=np.tile([1e8, 1e9], 20), D=np.geomspace(1e9, 1e11, 40),
                    L=published.BESIROGLU_2024(np.tile([1e8, 1e9], 20), np.geomspace(1e9, 1e11, 40)))
    assert two_sizes.status is Status.DEGENERATE
    with pytest.raises(ValueError, match="DEGENERATE"):
        two_sizes.bootstrap(10)
    flat = fit(PowerLaw, x=[1.0, 10, 100, 1000], L=[2.0, 2.0, 2.0, 2.0])
    assert flat.status is Status.DEGENERATE


laws = st.builds(ChinchillaLaw, E=st.floats(0.3, 3), A=st.floats(50, 2000), B=st.floats(50, 5000), alpha=st.floats(0.2, 0.5), beta=st.floats(0.2, 0.5))


@given(law=laws, seed=st.integers(0, 10**6), unit=st.floats(-3, 3))
@settings(max_examples=10, deadline=None)
def test_exact_data_give_the_law_back(law, seed, unit):
    rng = np.random.default_rng(seed)
    N, D = 10 ** rng.uniform(7, 10, 40), 10 ** rng.uniform(9, 11.5, 40)
    found = fit(ChinchillaLaw, N=N, D=D, L=law(N, D))
    assert found.objective < 1e-18
    assert found.law.alpha == pytest.approx(law.alpha, rel=1e-3) and found.law.beta == pytest.approx(law.beta, rel=1e-3)
    # Measuring N in other units changes A and nothing else.
    other = fit(ChinchillaLaw, N=N * 10**unit, D=D, L=law(N, D))
    assert other.law.alpha == pytest.approx(found.law.alpha, rel=1e-3)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_order_and_exchange_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    N, D = 10 ** rng.uniform(7, 10, 30), 10 ** rng.uniform(9, 11.5, 30)
    L = published.BESIROGLU_2024(N, D) * np.exp(0.005 * rng.normal(size=30))
    one = fit(ChinchillaLaw, N=N, D=D, L=L)
    order = rng.permutation(30)
    assert fit(ChinchillaLaw, N=N[order], D=D[order], L=L[order]).objective == pytest.approx(one.objective, rel=1e-9)
    assert fit(ChinchillaLaw, N=D, D=N, L=L).objective == pytest.approx(one.objective, rel=1e-9)
    assert fit(ChinchillaLaw, N=N, D=D, L=3 * L).law.E == pytest.approx(3 * one.law.E, rel=1e-6)


def test_huber():
    assert huber(5e-4) == pytest.approx(1.25e-7) and huber(-2e-3) == pytest.approx(1.5e-6)
    assert huber_objective([0.0, 2.0], delta=1.0) == 1.5
    for bad in ("x", None, [np.nan], True):
        with pytest.raises(ValueError):
            huber(bad)
    with pytest.raises(ValueError, match="delta"):
        huber([1.0], delta=0)


def test_a_fit_survives_a_file(result, tmp_path):
    path = result.save(tmp_path / "fit.json")
    again = load(path)
    assert again.law == result.law and again.status is result.status and again.objective == result.objective
    assert np.array_equal(again.residuals, result.residuals)
    assert np.array_equal(again.bootstrap(5).values("a"), result.bootstrap(5).values("a"))
    (tmp_path / "bom.json").write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load(tmp_path / "bom.json").law == result.law
    damaged = json.loads(path.read_text())
    for change in ({"scaling_lib": "x"}, {"law": "NoLaw"}, {"points": {"N": [1]}}, {"status": "FINE"}, {"parameters": {"E": 1}}, {"delta": None}):
        (tmp_path / "bad.json").write_text(json.dumps({**damaged, **change}))
        with pytest.raises(ValueError):
            load(tmp_path / "bad.json")
    for text in ("", "[]", "{"):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(ValueError):
            load(tmp_path / "bad.json")
    with pytest.raises(ValueError, match="cannot be read"):
        load(tmp_path / "none.json")


def test_it_shows_itself(result):
    assert "CONVERGED" in repr(result) and "240" in repr(result)
    page = result._repr_html_()
    assert page.count("<tr>") == 6 and "1.8172" in page and "scope='row'" in page


N4, D4, L4 = [1e7, 1e8, 1e9, 1e10, 1e8, 1e9], [1e9, 1e10, 1e11, 1e12, 1e9, 1e12], [4.0, 3.2, 2.7, 2.3, 3.6, 2.5]


@pytest.mark.parametrize("change, words", [
    ({"N": [1e7, np.nan, 1, 1, 1, 1]}, "N is .*finite"), ({"N": [1e7, np.inf, 1, 1, 1, 1]}, "N is .*finite"),
    ({"D": [0.0, 1, 1, 1, 1, 1]}, "D is .*above 0"), ({"L": [-1.0, 1, 1, 1, 1, 1]}, "L is .*above 0"),
    ({"L": ["a"] * 6}, "L is .*text"), ({"L": "2.5"}, "L is"), ({"L": None}, "L is None"), ({"L": L4[:5]}, "different lengths"),
    ({"L": 2.0}, "one-dimensional"), ({"L": [L4]}, "one-dimensional"), ({"L": [True] * 6}, "L is"), ({"L": [10**400] * 6}, "L is"),
    ({"x": [1]}, "not a variable"), ({"N": N4[:3], "D": D4[:3], "L": L4[:3]}, "3 distinct points .* 5 free constants"),
    ({"N": [1e8] * 6, "D": [1e9] * 6}, "1 distinct points"), ({"weights": [1, 2]}, "weights"), ({"weights": [-1] * 6}, "weights"),
    ({"weights": [0] * 6}, "weights"), ({"weights": [1, 0, 0, 0, 0, 0]}, "1 distinct points"), ({"delta": 0}, "delta"),
    ({"delta": math.nan}, "delta"), ({"delta": "x"}, "delta"), ({"fixed": {"gamma": 1}}, "gamma.*E, A, B"), ({"fixed": [1]}, "fixed"),
    ({"fixed": {"E": -1}}, "fixed"), ({"fixed": {"E": math.nan}}, "fixed"), ({"fixed": {"A": 0}}, "alpha"),
    ({"fixed": {"E": 1, "A": 1, "B": 1, "alpha": 1, "beta": 1}}, "nothing is left"), ({"bounds": {"E": 1}}, "bounds"),
    ({"bounds": {"E": (2, 1)}}, "low below high"), ({"bounds": {"E": (-1, 1)}}, "bounds"), ({"bounds": {"F": (0, 1)}}, "bounds"),
    ({"bounds": {"E": "12"}}, "bounds"), ({"fixed": {"E": 1}, "bounds": {"E": (0, 2)}}, "both"), ({"bounds": {"E": (None, None, 1)}}, "pair"),
])
def test_bad_input_is_refused(change, words):
    arguments = {"N": N4, "D": D4, "L": L4, **change}
    with pytest.raises(ValueError, match=words):
        fit(ChinchillaLaw, **arguments)


@pytest.mark.parametrize("law", [None, "ChinchillaLaw", published.BESIROGLU_2024, int, object()])
def test_not_a_law_class(law):
    with pytest.raises(ValueError, match="class of laws"):
        fit(law, N=N4, D=D4, L=L4)


def test_missing_columns_are_named():
    with pytest.raises(ValueError, match="missing: D, L"):
        fit(ChinchillaLaw, N=N4)


@given(st.lists(st.tuples(*[st.floats(min_value=1e-300, max_value=1e300)] * 3), min_size=5, max_size=12))
@settings(max_examples=25, deadline=None)
def test_wild_numbers_give_a_law_or_a_reason(rows):
    N, D, L = np.array(rows).T
    before = time.monotonic()
    try:
        found = fit(ChinchillaLaw, N=N, D=D, L=L)
    except ValueError:
        found = None
    assert time.monotonic() - before < 20
    if found is not None:
        assert np.isfinite(found.objective) and all(np.isfinite(v) for v in found.law.parameters.values())
        assert np.isfinite(found.residuals).all() and isinstance(found.status, Status)


def test_series_lists_and_integers_are_alike(runs):
    few = runs.iloc[:20]
    one = fit(ChinchillaLaw, N=few.params, D=few.training_tokens, L=few.loss_nats)
    two = fit(ChinchillaLaw, N=few.params.tolist(), D=few.training_tokens.to_numpy(), L=list(few.loss_nats))
    assert one.law == two.law
    assert fit(PowerLaw, x=[10**6, 10**8, 10**30], L=[3, 2, 1]).n_points == 3
