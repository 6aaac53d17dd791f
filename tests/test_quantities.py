"""The named quantities: stored worked values, and another route to each one that has none."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from reference.quantities import QUANTITIES
from scipy import integrate, optimize, stats

VECTORS = json.loads((Path(__file__).parent / "reference" / "vectors.json").read_text(encoding="utf-8"))


def test_the_vectors_are_all_there() -> None:
    assert len(VECTORS) == 67
    assert len({vector["id"] for vector in VECTORS}) == 67


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_vector(vector: dict[str, Any]) -> None:
    value = QUANTITIES[vector["quantity"]](**vector["inputs"])
    assert isinstance(value, float)
    assert value == pytest.approx(vector["expected"], rel=vector["rel_tol"], abs=0)


def _lagrange_inference(
    loss: float, D_inf: float, E: float, A: float, B: float, alpha: float, beta: float
) -> tuple[float, float]:
    """N and total FLOP by a bounded search over log N, with D from the loss."""
    def total(log_N: float) -> float:
        N = math.exp(log_N)
        D = (B / (loss - E - A * N**-alpha)) ** (1 / beta)
        return 6 * N * D + 2 * N * D_inf
    least = math.log(A / (loss - E)) / alpha
    found = optimize.minimize_scalar(
        total, bounds=(least + 1e-6, least + 12), method="bounded", options={"xatol": 1e-11}
    )
    return math.exp(found.x), found.fun


def _muennighoff_loss(
    N: float,
    D: float,
    U: float,
    a: float,
    b: float,
    e: float,
    alpha: float,
    beta: float,
    R_D_star: float,
    R_N_star: float,
) -> float:
    A, B = math.exp(a), math.exp(b)
    U = min(U, D)
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    U_N = min(N, G * (G * U) ** (beta / alpha))
    D_eff = U + U * R_D_star * (1 - math.exp(-(D / U - 1) / R_D_star))
    N_eff = U_N + U_N * R_N_star * (1 - math.exp(-(N / U_N - 1) / R_N_star))
    return math.exp(e) + A / N_eff**alpha + B / D_eff**beta


_H = {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28}
_B = {"E": 1.8172, "A": 482.01, "B": 2085.43, "alpha": 0.3478, "beta": 0.3658}
_M = {"a": 6.255414, "b": 7.3049974, "e": 0.6254804, "alpha": 0.3526596, "beta": 0.3526596, "R_D_star": 15.387756,
      "R_N_star": 5.309743}


def _opt_grid(C: float, U: float) -> tuple[float, float]:
    found = optimize.minimize_scalar(lambda x: _muennighoff_loss(math.exp(x), C / 6 / math.exp(x), U, **_M),
                                     bounds=(math.log(1e7), math.log(1e13)), method="bounded", options={"xatol": 1e-12})
    return math.exp(found.x), found.fun


#: quantity -> inputs, another way to the value, relative tolerance. One for each quantity, also where vectors exist.
OTHER_ROUTES: dict[str, tuple[dict[str, Any], Callable[[], float], float]] = {
    "batch_tradeoff_examples": ({"B": 3e5, "B_crit": 7e5, "E_min": 2e9}, lambda: 2e9 + 2e9 * 3 / 7, 1e-12),
    "batch_tradeoff_steps": ({"B": 3e5, "B_crit": 7e5, "S_min": 2e3}, lambda: 2e3 * 10 / 3, 1e-12),
    "best_of_n_kl": ({"n": 7}, lambda: integrate.quad(lambda u: 7 * u**6 * math.log(7 * u**6), 0, 1)[0], 1e-8),
    "beta_neglog_slope": (
        {"alpha": 0.5, "beta": 3.0, "k1": 10, "k2": 1000},
        lambda: float(
            (
                mpmath.log(-mpmath.log(1 - mpmath.beta(0.5, 1003) / mpmath.beta(0.5, 3)))
                - mpmath.log(-mpmath.log(1 - mpmath.beta(0.5, 13) / mpmath.beta(0.5, 3)))
            )
            / mpmath.log(100)
        ),
        1e-9,
    ),
    "beta_pass_at_k": (
        {"alpha": 0.3, "beta": 2.0, "k": 1e6},
        lambda: float(1 - mpmath.beta(mpmath.mpf("0.3"), 2 + 10**6) / mpmath.beta(mpmath.mpf("0.3"), 2)),
        1e-12,
    ),
    "bnsl": (
        {
            "a": 1.0,
            "b": 2.0,
            "c0": 0.5,
            "x": 16.0,
            "breaks": [{"c": 0.5, "d": 4.0, "f": 1.0}, {"c": 1.0, "d": 16.0, "f": 0.5}],
        },
        lambda: 1 + 2 * 16**-0.5 * 5**-0.5 * 2**-0.5,
        1e-12,
    ),
    "chinchilla_D_opt": ({"C": 1e22, **_B}, lambda: 1e22 / 6 / _chinchilla_search(1e22, _B)[0], 1e-5),
    "chinchilla_G": (_B, lambda: _chinchilla_search(6.0 * 1e20, _B)[0] / (1e20) ** (0.3658 / 0.7136), 1e-5),
    "chinchilla_N_opt": ({"C": 1e22, **_H}, lambda: _chinchilla_search(1e22, _H)[0], 1e-5),
    "chinchilla_a": (
        _B,
        lambda: math.log(_chinchilla_search(1e24, _B)[0] / _chinchilla_search(1e22, _B)[0]) / math.log(100),
        1e-5,
    ),
    "chinchilla_compute_for_loss": (
        {"loss": 2.1, **_H},
        lambda: math.exp(
            optimize.brentq(lambda c: _chinchilla_search(math.exp(c), _H)[1] - 2.1, math.log(1e19), math.log(1e25))
        ),
        1e-6,
    ),
    "chinchilla_loss": (
        {"N": 3e9, "D": 5e10, **_B},
        lambda: 1.8172 + 482.01 / 3e9**0.3478 + 2085.43 / 5e10**0.3658,
        1e-13,
    ),
    "chinchilla_loss_opt": ({"C": 1e22, **_H}, lambda: _chinchilla_search(1e22, _H)[1], 1e-12),
    "chinchilla_tokens_for_loss": (
        {"N": 1e10, "loss": 2.1, **_H},
        lambda: math.exp(
            optimize.brentq(lambda d: 1.69 + 406.4 / 1e10**0.34 + 410.7 / math.exp(d) ** 0.28 - 2.1, 20, 40, xtol=1e-13)
        ),
        1e-9,
    ),
    "clark_routed_loss": (
        {"N": 1e8, "E": 1, "a": -0.08, "b": -0.1, "c": 0.01, "d": 1.1, "E_start": 2.0, "E_max": 300.0},
        lambda: 10 ** (-0.08 * 8 - 0.1 * math.log10(2) + 0.01 * 8 * math.log10(2) + 1.1),
        1e-12,
    ),
    "compute_multiplier_for_loss_ratio": ({"loss_ratio": 2, "exponent": 0.25}, lambda: 16.0, 1e-12),
    "coverage_exponentiated_power": ({"a": -2.0, "b": -0.5, "k": 16}, lambda: math.exp(-0.5), 1e-13),
    "data_constrained_loss": ({"N": 8.67e9, "D": 178e9, "U": 25e9, **_M}, lambda: 2.2269634075087867, 1e-12),
    "data_constrained_opt_N": ({"C": 1e22, "U": 25e9, **_M}, lambda: _opt_grid(1e22, 25e9)[0], 1e-5),
    "data_constrained_opt_loss": ({"C": 1e22, "U": 25e9, **_M}, lambda: _opt_grid(1e22, 25e9)[1], 1e-11),
    "effective_unique_tokens": (
        {"U": 1e9, "epochs": 16, "R_D_star": 15.0},
        lambda: 1e9 * (1 + 15 * (1 - math.exp(-1))),
        1e-12,
    ),
    "flop_matched_inference_multiplier": (
        {"M": 10, "R_inf_over_pre": 0.5},
        lambda: (6 * 10 * 1 + 2 * 10 * 0.5 - 6 * 1) / (2 * 0.5),
        1e-12,
    ),
    "flop_to_pf_days": ({"flop": 3.14e23}, lambda: 3634.259259259259, 1e-12),
    "forward_flop_per_token_kaplan": (
        {"n_layer": 2, "d_model": 8, "n_ctx": 16, "d_attn": 8},
        lambda: 2 * 2 * (3 * 64 + 64 + 2 * 256) + 2 * 2 * 16 * 8,
        1e-13,
    ),
    "hoffmann_train_flop_per_sequence": (
        {"n_layer": 1, "d_model": 4, "d_ff": 8, "n_heads": 2, "d_head": 2, "vocab": 10, "seq_len": 3},
        lambda: 3
        * (
            2 * 3 * 10 * 4
            + 2 * 3 * 3 * 4 * 4
            + 2 * 9 * 4
            + 3 * 2 * 9
            + 2 * 9 * 4
            + 2 * 3 * 4 * 4
            + 2 * 3 * 2 * 4 * 8
            + 2 * 3 * 4 * 10
        ),
        1e-13,
    ),
    "hoffmann_train_flop_per_sequence_blocks_only": (
        {"n_layer": 2, "d_model": 4, "d_ff": 8, "n_heads": 2, "d_head": 2, "seq_len": 3},
        lambda: 2 * 3 * (2 * 3 * 3 * 4 * 4 + 2 * 9 * 4 + 3 * 2 * 9 + 2 * 9 * 4 + 2 * 3 * 4 * 4 + 2 * 3 * 2 * 4 * 8),
        1e-13,
    ),
    "huber_loss": (
        {"residual": -0.3, "delta": 0.1},
        lambda: integrate.quad(lambda r: max(-0.1, min(0.1, r)), 0, -0.3)[0],
        1e-9,
    ),
    "implied_mfu": ({"flop": 3.6e20, "gpu_hours": 1000.0, "peak": 4e14}, lambda: 0.25, 1e-12),
    "inference_aware_D": (
        {"loss": 2.05, "D_inf": 5e12, **_B},
        lambda: (2085.43 / (2.05 - 1.8172 - 482.01 / _lagrange_inference(2.05, 5e12, **_B)[0] ** 0.3478))
        ** (1 / 0.3658),
        1e-5,
    ),
    "inference_aware_N": ({"loss": 2.05, "D_inf": 5e12, **_B}, lambda: _lagrange_inference(2.05, 5e12, **_B)[0], 1e-5),
    "inference_aware_saving_fraction": (
        {"N_chinchilla_optimal": 30e9, "D_inf": 1e13, "E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.336, "beta": 0.283},
        lambda: _saving_by_search(30e9, 1e13, {**_H, "alpha": 0.336, "beta": 0.283}),
        1e-6,
    ),
    "inference_aware_total_flop": (
        {"loss": 2.05, "D_inf": 5e12, **_B},
        lambda: _lagrange_inference(2.05, 5e12, **_B)[1],
        1e-10,
    ),
    "kaplan_B_crit_tokens": ({"L": 2.0, "B_star": 3.2e7, "alpha_B": 0.2}, lambda: 1e6, 1e-12),
    "kaplan_D_no_overfit": ({"N": 1e6, "coef": 5e3, "exponent": 0.5}, lambda: 5e6, 1e-12),
    "kaplan_D_opt": ({"C_pf_days": 1e4, "D_e": 2e10, "p_D": 0.25}, lambda: 2e11, 1e-12),
    "kaplan_L_Cmin": ({"C_pf_days": 1e4, "C_c": 1e8, "alpha_C": 0.05}, lambda: 10**0.2, 1e-12),
    "kaplan_L_D": ({"D": 1e9, "D_c": 1e13, "alpha_D": 0.1}, lambda: 10**0.4, 1e-12),
    "kaplan_L_N": ({"N": 1e9, "N_c": 1e14, "alpha_N": 0.08}, lambda: 10**0.4, 1e-12),
    "kaplan_L_ND": (
        {"N": 1e10, "D": 1e10, "N_c": 1e14, "D_c": 1e13, "alpha_N": 0.05, "alpha_D": 0.1},
        lambda: (100.0 + 1000.0) ** 0.1,
        1e-12,
    ),
    "kaplan_L_NS": (
        {"N": 1e10, "S_min": 2e4, "N_c": 1e14, "S_c": 2e3, "alpha_N": 0.05, "alpha_S": 1.0},
        lambda: 10**0.2 + 0.1,
        1e-12,
    ),
    "kaplan_N_opt": ({"C_pf_days": 1e4, "N_e": 1.3e9, "p_N": 0.75}, lambda: 1.3e12, 1e-12),
    "kaplan_alpha_C_min": (
        {"alpha_B": 0.21, "alpha_N": 0.077, "alpha_S": 0.76},
        lambda: 0.21 * 0.077 * 0.76 / (0.21 * 0.077 + 0.21 * 0.76 + 0.077 * 0.76),
        1e-12,
    ),
    "krajewski_moe_loss": (
        {
            "N": 1e8,
            "D": 1e10,
            "G": 4,
            "a": 18.0,
            "alpha": 0.125,
            "b": 30.0,
            "beta": 0.1,
            "c": 0.5,
            "g": 2.0,
            "gamma": 0.5,
        },
        lambda: 0.5 + 19 / 10 + 30 / 10,
        1e-12,
    ),
    "loss_to_error": ({"L": math.log(16), "epsilon": 0.9, "k": 2.0, "gamma": 0.5}, lambda: 0.4, 1e-12),
    "lr_annealing_S2": (
        {"lrs": [0.5, 1.0, 0.25, 0.0], "decay": 0.5},
        lambda: -0.5 + (-0.25 + 0.75) + (0.25 + 0.25),
        1e-12,
    ),
    "lr_annealing_loss": ({"L0": 2.0, "A": 0.5, "alpha": 0.5, "C": 0.4, "S1": 4.0, "S2": 0.25}, lambda: 2.15, 1e-12),
    "m4_excess_risk": (
        {"x": 100.0, "alpha": 1.0, "beta": 30.0, "c": -0.5, "eps0": 1.0, "eps_inf": 0.0},
        lambda: 0.75,
        1e-12,
    ),
    "majority_vote_binary": ({"p": 0.55, "n": 101}, lambda: stats.binom.sf(50, 101, 0.55), 1e-11),
    "mirage_exact_match": ({"ce_per_token": 0.25, "length": 8}, lambda: math.exp(-2), 1e-13),
    "nonembedding_params_12Ld2": ({"n_layer": 3, "d_model": 10}, lambda: 3600.0, 1e-13),
    "off_optimum_loss_penalty": (
        {"C": 1e22, "N_multiplier": 3.0, **_H},
        lambda: _penalty_by_search(1e22, 3.0, _H),
        1e-6,
    ),
    "overopt_bon": ({"d": 3.0, "alpha": 1.0, "beta": 0.25}, lambda: 0.75, 1e-12),
    "overopt_rl": ({"d": math.e, "alpha": 0.5, "beta": 0.25}, lambda: math.e / 4, 1e-12),
    "overopt_rl_peak_d": (
        {"alpha": 0.5, "beta": 0.15},
        lambda: float(
            optimize.minimize_scalar(
                lambda d: -d * (0.5 - 0.15 * math.log(d)), bounds=(1, 100), method="bounded", options={"xatol": 1e-10}
            ).x
        ),
        1e-6,
    ),
    "overtraining_loss": (
        {"N": 1e8, "M": 100.0, "a": 100.0, "b": 200.0, "eta": 0.125, "E": 1.5},
        lambda: 1.5 + (100 * 100**0.125 + 200 * 100**-0.125) * (6 * 1e8 * 1e10) ** -0.125,
        1e-12,
    ),
    "pass_at_k": ({"n": 20, "c": 3, "k": 4}, lambda: 1 - math.comb(17, 4) / math.comb(20, 4), 1e-12),
    "power_law_loss_rescale": ({"loss": 3.0, "N_small": 1e8, "N_large": 1.6e9, "exponent": 0.25}, lambda: 1.5, 1e-12),
    "precision_effective_params": ({"N": 1e9, "P_w": 4.0, "gamma_w": 2.0}, lambda: 1e9 * (1 - math.e**-2), 1e-12),
    "quantization_alpha_D": ({"alpha": 1.0}, lambda: 0.5, 1e-13),
    "rule_of_thumb_N": ({"C": 1.2e23, "tokens_per_param": 20}, lambda: math.sqrt(1e21), 1e-12),
    "small_model_compute_overhead": (
        {"k_N": 0.5, "alpha": 0.3478, "beta": 0.3658},
        lambda: _overhead_by_search(0.5, _B),
        1e-6,
    ),
    "train_flop_6ND": ({"N": 7e9, "D": 1e12}, lambda: 4.2e22, 1e-13),
    "training_days": ({"flop": 8.64e22, "n_gpu": 100, "peak": 1e15, "mfu": 0.5}, lambda: 20.0, 1e-12),
    "transfer_effective_data": ({"D_F": 1e8, "N": 1e9, "k": 1e4, "alpha": 0.25, "beta": 1 / 3}, lambda: 1e9, 1e-12),
}


def _chinchilla_search(C: float, p: dict[str, float]) -> tuple[float, float]:
    def loss(x: float) -> float:
        N = math.exp(x)
        return p["E"] + p["A"] / N ** p["alpha"] + p["B"] / (C / 6 / N) ** p["beta"]
    found = optimize.minimize_scalar(loss, bracket=(math.log(C) / 2 - 4, math.log(C) / 2 + 1), tol=1e-12)
    # the loss is flat at its minimum, so that a search over it ends within 1e-8; the derivative is not flat
    x = optimize.brentq(lambda x: p["beta"] * p["B"] / (C / 6 / math.exp(x)) ** p["beta"]
                        - p["alpha"] * p["A"] / math.exp(x) ** p["alpha"], found.x - 1, found.x + 1, xtol=1e-13)
    assert abs(x - found.x) < 1e-4
    return math.exp(x), loss(x)


def _penalty_by_search(C: float, k: float, p: dict[str, float]) -> float:
    N, best = _chinchilla_search(C, p)
    return p["E"] + p["A"] / (k * N) ** p["alpha"] + p["B"] / (C / 6 / (k * N)) ** p["beta"] - best


def _overhead_by_search(k: float, p: dict[str, float]) -> float:
    N, best = _chinchilla_search(1e22, p)
    D = (p["B"] / (best - p["E"] - p["A"] / (k * N) ** p["alpha"])) ** (1 / p["beta"])
    return 6 * k * N * D / 1e22 - 1


def _saving_by_search(N: float, D_inf: float, p: dict[str, float]) -> float:
    C = math.exp(
        optimize.brentq(
            lambda c: math.log(_chinchilla_search(math.exp(c), p)[0] / N), math.log(1e20), math.log(1e26), xtol=1e-13
        )
    )
    size, best = _chinchilla_search(C, p)
    return 1 - _lagrange_inference(best, D_inf, **p)[1] / (C + 2 * size * D_inf)


def test_every_quantity_has_another_route() -> None:
    assert set(OTHER_ROUTES) == set(QUANTITIES)
    assert len(QUANTITIES) == 64


@pytest.mark.parametrize("name", sorted(QUANTITIES))
def test_another_route(name: str) -> None:
    inputs, route, tolerance = OTHER_ROUTES[name]
    assert QUANTITIES[name](**inputs) == pytest.approx(route(), rel=tolerance, abs=0)


@pytest.mark.parametrize("name", sorted(QUANTITIES))
def test_the_map_holds_no_mathematics(name: str) -> None:
    code = inspect.getsource(inspect.getmodule(QUANTITIES[name]))
    body = code.split("QUANTITIES: dict")[1]
    assert not any(
        sign in body.replace("**p", "").replace('"', "") for sign in ("+", " / ", " * ", " - ", "np.", "log(")
    )


@pytest.mark.parametrize("vector", VECTORS[:20], ids=lambda vector: vector["id"])
def test_numpy_scalars_do_as_well(vector: dict[str, Any]) -> None:
    inputs = {key: np.float64(value) if isinstance(value, float) else value for key, value in vector["inputs"].items()}
    assert QUANTITIES[vector["quantity"]](**inputs) == pytest.approx(vector["expected"], rel=vector["rel_tol"])
