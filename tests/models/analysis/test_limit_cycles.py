"""Limit cycles against closed forms, published frequencies and simulations."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import models
from models import analysis
from models.model import Input, NeuronModel, State

SIDE = (-2.0, 2.0)


class Rings(NeuronModel):
    """A made-up model that turns once in 2 pi ms; r' = r (r^2 - 1/4)(1 - r^2)."""

    states = (State("v", "", "across", span=SIDE), State("w", "", "up", span=SIDE))
    current = Input("", 0.0, (0.0, 1.0))

    @staticmethod
    def derivatives(x: Any, current: Any, p: Any) -> Any:
        v, w = x[0], x[1]
        square = v * v + w * w
        growth = (square - 0.25) * (1.0 - square)
        others = [-(0.5 + 0.0 * current) * z for z in x[2:]]
        return jnp.stack([growth * v - w, growth * w + v, *others])

    @staticmethod
    def initial_state(p: Any) -> Any:
        return jnp.zeros(2)


class RingsInSpace(Rings):
    """The same with a third state that decays."""

    states = (*Rings.states, State("z", "", "decaying", span=SIDE))

    @staticmethod
    def initial_state(p: Any) -> Any:
        return jnp.zeros(3)


@pytest.fixture(scope="module")
def squid() -> analysis.Diagram:
    return analysis.bifurcation(models.HodgkinHuxley(), "current", (0.0, 20.0))


@pytest.mark.parametrize("model", [Rings, RingsInSpace])
def test_both_rings_are_found_with_their_period_and_multipliers(model: type[NeuronModel]) -> None:
    inner, outer = analysis.limit_cycles(model(), 0.0)
    for cycle, radius, rate, stable in ((inner, 0.5, 0.375, False), (outer, 1.0, -1.5, True)):
        assert cycle.stable is stable
        assert cycle.period == pytest.approx(2.0 * np.pi, abs=1e-6)
        np.testing.assert_allclose(
            np.hypot(cycle.states["v"], cycle.states["w"]), radius, atol=1e-6
        )
        growth = np.exp(2.0 * np.pi * rate)
        largest = np.abs(cycle.multipliers - growth).argmin()
        assert cycle.multipliers[largest] == pytest.approx(growth, rel=1e-2, abs=1e-4)
        if model is RingsInSpace:
            decay = np.exp(-0.5 * 2.0 * np.pi)
            assert np.abs(cycle.multipliers - decay).min() < 1e-2 * decay


@pytest.mark.parametrize(
    ("cell", "current", "slack"),
    [
        (models.FitzHughNagumo(), 0.5, 1e-4),
        (models.MorrisLecar(), 100.0, 1e-4),
        (models.HodgkinHuxley(), 10.0, 1e-4),
        (models.HindmarshRose(), 2.0, 1e-3),
    ],
)
def test_a_stable_cycle_is_where_a_long_run_ends(
    cell: NeuronModel, current: float, slack: float
) -> None:
    (cycle,) = (cycle for cycle in analysis.limit_cycles(cell, current) if cycle.stable)
    run = cell.simulate(current, 3000.0, 0.02)
    name = cell.states[0].name
    tail = run[name][run.time > 3000.0 - 2.0 * cycle.period]
    width = cell.states[0].span[1] - cell.states[0].span[0]
    drawn = cycle.states[name]
    assert drawn.min() == pytest.approx(tail.min(), abs=1e-3 * width)
    assert drawn.max() == pytest.approx(tail.max(), abs=2e-3 * width)
    middle = 0.5 * (tail.min() + tail.max())
    v = run[name]
    up = np.flatnonzero((v[:-1] < middle) & (v[1:] >= middle))
    times = run.time[up] + 0.02 * (middle - v[up]) / (v[up + 1] - v[up])
    crossings = np.sum((drawn[:-1] < middle) & (drawn[1:] >= middle))
    assert times[-1] - times[-1 - crossings] == pytest.approx(cycle.period, rel=slack)


@pytest.mark.parametrize(
    ("current", "rate"), [(6.5, 55.1), (8.0, 62.5), (10.0, 68.3), (20.0, 86.5), (50.0, 117.0)]
)
def test_hodgkin_huxley_fires_at_the_published_frequencies(current: float, rate: float) -> None:
    cycles = analysis.limit_cycles(models.HodgkinHuxley(), current)
    (cycle,) = (cycle for cycle in cycles if cycle.stable)
    assert 1000.0 / cycle.period == pytest.approx(rate, abs=0.5)


@pytest.mark.parametrize("current", [8.0, 9.5])
def test_an_unstable_cycle_parts_rest_from_firing_in_hodgkin_huxley(current: float) -> None:
    cell = models.HodgkinHuxley()
    small, large = analysis.limit_cycles(cell, current)
    assert not small.stable and large.stable
    assert 1.0 < np.abs(small.multipliers).max() < 20.0
    ends = {name: float(values[0]) for name, values in small.states.items()}
    (rest,) = analysis.fixed_points(cell, current)
    heights = []
    for share in (0.9, 1.1):
        start = {
            name: rest.state[name] + share * (value - rest.state[name])
            for name, value in ends.items()
        }
        run = cell.simulate(current, 1500.0, 0.02, initial=start)
        heights.append(np.ptp(run["v"][run.time > 1400.0]))
    assert heights[0] < 0.5 < 50.0 < heights[1]


@pytest.mark.parametrize("current", [6.3, 6.7, 7.3, 7.8, 7.88, 8.6, 9.6, 12.0])
def test_the_cycles_of_hodgkin_huxley_are_those_of_its_bifurcation_diagram(
    current: float, squid: analysis.Diagram
) -> None:
    found = analysis.limit_cycles(models.HodgkinHuxley(), current)
    (family,) = squid.cycles
    off = family.parameter - current
    at = np.flatnonzero(off[:-1] * off[1:] < 0.0)
    ends = np.sort([family.period[at], family.period[at + 1]], axis=0).T
    drawn = sorted(zip(family.stable[at] & family.stable[at + 1], map(tuple, ends), strict=True))
    assert [cycle.stable for cycle in found] == [False] * (len(at) - 1) + [True]
    for cycle, (stable, (shorter, longer)) in zip(
        sorted(found, key=lambda cycle: (cycle.stable, cycle.period)), drawn, strict=True
    ):
        assert cycle.stable == stable
        assert shorter < cycle.period < longer  # between the neighbouring points


def test_morris_lecar_has_an_unstable_cycle_just_below_its_subcritical_hopf_point() -> None:
    cell = models.MorrisLecar()
    small, large = analysis.limit_cycles(cell, 93.0)
    assert (small.stable, large.stable) == (False, True)
    assert np.ptp(small.states["v"]) < 0.3 * np.ptp(large.states["v"])
    nearer, _ = analysis.limit_cycles(cell, 93.6)
    assert np.ptp(nearer.states["v"]) < np.ptp(small.states["v"])
    (firing,) = analysis.limit_cycles(cell, 94.5)
    assert firing.stable


def test_the_homoclinic_regime_has_a_stable_cycle_beside_its_rest() -> None:
    cell = models.MorrisLecar(g_Ca=4.0, V3=12.0, V4=17.4, phi=0.23)
    small, large = analysis.limit_cycles(cell, 37.0)
    assert (small.stable, large.stable) == (False, True)
    assert analysis.fixed_points(cell, 37.0)[0].stable


def test_a_resonator_rests_inside_its_unstable_cycle_and_fires_outside() -> None:
    cell = models.Izhikevich(a=0.1, b=0.26, c=-60.0, d=0.0)
    (cycle,) = analysis.limit_cycles(cell, 0.24)
    assert not cycle.stable
    (rest, _) = analysis.fixed_points(cell, 0.24)
    spikes = []
    for share in (0.95, 1.05):
        start = {
            name: rest.state[name] + share * (cycle.states[name][0] - rest.state[name])
            for name in ("v", "u")
        }
        spikes.append(cell.simulate(0.24, 1000.0, 0.05, initial=start).spike_times.size)
    assert spikes[0] == 0 < spikes[1]


def test_cycles_close_and_end_with_their_period() -> None:
    for cell, current in ((models.FitzHughNagumo(), 0.33), (models.HodgkinHuxley(), 8.0)):
        for cycle in analysis.limit_cycles(cell, current):
            assert cycle.time[0] == 0.0 and cycle.time[-1] == pytest.approx(cycle.period)
            assert (np.diff(cycle.time) > 0.0).all()
            for name, values in cycle.states.items():
                span = cell.state(name).span
                assert abs(values[-1] - values[0]) < 1e-5 * (span[1] - span[0])


def test_where_nothing_turns_there_is_no_cycle() -> None:
    assert analysis.limit_cycles(models.FitzHughNagumo(), 0.0) == []
    assert analysis.limit_cycles(models.HodgkinHuxley(), 0.0) == []
    assert analysis.limit_cycles(models.Izhikevich(), 20.0) == []
    with pytest.raises(ValueError, match="one state"):
        analysis.limit_cycles(models.LIF())
