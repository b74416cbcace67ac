"""Every preset of every model does what it says it does."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import models
from models.expectation import check, summary
from models.preset import Preset
from models.simulate import methods

every_preset = pytest.mark.parametrize(
    "preset",
    [
        pytest.param(preset, id=f"{model.__name__}-{preset.slug}")
        for model in models.catalogue.values()
        for preset in model.presets().values()
    ],
)


@every_preset
def test_a_preset_shows_what_it_promises(preset: Preset):
    outcomes = check(preset.run(), preset.expect)
    assert outcomes, "a preset without an expectation"
    assert all(outcome.passed for outcome in outcomes), summary(outcomes)


@every_preset
def test_a_preset_says_what_to_look_at_and_where_it_comes_from(preset: Preset):
    assert preset.title and preset.source and preset.behaviours
    assert preset.note.endswith(".")
    assert len(preset.note) < 130, "one sentence beside a picture"
    assert preset.slug == preset.slug.lower() and " " not in preset.slug
    assert preset.method in methods(preset.model_class)


@every_preset
def test_a_preset_runs_to_its_end(preset: Preset):
    run = preset.run()
    assert run.diverged_at is None
    assert run.duration == pytest.approx(preset.duration)


def test_presets_of_a_model_have_titles_of_their_own():
    for model in models.catalogue.values():
        titles = [preset.title for preset in model.presets().values()]
        assert len(set(titles)) == len(titles), model.__name__


def test_accurate_presets_keep_their_promise_with_half_the_step():
    for model in (models.LIF, models.Izhikevich, models.HodgkinHuxley):
        for preset in model.presets().values():
            if preset.method != "rk4" or "irregular" in preset.behaviours:
                continue  # a published step is its step length, and noise differs with it
            outcomes = check(dataclasses.replace(preset, dt=preset.dt / 2).run(), preset.expect)
            assert all(outcome.passed for outcome in outcomes), (preset.slug, summary(outcomes))


@pytest.mark.parametrize("slug", ["regular", "just-above-rheobase", "twice-rheobase"])
def test_lif_presets_fire_at_the_rate_of_the_closed_form(slug: str):
    preset = models.LIF.presets()[slug]
    p = preset.model().p
    drive = 1e-3 * p.R * preset.stimulus.amplitude
    charging = math.log((drive + p.v_rest - p.v_reset) / (drive + p.v_rest - p.v_threshold))
    rate = 1000.0 / (p.t_ref + p.tau_m * charging)
    assert preset.expect["rate"]["value"] == pytest.approx(rate, abs=1e-4)


@pytest.mark.parametrize(
    "slug",
    ["regular-spiking", "intrinsically-bursting", "chattering", "fast-spiking", "bursting"],
)
def test_izhikevich_presets_fire_when_an_independent_solver_says(slug: str):
    preset = models.Izhikevich.presets()[slug]
    cell = preset.model()
    onset, amplitude = preset.stimulus.onset, preset.stimulus.amplitude
    state = np.array([preset.initial["v"], preset.initial["u"]])

    def slope(t: float, x: np.ndarray) -> list[float]:
        v, u = x
        drive = amplitude if t >= onset else 0.0
        return [0.04 * v * v + 5.0 * v + 140.0 - u + drive, cell.a * (cell.b * v - u)]

    def peak(t: float, x: np.ndarray) -> float:
        return x[0] - 30.0

    peak.terminal, peak.direction = True, 1.0
    rest = solve_ivp(slope, (0.0, onset - 1e-12), state, rtol=1e-10, atol=1e-10)
    t, state, spikes = onset, rest.y[:, -1], []
    while t < preset.duration:
        piece = solve_ivp(
            slope, (t, preset.duration), state, events=peak, rtol=1e-10, atol=1e-10, max_step=1.0
        )
        if piece.status != 1:
            break
        t = piece.t[-1]
        spikes.append(t)
        state = np.array([cell.c, piece.y[1, -1] + cell.d])
    found = dataclasses.replace(preset, dt=0.01).run().spike_times
    assert found.size == len(spikes)
    assert np.abs(found - spikes).max() < 0.02


def test_the_1952_convention_is_the_same_axon_65_mv_higher():
    absolute = models.HodgkinHuxley.presets()["squid"].run()
    from_rest = models.HodgkinHuxley.presets()["1952-convention"].run()
    assert np.abs(from_rest["v"] - 65.0 - absolute["v"]).max() < 1e-9


def test_what_a_newcomer_sees_first():
    first = {name: next(iter(model.presets())) for name, model in models.catalogue.items()}
    assert first["Izhikevich"] == "regular-spiking"
    assert first["HodgkinHuxley"] == "squid"
    assert first["LIF"] == "regular"
