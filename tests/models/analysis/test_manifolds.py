"""Manifolds of saddles and the orbits they are drawn with, against closed forms and SciPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import models
from models import analysis
from models.analysis.manifolds import clipped
from models.analysis.orbits import FIRED, LEFT, OVER, RESTED, arrivals, orbits
from models.model import Input, NeuronModel, State

SADDLES: list[tuple[NeuronModel, float]] = [
    (models.Izhikevich(), 0.0),
    (models.AdEx(), 0.0),
    (models.AdaptiveQuadratic(), 0.0),
    (models.MorrisLecar(g_Ca=4.0, V3=12.0, V4=17.4, phi=1 / 15), 30.0),
    (models.MorrisLecar(g_Ca=4.0, V3=12.0, V4=17.4, phi=0.23), 37.0),
]


class Curved(NeuronModel):
    """A made-up saddle with manifolds in closed form: v = 0, and w = v^2 / 3."""

    states = (State("v", "", "across", span=(-1.0, 1.0)), State("w", "", "up", span=(-1.0, 1.0)))
    current = Input("", 0.0, (0.0, 1.0))

    @staticmethod
    def derivatives(x: Any, current: Any, p: Any) -> Any:
        return jnp.stack([x[0] + current, x[0] * x[0] - x[1]])

    @staticmethod
    def initial_state(p: Any) -> Any:
        return jnp.zeros(2)


def compiled(cell: NeuronModel, current: float) -> Callable[[np.ndarray], Any]:
    return jax.jit(lambda x: cell.derivatives(x, jnp.asarray(current), cell.p))


def followed(
    cell: NeuronModel,
    current: float,
    saddle: np.ndarray,
    near: np.ndarray,
    far: np.ndarray,
    way: float,
) -> np.ndarray:
    """SciPy's path from a thousandth of the way to `near` until it is as far off as `far`."""

    moving = compiled(cell, current)

    def flow(_: float, x: np.ndarray) -> np.ndarray:
        return way * np.asarray(moving(x))

    def arrived(_: float, x: np.ndarray) -> float:
        return float(np.abs((x - saddle) / (far - saddle)).max() - 1.0)

    arrived.terminal = True  # type: ignore[attr-defined]
    start = saddle + 1e-3 * (near - saddle)
    found = solve_ivp(flow, (0.0, 1e5), start, "LSODA", None, True, arrived, rtol=1e-9, atol=1e-12)
    return found.sol(np.linspace(0.0, found.t[-1], 20_001)).T


def test_manifolds_lie_on_their_closed_forms() -> None:
    (found,) = analysis.manifolds(Curved(), 0.0)
    assert len(found.unstable) == len(found.stable) == 2
    for branch in found.unstable:
        np.testing.assert_allclose(branch[:-1, 1], branch[:-1, 0] ** 2 / 3.0, atol=1e-6)
        assert branch[-1, 1] == pytest.approx(1.0 / 3.0, abs=1e-4)  # cut on a chord
        assert abs(branch[-1, 0]) == pytest.approx(1.0)
    for branch in found.stable:
        np.testing.assert_allclose(branch[:, 0], 0.0, atol=1e-6)
        assert abs(branch[-1, 1]) == pytest.approx(1.0)


@pytest.mark.parametrize(("cell", "current"), SADDLES)
def test_every_branch_begins_at_its_saddle(cell: NeuronModel, current: float) -> None:
    manifolds = analysis.manifolds(cell, current)
    assert manifolds
    for found in manifolds:
        assert found.saddle.kind == "saddle"
        for branch in (*found.stable, *found.unstable):
            np.testing.assert_allclose(branch[0], list(found.saddle.state.values()))


@pytest.mark.parametrize(("cell", "current"), SADDLES)
def test_branches_agree_with_scipy(cell: NeuronModel, current: float) -> None:
    # A manifold attracts what starts beside it in the direction in which it leaves the saddle.
    box = np.array([state.span for state in cell.states])
    width = box[:, 1] - box[:, 0]
    for found in analysis.manifolds(cell, current):
        saddle = np.array(list(found.saddle.state.values()))
        for way, branches in ((1.0, found.unstable), (-1.0, found.stable)):
            for branch in branches:
                away = np.abs((branch - saddle) / width).max(axis=1)
                near = np.argmax(away > 1e-3)
                far = np.argmax(away > min(0.04, 0.99 * away.max()))
                path = followed(cell, current, saddle, branch[near], branch[far], way)
                for point in branch[near : far + 1]:
                    gaps = np.abs((path - point) / width).max(axis=1)
                    assert gaps.min() < 1e-4


def test_the_stable_manifold_separates_rest_from_a_spike() -> None:
    cell = models.Izhikevich()
    (found,) = analysis.manifolds(cell, 0.0)
    box = np.array([[-300.0, 200.0], [-100.0, 100.0]])
    for branch in found.stable:
        points = branch[len(branch) // 3 :: 40]
        _, _, left = arrivals(cell, 0.0, points - np.array([0.2, 0.0]), box, 2000.0)
        _, _, right = arrivals(cell, 0.0, points + np.array([0.2, 0.0]), box, 2000.0)
        assert (left == RESTED).all() and (right == FIRED).all()


def test_an_unstable_branch_of_a_reset_model_ends_on_the_spike_level() -> None:
    (found,) = analysis.manifolds(models.Izhikevich(), 0.0)
    ends = sorted(branch[-1, 0] for branch in found.unstable)
    assert ends[0] == pytest.approx(-70.0, abs=1e-2)
    assert ends[1] == pytest.approx(30.0, abs=1e-6)


def test_without_a_saddle_there_is_no_manifold() -> None:
    assert analysis.manifolds(models.Izhikevich(), 10.0) == []
    with pytest.raises(ValueError, match="two"):
        analysis.manifolds(models.HodgkinHuxley(), 0.0)
    with pytest.raises(ValueError, match="`ylim`"):
        analysis.manifolds(models.Izhikevich(), 0.0, ylim=(1.0, 0.0))


def test_an_orbit_agrees_with_scipy_at_every_point() -> None:
    cell = models.HodgkinHuxley()
    box = np.array([[-120.0, 80.0], [-0.1, 1.1], [-0.1, 1.1], [-0.1, 1.1]])
    start = np.array([-60.0, 0.05, 0.6, 0.3])
    (orbit,) = orbits(cell, 10.0, start, box, duration=40.0)
    assert orbit.end == OVER and orbit.time[-1] == pytest.approx(40.0)

    moving = compiled(cell, 10.0)

    def flow(_: float, x: np.ndarray) -> np.ndarray:
        return np.asarray(moving(x))

    some = slice(0, None, 50)
    expected = solve_ivp(
        flow, (0.0, 40.0), start, "DOP853", orbit.time[some], rtol=1e-11, atol=1e-12
    )
    np.testing.assert_allclose(orbit.x[some], expected.y.T, atol=1e-5)


def test_an_orbit_runs_back_along_itself() -> None:
    cell = models.FitzHughNagumo()
    box = np.array([[-5.0, 5.0], [-5.0, 5.0]])
    (there,) = orbits(cell, 0.5, np.array([0.0, 0.0]), box, duration=4.0)
    (back,) = orbits(cell, 0.5, there.x[-1], box, duration=4.0, direction=-1.0)
    np.testing.assert_allclose(back.x[-1], [0.0, 0.0], atol=1e-6)


def test_an_orbit_tells_how_it_ended() -> None:
    cell = models.Izhikevich()
    box = np.array([[-80.0, 50.0], [-30.0, 20.0]])
    starts = np.array([[-65.0, -14.0], [-40.0, -14.0], [-65.0, 19.0]])
    found = orbits(cell, 0.0, starts, box)
    assert [orbit.end for orbit in found] == [RESTED, FIRED, LEFT]
    assert found[1].x[-1, 0] == pytest.approx(30.0, abs=1e-7)


def test_a_line_is_cut_where_it_leaves_the_picture() -> None:
    box = np.array([[0.0, 2.0], [0.0, 1.0]])
    line = np.array([[-1.0, 0.5], [0.5, 0.5], [0.5, 2.5], [1.5, 0.5], [3.0, 0.5]])
    first, second = clipped(line, box)
    np.testing.assert_allclose(first, [[0.0, 0.5], [0.5, 0.5], [0.5, 1.0]])
    np.testing.assert_allclose(second, [[1.25, 1.0], [1.5, 0.5], [2.0, 0.5]])
    assert clipped(line + 10.0, box) == []
