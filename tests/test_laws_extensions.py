"""Experts, precision, distillation, batch, schedule, bent curves, quanta, transfer and downstream scores."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from scaling_lib import datasets, laws, published
from scaling_lib.laws import (
    M1,
    M2,
    M3,
    M4,
    Break,
    BrokenPowerLaw,
    ChinchillaLaw,
    LossToError,
    PrecisionLaw,
    QuantaModel,
    QuantisationPenalty,
    RoutedLaw,
    SigmoidAccuracy,
    SupervisedLaw,
)

quick = settings(max_examples=50, deadline=None)


# experts --------------------------------------------------------------------------------------------------------------

def test_experts_saturate_between_their_limits() -> None:
    law = published.CLARK_2022_SBASE
    assert law.effective_experts(1) == pytest.approx(law.E_start, rel=1e-12)
    assert law.effective_experts(1e15) == pytest.approx(law.E_max, rel=1e-9)
    assert (np.diff(law.effective_experts(np.arange(1, 600))) > 0).all()
    assert law(1e8, 64) < law(1e8, 8) < law(1e8, 1)
    with pytest.raises(ValueError, match=r"E is 0\.5"):
        law(1e8, 0.5)
    with pytest.raises(ValueError, match="expected more than E_start"):
        RoutedLaw(a=-0.1, b=-0.1, c=0.01, d=1, E_start=300, E_max=2)


def test_the_cutoff_is_where_experts_stop_helping() -> None:
    law = published.CLARK_2022_RLR
    assert law(law.cutoff, 64) == pytest.approx(law(law.cutoff, 1), rel=1e-9)
    assert law(law.cutoff * 2, 64) > law(law.cutoff * 2, 1)
    printed = [getattr(published, f"CLARK_2022_{name}").cutoff for name in ("SBASE", "RLR", "HASH")]
    assert printed == pytest.approx([1000e9, 32e9, 215e9], rel=0.02)
    with pytest.raises(ValueError, match="there is no cutoff"):
        RoutedLaw(**{**law.parameters, "c": 0.0}).cutoff


def test_clark_against_the_released_runs() -> None:
    """The refit's constants describe the final losses of the S-BASE runs that they were fitted to."""
    runs = datasets.load("moe_routing_final_losses").query(
        "router == 'S-Base' and experts_per_token == 1 and routing_frequency == 0.5"
    )
    law = published.CLARK_2022_SBASE_REFIT
    error = (
        law(runs.active_params if (runs.active_params > 0).all() else 1e9, runs.experts) / runs.loss_nats_validation - 1
    )
    assert len(runs) > 20 and np.median(np.abs(error)) < 0.02


def test_fine_grained_experts() -> None:
    law = published.KRAJEWSKI_2024
    assert law(1e9, 1e11, 16) < law(1e9, 1e11, 1)
    assert law(1e300, 1e300, 8) == pytest.approx(law.c, rel=1e-9)


# precision and distillation -------------------------------------------------------------------------------------------

@quick
@given(st.floats(1, 16), st.floats(0.5, 4), st.floats(1e6, 1e12))
def test_bits_are_parameters(P: float, gamma: float, N: float) -> None:
    worth = laws.effective_params(N, P, gamma)
    assert 0 < worth < N * (1 + 1e-12)
    assert laws.effective_params(N, 40 * gamma, gamma) == pytest.approx(N)
    base = ChinchillaLaw(E=1.8, A=480, B=2000, alpha=0.35, beta=0.37)
    law = PrecisionLaw(**base.parameters, gamma_w=gamma, gamma_a=gamma, gamma_kv=gamma)
    assert law(N, 1e10, P, 1e4, 1e4) == pytest.approx(base(worth, 1e10), rel=1e-9)


def test_quantising_hurts_long_trained_models() -> None:
    law = QuantisationPenalty(C_T=0.06, gamma_D=0.5, gamma_N=0.5, gamma_post=0.6)
    assert law(1e9, 2e12, 4) > law(1e9, 2e10, 4) > law(1e10, 2e10, 4)
    assert law(1e9, 2e10, 16) < 1e-9


@quick
@given(st.lists(st.floats(0.3, 8), min_size=2, max_size=4))
def test_optimal_precision_is_the_maximum(gammas: list[float]) -> None:
    best = laws.optimal_precision(*gammas)

    def worth(P: float) -> float:
        return math.log(math.prod(-math.expm1(-P / g) for g in gammas)) - math.log(P)

    assert worth(best) >= max(worth(best * k) for k in (0.8, 0.95, 1.05, 1.2))


def test_reported_precision_constants_disagree() -> None:
    gammas = published.KUMAR_2024_GAMMAS
    assert laws.optimal_precision(*gammas.values()) < published.KUMAR_2024_OPTIMAL_BITS[0] - 2


@quick
@given(st.floats(1e7, 1e11), st.floats(1e9, 1e13), st.floats(1.3, 3.0))
def test_distillation(N: float, D: float, L_T: float) -> None:
    student, alone = published.BUSBRIDGE_2025_DISTILLATION, published.BUSBRIDGE_2025_SUPERVISED
    loss = student(N, D, L_T, alone(N, D))
    assert loss >= L_T
    # a student that is strong against the teacher: the bracket closes and the plain power remains
    easy = student(N, D, L_T, 1e6)
    assert easy == pytest.approx(
        L_T + L_T**-student.c0 * (student.A * N**-student.alpha + student.B * D**-student.beta) ** student.gamma,
        rel=1e-6,
    )


def test_supervised_law_with_gamma_one_is_chinchilla() -> None:
    law = published.HOFFMANN_2022
    assert SupervisedLaw(**law.parameters, gamma=1.0)(1e9, 2e10) == pytest.approx(law(1e9, 2e10), rel=1e-14)


# batch ----------------------------------------------------------------------------------------------------------------

def test_batch_hyperbola_on_measured_steps() -> None:
    """Steps to one loss against batch follow S_min (1 + B_crit / B); B_crit rises with size as N^0.62 (stored
    table)."""
    table = datasets.load("critical_batch_steps")
    critical = {}
    for size, runs in table.groupby("params_nominal"):
        batch, steps = runs.batch_size_sequences.to_numpy(float), runs.steps_to_target.to_numpy(float)
        found = optimize.least_squares(
            lambda x, b=batch, s=steps: np.log(laws.BatchTradeoff(*np.exp(x))(b) / s), [7.0, 8.0]
        )
        law = laws.BatchTradeoff(*np.exp(found.x))
        assert np.median(np.abs(law(batch) / steps - 1)) < 0.1
        critical[float(size)] = law.B_crit
    assert list(critical.values())[::4] == pytest.approx([2191, 11131], rel=2e-3)
    slope = np.polyfit(np.log(list(critical)), np.log(list(critical.values())), 1)[0]
    assert slope == pytest.approx(published.ZHANG_2024_CBS_EXPONENTS["steps = a + b/B"], abs=0.02)


def test_noise_scale_estimators() -> None:
    rng = np.random.default_rng(0)
    G, trace = rng.normal(size=50) * 0.05, 20.0
    truth = laws.noise_scale(trace, float(G @ G))
    draws = {b: (G + rng.normal(size=(40_000, 50)) * math.sqrt(trace / 50 / b)) for b in (8, 512)}
    norms = {b: float(np.mean(np.sum(values**2, axis=1))) for b, values in draws.items()}
    assert laws.noise_scale_from_norms(norms[8], norms[512], B_small=8, B_big=512) == pytest.approx(truth, rel=0.02)
    with pytest.raises(ValueError, match="Average the squared norms"):
        laws.noise_scale_from_norms(100.0, 0.01, B_small=8, B_big=512)
    with pytest.raises(ValueError, match="more than B_small"):
        laws.noise_scale_from_norms(1.0, 1.0, B_small=8, B_big=8)
    assert laws.step_improvement([1, 1e12], B_noise=1.0, best=0.5) == pytest.approx([0.25, 0.5])


# schedule -------------------------------------------------------------------------------------------------------------

@quick
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0, 1))
def test_areas_against_the_double_sum(lrs: list[float], decay: float) -> None:
    areas = laws.schedule_areas(lrs, decay=decay)
    for s in range(len(lrs)):
        direct = sum((lrs[k - 1] - lrs[k]) * decay ** (i - k) for i in range(1, s + 1) for k in range(1, i + 1))
        assert areas.S2[s] == pytest.approx(direct, abs=1e-9)
        assert areas.S1[s] == pytest.approx(sum(lrs[: s + 1]))
    assert laws.annealing_area(lrs, decay=decay) == areas.S2[-1]


def test_schedules() -> None:
    rates = laws.cosine(1000, peak=1e-3, warmup=100, final=0.1)
    assert len(rates) == 1000 and rates.argmax() in (99, 100) and rates[-1] == pytest.approx(1e-4)
    flat = laws.warmup_stable_decay(1000, peak=1e-3, warmup=100, decay_steps=0)
    assert (flat[99:] == 1e-3).all()
    law = published.TISSUE_2024

    def final(lrs: np.ndarray) -> float:
        areas = laws.schedule_areas(lrs, decay=0.999)
        return law(areas.S1[-1], areas.S2[-1])

    decayed = laws.warmup_stable_decay(1000, peak=1e-3, warmup=100, decay_steps=300)
    assert final(decayed) != final(flat)
    with pytest.raises(ValueError, match="together they exceed"):
        laws.warmup_stable_decay(10, peak=1.0, warmup=6, decay_steps=6)
    with pytest.raises(ValueError, match="one learning rate a step"):
        laws.annealing_area(1e-3, decay=0.9)


# bent curves ----------------------------------------------------------------------------------------------------------

def _slope(law: BrokenPowerLaw, x: float) -> float:
    return (math.log(law(x * 1.01)) - math.log(law(x))) / math.log(1.01)


def test_a_break_changes_the_slope() -> None:
    law = BrokenPowerLaw(a=0.0, b=3.0, c0=0.1, c=0.4, d=1e6, f=0.2)
    assert _slope(law, 1e2) == pytest.approx(-0.1, abs=1e-6)
    assert _slope(law, 1e10) == pytest.approx(-0.5, abs=1e-6)
    assert laws.broken_power_law(1e4, a=1, b=2, c0=0.5, breaks=[]) == pytest.approx(1.02)
    two = [Break(0.2, 1e3, 0.1), {"c": 0.3, "d": 1e6, "f": 0.1}]
    assert laws.broken_power_law(1e12, a=0, b=1, c0=0.1, breaks=two) == pytest.approx(
        1e12**-0.1 * 1e9**-0.2 * 1e6**-0.3, rel=1e-6
    )
    for wrong in (None, "c", {"c": 1, "d": 1, "f": 1}, [3], [{"c": 1, "d": 1}], [{"c": 1, "d": -1, "f": 1}]):
        with pytest.raises(ValueError, match="break|Break"):
            laws.broken_power_law(1.0, a=0, b=1, c0=0.1, breaks=wrong)


@quick
@given(st.floats(0.1, 10), st.floats(-1, -0.05), st.floats(0, 0.3), st.floats(1, 1e9))
def test_the_four_models_nest(beta: float, c: float, eps_inf: float, x: float) -> None:
    assert M2(beta=beta, c=c, eps_inf=0.0)(x) == pytest.approx(M1(beta=beta, c=c)(x), rel=1e-12)
    assert M3(beta=beta, c=c, gamma=0.0, eps_inf=eps_inf)(x) == pytest.approx(
        M2(beta=beta, c=c, eps_inf=eps_inf)(x), rel=1e-12
    )
    assert M4(alpha=0.0, beta=beta, c=c, eps0=1.0, eps_inf=eps_inf)(x) == pytest.approx(
        M2(beta=beta, c=c, eps_inf=eps_inf)(x), rel=1e-12
    )
    assert M3(beta=beta, c=c, gamma=1e-3, eps_inf=eps_inf)(1e30) == pytest.approx(eps_inf + beta * 1e-3**-c, rel=1e-9)


@quick
@given(
    st.floats(0.01, 5),
    st.floats(0.01, 100),
    st.floats(-1, -0.05),
    st.floats(0.3, 1),
    st.floats(0, 0.2),
    st.floats(1e-6, 1e12),
)
def test_m4_solves_its_equation(alpha: float, beta: float, c: float, eps0: float, eps_inf: float, x: float) -> None:
    law = M4(alpha=alpha, beta=beta, c=c, eps0=eps0, eps_inf=eps_inf)
    value = law(x)
    assert eps_inf * (1 - 1e-14) <= value <= eps0 * (1 + 1e-14)
    if eps_inf + 1e-9 < value < eps0 - 1e-9:
        assert math.log(value - eps_inf) - alpha * math.log(eps0 - value) == pytest.approx(
            math.log(beta) + c * math.log(x), abs=1e-5
        )
    assert law(x * 10) <= value * (1 + 1e-14)


def test_m4_against_brent() -> None:
    law = M4(alpha=0.7, beta=3.0, c=-0.4, eps0=0.95, eps_inf=0.05)
    for x in (1.0, 10.0, 1e4):
        root = optimize.brentq(
            lambda e, x=x: (e - 0.05) / (0.95 - e) ** 0.7 - 3 * x**-0.4, 0.05 + 1e-12, 0.95 - 1e-12, xtol=1e-15
        )
        assert law(x) == pytest.approx(root, rel=1e-10)
    with pytest.raises(ValueError, match="expected more than eps_inf"):
        M4(alpha=0.5, beta=1, c=-0.3, eps0=0.1, eps_inf=0.1)


def test_quanta_sum_to_a_power_law() -> None:
    model = QuantaModel(alpha=0.5)
    assert model.loss(0) == pytest.approx(1)
    # the direct sum: what is not yet learned
    assert model.loss(100) == pytest.approx(1 - model.frequencies(100).sum(), rel=1e-9)
    assert model.frequencies(3)[2] == pytest.approx(3**-1.5 / special.zeta(1.5))
    assert math.log(model.loss(1e6) / model.loss(1e4)) / math.log(100) == pytest.approx(-0.5, abs=1e-4)
    n = model.skills_from_data([1e8, 1e10], examples_needed=10)
    slope = math.log(model.loss(n[1]) / model.loss(n[0])) / math.log(100)
    assert slope == pytest.approx(-laws.quanta_exponents(0.5).D, abs=1e-4)


# transfer and downstream ----------------------------------------------------------------------------------------------

def test_transfer() -> None:
    text, code = published.HERNANDEZ_2021_TEXT, published.HERNANDEZ_2021_CODE
    assert code(1e6, 1e9) > text(1e6, 1e9)
    assert text.data_multiplier(1e6, 1e9) == pytest.approx(1 + text(1e6, 1e9) / 1e6)
    assert text(1e6, 1e9) / text(1e6, 1e8) == pytest.approx(10**0.38)


def test_error_and_accuracy_have_their_ends() -> None:
    law = SigmoidAccuracy(a=0.75, k=8.0, L0=0.8, b=0.25)
    assert (
        law(0.8) == pytest.approx(0.625)
        and law(1e3) == pytest.approx(0.25)
        and law(1e-9) == pytest.approx(1.0, abs=2e-3)
    )
    link = LossToError(epsilon=0.85, k=2.0, gamma=0.75)
    assert link(1e3) == pytest.approx(0.85) and (np.diff(link(np.linspace(1, 5, 20))) > 0).all()


def test_mean_error_of_gadre_is_exponential_in_loss() -> None:
    """Fitted on small RedPajama models, the 17-task error of the two large runs follows from their loss within 4 %
    (paper: 3.6 %)."""
    runs = datasets.load("overtraining_loss_runs").query("train_data == 'redpajama'").set_index("run")
    tasks = (
        "bigbench_operators pubmed_qa_labeled hellaswag_zeroshot boolq arc_easy coqa bigbench_dyck_languages "
        "lambada_openai bigbench_novel_concepts winograd bigbench_cs_algorithms commonsense_qa bigbench_qa_wikidata "
        "hellaswag copa squad piqa"
    ).split()
    accuracy = datasets.load("overtraining_downstream_accuracy")
    error = 1 - accuracy[accuracy.task.isin(tasks)].groupby("run").accuracy.mean()
    joined = runs.join(error.rename("error"), how="inner")
    large = joined[joined.params > 1.3e9].query("chinchilla_multiple > 20 or params > 6e9")
    small = joined[joined.params < 1e9]
    assert len(small) > 15 and len(large) == 2

    def residuals(x: np.ndarray) -> np.ndarray:
        return np.asarray(LossToError(*x)(small.loss_nats_c4_val) - small.error)

    x = optimize.least_squares(residuals, [0.85, 2.0, 0.7]).x
    predicted = LossToError(*x)(large.loss_nats_c4_val)
    assert (np.abs(predicted / large.error - 1) < 0.04).all()
