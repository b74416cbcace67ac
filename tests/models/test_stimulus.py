"""Stimuli: their shapes and charge, their statistics, and their way to plain data and back."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from models.stimulus import Stimulus, as_stimulus, kinds, stimulus_from

every_kind = pytest.mark.parametrize("kind", kinds.values(), ids=kinds)


# --- declarations ----------------------------------------------------------------------------


@every_kind
def test_every_setting_has_label_unit_doc_and_bounds(kind: type[Stimulus]):
    assert kind.title and kind.__doc__
    assert kind.quantities()
    for name, quantity in kind.quantities().items():
        assert quantity.label and quantity.doc and quantity.symbol, name
        low, high = quantity.bounds
        assert low <= quantity.default <= high, name
        if quantity.softbounds is not None:
            soft_low, soft_high = quantity.softbounds
            assert low <= soft_low < soft_high <= high, name


@every_kind
def test_plain_data_gives_the_stimulus_again(kind: type[Stimulus]):
    stimulus = kind(**{name: 0.5 * q.default + 1.0 for name, q in kind.quantities().items()})
    again = stimulus_from(json.loads(json.dumps(stimulus.as_data())))
    assert again == stimulus
    np.testing.assert_array_equal(again.samples(500, 0.1, 3), stimulus.samples(500, 0.1, 3))


def test_sums_and_samples_survive_as_plain_data_too():
    stimulus = models.Step(5.0) + models.Noise(1.0) + models.Samples([1.0, 2.0])
    assert stimulus_from(json.loads(json.dumps(stimulus.as_data()))) == stimulus
    assert [type(part).__name__ for part in stimulus.parts()] == ["Step", "Noise", "Samples"]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"type": "Step", "amplitude": "high"},
        {"type": "Step", "amplitude": float("nan")},
        {"type": "Step", "strength": 1.0},
        {"type": "Ramp", "after": "explode"},
        {"type": "Samples"},
        {"type": "Samples", "values": [[1.0], [2.0]]},
        {"type": "Samples", "values": ["a"]},
        {"type": "Sum", "parts": [{"type": "Bang"}]},
        {"type": "Sum", "parts": 3},
        {"type": "Sum", "parts": [5]},
        {"type": "Sum", "parts": [{"type": "Sum", "parts": []}]},
        {"type": "__class__"},
        {"type": ["Step"]},
        "Step",
        None,
    ],
    ids=str,
)
def test_bad_data_gives_one_sentence(data):
    with pytest.raises(ValueError) as refusal:
        stimulus_from(data)
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_too_many_or_doubled_values_are_refused():
    with pytest.raises(ValueError, match="Constant takes at most 1"):
        models.Constant(1.0, 2.0)
    with pytest.raises(ValueError, match="given `amplitude` twice"):
        models.Constant(1.0, amplitude=2.0)
    with pytest.raises(ValueError, match="has no setting `amplitud`: did you mean `amplitude`"):
        models.Constant(amplitud=2.0)


# --- deterministic shapes --------------------------------------------------------------------


def test_a_step_holds_its_base_line_and_then_its_level():
    samples = models.Step(amplitude=7.0, onset=2.0, baseline=-1.0).samples(40, 0.1)
    np.testing.assert_array_equal(samples[:20], -1.0)
    np.testing.assert_array_equal(samples[20:], 7.0)


def test_pulses_stand_where_they_should():
    pulses = models.Pulses(amplitude=3.0, onset=10.0, width=2.0, period=5.0, count=3)
    samples = pulses.samples(300, 0.1)
    t = np.arange(300) * 0.1 + 0.05
    inside = ((t > 10) & (t < 12)) | ((t > 15) & (t < 17)) | ((t > 20) & (t < 22))
    np.testing.assert_array_equal(samples, np.where(inside, 3.0, 0.0))


@given(
    onset=st.floats(0.0, 50.0),
    width=st.floats(0.01, 20.0),
    gap=st.floats(0.0, 20.0),
    count=st.integers(1, 5),
    dt=st.floats(0.01, 3.0),
)
def test_pulses_keep_their_charge_wherever_their_edges_fall(onset, width, gap, count, dt):
    pulses = models.Pulses(2.0, onset, width, width + gap, count)
    end = onset + count * (width + gap)
    samples = pulses.samples(int(end / dt) + 2, dt)
    assert samples.sum() * dt == pytest.approx(2.0 * width * count, rel=1e-6)


@given(onset=st.floats(0.0, 20.0), dt=st.floats(0.01, 3.0))
def test_a_step_keeps_its_charge_wherever_its_edge_falls(onset, dt):
    steps = int(30.0 / dt) + 1
    samples = models.Step(4.0, onset, 1.0).samples(steps, dt)
    assert samples.sum() * dt == pytest.approx(steps * dt + 3.0 * (steps * dt - onset), rel=1e-9)


def test_published_loops_take_the_value_at_the_start_of_a_step():
    step = models.Step(4.0, onset=0.25)
    np.testing.assert_array_equal(step.samples(5, 0.1, at="start"), [0.0, 0.0, 0.0, 4.0, 4.0])
    np.testing.assert_allclose(step.samples(5, 0.1), [0.0, 0.0, 2.0, 4.0, 4.0])


@pytest.mark.parametrize(("after", "level"), [("hold", 6.0), ("return", 2.0)])
def test_a_ramp_climbs_straight_and_then_holds_or_returns(after: str, level: float):
    samples = models.Ramp(2.0, 6.0, onset=10.0, width=20.0, after=after).samples(500, 0.1)
    np.testing.assert_array_equal(samples[:100], 2.0)
    np.testing.assert_allclose(np.diff(samples[100:300]), 4.0 / 200, atol=1e-12)
    np.testing.assert_array_equal(samples[301:], level)


def test_a_sine_has_its_frequency_phase_and_mean():
    samples = models.Sine(3.0, frequency=50.0, baseline=1.0, phase=90.0).samples(4000, 0.01)
    middle = (np.arange(4000) + 0.5) * 0.01
    expected = 1.0 + 3.0 * np.cos(2 * np.pi * 0.05 * middle)
    np.testing.assert_allclose(samples, expected, atol=1e-9)


def test_a_chirp_sweeps_from_one_frequency_to_the_other_and_stays_there():
    chirp = models.Chirp(1.0, start=5.0, stop=105.0, width=1000.0)
    t = np.arange(0.0, 1500.0, 0.01)
    crossings = t[1:][np.diff(np.signbit(chirp.value(t)).astype(int)) != 0]
    periods = 2.0 * np.diff(crossings)
    middles = 0.5 * (crossings[1:] + crossings[:-1])
    expected = 5.0 + 0.1 * np.minimum(middles, 1000.0)
    late = middles > 200.0
    np.testing.assert_allclose(1e3 / periods[late], expected[late], rtol=0.01)


def test_samples_are_followed_by_silence():
    samples = models.Samples([1.0, 2.0, 3.0]).samples(5, 0.1)
    np.testing.assert_array_equal(samples, [1.0, 2.0, 3.0, 0.0, 0.0])


def test_a_sum_is_the_sum_of_its_parts():
    parts = models.Constant(2.0), models.Sine(1.0), models.Pulses()
    total = (parts[0] + parts[1] + parts[2]).samples(1000, 0.1)
    np.testing.assert_allclose(total, sum(part.samples(1000, 0.1) for part in parts))


def test_numbers_rows_and_stimuli_are_understood():
    assert as_stimulus(3) == models.Constant(3.0)
    assert as_stimulus(np.ones(4)) == models.Samples(np.ones(4))
    step = models.Step()
    assert as_stimulus(step) is step


def test_numbers_and_samples_add_to_a_stimulus_from_either_side():
    step = models.Step(8.0, onset=1.0)
    alone = step.samples(4, 1.0)
    row = np.arange(4.0)
    for other, more in ((5, 5.0), (row, row), ([0, 1, 2, 3], row)):
        np.testing.assert_array_equal((step + other).samples(4, 1.0), alone + more)
        np.testing.assert_array_equal((other + step).samples(4, 1.0), alone + more)
    np.testing.assert_array_equal(sum([step, step]).samples(4, 1.0), 2 * alone)
    for junk in (None, "a", float("nan")):
        with pytest.raises(ValueError, match="`current` is"):
            step + junk


# --- random stimuli --------------------------------------------------------------------------

random_stimuli = pytest.mark.parametrize(
    "stimulus",
    [models.Noise(), models.Poisson(), models.Noise() + models.Poisson() + models.Noise()],
    ids=["Noise", "Poisson", "Sum"],
)


@random_stimuli
def test_noise_comes_from_its_seed_alone(stimulus: Stimulus):
    first = stimulus.samples(1000, 0.1, seed=1)
    np.testing.assert_array_equal(first, stimulus.samples(1000, 0.1, seed=1))
    assert not np.array_equal(first, stimulus.samples(1000, 0.1, seed=2))


@random_stimuli
def test_a_longer_run_begins_with_the_same_noise(stimulus: Stimulus):
    short, long = stimulus.samples(700, 0.1, seed=1), stimulus.samples(5000, 0.1, seed=1)
    np.testing.assert_array_equal(short, long[:700])


@random_stimuli
def test_whole_numbers_of_any_kind_are_seeds(stimulus: Stimulus):
    np.testing.assert_array_equal(
        stimulus.samples(50, 0.1, seed=3), stimulus.samples(50, 0.1, seed=np.int64(3))
    )


def test_one_more_noise_leaves_the_others_as_they_were():
    noise, other = models.Noise(sigma=2.0), models.Noise(sigma=1.0)
    alone = noise.samples(500, 0.1, seed=4)
    both = (noise + other).samples(500, 0.1, seed=4)
    three = (noise + other + models.Poisson(amplitude=0.0)).samples(500, 0.1, seed=4)
    np.testing.assert_array_equal(both, three)
    assert abs(np.corrcoef(alone, both - alone)[0, 1]) < 0.5
    np.testing.assert_allclose((noise + models.Constant(0.0)).samples(500, 0.1, seed=4), alone)


@pytest.mark.parametrize("dt", [0.05, 0.5, 2.0])
def test_noise_has_its_deviation_and_correlation_time_at_any_step(dt: float):
    tau, duration = 5.0, 200_000.0
    noise = models.Noise(sigma=3.0, tau=tau, baseline=1.0).samples(round(duration / dt), dt, 11)
    independent = duration / (2.0 * tau)  # so many independent samples for mean and variance
    assert noise.mean() == pytest.approx(1.0, abs=4 * 3.0 / np.sqrt(independent))
    assert noise.std() == pytest.approx(3.0, rel=4 / np.sqrt(2 * independent))
    lag = round(2.0 / dt)
    correlation = np.corrcoef(noise[:-lag], noise[lag:])[0, 1]
    assert correlation == pytest.approx(np.exp(-lag * dt / tau), abs=4 / np.sqrt(independent))


def test_noise_starts_in_its_stationary_law():
    first = [models.Noise(sigma=3.0, tau=500.0).samples(1, 0.1, seed)[0] for seed in range(2000)]
    assert np.std(first) == pytest.approx(3.0, rel=4 / np.sqrt(2 * 2000))


@pytest.mark.parametrize("dt", [0.05, 0.5, 2.0])
def test_poisson_bombardment_has_its_mean_and_variance_at_any_step(dt: float):
    """Campbell's theorem: mean rate·A·tau, variance rate·A²·tau/2 at a fine step."""
    rate, amplitude, tau, duration = 200.0, 10.0, 2.0, 400_000.0
    current = models.Poisson(rate, amplitude, tau, baseline=1.0)
    samples = current.samples(round(duration / dt), dt, seed=5)
    mean = 1e-3 * rate * amplitude * tau
    spread = np.sqrt(1e-3 * rate * amplitude**2 * tau / 2)
    assert samples.mean() == pytest.approx(1.0 + mean, abs=4 * spread * np.sqrt(2 * tau / duration))
    if dt < 0.1:
        assert samples.std() == pytest.approx(spread, rel=0.03)


@pytest.mark.parametrize("dt", [0.01, 0.1, 1.0])
def test_each_poisson_event_carries_the_same_charge_at_any_step(dt: float):
    samples = models.Poisson(20.0, amplitude=10.0, tau=2.0).samples(round(2000.0 / dt), dt, 3)
    events = samples.sum() * dt / (10.0 * 2.0)
    assert 15 <= events <= 70
    assert events == pytest.approx(round(events), abs=1e-3)
    assert models.Poisson(rate=0.0).samples(100, dt, 3).max() == 0.0
