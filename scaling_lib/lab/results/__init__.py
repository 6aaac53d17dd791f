"""Measurements that come with the course: a larger sweep of each experiment, as data.

`load` gives the rows, `about` the exact command, versions, machine, date and what the numbers came to. A chapter shows these beside
a small live run. `scaling_lib.lab.results.refresh` measures them again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ..._validate import choice

if TYPE_CHECKING:
    import pandas

__all__ = ["Card", "about", "load", "names"]

#: Columns whose cells are lists, stored as JSON.
LISTS = ("curve", "right", "others")


@dataclass(frozen=True)
class Card:
    """Where a table of measurements comes from.

    Attributes
    ----------
    name, question : str
        Which experiment, and what it asks.
    rows : int
        Rows of the table.
    command : str
        What was typed to measure it.
    versions, machine, date : str
        What the numbers depend on.
    cpu_seconds : float
        Processor time of the measurement.
    numbers : mapping of str to float
        What it came down to; NaN where there is no such number.
    columns : mapping of str to str
        Meaning and unit of each column.
    note : str
        What to know before using it.
    sha256 : str
        Of the csv file.
    """

    name: str
    question: str
    rows: int
    command: str
    versions: str
    machine: str
    date: str
    cpu_seconds: float
    numbers: Mapping[str, float] = field(repr=False)
    columns: Mapping[str, str] = field(repr=False)
    note: str = ""
    sha256: str = field(default="", repr=False)

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<tr><th scope='row'>{escape(key)}</th><td>{escape(meaning)}</td></tr>"
            for key, meaning in self.columns.items()
        )
        return (
            f"<div><p><b>{escape(self.name)}</b>: {escape(self.question)} {self.rows} rows, measured on {escape(self.date)} by "
            f"<code>{escape(self.command)}</code> ({escape(self.versions)}; {escape(self.machine)}; {self.cpu_seconds:.0f} s of processor time). "
            f"{escape(self.note)}</p><table><thead><tr><th>column</th><th>meaning</th></tr></thead><tbody>{rows}</tbody></table></div>"
        )


@lru_cache(maxsize=1)
def _cards() -> dict[str, dict[str, Any]]:
    cards: dict[str, dict[str, Any]] = json.loads(files(__name__).joinpath("cards.json").read_text("utf-8"))
    return cards


def names() -> tuple[str, ...]:
    """The measurements there are.

    Examples
    --------
    >>> "isoflop" in names()
    True
    """
    return tuple(_cards())


def about(name: str) -> Card:
    """Where the measurements of that name come from.

    Parameters
    ----------
    name : str
        One of `names`.

    Raises
    ------
    ValueError
        If there are none of that name.

    Examples
    --------
    >>> about("isoflop").command
    'python -m scaling_lib.lab.results.refresh isoflop --n-jobs 2'
    """
    choice("name", name, names())
    card = _cards()[name]
    return Card(
        **{**card, "numbers": {key: float("nan") if value is None else value for key, value in card["numbers"].items()}}
    )


def load(name: str) -> pandas.DataFrame:
    """The rows of the measurements of that name.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    pandas.DataFrame
        Columns as `about` explains them; cells that hold lists come back as lists.

    Raises
    ------
    ValueError
        If there are none of that name.
    RuntimeError
        If the file is not the one that was shipped.

    Examples
    --------
    >>> runs = load("isoflop")
    >>> bool((runs["loss"] > 1.69).all())
    True
    """
    import pandas as pd

    choice("name", name, names())
    data = files(__name__).joinpath(f"{name}.csv").read_bytes()
    if hashlib.sha256(data).hexdigest() != _cards()[name]["sha256"]:
        raise RuntimeError(
            f"{name}.csv is not the file that was shipped: install the package again, or measure it anew with "
            f"python -m scaling_lib.lab.results.refresh {name}."
        )
    from io import BytesIO

    table = pd.read_csv(BytesIO(data))
    for column in LISTS:
        if column in table:
            table[column] = table[column].map(json.loads)
    if "held_back" in table:
        table["held_back"] = table["held_back"].astype(bool)
    return table
