"""A noisy leaky rate unit: no spikes, a rate that is a function of a leaky state."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from .model import Array, Input, NeuronModel, State
from .quantity import Choice, Quantity

WINNERS = 5
"""How many units stay on under the activation "bkwta"."""


class Activation(NamedTuple):
    """A rate function and its slope, both of the states (N, ...) of N units."""

    rate: Callable[[Array], Array]
    """x (N, ...) -> r (N, ...)."""
    slope: Callable[[Array], Array]
    """x (N, ...) -> dr/dx (N, ...), each unit by itself, at the kinks as ngc-learn has it."""


def _step(x: Array, level: float) -> Array:
    return (x >= level).astype(x.dtype)


def _strongest(x: Array) -> Array:
    """1 for the `WINNERS` largest of N units, 0 for the others; all win if there are fewer."""
    least = jnp.sort(x, axis=0)[-min(WINNERS, x.shape[0])]
    return (x >= least[None]).astype(x.dtype)


def _silu_slope(x: Array) -> Array:
    s = jax.nn.sigmoid(x)
    return s * (1.0 + x * (1.0 - s))


def _gelu_slope(x: Array) -> Array:
    s = jax.nn.sigmoid(1.702 * x)
    return s * (1.0 + 1.702 * x * (1.0 - s))


def _telu_slope(x: Array) -> Array:
    grown = jnp.exp(jnp.minimum(x, 30.0))  # tanh is 1 to the last digit long before
    t = jnp.tanh(grown)
    return t + x * (1.0 - t * t) * grown


activations: Mapping[str, Activation] = {
    "tanh": Activation(jnp.tanh, lambda x: 1.0 - jnp.tanh(x) ** 2),
    "sigmoid": Activation(jax.nn.sigmoid, lambda x: jax.nn.sigmoid(x) * (1.0 - jax.nn.sigmoid(x))),
    "relu": Activation(lambda x: jnp.maximum(x, 0.0), lambda x: _step(x, 0.0)),
    "lrelu": Activation(
        lambda x: jnp.where(x >= 0.0, x, 0.01 * x), lambda x: jnp.where(x >= 0.0, 1.0, 0.01)
    ),
    "relu6": Activation(lambda x: jnp.clip(x, 0.0, 6.0), lambda x: _step(x, 0.0) * _step(-x, -6.0)),
    "elu": Activation(jax.nn.elu, lambda x: jnp.exp(jnp.minimum(x, 0.0))),
    "silu": Activation(jax.nn.silu, _silu_slope),
    "gelu": Activation(lambda x: x * jax.nn.sigmoid(1.702 * x), _gelu_slope),
    "telu": Activation(lambda x: x * jnp.tanh(jnp.exp(jnp.minimum(x, 30.0))), _telu_slope),
    "sine": Activation(lambda x: jnp.sin(30.0 * x), lambda x: 30.0 * jnp.cos(30.0 * x)),
    "softplus": Activation(jax.nn.softplus, jax.nn.sigmoid),
    "softmax": Activation(
        lambda x: jax.nn.softmax(x, axis=0),
        lambda x: jax.nn.softmax(x, axis=0) * (1.0 - jax.nn.softmax(x, axis=0)),
    ),
    "unit_threshold": Activation(lambda x: _step(x, 1.0), jnp.ones_like),
    "heaviside": Activation(lambda x: _step(x, 0.0), jnp.ones_like),
    "identity": Activation(lambda x: x, jnp.ones_like),
    "bkwta": Activation(_strongest, _strongest),
}
"""Every rate function by name. "softmax" and "bkwta" compete over the units on the leading axis."""


class LeakyNoise(NeuronModel):
    r"""A leaky rate unit with noise before and after its non-linearity.

    .. math::
        \tau \dot x &= -\lambda x + J f(x) + I + \sqrt{2 \tau}\,\sigma_{pre}\,\xi(t) \\
        r &= f(x) + \sigma_{post}\,\epsilon

    Dimensionless; time in ms. xi is white noise, so a step of length h kicks x by
    sqrt(2 h / tau) sigma_pre and the statistics of x do not depend on h: without feedback its
    standard deviation is sigma_pre / sqrt(leak). epsilon is a fresh normal number at every
    sample of r, independent of xi: an error of reading the rate, which does not feed back.
    The functions "softmax" and "bkwta" compete among the units of a network; a unit on its own
    always wins.

    References
    ----------
    A. Ororbia, ngc-learn: LeakyNoiseCell.
    H. F. Song, G. R. Yang & X.-J. Wang, Training excitatory-inhibitory recurrent neural networks
    for cognitive tasks, PLoS Comput. Biol. 12 (2016) e1004792, equations 1-4.
    """

    title = "Leaky noise"
    teaching_order = 120
    states = (State("x", "", "activity", span=(-2.0, 2.0), limit=1e6),)
    readings = (State("r", "", "rate", span=(-1.0, 2.0)),)
    current = Input("", default=1.0, softbounds=(-5.0, 5.0))
    equations = (
        r"\tau\,\dot{x} &= -\lambda\,x + J f(x) + I + \sqrt{2\tau}\,\sigma_\mathrm{pre}\,\xi \\"
        r"r &= f(x) + \sigma_\mathrm{post}\,\epsilon"
    )
    reference = (
        "H. F. Song, G. R. Yang & X.-J. Wang, Training excitatory-inhibitory recurrent neural "
        "networks for cognitive tasks, PLoS Computational Biology 12 (2016) e1004792"
    )
    spike_prominence = math.inf
    has_linear_part = True
    has_noise = True
    telling_axes = ("weight", "leak")

    tau = Quantity(
        20.0,
        bounds=(1e-3, 1e5),
        softbounds=(1.0, 200.0),
        unit="ms",
        step=1.0,
        symbol=r"\tau",
        group="Unit",
        label="Time constant",
        doc="how long the unit remembers its input",
    )
    leak = Quantity(
        1.0,
        bounds=(0.0, 100.0),
        softbounds=(0.0, 3.0),
        step=0.05,
        symbol=r"\lambda",
        group="Unit",
        label="Leak",
        doc="how strongly x returns to 0; at 0 the unit integrates",
    )
    weight = Quantity(
        0.0,
        bounds=(-100.0, 100.0),
        softbounds=(-3.0, 3.0),
        step=0.05,
        symbol="J",
        group="Unit",
        label="Self-recurrence",
        doc="how strongly the rate feeds back on its own unit",
    )
    activation = Choice(
        "relu",
        objects=list(activations),
        group="Unit",
        label="Rate function",
        doc="the rate as a function of x",
    )
    sigma_pre = Quantity(
        0.1,
        bounds=(0.0, 100.0),
        softbounds=(0.0, 1.0),
        step=0.01,
        symbol=r"\sigma_\mathrm{pre}",
        group="Noise",
        label="Noise of the state",
        doc="standard deviation of x under leak 1",
    )
    sigma_post = Quantity(
        0.1,
        bounds=(0.0, 100.0),
        softbounds=(0.0, 1.0),
        step=0.01,
        symbol=r"\sigma_\mathrm{post}",
        group="Noise",
        label="Noise of the rate",
        doc="standard deviation of what is read off",
    )

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        state = x[0]
        # The unit stands alone on a leading axis of 1: trailing axes are runs, not rivals.
        rate = activations[p.activation].rate(state[None])[0]
        return jnp.stack([(p.weight * rate - p.leak * state + current) * (1.0 / p.tau)])

    @staticmethod
    def decay_rates(x: Array, p: Any) -> Array:
        return jnp.stack([jnp.broadcast_to(p.leak / p.tau, x[0].shape)])

    @staticmethod
    def diffusion(x: Array, p: Any) -> Array:
        return jnp.stack([jnp.broadcast_to(jnp.sqrt(2.0 / p.tau) * p.sigma_pre, x[0].shape)])

    @staticmethod
    def read(x: Array, noise: Array, p: Any) -> Array:
        return jnp.stack([activations[p.activation].rate(x[0]) + p.sigma_post * noise[0]])

    @staticmethod
    def initial_state(p: Any) -> Array:
        return jnp.stack([0.0 * jnp.asarray(p.tau)])

    @staticmethod
    def fastest_time_constant(p: Any) -> float:
        return float(p.tau / p.leak) if p.leak > 0.0 else math.inf
