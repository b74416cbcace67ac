"""The atlas: a map of what a cell does over any two of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..model import NeuronModel
from ..quantity import is_finite_number, shown
from ..simulate import check, start_state
from . import batch
from .given import constant_current
from .pattern import patterns
from .resting_kind import resting_kinds
from .spike_groups import burst_counts
from .tally import Tally, irregularity, latency, rate

_LONGEST_STEP = 0.25
"""ms."""

Axis = tuple[str, float, float, int]
"""(name of a parameter or "current", low, high, number of values)."""


class Map(NamedTuple):
    """One atlas and its axes."""

    x: np.ndarray
    """(nx,)"""
    y: np.ndarray
    """(ny,)"""
    values: np.ndarray
    """(ny, nx), row by row of y."""


def atlas(
    cell: NeuronModel,
    x: Axis,
    y: Axis,
    measure: str = "rate",
    current: float | None = None,
    duration: float = 500.0,
    dt: float | None = None,
    method: str | None = None,
) -> np.ndarray:
    """What a cell does under a constant current, over two of its parameters.

    Every cell starts from the model's initial state. The default step is long, for maps that
    follow a drag: rates are within a percent of those of a single run, mostly much closer; choose
    a smaller dt where that matters. The noise of a model that brings its own is left out.

    Parameters
    ----------
    cell : the model; it gives the parameters that are not on an axis.
    x, y : axes, such as ``("a", 0.01, 0.1, 100)``; a name may be ``"current"``.
    measure : ``"rate"`` steady firing rate in Hz (see `fi_curve`), ``"cv"`` coefficient of
        variation of the intervals, ``"latency"`` of the first spike in ms, ``"burst-count"``
        number of groups of two or more spikes, ``"pattern"`` the label of `pattern`, or
        ``"fixed-point-type"`` the kind of the equilibrium of lowest voltage, ``"none"`` without.
    current : constant current where no axis is the current; the model's default if omitted.
    duration, dt : ms; the first quarter does not count for rate and CV. If omitted, dt is 0.1
        for spike trains (burst count, pattern); else 0.25 or a hundredth of the fastest time
        constant, whichever is shorter; and 0.025 for models without reset. In any case it is
        short enough for where a reset lands.
    method : of integration; the midpoint rule, or RK4 for models without reset, if omitted.

    Returns
    -------
    (ny, nx) float array, or text for pattern and fixed-point type. NaN (or ``""``) where the
    parameters do not go together, the run blew up, or the measure is not defined.

    Raises
    ------
    ValueError
        If an axis or the measure does not exist, a value is out of bounds, or as `simulate`.
    """
    if not isinstance(measure, str):
        raise ValueError(f"`measure` is {shown(measure)}: choose one of {', '.join(measures)}.")
    kind = measure.lower().replace(" ", "-").replace("_", "-")
    if kind not in measures:
        raise ValueError(f"`measure` is {measure!r}: choose one of {', '.join(measures)}.")
    xs, ys = _values(cell, "x", x), _values(cell, "y", y)
    if x[0] == y[0]:
        raise ValueError(f"`x` and `y` are both {x[0]!r}: choose two different parameters.")
    columns = {x[0]: np.tile(xs, ys.size), y[0]: np.repeat(ys, xs.size)}
    dt = _step_length(cell, kind) if dt is None else dt
    method = method or ("midpoint" if type(cell).resets() else "rk4")
    check(cell, duration, dt, method)
    settings = {
        "duration": duration,
        "dt": dt,
        "method": method,
        "current": constant_current(cell.current.default if current is None else current),
    }
    values = measures[kind](cell, columns, settings)
    impossible = _impossible(cell, columns)
    if impossible.any():
        values = np.where(impossible, "" if values.dtype.kind == "U" else np.nan, values)
    return values.reshape(ys.size, xs.size)


def coarse_to_fine(
    cell: NeuronModel, x: Axis, y: Axis, measure: str = "rate", **settings: Any
) -> Iterator[Map]:
    """The same atlas at growing resolution: a quarter, a half, and all of both axes.

    The first map stands at once; the caller draws it and asks for the next.

    Parameters
    ----------
    cell, x, y, measure, **settings : as `atlas`.

    Yields
    ------
    Map
    """
    for share in (4, 2, 1):
        axes = [(*axis[:3], max(2, axis[3] // share)) for axis in (x, y)]
        values = atlas(cell, axes[0], axes[1], measure, **settings)
        yield Map(_values(cell, "x", axes[0]), _values(cell, "y", axes[1]), values)


def _tallied(summary: Callable[[Tally], Any]) -> Callable[..., np.ndarray]:
    def measure(
        cell: NeuronModel, columns: Mapping[str, np.ndarray], settings: dict[str, Any]
    ) -> np.ndarray:
        transient = 0.25 * settings["duration"]
        return batch.run(cell, columns, summary, transient=transient, **settings)

    return measure


def _burst_counts(
    cell: NeuronModel, columns: Mapping[str, np.ndarray], settings: dict[str, Any]
) -> np.ndarray:
    times = batch.spike_trains(cell, columns, **settings).times
    return burst_counts(np.diff(times, axis=1)).astype(np.float64)


def _patterns(
    cell: NeuronModel, columns: Mapping[str, np.ndarray], settings: dict[str, Any]
) -> np.ndarray:
    trains = batch.spike_trains(cell, columns, **settings)
    low, high, end = trains.low, trains.high, trains.end
    raised = np.zeros(end.size)
    if not type(cell).resets():
        start = float(start_state(cell, None)[0])
        raised = (end - start) / np.maximum(high - low, 1e-12)
    labels = patterns(trains.times, settings["duration"], raised)
    return np.where(np.isfinite(low) & np.isfinite(high) & np.isfinite(end), labels, "")


def _fixed_point_types(
    cell: NeuronModel, columns: Mapping[str, np.ndarray], settings: dict[str, Any]
) -> np.ndarray:
    return resting_kinds(cell, columns, settings["current"])


measures: Mapping[str, Callable[..., np.ndarray]] = {
    "rate": _tallied(rate),
    "cv": _tallied(irregularity),
    "latency": _tallied(latency),
    "burst-count": _burst_counts,
    "pattern": _patterns,
    "fixed-point-type": _fixed_point_types,
}
"""What an atlas can show, by name."""


def _step_length(cell: NeuronModel, measure: str) -> float:
    if not type(cell).resets() or measure in ("burst-count", "pattern"):
        return batch.step_length(cell)
    p = cell.p
    return min(_LONGEST_STEP, 0.01 * cell.fastest_time_constant(p), cell.landing_time_constant(p))


def _values(cell: NeuronModel, argument: str, axis: Axis) -> np.ndarray:
    """The values of an axis after checking them against the model's bounds."""
    if not isinstance(axis, Sequence) or len(axis) != 4:
        raise ValueError(
            f"`{argument}` is {shown(axis)}: give a name, a lower and a higher end and how many "
            "values."
        )
    name, low, high, count = axis
    known = [batch.CURRENT, *cell.quantities()]
    if name not in known:
        raise ValueError(
            f"`{argument}` is {name!r}, which {type(cell).__name__} does not have: "
            f"choose one of {', '.join(known)}."
        )
    numbers = all(is_finite_number(number) for number in (low, high, count))
    if not (numbers and low < high and count >= 2 and count == int(count)):
        raise ValueError(
            f"`{argument}` runs from {low} to {high} in {count} values: give a lower and a "
            "higher end and two values or more."
        )
    if name != batch.CURRENT:
        for end in (low, high):
            cell.quantities()[name]._validate(end)
    return np.linspace(low, high, int(count))


def _impossible(cell: NeuronModel, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Which lanes (N,) have parameters that do not go together."""
    varied = {name: values for name, values in columns.items() if name != batch.CURRENT}
    count = next(iter(columns.values())).size
    p = cell.p
    corners = np.unique([0, count - 1, *(int(np.argmax(v)) for v in varied.values())])
    lanes = [p._replace(**{n: float(v[i]) for n, v in varied.items()}) for i in corners]
    if not varied or not any(cell.problem(lane) for lane in lanes):
        return np.zeros(count, dtype=bool)
    return np.array(
        [
            bool(cell.problem(p._replace(**{n: float(v[i]) for n, v in varied.items()})))
            for i in range(count)
        ]
    )
