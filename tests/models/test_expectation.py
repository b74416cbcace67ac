"""An expectation passes when a run shows it, fails when not, and says which in words."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import LIF, Izhikevich, Step
from models.expectation import check, summary
from models.simulate import Run


def run_of_spikes(*times: float, duration: float = 100.0) -> Run:
    """A run whose only content is spikes at the given times."""
    time = np.arange(0.0, duration + 0.5)
    current = np.ones(time.size - 1)
    current[0] = 0.0
    v = np.full(time.size, -65.0)
    v[[round(t) for t in times]] = 30.0
    return Run(LIF(), time, {"v": v}, current, 1.0, "rk4", 0, None, np.array(times))


def outcome(run: Run, **expect: object) -> bool:
    return all(each.passed for each in check(run, expect))


five = run_of_spikes(13.0, 17.0, 31.5, 59.25, 86.75)


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("spikes", 5, 4),
        ("spikes", [4, 6], [6, 7]),
        ("first_spike", 13.0, 13.1),
        ("first_spike", {"value": 13.4, "within": 0.5}, {"value": 13.4, "within": 0.3}),
        ("spike_times", [13.0, 17.0], [13.0, 17.1]),
        ("spike_times", [13.0, 17.0, 31.5, 59.25, 86.75], [13.0] * 6),
        ("rate", {"value": 36.2, "within": 0.1}, 36.2),
        ("isi_first_to_last", {"value": 4.0 / 27.5, "within": 1e-9}, [0.2, 1.0]),
        ("silent_before", 13.0, 13.1),
        ("silent_after", 86.75, 86.0),
        ("windows", [{"from": 0, "to": 20, "spikes": 2}], [{"from": 0, "to": 10, "spikes": 1}]),
        ("maximum", {"v": 30.0}, {"v": [31.0, 40.0]}),
        ("minimum", {"v": -65.0}, {"v": -64.0}),
        ("final", {"v": -65.0}, {"v": 0.0}),
        ("last_peak", 30.0, -65.0),
        ("pattern", "adapting", "tonic"),
        ("pattern", ["tonic", "adapting"], ["tonic", "silent"]),
    ],
)
def test_an_entry_passes_when_met_and_fails_when_not(key: str, right: object, wrong: object):
    assert outcome(five, **{key: right})
    assert not outcome(five, **{key: wrong})


def test_the_coefficient_of_variation_is_over_all_intervals():
    intervals = np.diff(five.spike_times)
    cv = intervals.std() / intervals.mean()
    assert outcome(five, isi_cv={"value": cv, "within": 1e-12})


def test_bursts_are_counted_and_measured():
    run = run_of_spikes(10, 12, 14, 40, 42, 44, 70, 72, 74, 99)
    assert outcome(run, bursts=3, first_burst=3, spikes_per_burst=3)
    assert outcome(run_of_spikes(10, 30, 50, 70, 90), bursts=0)


def test_what_a_silent_run_does_not_have_meets_no_expectation():
    silent = run_of_spikes()
    assert outcome(silent, spikes=0, silent_before=100.0, silent_after=0.0, bursts=0)
    for key in ("first_spike", "rate", "isi_cv", "first_burst", "last_peak"):
        assert not outcome(silent, **{key: [-1e9, 1e9]})


def test_a_mean_and_a_spread_are_those_of_the_later_half():
    time = np.arange(0.0, 101.0)
    v = np.where(time < 50, 0.0, -60.0 + (time % 2))
    run = Run(LIF(), time, {"v": v}, np.ones(100), 1.0, "rk4", 0, None, np.empty(0))
    assert outcome(run, mean={"v": {"value": -59.5, "within": 0.02}}, sd={"v": [0.49, 0.51]})


def test_the_summary_reads_as_a_sentence():
    run = Izhikevich(d=6.0).simulate(Step(14.0, 10.0), 100.0, 0.25, "izhikevich-2004")
    said = summary(check(run, {"spikes": [4, 6], "silent_before": 10.0}))
    assert said == f"{run.spike_times.size} spikes, silent before 10 ms"
    assert summary(check(run_of_spikes(13.0), {"spikes": 1, "first_spike": 13.0})) == (
        "1 spike, first at 13 ms"
    )


def test_the_summary_of_a_failure_says_both_sides():
    assert summary(check(five, {"spikes": 3})) == "spikes: 5 spikes, not 3"


def test_an_unknown_entry_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"`spkies` is nothing a preset can expect.*spikes"):
        check(five, {"spkies": 5})


@pytest.mark.parametrize("value", ["five", True, [1, 2, 3], {"value": 5}])
def test_an_unusable_value_is_refused(value: object):
    with pytest.raises(ValueError, match="`spikes` expects"):
        check(five, {"spikes": value})


def test_an_unknown_state_is_refused():
    with pytest.raises(ValueError, match="LIF has no state `u`"):
        check(five, {"maximum": {"u": 0.0}})


def test_an_expectation_is_about_the_model_too():
    run = models.HodgkinHuxley.presets()["squid"].run()
    assert outcome(run, maximum={"m": [0.9, 1.0]}, minimum={"h": [0.0, 0.2]})
