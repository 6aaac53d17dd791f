"""Published measurements, packaged with the course: offline, checksummed, each with its source and licence.

Use `names` to see what there is, `about` for what a table means and what to beware of, `load` for the table itself.
Columns are snake_case; losses are nats per token unless a name says bits; counts of parameters, tokens and FLOP are
float64, because their products overflow 64-bit integers. Cite the paper that `about` names wherever a table is shown.

Examples
--------
>>> from scaling_lib import datasets
>>> datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch").shape
(240, 5)
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from .catalogue import About, Source, about, names
from .catalogue import read_verified as _read_verified

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["About", "Source", "about", "load", "names"]


def load(name: str) -> pd.DataFrame:
    """One table, as a fresh copy that is yours to change.

    An empty cell is NaN (NaT in a date), a 0/1 flag is bool, a date is datetime64, text is str; steps, layers and
    the like are int64 and everything else float64. The file is read and its checksum compared once a session.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    pandas.DataFrame
        As many rows and columns as ``about(name)`` says, in the order of the file.

    Raises
    ------
    ValueError
        If there is no table of that name; the nearest is named.
    RuntimeError
        If the packaged file is missing or not the one that was published with this version.

    Examples
    --------
    >>> runs = load("chinchilla_fig4_points")
    >>> len(runs), int(runs.dropped_by_epoch.sum())
    (245, 5)
    """
    return _table(about(name).name).copy()


@cache
def _table(name: str) -> pd.DataFrame:
    from io import BytesIO

    import pandas as pd

    card = about(name)
    as_read = {"float": "float64", "int": "int64", "bool": "int64", "text": "str", "date": "str"}
    frame = pd.read_csv(BytesIO(_read_verified(card)), dtype={key: as_read[kind] for key, kind in card.kinds.items()},
                        keep_default_na=False, na_values=[""], encoding="utf-8")
    for key, kind in card.kinds.items():
        if kind == "bool":
            frame[key] = frame[key].astype(bool)
        elif kind == "date":
            frame[key] = pd.to_datetime(frame[key], format="ISO8601").astype("datetime64[ns]")
    return frame
