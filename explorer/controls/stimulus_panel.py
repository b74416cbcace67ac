"""What is injected: a list of stimuli, each with its kind and its quantities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from panel.viewable import Viewable, Viewer

from models import NeuronModel, Quantity, Samples, Stimulus, Sum
from models.stimulus import CURRENT, kinds

from ..state import Explorer
from .sheet import Action, Group, Option, Row, Sheet, choice_row, complaints_about, quantity_row

KEY = "stimulus:"
"""What `Explorer.complaints` puts before the name of a setting of a stimulus."""
_WHOLE_RUN = 500.0
"""Times whose slider would span this many ms span the run instead, whatever its length."""
_COUNTERPARTS = {"amplitude": "stop", "stop": "amplitude", "baseline": "start", "start": "baseline"}
"""Settings that mean the same under another name in another kind of stimulus."""


class StimulusPanel(Viewer):
    """An editor of `Explorer.settings.stimulus`."""

    def __init__(self, explorer: Explorer) -> None:
        super().__init__()
        self._explorer = explorer
        self._shown: tuple[Any, ...] = ()
        self.sheet = Sheet(self._move, self._press, self._refuse)
        self._follow()
        explorer.param.watch(lambda event: self._follow(), "settings")
        explorer.param.watch(lambda event: self._complain(), "complaints")
        explorer.param.watch(lambda event: self.sheet.answer(), "answered")

    def __panel__(self) -> Viewable:
        return self.sheet

    # --- from the explorer to the screen -------------------------------------------------------

    def _follow(self) -> None:
        settings = self._explorer.settings
        shown = (settings.stimulus, settings.model, settings.preset, settings.duration)
        if shown == self._shown:
            return
        self._shown = shown
        parts = settings.stimulus.parts()
        self.sheet.arrange(
            groups_of(parts, settings.model_class, settings.duration),
            values=_values(parts),
            defaults=self._defaults(parts),
        )

    def _complain(self) -> None:
        about = self._explorer.complaints
        notes = complaints_about(KEY, about)
        if "stimulus" in about:
            notes["0.kind"] = about["stimulus"]
        self.sheet.update(notes=notes)

    def _defaults(self, parts: tuple[Stimulus, ...]) -> dict[str, Any]:
        """The preset's values where it has the same kind of stimulus, else those of a fresh one."""
        model = self._explorer.settings.model_class
        before = self._explorer.origin().stimulus.parts()
        same = [
            before[i]
            if i < len(before) and type(before[i]) is type(part)
            else _fresh_like(part, model)
            for i, part in enumerate(parts)
        ]
        values = _values(tuple(same))
        return {name: value for name, value in values.items() if not name.endswith(".kind")}

    # --- from the hand to the explorer ---------------------------------------------------------

    def _move(self, name: str, value: Any) -> None:
        settings = self._explorer.settings
        parts = list(settings.stimulus.parts())
        position, _, setting = name.partition(".")
        part = parts[int(position)]
        try:
            if setting == "kind":
                parts[int(position)] = fresh(kinds[value], settings.model_class, keep=part)
            else:
                parts[int(position)] = type(part)(**{**part.settings, setting: value})
        except ValueError as problem:
            self._explorer.complain(KEY + name, str(problem))
            return
        self._explorer.set_stimulus(_together(parts), control=KEY + name)

    def _press(self, name: str) -> None:
        parts = list(self._explorer.settings.stimulus.parts())
        action, _, position = name.partition(":")
        if action == "reset":
            self._explorer.reset("Stimulus")
        elif action == "add":
            pulses = fresh(kinds["Pulses"], self._explorer.settings.model_class)
            self._explorer.set_stimulus(_together([*parts, pulses]))
        elif int(position) < len(parts):
            del parts[int(position)]
            self._explorer.set_stimulus(_together(parts))

    def _refuse(self, name: str, sentence: str) -> None:
        self._explorer.complain(KEY + name, sentence)


def groups_of(
    parts: tuple[Stimulus, ...], model: type[NeuronModel], duration: float
) -> list[Group]:
    """The rows of each stimulus under a heading of its own."""
    groups = []
    for i, part in enumerate(parts):
        title = "Stimulus" if len(parts) == 1 else f"Stimulus {i + 1}"
        actions = []
        if i == 0:
            actions.append(Action("add", "Add stimulus", "Add stimulus"))
            actions.append(Action("reset", "Reset", "Reset Stimulus", undoes=True))
        if len(parts) > 1:
            actions.append(Action(f"remove:{i}", "Remove", f"Remove {title}"))
        groups.append(Group(title, _rows(i, part, model, duration), tuple(actions)))
    return groups


def fresh(kind: type[Stimulus], model: type[NeuronModel], keep: Stimulus | None = None) -> Stimulus:
    """A stimulus of a kind in the range of a model's current, with what it can keep of another."""
    settings: dict[str, Any] = {}
    for name, quantity in kind.quantities().items():
        if quantity.unit == CURRENT:
            settings[name] = quantity.default and _usual(name, model)
        old = _counterpart(name, quantity, keep)
        if old is not None:
            settings[name] = getattr(keep, old)
    return kind(**settings)


# --- inside ------------------------------------------------------------------------------------


def _usual(name: str, model: type[NeuronModel]) -> float:
    """The value of a setting that is a current, as is usual for a model; two digits."""
    part = {"sigma": 0.3, "stop": 2.0}.get(name, 1.0)
    return float(f"{min(part * model.current.default, model.current.softbounds[1]):.2g}")


def _counterpart(name: str, quantity: Quantity, keep: Stimulus | None) -> str | None:
    """The setting of another stimulus that this one takes over."""
    known: Mapping[str, Quantity] = keep.quantities() if keep is not None else {}
    for candidate in (name, _COUNTERPARTS.get(name, "")):
        if candidate in known and known[candidate].unit == quantity.unit:
            return candidate
    return None


def _fresh_like(part: Stimulus, model: type[NeuronModel]) -> Stimulus:
    return part if isinstance(part, Samples) else fresh(type(part), model)


def _together(parts: list[Stimulus]) -> Stimulus:
    return parts[0] if len(parts) == 1 else Sum(*parts)


def _values(parts: tuple[Stimulus, ...]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for i, part in enumerate(parts):
        values[f"{i}.kind"] = type(part).__name__
        if isinstance(part, Samples):
            values[f"{i}.samples"] = f"Recorded samples, {part.values.size:,} steps."
        values |= {f"{i}.{name}": value for name, value in part.settings.items()}
    return values


def _rows(i: int, part: Stimulus, model: type[NeuronModel], duration: float) -> tuple[Row, ...]:
    options = [Option(name, kind.title) for name, kind in kinds.items()]
    if isinstance(part, Samples):
        options.append(Option("Samples", Samples.title))
    rows = [Row(f"{i}.kind", "Kind", "choice", options=tuple(options), bare=True)]
    if isinstance(part, Samples):
        rows.append(Row(f"{i}.samples", "Samples", "text"))
    for name, quantity in part.quantities().items():
        rows.append(quantity_row(f"{i}.{name}", quantity, **_span(quantity, model, duration)))
    for name, choice in part.choices().items():
        rows.append(choice_row(f"{i}.{name}", choice))
    return tuple(rows)


def _span(quantity: Quantity, model: type[NeuronModel], duration: float) -> dict[str, Any]:
    """What a stimulus cannot declare itself: the model's unit and range, the run's length."""
    if quantity.unit == CURRENT:
        low, high = model.current.softbounds
        least = (quantity.bounds or (None,))[0]
        if least is not None and least > low:
            low, high = least, max(abs(low), abs(high)) / 2.0
        return {"unit": model.current.unit, "low": low, "high": high}
    if quantity.unit == "ms" and quantity.softbounds and quantity.softbounds[1] == _WHOLE_RUN:
        return {"high": duration}
    return {}
