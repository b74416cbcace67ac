"""What the views of one redraw share: the run, and the few things derived from it once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models import NeuronModel, Run

from .state import Settings

POINTS = 2000
"""Samples drawn of a longer trace: more than a screen has columns, few enough to send at once."""

FAITHFUL = 1 / 1000
"""How far a drawn line may pass by a sample it leaves out, in ranges of the run: a pixel of a
plot that fills a projector's screen."""

_ROUNDS = 4
"""How often every other point is looked at; each round may leave out half of what is left."""


@dataclass(frozen=True)
class Picture:
    """One redraw.

    Attributes
    ----------
    run : the simulation on the screen.
    settings : what was asked for (axes, what is held).
    overlay : a second run to lay over the first, or None.
    cursor : pinned time, ms; None for the end of the run.
    kept : runs kept to compare with.
    """

    run: Run
    settings: Settings
    overlay: Run | None = None
    cursor: float | None = None
    kept: tuple[Run, ...] = ()

    @property
    def model(self) -> type[NeuronModel]:
        return type(self.run.cell)

    @cached_property
    def drawn(self) -> np.ndarray:
        """Indices of the samples to draw: those that the lines between the others would miss."""
        states = list(self.run.states.values())
        shown = extremes(states[0], POINTS)
        return shown[telling(self.run.time[shown], *(state[shown] for state in states))]

    def reach(self, *names: str) -> tuple[float, float]:
        """The range an axis needs for these states: declared, and widened to what the run visits.

        A run that blew up widens nothing: its last samples say nothing about the model.
        """
        spans = [self.model.state(name).span for name in names]
        if self.run.diverged_at is None:
            visited = [self.run.states[name] for name in names]
            spans += [(float(values.min()), float(values.max())) for values in visited]
        return min(low for low, _ in spans), max(high for _, high in spans)

    @cached_property
    def moment(self) -> int:
        """Index of the sample under the time cursor."""
        last = self.run.time.size - 1
        if self.cursor is None:
            return last
        return int(np.clip(round(self.cursor / self.run.dt), 0, last))

    @cached_property
    def injected(self) -> float:
        """The current under the time cursor, which nullclines and fixed points are drawn for.

        Noise is replaced by its mean: a nullcline that trembles with each sample shows nothing.
        """
        start = min(self.moment, max(self.run.current.size - 1, 0)) * self.run.dt
        # The sum turns -0 into 0.
        return float(self.settings.stimulus.expected(np.array([start]), self.run.dt)[0]) + 0.0

    @cached_property
    def state(self) -> dict[str, float]:
        """The state under the time cursor."""
        return {name: float(values[self.moment]) for name, values in self.run.states.items()}

    @cached_property
    def held(self) -> dict[str, float] | None:
        """Values of the states off the axes, None where they stand at their steady value."""
        if self.settings.held == "steady":
            return None
        axes = (self.settings.x, self.settings.y)
        return {name: value for name, value in self.state.items() if name not in axes}


def extremes(values: np.ndarray, points: int) -> np.ndarray:
    """Indices of at most `points` samples that keep every peak and trough of `values` (T,)."""
    count = values.size
    if count <= points:
        return np.arange(count)
    stretches = max(1, points // 2 - 1)  # two samples of each, and both ends
    edges = np.linspace(0, count, stretches + 1).astype(int)
    width = int(np.diff(edges).max())
    # Stretches of unequal length are filled up with their last sample, so one reshape serves all.
    index = np.minimum(edges[:-1, None] + np.arange(width), edges[1:, None] - 1)
    block = values[index]
    rows = np.arange(stretches)
    both = np.stack([index[rows, block.argmin(axis=1)], index[rows, block.argmax(axis=1)]], axis=1)
    both.sort(axis=1)
    return once(np.concatenate([[0], both.ravel(), [count - 1]]))


def once(index: np.ndarray) -> np.ndarray:
    """`index` (n,), which never falls, with each of its numbers once; faster than a search."""
    return index[np.diff(index, prepend=index[0] - 1) > 0]


def telling(time: np.ndarray, *columns: np.ndarray) -> np.ndarray:
    """Indices of the points of curves that straight lines between the others do not show.

    Most of a trace is rest and slow return, where few points show as much as many: what is sent,
    and what a browser has to paint, is often a third.

    Parameters
    ----------
    time : (n,), ascending.
    columns : (n,) each, which may have gaps (NaN). The lines stay within `FAITHFUL` of the range
        of each column, at the times of the points left out, and touch its ends.
    """
    kept = np.arange(time.size)
    if time.size < 3:
        return kept
    curves = np.stack(columns)
    allowed = np.zeros((len(columns), 1))
    free = np.ones(time.size, bool)
    for row, curve in enumerate(curves):
        least, most = np.fmin.reduce(curve), np.fmax.reduce(curve)  # past gaps
        free[np.argmax(curve == least)] = free[np.argmax(curve == most)] = False
        allowed[row] = FAITHFUL / _ROUNDS * (most - least)
    for _ in range(_ROUNDS):
        before, middle, after = slice(0, -2, 2), slice(1, -1, 2), slice(2, None, 2)
        way = (time[middle] - time[before]) / (time[after] - time[before])
        start = curves[:, before]
        off = np.abs(curves[:, middle] - start - way * (curves[:, after] - start))
        spare = (off <= allowed).all(axis=0) & free[middle]  # never true at a gap
        stays = np.ones(time.size, bool)
        stays[middle][spare] = False
        kept, time, curves, free = kept[stays], time[stays], curves[:, stays], free[stays]
        if not spare.any():
            break
    return kept
