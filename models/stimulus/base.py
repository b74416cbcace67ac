"""What every stimulus is, and those that others are made of: a constant, samples, a sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..quantity import CURRENT, Declared, Quantity, is_finite_number, shown


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


def strength(default: float, doc: str, symbol: str = "I", label: str = "Amplitude") -> Quantity:
    """A level of the current, in the unit of the model."""
    return Quantity(default, bounds=(-1e6, 1e6), unit=CURRENT, symbol=symbol, doc=doc, label=label)


def moment(default: float, doc: str, label: str, symbol: str, least: float = 0.0) -> Quantity:
    """A time or a length of time, ms."""
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
    amplitude = strength(10.0, "current throughout the run")

    def value(self, t: np.ndarray) -> np.ndarray:
        return np.full_like(t, self.amplitude, dtype=np.float64)

    def samples(
        self, steps: int, dt: float, seed: int | Sequence[int] = 0, at: str = "mean"
    ) -> np.ndarray:
        return np.full(steps, self.amplitude, dtype=np.float64)


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
