"""The one jitted time loop, and `Run`, its result.

A simulation is compiled once for a model, a method and a power-of-two capacity. Parameters,
current, step length, number of steps, initial state and seed are inputs of the compiled loop, so
moving a slider never compiles anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from numbers import Integral
from typing import Any

import jax
import numpy as np

from . import spike_detection
from .integrators import schemes
from .model import NeuronModel
from .quantity import is_finite_number, shown
from .stimulus import Samples, Stimulus, as_stimulus
from .time_loop import integrate

MOST_STEPS = 4_000_000
"""Longest run in steps; 64-bit HodgkinHuxley then takes about 250 MB."""

_LEAST_CAPACITY = 1024
_ALIGNED_TO = 8
"""How many float64 lie between two places from which JAX reads an array without a copy."""
_NOISE_STREAM = 0x5EED
"""Keeps a model's own noise apart from the noise of its stimulus under the same seed."""
_READING_STREAM = 0x4EAD
"""Keeps the noise of what is read off apart from both."""


@dataclass(frozen=True)
class Run:
    """One simulation: states over time, the current that drove it, and its spikes.

    All arrays are float64 and end where the run diverged, if it did.

    Attributes
    ----------
    cell : the model with the parameters of the run.
    time : (T+1,) ms.
    states : {name: (T+1,)}; at a spike of a reset model states[0] shows the spike level.
    current : (T,) in the model's unit; sample k drives the step from time k to k+1.
    dt, method, seed : as given to `simulate`.
    diverged_at : ms at which a state left the representable range, else None.
    outputs : {name: (T+1,) or (T, ...)} what the model reads off its states (`readings`), or
        the further results of a published step.
    """

    cell: NeuronModel
    time: np.ndarray
    states: Mapping[str, np.ndarray]
    current: np.ndarray
    dt: float
    method: str
    seed: int
    diverged_at: float | None = None
    crossings: np.ndarray | None = field(default=None, repr=False)
    """Spike times as the integrator located them; None for models without reset."""
    outputs: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.states:
            raise KeyError(f"the run has no state `{name}`: it has {', '.join(self.states)}")
        return self.states[name]

    @property
    def duration(self) -> float:
        """Length of the run in ms, up to divergence."""
        return float(self.time[-1])

    @cached_property
    def spike_times(self) -> np.ndarray:
        """(n,) ms: the resets of a reset model, the peaks of action potentials of any other."""
        if self.crossings is not None:
            return self.crossings
        first = self.cell.states[0].name
        return spike_detection.spike_times(
            self.time, self.states[first], self.cell.spike_prominence
        )


def simulate(
    cell: NeuronModel,
    current: float | Stimulus | Any,
    duration: float = 500.0,
    dt: float | None = None,
    method: str = "rk4",
    seed: int = 0,
    initial: Mapping[str, float] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Run:
    """Run a model.

    Parameters
    ----------
    cell : the model.
    current : a number, a `Stimulus`, or samples (T,) of which sample k drives the step from k dt
        to (k+1) dt; samples set the duration to T dt.
    duration : ms; rounded to whole steps.
    dt : step length, ms; the model's `usual_dt` if omitted.
    method : ``"euler"``, ``"midpoint"``, ``"rk4"``, ``"exponential-euler"``, or a published step
        such as ``"ngc-learn:euler"``.
    seed : seed of all noise.
    initial : initial values of some states by name; the others start at the model's own.
    options : settings of a published step that the model has no parameter for.

    Returns
    -------
    Run
        A run that blows up is no error: it ends at `Run.diverged_at`.

    Raises
    ------
    ValueError
        If an argument is not usable; one sentence with its name, its value and the way out.
    """
    stimulus = as_stimulus(current)
    dt = type(cell).usual_dt if dt is None else _positive("dt", dt)
    if isinstance(stimulus, Samples) and stimulus is not current:
        duration = stimulus.values.size * dt
    steps = check(cell, duration, dt, method)
    if not isinstance(seed, Integral) or isinstance(seed, bool) or seed < 0:
        raise ValueError(f"`seed` is {shown(seed)}: give a whole number, 0 or more.")
    if method not in schemes:
        from . import published

        samples = stimulus.samples(steps, dt, seed, at="start")
        options = _named("options", options)
        return published.run(cell, samples, dt, method, seed, initial, options)
    if options:
        raise ValueError(f"`options` belong to published steps; {method!r} has none.")

    model = type(cell)
    samples = stimulus.samples(steps, dt, seed)
    capacity = max(_LEAST_CAPACITY, 1 << (steps - 1).bit_length())
    padded = _aligned_zeros(capacity)
    padded[:steps] = samples
    noise = _kicks(model, capacity, steps, seed)
    packed = cell.packed()
    x0 = _start_state(cell, packed, initial)
    traces = integrate(model, cell.chosen(), method, x0, padded, noise, steps, dt, packed)
    return _collect(cell, packed, np.asarray(traces), samples, dt, method, seed)


def check(cell: NeuronModel, duration: float, dt: float, method: str) -> int:
    """The number of steps of a run, after checking that its numerics can work.

    Raises
    ------
    ValueError
        As `simulate`.
    """
    dt, duration = _positive("dt", dt), _positive("duration", duration)
    if dt > duration:
        raise ValueError(
            f"`dt` is {dt:g} ms but the run lasts {duration:g} ms: choose a smaller dt."
        )
    if duration / dt > MOST_STEPS:
        raise ValueError(
            f"`duration` is {duration:g} ms and `dt` {dt:g} ms, {_steps(duration / dt)} steps: "
            f"choose a larger dt or a shorter run (at most {MOST_STEPS:,} steps)."
        )
    p = cell.p
    problem = cell.problem(p)
    if problem:
        raise ValueError(problem)
    if not isinstance(method, str):
        known = ", ".join(methods(type(cell)))
        raise ValueError(f"`method` is {shown(method)}: choose one of {known}.")
    if method in schemes:
        _check_method(type(cell), p, dt, method)
    else:
        from . import published

        published.check(cell, method)
    return round(duration / dt)


def _steps(count: float) -> str:
    return f"{count:,.0f}" if count < 1e12 else f"{count:.1g}"


def _named(name: str, given: Any) -> Mapping[str, Any]:
    """Values by name; none if nothing is given."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ValueError(f"`{name}` is {shown(given)}: give values by name, such as {{'v': -65}}.")
    return given


def _positive(name: str, value: Any) -> float:
    if not (is_finite_number(value) and value > 0):
        raise ValueError(f"`{name}` is {shown(value)}: give a positive number of milliseconds.")
    return float(value)


def methods(model: type[NeuronModel]) -> tuple[str, ...]:
    """The methods a model can be run with: accurate ones first, then published steps."""
    from . import published

    accurate = [name for name in schemes if name != "exponential-euler" or model.has_linear_part]
    return (*accurate, *published.methods(model))


def start_state(cell: NeuronModel, initial: Mapping[str, float] | None) -> np.ndarray:
    """The initial state (S,), with the values in `initial` put in place of the model's own."""
    return _start_state(cell, cell.packed(), initial)


def _start_state(
    cell: NeuronModel, packed: np.ndarray, initial: Mapping[str, float] | None
) -> np.ndarray:
    x0 = np.array(_own_start(type(cell), cell.chosen(), packed))
    for name, value in _named("initial", initial).items():
        cell.state(name)
        if not is_finite_number(value):
            raise ValueError(f"`{name}` starts at {shown(value)}: give a finite number.")
        x0[cell.state_names().index(name)] = value
    return x0


@partial(jax.jit, static_argnames=("model", "chosen"))
def _own_start(model: type[NeuronModel], chosen: tuple[str, ...], packed: jax.Array) -> jax.Array:
    return model.initial_state(model.unpack(packed, chosen))


def _aligned_zeros(size: int) -> np.ndarray:
    """(size,) zeros where JAX reads them in place: elsewhere it makes a copy, which takes 50 µs."""
    room = np.zeros(size + _ALIGNED_TO)
    skipped = (-room.ctypes.data // room.itemsize) % _ALIGNED_TO
    return room[skipped : skipped + size]


def _collect(
    cell: NeuronModel,
    packed: np.ndarray,
    traces: np.ndarray,
    current: np.ndarray,
    dt: float,
    method: str,
    seed: int,
) -> Run:
    end = _sound_until(cell, traces[:, : current.size + 1])
    diverged_at = None if end == current.size + 1 else end * dt
    crossings = None
    if type(cell).resets():
        spiking = np.flatnonzero(traces[-1, :end] >= 0.0)
        crossings = (spiking - 1) * dt + traces[-1, spiking]
    return Run(
        cell,
        np.arange(end, dtype=np.float64) * dt,
        {name: traces[i, :end] for i, name in enumerate(cell.state_names())},
        current[: end - 1],
        dt,
        method,
        seed,
        diverged_at,
        crossings,
        _readings(cell, packed, traces, end, seed),
    )


def _readings(
    cell: NeuronModel, packed: np.ndarray, traces: np.ndarray, end: int, seed: int
) -> dict[str, np.ndarray]:
    """What the model reads off its states in the first `end` columns of the traces, each (end,)."""
    model = type(cell)
    if not model.readings:
        return {}
    noise = _aligned_zeros(len(model.readings) * traces.shape[1]).reshape(-1, traces.shape[1])
    noise[:, :end] = _normal(seed, _READING_STREAM, (len(model.readings), end))
    values = np.asarray(_read(model, cell.chosen(), traces, noise, packed))
    return {reading.name: values[i, :end] for i, reading in enumerate(model.readings)}


@partial(jax.jit, static_argnames=("model", "chosen"))
def _read(
    model: type[NeuronModel],
    chosen: tuple[str, ...],
    traces: jax.Array,
    noise: jax.Array,
    packed: jax.Array,
) -> jax.Array:
    """The readings (R, capacity + 1) of one unit at every sample; `noise` has the same shape."""
    states = traces[: len(model.states), None]
    return model.read(states, noise[:, None], model.unpack(packed, chosen))[:, 0]


def _sound_until(cell: NeuronModel, traces: np.ndarray) -> int:
    """The number of leading samples in which every state is a number within its limit."""
    end = traces.shape[1]
    for state, trace in zip(cell.states, traces, strict=False):
        within = -state.limit <= trace.min() and trace.max() <= state.limit  # False for NaN too
        if not within:
            end = min(end, int(np.argmin(np.abs(trace) <= state.limit)))
    return max(1, end)


def _check_method(model: type[NeuronModel], p: Any, dt: float, method: str) -> None:
    if method == "exponential-euler":
        if not model.has_linear_part:
            raise ValueError(f"{model.__name__} has no linear part for {method!r}: use 'rk4'.")
        return
    tau = min(model.fastest_time_constant(p), model.landing_time_constant(p))
    if dt > 2.0 * tau:
        other = " or method='exponential-euler'" if model.has_linear_part else ""
        raise ValueError(
            f"`dt` is {dt:g} ms but the fastest time constant is {tau:g} ms, so every step "
            f"overshoots: choose dt of {tau / 10:g} ms or less{other}."
        )


def _kicks(model: type[NeuronModel], capacity: int, steps: int, seed: int) -> np.ndarray:
    """Standard normal numbers; row k depends on the seed and k alone."""
    states = len(model.states)
    if not model.has_noise:
        return np.zeros((0, states))
    kicks = _aligned_zeros(capacity * states).reshape(capacity, states)
    kicks[:steps] = _normal(seed, _NOISE_STREAM, (steps, states))
    return kicks


def _normal(seed: int, stream: int, shape: tuple[int, ...]) -> np.ndarray:
    """Standard normal numbers of one of the streams under a seed."""
    generator = np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, stream))))
    return generator.standard_normal(shape)
