"""A student that learns from a teacher: when it beats training alone, and when a stronger teacher hurts.

Use `SupervisedLaw` for training on data alone in the same paper's form, `DistillationLaw` for the student. The
constants known here are only reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .._validate import FloatArray
from .base import Law

__all__ = ["DistillationLaw", "SupervisedLaw"]


def _joined(theta: Mapping[str, Any], variables: Mapping[str, FloatArray]) -> Any:
    """Log of (A / N^alpha + B / D^beta)^gamma."""
    model = np.log(theta["A"]) - theta["alpha"] * np.log(variables["N"])
    data = np.log(theta["B"]) - theta["beta"] * np.log(variables["D"])
    return theta["gamma"] * np.logaddexp(model, data)


@dataclass(frozen=True)
class SupervisedLaw(Law):
    r"""Loss with the two terms under one power: :math:`L(N, D) = E + (A N^{-\alpha} + B D^{-\beta})^{\gamma}`.

    With gamma = 1 it is the Chinchilla law. Fitted to models of 143e6 to 12.6e9 parameters.

    Parameters
    ----------
    E : float
        Floor, nats per token.
    A, B : float
        Coefficients of the model and data terms.
    alpha, beta, gamma : float
        Exponents of N, of D and of their sum.

    References
    ----------
    .. [1] Busbridge et al. 2025, arXiv 2502.08606.

    Examples
    --------
    >>> law = SupervisedLaw(E=1.220, A=3355, B=18186, alpha=0.408, beta=0.431, gamma=0.452)
    >>> round(law(N=1e9, D=2e10), 3)
    2.375
    """

    E: float
    A: float
    B: float
    alpha: float
    beta: float
    gamma: float

    inputs: ClassVar[tuple[str, ...]] = ("N", "D")
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {
        "A": (1.0, 1e6), "B": (1.0, 1e6), "alpha": (0.1, 1.0), "beta": (0.1, 1.0), "gamma": (0.2, 1.2)}
    nonnegative: ClassVar[tuple[str, ...]] = ("E",)
    positive: ClassVar[tuple[str, ...]] = ("A", "B", "alpha", "beta", "gamma")

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        out: FloatArray = theta["E"] + np.exp(_joined(theta, variables))
        return out


@dataclass(frozen=True)
class DistillationLaw(Law):
    r"""Loss of a student with N parameters on D tokens labelled by a teacher of loss :math:`L_T`.

    .. math:: L_S = L_T + L_T^{-c_0} \left[1 + \left(\frac{L_T}{\tilde L_S d_1}\right)^{1/f_1}\right]^{-c_1 f_1}
              (A N^{-\alpha} + B D^{-\beta})^{\gamma}

    where :math:`\tilde L_S` is the loss that the same student reaches by itself on D tokens (`SupervisedLaw`).
    Fitted to students of 143e6 to 12.6e9 parameters.

    Parameters
    ----------
    A, B, alpha, beta, gamma : float
        The student's term.
    c0, c1, f1, d1 : float
        How the teacher's quality enters: power below the gap, depth, sharpness and place of the capacity gap.

    References
    ----------
    .. [1] Busbridge et al. 2025, arXiv 2502.08606.

    Examples
    --------
    >>> law = DistillationLaw(A=2243, B=24181, alpha=0.321, beta=0.637, gamma=0.764,
    ...                       c0=2.549, c1=522.6, f1=0.090, d1=1.315)
    >>> round(law(N=1e9, D=2e10, L_T=2.1, L_S=2.41), 2)
    2.31
    """

    A: float
    B: float
    alpha: float
    beta: float
    gamma: float
    c0: float
    c1: float
    f1: float
    d1: float

    inputs: ClassVar[tuple[str, ...]] = ("N", "D", "L_T", "L_S")
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {
        "A": (1.0, 1e6), "B": (1.0, 1e6), "alpha": (0.1, 1.0), "beta": (0.1, 1.0), "gamma": (0.2, 1.2),
        "c0": (0.0, 5.0), "c1": (1.0, 1e3), "f1": (0.03, 1.0), "d1": (0.5, 3.0)}
    positive: ClassVar[tuple[str, ...]] = ("A", "B", "alpha", "beta", "gamma", "f1", "d1")

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        teacher = np.log(variables["L_T"])
        gap = (teacher - np.log(variables["L_S"]) - np.log(theta["d1"])) / theta["f1"]
        strength = -theta["c0"] * teacher - theta["c1"] * theta["f1"] * np.logaddexp(0.0, gap)
        out: FloatArray = variables["L_T"] + np.exp(strength + _joined(theta, variables))
        return out
