"""Scaling laws for neural networks: formulas, published constants, data, fits, allocation, plots and checks.

Names are imported when first used, so that ``import scaling_lib`` costs milliseconds: torch, SciPy, pandas,
Matplotlib and the widget libraries load only with the room that needs them.

Examples
--------
>>> from scaling_lib import published
>>> published.HOFFMANN_2022.optimal(C=5.76e23)
Allocation(N=3.219e+10, D=2.982e+12, C=5.76e+23, L=1.931)
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

#: Public name -> module that holds it ("" for a module of that name).
_HOMES = {
    "Allocation": "laws", "ChinchillaLaw": "laws", "Law": "laws", "PowerLaw": "laws",
    "Plan": "planner", "plan": "planner",
    "AnnealingLaw": "laws", "BatchTradeoff": "laws", "BetaCoverage": "laws", "BrokenPowerLaw": "laws",
    "CriticalBatch": "laws", "DataConstrainedLaw": "laws", "DistillationLaw": "laws", "FineGrainedLaw": "laws",
    "KaplanC": "laws", "KaplanD": "laws", "KaplanN": "laws", "KaplanND": "laws", "KaplanNS": "laws",
    "LossToError": "laws", "M1": "laws", "M2": "laws", "M3": "laws", "M4": "laws", "OvertrainingLaw": "laws",
    "PowerCoverage": "laws", "PowerRule": "laws", "PrecisionLaw": "laws", "RoutedLaw": "laws",
    "SigmoidAccuracy": "laws", "SupervisedLaw": "laws", "TransferLaw": "laws",
    "Transformer": "compute", "capability": "", "sampling": "", "units": "",
    "fit": "fitting", "check": "checks", "hint": "checks", "progress": "checks",
    "allocate": "", "checks": "", "compute": "", "datasets": "", "explorers": "", "fitting": "", "laws": "",
    "planner": "", "plots": "", "published": "",
}

__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"scaling_lib has no {name!r}; it has {', '.join(__all__)}")
    home = _HOMES[name]
    value = getattr(import_module(f"{__name__}.{home}"), name) if home else import_module(f"{__name__}.{name}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
