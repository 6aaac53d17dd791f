"""Metrics that make jumps, two-step predictions, and observational laws on the stored benchmarks."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_lib import capability, datasets, published
from scaling_lib.capability import TwoStep
from scaling_lib.laws import KaplanN, LossToError, PowerLaw, SigmoidAccuracy

quick = settings(max_examples=50, deadline=None)
SCORES = ["mmlu", "arc_challenge", "hellaswag", "winogrande", "truthfulqa", "gsm8k", "xwinograd", "humaneval"]


@quick
@given(st.floats(0, 5), st.integers(1, 100))
def test_exact_match_is_the_product_of_tokens(ce: float, length: int) -> None:
    p = capability.per_token_accuracy(ce)
    assert capability.exact_match(ce, length) == pytest.approx(p**length, rel=1e-9, abs=1e-300)
    assert capability.expected_errors(ce, length) == pytest.approx(length * (1 - p), abs=1e-12)
    assert capability.exact_match(ce, length + 1) <= capability.exact_match(ce, length)


def test_small_tests_hide_progress() -> None:
    assert capability.first_visible(200, [4, 30]) == pytest.approx([0.266, 0.838], abs=1e-3)
    p = capability.first_visible(200, 30)
    assert capability.exact_match(-math.log(p), 30) == pytest.approx(1 / 200)
    assert capability.above_chance([0.25, 0.625, 1.0], 0.25) == pytest.approx([0, 0.5, 1])


def test_two_steps() -> None:
    chain = TwoStep(published.HOFFMANN_2022, LossToError(epsilon=0.85, k=2.0, gamma=0.75))
    N = np.array([1e8, 1e9, 1e10])
    assert chain(N, 20 * N) == pytest.approx(chain.link(chain.loss(N, 20 * N)))
    assert (np.diff(chain(N, 20 * N)) < 0).all()
    with pytest.raises(ValueError, match="loss L alone"):
        TwoStep(published.HOFFMANN_2022, PowerLaw(E=0, A=1, alpha=0.1))
    with pytest.raises(ValueError, match="predicts a loss"):
        TwoStep(SigmoidAccuracy(a=1, k=1, L0=1, b=0), SigmoidAccuracy(a=1, k=1, L0=1, b=0))
    with pytest.raises(ValueError, match="loss is 'H'"):
        TwoStep("H", SigmoidAccuracy(a=1, k=1, L0=1, b=0))
    assert isinstance(
        TwoStep(KaplanN(N_c=8.8e13, alpha_N=0.076), SigmoidAccuracy(a=0.7, k=2, L0=2, b=0.25))(1e9), float
    )


def test_the_first_component_carries_84_percent() -> None:
    table = datasets.load("base_llm_benchmarks")[SCORES].dropna()
    assert len(table) == 124
    parts = capability.principal_components(table)
    assert parts.explained[0] == pytest.approx(0.843, abs=1e-3)
    assert parts.explained[:3].sum() == pytest.approx(0.974, abs=1e-3)
    assert parts.explained.sum() == pytest.approx(1)
    assert parts.loadings.T @ parts.loadings == pytest.approx(np.eye(8), abs=1e-12)
    assert parts.project(table) == pytest.approx(parts.scores, abs=1e-12)
    assert parts.scores @ parts.loadings.T + parts.mean == pytest.approx(table.to_numpy(), abs=1e-12)
    assert (parts.loadings[:, 0] > -0.1).all()
    three = capability.principal_components(table, 3)
    assert three.explained == pytest.approx(parts.explained[:3])


def test_capability_is_linear_in_log_compute_within_a_family() -> None:
    table = datasets.load("base_llm_benchmarks").dropna(subset=[*SCORES, "training_flops"])
    parts = capability.principal_components(table[SCORES], 1)
    llama = (table.family == "Llama-2").to_numpy()
    assert llama.sum() >= 3
    line = capability.family_line(table.training_flops[llama], parts.scores[llama, 0])
    assert line.slope > 0
    assert line(table.training_flops[llama]) == pytest.approx(parts.scores[llama, 0], abs=0.05)
    assert line.equivalent_flop(line(1e23)) == pytest.approx(1e23, rel=1e-9)
    with pytest.raises(ValueError, match="two different budgets"):
        capability.family_line([1e20, 1e20], [0.1, 0.2])


def test_strong_models_follow_from_weak_ones() -> None:
    """The link fitted on the weaker half predicts the stronger half's HellaSwag from the other benchmarks, far better
    than the mean."""
    table = datasets.load("base_llm_benchmarks")[SCORES].dropna()
    others = [name for name in SCORES if name != "hellaswag"]
    parts = capability.principal_components(table[others], 3)
    weak = parts.scores[:, 0] < np.median(parts.scores[:, 0])
    link = capability.fit_sigmoid_link(parts.scores[weak], table.hellaswag[weak])
    error = link(parts.scores[~weak]) - table.hellaswag[~weak]
    assert np.mean(np.abs(error)) < 0.05
    assert np.mean(np.abs(error)) < np.mean(np.abs(table.hellaswag[~weak] - table.hellaswag[weak].mean())) / 4


@quick
@given(st.floats(-2, 2), st.floats(-3, 3), st.floats(0, 0.3))
def test_a_sigmoid_is_recovered(bias: float, weight: float, floor: float) -> None:
    x = np.linspace(-2, 2, 25)
    y = floor + (0.95 - floor) / (1 + np.exp(-(weight * x + bias)))
    link = capability.fit_sigmoid_link(x, y, floor=floor, top=0.95)
    assert link.weights[0] == pytest.approx(weight, abs=1e-4)
    assert link.bias == pytest.approx(bias, abs=1e-4)
    assert link(x) == pytest.approx(y, abs=1e-6)


def test_observational_fits_refuse() -> None:
    with pytest.raises(ValueError, match="at least 3 are needed"):
        capability.fit_sigmoid_link([[1, 2], [3, 5]], [0.1, 0.2])
    with pytest.raises(ValueError, match="does not vary"):
        capability.fit_sigmoid_link([1.0, 1.0, 1.0], [0.1, 0.2, 0.3])
    with pytest.raises(ValueError, match="depend on each other"):
        capability.fit_sigmoid_link([[1, 2], [2, 4], [3, 6], [4, 8]], [0.1, 0.2, 0.3, 0.4])
    with pytest.raises(ValueError, match="above floor"):
        capability.fit_sigmoid_link([1.0, 2.0, 3.0], [0.1, 0.2, 0.3], floor=0.5, top=0.5)
    with pytest.raises(ValueError, match="same row"):
        capability.principal_components([[1, 2], [1, 2]])
    with pytest.raises(ValueError, match="expected \\(models, 2\\)"):
        capability.principal_components([[1, 2], [3, 5]]).project([[1, 2, 3]])
    with pytest.raises(ValueError, match="n_components is 9"):
        capability.principal_components([[1, 2], [3, 5]], 9)


# -- thresholds and switches


@quick
@given(st.floats(-0.5, 0.5), st.floats(0.05, 2.0), st.floats(2.3, 3.2))
def test_a_threshold_is_found_again(floor: float, slope: float, at: float) -> None:
    L = np.linspace(2.0, 3.5, 31)
    found = capability.fit_threshold(L, capability.Threshold(floor, slope, at)(L))
    assert (found.floor, found.slope, found.L0) == pytest.approx((floor, slope, at), abs=2e-3, rel=2e-2)


@quick
@given(st.floats(-0.5, 0.5), st.floats(0.3, 5.0))
def test_a_slow_start_is_found_again(floor: float, rate: float) -> None:
    L = np.linspace(2.0, 3.5, 31)
    curve = capability.Approach(floor, math.exp(2.7 * rate), rate)
    found = capability.fit_approach(L, curve(L))
    assert found(L) == pytest.approx(curve(L), abs=1e-3) and found.rate == pytest.approx(rate, rel=2e-2)


def test_on_the_ladder_the_choice_of_mmlu_leaves_chance_without_a_threshold() -> None:
    rows = datasets.load("model_ladder_evals")
    key = ["model", "chinchilla_multiple", "params"]
    loss = rows[(rows.task == "c4_en") & (rows.metric == "loss_nats")].set_index(key).value
    score = rows[(rows.task == "mmlu_humanities_test") & (rows.metric == "prob_correct")].set_index(key).value
    both = loss.to_frame("L").join(score.rename("s"))
    small = both[both.index.get_level_values("params") < 2e9]
    large = both.drop(small.index)
    assert (len(small), len(large)) == (20, 5)
    error = {}
    for fit in (capability.fit_threshold, capability.fit_approach):
        curve = fit(small.L, small.s)
        error[fit.__name__] = np.sqrt(np.mean((curve(large.L) - large.s) ** 2))
    assert error["fit_threshold"] > 5 * error["fit_approach"]


@pytest.mark.parametrize("fit", [capability.fit_threshold, capability.fit_approach])
def test_too_few_losses_for_a_threshold_are_refused(fit: object) -> None:
    with pytest.raises(ValueError, match="five different"):
        fit([2.0, 2.1, 2.1, 2.0, 2.2], [0.1, 0.2, 0.3, 0.4, 0.5])  # type: ignore[operator]
    with pytest.raises(ValueError, match="score"):
        fit([2.0, 2.1, 2.2, 2.3, 2.4], [0.1, 0.2, float("nan"), 0.4, 0.5])  # type: ignore[operator]
    with pytest.raises(ValueError, match="squared scores"):
        fit([2.0, 2.1, 2.2, 2.3, 2.4], [0.0, 0.0, 1e160, 0.0, 0.0])  # type: ignore[operator]


@quick
@given(st.integers(1, 300), st.floats(0.1, 2.0))
def test_skills_add_up_to_a_falling_mean(skills: int, alpha: float) -> None:
    left = capability.mean_left([0, 1, 10, 1e3, 1e5, 1e8], skills, alpha)
    assert left[0] == pytest.approx(1) and (np.diff(left) <= 1e-12).all() and left[-1] < 0.7
    assert capability.skill_left(60.0) == pytest.approx(0.5)


def test_the_switch_is_that_of_the_labs_parity_networks() -> None:
    from scaling_lib.lab import results

    table = results.load("parity").query("width == 128")
    share = np.arange(1, 17) ** -1.4
    share /= share.sum()
    losses = np.stack([table[f"loss_{k}"] for k in range(16)], axis=1) / math.log(2)
    met = table.step.to_numpy()[:, None] * share

    def miss(half: float, steepness: float) -> float:
        return float(np.mean((capability.skill_left(met, half=half, steepness=steepness) - losses) ** 2))

    assert miss(60, 2.7) < min(miss(50, 2.7), miss(72, 2.7), miss(60, 2.2), miss(60, 3.3))


def test_many_skills_have_the_slope_of_the_theory() -> None:
    from scaling_lib.laws import quanta_exponents

    steps = np.geomspace(1e5, 1e6, 9)
    slope = np.polyfit(np.log(steps), np.log(capability.mean_left(steps, 300_000, 0.4)), 1)[0]
    assert slope == pytest.approx(-quanta_exponents(0.4).S, abs=0.02)


@quick
@given(st.floats(1, 1e3), st.floats(1.1, 4), st.floats(0.05, 0.95))
def test_a_switch_is_read_where_it_was_thrown(half: float, steepness: float, level: float) -> None:
    steps = np.geomspace(0.01, 1e6, 4001)
    left = capability.skill_left(steps, half=half, steepness=steepness)
    thrown = half * (1 / level - 1) ** (1 / steepness)
    assert capability.stays_below(steps, left, level) == pytest.approx(thrown, rel=1e-3)


def test_a_level_is_reached_where_the_loss_stays_below_it() -> None:
    relapse = [0.7, 0.2, 0.6, 0.1]
    assert capability.stays_below([1, 10, 100, 1000], relapse, 0.35) == pytest.approx(10**2.5)
    assert capability.stays_below([1, 10], [0.2, 0.1], 0.35) == 1.0
    assert capability.stays_below([1, 10], [0.1, 0.7], 0.35) is None
    for wrong, said in ((([10, 1], [0.7, 0.1], 0.35), "steps"), (([1, 10], [0.7], 0.35), "length"),
                        (([1, 10], [0.7, 0.1], 0), "level"), (([0, 10], [0.7, 0.1], 0.35), "steps")):
        with pytest.raises(ValueError, match=said):
            capability.stays_below(*wrong)


@quick
@given(st.floats(0, 1), st.integers(1, 10**6))
def test_the_error_of_a_score_is_that_of_a_mean_of_zeros_and_ones(score: float, items: int) -> None:
    variance = Fraction(score) * (1 - Fraction(score)) / items  # exactly
    assert capability.score_error(score, items) == pytest.approx(math.sqrt(variance), rel=1e-12)
    for wrong, said in (((1.2, items), "score"), ((score, 0), "items")):
        with pytest.raises(ValueError, match=said):
            capability.score_error(*wrong)


@quick
@given(st.integers(0, 200), st.floats(0.5, 0.99))
def test_the_interval_of_a_score_is_that_of_the_binomial(right: int, level: float) -> None:
    from scipy.stats import binom

    low, high = capability.score_interval(right, 200, level)
    assert 0 <= low <= right / 200 <= high <= 1
    if right:
        assert binom.sf(right - 1, 200, low) == pytest.approx((1 - level) / 2, rel=1e-6)
    if right < 200:
        assert binom.cdf(right, 200, high) == pytest.approx((1 - level) / 2, rel=1e-6)
    with pytest.raises(ValueError, match="at most items"):
        capability.score_interval(3, 2)
