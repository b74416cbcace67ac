"""The quadratic model with adaptation currents: Izhikevich's of 2007, and Inferno's."""

from __future__ import annotations

import types
from collections.abc import Sequence
from functools import cache
from typing import Any

import jax.numpy as jnp

from . import membrane
from .model import Array, Input, NeuronModel, State
from .quantity import Quantity

MOST_ADAPTATIONS = 8
"""Largest number of adaptation variables a cell may have."""

_NO_CEILING = 1e6
"""A ceiling of u, in pA, that no cell under a sensible current ever reaches."""


def _recovery_rate(default: float, k: str = "") -> Quantity:
    return Quantity(
        default,
        bounds=(-1.0, 5.0),
        softbounds=(0.002, 0.2),
        unit="1/ms",
        step=0.001,
        symbol=f"a_{k}" if k else "a",
        group=f"Adaptation {k}" if k else "Adaptation",
        label="Recovery rate",
        doc=f"how fast u{k} follows v: smaller is slower",
    )


def _sensitivity(default: float, k: str = "") -> Quantity:
    return Quantity(
        default,
        bounds=(-1e3, 1e3),
        softbounds=(-10.0, 20.0),
        unit="nS",
        step=0.5,
        symbol=f"b_{k}" if k else "b",
        group=f"Adaptation {k}" if k else "Adaptation",
        label="Recovery sensitivity",
        doc=f"how strongly u{k} follows v below threshold; positive makes a resonator",
    )


def _jump(default: float, k: str = "") -> Quantity:
    return Quantity(
        default,
        bounds=(-1e5, 1e5),
        softbounds=(-50.0, 200.0),
        unit="pA",
        step=1.0,
        symbol=f"d_{k}" if k else "d",
        group=f"Adaptation {k}" if k else "Adaptation",
        label="Recovery jump",
        doc=f"added to u{k} at a spike; larger means stronger adaptation",
    )


def _equations(numbered: Sequence[str]) -> str:
    """The equations with one adaptation current for each of `numbered`: "", "2", "3", ..."""
    currents = [f"u_{k}" if k else "u" for k in numbered]
    rates = [
        rf"\dot{{{u}}} &= a_{k}\,(b_{k}\,(v - v_\mathrm{{rest}}) - {u}) \\"
        if k
        else rf"\dot{{{u}}} &= a\,(b\,(v - v_\mathrm{{rest}}) - {u}) \\"
        for k, u in zip(numbered, currents, strict=True)
    ]
    jumps = [
        rf"{u} \leftarrow {u} + d_{k}" if k else rf"{u} \leftarrow {u} + d"
        for k, u in zip(numbered, currents, strict=True)
    ]
    return "".join(
        [
            r"C\,\dot{v} &= k\,(v - v_\mathrm{rest})(v - v_\mathrm{crit}) - ",
            " - ".join(currents) + r" + I \\",
            *rates,
            r"v \ge v_\mathrm{peak} &:\ v \leftarrow c,\quad ",
            r",\quad ".join(jumps),
        ]
    )


def _adaptations(p: Any, name: str) -> list[Any]:
    """The values of a per-adaptation quantity: p.a, p.a2, p.a3 and so on, as many as there are."""
    numbered = (f"{name}{k}" for k in range(2, MOST_ADAPTATIONS + 1))
    return [getattr(p, name), *(getattr(p, field) for field in numbered if hasattr(p, field))]


class AdaptiveQuadratic(NeuronModel):
    r"""The quadratic integrate-and-fire neuron with adaptation, Izhikevich's form of 2007.

    .. math::
        C \dot v &= k (v - v_{rest})(v - v_{crit}) - u + I \\
        \dot u &= a\,(U(v) - u), \qquad U(v) = b\,(v - v_{rest})
            + b_{low}\min(v - v_b, 0) + b_{cubic}\max(v - v_b, 0)^3 \\
        v \ge v_{peak} + s_{peak} u &:\quad
            v \leftarrow c + s_c u,\; u \leftarrow \min(u + d, u_{max})

    Voltage in mV, currents and u in pA, C in pF, k in nS/mV, b in nS, time in ms; v is held for
    `t_ref` after a spike and stays at or above `v_floor`. With its neutral defaults
    (b_low = b_cubic = s_peak = s_c = 0, u_max out of reach) U is b (v - v_rest) and the reset
    fixed: the plain model. The rest are the specials of the book: the low-threshold cell's peak
    and reset that move with u, the fast-spiking cell's cubic U above v_b, the thalamic cells'
    steeper U below it.

    `AdaptiveQuadratic.with_adaptations(K)` has K adaptation currents u, u2, ... whose sum brakes
    v, each with its own a_k, b_k and d_k; the specials belong to the first. This is Inferno's
    model: its tc_membrane is C, affinity k, rest_v v_rest, crit_v v_crit, tc_adaptation 1 / a_k,
    voltage_coupling b_k, spike_increment d_k, refrac_t t_ref, all with resistance 1; any other
    resistance R is C = tc_membrane / R and k = affinity / R. The model of 2003 is C = 1, k = 0.04,
    v_rest = -82.66, v_crit = -42.34 with u and I larger by -b v_rest.

    References
    ----------
    E. M. Izhikevich, Dynamical Systems in Neuroscience, MIT Press (2007), chapter 8.
    """

    title = "Adaptive quadratic"
    teaching_order = 70
    states = (
        membrane.voltage(-90.0, 40.0),
        State("u", "pA", "recovery current", span=(-200.0, 600.0), limit=1e7),
    )
    current = Input("pA", default=70.0, softbounds=(-200.0, 800.0))
    equations = _equations([""])
    reference = (
        "E. M. Izhikevich, Dynamical Systems in Neuroscience: The Geometry of Excitability and "
        "Bursting, MIT Press (2007), chapter 8"
    )
    has_linear_part = True

    C = membrane.capacitance(100.0)
    k = Quantity(
        0.7,
        bounds=(1e-4, 1e3),
        softbounds=(0.1, 3.0),
        unit="nS/mV",
        step=0.05,
        symbol="k",
        group="Membrane",
        label="Gain",
        doc="curvature of the v-nullcline",
    )
    v_rest = membrane.resting_potential(-60.0)
    v_crit = Quantity(
        -40.0,
        bounds=(-500.0, 500.0),
        softbounds=(-60.0, -30.0),
        unit="mV",
        step=0.5,
        symbol=r"v_\mathrm{crit}",
        group="Membrane",
        label="Critical voltage",
        doc="instantaneous threshold: beyond it the voltage runs away",
    )
    a = _recovery_rate(0.03)
    b = _sensitivity(-2.0)
    c = Quantity(
        -50.0,
        bounds=(-500.0, 500.0),
        softbounds=(-80.0, -30.0),
        unit="mV",
        step=0.5,
        symbol="c",
        group="Spike",
        label="Reset potential",
        doc="where v lands after a spike; higher makes bursts",
    )
    d = _jump(100.0)
    v_peak = membrane.peak(35.0)
    t_ref = membrane.refractory_period(0.0)
    v_floor = membrane.floor()
    peak_slope = Quantity(
        0.0,
        bounds=(-10.0, 10.0),
        softbounds=(-0.5, 0.5),
        unit="mV/pA",
        step=0.01,
        symbol=r"s_\mathrm{peak}",
        group="Specials",
        level="all",
        label="Peak shift with u",
        doc="how the spike peak moves with u",
    )
    reset_slope = Quantity(
        0.0,
        bounds=(-10.0, 10.0),
        softbounds=(-0.5, 0.5),
        unit="mV/pA",
        step=0.01,
        symbol="s_c",
        group="Specials",
        level="all",
        label="Reset shift with u",
        doc="how the reset potential moves with u",
    )
    u_max = Quantity(
        _NO_CEILING,
        bounds=(-1e6, 1e6),
        softbounds=(0.0, _NO_CEILING),
        unit="pA",
        step=10.0,
        symbol=r"u_\mathrm{max}",
        group="Specials",
        level="all",
        label="Ceiling of u",
        doc="a spike lifts u no higher; out of reach by default",
    )
    v_b = Quantity(
        -60.0,
        bounds=(-500.0, 500.0),
        softbounds=(-80.0, -40.0),
        unit="mV",
        step=0.5,
        symbol="v_b",
        group="Specials",
        level="all",
        label="Bend of the recovery curve",
        doc="where the two bends of U(v) begin",
    )
    b_low = Quantity(
        0.0,
        bounds=(-1e3, 1e3),
        softbounds=(-20.0, 20.0),
        unit="nS",
        step=0.5,
        symbol=r"b_\mathrm{low}",
        group="Specials",
        level="all",
        label="Extra sensitivity below the bend",
        doc="added to b for v below v_b",
    )
    b_cubic = Quantity(
        0.0,
        bounds=(-10.0, 10.0),
        softbounds=(0.0, 0.1),
        unit="pA/mV³",
        step=0.005,
        symbol=r"b_\mathrm{cubic}",
        group="Specials",
        level="all",
        label="Cubic recovery above the bend",
        doc="U grows by this times (v - v_b)³ above v_b",
    )

    @classmethod
    @cache
    def with_adaptations(cls, count: int) -> type[AdaptiveQuadratic]:
        """The model with `count` adaptation currents: states v, u, u2, ..., up to u<count>.

        Further currents have their own quantities a2, b2, d2 and so on; b and d of a fresh model
        are 0, so that they change nothing until they are given.

        Raises
        ------
        ValueError
            If `count` is not a whole number from 1 to `MOST_ADAPTATIONS`.
        """
        if not isinstance(count, int) or not 1 <= count <= MOST_ADAPTATIONS:
            raise ValueError(
                f"`count` is {count!r}: choose 1 to {MOST_ADAPTATIONS} adaptation currents."
            )
        if count == 1:
            return AdaptiveQuadratic
        declared: dict[str, Any] = {
            "__doc__": AdaptiveQuadratic.__doc__,
            "__module__": AdaptiveQuadratic.__module__,
            "title": f"Adaptive quadratic, {count} currents",
            "states": AdaptiveQuadratic.states,
        }
        numbered = ["", *map(str, range(2, count + 1))]
        declared["equations"] = _equations(numbered)
        for k in numbered[1:]:
            declared["states"] += (
                State(f"u{k}", "pA", "recovery current", f"u_{k}", (-200.0, 600.0), 1e7),
            )
            declared |= {
                f"a{k}": _recovery_rate(0.005, k),
                f"b{k}": _sensitivity(0.0, k),
                f"d{k}": _jump(0.0, k),
            }
        name = f"AdaptiveQuadratic{count}"
        return types.new_class(name, (AdaptiveQuadratic,), exec_body=lambda ns: ns.update(declared))

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        v = x[0]
        drive = p.k * (v - p.v_rest) * (v - p.v_crit) - x[1:].sum(axis=0) + current
        dv = drive * (1.0 / p.C)
        low = jnp.minimum(v - p.v_b, 0.0)
        high = jnp.maximum(v - p.v_b, 0.0)
        targets = [b * (v - p.v_rest) for b in _adaptations(p, "b")]
        targets[0] = targets[0] + p.b_low * low + p.b_cubic * (high * high * high)
        rates = _adaptations(p, "a")
        du = [a * (target - u) for a, target, u in zip(rates, targets, x[1:], strict=True)]
        return jnp.stack([dv, *du])

    @staticmethod
    def decay_rates(x: Array, p: Any) -> Array:
        v = x[0]
        return jnp.stack(
            [jnp.zeros_like(v), *(jnp.broadcast_to(a, v.shape) for a in _adaptations(p, "a"))]
        )

    @staticmethod
    def initial_state(p: Any) -> Array:
        v = jnp.asarray(p.v_rest)
        return jnp.stack([v, *(jnp.zeros_like(v) for _ in _adaptations(p, "a"))])

    @staticmethod
    def threshold(x: Array, p: Any) -> Array:
        return x[0] - (p.v_peak + p.peak_slope * x[1])

    @staticmethod
    def reset(x: Array, p: Any) -> Array:
        landing = jnp.broadcast_to(p.c + p.reset_slope * x[1], x[0].shape)
        jumps = _adaptations(p, "d")
        lifted = [u + d for u, d in zip(x[1:], jumps, strict=True)]
        lifted[0] = jnp.minimum(lifted[0], p.u_max)
        return jnp.stack([landing, *lifted])

    @staticmethod
    def confine(x: Array, p: Any) -> Array:
        return jnp.concatenate([membrane.at_least(x[0], p.v_floor)[None], x[1:]])

    @staticmethod
    def refractory(p: Any) -> Any:
        return p.t_ref

    @staticmethod
    def problem(p: Any) -> str | None:
        if p.v_crit < p.v_rest:
            return (
                f"`v_crit` is {p.v_crit:g} mV but `v_rest` is {p.v_rest:g} mV: "
                "choose `v_crit` at `v_rest` or above."
            )
        return membrane.below("c", p.c, "v_peak", p.v_peak) or membrane.below(
            "v_floor", p.v_floor, "v_peak", p.v_peak
        )

    @staticmethod
    def landing_time_constant(p: Any) -> float:
        return membrane.time_constant_of(p.k * (2.0 * p.c - p.v_rest - p.v_crit) / p.C)

    @staticmethod
    def fastest_time_constant(p: Any) -> float:
        return float(1.0 / max([abs(a) for a in _adaptations(p, "a")] + [1e-12]))
