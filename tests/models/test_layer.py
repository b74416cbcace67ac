"""Layers: many cells do what one does, each with its own parameters and its own input."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import LIF, Izhikevich, Layer, LeakyNoise, Step, random_recurrence

QUIET = {"winners": 0}


# --- cells -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in models.catalogue if n != "LeakyNoise"])
def test_every_model_fires_in_a_layer_as_it_does_alone(name):
    model = models.catalogue[name]
    dt = 0.02 if name == "HodgkinHuxley" else 0.05
    stimulus = Step(amplitude=model.current.default, onset=5.0)
    alone = model().simulate(stimulus, 200.0, dt)
    run = Layer(model(), (1, 2, 2), **QUIET).simulate(stimulus, dt, duration=200.0)
    assert np.abs(run.counts - alone.spike_times.size).max() <= 1
    first = run.events[run.events[:, 1] == 0][:1, 0] * dt
    # A smooth model is noted to have fired when its trace has come down from the peak.
    late = 0.2 if model.resets() else 12.0
    assert first == pytest.approx(alone.spike_times[:1], abs=late)


@pytest.mark.parametrize("current", [3.0, 145.0, 152.0, 158.0])
def test_a_layer_knows_an_action_potential_by_what_a_run_knows_it(current):
    # Those of the axon are 6 mV high at 152, less than a failed spike is at 3 and ringing at 158.
    axon = models.HodgkinHuxley()
    alone = axon.simulate(current, 300.0, 0.02)
    run = Layer(axon, (1, 1, 2), **QUIET).simulate(current, 0.02, duration=300.0)
    assert run.counts == pytest.approx(alone.spike_times.size, abs=1)


@pytest.mark.parametrize("method", ["exponential-euler", "rk4"])
def test_each_cell_has_the_rate_of_its_own_closed_form(method):
    layer = Layer(LIF(), (3, 4, 5), vary={"tau_m": (5.0, 30.0)}, **QUIET)
    run = layer.simulate(300.0, method=method, duration=2000.0)
    tau = layer.values["tau_m"]
    interval = 2.0 + tau * np.log(300.0 / 100.0)
    assert run.rates == pytest.approx(1000.0 / interval, abs=1.0)


def test_a_cell_taken_out_of_its_layer_fires_as_it_did_there():
    layer = Layer(Izhikevich(), (2, 3, 3), vary={"a": (0.02, 0.1), "d": (2.0, 8.0)}, **QUIET)
    run = layer.simulate(10.0, 0.05, duration=300.0)
    for place in ((0, 0, 0), (1, 2, 1)):
        alone = layer.cell_at(*place).simulate(10.0, 300.0)
        middle_of_step = (np.flatnonzero(run.spikes[(slice(None), *place)]) + 0.5) * 0.05
        assert middle_of_step == pytest.approx(alone.spike_times, abs=0.1)


def test_absurd_parameters_of_one_cell_leave_the_others_alone():
    current = np.full((500, 1, 1, 3), 300.0)
    current[:, 0, 0, 1] = 1e6
    run = Layer(models.AdEx(), (1, 1, 3), **QUIET).simulate(current * 3, keep=("v", "w"))
    assert np.isfinite(run.states["v"]).all()
    assert run.counts[0, 0, 0] == run.counts[0, 0, 2]


# --- variation ---------------------------------------------------------------------------------


def test_values_are_drawn_uniformly_and_again_alike():
    layer = Layer(LIF(), (4, 20, 20), vary={"tau_m": (5.0, 15.0)}, seed=3)
    values = layer.values["tau_m"]
    assert values.min() >= 5.0 and values.max() <= 15.0
    assert values.mean() == pytest.approx(10.0, abs=0.3)
    assert values.std() == pytest.approx(10.0 / np.sqrt(12.0), abs=0.15)
    again = Layer(LIF(), (4, 20, 20), vary={"R": (90.0, 110.0), "tau_m": (5.0, 15.0)}, seed=3)
    assert (again.values["tau_m"] == values).all()
    other = Layer(LIF(), (4, 20, 20), vary={"tau_m": (5.0, 15.0)}, seed=4)
    assert not (other.values["tau_m"] == values).any()


def test_a_feature_may_share_one_value():
    values = Layer(LIF(), (3, 4, 4), vary={"tau_m": (5.0, 15.0)}, per="feature").values["tau_m"]
    assert (values == values[:, :1, :1]).all()
    assert np.unique(values).size == 3


def test_values_may_be_given_as_an_array():
    tau = np.array([5.0, 10.0, 20.0])[:, None, None]
    run = Layer(LIF(), (3, 2, 2), vary={"tau_m": tau}, **QUIET).simulate(300.0, duration=1000.0)
    expected = 1000.0 / (2.0 + tau * np.log(3.0))
    assert run.rates == pytest.approx(np.broadcast_to(expected, (3, 2, 2)), abs=1.5)


# --- what drives it ----------------------------------------------------------------------------


def test_a_current_per_cell_reaches_that_cell_and_its_step():
    current = np.zeros((400, 2, 3, 3), np.float32)
    current[100:, 1, 2, 0] = 300.0
    run = Layer(LIF(), (2, 3, 3), **QUIET).simulate(current)
    assert (run.counts > 0).sum() == 1
    alone = LIF().simulate(Step(amplitude=300.0, onset=10.0), 40.0)
    assert np.flatnonzero(run.spikes[:, 1, 2, 0]) * 0.1 == pytest.approx(
        alone.spike_times, abs=0.11
    )


def test_a_current_broadcasts_over_axes_of_length_one():
    current = np.full((300, 2, 1, 1), 300.0)
    current[:, 0] = 0.0
    counts = Layer(LIF(), (2, 3, 3), **QUIET).simulate(current).counts
    assert (counts[0] == 0).all() and (counts[1] == counts[1, 0, 0]).all() and counts[1, 0, 0] > 0


def test_inputs_arrive_through_their_weights():
    inputs = np.zeros((600, 2))
    inputs[:, 0] = 1.0
    layer = Layer(LIF(), (2, 2, 2), weights=[[300.0, 0.0], [0.0, 300.0]], **QUIET)
    run = layer.simulate(inputs=inputs)
    plain = Layer(LIF(), (2, 2, 2), **QUIET).simulate(300.0, duration=60.0)
    assert (run.counts[0] == plain.counts[0]).all() and (run.counts[1] == 0).all()
    added = layer.simulate(150.0, inputs=inputs * 0.5)
    assert (added.counts[0] == run.counts[0]).all()


def test_noise_is_each_cells_own_and_has_the_spread_asked_for():
    slow = LIF(tau_m=1.0, v_threshold=0.0)  # follows its current: v = v_rest + R I, nearly
    layer = Layer(slow, (1, 10, 10), **QUIET)
    run = layer.simulate(0.0, duration=500.0, noise=50.0, noise_tau=20.0, keep=("v",))
    v = run.states["v"][200:].reshape(-1, 100) + 75.0
    # A filter of 1 ms behind noise of 20 ms leaves 20/21 of the variance.
    assert v.std() == pytest.approx(5.0 * np.sqrt(20.0 / 21.0), rel=0.05)
    between = np.corrcoef(v.T)
    assert abs(between[~np.eye(100, dtype=bool)].mean()) < 0.03
    again = layer.simulate(0.0, duration=500.0, noise=50.0, noise_tau=20.0, keep=("v",))
    assert (again.states["v"] == run.states["v"]).all()


def test_a_recurrent_spike_delivers_its_charge_one_step_later():
    # 200 pA ms into 100 pF are 2 mV; the first cell fires, the second does not.
    weights = np.array([[0.0, 0.0], [200.0, 0.0]])
    current = np.zeros((250, 1, 1, 2), np.float32)
    current[:, 0, 0, 0] = 300.0
    layer = Layer(LIF(tau_m=10.0, R=100.0), (1, 1, 2), recurrent=weights, **QUIET)
    for dt in (0.1, 0.05):
        run = layer.simulate(current, dt, keep=("v",))
        fired = int(run.events[0, 0])
        lift = run.states["v"][:, 0, 0, 1] + 75.0
        assert np.abs(lift[: fired + 2]).max() < 1e-4
        assert lift[fired + 2] == pytest.approx(2.0, rel=0.01)


# --- rates -------------------------------------------------------------------------------------


def test_a_random_network_dies_out_below_gain_one_and_is_chaotic_above():
    weights = random_recurrence(400, seed=1)
    cell = LeakyNoise(activation="tanh", sigma_pre=0.0, sigma_post=0.0)
    start = np.random.default_rng(0).normal(size=(1, 20, 20))
    spreads = {}
    for gain in (0.5, 0.8, 1.5, 2.0):
        layer = Layer(cell, (1, 20, 20), recurrent=weights, gain=gain)
        run = layer.simulate(0.0, 1.0, "exponential-euler", 2000.0, initial={"x": start})
        spreads[gain] = run.states["x"][1500:].std()
        if gain == 2.0:
            nudged = layer.simulate(
                0.0, 1.0, "exponential-euler", 2000.0, initial={"x": start + 1e-4}
            )
            apart = np.abs(nudged.states["x"] - run.states["x"]).reshape(2001, -1).max(axis=1)
            assert apart[10] < 1e-2 and apart[-500:].max() > 0.5
    assert spreads[0.5] < 1e-3 and spreads[0.8] < 1e-2
    assert 0.3 < spreads[1.5] < spreads[2.0]


def test_rates_of_a_layer_are_read_off_its_units():
    layer = Layer(LeakyNoise(activation="softmax", sigma_pre=0.0, sigma_post=0.0), (1, 2, 3))
    run = layer.simulate(1.0, 1.0, duration=50.0)
    assert run.outputs["r"].shape == (51, 1, 2, 3)
    assert run.outputs["r"].reshape(51, -1).sum(axis=1) == pytest.approx(1.0, abs=1e-5)


def test_units_of_a_layer_have_noise_of_their_own():
    layer = Layer(LeakyNoise(sigma_pre=0.1, tau=5.0), (1, 10, 10))
    x = layer.simulate(0.0, 1.0, duration=1000.0).states["x"][50:].reshape(-1, 100)
    assert x.std() == pytest.approx(0.1, rel=0.05)
    between = np.corrcoef(x.T)
    assert abs(between[~np.eye(100, dtype=bool)].mean()) < 0.02


# --- as published ------------------------------------------------------------------------------


def test_a_published_layer_ignores_its_time_constants_and_the_meant_one_does_not():
    """UniformLIF draws them and is LIF with 20 ms all the same, to the last digit."""
    rest = {"v_rest": 0.0, "v_reset": 0.0, "v_threshold": 20.0}
    tau = np.array([5.0, 20.0, 80.0])[:, None, None]
    current = np.zeros((200, 3, 1, 1))
    current[::4] = 1200.0 + 80.0 * np.arange(3)[:, None, None]
    varied = Layer(LIF(**rest), (3, 1, 1), vary={"tau_m": tau}, winners=3)
    as_it_is = varied.simulate(current, 1.0, "spyketorch:uniform")
    alike = Layer(LIF(tau_m=20.0, **rest), (3, 1, 1), winners=3)
    for method in ("spyketorch:uniform", "spyketorch"):
        plain = alike.simulate(current, 1.0, method)
        for name in ("previous_state", "thresholded", "refractory_periods"):
            np.testing.assert_array_equal(as_it_is.outputs[name], plain.outputs[name])
        np.testing.assert_array_equal(as_it_is.spikes, plain.spikes)
    meant = varied.simulate(current, 1.0, "spyketorch")
    assert (meant.counts != as_it_is.counts).any()
    assert as_it_is.counts.min() > 0
    assert as_it_is.winners.shape == (200, 3, 3)
    assert meant.states["v"].shape == (201, 3, 1, 1)


def test_a_method_without_layers_is_refused():
    with pytest.raises(ValueError, match="knows no layers"):
        Layer(Izhikevich(), (1, 2, 2)).simulate(10.0, method="ngc-learn:euler")
