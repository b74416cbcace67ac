"""Integrate-and-fire models: one voltage, a threshold, a reset."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from .model import Array, Input, NeuronModel, Quantity, State

_VOLTAGE = State("v", "mV", "membrane potential", span=(-85.0, -40.0))


def _below(name: str, value: float, limit: str, at: float) -> str | None:
    """One sentence if `value` is not below the level `at` of parameter `limit`."""
    if value < at:
        return None
    return f"`{name}` is {value:g} mV but `{limit}` is {at:g} mV: choose `{name}` below `{limit}`."


class LIF(NeuronModel):
    r"""The leaky integrate-and-fire neuron.

    .. math::
        \tau_m \dot v &= -(v - v_{rest}) + R I \\
        v \ge v_{threshold} &:\quad v \leftarrow v_{reset} \text{ for } t_{ref}

    Voltage in mV, current in pA, resistance in MΩ, time in ms.

    References
    ----------
    L. Lapicque, J. Physiol. Pathol. Gen. 9 (1907) 620.
    W. Gerstner, W. M. Kistler, R. Naud & L. Paninski, Neuronal Dynamics (2014), section 1.3.
    """

    title = "Leaky integrate-and-fire"
    teaching_order = 10
    states = (_VOLTAGE,)
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

    tau_m = Quantity(
        10.0,
        bounds=(1e-3, 1e4),
        softbounds=(1.0, 50.0),
        unit="ms",
        step=0.5,
        symbol=r"\tau_m",
        group="Membrane",
        label="Membrane time constant",
        doc="how long the membrane remembers its input",
    )
    R = Quantity(
        100.0,
        bounds=(1e-3, 1e5),
        softbounds=(10.0, 500.0),
        unit="MΩ",
        step=5.0,
        group="Membrane",
        label="Membrane resistance",
        doc="steady depolarisation per current",
    )
    v_rest = Quantity(
        -75.0,
        bounds=(-500.0, 500.0),
        softbounds=(-90.0, -50.0),
        unit="mV",
        step=0.5,
        symbol=r"v_\mathrm{rest}",
        group="Membrane",
        label="Resting potential",
        doc="where the membrane settles without input",
    )
    v_threshold = Quantity(
        -55.0,
        bounds=(-500.0, 500.0),
        softbounds=(-70.0, -30.0),
        unit="mV",
        step=0.5,
        symbol=r"v_\mathrm{threshold}",
        group="Spike",
        label="Threshold",
        doc="level at which the cell fires",
    )
    v_reset = Quantity(
        -75.0,
        bounds=(-500.0, 500.0),
        softbounds=(-90.0, -56.0),
        unit="mV",
        step=0.5,
        symbol=r"v_\mathrm{reset}",
        group="Spike",
        label="Reset potential",
        doc="where v lands after a spike",
    )
    t_ref = Quantity(
        2.0,
        bounds=(0.0, 1e4),
        softbounds=(0.0, 10.0),
        unit="ms",
        step=0.1,
        symbol=r"t_\mathrm{ref}",
        group="Spike",
        label="Refractory period",
        doc="how long v is held at the reset after a spike",
    )

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        return (p.v_rest - x + 1e-3 * p.R * current) / p.tau_m

    @staticmethod
    def decay_rates(x: Array, p: Any) -> Array:
        return jnp.broadcast_to(1.0 / p.tau_m, x.shape)

    @staticmethod
    def initial_state(p: Any) -> Array:
        return jnp.stack([jnp.asarray(p.v_rest)])

    @staticmethod
    def threshold(x: Array, p: Any) -> Array:
        return x[0] - p.v_threshold

    @staticmethod
    def reset(x: Array, p: Any) -> Array:
        return jnp.broadcast_to(p.v_reset, x.shape)

    @staticmethod
    def refractory(p: Any) -> Any:
        return p.t_ref

    @staticmethod
    def problem(p: Any) -> str | None:
        return _below("v_reset", p.v_reset, "v_threshold", p.v_threshold)

    @staticmethod
    def fastest_time_constant(p: Any) -> float:
        return float(p.tau_m)
