"""The cards of the tables: what each holds, where it comes from, under which licence, and what to beware of.

Everything is read from ``catalogue.toml``, the one place where a table is described; ``SOURCES.md`` and the book's page
of data are generated from it by ``tools/data_cards.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from .._validate import choice

__all__ = ["About", "Source", "about", "conventions", "left_out", "names"]

_KINDS = ("int", "bool", "text", "date")


@dataclass(frozen=True)
class Source:
    """The repository a table was taken from.

    Attributes
    ----------
    repository : str
        ``owner/name`` on GitHub.
    commit : str
        The commit that was read; empty where a dated export was.
    path : str
        Where in the repository.
    """

    repository: str
    commit: str
    path: str

    @property
    def url(self) -> str:
        """Address of that commit, or of the repository where no commit is recorded."""
        return f"https://github.com/{self.repository}" + (f"/tree/{self.commit}" if self.commit else "")

    def __str__(self) -> str:
        commit = f", commit {self.commit}" if self.commit else ""
        return f"{self.repository}{commit}: {self.path}"


@dataclass(frozen=True, repr=False)
class About:
    """What a table is.

    Attributes
    ----------
    name, title : str
        Its name for `load`, and in words.
    rows : int
        Number of rows.
    licence : str
        Licence of the source, as an SPDX name.
    attribution : str
        The line to print beside the table wherever it is shown.
    paper : str
        Who measured it, and where it is published.
    arxiv : tuple of str
        The arXiv numbers of the papers.
    cite : tuple of str
        Citation keys in the book's bibliography.
    sources : tuple of Source
        Repositories and commits it was taken from.
    as_of : str
        The date up to which it holds; empty where it is a finished experiment.
    chapters : tuple of str
        What the course uses it for.
    columns : mapping of str to (unit, meaning)
        Every column, in order.
    kinds : mapping of str to str
        ``float``, ``int``, ``bool``, ``text`` or ``date`` for every column.
    notes, reproduces, caveats : tuple of str
        What it is, what was found again in it, and what to beware of.
    sha256 : str
        Checksum of the packaged file.
    """

    name: str
    title: str
    rows: int
    licence: str
    attribution: str
    paper: str
    arxiv: tuple[str, ...]
    cite: tuple[str, ...]
    sources: tuple[Source, ...]
    as_of: str
    chapters: tuple[str, ...]
    columns: Mapping[str, tuple[str, str]]
    kinds: Mapping[str, str] = field(hash=False)
    notes: tuple[str, ...]
    reproduces: tuple[str, ...]
    caveats: tuple[str, ...]
    sha256: str

    @property
    def file(self) -> str:
        """Name of the packaged file."""
        return f"{self.name}.csv"

    def __hash__(self) -> int:
        return hash((self.name, self.sha256))

    def __repr__(self) -> str:
        from textwrap import fill

        def block(head: str, text: str) -> str:
            return fill(text, width=100, initial_indent=f"{head:<12}", subsequent_indent=" " * 12)

        lines = [f"{self.name}: {self.title}", block("rows", f"{self.rows:,}"), block("paper", self.paper),
                 block("licence", f"{self.licence}. {self.attribution}")]
        lines += [block("source", str(source)) for source in self.sources]
        lines += [block("as of", self.as_of)] if self.as_of else []
        lines += [block("beware", text) for text in self.caveats]
        width = max((len(key) for key in self.columns), default=0)
        lines += ["columns"]
        lines += [fill(f"{unit + ': ' if unit else ''}{meaning}", width=100, initial_indent=f"  {key:<{width}}  ",
                       subsequent_indent=" " * (width + 4)) for key, (unit, meaning) in self.columns.items()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        # Colours and lines are the page's own, so that the card suits a light and a dark page alike.
        left = ' style="text-align:left;vertical-align:top"'

        def listed(head: str, items: tuple[str, ...]) -> str:
            if not items:
                return ""
            points = "".join(f"<li>{escape(item)}</li>" for item in items)
            return f"<p><strong>{head}</strong></p><ul>{points}</ul>"

        facts = [("Rows", f"{self.rows:,}"), ("Paper", escape(self.paper)),
                 ("Licence", escape(f"{self.licence}. {self.attribution}")),
                 *(("Source", f'<a href="{escape(source.url)}">{escape(source.repository)}</a>'
                    + (f", commit <code>{escape(source.commit[:8])}</code>" if source.commit else "")
                    + f": {escape(source.path)}") for source in self.sources),
                 *([("As of", escape(self.as_of))] if self.as_of else [])]
        head = "".join(f'<tr><th scope="row"{left}>{name}</th><td{left}>{value}</td></tr>' for name, value in facts)
        rows = "".join(f'<tr><th scope="row"{left}><code>{escape(key)}</code></th><td{left}>{escape(unit)}</td>'
                       f"<td{left}>{escape(meaning)}</td></tr>" for key, (unit, meaning) in self.columns.items())
        header = "".join(f'<th scope="col"{left}>{name}</th>' for name in ("Column", "Unit", "Meaning"))
        return (f'<div class="sl-data-card"><p><strong>{escape(self.title)}</strong> '
                f'<code>{escape(self.name)}</code></p><table style="color:inherit"><tbody>{head}</tbody></table>'
                f"{listed('About', self.notes)}{listed('Beware', self.caveats)}"
                f"{listed('Found again in it', self.reproduces)}"
                f'<table style="color:inherit"><thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table></div>')


@cache
def _raw() -> dict[str, Any]:
    import tomllib

    return tomllib.loads(files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8"))


@cache
def _catalogue() -> Mapping[str, About]:
    return MappingProxyType({name: _card(name, entry) for name, entry in _raw()["tables"].items()})


def conventions() -> tuple[str, ...]:
    """What holds for every table: units, empty cells, how to cite, and what "recomputed" and "reported" mean."""
    return tuple(_raw()["conventions"])


def left_out() -> tuple[tuple[str, str], ...]:
    """Data that one might expect here, with the reason why they are not."""
    return tuple((entry["data"], entry["reason"]) for entry in _raw()["left_out"])


def _card(name: str, entry: dict[str, Any]) -> About:
    columns = {key: (str(unit), str(meaning)) for key, (unit, meaning) in entry.get("columns", {}).items()}
    stated = {key: kind for kind in _KINDS for key in entry.get(kind, ())}
    kinds = {key: stated.get(key, "float") for key in columns}
    sources = tuple(Source(**source) for source in entry["source"])
    many = ("arxiv", "cite", "chapters", "notes", "reproduces", "caveats")
    return About(name=name, title=entry["title"], rows=entry["rows"], licence=entry["licence"],
                 attribution=entry["attribution"], paper=entry["paper"], sources=sources, as_of=entry.get("as_of", ""),
                 columns=MappingProxyType(columns), kinds=MappingProxyType(kinds), sha256=entry["sha256"],
                 **{key: tuple(entry.get(key, ())) for key in many})


def names() -> tuple[str, ...]:
    """The names of all tables, in the order of the catalogue.

    Examples
    --------
    >>> len(names()), names()[0]
    (25, 'chinchilla_fig4_points')
    """
    return tuple(_catalogue())


def about(name: str) -> About:
    """What a table holds: source, licence, units, caveats, and what was found again in it.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    About
        Prints as text; in a notebook it shows as a card.

    Raises
    ------
    ValueError
        If there is no table of that name; the nearest is named.

    Examples
    --------
    >>> card = about("chinchilla_fig4_points")
    >>> card.licence, card.columns["loss_nats"][0]
    ('MIT', 'nats per token')
    """
    return _catalogue()[choice("name", name, names())]


def read_verified(card: About) -> bytes:
    """The bytes of the packaged file, once their checksum agrees with the catalogue."""
    remedy = "Reinstall scaling_lib, or restore the file from the repository."
    try:
        raw = files(__package__).joinpath(card.file).read_bytes()
    except OSError as error:
        raise RuntimeError(f"The packaged table {card.file} cannot be read ({error}). {remedy}") from error
    found = sha256(raw).hexdigest()
    if found != card.sha256:
        raise RuntimeError(f"The packaged table {card.file} is not the published one: its SHA-256 is {found[:12]}..., "
                           f"expected {card.sha256[:12]}.... {remedy}")
    return raw
