"""The step of ngc-learn's LeakyNoiseCell: a noisy leaky rate unit.

Its settings are the model's: tau_x is tau, leak_scale leak, act_fx activation. All cells of a run
are the units of one layer, among which "softmax" and "bkwta" compete.

Written from a description of what release 3.2.1 of ngc-learn computes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from ..leaky_noise import Activation, LeakyNoise, activations
from ..model import Array, NeuronModel
from .ngc_learn import SAID, euler, midpoint, rk4
from .step import PublishedStep, Series, Tick

_TAKEN = {"euler": euler, "rk2": midpoint, "heun": rk4}
_ACCEPTED = {
    "euler": "euler",
    "rk2": "rk2",
    "midpoint": "rk2",
    "heun": "heun",
    "rk2_heun": "heun",
}
_WITHOUT_STEP = ("rk4", "ralston", "rk2_ralston")


def method_for(integration_type: str) -> str:
    """The method that takes the step the library takes when asked for `integration_type`.

    Raises
    ------
    ValueError
        For "rk4" and "ralston", which the library numbers but does not find in its table.
    """
    if integration_type in _WITHOUT_STEP:
        raise ValueError(
            f"`integration_type` is {integration_type!r}, at which ngc-learn's LeakyNoiseCell "
            "fails: choose 'euler', 'rk2' or 'heun' (which takes RK4 steps)."
        )
    return f"ngc-learn:{_ACCEPTED.get(integration_type, 'euler')}"


class Settings(NamedTuple):
    """The constructor's arguments, and the weight of a unit's own rate in its input."""

    tau_x: Any
    leak_scale: Any
    sigma_pre: Any
    sigma_post: Any
    weight: Any
    act_fx: Activation


def _settings(p: Any, options: Mapping[str, Any], dt: Array) -> Settings:
    return Settings(p.tau, p.leak, p.sigma_pre, p.sigma_post, p.weight, activations[p.activation])


def _among_all(function: Callable[[Array], Array], x: Array) -> Array:
    """A function of a row of units, applied to cells of any shape."""
    return function(x.reshape(-1)).reshape(x.shape)


def _start(x0: Array, q: Settings) -> Array:
    return jnp.concatenate([x0, jnp.zeros_like(x0), jnp.zeros_like(x0)])


def _advance(scheme: str) -> Callable[[Array, Tick, Settings], Array]:
    integrate = _TAKEN[scheme]

    def advance(row: Array, tick: Tick, q: Settings) -> Array:
        x = row[0]
        eps, j_recurrent = tick.series
        j_recurrent = j_recurrent + q.weight * _among_all(q.act_fx.rate, x)
        kick = jnp.sqrt(2.0 * q.tau_x * q.sigma_pre * q.sigma_pre) * eps
        x = integrate(
            lambda y: (-q.leak_scale * y + j_recurrent + tick.current + kick) / q.tau_x,
            x,
            tick.dt,
        )
        # The number that kicked the state is the one that blurs the rate.
        rate = _among_all(q.act_fx.rate, x) + q.sigma_post * eps
        return jnp.stack([x, rate, _among_all(q.act_fx.slope, x)])

    return advance


def _finish(
    outputs: dict[str, np.ndarray], options: Mapping[str, Any], cell: NeuronModel
) -> dict[str, np.ndarray]:
    """Put the full Jacobian (T, n, n) of "softmax" in place of its diagonal."""
    assert isinstance(cell, LeakyNoise)
    if cell.activation == "softmax" and "x" in outputs and outputs["x"].ndim == 2:
        x = outputs["x"]
        grown = np.exp(x - x.max(axis=1, keepdims=True))
        share = grown / grown.sum(axis=1, keepdims=True)
        diagonal = share[:, :, None] * np.eye(x.shape[1])
        outputs = outputs | {"r_prime": diagonal - share[:, :, None] * share[:, None, :]}
    return outputs


def _step(name: str, differs: str, bug: str) -> PublishedStep:
    return PublishedStep(
        method=f"ngc-learn:{name}",
        model="LeakyNoise",
        title=f"ngc-learn's {SAID[name]}",
        rows=("x", "r", "r_prime"),
        start=_start,
        advance=_advance(name),
        settings=_settings,
        series={
            "eps": Series("standard normal numbers behind all noise", drawn=True),
            "j_recurrent": Series("recurrent input beside the unit's own"),
        },
        spikes=None,
        finish=_finish,
        differs=differs,
        bug=bug,
    )


_NOISE = (
    "The kick grows with the step instead of its root, so the noise of x grows with sqrt(dt), and "
    "one number serves as noise of the state and of the rate."
)

steps: tuple[PublishedStep, ...] = (
    _step("euler", "Euler steps with one noise number per step.", _NOISE),
    _step("rk2", "Midpoint steps with one noise number per step.", _NOISE),
    _step("heun", "Asked for Heun's method, the library takes Runge-Kutta steps.", _NOISE),
)
