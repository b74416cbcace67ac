"""A sheet of controls: rows in groups, drawn by one component, so a model's worth costs little.

A row is declared once, as a `Row`; the browser draws it and reports what the hand does. Reports
travel as messages rather than as property changes, because Panel holds those back for 50 ms.
While one movement is under way the browser keeps the next to itself, so that a picture that takes
longer than a frame never falls behind the hand: whoever draws calls `Sheet.answer`.
A sheet knows nothing of models: panels declare its groups and give its callbacks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import param

from models import Choice, Quantity

from ..notation import latex_of, to_html
from ..upstream import Direct

LOG_FROM = 100.0
"""A track whose ends are positive and have this ratio or more is logarithmic."""
LOG_DECADES = 4
"""A logarithmic track spans at most so many decades; smaller values are typed."""
_STEPS_PER_TRACK = 200
"""Steps along the track of a quantity that declares no step of its own."""


@dataclass(frozen=True)
class Option:
    """One entry of a menu or of chips.

    Attributes
    ----------
    value, text : what is reported and what is printed.
    heading : under which it stands, "" for none.
    label : its accessible name where that says more than the text.
    """

    value: str
    text: str
    heading: str = ""
    label: str = ""


@dataclass(frozen=True)
class Row:
    """One control.

    Attributes
    ----------
    name : by which its value, note and messages go.
    label : its accessible name, and what is printed above or before it.
    kind : "slider" (track and field), "number" (field only), "choice" (menu), "chips" (buttons of
        which one is pressed), "segments" (few such buttons beside their label) or "text" (the
        value as a sentence).
    symbol : HTML.
    unit, doc : printed beside the label; shown when asked for.
    low, high : span of the track.
    least, most : what can be typed; None leaves an end open.
    step : of an arrow key; a logarithmic track steps in the second significant digit instead.
    integer, log : whole numbers only; logarithmic track.
    options : of a menu or of chips.
    accent : CSS colour of the filled track, "" for the neutral one.
    bare : whether the label is left to screen readers, because a heading says it already.
    """

    name: str
    label: str
    kind: str = "slider"
    symbol: str = ""
    unit: str = ""
    doc: str = ""
    low: float = 0.0
    high: float = 1.0
    least: float | None = None
    most: float | None = None
    step: float = 0.01
    integer: bool = False
    log: bool = False
    options: tuple[Option, ...] = ()
    accent: str = ""
    bare: bool = False

    def taken(self, value: Any) -> Any:
        """A value from the browser, where -50.0 and -50 are one, as Python tells them apart."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or self.kind not in ("slider", "number"):
            return value
        return round(value) if self.integer else float(value)


@dataclass(frozen=True)
class Action:
    """A button: what it prints, its full accessible name, and the name it reports.

    One that `undoes` stands out while a row of its group differs from its default.
    """

    name: str
    text: str
    label: str
    undoes: bool = False


@dataclass(frozen=True)
class Group:
    """Rows under one heading that opens and closes them; always open without a heading."""

    title: str
    rows: tuple[Row, ...] = ()
    actions: tuple[Action, ...] = ()


class Sheet(Direct):
    """Groups of controls.

    Parameters
    ----------
    on_move : called with (name, value) at every movement of a control.
    on_press : called with the name of an `Action`.
    on_refuse : called with (name, sentence) when what was typed is no value of the control.
    on_default : called with the name of a row without a default that was asked for it.
    """

    groups = param.List(default=[], doc="the groups as plain data; see `arrange`")
    # Not `param.Dict`: Bokeh wraps dictionaries, and then sends back what came from the browser.
    values = param.ClassSelector(class_=dict, default={}, doc="{name: value}")
    defaults = param.ClassSelector(class_=dict, default={}, doc="{name: value to return to}")
    notes = param.ClassSelector(class_=dict, default={}, doc="{name: sentence} under a row")
    marks = param.ClassSelector(class_=dict, default={}, doc="{name: word} beside a label")
    hidden = param.List(default=[], doc="names of rows not shown")
    answered = param.Integer(default=0, doc="number of the newest movement that was answered")

    _bundle = "sheet.js"  # with sheet.css; both served as files, once for all sheets

    def __init__(
        self,
        on_move: Callable[[str, Any], None],
        on_press: Callable[[str], None] = lambda name: None,
        on_refuse: Callable[[str, str], None] = lambda name, sentence: None,
        on_default: Callable[[str], None] = lambda name: None,
        **settings: Any,
    ) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", **settings})
        self._on_move = on_move
        self._on_press = on_press
        self._on_refuse = on_refuse
        self._on_default = on_default
        self._groups: tuple[Group, ...] = ()
        self._rows: dict[str, Row] = {}
        self._heard = 0

    def arrange(self, groups: Sequence[Group], **also: Any) -> None:
        """Draw other groups; `also` are further parameters of the sheet, set with them at once."""
        if tuple(groups) != self._groups:
            self._groups = tuple(groups)
            self._rows = {row.name: row for group in groups for row in group.rows}
            also["groups"] = [asdict(group) for group in groups]
        self.update(**also)

    def update(self, **changes: Any) -> None:
        """Set parameters, leaving alone those that have the value already."""
        news = {name: new for name, new in changes.items() if new != getattr(self, name)}
        if news:
            self.param.update(**news)

    def answer(self) -> None:
        """Let the browser send the next movement: the newest one can be drawn, or is refused."""
        if self.answered == self._heard:
            return
        self.tell(answered=self._heard)

    def _handle_msg(self, data: Mapping[str, Any]) -> None:
        """Pass on what the hand did; see the messages in sheet.js."""
        name = str(data.get("name", ""))
        event = data.get("event")
        if event == "press":
            self._on_press(name)
        elif name not in self._rows:
            return  # the sheet was arranged anew while the message was under way
        elif event == "move":
            value = self._rows[name].taken(data["value"])
            self._heard = int(data["number"])
            self.keep(values={**self.values, name: value})
            self._on_move(name, value)
        elif event == "refuse":
            self._on_refuse(name, refusal(self._rows[name], str(data["text"])))
        elif event == "default":
            self._on_default(name)


def quantity_row(name: str, quantity: Quantity, **changes: Any) -> Row:
    """The row of a declared quantity; `changes` replace what follows from the declaration."""
    least, most = quantity.bounds or (None, None)
    low, high = quantity.softbounds or quantity.bounds or (None, None)
    integer = isinstance(quantity.default, int)
    declared = {
        "label": quantity.label,
        "symbol": to_html(latex_of(quantity.name, quantity.symbol)),
        "unit": quantity.unit,
        "doc": quantity.doc or "",
        "low": 0.0 if low is None else float(low),
        "high": 1.0 if high is None else float(high),
        "least": least,
        "most": most,
        "step": quantity.step,
        "integer": integer,
    }
    return track(name=name, **(declared | changes))


def choice_row(name: str, choice: Choice, **changes: Any) -> Row:
    """The row of a declared choice."""
    declared = {
        "label": choice.label,
        "kind": "choice",
        "doc": choice.doc or "",
        "options": tuple(Option(name, name) for name in choice.objects),
    }
    return Row(name=name, **(declared | changes))


def track(name: str, label: str, low: float, high: float, **settings: Any) -> Row:
    """A slider row; whether its track is logarithmic, and its step if none is given, by rule."""
    log = low > 0.0 and high / low >= LOG_FROM and not settings.get("integer")
    if log:
        low = max(low, high / 10.0**LOG_DECADES)
    step = settings.pop("step", None) or _round_step((high - low) / _STEPS_PER_TRACK)
    return Row(name, label, low=low, high=high, log=log, step=step, **settings)


def refusal(row: Row, text: str) -> str:
    """One sentence on why `text` is no value of a row, and what would be."""
    name = re.split("[.:]", row.name)[-1]
    unit = f" {row.unit}" if row.unit else ""
    try:
        number = float(text.strip().replace(",", ".").replace("\u2212", "-"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        shown = text.strip()[:20] or "empty"
        what = "a whole number" if row.integer else "a number"
        return f"`{name}` is {shown}: give {what}{f' in{unit}' if unit else ''}."
    if row.least is not None and number < row.least:
        return f"`{name}` is {number:g}{unit}: choose {row.least:g} or more."
    if row.most is not None and number > row.most:
        return f"`{name}` is {number:g}{unit}: choose {row.most:g} or less."
    return f"`{name}` is {number:g}{unit}: give a whole number."


def complaints_about(prefix: str, complaints: Mapping[str, str]) -> dict[str, str]:
    """The complaints about controls whose key begins with `prefix`, by the rest of the key."""
    return {
        key.removeprefix(prefix): sentence
        for key, sentence in complaints.items()
        if key.startswith(prefix)
    }


def _round_step(step: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is no larger than `step`."""
    if step <= 0.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(step) + 1e-9)
    digit = max(d for d in (1, 2, 5) if d * power <= step * (1 + 1e-9))
    return float(f"{digit * power:.6g}")
