"""The lab's experiments in miniature, what they compute from given rows, and their command line."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_lib import __main__ as command
from scaling_lib.lab import GPT, LagMLP, MarkovSource, ParityTask, TextSource, cli
from scaling_lib.lab import experiments as lab
from scaling_lib.lab.experiments import presets, sampling
from scaling_lib.lab.experiments.base import Experiment, Options, finished, line, slope
from scaling_lib.lab.experiments.corpora import _crossing, _r_star, _tokens_of
from scaling_lib.laws import ChinchillaLaw

mpl.use("agg")
# Their functions stand in front of the modules of the same name.
isoflop_module, protocols = (import_module(f"scaling_lib.lab.experiments.{name}") for name in ("isoflop", "protocols"))
SMALL = MarkovSource(vocab=8, order=2, weights=(1.0, 1.2, 1.0))


def table_of(law: ChinchillaLaw, budgets: Any, noise: float = 0.0) -> pd.DataFrame:
    """Rows as a sweep would give them if the law were true."""
    rng = np.random.default_rng(0)
    rows = [(N, C / 6 / N) for C, widths in budgets.items() for N in (20 * w * w + 3 * w for w in widths)]
    N, D = (np.array(column, float) for column in zip(*rows, strict=True))
    loss = law(N=N, D=D) * np.exp(noise * rng.standard_normal(len(N)))
    return pd.DataFrame(
        {"N_non_embedding": N, "D": D, "C_non_embedding": 6 * N * D, "loss": loss, "excess": loss - law.E}
    )


def sound(found: Experiment) -> Experiment:
    """Every experiment draws itself and becomes JSON, whole."""
    import matplotlib.pyplot as plt

    axes = found.draw()
    assert axes.get_xlabel() and axes.get_ylabel() and found.question.endswith("?")
    plt.close("all")
    answer = json.loads(found.to_json())
    assert len(answer["rows"]) == len(found.table) > 0 and set(answer["numbers"]) == set(found.numbers)
    assert answer["laws"] == list(found.laws) and not any("nan" in law for law in found.laws)
    return found


# What is computed from rows -----------------------------------------------------------------------------------------------


@given(st.floats(-2, 2), st.floats(0.1, 10))
@settings(max_examples=30, deadline=None)
def test_a_slope_is_recovered(rate: float, scale: float) -> None:
    x = np.geomspace(1, 1e4, 7)
    found, error = slope(x, scale * x**rate)
    assert found == pytest.approx(rate, abs=1e-9) and error < 1e-7


def test_the_standard_error_of_a_slope_is_that_of_least_squares() -> None:
    from scipy.stats import linregress

    x, rng = np.geomspace(1, 1e4, 9), np.random.default_rng(0)
    y = x**-0.3 * np.exp(0.1 * rng.standard_normal(9))
    reference = linregress(np.log(x), np.log(y))
    assert slope(x, y) == pytest.approx((reference.slope, reference.stderr))
    assert math.isnan(slope(x[:2], y[:2])[1])
    assert line("L", "D", x, 3 * x**-0.5).startswith("L = 3 D^-0.5000 (exponent ± ")


def test_a_joint_fit_finds_a_law_that_is_true() -> None:
    law = ChinchillaLaw(E=1.7, A=12.0, B=60.0, alpha=0.45, beta=0.4)
    numbers = lab.joint_fit(table_of(law, lab.PRESETS["full"], noise=0.002), entropy=1.7, refits=200).numbers
    assert (
        numbers["truth_inside"] == 1
        and numbers["E_low"] < numbers["E"] < numbers["E_high"]
        and numbers["left_out"] == 6
    )
    assert numbers["alpha_known"] == pytest.approx(0.45, abs=0.03) and numbers["beta_known"] == pytest.approx(
        0.4, abs=0.03
    )
    assert {"E_all", "E_low_all", "rms_all"} <= set(numbers)
    wrong = lab.joint_fit(table_of(law, lab.PRESETS["full"], noise=0.002), entropy=1.2, refits=200).numbers
    assert wrong["truth_inside"] == 0
    with pytest.raises(ValueError, match="leave_out"):
        lab.joint_fit(table_of(law, lab.PRESETS["classroom"]), entropy=1.7, leave_out=2)


def test_a_held_back_run_is_compared_with_the_frontier(monkeypatch: pytest.MonkeyPatch) -> None:
    law = ChinchillaLaw(E=1.7, A=12.0, B=60.0, alpha=0.4, beta=0.4)
    asked = []

    def measured(runs: Any, options: Options) -> pd.DataFrame:
        asked.extend(runs)
        N, D = float(runs[0].model.counts(32).non_embedding), float(runs[0].D)
        excess = float(law(N=N, D=D)) - 1.7
        return pd.DataFrame(
            [
                {
                    "N_non_embedding": N,
                    "D": D,
                    "C_non_embedding": 6 * N * D,
                    "loss": 1.7 + 1.1 * excess,
                    "excess": 1.1 * excess,
                    "excess_se": 0.001,
                }
            ]
        )

    monkeypatch.setattr(isoflop_module, "finished", measured)
    source = MarkovSource()
    object.__setattr__(source, "__dict__", source.__dict__ | {"entropy": 1.7})
    numbers = sound(lab.held_back(table_of(law, lab.PRESETS["full"]), source=source)).numbers
    assert len(asked) == 1 and numbers["C"] == pytest.approx(8 * 2.56e11, rel=0.01)
    # The run is a tenth worse than the law, which the excess shows and the total nearly hides.
    assert numbers["excess_error"] == pytest.approx(1 / 1.1 - 1, abs=0.02) and abs(numbers["loss_error"]) < 0.02
    assert numbers["exponent"] == pytest.approx(law.gamma, abs=0.01) and numbers["budgets"] == 3


def test_where_a_rising_curve_crosses() -> None:
    x = np.array([0.0, 0.1, 0.2, 0.4])
    assert _crossing(x, 1 + x, 1.3, 0.01) == pytest.approx((0.3, 0.01))
    assert math.isnan(_crossing(x, 1 + x, 2.0, 0.01)[0]) and math.isnan(_crossing(x, 1 + x, 0.5, 0.01)[0])


@given(st.floats(0.5, 50))
@settings(max_examples=30, deadline=None)
def test_what_repeats_are_worth_is_recovered(r_star: float) -> None:
    tokens = np.geomspace(1e3, 1e6, 12)
    repeats = np.array([0.0, 1, 3, 7, 15])
    worth = 1 + r_star * -np.expm1(-repeats / r_star)
    excess = (worth * 1e3) ** -0.4
    assert _tokens_of(excess, tokens, tokens**-0.4) == pytest.approx(worth * 1e3, rel=1e-6)
    assert _r_star(repeats, worth) == pytest.approx(r_star, rel=0.02)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=3, max_size=12), st.integers(1, 16))
@settings(max_examples=40, deadline=None)
def test_a_vote_lies_between_nothing_and_coverage(problems: list[tuple[int, int]], k: int) -> None:
    samples = 16
    right = np.array([r for r, _ in problems])
    others = [[o] if o else [] for _, o in problems]
    votes = sampling._ballots(right, others, samples)
    share = sampling._vote(votes, samples, k)
    covered = float(np.mean(1 - np.array([math.comb(samples - r, k) / math.comb(samples, k) for r in right])))
    assert 0 <= share <= 1 and (right.any() or share == 0)
    if k == 1:
        assert share == pytest.approx(right.mean() / samples, abs=0.25)
    if k == samples:
        assert share <= covered + 1e-12
        expected = [0.0 if r == 0 else 1.0 if r > max(o, samples - r - o > 0) else None for r, o in problems]
        if None not in expected:
            assert share == pytest.approx(np.mean([e for e in expected if e is not None]))


def test_votes_and_coverage_of_known_counts() -> None:
    row = pd.Series(
        {
            "tokens": 1,
            "step": 1,
            "exact_match": 0.5,
            "temperature": 1.0,
            "samples": 8,
            "right": [8, 3, 0, 1],
            "others": [[], [5], [4, 4], [2, 2, 1, 1, 1]],
        }
    )
    found = sampling.expand(row, 0.0).set_index("k")
    assert found.loc[1, "pass_at_k"] == pytest.approx(12 / 32) and found.loc[8, "pass_at_k"] == 0.75
    assert found.loc[8, "majority"] == 0.25 and found.loc[8, "majority_limit"] == 0.25
    assert (np.diff(found["pass_at_k"]) >= 0).all()


# Each experiment in miniature ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Experiment]:
    """The classroom sweep and the file that keeps its runs."""
    out = tmp_path_factory.mktemp("lab") / "runs.csv"
    return out, lab.isoflop("classroom", options=Options(str(out)))


def test_isoflop_classroom(classroom: tuple[Path, Experiment]) -> None:
    out, found = classroom
    sound(found)
    assert found.numbers["inside"] == 3 and 0.40 < found.numbers["a"] < 0.62 and found.numbers["a_se"] < 0.05
    assert found.numbers["a"] + found.numbers["b"] == pytest.approx(1, abs=1e-6)
    scale, exponent = (float(found.laws[0].split()[i].split("^")[-1]) for i in (2, 3))
    middle = isoflop_module.valleys(found.table).optimal(2e9).N
    assert found.laws[0].startswith("N* = ") and scale * 2e9**exponent == pytest.approx(middle, rel=0.01)
    again = lab.isoflop("classroom", options=Options(str(out)))
    assert (
        again.numbers == found.numbers and (again.table["seconds"] == found.table["seconds"]).all()
    ), "finished runs were trained again"


def test_scaling() -> None:
    numbers = sound(
        lab.scaling(widths=(3, 5, 8), tokens=(4096, 8192, 16384), large_width=12, large_tokens=16384, source=SMALL)
    ).numbers
    assert numbers["slope_D"] < -0.2 and numbers["slope_N"] < 0 and numbers["slope_D_se"] > 0


def test_schedule(tmp_path: Path) -> None:
    found = sound(lab.schedule(24, 2**15, 3, seeds=1, options=Options(str(tmp_path / "s.csv"))))
    assert found.numbers["midway_gap"] > 0 and found.numbers["tokens_saved"] == pytest.approx(
        1 - (8 * 0.8 + 0.2 * 15) / 15
    )
    assert set(found.table["arm"]) == {"cosine", "long cosine, read midway", "constant", "branches of one trunk"}
    assert (tmp_path / "s.branches.csv").exists()


def test_learning_rate() -> None:
    found = sound(
        lab.learning_rate(
            (4, 8),
            (2**12, 2**13),
            factors=(1.0, 2.0, 4.0, 8.0),
            source=SMALL,
            budgets={5e7: (3, 4, 6, 9), 2e8: (3, 4, 6, 9, 12)},
        )
    )
    assert len(found.table) == 2 * 2 * 2 * 4 and found.numbers["given_away_standard"] >= 0
    assert {"a_at_1", "a_at_2", "a_at_4", "lr_width_mup"} <= set(found.numbers)


def test_protocols(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocols, "GRIDS", {"classroom": {5e7: (3, 4, 6, 8), 2e8: (4, 6, 8, 12)}, "full": {}})
    monkeypatch.setattr(protocols, "LONG_WARMUP", 60)
    found = sound(lab.protocols("classroom", source=MarkovSource(vocab=32, order=1, weights=(1, 1.2))))
    assert list(dict.fromkeys(found.table["protocol"])) == list(protocols.ARMS)
    lowest = found.table.pivot_table(index=["C", "width"], columns="protocol", values="loss", dropna=False)
    assert (
        found.table.loc[found.table["protocol"] == "tuned rate", "loss"].to_numpy()
        <= found.table.loc[found.table["protocol"] == "matched cosine", "loss"].to_numpy()
    ).all()
    assert lowest.shape[1] == 5
    counted = found.table[found.table["protocol"] == "kaplan"].set_index("width")["N"]
    assert set(counted.loc[[4]]) == {LagMLP(4).counts(32).non_embedding}


def test_noise_and_repetition() -> None:
    found = sound(lab.noise(6, 2**12, (0.1, 0.6), source=SMALL)).numbers
    assert found["excess_more"] < found["excess_little"] and 0.1 < found["break_even"] < 0.6
    again = sound(lab.repetition(8, 2**12, (1, 2, 4), source=SMALL)).numbers
    assert again["worth_1"] == pytest.approx(1) and again["worth_4"] < 1.3


def test_architectures() -> None:
    found = sound(
        lab.architectures({"a": LagMLP(6), "b": GPT(8, heads=1, depth=1)}, (2**12, 2**13, 2**14, 2**15), source=SMALL)
    ).numbers
    assert found["slope_a"] < 0 and found["offset"] > 0 and math.isfinite(found["tilt"])
    with pytest.raises(ValueError, match="two models"):
        lab.architectures({"a": LagMLP(6)})


def test_addition_parity_and_sampling(tmp_path: Path) -> None:
    added = sound(lab.addition((8,), digits=(2,), steps=200, options=Options(str(tmp_path / "a.csv"))))
    assert (
        added.table["problems"].is_monotonic_increasing
        and (added.table["exact_match"] <= added.table["digit_accuracy"] + 1e-9).all()
    )
    assert added.table["log_prob"].iloc[-1] > added.table["log_prob"].iloc[0]
    skills = sound(lab.parity((32,), task=ParityTask(tasks=4, bits=6, subset=2), steps=200))
    assert skills.numbers["solved"] >= 1 and skills.table["mean_loss"].iloc[-1] < 0.69
    sampled = sound(
        lab.sample(
            8, 300, snapshots=(0.5, 1.0), temperatures=(0.7,), problems=40, samples=16, digits=2, false_positive=0.0
        )
    )
    last = sampled.table[sampled.table["k"] == 16]
    assert (last["verified"] <= last["pass_at_k"] + 1e-9).all() and (last["majority"] <= last["pass_at_k"] + 1e-9).all()
    assert sampled.numbers["pass_at_k"] >= sampled.numbers["pass_at_1"]


def test_text(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("the cat sat on the mat; a dog did not. " * 2000)
    found = sound(lab.text((4, 6, 8), (2048, 4096, 8192), source=TextSource(str(file)), window=32))
    assert 0 < found.numbers["best"] < math.log(256)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (lambda: lab.text(widths=(16,)), r"widths is \(16,\): expected a series of at least 3 different"),
        (lambda: lab.text(tokens=(2**16, 2**16, 2**17)), "tokens is .* at least 3"),
        (lambda: lab.scaling(widths=(8, 16)), "widths is .* at least 3"),
        (lambda: lab.scaling(tokens=2**16), "tokens is 65536: expected a series"),
        (lambda: lab.learning_rate(widths=(8,)), "widths is .* at least 2"),
        (lambda: lab.learning_rate(factors=(1.0, 2.0)), "factors is .* at least 3"),
        (lambda: lab.noise(shares=()), "shares is"),
        (lambda: lab.noise(times=0), "times is 0"),
        (lambda: lab.repetition(epochs=(0, 2)), "epochs is 0"),
        (lambda: lab.schedule(seeds=0), "seeds is 0"),
        (lambda: lab.schedule(doublings=0), "doublings is 0"),
        (lambda: lab.addition(widths=()), "widths is"),
        (lambda: lab.addition(seeds=0), "seeds is 0"),
        (lambda: lab.parity(widths=()), "widths is"),
        (lambda: lab.sample(temperatures=()), "temperatures is"),
        (lambda: lab.sample(snapshots=()), "snapshots is"),
    ],
)
def test_too_little_for_an_answer_is_refused_before_training(
    asked: Any, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trained(*_: Any, **__: Any) -> None:
        pytest.fail("something was trained")

    for module in ("sweeping", "jobs"):
        monkeypatch.setattr(f"scaling_lib.lab.{module}.carry", trained)
    with pytest.raises(ValueError, match=says):
        asked()


def test_a_failed_run_is_an_error_not_another_answer() -> None:
    from scaling_lib.lab import Run

    with pytest.raises(RuntimeError, match="1 of 1 runs failed.*MemoryError"):
        finished([Run(SMALL, LagMLP(65536, depth=1024), tokens=2048)], Options())


def test_repeats_are_averaged(monkeypatch: pytest.MonkeyPatch) -> None:
    def fake(*, seed: int, options: Options) -> Experiment:
        return Experiment("fake", "Is it?", pd.DataFrame({"x": [seed]}), {"a": float(seed), "b": 1.0}, lambda ax: ax)

    monkeypatch.setattr(presets, "EXPERIMENTS", {"fake": (fake, {size: {"repeats": 3} for size in presets.SIZES})})
    found = presets.measure("fake", seed=2)
    assert (
        found.numbers == {"a": 3.0, "a_sd": 1.0, "b": 1.0}
        and found.table["x"].tolist() == [2, 3, 4]
        and found.table["repeat"].tolist() == [0, 1, 2]
    )


# Command line ----------------------------------------------------------------------------------------------------------------


def test_the_command_knows_the_experiments() -> None:
    assert set(cli.NAMES) == set(presets.EXPERIMENTS) and cli.SIZES == presets.SIZES
    for _, sizes in presets.EXPERIMENTS.values():
        assert set(sizes) == set(presets.SIZES)


def test_the_command_prints_table_law_and_json_last(
    classroom: tuple[Path, Experiment], capsys: pytest.CaptureFixture[str]
) -> None:
    out = classroom[0]
    assert command.main(["lab", "isoflop", "--preset", "classroom", "--out", str(out), "--json"]) == 0
    lines = capsys.readouterr().out.strip().splitlines()
    answer = json.loads(lines[-1])
    assert (
        len(answer["rows"]) == 15
        and {"a", "a_se"} <= set(answer["numbers"])
        and answer["cpu_seconds"] > 0
        and answer["wall_seconds"] > 0
    )
    assert any(line.split()[:1] == ["a"] and "±" in line for line in lines) and out.read_text().count("\n") == 16
    assert [line.split()[1] for line in lines if line.startswith("  fitted: ")] == ["N*", "D*", "L"]
    assert "setting_noise" not in lines[2] and answer["laws"][0] in "\n".join(lines)
    assert command.main(["lab", "isoflop", "--out", str(out)]) == 0
    assert "cpu_seconds" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["isoflop", "--out", "runs.txt"], "ending in .csv"),
        (["isoflop", "--n-jobs", "0"], "--n-jobs is 0"),
        (["isoflop", "--seed", "-1"], "seed is -1"),
    ],
)
def test_the_command_refuses_in_one_line(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["lab", *arguments]) == 1
    error = capsys.readouterr().err
    assert says in error and error.startswith("error: ") and error.count("\n") == 1


def test_a_busy_file_is_one_line_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from scaling_lib.lab.journal import Journal
    from scaling_lib.lab.sweeping import COLUMNS

    with Journal.open(tmp_path / "runs.csv", COLUMNS):
        assert command.main(["lab", "isoflop", "--out", str(tmp_path / "runs.csv")]) == 1
    assert "Another sweep is writing this file" in capsys.readouterr().err


def test_help_needs_no_torch() -> None:
    program = "import sys\nfrom scaling_lib.__main__ import main\ntry:\n    main(['lab', '--help'])\nexcept SystemExit:\n    pass\nassert 'torch' not in sys.modules"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert found.returncode == 0 and "isoflop" in found.stdout, found.stderr
