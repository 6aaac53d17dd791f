"""The lab's sources, models and schedules against what they claim to be."""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaling_lib.compute import Transformer
from scaling_lib.lab import GPT, AdditionSource, LagMLP, MarkovSource, ParityTask, Run, TextSource, train
from scaling_lib.lab.lagmlp import EPS, LagTrainer, _split
from scaling_lib.lab.machine import matmul_peak, one_thread
from scaling_lib.lab.schedule import SCHEDULES, rate, warmup_steps
from scaling_lib.lab.sources import HELD_OUT_SEED, corrupted, training_windows
from scaling_lib.lab.text import _merge, _merges
from scaling_lib.lab.training import train_branches

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SMALL = MarkovSource(vocab=8, order=2, weights=(1.0, 1.2, 1.0))


# Sources -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        MarkovSource(),
        SMALL,
        MarkovSource(vocab=2, order=1, weights=(1, 1)),
        MarkovSource(vocab=40, order=2, sharp=3.0, weights=(0.5, 1, 1)),
        MarkovSource(vocab=6, order=4, weights=(1, 1, 1, 1, 1)),
    ],
    ids=lambda s: f"V{s.vocab}k{s.order}",
)
def test_the_entropy_is_the_mean_surprise_of_its_own_text(source: MarkovSource) -> None:
    windows = source.windows(8192, 40, seed=3)
    surprise = source.surprise(windows, source.order).mean(axis=1)
    error = surprise.std(ddof=1) / math.sqrt(len(surprise))
    assert abs(surprise.mean() - source.entropy) < 4 * error, (surprise.mean(), source.entropy, error)
    assert error < 0.01 and windows.dtype == np.uint8 and windows.max() < source.vocab


def test_the_default_language_has_the_entropy_that_was_computed_for_it() -> None:
    assert MarkovSource().entropy == pytest.approx(1.6949179, abs=1e-7)
    assert MarkovSource().free_numbers == 32**3 * 31


@quick
@given(st.integers(2, 9), st.integers(1, 3), st.floats(0, 3), st.floats(0, 4), st.integers(0, 50))
def test_more_context_never_hurts(vocab: int, order: int, zipf: float, sharp: float, seed: int) -> None:
    source = MarkovSource(vocab=vocab, order=order, zipf=zipf, sharp=sharp, weights=(1.0,) * (order + 1), seed=seed)
    ladder = np.array(source.ladder)
    assert (
        len(ladder) == order + 1
        and ladder[0] <= math.log(vocab) + 1e-9
        and (np.diff(ladder) <= 1e-12).all()
        and ladder[-1] >= 0
    )
    assert source.entropy == ladder[-1]


def test_the_ladder_is_what_counting_the_text_gives() -> None:
    """A bigram table estimated from much text loses what the ladder says, by another route than the stationary distribution."""
    windows = SMALL.windows(1 << 15, 34, seed=9)[:, 2:]
    pairs = np.zeros((8, 8))
    np.add.at(pairs, (windows[:, :-1].ravel(), windows[:, 1:].ravel()), 1)
    p = pairs / pairs.sum()
    assert -(p * np.log(p / p.sum(1, keepdims=True))).sum() == pytest.approx(SMALL.ladder[1], abs=2e-3)
    assert -(p.sum(0) * np.log(p.sum(0))).sum() == pytest.approx(SMALL.ladder[0], abs=2e-3)


@quick
@given(st.integers(1, 6000), st.integers(1, 6000), st.integers(3, 12), st.integers(0, 3))
def test_a_longer_draw_begins_with_a_shorter_one(a: int, b: int, length: int, seed: int) -> None:
    short, long = sorted((a, b))
    assert (SMALL.windows(long, length, seed=seed)[:short] == SMALL.windows(short, length, seed=seed)).all()
    assert (
        training_windows(SMALL, short, length, seed=seed) == training_windows(SMALL, long, length, seed=seed)[:short]
    ).all()


def test_held_out_text_is_other_text() -> None:
    assert not np.array_equal(SMALL.windows(64, 20, seed=0), SMALL.windows(64, 20, seed=HELD_OUT_SEED))
    assert not np.array_equal(SMALL.windows(64, 20, seed=0), SMALL.windows(64, 20, seed=1))


@quick
@given(st.floats(0, 1))
def test_noise_replaces_the_share_it_says(share: float) -> None:
    windows = SMALL.windows(2048, 20)
    noisy = corrupted(windows, share, 8, seed=1)
    changed = (noisy != windows).mean()
    # One replacement in eight hits the symbol that stood there.
    assert abs(changed - share * 7 / 8) < 5 * math.sqrt(0.25 / windows.size) and noisy.dtype == windows.dtype


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"vocab": 1}, "vocab"),
        ({"vocab": 300}, "vocab"),
        ({"order": 5}, "order"),
        ({"order": 2}, "order \\+ 1 = 3"),
        ({"vocab": 256, "order": 3}, "smaller vocabulary"),
        ({"sharp": float("inf")}, "sharp"),
        ({"zipf": -1}, "zipf"),
        ({"seed": None}, "seed"),
        ({"weights": ("a",) * 4}, "weights"),
        ({"weights": None}, "weights is None: expected order \\+ 1 = 4 numbers"),
    ],
)
def test_a_language_that_cannot_be(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        MarkovSource(**wrong)


# Text --------------------------------------------------------------------------------------------------------------------


def naive_merges(text: list[int], count: int) -> tuple[list[tuple[int, int]], list[int]]:
    """Byte-pair encoding as it is told: find the most frequent pair, merge it from the left, again."""
    merges = []
    for new in range(256, 256 + count):
        often: dict[tuple[int, int], int] = {}
        for pair in zip(text, text[1:], strict=False):
            often[pair] = often.get(pair, 0) + 1
        best = max(sorted(often), key=lambda pair: often[pair])
        merges.append(best)
        text = naive_merge(text, *best, new)
    return merges, text


def naive_merge(text: list[int], left: int, right: int, new: int) -> list[int]:
    out, i = [], 0
    while i < len(text):
        if i + 1 < len(text) and (text[i], text[i + 1]) == (left, right):
            out.append(new)
            i += 2
        else:
            out.append(text[i])
            i += 1
    return out


@quick
@given(st.lists(st.integers(97, 100), min_size=12, max_size=80), st.integers(1, 4))
def test_merges_are_those_of_the_plain_method(text: list[int], count: int) -> None:
    merges, tokens = naive_merges(text, count)
    assert _merges(np.array(text, np.uint16), count) == merges
    array = np.array(text, np.uint16)
    for i, pair in enumerate(merges):
        array = _merge(array, *pair, 256 + i)
    assert array.tolist() == tokens


def test_a_run_of_equal_bytes_is_merged_from_its_left() -> None:
    assert _merge(np.array([5, 5, 5, 1, 5, 5, 5, 5], np.uint16), 5, 5, 256).tolist() == [256, 5, 1, 256, 256]


@pytest.mark.parametrize("vocab", [256, 300])
def test_text_comes_back_whole(tmp_path: Path, vocab: int) -> None:
    text = ("Ein Fuchs, größer als der andere, läuft. " * 60 + "Ende \U0001f98a\n").encode()
    file = tmp_path / "a.txt"
    file.write_bytes(text)
    source = TextSource(str(file), tokenizer="bytes" if vocab == 256 else "bpe", vocab=vocab)
    train_part, held = source._parts()
    assert source.decode(train_part) + source.decode(held) == text
    assert len(held) > 0 and source.tokens == len(train_part)
    assert source.bytes_per_token == pytest.approx(1.0) if vocab == 256 else source.bytes_per_token > 1.5


def test_the_standard_library_is_always_at_hand() -> None:
    source = TextSource()
    assert source.tokens > 5e6 and source.entropy is None and source.vocab == 256
    windows, held = source.windows(100, 64), source.windows(100, 64, seed=HELD_OUT_SEED)
    assert windows.shape == (100, 64) and not {bytes(row.astype(np.uint8)) for row in windows} & {
        bytes(row.astype(np.uint8)) for row in held
    }
    assert (source.windows(10, 64) == windows[:10]).all()


def test_the_text_is_part_of_the_description(tmp_path: Path) -> None:
    from scaling_lib.lab import text

    file = tmp_path / "a.txt"
    hashes = set()
    for content in ("one text " * 500, "another text " * 500):
        file.write_text(content)
        text._read.cache_clear()
        text._encoded.cache_clear()
        hashes.add(Run(TextSource(str(file)), LagMLP(4), tokens=1024).hash)
    assert len(hashes) == 2


@pytest.mark.parametrize(
    ("content", "wrong", "says"),
    [
        (b"", {}, "it is empty"),
        (b"\x89PNG\0\0\0" * 100, {}, "zero bytes, so it is not text"),
        (b"plain words " * 9000 + b"\0", {}, "zero bytes, so it is not text"),
        (bytes(range(1, 256)) * 40, {}, "is 6\\d % bytes that text hardly has, so it is not text"),
        (bytes(range(1, 9)) * 400, {}, "so it is not text"),
        (b"short", {}, "too short"),
        (None, {}, "no such file"),
        (b"abc" * 400, {"vocab": 300}, "vocab"),
        (b"abc" * 400, {"tokenizer": "words"}, "tokenizer"),
        (b"aaaa", {"tokenizer": "bpe", "vocab": 300}, "smaller vocabulary"),
    ],
)
def test_text_that_cannot_be_used(tmp_path: Path, content: bytes | None, wrong: dict[str, Any], says: str) -> None:
    file = tmp_path / "file.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=says):
        TextSource(str(file), **wrong).windows(4, 64)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_text_of_older_encodings_is_text(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes("Größe läuft schön über die Wiese.\t\x1b[1mEnde\r\n".encode(encoding) * 100)
    assert TextSource(str(file)).windows(4, 64).shape == (4, 64)


def test_an_empty_file_among_others_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_bytes(b"")
    (tmp_path / "module.py").write_bytes(b"print('some words')\n" * 200)
    assert TextSource(str(tmp_path), pattern="*.py").windows(4, 64).shape == (4, 64)


def test_what_is_no_file_and_no_folder_is_refused() -> None:
    with pytest.raises(ValueError, match="no such file or folder"):
        TextSource("/dev/null")


@pytest.mark.parametrize("window", [40, 700, 9000])
def test_text_too_short_to_train_or_to_test_on_is_refused_before_training(tmp_path: Path, window: int) -> None:
    file = tmp_path / "a.txt"
    file.write_text("words " * (10 if window == 40 else 1000))
    with pytest.raises(ValueError, match="two windows are needed. Take a shorter window or more text"):
        Run(TextSource(str(file)), LagMLP(4), tokens=window, window=window, batch=1)


def test_a_folder_without_such_files_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no file in it matches"):
        TextSource(str(tmp_path), pattern="*.md")


def test_more_tokens_than_there_are_is_refused_unless_seen_again(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("some words of a text " * 400)
    source = TextSource(str(file))
    with pytest.raises(ValueError, match="epochs=3 or more"):
        Run(source, LagMLP(4), tokens=16384, batch=4)
    row = train(Run(source, LagMLP(4), tokens=16384, batch=4, epochs=3))
    assert row.D == 16384 and math.isnan(row.excess) and row.loss < math.log(256)


# Models ------------------------------------------------------------------------------------------------------------------


def loss_of(trainer: LagTrainer, windows: torch.Tensor) -> torch.Tensor:
    """The lag MLP as its docstring says, for autograd."""
    p, d = trainer._views, trainer.model.width
    index = windows[:, :-1].unfold(1, trainer.model.lags, 1).reshape(-1)
    h = p["embed"][index].view(-1, trainer.model.lags * d) @ p["mix"].T
    norm = torch.nn.functional.layer_norm
    for i in range(trainer.model.depth):
        h = h + torch.relu(norm(h, (d,), p[f"gain{i}"], None, EPS) @ p[f"up{i}"]) @ p[f"down{i}"].T
    return torch.nn.functional.cross_entropy(
        norm(h, (d,), p["gain"], None, EPS) @ p["head"], windows[:, trainer.model.lags :].reshape(-1)
    )


@quick
@given(
    st.integers(2, 24),
    st.integers(1, 3),
    st.integers(1, 5),
    st.integers(2, 40),
    st.sampled_from(("standard", "mup")),
    st.integers(0, 9),
)
def test_gradients_written_by_hand_are_those_of_autograd(
    width: int, depth: int, lags: int, vocab: int, kind: str, seed: int
) -> None:
    trainer = LagMLP(width, depth=depth, lags=lags, parametrization=kind).trainer(vocab, seed=seed)
    # Away from the start, where gains are 1 and the head is small.
    # In double precision, so that the two routes differ by rounding only.
    shapes = trainer.model.shapes(vocab)
    trainer.flat = trainer.flat.double() + 0.2 * torch.randn(
        trainer.flat.shape, generator=torch.Generator().manual_seed(seed)
    )
    trainer.grad, trainer._eye = torch.zeros_like(trainer.flat), trainer._eye.double()
    trainer._views, trainer._grads = _split(trainer.flat, shapes), _split(trainer.grad, shapes)
    windows = torch.randint(vocab, (5, lags + 7), generator=torch.Generator().manual_seed(seed + 1))
    trainer.backward(windows)
    ours = trainer.grad.clone()
    theirs = copy.copy(trainer)
    leaf = trainer.flat.clone().requires_grad_()
    theirs._views = _split(leaf, shapes)
    loss = loss_of(theirs, windows)
    loss.backward()
    assert leaf.grad is not None
    assert torch.allclose(ours, leaf.grad, rtol=1e-8, atol=1e-12)
    assert trainer.losses(windows).mean().item() == pytest.approx(loss.item(), rel=1e-12)


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_steps_are_those_of_adamw(decay: float) -> None:
    trainer = LagMLP(8).trainer(12, seed=0)
    leaf = trainer.flat.clone().requires_grad_()
    optimizer = torch.optim.AdamW([leaf], lr=0.01, betas=(0.9, 0.98), weight_decay=decay)
    reference = copy.copy(trainer)
    for step in range(6):
        windows = torch.randint(12, (4, 20), generator=torch.Generator().manual_seed(step))
        reference._views = _split(leaf, trainer.model.shapes(12))
        optimizer.zero_grad()
        loss_of(reference, windows).backward()
        torch.nn.utils.clip_grad_norm_([leaf], 0.5)
        optimizer.step()
        trainer.step(windows, 0.01, betas=(0.9, 0.98), decay=decay, clip=0.5)
    assert torch.allclose(trainer.flat, leaf, atol=2e-5)


@quick
@given(st.integers(1, 40), st.integers(1, 4), st.integers(1, 6), st.integers(2, 300))
def test_a_lag_mlp_has_the_parameters_it_counts(width: int, depth: int, lags: int, vocab: int) -> None:
    model = LagMLP(width, depth=depth, lags=lags)
    trainer, counts = model.trainer(vocab, seed=0), model.counts(vocab)
    sizes = {name: tensor.numel() for name, tensor in trainer._views.items()}
    assert counts.total == trainer.flat.numel() == sum(sizes.values())
    assert (
        counts.with_head == counts.total - sizes["embed"] and counts.non_embedding == counts.with_head - sizes["head"]
    )


@quick
@given(
    st.integers(1, 6),
    st.integers(1, 3),
    st.sampled_from((1, 2, 4)),
    st.integers(2, 60),
    st.booleans(),
    st.sampled_from(("rotary", "learned")),
    st.integers(4, 40),
)
def test_a_gpt_has_the_parameters_it_counts(
    pairs: int, depth: int, heads: int, vocab: int, tied: bool, positions: str, length: int
) -> None:
    model = GPT(2 * pairs * heads, depth=depth, heads=heads, tied=tied, positions=positions, length=length)
    network, counts = model.trainer(vocab, seed=0).network, model.counts(vocab)
    sizes = {name: tensor.numel() for name, tensor in network.named_parameters()}  # a tied table comes once
    table, places = sizes["embed.weight"], sizes.get("place.weight", 0)
    assert counts.total == sum(sizes.values())
    assert counts.non_embedding == counts.total - table - places - (0 if tied else sizes["head.weight"])
    assert counts.with_head == counts.non_embedding + vocab * model.width


@pytest.mark.parametrize("positions", ["rotary", "learned"])
@pytest.mark.parametrize("tied", [True, False])
def test_a_gpt_is_counted_as_compute_counts_it(positions: str, tied: bool) -> None:
    width, depth = 32, 3
    shape = Transformer(
        n_layer=depth, d_model=width, n_heads=2, vocab=256, n_ctx=512, tied=tied, learned_positions=positions == "learned"
    )
    counts = GPT(width, depth, positions=positions, tied=tied).counts(256)
    gains = (2 * depth + 1) * width
    assert counts.total == shape.params("total")
    assert counts.with_head - gains == shape.params("with_head")
    assert counts.non_embedding - gains == shape.params("non_embedding")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"width": 10, "heads": 3}, "Heads that fit: 1, 2, 5, 10"),
        ({"width": 12, "heads": 4}, "must be even"),
        ({"width": 8, "positions": "sine"}, "positions"),
        ({"width": 8, "parametrization": "ntk"}, "parametrization"),
        ({"width": 0}, "width"),
        ({"width": 8, "heads": 0}, "heads"),
    ],
)
def test_a_gpt_that_cannot_be(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        GPT(**wrong)


def test_a_window_longer_than_the_learned_positions_is_refused() -> None:
    with pytest.raises(ValueError, match="places for 32. Take a shorter window, or a model with length=36"):
        Run(SMALL, GPT(8, positions="learned", length=32), tokens=2048)
    assert Run(SMALL, GPT(8, positions="rotary", length=32), tokens=2048).D == 2048


@pytest.mark.parametrize("positions", ["rotary", "learned"])
def test_a_gpt_does_not_look_ahead(positions: str) -> None:
    network = GPT(16, heads=2, positions=positions, length=32).trainer(9, seed=0).network
    tokens = torch.randint(9, (2, 20), generator=torch.Generator().manual_seed(0))
    changed = tokens.clone()
    changed[:, 12:] = (changed[:, 12:] + 1) % 9
    a, b = network(tokens), network(changed)
    assert torch.allclose(a[:, :12], b[:, :12], atol=1e-6) and not torch.allclose(a[:, 12:], b[:, 12:], atol=1e-3)
    shifted = network(tokens.flip(1))
    assert not torch.allclose(a[:, -1], shifted[:, -1], atol=1e-4), "positions do not matter"


@pytest.mark.parametrize(
    "model",
    [
        LagMLP(8),
        LagMLP(8, parametrization="mup"),
        GPT(8, heads=1),
        GPT(8, heads=1, tied=True, positions="learned", parametrization="mup"),
    ],
    ids=str,
)
def test_models_learn_and_a_clone_goes_its_own_way(model: Any) -> None:
    windows = torch.from_numpy(SMALL.windows(64, model.context + 16)).long()
    trainer = model.trainer(8, seed=1)
    start = trainer.losses(windows).mean().item()
    # A tied head begins with logits of unit size, so with a loss above that of guessing.
    assert start == pytest.approx(math.log(8), abs=0.8 if getattr(model, "tied", False) else 0.25)
    step = {"betas": (0.9, 0.98), "decay": 0.0, "clip": 1.0}
    for _ in range(5):
        trainer.step(windows, 0.02, **step)
    other = trainer.clone()
    before = trainer.losses(windows)
    for _ in range(5):
        other.step(windows, 0.02, **step)
    assert torch.equal(trainer.losses(windows), before), "the clone moved its original"
    for _ in range(5):
        trainer.step(windows, 0.02, **step)
    assert torch.equal(trainer.losses(windows), other.losses(windows)) and other.losses(windows).mean() < start - 0.05


@pytest.mark.parametrize("model", [LagMLP(8), GPT(8, heads=1)], ids=str)
def test_branches_of_one_trunk_are_the_separate_runs_bit_for_bit(model: Any) -> None:
    runs = [Run(SMALL, model, tokens=n, batch=8, warmup=5, schedule="wsd", window=16) for n in (2048, 8192, 4096)]
    branches, apart = train_branches(runs), [train(run) for run in runs]
    assert [row.loss for row in branches] == [row.loss for row in apart] and [row.hash for row in branches] == [
        run.hash for run in runs
    ]


@pytest.mark.parametrize(
    "wrong", [{"schedule": "cosine"}, {"epochs": 2}, {"noise": 0.1}, {"warmup": 6}, {"seed": 1}, {"horizon": 99999}]
)
def test_runs_without_a_common_trunk_are_refused(wrong: dict[str, Any]) -> None:
    base = {"batch": 8, "warmup": 5, "schedule": "wsd", "window": 16}
    with pytest.raises(ValueError, match="runs holds"):
        train_branches(
            [Run(SMALL, LagMLP(4), tokens=2048, **base), Run(SMALL, LagMLP(4), tokens=4096, **(base | wrong))]
        )


def test_a_row_says_what_it_cost() -> None:
    run = Run(SMALL, LagMLP(8), tokens=10_000, read_at=(0.25, 1.0))
    row = train(run)
    assert (
        row.D == run.D == 39 * 256
        and row.C_non_embedding == 6 * row.N_non_embedding * row.D
        and row.C_total == 6 * row.N_total * row.D
    )
    assert [point[0] for point in row.curve] == [2560, row.D] and row.curve[-1][1] == row.loss
    assert row.excess == pytest.approx(row.loss - SMALL.entropy, abs=0.05) and 0 < row.excess_se < 0.02
    assert row.tokens_per_second > 0 and 0 < row.peak_share < 1 and "torch" in row.versions and row.cpu_seconds > 0


def test_the_peak_is_a_rate() -> None:
    assert 1e9 < matmul_peak() < 1e13
    with one_thread():
        assert torch.get_num_threads() == 1


# Schedules -----------------------------------------------------------------------------------------------------------------


@quick
@given(st.sampled_from(SCHEDULES), st.integers(10, 3000), st.floats(0, 0.5), st.floats(0, 1), st.floats(0.01, 1))
def test_a_rate_rises_once_and_comes_down(
    schedule: str, horizon: int, warm: float, final: float, cooldown: float
) -> None:
    warmup = int(warm * horizon)
    rates = [
        rate(s, schedule=schedule, horizon=horizon, warmup=warmup, final=final, cooldown=cooldown)
        for s in range(horizon + 1)
    ]
    assert all(0 <= r <= 1 + 1e-12 for r in rates)
    assert (np.diff(rates[:warmup]) > 0).all() and (np.diff(rates[warmup:]) <= 1e-12).all()
    assert rates[-1] == pytest.approx(1.0 if schedule == "constant" else final if warmup < horizon else rates[-1])
    if schedule == "wsd" and (stay := [r for s, r in enumerate(rates) if warmup <= s < horizon * (1 - cooldown) - 1]):
        assert set(stay) == {1.0}


def test_warm_up_is_a_tenth_within_bounds() -> None:
    assert [warmup_steps(n) for n in (8, 100, 500, 5000)] == [10, 10, 50, 100]


# Tasks ---------------------------------------------------------------------------------------------------------------------


@quick
@given(st.integers(2, 6), st.data())
def test_problems_are_written_as_they_are_added(digits: int, data: st.DataObject) -> None:
    a, b = (data.draw(st.integers(0, 10**digits - 1)) for _ in range(2))
    text = "".join("0123456789+="[i] for i in AdditionSource(digits).write(a, b))
    left, _, right = text.partition("=")
    assert left == f"{a:0{digits}d}+{b:0{digits}d}" and right == f"{a + b:0{digits + 1}d}"


@pytest.mark.parametrize("digits", [1, 7, 2.5, "4"])
def test_digits_out_of_range(digits: Any) -> None:
    with pytest.raises(ValueError, match="digits"):
        AdditionSource(digits)


def test_parity_frequencies_fall_as_they_should() -> None:
    task = ParityTask(tasks=8, bits=10, alpha=0.5)
    share = task.frequencies
    assert share.sum().item() == pytest.approx(1) and (share[0] / share[3]).item() == pytest.approx(4**1.5)
    assert task.subsets.shape == (8, 3) and all(len(set(row)) == 3 for row in task.subsets.tolist())
    with pytest.raises(ValueError, match="at most bits"):
        ParityTask(bits=4, subset=5)
