"""What money alone is taken to buy: :func:`fill_in`.

A sum says neither the machine, nor its price, nor how well it is used. What is missing is taken from `published`, verified
and dated, and said in the plan's first warning; a price that is only reported is never taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import published
from ..compute import Accelerator
from .budget import _read
from .hardware import accelerator_named

__all__ = ["Filled", "fill_in"]

_PRICES = published.about("LIST_PRICES_2025_02")
#: The month of that list.
_PRICE_DATE = "2025-02"


@dataclass(frozen=True)
class Filled:
    """What `parse_budget` is to be given beside the sentence, and what has to be said about it.

    Attributes
    ----------
    accelerator, utilisation, price_per_hour, price_date : object
        As passed, or as assumed.
    caution : str or None
        The assumptions in a sentence; None where none was made.
    """

    accelerator: Any
    utilisation: Any
    price_per_hour: Any
    price_date: Any
    caution: str | None = None


def fill_in(budget: object, accelerator: object, utilisation: object, price_per_hour: object, price_date: Any) -> Filled:
    """Assume what a budget in dollars does not say: the H100, its list price, and the utilisation of reported runs.

    Any other budget is left as it is, and so is one whose machine has no verified list price: `parse_budget` then asks.
    """
    given = Filled(accelerator, utilisation, price_per_hour, price_date)
    if not isinstance(budget, str):
        return given
    _, found = _read(budget)
    if "money" not in found or found["currency"] != "USD":
        return given
    said: list[str] = []
    if "chip" in found:
        chip = found["chip"]
    elif accelerator is not None:
        chip = accelerator_named(accelerator)
    else:
        chip = accelerator = published.H100
        said.append(chip.name)
    rents = ""
    if "price" not in found and price_per_hour is None and price_date is None:
        price = _list_price(chip)
        if price is None:
            return given
        price_per_hour, price_date = price, _PRICE_DATE
        said.append(f"{price:g} USD an hour ({_PRICES.where})")
        if chip == published.H100:
            low, high = published.MARKET_PRICES_2025["H100"]
            rents = (f" At the {low:g} to {high:g} USD an hour reported for rented ones the same money buys "
                     f"{price / high:.1f} to {price / low:.1f} times as much.")
    if "utilisation" not in found and utilisation is None:
        quarter, rest = np.quantile(list(published.REPORTED_MFU.values()), (0.25, 0.75)).round(2).tolist()
        utilisation = (quarter, rest)
        said.append(f"{100 * quarter:.0f}-{100 * rest:.0f} % utilisation (the middle half of those reported for large runs)")
    if not said:
        return given
    return Filled(accelerator, utilisation, price_per_hour, price_date,
                  f"The budget is money, and what it buys is partly assumed: {'; '.join(said)}. State your own.{rents}")


def _list_price(chip: Accelerator) -> float | None:
    return next((price for name, price in published.LIST_PRICES_2025_02.items() if getattr(published, name) == chip), None)
