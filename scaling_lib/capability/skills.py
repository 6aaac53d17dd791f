"""Skills that switch on one after another, and the mean of many of them.

`skill_left` is one skill, `mean_left` a mixture of them that are met with falling frequency. Each switch is abrupt; the
more there are, the straighter their mean on log-log paper. `stays_below` reads from a measured curve when its switch was thrown.
"""

from __future__ import annotations

import numpy as np

from .._validate import Numeric, broadcast, columns, computed, finite, integer, positive, scalar, shown

__all__ = ["mean_left", "skill_left", "stays_below"]


def skill_left(met: object, *, half: object = 60.0, steepness: object = 2.7) -> Numeric:
    r"""Share of a skill's loss that is left after it was met so often: :math:`1 / (1 + (met / half)^{steepness})`.

    Parameters
    ----------
    met : float or array_like
        Steps times the share of the examples that ask for the skill.
    half : float
        Meetings after which half of the loss is left.
    steepness : float
        How abrupt the switch is. The default constants are those of the lab's 128 units wide parity networks,
        rounded; they belong to that network, optimiser and batch.

    Returns
    -------
    float or ndarray
        1 for an unknown skill, 0 for a known one.

    Raises
    ------
    ValueError
        If an argument is negative or not finite.

    References
    ----------
    .. [1] Michaud et al. 2023, arXiv 2303.13506.

    Examples
    --------
    >>> [round(skill_left(met), 3) for met in (6, 60, 600)]
    [0.998, 0.5, 0.002]
    """
    often, middle = broadcast(("met", finite("met", met, low=0)), ("half", positive("half", half)))
    power = scalar("steepness", steepness, low=0.0, open_low=True, high=1e3)
    with np.errstate(divide="ignore"):
        return computed("loss", lambda: np.exp(-np.logaddexp(0.0, power * (np.log(often) - np.log(middle)))))


def mean_left(
    steps: object, skills: object, alpha: object, *, half: object = 60.0, steepness: object = 2.7
) -> Numeric:
    r"""Loss left of a mixture of skills, met with frequencies :math:`\propto k^{-(\alpha + 1)}`; 1 before training.

    Parameters
    ----------
    steps : float or array_like
        Optimiser steps.
    skills : int
        How many there are, up to a million.
    alpha : float
        Frequencies fall as k to the power -(alpha + 1).
    half, steepness : float
        See `skill_left`.

    Returns
    -------
    float or ndarray
        Weighted by frequency, as a loss on the mixture is.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    References
    ----------
    .. [1] Michaud et al. 2023, arXiv 2303.13506, section 2.

    Examples
    --------
    >>> [round(mean_left(step, 16, 0.4), 2) for step in (10, 1000, 10_000)]
    [1.0, 0.28, 0.01]
    """
    at = np.asarray(finite("steps", steps, low=0))
    rank = np.arange(1, integer("skills", skills, low=1, high=1_000_000) + 1, dtype=np.float64)
    share = rank ** -(scalar("alpha", alpha, low=0.0, high=10.0) + 1)
    share /= share.sum()
    left = skill_left(np.multiply.outer(at, share), half=half, steepness=steepness)
    return computed("loss", lambda: np.asarray(left) @ share)


def stays_below(steps: object, loss: object, level: object) -> float | None:
    """Step after which a measured loss stays below a level; between two points the loss is straight in log steps.

    Parameters
    ----------
    steps : array_like (n,)
        Rising, above zero.
    loss : array_like (n,)
        Of one skill, above zero.
    level : float
        Such as half of the loss before training.

    Returns
    -------
    float or None
        The first step if the whole curve lies below, None if its last point does not.

    Raises
    ------
    ValueError
        If the steps do not rise, the lengths differ, or a number is not positive.

    Examples
    --------
    >>> round(stays_below([10, 100, 1000], [0.7, 0.6, 0.1], 0.35), 1)
    316.2
    """
    table = columns({"steps": steps, "loss": loss}, least=1)  # type: ignore[dict-item]
    x, y, border = table["steps"], table["loss"], scalar("level", level, low=0.0, open_low=True)
    if (np.diff(x) <= 0).any():
        raise ValueError(f"steps is {shown(steps)}: expected rising steps. Sort the table by step.")
    above = np.flatnonzero(y > border)
    if not above.size:
        return float(x[0])
    last = above[-1]
    if last + 1 == y.size:
        return None
    return float(np.exp(np.interp(-border, -y[[last, last + 1]], np.log(x[[last, last + 1]]))))
