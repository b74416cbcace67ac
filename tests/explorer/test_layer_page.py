"""The Layer page without a browser: it follows, it refuses, it opens cells and finds back."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from explorer.controls.layer_panel import groups_of
from explorer.layer_state import layer_methods
from explorer.pages.layer import LayerPage
from explorer.state import Explorer, opening_settings
from models import LIF, Izhikevich, LeakyNoise

SMALL = {"features": 2, "rows": 4, "columns": 5, "duration": 100.0}


@pytest.fixture
def page():
    """The page in front, a small layer of LIF cells on it; without a server all is done at once."""
    made = LayerPage(Explorer(opening_settings("LIF")))
    made.desk.change("features", **SMALL)
    made.show()
    return made


def test_a_slider_of_the_layer_redraws_it(page):
    before = page.picture
    page.panel.sheet._on_move("winners", 0)
    assert page.picture is not before
    assert page.picture.settings.winners == 0
    assert "no competition" in page.status.text


def test_a_slider_of_the_cell_redraws_it(page):
    page.explorer.set_parameter("v_threshold", -50.0)
    assert page.picture.run.layer.cell.v_threshold == -50.0


def test_behind_another_page_nothing_is_computed(page):
    before = page.picture
    page.hide()
    page.explorer.set_parameter("v_threshold", -50.0)
    page.desk.change("winners", winners=0)
    assert page.picture is before
    page.show()
    assert page.picture.run.layer.cell.v_threshold == -50.0
    assert page.picture.settings.winners == 0


def test_what_cannot_be_simulated_is_said_and_the_last_picture_stays(page):
    before = page.picture
    page.panel.sheet._on_move("low", 50.0)
    assert page.picture is before
    assert "`low` is 50" in page.panel.sheet.notes["low"]
    page.panel.sheet._on_move("low", 8.0)
    assert page.panel.sheet.notes == {}
    page.explorer.set_parameter("v_reset", -40.0)
    assert "v_reset" in page._alarm.object


def test_a_click_opens_the_cell_with_its_own_parameter_and_input(page):
    page.desk.change("spread", spread=0.3)
    picture = page.picture
    page._tap_raster(SimpleNamespace(x=50.0, y=27.6))
    explorer = page.explorer
    assert explorer.page == "explore"
    place = picture.place_of(27)
    assert explorer.settings.parameters["tau_m"] == picture.run.layer.values["tau_m"][place]
    amplitude = explorer.settings.stimulus.amplitude
    assert amplitude == pytest.approx(300.0 * picture.weights[place], rel=1e-5)
    assert explorer.run.duration == 100.0
    assert page.picture is picture


def test_a_click_at_a_dot_opens_its_cell(page):
    dots = page.rates.sources["cell_rates"].data
    page._tap_rates(SimpleNamespace(x=float(dots["value"][31]), y=float(dots["rate"][31])))
    assert page.explorer.settings.parameters["tau_m"] == pytest.approx(
        float(page.picture.varied[int(dots["cell"][31])])
    )


def test_a_click_beside_the_cells_opens_nothing(page):
    page._tap_raster(SimpleNamespace(x=50.0, y=-3.0))
    page._tap_raster(SimpleNamespace(x=50.0, y=40.5))
    assert page.explorer.page == "explore"  # as it was
    assert page._opened is None


def test_a_cell_that_was_only_looked_at_leaves_the_layer_as_it_was(page):
    base = page.explorer.settings
    page.open(3)
    page.show()
    assert page.explorer.settings == base
    assert page.desk.basis.parameters == base.parameters


def test_a_cell_that_was_changed_becomes_the_cell_of_the_layer(page):
    page.open(3)
    page.explorer.set_parameter("v_threshold", -52.0)
    page.show()
    assert page.desk.basis.parameters["v_threshold"] == -52.0


def test_another_model_brings_its_own_controls(page):
    page.explorer.choose_model("Izhikevich")
    assert set(page.panel.sheet._rows) >= {"winners", "low"}
    assert page.picture.basis.model == "Izhikevich"


def test_the_set_up_for_chaos_leaves_the_gain_alone_to_decide():
    page = LayerPage(Explorer(opening_settings("LeakyNoise")))
    page.desk.change("features", features=2, rows=6, columns=6)
    page.show()
    page.panel.sheet._on_press("chaos")
    now = page.explorer.settings
    assert now.parameters["activation"] == "tanh"
    assert now.parameters["sigma_pre"] == 0.0
    assert now.stimulus.amplitude == 0.0
    assert page.picture.settings.gain > 1.0


def test_resetting_a_group_returns_to_what_the_layer_opened_with(page):
    page.panel.sheet._on_move("winners", 5)
    page.panel.sheet._on_press("Competition")
    assert page.desk.settings.winners == page.desk.origin.winners
    assert page.desk.settings.rows == 4


@pytest.mark.parametrize("model", [LIF, Izhikevich, LeakyNoise])
def test_controls_have_names_of_their_own_and_every_method_of_the_layer(model):
    rows = [row for group in groups_of(model, "") for row in group.rows]
    labels = [row.label for row in rows]
    assert len(set(labels)) == len(labels)
    assert not set(labels) & {"Duration", "Method", "Seed", "Time step", "Model"}
    ways = next(row for row in rows if row.name == "method").options
    assert tuple(option.value for option in ways) == layer_methods(model)
    assert ("gain" in [row.name for row in rows]) == bool(model.readings)
