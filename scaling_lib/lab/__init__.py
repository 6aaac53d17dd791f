"""The lab: train families of small models, fit the law, and be tested by a larger one.

Start with a source (`MarkovSource` has a known entropy), a model (`LagMLP`), and a `Run` of the two; `train` makes one row
of it, `sweep` many, durably. `experiments` ask whole questions, `results` holds what a larger sweep of each gave. Names load when first used, since most of them need torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "AdditionSource": "addition",
    "addition_run": "addition",
    "emergence": "addition",
    "sample_answers": "addition",
    "score": "addition",
    "GPT": "gpt",
    "LagMLP": "lagmlp",
    "MarkovSource": "markov",
    "ParityTask": "parity",
    "train_parity": "parity",
    "perform": "jobs",
    "Run": "run",
    "sweep": "sweeping",
    "TextSource": "text",
    "Row": "training",
    "train": "training",
    "train_branches": "training",
}

_MODULES = ("experiments", "results")

__all__ = sorted([*_HOMES, *_MODULES])  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"scaling_lib.lab has no {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
