"""The Hindmarsh-Rose model: bursts and chaos from three polynomial equations."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from .model import Array, Input, NeuronModel, State
from .quantity import Quantity


def _coefficient(symbol: str, default: float, high: float, label: str, doc: str) -> Quantity:
    return Quantity(
        default,
        bounds=(-100.0, 100.0),
        softbounds=(0.0, high),
        step=0.05,
        symbol=symbol,
        group="Fast currents",
        level="all",
        label=label,
        doc=doc,
    )


class HindmarshRose(NeuronModel):
    r"""The Hindmarsh-Rose model, dimensionless.

    .. math::
        \dot v &= w - a v^3 + b v^2 - u + I \\
        \dot w &= c - d v^2 - w \\
        \dot u &= r\,(s\,(v - v_{rest}) - u)

    All variables and time are pure numbers; time is read in ms. The paper's x, y, z are v, w
    (fast recovery) and u (slow adaptation) here, as in the other models; on the screen they keep
    their symbols x, y, z.

    References
    ----------
    J. L. Hindmarsh & R. M. Rose, A model of neuronal bursting using three coupled first order
    differential equations, Proc. R. Soc. Lond. B 221 (1984) 87.
    """

    title = "Hindmarsh-Rose"
    teaching_order = 110
    states = (
        State("v", "", "voltage-like variable", "x", span=(-2.0, 2.5), limit=1e4),
        State("w", "", "fast recovery", "y", span=(-15.0, 2.0), limit=1e6),
        State("u", "", "slow adaptation", "z", span=(0.0, 4.0), limit=1e4),
    )
    current = Input("", default=2.0, softbounds=(-1.0, 5.0))
    equations = (
        r"\dot{x} &= y - a\,x^3 + b\,x^2 - z + I \\"
        r"\dot{y} &= c - d\,x^2 - y \\"
        r"\dot{z} &= r\,(s\,(x - x_\mathrm{rest}) - z)"
    )
    reference = (
        "J. L. Hindmarsh & R. M. Rose, A model of neuronal bursting using three coupled first "
        "order differential equations, Proceedings of the Royal Society of London B 221 (1984) "
        "87-102"
    )
    spike_prominence = 1.0
    has_linear_part = True

    r = Quantity(
        0.006,
        bounds=(1e-6, 1.0),
        softbounds=(0.001, 0.05),
        step=0.001,
        symbol="r",
        group="Slow adaptation",
        label="Slowness",
        doc="how slowly z follows: smaller makes longer bursts",
    )
    s = Quantity(
        4.0,
        bounds=(0.0, 100.0),
        softbounds=(0.0, 8.0),
        step=0.1,
        symbol="s",
        group="Slow adaptation",
        label="Strength",
        doc="how strongly z brakes; near 1 there are no bursts",
    )
    v_rest = Quantity(
        -1.6,
        bounds=(-10.0, 10.0),
        softbounds=(-3.0, 0.0),
        step=0.05,
        symbol=r"x_\mathrm{rest}",
        group="Slow adaptation",
        label="Resting level",
        doc="x above which z builds up",
    )
    a = _coefficient("a", 1.0, 3.0, "Cubic term", "bounds the spike")
    b = _coefficient("b", 3.0, 6.0, "Quadratic term", "drives the spike; smaller gives plateaus")
    c = _coefficient("c", 1.0, 3.0, "Recovery offset", "level of the fast recovery")
    d = _coefficient("d", 5.0, 10.0, "Recovery strength", "ends the spike")

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        v, w, u = x
        return jnp.stack(
            [
                w + (p.b - p.a * v) * (v * v) - u + current,
                p.c - p.d * (v * v) - w,
                p.r * (p.s * (v - p.v_rest) - u),
            ]
        )

    @staticmethod
    def decay_rates(x: Array, p: Any) -> Array:
        v = x[0]
        return jnp.stack([jnp.zeros_like(v), jnp.ones_like(v), jnp.broadcast_to(p.r, v.shape)])

    @staticmethod
    def initial_state(p: Any) -> Array:
        v = jnp.asarray(p.v_rest) * 1.0
        return jnp.stack([v, p.c - p.d * v * v, jnp.zeros_like(v)])

    @staticmethod
    def fastest_time_constant(p: Any) -> float:
        return 1.0
