"""The voltage view's arrays: the trace, a mark on each spike, a second run laid over."""

from __future__ import annotations

import math

import numpy as np
import pytest
from bokeh.models import ColumnDataSource, Range1d

import models
from explorer.picture import POINTS
from explorer.views import voltage
from explorer.views.voltage import Voltage
from models import Constant

from .pictures import EVERY, FIRST, picture


@pytest.mark.parametrize(("model", "preset"), EVERY)
def test_columns_are_short_finite_and_as_long_as_each_other(model, preset):
    made = picture(model, preset)
    for name, columns in voltage.arrays(made).items():
        assert list(columns) == ["time", "v"]
        assert columns["time"].shape == columns["v"].shape
        assert columns["time"].dtype == columns["v"].dtype == np.float32
        assert np.isfinite(columns["time"]).all()
        assert np.isfinite(columns["v"]).all()
        assert (np.diff(columns["time"]) >= 0.0).all()
        assert columns["time"].size <= (made.run.spike_times.size if name == "spikes" else POINTS)


def test_spikes_are_marked_where_the_closed_form_has_them():
    """LIF under a constant current I fires every tau ln(R I / (R I - (v_th - v_reset)))."""
    made = picture(
        "LIF", stimulus=Constant(300.0), duration=200.0, dt=0.1,
        p_tau_m=10.0, p_R=100.0, p_v_rest=-75.0, p_v_reset=-75.0, p_v_threshold=-55.0, p_t_ref=0.0,
    )  # fmt: skip
    marks = voltage.arrays(made)["spikes"]
    period = 10.0 * math.log(30.0 / (30.0 - 20.0))
    # The first period starts at rest, which is the reset; located to second order in dt.
    expected = period * np.arange(1, int(200.0 / period) + 1)
    np.testing.assert_allclose(marks["time"], expected, atol=0.02 * expected.size / 10)
    np.testing.assert_allclose(marks["v"], -55.0, atol=1e-4)


@pytest.mark.parametrize("model", [n for n, m in models.catalogue.items() if m.resets()])
def test_a_reset_models_spikes_are_marked_at_their_peak(model):
    made = picture(model)
    arrays = voltage.arrays(made)
    shown, marks = arrays["voltage"], arrays["spikes"]
    assert marks["time"].size == made.run.spike_times.size
    for time, v in zip(marks["time"], marks["v"], strict=True):
        near = np.abs(shown["time"] - time) <= 1.001 * made.run.dt
        assert v == shown["v"][near].max()


def test_a_smooth_models_spikes_are_marked_at_the_top_of_the_trace():
    made = picture("HodgkinHuxley")
    marks = voltage.arrays(made)["spikes"]
    v = made.run["v"]
    assert marks["time"].size == made.run.spike_times.size > 3
    for time, level in zip(marks["time"], marks["v"], strict=True):
        around = slice(round(float(time) / made.run.dt) - 20, round(float(time) / made.run.dt) + 20)
        assert level == pytest.approx(v[around].max(), abs=0.05)


def test_no_second_run_is_an_empty_overlay():
    assert voltage.arrays(picture("LIF"))["overlay"]["time"].size == 0


def test_a_second_run_is_drawn_with_its_own_samples():
    made = picture("LIF", overlay="euler")
    columns = voltage.arrays(made)["overlay"]
    np.testing.assert_allclose(columns["v"][0], made.overlay["v"][0])
    assert columns["time"][-1] == pytest.approx(made.overlay.time[-1])


@pytest.mark.parametrize(("model", "preset"), FIRST)
def test_the_axis_shows_the_declared_span_and_the_whole_run(model, preset):
    made = picture(model, preset)
    low, high = voltage.span(made)
    state = made.model.states[0]
    v = made.run.states[state.name]
    assert low < min(state.span[0], v.min())
    assert high > max(state.span[1], v.max())


def test_a_run_cut_short_is_drawn_to_its_end():
    made = picture("HodgkinHuxley", method="euler", dt=0.5)
    assert made.run.diverged_at is not None
    columns = voltage.arrays(made)["voltage"]
    assert columns["time"][-1] == pytest.approx(made.run.time[-1])
    assert np.isfinite(columns["v"]).all()


def test_an_update_hands_over_arrays_and_nothing_else():
    """The figure is built once: same sources, same renderers, same range."""
    view = Voltage(Range1d(0, 100), ColumnDataSource({"time": [0.0]}))
    view.fit(picture("Izhikevich"))
    sources, renderers = dict(view.sources), list(view.figure.renderers)
    limits = (view.range.start, view.range.end)
    view.update(picture("Izhikevich", p_c=-50.0))
    assert view.sources == sources
    assert view.figure.renderers == renderers
    assert (view.range.start, view.range.end) == limits
    assert {source.name for source in sources.values()} == {"voltage", "spikes", "overlay", "kept"}
