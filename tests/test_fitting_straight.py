"""The straight line on log-log paper: against SciPy, the hat matrix, coverage of its intervals, and bad input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from scaling_lib import PowerLaw, datasets, fit, published
from scaling_lib.fitting import StraightLine, straight_line


def points(n: int = 12, noise: float = 0.01, seed: int = 0, floor: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    x = np.geomspace(1e16, 1e20, n)
    return x, floor + 40 * x**-0.06 * np.exp(noise * np.random.default_rng(seed).normal(size=n))


@pytest.mark.parametrize("floor", [0.0, 1.7])
def test_it_is_the_regression_of_the_logarithms(floor: float) -> None:
    x, y = points(floor=floor)
    line, theirs = straight_line(x, y, floor=floor), stats.linregress(np.log(x), np.log(y - floor))
    assert line.law.E == floor and line.law.alpha == pytest.approx(-theirs.slope) and line.law.A == pytest.approx(np.exp(theirs.intercept))
    assert line.r_squared == pytest.approx(theirs.rvalue**2) and line.slope_error == pytest.approx(theirs.stderr)
    ours = fit(PowerLaw, x=x, L=y, fixed={"E": 0.0}, delta=10.0).law
    assert floor or line.law.alpha == pytest.approx(ours.alpha, rel=1e-4)


def test_the_hat_matrix_makes_the_line_and_its_trace_is_two() -> None:
    x, y = points()
    line = straight_line(x, y)
    rows = line.weights(x)
    assert np.exp(rows @ np.log(y)) == pytest.approx(line.law(x)) and rows.sum(axis=1) == pytest.approx(np.ones(12))
    assert np.trace(rows) == pytest.approx(2) and rows @ rows == pytest.approx(rows)
    assert line.weights(1e24).shape == (12,) and line.residuals == pytest.approx(np.log(y) - rows @ np.log(y))


@pytest.mark.parametrize("kind", ["confidence", "prediction"])
def test_the_intervals_hold_what_they_promise_where_there_is_a_line(kind: str) -> None:
    held = 0
    for seed in range(800):
        x, y = points(7, 0.01, seed)
        truth = 40 * 1e22**-0.06
        if kind == "prediction":
            truth *= np.exp(0.01 * np.random.default_rng([seed, 1]).normal())
        band = straight_line(x, y).band(1e22, kind=kind, level=0.9)
        held += band.low < truth < band.high
    assert 0.87 < held / 800 < 0.93


@given(st.floats(1e10, 1e30), st.floats(0.5, 0.99))
def test_a_prediction_is_wider_than_a_confidence_interval(at: float, level: float) -> None:
    line = straight_line(*points())
    inner, outer = line.band(at, kind="confidence", level=level), line.band(at, level=level)
    assert outer.low < inner.low < inner.value < inner.high < outer.high


def test_the_first_seven_budgets_of_the_tuned_arm() -> None:
    table = datasets.load("kaplan_vs_chinchilla_optima").query(
        "hyperparameters == 'tuned' and param_count_rule == 'non_embedding_with_head'")
    line = straight_line(table.flops[:7], table.opt_loss_nats[:7])
    assert round(line.r_squared, 4) == 0.9993 and round(line.law(2.56e19), 3) == 3.008
    assert round(line.law(5.76e23), 2) == 1.76 and isinstance(line, StraightLine)


@pytest.mark.parametrize(("change", "message"), [
    ({"x": [1, 2], "y": [2, 1]}, "3"), ({"x": [1, 1, 1]}, "two different x"), ({"floor": 1.0}, "smallest y"),
    ({"floor": -1.0}, "floor"), ({"x": [0, 1, 2]}, "x"), ({"y": [3, 2, np.nan]}, "y"), ({"y": [3, 2]}, "y"),
])
def test_what_is_no_line_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        straight_line(**{"x": [1, 2, 4], "y": [3, 2, 1], **change})  # type: ignore[arg-type]
    line = straight_line([1, 2, 4], [3, 2, 1])
    for bad in ({"kind": "both"}, {"level": 1.0}, {"x": -1.0}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            line.band(**{"x": 8.0, **bad})  # type: ignore[arg-type]


def test_growth_is_the_line_of_logarithms_against_time() -> None:
    from scaling_lib.fitting import growth

    rng = np.random.default_rng(3)
    years = rng.uniform(2010, 2026, 60)
    y = 1e20 * 4.0 ** (years - 2018) * np.exp(rng.normal(0, 1, 60))
    theirs, ours = stats.linregress(years, np.log(y)), growth(years, y, level=0.9)
    half = stats.t.ppf(0.95, 58) * theirs.stderr
    assert np.log([ours.low, ours.factor, ours.high]) == pytest.approx(theirs.slope + half * np.array([-1, 0, 1]))
    assert ours.line.law(ours.at(2020.0)) == pytest.approx(np.exp(theirs.intercept + 2020 * theirs.slope), rel=1e-6)
    assert ours.factor ** (ours.doubling_months / 12) == pytest.approx(2)


def test_growth_takes_dates_and_gives_the_published_figure() -> None:
    from scaling_lib.fitting import growth

    table = datasets.load("notable_models").query("publication_date >= '2010'")
    trend = growth(table.publication_date, table.training_flops)
    low, high = published.EPOCH_2024_GROWTH
    assert low < trend.factor < high and trend.factor == pytest.approx(4.3, abs=0.05)
    for when, y, words in (([2020, 2021], [1, 2], "three or more"), ([2020, 2021, 2022], [1, 2, -1], "y"), ([20, 21, 22], [1, 2, 3], "when")):
        with pytest.raises(ValueError, match=words):
            growth(when, y)
