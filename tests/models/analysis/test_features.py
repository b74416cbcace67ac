"""Features are eFEL's: the package itself is the judge."""

from __future__ import annotations

import dataclasses
import logging
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import efel
import numpy as np
import pytest

import models
from models import HodgkinHuxley, Izhikevich, Noise, Pulses, Step, Stimulus
from models.analysis import features, stimulus_interval
from models.analysis.features import peak_indices, voltage_features
from models.analysis.spike_shape import Stretches, shape_features
from models.analysis.spike_train import train_features
from models.simulate import Run

DT = 1 / 32
"""A step that binary numbers hold exactly: eFEL resamples traces and must not move a sample."""

RENAMED = {"Spikecount": "spike_count", "Spikecount_stimint": "spike_count_stimint"}
"""Names that eFEL still knows but warns about, and the ones that took their place."""


RUNS: dict[str, Callable[[], Run]] = {
    "axon, step": lambda: axon(Step(10.0, 50.0) + Step(-10.0, 250.0), 300.0),
    "axon, to the end": lambda: axon(Step(8.0, 40.0), 300.0),
    "axon, pulses": lambda: axon(Pulses(15.0, 20.0, 2.0, 18.0, 8), 220.0),
    "axon, noise": lambda: axon(Noise(5.0, 2.0, 5.0) + Step(2.0, 30.0), 400.0),
    "warm axon": lambda: axon(Step(20.0, 40.0), 200.0, temperature=18.5),
    "one spike": lambda: Izhikevich().simulate(Pulses(20.0, 20.0, 3.0, count=1), 100.0, DT),
    "sag": lambda: Izhikevich(b=0.25).simulate(Pulses(-5.0, 50.0, 100.0, count=1), 250.0, DT),
    "silent": lambda: Izhikevich().simulate(Step(2.0, 50.0), 200.0, DT),
    "regular-spiking": lambda: izhikevich("regular-spiking"),
    "intrinsically-bursting": lambda: izhikevich("intrinsically-bursting"),
    "bursting": lambda: izhikevich("bursting"),
    "chattering": lambda: izhikevich("chattering"),
    "fast-spiking": lambda: izhikevich("fast-spiking"),
    "low-threshold-spiking": lambda: izhikevich("low-threshold-spiking"),
    "thalamo-cortical-burst": lambda: izhikevich("thalamo-cortical-burst"),
}
every_run = pytest.mark.parametrize("name", RUNS)


def axon(stimulus: Stimulus, duration: float, **parameters: float) -> Run:
    return HodgkinHuxley(**parameters).simulate(stimulus, duration, DT)


def izhikevich(slug: str) -> Run:
    return dataclasses.replace(Izhikevich.presets()[slug], dt=2 * DT).run()


@cache
def run_called(name: str) -> Run:
    return RUNS[name]()


def from_efel(
    time: np.ndarray, v: np.ndarray, start: float, end: float, names: list[str], dt: float
) -> dict[str, np.ndarray | None]:
    """What eFEL itself finds, its detector set to -20 mV and its grid to that of the trace."""
    logging.getLogger("efel").setLevel(logging.ERROR)
    efel.reset()
    efel.set_setting("interp_step", dt)
    efel.set_setting("Threshold", -20.0)
    trace = {"T": time, "V": v, "stim_start": [start], "stim_end": [end]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eFEL's own: 0/0 and fits through one point
        found = efel.get_feature_values([trace], names, raise_warnings=False)[0]
    empty = (None if value is None or np.isnan(value).all() else value for value in found.values())
    return dict(zip(found, empty, strict=True))


def assert_same(mine: dict[str, Any], theirs: dict[str, np.ndarray | None]) -> None:
    for name, expected in theirs.items():
        value = mine[name]
        if expected is None or value is None:
            assert value is None and expected is None, (name, value, expected)
            continue
        value = np.ravel(value)
        if name == "AP_duration_half_width":  # eFEL goes on where a spike has no end
            expected = expected[: value.size]
        assert value.shape == expected.shape, name
        assert np.allclose(value, expected, rtol=1e-9, atol=1e-9), (name, value, expected)


@every_run
def test_every_feature_is_efel_s_for_the_same_peaks(name: str):
    run = run_called(name)
    v, (start, end) = run["v"], stimulus_interval(run)
    peaks = from_efel(run.time, v, start, end, ["peak_indices"], run.dt)["peak_indices"]
    peaks = np.empty(0, int) if peaks is None else peaks
    mine = train_features(run.time[peaks], start, end) | voltage_features(run.time, v, start, end)
    mine |= shape_features(run.time, v, peaks, start, end, mine["voltage_base"])
    names = [name for name in mine if name not in RENAMED]
    assert_same(mine, from_efel(run.time, v, start, end, names, run.dt))
    assert all(mine[old] == mine[new] for old, new in RENAMED.items())


@pytest.mark.parametrize("seed", range(40))
def test_trains_of_any_kind_have_efel_s_intervals_and_bursts(seed: int):
    random = np.random.default_rng(seed)
    kinds = (
        lambda n: random.integers(4, 60, n),
        lambda n: np.where(random.random(n) < 0.25, 80, random.integers(4, 9, n)),
        lambda n: np.sort(random.integers(4, 60, n)),
    )
    gaps = kinds[seed % 3](int(random.integers(4, 40)))
    peaks = 100 + np.cumsum(gaps)
    time = np.arange(peaks[-1] + 50.0)
    v = np.full(time.size, -65.0)
    v[peaks] = 20.0
    start, end = 90.0, float(peaks[-1] - 20 if seed % 2 else peaks[-1] + 10)
    mine = train_features(time[peaks], start, end)
    names = [name for name in mine if name not in RENAMED]
    assert_same(mine, from_efel(time, v, start, end, names, 1.0))


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_trains_of_few_spikes_have_what_efel_gives_them(count: int):
    time = np.arange(300.0)
    v = np.full(time.size, -65.0)
    peaks = np.array([100, 130, 190])[:count]
    v[peaks] = 20.0
    mine = train_features(time[peaks], 90.0, 250.0)
    # A slope through one interval is no number, though eFEL's fit gives one.
    names = [name for name in mine if name not in RENAMED and "slope" not in name]
    assert_same(mine, from_efel(time, v, 90.0, 250.0, names, 1.0))


@pytest.mark.parametrize("name", [name for name in RUNS if name != "axon, noise"])
def test_features_of_a_run_are_efel_s_within_a_sample(name: str):
    run = run_called(name)  # under noise some spikes stay below the level that eFEL needs
    start, end = stimulus_interval(run)
    found = features(run)
    names = ["mean_frequency", "time_to_first_spike", "doublet_ISI", "voltage_base"]
    theirs = from_efel(run.time, run["v"], start, end, names, run.dt)
    for feature, expected in theirs.items():
        if expected is None:
            assert found[feature] is None
        else:
            is_time = feature in ("time_to_first_spike", "doublet_ISI")
            near = run.dt if is_time else 0.02 * abs(expected[0])
            assert found[feature] == pytest.approx(expected[0], abs=near), feature


def test_the_peaks_of_a_reset_model_are_where_the_trace_shows_them():
    run = run_called("chattering")
    assert np.allclose(run["v"][peak_indices(run)], 30.0, atol=1e-9)
    amplitude = features(run)["AP_amplitude"]
    assert amplitude.size == run.spike_times.size
    assert (amplitude > 50.0).all() and (amplitude < 110.0).all()


def test_the_peaks_of_a_smooth_model_are_its_highest_samples():
    run = run_called("axon, step")
    peaks = peak_indices(run)
    assert (run["v"][peaks] >= run["v"][peaks - 1]).all()
    assert (run["v"][peaks] >= run["v"][peaks + 1]).all()


def test_a_silent_run_has_counts_and_voltages_and_nothing_else():
    found = features(run_called("silent"))
    assert found["spike_count"] == found["burst_number"] == found["strict_burst_number"] == 0
    assert found["pattern"] == "silent"
    assert found["voltage_base"] == pytest.approx(-70.0, abs=1.0)
    for name in ("mean_frequency", "time_to_first_spike", "ISI_CV", "AP_amplitude", "AHP_depth"):
        assert found[name] is None


def test_every_feature_is_there_for_every_run():
    names = {frozenset(features(run)) for run in map(run_called, RUNS)}
    assert len(names) == 1
    assert len(next(iter(names))) > 80


def test_the_first_interval_is_left_out_as_efel_does():
    found = features(run_called("regular-spiking"))
    assert found["all_ISI_values"].size == found["ISI_values"].size + 1
    assert found["doublet_ISI"] == found["all_ISI_values"][0] < found["ISI_values"][0]


def test_a_neuron_without_upstroke_has_peaks_but_no_onset():
    found = features(models.LIF().simulate(Step(300.0, 20.0), 200.0, 0.1))
    assert found["AP_amplitude"] is None
    assert found["AP_amplitude_from_voltagebase"] == pytest.approx(20.0)
    assert found["mean_frequency"] == pytest.approx(77.0, rel=0.02)


def test_spikes_that_climb_too_slowly_have_no_onset_while_others_have():
    run = HodgkinHuxley().simulate(Step(150.0, 20.0), 200.0, DT)
    found = features(run)
    assert found["spike_count"] > 25
    assert 1 <= found["AP_amplitude"].size < found["spike_count"]


def test_a_diverged_run_has_features_up_to_its_end():
    run = HodgkinHuxley().simulate(Step(10.0, 20.0), 100.0, 0.2, "euler")
    assert run.diverged_at is not None
    assert features(run)["spike_count"] == run.spike_times.size


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7])
def test_runs_of_a_few_samples_have_features_too(size: int):
    time = DT * np.arange(size)
    v = np.linspace(-65.0, -60.0, size)
    for spikes in (np.empty(0), time[-1:]):
        run = Run(Izhikevich(), time, {"v": v}, np.ones(size - 1), DT, "rk4", 0, None, spikes)
        assert features(run)["spike_count"] == spikes.size


@pytest.mark.parametrize(
    ("stimulus", "interval"),
    [
        (Step(5.0, 20.0), (20.0, 100.0)),
        (Step(0.0, 20.0, -5.0), (20.0, 100.0)),
        (Pulses(5.0, 20.0, 5.0, 30.0, 2), (20.0, 55.0)),
        (models.Constant(5.0), (0.0, 100.0)),
        (models.Constant(0.0), (0.0, 100.0)),
        (models.Ramp(0.0, 5.0, 10.0, 30.0, "return"), (10.0, 40.0)),
    ],
)
def test_the_stimulus_lasts_while_the_current_is_not_what_it_was(stimulus, interval):
    run = Izhikevich().simulate(stimulus, 100.0, 0.125)
    assert stimulus_interval(run) == pytest.approx(interval, abs=0.25)


def test_stretches_find_what_a_loop_finds():
    random = np.random.default_rng(3)
    values = random.normal(size=200)
    edges = np.sort(random.choice(200, 16, replace=False))
    starts, stops = edges[::2], edges[1::2].copy()
    stops[3] = starts[3]  # an empty piece
    pieces = Stretches(starts, stops)
    lowest = pieces.lowest(values[pieces.samples])
    first = pieces.first(values[pieces.samples] > 1.0)
    for piece, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        inside = values[start:stop]
        hits = np.flatnonzero(inside > 1.0)
        assert lowest[piece] == (start + np.argmin(inside) if inside.size else -1)
        assert first[piece] == (start + hits[0] if hits.size else -1)


def test_a_spike_from_above_its_half_height_is_as_wide_as_the_time_before_it():
    # The trace starts above half way between peak and reset: there is no climb through it.
    cell = models.LIF(v_rest=-63.0, v_threshold=-52.0, tau_m=30.0)
    run = cell.simulate(models.Constant(150.0), 200.0, DT)
    width = features(run)["spike_half_width"]
    assert width[0] == pytest.approx(run.spike_times[0], abs=DT)
