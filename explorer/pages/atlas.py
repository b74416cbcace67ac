"""The Atlas page: what the model does over any two of its quantities, live."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import partial
from html import escape
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
from bokeh.events import Tap

from models.analysis.atlas import Map

from .. import varied
from ..background import LONG, Watch
from ..mapping import LEAST, MEASURES, Frame, Request, framed, maps, measures_of, opening_frame
from ..picture import Picture
from ..state import Explorer, Settings
from ..theme import sheet
from ..varied import CURRENT
from ..views.atlas import Atlas, at, is_words, shares
from ..views.status import heading
from .notice import Notice
from .tile import Tile

SHORTEST, LONGEST = 300.0, 1000.0
"""ms; each run of a map lasts as long as the run on the screen, within these."""


_PLAIN = {
    "& .MuiInputAdornment-root": {"display": "none"},
    "& .MuiInputBase-input": {"padding": "6px 10px"},
}
"""Fields for numbers without buttons at their sides; arrow keys step them."""
_STEPS = 20
"""Steps of an arrow key over a range."""


class AtlasPage:
    """Two selects for the axes, one for the measure, and the map."""

    side = None

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self._shown = self._told = False
        self._model = ""
        self._fitted: Hashable = None
        self._found: tuple[Map, Request, Settings] | None = None
        self.view = Atlas()
        self.view.figure.on_event(Tap, self._go)
        style = {"size": "small", "variant": "outlined", "margin": 0}
        names = _options(explorer.settings)
        self.x = pmui.Select(label="Horizontal axis", options=names, width=218, **style)
        self.y = pmui.Select(label="Vertical axis", options=names, width=218, **style)
        self.measure = pmui.Select(
            label="Show",
            options=_shown(explorer.settings),
            width=210,
            **style,
        )
        self.ends = {
            name: pmui.FloatInput(label=label, width=70, format="0.[000000]", sx=_PLAIN, **style)
            for name, label in (
                ("x_low", "x from"),
                ("x_high", "x to"),
                ("y_low", "y from"),
                ("y_high", "y to"),
            )
        }
        for select in (self.x, self.y):
            select.param.watch(self._choose_axis, "value")
        self.measure.param.watch(self._ask, "value")
        for end in self.ends.values():
            end.param.watch(self._ask, "value")
        self.status = pn.pane.HTML(
            "", margin=0, sizing_mode="stretch_width", stylesheets=[sheet("words")]
        )
        self.legend = pn.pane.HTML(
            "", margin=0, sizing_mode="stretch_width", stylesheets=[sheet("words")],
            css_classes=["swatches"],
        )  # fmt: skip
        self.tile = Tile("", [(self.view.figure, 520)], LONG, self._draw, "map")
        self.layout = pn.Column(
            self.status,
            Notice(explorer).layout,
            pn.Row(
                self.measure,
                pn.Row(
                    self.x, self.ends["x_low"], self.ends["x_high"], css_classes=["axis"], margin=0
                ),
                pn.Row(
                    self.y, self.ends["y_low"], self.ends["y_high"], css_classes=["axis"], margin=0
                ),
                css_classes=["choices"],
                stylesheets=[sheet("atlas")],
                margin=0,
            ),
            self.tile.layout,
            self.legend,
            css_classes=["atlas"],
            stylesheets=[sheet("atlas")],
            sizing_mode="stretch_width",
            margin=0,
        )  # fmt: skip
        explorer.param.watch(self._follow, "run")

    def show(self) -> None:
        """Come to the front, and catch up with what happened behind."""
        self._shown = True
        self._follow()

    def hide(self) -> None:
        """Go behind: nothing is computed any more."""
        self._shown = False
        self.tile.pause()

    # --- from the explorer to the map ------------------------------------------------------------

    def _follow(self, *_events: Any) -> None:
        if not self._shown:
            return
        settings = self._explorer.settings
        if settings.model != self._model:
            self._offer(settings)
        self._ask()

    def _offer(self, settings: Settings) -> None:
        """Offer another model's quantities: those of the link, or the usual ones to begin with."""
        self._model = settings.model
        frame = self._explorer.beside.get("atlas") or opening_frame(settings)
        self._told = True
        for select, name in ((self.x, frame.x), (self.y, frame.y)):
            select.param.update(options=_options(settings), value=name)
        self.measure.param.update(options=_shown(settings), value=frame.show)
        self._told = False
        self._spread("x", frame)
        self._spread("y", frame)

    def _spread(self, axis: str, frame: Frame) -> None:
        """Give an axis its range."""
        low, high = (float(getattr(frame, f"{axis}_{end}")) for end in ("from", "to"))
        self._told = True
        for end, value in (("low", low), ("high", high)):
            shown = int(value) if value == int(value) else value
            self.ends[f"{axis}_{end}"].param.update(value=shown, step=(high - low) / _STEPS)
        self._told = False

    def _ask(self, *_events: Any) -> None:
        if self._told or not self._shown:
            return
        if any(end.value is None for end in self.ends.values()):
            self.tile.leave("Give both ends of both axes.")
            return
        settings = self._explorer.settings
        self._explorer.beside = {**self._explorer.beside, "atlas": self._frame()}
        self.view.mark(*(varied.present(settings, self._axis(axis).value) for axis in "xy"))
        request = self._request(settings)
        moving = (request.x[0], request.y[0])
        fixed = tuple(item for item in settings.parameters.items() if item[0] not in moving)
        key = ("atlas", settings.model, fixed, request)
        self._say()
        subject = (settings.model, request.measure, *moving)
        self.tile.follow(partial(found, settings, request), key, subject=subject)

    def _frame(self) -> Frame:
        """What the controls ask for."""
        ends = {name: float(end.value) for name, end in self.ends.items()}
        return Frame(
            str(self.x.value), ends["x_low"], ends["x_high"],
            str(self.y.value), ends["y_low"], ends["y_high"], str(self.measure.value),
        )  # fmt: skip

    def _request(self, settings: Settings) -> Request:
        frame = self._frame()
        axes = [(frame.x, frame.x_from, frame.x_to), (frame.y, frame.y_from, frame.y_to)]
        current = varied.present(settings, CURRENT)
        duration = float(np.clip(settings.duration, SHORTEST, LONGEST))
        if CURRENT in (axes[0][0], axes[1][0]):
            current = 0.0
        return Request(axes[0], axes[1], frame.show, current, duration)

    def _axis(self, axis: str) -> Any:
        return self.x if axis == "x" else self.y

    # --- from the map to the screen --------------------------------------------------------------

    def _draw(self, result: tuple[Map, Request, Settings]) -> str:
        made, request, settings = self._found = result
        quantities = varied.varied_of(settings.model_class)
        title, unit = MEASURES[request.measure]
        fitted = (settings.model, settings.preset, request.x, request.y, request.measure)
        if fitted != self._fitted:
            self._fitted = fitted
            self.view.fit(
                made, quantities[request.x[0]], quantities[request.y[0]],
                f"{title} ({unit})" if unit else title, LEAST.get(request.measure, 0.0),
            )  # fmt: skip
        self.view.update(made)
        self.legend.object = _swatches(made) if is_words(made) else ""
        self._say()
        return ""  # the line above the map says it

    def _say(self) -> None:
        """Say in words which cell it is and what stands under the cross-hair."""
        now = self._explorer
        if now.run is None:
            return
        name = heading(Picture(now.run, now.simulated()), now.modified())
        words = escape(self._words())
        self.status.object = (
            f'<p role="status" aria-live="polite"><b>{escape(name)}</b>'
            f"{' · ' if words else ''}{words}</p>"
        )

    def _words(self) -> str:
        """What stands under the cross-hair; nothing while there is no map of this model."""
        settings = self._explorer.settings
        if self._found is None or self._found[2].model != settings.model:
            return ""
        made, request, _ = self._found
        quantities = varied.varied_of(settings.model_class)
        place = [varied.present(settings, name) for name in (request.x[0], request.y[0])]
        here = ", ".join(
            quantities[name].value(value)
            for name, value in zip((request.x[0], request.y[0]), place, strict=True)
        )
        title, unit = MEASURES[request.measure]
        value = at(made, *place)
        if value is None:
            return f"The present values, {here}, lie outside this map."
        shown = str(value) if is_words(made) else f"{value:.4g} {unit}".rstrip()
        if shown in ("", "nan") or shown.startswith("nan"):
            shown = "no value"
        return f"{title} at {here}: {shown}."

    # --- from the hand to the explorer -----------------------------------------------------------

    def _choose_axis(self, event: Any) -> None:
        if self._told or not event.new:
            return
        changed, other = ("x", "y") if event.obj is self.x else ("y", "x")
        if self._axis(other).value == event.new:  # choosing the other one swaps them
            self._told = True
            self._axis(other).value = event.old
            self._told = False
            self._respread(other)
        self._respread(changed)
        self._ask()

    def _respread(self, axis: str) -> None:
        """Give an axis the usual range of its quantity."""
        name = str(self._axis(axis).value)
        self._spread(axis, framed(self._frame(), self._explorer.settings, axis, name))

    def _go(self, event: Tap) -> None:
        if self._found is None or self._found[2].model != self._explorer.settings.model:
            return  # there is no map of this model yet
        _, request, _ = self._found
        for (name, low, high), value in ((request.x, event.x), (request.y, event.y)):
            varied.go_to(self._explorer, name, varied.rounded(float(value), low, high))


def found(
    settings: Settings, request: Request, watch: Watch
) -> Iterator[tuple[Map, Request, Settings]]:
    """The maps of some settings, with what they are maps of."""
    for made in maps(settings.cell(), request, watch):
        yield made, request, settings


def _options(settings: Settings) -> dict[str, str]:
    quantities = varied.varied_of(settings.model_class)
    return {quantity.title: name for name, quantity in quantities.items()}


def _shown(settings: Settings) -> dict[str, str]:
    """What a map of these settings can show, by its title."""
    return {title: name for name, title in measures_of(settings.model_class).items()}


def _swatches(made: Map) -> str:
    """Each kind on the map with its colour and its share."""
    return "".join(
        f'<span class="kind"><i style="background:{colour}"></i>{escape(kind)}'
        f" <small>{100 * share:.0f} %</small></span>"
        for kind, colour, share in shares(made)
    )
