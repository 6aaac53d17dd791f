"""Coverage against exact fractions and quadrature, votes and verifiers against counting, and the speed of the table."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from scaling_lib import datasets, fit, laws, published, sampling
from scaling_lib.laws import BetaCoverage, KumaraswamyCoverage, PowerCoverage, RLReward, ScaledBetaCoverage

quick = settings(max_examples=60, deadline=None)


def _exact(n: int, c: int, k: int) -> float:
    return float(1 - Fraction(math.comb(n - c, k), math.comb(n, k)))


@quick
@given(st.integers(1, 2000), st.data())
def test_pass_at_k_is_exact(n: int, data: st.DataObject) -> None:
    c, k = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    assert sampling.pass_at_k(n, c, k) == pytest.approx(_exact(n, c, k), rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("n", "c", "k"),
    [
        (10**9, 1, 1),
        (10**9, 1000, 1000),
        (10**9, 10**5, 300),
        (10**6, 300, 500),
        (10**5, 40_000, 400),
        (10**5, 99_000, 999),
        (10**5, 99_700, 300),
        (1000, 500, 500),
        (600, 299, 300),
        (10**4, 9000, 990),
    ],
)
def test_pass_at_k_of_large_counts(n: int, c: int, k: int) -> None:
    with mpmath.workdps(60):
        log_none = (
            mpmath.loggamma(n - c + 1)
            + mpmath.loggamma(n - k + 1)
            - mpmath.loggamma(n - c - k + 1)
            - mpmath.loggamma(n + 1)
        )
        expected = float(-mpmath.expm1(log_none))
    assert sampling.pass_at_k(n, c, k) == pytest.approx(expected, rel=1e-9, abs=0)


def test_pass_at_k_is_unbiased() -> None:
    """The mean of the estimator over all draws is 1 - (1 - p)^k; the plain plug-in is not."""
    n, k, p = 20, 5, 0.1
    c = np.arange(n + 1)
    weight = stats.binom.pmf(c, n, p)
    assert weight @ sampling.pass_at_k(n, c, k) == pytest.approx(1 - 0.9**k, rel=1e-12)
    assert weight @ (1 - (1 - c / n) ** k) < 1 - 0.9**k - 0.005


@quick
@given(st.integers(1, 300), st.lists(st.integers(0, 300), min_size=1, max_size=12))
def test_the_table_holds_every_k(n: int, counts: list[int]) -> None:
    c = [min(value, n) for value in counts]
    table = sampling.coverage_curve(n, c)
    direct = np.mean([sampling.pass_at_k(n, value, np.arange(1, n + 1)) for value in c], axis=0)
    assert table == pytest.approx(direct, rel=1e-11, abs=1e-15)
    assert (np.diff(table) >= -1e-15).all()
    assert sampling.coverage_curve(n, c, k_max=1)[0] == pytest.approx(np.mean(c) / n, rel=1e-12)


def test_counts_are_checked() -> None:
    for wrong, said in (
        ({"n": 10, "c": 11, "k": 1}, "c is 11"),
        ({"n": 10, "c": 1, "k": 11}, "k is 11"),
        ({"n": 10, "c": 0.5, "k": 1}, "whole"),
        ({"n": 10, "c": 1, "k": 0}, "k is 0"),
        ({"n": 2e9, "c": 1, "k": 1}, "n is 2"),
        ({"n": 10, "c": -1, "k": 1}, "c is -1"),
    ):
        with pytest.raises(ValueError, match=said):
            sampling.pass_at_k(**wrong)
    with pytest.raises(ValueError, match="one count for each problem"):
        sampling.coverage_curve(10, [])
    with pytest.raises(ValueError, match="expected at most n = 10"):
        sampling.coverage_curve(10, [11])


# laws of coverage -----------------------------------------------------------------------------------------------------

@quick
@given(st.floats(0.05, 20), st.floats(0.05, 200), st.floats(1, 1e9))
def test_beta_coverage_against_mpmath(alpha: float, beta: float, k: float) -> None:
    with mpmath.workdps(50):
        expected = float(1 - mpmath.beta(alpha, mpmath.mpf(beta) + k) / mpmath.beta(alpha, beta))
    assert BetaCoverage(alpha=alpha, beta=beta)(k) == pytest.approx(expected, rel=1e-10, abs=0)


def test_beta_coverage_is_the_mean_over_problems() -> None:
    law = BetaCoverage(alpha=0.3, beta=2.0)
    assert law(1) == pytest.approx(0.3 / 2.3)
    value = integrate.quad(lambda p: (1 - (1 - p) ** 20) * stats.beta.pdf(p, 0.3, 2.0), 0, 1, limit=200)[0]
    assert law(20) == pytest.approx(value, rel=1e-6)
    assert law.neglog_slope(1e8, 1e10) == pytest.approx(-0.3, abs=1e-3)
    # the asymptote of the failure, Gamma(a + b) / Gamma(b) k^-a
    assert law.neglog(1e12) == pytest.approx(math.gamma(2.3) / math.gamma(2.0) * 1e12**-0.3, rel=1e-3)
    assert law(1e300) == pytest.approx(1.0)


@quick
@given(st.floats(-4, -0.1), st.floats(-1, -0.05), st.floats(1, 100))
def test_between_measured_samples_runs_the_power_law_through_two_points(a: float, b: float, at: float) -> None:
    law = PowerCoverage(a=a, b=b)
    assert sampling.coverage_between([1, 10, 100], law([1, 10, 100]), at) == pytest.approx(law(at), rel=1e-9)


def test_coverage_between_goes_through_its_points_and_not_beyond() -> None:
    seen = sampling.coverage_between([1, 10, 100], [0.2, 0.5, 0.8], [1, 10, 100])
    assert seen == pytest.approx([0.2, 0.5, 0.8])
    for wrong, said in ((([10, 1], [0.2, 0.5], 5), "k is"), (([1, 10], [0.2, 1.0], 5), "coverage"),
                        (([1, 10], [0.2, 0.5], 11), "at"), (([1], [0.2], 1), "rows"), (([1, 10], [0.2], 5), "lengths")):
        with pytest.raises(ValueError, match=said):
            sampling.coverage_between(*wrong)


def test_one_problem_is_exponential_and_the_average_is_not() -> None:
    codex = (
        datasets.load("humaneval_pass_at_k")
        .query("params_nominal == 1.2e10 and family == 'codex'")
        .set_index("k")
        .pass_at_k
    )
    assert sampling.samples_for_coverage(codex[1], 0.95) == pytest.approx(9, abs=0.5)
    assert codex[100] == pytest.approx(0.723, abs=1e-3)
    assert 1 - (1 - codex[1]) ** 10 == pytest.approx(0.967, abs=1e-3)
    assert codex[10] == pytest.approx(0.468, abs=1e-3)


@pytest.mark.parametrize(
    ("alpha", "beta", "k"), [(1.0, 3.0, 1), (0.3, 2.0, 100), (0.05, 0.5, 1e4), (2.5, 15.0, 1e6), (0.7, 0.3, 7)]
)
def test_kumaraswamy_against_quadrature(alpha: float, beta: float, k: float) -> None:
    with mpmath.workdps(30):
        # v = p^alpha; the integrand falls off where v is about k^-alpha
        bends = [mpmath.mpf(0), *(min(mpmath.mpf(x) * k**-alpha, mpmath.mpf("0.99")) for x in (0.01, 0.1, 1, 10)), 1]
        failure = mpmath.quad(
            lambda v: beta * (1 - v) ** (beta - 1) * (1 - v ** (1 / mpmath.mpf(alpha))) ** k, sorted(set(bends))
        )
    assert 1 - KumaraswamyCoverage(alpha=alpha, beta=beta)(k) == pytest.approx(float(failure), rel=1e-7)


@pytest.mark.parametrize("k", [1, 3, 50, 1e4])
def test_scaled_beta_with_top_one_is_the_beta(k: float) -> None:
    assert ScaledBetaCoverage(alpha=0.4, beta=1.7, top=1.0)(k) == pytest.approx(
        BetaCoverage(alpha=0.4, beta=1.7)(k), rel=1e-9
    )
    value = mpmath.hyp2f1(-k, 0.4, 2.1, 0.3) if k < 100 else None
    if value is not None:
        assert 1 - ScaledBetaCoverage(alpha=0.4, beta=1.7, top=0.3)(k) == pytest.approx(float(value), rel=1e-9)
    assert ScaledBetaCoverage(alpha=0.4, beta=1.7, top=0.3)(np.array([[k, k]])).shape == (1, 2)


@pytest.mark.parametrize("alpha", [0.01, 0.3, 5.0, 20.0])
def test_the_other_spreads_meet_the_beta_far_into_the_tail(alpha: float):
    k = np.unique(np.geomspace(1, 1e9, 12).round())
    for beta in (0.05, 1.0, 80.0):
        expected = BetaCoverage._log_failure({"alpha": alpha, "beta": beta}, k)
        found = [ScaledBetaCoverage._log_failure({"alpha": alpha, "beta": beta, "top": 1.0}, k)]
        if beta == 1.0:  # where the two families are one
            found.append(KumaraswamyCoverage._log_failure({"alpha": alpha, "beta": beta}, k))
        for values in found:
            np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-12)


def test_many_constants_at_once_are_each_alone():
    k = np.unique(np.geomspace(1, 1e5, 600).round())
    alpha, beta, top = np.array([[0.3], [0.3], [4.0]]), np.array([[2.0], [0.2], [30.0]]), np.array([[0.2], [1.0], [0.2]])
    together = ScaledBetaCoverage._formula({"alpha": alpha, "beta": beta, "top": top}, k=k)
    paired = ScaledBetaCoverage._formula({"alpha": alpha[:, 0], "beta": beta[:, 0], "top": top[:, 0]}, k=k[[0, 300, -1]])
    for row, (a, b, t) in enumerate(zip(alpha[:, 0], beta[:, 0], top[:, 0], strict=True)):
        alone = ScaledBetaCoverage(alpha=a, beta=b, top=t)
        np.testing.assert_allclose(together[row], alone(k), rtol=1e-12)
        assert paired[row] == pytest.approx(alone(k[[0, 300, -1]][row]), rel=1e-12)


@quick
@given(st.sampled_from([BetaCoverage(alpha=0.3, beta=2.0), KumaraswamyCoverage(alpha=0.5, beta=1.5),
                        ScaledBetaCoverage(alpha=0.3, beta=2.0, top=0.2)]), st.floats(0.3, 0.99))
def test_samples_for_a_coverage(law: BetaCoverage, target: float) -> None:
    assert law(law.samples_for(target)) == pytest.approx(target, rel=1e-9)
    with pytest.raises(ValueError, match="k is 0"):
        law(0.5)


def test_coverage_laws_refuse() -> None:
    with pytest.raises(ValueError, match=r"PowerCoverage\.a is 0\.1"):
        PowerCoverage(a=0.1, b=-0.5)
    with pytest.raises(ValueError, match="target is 1"):
        BetaCoverage(alpha=1, beta=1).samples_for(1.0)
    with pytest.raises(ValueError, match="another number"):
        BetaCoverage(alpha=1, beta=1).neglog_slope(5, 5)
    with pytest.raises(ValueError, match="does not reach"):
        BetaCoverage(alpha=1e-5, beta=1).samples_for(0.999)
    assert (np.diff(PowerCoverage(a=-2.0, b=-0.4)([1, 10, 100])) > 0).all()


# votes, verifiers, best of n ------------------------------------------------------------------------------------------

@quick
@given(st.floats(0, 1), st.integers(0, 300))
def test_majority_is_a_binomial_tail(p: float, m: int) -> None:
    n = 2 * m + 1
    assert sampling.majority_vote(p, n) == pytest.approx(float(stats.binom.sf(m, n, p)), rel=1e-8, abs=1e-300)
    assert sampling.majority_vote(p, n) + sampling.majority_vote(1 - p, n) == pytest.approx(1)


def test_votes_converge_to_a_ceiling() -> None:
    assert sampling.majority_vote([0.4, 0.5, 0.6], 100_001) == pytest.approx([0, 0.5, 1], abs=1e-9)
    assert sampling.plurality_limit([[0.4, 0.3, 0.3], [0.2, 0.7, 0.1]]) == 0.5
    with pytest.raises(ValueError, match="odd"):
        sampling.majority_vote(0.6, 10)
    with pytest.raises(ValueError, match="more than 1"):
        sampling.plurality_limit([[0.9, 0.2]])
    with pytest.raises(ValueError, match="shape"):
        sampling.plurality_limit([0.9, 0.1])


def test_false_positives_cap_a_verifier() -> None:
    assert sampling.verified_success(0.05, 40) == pytest.approx(1 - 0.95**40)
    capped = sampling.verified_success(0.05, [1, 10, 1000, 10**6], false_positive=0.01)
    assert capped[-1] == pytest.approx(0.05 / (0.05 + 0.95 * 0.01)) and (np.diff(capped) >= 0).all()
    assert sampling.verified_success(0.0, 10) == 0.0
    rng = np.random.default_rng(1)
    right = rng.random((20_000, 8)) < 0.2
    taken = np.where(right, rng.random(right.shape) < 0.9, rng.random(right.shape) < 0.1)
    first = taken.argmax(axis=1)
    won = taken.any(axis=1) & right[np.arange(len(right)), first]
    assert sampling.verified_success(0.2, 8, true_positive=0.9, false_positive=0.1) == pytest.approx(
        won.mean(), abs=0.01
    )


def test_best_of_n_divergence_is_the_integral() -> None:
    for n in (1, 2, 10, 100):
        value = integrate.quad(lambda u, n=n: n * u ** (n - 1) * math.log(n * u ** (n - 1)) if u > 0 else 0.0, 0, 1)[0]
        assert sampling.best_of_n_kl(n) == pytest.approx(value, abs=1e-7)


def test_overoptimisation_peaks() -> None:
    bon, rl = laws.BestOfNReward(alpha=1.0, beta=0.2), RLReward(alpha=0.5, beta=0.15)
    for law in (bon, rl):
        d = law.peak * np.array([0.9, 1.0, 1.1])
        assert law(d).argmax() == 1
        assert law(0) == 0
    with pytest.raises(ValueError, match="no peak"):
        _ = RLReward(alpha=0.5, beta=0).peak


@quick
@given(st.floats(1, 100), st.floats(1e-3, 1e3))
def test_flop_matching_costs_the_same(M: float, R: float) -> None:
    N, D_pre = 1e9, 1e11
    extra = sampling.flop_matched_multiplier(M, R)
    large = 6 * M * N * D_pre + 2 * M * N * R * D_pre
    assert 6 * N * D_pre + extra * 2 * N * R * D_pre == pytest.approx(large, rel=1e-9)
    assert sampling.flop_matched_multiplier(1, R) == 1
    assert len(published.SNELL_2024_RATIOS) == 3


@pytest.mark.parametrize("truth", [BetaCoverage(alpha=0.3, beta=2.0), PowerCoverage(a=-1.8, b=-0.4),
                                   KumaraswamyCoverage(alpha=0.3, beta=2.0), laws.BestOfNReward(alpha=1.0, beta=0.1)])
def test_laws_of_test_time_are_fitted(truth: laws.Law) -> None:
    x = np.geomspace(1, 1e4, 15) if truth.inputs == ("k",) else np.linspace(0.2, 8, 15)
    found = fit(type(truth), **{truth.inputs[0]: x, truth.target: truth(x)}).law
    assert found(x) == pytest.approx(truth(x), rel=1e-4)


def test_many_constants_at_once() -> None:
    """A fit asks for many laws in one call: a column of constants against a row of samples."""
    k = np.array([1.0, 10.0, 1e3])
    alpha = np.array([[0.2], [0.3], [0.2]])
    for kind, rest in ((BetaCoverage, {"beta": 2.0}), (KumaraswamyCoverage, {"beta": 2.0}),
                       (ScaledBetaCoverage, {"beta": 2.0, "top": 0.5})):
        many = kind._formula({"alpha": alpha, **rest}, k=k)
        assert many.shape == (3, 3)
        for row, value in zip(many, alpha[:, 0], strict=True):
            assert row == pytest.approx(kind(alpha=float(value), **rest)(k), rel=1e-12)


def test_one_sample_that_fools_the_verifier_is_enough_to_lose() -> None:
    assert sampling.fooled_success(0.05, 40) == pytest.approx(1 - 0.95**40)
    assert sampling.fooled_success(0.3, 1, true_positive=0.8, false_positive=0.1) == pytest.approx(0.24)
    curve = sampling.fooled_success(0.05, [1, 10, 50, 1000, 10**6], false_positive=0.01)
    assert curve.argmax() == 2 and curve[-1] == pytest.approx(0, abs=1e-12)
    assert (curve <= np.asarray(sampling.verified_success(0.05, [1, 10, 50, 1000, 10**6], false_positive=0.01)) + 1e-12).all()
    assert sampling.fooled_success([0.0, 1.0], 5, false_positive=0.5) == pytest.approx([0, 1])
    rng = np.random.default_rng(2)
    right = rng.random((40_000, 6)) < 0.2
    score = np.where(right, rng.random(right.shape) < 0.9, 3.0 * (rng.random(right.shape) < 0.1))
    best = score.argmax(axis=1)
    rows = np.arange(len(right))
    won = right[rows, best] & (score[rows, best] > 0)
    assert sampling.fooled_success(0.2, 6, true_positive=0.9, false_positive=0.1) == pytest.approx(won.mean(), abs=0.01)
    for bad in ({"p": 1.2, "n": 3}, {"p": 0.5, "n": 2.5}, {"p": 0.5, "n": 0}):
        with pytest.raises(ValueError, match=r"p is|n is"):
            sampling.fooled_success(**bad)
