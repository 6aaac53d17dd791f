"""Numbers in sentences: what a chapter's hidden cells use to put computed values into its text.

`say` makes values available to the roles ``glue:text`` and ``glue:md``; `power` and `short` write large numbers as people
read them, `interval` its two ends; `table` shows a list of rows without an index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._validate import integer, scalar

if TYPE_CHECKING:
    from IPython.display import HTML, Markdown

__all__ = ["interval", "power", "say", "short", "table"]

_SIZES = (("T", 1e12), ("B", 1e9), ("M", 1e6), ("k", 1e3))


def say(**values: Any) -> None:
    """Glue each value under its name: numbers as floats, so that the sentence chooses the digits; text and Markdown as they are.

    Parameters
    ----------
    **values
        Name and value; a name is what the page pastes.

    Raises
    ------
    ValueError
        If a number is not finite: a sentence must not say "nan".
    """
    from myst_nb import glue  # type: ignore[import-untyped]

    for name, value in values.items():
        plain = isinstance(value, str) or hasattr(value, "_repr_markdown_")
        glue(name, value if plain else scalar(name, value), display=False)


def power(value: object, digits: int = 3) -> Markdown:
    """5.76e23 as mathematics, with that many significant digits; a power of ten alone loses its factor 1.

    Parameters
    ----------
    value : float
        Positive.
    digits : int
        Significant digits, 1 to 15.

    Raises
    ------
    ValueError
        If `value` is not positive and finite, or `digits` out of range.

    Examples
    --------
    >>> power(5.76e23).data
    '$5.76 \\\\times 10^{23}$'
    >>> power(1e21).data
    '$10^{21}$'
    """
    from IPython.display import Markdown

    number = scalar("value", value, low=0.0, open_low=True)
    mantissa, exponent = f"{number:.{integer('digits', digits, low=1, high=15) - 1}e}".split("e")
    factor = "" if float(mantissa) == 1.0 else rf"{mantissa} \times "
    return Markdown(f"${factor}10^{{{int(exponent)}}}$")  # type: ignore[no-untyped-call]


def short(value: object, digits: int = 3) -> str:
    """6.9e10 as 69B: thousands k, millions M, billions B, trillions T.

    Parameters
    ----------
    value : float
        Not negative.
    digits : int
        Significant digits, 1 to 15.

    Raises
    ------
    ValueError
        If `value` is negative or not finite, or `digits` out of range.

    Examples
    --------
    >>> short(1.4e12), short(175e9), short(512)
    ('1.4T', '175B', '512')
    """
    number = scalar("value", value, low=0.0)
    digits = integer("digits", digits, low=1, high=15)
    # Rounded first, so that 999.96 million is one billion.
    rounded = float(f"{number:.{digits - 1}e}")
    for unit, size in _SIZES:
        if rounded >= size:
            scaled = rounded / size
            return (f"{scaled:.{digits}g}" if scaled < 10**digits else f"{scaled:.0f}") + unit
    return f"{rounded:.{digits}g}"


def interval(ends: Any, form: str | Callable[[float], str] = ".3g") -> str:
    """The two ends of an interval for the cell of a table, kept on one line.

    Parameters
    ----------
    ends : tuple or object with `low` and `high`
        Such as what ``Bootstrap.interval`` returns or a ``published.Estimate``.
    form : str or callable
        A format, such as ``".3f"``, or a function such as `short`.

    Raises
    ------
    ValueError
        If there are not two finite ends.

    Examples
    --------
    >>> interval((0.454, 0.455), ".3f")
    '<span style="white-space: nowrap">0.454–0.455</span>'
    """
    both = (ends.low, ends.high) if hasattr(ends, "low") and hasattr(ends, "high") else tuple(ends)
    if len(both) != 2:
        raise ValueError(f"ends is {ends!r}: expected a lower and an upper end.")
    words = [form(end) if callable(form) else format(end, form) for end in (scalar("low", both[0]), scalar("high", both[1]))]
    return f'<span style="white-space: nowrap">{"–".join(words)}</span>'


def table(rows: Sequence[Mapping[str, Any]], caption: str = "") -> HTML:
    """Rows as a table without an index; cells and the caption may hold HTML of our own.

    Parameters
    ----------
    rows : sequence of mapping
        One a row: head of the column, cell.
    caption : str
        What stands with the table; empty for nothing.

    Raises
    ------
    ValueError
        If there are no rows.
    """
    import pandas as pd
    from IPython.display import HTML

    if not rows:
        raise ValueError("rows is empty: a table needs at least one row.")
    html = pd.DataFrame(list(rows)).to_html(index=False, escape=False, border=0)
    if caption:
        html = html.replace("<thead>", f'<caption style="padding-bottom: .5em">{caption}</caption><thead>', 1)
    return HTML(html)  # type: ignore[no-untyped-call]
