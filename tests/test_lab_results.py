"""The measurements that come with the course: whole, explained, and what the code gives."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import numpy as np
import pytest

from scaling_lib.lab import LagMLP, MarkovSource, Run, experiments, results, train

#: What a scheduled job sets; these checks train runs again.
SCHEDULED = bool(os.environ.get("SCALING_LIB_RECOMPUTE"))


@pytest.mark.parametrize("name", results.names())
def test_a_table_is_whole_and_explained(name: str) -> None:
    table, card = results.load(name), results.about(name)
    assert len(table) == card.rows > 0 and list(table) == list(card.columns)
    assert all(meaning for meaning in card.columns.values()) and card.command.split()[3] == name
    assert "torch" in card.versions and card.machine and card.date and card.cpu_seconds > 0
    assert name in card._repr_html_() and f"{card.rows} rows" in card._repr_html_()
    for column in ("loss", "excess"):
        if column in table:
            assert np.isfinite(table[column]).all() and (table[column] > 0).all()


def test_every_experiment_is_measured() -> None:
    from scaling_lib.lab.experiments.presets import EXPERIMENTS

    assert set(results.names()) == {*EXPERIMENTS, "sample_counts"}


def test_the_tables_are_small() -> None:
    from importlib.resources import files

    assert sum(len(files(results).joinpath(f"{name}.csv").read_bytes()) for name in results.names()) < 1_500_000


def test_loading_needs_no_torch() -> None:
    program = "import sys; from scaling_lib.lab import results; [results.load(n) for n in results.names()]; assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("function", [results.load, results.about])
def test_an_unknown_name_says_which_there_are(function: object) -> None:
    with pytest.raises(ValueError, match="Did you mean 'isoflop'"):
        function("isoflops")  # type: ignore[operator]


def test_a_changed_file_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    cards = results._cards()
    monkeypatch.setattr(results, "_cards", lambda: {**cards, "noise": {**cards["noise"], "sha256": "0"}})
    with pytest.raises(RuntimeError, match="not the file that was shipped"):
        results.load("noise")


def test_the_numbers_follow_from_the_rows() -> None:
    """The exponent, the floor and the prediction of the cards, from the tables by the course's own functions."""
    from importlib import import_module

    valleys = import_module("scaling_lib.lab.experiments.isoflop").valleys
    rows, card = results.load("isoflop"), results.about("isoflop")
    swept = [rows[(rows["repeat"] == i) & ~rows["held_back"]] for i in range(2)]
    assert np.mean([valleys(part).a for part in swept]) == pytest.approx(card.numbers["a"], rel=1e-5)
    found = [experiments.joint_fit(part, entropy=MarkovSource().entropy, refits=10).numbers["E"] for part in swept]
    assert np.mean(found) == pytest.approx(card.numbers["joint_E"], rel=1e-4)
    beyond = rows[rows["held_back"]]
    assert beyond["excess"].mean() == pytest.approx(card.numbers["held_back_excess"], rel=1e-6)


def test_sampled_counts_give_the_sampled_scores() -> None:
    from scaling_lib.lab.experiments.sampling import expand

    scores = results.load("sample").set_index(["step", "temperature", "k"]).sort_index()
    for _, row in results.load("sample_counts").iterrows():
        again = expand(row, 0.01)
        kept = scores.loc[(row["step"], row["temperature"])]
        for column in ("pass_at_k", "majority", "verified"):
            assert again[column].to_numpy() == pytest.approx(kept[column].to_numpy(), abs=1e-6), column


def shipped(name: str, run: Run) -> float:
    rows = results.load(name)
    if "held_back" in rows:
        rows = rows[~rows["held_back"]]
    hit = rows[
        (rows["D"] == run.D) & (rows["N_total"] == run.model.counts(32).total) & (rows["setting_seed"] == run.seed)
    ]
    assert len(hit) == 1
    return float(hit["loss"].iloc[0])


def test_a_small_run_is_measured_again() -> None:
    """One cheap run in every test run; other machines round differently, and training carries that on."""
    from importlib import import_module

    runs = import_module("scaling_lib.lab.experiments.isoflop").grid({1e9: (15, 20)})
    for run in runs:
        assert train(run).loss == pytest.approx(shipped("isoflop", run), abs=0.02)


@pytest.mark.skipif(not SCHEDULED, reason="a scheduled job sets SCALING_LIB_RECOMPUTE: a minute of processor time")
def test_a_larger_part_is_measured_again() -> None:
    from importlib import import_module

    from scaling_lib.lab import sweep

    module = import_module("scaling_lib.lab.experiments.isoflop")
    runs = module.grid({C: module.PRESETS["extended"][C] for C in (1e9, 4e9, 1.6e10, 6.4e10)}, seed=1)
    table = sweep(runs, progress=False)
    gaps = table["loss"].to_numpy() - np.array([shipped("isoflop", run) for run in runs])
    assert np.abs(gaps).max() < 0.02 and abs(gaps.mean()) < 0.005
    again = train(Run(MarkovSource(), LagMLP(24), tokens=2**17, batch=16))
    noise = results.load("noise")
    first = noise[(noise["repeat"] == 0) & (noise["D"] == 2**17)]["loss"].iloc[0]
    assert again.loss == pytest.approx(first, abs=0.02) and not math.isnan(again.excess)
