"""A hand at the controls, for tests without a browser."""

from __future__ import annotations

from typing import Any

import models
from explorer.controls.sheet import Sheet
from explorer.state import Explorer, opening_settings, settings_of


class Hand:
    """Stands for the browser: sends the messages that sheet.js sends."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def move(self, name: str, value: Any) -> None:
        self.sheet._handle_msg({"event": "move", "name": name, "value": value, "number": 1})

    def type_nonsense(self, name: str, text: str) -> None:
        self.sheet._handle_msg({"event": "refuse", "name": name, "text": text})

    def press(self, name: str) -> None:
        self.sheet._handle_msg({"event": "press", "name": name})

    def ask_default(self, name: str) -> None:
        self.sheet._handle_msg({"event": "default", "name": name})

    def sees(self) -> dict[str, dict[str, Any]]:
        """The rows on the screen by name."""
        rows = [row for group in self.sheet.groups for row in group["rows"]]
        return {row["name"]: row for row in rows if row["name"] not in self.sheet.hidden}

    def buttons(self) -> set[str]:
        return {action["label"] for group in self.sheet.groups for action in group["actions"]}


def opened(model: str = "Izhikevich", preset: str | None = None) -> Explorer:
    if preset is None:
        return Explorer(opening_settings(model))
    return Explorer(settings_of(models.catalogue[model].presets()[preset]))
