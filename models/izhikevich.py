"""Izhikevich's simple model of spiking neurons: a quadratic voltage with a linear recovery."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from . import membrane
from .model import Array, Input, NeuronModel, Quantity, State


class Izhikevich(NeuronModel):
    r"""Izhikevich's quadratic model with recovery, the 2003 form.

    .. math::
        \tau_m \dot v &= k_2 v^2 + k_1 v + k_0 - u + R I \\
        \dot u &= a\,(b\,(v - v_u) - \lambda u) \\
        v \ge v_{peak} &:\quad v \leftarrow c,\; u \leftarrow u + d

    Voltage in mV, time in ms; u and I share the unit of dv/dt (mV/ms). With tau_m = R = 1, v_u = 0,
    lambda = 1 and the coefficients 0.04, 5, 140 this is the model of the paper. Panels G and L of
    the 2004 paper use 4.1 and 108, panel R uses v_u = -65 and lambda = 0.

    References
    ----------
    E. M. Izhikevich, Simple model of spiking neurons, IEEE Trans. Neural Networks 14 (2003) 1569.
    E. M. Izhikevich, Which model to use for cortical spiking neurons?, ibid. 15 (2004) 1063.
    """

    title = "Izhikevich"
    teaching_order = 60
    states = (
        State("v", "mV", "membrane potential", span=(-90.0, 40.0)),
        State("u", "mV/ms", "recovery", span=(-25.0, 20.0)),
    )
    current = Input("mV/ms", default=10.0, softbounds=(-20.0, 60.0))
    equations = (
        r"\tau_m \dot{v} &= k_2 v^2 + k_1 v + k_0 - u + R\,I \\"
        r"\dot{u} &= a\,(b\,(v - v_u) - \lambda\,u) \\"
        r"v \ge v_\mathrm{peak} &:\ v \leftarrow c,\quad u \leftarrow u + d"
    )
    reference = (
        "E. M. Izhikevich, Simple model of spiking neurons, IEEE Transactions on Neural Networks "
        "14 (2003) 1569-1572"
    )
    has_linear_part = True

    a = Quantity(
        0.02,
        bounds=(-1.0, 5.0),
        softbounds=(0.005, 0.2),
        unit="1/ms",
        step=0.001,
        symbol="a",
        group="Recovery",
        label="Recovery rate",
        doc="how fast u follows v: smaller is slower",
    )
    b = Quantity(
        0.2,
        bounds=(-5.0, 5.0),
        softbounds=(0.0, 0.3),
        unit="1/ms",
        step=0.005,
        symbol="b",
        group="Recovery",
        label="Recovery sensitivity",
        doc="how strongly u follows v below threshold; larger makes a resonator",
    )
    v_u = Quantity(
        0.0,
        bounds=(-500.0, 500.0),
        softbounds=(-80.0, 0.0),
        unit="mV",
        step=1.0,
        symbol="v_u",
        group="Recovery",
        level="all",
        label="Recovery origin",
        doc="voltage from which b counts; 0 in the paper, -65 for accommodation",
    )
    u_leak = Quantity(
        1.0,
        bounds=(0.0, 100.0),
        softbounds=(0.0, 1.0),
        step=0.05,
        symbol=r"\lambda",
        group="Recovery",
        level="all",
        label="Recovery leak",
        doc="how strongly u decays by itself; 1 in the paper, 0 for accommodation",
    )
    c = Quantity(
        -65.0,
        bounds=(-200.0, 200.0),
        softbounds=(-80.0, -40.0),
        unit="mV",
        step=0.5,
        symbol="c",
        group="After a spike",
        label="Reset potential",
        doc="where v lands after a spike; higher makes bursts",
    )
    d = Quantity(
        8.0,
        bounds=(-200.0, 200.0),
        softbounds=(-2.0, 10.0),
        unit="mV/ms",
        step=0.1,
        symbol="d",
        group="After a spike",
        label="Recovery jump",
        doc="added to u at a spike; larger means stronger adaptation",
    )
    v_peak = Quantity(
        30.0,
        bounds=(-100.0, 1000.0),
        softbounds=(0.0, 60.0),
        unit="mV",
        step=1.0,
        symbol=r"v_\mathrm{peak}",
        group="After a spike",
        level="all",
        label="Spike peak",
        doc="level at which a spike is cut off and reset",
    )
    tau_m = Quantity(
        1.0,
        bounds=(0.01, 100.0),
        softbounds=(0.5, 5.0),
        unit="ms",
        step=0.1,
        symbol=r"\tau_m",
        group="Membrane",
        level="all",
        label="Membrane time constant",
        doc="divides dv/dt; 1 in the paper",
    )
    R = Quantity(
        1.0,
        bounds=(-100.0, 100.0),
        softbounds=(0.1, 5.0),
        step=0.1,
        symbol="R",
        group="Membrane",
        level="all",
        label="Input resistance",
        doc="multiplies the injected current; 1 in the paper",
    )
    k2 = Quantity(
        0.04,
        bounds=(1e-4, 10.0),
        softbounds=(0.01, 0.1),
        unit="1/(mV ms)",
        step=0.001,
        symbol="k_2",
        group="Membrane",
        level="all",
        label="Quadratic coefficient",
        doc="curvature of the v-nullcline; 0.04 in the paper",
    )
    k1 = Quantity(
        5.0,
        bounds=(-100.0, 100.0),
        softbounds=(3.0, 7.0),
        unit="1/ms",
        step=0.05,
        symbol="k_1",
        group="Membrane",
        level="all",
        label="Linear coefficient",
        doc="slope of the v-nullcline at 0 mV; 5 in the paper, 4.1 in class 1",
    )
    k0 = Quantity(
        140.0,
        bounds=(-1e4, 1e4),
        softbounds=(100.0, 180.0),
        unit="mV/ms",
        step=1.0,
        symbol="k_0",
        group="Membrane",
        level="all",
        label="Constant term",
        doc="height of the v-nullcline at 0 mV; 140 in the paper, 108 in class 1",
    )

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        v, u = x
        dv = ((p.k2 * v + p.k1) * v + p.k0 - u + p.R * current) * (1.0 / p.tau_m)
        return jnp.stack([dv, p.a * (p.b * (v - p.v_u) - p.u_leak * u)])

    @staticmethod
    def decay_rates(x: Array, p: Any) -> Array:
        return jnp.stack([jnp.zeros_like(x[0]), jnp.broadcast_to(p.a * p.u_leak, x[1].shape)])

    @staticmethod
    def initial_state(p: Any) -> Array:
        v = -65.0 + 0.0 * p.b
        return jnp.stack(jnp.broadcast_arrays(v, p.b * (v - p.v_u)))

    @staticmethod
    def threshold(x: Array, p: Any) -> Array:
        return x[0] - p.v_peak

    @staticmethod
    def reset(x: Array, p: Any) -> Array:
        return jnp.stack([jnp.broadcast_to(p.c, x[0].shape), x[1] + p.d])

    @staticmethod
    def landing_time_constant(p: Any) -> float:
        return membrane.time_constant_of((2.0 * p.k2 * p.c + p.k1) / p.tau_m)

    @staticmethod
    def problem(p: Any) -> str | None:
        if p.c >= p.v_peak:
            return (
                f"`c` is {p.c:g} mV but the spike peak `v_peak` is {p.v_peak:g} mV: "
                "a reset must land below the peak, so lower `c`."
            )
        return None
