"""The contrast of the tokens, computed: WCAG 2.2 AA asks 4.5 of text and 3 of whatever else must be seen."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[1] / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text()
INKS = dict(re.findall(r"\.ink-(\w+) \{ fill: (#\w{6}); \}", (CSS / "drawn.css").read_text()))
TEXT, SEEN = 4.5, 3.0
GROUNDS = ("paper", "surface", "surface-2")
TONES = ("ok", "wait", "stop", "move", "idle")
# Every pair a page uses: what is written or drawn, on what.
PAIRS = [
    *((text, ground, TEXT) for text in ("ink", "ink-2", "brand", "brand-2") for ground in GROUNDS),
    *((tone, f"{tone}-bg", TEXT) for tone in TONES),
    *((tone, "surface", TEXT) for tone in TONES),
    *(("ink", f"{tone}-bg", TEXT) for tone in TONES),
    ("brand", "stop-bg", TEXT),
    ("brand", "wait-bg", TEXT),
    ("on-brand", "brand", TEXT),
    ("on-brand", "brand-2", TEXT),
    ("on-stop", "stop", TEXT),
    ("paper", "ink", TEXT),
    *(("edge", ground, SEEN) for ground in GROUNDS),
    *(("tank-edge", ground, SEEN) for ground in ("paper", "surface")),
    *(("edge", tint, SEEN) for tint in ("stop-bg", "wait-bg")),
    ("tank-level", "tank", TEXT),
    ("tank-edge", "tank", SEEN),
]


def linear(channel: float) -> float:
    channel /= 255
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9A-Fa-f]{6});", css))


DAY_CSS, _, NIGHT_CSS = TOKENS.partition("@media (prefers-color-scheme: dark)")
DAY = colours(DAY_CSS)
THEMES = {"day": DAY, "night": DAY | colours(NIGHT_CSS)}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("drawn", "ground", "least"), PAIRS)
def test_what_is_drawn_can_be_seen(theme: str, drawn: str, ground: str, least: float) -> None:
    assert ratio(THEMES[theme][drawn], THEMES[theme][ground]) >= least


def test_the_formula_is_that_of_wcag() -> None:
    assert ratio("#000000", "#FFFFFF") == pytest.approx(21)
    assert ratio("#777777", "#FFFFFF") == pytest.approx(4.478, abs=0.001)


def test_night_has_every_colour_of_day_but_the_tanks() -> None:
    assert DAY.keys() - colours(NIGHT_CSS).keys() == {"tank", "tank-edge", "tank-level"}


def test_no_colour_stands_outside_the_tokens_but_inks() -> None:
    lines = [line for name in ("components", "drawn") for line in (CSS / f"{name}.css").read_text().splitlines()]
    strays = [line for line in lines if re.search(r"#[0-9A-Fa-f]{3,6}\b", line)]
    assert len(strays) == len(INKS) == 11
