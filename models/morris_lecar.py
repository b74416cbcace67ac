"""The Morris-Lecar model of the barnacle muscle fibre: two variables, two kinds of excitability."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from .model import Array, Input, NeuronModel, State
from .quantity import Quantity

_STEEPEST = 40.0
"""Cap on the argument of cosh, so that a run that leaves all sense does so without overflow."""

_FULLEST = 80.0
"""Cap on an exponent beyond which a gate is shut, finite in single precision as well."""


def gates(v: Array, p: Any) -> tuple[Array, Array, Array]:
    """At voltage v (...): the open fraction of the calcium channels, which follow at once, the one
    that w relaxes to, and how fast it does, 1/ms.

    (1 + tanh x) / 2 is written 1 / (1 + exp(-2 x)), and all exponentials are one: XLA computes them
    side by side, and once each.
    """
    x = jnp.clip((v - p.V3) * (0.5 / p.V4), -_STEEPEST, _STEEPEST)
    calcium = jnp.clip((p.V1 - v) * (2.0 / p.V2), -_FULLEST, _FULLEST)
    potassium = jnp.clip(-4.0 * x, -_FULLEST, _FULLEST)
    calcium, potassium, grown = jnp.exp(jnp.stack([calcium, potassium, x]))
    rate = p.phi * 0.5 * (grown + 1.0 / grown)  # phi cosh x
    return 1.0 / (1.0 + calcium), 1.0 / (1.0 + potassium), rate


def _conductance(default: float, name: str, ion: str, high: float) -> Quantity:
    return Quantity(
        default,
        bounds=(0.0, 1e4),
        softbounds=(0.0, high),
        unit="mS/cm²",
        step=0.1,
        symbol=rf"g_\mathrm{{{name}}}",
        group="Conductances",
        label=f"{ion} conductance",
        doc=f"all {ion.lower()} channels open" if ion != "Leak" else "always open",
    )


def _reversal(default: float, name: str, ion: str) -> Quantity:
    return Quantity(
        default,
        bounds=(-500.0, 500.0),
        softbounds=(min(default, 0.0) - 40.0, max(default, 0.0) + 40.0),
        unit="mV",
        step=1.0,
        symbol=rf"E_\mathrm{{{name}}}",
        group="Reversal potentials",
        label=f"{ion} reversal potential",
        doc=f"where the {ion.lower()} current changes sign",
    )


def _activation(default: float, symbol: str, label: str, doc: str, width: bool = False) -> Quantity:
    return Quantity(
        default,
        bounds=(0.1 if width else -500.0, 500.0),
        softbounds=(5.0, 50.0) if width else (-40.0, 40.0),
        unit="mV",
        step=0.1,
        symbol=symbol,
        group="Activation",
        label=label,
        doc=doc,
    )


class MorrisLecar(NeuronModel):
    r"""The Morris-Lecar model.

    .. math::
        C \dot v &= I - g_{Ca} m_\infty(v)(v - E_{Ca}) - g_K w (v - E_K) - g_L (v - E_L) \\
        \dot w &= \phi\,(w_\infty(v) - w) \cosh\frac{v - V_3}{2 V_4} \\
        m_\infty &= \tfrac12\Big(1 + \tanh\frac{v - V_1}{V_2}\Big), \qquad
        w_\infty = \tfrac12\Big(1 + \tanh\frac{v - V_3}{V_4}\Big)

    Voltage in mV, current in µA/cm², conductances in mS/cm², C in µF/cm², phi in 1/ms, time in
    ms. The defaults are the "Hopf" set of Rinzel & Ermentrout: excitability of class 2.

    References
    ----------
    C. Morris & H. Lecar, Voltage oscillations in the barnacle giant muscle fiber, Biophys. J. 35
    (1981) 193.
    J. Rinzel & G. B. Ermentrout, Analysis of neural excitability and oscillations, in Methods in
    Neuronal Modeling, MIT Press (1989), appendix A.
    """

    title = "Morris-Lecar"
    teaching_order = 90
    states = (
        State("v", "mV", "membrane potential", span=(-75.0, 50.0)),
        State("w", "", "potassium activation", span=(0.0, 0.8), limit=1e3),
    )
    current = Input("µA/cm²", default=100.0, softbounds=(-50.0, 300.0))
    equations = (
        r"C\,\dot{v} &= I - g_\mathrm{Ca}\,m_\infty(v)\,(v - E_\mathrm{Ca}) - g_\mathrm{K}\,w\,"
        r"(v - E_\mathrm{K}) - g_\mathrm{L}\,(v - E_\mathrm{L}) \\"
        r"\dot{w} &= \phi\,(w_\infty(v) - w)\,\cosh\tfrac{v - V_3}{2 V_4} \\"
        r"m_\infty &= \tfrac{1}{2}\bigl(1 + \tanh\tfrac{v - V_1}{V_2}\bigr),\quad "
        r"w_\infty = \tfrac{1}{2}\bigl(1 + \tanh\tfrac{v - V_3}{V_4}\bigr)"
    )
    reference = (
        "C. Morris & H. Lecar, Voltage oscillations in the barnacle giant muscle fiber, "
        "Biophysical Journal 35 (1981) 193-213"
    )
    spike_prominence = 20.0
    has_linear_part = True

    g_Ca = _conductance(4.4, "Ca", "Calcium", 10.0)
    g_K = _conductance(8.0, "K", "Potassium", 20.0)
    g_L = _conductance(2.0, "L", "Leak", 5.0)
    E_Ca = _reversal(120.0, "Ca", "Calcium")
    E_K = _reversal(-84.0, "K", "Potassium")
    E_L = _reversal(-60.0, "L", "Leak")
    V1 = _activation(-1.2, "V_1", "Calcium half-activation", "where half the calcium gates open")
    V2 = _activation(18.0, "V_2", "Calcium width", "how gradually they open", width=True)
    V3 = _activation(2.0, "V_3", "Potassium half-activation", "where half the potassium gates open")
    V4 = _activation(30.0, "V_4", "Potassium width", "how gradually they open", width=True)
    phi = Quantity(
        0.04,
        bounds=(1e-6, 10.0),
        softbounds=(0.005, 0.5),
        unit="1/ms",
        step=0.005,
        symbol=r"\phi",
        group="Activation",
        label="Speed of recovery",
        doc="how fast the potassium gates follow the voltage",
    )
    C = Quantity(
        20.0,
        bounds=(1e-3, 1e4),
        softbounds=(1.0, 50.0),
        unit="µF/cm²",
        step=0.5,
        symbol="C",
        group="Membrane",
        label="Membrane capacitance",
        doc="charge needed per change of voltage",
    )

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        v, w = x
        m, w_inf, rate = gates(v, p)
        calcium = p.g_Ca * m * (v - p.E_Ca)
        potassium = p.g_K * w * (v - p.E_K)
        leak = p.g_L * (v - p.E_L)
        dv = (current - calcium - potassium - leak) * (1.0 / p.C)
        return jnp.stack([dv, rate * (w_inf - w)])

    @staticmethod
    def decay_rates(x: Array, p: Any) -> Array:
        v, w = x
        m, _, rate = gates(v, p)
        return jnp.stack([(p.g_Ca * m + p.g_K * w + p.g_L) * (1.0 / p.C), rate])

    @staticmethod
    def initial_state(p: Any) -> Array:
        v = jnp.asarray(p.E_L) * 1.0
        return jnp.stack([v, gates(v, p)[1]])
