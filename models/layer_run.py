"""What a layer did: spikes kept as bits, winners, states, and the pictures drawn of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .layer_loop import WORD
from .model import NeuronModel

if TYPE_CHECKING:
    from .layer import Layer


@dataclass(frozen=True)
class LayerRun:
    """What a layer did over T steps.

    Attributes
    ----------
    layer : the layer.
    dt, steps, method, seed : as run.
    winners : (T, K, 3) int16: feature, row and column of the winners of each step in the order
        of winning, -1 where there was none.
    states : {name: (T+1, F, R, C)} of the states that were kept.
    outputs : {name: (T+1, F, R, C)} what the model reads off its states, where all were kept; of
        a published step what the library returns, (T, ...).
    diverged : (F, R, C) bool: cells that ended beyond what their model can take
        (`State.limit`), or with what is no number.
    packed : (ceil(T / 32), N) uint32: bit j of word i is set where a cell fired in step 32 i + j.
    """

    layer: Layer
    dt: float
    steps: int
    method: str
    seed: int
    winners: np.ndarray
    states: Mapping[str, np.ndarray]
    outputs: Mapping[str, np.ndarray] = field(repr=False)
    diverged: np.ndarray
    packed: np.ndarray = field(repr=False)

    @property
    def duration(self) -> float:
        """Length of the run, ms."""
        return self.steps * self.dt

    @cached_property
    def time(self) -> np.ndarray:
        """(T+1,) ms, at which `states` are recorded."""
        return np.arange(self.steps + 1) * self.dt

    @cached_property
    def spikes(self) -> np.ndarray:
        """(T, F, R, C) bool: which cells fired in the step from k dt to (k + 1) dt."""
        fired = np.empty((self.packed.shape[0] * WORD, self.packed.shape[1]), bool)
        for bit in range(WORD):
            fired[bit::WORD] = (self.packed >> np.uint32(bit)) & np.uint32(1)
        return fired[: self.steps].reshape(self.steps, *self.layer.shape)

    @cached_property
    def events(self) -> np.ndarray:
        """(n, 2) int32: step and cell (place in the flattened layer) of each spike, in order."""
        found = np.stack(unpacked_spikes(self.packed), axis=1)
        return found[np.lexsort((found[:, 1], found[:, 0]))].astype(np.int32)

    @cached_property
    def counts(self) -> np.ndarray:
        """(F, R, C) number of spikes of each cell."""
        return np.bitwise_count(self.packed).sum(axis=0, dtype=np.int64).reshape(self.layer.shape)

    @property
    def rates(self) -> np.ndarray:
        """(F, R, C) spikes per second of each cell, over the whole run."""
        return self.counts * (1e3 / self.duration)

    def population_rate(self, width: float = 5.0) -> tuple[np.ndarray, np.ndarray]:
        """Spikes per second and cell in bins.

        Parameters
        ----------
        width : of a bin, ms; rounded to whole steps.

        Returns
        -------
        edges : (bins + 1,) ms; a last bin that is not full is left out.
        rates : (features, bins) Hz, each averaged over the cells of a feature.
        """
        steps = max(1, round(width / self.dt))
        bins = self.steps // steps
        features = self.layer.shape[0]
        per_feature = int(np.prod(self.layer.shape[1:]))
        step, cell = self.events[self.events[:, 0] < bins * steps].T
        place = (cell // per_feature) * bins + step // steps
        found = np.bincount(place, minlength=features * bins).reshape(features, bins)
        seconds = 1e-3 * steps * self.dt
        return np.arange(bins + 1) * steps * self.dt, found / (seconds * per_feature)

    @cached_property
    def winning_spikes(self) -> np.ndarray:
        """(T, F, R, C) bool: the spikes of the winners alone."""
        won = np.zeros((self.steps, *self.layer.shape), bool)
        step, place = np.nonzero(self.winners[:, :, 0] >= 0)
        won[(step, *self.winners[step, place].T)] = True
        return won


def places_of(flat: np.ndarray, shape: tuple[int, int, int], steps: int) -> np.ndarray:
    """Flat places (T, K), -1 for none, as (T, K, 3) of feature, row and column."""
    if flat.shape[0] != steps:
        return np.empty((steps, 0, 3), np.int16)
    places = np.stack(np.unravel_index(np.maximum(flat, 0), shape), axis=-1)
    return np.where(flat[..., None] >= 0, places, -1).astype(np.int16)


def packed_spikes(fired: np.ndarray) -> np.ndarray:
    """Spikes (T, N) as words of 32 steps, (ceil(T / 32), N) uint32."""
    words = -(-fired.shape[0] // WORD)
    packed = np.zeros((words, fired.shape[1]), np.uint32)
    for bit in range(WORD):
        rows = fired[bit::WORD]
        packed[: rows.shape[0]] |= rows.astype(np.uint32) << np.uint32(bit)
    return packed


def unpacked_spikes(packed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Step (n,) and cell (n,) of every spike in words of 32 steps (ceil(T / 32), N), in no order.

    Each round takes the earliest spike out of every word that has one left, so that there are as
    many rounds as the fastest cell has spikes in 32 steps: few, since cells have to recover.
    """
    words = packed.ravel()
    place = np.flatnonzero(words != 0)
    left = words[place]
    steps, cells = [np.zeros(0, int)], [np.zeros(0, int)]
    while place.size:
        first = left & -left
        word, cell = np.divmod(place, packed.shape[1])
        steps.append(word * WORD + np.bitwise_count(first - np.uint32(1)))
        cells.append(cell)
        left ^= first
        more = left != 0
        place, left = place[more], left[more]
    return np.concatenate(steps), np.concatenate(cells)


def beyond_limits(model: type[NeuronModel], states: np.ndarray) -> np.ndarray:
    """Where any of the states (S, ...) is beyond its limit or no number, (...)."""
    limits = np.array([state.limit for state in model.states])
    within = np.abs(states) < limits.reshape(-1, *[1] * (states.ndim - 1))
    return ~within.all(axis=0)
