"""The quadratic integrate-and-fire neuron: the simplest model with a spike of its own."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from . import membrane
from .model import Array, Input, NeuronModel
from .quantity import Quantity


class QIF(NeuronModel):
    r"""The quadratic integrate-and-fire neuron.

    .. math::
        \tau_m \dot v &= a\,(v - v_{rest})(v - v_{crit}) + R I \\
        v \ge v_{peak} &:\quad v \leftarrow v_{reset} \text{ for } t_{ref}

    Voltage in mV, current in pA, resistance in MΩ, time in ms, a in 1/mV. It is what any model
    near a saddle-node looks like: beyond `v_crit` the voltage runs away by itself. Rest vanishes
    at the rheobase R I = a (v_crit - v_rest)² / 4. With the default a = 1 / (v_crit - v_rest) the
    membrane returns to rest with time constant tau_m. v stays at or above `v_floor`.

    The textbook form tau dv/dt = v² + I is a = 1, R = 1000, v_rest = v_crit = 0, where 1 pA counts
    as 1; with v_peak → ∞, v_reset → -∞ its rate is sqrt(I) / (pi tau). Between finite bounds the
    interval is tau / sqrt(I) [atan(v_peak / sqrt(I)) - atan(v_reset / sqrt(I))].

    References
    ----------
    B. Ermentrout, Type I membranes, phase resetting curves, and synchrony, Neural Computation 8
    (1996) 979.
    W. Gerstner et al., Neuronal Dynamics (2014), section 5.3.
    """

    title = "Quadratic integrate-and-fire"
    teaching_order = 30
    states = (membrane.voltage(-85.0, 10.0),)
    current = Input("pA", default=100.0, softbounds=(-100.0, 500.0))
    equations = (
        r"\tau_m \dot{v} &= a\,(v - v_\mathrm{rest})(v - v_\mathrm{crit}) + R\,I \\"
        r"v \ge v_\mathrm{peak} &:\ v \leftarrow v_\mathrm{reset}\ \text{for}\ t_\mathrm{ref}"
    )
    reference = (
        "W. Gerstner, W. M. Kistler, R. Naud & L. Paninski, Neuronal Dynamics, Cambridge "
        "University Press (2014), section 5.3"
    )

    tau_m = membrane.time_constant(10.0)
    R = membrane.resistance(100.0)
    v_rest = membrane.resting_potential(-75.0)
    v_crit = Quantity(
        -55.0,
        bounds=(-500.0, 500.0),
        softbounds=(-70.0, -30.0),
        unit="mV",
        step=0.5,
        symbol=r"v_\mathrm{crit}",
        group="Spike",
        label="Critical voltage",
        doc="beyond it, without input, the voltage runs away into a spike",
    )
    a = Quantity(
        0.05,
        bounds=(1e-5, 10.0),
        softbounds=(0.01, 0.5),
        unit="1/mV",
        step=0.005,
        symbol="a",
        group="Spike",
        label="Curvature",
        doc="how steeply the voltage runs away",
    )
    v_peak = membrane.peak(0.0, bound=1e5)
    v_reset = membrane.reset_potential(-75.0, bound=-1e5)
    t_ref = membrane.refractory_period(0.0)
    v_floor = membrane.floor()

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        v = x[0]
        drive = p.a * (v - p.v_rest) * (v - p.v_crit) + 1e-3 * p.R * current
        return jnp.stack([drive * (1.0 / p.tau_m)])

    @staticmethod
    def initial_state(p: Any) -> Array:
        return jnp.stack([jnp.asarray(p.v_rest)])

    @staticmethod
    def threshold(x: Array, p: Any) -> Array:
        return x[0] - p.v_peak

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
    def landing_time_constant(p: Any) -> float:
        slope = p.a * (2.0 * p.v_reset - p.v_rest - p.v_crit) / p.tau_m
        return membrane.time_constant_of(slope)

    @staticmethod
    def problem(p: Any) -> str | None:
        if p.v_crit < p.v_rest:
            return (
                f"`v_crit` is {p.v_crit:g} mV but `v_rest` is {p.v_rest:g} mV: "
                "choose `v_crit` at `v_rest` or above."
            )
        return (
            membrane.below("v_crit", p.v_crit, "v_peak", p.v_peak)
            or membrane.below("v_reset", p.v_reset, "v_peak", p.v_peak)
            or membrane.below("v_floor", p.v_floor, "v_peak", p.v_peak)
        )
