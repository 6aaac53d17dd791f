"""Write the cards of the data from their catalogues.

    python tools/data_cards.py            writes scaling_lib/datasets/SOURCES.md and book/data.md
    python tools/data_cards.py --check    fails where one of them is not up to date

The catalogue of the published tables is ``scaling_lib/datasets/catalogue.toml``, that of the lab's measurements
``scaling_lib/lab/results/cards.json``.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from scaling_lib.datasets import About, about, names
from scaling_lib.datasets.catalogue import conventions, left_out
from scaling_lib.lab import results

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "scaling_lib" / "datasets" / "SOURCES.md"
PAGE = ROOT / "book" / "data.md"
HEAD = "<!-- Generated from catalogue.toml by `python tools/data_cards.py`: edit the catalogue, not this file. -->"


def plain(text: str) -> str:
    """`text` with the characters escaped that Markdown would take for markup (an underscore within a word is not)."""
    return re.sub(r"([\\`*\[\]<>|$~])", r"\\\1", text)


def table(head: tuple[str, ...], rows: list[tuple[str, ...]], align: str = "") -> list[str]:
    marks = ["---:" if mark == "r" else "---" for mark in align.ljust(len(head), "l")]
    return [f"| {' | '.join(row)} |" for row in (head, tuple(marks), *rows)]


def card(data: About) -> str:
    """A published table's card in ``SOURCES.md``."""
    facts = [f"* **Measured by** {plain(data.paper)}.",
             f"* **Licence** {data.licence}. {plain(data.attribution)}"]
    for source in data.sources:
        commit = f", commit `{source.commit}`" if source.commit else ""
        facts.append(f"* **Source** [{plain(source.repository)}]({source.url}){commit}: {plain(source.path)}")
    if data.as_of:
        facts.append(f"* **As of** {data.as_of}")
    facts.append(f"* **Used for** {', '.join(data.chapters)}")
    lines = [f"## {data.name}", "", f"{plain(data.title)}. {data.rows:,} rows.", "", *facts]
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
             *(card(about(name)) for name in names()), "## Not included",
             "\n".join(table(("data", "reason"), [(plain(data), plain(reason)) for data, reason in left_out()]))]
    return "\n\n".join(parts) + "\n"


# -- the page of the book


def anchor(name: str, kind: str = "data") -> str:
    """The label of a table on the page."""
    return f"{kind}-{name.replace('_', '-')}"


def folded(title: str, items: tuple[str, ...]) -> list[str]:
    """A list that opens."""
    return ["", f":::{{admonition}} {title}", ":class: dropdown", "", *(f"* {plain(item)}" for item in items), ":::"] if items else []


def page_card(data: About) -> str:
    """A published table on the page: what it is, how to get it, what to beware of, its columns."""
    facts = [f"* **Measured by** {plain(data.paper)}. {{cite:p}}`{','.join(data.cite)}`" if data.cite else
             f"* **Measured by** {plain(data.paper)}.",
             f"* **Licence** {data.licence}. {plain(data.attribution)}"]
    for source in data.sources:
        commit = f", commit `{source.commit[:12]}`" if source.commit else ""
        facts.append(f"* **Source** [{plain(source.repository)}]({source.url}){commit}: {plain(source.path)}")
    facts += [f"* **As of** {data.as_of}"] if data.as_of else []
    facts.append(f"* **Get it** `datasets.load(\"{data.name}\")`, or the file "
                 f"{{download}}`{data.file} <../scaling_lib/datasets/{data.file}>`")
    lines = [f"({anchor(data.name)})=", f"### {plain(data.title)}", "",
             f"`{data.name}`, {data.rows:,} rows, {len(data.columns)} columns.", "", *facts]
    if data.caveats:
        lines += ["", "**Beware**", "", *(f"* {plain(item)}" for item in data.caveats)]
    lines += folded("What else to know", data.notes) + folded("What was found again in it", data.reproduces)
    rows = [(f"`{key}`", data.kinds[key], plain(unit), plain(meaning)) for key, (unit, meaning) in data.columns.items()]
    return "\n".join([*lines, "", *table(("column", "type", "unit", "meaning"), rows)])


def lab_card(name: str) -> str:
    """A table of the lab's measurements on the page."""
    data = results.about(name)
    facts = [f"* **Measured** on {data.date} by `{data.command}`: {data.cpu_seconds:,.0f} s of processor time, "
             f"{plain(data.versions)}; {plain(data.machine)}",
             f"* **Get it** `lab.results.load(\"{name}\")`, or the file "
             f"{{download}}`{name}.csv <../scaling_lib/lab/results/{name}.csv>`"]
    lines = [f"({anchor(name, 'lab')})=", f"### {plain(data.question)}", "",
             f"`{name}`, {data.rows:,} rows, {len(data.columns)} columns. {plain(data.note)}".rstrip(), "", *facts]
    rows = [(f"`{key}`", plain(meaning)) for key, meaning in data.columns.items()]
    return "\n".join([*lines, "", *table(("column", "meaning and unit"), rows)])


def page() -> str:
    """The whole of ``book/data.md``."""
    cards = [about(name) for name in names()]
    listed = [(f"[{plain(data.title)}](#{anchor(data.name)})", f"{data.rows:,}", data.licence, ", ".join(data.chapters))
              for data in cards]
    measured = [(f"[{plain(results.about(name).question)}](#{anchor(name, 'lab')})", f"{results.about(name).rows:,}",
                 results.about(name).date) for name in results.names()]
    parts = [
        "<!-- Generated by `python tools/data_cards.py` from the catalogues of the tables: edit those, not this file. -->",
        "# The data",
        "Every table of the course, with what its columns mean, where it comes from and what to beware of. All of them come with "
        "`scaling_lib`, load without a network, and are compared with their checksum when they are read.",
        "\n".join(f"* {plain(text)}" for text in conventions()),
        "## Published measurements",
        f"{len(cards)} tables of what others measured.",
        "\n".join(table(("table", "rows", "licence of the source", "used for"), listed, "lrll")),
        *map(page_card, cards),
        "## Measurements of the lab",
        f"{len(measured)} tables from the course's own small models: a larger sweep of each experiment than a chapter runs live.",
        "\n".join(table(("question", "rows", "measured on"), measured, "lrl")),
        *map(lab_card, results.names()),
        "## Not included",
        "\n".join(table(("data", "reason"), [(plain(data), plain(reason)) for data, reason in left_out()])),
    ]
    return "\n\n".join(parts) + "\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args(arguments)
    stale = []
    for target, text in ((TARGET, document()), (PAGE, page())):
        if not options.check:
            target.write_text(text, encoding="utf-8", newline="\n")
            print(f"wrote {target.name}: {len(names())} published tables")
        elif not (target.is_file() and target.read_text(encoding="utf-8") == text):
            stale.append(target.name)
    if stale:
        print(f"{' and '.join(stale)}: not up to date with the catalogues: run python tools/data_cards.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
