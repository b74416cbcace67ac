"""The step behind the 2007 book's figures of cortical and thalamic cells (``izhi2007.m``).

Forward Euler steps of a quarter of a millisecond with both old values on the right. The bend of
the recovery curve is looked up at the new v while its value uses the old one. The source writes
the part below the bend b_low (v - v_rest), the book's equation b_low (v - v_b): they differ only
for the thalamo-cortical cell while it is hyperpolarised. Where the peak moves with u, a spike has
to pass it; elsewhere it is enough to reach it. And the ceiling of u is tested on the whole trace:
once u has come within one jump of it, every later spike puts u there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from ..model import Array
from .step import PublishedStep, Tick


def _start(x0: Array, p: Any) -> Array:
    v, u = x0
    return jnp.stack([v, u, jnp.maximum(u, 0.0), v, jnp.zeros_like(v)])


def _advance(row: Array, tick: Tick, p: Any) -> Array:
    v_old, u_old, highest, _, _ = row
    h = tick.dt
    drive = p.k * (v_old - p.v_rest) * (v_old - p.v_crit) - u_old + tick.current
    v = v_old + h * drive / p.C
    low = p.b_low * (v_old - p.v_rest)
    high = p.b_cubic * (v_old - p.v_b) ** 3
    bent = jnp.where(v < p.v_b, low, jnp.where(v > p.v_b, high, low + high))
    u = u_old + h * p.a * (p.b * (v_old - p.v_rest) + bent - u_old)

    peak = p.v_peak + p.peak_slope * u
    fired = jnp.where(p.peak_slope == 0.0, v >= peak, v > peak)
    highest = jnp.maximum(highest, u)
    lifted = jnp.where(highest + p.d < p.u_max, u + p.d, p.u_max)
    shown = jnp.where(fired, peak, v)
    v = jnp.where(fired, p.c + p.reset_slope * u, v)
    u = jnp.where(fired, lifted, u)
    return jnp.stack([v, u, jnp.maximum(highest, u), shown, fired.astype(v.dtype)])


def _settings(p: Any, options: Mapping[str, Any], dt: Array) -> Any:
    """The book and the model share their parameters."""
    return p


steps: tuple[PublishedStep, ...] = (
    PublishedStep(
        method="izhikevich-2007",
        model="AdaptiveQuadratic",
        title="Izhikevich's script (2007)",
        differs="Euler steps with both old values; spikes fall on the grid.",
        rows=("v_after", "u", "highest", "v", "s"),
        start=_start,
        advance=_advance,
        settings=_settings,
    ),
)
