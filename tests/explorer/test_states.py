"""The view of all states but the first: recovery, adaptation, gates."""

from __future__ import annotations

import numpy as np
import pytest
from bokeh.models import ColumnDataSource, GlyphRenderer, Line, Range1d

from explorer.palette import state_colours
from explorer.views import states
from explorer.views.states import States

from .pictures import EVERY, FIRST, picture


@pytest.mark.parametrize(("model", "preset"), EVERY)
def test_there_is_a_column_for_every_state_but_the_first(model, preset):
    made = picture(model, preset)
    columns = states.arrays(made)
    assert tuple(columns) == ("time", *made.model.state_names()[1:])
    for name, values in columns.items():
        whole = made.run.time if name == "time" else made.run.states[name]
        assert values.dtype == np.float32
        np.testing.assert_array_equal(values, whole[made.drawn].astype(np.float32))


def test_gates_share_a_range_that_shows_zero_to_one():
    made = picture("HodgkinHuxley")
    low, high = states.span(made, states.shown(made))
    assert low < 0.0 < 1.0 < high < 1.2


def test_a_run_that_stays_in_a_part_of_the_range_is_seen_from_closer():
    """The adaptation of a tonic cell would be flat on an axis of the declared -200 to 600 pA."""
    made = picture("AdEx", "tonic")
    low, high = states.span(made, ("w",))
    visited = float(np.ptp(made.run["w"]))
    assert low <= made.run["w"].min() < made.run["w"].max() <= high
    assert visited / (high - low) == pytest.approx(states.FILLED)


@pytest.mark.parametrize(("model", "preset"), EVERY)
def test_every_curve_is_inside_its_range_and_none_lies_flat(model, preset):
    """Flat is less than a twelfth of the height, unless the state hardly changes at all."""
    made, view = picture(model, preset), a_view()
    view.fit(made)
    for range_, names in zip((view.range, view.right), states.sides(made), strict=True):
        for name in names:
            values = made.run[name]
            assert range_.start <= values.min() <= values.max() <= range_.end
            declared = np.ptp(made.model.state(name).span)
            if np.ptp(values) > 0.08 * declared:
                assert np.ptp(values) > (range_.end - range_.start) / 12


def test_a_small_state_has_an_axis_of_its_own():
    """Hindmarsh and Rose's slow z moves by half a unit, their fast y by twelve."""
    view = a_view()
    view.fit(picture("HindmarshRose", "bursting"))
    assert view.doubled
    assert [axis.axis_label for axis in view.figure.yaxis] == ["y", "z"]
    assert [line.y_range_name for line in curves(view)[:2]] == ["default", "right"]
    view.fit(picture("HodgkinHuxley"))
    assert not view.doubled
    assert {line.y_range_name for line in curves(view)[:3]} == {"default"}


def test_a_range_is_fitted_anew_when_a_curve_leaves_it_and_only_then():
    view = a_view()
    made = picture("AdEx", "tonic")
    view.fit(made)
    before = (view.range.start, view.range.end)
    view.update(picture("AdEx", "tonic", p_b=made.run.cell.b + 1.0))
    assert (view.range.start, view.range.end) == before
    more = picture("AdEx", "tonic", p_b=100.0)
    assert more.run["w"].max() > before[1]
    view.update(more)
    assert view.range.end >= more.run["w"].max()


def a_view() -> States:
    return States(Range1d(0, 100), ColumnDataSource({"time": [0.0]}))


def curves(view: States) -> list[GlyphRenderer]:
    return [each for each in view.figure.renderers if isinstance(each.glyph, Line)]


@pytest.mark.parametrize(("model", "preset"), FIRST)
def test_each_state_is_drawn_in_its_accent(model, preset):
    made, view = picture(model, preset), a_view()
    view.fit(made)
    names = made.model.state_names()[1:]
    drawn = [line for line in curves(view) if line.visible]
    assert [line.glyph.y for line in drawn] == list(names)
    colours = state_colours(made.model)
    assert [line.glyph.line_color for line in drawn] == [colours[name] for name in names]
    assert view.figure.visible == bool(names)


def test_another_model_leaves_no_curve_of_the_one_before():
    view = a_view()
    for model, count in (("HodgkinHuxley", 3), ("LIF", 0), ("HindmarshRose", 2), ("AdEx", 1)):
        made = picture(model)
        view.fit(made)
        view.update(made)
        drawn = [line.glyph.y for line in curves(view) if line.visible]
        assert len(drawn) == count
        assert set(drawn) <= set(view.source.data)


def test_a_glyph_never_names_a_column_that_is_not_there():
    """Bokeh looks a column up as soon as it is named, so the data must be there before."""
    view = a_view()
    missing = []

    def look(_attr: str, _old: str, new: str) -> None:
        if new not in view.source.data:
            missing.append(new)

    for line in curves(view):
        line.glyph.on_change("y", look)
    for model in ("HodgkinHuxley", "Izhikevich", "MorrisLecar", "HindmarshRose", "LIF"):
        view.fit(picture(model))
    assert missing == []
