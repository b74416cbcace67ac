"""Integrate-and-fire models with a linear membrane: the perfect and the leaky integrator."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from . import membrane
from .model import Array, Input, NeuronModel


class LIF(NeuronModel):
    r"""The leaky integrate-and-fire neuron.

    .. math::
        \tau_m \dot v &= -(v - v_{rest}) + R I \\
        v \ge v_{threshold} &:\quad v \leftarrow v_{reset} \text{ for } t_{ref}

    Voltage in mV, current in pA, resistance in MΩ, time in ms. The capacitance is tau_m / R and
    the leak conductance 1 / R: with the defaults 100 pF and 10 nS. v stays at or above `v_floor`.

    References
    ----------
    L. Lapicque, J. Physiol. Pathol. Gen. 9 (1907) 620.
    W. Gerstner, W. M. Kistler, R. Naud & L. Paninski, Neuronal Dynamics (2014), section 1.3.
    """

    title = "Leaky integrate-and-fire"
    teaching_order = 10
    states = (membrane.voltage(-85.0, -40.0),)
    current = Input("pA", default=300.0, softbounds=(-200.0, 800.0))
    equations = (
        r"\tau_m \dot{v} &= -(v - v_\mathrm{rest}) + R\,I \\"
        r"v \ge v_\mathrm{threshold} &:\ v \leftarrow v_\mathrm{reset}\ \text{for}\ t_\mathrm{ref}"
    )
    reference = (
        "W. Gerstner, W. M. Kistler, R. Naud & L. Paninski, Neuronal Dynamics, Cambridge "
        "University Press (2014), section 1.3"
    )
    has_linear_part = True

    tau_m = membrane.time_constant(10.0)
    R = membrane.resistance(100.0)
    v_rest = membrane.resting_potential(-75.0)
    v_threshold = membrane.threshold(-55.0)
    v_reset = membrane.reset_potential(-75.0)
    t_ref = membrane.refractory_period(2.0)
    v_floor = membrane.floor()

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        return jnp.stack([(p.v_rest + 1e-3 * p.R * current - x[0]) * (1.0 / p.tau_m)])

    @staticmethod
    def decay_rates(x: Array, p: Any) -> Array:
        return jnp.stack([jnp.broadcast_to(1.0 / p.tau_m, x[0].shape)])

    @staticmethod
    def initial_state(p: Any) -> Array:
        return jnp.stack([jnp.asarray(p.v_rest)])

    @staticmethod
    def threshold(x: Array, p: Any) -> Array:
        return x[0] - p.v_threshold

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
        return membrane.below("v_reset", p.v_reset, "v_threshold", p.v_threshold) or membrane.below(
            "v_floor", p.v_floor, "v_threshold", p.v_threshold
        )

    @staticmethod
    def fastest_time_constant(p: Any) -> float:
        return float(p.tau_m)


class IF(NeuronModel):
    r"""The perfect integrator: an integrate-and-fire neuron without a leak.

    .. math::
        C \dot v &= I \\
        v \ge v_{threshold} &:\quad v \leftarrow v_{reset} \text{ for } t_{ref}

    Voltage in mV, current in pA, capacitance in pF, time in ms. It forgets nothing: any current
    above zero makes it fire, and a spike comes whenever C (v_threshold - v_reset) of charge has
    come in. `v_rest` is only where a run starts. v stays at or above `v_floor`.

    References
    ----------
    L. F. Abbott, Lapicque's introduction of the integrate-and-fire model neuron (1907), Brain
    Research Bulletin 50 (1999) 303.
    """

    title = "Perfect integrate-and-fire"
    teaching_order = 20
    states = (membrane.voltage(-85.0, -40.0),)
    current = Input("pA", default=100.0, softbounds=(-100.0, 500.0))
    equations = (
        r"C\,\dot{v} &= I \\"
        r"v \ge v_\mathrm{threshold} &:\ v \leftarrow v_\mathrm{reset}\ \text{for}\ t_\mathrm{ref}"
    )
    reference = (
        "L. F. Abbott, Lapicque's introduction of the integrate-and-fire model neuron (1907), "
        "Brain Research Bulletin 50 (1999) 303-304"
    )
    has_linear_part = True

    C = membrane.capacitance(100.0)
    v_rest = membrane.resting_potential(-75.0, "where a run starts; nothing pulls v back to it")
    v_threshold = membrane.threshold(-55.0)
    v_reset = membrane.reset_potential(-75.0)
    t_ref = membrane.refractory_period(2.0)
    v_floor = membrane.floor()

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        return jnp.stack([jnp.broadcast_to(current * (1.0 / p.C), x[0].shape)])

    @staticmethod
    def decay_rates(x: Array, p: Any) -> Array:
        return jnp.zeros_like(x)

    @staticmethod
    def initial_state(p: Any) -> Array:
        return jnp.stack([jnp.asarray(p.v_rest)])

    @staticmethod
    def threshold(x: Array, p: Any) -> Array:
        return x[0] - p.v_threshold

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
        return membrane.below("v_reset", p.v_reset, "v_threshold", p.v_threshold) or membrane.below(
            "v_floor", p.v_floor, "v_threshold", p.v_threshold
        )
