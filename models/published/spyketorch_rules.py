"""What tells SpykeTorch-Extended's neuron classes apart: rules for the candidate potential.

`u` is the potential of the step before, `P` the input, `q` the settings; `extra` is what a class
remembers besides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax.numpy as jnp

from ..model import Array


class Settings(NamedTuple):
    """The attributes of a neuron after construction; a class does not have all of them."""

    ts: Any
    threshold: Any
    resting_potential: Any
    refractoriness: Any
    n_winners: int
    inhibition_mode: str
    v_reset: Any = None
    tau_rc: Any = None
    C: Any = None
    delta_t: Any = None
    theta_rh: Any = None
    u_c: Any = None
    a: Any = None
    b: Any = None
    d: Any = None
    tau_w: Any = None
    R: Any = None
    coefficients: tuple[Any, ...] = ()
    recovery: tuple[Any, ...] = ()
    per_neuron_threshold: bool = False


@dataclass(frozen=True)
class SpykeClass:
    """What distinguishes one class of the library from the others.

    Attributes
    ----------
    candidate : (u, extra, P, q) -> the potential before refractoriness, clamp and reset.
    extra : names of the further numbers the class remembers.
    begin : (x0, q) -> their first values.
    remember : (extra, before, candidate, fired, P, q) -> their next values.
    clamps : whether the potential is kept at rest or above.
    resets_to_rest : whether a spike resets to rest; else to v_reset.
    unit_spikes : whether a spike has amplitude 1; else 1/ts.
    signed : whether a spike carries the sign of the potential.
    single : whether the potential passes through single precision at every step.
    returns_peak : whether the call returns the potential before the reset.
    inhibition : scopes of inhibition the class knows; the first holds where another is asked for.
    """

    candidate: Callable[[Array, Mapping[str, Array], Array, Settings], Array]
    extra: tuple[str, ...] = ()
    begin: Callable[[Array, Settings], tuple[Any, ...]] = lambda x0, q: ()
    remember: Callable[..., tuple[Array, ...]] = lambda *_: ()
    clamps: bool = False
    resets_to_rest: bool = False
    unit_spikes: bool = False
    signed: bool = True
    single: bool = False
    returns_peak: bool = False
    inhibition: tuple[str, ...] = ("feature",)


# --- the candidate potentials -----------------------------------------------------------------


def _if(u: Array, _: Mapping[str, Array], P: Array, q: Settings) -> Array:
    return u + P * q.ts / q.C


def _lif(u: Array, extra: Mapping[str, Array], P: Array, q: Settings) -> Array:
    rest, anchor = q.resting_potential, extra["potential_at_last_injection"]
    decay = jnp.exp(-extra["time_since_injection"] / q.tau_rc)
    return rest + (anchor - rest) * decay + P * q.ts / q.C


def _lif_ode(u: Array, _: Mapping[str, Array], P: Array, q: Settings) -> Array:
    return u + (q.resting_potential - u) * (q.ts / q.tau_rc) + P * q.ts / q.C


def _lif_simple(u: Array, _: Mapping[str, Array], P: Array, q: Settings) -> Array:
    return u * (1.0 - q.ts / q.tau_rc) + P


def _eif(u: Array, _: Mapping[str, Array], P: Array, q: Settings) -> Array:
    spike = q.delta_t * jnp.exp((u - q.theta_rh) / q.delta_t)
    return u + q.ts * ((q.resting_potential - u + spike) / q.tau_rc + P / q.C)


def _eif_simple(u: Array, extra: Mapping[str, Array], P: Array, q: Settings) -> Array:
    spike = q.delta_t * jnp.exp((u - extra["theta_rh"]) / q.delta_t)
    return u * (1.0 - q.ts / q.tau_rc) + spike + P


def _qif(u: Array, _: Mapping[str, Array], P: Array, q: Settings) -> Array:
    slope = q.a * (u - q.resting_potential) * (u - q.u_c) / q.tau_rc
    return u + q.ts * (slope + P / q.C)


def _adex(u: Array, extra: Mapping[str, Array], P: Array, q: Settings) -> Array:
    spike = q.delta_t * jnp.exp((u - q.theta_rh) / q.delta_t)
    slope = q.resting_potential - u + spike + q.R * (P - extra["w"])
    return u + (q.ts / q.tau_rc) * slope


def _izhikevich(u: Array, extra: Mapping[str, Array], P: Array, q: Settings) -> Array:
    square, linear, constant = q.coefficients
    return u + square * u * u + linear * u + constant + P - extra["w"]


# --- what the classes remember besides ----------------------------------------------------------


def _since_spike(before: Array, fired: Array, q: Settings) -> Array:
    return jnp.where(fired, 0.0, before + q.ts)


def _remember_if(
    extra: Mapping[str, Array], u: Array, star: Array, fired: Array, P: Array, q: Settings
) -> tuple[Array, ...]:
    return (_since_spike(extra["time_since_spike"], fired, q),)


def _remember_lif(
    extra: Mapping[str, Array], u: Array, star: Array, fired: Array, P: Array, q: Settings
) -> tuple[Array, ...]:
    hit = P > 0.0
    since = jnp.where(hit, q.ts, extra["time_since_injection"] + q.ts)
    # The peak of a spike stays the anchor of the decay: the reset never reaches it.
    anchor = jnp.where(hit, star, extra["potential_at_last_injection"])
    return _since_spike(extra["time_since_spike"], fired, q), since, anchor


def _remember_theta(
    extra: Mapping[str, Array], u: Array, star: Array, fired: Array, P: Array, q: Settings
) -> tuple[Array, ...]:
    if q.per_neuron_threshold:
        return (extra["theta_rh"],)
    return (jnp.broadcast_to(0.75 * q.threshold, star.shape),)


def _remember_adex(
    extra: Mapping[str, Array], u: Array, star: Array, fired: Array, P: Array, q: Settings
) -> tuple[Array, ...]:
    w = extra["w"]
    w = w + (q.ts / q.tau_w) * (q.a * (star - q.resting_potential) - w)
    return (jnp.where(fired, w + q.b, w),)


def _remember_izhikevich(
    extra: Mapping[str, Array], u: Array, star: Array, fired: Array, P: Array, q: Settings
) -> tuple[Array, ...]:
    w = extra["w"]
    origin, leak = q.recovery  # 0 and 1 in the library
    w = w + q.a * (q.b * (star - origin) - leak * w)
    return (jnp.where(fired, w + q.d, w),)


_LIF = SpykeClass(
    _lif,
    extra=("time_since_spike", "time_since_injection", "potential_at_last_injection"),
    begin=lambda x0, q: (0.0, 0.0, q.resting_potential),
    remember=_remember_lif,
    resets_to_rest=True,
    inhibition=("feature", "location"),
)
classes = {
    "IF": SpykeClass(
        _if,
        extra=("time_since_spike",),
        begin=lambda x0, q: (0.0,),
        remember=_remember_if,
        resets_to_rest=True,
        single=True,
    ),
    "LIF": _LIF,
    "LIF_ode": SpykeClass(_lif_ode, resets_to_rest=True),
    "LIF_Simple": SpykeClass(
        _lif_simple,
        resets_to_rest=True,
        unit_spikes=True,
        inhibition=("feature", "location"),
    ),
    "EIF": SpykeClass(_eif, clamps=True),
    "EIF_Simple": SpykeClass(
        _eif_simple,
        extra=("theta_rh",),
        begin=lambda x0, q: (q.theta_rh,),
        remember=_remember_theta,
        unit_spikes=True,
        returns_peak=True,
        inhibition=("feature", "location"),
    ),
    "AdEx": SpykeClass(
        _adex,
        extra=("w",),
        begin=lambda x0, q: (x0[1],),
        remember=_remember_adex,
        clamps=True,
        signed=False,
        inhibition=("layer",),
    ),
    "QIF": SpykeClass(_qif, clamps=True),
    "Izhikevich": SpykeClass(
        _izhikevich,
        extra=("w",),
        begin=lambda x0, q: (x0[1],),
        remember=_remember_izhikevich,
        signed=False,
        inhibition=("layer",),
    ),
}
