"""Layers: many cells do what one does, and compete by rules that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import LIF, Constant, Izhikevich, Layer, LeakyNoise, Step, layer_loop, random_recurrence
from models.layer_loop import run as compiled_loop

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


# --- competition -------------------------------------------------------------------------------


def layer_with_one_leader(inhibition: str, winners: int = 1) -> models.LayerRun:
    """Two features of 2 x 2; the cell at (0, 1, 0) gets most current, the others a little less."""
    current = np.full((400, 2, 2, 2), 300.0)
    current[:, 0, 1, 0] = 330.0
    layer = Layer(LIF(t_ref=5.0), (2, 2, 2), winners=winners, inhibition=inhibition)
    return layer.simulate(current)


@pytest.mark.parametrize(
    ("inhibition", "silent"),
    [
        ("feature", [(0, 0, 0), (0, 0, 1), (0, 1, 1)]),
        ("location", [(1, 1, 0)]),
        ("layer", [(0, 0, 0), (0, 0, 1), (0, 1, 1), (1, 0, 0), (1, 1, 0)]),
        ("none", []),
    ],
)
def test_a_winner_silences_exactly_its_scope(inhibition, silent):
    run = layer_with_one_leader(inhibition)
    step, feature, row, column = np.argwhere(run.spikes)[0]
    assert (feature, row, column) == (0, 1, 0)
    assert run.winners[step, 0].tolist() == [0, 1, 0]
    # All others would have fired within the next millisecond.
    soon = run.spikes[step + 1 : step + 20].any(axis=0)
    for place in silent:
        assert not soon[place]
    everybody = {tuple(place) for place in np.ndindex(2, 2, 2)} - {(0, 1, 0)}
    spared = everybody - set(silent) if inhibition != "layer" else set()
    assert all(soon[place] for place in spared)


@pytest.mark.parametrize("name", models.catalogue)
def test_inhibition_works_for_every_model(name):
    model = models.catalogue[name]
    if not model.fires():
        return  # nobody wins
    current = np.full((8000, 2, 1, 2), model.current.default)
    current[:, 1] *= 0.97
    layer = Layer(model(), (2, 1, 2), winners=1, inhibition="layer", pause=40.0)
    run = layer.simulate(current, 0.05)
    won = np.flatnonzero(run.winners[:, 0, 0] >= 0)
    assert won.size >= 2
    assert (np.diff(won) > 800).all()
    for step in won:
        assert run.spikes[step].any()
        assert not run.spikes[step + 1 : step + 801].any()


def test_a_silenced_cell_rests_for_the_whole_steps_of_its_pause():
    current = np.full((600, 1, 1, 2), 300.0)
    current[:, 0, 0, 0] = 400.0
    layer = Layer(LIF(t_ref=0.0), (1, 1, 2), inhibition="feature", pause=3.0)
    run = layer.simulate(current, 0.1, keep=("v",))
    step = int(run.events[0, 0])
    other = run.states["v"][:, 0, 0, 1]
    assert other[step + 1] > -60.0
    assert (other[step + 2 : step + 2 + 30] == -75.0).all()
    assert other[step + 2 + 30] > -75.0


def test_winners_are_the_first_of_each_feature_in_their_order():
    current = np.full((200, 3, 1, 2), 0.0)
    current[:, :, 0, 0] = np.array([400.0, 500.0, 450.0])
    current[:, :, 0, 1] = np.array([399.0, 499.0, 449.0])
    layer = Layer(LIF(), (3, 1, 2), winners=3, inhibition="none")
    run = layer.simulate(current, 5.0, "exponential-euler")  # all six fire within one step
    first = int(np.flatnonzero(run.spikes.sum(axis=(1, 2, 3)) == 6)[0])
    assert run.winners[first].tolist() == [[1, 0, 0], [2, 0, 0], [0, 0, 0]]
    few = Layer(LIF(), (3, 1, 2), winners=2, inhibition="none")
    assert few.simulate(current, 5.0, "exponential-euler").winners[first].tolist() == [
        [1, 0, 0],
        [2, 0, 0],
    ]


def test_ties_go_to_the_lowest_place_and_nobody_wins_in_silence():
    run = Layer(LIF(), (2, 2, 2)).simulate(300.0, duration=60.0)
    fired = run.spikes.any(axis=(1, 2, 3))
    assert (run.winners[~fired] == -1).all()
    assert (run.winners[fired][0] == 0).all()
    assert run.winning_spikes.sum() == fired.sum()
    assert (run.winning_spikes & ~run.spikes).sum() == 0


def test_more_winners_than_features_leave_places_empty():
    run = Layer(LIF(), (2, 2, 2), winners=5, inhibition="none").simulate(300.0, duration=30.0)
    assert run.winners.shape == (300, 5, 3)
    assert (run.winners[:, 2:] == -1).all()


# --- the record --------------------------------------------------------------------------------


def test_bits_events_counts_and_rates_tell_the_same():
    layer = Layer(Izhikevich(), (2, 5, 5), vary={"d": (2.0, 8.0)}, **QUIET)
    run = layer.simulate(10.0, duration=137.3)
    assert run.steps == 1373 and run.spikes.shape == (1373, 2, 5, 5)
    step, cell = run.events.T
    assert np.argwhere(run.spikes.reshape(1373, -1)).tolist() == np.stack([step, cell], 1).tolist()
    assert (run.spikes.sum(axis=0) == run.counts).all()
    edges, population = run.population_rate(5.0)
    assert population.shape == (2, edges.size - 1)
    binned = run.spikes[:1350].reshape(27, 50, 2, 25).sum(axis=(1, 3)).T
    assert population == pytest.approx(binned / (0.005 * 25))


def test_states_are_kept_on_request_from_the_start():
    run = Layer(Izhikevich(), (1, 2, 2), **QUIET).simulate(10.0, duration=20.0, keep=("u", "v"))
    assert list(run.states) == ["u", "v"]
    assert run.states["v"].shape == (201, 1, 2, 2) and run.time.shape == (201,)
    alone = Izhikevich().simulate(10.0, 20.0)
    assert run.states["u"][0, 0, 0, 0] == pytest.approx(alone["u"][0])
    assert run.states["v"][25, 0, 1, 1] == pytest.approx(alone["v"][25], abs=1e-3)


def test_a_large_layer_keeps_no_states_unless_asked():
    layer = Layer(LIF(), (4, 50, 50), **QUIET)
    assert layer.simulate(300.0, duration=100.0).states == {}
    assert list(layer.simulate(300.0, duration=2.0).states) == ["v"]
    assert layer.simulate(300.0, duration=100.0, keep=("v",)).states["v"].shape == (1001, 4, 50, 50)


def test_initial_states_may_differ_from_cell_to_cell():
    start = np.linspace(-75.0, -56.0, 4).reshape(1, 2, 2)
    run = Layer(LIF(), (1, 2, 2), **QUIET).simulate(
        300.0, duration=30.0, initial={"v": start}, keep=("v",)
    )
    assert run.states["v"][0] == pytest.approx(start)
    first = [np.flatnonzero(run.spikes[:, 0, r, c])[0] for r in (0, 1) for c in (0, 1)]
    assert sorted(first, reverse=True) == first


@pytest.mark.parametrize("winners", [0, 1, 3])
def test_the_loop_of_a_layer_is_one_kernel(winners, monkeypatch):
    texts = []

    def lowered(*given):
        texts.append(compiled_loop.lower(*given).compile().as_text())
        return compiled_loop(*given)

    monkeypatch.setattr(layer_loop, "run", lowered)
    Layer(LIF(), (4, 5, 5), vary={"tau_m": (5.0, 15.0)}, winners=winners).simulate(300.0)
    assert "xla_cpu_small_call" in texts[0]


def test_moving_a_parameter_compiles_nothing():
    layer = Layer(LIF(), (2, 3, 3), vary={"tau_m": (5.0, 15.0)})
    layer.simulate(300.0, duration=50.0)
    before = compiled_loop._cache_size()
    Layer(LIF(R=120.0), (2, 3, 3), vary={"tau_m": (6.0, 9.0)}, pause=5.0, seed=2).simulate(
        Constant(250.0), 0.05, duration=40.0
    )
    assert compiled_loop._cache_size() == before


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


# --- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"shape": (2, 3)}, "`shape`"),
        ({"shape": (2, 0, 3)}, "`shape`"),
        ({"vary": {"tau": (1, 2)}}, "no parameter `tau`"),
        ({"vary": {"tau_m": (-1.0, 2.0)}}, "`tau_m` is"),
        ({"vary": {"v_reset": (-60.0, -50.0)}}, "`v_reset` is"),
        ({"vary": {"tau_m": np.ones((2, 2))}}, "`tau_m` has shape"),
        ({"winners": -1}, "`winners` is -1"),
        ({"winners": 1.5}, "`winners` is 1.5"),
        ({"inhibition": "global"}, "`inhibition` is 'global'"),
        ({"per": "row"}, "`per` is 'row'"),
        ({"pause": -1.0}, "`pause` is -1.0"),
        ({"weights": np.ones((3, 2))}, "`weights` has shape"),
        ({"recurrent": np.ones((3, 3))}, "`recurrent` has shape"),
        ({"gain": float("nan")}, "`gain` is nan"),
        ({"seed": -1}, "`seed` is -1"),
        ({"seed": 0.5}, "`seed` is 0.5"),
        ({"cell": LIF}, "`cell` is"),
        ({"shape": 5}, "`shape` is 5"),
        ({"shape": "abc"}, "`shape` is 'abc'"),
        ({"shape": (2.0, 3, 3)}, "`shape` is"),
        ({"vary": ["tau_m"]}, "`vary` is"),
        ({"vary": {"tau_m": (20.0, 10.0)}}, "lower end first"),
        ({"vary": {"tau_m": "wide"}}, "`tau_m` is 'wide'"),
        ({"vary": {"tau_m": (5.0, np.nan)}}, "`tau_m` has a value that is no finite"),
        ({"winners": "one"}, "`winners` is 'one'"),
        ({"inhibition": ["feature"]}, "`inhibition` is"),
        ({"pause": "long"}, "`pause` is 'long'"),
        ({"weights": "strong"}, "`weights` is 'strong'"),
        ({"weights": [[1.0], [1.0, 2.0]]}, "`weights` is"),
        ({"recurrent": np.full((18, 18), np.nan)}, "`recurrent` has a value"),
        ({"gain": "high"}, "`gain` is 'high'"),
    ],
)
def test_an_unusable_layer_is_refused_in_one_sentence(settings, said):
    with pytest.raises(ValueError, match=said):
        Layer(**({"cell": LIF(), "shape": (2, 3, 3)} | settings))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"current": np.ones((100, 2))}, "`current` has shape"),
        ({"current": np.ones((100, 3, 3, 3))}, "does not broadcast"),
        ({"current": np.full(100, np.nan)}, "no finite number"),
        ({"inputs": np.ones((10, 2))}, "`inputs` need `weights`"),
        ({"noise": -1.0}, "`noise` is -1.0"),
        ({"keep": ("w",)}, "no state `w`"),
        ({"method": "rk5"}, "`method` is 'rk5'"),
        ({"options": {"x": 1}}, "published steps"),
        ({"dt": 0.0}, "`dt` is 0"),
        ({"initial": {"v": np.zeros(5)}}, "`v` starts with shape"),
        ({"initial": {"v": np.nan}}, "`initial v` has a value"),
        ({"initial": [0.0]}, "`initial` is"),
        ({"current": "strong"}, "`current` is 'strong'"),
        ({"current": np.zeros((20, 2, 3, 3)), "duration": 50.0}, "`duration` is 50 ms"),
        ({"dt": "short"}, "`dt` is 'short'"),
        ({"duration": -5.0}, "`duration` is -5"),
        ({"seed": 1.5}, "`seed` is 1.5"),
        ({"noise": "loud"}, "`noise` is 'loud'"),
        ({"noise": 1.0, "noise_tau": 0.0}, "`noise_tau` is 0"),
        ({"keep": "v"}, "`keep` is 'v'"),
        ({"initial": {"u": 0.0}}, "no state `u`"),
    ],
)
def test_an_unusable_run_is_refused_in_one_sentence(settings, said):
    with pytest.raises(ValueError, match=said):
        Layer(LIF(), (2, 3, 3)).simulate(**({"duration": 10.0} | settings))
