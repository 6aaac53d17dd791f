"""The planner as a page: what it shows is what `plan` answers, exactly at the stored nodes and nearly between them."""

from __future__ import annotations

import ast
import gzip
import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from scaling_lib import plan, published
from scaling_lib.explorers import Choice, Explorer, Section, Slider, View, planner
from scaling_lib.explorers import _planner_numbers as numbers
from scaling_lib.explorers._view import holds
from scaling_lib.planner import Plan

LARGEST = 150_000  # bytes of the static form, gzipped


@pytest.fixture(scope="module")
def page() -> Explorer:
    return planner()


def drawn(page: Explorer, count: int, seed: int) -> list[dict[str, Any]]:
    """Settings by chance, half of them with data that are scarce."""
    rng = np.random.default_rng(seed)
    out: list[dict[str, Any]] = []
    assert page.grid is not None
    while len(out) < count:
        setting = {c.key: (c.stops if isinstance(c, Slider) else c.grid) for c in page.controls}
        one = {key: values[rng.integers(len(values))] for key, values in setting.items()}
        if numbers.scarce(float(one["C"]), float(one["unique"])) == (len(out) % 2 == 1):
            out.append(one)
    return out


def ends(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The first two, the middle and the last two of a slider's stops."""
    return (*values[:2], values[len(values) // 2], *values[-2:])


def corners(page: Explorer) -> list[dict[str, Any]]:
    """The ends and middles of budget and unique tokens with each other, and the stops beside the two lines at which the answer changes.

    What else is chosen takes its turn.
    """
    C, unique, served = (c for c in page.controls[:3] if isinstance(c, Slider))
    pairs = list(itertools.product(ends(C.stops), ends(unique.stops)))
    for some in unique.stops[::3]:
        for line in (numbers.seam().at(0.0, some), numbers.seam().at(numbers.seam().reach, some)):
            after = int(np.searchsorted(C.stops, line))
            pairs += [(stop, some) for stop in C.stops[max(after - 1, 0) : after + 1]]
    turns = itertools.cycle(itertools.product(numbers.PICKS, (served.stops[0], served.stops[-1], *served.stops[1::6])))
    return [{**page.settings, "C": a, "unique": b, "prefer": prefer, "served": s} for (a, b), (prefer, s) in zip(pairs, turns, strict=False)]


@pytest.fixture(scope="module")
def exact(page: Explorer) -> list[tuple[dict[str, Any], Plan]]:
    """Settings and what the planner answers."""
    return [(setting, asked(setting)) for setting in (*drawn(page, 12, seed=6), *corners(page))]


def useful(setting: Mapping[str, Any]) -> float:
    return numbers.useful(float(setting["C"]), float(setting["unique"]))


def asked(setting: Mapping[str, Any]) -> Plan:
    """The exact answer for a setting of the page, for as much of the budget as its tokens can use."""
    return plan(
        useful(setting), prefer=setting["prefer"], unique_tokens=setting["unique"], inference_tokens=setting["served"],
        accelerator=setting["chip"], count=setting["count"], utilisation=ast.literal_eval(setting["used"]),
        goodput=float(setting["good"]), price_per_hour=setting["price"], price_date="as set on the page",
    )  # fmt: skip


def readouts(view: Mapping[str, Any]) -> dict[str, float]:
    return {item["key"]: item["value"] for item in view["readouts"]}


def tables(view: Mapping[str, Any]) -> list[np.ndarray]:
    return [np.array([row for *_, row in part["rows"]]) for part in view["answers"] if part["kind"] == "table"]


def said(view: Mapping[str, Any]) -> list[str]:
    """Sentences that are shown, before their numbers are filled in."""
    values = readouts(view)
    return [text for part in view["answers"] if part["kind"] == "notes" for text, when in part["items"] if holds(when, values)]


def consistent(view: Mapping[str, Any], prefer: str, unique: float) -> None:
    """What is said to be the largest or smallest is that of the numbers shown."""
    found, (regret, lifetime) = readouts(view), tables(view)
    laws = len(numbers.LAWS)
    assert (regret[:, laws] == regret[:, :laws].max(axis=1)).all()
    assert found["worst"] == regret[numbers.PICKS.index(prefer), laws] and found["hedge_worst"] == regret[-1, laws]
    assert (found["ratio_low"], found["ratio_high"]) == (regret[:laws, -1].min(), regret[:laws, -1].max())
    assert (found["spent_least"], found["spent_most"]) == (lifetime[:, 3].min(), lifetime[:, 3].max())
    assert [found[key] for key in ("N", "D", "ratio")] == list(regret[numbers.PICKS.index(prefer), laws + 1 :])
    if "epochs" in found:
        assert found["epochs"] == pytest.approx(found["D"] / unique, rel=0.01)
    assert regret[-1, laws] <= regret[:-1, laws].min() + 0.5  # percent: no law's own pick is safer than the hedge


def compare(view: Mapping[str, Any], setting: Mapping[str, Any], answer: Plan, size: float, waste: float, life: float) -> None:
    """Sizes within a relative error, waste (fractions) within an absolute one, the lifetime's table within either."""
    found, (regret, lifetime) = readouts(view), tables(view)
    assert found["N"] == pytest.approx(answer.pick.N, rel=size)
    assert found["D"] == pytest.approx(answer.pick.D, rel=size)
    assert found["worst"] / 100 == pytest.approx(answer.pick.worst, abs=waste)
    assert (found["near_low"], found["near_high"]) == pytest.approx(answer.pick.N_near, rel=2 * size)
    order = [answer.table.picks.index(name) for name in numbers.PICKS]
    laws = len(numbers.LAWS)
    assert regret[:, :laws] / 100 == pytest.approx(np.array(answer.table.overhead)[order], abs=waste)
    assert regret[:, laws] / 100 == pytest.approx(np.array(answer.table.worst)[order], abs=waste)
    assert regret[:, laws + 1] == pytest.approx(np.array(answer.table.N)[order], rel=size)
    assert regret[:, laws + 2] == pytest.approx(np.array(answer.table.D)[order], rel=size)

    sampling, choice, transfer, extrapolation = answer.uncertainty
    assert (found["refit_low"], found["refit_high"]) == pytest.approx(sampling.tokens_per_param, rel=1.5 * size)
    assert (found["ratio_low"], found["ratio_high"]) == pytest.approx(choice.tokens_per_param, rel=size)
    assert found["transfer"] == pytest.approx(transfer.waste, abs=waste)
    assert max(found["decades"], 0) == pytest.approx(extrapolation.decades, abs=0.01)
    assert ("sampling" in found) == (sampling.waste is not None)
    if sampling.waste is not None:
        assert found["sampling"] == pytest.approx(sampling.waste, abs=waste)

    assert answer.data is not None and answer.lifetime is not None and answer.cluster is not None
    if "epochs" in found:
        assert found["epochs"] == pytest.approx(answer.data.epochs, rel=size)
        assert found["worth"] == pytest.approx(answer.data.worth, rel=size)
        assert found["shortage"] == pytest.approx(1 + answer.data.shortage, rel=3 * size)
    else:
        assert answer.data.epochs < 1 and answer.data.shortage == pytest.approx(0, abs=1e-6)
    share = answer.lifetime.pick_share
    assert found["serving"] == pytest.approx(share / (1 - share), rel=2 * size + 5e-4)
    exact = np.array([(r.N, r.D, 1 + r.extra_training, 1 - r.saving) for r in answer.lifetime.rows])
    assert lifetime[:, :3] == pytest.approx(exact[:, :3], rel=life)
    assert lifetime[:, 3] == pytest.approx(exact[:, 3], abs=life)

    machines, whole = answer.cluster, float(setting["C"]) / answer.budget.C  # time and money are of the whole budget
    assert machines.days is not None and machines.cost is not None and machines.energy_kwh is not None
    for name, both in (("hours", machines.hours), ("days", machines.days), ("cost", machines.cost), ("energy", machines.energy_kwh)):
        expected = np.array(both) * whole / (1e3 if name == "energy" else 1)
        assert (found[f"{name}_low"], found[f"{name}_high"]) == pytest.approx(expected, rel=1e-6)


def test_with_a_kernel_it_shows_what_the_planner_answers(page: Explorer, exact: list[tuple[dict[str, Any], Plan]]) -> None:
    live = planner()
    beyond = next(pair for pair in exact if useful(pair[0]) < pair[0]["C"])
    for setting, answer in (*exact[:2], beyond):
        live.set(**setting)
        compare(live.view.data(), setting, answer, size=1e-4, waste=1e-4, life=1e-3)
        consistent(live.view.data(), setting["prefer"], setting["unique"])


def test_without_a_kernel_it_is_near_that(page: Explorer, exact: list[tuple[dict[str, Any], Plan]]) -> None:
    assert page.grid is not None and page.grid.interpolated
    for setting, answer in exact:
        view = page.grid.lookup(setting)
        compare(view, setting, answer, numbers.NEAR_SIZE, numbers.NEAR_WASTE, numbers.NEAR_LIFETIME)
        consistent(view, setting["prefer"], setting["unique"])


def test_it_never_contradicts_itself(page: Explorer) -> None:
    assert page.grid is not None
    C, unique, served = (c for c in page.controls[:3] if isinstance(c, Slider))
    settings = [
        {**page.settings, **dict(zip(("C", "unique", "served", "prefer"), values, strict=True))}
        for values in itertools.product(ends(C.stops), ends(unique.stops), (served.stops[0], served.stops[-1]), numbers.PICKS)
    ]
    for setting in (*settings, *drawn(page, 100, seed=7)):
        consistent(page.grid.lookup(setting), str(setting["prefer"]), float(setting["unique"]))


def test_it_answers_for_what_the_tokens_can_use(page: Explorer) -> None:
    assert page.grid is not None
    reach, U = numbers.seam().reach, 1e11
    edge = numbers.seam().at(reach, U)
    hungriest = numbers._hungriest()
    for C, beyond in ((edge / 1.05, False), (edge * 1.05, True)):
        assert (numbers.useful(C, U) < C) == beyond
        assert any("Beyond about 40" in text for text in plan(C, unique_tokens=U, prefer=hungriest).warnings) == beyond
    for setting in corners(page):
        view = page.grid.lookup(setting)
        beyond = useful(setting) < setting["C"]
        assert ("useful" in readouts(view)) == beyond == any(text.startswith("Your tokens can use only") for text in said(view))
        assert ("only {useful} FLOP" in view["text"]) == beyond
        if beyond:
            assert readouts(view)["useful"] == pytest.approx(useful(setting), rel=1e-4)
        assert readouts(view).get("epochs", 0) <= 1.002 * numbers.PASSES


def test_what_is_stored_is_what_the_planner_says_today() -> None:
    """Else: python -m scaling_lib.explorers._planner_numbers."""
    rng = np.random.default_rng()
    for kind, ask in (("table", numbers._table), ("decision", numbers._decision), ("lifetime", numbers._lifetime)):
        nodes = numbers.nodes(kind)
        assert len(numbers._stored()[kind]) == len(nodes)
        for i in rng.integers(len(nodes), size=2):
            kept = numbers._known(kind, *nodes[i])
            assert kept == pytest.approx(ask(*nodes[i]), rel=6e-4, abs=1e-6), nodes[i]


def test_its_static_form_is_small(page: Explorer) -> None:
    assert len(gzip.compress(page.to_html().encode())) <= LARGEST


#: How the page's sentences begin, and what the planner's warning of the same thing holds.
SAME = {
    "The size lies beyond": "parameters against at most",
    "The tokens lie beyond": "tokens against at most",
    "Your unique tokens are read {epochs} times, more than four": "more than four",
    "Your unique tokens are read {epochs} times. Up to four": "Up to four are nearly as good",
    "The alternatives are trained on more than": "The lifetime alternative is heavily over-trained",
    "Extrapolation: the largest": "",
}


def test_it_warns_of_what_the_planner_warns_of(page: Explorer, exact: list[tuple[dict[str, Any], Plan]]) -> None:
    assert page.grid is not None
    for setting, answer in exact:
        view = page.grid.lookup(setting)
        warned, shown = " ".join(answer.warnings), said(view)
        near = readouts(view)
        for begins, holds_ in SAME.items():
            edges = (("epochs", 1), ("epochs", 4), ("heavy", 4), ("largest_N", 1.01), ("largest_D", 1.01))
            if not holds_ or any(abs(near.get(key, 0) / edge - 1) < 0.03 for key, edge in edges):
                continue  # so near a threshold the page may be on its other side
            assert any(text.startswith(begins) for text in shown) == (holds_ in warned), (begins, setting)
        assert any("decades beyond" in text for text in shown) == ("Extrapolating" in warned or answer.domain.decades_beyond(useful(setting)) > 0)


def test_the_call_gives_the_answer_again(
    page: Explorer, exact: list[tuple[dict[str, Any], Plan]], capsys: pytest.CaptureFixture[str]
) -> None:
    setting, expected = next(pair for pair in exact[1::2] if useful(pair[0]) == pair[0]["C"])
    scope: dict[str, Any] = {}
    exec(page._called(setting), scope)
    answer: Plan = scope["answer"]
    assert answer.pick.N == pytest.approx(expected.pick.N, rel=1e-9)
    assert answer.inputs["unique_tokens"] == setting["unique"] and answer.inputs["price_per_hour"] == setting["price"]
    assert "Plan for" in capsys.readouterr().out
    assert not any("has no date" in warning for warning in answer.warnings)


def test_nothing_that_is_only_reported_is_chosen_first() -> None:
    first = planner().settings
    assert published.about(str(first["chip"])).status == "verified"
    assert published.about("LIST_PRICES_2025_02").status == "verified"
    assert first["price"] == published.LIST_PRICES_2025_02["H100"]


def test_its_laws_are_the_planners() -> None:
    assert plan("1e23 FLOP").table.picks == numbers.PICKS
    for unique in np.geomspace(1e11, 1e14, 7):  # just below and above the seam the planner changes its mind about repetition
        edge = numbers.seam().at(0.0, unique)
        laws = [published.about(name).value for name in numbers.LAWS]
        assert not any(law.optimal(0.999 * edge).D > unique for law in laws)
        assert any(law.optimal(1.001 * edge).D > unique for law in laws)


# -- sections, seams, conditions


def test_a_seam_is_not_interpolated_across() -> None:
    from scaling_lib.explorers import Axis, Line, Panel, Readout
    from scaling_lib.explorers._controls import Seam

    seam = Seam("edge", slope=0.5, offset=1.0, reach=2.0, nodes=9)  # x = 10 sqrt(edge)

    def jump(settings: Mapping[str, Any]) -> View:
        far = seam.beyond(float(settings["x"]), float(settings["edge"]))
        value = 1 + np.log10(float(settings["x"])) ** 2 if far <= 0 else 50 + far**3 + np.log10(float(settings["edge"]))
        return View((Panel(Axis("x", 0, 1), Axis("y", 0, 100), [Line([0, 1], [0, value])]),), "t", [Readout("y", "y", value)])

    def make(seam: Seam | None) -> Explorer:
        x = Slider("x", "x", 1, 1e3, step=0.05, value=1, log=True, nodes=13, seam=seam)
        return Explorer(jump, [x, Slider("edge", "edge", 1, 1e5, step=0.25, value=1, log=True, nodes=5)], title="A jump")

    worst = []
    for explorer in (make(None), make(seam)):
        assert explorer.grid is not None
        x, edge = explorer.controls
        assert isinstance(x, Slider) and isinstance(edge, Slider)
        off = [
            abs(explorer.grid.lookup({"x": a, "edge": b})["readouts"][0]["value"] - jump({"x": a, "edge": b}).readouts[0].value)
            for a in x.stops[::3] for b in edge.stops[::2]
        ]  # fmt: skip
        worst.append(max(off))
    assert worst[0] > 10 and worst[1] < 1e-6


def test_past_the_reach_of_a_seam_the_slider_changes_nothing() -> None:
    from scaling_lib.explorers import Readout
    from scaling_lib.explorers._controls import Seam

    seam = Seam("edge", slope=1.0, offset=0.0, reach=1.0, nodes=5)

    def compute(settings: Mapping[str, Any]) -> View:
        x, edge = float(settings["x"]), float(settings["edge"])
        used = min(x, seam.at(seam.reach, edge))
        return View((), "All of it." if used == x else "A part of it.", [Readout("y", "y", np.log10(used))])

    x = Slider("x", "x", 1, 1e4, step=0.1, value=1, log=True, nodes=9, seam=seam)
    explorer = Explorer(compute, [x, Slider("edge", "edge", 10, 1e4, step=0.5, value=10, log=True, nodes=4)], title="A reach")
    assert explorer.grid is not None
    for a, b in itertools.product(x.stops, (10.0, 1e2, 1e3)):
        view, live = explorer.grid.lookup({"x": a, "edge": b}), compute({"x": a, "edge": b})
        assert view["text"] == live.text, (a, b)
        assert view["readouts"][0]["value"] == pytest.approx(live.readouts[0].value, abs=1e-6)


def test_the_largest_is_that_of_what_is_shown() -> None:
    from scaling_lib.explorers import Readout, Table

    def compute(settings: Mapping[str, Any]) -> View:
        falls, rises = 1 - float(settings["x"]), float(settings["x"]) ** 3
        table = Table("c", ("a", "b", "c", "worst"), ("sig:3",) * 3, (("row", "n", np.array([falls, rises, max(falls, rises)])),), name="t", most="2")
        return View((), "t", [Readout("worst", "w", max(falls, rises), most="t.row.2"), Readout("least", "l", min(falls, rises), least="t.row.0 t.row.1")],
                    [table])  # fmt: skip

    explorer = Explorer(compute, [Slider("x", "x", 0, 1, step=0.01, value=0, nodes=4)], title="Crossing")
    assert explorer.grid is not None
    for x in np.linspace(0, 1, 101):
        view = explorer.grid.lookup({"x": float(x)})
        assert readouts(view) == pytest.approx({"worst": max(1 - x, x**3), "least": min(1 - x, x**3)}, abs=1e-9)
        assert tables(view)[0][0, 2] == readouts(view)["worst"]


@pytest.mark.parametrize("most", ["0", "3", "-1", "b", "1"])
def test_a_column_that_is_not_the_largest_is_refused(most: str) -> None:
    from scaling_lib.explorers import Readout, Table

    with pytest.raises(ValueError, match="most is"):
        Table("c", ("a", "b", "c", "d"), ("sig:3",) * 3, (("row", "n", np.array([2.0, 1.0, 2.0])),), most=most)
    with pytest.raises(ValueError, match="most names"):
        Readout("worst", "w", 1.0, most=most)


@pytest.mark.parametrize(
    "make",
    [
        lambda seam: Slider("x", "x", 1, 10, step=0.1, value=1, log=True, seam=seam),
        lambda seam: Slider("x", "x", 1, 10, step=1, value=1, nodes=4, seam=seam),
    ],
)
def test_a_seam_needs_what_is_interpolated(make: Any) -> None:
    from scaling_lib.explorers._controls import Seam

    with pytest.raises(ValueError, match="seam is given"):
        make(Seam("y", 1.0, 0.0, 1.0, 4))
    with pytest.raises(ValueError, match="reach"):
        Seam("y", 1.0, 0.0, 0.0, 4)


def test_a_section_depends_on_its_own_controls_alone() -> None:
    from scaling_lib.explorers import Notes, Readout

    def part(key: str) -> Section:
        def compute(settings: Mapping[str, Any]) -> View:
            assert set(settings) == {key}
            return View((), f"{key} is {{{key}}}.", [Readout(key, key, float(settings[key]), "fixed:0")],
                        [Notes(key, ((f"Much {key}.", f"{key}>5"), ("Always.", "")))])  # fmt: skip

        return Section((key,), compute)

    sliders = [Slider(key, key, 0, 9, step=1, value=3) for key in "ab"]
    explorer = Explorer([part("a"), part("b")], sliders, title="Two", call="f({a}, {b})")
    assert explorer.view.sentence == "a is 3. b is 3."
    assert explorer.set(b=7).view.sentence == "a is 3. b is 7."
    assert explorer.grid is not None
    assert sum(len(group["columns"][0]) - 2 for grid in explorer.grid.data() for group in grid["groups"]) == 20
    html = explorer.to_html()
    assert "Much b." in html.split("</script>")[1] and "Much a." not in html.split("</script>")[1] and "f(3, 7)" in html
    with pytest.raises(ValueError, match="A section depends on"):
        Explorer([Section(("z",), lambda s: explorer.view)], sliders, title="t")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda t: t("c", ("a", "b"), ("sig:3",), (("k", "n", [1, 2]),)), "lengths"),
        (lambda t: t("c", ("a", "b"), ("sig:3",), ()), "lengths"),
        (lambda t: t("", ("a", "b"), ("sig:3",), (("k", "n", [1]),)), "caption is empty"),
        (lambda t: t("c", ("a", "b"), ("bogus",), (("k", "n", [1]),)), "format"),
        (lambda t: t("c", ("a", "b"), ("sig:3",), (("k", "n", [float("nan")]),)), "finite"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(make: Any, words: str) -> None:
    from scaling_lib.explorers import Table

    with pytest.raises(ValueError, match=words):
        make(Table)


@pytest.mark.parametrize("when", ["epochs", "epochs>", "epochs>=4", "epochs>four", "1>2", "a>1|b<2"])
def test_a_condition_that_cannot_be_read_is_refused(when: str) -> None:
    from scaling_lib.explorers import Notes

    with pytest.raises(ValueError, match="expected conditions"):
        Notes("title", (("text", when),))


def test_a_condition_on_what_is_not_there_is_refused() -> None:
    from scaling_lib.explorers import Notes

    with pytest.raises(ValueError, match="epochs is no readout"):
        View((), "t", (), (Notes("title", (("text", "epochs>4"),)),))


def test_numbers_for_code_are_short_and_exact() -> None:
    from scaling_lib.explorers._format import show

    cases = {1.12e23: "1.12e23", 3e11: "3e11", 512.0: "512", 65536.0: "65536", 10.8: "10.8", 0.955: "0.955", 1e6: "1e6"}
    assert {value: show(value, "code:6") for value in cases} == cases
    assert isinstance(planner().controls[5], Choice)
    assert all(float(show(stop, "code:6")) == stop for stop in planner().controls[0].stops)  # type: ignore[union-attr]
