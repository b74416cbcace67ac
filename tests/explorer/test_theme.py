"""The style sheets: legible words, typefaces on board, nothing fetched from elsewhere."""

from __future__ import annotations

import re

import pytest

from explorer import theme
from explorer.palette import ACCENTS

from .test_palette import contrast


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_words_are_legible_on_both_grounds(mode):
    """WCAG 2.2: 4.5 for text (1.4.3), 3 for the mark of the focus (1.4.11)."""
    for ground in (theme.GROUND, theme.PAPER):
        assert contrast(theme.INK[mode], ground[mode]) >= 7.0
        assert contrast(theme.MUTED[mode], ground[mode]) >= 4.5
        assert contrast(theme.FOCUS[mode], ground[mode]) >= 3.0


@pytest.mark.parametrize("accent", ACCENTS)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_coloured_words_are_legible_on_both_grounds(mode, accent):
    """Mixed here as CSS Color 5 mixes: `color-mix(in srgb, accent share, ink)`."""
    assert f"{accent} {theme.ACCENT_SHARE:.0%}" in theme.legible(accent)
    ends = ([int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (accent, theme.INK[mode]))
    share = theme.ACCENT_SHARE
    mixed = [round(share * one + (1 - share) * ink) for one, ink in zip(*ends, strict=True)]
    letters = "#" + "".join(f"{part:02X}" for part in mixed)
    assert contrast(letters, theme.GROUND[mode]) >= 4.5


def test_the_component_library_gets_these_colours():
    for mode, config in theme.theme_config().items():
        assert config["palette"]["background"]["default"] == theme.GROUND[mode]
        assert config["palette"]["text"]["primary"] == theme.INK[mode]
        assert config["palette"]["primary"]["main"] == theme.FOCUS[mode]


def test_typefaces_travel_inside_the_style_sheet():
    faces = re.findall(r"@font-face\{.*?\}", theme.page_css())
    assert len(faces) == 6
    assert all("url(data:font/woff2;base64," in face for face in faces)


@pytest.mark.parametrize(
    "file", sorted((theme.assets() / "css").glob("*.css")), ids=lambda f: f.name
)
def test_no_style_sheet_names_another_host(file):
    assert not re.search(r"https?:|@import|//", theme.sheet(file.stem).replace("/*", "").lower())


def test_fonts_come_with_their_licence():
    licence = (theme.assets() / "fonts" / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE" in licence
