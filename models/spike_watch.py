"""Spikes of models without reset, found while the time loop runs: the rule of `spike_detection`.

Sweeps and layers keep no trace, so what the rule needs of it is remembered lane by lane. A peak
counts when the trace has fallen far enough below it; the first small one of a train, when the next
has kept its height.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp

from .model import Array, NeuronModel
from .spike_detection import DEPOLARISED, SMALL, SUSTAINED


class Watch(NamedTuple):
    """What is remembered of states[0], each field (B,); times in ms, -inf for none."""

    extreme: Array
    """Its extreme since the last turn by the whole prominence."""
    rising: Array
    """Whether that turn was up."""
    when: Array
    """The time of the last extreme that was a peak."""
    crest: Array
    """Its greatest value since the last valley; any turn by a part `SMALL` of the prominence."""
    crest_when: Array
    dip: Array
    """Its least value since the crest."""
    valley: Array
    """The valley before the crest."""
    height: Array
    """How far the peak before stood out from the valleys beside it, inf before the first."""
    before: Array
    """The time of that peak, if it lay high enough for a small spike."""
    low: Array
    """Its least value before the crest."""
    high: Array
    """Its greatest value."""
    told: Array
    """The time of the last spike."""
    reported: Array
    """The same a step ago."""

    @property
    def news(self) -> Array:
        """Whether there is a spike (B,) that was not known a step ago."""
        return self.told > self.reported

    def handed_on(self, spent: Any) -> Array:
        """The memory as one array (W, B), for lanes that go on after a run of `spent` ms."""
        memory = self._replace(
            when=self.when - spent,
            crest_when=self.crest_when - spent,
            before=self.before - spent,
            told=self.told - spent,
            reported=self.reported - spent,
        )
        return jnp.stack([field.astype(spent.dtype) for field in memory])


def watching(v: Array) -> Watch:
    """The memory of lanes that start at v (B,)."""
    zero = jnp.zeros_like(v)
    far, no = zero + jnp.inf, zero > 1.0
    return Watch(v, no, -far, v, zero, v, v, far, -far, v, v, -far, -far)


def watching_on(rows: Array) -> Watch:
    """The memory that `Watch.handed_on` made of a run before, (W, B)."""
    memory = Watch(*rows)
    return memory._replace(rising=memory.rising > 0.5)


def noticed(model: type[NeuronModel], v: Array, memory: Watch, t: Any) -> Watch:
    """The memory after states[0] was `v` (B,) at time `t`.

    A spike is told, by `Watch.told` and `Watch.news`, one step after the trace has shown that it
    is one. A compiler that fuses loops computes each field by itself: so none takes another's new
    value, and what is long is read off the memory alone.
    """
    prominence = model.spike_prominence
    least = SMALL * prominence
    extreme, rising, when, crest, crest_when, dip, valley, height, before, low, high, told, _ = (
        memory
    )
    # Tall: a turn down by the whole prominence.
    turned = jnp.where(rising, v < extreme - prominence, v > extreme + prominence)
    renew = turned | jnp.where(rising, v > extreme, v < extreme)
    peak = jnp.where(rising, ~turned & (v > extreme), turned)
    # Small: a crest high up the range, of a train that keeps its height.
    new_valley = (v > dip + least) & (crest - dip >= least)
    new_crest = new_valley | (v > crest)
    upright = crest >= low + DEPOLARISED * (high - low)
    spike = _next_spike(memory, least, upright)
    return Watch(
        jnp.where(renew, v, extreme),
        rising ^ turned,
        jnp.where(peak, t, when),
        jnp.where(new_crest, v, crest),
        jnp.where(new_crest, t, crest_when),
        jnp.where(new_crest, v, jnp.minimum(dip, v)),
        jnp.where(new_valley, dip, jnp.where(new_crest, jnp.minimum(valley, dip), valley)),
        jnp.where(new_valley, crest - jnp.maximum(valley, dip), height),
        jnp.where(new_valley, jnp.where(upright, crest_when, -jnp.inf), before),
        jnp.where(new_crest, jnp.minimum(low, dip), low),
        jnp.maximum(high, v),
        jnp.where(spike < jnp.inf, spike, told),
        told,
    )


def _next_spike(memory: Watch, least: float, upright: Array) -> Array:
    """The time (B,) of the earliest spike not told yet, inf if there is none."""
    height = memory.crest - jnp.maximum(memory.valley, memory.dip)
    kept = (height >= jnp.maximum(SUSTAINED * memory.height, least)) & (memory.told > -jnp.inf)
    candidates = (
        (~memory.rising, memory.when),
        (kept, memory.before),
        (kept & upright, memory.crest_when),
    )
    earliest = jnp.full_like(memory.told, jnp.inf)
    for counts, when in candidates:
        waits = counts & (when > memory.told)
        earliest = jnp.where(waits, jnp.minimum(earliest, when), earliest)
    return earliest
