"""Where the firing of models that reset begins and ends: closed forms, rest, single runs."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import analysis


def test_a_cell_is_not_said_to_fire_where_it_only_drifts() -> None:
    found = analysis.bifurcation(models.IF(), "current", (-100.0, 500.0))
    # Below, it neither rests nor fires; above, whatever comes in adds up to a spike.
    assert found.sentence == "The cell fires between 0 and 500 pA."
    for branch in found.cycles:
        assert np.allclose(branch.min["v"], -75.0)
        closed = 100.0 * 20.0 / branch.parameter + 2.0  # C (v_threshold - v_reset) / I + t_ref
        assert np.allclose(branch.period, closed, rtol=1e-6)


@pytest.mark.parametrize("model", [models.EIF, models.QIF])
def test_firing_of_an_integrator_begins_where_its_rest_ends(
    model: type[models.NeuronModel],
) -> None:
    found = analysis.bifurcation(model())
    (fold,) = found.folds
    low, high = found.over
    for branch in found.cycles:
        assert (branch.start, branch.limits[0]) == ("SNIC", fold)
        assert 0.0 < branch.parameter[0] - fold < 1e-3 * (high - low)
        near = branch.parameter - fold < 0.01 * (high - low)
        assert near.sum() >= 3
        law = branch.period[near] * np.sqrt(branch.parameter[near] - fold)  # inverse square root
        assert np.allclose(law, law[0], rtol=0.1)


@pytest.mark.parametrize(
    ("cell", "parameter", "over", "current", "direction"),
    [
        (models.Izhikevich(a=0.1, b=0.26, d=2.0), "current", (-5.0, 10.0), None, "up"),
        (models.Izhikevich(), "a", (0.005, 0.2), 3.9, "down"),
        (models.AdEx(a=20.0, tau_w=20.0), "current", (-200.0, 1500.0), None, "up"),
    ],
)
def test_what_rests_goes_on_resting_to_its_hopf_point_and_fires_beyond(
    cell: models.NeuronModel,
    parameter: str,
    over: tuple[float, float],
    current: float | None,
    direction: str,
) -> None:
    found = analysis.bifurcation(cell, parameter, over, current)
    (hopf,) = found.hopf
    (swept,) = (cycle for cycle in found.cycles if cycle.direction == direction)
    (other,) = (cycle for cycle in found.cycles if cycle.direction in {"up", "down"} - {direction})
    end, way = (0, 1.0) if direction == "up" else (1, -1.0)
    assert swept.limits[end] == hopf
    assert way * (hopf - other.limits[end]) > 0.0  # on the way back it fires on
    (both,) = found.bistable
    assert hopf in (both.low, both.high) and other.limits[end] in (both.low, both.high)


def test_firing_slower_than_the_sweep_is_measured_to_the_edge() -> None:
    found = analysis.bifurcation(models.AdaptiveQuadratic(), "a", (0.002, 0.2), current=70.0)
    for branch in found.cycles:
        assert branch.parameter[0] == branch.limits[0] == 0.002
        run = models.AdaptiveQuadratic(a=0.002).simulate(70.0, 20000.0, 0.1)
        assert branch.period[0] == pytest.approx(np.diff(run.spike_times)[-1], rel=1e-3)
    perfect = analysis.bifurcation(models.IF(), "current", (-100.0, 500.0))
    assert all(branch.parameter[0] < 0.005 * 500.0 for branch in perfect.cycles)


def test_rest_of_an_integrator_ends_at_the_rheobase_and_firing_begins_there() -> None:
    found = analysis.bifurcation(models.LIF(), "current", (0.0, 400.0))
    (rest,) = found.equilibria
    assert rest.stable.all()
    assert rest.parameter[-1] == pytest.approx(200.0, abs=1e-6)
    assert [cycle.direction for cycle in found.cycles] == ["up", "down"]
    assert all(cycle.limits[0] == pytest.approx(200.0, abs=0.01) for cycle in found.cycles)
    assert found.bistable == ()
