"""What the planner's page shows, as numbers: asked of `scaling_lib.plan`, and kept for the settings that the page stores.

A plan with scarce data takes a third of a second, and the page needs hundreds, so they are kept as data in
``planner_numbers.json``. Whatever changes an answer of the planner is followed by

    python -m scaling_lib.explorers._planner_numbers

(some minutes); a test asks the planner again at nodes drawn by chance.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from .. import published
from .._validate import FloatArray
from ..allocate.minimax import overheads
from ..compute import FLOP_PER_PARAM_TOKEN
from ..planner import Plan, parse_budget, plan
from ..planner.consequences import cluster_of, lifetime_of
from ..planner.inputs import DEFAULT_LAWS, HEDGE, read_laws
from ._controls import Seam

__all__ = ["ACROSS", "LAWS", "NEAR_LIFETIME", "NEAR_SIZE", "NEAR_WASTE", "PASSES", "PICKS", "cluster", "decision", "lifetime", "nodes", "scarce", "seam", "table", "useful"]

STORE = Path(__file__).with_name("planner_numbers.json")
LAWS = DEFAULT_LAWS
#: Rows of the table, and what may be followed.
PICKS = (*LAWS, HEDGE)
#: Sizes at which the picture shows the waste, times the hedge.
ACROSS = np.geomspace(1 / 8, 8, 33)
#: More than this is off the picture (a fraction).
HIGHEST = 1.2

#: How near the interpolated page is to the planner: sizes and tokens (relative), waste (absolute), and the lifetime's table (either).
#: At 300 pairs of budget and unique tokens, the ends of both sliders among them, the worst were 0.005, 0.012 and 0.045.
NEAR_SIZE, NEAR_WASTE, NEAR_LIFETIME = 0.01, 0.02, 0.1
#: Towards so many passes a further one is worth nothing. The loss then meets its floor, first to a thousandth, in the end to rounding,
#: and a waste, which compares budgets of equal loss, means less and less. There the page answers for what is of use of the budget.
PASSES = 40


def _spaced(low: float, high: float, count: int) -> tuple[float, ...]:
    return tuple(float(f"{v:.12g}") for v in np.logspace(low, high, count))


_C13, _C7, SERVED = _spaced(20, 26, 13), _spaced(20, 26, 7), _spaced(10, 16, 10)
UNIQUE = _spaced(11, 14, 4)
#: Stands for unlimited data.
PLENTY = UNIQUE[-1]
#: Nodes beyond the seam. The waste across sizes has a kink at the size whose tokens are read once, so the table needs the most.
FAR = {"table": 33, "decision": 17, "lifetime": 8}


def _digits(values: Iterable[float], digits: int = 5) -> list[float]:
    """A digit or two more than are shown; a waste of nothing is nothing."""
    return [float(f"{value:.{digits}g}") if abs(value) > 1e-9 else 0.0 for value in values]


@cache
def _hungriest() -> str:
    """The law whose best model reads the most tokens."""
    return max(LAWS, key=lambda name: float(published.about(name).value.optimal(1e23).D))


@cache
def _reach() -> float:
    """Decades of compute beyond the seam at which the hungriest law's best model reads every token `PASSES` times.

    They are the same for all numbers of unique tokens: in its condition size and tokens stand over those for which the data just suffice.
    """
    law, unique = read_laws(None, None).repeated(_hungriest()), UNIQUE[0]
    edge = float(law.fresh.optimal_for_tokens(unique).C)
    low, high = 0.0, 6.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if float(law.optimal(edge * 10**middle, unique).D) < PASSES * unique else (low, middle)
    return round(low, 4)


@cache
def seam() -> Seam:
    """Where data become scarce: from this budget on one of the laws' optima reads more tokens than there are.

    There the planner's answer becomes another. The hungriest law decides, whose best number of tokens is a power of C.
    """
    hungriest = published.about(_hungriest()).value
    ends = [math.log10(float(hungriest.optimal_for_tokens(U).C)) for U in (UNIQUE[0], UNIQUE[-1])]
    slope = (ends[1] - ends[0]) / math.log10(UNIQUE[-1] / UNIQUE[0])
    return Seam("unique", slope, ends[0] - slope * math.log10(UNIQUE[0]), _reach(), FAR["decision"])


def scarce(C: float, unique: float) -> bool:
    """Whether data are scarce for that budget."""
    return seam().beyond(C, unique) > 0


def useful(C: float, unique: float) -> float:
    """As much of the budget as the unique tokens can use: all of it, or what reads them `PASSES` times."""
    return seam().at(seam().reach, unique) if seam().past(C, unique) else C


@lru_cache(maxsize=64)
def _plan(C: float, unique: float, prefer: str) -> Plan:
    return plan(C, unique_tokens=unique, prefer=prefer)


@lru_cache(maxsize=16)
def _surfaces(unique: float | None) -> dict[str, Any]:
    return read_laws(None, None).surfaces(unique)


def _surfaces_at(C: float, unique: float) -> dict[str, Any]:
    return _surfaces(unique if scarce(C, unique) else None)


@cache
def _stored() -> dict[str, dict[tuple[Any, ...], list[float]]]:
    kept = json.loads(STORE.read_text(encoding="utf-8")) if STORE.is_file() else {}
    return {kind: {_key(*node): row for node, row in zip(nodes(kind), rows, strict=True)} for kind, rows in kept.items()}


def _key(*node: Any) -> tuple[Any, ...]:
    return tuple(f"{value:.9g}" if isinstance(value, float) else value for value in node)


def nodes(kind: str) -> list[tuple[Any, ...]]:
    """Budget, unique tokens and what else a kind of numbers depends on, at every stored node: first those where data suffice."""
    places = [(C, PLENTY) for C in (_C7 if kind == "lifetime" else _C13)]
    places += [(seam().at(float(x), U), U) for x, U in itertools.product(np.linspace(0, seam().reach, FAR[kind]), UNIQUE)]
    rest: dict[str, list[tuple[Any, ...]]] = {
        "table": [()],
        "decision": [(name,) for name in PICKS],
        "lifetime": list(itertools.product(PICKS, SERVED)),
    }
    return [(*place, *more) for place in places for more in rest[kind]]


def _known(kind: str, C: float, unique: float, *more: Any) -> list[float] | None:
    return _stored().get(kind, {}).get(_key(C, unique if scarce(C, unique) else PLENTY, *more))


def table(C: float, unique: float) -> dict[str, Any]:
    """The regret table, the waste across sizes, and what depends on the budget alone.

    Returns
    -------
    dict
        ``N`` (picks), ``waste`` (picks, laws), ``curves`` (laws, ACROSS), ``ratio`` (lowest and highest of the refits),
        ``transfer`` (waste on another corpus).
    """
    row = _known("table", C, unique) or _digits(_table(C, unique))
    picks, laws = len(PICKS), len(LAWS)
    N, rest = row[:picks], row[picks:]
    waste, rest = rest[: picks * laws], rest[picks * laws :]
    return {
        "N": np.array(N),
        "waste": np.array(waste).reshape(picks, laws),
        "ratio": tuple(rest[:2]),
        "transfer": rest[2],
        "curves": np.array(rest[3:]).reshape(laws, len(ACROSS)),
    }


def _table(C: float, unique: float) -> list[float]:
    answer = _plan(C, unique, HEDGE)
    hedge = answer.table.N[answer.table.picks.index(HEDGE)]
    curves: FloatArray = overheads(_surfaces_at(C, unique), hedge * ACROSS, C / FLOP_PER_PARAM_TOKEN, 0.0)
    sampling, _, transfer, _ = answer.uncertainty
    assert sampling.tokens_per_param is not None and transfer.waste is not None
    rows = [answer.table.overhead[answer.table.picks.index(name)] for name in PICKS]
    return [
        *(answer.table.N[answer.table.picks.index(name)] for name in PICKS),
        *itertools.chain(*rows),
        *sampling.tokens_per_param,
        transfer.waste,
        *np.minimum(curves, HIGHEST).ravel(),
    ]


def decision(C: float, unique: float, prefer: str) -> dict[str, float]:
    """The pick: its size, its worst waste, the sizes near it, and what the unique tokens make of it.

    ``sampling`` is its waste in 95 per cent of the refits, and -1 where data are scarce: the refits know of no repetition.
    ``worth`` and ``shortage``, compute over what unlimited data would need, are for data that are scarce.
    """
    row = _known("decision", C, unique, prefer) or _digits(_decision(C, unique, prefer))
    return dict(zip(("N", "worst", "near_low", "near_high", "sampling", "worth", "shortage"), row, strict=True))


def _decision(C: float, unique: float, prefer: str) -> list[float]:
    answer = _plan(C, unique, prefer)
    assert answer.data is not None
    waste = answer.uncertainty[0].waste
    return [
        answer.pick.N,
        answer.pick.worst,
        *answer.pick.N_near,
        -1.0 if waste is None else waste,
        answer.data.worth,
        1 + answer.data.shortage,
    ]


def lifetime(C: float, unique: float, prefer: str, served: float) -> dict[str, Any]:
    """Serving over training, in compute, and by law the model that is as good and cheaper over both.

    Returns
    -------
    dict
        ``serving``, and ``rows`` (laws, 4): parameters, tokens, and compute of training and of the whole lifetime over the pick's.
    """
    row = _known("lifetime", C, unique, prefer, served) or _digits(_lifetime(C, unique, prefer, served), 4)
    return {"serving": row[0], "rows": np.array(row[1:]).reshape(len(LAWS), 4)}


def _lifetime(C: float, unique: float, prefer: str, served: float) -> list[float]:
    answer = _plan(C, unique, prefer)
    found = lifetime_of(_surfaces_at(C, unique), answer.pick, {"all": (served, None)}, answer.budget)
    return [found.pick_share / (1 - found.pick_share), *itertools.chain(*((row.N, row.D, 1 + row.extra_training, 1 - row.saving) for row in found.rows))]


def cluster(
    C: float, accelerator: str, utilisation: tuple[float, float], goodput: float, count: float, price: float
) -> dict[str, tuple[float, float]]:
    """Hours, days, money and energy, each at the highest and the lowest utilisation."""
    money = parse_budget(
        C,
        accelerator=accelerator,
        utilisation=utilisation,
        goodput=goodput,
        count=count,
        price_per_hour=price,
        price_date="as stated",
    )
    found = cluster_of(money, _NO_PICK, None)
    assert found is not None and found.days is not None and found.cost is not None and found.energy_kwh is not None
    return {"hours": found.hours, "days": found.days, "cost": found.cost, "energy": found.energy_kwh}


def _no_pick() -> Any:
    from ..planner.result import Pick

    return Pick(basis=HEDGE, N=1e9, D=1e9, C=1e18, worst=0.0, N_near=(1e9, 1e9))


#: Memory, the one thing of a cluster that depends on the pick, is not asked for here.
_NO_PICK = _no_pick()


def refresh() -> dict[str, list[list[float]]]:
    """Ask the planner at every node."""
    ask: dict[str, Callable[..., list[float]]] = {"table": _table, "decision": _decision, "lifetime": _lifetime}
    out: dict[str, list[list[float]]] = {kind: [] for kind in ask}
    for kind, function in ask.items():
        for node in nodes(kind):
            out[kind].append(_digits(function(*node), 4 if kind == "lifetime" else 5))
        print(f"{kind}: {len(out[kind])} nodes", flush=True)
    return out


if __name__ == "__main__":
    found = refresh()
    lines = [f'"{kind}": [\n' + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]" for kind, rows in found.items()]
    STORE.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")
    print(f"wrote {STORE.name}")
