"""Nullclines and the flow of a phase plane against closed forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import models
from models import analysis
from models.model import Input, NeuronModel, State

PLANES = [
    (name, x.name, y.name)
    for name, model in models.catalogue.items()
    for x in model.states
    for y in model.states
    if x.name != y.name
]


def distance(curve: np.ndarray, branches: list[np.ndarray], limits: np.ndarray) -> float:
    """Farthest that a point of `curve` lies from the drawn polylines, in shares of the axes."""
    scale = limits[:, 1] - limits[:, 0]
    nearest = np.full(len(curve), np.inf)
    for line in branches:
        start, chord = line[:-1] / scale, np.diff(line / scale, axis=0)
        for i, point in enumerate(curve / scale):
            share = ((point - start) * chord).sum(axis=1) / (chord**2).sum(axis=1)
            foot = start + np.clip(share, 0.0, 1.0)[:, None] * chord
            nearest[i] = min(nearest[i], np.hypot(*(point - foot).T).min())
    return float(nearest.max())


def visible(x: np.ndarray, y: np.ndarray, limits: np.ndarray) -> np.ndarray:
    points = np.stack([x, y], axis=1)
    return points[((points >= limits[:, 0]) & (points <= limits[:, 1])).all(axis=1)]


def closed_forms() -> list[tuple[str, NeuronModel, float, str, Callable[[Any], Any]]]:
    izhikevich = models.Izhikevich()
    fitzhugh = models.FitzHughNagumo()
    lecar = models.MorrisLecar()
    adex = models.AdEx()

    def calcium(v: Any) -> Any:
        m = 0.5 * (1.0 + np.tanh((v + 1.2) / 18.0))
        return (100.0 - 4.4 * m * (v - 120.0) - 2.0 * (v + 60.0)) / (8.0 * (v + 84.0))

    def spike(v: Any) -> Any:
        return 800.0 - 30.0 * (v + 70.6) + 60.0 * np.exp((v + 50.4) / 2.0)

    return [
        ("parabola", izhikevich, 10.0, "v", lambda v: 0.04 * v * v + 5.0 * v + 150.0),
        ("line", izhikevich, 10.0, "u", lambda v: 0.2 * v),
        ("cubic", fitzhugh, 0.5, "v", lambda v: v - v**3 / 3.0 + 0.5),
        ("slope", fitzhugh, 0.5, "w", lambda v: (v + 0.7) / 0.8),
        ("calcium", lecar, 100.0, "v", calcium),
        ("potassium", lecar, 100.0, "w", lambda v: 0.5 * (1.0 + np.tanh((v - 2.0) / 30.0))),
        ("exponential", adex, 800.0, "v", spike),
        ("adaptation", adex, 800.0, "w", lambda v: 4.0 * (v + 70.6)),
    ]


@pytest.mark.parametrize(
    ("cell", "current", "name", "form"),
    [case[1:] for case in closed_forms()],
    ids=[case[0] for case in closed_forms()],
)
@pytest.mark.parametrize("zoom", [1.0, 0.05, 8.0])
def test_nullclines_lie_on_their_closed_forms(
    cell: NeuronModel, current: float, name: str, form: Callable[[Any], Any], zoom: float
) -> None:
    limits = np.array([state.span for state in cell.states])
    if zoom != 1.0:  # about a point of the curve, so that it stays in view
        inner = np.linspace(*limits[0], 2001)[1:-1]
        seen = visible(inner, form(inner), limits)
        centre = seen[len(seen) // 3]
        limits = centre[:, None] + zoom * (limits - limits.mean(axis=1, keepdims=True))
    branches = analysis.nullclines(
        cell, current=current, xlim=tuple(limits[0]), ylim=tuple(limits[1])
    )[name]
    height = limits[1, 1] - limits[1, 0]
    width = limits[0, 1] - limits[0, 0]
    for line in branches:
        slope = (form(line[:, 0] + 1e-6 * width) - form(line[:, 0] - 1e-6 * width)) / (2e-6 * width)
        off = np.abs(line[:, 1] - form(line[:, 0])) / (height + np.abs(slope) * width)
        assert off.max() < 1e-9
    x = np.linspace(*limits[0], 20_001)
    with np.errstate(over="ignore", divide="ignore"):
        curve = visible(x, form(x), limits)
    assert distance(curve[:: max(1, len(curve) // 400)], branches, limits) < 1e-3


@pytest.mark.parametrize(("name", "x", "y"), PLANES)
def test_the_flow_vanishes_on_every_nullcline_point(name: str, x: str, y: str) -> None:
    cell = models.catalogue[name]()
    current = cell.current.default
    states = {s: (cell.state(s).span) for s in (x, y)}
    field = analysis.vector_field(cell, x, y, current, n=41)
    for row, state in enumerate((x, y)):
        typical = np.median(np.abs(field[2 + row]))
        for line in analysis.nullclines(cell, x, y, current)[state]:
            for point in line[:: max(1, len(line) // 5)]:
                box = [
                    (value, value + 1e-9 * (states[s][1] - states[s][0]))
                    for value, s in zip(point, (x, y), strict=True)
                ]
                here = analysis.vector_field(cell, x, y, current, *box, n=2)[2 + row][0, 0]
                assert abs(here) < 1e-7 * typical


def test_a_pole_separates_two_branches() -> None:
    # With a strong negative current n^4 is positive on either side of E_K only; between the
    # branches lie the pole at E_K and voltages where no n balances the current.
    cell = models.HodgkinHuxley()
    found = analysis.nullclines(cell, "v", "n", -20.0, (-130.0, 60.0), (0.0, 1.0))
    branches = found["v"]
    assert len(branches) == 2
    sides = sorted(line[:, 0].max() < cell.p.E_K for line in branches)
    assert sides == [False, True]
    for line in branches:
        steps = np.abs(np.diff(line / np.array([190.0, 1.0]), axis=0)).max(axis=1)
        assert steps.max() < 0.03


def test_no_polyline_jumps_across_the_picture() -> None:
    for name, x, y in PLANES:
        cell = models.catalogue[name]()
        spans = np.array([cell.state(s).span for s in (x, y)])
        for branches in analysis.nullclines(cell, x, y, cell.current.default).values():
            for line in branches:
                steps = np.diff(line / (spans[:, 1] - spans[:, 0]), axis=0)
                assert np.hypot(*steps.T).max() < 0.03, (name, x, y)


@pytest.mark.parametrize("name", sorted({name for name, _, _ in PLANES}))
def test_no_branch_is_missed_on_random_parameters(name: str) -> None:
    # Wherever the flow changes sign between neighbours of a dense grid, a branch passes by.
    model, n = models.catalogue[name], 401
    random = np.random.default_rng(7)
    for _ in range(4):
        values = {key: random.uniform(*q.softbounds) for key, q in model.quantities().items()}
        mixed = {key: value for key, value in values.items() if random.random() < 0.5}
        try:
            cell = model(**mixed)
        except ValueError:
            continue  # a reset above the threshold, for instance
        current = random.uniform(*model.current.softbounds)
        x, y = random.choice(model.state_names(), 2, replace=False)
        limits = np.array([model.state(x).span, model.state(y).span])
        found = analysis.nullclines(cell, x, y, current)
        across, up, *flow = analysis.vector_field(cell, x, y, current, n=n)
        for state, values_there in zip((x, y), flow, strict=True):
            changes = (values_there[:, 1:] > 0.0) != (values_there[:, :-1] > 0.0)
            row, column = np.nonzero(changes)
            middle = 0.5 * (across[row, column] + across[row, column + 1])
            points = np.stack([middle, up[row, column]], axis=1)
            if len(points):
                some = points[:: max(1, len(points) // 60)]
                assert distance(some, found[state], limits) < 1.0 / n


def test_a_recovery_that_does_not_contain_itself_has_a_vertical_nullcline() -> None:
    cell = models.Izhikevich(b=1.0, v_u=-65.0, u_leak=0.0)
    (line,) = analysis.nullclines(cell, current=0.0)["u"]
    np.testing.assert_allclose(line[:, 0], -65.0, atol=1e-9)
    np.testing.assert_allclose(np.sort(line[:, 1])[[0, -1]], cell.state("u").span)


def test_gates_against_each_other_have_one_vertical_and_one_horizontal_nullcline() -> None:
    cell = models.HodgkinHuxley()
    (rest,) = analysis.fixed_points(cell, 0.0)
    found = analysis.nullclines(cell, "m", "h", 0.0)
    (vertical,), (horizontal,) = found["m"], found["h"]
    np.testing.assert_allclose(vertical[:, 0], rest.state["m"], atol=1e-9)
    np.testing.assert_allclose(horizontal[:, 1], rest.state["h"], atol=1e-9)


def test_a_nullcline_through_the_nodes_of_the_grid_stays_whole() -> None:
    found = analysis.nullclines(models.FitzHughNagumo(a=0.0, b=1.0), xlim=(-2, 2), ylim=(-2, 2))
    (line,) = found["w"]
    np.testing.assert_allclose(line[:, 0], line[:, 1], atol=1e-9)


class Ring(NeuronModel):
    """A made-up model: its nullclines are a circle, and a hyperbola with a jump."""

    states = (State("v", "", "across", span=(-2.0, 2.0)), State("w", "", "up", span=(-2.0, 2.0)))
    current = Input("", 1.0, (0.0, 2.0))

    @staticmethod
    def derivatives(x: Any, current: Any, p: Any) -> Any:
        v, w = x
        return jnp.stack([v * v + w * w - current, jnp.where(v < 0.3, w - v, w - v - 1.0)])

    @staticmethod
    def initial_state(p: Any) -> Any:
        return jnp.zeros(2)


def test_a_closed_nullcline_ends_where_it_begins() -> None:
    (circle,) = analysis.nullclines(Ring(), current=1.0)["v"]
    np.testing.assert_allclose(np.hypot(*circle.T), 1.0, atol=1e-9)
    np.testing.assert_allclose(circle[0], circle[-1])
    chords = np.hypot(*(0.5 * (circle[1:] + circle[:-1])).T)
    assert np.abs(chords - 1.0).max() < 1e-3 * 4.0  # the axes span 4


def test_a_jump_of_the_flow_is_a_gap_and_not_a_nullcline() -> None:
    left, right = sorted(analysis.nullclines(Ring())["w"], key=lambda line: line[:, 0].min())
    np.testing.assert_allclose(left[:, 1], left[:, 0], atol=1e-9)
    np.testing.assert_allclose(right[:, 1], right[:, 0] + 1.0, atol=1e-9)
    assert left[:, 0].max() <= 0.3 <= right[:, 0].min()


def test_other_states_follow_the_voltage_unless_held() -> None:
    cell = models.HodgkinHuxley()
    free = analysis.nullclines(cell, "v", "n", 0.0)["v"]
    held = analysis.nullclines(cell, "v", "n", 0.0, held={"m": 0.0, "h": 0.0})["v"]
    assert len(free) == len(held) == 1
    # Without sodium the balance is n^4 = g_L (E_L - v) / (g_K (v - E_K)).
    v, n = held[0].T
    np.testing.assert_allclose(n**4 * 36.0 * (v + 77.0), 0.3 * (-54.387 - v), atol=1e-9)
    assert free[0][:, 0].max() > -10.0 > -50.0 > held[0][:, 0].max()


def test_the_vector_field_is_the_flow_at_the_grid() -> None:
    across, up, right, upward = analysis.vector_field(models.Izhikevich(), current=10.0, n=7)
    assert across.shape == up.shape == right.shape == upward.shape == (7, 7)
    np.testing.assert_allclose(right, 0.04 * across**2 + 5.0 * across + 150.0 - up)
    np.testing.assert_allclose(upward, 0.02 * (0.2 * across - up))


def test_swapping_the_axes_swaps_the_field() -> None:
    cell = models.HodgkinHuxley()
    _, _, right, upward = analysis.vector_field(cell, "v", "n", 5.0, n=9)
    _, _, right_swapped, upward_swapped = analysis.vector_field(cell, "n", "v", 5.0, n=9)
    np.testing.assert_allclose(right_swapped, upward.T)
    np.testing.assert_allclose(upward_swapped, right.T)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": "q"}, "has no state `q`"),
        ({"x": "u", "y": "u"}, "two different states"),
        ({"xlim": (0.0, 0.0)}, "`xlim`"),
        ({"ylim": (1.0, -1.0)}, "`ylim`"),
        ({"held": {"m": 0.0}}, "has no state `m`"),
    ],
)
def test_a_plane_that_cannot_be_drawn_says_why(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        analysis.nullclines(models.Izhikevich(), **arguments)


def test_a_model_with_one_state_is_sent_to_the_phase_line() -> None:
    with pytest.raises(ValueError, match="phase_line"):
        analysis.nullclines(models.LIF())
    with pytest.raises(ValueError, match="`n`"):
        analysis.vector_field(models.Izhikevich(), n=1)


def test_moving_a_slider_or_choosing_other_axes_does_not_compile() -> None:
    traced = 0

    class Counted(models.HodgkinHuxley):
        @staticmethod
        def derivatives(x: Any, current: Any, p: Any) -> Any:
            nonlocal traced
            traced += 1
            return models.HodgkinHuxley.derivatives(x, current, p)

    analysis.nullclines(Counted(), "v", "n", 0.0)
    analysis.vector_field(Counted(), "v", "n", 0.0)
    analysis.fixed_points(Counted(), 0.0)
    once = traced
    for x, y, current in [("v", "n", 8.0), ("h", "v", 20.0), ("m", "n", 2.0)]:
        analysis.nullclines(Counted(g_Na=100.0 + current), x, y, current, held={"h": 0.5})
        analysis.vector_field(Counted(g_Na=100.0 + current), x, y, current)
    assert traced == once


@pytest.mark.parametrize("widths", [3.0, 11.0, 40.0])
def test_a_view_from_far_away_shows_the_whole_curve(widths: float) -> None:
    # The bend of the v-nullcline is then as wide as two nodes of an even grid.
    cell = models.AdEx(v_T=-63.9, a=-13.2)
    xlim = (-60.0 - 55.0 * widths, -60.0 + 55.0 * widths)
    found = analysis.nullclines(cell, current=37.0, xlim=xlim, ylim=(8.0, 313.0))
    v = np.linspace(-85.0, -55.0, 6001)
    w = 37.0 - 30.0 * (v + 70.6) + 60.0 * np.exp((v + 63.9) / 2.0)
    limits = np.array([xlim, (8.0, 313.0)])
    curve = visible(v, w, limits)
    assert distance(curve[::7], found["v"], limits) < 1e-3
    assert len(found["v"]) == 2
