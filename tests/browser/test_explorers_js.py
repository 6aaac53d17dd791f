"""Explorers in Chromium: the static page from ``file://``, and the live form against a kernel played by the test."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

import test_explorers as units
from scaling_lib.explorers import CSS, JS, Explorer, Slider, hand_fit
from scaling_lib.explorers._explorer import live_data
from scaling_lib.explorers._format import show

pytestmark = pytest.mark.browser

MOVING = sorted(set(units.EXPLORERS) - units.STILL)
#: These are moved by choices alone.
CHOSEN = ["compute_over_time"]
SLID = [name for name in MOVING if name not in CHOSEN]


def classic() -> str:
    """The script as the site publishes it: without the export that only modules know."""
    return JS.read_text(encoding="utf-8").rpartition("export default")[0]


HOSTS = {  # tag of the page, style of the page
    "light": '<html lang="en" data-theme="light"><style>html { --pst-color-background: #fff; '
    "--pst-color-text-base: #222832; --pst-color-text-muted: #48566b } body { background: #fff }</style>",
    "dark": '<html lang="en" data-theme="dark"><style>html { --pst-color-background: #14181e; '
    "--pst-color-text-base: #ced6dd; --pst-color-text-muted: #9ca4af } body { background: #14181e }</style>",
    "system": '<html lang="en"><style>body { background: #14181e }</style>',
    "jupyter": '<html lang="en"><style>body { background: #111; --jp-layout-color0: #111; '
    "--jp-content-font-color1: #fff; --jp-content-font-color2: #b2b2b2 }</style>",
}


@functools.cache
def static(explorer: Explorer) -> str:
    return explorer.to_html()


def painted(page: Page) -> None:
    """Wait for the next frame: by then sizes are known and what hangs on them is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def document(*explorers: Explorer, host: str = "light") -> str:
    body = "<h1>Page</h1>" + "".join(map(static, explorers))
    light = ' data-jp-theme-light="false"' if host == "jupyter" else ""
    return (
        f'<!doctype html>{HOSTS[host]}<meta charset="utf-8"><title>Page</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>body {{ margin: 0; padding: 16px; font: 16px/1.6 sans-serif }}{CSS.read_text('utf-8')}</style>"
        f"<body{light}><main>{body}</main><script>{classic()}</script></body></html>"
    )


@pytest.fixture(scope="module")
def built() -> dict[str, Explorer]:
    return {**{name: make() for name, make in units.EXPLORERS.items()}, "two_sliders": units.two_sliders()}


class Visit:
    """A page from a file, with everything it complained about or asked of a network.

    Visits share one page, emptied after each, unless they ask for a context of another kind: a new one takes half a second.
    """

    shared: dict[Browser, Page] = {}

    def __init__(self, browser: Browser, path: Path, html: str, **context: Any) -> None:
        path.write_text(html, encoding="utf-8")
        self.path, self.complaints = path, list[str]()
        size, scheme = context.pop("viewport", {"width": 900, "height": 900}), context.pop("color_scheme", "light")
        self.own = bool(context)
        page = None if self.own else self.shared.pop(browser, None)
        self.page: Page = page or browser.new_context(**context).new_page()
        self.page.set_viewport_size(size)
        self.page.emulate_media(color_scheme=scheme)
        self.heard = {
            "console": lambda message: self.complaints.append(message.text),
            "pageerror": lambda error: self.complaints.append(str(error)),
            "request": lambda request: None if request.url.startswith("file:") else self.complaints.append(request.url),
        }
        for event, heard in self.heard.items():
            self.page.on(event, heard)  # type: ignore[call-overload]
        self.page.goto(path.as_uri())
        if context.get("java_script_enabled", True):
            painted(self.page)

    def __enter__(self) -> Page:
        return self.page

    def __exit__(self, *error: object) -> None:
        browser = self.page.context.browser
        cleared = "() => { try { localStorage.clear(); return true; } catch { return false; } }"
        if self.own or error[0] is not None or browser is None or not self.page.evaluate(cleared):
            self.page.context.close()
        else:
            for event, heard in self.heard.items():
                self.page.remove_listener(event, heard)
            self.page.goto("about:blank")
            self.shared[browser] = self.page
        assert error[0] is not None or self.complaints == []


def skip_guess(page: Page) -> None:
    buttons = page.get_by_role("button", name="Show without guessing")
    while buttons.count():
        buttons.first.click()


@pytest.mark.parametrize("name", CHOSEN)
def test_keyboard_and_mouse_choose_the_picture(
    browser: Browser, built: dict[str, Explorer], tmp_path: Path, name: str
) -> None:
    with Visit(browser, tmp_path / "page.html", document(built[name])) as page:
        skip_guess(page)
        root = page.locator(".sl-explorer")
        seen = [root.locator(".sl-panels").inner_html()]
        for group in root.locator("fieldset:has([type=radio])").all():
            group.get_by_role("radio").first.focus()
            page.keyboard.press("ArrowRight")
            seen.append(root.locator(".sl-panels").inner_html())
            group.locator("label").last.click()
            seen.append(root.locator(".sl-panels").inner_html())
        assert len(set(seen)) == len(seen) == 5
        page.wait_for_timeout(600)
        assert page.locator(".sl-live").inner_text() == root.locator(".sl-text").inner_text()


def test_a_count_of_one_is_singular(browser: Browser, built: dict[str, Explorer], tmp_path: Path) -> None:
    with Visit(browser, tmp_path / "page.html", document(built["calculator"])) as page:
        page.get_by_role("slider", name="How many accelerators").focus()
        for press, said in (("Home", "On 1 accelerator at"), ("ArrowRight", "On 2 accelerators at")):
            page.keyboard.press(press)
            assert said in page.locator(".sl-text").last.inner_text()


@pytest.mark.parametrize("name", SLID)
def test_keyboard_and_mouse_move_the_picture(
    browser: Browser, built: dict[str, Explorer], tmp_path: Path, name: str
) -> None:
    with Visit(browser, tmp_path / "page.html", document(built[name])) as page:
        skip_guess(page)
        root = page.locator(".sl-explorer")
        slider = root.get_by_role("slider").first
        control = next(c for c in built[name].controls if isinstance(c, Slider))

        def state() -> tuple[str, str, str]:
            return (
                root.locator(".sl-text").inner_text(),
                root.locator(".sl-panels").inner_html(),
                slider.get_attribute("aria-valuetext") or "",
            )

        start = state()
        slider.focus()
        seen = [start]
        for press in ("Home", "ArrowRight", "End", "ArrowLeft"):
            page.keyboard.press(press)
            seen.append(state())
        assert len(set(seen[1:])) == 4 and seen[0] != seen[1]
        assert seen[1][2] == control.shown(control.low) and seen[3][2] == control.shown(control.high)
        box = slider.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 20, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] / 2, steps=5)
        page.mouse.up()
        assert all(now != then for now, then in zip(state(), seen[-1], strict=True))
        middle = slider.get_attribute("aria-valuetext")
        for choice in [radio for radio in root.get_by_role("radio").all() if not radio.is_checked()][-1:]:
            before = state()
            choice.check(force=True)
            assert state() != before and slider.get_attribute("aria-valuetext") == middle
        page.wait_for_timeout(600)
        assert page.locator(".sl-live").inner_text() == root.locator(".sl-text").inner_text()


def test_a_layer_shows_and_hides_without_another_view(
    browser: Browser, built: dict[str, Explorer], tmp_path: Path
) -> None:
    with Visit(browser, tmp_path / "page.html", document(built["spend_your_sweep"])) as page:
        skip_guess(page)
        assert "truth" not in page.locator(".sl-panels").inner_text()
        page.get_by_label("Reveal the truth").check()
        assert "truth: 18.4" in page.locator(".sl-panels").inner_text()
        assert "The truth" in page.locator(".sl-readouts").inner_text()


@pytest.mark.parametrize("name", [*MOVING, "two_sliders"])
def test_the_script_looks_up_what_python_looks_up(
    browser: Browser, built: dict[str, Explorer], tmp_path: Path, name: str
) -> None:
    explorer = built[name]
    assert explorer.grid is not None
    rng = np.random.default_rng(3)
    chosen = [
        {
            c.key: (c.stops if isinstance(c, Slider) else c.grid)[
                rng.integers(len(c.stops if isinstance(c, Slider) else c.grid))
            ]
            for c in explorer.controls
        }
        for _ in range(12)
    ]
    all_of = {c.key: c.stops if isinstance(c, Slider) else c.grid for c in explorer.controls}
    first, last = ({key: values[end] for key, values in all_of.items()} for end in (0, -1))
    front = explorer.controls[0].key
    chosen += [first, last, {**first, front: last[front]}, {**last, front: first[front]}]
    with Visit(browser, tmp_path / "page.html", document(explorer)) as page:
        found = page.evaluate(
            """(settings) => {
            const data = JSON.parse(document.querySelector("script[type='application/json']").textContent);
            const look = scalingExplorer.gridOf(data.grid, data.spec.controls);
            return settings.map(look);
        }""",
            chosen,
        )
    for setting, ours in zip(chosen, found, strict=True):
        assert flat(ours) == pytest.approx(flat(explorer.grid.lookup(setting)), rel=1e-9, abs=1e-12)


def flat(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [leaf for item in tree.values() for leaf in flat(item)]
    return (
        [leaf for item in tree for leaf in flat(item)]
        if isinstance(tree, list)
        else [tree if not isinstance(tree, str) else hash(tree)]
    )


def test_numbers_are_written_alike_in_both_languages(browser: Browser, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values = [
        *(10 ** rng.uniform(-9, 26, 300) * rng.choice([-1, 1], 300)),
        *(value for value, _, _ in units.FORMATS),
        0.0,
    ]
    cases = [
        (float(value), format) for value in values for format in ("sci:3", "short:3", "sig:3", "fixed:2", "percent:1")
    ]
    cases += [(float(value), format) for value, format, _ in units.FORMATS]
    # Fixed decimals of numbers with more digits than a double has differ in the last of them; no explorer shows such.
    cases = [
        (value, format) for value, format in cases if abs(value) < 1e12 or not format.startswith(("fixed", "percent"))
    ]
    with Visit(browser, tmp_path / "page.html", document()) as page:
        written = page.evaluate("(cases) => cases.map(([v, f]) => scalingExplorer.show(v, f, ''))", cases)
    assert written == [show(value, format) for value, format in cases]


@pytest.mark.parametrize("name", [*units.EXPLORERS])
def test_every_control_has_a_name_and_keeps_its_keys(
    browser: Browser, built: dict[str, Explorer], tmp_path: Path, name: str
) -> None:
    with Visit(browser, tmp_path / "page.html", document(built[name], built[name])) as page:
        inputs = page.evaluate("""() => [...document.querySelectorAll(".sl-explorer input")].map((input) => ({
            labels: [...input.labels].map((l) => l.textContent.trim()).join(" "), id: input.id, type: input.type,
            keys: input.getAttribute("data-lm-suppress-shortcuts"), text: input.getAttribute("aria-valuetext") }))""")
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map((n) => n.id)")
    assert len(ids) == len(set(ids))
    assert all(item["labels"] and item["keys"] == "true" for item in inputs)
    assert all(item["text"] for item in inputs if item["type"] == "range")
    sliders = [item for item in inputs if item["type"] == "range"]
    assert len(sliders) == 2 * sum(isinstance(c, Slider) for c in built[name].controls if built[name].static)


@pytest.mark.parametrize("name", [*units.EXPLORERS])
def test_nothing_sticks_out_and_letters_keep_their_size(
    browser: Browser, built: dict[str, Explorer], tmp_path: Path, name: str
) -> None:
    """Narrow, with the question and without it; then wider and narrower again, as a window is drawn."""
    with Visit(browser, tmp_path / "page.html", document(built[name]), viewport={"width": 320, "height": 800}) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        skip_guess(page)
        for width in (320, 400, 900, 400):
            page.set_viewport_size({"width": width, "height": 800})
            painted(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            texts = page.evaluate("""() => [...document.querySelectorAll("svg.sl-plot text")].map((t) => {
                const box = t.getBoundingClientRect(); return [box.left, box.right, box.height, t.textContent]; })""")
            assert len(texts) > 10
            assert all(left >= -1 and right <= width + 1 and height >= 12 for left, right, height, _ in texts), texts
            widest = page.evaluate("Math.max(...[...document.querySelectorAll('svg.sl-plot')].map((p) => p.getBoundingClientRect().width))")
            assert 0.3 * width < widest <= width


CONTRAST = """() => {
  const read = (text) => {  // red, green, blue of 255, and how opaque
    const [r, g, b, a = 1] = text.match(/[\\d.]+(?:e-\\d+)?/g).map(Number), unit = text.startsWith("color(srgb") ? 255 : 1;
    return [r * unit, g * unit, b * unit, a];
  };
  const luminance = (rgb) => {
    const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb.slice(0, 3).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const under = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      layers.push(read(getComputedStyle(at).backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reduceRight((base, layer) => base.map((v, i) => layer[3] * layer[i] + (1 - layer[3]) * v), [255, 255, 255]);
  };
  const out = [];
  for (const node of document.querySelectorAll(".sl-explorer *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || !node.getClientRects().length || node.closest(".sl-live, desc, title")) continue;
    const style = getComputedStyle(node), svg = node.namespaceURI.includes("svg");
    const a = luminance(read(svg ? style.fill : style.color)), b = luminance(under(node));
    out.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), node.textContent.slice(0, 30)]);
  }
  return out;
}"""


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("name", [*units.EXPLORERS])
def test_text_can_be_read_in_light_and_dark(
    browser: Browser, built: dict[str, Explorer], tmp_path: Path, name: str, host: str
) -> None:
    scheme, dark = "dark" if host == "system" else "light", host != "light"
    with Visit(browser, tmp_path / "page.html", document(built[name], host=host), color_scheme=scheme) as page:
        for _ in range(2):  # the question, and what it hides
            found = page.evaluate(CONTRAST)
            assert len(found) > 5 and min(found)[0] >= 4.5, min(found)
            skip_guess(page)
        tone = page.evaluate(
            "getComputedStyle(document.querySelector('.sl-explorer')).getPropertyValue('--sl-truth').trim()"
        )
        assert tone == ("#dc9ccb" if dark else "#8a2b6f")


def test_a_guess_comes_first_is_checked_and_kept(browser: Browser, built: dict[str, Explorer], tmp_path: Path) -> None:
    explorer = built["spend_your_sweep"]
    assert explorer.guess is not None
    with Visit(browser, tmp_path / "page.html", document(explorer)) as page:
        body, alert = page.locator(".sl-veiled"), page.locator("form .sl-error")
        assert not body.is_visible() and page.get_by_role("slider").count() == 0
        value, low, high = (
            page.get_by_label(name)
            for name in ("Factor with a quarter of the noise", "80 % sure it is at least", "and at most")
        )
        commit = page.get_by_role("button", name="Commit to my guess")
        for entries, message in [
            (("", "", ""), "write a number"),
            (("two", "1", "3"), "write a number"),
            (("2", "1", "1000"), "stay between"),
            (("2", "3", "1"), "exchange"),
            (("2", "2", "2"), "no width"),
            (("9", "1", "3"), "outside your own"),
            (("2", "1.2", "3"), "pick one"),
        ]:
            for field, entry in zip((value, low, high), entries, strict=True):
                field.fill(entry)
            commit.click()
            assert message in alert.inner_text() and not body.is_visible()
            assert page.locator("[aria-invalid=true]").count() == 1
        page.get_by_label("100 times the compute").check(force=True)
        value.fill("3")
        low.fill("2,5")
        high.fill("4e0")
        value.press("Enter")
        assert body.is_visible() and "outside your interval" in page.locator(".sl-verdict").inner_text()
        assert (
            "You picked “100 times the compute”; it is “a quarter of the noise”"
            in page.locator(".sl-verdict").inner_text()
        )
        kept = json.loads(page.evaluate("localStorage.getItem('sl-guess')"))["ch05.sweep"]
        assert (kept["value"], kept["low"], kept["high"], kept["choice"]) == (3, 2.5, 4, "compute")
        assert kept["truth"] == pytest.approx(explorer.guess.truth) and kept["time"].endswith("Z")
        page.reload()
        painted(page)
        assert body.is_visible() and "You guessed 3.0" in page.locator(".sl-verdict").inner_text()
        page.get_by_role("button", name="Change my guess").click()
        assert not body.is_visible() and value.input_value() == "3" and low.input_value() == "2.5"
        skip_guess(page)
        assert body.is_visible() and page.get_by_role("button", name="Guess after all").is_visible()


def middle(locator: Any) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, grip: Any, dx: float, dy: float, finger: bool = False) -> None:
    """Move a grip by so many pixels, with the mouse or with a finger."""
    x, y = middle(grip)
    if not finger:
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + dx, y + dy, steps=6)
        page.mouse.up()
        return
    session = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [(x, y)]),
        *(("touchMove", [(x + dx * k / 6, y + dy * k / 6)]) for k in range(1, 7)),
        ("touchEnd", []),
    ):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": a, "y": b} for a, b in points]})


@pytest.mark.parametrize("finger", [False, True])
def test_a_handle_is_dragged_by_mouse_and_by_finger(browser: Browser, tmp_path: Path, finger: bool) -> None:
    with Visit(browser, tmp_path / "page.html", document(units.handles()), has_touch=finger) as page:
        across, left, right = page.locator(".sl-grip").all()
        budget, up = page.get_by_label("Budget").first, page.get_by_label("Up").first
        scroll = page.evaluate("scrollY")
        start = middle(across)
        drag(page, across, 100, 40, finger)
        assert budget.get_attribute("aria-valuetext") == "316" and across.get_attribute("aria-valuetext") == "316"
        assert middle(across)[0] - start[0] == pytest.approx(99, abs=3) and middle(across)[1] == pytest.approx(start[1], abs=1)
        assert "C is 316" in page.locator(".sl-text").inner_text() and page.evaluate("scrollY") == scroll
        drag(page, across, -900, 0, finger)
        assert budget.get_attribute("aria-valuetext") == "1.00"
        high = middle(left)[1]
        drag(page, left, 0, -60, finger)
        risen = float(up.get_attribute("aria-valuetext") or "")
        assert risen > 0.2 and middle(left)[1] == pytest.approx(high - 60, abs=8)
        # Grabbing the other point chooses it, without a jump, and brings the first back.
        drag(page, right, 0, 20, finger)
        assert page.get_by_label("Right", exact=True).is_checked()
        assert float(up.get_attribute("aria-valuetext") or "") < 0.2 and middle(left)[1] == pytest.approx(high, abs=1)


def test_a_handle_has_keys_a_name_and_keeps_the_focus(browser: Browser, tmp_path: Path) -> None:
    with Visit(browser, tmp_path / "page.html", document(units.handles())) as page:
        grips = page.locator(".sl-grip")
        said = [{name: grip.get_attribute(name) for name in (
            "role", "aria-label", "aria-orientation", "aria-hidden", "tabindex", "aria-valuetext")} for grip in grips.all()]
        assert [item["aria-label"] for item in said] == ["Budget", "Left point", "Right point"]
        assert [(item["tabindex"], item["aria-hidden"]) for item in said] == [("0", "false"), ("0", "false"), ("-1", "true")]
        assert {item["role"] for item in said} == {"slider"} and said[0]["aria-orientation"] == "horizontal"
        box = grips.nth(0).bounding_box()
        assert box is not None and min(box["width"], box["height"]) >= 24  # wide enough for a finger
        grips.nth(1).focus()
        for key, expected in (
            ("ArrowUp", "0.25"), ("ArrowRight", "0.3"), ("ArrowDown", "0.25"), ("PageUp", "0.75"), ("End", "1"), ("Home", "0"),
        ):
            page.keyboard.press(key)
            text = grips.nth(1).get_attribute("aria-valuetext") or ""
            assert float(text) == pytest.approx(float(expected)), key
            assert page.get_by_label("Up").first.get_attribute("aria-valuetext") == text
            assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Left point"
        page.set_viewport_size({"width": 420, "height": 800})
        painted(page)
        dot = page.evaluate("""() => { const box = document.querySelectorAll("svg.sl-plot path.sl-solid")[0].getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2]; }""")
        assert middle(grips.nth(0)) == pytest.approx(dot, abs=2)  # the grip lies on its dot at every width


def test_a_guess_is_dragged_in_its_picture_and_shown_again(browser: Browser, tmp_path: Path) -> None:
    with Visit(browser, tmp_path / "page.html", document(units.handles(guess=True))) as page:
        value, low, high = (page.get_by_label(name, exact=True) for name in ("Height", "80 % sure it is at least", "and at most"))
        grips = {name: page.get_by_role("slider", name=name) for name in (
            "Your guess", "Lower end of your interval", "Upper end of your interval")}
        assert grips["Your guess"].get_attribute("aria-valuetext") == "not yet given" and value.input_value() == ""
        drag(page, grips["Your guess"], 0, -30)
        first = [float(field.input_value()) for field in (value, low, high)]
        assert 0.5 < first[0] < 0.8 and first[1] < first[0] < first[2]  # the bar came along
        drag(page, grips["Lower end of your interval"], 0, 30)
        assert float(low.input_value()) < first[1] and float(value.input_value()) == first[0]
        grips["Upper end of your interval"].focus()
        page.keyboard.press("ArrowUp")
        assert float(high.input_value()) == pytest.approx(first[2] + 1 / 200, abs=1e-3)
        value.fill("0.3")  # what is typed moves the mark
        low.fill("0.1")
        assert grips["Your guess"].get_attribute("aria-valuetext") == "0.30"
        assert page.locator(".sl-veiled").is_hidden()
        page.get_by_role("button", name="Commit").click()
        assert "You guessed 0.30" in page.locator(".sl-verdict").inner_text()
        assert "your guess" in page.locator(".sl-panels").inner_text()
        page.reload()
        painted(page)
        assert "your guess" in page.locator(".sl-panels").inner_text()
        page.get_by_role("button", name="Change my guess").click()
        assert grips["Your guess"].get_attribute("aria-valuetext") == "0.30"
        skip_guess(page)
        assert "your guess" in page.locator(".sl-panels").inner_text()


def test_storage_that_is_spoilt_or_forbidden_harms_nothing(
    browser: Browser, built: dict[str, Explorer], tmp_path: Path
) -> None:
    for spoil in (
        "localStorage.setItem('sl-guess', '{broken')",
        "localStorage.setItem('sl-guess', 'null')",
        'localStorage.setItem(\'sl-guess\', \'{"ch05.sweep": {"value": "x"}}\')',
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('forbidden'); } })",
    ):
        html = document(built["spend_your_sweep"]).replace("<main>", f"<script>{spoil}</script><main>")
        with Visit(browser, tmp_path / "page.html", html) as page:
            page.get_by_label("a quarter of the noise", exact=True).check(force=True)
            for label, entry in (("Factor with", "1.5"), ("at least", "1.2"), ("at most", "2")):
                page.get_by_label(label).fill(entry)
            page.get_by_role("button", name="Commit").click()
            assert (
                page.locator(".sl-veiled").is_visible()
                and "inside your interval" in page.locator(".sl-verdict").inner_text()
            )


@pytest.mark.parametrize("name", [*units.EXPLORERS])
def test_without_a_script_and_on_paper_the_first_view_stands(
    browser: Browser, built: dict[str, Explorer], tmp_path: Path, name: str
) -> None:
    with Visit(browser, tmp_path / "page.html", document(built[name]), java_script_enabled=False) as page:
        assert page.locator("svg.sl-plot").first.is_visible() and page.locator(".sl-text").last.is_visible()
        assert page.locator("svg.sl-plot").count() == page.locator("figure").count() > 0
    with Visit(browser, tmp_path / "page.html", document(built[name])) as page:
        page.emulate_media(media="print")
        painted(page)
        picture = page.locator(".sl-panels svg.sl-plot").first  # a question may have one of its own, which is not printed
        assert picture.is_visible() and not page.locator("form").is_visible()
        assert (picture.bounding_box() or {})["width"] > 200


MOVE = """async () => {
  const sliders = document.querySelectorAll("input[type=range]");
  const slider = sliders[(window.moved = (window.moved ?? -1) + 1) % sliders.length], channel = new MessageChannel();
  await new Promise((done) => requestAnimationFrame(() => {
    slider.value = (+slider.value + 7) % (+slider.max + 1);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  }));
}"""


@pytest.mark.alone
@pytest.mark.parametrize("name", SLID)
def test_a_move_is_painted_within_a_frame(browser: Browser, built: dict[str, Explorer], tmp_path: Path, name: str) -> None:
    """From the input event to the painted frame: script, style, layout and paint, in time of the page's own thread.

    Other work on the machine makes that thread slower, so the quietest of three series counts; `benchmarks` measures by the
    clock.
    """
    with Visit(browser, tmp_path / "page.html", document(built[name])) as page:
        skip_guess(page)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})

        def spent() -> float:
            return next(m["value"] for m in session.send("Performance.getMetrics")["metrics"] if m["name"] == "ThreadTime")

        found = []
        while len(found) < 3 and not (found and found[-1] <= 16):
            times = []
            for k in range(80):
                before = spent()
                page.evaluate(MOVE)
                if k >= 20:
                    times.append(1000 * (spent() - before))
            found.append(float(np.quantile(times, 0.95)))
    assert 0 < min(found) <= 16, found


# -- the live form

KERNEL = """(state) => {
  const listeners = {}, el = document.createElement("div");
  document.querySelector("main").append(el);
  window.sent = [];
  window.kernel = {
    get: (key) => state[key], set(key, value) { state[key] = value; }, save_changes() { sent.push(state._request); },
    on(event, call) { (listeners[event] ||= []).push(call); },
    off(event, call) { listeners[event] = listeners[event].filter((other) => other !== call); },
    tell(changes) {
      Object.assign(state, changes);
      for (const key in changes) for (const call of listeners["change:" + key] || []) call();
    },
  };
  window.leave = scalingExplorer.render({ model: kernel, el });
}"""


def test_the_live_form_asks_once_at_a_time_and_shows_errors(browser: Browser, tmp_path: Path) -> None:
    explorer = hand_fit()
    first, better = live_data(explorer.view), live_data(hand_fit(E=1.8).view)
    with Visit(browser, tmp_path / "page.html", document()) as page:
        page.evaluate(
            KERNEL,
            {"_spec": explorer._spec(), "_settings": explorer.settings, "_view": first, "_error": "", "_answer": 0},
        )
        text = page.locator(".sl-text")
        start = text.inner_text()
        slider = page.get_by_label("E, the floor")
        slider.focus()
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        sent = page.evaluate("sent")
        assert [request["number"] for request in sent] == [1] and sent[0]["settings"]["E"] == pytest.approx(1.502)
        page.evaluate("(view) => kernel.tell({ _view: view, _answer: 1 })", better)
        assert text.inner_text() != start
        sent = page.evaluate("sent")
        assert [request["number"] for request in sent] == [1, 2] and sent[1]["settings"]["E"] == pytest.approx(1.51)
        page.evaluate("kernel.tell({ _error: 'This setting could not be computed: too <b>hot</b>', _answer: 2 })")
        assert page.get_by_role("alert").inner_text() == "This setting could not be computed: too <b>hot</b>"
        page.evaluate("(view) => kernel.tell({ _view: view, _error: '', _answer: 3 })", first)
        assert text.inner_text() == start and page.get_by_role("alert").count() == 0
        page.evaluate("(settings) => kernel.tell({ _settings: settings })", {**explorer.settings, "E": 2.0})
        assert slider.get_attribute("aria-valuetext") == "2.000 nats" and slider.input_value() == "500"
        assert len(page.evaluate("sent")) == 2
        page.evaluate("leave()")
