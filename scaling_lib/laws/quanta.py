"""The quantization model: skills learned one at a time, most used first, whose sum is a power law.

Use it to see how a smooth average can come from abrupt parts, and why the data exponent is smaller than the model's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, computed, finite, integer, positive, scalar

__all__ = ["QuantaExponents", "QuantaModel", "quanta_exponents"]


@dataclass(frozen=True)
class QuantaExponents:
    """Exponents of the excess loss in parameters, data and steps.

    Attributes
    ----------
    N, D, S : float
        Exponents of the parameters, of single-epoch data, and of optimisation steps.
    """

    N: float
    D: float
    S: float


def quanta_exponents(alpha: object) -> QuantaExponents:
    r"""Exponents that follow from frequencies :math:`p_k \propto k^{-(\alpha + 1)}`.

    :math:`L \propto N^{-\alpha}`, and :math:`D^{-\alpha/(\alpha+1)}`, :math:`S^{-\alpha/(\alpha+1)}`.

    Parameters
    ----------
    alpha : float
        Exponent of the parameters, positive.

    Returns
    -------
    QuantaExponents

    Raises
    ------
    ValueError
        If alpha is not one positive number.

    References
    ----------
    .. [1] Michaud et al. 2023, arXiv 2303.13506.

    Examples
    --------
    >>> round(quanta_exponents(0.34).D, 4)
    0.2537
    """
    value = scalar("alpha", alpha, low=0, open_low=True)
    return QuantaExponents(N=value, D=1 / (1 + 1 / value), S=1 / (1 + 1 / value))


@dataclass(frozen=True)
class QuantaModel:
    r"""Skills k = 1, 2, ... used with frequency :math:`p_k = k^{-(\alpha + 1)} / \zeta(\alpha + 1)`, each learned or
    not.

    An unlearned skill costs one unit of loss whenever it is used, a learned one nothing.

    Parameters
    ----------
    alpha : float
        Exponent; 0.01 to 100.

    Raises
    ------
    ValueError
        If alpha is outside its range.

    References
    ----------
    .. [1] Michaud et al. 2023, arXiv 2303.13506, section 2.

    Examples
    --------
    >>> model = QuantaModel(alpha=0.5)
    >>> [round(float(x), 3) for x in model.loss([0, 1, 100])]
    [1.0, 0.617, 0.076]
    """

    alpha: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "alpha", scalar("alpha", self.alpha, low=0.01, high=100))

    def frequencies(self, n: object) -> FloatArray:
        """Frequencies of the first n skills, shape (n,)."""
        from scipy.special import zeta

        rank = np.arange(1, integer("n", n, low=1, high=100_000_000) + 1, dtype=np.float64)
        out: FloatArray = rank ** -(self.alpha + 1) / float(zeta(self.alpha + 1, 1))
        return out

    def loss(self, n: object) -> Numeric:
        r"""Excess loss when the n most used skills are known: :math:`\zeta(\alpha+1, n+1) / \zeta(\alpha+1)`, 0 to 1.

        Parameters
        ----------
        n : float or array_like
            Skills known.
        """
        from scipy.special import zeta

        known = finite("n", n, unit="skills", low=0)
        return computed("loss", lambda: zeta(self.alpha + 1, known + 1) / zeta(self.alpha + 1, 1))

    def skills_from_data(self, D: object, *, examples_needed: object) -> Numeric:
        r"""Skills met at least `examples_needed` times in D samples: :math:`n = (D / (\tau
        \zeta(\alpha+1)))^{1/(\alpha+1)}`.

        Parameters
        ----------
        D : float or array_like
            Samples.
        examples_needed : float or array_like
            :math:`\tau`, times a skill must be met to be learned.

        Examples
        --------
        >>> round(QuantaModel(alpha=0.5).skills_from_data(1e6, examples_needed=100))
        245
        """
        from scipy.special import zeta

        samples, needed = broadcast(("D", positive("D", D, unit="samples")),
                                    ("examples_needed", positive("examples_needed", examples_needed)))
        total = float(zeta(self.alpha + 1, 1))
        return computed(
            "number of skills", lambda: np.exp((np.log(samples) - np.log(needed) - np.log(total)) / (self.alpha + 1))
        )
