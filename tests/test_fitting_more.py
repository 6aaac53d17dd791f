"""Profiles, prediction intervals, backtests, comparisons, audits, simulation and training logs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scaling_lib import ChinchillaLaw, PowerLaw, datasets, fit, published
from scaling_lib.fitting import audit, backtest, compare, fit_log, predict, profile, read_log, simulate
from scaling_lib.laws import KaplanND, OvertrainingLaw

TRUTH = published.BESIROGLU_2024


@pytest.fixture(scope="module")
def runs():
    return datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch")


@pytest.fixture(scope="module")
def result(runs):
    return fit(ChinchillaLaw, data=runs)


def table(n=80, noise=0.005, seed=0, **options):
    rng = np.random.default_rng(seed)
    return simulate.surface(TRUTH, 10 ** rng.uniform(7, 10, n), 10 ** rng.uniform(9, 12, n), noise=noise, seed=seed, **options)


# Profiles

def test_the_ends_of_a_profile_lie_on_the_cutoff(result, runs):
    found = profile(result, "beta", points=5)
    assert found.interval.low < result.law.beta < found.interval.high and not found.open_low and not found.open_high
    for end in found.interval:
        held = fit(ChinchillaLaw, data=runs, fixed={"beta": end})
        assert np.interp(end, found.values, found.deviance) == pytest.approx(found.cutoff, rel=0.02)
        assert held.objective > result.objective
    assert (np.diff(found.values) > 0).all() and found.deviance.min() == 0
    wider = profile(result, "beta", level=0.99).interval
    assert wider.low < found.interval.low and wider.high > found.interval.high


def test_a_profile_agrees_with_least_squares_theory():
    """With a wide Huber zone and a nearly linear problem the profile is Student's t interval."""
    x = np.geomspace(1, 1e4, 60)
    y = np.exp(0.3 - 0.2 * np.log(x) + 0.01 * np.random.default_rng(0).normal(size=60))
    fitted = fit(PowerLaw, x=x, L=y, delta=10.0, fixed={"E": 0.0})
    low, high = profile(fitted, "alpha").interval
    slope_error = np.sqrt(np.sum(fitted.residuals**2) / 58 / np.sum((np.log(x) - np.log(x).mean()) ** 2))
    assert (high - low) / 2 == pytest.approx(2.0017 * slope_error, rel=0.02)


def test_a_profile_that_meets_a_bound_is_open():
    x = np.geomspace(1e6, 1e10, 30)
    pure = fit(PowerLaw, x=x, L=80 * x**-0.2 * np.exp(0.01 * np.random.default_rng(3).normal(size=30)))
    found = profile(pure, "E")
    assert found.open_low and found.interval.low == 0 and found.interval.high > pure.law.E


def test_profiles_refuse(result):
    with pytest.raises(ValueError, match="name"):
        profile(result, "gamma")
    with pytest.raises(ValueError, match="level"):
        profile(result, "E", level=1)
    exact = fit(ChinchillaLaw, **table(noise=0))
    with pytest.raises(ValueError, match="every point"):
        profile(exact, "E")


# Prediction

def test_prediction_is_wider_than_confidence_and_both_hold_the_law(result):
    refits = result.bootstrap(800)
    N = np.array([1e8, 1e9, 1e10])
    law, run = (predict(result, kind=kind, refits=refits, N=N, D=20 * N) for kind in ("confidence", "prediction"))
    assert (law.low < law.value).all() and (law.value < law.high).all()
    assert (run.high - run.low > law.high - law.low).all()
    narrow = predict(result, refits=refits, level=0.5, N=N, D=20 * N)
    assert (narrow.high - narrow.low < law.high - law.low).all()
    assert isinstance(predict(result, refits=refits, N=1e9, D=2e10).low, float)


def test_prediction_intervals_hold_new_runs():
    inside = total = 0
    for seed in range(12):
        seen = fit(ChinchillaLaw, **table(80, 0.01, seed=seed))
        fresh = table(60, 0.01, seed=seed + 500)
        band = predict(seen, kind="prediction", n=200, N=fresh["N"], D=fresh["D"])
        inside += int(((band.low <= fresh["L"]) & (fresh["L"] <= band.high)).sum())
        total += 60
    assert 0.92 < inside / total < 0.98


def test_predict_refuses(result):
    for change, words in (({"kind": "both"}, "kind"), ({"level": 2}, "level"), ({"refits": 3}, "refits"), ({"n": 0}, "n is"), ({"N": -1.0}, "N is")):
        with pytest.raises(ValueError, match=words):
            predict(result, **{"N": 1e9, "D": 2e10, "n": 10, **change})


# Out of sample

def test_backtest_on_a_true_law_finds_only_noise():
    test = backtest(ChinchillaLaw, cuts=5, **table(120, 0.004))
    assert len(test.laws) == len(test.cuts) == len(test.statuses) and test.by == "C"
    assert (test.distance > 1).all() and (np.diff(test.cuts) > 0).all()
    near = [row for row in test.by_distance() if row[0] < 10]
    assert all(row[3] < 0.02 for row in near)
    assert "cuts" in repr(test) and "times beyond" in test._repr_html_()


def test_backtest_shows_drift():
    honest, drifting = (backtest(ChinchillaLaw, cuts=4, **table(120, 0.002, drift=d)) for d in (0.0, 0.02))
    assert np.median(np.abs(honest.error)) < np.median(np.abs(drifting.error))


def test_the_excess_is_the_honest_test(runs):
    columns = {"N": runs.params, "D": runs.training_tokens, "L": runs.loss_nats}
    whole, excess = backtest(ChinchillaLaw, **columns), backtest(ChinchillaLaw, floor=1.8, **columns)
    assert np.median(np.abs(excess.error)) > 1.5 * np.median(np.abs(whole.error))


def test_gadres_extrapolations_on_redpajama():
    """Five small runs predict the 1.4B model on 900B tokens and the 6.9B model on 138B within 1 %."""
    every = datasets.load("overtraining_loss_runs").query("train_data == 'redpajama'")
    small = every[(every.params < 1e9) & np.isclose(every.chinchilla_multiple, 1)]
    over = every[(every.params < 2e7) & np.isclose(every.chinchilla_multiple, 16)]
    train = pd.concat([small, over])
    assert len(train) == 5
    columns = {"C": train.training_flops, "M": train.training_tokens / train.params, "L": train.loss_nats_c4_val}
    law = fit(OvertrainingLaw, **columns).law
    targets = every[(every.params > 1e9) & ((every.training_tokens > 8e11) | (every.params > 5e9))]
    assert len(targets) >= 2
    predicted = law(C=targets.training_flops, M=targets.training_tokens / targets.params)
    assert np.abs(predicted / targets.loss_nats_c4_val - 1).max() < 0.01


def test_compare_knows_the_true_family():
    data = table(100, 0.003)
    for split in ("largest", "random"):
        outcome = compare([ChinchillaLaw, KaplanND], split=split, **data)
        assert outcome.best == "ChinchillaLaw" and [s.name for s in outcome.scores][1] == "KaplanND"
        assert outcome.scores[0].outside < 0.02 and outcome.scores[0].constants == 5
        assert "ChinchillaLaw" in repr(outcome) and "KaplanND" in outcome._repr_html_()
    named = compare({"two": ChinchillaLaw, "one": PowerLaw}, by="C", x=data["N"], C=6 * data["N"] * data["D"], **data)
    assert named.best == "two"


@pytest.mark.parametrize("call, words", [
    (lambda t: backtest(ChinchillaLaw, N=t["N"], D=t["D"]), "L is missing"), (lambda t: backtest("x", **t), "class of laws"),
    (lambda t: backtest(ChinchillaLaw, by="Q", **t), "by"), (lambda t: backtest(ChinchillaLaw, q=[1], **t), "no column"),
    (lambda t: backtest(ChinchillaLaw, floor=9.0, **t), "floor"), (lambda t: backtest(ChinchillaLaw, cuts=0, **t), "cuts"),
    (lambda t: backtest(ChinchillaLaw, first=0, **t), "first"), (lambda t: backtest(ChinchillaLaw, **{k: v[:4] for k, v in t.items()}), "No window"),
    (lambda t: compare([], **t), "laws"), (lambda t: compare("ChinchillaLaw", **t), "laws"), (lambda t: compare([ChinchillaLaw], split="odd", **t), "split"),
    (lambda t: compare([ChinchillaLaw], split="random", folds=1, **t), "folds"), (lambda t: compare([ChinchillaLaw], hold=1.0, **t), "hold"),
    (lambda t: compare([ChinchillaLaw], **{k: v[:5] for k, v in t.items()}), "cannot be fitted"),
    (lambda t: backtest(ChinchillaLaw, **t).by_distance([3, 1]), "edges"),
])
def test_out_of_sample_refuses(call, words):
    with pytest.raises(ValueError, match=words):
        call(table(60))


# A second opinion

def test_the_audit_confirms_the_fit():
    few = fit(ChinchillaLaw, **table(25, 0.01, seed=4))
    found = audit(few)
    assert len(found.objective) == 4500 and found.confirmed and found.best == pytest.approx(few.objective, rel=1e-6)
    assert 0 < found.arrived <= 1


# Simulation

def test_simulated_noise_is_what_it_says():
    clean, noisy = table(4000, 0.0), table(4000, 0.02)
    error = np.log(noisy["L"] / clean["L"])
    assert error.std() == pytest.approx(0.02, rel=0.05) and abs(error.mean()) < 0.002
    wrong = np.log(table(4000, 0.0, outliers=0.1, outlier_size=0.3)["L"] / clean["L"])
    assert (wrong > 0).mean() == pytest.approx(0.1, abs=0.02) and (wrong >= 0).all() and wrong[wrong > 0].mean() == pytest.approx(0.3, rel=0.15)
    drift = np.log(table(4000, 0.0, drift=0.01)["L"] / clean["L"])
    assert np.polyfit(np.log10(clean["N"]), drift, 1)[0] == pytest.approx(0.01)
    assert np.array_equal(table(10, 0.1, seed=3)["L"], table(10, 0.1, seed=3)["L"])


@pytest.mark.parametrize("change", [{"noise": -1}, {"noise": "x"}, {"outliers": 2}, {"seed": -1}, {"outlier_size": np.nan}, {"drift": np.inf}])
def test_simulation_refuses(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        simulate.surface(TRUTH, [1e8], [1e9], **change)
    with pytest.raises(ValueError, match="law"):
        simulate.surface(ChinchillaLaw, [1e8], [1e9])


# Logs

def log(path, rows=None, text=None, encoding="utf-8"):
    path.write_bytes((text if text is not None else "run,params,tokens,loss\n" + "\n".join(",".join(map(str, r)) for r in rows) + "\n").encode(encoding))
    return path


def checkpoints(seed=0, runs=8, noise=0.004):
    rng = np.random.default_rng(seed)
    return [(f"run-{i}", n, d, float(TRUTH(n, d) * np.exp(e)))
            for i, (n, e) in enumerate(zip(np.geomspace(1e7, 3e9, runs), noise * rng.normal(size=runs), strict=True)) for d in np.geomspace(2e8, 5e10, 30)]


def test_a_log_is_fitted_with_its_runs_kept_together(tmp_path):
    fitted = fit_log(log(tmp_path / "log.csv", checkpoints()), skip=0, delta=1.0)
    assert len(fitted.runs) == 8 and fitted.law.beta == pytest.approx(TRUTH.beta, abs=0.05)
    together, apart = fitted.bootstrap(100), fitted.result.bootstrap(100)
    assert together.interval("E").width > apart.interval("E").width
    assert "8 runs" in repr(fitted)


def test_every_run_counts_the_same(tmp_path):
    rows = [row for row in checkpoints(noise=0) for _ in range(3 if row[0] == "run-0" else 1)]
    weights = fit_log(log(tmp_path / "log.csv", rows), skip=0).result.task.weights
    names = np.array([row[0] for row in rows])
    totals = [weights[names == f"run-{i}"].sum() for i in range(8)]
    assert np.allclose(totals, totals[0])


def test_a_wide_export_with_a_mark_and_steps(tmp_path):
    text = "\ufeffStep,small - train/loss,small - train/loss__MIN,small - train/loss__MAX,big one - train/loss\n" \
           "100,4.0,3.9,4.1,3.9\n200,3.8,3.7,3.9,\n400,3.6,3.5,3.7,3.3\n"
    found = read_log(log(tmp_path / "wide.csv", text=text), params={"small": 1e7, "big one": 1e8}, tokens_per_step=5e5, skip=0)
    assert found.run.tolist() == ["small"] * 3 + ["big one"] * 2 and found.D.tolist() == [5e7, 1e8, 2e8, 5e7, 2e8]
    assert found.L.tolist() == [4.0, 3.8, 3.6, 3.9, 3.3]


@pytest.mark.parametrize("text", ["Step,train/loss,_runtime\n100,4.0,7\n200,3.8,14\n", "Wall time,Step,Value\n1.7e9,100,4.0\n1.7e9,200,3.8\n"])
def test_the_log_of_one_run_is_named_by_its_file(text, tmp_path):
    found = read_log(log(tmp_path / "small.csv", text=text), params=1e7, tokens_per_step=5e5, skip=0)
    assert found.run.tolist() == ["small"] * 2 and found.D.tolist() == [5e7, 1e8] and found.L.tolist() == [4.0, 3.8]


def test_warm_up_is_left_out(tmp_path):
    rows = [("a", 1e7, d, 4.0) for d in (1e7, 5e7, 1e8, 1e9)]
    assert read_log(log(tmp_path / "log.csv", rows), skip=0.1).D.tolist() == [1e8, 1e9]


@pytest.mark.parametrize("text, options, words", [
    ("run,params,tokens,loss,val_loss\na,1e7,1e9,3,3\n", {}, "losses, and has 2: loss, val_loss"), ("run,params,loss\na,1e7,3\n", {}, "tokens_per_step"),
    ("run,step,params,loss\na,10,1e7,3\n", {}, "tokens_per_step"), ("run,tokens,loss\na,1e9,3\n", {}, "params=.*'a'"),
    ("run,tokens,loss\na,1e9,3\nb,1e9,3\n", {"params": {"a": 1e7}}, "no entry for the runs 'b'"), ("loss,tokens\n3,1e9\n", {}, "no column for the run"),
    ("step,loss\n100,3\n100,2.9\n", {}, "steps of one run"), ("step,train_loss,val_loss\n100,3,3\n", {}, "not the steps of one run"),
    ("run,name,params,tokens,loss\na,b,1e7,1e9,3\n", {}, "may be the run: run, name"), ("run,params,tokens,loss\n,1e7,1e9,3\n", {}, "no run in row 0"),
    ("run,params,tokens,loss\na,7,1e9,3\n", {}, "counts"), ("run,params,tokens,loss\na,1e7,1e9,55\n", {}, "perplexity"), ("run,params,tokens,loss\na,1e7,0,3\n", {}, "No checkpoint"),
    ("Step,a - loss,a - acc\n1,3,0.1\n", {"params": {"a": 1e7}, "tokens_per_step": 1e6}, "2 metrics"), ("run,params,tokens,loss\na,1e7,1e9,3\n", {"skip": 2}, "skip"),
])
def test_logs_that_will_not_do(text, options, words, tmp_path):
    with pytest.raises(ValueError, match=words):
        read_log(log(tmp_path / "log.csv", text=text), **options)
