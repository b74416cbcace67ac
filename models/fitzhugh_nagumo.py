"""The FitzHugh-Nagumo model: excitability with one cubic and one straight line."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp

from .model import Array, Input, NeuronModel, State
from .quantity import Quantity


class FitzHughNagumo(NeuronModel):
    r"""The FitzHugh-Nagumo model, dimensionless.

    .. math::
        \dot v &= v - c_3 v^3 - w + I \\
        \dot w &= (v + a - b\,w) / \tau

    All variables and time are pure numbers; time is read in ms. The defaults are FitzHugh's:
    c_3 = 1/3, a = 0.7, b = 0.8, tau = 12.5. The other common scaling, dv/dt = v (1 - v²) - w + I,
    dw/dt = eps (v - w/2 + 1), is c_3 = 1, a = 1, b = 0.5, tau = 1 / eps.

    References
    ----------
    R. FitzHugh, Impulses and physiological states in theoretical models of nerve membrane,
    Biophys. J. 1 (1961) 445.
    J. Nagumo, S. Arimoto & S. Yoshizawa, An active pulse transmission line simulating nerve axon,
    Proc. IRE 50 (1962) 2061.
    """

    title = "FitzHugh-Nagumo"
    teaching_order = 100
    states = (
        State("v", "", "voltage-like variable", span=(-2.5, 2.5), limit=1e4),
        State("w", "", "recovery", span=(-1.0, 2.0), limit=1e4),
    )
    current = Input("", default=0.5, softbounds=(-1.0, 2.0))
    equations = r"\dot{v} &= v - c_3 v^3 - w + I \\\dot{w} &= (v + a - b\,w) / \tau"
    reference = (
        "R. FitzHugh, Impulses and physiological states in theoretical models of nerve membrane, "
        "Biophysical Journal 1 (1961) 445-466"
    )
    spike_prominence = 1.0
    has_linear_part = True

    a = Quantity(
        0.7,
        bounds=(-10.0, 10.0),
        softbounds=(-1.0, 2.0),
        step=0.01,
        symbol="a",
        label="Offset of recovery",
        doc="shifts the straight nullcline sideways",
    )
    b = Quantity(
        0.8,
        bounds=(0.0, 10.0),
        softbounds=(0.0, 3.0),
        step=0.01,
        symbol="b",
        label="Decay of recovery",
        doc="steepness of the straight nullcline: larger is flatter",
    )
    tau = Quantity(
        12.5,
        bounds=(1e-3, 1e4),
        softbounds=(1.0, 50.0),
        step=0.5,
        symbol=r"\tau",
        label="Slowness of recovery",
        doc="how much slower w is than v",
    )
    c3 = Quantity(
        1.0 / 3.0,
        bounds=(1e-3, 10.0),
        softbounds=(0.1, 1.0),
        step=0.01,
        symbol="c_3",
        level="all",
        label="Cubic coefficient",
        doc="1/3 in FitzHugh's scaling, 1 in the other one",
    )

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        v, w = x
        dw = (v + p.a - p.b * w) * (1.0 / p.tau)
        return jnp.stack([v - p.c3 * (v * v * v) - w + current, dw])

    @staticmethod
    def decay_rates(x: Array, p: Any) -> Array:
        v = x[0]
        return jnp.stack([jnp.zeros_like(v), jnp.broadcast_to(p.b / p.tau, v.shape)])

    @staticmethod
    def initial_state(p: Any) -> Array:
        zero = 0.0 * jnp.asarray(p.a)
        return jnp.stack([zero - 1.2, zero - 0.625])

    @staticmethod
    def fastest_time_constant(p: Any) -> float:
        return float(p.tau / p.b) if p.b > 0.0 else math.inf
