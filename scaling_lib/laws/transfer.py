"""Pre-training on one distribution, fine-tuning on another: what the first is worth in data of the second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .._validate import FloatArray, Numeric
from .base import Law

__all__ = ["TransferLaw"]


@dataclass(frozen=True)
class TransferLaw(Law):
    r"""Data of the target that pre-training is worth: :math:`D_T = k D_F^{\alpha} N^{\beta}`.

    D_F is the fine-tuning data and D_T what a model trained from scratch would need in addition to reach the same loss.
    Valid in the low-data regime, where D_F is at most a tenth of what training from scratch would need.

    Parameters
    ----------
    k : float
        Scale, in the unit of the data (characters in the paper).
    alpha : float
        Exponent of the fine-tuning data: how much the two distributions differ.
    beta : float
        Exponent of the parameters.

    References
    ----------
    .. [1] Hernandez et al. 2021, arXiv 2102.01293, equation 1.1.

    Examples
    --------
    >>> law = TransferLaw(k=1.9e4, alpha=0.18, beta=0.38)
    >>> f"{law(D_F=3e8, N=1e9):.2e}"
    '1.68e+09'
    """

    k: float
    alpha: float
    beta: float

    inputs: ClassVar[tuple[str, ...]] = ("D_F", "N")
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"alpha": (0.0, 1.0), "beta": (0.0, 1.0)}
    target: ClassVar[str] = "D_T"
    positive: ClassVar[tuple[str, ...]] = ("k",)

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        exponent = theta["alpha"] * np.log(variables["D_F"]) + theta["beta"] * np.log(variables["N"])
        out: FloatArray = theta["k"] * np.exp(exponent)
        return out

    def data_multiplier(self, D_F: object, N: object) -> Numeric:
        """Effective data over fine-tuning data, (D_F + D_T) / D_F."""
        tokens = self._bind((D_F, N), {})["D_F"]
        return 1 + self(D_F, N) / (tokens if tokens.ndim else float(tokens))
