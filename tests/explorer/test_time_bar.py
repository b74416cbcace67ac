"""What the time bar reads out, and in which letters."""

from __future__ import annotations

import pytest

import models
from explorer.notation import to_text
from explorer.palette import CURRENT, state_colours
from explorer.theme import legible
from explorer.views.time_bar import TimeBar

from .pictures import picture


@pytest.mark.parametrize("model", models.catalogue)
def test_each_state_and_the_current_is_read_out_by_its_symbol_in_a_legible_colour(model):
    """`test_theme.py` computes the contrast of every accent that `legible` makes letters of."""
    made = picture(model)
    bar = TimeBar(lambda time: None)
    bar.fit(made)
    colours = state_colours(made.model)
    wanted = [(to_text(each.symbol), legible(colours[each.name])) for each in made.model.states]
    wanted.append((to_text(made.model.current.symbol), legible(CURRENT)))
    assert [(row["label"], row["colour"]) for row in bar.readouts] == wanted


def test_hindmarsh_and_rose_keep_their_symbols():
    bar = TimeBar(lambda time: None)
    bar.fit(picture("HindmarshRose"))
    assert [row["label"] for row in bar.readouts] == ["x", "y", "z", "I"]
