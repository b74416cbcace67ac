"""`Picture`: thinning that loses no spike, and what is true at the time cursor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import models
from explorer.picture import FAITHFUL, POINTS, extremes, telling
from models import Constant, Noise, Poisson, Sine, Step

from .pictures import EVERY, picture

FIRING = [
    (name, preset)
    for name, preset in EVERY
    if models.catalogue[name].resets() or np.isfinite(models.catalogue[name].spike_prominence)
]
TRACES = arrays(np.float64, st.integers(1, 400), elements=st.floats(-1e3, 1e3))


@given(TRACES, st.integers(4, 100))
def test_thinning_keeps_order_ends_and_extremes_within_its_budget(values, points):
    index = extremes(values, points)
    assert (np.diff(index) > 0).all()
    assert index[0] == 0
    assert index[-1] == values.size - 1
    assert values[index].min() == values.min()
    assert values[index].max() == values.max()
    assert index.size <= points or index.size == values.size <= points


@given(TRACES, st.integers(4, 100))
def test_a_thinned_trace_is_never_far_from_the_whole_one(values, points):
    """Between two points that are drawn, no sample left out lies beyond what is drawn nearby."""
    index = extremes(values, points)
    width = 2 * int(np.ceil(values.size / max(1, (points - 2) // 2)))
    for k in range(values.size):
        near = index[np.abs(index - k) <= width]
        assert values[near].min() <= values[k] <= values[near].max()


def test_a_short_trace_is_drawn_whole():
    np.testing.assert_array_equal(extremes(np.zeros(POINTS), POINTS), np.arange(POINTS))


def test_a_single_tall_sample_among_a_million_is_drawn():
    values = np.zeros(1_000_000)
    values[[123_457, 765_433]] = 1.0, -1.0
    index = extremes(values, POINTS)
    assert {123_457, 765_433} <= set(index.tolist())
    assert index.size <= POINTS


@pytest.mark.parametrize(("model", "preset"), FIRING)
def test_every_spike_of_every_preset_survives_thinning(model, preset):
    made = picture(model, preset)
    v = made.run.states[made.model.states[0].name]
    assert made.drawn.size <= POINTS
    thinned, whole = v[made.drawn], v
    assert thinned.max() == whole.max()
    level = 0.5 * (v.min() + v.max())
    crossings = [np.count_nonzero((t[:-1] < level) & (t[1:] >= level)) for t in (thinned, whole)]
    assert crossings[0] == crossings[1]


@given(st.lists(arrays(np.float64, 60, elements=st.floats(-1e3, 1e3)), min_size=1, max_size=3))
def test_what_is_left_out_lies_on_the_lines_that_are_drawn(columns):
    time = np.arange(60) ** 1.5
    columns = [np.sin(time / 40.0), *columns]
    for curves in (columns[:1], columns):
        index = telling(time, *curves)
        assert index[0] == 0
        assert index[-1] == time.size - 1
        assert (np.diff(index) > 0).all()
        for curve in curves:
            drawn = np.interp(time, time[index], curve[index])
            assert np.abs(drawn - curve).max() <= FAITHFUL * np.ptp(curve) * (1 + 1e-9)
            assert curve[index].min() == curve.min()
            assert curve[index].max() == curve.max()


def test_a_gap_stays_a_gap():
    curve = np.linspace(0.0, 1.0, 101)
    curve[50] = np.nan
    index = telling(np.arange(101.0), curve)
    assert 50 in index
    assert {49, 51} <= set(index.tolist())
    assert telling(np.arange(9.0), np.full(9, np.nan)).size == 9


def test_smooth_and_resting_stretches_take_few_points():
    time = np.arange(2000.0)
    assert telling(time, np.full(2000, -65.0)).size <= 200
    assert telling(time, np.sin(time / 100.0)).size <= 400


# --- what is true at the cursor ------------------------------------------------------------------


def test_without_a_pinned_cursor_the_moment_is_the_end():
    made = picture("Izhikevich")
    assert made.moment == made.run.time.size - 1
    assert made.state == {name: values[-1] for name, values in made.run.states.items()}


@given(st.floats(-1e6, 1e6))
def test_the_moment_is_the_nearest_sample_within_the_run(cursor):
    made = picture("LIF", cursor=cursor)
    nearest = int(np.abs(made.run.time - cursor).argmin())
    np.testing.assert_allclose(
        abs(made.run.time[made.moment] - cursor), abs(made.run.time[nearest] - cursor), rtol=1e-12
    )


@pytest.mark.parametrize(
    ("cursor", "current"), [(0.0, 0.0), (19.9, 0.0), (20.0, 7.0), (63.0, 7.0), (None, 7.0)]
)
def test_nullclines_are_drawn_for_the_current_under_the_cursor(cursor, current):
    made = picture("Izhikevich", cursor=cursor, stimulus=Step(7.0, 20.0), duration=100.0, dt=0.1)
    assert made.injected == pytest.approx(current)


def test_a_current_that_swings_is_taken_where_the_cursor_is():
    stimulus = Sine(5.0, 10.0)
    made = picture("Izhikevich", cursor=30.0, stimulus=stimulus, duration=100.0, dt=0.1)
    assert made.injected == pytest.approx(made.run.current[300], abs=1e-12)


def test_noise_counts_with_its_mean():
    """OU noise has its baseline; Poisson events of rate r and decay tau have r tau A."""
    stimulus = Constant(3.0) + Noise(9.0, 5.0, 2.0) + Poisson(500.0, 10.0, 4.0)
    made = picture("Izhikevich", stimulus=stimulus, duration=100.0)
    assert made.injected == pytest.approx(3.0 + 2.0 + 0.5 * 4.0 * 10.0)


def test_states_off_the_axes_stand_steady_or_at_the_cursor():
    steady = picture("HodgkinHuxley", cursor=30.0, x="v", y="n")
    assert steady.held is None
    held = picture("HodgkinHuxley", cursor=30.0, x="v", y="n", held="cursor")
    k = held.moment
    assert held.held == {"m": held.run["m"][k], "h": held.run["h"][k]}
    assert picture("HodgkinHuxley", x="m", y="h", held="cursor").held.keys() == {"v", "n"}


def test_a_run_that_blows_up_in_its_first_step_is_still_a_picture():
    made = picture("FitzHughNagumo", dt=0.5, initial={"v": 9e4}, duration=50.0)
    assert made.run.diverged_at is not None
    assert made.run.time.size == 1
    assert np.isfinite(made.injected)
    assert made.drawn.tolist() == [0]
