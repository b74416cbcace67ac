"""What stands over the phase plane: its axes, what the other states are held at, kept runs."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui

from ..notation import to_text
from ..picture import Picture
from ..state import Explorer
from ..upstream import AT_ONCE
from ..views.plane_layers import LAYERS, offered

_HELD = {"steady": "steady", "cursor": "cursor"}
_ROW = {"gap": "6px", "align-items": "center", "flex-wrap": "wrap", "width": "100%"}
_CAPTION_ROW = {"gap": "6px", "align-items": "flex-start", "width": "100%"}
_THUMB = {"@media (pointer: coarse)": {"minHeight": "40px", "paddingInline": "10px"}}
_BUTTON = {"textTransform": "none", "minWidth": 0, "padding": "2px 6px", **_THUMB}
_LAYERS = {
    "flexWrap": "wrap",
    "& .MuiToggleButton-root": {
        "textTransform": "none",
        "padding": "2px 6px",
        "width": "auto",
        "color": "var(--rheo-ink)",
        "borderColor": "var(--rheo-line)",
        **_THUMB,
    },
    # Named twice, because the component library has a rule of its own under the plain name.
    "& .MuiToggleButton-root.MuiToggleButton-root.Mui-selected": {
        "color": "var(--rheo-ground)",
        "backgroundColor": "var(--rheo-ink)",
    },
}
_CAPTION = {
    "font-size": "12.5px",
    "line-height": "1.35",
    "color": "var(--rheo-muted)",
    "min-height": "2.7em",  # what layers add to it pushes no plot about
    "flex": "1 1 0",
}


def caption(picture: Picture) -> str:
    """Which moment the nullclines stand for, and what the states off the axes are held at."""
    settings, model = picture.settings, picture.model
    unit = model.current.unit
    moment = f"t = {picture.run.time[picture.moment]:.4g} ms"
    words = f"Nullclines for I = {picture.injected:.4g} {unit}".rstrip() + f" ({moment})"
    if not settings.y:
        return words.replace("Nullclines for", "Solid: with") + "; dashed: without current"
    others = [state for state in model.states if state.name not in (settings.x, settings.y)]
    if not others:
        return words
    if settings.held == "steady":
        symbols = ", ".join(to_text(state.symbol) for state in others)
        where = "at its steady value" if len(others) == 1 else "at their steady values"
        return f"{words}; {symbols} {where}"
    values = ", ".join(f"{to_text(s.symbol)} = {picture.state[s.name]:.3g}" for s in others)
    return f"{words}; held at the cursor: {values}"


class PlaneBar:
    """Selects for the axes of the phase plane, and its caption.

    Parameters
    ----------
    fit : called to put the axes where the run is well seen.
    """

    def __init__(self, explorer: Explorer, fit: Callable[[], None]) -> None:
        self._explorer = explorer
        self._told = False
        style = {"size": "small", "variant": "outlined", "margin": 0}
        self.x = pmui.Select(label="Horizontal axis", width=106, **style)
        self.y = pmui.Select(label="Vertical axis", width=94, **style)
        self.held = pmui.Select(label="Others held at", options=_HELD, width=110, **style)
        button = {"size": "small", "variant": "text", "margin": 0, "sx": _BUTTON}
        self.keep = pmui.Button(label="Keep run", **button)
        self.forget = pmui.Button(label="Clear kept", visible=False, **button)
        self.fit = pmui.Button(label="Fit axes", **button)
        self.layers = pmui.CheckButtonGroup(
            options={},
            size="small",
            margin=0,
            color="default",
            sx=_LAYERS,
            styles={"max-width": "100%"},
        )
        self.layers.param.watch(self._lay, "value")
        self.caption = pn.pane.HTML("", margin=0, styles=_CAPTION, stylesheets=[AT_ONCE])
        self.fit.on_click(lambda _event: fit())
        self.keep.on_click(lambda _event: explorer.keep())
        self.forget.on_click(lambda _event: explorer.forget())
        for select, ask in ((self.x, self._ask_x), (self.y, self._ask_y), (self.held, self._hold)):
            select.param.watch(ask, "value")
        self.layout = pn.Column(
            pn.Row(self.x, self.y, self.held, margin=0, styles=_ROW),
            pn.Row(self.layers, self.keep, self.fit, margin=0, styles=_ROW),
            pn.Row(self.caption, self.forget, margin=0, styles=_CAPTION_ROW),
            css_classes=["planebar"],
            sizing_mode="stretch_width",
            margin=0,
        )

    def update(self, picture: Picture, seen: str = "") -> None:
        """Show the axes and the caption of a redraw; `seen` says what its layers show."""
        settings = picture.settings
        names = {to_text(state.symbol): state.name for state in picture.model.states}
        self._told = True
        try:
            for select, value in ((self.x, settings.x), (self.y, settings.y)):
                if select.options != names:
                    select.param.update(options=names, value=value or None)
                elif select.value != value:
                    select.value = value
            self.held.value = settings.held
            layers = {LAYERS[name]: name for name in offered(picture.model)} if settings.y else {}
            if self.layers.options != layers:
                self.layers.options = layers
            self.layers.value = [name for name in self._explorer.layers if name in layers.values()]
            self.layers.visible = bool(layers)
        finally:
            self._told = False
        several = len(names) > 2
        self.forget.visible = bool(picture.kept or self._explorer.seeds)
        self.x.visible = self.y.visible = self.held.visible = several
        words = caption(picture)
        self.caption.object = escape(f"{words}; {seen}" if seen else words)

    def _ask_x(self, event: Any) -> None:
        now = self._explorer.settings
        # A menu without a value picks one by itself: a model with one state has no second axis.
        if not self._told and event.new and now.y:
            self._explorer.set_axes(event.new, now.y if event.new != now.y else now.x)

    def _ask_y(self, event: Any) -> None:
        now = self._explorer.settings
        if not self._told and event.new and now.y:
            self._explorer.set_axes(now.x if event.new != now.x else now.y, event.new)

    def _lay(self, event: Any) -> None:
        if not self._told:
            self._explorer.layers = list(event.new)

    def _hold(self, event: Any) -> None:
        if not self._told:
            self._explorer.hold_others(event.new)
