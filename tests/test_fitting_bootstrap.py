"""Resampling: the replication's intervals, the three methods, clusters, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from scaling_lib import ChinchillaLaw, PowerLaw, datasets, fit, published
from scaling_lib.fitting import Interval, simulate


@pytest.fixture(scope="module")
def result():
    return fit(ChinchillaLaw, data=datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch"))


@pytest.fixture(scope="module")
def refits(result):
    return result.bootstrap(4000, seed=0)


def test_the_intervals_of_the_replication(refits):
    # Besiroglu et al. 2024, 4,000 refits: ends within 6 %, exponents within 0.005.
    for name, low, high in (("A", 285, 744), ("B", 1042, 5810), ("E", 1.769, 1.871)):
        assert refits.interval(name).low == pytest.approx(low, rel=0.06) and refits.interval(name).high == pytest.approx(high, rel=0.06)
    for name, low, high in (("alpha", 0.317, 0.373), ("beta", 0.331, 0.415)):
        assert refits.interval(name) == pytest.approx((low, high), abs=0.005)
    a = refits.values("a")
    assert a.mean() == pytest.approx(0.513, abs=0.008) and a.std() == pytest.approx(0.020, abs=0.003)
    assert refits.converged.all() and len(refits) == 4000


def test_the_rule_of_twenty_is_uncertain(refits):
    low, high = refits.interval(lambda law: law.optimal(5.76e23).tokens_per_param)
    assert 7 < low < 9 and 30 < high < 36


def test_every_refit_is_a_minimum(result, refits):
    """Each refit is at least as good on its own table as the fit to all points and as neighbours of itself."""
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(240, np.full(240, 1 / 240), size=40).astype(float)
    batch = result.engine.refit(weights=drawn, warm=result.theta)
    cold = result.engine.refit(weights=drawn)
    assert np.allclose(batch.value, cold.value, rtol=1e-9)
    for row, weights in enumerate(drawn):
        alone = fit(ChinchillaLaw, N=result.task.inputs["N"], D=result.task.inputs["D"], L=result.task.target, weights=weights)
        assert batch.value[row] == pytest.approx(alone.objective, rel=1e-9)


def test_seeds(result, refits):
    assert np.array_equal(result.bootstrap(50, seed=3).samples["E"], result.bootstrap(50, seed=3).samples["E"])
    assert not np.array_equal(result.bootstrap(50, seed=3).samples["E"], result.bootstrap(50, seed=4).samples["E"])
    assert len(refits.laws()) == 4000 and refits.laws()[7].alpha == refits.samples["alpha"][7]


def test_predictions_of_all_refits_at_once(refits):
    band = refits.predict(N=np.array([1e9, 70e9]), D=np.array([2e10, 1.4e12]))
    assert band.shape == (4000, 2)
    assert band[11, 1] == pytest.approx(refits.laws()[11](70e9, 1.4e12), rel=1e-12)
    assert refits.predict(N=1e9, D=2e10).shape == (4000,)


@pytest.mark.parametrize("method", ["pairs", "residual", "wild"])
def test_methods_agree_where_they_should(method):
    rng = np.random.default_rng(5)
    N, D = 10 ** rng.uniform(7, 10, 150), 10 ** rng.uniform(9, 12, 150)
    table = simulate.surface(published.BESIROGLU_2024, N, D, noise=0.01, seed=5)
    alpha = fit(ChinchillaLaw, delta=1.0, **table).bootstrap(400, method=method).values("alpha")
    usual = fit(ChinchillaLaw, delta=1.0, **table).bootstrap(400).values("alpha")
    assert alpha.std() == pytest.approx(usual.std(), rel=0.25)


@pytest.mark.parametrize("method", ["pairs", "wild"])
def test_checkpoints_of_one_run_are_not_independent(method):
    """Forty checkpoints with one common error per run: ignoring the runs gives intervals that are far too narrow."""
    rng = np.random.default_rng(2)
    N = np.repeat(np.geomspace(1e7, 1e10, 24), 40)
    D = np.tile(np.geomspace(1e9, 1e11, 40), 24)
    run = np.repeat(np.arange(24), 40)
    L = published.BESIROGLU_2024(N, D) * np.exp(0.01 * rng.normal(size=24)[run])
    result = fit(ChinchillaLaw, N=N, D=D, L=L, delta=1.0)
    naive = result.bootstrap(150, method=method).interval("alpha").width
    honest = result.bootstrap(150, method=method, clusters=run).interval("alpha").width
    assert honest > 2.5 * naive
    assert honest == pytest.approx(result.bootstrap(150, method=method, clusters=[f"run {r}" for r in run]).interval("alpha").width, rel=0.3)


def test_held_constants_do_not_move(result):
    held = fit(ChinchillaLaw, N=result.task.inputs["N"], D=result.task.inputs["D"], L=result.task.target, fixed={"E": 1.8}).bootstrap(50)
    assert set(held.samples["E"]) == {1.8} and held.samples["A"].std() > 0


def test_a_bound_stays_a_bound():
    x = np.geomspace(1e6, 1e10, 25)
    bent = fit(PowerLaw, x=x, L=np.exp(1 - 0.01 * np.log(x / 1e6) ** 2 + 0.01 * np.random.default_rng(0).normal(size=25)))
    samples = bent.bootstrap(200).samples
    assert (samples["E"] >= 0).all() and (samples["E"] == 0).mean() > 0.9


def test_intervals():
    assert Interval(1.0, 3.0).width == 2 and 2 in Interval(1.0, 3.0) and 4 not in Interval(1.0, 3.0) and "x" not in Interval(1.0, 3.0)


@pytest.mark.parametrize("call, words", [
    (lambda r: r.bootstrap(0), "n is"), (lambda r: r.bootstrap("many"), "n is"), (lambda r: r.bootstrap(10, seed=-1), "seed"),
    (lambda r: r.bootstrap(10, seed=0.5), "seed"), (lambda r: r.bootstrap(10, method="jackknife"), "pairs"),
    (lambda r: r.bootstrap(10, clusters=[1, 2]), "clusters"), (lambda r: r.bootstrap(10, clusters=[1] * 240), "three different"),
    (lambda r: r.bootstrap(10).interval("gamma_ray"), "quantity"), (lambda r: r.bootstrap(10).interval(3), "quantity"),
    (lambda r: r.bootstrap(10).interval("E", level=95), "level"), (lambda r: r.bootstrap(10).interval("E", level=0), "level"),
    (lambda r: r.bootstrap(10).interval(lambda law: np.nan), "finite"), (lambda r: r.bootstrap(10).interval(lambda law: [1, 2]), "one finite"),
])
def test_bad_input_is_refused(result, call, words):
    with pytest.raises(ValueError, match=words):
        call(result)


def test_it_shows_itself(refits):
    assert "4000" in repr(refits) and refits._repr_html_().count("<tr>") == 6
