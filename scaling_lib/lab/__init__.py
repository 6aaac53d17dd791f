"""The lab: train families of small models, fit the law, and be tested by a larger one.

Start with a source (`MarkovSource` has a known entropy), a model (`LagMLP`), and a `Run` of the two; `train` makes one row
of it, `sweep` many, durably. Names load when first used, since most of them need torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "AdditionSource": "addition", "addition_run": "addition", "emergence": "addition", "sample_answers": "addition", "score": "addition",
    "GPT": "gpt",
    "LagMLP": "lagmlp",
    "MarkovSource": "markov",
    "ParityTask": "parity", "train_parity": "parity",
    "Run": "run",
    "sweep": "sweeping",
    "TextSource": "text",
    "Row": "training", "train": "training",
}

__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"scaling_lib.lab has no {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
