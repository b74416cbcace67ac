"""A layer of 10,000 LIF cells, 1,000 steps of Runge-Kutta 4, spikes kept: as for each redraw.

Every cell has its own time constant. `redraw` is all the server computes for the Layer page: the
layer, its raster, population rate, winner map and rates. The peers take the same steps and keep
every spike: a loop written by hand and compiled by numba, single and on all cores, and NumPy with
one vector operation for all cells. Brian2 2.9 does not import beside NumPy 2.4 or later: where the
environment variable RHEOBASE_BRIAN2 names an interpreter that has it, it runs in a process of its
own, after the others.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numba
import numpy as np

import models
from explorer.layer_picture import simulated
from explorer.layer_state import Basis, LayerSettings, opening
from explorer.pages.layer import draw
from explorer.views import raster
from models import Step

from .timing import medians, print_table

SHAPE = (4, 50, 50)
STEPS = 1_000
DT = 0.1
STIMULUS = Step(300.0, 20.0)
LOW, HIGH = 7.0, 13.0
BLOCK = 500
"""Cells that the peer by numba takes through all steps together."""
PLOT = (340, 350)
"""Points of the raster on a screen of 1440 x 900."""


def report() -> None:
    calls, spikes = _calls()
    times = medians(calls, rounds=15)
    fastest = times["numba"]
    rows = [
        [
            name,
            f"{time:.1f}",
            f"{1e3 / time:.1f}",
            f"{time / fastest:.2f}",
            f"{spikes[name]():,}",
        ]
        for name, time in times.items()
    ]
    for target in ("cython", "cpp"):
        found = _brian2(target)
        if found:
            ms = found["ms"]
            counted = f"{found['spikes']:,}"
            ratio = f"{ms / fastest:.2f}"
            rows.append([f"Brian2, {target}", f"{ms:.1f}", f"{1e3 / ms:.1f}", ratio, counted])
    print_table(["", "ms", "per second", "against numba", "spikes"], rows)


def _brian2(target: str) -> dict[str, Any] | None:
    """What `brian2_layer.py` prints; None without an interpreter that has Brian2."""
    python = os.environ.get("RHEOBASE_BRIAN2")
    if not python:
        return None
    script = Path(__file__).with_name("brian2_layer.py")
    said = subprocess.run([python, script, target], capture_output=True, text=True, check=True)
    return json.loads(said.stdout.splitlines()[-1])


def _calls() -> tuple[dict[str, Callable[[], Any]], dict[str, Callable[[], int]]]:
    """What is measured, and the number of spikes of the first run of each."""
    cell = models.LIF()
    basis = Basis("LIF", cell.parameters, STIMULUS, STEPS * DT, DT)
    first = replace(
        opening(basis),
        features=SHAPE[0],
        rows=SHAPE[1],
        columns=SHAPE[2],
        low=LOW,
        high=HIGH,
        winners=0,
    )
    competing = replace(first, winners=1)
    tau = models.Layer(cell, SHAPE, {"tau_m": (LOW, HIGH)}).values["tau_m"].ravel()
    current = STIMULUS.samples(STEPS, DT).astype(np.float32)
    constants = tuple(
        np.float32(x) for x in (cell.R / 1e3, cell.v_rest, cell.v_threshold, cell.v_reset)
    )
    hold = round(cell.t_ref / DT)
    given = (tau.astype(np.float32), current, *constants, hold)
    moved = count()

    def moving(settings: LayerSettings) -> LayerSettings:
        """The settings as a hand moves them: never the same twice."""
        return replace(settings, high=HIGH + 1e-3 * next(moved))

    def redraw(settings: LayerSettings) -> Any:
        drawn = draw(basis, moving(settings))
        window = ((0.0, STEPS * DT), (0.0, float(drawn.picture.settings.size)))
        return raster.image(drawn.picture, *window, PLOT[0] // raster.MARK, PLOT[1])

    alone, loop = numba.njit(_loop), numba.njit(parallel=True)(_loop)
    calls = {
        "layer": lambda: simulated(basis, moving(first)),
        "layer, one winner": lambda: simulated(basis, moving(competing)),
        "redraw": lambda: redraw(first),
        "redraw, one winner": lambda: redraw(competing),
        "numba": lambda: alone(*given),
        "numba, all cores": lambda: loop(*given),
        "NumPy": lambda: _vectors(*given),
    }
    free = simulated(basis, first).run.packed
    held = simulated(basis, competing).run.packed
    spikes = {
        "layer": lambda: int(np.bitwise_count(free).sum()),
        "layer, one winner": lambda: int(np.bitwise_count(held).sum()),
        "numba": lambda: int(alone(*given).sum()),
        "numba, all cores": lambda: int(loop(*given).sum()),
        "NumPy": lambda: int(_vectors(*given).sum()),
    }
    spikes |= {f"redraw{tail}": spikes[f"layer{tail}"] for tail in ("", ", one winner")}
    return calls, spikes


def _loop(tau, current, resistance, rest, threshold, reset, hold):
    """Blocks of cells through all steps; (T, N) spikes, reset on the grid.

    A block stays in the cache, and its inner loop has no branches, so that it is vectorised.
    """
    cells, steps = tau.size, current.size
    spikes = np.zeros((steps, cells), np.bool_)
    h = np.float32(DT)
    half, sixth = h / np.float32(2.0), h / np.float32(6.0)
    for block in numba.prange(-(-cells // BLOCK)):
        first, last = block * BLOCK, min(cells, (block + 1) * BLOCK)
        v = np.full(last - first, rest, np.float32)
        held = np.zeros(last - first, np.int32)
        rate = np.float32(1.0) / tau[first:last]
        for k in range(steps):
            drive = rest + resistance * current[k]
            for i in range(last - first):
                k1 = (drive - v[i]) * rate[i]
                k2 = (drive - v[i] - half * k1) * rate[i]
                k3 = (drive - v[i] - half * k2) * rate[i]
                k4 = (drive - v[i] - h * k3) * rate[i]
                moved = v[i] + sixth * (k1 + k2 + k2 + k3 + k3 + k4)
                moved = v[i] if held[i] > 0 else moved
                fired = moved >= threshold
                v[i] = reset if fired else moved
                held[i] = hold if fired else max(held[i] - 1, 0)
                spikes[k, first + i] = fired
    return spikes


def _vectors(tau, current, resistance, rest, threshold, reset, hold):
    """All cells through one step after another; (T, N) spikes, reset on the grid."""
    cells, steps = tau.size, current.size
    spikes = np.zeros((steps, cells), bool)
    h = np.float32(DT)
    v = np.full(cells, rest, np.float32)
    held = np.zeros(cells, np.int32)
    rate = np.float32(1.0) / tau
    for k in range(steps):
        drive = rest + resistance * current[k]
        k1 = (drive - v) * rate
        k2 = (drive - v - h / 2 * k1) * rate
        k3 = (drive - v - h / 2 * k2) * rate
        k4 = (drive - v - h * k3) * rate
        moved = v + h / 6 * (k1 + 2 * (k2 + k3) + k4)
        v = np.where(held > 0, v, moved).astype(np.float32)
        fired = v >= threshold
        v[fired] = reset
        held = np.where(fired, hold, np.maximum(held - 1, 0))
        spikes[k] = fired
    return spikes
