"""The Hodgkin-Huxley model of the squid giant axon."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp

from .model import Array, Input, NeuronModel, Quantity, State

_Q10 = 3.0
_Q10_REFERENCE = 6.3
"""°C at which the rates of 1952 were measured."""

_WIDEST = 600.0
"""mV from the origin of the rates, far beyond any membrane, at which the exponentials stop."""


def linoid(z: Array, exp_minus_z: Array) -> Array:
    """z / (1 - exp(-z)), finite with finite derivatives everywhere; 1 at z = 0.

    Near zero the quotient would be 0/0, so its Taylor series stands in, to full precision. The
    guard stands before the division too: there the branch not taken divides by one, and its
    derivative stays finite.
    """
    near = jnp.abs(z) < 0.1
    zz = z * z
    tail = 1.0 / 12.0 - zz * (1.0 / 720.0 - zz * (1.0 / 30240.0 - zz / 1209600.0))
    return jnp.where(near, 1.0 + 0.5 * z + zz * tail, z / jnp.where(near, 1.0, 1.0 - exp_minus_z))


def gate_rates(v: Array, p: Any) -> tuple[Array, Array]:
    """Opening and closing rates (3, ...) of the gates m, h, n at voltage v (...), 1/ms.

    With d the distance from the voltage origin, the paper's rates at 6.3 °C are

        opening: m 0.1 (d - 25) / (1 - exp(-(d - 25)/10)), h 0.07 exp(-d/20),
                 n 0.01 (d - 10) / (1 - exp(-(d - 10)/10))
        closing: m 4 exp(-d/18), h 1 / (1 + exp(-(d - 30)/10)), n 0.125 exp(-d/80)

    Five of the six exponentials are powers of exp(-d/80), so two are computed. Stacking them, and
    the rates, makes XLA compute each once; loose, it copies them into every use.
    """
    d = jnp.clip(v - p.v_offset, -_WIDEST, _WIDEST)
    exp_80, exp_18 = jnp.exp(jnp.stack([d * (-1.0 / 80.0), d * (-1.0 / 18.0)]))
    exp_20 = (exp_80 * exp_80) * (exp_80 * exp_80)
    exp_10 = exp_20 * exp_20
    speed = jnp.exp((p.temperature - _Q10_REFERENCE) * (math.log(_Q10) / 10.0))
    opening = (
        linoid(0.1 * d - 2.5, math.exp(2.5) * exp_10),
        0.07 * exp_20,
        0.1 * linoid(0.1 * d - 1.0, math.exp(1.0) * exp_10),
    )
    closing = (4.0 * exp_18, 1.0 / (1.0 + math.exp(3.0) * exp_10), 0.125 * exp_80)
    speed = jnp.broadcast_to(speed, d.shape)[None]
    return speed * jnp.stack(opening), speed * jnp.stack(closing)


class HodgkinHuxley(NeuronModel):
    r"""The Hodgkin-Huxley model.

    .. math::
        C \dot v &= I - g_{Na} m^3 h (v - E_{Na}) - g_K n^4 (v - E_K) - g_L (v - E_L) \\
        \dot x &= \alpha_x(v)(1 - x) - \beta_x(v)\,x, \qquad x = m, h, n

    Voltage in mV, current in µA/cm², conductances in mS/cm², C in µF/cm², time in ms. All rates
    grow by a factor of 3 per 10 °C from 6.3 °C. `v_offset` is the voltage at which the rate
    functions have their origin: -65 in the absolute convention, 0 in that of 1952 (with E_Na 115,
    E_K -12, E_L 10.6).

    References
    ----------
    A. L. Hodgkin & A. F. Huxley, J. Physiol. 117 (1952) 500, equations 12, 13, 20, 21, 23, 24, 26.
    """

    title = "Hodgkin-Huxley"
    teaching_order = 80
    states = (
        State("v", "mV", "membrane potential", span=(-90.0, 60.0)),
        State("m", "", "sodium activation", span=(0.0, 1.0), limit=1e3),
        State("h", "", "sodium inactivation", span=(0.0, 1.0), limit=1e3),
        State("n", "", "potassium activation", span=(0.0, 1.0), limit=1e3),
    )
    current = Input("µA/cm²", default=10.0, softbounds=(-20.0, 180.0))
    equations = (
        r"C\,\dot{v} &= I - g_\mathrm{Na}\,m^3 h\,(v - E_\mathrm{Na}) - g_\mathrm{K}\,n^4"
        r"(v - E_\mathrm{K}) - g_\mathrm{L}\,(v - E_\mathrm{L}) \\"
        r"\dot{m} &= \alpha_m(v)(1 - m) - \beta_m(v)\,m \\"
        r"\dot{h} &= \alpha_h(v)(1 - h) - \beta_h(v)\,h \\"
        r"\dot{n} &= \alpha_n(v)(1 - n) - \beta_n(v)\,n"
    )
    reference = (
        "A. L. Hodgkin & A. F. Huxley, A quantitative description of membrane current and its "
        "application to conduction and excitation in nerve, Journal of Physiology 117 (1952) "
        "500-544"
    )
    spike_prominence = 12.0
    usual_dt = 0.025
    phase_plane = ("v", "n")
    has_linear_part = True

    g_Na = Quantity(
        120.0,
        bounds=(0.0, 1e4),
        softbounds=(0.0, 200.0),
        unit="mS/cm²",
        step=1.0,
        symbol=r"g_\mathrm{Na}",
        group="Conductances",
        label="Sodium conductance",
        doc="all sodium channels open",
    )
    g_K = Quantity(
        36.0,
        bounds=(0.0, 1e4),
        softbounds=(0.0, 80.0),
        unit="mS/cm²",
        step=0.5,
        symbol=r"g_\mathrm{K}",
        group="Conductances",
        label="Potassium conductance",
        doc="all potassium channels open",
    )
    g_L = Quantity(
        0.3,
        bounds=(0.0, 1e3),
        softbounds=(0.0, 2.0),
        unit="mS/cm²",
        step=0.01,
        symbol=r"g_\mathrm{L}",
        group="Conductances",
        label="Leak conductance",
        doc="always open",
    )
    E_Na = Quantity(
        50.0,
        bounds=(-500.0, 500.0),
        softbounds=(0.0, 120.0),
        unit="mV",
        step=1.0,
        symbol=r"E_\mathrm{Na}",
        group="Reversal potentials",
        label="Sodium reversal potential",
        doc="where sodium current changes sign",
    )
    E_K = Quantity(
        -77.0,
        bounds=(-500.0, 500.0),
        softbounds=(-110.0, -40.0),
        unit="mV",
        step=1.0,
        symbol=r"E_\mathrm{K}",
        group="Reversal potentials",
        label="Potassium reversal potential",
        doc="where potassium current changes sign",
    )
    E_L = Quantity(
        -54.387,
        bounds=(-500.0, 500.0),
        softbounds=(-90.0, -30.0),
        unit="mV",
        step=0.5,
        symbol=r"E_\mathrm{L}",
        group="Reversal potentials",
        label="Leak reversal potential",
        doc="sets the resting potential",
    )
    C = Quantity(
        1.0,
        bounds=(1e-3, 1e3),
        softbounds=(0.2, 5.0),
        unit="µF/cm²",
        step=0.1,
        symbol="C",
        group="Membrane",
        label="Membrane capacitance",
        doc="charge needed per change of voltage",
    )
    temperature = Quantity(
        6.3,
        bounds=(-50.0, 100.0),
        softbounds=(0.0, 35.0),
        unit="°C",
        step=0.1,
        symbol="T",
        group="Membrane",
        label="Temperature",
        doc="warmth speeds up the gates threefold per 10 °C",
    )
    v_offset = Quantity(
        -65.0,
        bounds=(-200.0, 200.0),
        softbounds=(-80.0, 0.0),
        unit="mV",
        step=1.0,
        symbol=r"v_0",
        group="Membrane",
        level="all",
        label="Voltage origin",
        doc="voltage called 0 in the rates of 1952: -65 absolute, 0 in 1952",
    )

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        v, m, h, n = x
        opening, closing = gate_rates(v, p)
        sodium = p.g_Na * m * m * m * h * (v - p.E_Na)
        potassium = p.g_K * (n * n) * (n * n) * (v - p.E_K)
        leak = p.g_L * (v - p.E_L)
        dv = (current - sodium - potassium - leak) * (1.0 / p.C)
        gates = zip(x[1:], opening, closing, strict=True)
        return jnp.stack([dv, *(o * (1.0 - gate) - c * gate for gate, o, c in gates)])

    @staticmethod
    def decay_rates(x: Array, p: Any) -> Array:
        v, m, h, n = x
        opening, closing = gate_rates(v, p)
        conductance = p.g_Na * m * m * m * h + p.g_K * (n * n) * (n * n) + p.g_L
        return jnp.stack([conductance * (1.0 / p.C), *(opening + closing)])

    @staticmethod
    def initial_state(p: Any) -> Array:
        v = jnp.asarray(p.v_offset, dtype=float)
        opening, closing = gate_rates(v, p)
        return jnp.stack([v, *(opening / (opening + closing))])
