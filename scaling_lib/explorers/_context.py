"""The context explorer: how much of a forward pass 6ND does not count, as the context grows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from .. import published
from ..compute import Transformer, kv_cache_bytes
from ._controls import Choice, Guess, Setting, Slider
from ._explorer import Explorer
from ._view import Axis, Band, Dot, Line, Panel, Readout, Rule, View

__all__ = ["context"]

LOW, HIGH = 2.0**10, 2.0**20
_FIRST, _ASKED = "LLaMA-1 7B", 2.0**17
_SHAPES = ("GPT-2 124M", "LLaMA-1 7B", "Llama 3 8B", "GPT-3 175B", "Llama 3.1 405B")
_NAMES = {2.0**k: f"{2 ** (k - 10)}k" if k < 20 else "1M" for k in range(10, 21)}


def _at(name: str, n_ctx: float) -> Transformer:
    return replace(published.SHAPES[name], n_ctx=round(n_ctx))


def _beyond(shape: Transformer) -> float:
    """Attention over the context, in units of the 2N that 6ND counts."""
    return shape.attention_flop_per_token / (2 * shape.params("non_embedding"))


def _compute(settings: Mapping[str, Setting]) -> View:
    name, n_ctx = str(settings["model"]), float(settings["n_ctx"])
    across = np.geomspace(LOW, HIGH, 41)
    shares = np.array([_at(name, n).attention_share for n in across])
    here = _at(name, n_ctx)
    even = n_ctx / _beyond(here)  # the term is proportional to the context
    panel = Panel(
        Axis("Context, tokens (log scale)", LOW, HIGH, "log",
             tuple((at, text) for at, text in _NAMES.items() if math.log2(at) % 2 == 0)),
        Axis("Share of the forward FLOP", 0, 1, ticks=tuple((k / 4, f"{25 * k} %") for k in range(5))),
        (
            Band(across, np.zeros(41), 1 - shares, "parameters: what 6ND counts", "quiet"),
            Band(across, 1 - shares, np.ones(41), "attention over the context", "second"),
            Line(across, 1 - shares, "", tone="second"),
        ),
        (
            Rule(even, "half and half: {even}"),
            Dot(n_ctx, 1 - here.attention_share, "attention: {share}", "above"),
        ),
    )
    return View(
        (panel,),
        readouts=(
            Readout("share", "Attention's share", here.attention_share, "percent:1"),
            Readout("beyond", "Attention, times 2N", _beyond(here), "sig:3"),
            Readout("factor", "True FLOP over 6ND", 1 + _beyond(here), "sig:3"),
            Readout("even", "Half and half at", even, "short:3", "tokens"),
            Readout("cache", "Keys and values of one sequence", float(kv_cache_bytes(here, n_ctx)) / 1e9, "sig:3", "GB"),
            Readout("n_ctx", "Context", n_ctx, "fixed:0", "tokens", when="never"),
        ),
        text="At a context of {n_ctx} tokens, attention takes {share} of the forward FLOP: {beyond} times what the "
        "parameters take. Counting 6ND alone would miss the true number by a factor of {factor}.",
    )


def context(*, ask: bool = True) -> Explorer:
    """Attention's share of a forward pass against the length of the context, for known shapes.

    Counted as by Kaplan et al.: 2 n_layer n_ctx d_attn FLOP a token, beside 2N for the parameters of the blocks.

    Parameters
    ----------
    ask : bool
        Ask for a guess before anything is shown.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If `ask` is not True or False.

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, equation 2.2 and Table 1.

    Examples
    --------
    >>> context().set(model="GPT-3 175B", n_ctx=2048).view.readouts[0].shown
    '1.4 %'
    """
    if not isinstance(ask, bool):
        raise ValueError(f"ask is {ask!r}: expected True or False.")
    asked = _at(_FIRST, _ASKED)
    guess = Guess(
        "ch03.context",
        f"{_FIRST} was trained with {published.SHAPES[_FIRST].n_ctx} tokens of context, where 6ND is good to a few "
        f"percent. Take the same shape with {_NAMES[_ASKED]} tokens. By what factor does the true number of FLOP then "
        "exceed what 6ND counts?",
        "True FLOP over 6ND",
        1 + _beyond(asked),
        1,
        1000,
        format="sig:3",
        explain=f"Attention alone takes {_beyond(asked):.2f} times what the parameters take. It grows with the context, "
        "the parameters do not; for the standard shape the two are equal at a context of twelve times the width.",
    )
    return Explorer(
        _compute,
        (
            Choice("model", "Model", {name: name for name in _SHAPES}, _FIRST),
            Slider("n_ctx", "Context", LOW, HIGH, step=math.log10(2), value=_ASKED, log=True, unit="tokens",
                   format="fixed:0"),
        ),
        title="Slide the context",
        description="Each token is compared with those before it. The longer the context, the more of the work is "
        "comparing, and the less is parameters.",
        guess=guess if ask else None,
    )
