"""What is asked of a layer, and the runs that come of it, against closed forms and single cells."""

from __future__ import annotations

import numpy as np
import pytest

import models
from explorer.layer_picture import MOST_CONNECTED, NUDGE, alone, scaled, simulated, weights_of
from explorer.layer_state import NOTHING, LayerDesk, difference, layer_methods, opening
from models import Constant, Noise, Poisson, Ramp, Samples, Step

from .layers import basis, layer, settings

CHAOTIC = {"p_activation": "tanh", "p_sigma_pre": 0.0, "p_sigma_post": 0.0, "p_weight": 0.0}


@pytest.mark.parametrize("name", models.catalogue)
def test_every_model_opens_as_a_layer_of_which_every_cell_is_accepted(name):
    of = basis(name)
    first = opening(of)
    quantities = of.model_class.quantities()
    assert first.method in layer_methods(of.model_class)
    if first.vary != NOTHING:
        for end in (first.low, first.high):
            of.cell().replace(**{first.vary: end})
        assert first.low < of.parameters[first.vary] < first.high
        assert quantities[first.vary].level == "basic"


def test_every_cell_fires_as_often_as_its_own_time_constant_and_weight_say():
    """LIF under a step: f = 1 / (t_ref + tau ln(RI / (RI - V))), Gerstner et al. 2014, eq. 1.11."""
    of = basis(stimulus=Step(300.0, 20.0))
    picture = layer(of=of, winners=0, spread=0.2, low=7.0, high=13.0)
    p = of.cell().p
    drive = picture.weights.ravel() * 300.0 * p.R / 1000.0  # MΩ pA = µV
    first = picture.varied * np.log(drive / (drive - (p.v_threshold - p.v_rest)))
    expected = 1.0 + (80.0 - first) / (first + p.t_ref)
    sure = np.abs(expected - np.round(expected)) > 0.02
    assert sure.sum() > 30
    counts = np.bincount(picture.spikes[1], minlength=40)
    np.testing.assert_array_equal(counts[sure], np.floor(expected[sure]))
    np.testing.assert_allclose(picture.rates, counts / 0.1)


def test_spikes_are_those_of_the_run():
    picture = layer(winners=0)
    step, cell = picture.spikes
    fired = np.zeros((picture.run.steps, 40), bool)
    fired[step, cell] = True
    np.testing.assert_array_equal(fired, picture.run.spikes.reshape(picture.run.steps, -1))
    assert fired.sum() == step.size


def test_a_cell_alone_fires_as_it_did_among_cells_that_do_not_compete():
    picture = layer(winners=0, spread=0.3)
    step, which = picture.spikes
    for cell in (0, 17, 39):
        parameters, stimulus = alone(picture, cell)
        run = models.LIF(**parameters).simulate(stimulus, 100.0, 0.1)
        times = np.sort(step[which == cell]) * 0.1
        assert run.spike_times.size == times.size
        np.testing.assert_allclose(run.spike_times, times, atol=0.2)


def test_a_unit_alone_follows_the_path_it_took_in_its_network():
    picture = layer(of=basis("LeakyNoise", **CHAOTIC), gain=0.9)
    for cell in (0, 23):
        parameters, stimulus = alone(picture, cell)
        assert isinstance(stimulus, Samples)
        run = models.LeakyNoise(**parameters).simulate(
            stimulus, 100.0, picture.run.dt, initial=picture.start_of(cell)
        )
        among = picture.run.states["x"].reshape(picture.run.steps + 1, -1)[:, cell]
        np.testing.assert_allclose(run["x"], among, atol=2e-4)


def test_noise_of_its_own_goes_with_a_cell():
    picture = layer(noise=40.0)
    *_, last = alone(picture, 3)[1].parts()
    assert isinstance(last, Noise)
    assert last.sigma == 40.0


def test_order_turns_to_chaos_as_the_gain_grows():
    """H. Sompolinsky, A. Crisanti & H. J. Sommers, Phys. Rev. Lett. 61 (1988) 259."""
    of = basis("LeakyNoise", stimulus=Constant(0.0), **CHAOTIC)
    size = {"features": 3, "rows": 8, "columns": 8, "duration": 1000.0, "dt": 1.0}
    dying, wild = (layer(of=of, gain=gain, **size) for gain in (0.5, 3.0))
    assert dying.apart < 1e-3 * NUDGE
    assert np.abs(dying.outputs[-1]).max() < 1e-4
    assert wild.apart > 100 * NUDGE
    assert wild.outputs[-1].std() > 0.3


def test_weights_have_the_mean_and_the_spread_asked_for():
    drawn = weights_of(settings(basis(), rows=50, columns=50, strength=2.0, spread=0.5))
    assert drawn.min() >= 1.0
    assert drawn.max() <= 3.0
    assert drawn.mean() == pytest.approx(2.0, abs=0.05)
    assert drawn.std() == pytest.approx(2.0 / np.sqrt(12.0), rel=0.05)  # uniform over a width of 2
    assert np.all(weights_of(settings(basis(), strength=2.0)) == 2.0)


@pytest.mark.parametrize(
    "stimulus",
    [
        Constant(3.0),
        Step(10.0, 20.0, -2.0),
        Ramp(1.0, 5.0, 10.0, 50.0),
        Noise(3.0),
        Poisson(500.0),
        Samples(np.arange(1000.0)),
        Step(10.0, 20.0) + Noise(2.0),
    ],
    ids=lambda stimulus: type(stimulus).__name__,
)
def test_a_scaled_stimulus_has_every_sample_scaled(stimulus):
    plain = stimulus.samples(1000, 0.1, seed=4)
    np.testing.assert_allclose(scaled(stimulus, 1.5).samples(1000, 0.1, seed=4), 1.5 * plain)
    assert scaled(stimulus, 1.0) is stimulus


def test_a_published_layer_is_offered_where_the_library_has_one_with_what_it_does_differently():
    assert "spyketorch" in layer_methods(models.LIF)
    assert "ngc-learn:euler" not in layer_methods(models.Izhikevich)
    assert all(":" not in method for method in layer_methods(models.HodgkinHuxley))
    assert "ghost spikes" in difference(models.LIF, "spyketorch")
    assert "never used" in difference(models.LIF, "spyketorch:uniform")
    assert difference(models.LIF, "rk4") == ""


def test_in_the_published_layer_a_cell_that_fired_fires_at_every_step():
    """Its reset does not reach the recursion; without a winner there is no refractory time."""
    of = basis(stimulus=Constant(300.0))
    published, accurate = (
        layer(of=of, method=method, winners=0) for method in ("spyketorch", "rk4")
    )
    step, cell = published.spikes
    for each in range(40):
        fired = np.sort(step[cell == each])
        np.testing.assert_array_equal(fired, np.arange(fired[0], published.run.steps))
    assert published.rates.min() > 10 * accurate.rates.max()


@pytest.mark.parametrize(
    ("model", "changes", "names"),
    [
        ("LIF", {"low": 20.0, "high": 10.0}, ["`low`", "20", "`high`"]),
        ("LIF", {"rows": 200, "columns": 200, "duration": 1e4}, ["cells", "shorter run"]),
        ("LIF", {"method": "spyketorch", "rows": 50, "columns": 50}, ["choose 4,000 cells"]),
        ("LIF", {"low": -5.0}, ["`tau_m`", "-5"]),
        ("LeakyNoise", {"rows": 50, "columns": 50}, ["`gain`", f"{MOST_CONNECTED:,}"]),
    ],
)
def test_what_cannot_be_simulated_is_said_in_a_sentence(model, changes, names):
    of = basis(model)
    with pytest.raises(ValueError) as said:
        simulated(of, settings(of, **changes))
    for name in names:
        assert name in str(said.value)


def test_the_desk_keeps_its_settings_while_the_model_does():
    desk = LayerDesk(basis())
    desk.change("winners", winners=3)
    desk.follow(basis(p_tau_m=12.0))
    assert desk.settings.winners == 3
    assert desk.basis.parameters["tau_m"] == 12.0
    desk.follow(basis("Izhikevich"))
    assert desk.settings == opening(basis("Izhikevich"))


def test_the_desk_tells_once_of_each_change_and_not_of_none():
    desk, told = LayerDesk(basis()), []
    desk.param.watch(told.append, "asked")
    desk.follow(basis())
    assert not told
    desk.vary("R")
    assert len(told) == 1
    assert desk.settings.low < desk.basis.parameters["R"] < desk.settings.high


def test_a_sentence_stands_at_the_control_that_was_touched_and_goes_with_the_next_picture():
    desk = LayerDesk(basis())
    desk.change("low", low=99.0)
    desk.refuse("Too high.")
    assert desk.complaints == {"low": "Too high."}
    desk.accept()
    assert desk.complaints == {}
    desk.follow(basis(p_tau_m=12.0))
    desk.refuse("Not this cell.")
    assert desk.complaints == {"": "Not this cell."}
