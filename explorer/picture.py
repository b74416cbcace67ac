"""What the views of one redraw share: the run, and the few things derived from it once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models import NeuronModel, Run

from .state import Settings

POINTS = 2000
"""Samples drawn of a longer trace: more than a screen has columns, few enough to send at once."""


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
        """Indices of the samples to draw: all, or the extremes of each of many short stretches."""
        return extremes(self.run.states[self.model.states[0].name], POINTS)

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
    both = np.stack([index[rows, block.argmin(axis=1)], index[rows, block.argmax(axis=1)]])
    return np.unique(np.concatenate([[0], both.ravel(), [count - 1]]))
