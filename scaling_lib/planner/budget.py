"""A budget in words: FLOP, accelerators for a time, or money; and what it comes to in FLOP.

Use `parse_budget` on a sentence such as ``"1e23 FLOP"``, ``"512 H100 for 30 days at 35-45% MFU"`` or
``"$2M on H100 at $2.50/h at 40% MFU"``. Nothing is guessed: a word that is not understood is an error that lists what
was read and what was not, and a figure that is needed and not stated is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from .._validate import _refuse, scalar
from ..compute import PF_DAY, Accelerator
from ..compute.hardware import HOUR
from .hardware import accelerator_named, accelerator_names

__all__ = ["Budget", "parse_budget"]

_NUMBER = r"(?P<n>\d[\d,_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)"
_SCALES = {"": 1.0, "k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "mn": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9,
           "t": 1e12, "trillion": 1e12}
_PREFIXES = {"": 1.0, "g": 1e9, "t": 1e12, "p": 1e15, "e": 1e18, "z": 1e21, "y": 1e24, "r": 1e27,
             "giga": 1e9, "tera": 1e12, "peta": 1e15, "exa": 1e18, "zetta": 1e21, "yotta": 1e24, "ronna": 1e27}
_HOURS = {"hour": 1.0, "h": 1.0, "hr": 1.0, "day": 24.0, "d": 24.0, "week": 168.0, "w": 168.0}
_CURRENCIES = {
    "$": "USD", "usd": "USD", "dollar": "USD", "€": "EUR", "eur": "EUR", "euro": "EUR", "£": "GBP", "gbp": "GBP",
    "pound": "GBP"
}

_NAMES = {
    "flop": "FLOP", "chip": "the accelerator", "chip_hours": "accelerator-hours", "hours": "the time", "count":
    "the number"
}
_WAYS = {"flop": "FLOP", "chip_hours": "accelerator-hours", "money": "money", "hours": "a time"}
_EXAMPLES = ("'1e23 FLOP', '512 H100 for 30 days at 40% MFU', '2M H100-hours at 35-45% MFU' or "
             "'$2M on H100 at $2.50/h at 40% MFU'")


@dataclass(frozen=True)
class Budget:
    """A budget, as stated and as FLOP.

    Attributes
    ----------
    text : str
        What was stated.
    C, C_low, C_high : float
        Training FLOP: in the middle, and at the ends of the range of utilisation.
    accelerator : Accelerator or None
        The machine, where one was stated.
    count, hours, chip_hours : float or None
        Number of accelerators; hours each of them runs; their product, where the budget is one of time or money.
    utilisation : tuple of float or None
        Model FLOP utilisation, lowest and highest.
    goodput : float or None
        Part of the hours in which training advances; apart from utilisation. None: none was stated, all hours count.
    price_per_hour : float or None
        Of one accelerator, in `currency`.
    price_date : str or None
        The date of the price, as stated.
    money : float or None
        What the budget costs, in `currency`.
    currency : str
        Three letters.
    """

    text: str
    C: float
    C_low: float
    C_high: float
    accelerator: Accelerator | None = None
    count: float | None = None
    hours: float | None = None
    chip_hours: float | None = None
    utilisation: tuple[float, float] | None = None
    goodput: float | None = None
    price_per_hour: float | None = None
    price_date: str | None = None
    money: float | None = None
    currency: str = "USD"

    @property
    def effective_rate(self) -> tuple[float, float] | None:
        """FLOP of training an accelerator does in an hour, lowest and highest."""
        if self.accelerator is None or self.utilisation is None:
            return None
        full = self.accelerator.flop_per_s * HOUR * (self.goodput or 1.0)
        return full * self.utilisation[0], full * self.utilisation[1]


def _scaled(match: re.Match[str]) -> float:
    number = float(match["n"].replace(",", "").replace("_", ""))
    scale = (match.groupdict().get("scale") or "").lower()
    return number * _SCALES[scale]


_SCALE = r"\s*(?P<scale>thousand|million|billion|trillion|mn|bn|[kmbt])?(?![a-z])"
_COUNT_SCALE = r"(?:\s*(?P<scale>thousand|million|billion|[kmb]))?"


def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    names = "|".join(
        sorted((re.escape(name).replace(r"\ ", r"[ -]?") for name in accelerator_names()), key=len, reverse=True))
    currency = r"(?P<currency>usd|eur|gbp|dollars?|euros?|pounds?)"
    sign = r"(?P<sign>[$€£])\s*"
    per = r"\s*(?:/|per|an?)\s*(?:(?:gpu|chip|accelerator|card|device|" + names + r")[- ]?)?(?:hours?|hr|h)\b"
    span = r"(?P<n>\d+(?:\.\d+)?)\s*(?P<pct1>%)?\s*(?:(?:-|–|to)\s*(?P<high>\d+(?:\.\d+)?)\s*)?(?P<pct>%)?\s*"
    out = [
        ("pf_days", _NUMBER + _COUNT_SCALE + r"\s*(?:pf|petaflops?(?:/s)?|pflops?(?:/s)?)[- ]?days?\b"),
        ("rate", _NUMBER + r"\s*(?:[a-z]*flops?)\s*(?:/|per\s+)\s*s(?:ec|econd)?s?\b"),
        ("flop", _NUMBER + _COUNT_SCALE + r"\s*(?P<prefix>giga|tera|peta|exa|zetta|yotta|ronna|[gtpezyr])?flops?\b"),
        ("price", r"(?:@\s*|at\s+)?" + sign + _NUMBER + per),
        ("price", r"(?:@\s*|at\s+)?" + _NUMBER + r"\s*" + currency + per),
        ("money", sign + _NUMBER + _SCALE),
        ("money", _NUMBER + _COUNT_SCALE + r"\s*" + currency + r"\b"),
        ("chip_hours", _NUMBER + _COUNT_SCALE + r"\s*(?P<chip>" + names + r")[- ]hours?\b"),
        ("chips", _NUMBER + r"(?:\s*(?P<scale>k|thousand))?\s*(?:x|×|\*)?\s*(?P<chip>" + names + r")s?\b"),
        ("chip", r"(?P<chip>" + names + r")s?\b"),
        ("goodput", span + r"goodput\b"),
        ("utilisation", span + r"(?:mfu|utili[sz]ation)\b"),
        ("utilisation", r"(?:mfu|utili[sz]ation)\s*(?:of|=|:)?\s*" + span + r"(?!\w)"),
        ("goodput", r"goodput\s*(?:of|=|:)?\s*" + span + r"(?!\w)"),
        ("hours", _NUMBER + r"\s*(?P<unit>hours?|hrs?|days?|weeks?|h|d|w)\b"),
        ("filler", r"(?:for|at|on|with|and|of|a|the|using|budget|worth|training|gpus?|[,;:@+])(?!\w)"),
    ]
    return [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in out]


def _tokens(text: str) -> tuple[list[tuple[str, re.Match[str]]], list[str]]:
    """What was understood, and the words that were not."""
    patterns = _patterns()
    read: list[tuple[str, re.Match[str]]] = []
    unread: list[str] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        for kind, pattern in patterns:
            if match := pattern.match(text, at):
                if kind != "filler":
                    read.append((kind, match))
                at = match.end()
                break
        else:
            word = re.compile(r"\S+").match(text, at)
            assert word is not None
            unread.append(word[0])
            at = word.end()
    return read, unread


def _range(match: re.Match[str], name: str, text: str) -> tuple[float, float]:
    in_percent = bool(match["pct"] or match["pct1"])
    low = float(match["n"])
    high = float(match["high"]) if match["high"] else low
    if in_percent:
        low, high = low / 100, high / 100
    if not 0 < low <= high <= 1:
        hint = " Write 40% or 0.4." if high > 1 else ""
        raise ValueError(f"budget is {text!r}: {name} of {match[0]!r} is not a range within 0 and 1.{hint}")
    return low, high


def _pair(name: str, value: object) -> tuple[float, float]:
    """A fraction, or a lowest and a highest one."""
    expected = "a fraction above 0 and at most 1, or a pair (lowest, highest)"
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise _refuse(name, value, expected)
        low, high = (scalar(name, v, unit="a fraction", low=0.0, high=1.0, open_low=True) for v in value)
        if low > high:
            raise _refuse(name, value, expected, "The lowest comes first.")
        return low, high
    one = scalar(name, value, unit="a fraction such as 0.4", low=0.0, high=1.0, open_low=True)
    return one, one


def parse_budget(budget: object, *, accelerator: object = None, utilisation: object = None, goodput: object = None,
                 price_per_hour: object = None, price_date: str | None = None, count: object = None) -> Budget:
    """Read a budget.

    Parameters
    ----------
    budget : str or float
        FLOP (a number, or words), accelerators for a time, accelerator-hours, or money.
    accelerator : str or Accelerator, optional
        The machine, where the sentence does not name it.
    utilisation : float or pair of float, optional
        Model FLOP utilisation, as one fraction or as a range.
    goodput : float, optional
        Part of the hours in which training advances.
    price_per_hour : float, optional
        Of one accelerator.
    price_date : str, optional
        The date of that price.
    count : float, optional
        Number of accelerators, where the sentence does not say it.

    Returns
    -------
    Budget

    Raises
    ------
    ValueError
        If a word is not understood, a figure is missing, stated twice or not possible.

    Examples
    --------
    >>> parse_budget("500 PF-days").C
    4.32e+22
    >>> parse_budget("1e23 FLOP in Paris")
    Traceback (most recent call last):
    ...
    ValueError: budget is '1e23 FLOP in Paris': read '1e23 FLOP'; not read 'in', 'Paris'. Remove or rephrase it.
    """
    text, found = _read(budget)
    chip = _agree("accelerator", found.get("chip"), None if accelerator is None else accelerator_named(accelerator),
                  text)
    used = _agree("utilisation", found.get("utilisation"),
                  None if utilisation is None else _pair("utilisation", utilisation), text)
    price = _agree(
        "price_per_hour", found.get("price"), None if price_per_hour is None else scalar(
            "price_per_hour", price_per_hour, unit="per accelerator-hour", low=0.0, open_low=True), text)
    good = _agree("goodput", found.get("goodput"), None if goodput is None
                  else scalar("goodput", goodput, unit="a fraction", low=0.0, high=1.0, open_low=True), text)
    if price_date is not None and not isinstance(price_date, str):
        raise _refuse("price_date", price_date, "text such as '2025-02'")
    number = _agree("count", found.get("count"), None if count is None
                    else scalar("count", count, unit="accelerators", low=1.0), text)
    if number is not None:
        found["count"] = number
    base = Budget(text=text,
                  C=1.0,
                  C_low=1.0,
                  C_high=1.0,
                  accelerator=chip,
                  count=number,
                  hours=found.get("hours"),
                  utilisation=used,
                  goodput=good,
                  price_per_hour=price,
                  price_date=price_date,
                  currency=found.get("currency", "USD"))
    ways = [name for name in ("flop", "chip_hours", "money") if name in found] + (["hours"] if "hours" in found else [])
    if len(ways) > 1:
        raise ValueError(f"budget is {text!r}: it is stated in {len(ways)} ways "
                         f"({', '.join(_WAYS[way] for way in ways)}). State one; the rest follows.")
    if "flop" in found:
        return _with_flop(base, found["flop"])
    if "money" in found:
        return _with_money(base, found["money"])
    if "chip_hours" in found or ("hours" in found and found.get("count")):
        return _with_time(base, found.get("chip_hours") or found["count"] * found["hours"])
    lacks = ("for how long" if found.get("count") else "how many accelerators" if "hours" in found else "an amount")
    raise ValueError(f"budget is {text!r}: it does not say {lacks}. Write, for instance, {_EXAMPLES}.")


def _read(budget: object) -> tuple[str, dict[str, Any]]:
    if isinstance(budget, Budget):
        raise _refuse("budget", budget, "words or a number of FLOP", "Pass its .text.")
    if not isinstance(budget, str):
        flop = scalar("budget", budget, unit="FLOP, or words", low=0.0, open_low=True)
        return f"{flop:g} FLOP", {"flop": flop}
    text = " ".join(budget.split())
    if not text or len(text) > 500:
        raise _refuse("budget", budget, f"words such as {_EXAMPLES}")
    read, unread = _tokens(text)
    if unread:
        known = f"read {', '.join(repr(m[0].strip()) for _, m in read)}; " if read else ""
        raise ValueError(
            f"budget is {text!r}: {known}not read {', '.join(map(repr, unread))}. {_remedy(read, unread)}")
    return text, _collect(read, text)


#: Words in capitals that name no accelerator.
_UNITS_SAID = ("MFU", "FLOP", "FLOPS", "PF", "GPU", "GPUS", "TPU", "TPUS")


def _remedy(read: list[Any], unread: list[str]) -> str:
    if any(re.search(r"months?|years?", word, re.IGNORECASE) for word in unread):
        return "Months and years differ in length: give days or weeks."
    if not read and len(unread) == 1 and re.fullmatch(_NUMBER + _SCALE, unread[0], re.IGNORECASE):
        return f"A number needs its unit: write '{unread[0]} FLOP', for instance."
    if any(re.search(r"(?<![\d.])[A-Za-z]{1,4}-?\d{2,}", word) or (word.isupper() and word not in _UNITS_SAID)
           for word in unread):
        return (f"Accelerators that are known: {', '.join(accelerator_names())}; "
                "pass any other as accelerator=Accelerator(...).")
    if any(re.fullmatch(r"[\d.,]+%?", word) for word in unread):
        return "Each number needs its unit, such as '40% MFU'."
    return "Remove or rephrase it." if read else f"Write, for instance, {_EXAMPLES}."


def _collect(read: list[tuple[str, re.Match[str]]], text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def put(key: str, value: Any, match: re.Match[str]) -> None:
        if key in found:
            raise ValueError(
                f"budget is {text!r}: {match[0].strip()!r} states {_NAMES.get(key, key)} a second time. State it once.")
        found[key] = value

    for kind, match in read:
        if kind == "rate" or (kind == "flop" and match[0].rstrip().endswith("S")):
            raise ValueError(
                f"budget is {text!r}: {match[0].strip()!r} reads as a rate, FLOP per second. A budget is an amount: "
                "write FLOP, or accelerators and a time.")
        if kind == "flop":
            put("flop", _scaled(match) * _PREFIXES[(match["prefix"] or "").lower()], match)
        elif kind == "pf_days":
            put("flop", _scaled(match) * PF_DAY, match)
        elif kind in ("money", "price"):
            put(kind, _scaled(match), match)
            groups = match.groupdict()
            unit = _CURRENCIES[(groups.get("sign") or groups.get("currency") or "").lower().rstrip("s")]
            if found.setdefault("currency", unit) != unit:
                raise ValueError(f"budget is {text!r}: it mixes {found['currency']} and {unit}. Convert one of them.")
        elif kind in ("chips", "chip", "chip_hours"):
            put("chip", accelerator_named(match["chip"]), match)
            if kind == "chips":
                put("count", _scaled(match), match)
            elif kind == "chip_hours":
                put("chip_hours", _scaled(match), match)
        elif kind == "hours":
            put("hours", _scaled(match) * _HOURS[match["unit"].lower().rstrip("s") or "s"], match)
        elif kind == "utilisation":
            put("utilisation", _range(match, "the utilisation", text), match)
        elif kind == "goodput":
            put("goodput", _range(match, "the goodput", text)[0], match)
    return found


def _agree(name: str, read: Any, given: Any, text: str) -> Any:
    if read is not None and given is not None and read != given:
        raise ValueError(f"{name} is given as {given!r}, but budget is {text!r}. State it once.")
    return given if read is None else read


def _need(budget: Budget, **wanted: object) -> None:
    hints: dict[str, Callable[[], str]] = {
        "accelerator": lambda:
        f"Name one in the sentence ('on H100') or pass accelerator=; known are {', '.join(accelerator_names())}",
        "utilisation":
        lambda: "Say 'at 35-45% MFU' or pass utilisation=(0.35, 0.45); what your own runs reach is the figure to use",
        "price_per_hour": lambda: "Say 'at $2.50/h' or pass price_per_hour= with price_date=; no price is assumed",
    }
    missing = [name for name, value in wanted.items() if value is None]
    if missing:
        raise ValueError(
            f"budget is {budget.text!r}: {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing. " +
            ". ".join(hints[name]() for name in missing) + ".")


def _checked(budget: Budget, low: float, high: float) -> Budget:
    for value in (low, high):
        if not 1e12 <= value <= 1e35:
            raise ValueError(
                f"budget is {budget.text!r}, which comes to {value:.3g} FLOP: training runs lie between 1e12 and 1e35. "
                "Check the number and its unit.")
    return replace(budget, C=(low + high) / 2, C_low=low, C_high=high)


def _with_flop(budget: Budget, flop: float) -> Budget:
    out = _checked(budget, flop, flop)
    rate = out.effective_rate
    if rate is not None and out.price_per_hour is not None:
        out = replace(out, money=out.price_per_hour * out.C / ((rate[0] + rate[1]) / 2))
    return out


def _with_time(budget: Budget, chip_hours: float) -> Budget:
    _need(budget, accelerator=budget.accelerator, utilisation=budget.utilisation)
    rate = budget.effective_rate
    assert rate is not None
    out = replace(_checked(budget, chip_hours * rate[0], chip_hours * rate[1]), chip_hours=chip_hours)
    if out.price_per_hour is not None:
        out = replace(out, money=out.price_per_hour * chip_hours)
    return out


def _with_money(budget: Budget, money: float) -> Budget:
    _need(budget, accelerator=budget.accelerator, utilisation=budget.utilisation, price_per_hour=budget.price_per_hour)
    assert budget.price_per_hour is not None
    return replace(_with_time(budget, money / budget.price_per_hour), money=money)
