"""One card per preset: a small trace drawn from the model itself, and what was checked about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np

import models
from models import Preset, Run, expectation

from .palette import CURRENT, state_colours
from .picture import extremes

WIDTH, HEIGHT, FOOT = 240, 76, 14
"""Size of a thumbnail; the lowest FOOT units show the current."""
POINTS = 320


@dataclass(frozen=True)
class Card:
    """A preset as a gallery shows it.

    Attributes
    ----------
    model, slug : what a click opens.
    model_title, title, note, source, behaviours : words.
    trace, current : SVG path data of the first state and of the injected current.
    colour, current_colour : their accents.
    checked : what was checked and found, in one line; empty if nothing is expected.
    passed : whether all of it was found.
    """

    model: str
    slug: str
    model_title: str
    title: str
    note: str
    source: str
    behaviours: tuple[str, ...]
    trace: str
    current: str
    colour: str
    current_colour: str
    checked: str
    passed: bool

    def as_data(self) -> dict[str, Any]:
        """Plain data for the browser."""
        return asdict(self) | {"behaviours": list(self.behaviours)}


@cache
def card(model: str, slug: str) -> Card:
    """The card of a preset; it runs the preset, so the first call takes a few milliseconds."""
    preset = models.catalogue[model].presets()[slug]
    run = preset.run()
    outcomes = expectation.check(run, preset.expect)
    return Card(
        model=model,
        slug=slug,
        model_title=preset.model_class.title,
        title=preset.title,
        note=preset.note,
        source=preset.source,
        behaviours=preset.behaviours,
        trace=trace_path(preset, run),
        current=current_path(run),
        colour=state_colours(preset.model_class)[preset.model_class.states[0].name],
        current_colour=CURRENT,
        checked=expectation.summary(outcomes) if outcomes else "",
        passed=bool(outcomes) and all(outcome.passed for outcome in outcomes),
    )


def every() -> list[tuple[str, str]]:
    """Model and slug of every preset, in teaching order."""
    return [(name, slug) for name, model in models.catalogue.items() for slug in model.presets()]


def trace_path(preset: Preset, run: Run) -> str:
    """The first state as SVG path data, filling the thumbnail above the current."""
    state = preset.model_class.states[0]
    values = run.states[state.name]
    shown = extremes(values, POINTS)
    low, high = float(values.min()), float(values.max())
    # A flat line stays flat: noise of rounding is not blown up to the height of a spike.
    least = 0.04 * (state.span[1] - state.span[0])
    middle = 0.5 * (low + high)
    half = 0.5 * max(high - low, least)
    return _path(
        run.time[shown] / run.time[-1] if run.time[-1] else run.time[shown],
        (values[shown] - (middle - half)) / (2 * half),
        top=3.0,
        bottom=HEIGHT - FOOT - 3.0,
    )


def current_path(run: Run) -> str:
    """The injected current as SVG path data, in the foot of the thumbnail."""
    values = run.current if run.current.size else np.zeros(1)
    shown = extremes(values, POINTS)
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    height = (values[shown] - low) / ((high - low) or 1.0)
    along = shown / max(values.size - 1, 1)
    upright = np.repeat(along, 2)[1:]
    return _path(upright, np.repeat(height, 2)[:-1], top=HEIGHT - FOOT + 2.0, bottom=HEIGHT - 2.0)


def _path(along: np.ndarray, height: np.ndarray, top: float, bottom: float) -> str:
    """Path data from shares of the width and of the height."""
    x = along * WIDTH
    y = bottom - height * (bottom - top)
    return "M" + "L".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
