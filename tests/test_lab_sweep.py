"""The lab's sweeps: durable, parallel, repeatable, and clear about what went wrong."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from scaling_lib.lab import GPT, LagMLP, MarkovSource, Run, sweep
from scaling_lib.lab.base import Counts
from scaling_lib.lab.jobs import digest, perform
from scaling_lib.lab.journal import Journal
from scaling_lib.lab.sweeping import COLUMNS, TIMING

SOURCE = MarkovSource(vocab=8, order=2, weights=(1.0, 1.2, 1.0))


def runs(count: int = 5) -> list[Run]:
    return [Run(SOURCE, LagMLP(4 + i), tokens=2048 * (count - i), seed=i, read_at=(0.5,)) for i in range(count)]


def results(table: Any) -> Any:
    return table.drop(columns=list(TIMING))


def same(a: Any, b: Any) -> bool:
    """Equal bit for bit, times aside."""
    exact = all(
        np.array_equal(a[name].to_numpy(float), b[name].to_numpy(float), equal_nan=True)
        for name in ("loss", "excess", "excess_se")
    )
    return bool(exact and results(a).to_json(double_precision=15) == results(b).to_json(double_precision=15))


def stored(path: Path) -> list[list[str]]:
    """The rows of a file as text, times aside."""
    import csv

    with open(path, newline="") as file:
        return [[row[name] for name in COLUMNS if name not in TIMING] for row in csv.DictReader(file)]


# What must not happen to a worker, as sources and models -------------------------------------------------------------------


@dataclass(frozen=True)
class Deadly(MarkovSource):
    """Kills the process that draws from it, once the file that it is told to wait for holds a finished run."""

    wait_for: str = ""

    def windows(self, count: int, length: int, *, seed: int = 0) -> Any:
        for _ in range(600):
            if Path(self.wait_for).read_text().count("\n") >= 2:
                break
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Probe:
    """A model whose loss is the number of threads it may use."""

    width: int = 1
    context: int = 2

    def counts(self, vocab: int) -> Counts:
        return Counts(1, 1, 1)

    def trainer(self, vocab: int, *, seed: int, device: str = "cpu") -> Probe:
        return self

    def clone(self) -> Probe:
        return self

    def step(self, windows: torch.Tensor, lr: float, **rest: Any) -> None:
        pass

    def losses(self, windows: torch.Tensor) -> torch.Tensor:
        return torch.full((len(windows),), float(torch.get_num_threads()))


@pytest.fixture(scope="module")
def serial() -> Any:
    return sweep(runs(), progress=False)


@pytest.fixture(scope="module")
def loky() -> Any:
    yield
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)


# Durable -----------------------------------------------------------------------------------------------------------------


def test_a_killed_sweep_goes_on_and_ends_as_if_it_had_never_been_killed(tmp_path: Path, serial: Any) -> None:
    out, whole = tmp_path / "killed.csv", tmp_path / "whole.csv"
    program = (
        "import sys; sys.path.insert(0, sys.argv[2]); from test_lab_sweep import runs, sweep; import test_lab_sweep, scaling_lib.lab.sweeping as s, time\n"
        "one = s._one\ndef slow(run):\n    row = one(run); time.sleep(0.4); return row\n"
        "s._one = slow\nsweep(runs(), sys.argv[1], progress=False)"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(out), str(Path(__file__).parent)])
    deadline = time.time() + 120
    while time.time() < deadline and (not out.exists() or out.read_text().count("\n") < 3):
        time.sleep(0.02)
    process.kill()
    process.wait()
    before = stored(out)
    assert 2 <= len(before) < 5, "the sweep was not killed in its middle"
    first_time = out.read_text().splitlines()[1]
    resumed = sweep(runs(), out, progress=False)
    sweep(runs(), whole, progress=False)
    assert same(resumed, serial) and stored(out) == stored(whole)
    assert first_time in out.read_text(), "a finished run was trained again"


@pytest.mark.parametrize("cut", [1, 40, 400])
def test_a_line_cut_off_in_the_middle_is_repaired(tmp_path: Path, serial: Any, cut: int) -> None:
    out = tmp_path / "runs.csv"
    sweep(runs(), out, progress=False)
    data = out.read_bytes()
    out.write_bytes(data[:-cut])
    again = sweep(runs(), out, progress=False)
    assert same(again, serial) and len(stored(out)) == 5
    kept = data[:-cut].rsplit(b"\n", 1)[0]
    assert out.read_bytes().startswith(kept), "a run that was whole was lost"


def test_only_what_is_missing_is_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "runs.csv"
    sweep(runs()[:3], out, progress=False)
    trained: list[str] = []
    from scaling_lib.lab import sweeping

    real = sweeping._one
    monkeypatch.setattr(sweeping, "_one", lambda run: trained.append(run.hash) or real(run))
    table = sweep([runs()[1], *runs(), runs()[0]], out, progress=False)
    assert sorted(trained) == sorted(run.hash for run in runs()[3:])
    assert list(table["hash"]) == [runs()[i].hash for i in (1, 0, 2, 3, 4)]


def test_rows_of_other_sweeps_stay(tmp_path: Path) -> None:
    out = tmp_path / "runs.csv"
    sweep(runs()[:2], out, progress=False)
    sweep(runs()[2:4], out, progress=False)
    assert {row[0] for row in stored(out)} == {run.hash for run in runs()[:4]}


def test_two_sweeps_do_not_write_one_file(tmp_path: Path) -> None:
    out = tmp_path / "runs.csv"
    with Journal.open(out, COLUMNS), pytest.raises(BlockingIOError, match="Another sweep"):
        sweep(runs()[:1], out, progress=False)
    assert len(sweep(runs()[:1], out, progress=False)) == 1


def test_parquet_holds_what_csv_holds(tmp_path: Path) -> None:
    import pandas as pd

    table = sweep(runs()[:2], tmp_path / "runs.parquet", progress=False)
    assert (pd.read_parquet(tmp_path / "runs.parquet")["loss"] == table["loss"]).all()


def test_a_disk_that_is_full_at_the_end_leaves_what_stood_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pandas as pd

    out = tmp_path / "runs.parquet"
    sweep(runs()[:1], out, progress=False)
    before = out.read_bytes()

    def full(self: Any, path: Path) -> None:
        path.write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(pd.DataFrame, "to_parquet", full)
        with pytest.raises(OSError, match="disk is full: what was finished before is stored"):
            sweep(runs()[:2], out, progress=False)
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".csv", ".lock", ".parquet"]
    assert out.read_bytes() == before and len(stored(tmp_path / "runs.journal.csv")) == 2


class Full:
    """A file on a disk that has room for a few bytes more."""

    def __init__(self, file: Any, room: int) -> None:
        self.file, self.room = file, room

    def write(self, data: Any) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        part = bytes(data[: self.room])
        self.room -= len(part)
        return int(self.file.write(part))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


def test_a_full_disk_is_said_and_what_was_finished_stays(
    tmp_path: Path, serial: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "runs.csv"
    sweep(runs()[:2], out, progress=False)
    before = out.read_bytes()
    real = Journal.__init__

    def short(self: Journal, path: Path, columns: Any, file: Any, done: Any) -> None:
        real(self, path, columns, Full(file, 1500), done)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "__init__", short)
        with pytest.raises(OSError, match="disk is full") as caught:
            sweep(runs(), out, progress=False)
    assert caught.value.errno == errno.ENOSPC and caught.value.filename == str(out)
    after = out.read_bytes()
    assert after.startswith(before) and after.endswith(b"\n") and len(after) <= len(before) + 1500
    assert same(sweep(runs(), out, progress=False), serial)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full; the test above covers it")
def test_a_really_full_device() -> None:
    with pytest.raises(OSError, match="disk is full"), Journal.open.__func__(Journal, Path("/dev/full"), ("hash",)):
        pass


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x00\xff\xfe" * 100 + b"\n", "not text"),
        (b"a,b,c\n1,2,3\n", "not a file of results"),
        (b"N,D,L", "not a file of results"),
        (",".join(COLUMNS).encode() + b"\nonly,three,fields\n", "damaged"),
    ],
)
def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path, content: bytes, says: str) -> None:
    out = tmp_path / "mine.csv"
    out.write_bytes(content)
    with pytest.raises(ValueError, match=says):
        sweep(runs()[:1], out, progress=False)
    assert out.read_bytes() == content


# Failures ----------------------------------------------------------------------------------------------------------------


def failing() -> list[Run]:
    absent = next(
        name
        for name in ("cuda", "mps")
        if not {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}[name]
    )
    return [Run(SOURCE, LagMLP(4), tokens=2048, device=absent), Run(SOURCE, LagMLP(65536, depth=1024), tokens=2048)]


def test_failed_runs_are_recorded_and_the_sweep_goes_on(tmp_path: Path, serial: Any) -> None:
    out = tmp_path / "runs.csv"
    table = sweep([*failing(), *runs()], out, progress=False)
    assert table["error"].iloc[0].startswith("ValueError: device is") and "MemoryError" in table["error"].iloc[1]
    assert table["loss"].iloc[:2].isna().all()
    assert same(table.iloc[2:].reset_index(drop=True), serial)
    again = sweep([*failing(), *runs()], out, progress=False)
    assert same(again, table), "a failed run is not tried again unasked"


def test_failed_runs_are_tried_again_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scaling_lib.lab import training

    out = tmp_path / "runs.csv"
    with monkeypatch.context() as patch:
        patch.setattr(training, "train", lambda run: (_ for _ in ()).throw(MemoryError()))
        assert "MemoryError" in sweep(runs()[:1], out, progress=False)["error"].iloc[0]
    assert sweep(runs()[:1], out, progress=False, retry_failed=True)["error"].iloc[0] == ""


def test_a_loss_that_is_not_finite_is_an_error() -> None:
    from scaling_lib.lab import train

    run = Run(SOURCE, GPT(8, heads=1), tokens=2048, peak_lr=100.0, warmup=0)

    class Broken(Probe):
        def losses(self, windows: torch.Tensor) -> torch.Tensor:
            return torch.full((len(windows),), float("nan"))

    from dataclasses import replace

    with pytest.raises(FloatingPointError, match="peak_lr = 100 was too high"):
        train(replace(run, model=Broken()))


def test_a_run_without_memory_says_what_to_do() -> None:
    from scaling_lib.lab import train

    with pytest.raises(MemoryError, match="does not fit into memory: take a smaller model or batch"):
        train(failing()[1])
    with pytest.raises(ValueError, match="run is 'x': expected a Run"):
        train("x")  # type: ignore[arg-type]


def test_a_killed_worker_is_said_and_nothing_is_lost(tmp_path: Path, serial: Any, loky: None) -> None:
    out = tmp_path / "runs.csv"
    deadly = Run(Deadly(vocab=8, order=2, weights=(1.0, 1.2, 1.0), wait_for=str(out)), LagMLP(4), tokens=10 * 2048)
    with pytest.raises(RuntimeError, match="worker process was killed.*stored; call again"):
        sweep([deadly, *runs()], out, n_jobs=2, progress=False)
    finished = stored(out)
    assert finished and deadly.hash not in {row[0] for row in finished}
    lines = out.read_text().splitlines()[1:]
    again = sweep(runs(), out, n_jobs=1, progress=False)
    assert same(again, serial) and all(line in out.read_text() for line in lines)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"tokens": 100}, "one batch is"),
        ({"tokens": 0}, "tokens is 0"),
        ({"tokens": 2048.5}, "whole number"),
        ({"device": "tpu"}, "one of 'cpu'"),
        ({"device": "cpuu"}, "Did you mean 'cpu'"),
        ({"schedule": "linear"}, "schedule"),
        ({"noise": 1.5}, "noise"),
        ({"peak_lr": -1.0}, "peak_lr"),
        ({"peak_lr": float("nan")}, "peak_lr"),
        ({"read_at": (0.0,)}, "read_at"),
        ({"read_at": 0.5}, "read_at is 0.5: expected several numbers"),
        ({"betas": (0.9, 1.0)}, "betas"),
        ({"betas": (0.9,)}, "betas has 1 entries: expected two"),
        ({"betas": None}, "betas is None"),
        ({"source": None}, "source is None: expected a source such as"),
        ({"source": LagMLP(4), "model": SOURCE}, "source is LagMLP"),
        ({"model": LagMLP}, "model is <class"),
        ({"epochs": 0}, "epochs"),
        ({"seed": -1}, "seed"),
        ({"batch": 0}, "batch"),
        ({"window": None}, "window"),
        ({"clip": 0.0}, "clip"),
    ],
)
def test_a_run_refuses_what_cannot_be(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Run(**({"source": SOURCE, "model": LagMLP(4), "tokens": 4096} | wrong))


@pytest.mark.parametrize(
    ("listed", "kwargs", "says"),
    [
        ([], {}, "runs is empty"),
        (["x"], {}, "expected Run objects"),
        (Run(SOURCE, LagMLP(4), tokens=2048), {}, "expected Run objects in a list"),
        (None, {"out": "runs.txt"}, "ending in .csv or .parquet"),
        (None, {"n_jobs": 0}, "n_jobs is 0: expected a number of workers, or -1"),
        (None, {"n_jobs": "two"}, "n_jobs is 'two'"),
    ],
)
def test_a_sweep_refuses_what_cannot_be(listed: Any, kwargs: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        sweep(runs(1) if listed is None else listed, progress=False, **kwargs)


# The same everywhere -------------------------------------------------------------------------------------------------------


def test_two_workers_agree_with_one_bit_for_bit(serial: Any, loky: None) -> None:
    assert same(sweep(runs(), n_jobs=2, progress=False), serial)


def test_a_local_dask_cluster_agrees_bit_for_bit(tmp_path: Path, serial: Any) -> None:
    import joblib
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        client.run(sys.path.insert, 0, str(Path(__file__).parent))
        with joblib.parallel_config(backend="dask"):
            found = sweep(runs(), tmp_path / "runs.csv", n_jobs=2, progress=False)
            threads = sweep([Run(SOURCE, Probe(), tokens=2048)], progress=False)
        workers = client.run(lambda: "scaling_lib.lab.training" in sys.modules)
    assert same(found, serial) and threads["loss"].iloc[0] == 1.0
    assert any(workers.values()), "the runs were not trained on the cluster"


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_worker_uses_one_thread(n_jobs: int, loky: None) -> None:
    table = sweep([Run(SOURCE, Probe(), tokens=2048, seed=i) for i in range(2)], n_jobs=n_jobs, progress=False)
    assert (table["loss"] == 1.0).all()


def test_the_threads_of_the_caller_are_left_as_they_were(serial: Any) -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        sweep(runs(1), progress=False)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_the_global_seed_neither_matters_nor_changes(serial: Any) -> None:
    torch.manual_seed(123)
    np.random.seed(5)
    state, legacy = torch.random.get_rng_state(), np.random.get_state()[1].copy()
    assert same(sweep(runs(), progress=False), serial)
    assert (torch.random.get_rng_state() == state).all() and (np.random.get_state()[1] == legacy).all()


def test_the_hash_is_the_same_in_every_process() -> None:
    program = "from scaling_lib.lab import *; print(Run(MarkovSource(vocab=8, order=2, weights=(1.0, 1.2, 1.0)), LagMLP(4), tokens=10240, read_at=(0.5,)).hash)"
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    # Pinned: another value would make everybody's finished runs be trained again.
    assert found == {runs(5)[0].hash} == {"0cce7cb295177721"}


def test_every_setting_is_part_of_the_hash() -> None:
    from dataclasses import replace

    base = Run(SOURCE, LagMLP(4), tokens=8192)
    changes: list[dict[str, Any]] = [
        {"source": MarkovSource(vocab=8, order=2, weights=(1.0, 1.2, 1.1))},
        {"model": LagMLP(4, lags=3)},
        {"model": LagMLP(4, parametrization="mup")},
        {"tokens": 8448},
        {"window": 16},
        {"batch": 4},
        {"peak_lr": 0.01},
        {"schedule": "wsd"},
        {"horizon": 9000},
        {"warmup": 3},
        {"final": 0.1},
        {"cooldown": 0.1},
        {"epochs": 2},
        {"noise": 0.1},
        {"betas": (0.9, 0.95)},
        {"decay": 0.1},
        {"clip": 2.0},
        {"read_at": (0.5,)},
        {"seed": 1},
        {"device": "cuda"},
    ]
    hashes = [replace(base, **change).hash for change in changes]
    assert len({base.hash, *hashes}) == len(changes) + 1
    assert (
        replace(base, tokens=8192).hash
        == Run(MarkovSource(vocab=8, order=2, weights=(1, 1.2, 1)), LagMLP(4.0), tokens=8192.0).hash
    )


# Tasks that are not runs -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    value: int
    log: str = ""


def square(task: Task) -> list[dict[str, Any]]:
    if task.log:
        with open(task.log, "a") as file:
            file.write(f"{task.value}\n")
    if task.value < 0:
        raise ValueError("negative")
    return [{"value": task.value, "square": task.value**2, "third": task.value / 3}]


def test_other_tasks_are_durable_too(tmp_path: Path, loky: None) -> None:
    out, log = str(tmp_path / "tasks.csv"), str(tmp_path / "log")
    with pytest.raises(RuntimeError, match="1 of 3 tasks failed, the first with: ValueError: negative"):
        perform(square, [Task(3, log), Task(-1, log), Task(5, log)], out)
    found = perform(square, [Task(3, log), Task(7, log), Task(5, log)], out, n_jobs=2)
    assert list(found["square"]) == [9, 49, 25] and found["third"].tolist() == [1.0, 7 / 3, 5 / 3]
    assert sorted(Path(log).read_text().split()) == ["-1", "3", "5", "7"], "a finished task was done again"
    with pytest.raises(ValueError, match="items is empty"):
        perform(square, [])
    with pytest.raises(ValueError, match="ending in .csv"):
        perform(square, [Task(3)], str(tmp_path / "tasks.parquet"))


def long_record(task: Task) -> list[dict[str, Any]]:
    return [{"counts": list(range(40_000))}]


def test_long_records_come_back(tmp_path: Path) -> None:
    out = str(tmp_path / "tasks.csv")
    first, again = (perform(long_record, [Task(1)], out) for _ in range(2))
    assert first["counts"][0] == again["counts"][0] == list(range(40_000))


def test_a_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": (1, 2)}) == digest({"b": [1, 2], "a": 1}) != digest({"a": 2, "b": [1, 2]})
