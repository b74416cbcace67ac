"""What the cells of a sweep did, kept in the time loop, and the numbers read off it."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp


class Tally(NamedTuple):
    """What the lanes of a block did, each field (B,); times in ms since the start.

    Intervals are those between spikes that end after the transient, but for the longest.
    """

    spikes: Any
    """Number of spikes after the transient."""
    first: Any
    """Time of the first spike of the whole run, inf if there is none."""
    last: Any
    """Time of the last spike of the whole run, -inf if there is none."""
    intervals: Any
    """Number of intervals."""
    total: Any
    """Their sum."""
    squares: Any
    """Sum of their squared deviations from the running mean (Welford 1962)."""
    longest: Any
    """The longest interval of the whole run."""
    low: Any
    """Least states[0] after the transient."""
    high: Any
    """Greatest states[0] after the transient."""
    end: Any
    """(S, B) the state at the end."""
    watch: Any
    """(W, B) what the detector of spikes remembers then; (0, B) for a model that resets."""
    duration: Any
    """() length of the run."""


def rate(tally: Tally) -> Any:
    """Steady firing rate (B,) in Hz: the inverse of the mean interval after the transient.

    The interval under way at the end counts where it is longer than two mean ones: without the
    pause between bursts, the rate of a bursting cell would be that within a burst. Zero for a cell
    with no interval that ends after the transient, and for one that has fallen silent for more than
    twice its longest interval; NaN where the run blew up, or a reset led beyond the spike level.
    """
    under_way = tally.duration - tally.last
    silent = (tally.intervals < 1) | (under_way > 2.0 * tally.longest)
    pause = under_way * tally.intervals > 2.0 * tally.total
    total = jnp.where(pause, tally.total + under_way, tally.total)
    hz = 1e3 * tally.intervals / jnp.where(silent, 1.0, total)
    return _sound(tally, jnp.where(silent, 0.0, hz))


def irregularity(tally: Tally) -> Any:
    """Coefficient of variation (B,) of the intervals; NaN with fewer than two of them."""
    n = tally.intervals
    mean = tally.total / jnp.maximum(n, 1.0)
    cv = jnp.sqrt(tally.squares / jnp.maximum(n - 1.0, 1.0)) / jnp.where(n > 0, mean, 1.0)
    return _sound(tally, jnp.where(n >= 2, cv, jnp.nan))


def latency(tally: Tally) -> Any:
    """Time (B,) of the first spike in ms; NaN for a cell that never fires."""
    return jnp.where(jnp.isfinite(tally.first), tally.first, jnp.nan)


def everything(tally: Tally) -> Tally:
    """The tally itself."""
    return tally


def _sound(tally: Tally, value: Any) -> Any:
    return jnp.where(jnp.isfinite(tally.end).all(axis=0), value, jnp.nan)
