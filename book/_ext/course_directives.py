"""The course's directives: quiz, guess, reveal, calibration, claim, keypoints, further.

All of them are readable without JavaScript: a choice, an answer or a verdict is a ``<details>`` that opens by click or
keyboard. The script ``course.js`` adds the marks, the announcements and the reader's stored guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from course_html import element, html_element

_ID = re.compile(r"[a-z0-9][a-z0-9.-]*\Z")
_ROW = re.compile(r"[a-z][1-9][0-9]?\Z")
_MARK = re.compile(r"\[( |x|X)\]\s*")


def number(text: str | None) -> float:
    """A finite number of a directive's option; the error names what was given."""
    try:
        value = float(text or "")
    except ValueError:
        raise ValueError(f"expected a number such as 20 or 5.76e23, got {text!r}") from None
    if not abs(value) < float("inf"):
        raise ValueError(f"expected a finite number, got {text!r}")
    return value


def kicker(text: str) -> html_element:
    """The small line above a box that says what it is."""
    return element("p", nodes.Text(text), classes="sl-kicker")


class CourseDirective(SphinxDirective):
    """What the course's directives share: parsed bodies and identifiers that are unique in the book."""

    has_content = True
    kind = ""

    def body(self) -> list[nodes.Node]:
        holder = nodes.Element()
        holder.document = self.state.document
        self.state.nested_parse(self.content, self.content_offset, holder)
        return list(holder.children)

    def identifier(self) -> str:
        """The directive's argument, registered; a guess's id names what the reader's browser stores."""
        name = str(self.arguments[0]).strip()
        if not _ID.match(name):
            raise self.error(f"{{{self.kind}}} id {name!r}: use lower-case letters, digits, dots and hyphens")
        known = registry(self.env)
        first = known.setdefault((self.kind, name), self.env.docname)
        line = known_line(self.env).setdefault((self.kind, name, self.env.docname), self.lineno)
        if first != self.env.docname or line != self.lineno:
            raise self.error(f"{{{self.kind}}} id {name!r} is already used in {first}: ids are unique in the book")
        return name


def registry(env: BuildEnvironment) -> dict[tuple[str, str], str]:
    """(kind, id) -> page."""
    if not hasattr(env, "course_ids"):
        env.course_ids = {}  # type: ignore[attr-defined]
    return env.course_ids  # type: ignore[attr-defined, no-any-return]


def claim_boxes(env: BuildEnvironment) -> dict[str, dict[str, int]]:
    """page -> row of the table of claims -> line of the box that takes it apart."""
    if not hasattr(env, "course_claims"):
        env.course_claims = {}  # type: ignore[attr-defined]
    return env.course_claims  # type: ignore[attr-defined, no-any-return]


def known_line(env: BuildEnvironment) -> dict[tuple[str, str, str], int]:
    """(kind, id, page) -> line, of the present reading."""
    return env.temp_data.setdefault("course_lines", {})  # type: ignore[no-any-return]


def forget_page(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Handler of ``env-purge-doc``."""
    known = registry(env)
    for key in [key for key, page in known.items() if page == docname]:
        del known[key]
    claim_boxes(env).pop(docname, None)


def drop_empty_text(paragraph: nodes.paragraph) -> None:
    """Remove the empty text node that the parser puts before leading markup."""
    while paragraph.children and isinstance(paragraph[0], nodes.Text) and not paragraph[0].strip():
        del paragraph[0]


def split_at(children: Iterable[nodes.Node], mark: str) -> tuple[list[nodes.Node], list[nodes.Node]] | None:
    """Split inline nodes at the first ``mark`` in a text node; None if there is no mark."""
    before: list[nodes.Node] = []
    rest = list(children)
    while rest:
        node = rest.pop(0)
        if isinstance(node, nodes.Text) and mark in node:
            left, right = node.split(mark, 1)
            if left.rstrip():
                before.append(nodes.Text(left.rstrip()))
            return before, ([nodes.Text(right.lstrip())] if right.strip() else []) + rest
        before.append(node)
    return None


class Quiz(CourseDirective):
    """``{quiz} id``: a question, then a list of choices ``[x] text :: feedback`` or ``[ ] text :: feedback``."""

    kind = "quiz"
    required_arguments = 1

    def choice(self, item: nodes.Node) -> html_element:
        paragraph = item.children[0] if item.children else None
        if isinstance(paragraph, nodes.paragraph):
            drop_empty_text(paragraph)
        first = paragraph.children[0] if isinstance(paragraph, nodes.paragraph) and paragraph.children else None
        mark = _MARK.match(first) if isinstance(first, nodes.Text) else None
        if not isinstance(paragraph, nodes.paragraph) or not isinstance(first, nodes.Text) or mark is None:
            raise self.error("{quiz}: each choice begins with [x] (right) or [ ] (wrong)")
        right = mark.group(1) != " "
        paragraph[0] = nodes.Text(first[mark.end() :])
        parts = split_at(paragraph.children, "::")
        if parts is None or not parts[1] or not parts[0]:
            raise self.error(f"{{quiz}}: choice {paragraph.astext()!r} has no feedback; write: text :: feedback")
        verdict = element("strong", nodes.Text("Right." if right else "Not quite."), classes="sl-verdict")
        return element(
            "details",
            element("summary", element("span", *parts[0], classes="sl-choice-text")),
            element(
                "div",
                nodes.paragraph("", "", verdict, nodes.Text(" "), *parts[1]),
                *item.children[1:],
                classes="sl-feedback",
            ),
            classes="sl-choice",
            data_right="yes" if right else "no",
        )

    def run(self) -> list[nodes.Node]:
        name = self.identifier()
        body = self.body()
        if len(body) < 2 or not isinstance(body[0], nodes.paragraph) or not isinstance(body[-1], nodes.bullet_list):
            raise self.error("{quiz}: write the question as a paragraph, then the choices as a bullet list")
        choices = [self.choice(item) for item in body[-1].children]
        if len(choices) < 2 or not any(choice["attributes_"]["data-right"] == "yes" for choice in choices):
            raise self.error("{quiz}: at least two choices, at least one of them marked [x]")
        legend = element(
            "legend", element("span", nodes.Text("Quick question"), classes="sl-kicker"), *body[0].children
        )
        status = element("p", classes="sl-status", role="status")
        fieldset = element("fieldset", legend, *body[1:-1], *choices, status)
        return [element("div", fieldset, classes="sl-box sl-quiz", id=f"quiz-{name}", data_quiz=name)]


class Guess(CourseDirective):
    """``{guess} id``: a question to which the reader commits a value and an 80 % interval."""

    kind = "guess"
    required_arguments = 1
    option_spec = {"unit": directives.unchanged, "log": directives.flag, "low": number, "high": number}

    def run(self) -> list[nodes.Node]:
        name = self.identifier()
        low, high = self.options.get("low"), self.options.get("high")
        if low is not None and high is not None and not low < high:
            raise self.error(f"{{guess}} {name}: low must be below high, got {low:g} and {high:g}")
        if "log" in self.options and low is not None and low <= 0:
            raise self.error(f"{{guess}} {name}: with :log: low must be above 0, got {low:g}")
        body = self.body()
        if not body:
            raise self.error(f"{{guess}} {name}: the body is the question")
        unit = self.options.get("unit", "")
        plain = element(
            "p",
            nodes.Text(
                "Write down a value, and an interval that you expect to hold the truth four times out of five. "
                "Then open the answer."
            ),
            classes="sl-nojs",
        )
        return [
            element(
                "div",
                kicker("Your guess first"),
                *body,
                plain,
                classes="sl-box sl-guess",
                id=f"guess-{name}",
                data_guess=name,
                data_unit=unit or None,
                data_log="yes" if "log" in self.options else None,
                data_low=None if low is None else repr(low),
                data_high=None if high is None else repr(high),
            )
        ]


class Reveal(CourseDirective):
    """``{reveal} id``: what opens when the guess of that id is committed; the two may stand on different pages.

    ``:answer: key`` names a glued number (``key`` or ``key:.1f``): it is shown first, and compared with the guess.
    """

    kind = "reveal"
    required_arguments = 1
    option_spec = {"answer": directives.unchanged_required, "unit": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        name = self.identifier()
        body = self.body()
        if "answer" in self.options:
            inline, messages = self.parse_inline(f"{{glue:text}}`{self.options['answer']}`", lineno=self.lineno)
            unit = self.options.get("unit", "")
            line = element(
                "p",
                nodes.Text("The answer: "),
                element("strong", element("span", *inline, classes="guess-answer")),
                nodes.Text(f" {unit}." if unit else "."),
                classes="sl-answer",
            )
            body = [line, element("p", classes="sl-calibration", role="status"), *messages, *body]
        if not body:
            raise self.error(f"{{reveal}} {name}: the body is the answer")
        return [
            element(
                "details",
                element("summary", nodes.Text("The answer")),
                *body,
                classes="sl-box sl-reveal guess-reveal",
                id=f"reveal-{name}",
                data_id=name,
            )
        ]


class Calibration(CourseDirective):
    """``{calibration}``: how well the reader's 80 % intervals have held, over all guesses stored in this browser."""

    kind = "calibration"
    has_content = False

    def run(self) -> list[nodes.Node]:
        plain = "The count of your intervals that held is made in your browser, from guesses that it keeps; it needs JavaScript."
        return [
            element(
                "div",
                kicker("Your calibration so far"),
                element("p", nodes.Text(plain), classes="sl-nojs"),
                classes="sl-box sl-overview",
            )
        ]


class Claim(CourseDirective):
    """``{claim} title``: *Claim*, *How to check*, *Verdict*; from the verdict on, folded.

    ``:claim: W5`` names the row of the table of checked claims; the two link to each other.
    """

    kind = "claim"
    required_arguments = 1
    final_argument_whitespace = True
    option_spec = {"claim": directives.unchanged_required}

    def row(self) -> str:
        """The row's name in lower case, with the box registered under it; empty where none is given."""
        name = str(self.options.get("claim", "")).strip().lower()
        if name and not _ROW.match(name):
            raise self.error(f"{{claim}}: the row {name!r} is not a letter and a number, such as W5")
        boxes = claim_boxes(self.env).setdefault(self.env.docname, {})
        if name in boxes and self.lineno != boxes[name]:
            raise self.error(f"{{claim}}: this page takes {name.upper()} apart twice")
        if name:
            boxes[name] = self.lineno
        return name

    @staticmethod
    def lead(node: nodes.Node) -> str:
        """The bold (or emphasised) words a paragraph begins with, in lower case without punctuation."""
        if isinstance(node, nodes.paragraph):
            drop_empty_text(node)
            if node.children and isinstance(node[0], (nodes.strong, nodes.emphasis)):
                return str(node[0].astext()).strip().rstrip(".:").lower()
        return ""

    def run(self) -> list[nodes.Node]:
        body = self.body()
        leads = [self.lead(node) for node in body]
        for wanted in ("claim", "how to check", "verdict"):
            if wanted not in leads:
                raise self.error(f"{{claim}}: no paragraph begins with **{wanted.capitalize()}.**")
        at = leads.index("verdict")
        if not leads.index("claim") < leads.index("how to check") < at:
            raise self.error("{claim}: write **Claim.**, then **How to check.**, then **Verdict.**")
        verdict = body[at]
        assert isinstance(verdict, nodes.paragraph)
        del verdict[0]
        if verdict.children and isinstance(verdict[0], nodes.Text):
            verdict[0] = nodes.Text(verdict[0].lstrip(" .:\n"))
        row = self.row()
        title, messages = self.parse_inline(self.arguments[0], lineno=self.lineno)
        folded = element("details", element("summary", nodes.Text("Verdict")), *body[at:], classes="sl-fold")
        heading = element("p", *title, classes="sl-box-title")
        box = element(
            "div",
            *(kicker("Check the claim"), heading, *body[:at], folded),
            classes="sl-box sl-claim",
            id=f"claim-{row}" if row else "",
        )
        return [box, *messages]


class Box(CourseDirective):
    """A titled box at the end of a chapter."""

    title = ""

    def run(self) -> list[nodes.Node]:
        heading = element("p", nodes.Text(self.title), classes="sl-box-title")
        return [element("div", heading, *self.body(), classes=f"sl-box sl-{self.kind}")]


class KeyPoints(Box):
    """``{keypoints}``."""

    kind, title = "keypoints", "Key points"


class Further(Box):
    """``{further}``."""

    kind, title = "further", "Further reading"


def check_reveals(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of a reveal without its guess and a guess without its reveal (handler of ``env-check-consistency``)."""
    from sphinx.util import logging

    known: dict[tuple[str, str], Any] = dict(registry(env))
    for kind, other in (("guess", "reveal"), ("reveal", "guess")):
        for (what, name), page in known.items():
            if what == kind and (other, name) not in known:
                logging.getLogger(__name__).warning("{%s} %s has no {%s} of that id", kind, name, other, location=page)


def setup(app: Sphinx) -> None:
    for directive in (Quiz, Guess, Reveal, Calibration, Claim, KeyPoints, Further):
        app.add_directive(directive.kind, directive)
    app.connect("env-purge-doc", forget_page)
    app.connect("env-check-consistency", check_reveals)
