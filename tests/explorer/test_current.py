"""The injected current as drawn: steps upright, noise thinned, nothing else than what was used."""

from __future__ import annotations

import numpy as np
import pytest
from bokeh.models import ColumnDataSource, Range1d
from hypothesis import given
from hypothesis import strategies as st

from explorer.picture import POINTS
from explorer.views import current
from explorer.views.current import Current
from models import Chirp, Constant, Noise, Poisson, Pulses, Ramp, Samples, Sine, Step

from .pictures import EVERY, picture


def drawn_at(columns: dict, times: np.ndarray) -> np.ndarray:
    """Where the drawn line stands at some times."""
    return np.interp(times, columns["time"].astype(float), columns["current"].astype(float))


@pytest.mark.parametrize(("model", "preset"), EVERY)
def test_columns_are_finite_sorted_and_span_the_run(model, preset):
    made = picture(model, preset)
    columns = current.arrays(made)
    assert list(columns) == ["time", "current"]
    assert (np.diff(columns["time"]) >= 0.0).all()
    assert np.isfinite(columns["current"]).all()
    assert columns["time"][0] == 0.0
    assert columns["time"][-1] == pytest.approx(made.run.duration, abs=2.0 * made.run.dt)
    assert columns["time"].size <= POINTS


@given(
    st.floats(0.0, 60.0),
    st.floats(0.5, 30.0),
    st.floats(-50.0, 50.0),
    st.sampled_from([0.1, 0.25, 0.5]),
)
def test_the_line_stands_at_each_sample_in_the_middle_of_its_step(onset, width, amplitude, dt):
    stimulus = Step(amplitude, onset, 3.0) + Pulses(10.0, onset / 2, width, 2 * width, 3)
    made = picture("LIF", stimulus=stimulus, duration=100.0, dt=dt)
    middles = (np.arange(made.run.current.size) + 0.5) * dt
    np.testing.assert_allclose(
        drawn_at(current.arrays(made), middles), made.run.current, rtol=1e-5, atol=1e-4
    )


def test_a_step_is_drawn_upright_with_four_points():
    made = picture("LIF", stimulus=Step(10.0, 40.0), duration=100.0, dt=0.1)
    columns = current.arrays(made)
    np.testing.assert_allclose(columns["time"], [0.0, 40.0, 40.0, 100.0], rtol=1e-6)
    np.testing.assert_array_equal(columns["current"], [0.0, 0.0, 10.0, 10.0])


def test_a_constant_current_is_one_straight_line():
    columns = current.arrays(picture("LIF", stimulus=Constant(5.0), duration=100.0))
    np.testing.assert_array_equal(columns["current"], [5.0, 5.0])


@pytest.mark.parametrize(
    "stimulus",
    [Ramp(0.0, 20.0, 0.0, 900.0), Sine(5.0, 40.0), Chirp(5.0), Noise(3.0), Poisson(300.0)],
    ids=lambda stimulus: type(stimulus).__name__,
)
def test_a_current_that_never_rests_is_thinned_without_losing_its_extremes(stimulus):
    made = picture("LIF", stimulus=stimulus, duration=1000.0, dt=0.1)
    columns = current.arrays(made)
    used = made.run.current.astype(np.float32)
    assert columns["time"].size <= POINTS
    assert columns["current"].max() == used.max()
    assert columns["current"].min() == used.min()
    steps = np.minimum(np.round(columns["time"] / 0.1).astype(int), used.size - 1)
    np.testing.assert_array_equal(columns["current"], used[steps])


def test_many_short_pulses_are_all_seen():
    stimulus = Pulses(10.0, 5.0, 0.2, 3.0, 300)
    made = picture("LIF", stimulus=stimulus, duration=1000.0, dt=0.1)
    line = current.arrays(made)["current"]
    assert np.count_nonzero((line[:-1] < 5.0) & (line[1:] >= 5.0)) == 300


def test_samples_end_in_silence():
    made = picture("LIF", stimulus=Samples(np.full(200, 4.0)), duration=50.0, dt=0.1)
    columns = current.arrays(made)
    np.testing.assert_allclose(columns["time"], [0.0, 20.0, 20.0, 50.0], rtol=1e-6)
    np.testing.assert_array_equal(columns["current"], [4.0, 4.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("level", "low", "high"), [(10.0, 0.0, 10.0), (-10.0, -10.0, 0.0), (0.0, 0.0, 1.0)]
)
def test_the_range_holds_the_current_and_zero(level, low, high):
    bottom, top = current.span(picture("LIF", stimulus=Constant(level), duration=10.0))
    assert bottom < low
    assert top > high


def test_the_range_grows_when_a_current_leaves_it_and_otherwise_holds_still():
    view = Current(Range1d(0, 100), ColumnDataSource({"time": [0.0]}))
    view.fit(picture("LIF", stimulus=Constant(10.0), duration=10.0))
    first = (view.range.start, view.range.end)
    view.update(picture("LIF", stimulus=Constant(8.0), duration=10.0))
    assert (view.range.start, view.range.end) == first
    view.update(picture("LIF", stimulus=Constant(50.0), duration=10.0))
    assert view.range.start <= first[0]
    assert view.range.end > 50.0


def test_a_run_that_blows_up_in_its_first_step_has_a_current_axis_all_the_same():
    made = picture("FitzHughNagumo", dt=0.5, initial={"v": 9e4}, duration=50.0)
    assert made.run.current.size == 0
    columns = current.arrays(made)
    assert columns["time"].tolist() == [0.0]
    assert columns["current"].tolist() == [0.0]
    assert current.span(made)[0] < current.span(made)[1]
