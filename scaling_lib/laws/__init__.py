"""The formulas: one law a class, one family a file, no paper's numbers (those are in `scaling_lib.published`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Allocation, Law
from .batch import (
    BatchTradeoff,
    CriticalBatch,
    examples_at_batch,
    noise_scale,
    noise_scale_from_norms,
    step_improvement,
)
from .broken import M1, M2, M3, M4, Break, BrokenPowerLaw, broken_power_law
from .chinchilla import ChinchillaLaw, params_at_ratio
from .data_constrained import DataConstrainedLaw, effective_tokens
from .distillation import DistillationLaw, SupervisedLaw
from .downstream import LossToError, SigmoidAccuracy
from .inference import InferenceAllocation, inference_optimal, inference_saving
from .kaplan import (
    KaplanC,
    KaplanD,
    KaplanExponents,
    KaplanN,
    KaplanND,
    KaplanNS,
    alpha_C_min,
    compute_min,
    kaplan_exponents,
    steps_min,
)
from .overtraining import OvertrainingLaw, payback_tokens, small_model_overhead, small_model_tokens, smallest_model
from .power import PowerLaw, PowerRule, ProductRule, compute_multiplier, rescale_loss
from .precision import PrecisionLaw, QuantisationPenalty, effective_params, optimal_precision
from .quanta import QuantaExponents, QuantaModel, quanta_exponents
from .schedule import AnnealingLaw, Areas, annealing_area, cosine, schedule_areas, warmup_stable_decay
from .sparse import FineGrainedLaw, RoutedLaw
from .testtime import (
    BestOfNReward,
    BetaCoverage,
    KumaraswamyCoverage,
    PowerCoverage,
    RLReward,
    ScaledBetaCoverage,
)
from .transfer import TransferLaw

__all__ = [
    "M1",
    "M2",
    "M3",
    "M4",
    "Allocation",
    "AnnealingLaw",
    "Areas",
    "BatchTradeoff",
    "BestOfNReward",
    "BetaCoverage",
    "Break",
    "BrokenPowerLaw",
    "ChinchillaLaw",
    "CriticalBatch",
    "DataConstrainedLaw",
    "DistillationLaw",
    "FineGrainedLaw",
    "InferenceAllocation",
    "KaplanC",
    "KaplanD",
    "KaplanExponents",
    "KaplanN",
    "KaplanND",
    "KaplanNS",
    "KumaraswamyCoverage",
    "Law",
    "LossToError",
    "OvertrainingLaw",
    "PowerCoverage",
    "PowerLaw",
    "PowerRule",
    "PrecisionLaw",
    "ProductRule",
    "QuantaExponents",
    "QuantaModel",
    "QuantisationPenalty",
    "RLReward",
    "RoutedLaw",
    "ScaledBetaCoverage",
    "SigmoidAccuracy",
    "SupervisedLaw",
    "TransferLaw",
    "alpha_C_min",
    "annealing_area",
    "broken_power_law",
    "compute_min",
    "compute_multiplier",
    "cosine",
    "effective_params",
    "effective_tokens",
    "examples_at_batch",
    "from_dict",
    "inference_optimal",
    "inference_saving",
    "kaplan_exponents",
    "noise_scale",
    "noise_scale_from_norms",
    "optimal_precision",
    "params_at_ratio",
    "payback_tokens",
    "quanta_exponents",
    "rescale_loss",
    "schedule_areas",
    "small_model_overhead",
    "small_model_tokens",
    "smallest_model",
    "step_improvement",
    "steps_min",
    "warmup_stable_decay",
]


def from_dict(data: Mapping[str, Any]) -> Law:
    """Rebuild any law from its `to_dict`, whichever it is.

    Parameters
    ----------
    data : mapping
        With the entries ``law`` and ``parameters``, as `Law.to_dict` makes it.

    Returns
    -------
    Law

    Raises
    ------
    ValueError
        If no law has that name, or its constants do not fit.

    Examples
    --------
    >>> from_dict(PowerLaw(E=1.7, A=400.0, alpha=0.34).to_dict())
    PowerLaw(E=1.7, A=400.0, alpha=0.34)
    """
    from .._validate import choice, shown

    kinds = {name: value for name, value in globals().items()
             if isinstance(value, type) and issubclass(value, Law) and value is not Law}
    if not isinstance(data, Mapping) or "law" not in data:
        raise ValueError(
            f"This is not a description of a law: {shown(data)}. Expected a mapping with 'law' and 'parameters'."
        )
    return kinds[choice("law", data["law"], tuple(kinds))].from_dict(data)
