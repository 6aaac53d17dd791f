"""The command line: answers, JSON, exit codes, and one clear line on bad files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scaling_lib import published
from scaling_lib.__main__ import main
from scaling_lib.fitting import simulate

B = published.BESIROGLU_2024


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A table of 40 simulated runs."""
    sizes, ratios = np.geomspace(1e7, 1e9, 8), np.geomspace(10, 100, 5)
    N, D = (grid.ravel() for grid in np.broadcast_arrays(sizes[:, None], sizes[:, None] * ratios))
    table = simulate.surface(B, N, D, noise=0.001, seed=0)
    path = tmp_path / "runs.csv"
    path.write_text("params,tokens,loss\n" + "\n".join(f"{n:.6g},{d:.6g},{v:.6f}"
                                                       for n, d, v in zip(N, D, table["L"], strict=True)))
    return path


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """An IsoFLOP sweep of three budgets."""
    table = simulate.isoflop_sweep(B, [1e18, 1e19, 1e20], sizes=9, noise=0.001, seed=0)
    path = tmp_path / "sweep.csv"
    path.write_text("flops,params,loss\n" + "\n".join(f"{c:.8g},{n:.8g},{v:.6f}"
                                                      for c, n, v in zip(*(table[k] for k in "CNL"), strict=True)))
    return path


def answer(capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    assert main([*argv, "--json"]) == 0
    out = capsys.readouterr()
    assert out.err == ""
    return json.loads(out.out)


def test_plan_prints_and_speaks_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "1e23 FLOP"]) == 0
    assert "Train 21B parameters" in capsys.readouterr().out
    data = answer(capsys, "plan", "512 H100 for 30 days at 35-45% MFU", "--inference-tokens", "prompt=10T", "output=1T",
                  "--serving-utilisation", "prompt=40%", "output=0.05", "--unique-tokens", "1T", "--candidate",
                  "ours=13B", "--price-per-hour", "2.5", "--price-date", "2025-02", "--laws",
                  "BESIROGLU_2024,HOFFMANN_2022", "--quantise")
    assert data["inputs"]["inference_tokens"] == {"prompt": 1e13, "output": 1e12}
    assert data["inputs"]["candidates"] == {"ours": 13e9
                                            } and data["inputs"]["laws"] == ["BESIROGLU_2024", "HOFFMANN_2022"]
    assert data["answer"]["lifetime"]["price_ratio"]["output"] == pytest.approx(8)


def test_fit_saves_what_plan_loads(capsys: pytest.CaptureFixture[str], runs: Path, tmp_path: Path) -> None:
    saved = tmp_path / "fit.json"
    data = answer(capsys, "fit", str(runs), "--bootstrap", "300", "--save", str(saved))
    low, high = data["bootstrap"]["intervals"]["alpha"]
    assert data["status"] == "CONVERGED" and low < data["parameters"]["alpha"] < high
    assert main(["fit", str(runs), "--fix", "E=1.8172"]) == 0
    assert "held" in capsys.readouterr().out
    planned = answer(capsys, "plan", "1e22 FLOP", "--law", str(saved))
    assert planned["answer"]["pick"]["basis"] == "yours" and planned["answer"]["loss"]["value"] == pytest.approx(
        float(B.optimal(1e22).L), abs=0.02)


def test_isoflop(capsys: pytest.CaptureFixture[str], sweep: Path) -> None:
    data = answer(capsys, "isoflop", str(sweep), "--bootstrap", "200", "-C", "1e21")
    assert [v["status"] for v in data["valleys"]] == ["INSIDE"] * 3
    low, high = data["bootstrap"]["intervals"]["a"]
    assert low < data["a"] < high and data["a"] == pytest.approx(B.a, abs=0.05)
    assert 6 * data["optimal"]["N"] * data["optimal"]["D"] == pytest.approx(1e21, rel=0.01)
    assert main(["isoflop", str(sweep)]) == 0
    assert "N ~ C^0." in capsys.readouterr().out


def test_flops(capsys: pytest.CaptureFixture[str]) -> None:
    data = answer(capsys, "flops", "--layers", "96", "--width", "12288", "--heads", "96", "--vocab", "50257",
                  "--context", "2048", "--tokens", "300B")
    assert data["params"]["non_embedding"] == 12 * 96 * 12288**2
    assert data["attention_share"] == pytest.approx(0.0137, abs=1e-4)
    assert data["train_flop"]["6ND"] == pytest.approx(6 * data["params"]["total"] * 3e11)


# Bad files: one line, exit code 1


@pytest.mark.parametrize(("content", "said"), [
    (b"", "nothing in it"),
    (b"params,tokens\n1e8,1e10\n", "L"),
    (b"params,n_params,tokens,loss\n1e8,1e8,1e10,3\n", "n_params"),
    (b"\x00\x01\x02\xff", "runs.csv"),
    (b"params,tokens,loss\n1e8,1e10\n1,2,3,4,5\n", "runs.csv"),
    (b"params,tokens,loss\n" + b"1e8,1e10,three\n" * 9, "three"),
    (b"params,tokens,loss\n" + b"".join(b"%g,1e10,3\n" % n for n in (7, 8, 9, 1e9, 2e9, 3e9)), "params"),
    (b"params,tokens,loss\n1e8,1e10,3.1\n2e8,1e10,3.0\n", "distinct"),
])
def test_bad_files_get_one_clear_line(content: bytes, said: str, tmp_path: Path,
                                      capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "runs.csv"
    path.write_bytes(content)
    assert main(["fit", str(path)]) == 1
    out = capsys.readouterr()
    assert out.out == "" and out.err.startswith("error: ") and out.err.count("\n") == 1 and said in out.err


def test_byte_order_marks_and_other_encodings_are_read(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = answer(capsys, "fit", str(runs))
    text = runs.read_text()
    for encoded in (text.encode("utf-8-sig"), text.encode("utf-16"), text.replace(",", ";").encode("latin-1")):
        runs.write_bytes(encoded)
        assert answer(capsys, "fit", str(runs))["parameters"] == plain["parameters"]


@pytest.mark.parametrize("argv", [
    ["fit", "no/such.csv"],
    ["isoflop", "no/such.csv"],
    ["plan", "1e23"],
    ["plan", "1e23 FLOP", "--law", "no/such.json"],
    ["plan", "1e23 FLOP", "--unique-tokens", "25"],
    ["plan", "1e23 FLOP", "--inference-tokens", "a", "b"],
    ["plan", "1e23 FLOP", "--inference-tokens", "many"],
    ["flops", "--layers", "2", "--width", "10", "--heads", "3", "--vocab", "9", "--context", "8"],
])
def test_refused_inputs_exit_with_1(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: ") and err.count("\n") == 1


def test_unwritable_and_unknown(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", str(runs), "--save", "no/such/folder/fit.json"]) == 1
    assert main(["fit", str(runs), "--law", "ChinchilaLaw"]) == 1
    assert "ChinchillaLaw" in capsys.readouterr().err


@pytest.mark.parametrize("argv",
                         [[], ["nonsense"], ["plan"], ["plan", "1e23 FLOP", "--unique-tokens", "many"], ["fit"],
                          ["flops"], ["fit", "x.csv", "--bootstrap", "-3"], ["fit", "x.csv", "--fix", "E"],
                          ["plan", "1e23 FLOP", "--utilisation", "x"], ["plan", "1e23 FLOP", "--goodput", "0.4-0.5"]])
def test_misused_commands_exit_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(argv)
    assert end.value.code == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["plan", "fit", "isoflop", "flops"])
def test_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    out = capsys.readouterr().out
    assert f"example: python -m scaling_lib {command}" in " ".join(out.split())


def test_as_a_module_in_a_process_of_its_own(tmp_path: Path) -> None:
    def run(*argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-W", "error", "-m", "scaling_lib", *argv],
                              capture_output=True,
                              text=True,
                              timeout=120)

    good = run("flops", "--layers", "2", "--width", "64", "--heads", "4", "--vocab", "100", "--context", "32", "--json")
    assert (good.returncode, good.stderr) == (0, "") and json.loads(
        good.stdout)["params"]["non_embedding"] == 12 * 2 * 64**2
    bad = run("plan", "1e23")
    assert bad.returncode == 1 and bad.stdout == "" and bad.stderr.count("\n") == 1
    assert run("plan").returncode == 2
