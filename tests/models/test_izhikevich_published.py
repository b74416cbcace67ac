"""The cells of Izhikevich 2003 and the twenty behaviours of 2004, spike for spike."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

import models
from models import Izhikevich
from models.preset import Preset

presets = Izhikevich.presets()

PUBLISHED_SPIKES = {
    "tonic-spiking": (5, [13, 17, 31.5, 59.25, 86.75]),
    "phasic-spiking": (1, []),
    "tonic-bursting": (28, [25, 26.5, 28.25]),
    "phasic-bursting": (6, [39]),
    "frequency-adaptation": (6, [10.25, 12.25, 15, 19.75, 42.5, 71.5]),
    "class-1": (10, [84.5]),
    "spike-latency": (1, [26.6]),
    "subthreshold-oscillations": (1, [26.5]),
    "frequency-preference": (1, []),
    "integration": (1, [20]),
    "rebound-spike": (1, []),
    "rebound-burst": (7, [68]),
    "threshold-variability": (1, [93.25]),
    "depolarising-after-potential": (1, [11.3]),
}
"""Number of spikes and the first times (ms) that the author's file gives."""


def step(amplitude: float, onset: float) -> Callable[[float], float]:
    return lambda t: amplitude if t > onset else 0.0


def pulses(amplitude: float, width: float, *onsets: float) -> Callable[[float], float]:
    return lambda t: amplitude if any(on < t < on + width for on in onsets) else 0.0


def stepwise(*levels: tuple[float, float], otherwise: float) -> Callable[[float], float]:
    """A level for each (before this time, level), in order."""

    def current(t: float) -> float:
        return next((level for before, level in levels if t < before), otherwise)

    return current


PROTOCOLS: dict[str, Callable[[float], float]] = {
    "tonic-spiking": step(14.0, 10.0),
    "phasic-spiking": step(0.5, 20.0),
    "tonic-bursting": step(15.0, 22.0),
    "phasic-bursting": step(0.6, 20.0),
    "mixed-mode": step(10.0, 16.0),
    "frequency-adaptation": step(30.0, 8.5),
    "class-1": lambda t: 0.075 * (t - 30.0) if t > 30.0 else 0.0,
    "class-2": lambda t: -0.5 + (0.015 * (t - 30.0) if t > 30.0 else 0.0),
    "spike-latency": pulses(7.04, 3.0, 10.0),
    "subthreshold-oscillations": pulses(2.0, 5.0, 20.0),
    "frequency-preference": pulses(0.65, 4.0, 40.0, 60.0, 280.0, 320.0),
    "integration": pulses(9.0, 2.0, 100 / 11, 100 / 11 + 5.0, 70.0, 80.0),
    "rebound-spike": pulses(-15.0, 5.0, 20.0),
    "rebound-burst": pulses(-15.0, 5.0, 20.0),
    "threshold-variability": lambda t: pulses(1.0, 5.0, 10.0, 80.0)(t) + pulses(-6.0, 5.0, 70.0)(t),
    "bistability": lambda t: 0.24 + pulses(1.0, 5.0, 37.5, 216.0)(t),
    "depolarising-after-potential": lambda t: 20.0 if abs(t - 10.0) < 1.0 else 0.0,
    "accommodation": lambda t: (
        t / 25.0 if t < 200.0 else (t - 300.0) * 0.32 if 300.0 <= t < 312.5 else 0.0
    ),
    "inhibition-induced-spiking": lambda t: 75.0 if 50.0 <= t <= 250.0 else 80.0,
    "inhibition-induced-bursting": lambda t: 75.0 if 50.0 <= t <= 250.0 else 80.0,
}
"""The currents of the figure as functions of the time of an update, in the order of its panels."""

CELLS_OF_2003: dict[str, Callable[[float], float]] = {
    "regular-spiking-as-published": step(14.0, 15.0),
    "intrinsically-bursting-as-published": step(11.0, 15.0),
    "chattering-as-published": step(10.0, 15.0),
    "fast-spiking-as-published": step(10.0, 15.0),
    "thalamo-cortical-as-published": step(1.5, 30.0),
    "thalamo-cortical-burst-as-published": lambda t: 0.0 if t > 45.0 else -25.0,
    "resonator-as-published": lambda t: 10.0 if 60 < t < 65 else -0.5 if t > 10 else -2.0,
    "low-threshold-spiking-as-published": step(10.0, 25.0),
}
"""The same for the figure of 2003."""

COMPARED_UNTIL = {
    "class-2": 200.0,
    "fast-spiking-as-published": 80.0,
    "low-threshold-spiking-as-published": 160.0,
}
"""ms; by its eighth spike class 2 has grown a rounding by ten at every one."""


def author_s_loop(preset: Preset) -> tuple[np.ndarray, np.ndarray]:
    """The figure's updates in plain Python: plotted v, and spike times in ms.

    v first, u with the new v, a spike where v > 30 after the update; one update at t = 0 too.
    """
    cell, tau, current = preset.model(), preset.dt, (PROTOCOLS | CELLS_OF_2003)[preset.slug]
    accommodates = preset.slug == "accommodation"
    k1, k0 = (4.1, 108.0) if preset.slug in ("class-1", "integration") else (5.0, 140.0)
    v = preset.initial["v"]
    u = -16.0 if accommodates else cell.b * v
    plotted, spikes = [], []
    for k in range(round(preset.duration / tau) + 1):
        t = k * tau
        v = v + tau * (0.04 * v**2 + k1 * v + k0 - u + current(t))
        u = u + tau * cell.a * (cell.b * (v + 65.0) if accommodates else cell.b * v - u)
        plotted.append(min(v, 30.0))
        if v > 30.0:
            spikes.append(t)
            v, u = cell.c, u + cell.d
    return np.array(plotted), np.array(spikes)


twenty = pytest.mark.parametrize("slug", PROTOCOLS)
every_panel = pytest.mark.parametrize("slug", PROTOCOLS | CELLS_OF_2003)


def test_the_twenty_presets_stand_in_the_order_of_the_figure():
    panels = [slug for slug, preset in presets.items() if preset.method == "izhikevich-2004"]
    assert panels == list(PROTOCOLS)
    letters = [presets[slug].title.split("2004, ")[1][0] for slug in panels]
    assert "".join(letters) == "ABCDEFGHIJKLMNOPQRST"


def test_the_eight_cells_of_2003_are_those_of_the_accurate_presets():
    cells = [slug for slug, preset in presets.items() if preset.method == "izhikevich-2003"]
    assert cells == list(CELLS_OF_2003)
    for slug in cells:
        assert presets[slug].parameters == presets[slug.removesuffix("-as-published")].parameters


def test_inhibition_induced_bursting_is_a_matter_of_its_step():
    published = presets["inhibition-induced-bursting"]
    accurate = dataclasses.replace(published, method="rk4", dt=0.02).run()
    first = accurate.spike_times[accurate.spike_times < 120.0]
    assert np.diff(first).max() < 2.0  # no pause, and the intervals shrink
    assert np.diff(first)[-1] < 0.5
    assert published.run().spike_times.size == 12


@every_panel
def test_a_panel_runs_exactly_as_its_source(slug: str):
    preset = presets[slug]
    plotted, spikes = author_s_loop(preset)
    run = preset.run()
    assert np.allclose(run.spike_times, spikes, rtol=0, atol=1e-9)
    # The source plots no initial state: its first point is one update later than ours. Where each
    # spike multiplies a difference of one rounding (so it does in the plain loop when its current
    # is shaken by one unit in the last place), v is compared while it is small.
    compared = (run.time > 0) & (run.time < COMPARED_UNTIL.get(slug, np.inf))
    near = 0.01 if slug == "accommodation" else 1e-6  # there the source starts from 0, not 0.02
    assert np.abs(run["v"] - plotted)[compared].max() < near


@pytest.mark.parametrize("slug", PUBLISHED_SPIKES)
def test_a_panel_fires_when_the_figure_does(slug: str):
    count, times = PUBLISHED_SPIKES[slug]
    run = presets[slug].run()
    assert run.spike_times.size == count
    assert np.allclose(run.spike_times[: len(times)], times, rtol=0, atol=1e-9)


@every_panel
def test_a_published_spike_is_drawn_at_its_time(slug: str):
    run = presets[slug].run()
    at = np.searchsorted(run.time, run.spike_times - 1e-9)
    assert (run["v"][at] == 30.0).all()
    assert (run["v"] <= 30.0).all()


def spikes_between(slug: str, low: float, high: float) -> int:
    spikes = presets[slug].run().spike_times
    return int(((spikes >= low) & (spikes <= high)).sum())


def test_phasic_cells_answer_the_onset_only():
    assert spikes_between("phasic-spiking", 20, 60) == 1
    assert spikes_between("phasic-spiking", 60, 200) == 0
    assert spikes_between("phasic-bursting", 70, 200) == 0


def test_mixed_mode_bursts_first_and_then_fires_single_spikes():
    intervals = np.diff(presets["mixed-mode"].run().spike_times)
    assert (intervals[:2] < 5).all() and (intervals[2:] > 25).all()


def test_class_1_starts_at_a_low_rate_and_class_2_does_not():
    slow, fast = (np.diff(presets[slug].run().spike_times) for slug in ("class-1", "class-2"))
    assert slow[0] / slow[-1] > fast[0] / fast[-1]
    assert slow[0] > 40 and fast[0] < 21


def test_the_latent_spike_comes_long_after_its_pulse():
    preset = presets["spike-latency"]
    end = preset.stimulus.onset + preset.stimulus.width
    assert preset.run().spike_times[0] - end > 10


def test_after_the_spike_the_voltage_rings():
    run = presets["subthreshold-oscillations"].run()
    v = run["v"][run.time > 60]
    turns = np.flatnonzero(np.diff(np.sign(np.diff(v))))
    assert turns.size >= 4
    assert (np.abs(np.diff(v[turns + 1])) > 0.05)[:3].all()


def test_the_resonator_answers_only_the_pair_in_step_with_its_ringing():
    assert spikes_between("frequency-preference", 0, 279) == 0
    assert spikes_between("frequency-preference", 320, 400) == 1


def test_the_integrator_answers_only_the_close_pair():
    assert spikes_between("integration", 14, 25) == 1
    assert spikes_between("integration", 70, 100) == 0


@pytest.mark.parametrize("slug", ["rebound-spike", "rebound-burst"])
def test_rebound_comes_after_the_inhibition(slug: str):
    assert spikes_between(slug, 0, 25) == 0
    assert spikes_between(slug, 25, 200) >= 1


def test_the_first_pulse_fails_and_the_same_pulse_fires_after_an_inhibition():
    assert spikes_between("threshold-variability", 0, 80) == 0
    assert spikes_between("threshold-variability", 80, 100) == 1


def test_the_first_pulse_starts_the_firing_and_the_second_stops_it():
    assert spikes_between("bistability", 0, 37.5) == 0
    assert spikes_between("bistability", 37.5, 216) == 5
    assert spikes_between("bistability", 216, 300) == 0


def test_without_the_second_pulse_the_firing_goes_on():
    preset = presets["bistability"]
    base, start, _ = preset.stimulus.parts()
    run = dataclasses.replace(preset, stimulus=base + start).run()
    assert (run.spike_times > 216).sum() >= 2


def test_after_the_spike_the_voltage_stays_above_rest():
    run = presets["depolarising-after-potential"].run()
    after = run["v"][(run.time > 12) & (run.time < 20)]
    assert (after > -70.0).all() and after.max() > -62.0


def test_the_slow_ramp_fails_and_the_fast_one_fires():
    preset = presets["accommodation"]
    assert spikes_between("accommodation", 0, 300) == 0
    assert spikes_between("accommodation", 300, 320) == 1
    current = preset.run().current
    assert current[:400].max() == pytest.approx(7.98)
    assert current[600:].max() == pytest.approx(3.84)


@pytest.mark.parametrize("slug", ["inhibition-induced-spiking", "inhibition-induced-bursting"])
def test_it_fires_only_while_the_current_is_lowered(slug: str):
    assert spikes_between(slug, 0, 50) == 0
    assert spikes_between(slug, 50, 250) >= 3
    assert spikes_between(slug, 250, 350) == 0


def test_the_same_step_serves_both_papers():
    preset = presets["chattering"]
    runs = [
        dataclasses.replace(preset, method=method, dt=0.25).run()
        for method in ("izhikevich-2003", "izhikevich-2004")
    ]
    assert np.array_equal(runs[0]["v"], runs[1]["v"])


def test_the_network_program_of_2003_takes_two_half_steps():
    cell = Izhikevich(c=-50.0, d=2.0)
    run = cell.simulate(10.0, 300.0, 1.0, "izhikevich-2003-network")
    v, u = -65.0, -13.0
    trace, spikes = [v], []
    for k in range(300):
        if v >= 30.0:
            spikes.append(float(k))
            v, u = -50.0, u + 2.0
        v += 0.5 * (0.04 * v**2 + 5.0 * v + 140.0 - u + 10.0)
        v += 0.5 * (0.04 * v**2 + 5.0 * v + 140.0 - u + 10.0)
        u += 0.02 * (0.2 * v - u)
        trace.append(v)
    assert np.allclose(run["v"], trace, rtol=1e-9)
    assert run.spike_times.tolist() == spikes
    assert models.analysis.pattern(run).label in ("bursting", "chattering")


def test_accurate_numerics_shift_the_spikes_of_the_figure():
    preset = presets["tonic-spiking"]
    accurate = dataclasses.replace(preset, method="rk4", dt=0.01).run().spike_times
    published = preset.run().spike_times
    assert accurate.size == published.size
    assert 0.1 < np.abs(accurate - published).max() < 5.0
