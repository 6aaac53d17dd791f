"""Tables of runs as people keep them: which column is which, in which unit, and files read in any usual encoding.

A column is recognised by its name (see `ALIASES`; case, spaces and hyphens do not matter for names of more than one
letter). Two candidates for one quantity are an error that lists them: say which you mean, such as
``fit(ChinchillaLaw, data=table, N=table.active_params)``. A unit in the name is taken at its word ("tokens_b" are billions); a
unit that is not there is not guessed, but values that cannot be what the column says are refused. Of N, D and C (in
FLOP) one may be missing: C = 6ND.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .._validate import FloatArray, _refuse, file_path, integer, positive
from ..compute import FLOP_PER_PARAM_TOKEN, PF_DAY
from ..laws import ChinchillaLaw, Law
from .task import law_class

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["ALIASES", "MAX_ROWS", "columns_of", "read_table", "resolve", "sweep_columns"]

#: Names by which a quantity is known, after lower-casing and joining words with underscores.
ALIASES: dict[str, tuple[str, ...]] = {
    "N": ("params", "parameters", "n_params", "num_params", "model_params", "model_size", "param_count", "total_params", "active_params"),
    "D": ("training_tokens", "train_tokens", "tokens", "n_tokens", "num_tokens", "tokens_seen", "dataset_tokens"),
    "C": ("training_flops", "train_flops", "flops", "flop", "compute", "training_compute", "total_flops"),
    "L": ("loss", "final_loss", "val_loss", "validation_loss", "eval_loss", "test_loss", "train_loss", "loss_nats", "val_loss_nats", "loss_nats_*"),
    "U": ("unique_tokens", "n_unique_tokens", "unique_training_tokens"),
    "M": ("tokens_per_param", "tokens_per_parameter", "token_multiplier"),
    "G": ("granularity",),
    "P": ("precision_bits", "bits"),
    "error": ("err", "error_rate", "top1_error"),
    "accuracy": ("acc", "top1_accuracy"),
}

#: Most rows that a file may have: beyond it, thin out the checkpoints first.
MAX_ROWS = 1_000_000

_SCALES = {"k": 1e3, "thousand": 1e3, "thousands": 1e3, "m": 1e6, "million": 1e6, "millions": 1e6, "b": 1e9, "bn": 1e9,
           "billion": 1e9, "billions": 1e9, "t": 1e12, "trillion": 1e12, "trillions": 1e12,
           "eflop": 1e18, "exaflop": 1e18, "exaflops": 1e18, "zflop": 1e21, "zettaflop": 1e21, "pf_days": PF_DAY, "pfdays": PF_DAY,
           "pf_day": PF_DAY}

#: Laws that measure a quantity in another unit than tables do.
_LAW_UNITS = {("KaplanC", "C"): PF_DAY}

#: Smallest and largest believable value of each quantity, what it would mean beyond, and what to do.
_BELIEVABLE: dict[str, tuple[float, float, str]] = {
    "N": (30.0, 1e15, "Parameters are counts: 7B is 7e9."),
    "D": (100.0, 1e17, "Tokens are counts: 300B is 300e9."),
    "U": (10.0, 1e17, "Tokens are counts: 300B is 300e9."),
    "C": (1e4, 1e30, f"Compute is in FLOP: 1 PF-day is {PF_DAY:g}."),
    "L": (1e-6, 20.0, "Losses are in nats per token: a perplexity is turned into one by its logarithm, bits by times 0.6931."),
}


def _plain(name: object) -> str:
    text = re.sub(r"[^0-9a-zA-Z]+", "_", str(name)).strip("_")
    return text if len(text) == 1 else text.lower()


def _split_unit(name: str) -> tuple[str, float]:
    for suffix, scale in _SCALES.items():
        if name.endswith("_" + suffix):
            return name[: -len(suffix) - 1], scale
    return name, 1.0


def columns_of(names: Iterable[object], quantity: str) -> list[tuple[str, float]]:
    """The columns that may hold a quantity, with the factor that brings each to base units.

    Parameters
    ----------
    names : iterable
        Column names of a table.
    quantity : str
        The symbol, such as ``"N"``.

    Examples
    --------
    >>> columns_of(["run", "Params (B)", "tokens", "loss"], "N")
    [('Params (B)', 1000000000.0)]
    """
    listed = [str(name) for name in names]
    wanted = ALIASES.get(quantity, ())
    exact = {alias for alias in wanted if not alias.endswith("*")} | {quantity.lower() if len(quantity) > 1 else quantity}
    prefixes = tuple(alias[:-1] for alias in wanted if alias.endswith("*"))
    found = []
    for name in listed:
        plain = _plain(name)
        base, scale = _split_unit(plain)
        if name == quantity or plain in exact or (prefixes and plain.startswith(prefixes)):
            found.append((name, 1.0))
        elif base in exact or base == quantity.lower():
            found.append((name, scale))
    return found


def resolve(data: Any, law: type[Law], *, given: tuple[str, ...] = ()) -> dict[str, FloatArray]:
    """Find the columns of a law in a table.

    Parameters
    ----------
    data : DataFrame or mapping
        The table.
    law : type
        The class of law: its variables and its target are looked for.
    given : tuple of str
        Quantities that the caller passes separately.

    Returns
    -------
    dict of ndarray (n,)
        In base units.

    Raises
    ------
    ValueError
        If a quantity is missing or has two candidates, or its values cannot be in the unit that is meant.

    Examples
    --------
    >>> from scaling_lib import ChinchillaLaw, datasets
    >>> table = datasets.load("chinchilla_fig4_points")
    >>> sorted(resolve(table, ChinchillaLaw))
    ['D', 'L', 'N']
    """
    if isinstance(data, (str, Path)):
        data = read_table(data)
    if isinstance(data, Mapping):
        names: list[Any] = list(data)
    elif hasattr(data, "columns"):
        names = list(data.columns)
    else:
        raise _refuse("data", data, "a DataFrame, a mapping of columns, or the path of a csv file")
    doubled = sorted({str(name) for name in names if sum(str(name) == str(other) for other in names) > 1})
    if doubled:
        raise ValueError(f"data has two columns named {', '.join(doubled)}: rename one of them.")
    law = law_class(law)
    by_name = {str(name): name for name in names}
    cache: dict[str, FloatArray | None] = {}

    def take(quantity: str) -> FloatArray | None:
        if quantity not in cache:
            cache[quantity] = None
            candidates = columns_of(names, quantity)
            if len(candidates) > 1:
                listed = ", ".join(name for name, _ in candidates)
                raise ValueError(f"data has {len(candidates)} columns that may be {quantity}: {listed}. Say which one is "
                                 f"meant: {quantity}=data[{candidates[0][0]!r}].")
            if candidates:
                name, scale = candidates[0]
                cache[quantity] = _believe(quantity, name, positive(name, data[by_name[name]]) * scale)
        return cache[quantity]

    out: dict[str, FloatArray] = {}
    missing: list[str] = []
    for quantity in (*law.inputs, law.target):
        if quantity in given:
            continue
        column = take(quantity)
        if column is None:
            column = _derive(quantity, take)
        if column is not None and (law.__name__, quantity) in _LAW_UNITS:
            column = column / _LAW_UNITS[law.__name__, quantity]
        if column is None:
            missing.append(quantity)
        else:
            out[quantity] = column
    if missing:
        hints = "; ".join(f"{q} may be called {', '.join(ALIASES[q]) if q in ALIASES else q}" for q in missing)
        raise ValueError(f"data has no column for {', '.join(missing)}: its columns are {', '.join(map(str, names))}. {hints}. "
                         f"Or pass it by name: {missing[0]}=...")
    _together(out.get("N"), out.get("D"), out.get("C"))
    return out


def sweep_columns(data: Any, **given: object) -> dict[str, Any]:
    """N, D, L and, where the table states it, C of a sweep; what is given and not None overrules the table.

    Parameters
    ----------
    data : DataFrame, mapping or path, or None
        The table; None leaves what is given.
    **given : array_like (n,) or None
        C, N, D and L as the caller passed them.

    Returns
    -------
    dict
        Columns by symbol. A stated C is kept, since budgets scatter around 6ND.

    Raises
    ------
    ValueError
        As `resolve` does.

    Examples
    --------
    >>> table = {"flops": [1e18, 1e18], "params": [1e8, 2e8], "loss": [3.1, 3.0]}
    >>> sorted(sweep_columns(table))
    ['C', 'D', 'L', 'N']
    """
    passed = {name: column for name, column in given.items() if column is not None}
    if data is None:
        return passed
    if isinstance(data, (str, Path)):
        data = read_table(data)
    out: dict[str, Any] = dict(resolve(data, ChinchillaLaw, given=tuple(passed)))
    stated = [] if "C" in passed else columns_of(data if isinstance(data, Mapping) else data.columns, "C")
    if len(stated) == 1:
        name, scale = stated[0]
        out["C"] = positive(name, data[name]) * scale
    return {**out, **passed}


def _derive(quantity: str, take: Any) -> FloatArray | None:
    needed = {"C": ("N", "D"), "N": ("C", "D"), "D": ("C", "N"), "M": ("N", "D")}.get(quantity)
    if needed is None:
        return None
    one, two = (take(name) for name in needed)
    if one is None or two is None:
        return None
    if quantity == "C":
        return np.asarray(FLOP_PER_PARAM_TOKEN * one * two)
    if quantity == "M":
        return np.asarray(two / one)
    return np.asarray(one / (FLOP_PER_PARAM_TOKEN * two))


def believe_passed(columns: Mapping[str, FloatArray], law: type[Law] | None = None) -> None:
    """Refuse counts and compute passed by name that cannot be what their symbols mean, as `resolve` does for a table's.

    Losses are left alone: some laws predict differences of them, which may be as small as they like. So are ratios of
    tokens to parameters, which a law under study may make extreme.

    Raises
    ------
    ValueError
        With the value, what was expected, and the unit that is meant.
    """
    own = "" if law is None else law.__name__
    scaled = {name: column * _LAW_UNITS.get((own, name), 1.0) for name, column in columns.items()}
    for name in ("N", "D", "U", "C"):
        if name in scaled:
            _believe(name, None, scaled[name])


def _believe(quantity: str, name: str | None, column: FloatArray) -> FloatArray:
    """Check a quantity in base units; `name` is that of its column in a table, None if it was passed by its symbol."""
    if quantity not in _BELIEVABLE or not column.size:
        return column
    low, high, advice = _BELIEVABLE[quantity]
    said = f"Column {name!r} holds {quantity}" if name else f"{quantity} is given by name"
    smallest, largest = float(column.min()), float(column.max())
    if smallest < low or largest > high:
        where = int(np.argmin(column) if smallest < low else np.argmax(column))
        whole = "the column" if largest < low or smallest > high else f"row {where}"
        raise ValueError(f"{said}, and {whole} has {column[where]:g}: expected {low:g} to {high:g}. {advice} Multiply the column"
                         + (", or put the unit into its name (as in tokens_b)." if name else "."))
    if quantity in ("N", "D", "C") and largest / smallest > (3e7 if quantity != "C" else 1e15):
        raise ValueError(f"{said} and runs from {smallest:g} to {largest:g}: units look mixed. {advice}")
    return column


def _together(N: FloatArray | None, D: FloatArray | None, C: FloatArray | None) -> None:
    if N is None or D is None or N.shape != D.shape:
        return
    ratio = np.median(D / N)
    if not 1e-4 < ratio < 1e7:
        raise ValueError(f"D / N is {ratio:.3g} at the median: expected 1e-4 to 1e7 tokens per parameter. One of the two "
                         "columns is probably in millions or billions: multiply it.")
    if C is not None and C.shape == N.shape:
        off = np.median(C / (FLOP_PER_PARAM_TOKEN * N * D))
        if not 0.02 < off < 50:
            raise ValueError(f"C / 6ND is {off:.3g} at the median: expected about 1. Is C in FLOP (1 PF-day is {PF_DAY:g}), and are "
                             "N and D counts?")


def read_table(path: str | Path, *, max_rows: int = MAX_ROWS) -> DataFrame:
    """Read a csv file whatever its encoding and separator.

    UTF-8 with or without a byte-order mark, UTF-16 with one, and Western single-byte text are read; commas, semicolons
    (with decimal commas) and tabs separate.

    Parameters
    ----------
    path : str or Path
        The file.
    max_rows : int
        Most rows accepted.

    Returns
    -------
    DataFrame

    Raises
    ------
    ValueError
        If the file cannot be read, is empty, is not a table, names two columns alike, has rows of different lengths, or
        too many of them.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "runs.csv"
    ...     _ = path.write_bytes("\\ufeffparams;loss\\n1e8;3,5\\n".encode())
    ...     read_table(path).loss.tolist()
    [3.5]
    """
    import pandas as pd

    most = integer("max_rows", max_rows, low=1)
    where = file_path("path", path)
    try:
        raw = where.read_bytes()
    except OSError as error:
        raise ValueError(f"path is {str(path)!r}: it cannot be read ({error.strerror}).") from error
    text = _decode(raw, str(path))
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        raise ValueError(f"{where.name} has {'no rows below its header' if lines else 'nothing in it'}: expected a csv table with a header.")
    if len(lines) - 1 > most:
        raise ValueError(f"{where.name} has {len(lines) - 1:,} rows: at most {most:,} are read. Keep fewer checkpoints of each run.")
    separator = max(",;\t", key=lambda mark: lines[0].count(mark))
    if lines[0].count(separator) == 0 and len(lines[0].split()) > 1:
        raise ValueError(f"{where.name} has no comma, semicolon or tab in its header {lines[0][:60]!r}: save it as csv.")
    decimal = "," if separator == ";" and re.search(r"(^|;)-?\d+,\d+(;|$)", lines[1]) else "."
    try:
        header = [name.strip() for name in next(csv.reader([lines[0]], delimiter=separator))]
        width = len(header)
        if doubled := sorted({name for name in header if header.count(name) > 1}):
            raise ValueError(f"{where.name} has two columns named {', '.join(repr(name) for name in doubled)}: rename one of them.")
        for number, row in enumerate(csv.reader(lines[1:], delimiter=separator), start=2):
            if len(row) != width:
                raise ValueError(f"{where.name}, line {number}, has {len(row)} fields and the header {width}: repair that line.")
        return pd.read_csv(io.StringIO("\n".join(lines)), sep=separator, decimal=decimal, skipinitialspace=True)
    except (csv.Error, pd.errors.ParserError) as error:
        raise ValueError(f"{where.name} is not a csv table: {error}.") from error


def _decode(raw: bytes, name: str) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise ValueError(f"{name} is not text in UTF-8, UTF-16 or a Western encoding: save it as csv in UTF-8.")
