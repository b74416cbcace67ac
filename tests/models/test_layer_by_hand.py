"""Layers against plain NumPy loops that do the same, one vector operation for all cells."""

from __future__ import annotations

import numpy as np
import pytest

from models import LIF, HodgkinHuxley, Izhikevich, Layer

DT, STEPS = 0.05, 4000
SHAPE = (3, 4, 5)


def rk4(slope, x, h):
    k1 = slope(x)
    k2 = slope(x + h / 2 * k1)
    k3 = slope(x + h / 2 * k2)
    k4 = slope(x + h * k3)
    return x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def currents(level: float, seed: int) -> np.ndarray:
    """(T, F, R, C): a level of its own for each cell, after 10 ms of nothing."""
    current = np.zeros((STEPS, *SHAPE))
    current[200:] = level * np.random.default_rng(seed).uniform(0.8, 1.2, SHAPE)
    return current


def test_lif_cells_fire_as_in_a_loop_written_by_hand():
    """Spikes rounded to the grid in the loop: no more than a step late each."""
    layer = Layer(LIF(), SHAPE, vary={"tau_m": (7.0, 13.0)}, winners=0, seed=2)
    current = currents(300.0, 5)
    run = layer.simulate(current, DT)
    tau, cell = layer.values["tau_m"], layer.cell
    v, free = np.full(SHAPE, cell.v_rest), np.zeros(SHAPE)
    spikes = np.zeros((STEPS, *SHAPE), bool)
    for k in range(STEPS):
        drive = cell.v_rest + 1e-3 * cell.R * current[k]
        moved = rk4(lambda x, drive=drive: (drive - x) / tau, v, DT)
        v = np.where(free <= k, moved, v)
        spikes[k] = v >= cell.v_threshold
        v = np.where(spikes[k], cell.v_reset, v)
        free = np.where(spikes[k], k + 1 + round(cell.t_ref / DT), free)
    assert np.abs(run.counts - spikes.sum(axis=0)).max() <= 1
    for place in np.ndindex(SHAPE):
        ours = np.flatnonzero(run.spikes[(slice(None), *place)])
        theirs = np.flatnonzero(spikes[(slice(None), *place)])
        late = theirs[: ours.size] - ours[: theirs.size]
        assert late.min() >= 0 and (late <= 1 + np.arange(late.size)).all()


def test_izhikevich_cells_fire_as_in_a_loop_written_by_hand():
    layer = Layer(Izhikevich(), SHAPE, vary={"d": (4.0, 8.0)}, winners=0, seed=2)
    current = currents(10.0, 6)
    run = layer.simulate(current, DT)
    p, d = layer.cell.p, layer.values["d"]
    fine = 10  # steps of the loop within one of the layer, where a spike is on the grid
    x = np.stack([np.full(SHAPE, value) for value in layer.cell.initial_state(p)])
    counts = np.zeros(SHAPE, int)

    def slope(x, current):
        v, u = x
        return np.stack([(0.04 * v + 5.0) * v + 140.0 - u + current, p.a * (p.b * v - u)])

    for k in range(STEPS):
        for _ in range(fine):
            x = rk4(lambda x, now=current[k]: slope(x, now), x, DT / fine)
            fired = x[0] >= p.v_peak
            counts += fired
            x = np.where(fired, np.stack([np.full(SHAPE, p.c), x[1] + d]), x)
    assert counts.min() > 3
    assert np.abs(run.counts - counts).max() <= 1
    assert (run.counts == counts).mean() > 0.8


def test_blocks_of_cells_leave_no_trace():
    """Cells that do not compete go through the run in blocks, whatever is left over at the end."""
    shape = (1, 1, 301)
    values = np.linspace(6.0, 20.0, 301).reshape(shape)
    start = np.linspace(-75.0, -56.0, 301).reshape(shape)
    current = np.full((1000, *shape), 300.0) * np.linspace(0.9, 1.2, 301)
    run = Layer(LIF(), shape, vary={"tau_m": values}, winners=0).simulate(
        current, initial={"v": start}, keep=("v",)
    )
    for few in (slice(0, 7), slice(120, 140), slice(294, 301)):
        part = Layer(LIF(), (1, 1, values[..., few].size), {"tau_m": values[..., few]}, winners=0)
        alone = part.simulate(current[..., few], initial={"v": start[..., few]}, keep=("v",))
        assert (alone.spikes == run.spikes[..., few]).all()
        assert alone.states["v"] == pytest.approx(run.states["v"][..., few], abs=1e-3)


def test_a_cell_silenced_in_its_upstroke_takes_nothing_of_it_along():
    """Its v rests for the whole pause, and u relaxes as u does at rest."""
    current = np.full((2000, 1, 1, 2), 12.0)
    current[:, 0, 0, 1] = 11.6
    pause = 20.0
    layer = Layer(Izhikevich(), (1, 1, 2), inhibition="layer", pause=pause)
    run = layer.simulate(current, DT, keep=("v", "u"))
    first = int(run.events[0, 0])
    v, u = (run.states[name][first + 1 :, 0, 0, 1] for name in ("v", "u"))
    rest, steps = run.states["v"][0, 0, 0, 1], round(pause / DT)
    assert v[0] > 0.0  # on its way up
    assert (v[1 : 1 + steps] == rest).all()
    p = layer.cell.p
    settled = p.b * rest
    decayed = settled + (u[0] - settled) * np.exp(-p.a * DT * np.arange(1 + steps))
    # Within a step v leaves rest by I dt at most before it is put back; u follows b times that.
    assert u[: 1 + steps] == pytest.approx(decayed, abs=p.b * 12.0 * DT)


def test_cells_that_blow_up_are_known():
    current = np.full((100, 1, 1, 3), 10.0)
    current[:, 0, 0, 1] = 1e6
    run = Layer(HodgkinHuxley(), (1, 1, 3), winners=0).simulate(current, 0.05, "euler")
    assert run.diverged.ravel().tolist() == [False, True, False]
    assert not Layer(LIF(), (1, 1, 3)).simulate(300.0, duration=20.0).diverged.any()
