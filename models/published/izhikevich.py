"""Izhikevich's own steps: the loop behind his figures, and the one printed in the 2003 paper.

The figures of the papers of 2003 and 2004 come from one MATLAB file (``izhi2003.m`` at Open Source
Brain, ``figure1.m`` for the second): Euler steps of a fifth or a quarter of a millisecond in which
u already uses the new v, and a spike where v has passed 30 after the update. The times of the
2004 figure follow from exactly this step; a smaller one shifts them.

The source labels an update with the time at which it ends up in the plot. An onset written
``t > 10`` there is a stimulus from 10 ms here, and a pulse ``t > 40 & t < 44`` with steps of
0.25 ms lasts 3.75 ms here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from ..model import Array
from .step import PublishedStep, Tick


def figure_update(v: Array, u: Array, current: Array, dt: Array, p: Any) -> tuple[Array, ...]:
    """One pass of the loop behind the figures.

    Returns
    -------
    v, u : the state the next pass starts from, after a reset if there was one.
    shown : what is plotted for v: the peak level at a spike.
    s : 1 where a spike was.
    """
    v = v + dt / p.tau_m * (p.k2 * (v * v) + p.k1 * v + p.k0 - u + p.R * current)
    u = u + dt * p.a * (p.b * (v - p.v_u) - p.u_leak * u)
    fired = v > p.v_peak
    shown = jnp.where(fired, p.v_peak, v)
    v = jnp.where(fired, p.c, v)
    u = jnp.where(fired, u + p.d, u)
    return v, u, shown, fired.astype(v.dtype)


def _figure_start(x0: Array, p: Any) -> Array:
    v, u = x0
    return jnp.stack([v, u, v, jnp.zeros_like(v)])


def _figure_advance(row: Array, tick: Tick, p: Any) -> Array:
    """One pass, and two at the start: the source's loop also makes one at t = 0."""
    v, u, _, _ = row
    current = tick.current
    v0, u0, _, s0 = figure_update(v, u, current, tick.dt, p)
    first = tick.time == 0.0
    v, u = jnp.where(first, v0, v), jnp.where(first, u0, u)
    v, u, shown, s = figure_update(v, u, current, tick.dt, p)
    return jnp.stack([v, u, shown, jnp.where(first, jnp.maximum(s0, s), s)])


def _network_start(x0: Array, p: Any) -> Array:
    v, u = x0
    return jnp.stack([v, u, jnp.zeros_like(v)])


def _network_advance(row: Array, tick: Tick, p: Any) -> Array:
    """Spikes of the state before are reset, then v takes two half steps and u one with the new v.

    The paper takes steps of 1 ms; `dt` is that step here too.
    """
    v, u, _ = row
    fired = v >= p.v_peak
    v = jnp.where(fired, p.c, v)
    u = jnp.where(fired, u + p.d, u)
    for _ in range(2):
        slope = p.k2 * (v * v) + p.k1 * v + p.k0 - u + p.R * tick.current
        v = v + 0.5 * tick.dt / p.tau_m * slope
    u = u + tick.dt * p.a * (p.b * (v - p.v_u) - p.u_leak * u)
    return jnp.stack([v, u, fired.astype(v.dtype)])


def _settings(p: Any, options: Mapping[str, Any], dt: Array) -> Any:
    """The papers and the model share their parameters."""
    return p


def _figure_step(year: int) -> PublishedStep:
    return PublishedStep(
        method=f"izhikevich-{year}",
        model="Izhikevich",
        title=f"Izhikevich's script ({year})",
        differs="Euler steps in which u uses the new v; spikes fall on the grid.",
        rows=("v_after", "u", "v", "s"),
        start=_figure_start,
        advance=_figure_advance,
        settings=_settings,
    )


steps: tuple[PublishedStep, ...] = (
    _figure_step(2003),
    _figure_step(2004),
    PublishedStep(
        method="izhikevich-2003-network",
        model="Izhikevich",
        title="Izhikevich's network script (2003)",
        differs="Two half Euler steps for v, one for u; a spike is reset one step after its peak.",
        rows=("v", "u", "s"),
        start=_network_start,
        advance=_network_advance,
        settings=_settings,
        spikes_at_start=True,
    ),
)
