"""Integrate-and-fire models with an exponential spike current: EIF, and AdEx with adaptation."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from . import membrane
from .model import Array, Input, NeuronModel, State
from .quantity import Quantity
from .short_exp import exp

LARGEST_EXPONENT = 20.0
"""Where the exponent of the spike current is capped, so that nothing ever overflows.

There the voltage climbs by delta_T e^20 / tau_m, some 1e8 mV/ms: from the cap to any peak it
takes (z - 20) e^-20 tau_m more, with z = (v_peak - v_T) / delta_T; 1e-6 ms for a peak of 100
slope factors and a time constant of 10 ms. No trace and no spike time shows the cap. It is low
enough for the stages of a Runge-Kutta step that overshoot the peak to stay finite in 32 bit.
"""


def voltage_rate(v: Array, current: Array, p: Any) -> Array:
    """dv/dt (mV/ms) of the membrane at v (...) under all other currents (...), pA.

    A step waits for the exponential, so what it is multiplied with is gathered in one factor.
    """
    exponent = (v - p.v_T) * (1.0 / p.delta_T)
    capped = jnp.where(exponent > LARGEST_EXPONENT, LARGEST_EXPONENT, exponent)
    ease = 1.0 / p.C
    leaky = (p.g_L * (p.v_rest - v) + current) * ease
    return leaky + (p.g_L * p.delta_T * ease) * exp(capped)


def runaway(v: Array, current: Array, dt: Any, p: Any) -> Array:
    """How far v (...) is beyond the point of no return, under all other currents (...), pA.

    A pure exponential would end tau_m e^-z after it was at z slope factors: 2 dt after z0. That is
    the point, unless the other currents hold back half of the spike current or more there.
    """
    z0 = jnp.maximum(jnp.log(p.C / p.g_L / (2.0 * dt)), 1.0)
    level = jnp.minimum(p.v_T + p.delta_T * z0, p.v_peak)
    half = 0.5 * p.g_L * p.delta_T * jnp.exp(z0)
    held_back = current < p.g_L * (level - p.v_rest) - half
    return v - jnp.where(held_back, p.v_peak, level)


def _problem(p: Any) -> str | None:
    return (
        membrane.below("v_T", p.v_T, "v_peak", p.v_peak)
        or membrane.below("v_reset", p.v_reset, "v_peak", p.v_peak)
        or membrane.below("v_floor", p.v_floor, "v_peak", p.v_peak)
    )


class EIF(NeuronModel):
    r"""The exponential integrate-and-fire neuron.

    .. math::
        C \dot v &= -g_L (v - v_{rest}) + g_L \Delta_T e^{(v - v_T)/\Delta_T} + I \\
        v \ge v_{peak} &:\quad v \leftarrow v_{reset} \text{ for } t_{ref}

    Voltage in mV, current in pA, C in pF, g_L in nS, time in ms. C / g_L is the leaky model's
    tau_m and 1000 / g_L its R in MΩ: with the defaults 10 ms and 100 MΩ, as there. Rest vanishes
    at the rheobase g_L (v_T - v_rest - delta_T). The exponent is capped at `LARGEST_EXPONENT`,
    which no trace shows. v stays at or above `v_floor`.

    References
    ----------
    N. Fourcaud-Trocmé, D. Hansel, C. van Vreeswijk & N. Brunel, How spike generation mechanisms
    determine the neuronal response to fluctuating inputs, J. Neurosci. 23 (2003) 11628.
    """

    title = "Exponential integrate-and-fire"
    teaching_order = 40
    states = (membrane.voltage(-85.0, 10.0),)
    current = Input("pA", default=300.0, softbounds=(-200.0, 800.0))
    equations = (
        r"C\,\dot{v} &= -g_\mathrm{L}(v - v_\mathrm{rest})"
        r" + g_\mathrm{L}\Delta_T\,e^{(v - v_T)/\Delta_T} + I \\"
        r"v \ge v_\mathrm{peak} &:\ v \leftarrow v_\mathrm{reset}\ \text{for}\ t_\mathrm{ref}"
    )
    reference = (
        "N. Fourcaud-Trocmé, D. Hansel, C. van Vreeswijk & N. Brunel, How spike generation "
        "mechanisms determine the neuronal response to fluctuating inputs, Journal of "
        "Neuroscience 23 (2003) 11628-11640"
    )
    has_linear_part = True

    C = membrane.capacitance(100.0)
    g_L = membrane.leak_conductance(10.0)
    v_rest = membrane.resting_potential(-75.0)
    v_T = membrane.soft_threshold(-55.0)
    delta_T = membrane.sharpness(2.0)
    v_peak = membrane.peak(0.0)
    v_reset = membrane.reset_potential(-75.0)
    t_ref = membrane.refractory_period(2.0)
    v_floor = membrane.floor()

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        return jnp.stack([voltage_rate(x[0], current, p)])

    @staticmethod
    def decay_rates(x: Array, p: Any) -> Array:
        return jnp.stack([jnp.broadcast_to(p.g_L / p.C, x[0].shape)])

    @staticmethod
    def initial_state(p: Any) -> Array:
        return jnp.stack([jnp.asarray(p.v_rest)])

    @staticmethod
    def threshold(x: Array, p: Any) -> Array:
        return x[0] - p.v_peak

    @staticmethod
    def runaway(x: Array, current: Array, dt: Any, p: Any) -> Array:
        return runaway(x[0], current, dt, p)

    @staticmethod
    def reset(x: Array, p: Any) -> Array:
        return jnp.stack([jnp.broadcast_to(p.v_reset, x[0].shape)])

    @staticmethod
    def confine(x: Array, p: Any) -> Array:
        return jnp.stack([membrane.at_least(x[0], p.v_floor)])

    @staticmethod
    def refractory(p: Any) -> Any:
        return p.t_ref

    @staticmethod
    def problem(p: Any) -> str | None:
        return _problem(p)

    @staticmethod
    def fastest_time_constant(p: Any) -> float:
        return float(p.C / p.g_L)


class AdEx(NeuronModel):
    r"""The adaptive exponential integrate-and-fire neuron.

    .. math::
        C \dot v &= -g_L (v - v_{rest}) + g_L \Delta_T e^{(v - v_T)/\Delta_T} - w + I \\
        \tau_w \dot w &= a\,(v - v_{rest}) - w \\
        v \ge v_{peak} &:\quad v \leftarrow v_{reset} \text{ for } t_{ref},\; w \leftarrow w + b

    Voltage in mV, currents and w in pA, C in pF, g_L and a in nS, b in pA, time in ms. Without
    adaptation (a = b = 0) it is the EIF. The exponent is capped at `LARGEST_EXPONENT`, which no
    trace shows. v stays at or above `v_floor`. The defaults are the regular-spiking cell of the
    2005 paper.

    References
    ----------
    R. Brette & W. Gerstner, Adaptive exponential integrate-and-fire model as an effective
    description of neuronal activity, J. Neurophysiol. 94 (2005) 3637.
    R. Naud, N. Marcille, C. Clopath & W. Gerstner, Firing patterns in the adaptive exponential
    integrate-and-fire model, Biol. Cybern. 99 (2008) 335.
    """

    title = "Adaptive exponential"
    teaching_order = 50
    states = (
        membrane.voltage(-85.0, 25.0),
        State("w", "pA", "adaptation current", span=(-200.0, 600.0), limit=1e7),
    )
    current = Input("pA", default=800.0, softbounds=(-200.0, 1500.0))
    equations = (
        r"C\,\dot{v} &= -g_\mathrm{L}(v - v_\mathrm{rest})"
        r" + g_\mathrm{L}\Delta_T\,e^{(v - v_T)/\Delta_T} - w + I \\"
        r"\tau_w \dot{w} &= a\,(v - v_\mathrm{rest}) - w \\"
        r"v \ge v_\mathrm{peak} &:\ v \leftarrow v_\mathrm{reset},\quad w \leftarrow w + b"
    )
    reference = (
        "R. Brette & W. Gerstner, Adaptive exponential integrate-and-fire model as an effective "
        "description of neuronal activity, Journal of Neurophysiology 94 (2005) 3637-3642"
    )
    has_linear_part = True

    C = membrane.capacitance(281.0)
    g_L = membrane.leak_conductance(30.0)
    v_rest = membrane.resting_potential(-70.6)
    v_T = membrane.soft_threshold(-50.4)
    delta_T = membrane.sharpness(2.0)
    a = Quantity(
        4.0,
        bounds=(-1e3, 1e3),
        softbounds=(-15.0, 20.0),
        unit="nS",
        step=0.5,
        symbol="a",
        group="Adaptation",
        label="Subthreshold adaptation",
        doc="how strongly w follows v below threshold; negative drives instead of braking",
    )
    tau_w = Quantity(
        144.0,
        bounds=(1e-2, 1e5),
        softbounds=(5.0, 500.0),
        unit="ms",
        step=5.0,
        symbol=r"\tau_w",
        group="Adaptation",
        label="Adaptation time constant",
        doc="how long adaptation lasts",
    )
    b = Quantity(
        80.5,
        bounds=(-1e4, 1e4),
        softbounds=(0.0, 200.0),
        unit="pA",
        step=1.0,
        symbol="b",
        group="Adaptation",
        label="Spike-triggered adaptation",
        doc="added to w at each spike; larger means stronger adaptation",
    )
    v_peak = membrane.peak(20.0)
    v_reset = membrane.reset_potential(-70.6)
    t_ref = membrane.refractory_period(0.0)
    v_floor = membrane.floor()

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        v, w = x
        dw = (p.a * (v - p.v_rest) - w) * (1.0 / p.tau_w)
        return jnp.stack([voltage_rate(v, current - w, p), dw])

    @staticmethod
    def decay_rates(x: Array, p: Any) -> Array:
        v, w = x
        return jnp.stack(
            [jnp.broadcast_to(p.g_L / p.C, v.shape), jnp.broadcast_to(1.0 / p.tau_w, w.shape)]
        )

    @staticmethod
    def initial_state(p: Any) -> Array:
        v = jnp.asarray(p.v_rest)
        return jnp.stack([v, jnp.zeros_like(v)])

    @staticmethod
    def threshold(x: Array, p: Any) -> Array:
        return x[0] - p.v_peak

    @staticmethod
    def runaway(x: Array, current: Array, dt: Any, p: Any) -> Array:
        return runaway(x[0], current - x[1], dt, p)

    @staticmethod
    def reset(x: Array, p: Any) -> Array:
        return jnp.stack([jnp.broadcast_to(p.v_reset, x[0].shape), x[1] + p.b])

    @staticmethod
    def confine(x: Array, p: Any) -> Array:
        return jnp.stack([membrane.at_least(x[0], p.v_floor), x[1]])

    @staticmethod
    def refractory(p: Any) -> Any:
        return p.t_ref

    @staticmethod
    def problem(p: Any) -> str | None:
        return _problem(p)

    @staticmethod
    def fastest_time_constant(p: Any) -> float:
        return float(min(p.C / p.g_L, p.tau_w))
