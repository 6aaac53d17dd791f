"""Over-training, repeated data and inference: the optima against searches, and what their papers print."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from scaling_lib import datasets, laws, published
from scaling_lib.laws import ChinchillaLaw, DataConstrainedLaw, OvertrainingLaw

M = published.MUENNIGHOFF_2023
H, B, S = published.HOFFMANN_2022, published.BESIROGLU_2024, published.SARDANA_2024
quick = settings(max_examples=50, deadline=None)
exponents = st.floats(0.1, 0.8)
constrained = st.builds(
    DataConstrainedLaw,
    E=st.floats(0, 3),
    A=st.floats(10, 1e4),
    B=st.floats(10, 1e4),
    alpha=exponents,
    beta=exponents,
    R_D_star=st.floats(0.2, 100),
    R_N_star=st.floats(0.2, 100),
)


# over-training --------------------------------------------------------------------------------------------------------

@quick
@given(st.floats(1e7, 1e12), st.floats(0.1, 1e4))
def test_overtraining_is_the_chinchilla_law_in_other_coordinates(N: float, ratio: float) -> None:
    law = published.GADRE_2024_REDPAJAMA
    assert law.of_model(N, ratio) == pytest.approx(law.to_chinchilla()(N, N * ratio), rel=1e-12)
    assert law(6 * N * N * ratio, ratio) == pytest.approx(law.of_model(N, ratio), rel=1e-12)
    # at fixed M the excess is a straight line in log C
    one, two = law(1e20, ratio) - law.E, law(1e22, ratio) - law.E
    assert math.log(two / one) / math.log(100) == pytest.approx(-law.eta, rel=1e-9)


def test_gadre_extrapolations_on_redpajama() -> None:
    """Fitted to five small runs, 1.4B at M = 640 and 6.9B at M = 20 are predicted within one per cent (Gadre et al.,
    Figure 1)."""
    runs = datasets.load("overtraining_loss_runs").query("train_data == 'redpajama'")
    ratio = runs.training_tokens / runs.params
    small = ((runs.params < 1e9) & np.isclose(runs.chinchilla_multiple, 1)) | (
        (runs.params < 2e7) & np.isclose(runs.chinchilla_multiple, 16)
    )
    fit = runs[small]
    assert len(fit) == 5

    def residuals(x: np.ndarray) -> np.ndarray:
        law = OvertrainingLaw(E=math.exp(x[0]), a=math.exp(x[1]), b=math.exp(x[2]), eta=math.exp(x[3]))
        return np.asarray(law.of_model(fit.params, ratio[small]) - fit.loss_nats_c4_val)

    x = optimize.least_squares(residuals, np.log([1.8, 200, 400, 0.13]), xtol=1e-14, ftol=1e-14, max_nfev=4000).x
    law = OvertrainingLaw(*np.exp(x))
    assert law.eta == pytest.approx(published.GADRE_2024_REDPAJAMA.eta, abs=0.004)
    large = runs[
        ((runs.params > 1.3e9) & (runs.params < 1.6e9) & np.isclose(runs.chinchilla_multiple, 32)) | (runs.params > 6e9)
    ]
    assert len(large) == 2
    predicted = law.of_model(large.params, large.training_tokens / large.params)
    assert (np.abs(predicted / large.loss_nats_c4_val - 1) < 0.01).all()


@pytest.mark.parametrize(("k", "overhead"), sorted(published.DEVRIES_2023_OVERHEADS.items()))
def test_de_vries_overheads(k: float, overhead: float) -> None:
    assert laws.small_model_overhead(k, alpha=H.alpha, beta=H.beta) == pytest.approx(
        overhead, abs=0.01 + 0.05 * overhead
    )


@pytest.mark.parametrize(("law", "overheads"), [(H, (0.208, 1.055, 1.886)), (B, (0.259, 1.61, 3.47))])
def test_de_vries_overheads_recomputed(law: ChinchillaLaw, overheads: tuple[float, ...]) -> None:
    assert laws.small_model_overhead([0.5, 0.3, 0.25], alpha=law.alpha, beta=law.beta) == pytest.approx(
        overheads, rel=3e-3
    )


@quick
@given(st.floats(0.2, 3), exponents, exponents, st.floats(1e18, 1e26))
def test_small_models_at_equal_loss(k: float, alpha: float, beta: float, C: float) -> None:
    law = ChinchillaLaw(E=1.7, A=400, B=1000, alpha=alpha, beta=beta)
    best = law.optimal(C)
    if k <= 1.02 * laws.smallest_model(alpha=alpha, beta=beta) or best.L - law.E < 1e-4:
        return
    tokens = laws.small_model_tokens(k, alpha=alpha, beta=beta)
    assert law(best.N * k, best.D * tokens) == pytest.approx(best.L, rel=1e-9)
    overhead = laws.small_model_overhead(k, alpha=alpha, beta=beta)
    assert overhead >= -1e-12
    assert law.tokens_for_loss(best.L, best.N * k) * best.N * k * 6 == pytest.approx(C * (1 + overhead), rel=1e-4)


def test_the_smallest_model() -> None:
    least = laws.smallest_model(alpha=0.34, beta=0.28)
    assert least == pytest.approx(0.0965, abs=5e-5)
    assert laws.small_model_overhead(least * 1.001, alpha=0.34, beta=0.28) > 1e3
    with pytest.raises(ValueError, match="no number of tokens"):
        laws.small_model_overhead(least, alpha=0.34, beta=0.28)


def test_payback_does_not_depend_on_scale() -> None:
    assert laws.payback_tokens(0.5, alpha=H.alpha, beta=H.beta) == pytest.approx(1.25, abs=0.005)
    assert laws.payback_tokens(0.5, alpha=B.alpha, beta=B.beta) == pytest.approx(1.56, abs=0.01)
    for C in (1e20, 1e25):
        best = B.optimal(C)
        D_inf = laws.payback_tokens(0.5, alpha=B.alpha, beta=B.beta) * best.D
        small = B.tokens_for_loss(best.L, best.N / 2)
        assert 6 * best.N / 2 * small + 2 * best.N / 2 * D_inf == pytest.approx(C + 2 * best.N * D_inf, rel=1e-6)
    with pytest.raises(ValueError, match="below 1"):
        laws.payback_tokens(1.0, alpha=0.3, beta=0.3)


# repeated data --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("where", "loss"), sorted(published.MUENNIGHOFF_2023_CHECKS.items()))
def test_muennighoff_check_values(where: tuple[float, float, float], loss: float) -> None:
    assert M(*where) == pytest.approx(loss, rel=1e-12)


def test_four_epochs_are_nearly_fresh() -> None:
    worth = laws.effective_tokens(1.0, [1, 4, 16, 40, 1e9], R_D_star=M.R_D_star)
    assert worth == pytest.approx([1, 3.73, 10.6, 15.17, 1 + M.R_D_star], abs=0.06)
    assert laws.effective_tokens(1e9, 0.5, R_D_star=15) == pytest.approx(5e8)
    assert M.effective_tokens(D=4e9, U=1e9) == pytest.approx(
        laws.effective_tokens(1e9, 4, R_D_star=M.R_D_star), rel=1e-12
    )


@quick
@given(constrained, st.floats(1e7, 1e12), st.floats(1e8, 1e13), st.floats(1e8, 1e13))
def test_repeats_never_beat_fresh_data(law: DataConstrainedLaw, N: float, D: float, U: float) -> None:
    assert law(N, D, U) >= law.fresh(N, D) * (1 - 1e-12)
    assert law(N, D, 10 * U) <= law(N, D, U) * (1 + 1e-12)
    assert law.effective_tokens(D, U) <= D * (1 + 1e-12) and law.effective_params(N, U) <= N * (1 + 1e-12)
    small = law.fresh.optimal_for_tokens(min(U, D)).N / 2
    assert law(small, min(U, D), U) == pytest.approx(law.fresh(small, min(U, D)), rel=1e-9)


@quick
@given(constrained, st.floats(1e17, 1e25), st.floats(-4, 1))
def test_constrained_optimum_against_a_grid(law: DataConstrainedLaw, C: float, log_U: float) -> None:
    U = law.fresh.optimal(C).D * 10**log_U
    best = law.optimal(C, U)
    assert 6 * best.N * best.D == pytest.approx(C, rel=1e-9)
    N = best.N * np.geomspace(1e-3, 1e3, 4001)
    grid = law(N, C / 6 / N, U)
    assert best.L <= grid.min() * (1 + 1e-12)
    if log_U > 0:
        assert best.N == pytest.approx(law.fresh.optimal(C).N, rel=1e-9)


def test_published_constrained_optima() -> None:
    best = M.optimal(C=[1e22, 1e21], U=[25e9, 5e9])
    assert best.N[0] == pytest.approx(7.026e9, rel=1e-3) and best.D[0] == pytest.approx(2.372e11, rel=1e-3)
    assert best.D / [25e9, 5e9] == pytest.approx([9.49, 16.1], abs=0.05)
    free = M.fresh.optimal(5.76e23)
    assert free.N == pytest.approx(69.96e9, rel=1e-3) and free.D == pytest.approx(1.372e12, rel=1e-3)


# inference ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("case", "share"), sorted(published.SARDANA_2024_SAVINGS.items()))
def test_sardana_savings(case: tuple[float, float], share: float) -> None:
    assert laws.inference_saving(S, *case) == pytest.approx(share, abs=0.005)


def test_sardana_savings_depend_on_the_digits() -> None:
    cases = ([13e9, 30e9], [2e12, 1e13])
    assert laws.inference_saving(H, *cases) == pytest.approx([0.101, 0.183], abs=6e-4)
    assert laws.inference_saving(B, *cases) == pytest.approx([0.290, 0.427], abs=6e-4)
    best = laws.inference_optimal(S, S.optimal_for_params(13e9).L, 2e12)
    assert best.N == pytest.approx(6.97e9, rel=2e-3) and best.D == pytest.approx(1.25e12, rel=5e-3)
    usual = S.optimal_for_params(13e9)
    assert usual.C + 2 * 13e9 * 2e12 - best.total_flop == pytest.approx(1.69e22, rel=5e-3)


@quick
@given(st.sampled_from([H, B, S]), st.floats(1e18, 1e26), st.floats(1e8, 1e17), st.floats(0.1, 30))
def test_lifetime_optimum_against_a_grid(law: ChinchillaLaw, C: float, D_inf: float, price: float) -> None:
    usual = law.optimal(C)
    best = laws.inference_optimal(law, usual.L, D_inf, price_ratio=price)
    assert law(best.N, best.D) == pytest.approx(usual.L, rel=1e-9)
    assert best.N <= usual.N * (1 + 1e-9) and best.D >= usual.D * (1 - 1e-9)
    N = best.N * np.geomspace(0.9, 1.1, 41)
    D = law.tokens_for_loss(usual.L, N[law.E + law.A * N**-law.alpha < usual.L])
    total = 6 * N[-len(D):] * D + 2 * price * N[-len(D):] * D_inf
    assert best.C + price * best.inference_flop <= total.min() * (1 + 1e-9)


def test_no_demand_is_the_compute_optimum() -> None:
    best, usual = laws.inference_optimal(B, 2.0, 0), B.optimal(B.compute_for_loss(2.0))
    assert best.N == pytest.approx(usual.N, rel=1e-9) and best.total_flop == pytest.approx(usual.C, rel=1e-9)
    assert laws.inference_saving(B, 1e10, 0) == pytest.approx(0, abs=1e-12)
    more = laws.inference_optimal(B, 2.0, np.geomspace(1e9, 1e16, 8))
    assert (np.diff(more.N) < 0).all() and (np.diff(more.tokens_per_param) > 0).all()
    # however much is served, the model stays above the size that cannot reach the loss
    assert laws.inference_optimal(B, 2.0, 1e30).N > (B.A / (2.0 - B.E)) ** (1 / B.alpha)


def test_inference_refuses() -> None:
    with pytest.raises(ValueError, match="expected a ChinchillaLaw"):
        laws.inference_optimal(M, 2.0, 1e12)
    with pytest.raises(ValueError, match="floor E"):
        laws.inference_optimal(H, 1.6, 1e12)
    with pytest.raises(ValueError, match="D_inf is -1"):
        laws.inference_optimal(H, 2.0, -1)
    with pytest.raises(ValueError, match="price_ratio is 0"):
        laws.inference_saving(H, 1e9, 1e12, price_ratio=0)
