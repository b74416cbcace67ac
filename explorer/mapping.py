"""An atlas that stands at once: coarse, then finer, in bands that can be called off."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models import NeuronModel, analysis
from models.analysis.atlas import Map, measures

from . import varied
from .background import Watch
from .state import Settings

MEASURES = {
    "rate": ("Firing rate", "Hz"),
    "pattern": ("Firing pattern", ""),
    "cv": ("Irregularity (CV of intervals)", ""),
    "latency": ("Latency of the first spike", "ms"),
    "burst-count": ("Number of bursts", ""),
    "fixed-point-type": ("Kind of rest", ""),
}
"""Title and unit of what an atlas can show, by name."""
LEAST = {"cv": 0.1}
"""Where a scale ends at the earliest: the intervals of a regular cell differ by rounding alone,
and that shall not be spread over all colours."""
_AT_REST = "fixed-point-type"
"""What can be told of a cell that has no spikes."""

SIZES = (24, 48, 96)
"""Values along each axis, of one map after the other."""
_BAND = 8
"""Rows worked out at once where a whole map would take too long."""
_LONG = 0.15
"""Seconds that count as too long: a newer request waits no longer."""


@dataclass(frozen=True)
class Frame:
    """What is on the axes of an atlas, and what it shows.

    Attributes
    ----------
    x, y : names of the quantities.
    x_from, x_to, y_from, y_to : their ranges.
    show : one of `MEASURES`.
    """

    x: str
    x_from: float
    x_to: float
    y: str
    y_from: float
    y_to: float
    show: str = "rate"

    def check(self) -> None:
        """ValueError in one sentence if there is no such map."""
        if self.x == self.y:
            raise ValueError(f"`x` and `y` are both {self.x}: choose two quantities")
        for axis in ("x", "y"):
            low, high = (getattr(self, f"{axis}_{end}") for end in ("from", "to"))
            if low >= high:
                raise ValueError(
                    f"`{axis}_from` is {low:g} and `{axis}_to` {high:g}: choose the first below "
                    "the second"
                )


def measures_of(model: type[NeuronModel]) -> dict[str, str]:
    """{name: title} of what an atlas of a model can show; without spikes only rest is left."""
    named = MEASURES if model.fires() else [_AT_REST]
    return {name: MEASURES[name][0] for name in named}


def opening_frame(settings: Settings) -> Frame:
    """What a model's atlas shows first: its rate over the axes that it declares."""
    x, y = settings.model_class.atlas_axes()
    show = next(iter(measures_of(settings.model_class)))
    return Frame(x, *_usual(settings, x), y, *_usual(settings, y), show)


def framed(frame: Frame, settings: Settings, axis: str, name: str) -> Frame:
    """The frame with another quantity on an axis, in its usual range."""
    low, high = _usual(settings, name)
    return replace(frame, **{axis: name, f"{axis}_from": low, f"{axis}_to": high})


def _usual(settings: Settings, name: str) -> tuple[float, float]:
    quantity = varied.varied_of(settings.model_class)[name]
    return varied.around(quantity, varied.present(settings, name))


@dataclass(frozen=True)
class Request:
    """What is asked of an atlas.

    Attributes
    ----------
    x, y : name, low and high of each axis.
    measure : one of `MEASURES`.
    current : constant current where no axis is the current.
    duration : of each run, ms.
    """

    x: tuple[str, float, float]
    y: tuple[str, float, float]
    measure: str
    current: float
    duration: float


def maps(cell: NeuronModel, request: Request, watch: Watch) -> Iterator[Map]:
    """Maps of growing resolution; those that take long are filled from below, band by band.

    Yields
    ------
    Map
        Complete at any time: where a finer map is not yet done it shows the coarser one.

    Raises
    ------
    ValueError
        As `models.analysis.atlas`.
    Cancelled
        Between two bands, when a newer request came.
    """
    assert request.measure in measures
    made: Map | None = None
    taken = 0.0
    for size in SIZES:
        began = time.perf_counter()
        if made is None or 4.0 * taken < _LONG:
            made = Map(*_axes(request, size), _values(cell, request, size, request.y[1:]))
            yield made
        else:
            coarser = made
            for made in _banded(cell, request, size, coarser, watch):
                yield made
        taken = time.perf_counter() - began


def _banded(
    cell: NeuronModel, request: Request, size: int, before: Map, watch: Watch
) -> Iterator[Map]:
    """One map, band by band over what stood before."""
    x, y = _axes(request, size)
    values = before.values[np.ix_(_nearest(y, before.y), _nearest(x, before.x))]
    values = values.astype(object) if values.dtype.kind == "U" else values
    for first in range(0, size, _BAND):
        watch.progress(_done(size, first))
        rows = slice(first, first + _BAND)
        values[rows] = _values(cell, request, size, (y[first], y[rows][-1]), _BAND)
        # A copy: what is handed over is drawn while the next band is being written.
        yield Map(x, y, values.astype(str) if values.dtype == object else values.copy())


def _done(size: int, rows: int) -> float:
    """The part of all maps that is done with so many rows of one of them."""
    before = sum(each**2 for each in SIZES if each < size)
    return (before + rows * size) / sum(each**2 for each in SIZES)


def _values(
    cell: NeuronModel,
    request: Request,
    size: int,
    over: tuple[float, float],
    rows: int | None = None,
) -> Any:
    name = request.y[0]
    return analysis.atlas(
        cell,
        (*request.x, size),
        (name, *over, rows or size),
        request.measure,
        current=request.current,
        duration=request.duration,
    )


def _axes(request: Request, size: int) -> tuple[np.ndarray, np.ndarray]:
    return np.linspace(*request.x[1:], size), np.linspace(*request.y[1:], size)


def _nearest(values: np.ndarray, among: np.ndarray) -> np.ndarray:
    return np.abs(values[:, None] - among[None]).argmin(axis=1)
