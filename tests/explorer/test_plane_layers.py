"""Layers of the phase plane: what is drawn, on which axes, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import models
from explorer.picture import Picture
from explorer.sharing import links
from explorer.state import Settings, opening_settings
from explorer.views import plane_layers
from explorer.views.plane_layers import LAYERS
from models import Constant

V, W = (-80.0, 60.0), (-0.1, 0.9)


def bistable(**changes: str) -> Picture:
    """Morris-Lecar between its cycle fold and its Hopf point: rest and firing are both stable."""
    settings = replace(opening_settings("MorrisLecar"), stimulus=Constant(90.0), **changes)
    return Picture(settings.simulate(), settings)


def test_a_bistable_cell_shows_a_stable_cycle_around_an_unstable_one_around_a_basin():
    made = plane_layers.lines(bistable(), ("cycles", "basins"), [], V, W)
    (outer,), (inner,), (basin,) = (
        made[role] for role in ("stable_cycles", "unstable_cycles", "basins")
    )
    for axis in (0, 1):
        assert outer[:, axis].min() < inner[:, axis].min() < inner[:, axis].max()
        assert inner[:, axis].max() < outer[:, axis].max()
    # The unstable cycle is the edge of the basin, to the width of the polylines.
    np.testing.assert_allclose(basin.min(0), inner.min(0), atol=0.5)
    np.testing.assert_allclose(basin.max(0), inner.max(0), atol=0.5)


@pytest.mark.parametrize("layer", ["cycles", "basins", "manifolds", "streamlines", "orbits"])
def test_swapped_axes_swap_every_layer(layer: str):
    upright = plane_layers.lines(bistable(), (layer,), [(-20.0, 0.2)], V, W)
    lying = plane_layers.lines(bistable(x="w", y="v"), (layer,), [(0.2, -20.0)], W, V)
    assert {role: len(found) for role, found in upright.items()} == {
        role: len(found) for role, found in lying.items()
    }
    for role, found in upright.items():
        for one, other in zip(found, lying[role], strict=True):
            np.testing.assert_allclose(one, other[:, ::-1])


def test_an_orbit_passes_through_its_click_both_ways():
    made = plane_layers.lines(bistable(), ("orbits",), [(-20.0, 0.3)], V, W)
    (forward,), (backward,) = made["forward_orbits"], made["backward_orbits"]
    np.testing.assert_allclose(forward[0], [-20.0, 0.3])
    np.testing.assert_allclose(backward[0], [-20.0, 0.3])
    assert not np.allclose(forward[5], backward[5])


def test_only_what_is_asked_for_is_drawn():
    made = plane_layers.lines(bistable(), ("flow",), [(-20.0, 0.3)], V, W)
    assert not any(made.values())


def test_what_is_asked_for_and_not_there_is_said():
    settings = replace(opening_settings("MorrisLecar"), stimulus=Constant(0.0))
    picture = Picture(settings.simulate(), settings)
    made = plane_layers.lines(picture, ("cycles", "manifolds"), [], V, W)
    words = plane_layers.legend(made, ("cycles", "manifolds"), resets=False)
    assert words == "no saddle, so no manifolds, no cycle"
    assert "no cycle without a reset" in plane_layers.legend(made, ("cycles",), resets=True)


def test_nothing_is_said_to_be_missing_while_it_is_still_being_computed():
    assert plane_layers.legend({}, ("cycles", "manifolds", "basins"), resets=False) == ""


@pytest.mark.parametrize("model", models.catalogue)
def test_every_model_of_two_states_or_more_offers_layers_that_can_be_drawn(model: str):
    settings: Settings = opening_settings(model)
    if not settings.y:
        return
    picture = Picture(settings.simulate(), settings)
    reach = [picture.reach(name) for name in (settings.x, settings.y)]
    offered = plane_layers.offered(picture.model)
    made = plane_layers.lines(picture, offered, [], *reach)
    assert all(np.isfinite(line).all() for found in made.values() for line in found)


def test_layers_travel_in_a_link():
    query = links.looks("explore", ["flow", "basins"]) + links.query(opening_settings("LIF"))
    assert links.read_looks(query, ["explore"], LAYERS, ["flow"])[1:] == (["flow", "basins"], [])
    assert links.read(query)[1] == []
    _, layers, ignored = links.read_looks("?layers=<script>,cycles", ["explore"], LAYERS, [])
    assert (layers, len(ignored)) == (["cycles"], 1)
