"""What every law has in common: it is frozen, it is called, it knows its own names, it saves itself.

Use `Law` as the base of a new law and `Allocation` as the answer to "how should this budget be split?".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, finite, scalar, shown, unwrap

__all__ = ["Allocation", "Law"]


class Law(ABC):
    """A scaling law: a frozen dataclass of constants which is called with its variables.

    A subclass is a ``@dataclass(frozen=True)`` whose fields are the constants, in the paper's symbols. It sets
    `inputs` (the names of its variables), `target` (what it predicts) and `_formula`.

    Attributes
    ----------
    inputs : tuple of str
        Names of the variables in call order, such as ``("N", "D")``.
    target : str
        Name of what is predicted, such as ``"L"`` (nats per token).
    nonnegative : tuple of str
        Constants that may be zero but not negative.
    positive : tuple of str
        Constants that must be above zero; every constant named in neither may take any finite value.
    inputs_from_zero : tuple of str
        Variables that may also be zero; every other variable must be positive.
    terms, floor : tuple of (coefficient, exponent, variable), str
        Set both where the law is exactly ``floor + sum of coefficient * variable**-exponent``: its fits are then fast.
    ranges : mapping of str to (low, high) or to the name of a variable
        Where a fit of any other law begins to look for a constant; a hint, not a bound. Positive ends are searched
        on a logarithmic scale; a variable's name means the range of its data. Constants that enter linearly need none.

    Raises
    ------
    ValueError
        If a constant is not a finite number, or is negative where it may not be.
    """

    inputs: ClassVar[tuple[str, ...]]
    target: ClassVar[str] = "L"
    nonnegative: ClassVar[tuple[str, ...]] = ()
    positive: ClassVar[tuple[str, ...]] = ()
    inputs_from_zero: ClassVar[tuple[str, ...]] = ()
    terms: ClassVar[tuple[tuple[str, str, str], ...]] = ()
    floor: ClassVar[str] = ""
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {}

    def __post_init__(self) -> None:
        for name in self.parameter_names():
            low = 0.0 if name in self.nonnegative or name in self.positive else -np.inf
            value = scalar(
                f"{type(self).__name__}.{name}", getattr(self, name), low=low, open_low=name in self.positive
            )
            object.__setattr__(self, name, value)

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        """Names of the constants, in the order of the constructor."""
        return tuple(field.name for field in fields(cls))  # type: ignore[arg-type]

    @property
    def parameters(self) -> dict[str, float]:
        """The constants by name."""
        return {name: getattr(self, name) for name in self.parameter_names()}

    @staticmethod
    @abstractmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        """The formula itself, on checked numbers; `theta` may hold arrays that broadcast (many fits at once)."""

    def __call__(self, *args: object, **kwargs: object) -> Numeric:
        """Predict `target`; each variable is a positive scalar or array, and they broadcast.

        Returns
        -------
        float or ndarray
            A float if every variable is a scalar.

        Raises
        ------
        ValueError
            If a variable is missing, unknown, not positive and finite, or if the prediction overflows.
        """
        variables = self._bind(args, kwargs)
        with np.errstate(all="ignore"):
            out = np.asarray(self._formula(self.parameters, **variables), dtype=np.float64)
        if not np.isfinite(out).all():
            given = ", ".join(f"{name} from {array.min():g} to {array.max():g}" for name, array in variables.items())
            raise ValueError(f"{self} has no finite value for {given}: these are beyond what doubles hold.")
        return unwrap(out)

    def _bind(self, args: tuple[object, ...], kwargs: Mapping[str, object]) -> dict[str, FloatArray]:
        wanted = ", ".join(self.inputs)
        if len(args) > len(self.inputs):
            raise ValueError(f"{len(args)} values were given: {type(self).__name__} takes {wanted}.")
        given: dict[str, object] = dict(zip(self.inputs, args, strict=False))
        for name, value in kwargs.items():
            if name not in self.inputs:
                raise ValueError(f"{name} is not a variable of {type(self).__name__}: it takes {wanted}.")
            if name in given:
                raise ValueError(f"{name} was given twice, by position and by name.")
            given[name] = value
        missing = [name for name in self.inputs if name not in given]
        if missing:
            raise ValueError(f"{', '.join(missing)} is missing: {type(self).__name__} takes {wanted}.")
        arrays = broadcast(*((name, self._variable(name, given[name])) for name in self.inputs))
        return dict(zip(self.inputs, arrays, strict=True))

    @classmethod
    def _variable(cls, name: str, value: object) -> FloatArray:
        return finite(name, value, low=0.0, open_low=name not in cls.inputs_from_zero)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready description: the name of the law and its constants."""
        return {"law": type(self).__name__, "parameters": self.parameters}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild a law from `to_dict`.

        Raises
        ------
        ValueError
            If the description is of another law or its constants do not fit.
        """
        if not isinstance(data, Mapping) or data.get("law") != cls.__name__:
            raise ValueError(
                f"This is not a description of {cls.__name__}: {shown(data)}. Expected a 'law' entry of that name."
            )
        constants = data.get("parameters")
        if not isinstance(constants, Mapping) or set(constants) != set(cls.parameter_names()):
            raise ValueError(f"parameters is {shown(constants)}: expected the constants "
                             f"{', '.join(cls.parameter_names())}.")
        return cls(**constants)


@dataclass(frozen=True)
class Allocation:
    """A training budget, split: how large, how long, at what cost, to what loss.

    Attributes
    ----------
    N : float or ndarray
        Parameters.
    D : float or ndarray
        Training tokens.
    C : float or ndarray
        Training compute in FLOP, 6ND.
    L : float or ndarray
        Predicted loss in nats per token, on the corpus and tokenizer of the law.
    """

    N: Numeric
    D: Numeric
    C: Numeric
    L: Numeric

    @property
    def tokens_per_param(self) -> Numeric:
        """D / N."""
        return self.D / self.N

    def __repr__(self) -> str:
        return "Allocation(" + ", ".join(f"{k}={_show(getattr(self, k))}" for k in ("N", "D", "C", "L")) + ")"


def _show(value: Numeric) -> str:
    return f"{value:.4g}" if np.ndim(value) == 0 else f"array{np.shape(value)}"
