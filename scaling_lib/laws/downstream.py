"""From loss to what people measure: mean error and task accuracy.

Use `LossToError` for the mean top-1 error of many tasks, `SigmoidAccuracy` for one task whose accuracy starts at chance
and saturates. Both take a loss; chain them behind a law of (N, D) with :class:`scaling_lib.capability.TwoStep`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .._validate import FloatArray
from .base import Law

__all__ = ["LossToError", "SigmoidAccuracy"]


@dataclass(frozen=True)
class LossToError(Law):
    r"""Mean error of a suite of tasks at loss L: :math:`Err(L) = \epsilon - k e^{-\gamma L}`.

    It belongs to the suite and the evaluation corpus it was fitted on; 104 models of 11e6 to 6.9e9 parameters.

    Parameters
    ----------
    epsilon : float
        Error at high loss, a fraction: near chance.
    k, gamma : float
        Depth and rate of the exponential, gamma per nat.

    References
    ----------
    .. [1] Gadre et al. 2024, arXiv 2403.08540, equation 5.

    Examples
    --------
    >>> round(LossToError(epsilon=0.85, k=2.0, gamma=0.75)(2.5), 4)
    0.5433
    """

    epsilon: float
    k: float
    gamma: float

    inputs: ClassVar[tuple[str, ...]] = ("L",)
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"gamma": (0.1, 3.0)}
    target: ClassVar[str] = "error"

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        out: FloatArray = theta["epsilon"] - theta["k"] * np.exp(-theta["gamma"] * variables["L"])
        return out


@dataclass(frozen=True)
class SigmoidAccuracy(Law):
    r"""Accuracy of a task at loss L: :math:`Acc(L) = b + a / (1 + e^{k (L - L_0)})`.

    L is the loss on the task's right answers (nats or bits per byte), which is what makes the link tight. Reported
    for models of 190e6 to 1.3e9 parameters, checked at 7e9 and 13e9; accuracies near chance tell little of the curve.

    Parameters
    ----------
    a : float
        Rise from the floor to the ceiling, a fraction.
    k : float
        Steepness, per unit of loss.
    L0 : float
        Loss at half the rise.
    b : float
        Floor, a fraction: chance for a multiple-choice task.

    References
    ----------
    .. [1] Bhagia et al. 2024, arXiv 2412.04403.

    Examples
    --------
    >>> round(SigmoidAccuracy(a=0.75, k=8.0, L0=0.8, b=0.25)(0.7), 3)
    0.767
    """

    a: float
    k: float
    L0: float
    b: float

    inputs: ClassVar[tuple[str, ...]] = ("L",)
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"k": (0.5, 30.0), "L0": "L"}
    target: ClassVar[str] = "accuracy"

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        out: FloatArray = theta["b"] + theta["a"] * np.exp(
            -np.logaddexp(0.0, theta["k"] * (variables["L"] - theta["L0"]))
        )
        return out
