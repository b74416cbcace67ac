"""Typeface, colours and measures of the page, light and dark, in one place."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Any

INK = {"light": "#14181F", "dark": "#E8EBEF"}
MUTED = {"light": "#5A6472", "dark": "#9AA4B2"}
GROUND = {"light": "#FFFFFF", "dark": "#101318"}
PAPER = {"light": "#FFFFFF", "dark": "#101318"}
LINE = {"light": "#D8DDE4", "dark": "#2C333D"}
FOCUS = {"light": "#1F6FB5", "dark": "#5BA8EC"}
ACCENT_SHARE = 0.75
"""Of an accent in coloured words; the rest is ink."""

_FOCUSED = {
    "&.Mui-focusVisible": {"outline": "2px solid var(--rheo-focus)", "outlineOffset": "-2px"},
    "& .MuiTouchRipple-ripplePulsate": {"display": "none"},
}
"""What the keyboard has reached is outlined as on the sheets of controls; nothing pulses."""

PHONE = 600
"""px; the controls of a narrower window stand below the picture, not beside it."""
_DRAWER = "46dvh"

FRAME = {
    "& .MuiAppBar-root": {
        "backgroundColor": "var(--rheo-ground)",
        "backgroundImage": "none",
        "color": "var(--rheo-ink)",
        "boxShadow": "none",
        "borderBottom": "1px solid var(--rheo-line)",
    },
    "& .MuiAppBar-root .MuiToolbar-root": {"minHeight": "52px", "gap": "8px"},
    "& main > div > .MuiToolbar-root, & .MuiDrawer-paper > .MuiToolbar-root": {
        "minHeight": "53px",
        "margin": "0 0 4px",
    },
    "& .MuiAppBar-root .MuiTypography-root": {"color": "var(--rheo-ink)"},
    "& .MuiDrawer-paper": {"borderColor": "var(--rheo-line)"},
    # Room behind the header, which the component library makes of headings without words.
    "& .MuiToolbar-root > h5": {"visibility": "hidden"},
    f"@media (max-width: {PHONE - 0.05}px)": {
        "&& main": {"marginLeft": 0, "width": "100%", "height": "100dvh"},
        "&&:has([aria-label='Close drawer']) main": {"height": f"calc(100dvh - {_DRAWER})"},
        "&& .MuiDrawer-paper": {
            "position": "fixed",
            "inset": "auto 0 0",
            "width": "100%",
            "height": _DRAWER,
            "borderRight": 0,
            "borderTop": "1px solid var(--rheo-line)",
        },
        "&& .MuiDrawer-paper > .MuiToolbar-root": {"display": "none"},
    },
}
"""The frame around the page: no coloured bars, hairlines instead of shadows, and behind the fixed
header just the room that it takes. On a phone the controls are a drawer in the lower half, with no
veil over the rest: the picture above it moves, and can be scrolled, while a slider is dragged."""


def assets() -> Path:
    """The folder of css and fonts: beside this package in a checkout, inside it in a wheel."""
    here = Path(__file__).resolve().parent
    inside = here / "assets"
    return inside if inside.is_dir() else here.parent / "assets"


def theme_config() -> dict[str, Any]:
    """The settings of the page's component library."""

    def palette(mode: str) -> dict[str, Any]:
        return {
            "primary": {"main": FOCUS[mode]},
            "background": {"default": GROUND[mode], "paper": PAPER[mode]},
            "text": {"primary": INK[mode], "secondary": MUTED[mode]},
            "divider": LINE[mode],
        }

    def config(mode: str) -> dict[str, Any]:
        return {
            "chart_style": "classic",
            "palette": palette(mode),
            "typography": {"fontFamily": "Inter, system-ui, sans-serif", "fontSize": 13},
            "shape": {"borderRadius": 6},
            "components": {"MuiButtonBase": {"styleOverrides": {"root": _FOCUSED}}},
        }

    return {"light": config("light"), "dark": config("dark")}


@cache
def page_css() -> str:
    """The style sheet of the page, with the typefaces inlined so that nothing else is asked for."""
    latin = "U+0000-00FF,U+0131,U+2000-206F,U+2212"
    faces = (
        _face("Inter", "inter-latin-wght-normal", "normal", f"{latin},U+20AC,U+2122"),
        _face("Inter", "inter-latin-wght-italic", "italic", latin),
        _face("Inter", "inter-greek-wght-normal", "normal", "U+0370-03FF"),
        _face("Equations", "katex-main-regular", "normal"),
        _face("'Equations italic'", "katex-math-italic", "italic"),
        _face("'Equations tall'", "katex-size1-regular", "normal"),
    )
    return "".join(faces) + _sheet("page")


def legible(accent: str) -> str:
    """An accent for words and symbols, as CSS: the same hue, moved towards the ink of the theme.

    Curves need a contrast of 3:1, as the palette has on both grounds, letters 4.5:1.
    """
    return f"color-mix(in srgb, {accent} {ACCENT_SHARE:.0%}, var(--rheo-ink))"


def sheet(name: str) -> str:
    """A style sheet of `assets/css`."""
    return _sheet(name)


@cache
def _sheet(name: str) -> str:
    return (assets() / "css" / f"{name}.css").read_text(encoding="utf-8")


def _face(family: str, file: str, style: str, unicode_range: str = "U+0-10FFFF") -> str:
    data = b64encode((assets() / "fonts" / f"{file}.woff2").read_bytes()).decode()
    weight = "100 900" if family == "Inter" else "400"
    return (
        f"@font-face{{font-family:{family};font-style:{style};font-weight:{weight};"
        f"font-display:swap;src:url(data:font/woff2;base64,{data}) format('woff2');"
        f"unicode-range:{unicode_range}}}"
    )
