"""Which model is on the screen, and the presets it can start from."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from panel.viewable import Viewable, Viewer

import models
from models import NeuronModel

from ..state import Explorer
from .sheet import Action, Group, Option, Row, Sheet

_REMARK = re.compile(r"^(?P<title>.*) \((?P<remark>[^(),]+)(, [A-Z])?\)$")
"""A preset's title with a remark at its end, such as "Tonic spiking (2004, A)"."""
_SHARED_BY = 3
"""A remark that so many presets of a model share becomes a heading over them."""


class ModelPanel(Viewer):
    """A menu of the models, buttons for the presets, and the preset's sentence."""

    def __init__(self, explorer: Explorer) -> None:
        super().__init__()
        self._explorer = explorer
        self._model: type[NeuronModel] | None = None
        self.sheet = Sheet(self._move, lambda name: explorer.reset())
        self._follow()
        explorer.param.watch(lambda event: self._follow(), "settings")
        explorer.param.watch(lambda event: self._complain(), "complaints")
        explorer.param.watch(lambda event: self.sheet.answer(), "answered")

    def __panel__(self) -> Viewable:
        return self.sheet

    def _follow(self) -> None:
        settings = self._explorer.settings
        preset = settings.model_class.presets().get(settings.preset or "")
        shown = {
            "values": {
                "model": settings.model,
                "preset": settings.preset,
                "note": preset.note if preset else "",
            },
            "marks": {"preset": "modified"} if self._explorer.modified() else {},
        }
        if settings.model_class is self._model:
            self.sheet.update(**shown)
        else:
            self._model = settings.model_class
            self.sheet.arrange([_group(self._model)], **shown)

    def _complain(self) -> None:
        about = self._explorer.complaints
        self.sheet.update(notes={"note": about["preset"]} if "preset" in about else {})

    def _move(self, name: str, value: Any) -> None:
        if name == "model":
            self._explorer.choose_model(value)
        else:
            self._explorer.choose_preset(value)


def _group(model: type[NeuronModel]) -> Group:
    titles = tuple(Option(name, each.title) for name, each in models.catalogue.items())
    chips = chips_of(model)
    return Group(
        "Model",
        (
            Row("model", "Model", "choice", options=titles, bare=True),
            Row("preset", "Preset", "chips", unit=f"{len(chips)}", options=chips),
            Row("note", "What to look at", "text"),
        ),
        (Action("all", "Reset all", "Reset all", undoes=True),),
    )


def chips_of(model: type[NeuronModel]) -> tuple[Option, ...]:
    """The presets; a remark that several titles share is printed once, as their heading."""
    titles = {slug: preset.title for slug, preset in model.presets().items()}
    remarks = {slug: _REMARK.match(title) for slug, title in titles.items()}
    shared = Counter(found["remark"] for found in remarks.values() if found)
    chips = []
    for slug, title in titles.items():
        found = remarks[slug]
        if found and shared[found["remark"]] >= _SHARED_BY:
            chips.append(Option(slug, found["title"], found["remark"], label=title))
        else:
            chips.append(Option(slug, title))
    return tuple(chips)
