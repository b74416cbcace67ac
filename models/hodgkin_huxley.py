"""The Hodgkin-Huxley model of the squid giant axon."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from .model import Array, Input, NeuronModel, Quantity, State

_Q10 = 3.0
_Q10_REFERENCE = 6.3
"""°C at which the rates of 1952 were measured."""


def linoid(z: Array) -> Array:
    """z / (1 - exp(-z)), finite with finite derivatives everywhere; 1 at z = 0.

    The guard stands before and after the division, so the branch not taken divides by nothing
    that is zero and its derivative stays finite too.
    """
    near = jnp.abs(z) < 1e-4
    safe = jnp.where(near, 1.0, z)
    return jnp.where(near, 1.0 + z / 2.0 + z * z / 12.0, safe / -jnp.expm1(-safe))


def alpha_m(d: Array) -> Array:
    """Opening rate of m, 1/ms, at `d` mV above the resting potential of 1952."""
    return linoid((d - 25.0) / 10.0)


def beta_m(d: Array) -> Array:
    return 4.0 * jnp.exp(-d / 18.0)


def alpha_h(d: Array) -> Array:
    return 0.07 * jnp.exp(-d / 20.0)


def beta_h(d: Array) -> Array:
    return 1.0 / (1.0 + jnp.exp((30.0 - d) / 10.0))


def alpha_n(d: Array) -> Array:
    return 0.1 * linoid((d - 10.0) / 10.0)


def beta_n(d: Array) -> Array:
    return 0.125 * jnp.exp(-d / 80.0)


def gate_rates(v: Array, p: Any) -> tuple[Array, Array]:
    """Opening and closing rates (3, ...) of the gates m, h, n at voltage v (...), 1/ms."""
    d = v - p.v_offset
    opening = jnp.stack([alpha_m(d), alpha_h(d), alpha_n(d)])
    closing = jnp.stack([beta_m(d), beta_h(d), beta_n(d)])
    speed = jnp.exp((p.temperature - _Q10_REFERENCE) * (jnp.log(_Q10) / 10.0))
    return speed * opening, speed * closing


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
    spike_prominence = 5.0
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
        gates = x[1:]
        sodium = p.g_Na * m * m * m * h * (v - p.E_Na)
        potassium = p.g_K * (n * n) * (n * n) * (v - p.E_K)
        leak = p.g_L * (v - p.E_L)
        dv = (current - sodium - potassium - leak) / p.C
        return jnp.concatenate([dv[None], opening * (1.0 - gates) - closing * gates])

    @staticmethod
    def decay_rates(x: Array, p: Any) -> Array:
        v, m, h, n = x
        opening, closing = gate_rates(v, p)
        conductance = p.g_Na * m * m * m * h + p.g_K * (n * n) * (n * n) + p.g_L
        return jnp.concatenate([(conductance / p.C)[None], opening + closing])

    @staticmethod
    def initial_state(p: Any) -> Array:
        v = jnp.asarray(p.v_offset) * 1.0
        opening, closing = gate_rates(v, p)
        return jnp.concatenate([v[None], opening / (opening + closing)])
