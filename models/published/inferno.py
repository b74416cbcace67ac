"""The step of Inferno's Izhikevich neuron: the adaptive quadratic model with K currents.

Its settings are the model's parameters: tc_membrane is C, affinity k, rest_v v_rest, crit_v v_crit,
thresh_v v_peak, reset_v c, refrac_t t_ref, and for each adaptation tc_adaptation 1 / a,
voltage_coupling b, spike_increment d. The specials of the book (moving peak and reset, bent
recovery curve) are not in the library and have no effect.

Written from a description of what inferno-ai 0.0.5 computes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from ..adaptive_quadratic import MOST_ADAPTATIONS
from ..model import Array, NeuronModel
from .step import Option, PublishedStep, Tick


class Settings(NamedTuple):
    """The constructor's arguments and those of a call."""

    tc_membrane: Any
    affinity: Any
    rest_v: Any
    crit_v: Any
    reset_v: Any
    thresh_v: Any
    refrac_t: Any
    tc_adaptation: tuple[Any, ...]
    voltage_coupling: tuple[Any, ...]
    spike_increment: tuple[Any, ...]
    resistance: Any
    adapts: bool
    refrac_lock: bool
    batch: bool


_OPTIONS = {
    "resistance": Option(1.0, "multiplies input and adaptation currents, GΩ"),
    "refrac_lock": Option(True, "hold the voltage and the decay of adaptation while refractory"),
    "training": Option(True, "the module is in training mode"),
    "adapt": Option(
        "auto",
        "whether adaptation currents change; by default in training mode only",
        ("auto", "on", "off"),
    ),
    "batch": Option(False, "the first axis of cells is a batch, which shares its adaptation"),
}

_ROWS = ("peak", "v", "refrac", "s")


def _settings(count: int) -> Callable[[Any, Mapping[str, Any], Array], Settings]:
    places = ("", *map(str, range(2, count + 1)))

    def settings(p: Any, options: Mapping[str, Any], dt: Array) -> Settings:
        def each(name: str) -> tuple[Any, ...]:
            return tuple(getattr(p, f"{name}{k}") for k in places)

        return Settings(
            p.C,
            p.k,
            p.v_rest,
            p.v_crit,
            p.c,
            p.v_peak,
            p.t_ref,
            tuple(1.0 / a for a in each("a")),
            each("b"),
            each("d"),
            options["resistance"],
            {"auto": options["training"], "on": True, "off": False}[options["adapt"]],
            options["refrac_lock"],
            options["batch"],
        )

    return settings


def _start(x0: Array, q: Settings) -> Array:
    quiet = jnp.zeros_like(x0[:1])
    return jnp.concatenate([x0[:1], x0[:1], quiet, quiet, x0[1:]])


def _advance(row: Array, tick: Tick, q: Settings) -> Array:
    _, v, refrac, _ = row[: len(_ROWS)]
    w = row[len(_ROWS) :]
    refrac = jnp.maximum(refrac - tick.dt, 0.0)
    free = refrac == 0.0
    drive = jnp.where(free, tick.current - w.sum(axis=0), 0.0)
    slope = q.affinity * (v - q.rest_v) * (v - q.crit_v) + q.resistance * drive
    moved = v + (tick.dt / q.tc_membrane) * slope
    if q.refrac_lock:
        moved = jnp.where(free, moved, v)
    fired = free & (moved >= q.thresh_v)
    refrac = jnp.where(fired, q.refrac_t, refrac)
    after = jnp.where(fired, q.reset_v, moved)
    if q.adapts:
        w = jnp.stack([_adapted(w[k], k, after, fired, refrac, tick, q) for k in range(w.shape[0])])
    return jnp.concatenate([jnp.stack([moved, after, refrac, fired.astype(v.dtype)]), w])


def _adapted(
    w: Array, k: int, v: Array, fired: Array, refrac: Array, tick: Tick, q: Settings
) -> Array:
    """Adaptation current k after the step; v is the new one, already reset."""
    slope = q.voltage_coupling[k] * (v - q.rest_v) - w
    decay = (tick.dt / q.tc_adaptation[k]) * slope
    if q.refrac_lock:
        decay = jnp.where(refrac > 0.0, 0.0, decay)
    new = w + decay + q.spike_increment[k] * fired.astype(w.dtype)
    return jnp.broadcast_to(new.mean(axis=0, keepdims=True), new.shape) if q.batch else new


def _finish(
    outputs: dict[str, np.ndarray], options: Mapping[str, Any], cell: NeuronModel
) -> dict[str, np.ndarray]:
    """Gather the adaptation currents in one array (T, ..., K), without the batch axis."""
    rest = {name: rows for name, rows in outputs.items() if not name.startswith("w")}
    currents = [rows for name, rows in outputs.items() if name.startswith("w")]
    if currents:
        gathered = np.stack(currents, axis=-1)
        rest["w"] = gathered[:, 0] if options["batch"] else gathered
    return rest


def _step(count: int) -> PublishedStep:
    names = ("u", *(f"u{k}" for k in range(2, count + 1)))
    currents = tuple(f"w{k}" for k in range(1, count + 1))
    return PublishedStep(
        method="inferno",
        model="AdaptiveQuadratic" if count == 1 else f"AdaptiveQuadratic{count}",
        title="Inferno's Izhikevich",
        rows=(*_ROWS, *currents),
        states={"v": "peak", **dict(zip(names, currents, strict=True))},
        start=_start,
        advance=_advance,
        settings=_settings(count),
        options=_OPTIONS,
        finish=_finish,
        differs="Euler steps in which u uses the new voltage, already reset; refractory cells "
        "feel no current.",
        bug="The pause is one step shorter than asked for, and a batch shares one adaptation: a "
        "silent cell dilutes the others'.",
    )


steps: tuple[PublishedStep, ...] = tuple(_step(count) for count in range(1, MOST_ADAPTATIONS + 1))
