r"""Equations: every state in the colour of its curve, every parameter as it was written."""

from __future__ import annotations

import re

import pytest

import models
from explorer.palette import CURRENT, state_colours
from explorer.views.equations import Equations, coloured

MARK = re.compile(r"\\textcolor\{(#[0-9A-F]{6})\}\{([^{}]*)\}")
EVERY = pytest.mark.parametrize(
    "model", models.catalogue.values(), ids=lambda model: model.__name__
)

# How often each symbol stands alone in the equations, counted by hand.
COUNTED = {
    "LIF": {"v": 4, "I": 1},
    "Izhikevich": {"v": 6, "u": 5, "I": 1},
    "AdEx": {"v": 6, "w": 5, "I": 1},
    "HodgkinHuxley": {"v": 10, "m": 4, "h": 4, "n": 4, "I": 1},
    "MorrisLecar": {"v": 9, "w": 3, "I": 1},
    "HindmarshRose": {"x": 5, "y": 3, "z": 3, "I": 1},
    "LeakyNoise": {"x": 4, "I": 1},
}


@EVERY
def test_colours_change_nothing_but_the_colour(model):
    assert MARK.sub(lambda found: found[2], coloured(model)) == model.equations


@EVERY
def test_each_state_has_the_colour_of_its_curve_and_nothing_else_has_one(model):
    accents = state_colours(model)
    wanted = {state.symbol: accents[state.name] for state in model.states}
    wanted[model.current.symbol] = CURRENT
    found = {(symbol, colour) for colour, symbol in MARK.findall(coloured(model))}
    assert found == set(wanted.items())


@EVERY
def test_parameters_with_a_subscript_are_left_alone(model):
    r"""`v_\mathrm{rest}` is a parameter, and so is the m of `\tau_m`."""
    made = coloured(model)
    for subscripted in re.findall(
        r"(?:\\?[A-Za-z]+)_(?:\\mathrm\{[^}]*\}|\\?\w+)", model.equations
    ):
        assert made.count(subscripted) == model.equations.count(subscripted)


@pytest.mark.parametrize("name", COUNTED)
def test_every_occurrence_is_coloured(name):
    symbols = [symbol for _, symbol in MARK.findall(coloured(models.catalogue[name]))]
    assert {symbol: symbols.count(symbol) for symbol in set(symbols)} == COUNTED[name]


@EVERY
def test_braces_stay_balanced(model):
    made = coloured(model).replace(r"\{", "").replace(r"\}", "")
    assert made.count("{") == made.count("}")


def test_the_view_shows_another_models_equations():
    view = Equations()
    view.fit(models.Izhikevich)
    assert coloured(models.Izhikevich) in view.pane.object
    view.fit(models.LIF)
    assert coloured(models.LIF) in view.pane.object
    assert coloured(models.Izhikevich) not in view.pane.object
