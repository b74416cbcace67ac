"""Random currents, reproducible from a seed: Ornstein-Uhlenbeck noise, Poisson bombardment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.signal import lfilter

from ..quantity import CURRENT, Quantity
from .base import Stimulus, strength


class Noise(Stimulus):
    """Ornstein-Uhlenbeck noise: Gaussian, with standard deviation and correlation time."""

    title = "Noise"
    sigma = Quantity(
        3.0,
        bounds=(0.0, 1e6),
        unit=CURRENT,
        symbol=r"\sigma",
        doc="standard deviation of the current",
        label="Standard deviation",
    )
    tau = Quantity(
        5.0,
        bounds=(1e-3, 1e5),
        softbounds=(0.1, 100.0),
        unit="ms",
        symbol=r"\tau",
        doc="correlation time",
        label="Correlation time",
    )
    baseline = strength(0.0, "mean current", "I_0", "Mean")

    def samples(
        self, steps: int, dt: float, seed: int | Sequence[int] = 0, at: str = "mean"
    ) -> np.ndarray:
        kicks = _generator(seed).standard_normal(steps)
        keep = np.exp(-dt / self.tau)
        # The exact transition of the process over dt, started from its stationary law.
        innovation = kicks * np.sqrt(1.0 - keep * keep)
        innovation[:1] = kicks[:1]
        return self.baseline + self.sigma * lfilter([1.0], [1.0, -keep], innovation)

    def expected(self, t: np.ndarray, dt: float) -> np.ndarray:
        return np.full_like(t, self.baseline)


class Poisson(Stimulus):
    """Synaptic bombardment: random events, each a current that decays exponentially."""

    title = "Poisson"
    rate = Quantity(
        200.0,
        bounds=(0.0, 1e6),
        softbounds=(0.0, 2000.0),
        unit="Hz",
        symbol=r"\nu",
        doc="mean number of events per second",
        label="Event rate",
    )
    amplitude = strength(10.0, "current right after one event")
    tau = Quantity(
        2.0,
        bounds=(1e-3, 1e4),
        softbounds=(0.1, 50.0),
        unit="ms",
        symbol=r"\tau",
        doc="decay time of one event",
        label="Decay time",
    )
    baseline = strength(0.0, "current without events", "I_0", "Baseline")

    def samples(
        self, steps: int, dt: float, seed: int | Sequence[int] = 0, at: str = "mean"
    ) -> np.ndarray:
        events = _generator(seed).poisson(1e-3 * self.rate * dt, steps)
        keep = np.exp(-dt / self.tau)
        # Mean over a step of a decay that starts at the step's start: charge is kept at any dt.
        gain = self.amplitude * (self.tau / dt) * (1.0 - keep)
        return self.baseline + gain * lfilter([1.0], [1.0, -keep], events.astype(np.float64))

    def expected(self, t: np.ndarray, dt: float) -> np.ndarray:
        return np.full_like(t, self.baseline + 1e-3 * self.rate * self.tau * self.amplitude)


def _generator(seed: int | Sequence[int]) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed)))
