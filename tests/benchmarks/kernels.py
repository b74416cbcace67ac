"""One cell, 10,000 steps, 64 bit: every model and accurate method against a numba loop.

`kernel` is the compiled time loop alone, `simulate` the whole call that returns a `Run`, `rest`
their difference. The loops of `numba_loops` take the same steps but reset on the grid.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import models
from models.integrators import schemes
from models.simulate import methods, start_state
from models.time_loop import integrate

from . import numba_loops
from .timing import medians, print_table

STEPS = 10_000
CAPACITY = 16_384


def report() -> None:
    rows = []
    for name, model in models.catalogue.items():
        for method in (method for method in methods(model) if method in schemes):
            times = medians(_calls(name, method))
            kernel, whole, loop = (times.get(key) for key in ("kernel", "simulate", "numba"))
            row = [f"{name} {method}", f"{kernel:.3f}", f"{whole:.3f}", f"{whole - kernel:.3f}"]
            row += [f"{loop:.3f}", f"{kernel / loop:.2f}"] if loop else ["", ""]
            rows.append(row)
    print_table(["ms", "kernel", "simulate", "rest", "numba", "kernel/numba"], rows)


def _calls(name: str, method: str) -> dict[str, Callable[[], Any]]:
    reference = numba_loops.cells.get(name)
    model = models.catalogue[name]
    cell = model()
    current = reference.current if reference else model.current.default
    dt = 0.1 if model.resets() else 0.025
    samples = jnp.zeros(CAPACITY).at[:STEPS].set(current)
    noise = jnp.zeros((CAPACITY if model.has_noise else 0, len(model.states)))
    x0, packed = jnp.asarray(start_state(cell, None)), jnp.asarray(cell.packed())
    chosen = cell.chosen()

    def kernel() -> jax.Array:
        traces = integrate(model, chosen, method, x0, samples, noise, STEPS, dt, packed)
        return traces.block_until_ready()

    calls: dict[str, Callable[[], Any]] = {
        "kernel": kernel,
        "simulate": lambda: cell.simulate(current, STEPS * dt, dt, method),
    }
    if reference:
        loop = numba_loops.loop(name, method)
        injected = np.full(STEPS, current)
        calls["numba"] = lambda: loop(injected, dt)
    return calls
