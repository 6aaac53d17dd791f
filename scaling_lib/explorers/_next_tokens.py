"""The next four times the tokens: over-trained runs with their ends hidden, a law fitted to the rest, the truth."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from .._validate import FloatArray
from ..laws import OvertrainingLaw
from ._controls import Choice, Guess, Setting, Slider, Toggle
from ._explorer import Explorer
from ._format import show
from ._view import Axis, Handle, Line, OwnGuess, Panel, Points, Readout, Rule, View

__all__ = ["next_tokens"]

_CORPORA = {"redpajama": "RedPajama", "c4": "C4"}
_SIZES = {"11M": 1.1e7, "79M": 7.9e7, "154M": 1.54e8, "412M": 4.12e8}
_UPTO = {"40": 40.0, "80": 80.0, "160": 160.0}  # tokens per parameter of the last run that is shown
_LEAST, _HIDDEN = 20.0, 4.0
_START: dict[str, Setting] = {"corpus": "redpajama", "size": "154M", "upto": "160"}
_MOST = 0.5  # nats that a line can be drawn to fall
_TICKS = ((20, "20"), (40, "40"), (80, "80"), (160, "160"), (320, "320"), (640, "640"))


class _Runs(NamedTuple):
    """Runs of one corpus below a billion parameters: size, tokens per parameter, loss on C4."""

    N: FloatArray
    M: FloatArray
    L: FloatArray

    def of(self, size: str) -> tuple[FloatArray, FloatArray]:
        rows = np.abs(np.log(self.N / _SIZES[size])) < 0.1
        order = np.argsort(self.M[rows])
        return self.M[rows][order], self.L[rows][order]


@cache
def _runs(corpus: str) -> _Runs:
    from .. import datasets

    table: Any = datasets.load("overtraining_loss_runs")
    kept = table[(table.train_data == corpus) & (table.params < 1e9) & (table.chinchilla_multiple >= 1)]
    N, D, L = (kept[name].to_numpy(np.float64) for name in ("params", "training_tokens", "loss_nats_c4_val"))
    return _Runs(N, D / N, L)


@cache
def _law(corpus: str, upto: float) -> OvertrainingLaw:
    """The over-training law of the runs of all four sizes that are not hidden."""
    from ..compute import train_flop
    from ..fitting import fit

    runs = _runs(corpus)
    seen = runs.M < 1.1 * upto
    N, M, L = runs.N[seen], runs.M[seen], runs.L[seen]
    return fit(OvertrainingLaw, C=train_flop(N, N * M), M=M, L=L).law


def _compute(settings: Mapping[str, Setting]) -> View:
    corpus, size, upto = str(settings["corpus"]), str(settings["size"]), _UPTO[str(settings["upto"])]
    fall = float(settings["fall"])
    M, L = _runs(corpus).of(size)
    seen, hidden = M < 1.1 * upto, (M > 1.1 * upto) & (M < 1.1 * _HIDDEN * upto)
    far = float(M[hidden][-1])
    across = np.geomspace(_LEAST, 800, 33)
    curve = np.asarray(_law(corpus, upto).of_model(_SIZES[size], across))
    last, end = float(L[seen][-1]), float(L[hidden][-1])
    expected = float(_law(corpus, upto).of_model(_SIZES[size], far))
    low = np.floor(10 * min(float(L.min()), expected, last - _MOST) - 0.2) / 10
    top = np.ceil(10 * float(L[0]) + 0.5) / 10
    first = all(settings[key] == value for key, value in _START.items())
    return View(
        (
            Panel(
                Axis("Training tokens per parameter (log scale)", 16, 800, "log", _TICKS),
                Axis("Loss on held-out C4 (nats per token)", low, top),
                (
                    Line(np.array([upto, far]), np.array([last, last]), "no more gain", "dotted", "quiet"),
                    Line(across, curve, "law of the shown runs of all sizes", "dashed", "second", "law"),
                    Line(np.array([upto, far]), np.array([last, last - fall]), "your line", "solid", "third"),
                    Points(M[seen], L[seen], "shown runs", "circle", "main"),
                    Points(M[hidden], L[hidden], "hidden runs", "diamond", "truth", "truth"),
                ),
                (
                    Rule(upto, "shown up to here", style="solid"),
                    Handle(
                        far, last - fall, last, last - _MOST, "fall", "End of your line", glyph="square", tone="third"
                    ),
                    *((OwnGuess(far),) if first else ()),
                ),
                height=360,
            ),
        ),
        readouts=(
            Readout("last", "Last shown loss", last, "fixed:3", "nats per token"),
            Readout("drawn", "Your line ends at", last - fall, "fixed:2", "nats per token"),
            Readout("law", "The law says there", expected, "fixed:3", "nats per token", "law"),
            Readout("end", "Measured there", end, "fixed:3", "nats per token", "truth"),
            Readout("fell", "It fell further by", last - end, "fixed:3", "nats", "truth"),
            Readout("upto", "Shown up to", upto, "fixed:0", when="never"),
            Readout("first", "Fell since 20 tokens per parameter", float(L[0] - last), "fixed:3", when="never"),
        ),
        text="Up to {upto} tokens per parameter the loss has come down to {last} nats, {first} less than at 20. Your "
        "line goes on to {drawn} nats. Show the law, then the hidden runs.",
    )


def next_tokens(**settings: Any) -> Explorer:
    """Small models trained far beyond twenty tokens per parameter, with their last four-fold of tokens hidden.

    Parameters
    ----------
    **settings
        Where controls stand first: fall, corpus, size, upto, law, truth.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If there is no such control or it cannot take the value.

    References
    ----------
    .. [1] Gadre et al. 2024, arXiv 2403.08540 (the runs, and the form of the law).

    Examples
    --------
    >>> readouts = {readout.key: readout.shown for readout in next_tokens().view.readouts}
    >>> readouts["last"], readouts["law"], readouts["end"]
    ('3.239', '3.102', '3.105')
    """
    first = {readout.key: readout.value for readout in _compute({**_START, "fall": 0.0}).readouts}
    M, L = (column[:4] for column in _runs(str(_START["corpus"])).of(str(_START["size"])))
    guess = Guess(
        "ch08.next",
        "A model of 154 million parameters was trained on RedPajama, for 20, 40, 80 and 160 tokens per parameter. "
        f"Its losses came down from {L[0]:.3f} to {L[3]:.3f} nats per token. Now it gets four times as many tokens "
        "again, 640 per parameter. Has it had enough? Drag the mark to the loss that you expect, and the ends of its "
        "bar until you are 80 % sure.",
        "Loss at 640 tokens per parameter",
        first["end"],
        2,
        4,
        unit="nats per token",
        format="fixed:3",
        options={"full": "It has had enough: almost no gain", "learns": "It goes on learning"},
        right="learns" if first["fell"] > 0.05 else "full",
        picture=Panel(
            Axis("Training tokens per parameter (log scale)", 16, 800, "log", _TICKS),
            Axis("Loss on held-out C4 (nats per token)", 2.8, 3.6),
            (Points(M, L, "", "circle", "main"),),
            (Rule(640.0, "", style="dotted"),),
            title="Four finished runs",
            height=300,
        ),
        at=640.0,
        explain=f"It fell by another {show(first['fell'], 'fixed:3')} nats. The law of the shown runs expected "
        f"{show(first['law'], 'fixed:3')}. Show both, then try the other sizes and the other corpus: not every hidden "
        "run lies as near.",
    )
    return Explorer(
        _compute,
        (
            Slider(
                "fall", "Let your line fall by", 0, _MOST, step=0.01, value=0.05, unit="nats", format="fixed:2", nodes=2
            ),
            Choice("size", "Parameters", {key: key for key in _SIZES}, str(_START["size"])),
            Choice("upto", "Tokens per parameter shown", {key: key for key in _UPTO}, str(_START["upto"])),
            Choice("corpus", "Trained on", _CORPORA, str(_START["corpus"])),
            Toggle("law", "Show the law", layer=True),
            Toggle("truth", "Show the hidden runs", layer=True),
        ),
        title="The next four times the tokens",
        description="Each model was trained several times, on more and more tokens. The longest runs are hidden. Drag "
        "the end of your line to where you expect the loss, then show the law and the runs.",
        guess=guess,
    ).set(**settings)
