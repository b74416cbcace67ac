"""Settings that can be simulated, for the tests of what opens or keeps them."""

from __future__ import annotations

from explorer.state import Settings
from models.simulate import check


def assert_valid(settings: Settings) -> None:
    """Settings that can be simulated, checked without taking the time to do so."""
    check(settings.cell(), settings.duration, settings.dt, settings.method)
    names = settings.model_class.state_names()
    assert settings.x in names
    assert settings.y in names or (settings.y == "" and len(names) == 1)
    assert settings.x != settings.y
    assert set(settings.initial) <= set(names)
