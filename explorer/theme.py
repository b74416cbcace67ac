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


FRAME = {
    "& .MuiAppBar-root": {
        "backgroundColor": "var(--rheo-ground)",
        "color": "var(--rheo-ink)",
        "boxShadow": "none",
        "borderBottom": "1px solid var(--rheo-line)",
    },
    "& .MuiAppBar-root .MuiToolbar-root": {"minHeight": "52px", "gap": "8px"},
    "& .MuiAppBar-root .MuiTypography-root": {"color": "var(--rheo-ink)"},
    "& .MuiDrawer-paper": {"borderColor": "var(--rheo-line)"},
}
"""The frame around the page: no coloured bars, hairlines instead of shadows."""


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
        }

    return {"light": config("light"), "dark": config("dark")}


@cache
def page_css() -> str:
    """The style sheet of the page, with the typeface inlined so that nothing else is asked for."""
    faces = "".join(
        _face(file, unicode_range, style)
        for file, unicode_range, style in (
            ("inter-latin-wght-normal.woff2", "U+0000-00FF,U+0131,U+2000-206F,U+20AC,U+2122,U+2212",
             "normal"),
            ("inter-latin-wght-italic.woff2", "U+0000-00FF,U+0131,U+2000-206F,U+2212", "italic"),
            ("inter-greek-wght-normal.woff2", "U+0370-03FF", "normal"),
        )
    )  # fmt: skip
    return faces + _sheet("page")


def sheet(name: str) -> str:
    """A style sheet of `assets/css`."""
    return _sheet(name)


@cache
def _sheet(name: str) -> str:
    return (assets() / "css" / f"{name}.css").read_text(encoding="utf-8")


def _face(file: str, unicode_range: str, style: str) -> str:
    data = b64encode((assets() / "fonts" / file).read_bytes()).decode()
    return (
        f"@font-face{{font-family:Inter;font-style:{style};font-weight:100 900;font-display:swap;"
        f"src:url(data:font/woff2;base64,{data}) format('woff2');unicode-range:{unicode_range}}}"
    )
