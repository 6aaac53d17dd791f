"""`Plan`: the answer of the planner, which prints, shows itself in a notebook, and goes to JSON and back."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

from .. import __version__
from ..allocate import Basin, RegretTable
from .budget import Budget
from .evidence import Badge, Domain
from .result import Cluster, Data, Lifetime, Loss, More, Part, Pick

__all__ = ["Plan"]


@dataclass(frozen=True)
class Plan:
    """What to train on a budget, how sure that is, and what being wrong would waste.

    Attributes
    ----------
    inputs : dict
        What was asked, as it was asked; ``plan(**inputs)`` gives this answer again.
    budget : Budget
        The budget as it was understood.
    pick : Pick
        The advice.
    table : RegretTable
        Each law's pick, the candidates and the hedge, against each law being true.
    uncertainty : tuple of Part
        Sampling, choice of law, transfer to your corpus, extrapolation.
    backtest : Badge or None
        What a fit to the small runs behind the laws said of the large ones.
    domain : Domain
        How far those runs reach.
    around : Basin or None
        What other sizes cost, under one's own law or the first of the table; None where data are repeated.
    more : More
        What a tenth more budget buys.
    data, lifetime, cluster : Data, Lifetime, Cluster or None
        Unique data; serving; time, money and memory. None where not asked.
    loss : Loss or None
        Predicted loss; None unless the law is a fit to the caller's own runs.
    warnings, notes : tuple of str
        What to worry about, and what is assumed.
    """

    inputs: dict[str, Any]
    budget: Budget
    pick: Pick
    table: RegretTable
    uncertainty: tuple[Part, ...]
    backtest: Badge | None
    domain: Domain
    around: Basin | None
    more: More
    data: Data | None
    lifetime: Lifetime | None
    cluster: Cluster | None
    loss: Loss | None
    warnings: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def hedge(self) -> tuple[float, float]:
        """Parameters and tokens of the hedge; the pick's where only one law was weighed."""
        i = self.table.picks.index("hedge") if "hedge" in self.table.picks else self.table.picks.index(self.pick.basis)
        return self.table.N[i], self.table.D[i]

    def to_dict(self) -> dict[str, Any]:
        """The plan as JSON holds it: the inputs, the version, and the answer."""
        answer = _finite(asdict(self))
        inputs = answer.pop("inputs")
        return {"scaling_lib": "plan", "version": __version__, "inputs": inputs, "answer": answer}

    def to_json(self, *, indent: int | None = 2) -> str:
        """The plan as JSON text; `from_json` reproduces the answer from it."""
        return json.dumps(self.to_dict(), indent=indent, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Work a plan out again from its JSON, and see that the answer is the same.

        Parameters
        ----------
        text : str
            From `to_json`.

        Returns
        -------
        Plan

        Raises
        ------
        ValueError
            If the text is not a plan, or this version of the library gives another answer; the difference is named.

        Examples
        --------
        >>> from scaling_lib import plan
        >>> answer = plan("1e23 FLOP")
        >>> Plan.from_json(answer.to_json()) == answer
        True
        """
        from .decide import plan

        try:
            data = json.loads(text)
        except (TypeError, ValueError) as error:
            raise ValueError(f"text is not JSON ({error}): expected what Plan.to_json() wrote.") from error
        if not isinstance(data, dict) or data.get("scaling_lib") != "plan" or not isinstance(data.get("inputs"), dict):
            raise ValueError("text does not describe a plan: expected what Plan.to_json() wrote.")
        try:
            again = plan(**data["inputs"])
        except TypeError as error:
            raise ValueError(f"inputs do not fit this version of plan(): {error}.") from error
        found = _difference(data.get("answer"), json.loads(again.to_json())["answer"], "answer")
        if found:
            raise ValueError(
                f"This plan was made by version {data.get('version')} and comes out differently now: {found}. "
                "Call plan(**inputs) with the inputs in the file for the new answer.")
        return again

    def __str__(self) -> str:
        from .render import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from .render import as_html

        return as_html(self)


def _finite(value: Any) -> Any:
    """JSON has no infinities: they become None."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _difference(old: Any, new: Any, where: str) -> str:
    """The first place where two answers differ by more than rounding."""
    if isinstance(old, dict) and isinstance(new, dict):
        pairs = [(key, old.get(key), new.get(key)) for key in {**old, **new}]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = [(i, a, b) for i, (a, b) in enumerate(zip(old, new, strict=True))]
    elif isinstance(old, (int, float)) and isinstance(new, (int, float)):
        return "" if math.isclose(old, new, rel_tol=1e-6, abs_tol=1e-9) else f"{where} was {old:.6g}, is {new:.6g}"
    else:
        return "" if old == new else f"{where} was {old!r}, is {new!r}"
    for key, a, b in pairs:
        if found := _difference(a, b, f"{where}.{key}"):
            return found
    return ""
