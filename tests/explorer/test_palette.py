"""Every curve can be seen on both grounds and told from its neighbours by any eye."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

import models
from explorer import palette
from explorer.palette import CURRENT, GREY, SPIKE, state_colours
from explorer.theme import GROUND

COLOURS = {name: value for name, value in vars(palette).items() if str(value).startswith("#")}

# G. M. Machado, M. M. Oliveira & L. A. F. Fernandes, A physiologically-based model for simulation
# of color vision deficiency, IEEE TVCG 15 (2009) 1291, table of severity 1.0; on linear RGB.
VISION = {
    "usual": np.eye(3),
    "protanope": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranope": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanope": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
APART = 20.0
"""Least distance in CIE L*a*b* between curves of one picture; one just sees a distance of 2.3
(M. Mahy, L. Van Eycken & A. Oosterlinck, Color Res. Appl. 19 (1994) 105)."""


def linear(colour: str) -> np.ndarray:
    """Linear RGB (3,) of a colour written as #RRGGBB (IEC 61966-2-1)."""
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours as WCAG 2.2 defines it."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (3,) under D65 of linear RGB."""
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    xyz = to_xyz @ np.clip(rgb, 0.0, 1.0) / [0.95047, 1.0, 1.08883]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_black_on_white_has_the_contrast_of_the_standard():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("ground", GROUND)
@pytest.mark.parametrize("name", COLOURS)
def test_every_colour_has_a_contrast_of_three_on_both_grounds(name, ground):
    assert contrast(COLOURS[name], GROUND[ground]) >= 3.0


@pytest.mark.parametrize("eye", VISION)
@pytest.mark.parametrize("model", models.catalogue.values(), ids=lambda model: model.__name__)
def test_curves_of_one_picture_differ_to_every_eye(model, eye):
    """States, injected current and arrows (grey), trajectory and spikes stand together."""
    curves = {**state_colours(model), "current": CURRENT, "arrows": GREY, "spikes": SPIKE}
    colours = sorted(set(curves.values()))
    seen = {colour: lab(VISION[eye] @ linear(colour)) for colour in colours}
    for one, other in combinations(colours, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= APART, (one, other)


@pytest.mark.parametrize("model", models.catalogue.values(), ids=lambda model: model.__name__)
def test_every_state_has_an_accent_of_its_own(model):
    colours = state_colours(model)
    assert tuple(colours) == model.state_names()
    assert len(set(colours.values())) == len(colours)
    assert SPIKE not in colours.values()


def test_a_state_keeps_its_colour_from_model_to_model():
    voltage = {state_colours(model)[model.states[0].name] for model in models.catalogue.values()}
    assert len(voltage) == 1
    recovery = [models.Izhikevich, models.AdaptiveQuadratic]
    assert len({state_colours(model)["u"] for model in recovery}) == 1
    adaptation = [models.AdEx, models.MorrisLecar, models.FitzHughNagumo]
    assert len({state_colours(model)["w"] for model in adaptation}) == 1
