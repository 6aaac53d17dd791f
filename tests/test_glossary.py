"""A word of the glossary leads there where a chapter first uses it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

BOOK = Path(__file__).parents[1] / "book"
CHAPTERS = sorted(BOOK.glob("ch[0-9][0-9]_*.md"))
#: Words that a chapter uses in another sense than the glossary's.
OTHERWISE = {"ch01": {"frontier"}}


def _terms() -> list[str]:
    body = re.search(r"```\{glossary\}\n(.*?)\n```", (BOOK / "glossary.md").read_text(encoding="utf-8"), re.S)
    assert body is not None
    return [line for line in body[1].split("\n") if line and not line.startswith(" ")]


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def _prose(text: str) -> str:
    """The sentences of a page: no code, formulas, headings, options or quotations; every character keeps its place."""
    text = re.sub(r"\A---\n.*?\n---\n", _blank, text, count=1, flags=re.S)
    text = re.sub(r"```\{(code-cell|math|further)\}.*?\n```", _blank, text, flags=re.S)
    text = re.sub(r"^(#|:\w+:|```|:::|\(|\+\+\+).*$", _blank, text, flags=re.M)
    text = re.sub(r"\$[^$\n]*\$", _blank, text)
    text = re.sub(r"\{(?!term)[\w:]+\}`[^`]*`", _blank, text)
    text = re.sub(r"(\{term\}`[^`]*`)|(?<!`)`[^`\n]+`(?!`)", lambda found: found[1] or _blank(found), text)
    return re.sub(r'"[^"\n]{0,80}"', _blank, text)


def _pattern(term: str) -> str:
    """The word, its plural and, but for names such as Epoch AI, its form at the beginning of a sentence."""
    words = r"\s+".join(re.escape(word) for word in term.split(" "))
    if term[0].islower() and term != "epoch":
        words = f"[{term[0]}{term[0].upper()}]{words[1:]}"
    return rf"(?<![\w-]){words}(?:s|es)?(?![\w-])"


def unlinked(text: str, terms: list[str]) -> list[str]:
    """Terms that a page uses before they are linked, or without."""
    prose, linked, late = _prose(text), dict[str, int](), []
    for found in re.finditer(r"\{term\}`(?:[^`<]*<)?([^`>]+)>?`", prose):
        linked.setdefault(found[1].lower(), found.start())
    prose = re.sub(r"\{term\}`[^`]+`", _blank, prose)
    for term in sorted(terms, key=len, reverse=True):
        used = re.search(_pattern(term), prose)
        if used is None:
            continue
        if linked.get(term.lower(), len(prose)) > used.start():
            late.append(f"{term} (line {prose[: used.start()].count(chr(10)) + 1})")
        prose = re.sub(_pattern(term), _blank, prose)  # the loss of an excess loss is none: longer terms first
    return late


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_term_is_linked_where_it_is_first_used(path: Path) -> None:
    terms = [term for term in _terms() if term not in OTHERWISE.get(path.stem[:4], ())]
    late = unlinked(path.read_text(encoding="utf-8"), terms)
    assert not late, f"link these with the role term: {', '.join(late)}"


def test_what_counts_as_a_use() -> None:
    terms = ["loss", "excess loss", "token", "epoch"]
    assert unlinked("A {term}`loss` of two {term}`tokens <token>`. Losses, by Epoch AI.", terms) == []
    assert unlinked("Losses.\nThen a {term}`loss`; an excess loss; `token`, $token$.", terms) == ["excess loss (line 2)", "loss (line 1)"]
