"""The gallery: a card of every preset, drawn from the model, ticked with what was checked."""

from __future__ import annotations

import re

import numpy as np
import pytest

import models
from explorer import thumbnails
from explorer.background import Cancelled, Watch
from explorer.pages import gallery
from explorer.pages.gallery import GalleryPage, handfuls
from explorer.state import Explorer

EVERY = thumbnails.every()


def points(path: str) -> np.ndarray:
    """(n, 2) of SVG path data."""
    return np.array([[float(n) for n in re.split(",", pair)] for pair in path[1:].split("L")])


def test_every_preset_of_every_model_has_a_card():
    wanted = {(name, slug) for name, model in models.catalogue.items() for slug in model.presets()}
    assert set(EVERY) == wanted
    assert len(EVERY) == len(wanted)


@pytest.mark.parametrize(("model", "slug"), EVERY, ids=lambda part: str(part))
def test_a_card_shows_a_trace_within_its_thumbnail_and_passes_what_it_promises(model, slug):
    card = thumbnails.card(model, slug)
    for path in (card.trace, card.current):
        drawn = points(path)
        assert len(drawn) >= 2
        assert drawn.min() >= 0.0
        assert (drawn <= [thumbnails.WIDTH, thumbnails.HEIGHT]).all()
    assert np.ptp(points(card.trace)[:, 0]) == pytest.approx(thumbnails.WIDTH, abs=0.2)
    assert card.title
    assert card.source
    assert card.behaviours
    assert bool(card.checked) == bool(models.catalogue[model].presets()[slug].expect)
    assert card.passed == bool(card.checked)


def test_a_trace_is_drawn_from_the_model():
    """A tonic spiker has as many peaks in its thumbnail as spikes in its run."""
    preset = models.Izhikevich.presets()["regular-spiking"]
    height = points(thumbnails.card("Izhikevich", "regular-spiking").trace)[:, 1]
    peaks = np.flatnonzero((height[1:-1] < height[:-2]) & (height[1:-1] <= height[2:]))
    top = height.min() + 0.2 * np.ptp(height)
    assert np.count_nonzero(height[1:-1][peaks] < top) == preset.run().spike_times.size


def test_cards_come_in_handfuls_when_they_are_slow_and_together_when_they_are_ready(monkeypatch):
    thumbnails_of = [list(cards) for cards in handfuls(Watch())]
    assert len(thumbnails_of[-1]) == len(EVERY)
    again = list(handfuls(Watch()))
    assert [len(cards) for cards in again] == [len(EVERY)]
    monkeypatch.setattr(gallery, "EVERY", 0.0)
    assert len(list(handfuls(Watch()))) > len(EVERY)


def test_cards_nobody_waits_for_are_not_drawn():
    watch = Watch()
    watch.cancel.set()
    with pytest.raises(Cancelled):
        next(handfuls(watch))


def test_one_click_opens_the_preset_in_explore():
    explorer = Explorer()
    explorer.page = "gallery"
    page = GalleryPage(explorer)
    page.show()
    assert len(page.grid.cards) == len(EVERY)
    page.grid._handle_msg({"model": "HodgkinHuxley", "slug": "squid"})
    assert (explorer.settings.model, explorer.settings.preset) == ("HodgkinHuxley", "squid")
    assert explorer.page == "explore"
    assert not explorer.modified()
