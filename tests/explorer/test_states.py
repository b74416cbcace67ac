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
    low, high = states.span(picture("HodgkinHuxley"))
    assert low < 0.0 < 1.0 < high < 1.2


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
