"""Currents that follow a formula: step, pulses, ramp, sine, chirp."""

from __future__ import annotations

import numpy as np

from ..quantity import Choice, Quantity
from .base import Stimulus, moment, strength


class Step(Stimulus):
    """From a base line to another level at one moment, and there to the end."""

    title = "Step"
    amplitude = strength(10.0, "current after the onset")
    onset = moment(50.0, "when the current steps up", "Onset", r"t_{\mathrm{on}}")
    baseline = strength(0.0, "current before the onset", "I_0", "Baseline")

    def value(self, t: np.ndarray) -> np.ndarray:
        return np.where(t >= self.onset - 1e-9, self.amplitude, self.baseline)

    def mean(self, t: np.ndarray, dt: float) -> np.ndarray:
        on = _whole(np.clip((t + dt - self.onset) / dt, 0.0, 1.0))
        return self.baseline + on * (self.amplitude - self.baseline)


class Pulses(Stimulus):
    """A train of equal square pulses; one pulse is a train of one."""

    title = "Pulses"
    amplitude = strength(10.0, "current during a pulse")
    onset = moment(50.0, "start of the first pulse", "Onset", r"t_{\mathrm{on}}")
    width = moment(5.0, "length of one pulse", "Pulse width", "w", least=1e-3)
    period = moment(50.0, "from one pulse's start to the next", "Period", "T", least=1e-3)
    count = Quantity(
        1,
        bounds=(1, 100000),
        softbounds=(1, 20),
        step=1,
        symbol="N",
        doc="number of pulses",
        label="Number of pulses",
    )

    def value(self, t: np.ndarray) -> np.ndarray:
        since = t - self.onset + 1e-9
        period = self._spacing()
        pulse = np.floor(since / period)
        inside = (since >= 0) & (pulse < round(self.count)) & (since - pulse * period < self.width)
        return np.where(inside, self.amplitude, 0.0)

    def mean(self, t: np.ndarray, dt: float) -> np.ndarray:
        on = self._time_on(t + dt - self.onset) - self._time_on(t - self.onset)
        return self.amplitude * _whole(on / dt)

    def _time_on(self, since: np.ndarray) -> np.ndarray:
        """Total time within pulses up to `since` ms after the onset."""
        period = self._spacing()
        width = min(self.width, period)
        pulse = np.clip(np.floor(since / period), 0, round(self.count) - 1)
        return pulse * width + np.clip(since - pulse * period, 0.0, width)

    def _spacing(self) -> float:
        """From one pulse's start to the next, ms; the period does not cut a single pulse short."""
        return self.period if round(self.count) > 1 else max(self.period, self.width)


class Ramp(Stimulus):
    """A straight line from one current to another."""

    title = "Ramp"
    start = strength(0.0, "current up to the onset", "I_0", "Start current")
    stop = strength(20.0, "current at the end of the ramp", "I_1", "End current")
    onset = moment(0.0, "when the ramp begins", "Onset", r"t_{\mathrm{on}}")
    width = moment(500.0, "how long the ramp takes", "Ramp length", "w", least=1e-3)
    after = Choice(
        "hold",
        objects=["hold", "return"],
        label="Afterwards",
        doc="hold the end current, or return to the start current",
    )

    def value(self, t: np.ndarray) -> np.ndarray:
        way = (t - self.onset) / self.width
        level = self.start + (self.stop - self.start) * np.clip(way, 0.0, 1.0)
        return np.where(way > 1.0, self.start, level) if self.after == "return" else level


class Sine(Stimulus):
    """A sinusoid around a mean."""

    title = "Sine"
    amplitude = strength(5.0, "peak deviation from the mean")
    frequency = Quantity(
        10.0,
        bounds=(0.0, 1e5),
        softbounds=(0.0, 200.0),
        unit="Hz",
        symbol="f",
        doc="cycles per second",
        label="Frequency",
    )
    baseline = strength(0.0, "current around which it swings", "I_0", "Mean")
    phase = Quantity(
        0.0,
        bounds=(-360.0, 360.0),
        softbounds=(0.0, 360.0),
        unit="°",
        symbol=r"\varphi",
        doc="phase at time zero",
        label="Phase",
    )

    def value(self, t: np.ndarray) -> np.ndarray:
        turn = 2e-3 * np.pi * self.frequency * t + np.deg2rad(self.phase)
        return self.baseline + self.amplitude * np.sin(turn)


class Chirp(Stimulus):
    """A sinusoid whose frequency climbs linearly: the probe for resonance (a ZAP current)."""

    title = "Chirp"
    amplitude = strength(2.0, "peak deviation from the mean")
    start = Quantity(
        0.0,
        bounds=(0.0, 1e5),
        softbounds=(0.0, 100.0),
        unit="Hz",
        symbol="f_0",
        doc="frequency at time zero",
        label="Start frequency",
    )
    stop = Quantity(
        100.0,
        bounds=(0.0, 1e5),
        softbounds=(0.0, 400.0),
        unit="Hz",
        symbol="f_1",
        doc="frequency at the end of the sweep",
        label="End frequency",
    )
    width = moment(1000.0, "how long the sweep takes", "Sweep length", "w", least=1e-3)
    baseline = strength(0.0, "current around which it swings", "I_0", "Mean")

    def value(self, t: np.ndarray) -> np.ndarray:
        s = np.minimum(t, self.width)
        turns = 1e-3 * (
            self.start * t
            + 0.5 * (self.stop - self.start) * s * s / self.width
            + (self.stop - self.start) * (t - s)
        )
        return self.baseline + self.amplitude * np.sin(2 * np.pi * turns)


def _whole(fraction: np.ndarray) -> np.ndarray:
    """Fractions of a step with rounding at 0 and 1 removed, so that a plateau is exactly flat."""
    snapped = np.where(fraction > 1.0 - 1e-9, 1.0, fraction)
    return np.where(snapped < 1e-9, 0.0, snapped)
