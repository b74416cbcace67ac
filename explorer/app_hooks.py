"""What the server does at its start: compile everything before the first visitor comes."""

from __future__ import annotations

import sys
from threading import Thread
from typing import Any

import panel as pn
from bokeh.application.application import SessionContext

import models
from explorer import thumbnails
from explorer.background import give_way
from explorer.picture import Picture
from explorer.state import OPENING_MODEL, Explorer, opening_settings
from explorer.upkeep import settle, visitor_left
from explorer.views import phase_line, phase_plane, status
from models import backend, integrators

_TURN = 5e-4
"""Seconds that an analysis may keep Python to itself before a slider gets its turn.

Python's own 5 ms are waited for anew whenever a redraw has let go of its lock, a dozen times each.
"""

_SETTLE_EVERY = "5s"
"""Soon enough that few of the pages opened since are ever searched; it takes no time itself."""


def on_server_loaded(_context: Any) -> None:
    """Compile the opening picture before the first visitor, the rest of the catalogue beside them.

    Compiled code is kept on disk, so only the first start on a machine takes its time.
    """
    backend.use_compilation_cache()
    sys.setswitchinterval(_TURN)
    first, *rest = sorted(models.catalogue, key=lambda name: name != OPENING_MODEL)
    warm_up(first)
    settle()
    pn.state.schedule_task("settle", settle, period=_SETTLE_EVERY)
    Thread(target=prepare, args=(rest,), name="warm-up", daemon=True).start()


def on_session_destroyed(context: SessionContext) -> None:
    """Clear away what a visitor leaves behind."""
    visitor_left(len(context.server_context.sessions))


def prepare(rest: list[str]) -> None:
    """What can wait: the other models, the cards of the gallery, the methods that presets skip."""
    give_way()
    for model in rest:
        warm_up(model)
    for model, slug in thumbnails.every():
        thumbnails.card(model, slug)
    for model in models.catalogue:
        settings = opening_settings(model)
        for method in integrators.schemes:
            if method in models.methods(settings.model_class):
                settings.simulate(method)


def warm_up(model: str) -> None:
    """Compute what the opening picture of a model draws.

    Nothing here touches the screen's library: its components belong to a session and its thread.
    """
    explorer = Explorer(opening_settings(model))
    picture = Picture(explorer.run, explorer.settings)
    settings = explorer.settings
    status.sentences(picture, modified=False)
    reach = {name: picture.reach(name) for name in (settings.x, settings.y) if name}
    if settings.y:
        phase_plane.arrays(picture, reach[settings.x], reach[settings.y])
    else:
        phase_line.landscape_arrays(picture, reach[settings.x], (-1.0, 1.0))
