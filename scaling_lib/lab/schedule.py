"""Learning rate along a run: how it rises, and how it comes down.

Use ``cosine`` when the length is known; ``wsd`` (warm up, stay, decay) when one trunk is to serve several lengths;
``constant`` as the contrast. A cosine whose horizon is longer than the run is Kaplan's protocol: read half-way, it has not
come down yet.
"""

from __future__ import annotations

import math

__all__ = ["SCHEDULES", "rate", "warmup_steps"]

SCHEDULES = ("cosine", "wsd", "constant")


def warmup_steps(steps: int) -> int:
    """A tenth of the run, at least 10 and at most 100 steps: a longer warm-up starves the small models."""
    return min(max(steps // 10, 10), 100)


def rate(step: int, *, schedule: str, horizon: int, warmup: int, final: float, cooldown: float) -> float:
    """Learning rate at `step` (from 0) as a fraction of the peak.

    Parameters
    ----------
    step : int
        Steps taken so far.
    schedule : {"cosine", "wsd", "constant"}
    horizon : int
        Steps after which the schedule has come down.
    warmup : int
        Steps of linear rise.
    final : float
        Fraction of the peak at the horizon.
    cooldown : float
        Share of the horizon, at its end, over which ``wsd`` comes down linearly.

    Examples
    --------
    >>> round(rate(550, schedule="cosine", horizon=1000, warmup=100, final=0.0, cooldown=0.2), 3)
    0.5
    """
    if step < warmup:
        return (step + 1) / warmup
    if schedule == "constant":
        return 1.0
    if schedule == "wsd":
        left = (horizon - step) / max(1.0, cooldown * horizon)
        return final + (1 - final) * min(1.0, max(0.0, left))
    done = min(1.0, (step - warmup) / max(1, horizon - warmup))
    return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * done))
