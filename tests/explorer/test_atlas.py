"""The atlas: coarse to fine, band by band, in colours that every eye tells apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from bokeh.events import Tap

import models
from explorer import kinds, mapping
from explorer.background import Cancelled, Watch
from explorer.mapping import LEAST, MEASURES, Request, maps
from explorer.pages.atlas import AtlasPage
from explorer.state import Explorer, opening_settings
from explorer.varied import varied_of
from explorer.views import atlas as view
from models import analysis
from models.analysis.atlas import Map, measures

from .test_palette import APART, VISION, lab, linear

LIF = models.LIF()
RATE = Request(("current", 0.0, 800.0), ("R", 50.0, 200.0), "rate", 0.0, 300.0)


def words(*rows):
    values = np.array(rows)
    return Map(np.arange(values.shape[1]) * 1.0, np.arange(values.shape[0]) * 10.0, values)


# --- from coarse to fine -------------------------------------------------------------------------


def test_every_measure_of_the_analysis_has_a_title():
    assert set(MEASURES) == set(measures)


def test_maps_grow_finer_and_the_last_is_that_of_the_analysis():
    made = list(maps(LIF, RATE, Watch()))
    assert made[0].values.shape == (mapping.SIZES[0],) * 2
    assert made[-1].values.shape == (mapping.SIZES[-1],) * 2
    whole = analysis.atlas(
        LIF,
        (*RATE.x, mapping.SIZES[-1]),
        (*RATE.y, mapping.SIZES[-1]),
        "rate",
        duration=RATE.duration,
    )
    np.testing.assert_allclose(made[-1].values, whole, rtol=1e-4)


@pytest.mark.parametrize("measure", ["rate", "pattern"])
def test_a_slow_map_is_filled_band_by_band_and_ends_the_same(monkeypatch, measure):
    monkeypatch.setattr(mapping, "SIZES", (8, 16))
    request = RATE.__class__(RATE.x, RATE.y, measure, 0.0, 300.0)
    quick = list(maps(LIF, request, Watch()))
    monkeypatch.setattr(mapping, "_LONG", 0.0)
    slow = list(maps(LIF, request, Watch()))
    assert len(slow) == 1 + 16 // 8
    for one in slow[1:]:
        assert one.values.shape == (16, 16)
    if measure == "rate":
        np.testing.assert_allclose(slow[-1].values, quick[-1].values, rtol=1e-4)
    else:
        np.testing.assert_array_equal(slow[-1].values, quick[-1].values)
    # Above the first band the coarse map still shows.
    coarse = slow[0].values[np.abs(slow[1].y[-1] - slow[0].y).argmin(), 0]
    assert slow[1].values[-1, 0] == coarse


def test_a_slow_map_is_called_off_between_two_bands(monkeypatch):
    monkeypatch.setattr(mapping, "SIZES", (8, 16))
    monkeypatch.setattr(mapping, "_LONG", 0.0)
    watch = Watch()
    growing = maps(LIF, RATE, watch)
    next(growing)
    next(growing)
    watch.cancel.set()
    with pytest.raises(Cancelled):
        next(growing)


# --- what is drawn -------------------------------------------------------------------------------


def test_each_value_is_a_cell_around_its_place():
    found = words(["tonic", "silent", "tonic"], ["silent", "silent", "bursting"])
    made = view.arrays(found, view.kinds_of(found))
    assert (made["x"], made["y"], made["dw"], made["dh"]) == ([-0.5], [-5.0], [3.0], [20.0])


def test_words_are_drawn_as_their_place_in_the_legend():
    found = words(["tonic", ""], ["silent", "bursting"])
    listed = view.kinds_of(found)
    assert listed == ["silent", "tonic", "bursting"]
    image = view.arrays(found, listed)["image"][0]
    np.testing.assert_array_equal(image, [[1.0, np.nan], [0.0, 2.0]])


def test_the_legend_tells_the_share_of_each_kind():
    found = words(["tonic", "tonic"], ["silent", "tonic"])
    assert [(kind, share) for kind, _, share in view.shares(found)] == [
        ("silent", 0.25),
        ("tonic", 0.75),
    ]


def test_a_place_has_the_value_of_its_cell():
    found = words(["a", "b", "c"], ["d", "e", "f"])
    assert view.at(found, 1.4, 4.0) == "b"
    assert view.at(found, 1.6, 6.0) == "f"
    assert view.at(found, 3.0, 0.0) is None


def test_a_scale_ends_at_the_highest_number():
    grid = np.arange(2.0)
    assert view.top(Map(grid, grid, np.array([[1.0, np.nan], [7.0, 2.0]]))) == 7.0
    assert view.top(Map(grid, grid, np.full((2, 2), np.nan))) == 1.0


def test_a_few_numbers_that_tower_above_the_rest_do_not_darken_it():
    """The rate over a time constant that vanishes: the scale ends where most of the map does."""
    values = 1000.0 / np.linspace(0.2, 50.0, 100) * np.ones((100, 100))
    found = Map(np.arange(100.0), np.arange(100.0), values.T)
    end = view.brightest(found)
    assert np.percentile(values, 90.0) < end < 0.1 * view.top(found)
    assert view.scale("Rate (Hz)", end, view.top(found)) == "Rate (Hz) – top colour: 370 to 5000"


def test_the_scale_of_the_cv_does_not_spread_what_rounding_leaves():
    grid = np.arange(2.0)
    regular = Map(grid, grid, np.array([[0.0, 1e-3], [2e-3, np.nan]]))
    view_of_it = view.Atlas()
    quantities = varied_of(models.LIF)
    pair = quantities["R"], quantities["tau_m"]
    view_of_it.fit(regular, *pair, "Irregularity (CV of intervals)", LEAST["cv"])
    view_of_it.update(regular)
    assert view_of_it._scale.high == 0.1
    assert view_of_it._title.text == "Irregularity (CV of intervals)"


def test_a_scale_that_holds_every_number_says_only_what_it_shows():
    even = Map(np.arange(9.0), np.arange(9.0), np.arange(81.0).reshape(9, 9))
    assert view.brightest(even) == view.top(even) == 80.0
    assert view.scale("Rate (Hz)", 80.0, 80.0) == "Rate (Hz)"


# --- colours -------------------------------------------------------------------------------------


@pytest.mark.parametrize("eye", VISION)
def test_patterns_differ_to_every_eye(eye):
    seen = {kind: lab(VISION[eye] @ linear(c)) for kind, c in kinds.PATTERNS.items()}
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= APART, (one, other)


def test_kinds_of_rest_have_colours_of_their_own_where_they_can_meet():
    plane = ["none", "stable node", "stable focus", "saddle", "unstable focus", "unstable node"]
    line = ["none", "stable", "unstable", "half-stable"]
    space = [*plane[:3], "saddle (1 unstable direction)", "saddle-focus (2 unstable directions)"]
    for together in (plane, line, space):
        assert len({kinds.colour_of(kind) for kind in together}) == len(together)


def test_a_legend_goes_from_rest_to_firing_and_knows_every_word():
    assert kinds.ordered(["tonic", "silent", "chattering"]) == ["silent", "tonic", "chattering"]
    assert kinds.ordered(["unstable node", "saddle (1 unstable direction)", "stable node"]) == [
        "stable node",
        "saddle (1 unstable direction)",
        "unstable node",
    ]


# --- the page ------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(mapping, "SIZES", (8, 16))


@pytest.fixture
def page():
    made = AtlasPage(Explorer(opening_settings("LIF")))
    made.show()
    return made


def test_a_page_starts_with_the_current_and_the_first_parameter(page):
    assert (page.x.value, page.y.value) == ("current", "tau_m")
    assert page.ends["x_high"].value == 800
    assert page.view.source.data["image"][0].shape == (16, 16)
    assert 'role="status"' in page.status.object
    assert "<b>Leaky integrate-and-fire, Regular firing</b> · Firing rate at I = " in (
        page.status.object
    )


def test_an_atlas_opens_on_what_its_model_declares(page):
    """A rate unit has no rate of spikes: what is left is where it rests, and whether."""
    page._explorer.choose_model("LeakyNoise")
    assert (page.x.value, page.y.value) == ("weight", "leak")
    assert list(page.measure.options.values()) == ["fixed-point-type"]
    assert {"stable", "none"} <= set(page._found[0].values.ravel())
    page._explorer.choose_model("LIF")
    assert (page.x.value, page.measure.value) == ("current", "rate")
    assert list(page.measure.options.values()) == list(MEASURES)


def test_progress_is_that_of_all_maps_together(monkeypatch):
    monkeypatch.setattr(mapping, "_LONG", 0.0)
    told = []
    for _ in maps(LIF, RATE, Watch(told.append)):
        pass
    assert told == sorted(told)
    assert 0.0 < told[0] < told[-1] < 1.0


def test_a_map_follows_the_other_sliders_and_its_own_move_the_cross_hair(page):
    before = page.view.source.data["image"][0]
    page._explorer.set_parameter("tau_m", 25.0)
    assert page.view.source.data["image"][0] is before
    assert page.view.present.data["y"] == [25.0]
    page._explorer.set_parameter("R", 50.0)
    assert page.view.source.data["image"][0].max() < before.max()


def test_choosing_the_other_axis_swaps_them(page):
    page.x.value = "tau_m"
    assert (page.x.value, page.y.value) == ("tau_m", "current")
    assert page.ends["y_high"].value == 800


def test_words_bring_a_legend_and_numbers_take_it_away(page):
    page.measure.value = "pattern"
    assert "tonic" in page.legend.object
    assert page.view._named.visible
    page.measure.value = "rate"
    assert page.legend.object == ""
    assert page.view._numbers.visible


def test_an_end_out_of_bounds_is_told_in_one_sentence_and_the_map_stays(page):
    before = page.view.source.data["image"][0]
    page.ends["y_low"].value = -5.0
    assert "tau_m is -5" in page.tile.caption.object
    assert page.view.source.data["image"][0] is before
    page.ends["y_low"].value = 5.0
    assert "tau_m is" not in page.tile.caption.object


def test_another_model_brings_its_own_axes(page):
    page._explorer.choose_model("FitzHughNagumo")
    assert page.y.value in models.FitzHughNagumo.quantities()
    assert page.view.figure.yaxis.axis_label


def test_a_click_on_the_map_of_another_model_goes_nowhere(page):
    before = page._found
    page._explorer.choose_model("AdEx")
    page._found = before  # the new map is still being worked out
    settings = page._explorer.settings
    page._go(Tap(page.view.figure, x=500.0, y=25.0))
    assert page._explorer.settings is settings
    page._ask()
    assert page.status.object.endswith("<b>Adaptive exponential, Tonic spiking</b></p>")


def test_a_page_behind_computes_nothing(page):
    page.hide()
    before = page.view.source.data["image"][0]
    page._explorer.set_parameter("R", 50.0)
    assert page.view.source.data["image"][0] is before
    page.show()
    assert page.view.source.data["image"][0] is not before
