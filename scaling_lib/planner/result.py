"""What a plan says, part by part. Every part is a frozen dataclass of plain values, so that JSON holds all of it."""

from __future__ import annotations

from dataclasses import dataclass

from .hardware import Fit

__all__ = ["Cluster", "Data", "Lifetime", "LifetimeRow", "Loss", "More", "Part", "Pick"]


@dataclass(frozen=True)
class Pick:
    """The advice: how large, how long.

    Attributes
    ----------
    basis : str
        The row of the regret table it is.
    N, D, C : float
        Parameters, training tokens, FLOP.
    worst : float
        What it wastes at worst if any law of the table is true, as a fraction of the compute needed.
    N_near : tuple of float
        Sizes that waste at most five percentage points more than `worst` under every law of the table.
    """

    basis: str
    N: float
    D: float
    C: float
    worst: float
    N_near: tuple[float, float]

    @property
    def tokens_per_param(self) -> float:
        """D / N."""
        return self.D / self.N


@dataclass(frozen=True)
class Part:
    """One of the four parts of the uncertainty.

    Attributes
    ----------
    source : str
        "sampling", "choice of law", "transfer to your corpus" or "extrapolation".
    text : str
        What is known about it.
    tokens_per_param : tuple of float or None
        The range of the best ratio, where it can be given.
    waste : float or None
        What the pick may waste for it, as a fraction of the compute needed.
    decades : float or None
        Decades of compute beyond the largest run.
    """

    source: str
    text: str
    tokens_per_param: tuple[float, float] | None = None
    waste: float | None = None
    decades: float | None = None


@dataclass(frozen=True)
class LifetimeRow:
    """The cheapest model over its lifetime that is as good as the pick, if one law is true.

    Attributes
    ----------
    law : str
    N, D : float
        Parameters and training tokens.
    extra_training : float
        Training compute over the pick's, less one.
    saving : float
        Part of the pick's lifetime spend that is saved.
    pays_back_after : float
        Tokens served until the longer training has paid for itself; 0 where nothing is saved.
    """

    law: str
    N: float
    D: float
    extra_training: float
    saving: float
    pays_back_after: float


@dataclass(frozen=True)
class Lifetime:
    """Serving included.

    Attributes
    ----------
    tokens : dict of str to float
        Tokens served, by kind.
    price_ratio : dict of str to float
        Price of a serving FLOP over that of a training FLOP, by kind.
    equivalent_tokens : float
        The workload as training tokens of equal cost.
    pick_share : float
        Part of the pick's lifetime spend that goes to serving.
    rows : tuple of LifetimeRow
        By law.
    serving_flop : float
        FLOP to serve the workload with the pick.
    serving_cost : tuple of float or None
        What that costs, lowest and highest utilisation last and first.
    cost_per_million : tuple of float or None
        Cost of a million served tokens.
    """

    tokens: dict[str, float]
    price_ratio: dict[str, float]
    equivalent_tokens: float
    pick_share: float
    rows: tuple[LifetimeRow, ...]
    serving_flop: float
    serving_cost: tuple[float, float] | None
    cost_per_million: tuple[float, float] | None


@dataclass(frozen=True)
class Data:
    """What the unique tokens allow.

    Attributes
    ----------
    unique : float
        Unique tokens at hand.
    epochs : float
        Passes the pick makes over them.
    worth : float
        Fresh tokens that the pick's tokens are worth.
    shortage : float
        What the shortage costs at worst over the laws: compute over what unlimited data would need, less one.
    """

    unique: float
    epochs: float
    worth: float
    shortage: float


@dataclass(frozen=True)
class Cluster:
    """Time, money and memory.

    Attributes
    ----------
    hours : tuple of float
        Accelerator-hours, at the highest and the lowest utilisation.
    days : tuple of float or None
        Wall clock, where the number of accelerators is stated.
    cost : tuple of float or None
        Rent, where a price is stated.
    energy_kwh : tuple of float or None
        Electricity of the accelerators at full board power.
    memory : Fit or None
        Whether the training state fits.
    needed : float or None
        Accelerators needed to meet the deadline, at the lowest utilisation.
    """

    hours: tuple[float, float]
    days: tuple[float, float] | None
    cost: tuple[float, float] | None
    energy_kwh: tuple[float, float] | None
    memory: Fit | None
    needed: float | None


@dataclass(frozen=True)
class More:
    """What a tenth more budget buys.

    Attributes
    ----------
    N, D : tuple of float
        Growth of the best size and tokens over the laws, as fractions.
    excess : tuple of float
        Fall of the loss above the floor over the laws, as fractions.
    """

    N: tuple[float, float]
    D: tuple[float, float]
    excess: tuple[float, float]


@dataclass(frozen=True)
class Loss:
    """The loss of the pick; only from the caller's own runs.

    Attributes
    ----------
    value : float
        Nats per token, by the fitted law.
    confidence : tuple of float
        95 % of the refits: where the curve is.
    prediction : tuple of float
        95 % with the scatter of single runs: where the run will be.
    milestones : tuple of tuple of float
        (part of the run, loss of a finished run of that length, upper end of its prediction).
    """

    value: float
    confidence: tuple[float, float]
    prediction: tuple[float, float]
    milestones: tuple[tuple[float, float, float], ...]
