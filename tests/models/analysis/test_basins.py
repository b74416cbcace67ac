"""Basins of rest against the fate of many orbits."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import analysis
from models.analysis.orbits import arrivals
from models.model import NeuronModel

RESONATOR = {"a": 0.1, "b": 0.26, "c": -60.0, "d": 0.0}
HOMOCLINIC = {"g_Ca": 4.0, "V3": 12.0, "V4": 17.4, "phi": 0.23}


def inside(outline: np.ndarray, points: np.ndarray) -> np.ndarray:
    """By the winding number, another way than the one under test."""
    spokes = outline[None] - points[:, None]
    angles = np.arctan2(spokes[..., 1], spokes[..., 0])
    turns = np.diff(np.concatenate([angles, angles[:, :1]], axis=1), axis=1)
    turns = (turns + np.pi) % (2.0 * np.pi) - np.pi
    return np.abs(turns.sum(axis=1)) > np.pi


@pytest.mark.parametrize(
    ("cell", "current", "xlim", "ylim"),
    [
        (models.Izhikevich(), 0.0, None, None),
        (models.Izhikevich(), 0.0, (-80.0, -40.0), (-20.0, 0.0)),
        (models.Izhikevich(**RESONATOR), 0.24, (-66.0, -58.0), (-17.5, -14.5)),
        (models.Izhikevich(**RESONATOR), 0.0, None, None),
        (models.AdEx(), 0.0, None, None),
        (models.AdaptiveQuadratic(), 0.0, None, None),
        (models.FitzHughNagumo(), 0.0, None, None),
        (models.FitzHughNagumo(), 0.327, (-1.3, -0.6), (-0.5, -0.1)),
        (models.MorrisLecar(), 90.0, (-40.0, -10.0), (0.05, 0.25)),
        (models.MorrisLecar(**HOMOCLINIC), 37.0, None, None),
    ],
)
def test_orbits_come_to_rest_from_inside_a_basin_and_only_from_there(
    cell: NeuronModel,
    current: float,
    xlim: tuple[float, float] | None,
    ylim: tuple[float, float] | None,
) -> None:
    found = analysis.basins(cell, current, xlim, ylim)
    assert found
    box = np.array([xlim or cell.states[0].span, ylim or cell.states[1].span])
    width = np.array([state.span[1] - state.span[0] for state in cell.states])
    points = np.random.default_rng(3).uniform(box[:, 0], box[:, 1], (150, 2))
    spans = np.array([state.span for state in cell.states])
    room = spans + np.outer(width, [-3.0, 3.0])
    _, ends, _ = arrivals(cell, current, points, room, 5000.0, tolerance=1e-7)
    for basin in found:
        rest = np.array(list(basin.rest.state.values()))
        comes = np.abs((ends - rest) / width).max(axis=1) < 1e-3
        within = inside(basin.outline, points)
        assert (comes == within).all()
        assert within.sum() > 0


def test_the_boundary_is_the_stable_manifold_and_not_the_edge_of_the_picture() -> None:
    (basin,) = analysis.basins(models.Izhikevich(), 0.0)
    (manifold,) = analysis.manifolds(models.Izhikevich(), 0.0)
    (line,) = basin.boundary
    assert len(line) == sum(len(piece) for piece in manifold.stable) - 1
    ends = sorted((line[0, 0], line[-1, 0]))
    assert ends == pytest.approx(sorted(piece[-1, 0] for piece in manifold.stable))


def test_where_everything_comes_to_rest_the_basin_is_the_whole_picture() -> None:
    (basin,) = analysis.basins(models.FitzHughNagumo(), 0.0)
    assert len(basin.outline) == 4 and basin.boundary == []


def test_without_a_stable_rest_there_is_no_basin() -> None:
    assert analysis.basins(models.Izhikevich(), 10.0) == []
    assert analysis.basins(models.FitzHughNagumo(), 0.5) == []
