"""What a pick means: repeated data, serving, time and money, the loss, and what a little more budget buys."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._validate import FloatArray
from ..allocate import data_constrained, equivalent_tokens
from ..allocate._surface import Surface
from ..allocate.serving import Rate
from ..compute import FLOP_PER_PARAM_SERVED_TOKEN, gpu_hours
from ..laws import ChinchillaLaw
from ..laws.data_constrained import DataConstrainedLaw
from .budget import Budget
from .evidence import REFITS
from .hardware import state_fit
from .inputs import OWN, Laws
from .result import Cluster, Data, Lifetime, LifetimeRow, Loss, More, Pick

__all__ = ["cluster_of", "data_of", "lifetime_of", "loss_of", "tenth_more"]


def data_of(known: Laws, pick: Pick, U: float) -> Data:
    """How often the unique tokens are read, and what their shortage takes."""
    basis = OWN if known.own else next(iter(known.table))
    shortage = max(data_constrained(known.repeated(name), pick.C, U).overhead for name in known.table)
    return Data(unique=U,
                epochs=pick.D / U,
                worth=float(known.repeated(basis).effective_tokens(pick.D, U)),
                shortage=shortage)


def lifetime_of(surfaces: dict[str, Surface], pick: Pick, served: dict[str, tuple[float, float | None]],
              money: Budget) -> Lifetime:
    """Serving beside training, and the model that is as good and cheaper over both, by every law."""
    delta = sum(float(equivalent_tokens(tokens, ratio or 1.0)) for tokens, ratio in served.values())
    total = sum(tokens for tokens, _ in served.values())
    spent = pick.N * (pick.D + delta)
    rows = []
    for name, surface in surfaces.items():
        L = surface.loss(np.asarray(pick.N), np.asarray(pick.D))
        N, D = (float(v) for v in surface.least(L, np.asarray(delta)))
        saved = max(0.0, 1 - N * (D + delta) / spent)
        extra = N * D / (pick.N * pick.D) - 1
        # Serving costs N in these units for each equivalent token; the workload's own mix of prices is kept.
        after = 0.0 if saved == 0 or N >= pick.N else max(0.0, (N * D - pick.N * pick.D) / (pick.N - N)) / delta * total
        rows.append(LifetimeRow(law=name, N=N, D=D, extra_training=extra, saving=saved, pays_back_after=after))
    flop = FLOP_PER_PARAM_SERVED_TOKEN * pick.N * total
    cost: tuple[float, float] | None = None
    if money.accelerator is not None and money.price_per_hour is not None and money.utilisation is not None:
        middle = sum(money.utilisation) / 2
        peak, price = money.accelerator.flop_per_s, money.price_per_hour

        def spend(training: float) -> float:
            """Money for the workload; a kind without a utilisation of its own is served at that of training."""
            return sum(FLOP_PER_PARAM_SERVED_TOKEN * pick.N * tokens *
                       Rate(price, peak, training if ratio is None else middle / ratio).per_flop
                       for tokens, ratio in served.values())

        cost = (spend(money.utilisation[1]), spend(money.utilisation[0]))
    return Lifetime(tokens={kind: tokens
                            for kind, (tokens, _) in served.items()},
                    price_ratio={kind: ratio or 1.0
                                 for kind, (_, ratio) in served.items()},
                    equivalent_tokens=delta,
                    pick_share=delta / (pick.D + delta),
                    rows=tuple(rows),
                    serving_flop=flop,
                    serving_cost=cost,
                    cost_per_million=None if cost is None else (cost[0] / total * 1e6, cost[1] / total * 1e6))


def cluster_of(money: Budget, pick: Pick, deadline: float | None) -> Cluster | None:
    """Time, money, energy and memory, where the accelerator and its utilisation are known."""
    if money.accelerator is None or money.utilisation is None:
        if deadline is not None:
            raise ValueError(
                "deadline_days is given: accelerator, utilisation and count are needed to say whether it is met.")
        return None
    chip, good = money.accelerator, money.goodput or 1.0
    if money.hours is not None and money.count is not None:
        fixed = money.hours * money.count
        hours = (fixed, fixed)
    elif money.chip_hours is not None:
        hours = (money.chip_hours, money.chip_hours)
    else:
        fast, slow = (float(gpu_hours(money.C, peak=chip, mfu=used)) / good for used in reversed(money.utilisation))
        hours = (fast, slow)
    days = None if money.count is None else (hours[0] / money.count / 24, hours[1] / money.count / 24)
    price = money.price_per_hour
    power = None
    if chip.power_watts > 0:
        power = (hours[0] * chip.power_watts / 1000, hours[1] * chip.power_watts / 1000)
    return Cluster(hours=hours,
                   days=days,
                   cost=None if price is None else (hours[0] * price, hours[1] * price),
                   energy_kwh=power,
                   memory=None if money.count is None else state_fit(pick.N, chip, money.count),
                   needed=None if deadline is None else float(np.ceil(hours[1] / 24 / deadline)))


def tenth_more(known: Laws) -> More:
    """What a tenth more budget buys under the laws of the table."""
    laws = tuple(known.table.values())

    def ends(values: list[float]) -> tuple[float, float]:
        return min(values), max(values)

    return More(N=ends([1.1**law.a - 1 for law in laws]), D=ends([1.1**law.b - 1 for law in laws]),
                excess=ends([1 - 1.1**-law.gamma for law in laws]))


def loss_of(known: Laws, pick: Pick, U: float | None) -> Loss | None:
    """The loss of the pick, where the law is a fit to the caller's own runs."""
    result = known.result
    if result is None:
        return None
    draws = result.bootstrap(REFITS, seed=0)
    # Scatter of single runs, drawn alike for every question.
    scatter = np.random.default_rng(0).choice(result.residuals, size=REFITS)
    kind: type[ChinchillaLaw] | type[DataConstrainedLaw] = ChinchillaLaw
    theta: dict[str, Any] = dict(_as_chinchilla(draws))
    law: ChinchillaLaw | DataConstrainedLaw = known.table[OWN]
    fixed: dict[str, FloatArray] = {}
    if U is not None:
        kind, law, fixed = DataConstrainedLaw, known.repeated(OWN), {"U": np.asarray(U)}
        theta |= {"R_D_star": known.repeated(OWN).R_D_star, "R_N_star": known.repeated(OWN).R_N_star}

    def at(D: float) -> tuple[float, FloatArray]:
        point = {"N": np.asarray(pick.N), "D": np.asarray(D), **fixed}
        return float(law(**point)), np.asarray(kind._formula(theta, **point))

    value, curve = at(pick.D)
    milestones = []
    for part in (0.1, 0.3, 0.6):
        there, ahead = at(part * pick.D)
        milestones.append((part, there, float(np.quantile(ahead * np.exp(scatter), 0.975))))
    return Loss(value=value,
                confidence=_ends(curve),
                prediction=_ends(curve * np.exp(scatter)),
                milestones=tuple(milestones))


def _as_chinchilla(draws: Any) -> dict[str, FloatArray]:
    if isinstance(draws.law, ChinchillaLaw):
        return dict(draws.samples)
    return {name: draws.samples[name] for name in ChinchillaLaw.parameter_names()}


def _ends(values: FloatArray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
