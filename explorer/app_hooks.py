"""What the server does at its start: compile everything before the first visitor comes."""

from __future__ import annotations

from threading import Thread
from typing import Any

import models
from explorer import thumbnails
from explorer.pages.explore import ExplorePage
from explorer.state import OPENING_MODEL, Explorer, opening_settings
from models import backend


def on_server_loaded(_context: Any) -> None:
    """Compile the opening picture before the first visitor, the rest of the catalogue beside them.

    Compiled code is kept on disk, so only the first start on a machine takes its time.
    """
    backend.use_compilation_cache()
    first, *rest = sorted(models.catalogue, key=lambda name: name != OPENING_MODEL)
    warm_up(first)
    Thread(target=prepare, args=(rest,), name="warm-up", daemon=True).start()


def prepare(rest: list[str]) -> None:
    """What can wait: the other models, then the cards of the gallery."""
    for model in rest:
        warm_up(model)
    for model, slug in thumbnails.every():
        thumbnails.card(model, slug)


def warm_up(model: str) -> None:
    """Draw the opening picture of a model once, on a page that nobody sees."""
    ExplorePage(Explorer(opening_settings(model))).show()
