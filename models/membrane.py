"""What integrate-and-fire models have in common: quantities, and rules for how these go together.

Each function makes a fresh `Quantity`, because a declared quantity belongs to one class.
"""

from __future__ import annotations

import math

import jax.numpy as jnp

from .model import Array, State
from .quantity import Quantity

NO_FLOOR = -1000.0
"""A floor in mV that no cell under a sensible current ever reaches."""


def voltage(low: float, high: float) -> State:
    """The membrane potential, shown from `low` to `high` mV."""
    return State("v", "mV", "membrane potential", span=(low, high))


def time_constant(default: float) -> Quantity:
    """tau_m, ms."""
    return Quantity(
        default,
        bounds=(1e-3, 1e4),
        softbounds=(1.0, 50.0),
        unit="ms",
        step=0.5,
        symbol=r"\tau_m",
        group="Membrane",
        label="Membrane time constant",
        doc="how long the membrane remembers its input",
    )


def resistance(default: float) -> Quantity:
    """R, MΩ."""
    return Quantity(
        default,
        bounds=(1e-3, 1e5),
        softbounds=(10.0, 500.0),
        unit="MΩ",
        symbol="R",
        step=5.0,
        group="Membrane",
        label="Membrane resistance",
        doc="steady depolarisation per current",
    )


def capacitance(default: float, high: float = 500.0) -> Quantity:
    """C, pF."""
    return Quantity(
        default,
        bounds=(1e-2, 1e5),
        softbounds=(10.0, high),
        unit="pF",
        symbol="C",
        step=5.0,
        group="Membrane",
        label="Membrane capacitance",
        doc="charge needed per change of voltage",
    )


def leak_conductance(default: float) -> Quantity:
    """g_L, nS."""
    return Quantity(
        default,
        bounds=(1e-3, 1e4),
        softbounds=(1.0, 50.0),
        unit="nS",
        step=0.5,
        symbol=r"g_\mathrm{L}",
        group="Membrane",
        label="Leak conductance",
        doc="pulls the membrane to rest; C / g_L is the membrane time constant",
    )


def resting_potential(
    default: float, doc: str = "where the membrane settles without input"
) -> Quantity:
    """v_rest, mV."""
    return Quantity(
        default,
        bounds=(-500.0, 500.0),
        softbounds=(-90.0, -50.0),
        unit="mV",
        step=0.5,
        symbol=r"v_\mathrm{rest}",
        group="Membrane",
        label="Resting potential",
        doc=doc,
    )


def threshold(default: float) -> Quantity:
    """v_threshold, mV: the level of a sharp threshold."""
    return Quantity(
        default,
        bounds=(-500.0, 500.0),
        softbounds=(-70.0, -30.0),
        unit="mV",
        step=0.5,
        symbol=r"v_\mathrm{threshold}",
        group="Spike",
        label="Threshold",
        doc="level at which the cell fires",
    )


def soft_threshold(default: float) -> Quantity:
    """v_T, mV: where the upstroke of a smooth threshold begins."""
    return Quantity(
        default,
        bounds=(-500.0, 500.0),
        softbounds=(-65.0, -35.0),
        unit="mV",
        step=0.5,
        symbol="v_T",
        group="Spike",
        label="Soft threshold",
        doc="where the spike current takes over from the leak",
    )


def sharpness(default: float) -> Quantity:
    """delta_T, mV."""
    return Quantity(
        default,
        bounds=(1e-2, 100.0),
        softbounds=(0.2, 10.0),
        unit="mV",
        step=0.1,
        symbol=r"\Delta_T",
        group="Spike",
        label="Spike slope factor",
        doc="how gradually a spike sets in; towards 0 the model becomes the leaky one",
    )


def peak(default: float, bound: float = 1e3) -> Quantity:
    """v_peak, mV."""
    return Quantity(
        default,
        bounds=(-500.0, bound),
        softbounds=(-30.0, 60.0),
        unit="mV",
        step=1.0,
        symbol=r"v_\mathrm{peak}",
        group="Spike",
        level="all",
        label="Spike peak",
        doc="level at which a spike is cut off and reset",
    )


def reset_potential(default: float, bound: float = -500.0) -> Quantity:
    """v_reset, mV."""
    return Quantity(
        default,
        bounds=(bound, 500.0),
        softbounds=(-90.0, -40.0),
        unit="mV",
        step=0.5,
        symbol=r"v_\mathrm{reset}",
        group="Spike",
        label="Reset potential",
        doc="where v lands after a spike",
    )


def refractory_period(default: float) -> Quantity:
    """t_ref, ms."""
    return Quantity(
        default,
        bounds=(0.0, 1e4),
        softbounds=(0.0, 10.0),
        unit="ms",
        step=0.1,
        symbol=r"t_\mathrm{ref}",
        group="Spike",
        level="basic" if default else "all",
        label="Refractory period",
        doc="how long v is held at the reset after a spike",
    )


def floor(default: float = NO_FLOOR) -> Quantity:
    """v_floor, mV."""
    return Quantity(
        default,
        bounds=(-1e6, 500.0),
        softbounds=(NO_FLOOR, -50.0),
        unit="mV",
        step=1.0,
        symbol=r"v_\mathrm{floor}",
        group="Membrane",
        level="all",
        label="Floor",
        doc="v never falls below; out of reach by default",
    )


def at_least(v: Array, floor: Array) -> Array:
    """v (...), or the floor where v is below it.

    One comparison, where `maximum` takes several to treat a v that is no number as this does.
    """
    return jnp.where(v < floor, floor, v)


def time_constant_of(slope: float) -> float:
    """Of dv/dt over v, 1/ms: how fast v settles, in ms; infinite where it does not."""
    return float(-1.0 / slope) if slope < 0.0 else math.inf


def below(name: str, value: float, limit: str, at: float) -> str | None:
    """One sentence if `value` is not below the level `at` of quantity `limit`, both in mV."""
    if value < at:
        return None
    return f"`{name}` is {value:g} mV but `{limit}` is {at:g} mV: choose `{name}` below `{limit}`."
