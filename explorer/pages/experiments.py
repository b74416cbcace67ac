"""Classic experiments, each behind a button; a click on the picture sets its condition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

import numpy as np
from bokeh.events import Tap
from bokeh.plotting import figure

from models import Constant, NeuronModel, Pulses, Ramp, Stimulus, analysis

from .. import varied
from ..background import LONG, Watch
from ..palette import GREY, SPIKE, VERMILLION
from ..state import Explorer, Settings
from ..varied import CURRENT, Varied
from ..views.accommodation import AccommodationView
from ..views.paired_pulse import PairedPulseView
from ..views.phase_response import PhaseResponseView
from ..views.rebound import ReboundView
from ..views.strength_duration import StrengthDurationView
from .tile import Tile

ONSET = 20.0
"""ms before the first pulse of a condition: the cell is seen at rest."""
AFTERWARDS = 80.0
"""ms that a run shows after a condition is over."""

WIDTHS = np.geomspace(0.1, 100.0, 25)
GAPS = np.geomspace(1.5, 200.0, 48)
RAMPS = np.geomspace(5.0, 400.0, 20)
RELEASED_AFTER = 50.0
"""ms of hyperpolarisation."""
_KICK = 1.0
"""ms that the kick of a phase response lasts when a click injects it."""
_SHIFT = 0.1
"""Share of the period by which that kick moves a spike at most."""


class View(Protocol):
    figure: figure

    def draw(self, found: Any, quantity: Varied) -> str: ...


@dataclass(frozen=True)
class Experiment:
    """An experiment: what it measures, how it is drawn, what a click on it injects.

    Attributes
    ----------
    title : of its tile.
    promise : what it shows, in one sentence.
    view : makes its picture.
    measure : (model, present current) -> what is drawn.
    condition : (settings, what is drawn, x, y) -> the stimulus at a place of the picture, and when
        it is over, ms.
    at_current : whether it depends on the present current; else it starts from rest.
    legend : as `Tile`.
    """

    title: str
    promise: str
    view: Callable[[], View]
    measure: Callable[[NeuronModel, float], Any]
    condition: Callable[[Settings, Any, float, float], tuple[Stimulus, float]]
    at_current: bool = False
    legend: tuple[tuple[str, str, str], ...] = ()


def rebound_currents(cell: NeuronModel) -> np.ndarray:
    """Hyperpolarising currents (41,) up to zero: those of its slider, or a fifth of the others."""
    low, high = cell.current.softbounds
    return np.linspace(low if low < 0.0 else -0.2 * high, 0.0, 41)


def one_pulse(_: Settings, found: Any, width: float, amplitude: float) -> tuple[Stimulus, float]:
    """A pulse as wide and as strong as was clicked."""
    return Pulses(amplitude=amplitude, onset=ONSET, width=width, count=1), ONSET + width


def kick(settings: Settings, found: Any, phase: float, _: float) -> tuple[Stimulus, float]:
    """A kick at the clicked phase after a spike of regular firing under the present current."""
    current = varied.present(settings, CURRENT)
    free = replace(settings, stimulus=Constant(current), overlay="").simulate()
    spikes = free.spike_times
    if spikes.size < 2:
        raise ValueError("The run is too short for a kick: it needs two spikes.")
    last = spikes[int(0.6 * (spikes.size - 1))]
    charge = _SHIFT * found.period / float(np.abs(found.response).max())
    when = float(round(last + phase * found.period, 3))
    pulse = Pulses(amplitude=_digits(charge / _KICK), onset=when, width=_KICK, count=1)
    return Constant(current) + pulse, when + 2.0 * found.period


def pair(_: Settings, found: Any, gap: float, ratio: float) -> tuple[Stimulus, float]:
    """Two pulses with the clicked gap; the second as strong as was clicked."""
    first = Pulses(
        amplitude=_digits(1.5 * found.threshold), onset=ONSET, width=found.width, count=1
    )
    second = Pulses(
        amplitude=_digits(ratio * found.threshold), onset=ONSET + gap, width=found.width, count=1
    )
    return first + second, ONSET + gap


def release(_: Settings, found: Any, amplitude: float, __: float) -> tuple[Stimulus, float]:
    """A hyperpolarising pulse as strong as was clicked."""
    pulse = Pulses(amplitude=amplitude, onset=ONSET, width=found.width, count=1)
    return pulse, ONSET + found.width


def ramp(_: Settings, found: Any, length: float, top: float) -> tuple[Stimulus, float]:
    """A ramp as long and as high as was clicked."""
    made = Ramp(start=0.0, stop=top, onset=ONSET, width=length, after="return")
    return made, ONSET + length


EXPERIMENTS = (
    Experiment(
        "Strength and duration",
        "How strong a pulse must be to make the resting cell fire, for each width.",
        StrengthDurationView,
        lambda cell, current: analysis.strength_duration(cell, WIDTHS),
        one_pulse,
        legend=(
            ("threshold", SPIKE, "solid"),
            ("Weiss's law", VERMILLION, "dashed"),
        ),
    ),
    Experiment(
        "Phase response",
        "How a brief kick moves the next spike, by when in the cycle it comes.",
        PhaseResponseView,
        lambda cell, current: analysis.phase_response(cell, current),
        kick,
        at_current=True,
    ),
    Experiment(
        "Paired pulses",
        "How strong a second pulse must be, by how soon after a spike it comes.",
        PairedPulseView,
        lambda cell, current: analysis.paired_pulse(cell, GAPS),
        pair,
        legend=(
            ("second threshold", SPIKE, "solid"),
            ("that of a single pulse", GREY, "dotted"),
        ),
    ),
    Experiment(
        "Rebound",
        "How often the cell fires when it is released from a hyperpolarising current.",
        ReboundView,
        lambda cell, current: analysis.rebound(cell, rebound_currents(cell), RELEASED_AFTER),
        release,
    ),
    Experiment(
        "Slow and fast ramps",
        "How high a ramp of current must climb to make the cell fire, by its length.",
        AccommodationView,
        lambda cell, current: analysis.accommodation(cell, RAMPS),
        ramp,
        legend=(("top that gives a spike", SPIKE, "solid"), ("rheobase", GREY, "dotted")),
    ),
)


class ExperimentTile:
    """One experiment on the page; it waits for its button."""

    def __init__(self, explorer: Explorer, experiment: Experiment, place: str) -> None:
        self._explorer = explorer
        self._experiment = experiment
        self._found: tuple[Any, Settings] | None = None
        self.view = experiment.view()
        self.view.figure.on_event(Tap, self._go)
        self.tile = Tile(
            experiment.title,
            [(self.view.figure, 220)],
            LONG,
            self._draw,
            place,
            button="Run",
            promise=experiment.promise,
            legend=experiment.legend,
        )

    def follow(self, settings: Settings) -> None:
        """Follow the settings of a run: what was measured under others is dimmed."""
        current = varied.present(settings, CURRENT) if self._experiment.at_current else 0.0
        key = (
            self._experiment.title, settings.model, tuple(settings.parameters.items()), current,
        )  # fmt: skip
        self.tile.follow(partial(measured, self._experiment, settings, current), key)

    def pause(self) -> None:
        self.tile.pause()

    def _draw(self, result: tuple[Any, Settings]) -> str:
        found, settings = self._found = result
        return self.view.draw(found, varied.varied_of(settings.model_class)[CURRENT])

    def _go(self, event: Tap) -> None:
        if self._found is None or self._found[1].model != self._explorer.settings.model:
            return  # what is dimmed was measured in another model, in other units
        found, settings = self._found
        try:
            stimulus, over = self._experiment.condition(
                settings, found, _digits(float(event.x)), _digits(float(event.y))
            )
        except ValueError as problem:
            self.tile.say(str(problem), idle=True)
            return
        self._explorer.set_stimulus(stimulus)
        if self._explorer.settings.duration < over + AFTERWARDS:
            self._explorer.set_numerics(duration=float(np.ceil(over + AFTERWARDS)))


def measured(
    experiment: Experiment, settings: Settings, current: float, watch: Watch
) -> Iterator[tuple[Any, Settings]]:
    """What an experiment finds, and the settings it was done under."""
    yield experiment.measure(settings.cell(), current), settings


def _digits(value: float) -> float:
    """Three digits: what a hand means by a place in a picture."""
    return float(f"{value:.3g}")
