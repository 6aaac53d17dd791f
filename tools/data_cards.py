"""Write the cards of the data from their catalogue.

    python tools/data_cards.py            writes scaling_lib/datasets/SOURCES.md
    python tools/data_cards.py --check    fails where that file is not up to date

`card` gives one card in MyST, for a page of the book; it uses nothing but headings, lists, tables and ``{cite}``.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from scaling_lib.datasets import About, about, names
from scaling_lib.datasets.catalogue import conventions, left_out

TARGET = Path(__file__).resolve().parents[1] / "scaling_lib" / "datasets" / "SOURCES.md"
HEAD = "<!-- Generated from catalogue.toml by `python tools/data_cards.py`: edit the catalogue, not this file. -->"


def plain(text: str) -> str:
    """`text` with the characters escaped that Markdown would take for markup (an underscore within a word is not)."""
    return re.sub(r"([\\`*\[\]<>|$~])", r"\\\1", text)


def table(head: tuple[str, ...], rows: list[tuple[str, ...]], align: str = "") -> list[str]:
    marks = ["---:" if mark == "r" else "---" for mark in align.ljust(len(head), "l")]
    return [f"| {' | '.join(row)} |" for row in (head, tuple(marks), *rows)]


def card(data: About, *, level: int = 2, cite: bool = True) -> str:
    """One table's card in MyST.

    Parameters
    ----------
    data : About
        From ``datasets.about``.
    level : int
        Level of the heading.
    cite : bool
        Whether to cite the papers with ``{cite}``, which needs the book's bibliography.
    """
    cited = f" {{cite}}`{','.join(data.cite)}`" if cite and data.cite else ""
    facts = [f"* **Measured by** {plain(data.paper)}.{cited}",
             f"* **Licence** {data.licence}. {plain(data.attribution)}"]
    for source in data.sources:
        commit = f", commit `{source.commit}`" if source.commit else ""
        facts.append(f"* **Source** [{plain(source.repository)}]({source.url}){commit}: {plain(source.path)}")
    if data.as_of:
        facts.append(f"* **As of** {data.as_of}")
    facts.append(f"* **Used for** {', '.join(data.chapters)}")
    lines = ["#" * level + f" {data.name}", "", f"{plain(data.title)}. {data.rows:,} rows.", "", *facts]
    for head, items in (("About", data.notes), ("Beware", data.caveats), ("Found again in it", data.reproduces)):
        if items:
            lines += ["", f"**{head}**", "", *(f"* {plain(item)}" for item in items)]
    rows = [(f"`{key}`", data.kinds[key], plain(unit), plain(meaning)) for key, (unit, meaning) in data.columns.items()]
    lines += ["", *table(("column", "type", "unit", "meaning"), rows), "", f"SHA-256 `{data.sha256}`"]
    return "\n".join(lines)


def overview(*, link: str = "#{0}") -> str:
    """All tables in one: name, what it is, rows, licence and use."""
    cards = [about(name) for name in names()]
    rows = [(f"[{plain(data.name)}]({link.format(data.name)})", plain(data.title), f"{data.rows:,}", data.licence,
             ", ".join(data.chapters)) for data in cards]
    return "\n".join(table(("table", "what it is", "rows", "licence of the source", "used for"), rows, "llrll"))


def document() -> str:
    """The whole of ``SOURCES.md``."""
    parts = [HEAD, "# Published measurements used by the course",
             "\n".join(f"* {plain(text)}" for text in conventions()), overview(),
             *(card(about(name), cite=False) for name in names()), "## Not included",
             "\n".join(table(("data", "reason"), [(plain(data), plain(reason)) for data, reason in left_out()]))]
    return "\n\n".join(parts) + "\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args(arguments)
    text = document()
    if not options.check:
        TARGET.write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {TARGET.relative_to(TARGET.parents[2])}: {len(names())} tables")
        return 0
    if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text:
        return 0
    print(f"{TARGET.name} is not up to date with catalogue.toml: run python tools/data_cards.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
