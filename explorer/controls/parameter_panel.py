"""The parameters of the model on the screen, in the groups it declares."""

from __future__ import annotations

from typing import Any

from panel.viewable import Viewable, Viewer

from models import Choice, NeuronModel, Quantity

from ..state import Explorer
from .sheet import Action, Group, Option, Row, Sheet, choice_row, complaints_about, quantity_row

KEY = "parameter:"
"""What `Explorer.complaints` puts before the name of a parameter."""
_LEVEL = "level"


class ParameterPanel(Viewer):
    """Sliders for the parameters of `Explorer.settings`, made anew when the model changes.

    At level "basic" it shows the basic parameters and those that differ from the model's own
    value, so that what makes a preset special is always in sight.
    """

    def __init__(self, explorer: Explorer) -> None:
        super().__init__()
        self._explorer = explorer
        self._model: type[NeuronModel] | None = None
        self._hidden: set[str] = set()
        self._origin: dict[str, Any] = {}
        self.sheet = Sheet(self._move, self._press, self._refuse)
        self._follow()
        explorer.param.watch(lambda event: self._follow(), "settings")
        explorer.param.watch(lambda event: self._level(), "level")
        explorer.param.watch(lambda event: self._complain(), "complaints")
        explorer.param.watch(lambda event: self.sheet.answer(), "answered")

    def __panel__(self) -> Viewable:
        return self.sheet

    # --- from the explorer to the screen -------------------------------------------------------

    def _follow(self) -> None:
        """Show the settings."""
        settings = self._explorer.settings
        values = {**settings.parameters, _LEVEL: self._explorer.level}
        origin = dict(self._explorer.origin().parameters)
        fresh = settings.model_class is not self._model or origin != self._origin
        self._origin = origin
        # A row that came into sight stays while its preset does: none vanishes under the hand.
        hidden = self._reserved() if fresh else self._hidden & self._reserved()
        self._hidden = hidden
        shown = {"values": values, "defaults": origin, "hidden": sorted(hidden)}
        if settings.model_class is self._model:
            self.sheet.update(**shown)
        else:
            self._model = settings.model_class
            self.sheet.arrange(groups_of(self._model), **shown)

    def _level(self) -> None:
        self._hidden = self._reserved()
        self.sheet.update(
            values={**self.sheet.values, _LEVEL: self._explorer.level}, hidden=sorted(self._hidden)
        )

    def _complain(self) -> None:
        self.sheet.update(notes=complaints_about(KEY, self._explorer.complaints))

    def _reserved(self) -> set[str]:
        """Names of parameters that only level "all" shows now."""
        if self._explorer.level == "all":
            return set()
        settings = self._explorer.settings
        declared = settings_of(settings.model_class)
        return {
            name
            for name, setting in declared.items()
            if setting.level == "all" and settings.parameters[name] == setting.default
        }

    # --- from the hand to the explorer ---------------------------------------------------------

    def _move(self, name: str, value: Any) -> None:
        if name == _LEVEL:
            self._explorer.level = value
        else:
            self._explorer.set_parameter(name, value)

    def _press(self, name: str) -> None:
        self._explorer.reset(name)

    def _refuse(self, name: str, sentence: str) -> None:
        self._explorer.complain(KEY + name, sentence)


def settings_of(model: type[NeuronModel]) -> dict[str, Quantity | Choice]:
    """All declared parameters of a model by name."""
    return {**model.quantities(), **model.choices()}


def groups_of(model: type[NeuronModel]) -> list[Group]:
    """The groups of a model's parameters, in the order of declaration."""
    rows: dict[str, list[Row]] = {}
    for name, quantity in model.quantities().items():
        rows.setdefault(quantity.group, []).append(quantity_row(name, quantity))
    for name, choice in model.choices().items():
        rows.setdefault(choice.group, []).append(choice_row(name, choice))
    groups = [
        Group(title, tuple(members), (Action(title, "Reset", f"Reset {title}", undoes=True),))
        for title, members in rows.items()
    ]
    if all(setting.level == "basic" for setting in settings_of(model).values()):
        return groups
    options = (Option("basic", "Basic"), Option("all", "All"))
    return [Group("", (Row(_LEVEL, "Parameters", "segments", options=options),)), *groups]
