"""From FLOP to PF-days, days, utilisation, money and energy, and back.

A peak is the dense FLOP/s of one accelerator at the precision that is used: vendors quote twice that for structured
sparsity. Utilisation (MFU) is 0.3 to 0.5 for large dense runs; goodput, the share of time that is not lost to failures,
is apart from it. Wherever a peak is asked for, an `Accelerator` will do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .._validate import FloatArray, Numeric, broadcast, computed, finite, positive, scalar, shown
from .flops import FLOP_PER_PARAM_TOKEN

__all__ = ["PF_DAY", "Accelerator", "energy_kwh", "flop_to_pf_days", "gpu_hours", "mfu", "mfu_from_throughput",
           "pf_days_to_flop", "training_cost", "training_days", "training_flop"]

#: Seconds in an hour and in a day.
HOUR: Final = 3600.0
DAY: Final = 24 * HOUR

#: FLOP in one petaFLOP/s-day: 8.64e19.
PF_DAY: Final = 1e15 * DAY


@dataclass(frozen=True)
class Accelerator:
    """One accelerator, as its maker describes it.

    Attributes
    ----------
    name : str
        Short name, such as ``"H100 SXM"``.
    flop_per_s : float
        Peak dense bfloat16 FLOP/s.
    memory_bytes : float
        High-bandwidth memory, bytes (GB of 1e9).
    bandwidth : float
        Memory bandwidth, bytes/s.
    power_watts : float
        Board power at full load; 0 where it is not known.
    flop_per_s_fp8 : float
        Peak dense FLOP/s at 8 bits; 0 where there is none.
    as_of : str
        Month of the figures, ``"YYYY-MM"``.

    Raises
    ------
    ValueError
        If a number is not finite, or a peak, memory or bandwidth is not positive.
    """

    name: str
    flop_per_s: float
    memory_bytes: float
    bandwidth: float
    power_watts: float = 0.0
    flop_per_s_fp8: float = 0.0
    as_of: str = ""

    def __post_init__(self) -> None:
        for name in ("name", "as_of"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name} is {shown(getattr(self, name))}: expected text.")
        for name in ("flop_per_s", "memory_bytes", "bandwidth"):
            object.__setattr__(self, name, scalar(name, getattr(self, name), low=0, open_low=True))
        for name in ("power_watts", "flop_per_s_fp8"):
            object.__setattr__(self, name, scalar(name, getattr(self, name), low=0))


def _peak(peak: object) -> FloatArray:
    return positive(
        "peak", peak.flop_per_s if isinstance(peak, Accelerator) else peak, unit="FLOP/s of one accelerator"
    )


def _share(name: str, value: object) -> FloatArray:
    return finite(name, value, unit="a fraction, 0 to 1", low=0.0, high=1.0, open_low=True)


def flop_to_pf_days(flop: object) -> Numeric:
    """FLOP in PF-days of 8.64e19.

    Parameters
    ----------
    flop : float or array_like
        FLOP.

    Returns
    -------
    float or ndarray
        PF-days.

    Raises
    ------
    ValueError
        If `flop` is negative or not finite.

    Examples
    --------
    >>> round(flop_to_pf_days(3.14e23), 2)
    3634.26
    """
    amount = finite("flop", flop, unit="FLOP", low=0)
    return computed("PF-days", lambda: amount / PF_DAY)


def pf_days_to_flop(pf_days: object) -> Numeric:
    """PF-days in FLOP.

    Parameters
    ----------
    pf_days : float or array_like
        PF-days.

    Returns
    -------
    float or ndarray
        FLOP.

    Raises
    ------
    ValueError
        If `pf_days` is negative or not finite.

    Examples
    --------
    >>> pf_days_to_flop(1)
    8.64e+19
    """
    amount = finite("pf_days", pf_days, unit="PF-days", low=0)
    return computed("number of FLOP", lambda: amount * PF_DAY)


def gpu_hours(flop: object, *, peak: object, mfu: object) -> Numeric:
    """Accelerator-hours that a budget takes at a utilisation.

    Parameters
    ----------
    flop : float or array_like
        Training compute, FLOP.
    peak : float, array_like or Accelerator
        Peak FLOP/s of one accelerator.
    mfu : float or array_like
        Utilisation, above 0 and at most 1.

    Returns
    -------
    float or ndarray
        Hours of one accelerator.

    Raises
    ------
    ValueError
        If an argument is not positive, or the utilisation exceeds 1.

    Examples
    --------
    >>> round(gpu_hours(8.4e22, peak=312e12, mfu=1.0))
    74786
    """
    amount, speed, use = broadcast(
        ("flop", positive("flop", flop, unit="FLOP")), ("peak", _peak(peak)), ("mfu", _share("mfu", mfu))
    )
    return computed("number of hours", lambda: amount / speed / use / HOUR)


def training_days(flop: object, *, n_gpu: object, peak: object, mfu: object) -> Numeric:
    """Days of wall clock: C / (n peak MFU 86400).

    Parameters
    ----------
    flop : float or array_like
        Training compute, FLOP.
    n_gpu : float or array_like
        Accelerators.
    peak : float, array_like or Accelerator
        Peak FLOP/s of one accelerator.
    mfu : float or array_like
        Utilisation, above 0 and at most 1; multiply by the goodput to allow for lost time.

    Returns
    -------
    float or ndarray
        Days.

    Raises
    ------
    ValueError
        If an argument is not positive, or the utilisation exceeds 1.

    Examples
    --------
    >>> round(training_days(3.8e25, n_gpu=16384, peak=989.5e12, mfu=0.4), 1)
    67.8
    """
    amount, count, speed, use = broadcast(
        ("flop", positive("flop", flop, unit="FLOP")),
        ("n_gpu", positive("n_gpu", n_gpu)),
        ("peak", _peak(peak)),
        ("mfu", _share("mfu", mfu)),
    )
    return computed("number of days", lambda: amount / count / speed / use / DAY)


def training_flop(days: object, *, n_gpu: object, peak: object, mfu: object) -> Numeric:
    """FLOP that a cluster gives in some days: the budget that `training_days` inverts.

    Parameters
    ----------
    days : float or array_like
        Days of wall clock.
    n_gpu : float or array_like
        Accelerators.
    peak : float, array_like or Accelerator
        Peak FLOP/s of one accelerator.
    mfu : float or array_like
        Utilisation, above 0 and at most 1.

    Returns
    -------
    float or ndarray
        FLOP.

    Raises
    ------
    ValueError
        If an argument is not positive, or the utilisation exceeds 1.

    Examples
    --------
    >>> f"{training_flop(30, n_gpu=512, peak=989e12, mfu=0.4):.3g}"
    '5.25e+23'
    """
    time, count, speed, use = broadcast(("days", positive("days", days)), ("n_gpu", positive("n_gpu", n_gpu)),
                                        ("peak", _peak(peak)), ("mfu", _share("mfu", mfu)))
    return computed("number of FLOP", lambda: time * DAY * count * speed * use)


def mfu(flop: object, *, gpu_hours: object, peak: object) -> Numeric:
    """Utilisation of a finished run: FLOP over what its accelerators could have done.

    Parameters
    ----------
    flop : float or array_like
        Training compute, FLOP.
    gpu_hours : float or array_like
        Hours summed over all accelerators.
    peak : float, array_like or Accelerator
        Peak FLOP/s of *one* accelerator.

    Returns
    -------
    float or ndarray
        A fraction. Above 1 the inputs contradict each other, which is what the number is then for.

    Raises
    ------
    ValueError
        If an argument is not positive and finite.

    Examples
    --------
    >>> round(mfu(3.29e24, gpu_hours=2.664e6, peak=989e12), 3)
    0.347
    """
    amount, hours, speed = broadcast(("flop", positive("flop", flop, unit="FLOP")),
                                     ("gpu_hours", positive("gpu_hours", gpu_hours)), ("peak", _peak(peak)))
    return computed("utilisation", lambda: amount / hours / HOUR / speed)


def mfu_from_throughput(tokens_per_s: object, *, N: object, n_gpu: object, peak: object) -> Numeric:
    """Utilisation of a running job: 6 N tokens/s over n peaks.

    Parameters
    ----------
    tokens_per_s : float or array_like
        Tokens a second of the whole job.
    N : float or array_like
        Parameters that a token uses.
    n_gpu : float or array_like
        Accelerators of the whole job: forgetting them is the usual error.
    peak : float, array_like or Accelerator
        Peak FLOP/s of one accelerator.

    Returns
    -------
    float or ndarray
        A fraction.

    Raises
    ------
    ValueError
        If an argument is not positive and finite.

    Examples
    --------
    >>> round(mfu_from_throughput(1e5, N=7e9, n_gpu=16, peak=989e12), 3)
    0.265
    """
    rate, size, count, speed = broadcast(
        ("tokens_per_s", positive("tokens_per_s", tokens_per_s)), ("N", positive("N", N, unit="parameters")),
        ("n_gpu", positive("n_gpu", n_gpu)), ("peak", _peak(peak)))
    return computed("utilisation", lambda: FLOP_PER_PARAM_TOKEN * size * rate / count / speed)


def training_cost(flop: object, *, peak: object, mfu: object, price_per_hour: object, goodput: object = 1.0) -> Numeric:
    """Rent of the accelerators for a budget.

    Parameters
    ----------
    flop : float or array_like
        Training compute, FLOP.
    peak : float, array_like or Accelerator
        Peak FLOP/s of one accelerator.
    mfu : float or array_like
        Utilisation while the job runs.
    price_per_hour : float or array_like
        Price of one accelerator-hour; the result has its currency. Say of which month it is.
    goodput : float or array_like
        Share of the rented time in which the job advances.

    Returns
    -------
    float or ndarray
        Money, for the final run alone: no failed runs, staff or storage.

    Raises
    ------
    ValueError
        If an argument is not positive, or a share exceeds 1.

    Examples
    --------
    >>> round(training_cost(8.4e22, peak=312e12, mfu=1.0, price_per_hour=3.0))
    224359
    """
    hours, price, useful = broadcast(("flop", positive("flop", gpu_hours(flop, peak=peak, mfu=mfu))),
                                     ("price_per_hour", positive("price_per_hour", price_per_hour)),
                                     ("goodput", _share("goodput", goodput)))
    return computed("cost", lambda: hours * price / useful)


def energy_kwh(flop: object, *, peak: object, mfu: object, watts: object, pue: object = 1.1) -> Numeric:
    """Electricity for a budget, kWh, with every accelerator at its full board power.

    Parameters
    ----------
    flop : float or array_like
        Training compute, FLOP.
    peak : float, array_like or Accelerator
        Peak FLOP/s of one accelerator.
    mfu : float or array_like
        Utilisation.
    watts : float or array_like
        Power of one accelerator with its share of the server.
    pue : float or array_like
        Power of the whole building over that of the machines, at least 1.

    Returns
    -------
    float or ndarray
        kWh.

    Raises
    ------
    ValueError
        If an argument is not positive, the utilisation exceeds 1 or the PUE is below 1.

    Examples
    --------
    >>> f"{energy_kwh(3.8e25, peak=989e12, mfu=0.4, watts=1400):.2g}"
    '4.1e+07'
    """
    hours, power, building = broadcast(("flop", positive("flop", gpu_hours(flop, peak=peak, mfu=mfu))),
                                       ("watts", positive("watts", watts)), ("pue", finite("pue", pue, low=1)))
    return computed("energy", lambda: hours * power * building / 1000)
