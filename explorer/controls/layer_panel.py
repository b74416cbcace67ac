"""The controls of a layer: its shape, what varies, who competes, what drives it, how it is run."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

from panel.viewable import Viewable, Viewer

from models import NeuronModel
from models.competition import INHIBITIONS
from models.integrators import schemes

from ..layer_state import NOTHING, LayerDesk, LayerSettings, difference, layer_methods
from ..method_titles import method_heading, method_title
from ..notation import to_html
from .sheet import Action, Group, Option, Row, Sheet, quantity_row, track

_ALIKE = "nothing"
_MOST_SEED = 2**31 - 1
_WHOLE_LABELS = """
.choice { grid-template-columns: max-content minmax(0, 1fr) !important; }
.choice[data-name=vary], .choice[data-name=method] {
  grid-template-columns: minmax(0, 1fr) !important; row-gap: 4px;
}
"""
"""The sheet is narrow: menus leave their labels the room that these need, or stand below them."""
_RANGE = ("low", "high", "per")
_GROUPS = {
    "Layer": ("features", "rows", "columns"),
    "Differences": ("vary", *_RANGE),
    "Competition": ("winners", "inhibition"),
    "Input": ("strength", "spread", "noise"),
    "Recurrence": ("gain",),
    "Layer run": ("duration", "dt", "method", "seed"),
}


class LayerPanel(Viewer):
    """Controls of the settings of a `LayerDesk`.

    Parameters
    ----------
    desk : where the settings are kept.
    on_chaos : called when the units shall be set up for the transition from order to chaos.
    """

    def __init__(self, desk: LayerDesk, on_chaos: Any = lambda: None, **settings: Any) -> None:
        super().__init__()
        self._desk = desk
        self._on_chaos = on_chaos
        self.sheet = Sheet(
            self._move, self._press, desk.complain, stylesheets=[_WHOLE_LABELS], **settings
        )
        self._follow()
        desk.param.watch(lambda event: self._follow(), "asked")
        desk.param.watch(lambda event: self.sheet.update(notes=dict(event.new)), "complaints")
        desk.param.watch(lambda event: self.sheet.answer(), "answered")

    def __panel__(self) -> Viewable:
        return self.sheet

    def _follow(self) -> None:
        """Show the settings."""
        basis, settings = self._desk.basis, self._desk.settings
        hidden = set() if settings.vary else set(_RANGE)
        if not settings.winners:
            hidden.add("inhibition")
        if settings.method not in schemes:
            hidden.add("noise")  # a published layer has none
        self.sheet.arrange(
            groups_of(basis.model_class, settings.vary),
            values=_values(settings, basis.model_class),
            defaults=_values(self._desk.origin, basis.model_class) | self._usual_range(),
            hidden=sorted(hidden),
        )

    def _usual_range(self) -> dict[str, float | None]:
        """What the ends of the range return to: none where another parameter varies."""
        if self._desk.settings.vary == self._desk.origin.vary:
            return {}
        return {"low": None, "high": None}

    def _move(self, name: str, value: Any) -> None:
        if name == "vary":
            self._desk.vary(NOTHING if value == _ALIKE else value)
        else:
            self._desk.change(name, **{name: value})

    def _press(self, name: str) -> None:
        if name == "chaos":
            self._on_chaos()
        elif name == "draw":
            self._desk.change(
                "seed", seed=(self._desk.settings.seed + random.randrange(1, 999)) % 1000
            )
        else:
            origin = self._desk.origin
            names = _GROUPS[name]
            self._desk.change(names[0], **{each: getattr(origin, each) for each in names})


@cache
def groups_of(model: type[NeuronModel], vary: str) -> tuple[Group, ...]:
    """The rows for a model: competition for cells that spike, recurrence for those with a rate."""
    is_rate = bool(model.readings)
    middle = _recurrence() if is_rate else _competition()
    return (
        Group("Layer", _shape(), (_reset("Layer"),)),
        Group("Differences", _differences(model, vary), (_reset("Differences"),)),
        middle,
        Group("Input", _input(model), (_reset("Input"),)),
        Group(
            "Layer run", _run(model), (Action("draw", "New draw", "New draw"), _reset("Layer run"))
        ),
    )


# --- inside ------------------------------------------------------------------------------------


def _reset(group: str) -> Action:
    return Action(group, "Reset", f"Reset {group}", undoes=True)


def _values(settings: LayerSettings, model: type[NeuronModel]) -> dict[str, Any]:
    names = [name for names in _GROUPS.values() for name in names]
    values = {name: getattr(settings, name) for name in names}
    values["vary"] = settings.vary or _ALIKE
    values["about"] = difference(model, settings.method)
    return values


def _shape() -> tuple[Row, ...]:
    def row(name: str, label: str, doc: str, high: float) -> Row:
        return track(name, label, 1.0, high, doc=doc, least=1, most=200, step=1.0, integer=True)

    return (
        row("features", "Features", "maps of cells that are told apart by colour", 12.0),
        row("rows", "Rows", "cells from top to bottom of each map", 50.0),
        row("columns", "Columns", "cells from left to right of each map", 50.0),
    )


def _differences(model: type[NeuronModel], vary: str) -> tuple[Row, ...]:
    quantities = model.quantities()
    options = tuple(Option(name, each.label or name) for name, each in quantities.items())
    rows = [
        Row(
            "vary",
            "Varied",
            "choice",
            options=(Option(_ALIKE, "nothing"), *options),
            doc="what differs from cell to cell",
        )
    ]
    shown = quantities[vary] if vary else next(iter(quantities.values()))
    rows += [
        quantity_row("low", shown, label="Lowest value", doc="the range starts here"),
        quantity_row("high", shown, label="Highest value", doc="the range ends here"),
        Row(
            "per",
            "Drawn per",
            "segments",
            options=(Option("cell", "Cell"), Option("feature", "Feature")),
        ),
    ]
    return tuple(rows)


def _competition() -> Group:
    rows = (
        track(
            "winners",
            "Winners per step",
            0.0,
            8.0,
            doc="at most one of each feature: the first to fire; 0 for no competition",
            symbol="<i>k</i>",
            least=0,
            most=64,
            step=1.0,
            integer=True,
        ),
        Row(
            "inhibition",
            "Inhibition",
            "choice",
            options=tuple(Option(name, name) for name in INHIBITIONS),
            doc="; ".join(f"{name}: {what}" for name, what in INHIBITIONS.items()),
        ),
    )
    return Group("Competition", rows, (_reset("Competition"),))


def _recurrence() -> Group:
    row = track(
        "gain",
        "Gain",
        0.0,
        3.0,
        symbol="<i>g</i>",
        doc="of random weights among all units; with tanh, order turns to chaos at 1",
        least=0.0,
        most=100.0,
        step=0.02,
    )
    return Group(
        "Recurrence",
        (row,),
        (Action("chaos", "Show chaos", "Show chaos"), _reset("Recurrence")),
    )


def _input(model: type[NeuronModel]) -> tuple[Row, ...]:
    unit, (low, high) = model.current.unit, model.current.softbounds
    return (
        track(
            "strength",
            "Input strength",
            0.0,
            3.0,
            symbol="×",
            doc="the stimulus is multiplied by this weight",
            least=-100.0,
            most=100.0,
            step=0.02,
        ),
        track(
            "spread",
            "Weight spread",
            0.0,
            1.0,
            symbol="±",
            doc="how far the weights of cells differ from it, in parts of it",
            least=0.0,
            most=1.0,
            step=0.01,
        ),
        track(
            "noise",
            "Input noise",
            0.0,
            float(f"{0.3 * max(abs(low), abs(high)):.2g}"),
            symbol=to_html(r"\sigma"),
            unit=unit,
            doc="standard deviation of a noise current of each cell's own",
            least=0.0,
            most=1e6,
        ),
    )


def _run(model: type[NeuronModel]) -> tuple[Row, ...]:
    ways = tuple(
        Option(name, method_title(model, name), method_heading(name))
        for name in layer_methods(model)
    )
    return (
        track(
            "duration", "Layer duration", 10.0, 2000.0, unit="ms", symbol="<i>T</i>",
            doc="how long the layer runs", least=0.1, most=1e5,
        ),
        track(
            "dt", "Layer time step", 0.01, 5.0, unit="ms", symbol="<i>dt</i>",
            doc="shorter is more accurate and slower", least=1e-4, most=100.0,
        ),
        Row("method", "Layer method", "choice", options=ways, doc="how a step is computed"),
        Row("about", "What is different", "text"),
        Row(
            "seed", "Layer seed", "number", doc="the same seed draws the same layer", least=0,
            most=_MOST_SEED, step=1, integer=True,
        ),
    )  # fmt: skip
