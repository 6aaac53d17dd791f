"""Numbers as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_lib import prose

UNITS = {"T": 1e12, "B": 1e9, "M": 1e6, "k": 1e3}


@pytest.mark.parametrize(("value", "text"), [
    (70e9, "70B"), (1.4e12, "1.4T"), (999.96e6, "1B"), (123.4e6, "123M"), (215e12, "215T"), (5250e12, "5250T"), (0, "0"), (42, "42"), (1234, "1.23k")])
def test_short(value, text):
    assert prose.short(value) == text


@given(st.floats(1.0, 1e16))
def test_short_is_within_its_digits(value):
    text = prose.short(value)
    size = UNITS.get(text[-1], 1.0)
    number = float(text.rstrip("kMBT")) * size
    assert number == pytest.approx(value, rel=5.001e-3)


@pytest.mark.parametrize(("value", "digits", "text"), [
    (5.76e23, 3, r"$5.76 \times 10^{23}$"), (1e21, 1, "$10^{21}$"), (9.999e22, 2, "$10^{23}$"), (2.5e-4, 2, r"$2.5 \times 10^{-4}$")])
def test_power(value, digits, text):
    assert prose.power(value, digits).data == text


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -1.0, None, "7", [1, 2]])
def test_bad_numbers_are_refused(bad):
    with pytest.raises(ValueError, match="value"):
        prose.power(bad)
    with pytest.raises(ValueError, match="value"):
        prose.short(bad)


def test_a_sentence_never_says_nan():
    with pytest.raises(ValueError, match="ratio"):
        prose.say(ratio=float("nan"))


def test_table_keeps_our_own_html_and_refuses_nothing_to_show():
    assert "<i>a</i>" in prose.table([{"<i>a</i>": 1}]).data
    with pytest.raises(ValueError, match="rows"):
        prose.table([])


def test_table_carries_its_caption_inside():
    html = prose.table([{"model": "Gopher"}], "Two <i>models</i>.").data
    assert html.index("<table") < html.index("Two <i>models</i>.</caption>") < html.index("<thead>")
    assert "<caption" not in prose.table([{"model": "Gopher"}]).data


def test_interval_takes_pairs_and_things_with_ends():
    from scaling_lib import published

    assert "0.454–0.455" in prose.interval(published.HOFFMANN_2022_A_PARAMETRIC, ".3f")
    assert "599B–2.55T" in prose.interval((599e9, 2.55e12), prose.short)


@pytest.mark.parametrize("bad", [(1.0,), (1.0, 2.0, 3.0), (1.0, float("nan")), ("a", 2.0)])
def test_an_interval_has_two_finite_ends(bad):
    with pytest.raises(ValueError, match="ends|low|high"):
        prose.interval(bad)
