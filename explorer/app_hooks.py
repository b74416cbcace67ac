"""What the server does at its start: compile everything before the first visitor comes."""

from __future__ import annotations

from threading import Thread
from typing import Any

import models
from models import backend


def on_server_loaded(_context: Any) -> None:
    """Keep compiled code on disk and warm up in the background."""
    backend.use_compilation_cache()
    Thread(target=warm_up, name="warm-up", daemon=True).start()


def warm_up() -> None:
    """Run the first preset of every model once with every accurate method.

    The order is that of likelihood: what a visitor meets first is ready first.
    """
    firsts = [next(iter(model.presets().values())) for model in models.catalogue.values()]
    for preset in sorted(firsts, key=lambda preset: preset.model_class is not models.Izhikevich):
        preset.run()
