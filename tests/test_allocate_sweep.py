"""Sweep design: what it costs, what linear theory says of it, what simulation says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from scaling_lib import published
from scaling_lib.allocate import design_sweep
from scaling_lib.allocate.sweep import _layout, _trial, linear_spread
from scaling_lib.laws import ChinchillaLaw

B, H = published.BESIROGLU_2024, published.HOFFMANN_2022


def test_sweeps_cost_what_they_may_and_are_ranked() -> None:
    design = design_sweep(B, 1e20, 5.76e23, simulations=60, keep=4)
    assert len(design.trials) == 4 and design.considered > 100
    for trial in design.trials:
        assert trial.sweep.cost == pytest.approx(1e20, rel=1e-9)
        assert 6 * sum(n * d for n, d in zip(trial.sweep.N, trial.sweep.D, strict=True)) == pytest.approx(1e20,
                                                                                                          rel=1e-9)
        assert trial.true_ratio == pytest.approx(18.39, abs=0.01)
        assert trial.tokens_per_param.low < trial.true_ratio < trial.tokens_per_param.high
    factors = [trial.factor for trial in design.trials]
    assert factors == sorted(factors) and design.best is design.trials[0].sweep
    assert "tokens per parameter" in str(design) and "<table>" in design._repr_html_()


def test_linear_theory_and_simulation_agree_for_least_squares() -> None:
    sweep = _layout(B, 1e20, levels=4, span=2.0, sizes=7, width=30.0)
    trial = _trial("B", B, sweep, 5.76e23, 0.001, 1500, 0, 1e3)
    # log of tokens per parameter moves twice as far as log N at a given budget
    assert np.log(trial.factor) / 3.92 == pytest.approx(2 * linear_spread(B, sweep, 5.76e23, 0.001), rel=0.08)
    assert trial.failed == 0


def test_the_best_beats_a_careless_sweep_of_the_same_cost() -> None:
    design = design_sweep(B, 1e20, 5.76e23, simulations=100, keep=3)
    careless = _trial("B", B, _layout(B, 1e20, levels=2, span=0.5, sizes=4, width=4.0), 5.76e23, 0.005, 100, 0, 1e-3)
    assert design.trials[0].factor < careless.factor / 2


def test_less_noise_and_more_compute_narrow_the_answer() -> None:
    def factor(budget: float, noise: float) -> float:
        return design_sweep(B, budget, 5.76e23, noise=noise, simulations=100, keep=2).trials[0].factor

    assert factor(1e20, 0.002) < factor(1e20, 0.008)
    assert factor(1e21, 0.005) < factor(1e18, 0.005)


def test_the_same_seed_gives_the_same_design_and_the_worst_truth_ranks() -> None:
    first = design_sweep({"B": B, "H": H}, 1e20, 5.76e23, simulations=40, keep=2, seed=3)
    assert first == design_sweep({"B": B, "H": H}, 1e20, 5.76e23, simulations=40, keep=2, seed=3)
    for trial in first.trials:
        alone = [_trial(n, law, trial.sweep, 5.76e23, 0.005, 40, 3, 1e-3).factor for n, law in (("B", B), ("H", H))]
        assert trial.factor == max(alone)


@pytest.mark.parametrize("wrong", [
    {"laws": "B"},
    {"laws": {}},
    {"laws": ChinchillaLaw(E=1, A=0, B=1, alpha=1, beta=1)},
    {"budget": -1.0},
    {"budget": math.nan},
    {"C": None},
    {"C": "1e23"},
    {"noise": 0},
    {"noise": 2},
    {"simulations": 3},
    {"keep": 0},
    {"smallest": 0},
    {"budget": 1e12},
    {"C": 1e10},
    {"seed": -1},
    {"delta": 0},
])
def test_bad_questions_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        design_sweep(**{"laws": B, "budget": 1e20, "C": 1e23, "simulations": 20, "keep": 1, **wrong})
