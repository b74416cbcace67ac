"""The phase plane's arrays: branches apart, arrows along the flow, paths broken at resets."""

from __future__ import annotations

import re

import numpy as np
import pytest
from bokeh.models import ColumnDataSource, Range1d
from hypothesis import given
from hypothesis import strategies as st

import models
from explorer.canvas import broken_at
from explorer.palette import state_colours
from explorer.views import phase_plane
from explorer.views.phase_line import PhaseLine
from explorer.views.phase_plane import ARROWS, PATH_POINTS, PhasePlane, along, arrows
from explorer.views.states import States
from explorer.views.voltage import Voltage
from models import Constant, analysis

from .pictures import EVERY, picture

PLANES = [(name, slug) for name, slug in EVERY if len(models.catalogue[name].states) > 1]
XLIM, YLIM = (-90.0, 40.0), (-25.0, 20.0)


def pieces(columns: dict) -> list[np.ndarray]:
    """The polylines (m, 2) between the gaps of x and y."""
    both = np.stack([columns["x"], columns["y"]], axis=1).astype(float)
    gaps = np.flatnonzero(np.isnan(both[:, 0]))
    parts = np.split(both, gaps)
    return [part[~np.isnan(part[:, 0])] for part in parts if (~np.isnan(part[:, 0])).any()]


def limits(made) -> tuple:
    return tuple(
        phase_plane.span(made, made.model.state(name))
        for name in (made.settings.x, made.settings.y)
    )


@pytest.mark.parametrize("preset", ["table-tonic", "table-adapting", "table-bursting"])
def test_a_small_adaptation_is_not_lost_on_the_axis_of_a_large_one(preset):
    """The textbook's w stays within some tens of pA, where Naud's goes to hundreds."""
    made = picture("AdEx", preset)
    low, high = phase_plane.span(made, made.model.state("w"))
    visited = made.run["w"]
    assert low < visited.min() < visited.max() < high
    assert np.ptp(visited) > 0.14 * (high - low)


@pytest.mark.parametrize("preset", ["chattering", "fast-spiking", "phasic-spiking"])
def test_an_axis_shows_at_most_the_range_of_its_state_and_what_is_visited(preset):
    made = picture("Izhikevich", preset)
    low, high = phase_plane.span(made, made.model.state("u"))
    span = made.model.state("u").span
    assert np.ptp(span) * 0.6 < high - low <= 1.11 * np.ptp(span)


# --- trajectory ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "preset"), PLANES)
def test_time_stays_sorted_and_begins_and_ends_with_the_run(model, preset):
    made = picture(model, preset)
    path = phase_plane.trajectory_arrays(made)["trajectory"]
    assert path["time"].shape == path["x"].shape == path["y"].shape
    assert (np.diff(path["time"]) >= 0.0).all()
    assert np.isfinite(path["time"]).all()
    assert (np.isnan(path["x"]) == np.isnan(path["y"])).all()
    assert (path["time"][0], path["time"][-1]) == (0.0, np.float32(made.run.time[-1]))
    assert path["x"][-1] == np.float32(made.run.states[made.settings.x][-1])


@pytest.mark.parametrize(
    ("model", "preset"), [pair for pair in PLANES if models.catalogue[pair[0]].resets()]
)
def test_the_path_of_a_reset_model_is_broken_at_every_reset(model, preset):
    made = picture(model, preset)
    arrays = phase_plane.trajectory_arrays(made)
    path, jumps = arrays["trajectory"], arrays["resets"]
    inside = made.run.spike_times[made.run.spike_times < made.run.time[-2]]
    assert np.count_nonzero(np.isnan(path["x"])) == jumps["x0"].size <= inside.size + 1
    # Nothing is left that falls as far as a reset does: half of the fall is told from the flow.
    if jumps["x0"].size:
        fall = float((jumps["x0"] - jumps["x1"]).min())
        for piece in pieces(path):
            assert (np.diff(piece[:, 0]) > -0.5 * fall).all()


def test_a_gap_carries_the_time_of_its_spike():
    made = picture("Izhikevich")
    path = phase_plane.trajectory_arrays(made)["trajectory"]
    gaps = path["time"][np.isnan(path["x"])]
    assert gaps.size == made.run.spike_times.size
    np.testing.assert_allclose(gaps, made.run.spike_times, atol=made.run.dt)


def test_a_reset_leads_from_the_peak_to_c_and_lifts_u_by_d():
    """Within the rest of the step u moves by less than its rate times dt."""
    made = picture("Izhikevich", p_a=1e-4)
    jumps = phase_plane.trajectory_arrays(made)["resets"]
    cell = made.run.cell
    np.testing.assert_allclose(jumps["x0"], cell.v_peak, atol=1e-3)
    np.testing.assert_allclose(jumps["y1"] - jumps["y0"], cell.d, atol=1e-2)
    drift = made.run.dt * 0.04 * 65.0**2  # mV, more than v can move in a step near c
    assert (np.abs(jumps["x1"] - cell.c) < drift).all()


def test_a_smooth_path_has_no_gap():
    path = phase_plane.trajectory_arrays(picture("HodgkinHuxley"))["trajectory"]
    assert not np.isnan(path["x"]).any()


@given(st.integers(2, 5000), st.floats(0.5, 30.0))
def test_a_thinned_path_is_evenly_spread_and_keeps_its_ends(size, turns):
    """A spiral walked ever faster: from one drawn point to the next it is always as far."""
    t = np.linspace(0.0, 1.0, size)
    x, y = t * np.cos(2 * np.pi * turns * t**3), t * np.sin(2 * np.pi * turns * t**3)
    index = along(x, y, 400)
    assert index[0] == 0
    assert index[-1] == size - 1
    assert (np.diff(index) > 0).all()
    assert index.size <= 400
    steps = np.abs(np.diff(x)) / np.ptp(x) + np.abs(np.diff(y)) / np.ptp(y)
    way = np.concatenate([[0.0], np.cumsum(steps)])
    assert np.diff(way[index]).max() <= way[-1] / 398 + steps.max()


def test_a_state_that_does_not_move_is_a_point():
    index = along(np.zeros(5000), np.zeros(5000), PATH_POINTS)
    assert {0, 4999} <= set(index.tolist())


# --- nullclines ----------------------------------------------------------------------------------


def test_lines_are_joined_with_gaps_between():
    one, two = np.array([[0.0, 1.0], [1.0, 2.0]]), np.array([[5.0, 6.0]])
    x, y = broken_at([one, two])
    np.testing.assert_array_equal(x, [0.0, 1.0, np.nan, 5.0, np.nan])
    np.testing.assert_array_equal(y, [1.0, 2.0, np.nan, 6.0, np.nan])
    assert broken_at([])[0].size == 0


def test_izhikevichs_nullclines_are_a_parabola_and_a_line():
    made = picture("Izhikevich", stimulus=Constant(4.0))
    roles = phase_plane.landscape_arrays(made, XLIM, YLIM)
    (v, u), (x, w) = (
        (piece[:, 0], piece[:, 1])
        for piece in (
            np.concatenate(pieces(roles[role])) for role in ("x_nullcline", "y_nullcline")
        )
    )
    np.testing.assert_allclose(u, 0.04 * v**2 + 5 * v + 140 + 4.0, atol=1e-3)
    np.testing.assert_allclose(w, 0.2 * x, atol=1e-4)


def test_two_branches_are_not_joined_across_the_gap():
    """The parabola dips below the view, so two arms are seen."""
    made = picture("Izhikevich", stimulus=Constant(0.0))
    arms = pieces(phase_plane.landscape_arrays(made, XLIM, (-10.0, 20.0))["x_nullcline"])
    assert len(arms) == 2
    bottom = -5.0 / 0.08
    assert sorted(bool(arm[:, 0].max() < bottom) for arm in arms) == [False, True]


@pytest.mark.parametrize("x", ["v", "m", "h", "n"])
@pytest.mark.parametrize("y", ["v", "m", "h", "n"])
@pytest.mark.parametrize("held", ["steady", "cursor"])
def test_any_two_states_of_hodgkin_and_huxley_make_a_plane(x, y, held):
    if x == y:
        return
    made = picture("HodgkinHuxley", x=x, y=y, held=held, cursor=30.0)
    roles = phase_plane.arrays(made, *limits(made))
    for role in ("x_nullcline", "y_nullcline", "trajectory"):
        assert roles[role]["x"].size > 1
    assert roles["vector_field"]["x"].size > 0


def test_gates_held_at_the_cursor_bend_the_v_nullcline_by_the_current_balance():
    """On it n⁴ = (I - g_Na m³h (v - E_Na) - g_L (v - E_L)) / (g_K (v - E_K))."""
    made = picture("HodgkinHuxley", held="cursor", cursor=30.0)
    (line,) = pieces(phase_plane.landscape_arrays(made, (-60.0, 40.0), (0.0, 1.0))["x_nullcline"])
    p, state, (v, n) = made.run.cell.p, made.state, line.T
    rest = p.g_Na * state["m"] ** 3 * state["h"] * (v - p.E_Na) + p.g_L * (v - p.E_L)
    balance = (made.injected - rest) / (p.g_K * (v - p.E_K))
    np.testing.assert_allclose(n**4, balance, atol=1e-4)


# --- arrows --------------------------------------------------------------------------------------


def drawn_arrows(drawn):
    """Tail, tip, one barb, the tip again and the other barb, each (2, n), of a line of arrows."""
    points = np.stack([drawn["x"], drawn["y"]]).reshape(2, -1, 6)
    assert np.isnan(points[:, :, 5]).all()
    return points[:, :, :5].transpose(2, 0, 1)


@pytest.mark.parametrize(("model", "preset"), PLANES[::5])
def test_arrows_point_along_the_flow(model, preset):
    made = picture(model, preset)
    xlim, ylim = limits(made)
    plane = {"x": made.settings.x, "y": made.settings.y, "current": made.injected}
    X, Y, U, V = analysis.vector_field(made.run.cell, xlim=xlim, ylim=ylim, n=ARROWS, **plane)
    drawn = arrows(X, Y, U, V, xlim, ylim)
    width, height = xlim[1] - xlim[0], ylim[1] - ylim[0]
    u, v = (U / width).ravel(), (V / height).ravel()
    speed = np.hypot(u, v)
    moving = np.isfinite(speed) & (speed > 0)
    tail, tip, *_ = drawn_arrows(drawn)
    assert tail.shape == (2, int(moving.sum()))
    scale = np.array([[width], [height]])
    shaft = (tip - tail) / scale
    length = np.hypot(*shaft)
    cosine = (shaft[0] * u[moving] + shaft[1] * v[moving]) / (length * speed[moving])
    assert cosine.min() > 0.999
    # The middle of the shaft is the point whose flow it shows; the next point is not reached.
    middle = 0.5 * (tail + tip)
    np.testing.assert_allclose(middle[0], X.ravel()[moving], atol=1e-4 * width)
    assert length.max() < 1.0 / (ARROWS - 1)


def test_barbs_start_at_the_tip_and_lean_back_to_either_side():
    X, Y = np.meshgrid([0.0, 1.0, 2.0], [0.0, 1.0, 2.0])
    drawn = arrows(X, Y, Y - 1.0, 1.0 - X, (0.0, 2.0), (0.0, 2.0))
    tail, tip, left, again, right = drawn_arrows(drawn)
    assert tail.shape == (2, 8)  # the point in the middle does not move
    np.testing.assert_array_equal(again, tip)
    shaft = tip - tail
    sides = []
    for barb in (left - tip, right - tip):
        assert ((barb * shaft).sum(axis=0) < 0.0).all()
        sides.append(np.sign(shaft[0] * barb[1] - shaft[1] * barb[0]))
    np.testing.assert_array_equal(sides[0], -sides[1])


def test_a_faster_flow_has_a_longer_arrow():
    X, Y = np.meshgrid([0.0, 1.0], [0.0, 1.0])
    drawn = arrows(X, Y, np.array([[1.0, 10.0], [100.0, 1000.0]]), 0.0 * Y, (0.0, 1.0), (0.0, 1.0))
    tail, tip, *_ = drawn_arrows(drawn)
    assert (np.diff((tip - tail)[0]) > 0.0).all()


def test_an_even_flow_and_none_at_all_are_drawn_without_complaint():
    X, Y = np.meshgrid([0.0, 1.0], [0.0, 1.0])
    even = arrows(X, Y, 1.0 + 0 * X, 0 * Y, (0.0, 1.0), (0.0, 1.0))
    assert all(np.isfinite(points).all() for points in drawn_arrows(even))
    assert arrows(X, Y, 0 * X, 0 * Y, (0.0, 1.0), (0.0, 1.0))["x"].size == 0
    assert arrows(X, Y, np.nan * X, 0 * Y, (0.0, 1.0), (0.0, 1.0))["x"].size == 0


# --- fixed points, levels ------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "preset"), PLANES[::3])
def test_fixed_points_are_filled_when_stable_and_stand_where_the_flow_vanishes(model, preset):
    made = picture(model, preset)
    columns = phase_plane.landscape_arrays(made, *limits(made))["fixed_points"]
    points = analysis.fixed_points(made.run.cell, current=made.injected)
    assert columns["x"] == [point.state[made.settings.x] for point in points]
    for kind, fill in zip(columns["kind"], columns["fill"], strict=True):
        assert fill == (1.0 if kind.startswith("stable") else 0.0)


def test_eigenvalues_are_written_with_a_conjugate_pair_once():
    text = phase_plane.eigenvalue_text
    assert text(np.array([-0.5 + 2j, -0.5 - 2j])) == "-0.5 ± 2i /ms"
    assert text(np.array([0.25, -1.5])) == "0.25, -1.5 /ms"


def test_the_landing_of_each_reset_is_a_point():
    plane = PhasePlane(ColumnDataSource({"x": [], "y": []}))
    drawn = [each for each in plane.figure.renderers if each.data_source is plane.sources["resets"]]
    assert [(each.glyph.x, each.glyph.y) for each in drawn[1:]] == [("x1", "y1")]


@pytest.mark.parametrize("model", [n for n, _ in PLANES if models.catalogue[n].resets()])
def test_levels_are_where_the_threshold_vanishes_and_where_the_reset_leads(model):
    made = picture(model)
    xlim, ylim = limits(made)
    peak, landing = pieces(phase_plane.landscape_arrays(made, xlim, ylim)["levels"])
    cell = made.run.cell
    others = np.zeros((len(cell.states) - 2, len(peak)))
    at_peak = np.concatenate([peak.T, others])
    np.testing.assert_allclose(np.asarray(cell.threshold(at_peak, cell.p)), 0.0, atol=1e-3)
    after = np.asarray(cell.reset(at_peak, cell.p))[0]
    np.testing.assert_allclose(landing[:, 0], after, rtol=1e-5, atol=1e-4)
    assert peak[:, 1].min() == pytest.approx(ylim[0], rel=1e-5)
    assert peak[:, 1].max() == pytest.approx(ylim[1], rel=1e-5)


def test_levels_lie_flat_when_the_axes_are_swapped():
    made = picture("Izhikevich", x="u", y="v")
    peak, landing = pieces(phase_plane.landscape_arrays(made, YLIM, XLIM)["levels"])
    np.testing.assert_allclose(peak[:, 1], made.run.cell.v_peak)
    np.testing.assert_allclose(landing[:, 1], made.run.cell.c)


def test_a_smooth_model_has_no_levels():
    made = picture("HodgkinHuxley")
    assert phase_plane.landscape_arrays(made, *limits(made))["levels"]["x"].size == 0


# --- every preset, and the view ------------------------------------------------------------------


@pytest.mark.parametrize(("model", "preset"), PLANES)
def test_every_preset_has_columns_of_equal_length_without_infinities(model, preset):
    made = picture(model, preset)
    for columns in phase_plane.arrays(made, *limits(made)).values():
        assert len({len(column) for column in columns.values()}) == 1
        for name, column in columns.items():
            if name not in ("kind", "eigenvalues"):
                assert not np.isinf(np.asarray(column, float)).any()


def test_the_axes_hold_still_while_a_parameter_moves_and_fit_on_request():
    view = PhasePlane(ColumnDataSource({"x": [0.0], "y": [0.0]}))
    view.fit(picture("Izhikevich"))
    before = view.xlim, view.ylim
    view.update(picture("Izhikevich", p_d=20.0, p_c=-80.0))
    assert (view.xlim, view.ylim) == before
    view.fit(picture("Izhikevich", p_d=200.0))
    assert view.ylim != before[1]


def test_nullclines_are_named_and_coloured_after_their_states():
    view = PhasePlane(ColumnDataSource({"x": [0.0], "y": [0.0]}))
    for made in (picture("Izhikevich"), picture("HodgkinHuxley", x="m", y="h")):
        view.fit(made)
        view.update(made)
        for role, name in (("x_nullcline", made.settings.x), ("y_nullcline", made.settings.y)):
            assert view.sources[role].name == f"nullcline_{name}"
            (line,) = view.figure.select({"data_source": view.sources[role]})
            assert line.glyph.line_color == state_colours(made.model)[name]


@pytest.mark.parametrize("model", models.catalogue)
def test_axes_are_labelled_with_the_symbols_of_the_equations(model):
    made = picture(model)
    plane, time = PhasePlane(ColumnDataSource()), Range1d(0, 1)
    views = [plane, Voltage(time, ColumnDataSource()), States(time, ColumnDataSource())]
    if not made.settings.y:
        views[0] = PhaseLine(plane.figure, plane.sources, plane.nullclines, plane.path)
    for view in views:
        view.fit(made)
    shown = [axis.axis_label or "" for view in views for axis in view.figure.yaxis]
    shown.append(plane.figure.xaxis.axis_label)
    words = {word for label in shown for word in re.findall(r"[A-Za-z]+", label)}
    for state in made.model.states:
        assert state.symbol in words or f"d{state.symbol}" in words
        assert state.name == state.symbol or state.name not in words


@pytest.mark.parametrize("model", ["AdEx", "Izhikevich", "AdaptiveQuadratic"])
def test_every_preset_that_fires_is_seen_with_its_nullclines(model):
    for slug in models.catalogue[model].presets():
        made = picture(model, slug)
        if made.run.spike_times.size < 2 or not made.settings.y:
            continue
        x, y = (made.model.state(name) for name in (made.settings.x, made.settings.y))
        lines = analysis.nullclines(
            made.run.cell, x.name, y.name, made.injected, phase_plane.span(made, x),
            phase_plane.span(made, y),
        )  # fmt: skip
        assert all(lines.values()), slug
