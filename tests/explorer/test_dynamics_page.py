"""The Dynamics page and its tiles: what is out of date looks so, and nothing empty is shown."""

from __future__ import annotations

import pytest
from bokeh.plotting import figure

import models
from explorer.background import QUICK
from explorer.pages.dynamics import DynamicsPage, headline
from explorer.pages.spikes_study import IntervalStudy
from explorer.pages.tile import Tile
from explorer.state import Explorer, opening_settings

from .pictures import picture


class _Slow:
    """A slot that answers when it is told to."""

    busy = False

    def ask(self, *_request):
        self.busy = True

    def drop(self):
        self.busy = False


def test_a_picture_of_something_else_is_dimmed_until_the_new_one_is_there():
    tile = Tile("Title", [(figure(), 100)], QUICK, lambda result: f"{result}.", "third")
    tile.slot = _Slow()
    (pane,) = tile.panes
    tile.follow(iter, 0, subject="LIF")
    assert pane.css_classes == ["blank"]  # nothing is drawn yet
    assert "Working" in tile.caption.object
    tile.show("Done")
    tile.follow(iter, 1, subject="LIF")
    assert pane.css_classes == []
    assert "Done." in tile.caption.object
    tile.follow(iter, 2, subject="AdEx")
    assert pane.css_classes == ["stale"]
    assert "Working" in tile.caption.object
    tile.show("Done again")
    assert pane.css_classes == []
    assert "Done again." in tile.caption.object


def test_work_that_takes_long_can_be_stopped_and_started_again():
    tile = Tile("Title", [(figure(), 100)], QUICK, lambda result: f"{result}.", "third")
    tile.slot = _Slow()
    tile.follow(iter, 0)
    assert not tile.stop.visible  # what is quick offers nothing
    tile._asked_at -= 1.0
    tile._tell(0.3)
    assert "Working … 30 %" in tile.caption.object
    assert tile.stop.visible
    tile.halt()
    assert not tile.slot.busy
    assert "Stopped." in tile.caption.object
    assert tile.again.visible
    tile.follow(iter, 0)  # the same stays stopped
    assert not tile.slot.busy
    tile.start()
    assert tile.slot.busy
    assert not tile.again.visible


def test_a_first_part_stays_seen_while_the_rest_is_worked_out_and_when_that_is_stopped():
    tile = Tile("Title", [(figure(), 100)], QUICK, lambda result: f"{result}.", "third")
    tile.slot = _Slow()
    (pane,) = tile.panes
    tile.follow(iter, 0)
    tile._asked_at -= 1.0
    tile._tell(0.3)
    tile.show("A part")
    assert "Working … 30 %" in tile.caption.object
    tile.halt()
    assert pane.css_classes == []
    tile.follow(iter, 1)
    tile.halt()  # what is seen is of something else now
    assert pane.css_classes == ["stale"]


def test_what_a_tile_was_about_before_is_not_shown_any_more():
    tile = Tile("Title", [(figure(), 100)], QUICK, lambda result: f"{result}.", "third")
    tile.slot = _Slow()
    tile.follow(iter, 0, subject="LIF")
    tile._take(("LIF", "A cell"))
    tile.follow(iter, 1, subject="AdEx")
    tile._take(("LIF", "Too late"))
    assert "Working" in tile.caption.object
    tile._take(("AdEx", "Another cell"))
    assert "Another cell." in tile.caption.object


def test_regular_firing_has_no_variation_to_sixteen_digits():
    made = picture("LIF")
    study = IntervalStudy()
    study.follow(made.settings, made.run)
    assert study.histogram_tile.caption.object.endswith("coefficient of variation 0.</p>")


def test_a_first_interval_that_stands_out_is_told_apart():
    """eFEL's ISI_CV, in the table, leaves the first interval out."""
    made = picture("Izhikevich")
    study = IntervalStudy()
    study.follow(made.settings, made.run)
    assert "variation 0.32, without the first 0.063." in study.histogram_tile.caption.object


def test_a_silent_run_has_a_sentence_in_place_of_its_intervals():
    study = IntervalStudy()
    for preset, sentences in (
        ("subthreshold", ["No interval: it takes two spikes.", "it takes three spikes."]),
        ("squid", ["", ""]),
    ):
        made = picture("HodgkinHuxley", preset)
        study.follow(made.settings, made.run)
        for view, sentence in zip((study.histogram, study.returns), sentences, strict=True):
            assert view._vacant.label.text.endswith(sentence)
            assert view._vacant.label.visible == bool(sentence)
            assert all(axis.visible != bool(sentence) for axis in view.figure.axis)


def test_an_error_names_a_parameter_as_the_page_does():
    tile = Tile("Title", [(figure(), 100)], QUICK, str, "third")
    tile._complain("`tau_m` is -5 & that is <0")
    assert ">tau_m is -5 &amp; that is &lt;0<" in tile.caption.object


@pytest.mark.parametrize("name", ["HodgkinHuxley", "Izhikevich", "LIF", "HindmarshRose"])
def test_cells_can_fire(name):
    assert models.catalogue[name].fires()


def test_what_never_fires_is_told_from_a_silent_cell():
    assert not models.LeakyNoise.fires()
    assert "no spikes to study" in headline(picture("LeakyNoise"), False)[1]
    assert "silent" in headline(picture("HodgkinHuxley", "subthreshold"), False)[1]


def test_a_changed_value_is_told_with_the_name_as_on_the_other_pages():
    explorer = Explorer(opening_settings("LIF"))
    page = DynamicsPage(explorer)
    page.show()
    assert "<b>Leaky integrate-and-fire, Regular firing</b>" in page.status.object
    explorer.set_parameter("R", 150.0)
    assert "<b>Leaky integrate-and-fire, Regular firing (modified)</b>" in page.status.object


def test_a_rate_unit_has_a_diagram_and_no_tiles_about_spikes():
    page = DynamicsPage(Explorer(opening_settings("LeakyNoise")))
    page.show()
    shown = [tile for tile in page.layout if "panel-tile" in tile.css_classes and tile.visible]
    assert shown == [page.diagram.tile.layout]
    assert page.diagram.period._vacant.label.visible  # nor has it a period
    assert page.diagram.period.figure.xaxis.visible  # that of the diagram above
    assert not page.diagram.period.figure.yaxis.visible
    page._explorer.choose_model("LIF")
    shown = [tile for tile in page.layout if "panel-tile" in tile.css_classes and tile.visible]
    assert page.fi.tile.layout in shown
    assert not page.diagram.period._vacant.label.visible
    assert page.diagram.period.figure.yaxis.visible
    assert page.reset_map.tile.layout not in shown
