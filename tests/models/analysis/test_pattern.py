"""The word for a firing pattern is the one the literature uses for that train."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import LIF, HodgkinHuxley, Izhikevich, Step
from models.analysis import pattern
from models.analysis.pattern import local_variation, patterns
from models.analysis.spike_groups import bursts
from models.simulate import Run


def run_with(intervals: list[float], first: float = 20.0, silence: float = 0.0) -> Run:
    """A run under a step from 10 ms to its end, with the given intervals between spikes."""
    spikes = first + np.concatenate(([0.0], np.cumsum(intervals)))
    time = np.arange(0.0, spikes[-1] + silence + 1.0)
    current = np.where(time[:-1] < 10.0, 0.0, 1.0)
    v = np.full(time.size, -65.0)
    return Run(LIF(), time, {"v": v}, current, 1.0, "rk4", 0, None, spikes)


def label(*intervals: float, silence: float = 0.0) -> str:
    return pattern(run_with(list(intervals), silence=silence)).label


def test_trains_are_called_what_people_call_them():
    assert label(*[12.0] * 8) == "tonic"
    assert label(5, 7, 10, 14, 18, 20, 21) == "adapting"
    assert label(30, 24, 19, 15, 12) == "accelerating"
    assert label(5, 5, 5, 60, 5, 5, 5, 60, 5, 5, 5) == "bursting"
    assert label(2, 2, 2, 60, 2, 2, 2, 60, 2, 2, 2) == "chattering"
    assert label(5, 6, 50, 48, 49, 48) == "mixed mode"
    assert label(12, 40, 9, 33, 61, 14, 28, 7, 45) == "irregular"
    assert label(12, silence=300) == "phasic spiking"
    assert label(5, 5, 7, silence=300) == "phasic bursting"
    assert label(silence=300) == "single spike"


def test_doublets_are_bursts_and_one_doublet_at_the_onset_is_not():
    assert label(5, 60, 5, 60, 5, 60, 5) == "bursting"
    assert label(5, 33, 33, 33, 33) == "adapting"


def test_a_train_that_begins_with_a_pause_and_never_pauses_again_is_no_burst():
    assert label(4.9, 12.9, *[4.8] * 120) == "tonic"
    # Two bursts in the window are two bursts, though the second is cut off or the longer one.
    assert label(3.5, 4, 3.5, 4, 90, 3.5, 4) == "bursting"
    assert label(3.5, 4, 90, *[3.5] * 6) == "bursting"


@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
def test_the_unit_of_time_does_not_matter(scale: float):
    trains = {
        "tonic": [12.0] * 8,
        "adapting": [5, 7, 10, 14, 18, 20, 21],
        "mixed mode": [5, 6, 50, 48, 49, 48],
        "irregular": [12, 40, 9, 33, 61, 14, 28, 7, 45],
    }
    for name, intervals in trains.items():
        assert label(*(scale * np.array(intervals))) == name


def test_poisson_trains_are_irregular():
    random = np.random.default_rng(0)
    labels = [label(*(2.0 + random.exponential(30.0, 60))) for _ in range(20)]
    assert labels.count("irregular") == 20


def test_slightly_noisy_trains_are_tonic():
    random = np.random.default_rng(1)
    labels = [label(*(20.0 + random.normal(0.0, 1.0, 40))) for _ in range(20)]
    assert labels.count("tonic") == 20


def test_a_pattern_shows_the_numbers_it_rests_on():
    found = pattern(run_with([5, 5, 60, 5, 5, 60, 5, 5]))
    assert found.evidence["bursts"] == 3
    assert found.evidence["spikes_per_burst"] == 3
    assert found.evidence["interval_in_burst"] == 5
    assert found.evidence["pause"] == 60
    assert found.reason == (
        "3 bursts of 3.0 spikes, 5 ms apart within a burst, 60 ms between bursts."
    )
    assert pattern(run_with([5, 7, 10, 14, 18])).reason == "Intervals grow from 5 to 18 ms."


@pytest.mark.parametrize(
    ("slug", "labels"),
    [
        ("regular-spiking", ("tonic", "adapting")),
        ("fast-spiking", ("tonic",)),
        ("low-threshold-spiking", ("adapting",)),
        ("thalamo-cortical", ("tonic", "adapting")),
        ("intrinsically-bursting", ("mixed mode",)),
        ("chattering", ("chattering",)),
        ("bursting", ("bursting",)),
        ("thalamo-cortical-burst", ("phasic bursting",)),
        ("phasic-spiking", ("single spike",)),
        ("phasic-bursting", ("phasic bursting",)),
        ("tonic-bursting", ("bursting", "chattering")),
        ("mixed-mode", ("mixed mode",)),
        ("frequency-adaptation", ("adapting",)),
        ("rebound-burst", ("phasic bursting",)),
        ("inhibition-induced-bursting", ("bursting", "chattering")),
    ],
)
def test_izhikevich_presets_have_the_pattern_they_are_named_after(
    slug: str, labels: tuple[str, ...]
):
    assert pattern(Izhikevich.presets()[slug].run()).label in labels


@pytest.mark.parametrize("amplitude", [6.0, 8.0, 10.0, 12.0, 15.0])
def test_a_chattering_cell_chatters_over_a_range_of_currents(amplitude: float):
    cell = Izhikevich(c=-50.0, d=2.0)
    found = pattern(cell.simulate(Step(amplitude, 20.0), 500.0, 0.1))
    assert found.label in ("chattering", "bursting")


@pytest.mark.parametrize("current", [2.0, 4.0, 10.0, 50.0, 100.0, 140.0, 170.0])
def test_the_squid_axon_is_silent_fires_once_fires_on_and_is_blocked(current: float):
    found = pattern(HodgkinHuxley().simulate(Step(current, 20.0), 200.0, 0.025))
    expected = (
        "silent"
        if current < 2.2
        else "single spike"
        if current < 6.2
        else "tonic"
        if current < 154.5
        else "depolarisation block"
    )
    assert found.label == expected


def test_a_block_is_a_silence_at_a_raised_voltage():
    blocked = pattern(HodgkinHuxley().simulate(Step(170.0, 20.0), 200.0, 0.025))
    phasic = pattern(HodgkinHuxley().simulate(Step(4.0, 20.0), 200.0, 0.025))
    assert blocked.evidence["depolarisation"] > 0.15 > 2 * phasic.evidence["depolarisation"]


def test_a_model_that_resets_knows_no_block():
    run = models.AdEx.presets()["table-transient"].run()
    assert pattern(run).label == "phasic spiking"


def test_a_train_that_ends_with_its_stimulus_has_not_stopped():
    run = Izhikevich().simulate(Step(14.0, 20.0) + Step(-14.0, 220.0), 600.0, 0.1)
    assert pattern(run).label == "adapting"


@pytest.mark.parametrize(
    ("slug", "labels"),
    [
        ("tonic", ("tonic",)),
        ("adaptation", ("adapting",)),
        ("initial-burst", ("mixed mode",)),
        ("regular-bursting", ("bursting",)),
        ("delayed-accelerating", ("accelerating",)),
        ("delayed-regular-bursting", ("bursting",)),
        ("irregular", ("irregular",)),
    ],
)
def test_adex_has_the_patterns_of_naud_2008(slug: str, labels: tuple[str, ...]):
    assert pattern(models.AdEx.presets()[slug].run()).label in labels


def test_spikes_are_grouped_at_the_widest_gap_between_intervals():
    groups = bursts(np.array([3.0, 4.0, 50.0, 3.5, 60.0, 55.0]))
    assert groups is not None
    assert groups.sizes.tolist() == [3, 2, 1, 1]
    assert groups.within.tolist() == [3.0, 4.0, 3.5]
    assert groups.pauses.tolist() == [50.0, 60.0, 55.0]
    assert bursts(np.array([10.0, 12.0, 15.0, 20.0])) is None


def test_local_variation_ignores_a_slow_change_of_rate():
    slow = np.linspace(10.0, 40.0, 60)
    assert local_variation(slow) < 0.03 < slow.std() / slow.mean()
    shuffled = np.random.default_rng(0).permutation(slow)
    assert local_variation(shuffled) > 0.3


def test_many_trains_have_the_patterns_that_each_has_alone():
    random = np.random.default_rng(2)
    trains = [
        random.permutation(np.repeat([2.0, 5.0, 40.0], random.integers(0, 8, 3))) for _ in range(60)
    ]
    runs = [run_with(list(train), silence=float(random.choice([0, 90]))) for train in trains]
    for run in runs:
        run.current[:] = 1.0  # on throughout
        rows = np.full((2, run.spike_times.size + 3), np.nan)
        rows[1, : run.spike_times.size] = run.spike_times
        found = patterns(rows, run.duration, np.zeros(2))
        assert list(found) == ["silent", pattern(run).label]
