"""The steps of ngc-learn's IzhikevichCell and HodgkinHuxleyCell.

Both classes integrate every equation on its own, the other variables held at the start of the
step, whatever the name of the scheme: its midpoint and RK4 are first order.

Written from a description of what commit ea9b455c and release 3.2.1 of the library compute; its
paper is A. Ororbia & D. Kifer, Nature Communications 13 (2022) 2064.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp

from ..model import Array
from .step import Option, PublishedStep, Tick

Slope = Callable[[Array], Array]


def euler(slope: Slope, x: Array, h: Array) -> Array:
    """One step of Euler's method from x (...), h ms later."""
    return x + h * slope(x)


def midpoint(slope: Slope, x: Array, h: Array) -> Array:
    """One step of the midpoint method from x (...), h ms later."""
    return x + h * slope(x + 0.5 * h * slope(x))


def rk4(slope: Slope, x: Array, h: Array) -> Array:
    """One step of the classical Runge-Kutta method from x (...), h ms later."""
    k1 = slope(x)
    k2 = slope(x + 0.5 * h * k1)
    k3 = slope(x + 0.5 * h * k2)
    k4 = slope(x + h * k3)
    return x + (h / 6.0) * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


_TAKEN = {"euler": euler, "rk2": midpoint, "rk4": rk4}

SAID = {
    "euler": "Euler step",
    "rk2": "midpoint step (RK2)",
    "rk4": "Runge-Kutta step (RK4)",
    "heun": "Heun step",
}
"""What people call the schemes."""

_ACCEPTED: Mapping[str, Mapping[str, str]] = {
    "Izhikevich": {
        "euler": "euler",
        "rk2": "rk2",
        "midpoint": "rk2",
        "heun": "heun",
        "rk2_heun": "heun",
    },
    "HodgkinHuxley": {
        "euler": "euler",
        "rk2": "rk2",
        "midpoint": "rk2",
        "rk4": "rk4",
        "heun": "heun",
        "rk2_heun": "heun",
        "ralston": "heun",
        "rk2_ralston": "heun",
    },
}


def method_for(model: str, integration_type: str) -> str:
    """The method that takes the step the library takes when asked for `integration_type`.

    The two spiking cells take Euler steps for any name they have no branch for.
    """
    return f"ngc-learn:{_ACCEPTED[model].get(integration_type, 'euler')}"


# --- Izhikevich -------------------------------------------------------------------------------


class IzhikevichSettings(NamedTuple):
    """The constructor's arguments, and the coefficients that are fixed in its code."""

    tau_m: Array
    resist_m: Array
    v_thr: Array
    v_reset: Array
    tau_w: Array
    w_reset: Array
    coupling_factor: Array
    coefficients: tuple[Array, Array, Array]
    recovery: tuple[Array, Array]


def _izhikevich_settings(p: Any, options: Mapping[str, Any], dt: Array) -> IzhikevichSettings:
    return IzhikevichSettings(
        tau_m=p.tau_m,
        resist_m=p.R,
        v_thr=p.v_peak,
        v_reset=p.c,
        tau_w=1.0 / p.a,
        w_reset=p.d,
        coupling_factor=p.b,
        coefficients=(p.k2, p.k1, p.k0),
        recovery=(p.v_u, p.u_leak),
    )


def _izhikevich_start(x0: Array, q: IzhikevichSettings) -> Array:
    v, w = x0
    return jnp.stack([v, w, jnp.zeros_like(v), jnp.zeros_like(v)])


def _izhikevich(scheme: str) -> Callable[[Array, Tick, IzhikevichSettings], Array]:
    integrate = _TAKEN[scheme]

    def advance(row: Array, tick: Tick, q: IzhikevichSettings) -> Array:
        v, w, _, tols = row
        square, linear, constant = q.coefficients
        origin, leak = q.recovery
        # The old voltage is tested, so a spike is reported one step after the crossing and the
        # voltage overshoots freely for that step.
        fired = v > q.v_thr
        moved_v = integrate(
            lambda y: (
                (square * y * y + linear * y + constant - w + q.resist_m * tick.current) / q.tau_m
            ),
            v,
            tick.dt,
        )
        moved_w = integrate(
            lambda y: (q.coupling_factor * (v - origin) - leak * y) / q.tau_w, w, tick.dt
        )
        return jnp.stack(
            [
                jnp.where(fired, q.v_reset, moved_v),
                jnp.where(fired, w + q.w_reset, moved_w),
                fired.astype(v.dtype),
                jnp.where(fired, tick.time, tols),
            ]
        )

    return advance


def _izhikevich_step(name: str, scheme: str, differs: str, bug: str = "") -> PublishedStep:
    return PublishedStep(
        method=f"ngc-learn:{name}",
        model="Izhikevich",
        title=f"ngc-learn's {SAID[name]}",
        rows=("v", "w", "s", "tols"),
        states={"u": "w"},
        start=_izhikevich_start,
        advance=_izhikevich(scheme),
        settings=_izhikevich_settings,
        spikes_at_start=True,
        differs=differs,
        bug=bug,
    )


# --- Hodgkin-Huxley ---------------------------------------------------------------------------


class HodgkinHuxleySettings(NamedTuple):
    """The constructor's arguments; voltages are mV above `rest`, which the library has at 0."""

    tau_v: Array
    resist_m: Array
    v_Na: Array
    v_K: Array
    v_L: Array
    g_Na: Array
    g_K: Array
    g_L: Array
    thr: Array
    spike_reset: bool
    v_reset: Array
    rest: Array
    speed: Array


_HODGKIN_HUXLEY_OPTIONS = {
    "resist_m": Option(1.0, "multiplies the injected current"),
    "thr": Option(4.0, "mV above the voltage origin: a spike is reported while v is above it"),
    "spike_reset": Option(False, "put v and the gates back at every reported spike"),
    "v_reset": Option(0.0, "mV above the voltage origin to which `spike_reset` puts v back"),
}


def _hodgkin_huxley_settings(
    p: Any, options: Mapping[str, Any], dt: Array
) -> HodgkinHuxleySettings:
    rest = p.v_offset
    return HodgkinHuxleySettings(
        tau_v=p.C,
        resist_m=options["resist_m"],
        v_Na=p.E_Na - rest,
        v_K=p.E_K - rest,
        v_L=p.E_L - rest,
        g_Na=p.g_Na,
        g_K=p.g_K,
        g_L=p.g_L,
        thr=options["thr"],
        spike_reset=options["spike_reset"],
        v_reset=options["v_reset"],
        rest=rest,
        # The library knows no temperature; at the 6.3 °C of its rates this is 1.
        speed=3.0 ** ((p.temperature - 6.3) / 10.0),
    )


def _rates(v: Array, speed: Array) -> tuple[Array, Array]:
    """Opening and closing rates (3, ...) of m, h, n; 0/0 at v = 25 and v = 10 as there."""
    opening = jnp.stack(
        [
            0.1 * (25.0 - v) / (jnp.exp((25.0 - v) / 10.0) - 1.0),
            0.07 * jnp.exp(-v / 20.0),
            0.01 * (10.0 - v) / (jnp.exp((10.0 - v) / 10.0) - 1.0),
        ]
    )
    closing = jnp.stack(
        [
            4.0 * jnp.exp(-v / 18.0),
            1.0 / (jnp.exp((30.0 - v) / 10.0) + 1.0),
            0.125 * jnp.exp(-v / 80.0),
        ]
    )
    return speed * opening, speed * closing


def _hodgkin_huxley_start(x0: Array, q: HodgkinHuxleySettings) -> Array:
    return jnp.concatenate([x0, jnp.zeros_like(x0[:2])])


def _hodgkin_huxley(scheme: str) -> Callable[[Array, Tick, HodgkinHuxleySettings], Array]:
    integrate = _TAKEN[scheme]

    def advance(row: Array, tick: Tick, q: HodgkinHuxleySettings) -> Array:
        v, m, h, n, _, tols = row
        v = v - q.rest
        opening, closing = _rates(v, q.speed)
        drive = tick.current * q.resist_m

        def dv(y: Array) -> Array:
            sodium = q.g_Na * m * m * m * h * (y - q.v_Na)
            potassium = q.g_K * (n * n) * (n * n) * (y - q.v_K)
            return (drive - sodium - potassium - q.g_L * (y - q.v_L)) / q.tau_v

        v = integrate(dv, v, tick.dt)
        gates = integrate(lambda x: opening * (1.0 - x) - closing * x, row[1:4], tick.dt)
        above = v > q.thr
        if q.spike_reset:
            v = jnp.where(above, q.v_reset, v)
            level = jnp.broadcast_to(q.v_reset, v.shape).astype(v.dtype)
            opening, closing = _rates(level, q.speed)
            gates = jnp.where(above, opening / (opening + closing), gates)
        tols = jnp.where(above, tick.time, tols)
        head = (v + q.rest)[None]
        return jnp.concatenate([head, gates, above.astype(v.dtype)[None], tols[None]])

    return advance


def _hodgkin_huxley_step(name: str, scheme: str, differs: str, bug: str) -> PublishedStep:
    return PublishedStep(
        method=f"ngc-learn:{name}",
        model="HodgkinHuxley",
        title=f"ngc-learn's {SAID[name]}",
        rows=("v", "m", "h", "n", "s", "tols"),
        start=_hodgkin_huxley_start,
        advance=_hodgkin_huxley(scheme),
        settings=_hodgkin_huxley_settings,
        options=_HODGKIN_HUXLEY_OPTIONS,
        spikes=None,  # `s` stays 1 while v is above a level just over rest: no count of spikes
        differs=differs,
        bug=bug,
    )


_NAN = "A reset to exactly 10 or 25 mV divides 0 by 0: v and the gates are NaN from then on."

steps: tuple[PublishedStep, ...] = (
    _izhikevich_step(
        "euler",
        "euler",
        "The threshold is tested one step late and v overshoots it freely; v and u take Euler "
        "steps side by side.",
    ),
    _izhikevich_step(
        "rk2",
        "rk2",
        "Midpoint steps, one equation at a time; the threshold is tested one step late.",
        "Each equation sees the other variable frozen at the start of the step, so this midpoint "
        "rule is of first order.",
    ),
    _izhikevich_step(
        "heun",
        "euler",
        "The library is asked for Heun's method.",
        "It has none, says nothing and takes Euler steps.",
    ),
    _hodgkin_huxley_step(
        "euler",
        "euler",
        "Euler steps of v and the gates side by side; a spike is reported all the time v is "
        "above 4 mV.",
        _NAN,
    ),
    _hodgkin_huxley_step(
        "rk2",
        "rk2",
        "Midpoint steps, one equation at a time, with the rates of the start of the step.",
        "The gates are frozen while v moves, so this midpoint rule is of first order and worse "
        "than Euler's.",
    ),
    _hodgkin_huxley_step(
        "rk4",
        "rk4",
        "Runge-Kutta steps, one equation at a time, with the rates of the start of the step.",
        "The gates are frozen while v moves, so this RK4 is of first order and worse than Euler's.",
    ),
    _hodgkin_huxley_step(
        "heun",
        "euler",
        "The library is asked for Heun's method.",
        "It has none, says nothing and takes Euler steps.",
    ),
)
