"""The framework of the checks: it never raises, never hangs, reads any sensible number, and says what it should."""

from __future__ import annotations

import asyncio
import decimal
import fractions
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
import warnings
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

import scaling_lib
from scaling_lib import checks
from scaling_lib.checks import (
    Agrees,
    Answer,
    Choice,
    Exercise,
    Holds,
    Mistake,
    NotAnswered,
    Quantity,
    Report,
    Value,
    Verdicts,
    Wrong,
    check,
    exercise,
    exercises,
    given,
    help_me,
    hint,
    needs,
)
from scaling_lib.checks import _help, _registry, _run, _sandbox
from scaling_lib.checks._values import number, numbers


def right(C: Any, A: float, B: float, alpha: float, beta: float) -> Any:
    return scaling_lib.ChinchillaLaw(1.0, A, B, alpha, beta).optimal(C)


# ------------------------------------------------------------------------------------- hostile and unlucky functions


def nothing(C: Any, A: Any, B: Any, alpha: Any, beta: Any) -> Any:
    return None


def not_a_number(*_: Any) -> Any:
    return float("nan"), float("nan")


def text(*_: Any) -> Any:
    return "about 30 billion", "2e12"


def generator(*_: Any) -> Any:
    yield 1.0
    yield 2.0


def lazy(*_: Any) -> Any:
    return map(float, (1, 2)), 3.0


def huge(*_: Any) -> Any:
    return np.zeros(10**12), 1.0


def large(*_: Any) -> Any:
    return np.ones(20_000_000), 1.0


def hungry(*_: Any) -> Any:
    kept = []
    while True:
        kept.append(bytearray(10_000_000))


def raises(*_: Any) -> Any:
    return 1 / 0


def bad_error(*_: Any) -> Any:
    class Rude(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    raise Rude


def chatty(C: Any, *rest: Any) -> Any:
    print("x" * 1_000_000)
    return right(C, *rest)


def deletes(C: Any, A: Any, B: Any, alpha: Any, beta: Any) -> Any:
    out = right(C, A, B, alpha, beta)
    if isinstance(C, np.ndarray):
        C[:] = 0
    del C, A, B, alpha, beta
    return out


def endless(*_: Any) -> Any:
    while True:
        pass


def swallows(*_: Any) -> Any:
    while True:
        try:
            time.sleep(0.01)
        except BaseException:
            pass


def sleeps(*_: Any) -> Any:
    time.sleep(1000)


def recursive(*args: Any) -> Any:
    return recursive(*args)


def recursive_without_limit(*args: Any) -> Any:
    sys.setrecursionlimit(10**9)

    def deep(x: int) -> int:
        return deep(x + 1) + 1

    return deep(0)


def leaves(*_: Any) -> Any:
    sys.exit("bye")


def dies(*_: Any) -> Any:
    os._exit(7)


def asks(*_: Any) -> Any:
    return float(input("N? ")), 1.0


def shadowing(*_: Any) -> Any:
    global check
    check = 3
    return 1.0, 2.0


def boolean(C: Any, *_: Any) -> Any:
    return C > 0, C > 1


def complex_number(C: Any, A: float, B: float, alpha: float, beta: float) -> Any:
    return (-C + 0j) ** alpha, 1.0


def too_few(C: Any, A: float) -> Any:
    return C, A


async def asynchronous(*_: Any) -> Any:
    return 1.0, 2.0


class Stubborn:
    def __float__(self) -> float:
        raise KeyError("no")

    def __repr__(self) -> str:
        raise ValueError("no")


def stubborn(*_: Any) -> Any:
    return Stubborn(), 1.0


def ragged(*_: Any) -> Any:
    return [[1.0, 2.0], [3.0]], 1.0


def infinite(*_: Any) -> Any:
    return 10**400, float("inf")


HOSTILE: list[tuple[Callable[..., Any], str, str]] = [
    (nothing, "none", "return"),
    (not_a_number, "nan", "NaN"),
    (text, "text", "about 30 billion"),
    (generator, "generator", "yield"),
    (lazy, "generator", "map"),
    (huge, "memory", "memory"),
    (large, "shape", "number"),
    (hungry, "memory", "memory"),
    (raises, "raises", "ZeroDivisionError"),
    (bad_error, "raises", "Rude"),
    (recursive, "recursion", "without end"),
    (leaves, "raises", "end Python"),
    (dies, "crash", "ended Python"),
    (asks, "raises", "input"),
    (boolean, "boolean", "comparison"),
    (complex_number, "complex", "wrong sign"),
    (too_few, "raises", "5 arguments"),
    (asynchronous, "generator", "coroutine"),
    (stubborn, "type", "Stubborn"),
    (ragged, "shape", "one number"),
    (infinite, "infinite", "too large"),
    (shadowing, "", ""),
]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short deadline, and the first hint again."""
    for item in exercises():
        monkeypatch.setitem(vars(item), "seconds", 6.0)
    monkeypatch.setattr(_help, "_shown", {})


@pytest.mark.parametrize(("function", "diagnosis", "says"), HOSTILE, ids=lambda value: getattr(value, "__name__", None))
def test_a_hostile_function_gets_a_helpful_card(
    function: Callable[..., Any], diagnosis: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_sandbox, "_still_due", lambda child, seconds: 0.0)
    start = time.monotonic()
    report = check("ch05.optimum", function)
    assert time.monotonic() - start < 8
    assert report.earned == 0 and report.answered
    assert not diagnosis or diagnosis in report.diagnoses, str(report)
    assert says in str(report)
    assert check is scaling_lib.check, "the test's own check was not touched: the function ran elsewhere"
    assert check("ch05.optimum", right).passed, "the next exercise goes on"


@pytest.mark.parametrize("function", [endless, swallows, sleeps])
def test_one_deadline_for_the_whole_check(function: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(exercise("ch05.optimum")), "seconds", 0.5)
    monkeypatch.setattr(_sandbox, "_still_due", lambda child, seconds: 0.0)
    start = time.monotonic()
    report = check("ch05.optimum", function)
    assert time.monotonic() - start < 1.5
    assert report.diagnoses == ("endless",) and report.earned == 0
    assert [row.state for row in report.rows] == ["wrong", "open", "open", "open"]


def test_a_busy_machine_is_not_an_endless_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(C: Any, *rest: Any) -> Any:
        time.sleep(0.02)
        return right(C, *rest)

    monkeypatch.setitem(vars(exercise("ch05.optimum")), "seconds", 0.2)
    assert check("ch05.optimum", slow).diagnoses == ("endless",), "who sleeps has no processor time due"
    asked: list[float] = []
    monkeypatch.setattr(_sandbox, "_still_due", lambda child, seconds: asked.append(seconds) or 0.1)  # type: ignore
    monkeypatch.setattr(_sandbox, "PATIENCE", 300)
    assert check("ch05.optimum", slow).passed and asked
    monkeypatch.setattr(_sandbox, "PATIENCE", 2)
    assert check("ch05.optimum", endless).diagnoses == ("endless",), "in the end patience is over"


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="only Linux tells what a process is doing")
def test_processor_time_that_is_due() -> None:
    code = "import time\nprint(1, flush=True)\n"
    for tail, due in (("while True: pass", True), ("time.sleep(60)", False)):
        with subprocess.Popen([sys.executable, "-c", code + tail], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None and child.stdout.readline()
            time.sleep(0.1)
            assert (0 < _sandbox._still_due(child.pid, 100.0) <= 100.0) is due
            assert _sandbox._still_due(child.pid, 1e-9) == 0.0, "it has had what it was to have"
            child.kill()
    assert _sandbox._still_due(2**30, 1.0) == 0.0


def test_what_was_right_before_an_endless_loop_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(exercise("ch05.optimum")), "seconds", 1.5)

    def scalars_only(C: Any, *rest: Any) -> Any:
        while isinstance(C, np.ndarray):
            pass
        return right(C, *rest)

    report = check("ch05.optimum", scalars_only)
    assert report.earned == 3 and report.diagnoses == ("endless",) and report.state == "partly"


def test_endless_recursion_without_a_limit_harms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(exercise("ch05.optimum")), "seconds", 2.0)
    report = check("ch05.optimum", recursive_without_limit)
    assert report.earned == 0 and set(report.diagnoses) & {"crash", "recursion", "memory", "endless"}


def test_nothing_that_was_started_stays_behind(tmp_path: Any) -> None:
    mark = tmp_path / "alive"

    def starts(*_: Any) -> Any:
        subprocess.Popen([sys.executable, "-c", f"import time; time.sleep(1.5); open({str(mark)!r}, 'w')"])
        return 1.0, 2.0

    check("ch05.optimum", starts)
    time.sleep(2.5)
    assert not mark.exists()


def test_printing_a_megabyte_is_kept_short() -> None:
    report = check("ch05.optimum", chatty)
    assert report.passed and len(report.printed) < 2200 and "characters in all" in report.printed
    assert len(report._repr_html_()) < 20_000


def test_changed_arguments_are_remarked_upon_and_cost_nothing() -> None:
    report = check("ch05.optimum", deletes)
    assert report.passed and any("changes the arrays" in note for note in report.notes)


@pytest.mark.filterwarnings("error")
def test_a_fork_in_a_threaded_process_warns_nobody() -> None:
    import threading

    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert check("ch05.optimum", right).passed
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("function", [raises, nothing, recursive, leaves, chatty])
def test_in_process_where_there_is_no_fork(function: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCALING_LIB_FORK", "0")
    forked = function is chatty
    report = check("ch05.optimum", function)
    assert report.passed == forked and any("inside the notebook" in note for note in report.notes)


def test_the_deadline_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCALING_LIB_FORK", "0")
    monkeypatch.setitem(vars(exercise("ch05.optimum")), "seconds", 0.3)
    start = time.monotonic()
    assert check("ch05.optimum", endless).diagnoses == ("endless",) and time.monotonic() - start < 2


def test_a_deadline_in_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    found: list[_sandbox.Outcome] = []
    thread = threading.Thread(
        target=lambda: found.append(_sandbox.run(lambda emit: endless(), seconds=0.3, in_process=True))
    )
    thread.start()
    thread.join(5)
    assert found and found[0].ending == "deadline"


def test_an_exercise_with_torch_says_that_it_runs_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(exercise("ch05.objective")), "in_process", True)
    report = check("ch05.objective", lambda p, m, d: scaling_lib.fitting.huber_objective(np.log(m) - np.log(p), d))
    assert report.passed and any("inside the notebook" in note for note in report.notes)


# ------------------------------------------------------------------------------------------------------- never raises

ANYTHING = st.one_of(
    st.none(),
    st.just(...),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=5),
    st.complex_numbers(),
    st.lists(st.floats(), max_size=5),
    st.dictionaries(st.text(max_size=3), st.floats(), max_size=3),
    st.just(Stubborn()),
    st.just(print),
    st.just(np.array(["a"])),
    st.just(np.array([None])),
    st.just(np.ma.masked_array([1.0], [True])),
    st.just(1e30),
    st.just([...]),
    st.just(object()),
)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(max_examples=15, deadline=None)
@drawn(data=st.data())
@pytest.mark.parametrize("id", [item.id for item in exercises()])
def test_check_never_raises_and_never_gives_away_points(id: str, data: st.DataObject) -> None:
    """In this process, where nothing that an answer does is kept from the check."""
    count = len(exercise(id).answers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCALING_LIB_FORK", "0")
        report = check(id, *[data.draw(ANYTHING) for _ in range(count)])
    assert isinstance(report, Report) and 0 <= report.earned < report.points
    assert report._repr_html_() and str(report)
    float(repr(report))


@pytest.mark.parametrize("id", ["", "ch05", "ch05.nothing", "ch99.optimum", 5, None, "x" * 10_000, ["ch05.optimum"]])
def test_an_unknown_exercise_is_said(id: Any) -> None:
    report = check(id, 1)
    assert report.problem and report.earned == 0 and repr(report) == "0.0"
    assert len(str(report)) < 700
    assert "no exercise" in repr(hint(id))


def test_the_nearest_exercise_is_named() -> None:
    assert "ch05.optimum" in check("ch05.optimun", 1).problem


def test_the_wrong_number_of_answers_is_said_with_their_names() -> None:
    report = check("ch05.rule", 1.0)
    assert (
        "5 are asked for" in report.problem
        and "tokens_for" in report.problem
        and report.points == 5
        and report.earned == 0
    )


def test_a_fault_of_the_check_is_not_blamed_on_the_learner(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(given: Any) -> Any:
        raise KeyError("course")

    monkeypatch.setitem(vars(exercise("ch05.optimum")), "prepare", broken)
    report = check("ch05.optimum", right)
    assert "fault of the course" in report.problem and report.earned == 0


# ------------------------------------------------------------------------------------------------------ not answered


@pytest.mark.parametrize("id", [item.id for item in exercises()])
def test_stubs_are_known_as_not_answered(id: str) -> None:
    def stub(*_: Any) -> Any:
        raise NotImplementedError

    for answers in ([...] * len(exercise(id).answers), [...]):
        report = check(id, *answers)
        assert (
            not report.answered and report.earned == 0 and repr(report) == "0.0" and "Write your answer" in str(report)
        )
    functions = {part.function for part in exercise(id).parts if isinstance(part, Agrees)}
    report = check(id, *[stub if answer.name in functions else ... for answer in exercise(id).answers])
    assert not report.answered and report.earned == 0


def test_an_untouched_slider_is_not_an_answer() -> None:
    hand = scaling_lib.explorers.hand_fit()
    assert not check("ch05.by_hand", hand).answered
    assert not check("ch05.by_hand", hand.law).answered
    assert check("ch05.by_hand", hand.set(E=1.816, A=478, B=2143, alpha=0.347, beta=0.367)).passed


def test_partly_answered_is_partly_earned() -> None:
    n = given("ch05.invoice")
    report = check("ch05.invoice", 6 * n.N * n.D, ..., ..., [False, ..., ...])
    assert report.state == "partly" and report.earned == pytest.approx(1 + 1 / 3, abs=1e-3)
    assert [row.state for row in report.rows] == ["right", "open", "open", "partly"]


# ------------------------------------------------------------------------------------------------------------ numbers


@pytest.mark.parametrize(
    "value",
    [
        20_000_000_000,
        2e10,
        np.float32(2e10),
        np.int64(20_000_000_000),
        np.array(2e10),
        np.array([2e10]),
        [2e10],
        "2e10",
        "20_000_000_000",
        "20,000,000,000",
        " 2E10 ",
        "2 x 10^10",
        "2×10^10",
        "2*10**10",
        decimal.Decimal("2e10"),
        fractions.Fraction(20_000_000_000),
        b"2e10",
    ],
)
def test_any_sensible_number_is_one(value: Any) -> None:
    assert number(value) == pytest.approx(2e10, rel=1e-6)


def test_tensors_and_series_are_numbers() -> None:
    import pandas as pd

    import torch
    assert number(torch.tensor(2.0, requires_grad=True)) == 2.0
    assert numbers(torch.tensor([1.0, 2.0], requires_grad=True), (2,)).tolist() == [1.0, 2.0]
    assert numbers(pd.Series([1, 2], index=[5, 9]), (2,)).tolist() == [1.0, 2.0]
    assert numbers({"b": 2, "a": 1}, (2,), names=["a", "b"]).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "none"),
        ("20 billion", "text"),
        ("", "text"),
        (True, "boolean"),
        (np.bool_(False), "boolean"),
        (1j, "complex"),
        (float("nan"), "nan"),
        ("nan", "nan"),
        (np.nan, "nan"),
        (float("inf"), "infinite"),
        (10**400, "infinite"),
        ([1, 2], "shape"),
        (np.ones(3), "shape"),
        ({}, "shape"),
        (print, "function"),
        ((x for x in [1]), "generator"),
        (map(float, [1]), "generator"),
        (object(), "type"),
        (Stubborn(), "type"),
        (np.array(["a"]), "text"),
        ("17 %", "text"),
    ],
)
def test_what_is_no_number_is_named(value: Any, name: str) -> None:
    with pytest.raises(Wrong) as wrong:
        number(value, "N")
    assert wrong.value.name == name and "N" in wrong.value.message and len(wrong.value.message) < 300


def test_a_coroutine_is_named_and_closed() -> None:
    async def later() -> float:
        return 1.0

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(Wrong, match="coroutine"):
            number(later())
    assert asyncio.iscoroutinefunction(later) or True


@pytest.mark.parametrize("value", [..., [...], (..., ...), {"a": ...}])
def test_blanks(value: Any) -> None:
    with pytest.raises(NotAnswered):
        number(value)


@drawn(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=50, deadline=None)
def test_a_number_written_as_text_is_the_same_number(value: float) -> None:
    assert number(repr(value)) == number(value) == value


# ------------------------------------------------------------------------------------------ parts, made for the test


def _made(*parts: Any, answers: tuple[Answer, ...] = (Answer("x", "a number"),), **more: Any) -> Exercise:
    return Exercise(
        "ch98.made",
        "Made",
        goal="g",
        success="s",
        kind="use",
        difficulty=1,
        minutes=1,
        answers=answers,
        parts=parts,
        hints=("a", "b", "c"),
        **more,
    )


def _judge(item: Exercise, *answers: Any) -> Report:
    return _run._judge(item, answers, None, None)


@pytest.mark.parametrize(
    ("answer", "diagnosis", "says"),
    [
        (2.0e10, "", ""),
        (20.0, "power of ten", "billions"),
        (2e4, "power of ten", "millions"),
        (2e13, "power of ten", "10^3"),
        (-2e10, "sign", "sign"),
        (7.0, "mine", "seven"),
        (2e10 * 2.302585, "", "too large"),
        (2e30, "power of ten", ""),
        (2.9e22, "", "factor of ten"),
        (2.06e10, "", "rounded"),
        (0, "", "small"),
    ],
)
def test_a_value(answer: float, diagnosis: str, says: str) -> None:
    item = _made(
        Value("x", 1, "x", lambda g: 2e10, "tokens", 0.01, None, (Mistake("mine", "That is seven.", lambda g: 7.0),))
    )
    report = _judge(item, answer)
    assert report.passed == (answer == 2.0e10) and says in str(report)
    assert not diagnosis or report.diagnoses == (diagnosis,)


def test_percent_may_be_written_with_its_sign_and_fractions_are_named() -> None:
    item = _made(Value("x", 1, "x", lambda g: 17.0, "percent", 0.01))
    assert _judge(item, "17 %").passed
    assert _judge(item, 0.17).diagnoses == ("power of ten",) and "percent" in str(_judge(item, 0.17))


def test_several_values_earn_their_share_and_are_pointed_at() -> None:
    item = _made(Value("x", 2, "x", lambda g: [1.0, 20.0, 300.0, 4000.0], "", 0.01, lambda g: ("a", "b", "c", "d")))
    report = _judge(item, [1, 20, 330, 4000])
    assert report.earned == 1.5 and "for c" in str(report) and "330" not in str(report)
    assert _judge(item, [1, ..., 300, 4000]).rows[0].diagnosis == "blank"
    assert _judge(item, {"d": 4000, "c": 300, "b": 20, "a": 1}).passed
    assert _judge(item, [1, 2]).diagnoses == ("shape",) and _judge(item, 1.0).diagnoses == ("shape",)


def test_choices_and_verdicts() -> None:
    item = _made(Choice("c", 1, "x", {"yes": "", "no": "Look again."}, lambda g: "yes", {"true": "yes"}))
    assert _judge(item, "YES.").passed and _judge(item, True).passed
    assert _judge(item, "no").diagnoses == ("chose no",) and "Look again" in str(_judge(item, "no"))
    assert _judge(item, 3).diagnoses == ("not an option",) and _judge(item, None).diagnoses == ("not an option",)
    item = _made(Verdicts("v", 1, "x", lambda g: [True, False], ("First", "Second"), ("see one", "see two")))
    assert _judge(item, ["yes", 0]).passed and _judge(item, np.array([True, False])).passed
    report = _judge(item, [True, True])
    assert report.earned == 0.5 and report.diagnoses == ("verdict 2",) and "see two" in str(report)
    assert _judge(item, [True, ...]).diagnoses == ("blank",) and _judge(item, [True, "perhaps"]).diagnoses == (
        "not an option",
    )


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: 1e9 * x**2, "power of ten"),
        (lambda x: -(x**2), "sign"),
        (lambda x: x**2 * np.log(10), "log10"),
        (lambda x: 1 / x**2, "reciprocal"),
        (lambda x: 2 * np.log(x), "still a logarithm"),
        (lambda x: 2 * np.log10(x), "still a logarithm"),
        (lambda x: x**3, "cube"),
        (lambda x: 3 * x**2, ""),
    ],
)
def test_a_function(function: Callable[..., Any], name: str) -> None:
    part = Agrees(
        "f",
        1,
        "x",
        lambda rng: [(float(v),) for v in rng.uniform(30, 90, 5)] + [(rng.uniform(30, 90, 3),)],
        lambda x: x**2,
        ("y",),
        ("tokens",),
        (),
        (Mistake("cube", "You cubed it.", lambda x: x**3),),
    )
    report = _judge(_made(part), function)
    assert report.diagnoses == ((name,) if name else ()) and report.earned == 0
    assert name or "same factor 3" in str(report)
    assert _judge(_made(part), lambda x: x * x).passed


def test_seeds_change_instances_and_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def seen(seed: int | None) -> str:
        part = Holds("h", 1, ("x",), lambda attempt: attempt.note(repr(attempt.rng.random())))
        return _run._judge(_made(part), [1], seed, None).notes[0]

    assert seen(None) == seen(None) and seen(None) != seen(0) != seen(1) and seen(7) == seen(7)
    first = seen(None)
    monkeypatch.setenv("SCALING_LIB_SEED", "5")
    assert seen(None) != first


def test_points_can_be_scaled_for_a_hidden_test() -> None:
    assert (
        check("ch05.optimum", right, seed=3, points=2).earned == 2
        and repr(check("ch05.optimum", right, seed=3, points=2)) == "2.0"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"id": "optimum"},
        {"difficulty": 6},
        {"hints": ("a", "", "c")},
        {"parts": ()},
        {"answers": ()},
        {"minutes": 0},
        {"goal": ""},
        {"kind": "guess"},
    ],
)
def test_an_exercise_is_held_to_its_rules(change: dict[str, Any]) -> None:
    item = _made(Value("x", 1, "x", lambda g: 1.0))
    fields = {name: getattr(item, name) for name in item.__dataclass_fields__}
    with pytest.raises(ValueError, match="Exercise"):
        Exercise(**{**fields, **change})


# -------------------------------------------------------------------------------------------------------------- cards


class _Structure(HTMLParser):
    void = {"br", "img", "hr"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "report",
    [
        check("ch05.optimum", right),
        check("ch05.optimum", raises),
        check("ch05.rule", ..., [1], None, "<b>", 3),
        check("ch05.optimum", ...),
        check("<script>", 1),
    ],
    ids=["right", "wrong", "mixed", "open", "unknown"],
)
def test_cards_are_well_formed_and_mean_the_same_without_colour(report: Report) -> None:
    page = report._repr_html_()
    structure = _Structure()
    structure.feed(page)
    assert not structure.open
    assert "<script" not in page and "<b>" not in page and "<style" not in page and 'aria-label="' in page
    plain = re.sub(r"<[^>]+>", "", page)
    words = {"right": "right", "partly": "partly right", "wrong": "not right yet", "open": "not answered yet"}
    if not report.problem:
        assert words[report.state] in plain and f"{report.earned:g} of {report.points:g} points" in plain
    bundle = report._repr_mimebundle_()
    assert float(bundle["text/plain"]) == report.earned and bundle["text/html"] == page


def test_a_hundred_wrong_guesses_do_not_reveal_an_answer() -> None:
    """Wrong plain answers are told in words: no right number stands on the card."""
    n = given("ch05.invoice")
    for wrong in (1.0, 1e30, 3.3e22):
        page = str(check("ch05.invoice", wrong, wrong, wrong, [True, True, False]))
        for truth in (6 * n.N * n.D, 6 * n.N * n.D / n.peak / 86400, 6 * n.N * n.D / n.peak / 3600 * n.price):
            for shown in (f"{truth:.2e}", f"{truth:.3g}", f"{truth:.2g}", f"{truth:,.0f}", f"{truth:.0f}"):
                assert shown not in page


def test_colours_are_seen_on_white_and_on_black() -> None:
    from scaling_lib.checks._html import COLOURS

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    for colour in COLOURS.values():
        for ground in ("#ffffff", "#111111"):
            light, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 3, (colour, ground)


# --------------------------------------------------------------------------------------------------- hints and help


@pytest.mark.parametrize("id", [item.id for item in exercises()])
def test_hints_come_in_three_steps(id: str) -> None:
    steps = [hint(id) for _ in range(4)]
    assert [step.title.split(": ")[1][:6] for step in steps] == ["hint 1", "hint 2", "hint 3", "all th"]
    assert [step.paragraphs[0] for step in steps[:3]] == list(exercise(id).hints)
    assert len(steps[3].paragraphs) == 3


@pytest.mark.parametrize(
    "code",
    [
        "undefined_name",
        "(lambda: None)() + 1",
        "... * x",
        "x(4)",
        "{'a': 1}['N']",
        "1 / 0",
        "'x' + 1",
        "np.ones(3) + np.ones(4)",
        "np.array([1]).nothing",
        "recursive()",
        "published_error()",
        "[1][0] + 'a'",
        "x = = 1",
        "import scaling_lip",
        "right(1)",
        "2.0 ** 5000",
        "exercise('ch05.rule').answers[0].name()",
    ],
)
def test_usual_errors_are_explained(code: str) -> None:
    names = {
        "np": np,
        "x": 3,
        "recursive": recursive,
        "published_error": published_error,
        "right": right,
        "exercise": exercise,
    }
    with pytest.raises(Exception) as error:
        exec(code, names)
    card = help_me(error.value)
    assert isinstance(card, checks.Card) and len(card.paragraphs) == 2, error.value


def published_error() -> None:
    scaling_lib.published.HOFFMANN_2022.optimal(C=-1)


def test_help_lists_everything_and_takes_what_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = help_me("all")
    assert "Help, I am getting" in repr(everything) and "<table" in everything._repr_html_()
    assert help_me(KeyError).paragraphs
    monkeypatch.setattr(sys, "last_value", NameError("name 'x' is not defined"), raising=False)
    assert "since the kernel started" in repr(help_me())
    for trouble in _help.TROUBLES:
        assert trouble.means and trouble.do[-1] in ".?"


def test_cells_wait_for_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    with needs("ch05.optimum"):
        raise NotImplementedError
    with needs("ch05.rule"):
        ... * 2
    with needs("ch05.valley"):
        None + 2  # type: ignore[operator]
    assert capsys.readouterr().out.count("Solve it first") == 3
    with pytest.raises(ZeroDivisionError), needs("ch05.optimum"):
        1 / 0


def test_a_cell_that_uses_an_endless_answer_is_stopped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scaling_lib.checks._needs.PATIENCE", 0.2)
    with needs("ch05.optimum"):
        while True:
            pass
    assert "was stopped" in capsys.readouterr().out
    time.sleep(0.3)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


# ----------------------------------------------------------------------------------------- numbers, seeds, registry


@pytest.mark.parametrize("seed", range(20))
def test_the_lesson_is_the_same_under_every_seed(seed: int) -> None:
    from scaling_lib import allocate, published
    from scaling_lib.checks.ch05_chinchilla import dearest_top, sweep_range

    n = exercise("ch05.options").numbers(seed)
    a_h, b_h = allocate.overhead(published.HOFFMANN_2022, np.array(n.N), np.array(n.D))
    a_r, b_r = allocate.overhead(published.BESIROGLU_2024, np.array(n.N), np.array(n.D))
    assert (
        b_h < 0.1 and a_h > 1 and b_r > 0.3 and a_r > 0.3
    ), "option B: nearly optimal under one law, poor under the other"
    n = exercise("ch05.invoice").numbers(seed)
    flop = 6 * n.N * n.D
    assert n.claimed_flop == pytest.approx(flop / 1000)
    assert n.claimed_days == pytest.approx(flop / n.peak / 86400 / 30, rel=0.02)
    assert n.claimed_dollars == pytest.approx(n.claimed_days * 24 * n.price, rel=0.05)
    n = exercise("ch05.rule").numbers(seed)
    assert len(n.sizes) == len(n.tokens) == 4 and sorted(n.sizes) == list(n.sizes)
    assert exercise("ch05.interval").numbers(seed).C > 1e21
    n = exercise("ch05.sweep").numbers(seed)
    top = dearest_top(n, n.runs)
    dear, cheap = (np.subtract(*np.log(sweep_range(n, C, n.runs, 20.0))) for C in (top, top / 10))
    assert cheap == pytest.approx(dear, rel=0.2), "a tenth of the budget tells about as much"


def test_a_sweep_of_tiny_runs_is_not_told_that_its_grid_is_narrow() -> None:
    for top, said in ((1e14, "so small"), (1e18, "")):
        report = check("ch05.sweep", top, given("ch05.sweep").runs, 16, "about as wide")
        assert said in report.rows[3].message and report.earned == report.points - bool(said)


def test_a_given_year_and_a_half_is_not_shown_as_a_year() -> None:
    assert "2020.5" in repr(given("ch01.backcast")) and "131072" in repr(given("ch03.context"))


def test_given_reads_by_name_and_shows_units() -> None:
    n = given("ch05.options")
    assert n["C"] == n.C == 1e23 and len(n) == 3 and "FLOP" in repr(n) and "<table" in n._repr_html_() and "C" in dir(n)
    with pytest.raises(AttributeError, match="gives C, N, D"):
        n.budget
    with pytest.raises(ValueError, match="no exercise"):
        given("ch05.optimun")


def test_the_course_seed_is_any_word(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = []
    for word in ("", "3", "autumn", "autumn"):
        monkeypatch.setenv("SCALING_LIB_SEED", word)
        seeds.append(checks.course_seed())
    assert seeds[0] == 0 and seeds[1] == 3 and seeds[2] == seeds[3] > 3


def test_the_registry() -> None:
    assert "ch05" in checks.chapters() and checks.module_of("ch05") == "ch05_chinchilla"
    with pytest.raises(ValueError, match="no exercises of"):
        checks.chapter("ch99")
    assert len({item.id for item in exercises()}) == len(exercises())
    assert Quantity(1, "", "x").value == 1
    assert _registry.exercise("ch05.rule").header().count("●") == 1


def test_importing_the_package_does_not_import_the_checks_or_anything_heavy() -> None:
    code = (
        "import sys, scaling_lib; from scaling_lib import check; print(sorted(set(sys.modules) & {'torch',"
        " 'matplotlib', 'scipy', 'pandas', 'anywidget', 'IPython'}))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_shadowed_names_come_back_in_a_notebook() -> None:
    import IPython  # noqa: F401
    code = textwrap.dedent("""
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance()
        run = lambda cell: shell.run_cell(cell, store_history=False)
        run("from scaling_lib import check, hint")
        run("check = 3")
        result = run('check("ch05.optimum", ...)').result
        assert repr(result) == "0.0", result
        run("hint = 'x'"); run("x = check + 1 if isinstance(check, int) else 0")
        assert run('hint("ch05.optimum")').success
        assert not run('check = 5\\nx = check(3)').success       # a learner's own call is left alone
        run('def check(*a): return 9')
        assert run('check(2)').result == 9
    """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "was put back" in done.stdout
