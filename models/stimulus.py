"""What is injected into a cell: constant, step, pulses, ramp, sine, chirp, noise, Poisson, samples.

Every stimulus turns into one number per time step with `Stimulus.samples`. Stimuli add with ``+``.
Their amplitudes are in the current unit of the model they drive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from scipy.signal import lfilter

from .quantity import CURRENT, Choice, Declared, Quantity, is_finite_number, shown


class Stimulus(Declared):
    """A current over time: concrete ones declare quantities and `value`, or `samples` if random."""

    title: ClassVar[str] = ""
    __array_ufunc__ = None
    """Arrays leave adding a stimulus to the stimulus."""

    def __init__(self, *positional: Any, **settings: Any) -> None:
        names = self.setting_names()
        if len(positional) > len(names):
            raise ValueError(f"{type(self).__name__} takes at most {len(names)} values.")
        for name, value in zip(names, positional, strict=False):
            if name in settings:
                raise ValueError(f"{type(self).__name__} was given `{name}` twice.")
            settings[name] = value
        super().__init__(**settings)

    def value(self, t: np.ndarray) -> np.ndarray:
        """The current at times `t` (ms), shape of `t`."""
        raise NotImplementedError  # abstract: deterministic stimuli declare it

    def mean(self, t: np.ndarray, dt: float) -> np.ndarray:
        """The current averaged over each step [t, t + dt]; the midpoint value unless overridden."""
        return self.value(t + 0.5 * dt)

    def samples(
        self, steps: int, dt: float, seed: int | Sequence[int] = 0, at: str = "mean"
    ) -> np.ndarray:
        """One value per time step, (steps,) float64.

        Parameters
        ----------
        steps : number of steps.
        dt : step length, ms.
        seed : seed of the random stimuli; sample k depends on the seed and k alone, so a longer
            run begins with the same noise.
        at : ``"mean"`` averages over each step (charge is kept when an edge falls inside a step);
            ``"start"`` takes the value at the step's start, as most published loops do.
        """
        t = np.arange(steps) * dt
        values = self.mean(t, dt) if at == "mean" else self.value(t)
        return np.broadcast_to(np.asarray(values, dtype=np.float64), (steps,))

    def expected(self, t: np.ndarray, dt: float) -> np.ndarray:
        """The current averaged over the steps [t, t + dt], random parts replaced by their mean."""
        return np.broadcast_to(np.asarray(self.mean(t, dt), dtype=np.float64), t.shape)

    def parts(self) -> tuple[Stimulus, ...]:
        """The stimuli this one is a sum of; itself if it is none."""
        return (self,)

    def __add__(self, other: Any) -> Sum:
        """The sum with another stimulus, a number or samples."""
        return Sum(*self.parts(), *as_stimulus(other).parts())

    def __radd__(self, other: Any) -> Sum:
        return Sum(*as_stimulus(other).parts(), *self.parts())

    def as_data(self) -> dict[str, Any]:
        """Plain data from which `stimulus_from` makes the stimulus again."""
        return {"type": type(self).__name__, **self.settings}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stimulus) and self.as_data() == other.as_data()

    __hash__ = Declared.__hash__


def _amplitude(default: float, doc: str, symbol: str = "I", label: str = "Amplitude") -> Quantity:
    return Quantity(default, bounds=(-1e6, 1e6), unit=CURRENT, symbol=symbol, doc=doc, label=label)


def _time(default: float, doc: str, label: str, symbol: str, least: float = 0.0) -> Quantity:
    return Quantity(
        default,
        bounds=(least, 1e6),
        softbounds=(least, 500.0),
        unit="ms",
        symbol=symbol,
        doc=doc,
        label=label,
    )


class Constant(Stimulus):
    """The same current throughout."""

    title = "Constant"
    amplitude = _amplitude(10.0, "current throughout the run")

    def value(self, t: np.ndarray) -> np.ndarray:
        return np.full_like(t, self.amplitude, dtype=np.float64)

    def samples(
        self, steps: int, dt: float, seed: int | Sequence[int] = 0, at: str = "mean"
    ) -> np.ndarray:
        return np.full(steps, self.amplitude, dtype=np.float64)


class Step(Stimulus):
    """From a base line to another level at one moment, and there to the end."""

    title = "Step"
    amplitude = _amplitude(10.0, "current after the onset")
    onset = _time(50.0, "when the current steps up", "Onset", r"t_{\mathrm{on}}")
    baseline = _amplitude(0.0, "current before the onset", "I_0", "Baseline")

    def value(self, t: np.ndarray) -> np.ndarray:
        return np.where(t >= self.onset - 1e-9, self.amplitude, self.baseline)

    def mean(self, t: np.ndarray, dt: float) -> np.ndarray:
        on = _whole(np.clip((t + dt - self.onset) / dt, 0.0, 1.0))
        return self.baseline + on * (self.amplitude - self.baseline)


class Pulses(Stimulus):
    """A train of equal square pulses; one pulse is a train of one."""

    title = "Pulses"
    amplitude = _amplitude(10.0, "current during a pulse")
    onset = _time(50.0, "start of the first pulse", "Onset", r"t_{\mathrm{on}}")
    width = _time(5.0, "length of one pulse", "Pulse width", "w", least=1e-3)
    period = _time(50.0, "from one pulse's start to the next", "Period", "T", least=1e-3)
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
    start = _amplitude(0.0, "current up to the onset", "I_0", "Start current")
    stop = _amplitude(20.0, "current at the end of the ramp", "I_1", "End current")
    onset = _time(0.0, "when the ramp begins", "Onset", r"t_{\mathrm{on}}")
    width = _time(500.0, "how long the ramp takes", "Ramp length", "w", least=1e-3)
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
    amplitude = _amplitude(5.0, "peak deviation from the mean")
    frequency = Quantity(
        10.0,
        bounds=(0.0, 1e5),
        softbounds=(0.0, 200.0),
        unit="Hz",
        symbol="f",
        doc="cycles per second",
        label="Frequency",
    )
    baseline = _amplitude(0.0, "current around which it swings", "I_0", "Mean")
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
    amplitude = _amplitude(2.0, "peak deviation from the mean")
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
    width = _time(1000.0, "how long the sweep takes", "Sweep length", "w", least=1e-3)
    baseline = _amplitude(0.0, "current around which it swings", "I_0", "Mean")

    def value(self, t: np.ndarray) -> np.ndarray:
        s = np.minimum(t, self.width)
        turns = 1e-3 * (
            self.start * t
            + 0.5 * (self.stop - self.start) * s * s / self.width
            + (self.stop - self.start) * (t - s)
        )
        return self.baseline + self.amplitude * np.sin(2 * np.pi * turns)


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
    baseline = _amplitude(0.0, "mean current", "I_0", "Mean")

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
    amplitude = _amplitude(10.0, "current right after one event")
    tau = Quantity(
        2.0,
        bounds=(1e-3, 1e4),
        softbounds=(0.1, 50.0),
        unit="ms",
        symbol=r"\tau",
        doc="decay time of one event",
        label="Decay time",
    )
    baseline = _amplitude(0.0, "current without events", "I_0", "Baseline")

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


class Samples(Stimulus):
    """Recorded or computed samples, one per time step; zero after their end."""

    title = "Samples"

    def __init__(self, values: Any) -> None:
        super().__init__()
        self.values = _row(values, "values")

    def samples(
        self, steps: int, dt: float, seed: int | Sequence[int] = 0, at: str = "mean"
    ) -> np.ndarray:
        padded = np.zeros(steps)
        padded[: min(steps, self.values.size)] = self.values[:steps]
        return padded

    def expected(self, t: np.ndarray, dt: float) -> np.ndarray:
        k = np.round(t / dt).astype(int)
        inside = (k >= 0) & (k < self.values.size)
        return np.where(inside, self.values[np.clip(k, 0, max(self.values.size - 1, 0))], 0.0)

    def as_data(self) -> dict[str, Any]:
        return {"type": "Samples", "values": self.values.tolist()}


class Sum(Stimulus):
    """Several stimuli at once."""

    title = "Sum"

    def __init__(self, *stimuli: Stimulus) -> None:
        super().__init__()
        self._parts = stimuli

    def parts(self) -> tuple[Stimulus, ...]:
        return self._parts

    def samples(
        self, steps: int, dt: float, seed: int | Sequence[int] = 0, at: str = "mean"
    ) -> np.ndarray:
        root = tuple(seed) if isinstance(seed, Sequence) else (int(seed),)
        total = np.zeros(steps)
        for position, stimulus in enumerate(self._parts):
            # Each part has its own stream, so one more noise leaves the others as they were.
            total += stimulus.samples(steps, dt, (*root, position), at)
        return total

    def expected(self, t: np.ndarray, dt: float) -> np.ndarray:
        return np.sum([part.expected(t, dt) for part in self._parts], axis=0)

    def as_data(self) -> dict[str, Any]:
        return {"type": "Sum", "parts": [part.as_data() for part in self._parts]}


kinds: Mapping[str, type[Stimulus]] = {
    kind.__name__: kind for kind in (Constant, Step, Pulses, Ramp, Sine, Chirp, Noise, Poisson)
}
"""The stimuli an editor offers, by name."""


def as_stimulus(current: Any) -> Stimulus:
    """The stimulus meant by a number, samples (T,), or a stimulus.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    if isinstance(current, Stimulus):
        return current
    if isinstance(current, str | Mapping) or current is None:
        dimensions = 0
    elif hasattr(current, "shape"):
        dimensions = len(current.shape)
    else:
        dimensions = 1 if isinstance(current, Sequence) else 0
    if dimensions:
        return Samples(_row(current, "current"))
    number = current.item() if hasattr(current, "item") else current
    if not is_finite_number(number):
        raise ValueError(
            f"`current` is {shown(number)}: give a finite number, samples, or a stimulus."
        )
    return Constant(float(number))


def stimulus_from(data: Mapping[str, Any]) -> Stimulus:
    """The stimulus described by plain data, as `Stimulus.as_data` gives it.

    Raises
    ------
    ValueError
        If the type is unknown or a setting is not accepted.
    """
    if not isinstance(data, Mapping):
        raise ValueError("A stimulus is described by a mapping with its `type` and settings.")
    settings = {str(key): value for key, value in data.items() if key != "type"}
    kind = str(data.get("type"))
    if kind == "Sum":
        parts = settings.get("parts")
        if not isinstance(parts, list | tuple) or not all(map(_is_single, parts)):
            raise ValueError("A sum of stimuli is described by the list of its `parts`.")
        return Sum(*map(stimulus_from, parts))
    if kind == "Samples":
        return Samples(settings.get("values", ()))
    if kind not in kinds:
        raise ValueError(f"`{kind}` is no stimulus: choose one of {', '.join(kinds)}.")
    return kinds[kind](**settings)


def _is_single(data: Any) -> bool:
    return isinstance(data, Mapping) and data.get("type") != "Sum"


def _row(values: Any, name: str) -> np.ndarray:
    """Values as one row of float64; ValueError under `name` if they are none."""
    array = np.array(np.nan)
    try:
        if not np.iscomplexobj(values):
            array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        pass
    if array.ndim != 1 or array.size == 0 or not np.isfinite(array).all():
        raise ValueError(
            f"`{name}` is {shown(values)}: give one row of finite numbers, at least one."
        )
    return array


def _whole(fraction: np.ndarray) -> np.ndarray:
    """Fractions of a step with rounding at 0 and 1 removed, so that a plateau is exactly flat."""
    snapped = np.where(fraction > 1.0 - 1e-9, 1.0, fraction)
    return np.where(snapped < 1e-9, 0.0, snapped)


def _generator(seed: int | Sequence[int]) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed)))
