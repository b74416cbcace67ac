"""Textbook systems whose bifurcations are known exactly, declared as models for the tests."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from models.model import Array, Input, NeuronModel, State
from models.quantity import Quantity

_PLANE = (State("x", "", "", span=(-2.0, 2.0)), State("y", "", "", span=(-2.0, 2.0)))


class HopfNormalForm(NeuronModel):
    """r' = r (mu + sigma r² + tau r⁴), rotating at rate 2.

    With sigma < 0 and tau = 0 a stable cycle of radius sqrt(-mu / sigma) is born at mu = 0; with
    sigma = 1 and tau = -1 an unstable one, which meets a stable one at mu = -1/4.
    """

    states = _PLANE
    current = Input("", default=0.0, softbounds=(-1.0, 1.0))
    spike_prominence = 0.2
    mu = Quantity(0.0, bounds=(-10.0, 10.0), softbounds=(-0.5, 0.5))
    sigma = Quantity(-1.0, bounds=(-10.0, 10.0))
    tau = Quantity(0.0, bounds=(-10.0, 10.0))

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        r2 = x[0] * x[0] + x[1] * x[1]
        growth = p.mu + p.sigma * r2 + p.tau * r2 * r2
        return jnp.stack([growth * x[0] - 2.0 * x[1] + 0.0 * current, growth * x[1] + 2.0 * x[0]])

    @staticmethod
    def initial_state(p: Any) -> Array:
        return jnp.stack(jnp.broadcast_arrays(1.0 + 0.0 * p.mu, 0.0 * p.mu))


class SaddleNodeOnCircle(NeuronModel):
    """r' = r (1 - r²), theta' = mu - r sin(theta): period 2 pi / sqrt(mu² - 1) on r = 1."""

    states = _PLANE
    current = Input("", default=0.0, softbounds=(-1.0, 1.0))
    spike_prominence = 0.5
    mu = Quantity(2.0, bounds=(-10.0, 10.0), softbounds=(0.5, 3.0))

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        growth = 1.0 - x[0] * x[0] - x[1] * x[1]
        turn = p.mu - x[1] + 0.0 * current
        return jnp.stack([growth * x[0] - turn * x[1], growth * x[1] + turn * x[0]])

    @staticmethod
    def initial_state(p: Any) -> Array:
        return jnp.stack(jnp.broadcast_arrays(1.0 + 0.0 * p.mu, 0.0 * p.mu))


class StrogatzHomoclinic(NeuronModel):
    """x' = y, y' = mu y + x - x² + x y: Hopf at mu = -1, homoclinic at about -0.8645.

    S. H. Strogatz, Nonlinear Dynamics and Chaos (1994), example 8.4.1.
    """

    states = _PLANE
    current = Input("", default=0.0, softbounds=(-1.0, 1.0))
    spike_prominence = 0.2
    mu = Quantity(-0.9, bounds=(-10.0, 10.0), softbounds=(-1.2, -0.7))

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        rise = p.mu * x[1] + x[0] - x[0] * x[0] + x[0] * x[1] + 0.0 * current
        return jnp.stack([x[1], rise])

    @staticmethod
    def initial_state(p: Any) -> Array:
        return jnp.stack(jnp.broadcast_arrays(0.9 + 0.0 * p.mu, 0.0 * p.mu))


class TorusNormalForm(NeuronModel):
    """A circle of radius 1, run through at rate 2; around it z' = (mu - 1/2 + i/2) z - z |z|².

    z = (r - 1, h) is what lies across the circle: at mu = 1/2 it grows into a torus.
    """

    states = (*_PLANE, State("h", "", "", span=(-2.0, 2.0)))
    current = Input("", default=0.0, softbounds=(-1.0, 1.0))
    spike_prominence = 0.5
    mu = Quantity(0.3, bounds=(-10.0, 10.0), softbounds=(0.2, 1.0))

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        r = jnp.sqrt(x[0] * x[0] + x[1] * x[1] + 1e-12)
        across, h = r - 1.0, x[2]
        growth = p.mu - 0.5 - across * across - h * h
        outward = (growth * across - 0.5 * h) / r
        rise = growth * h + 0.5 * across + 0.0 * current
        return jnp.stack([outward * x[0] - 2.0 * x[1], outward * x[1] + 2.0 * x[0], rise])

    @staticmethod
    def initial_state(p: Any) -> Array:
        return jnp.stack(jnp.broadcast_arrays(1.0 + 0.0 * p.mu, 0.0 * p.mu, 0.0 * p.mu))
