"""Fixed points against closed forms, published rest states and dense root finding."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import lambertw

import models
from models import analysis
from models.analysis.fixed_points import classify
from models.model import Input, NeuronModel, State

within = st.floats
relaxed = settings(max_examples=60, deadline=None)


def voltages(points: list[analysis.FixedPoint]) -> list[float]:
    return [next(iter(point.state.values())) for point in points]


def flow(cell: models.NeuronModel, state: dict[str, float], current: float) -> np.ndarray:
    x = jnp.asarray(list(state.values()))
    return np.asarray(cell.derivatives(x, jnp.asarray(current), cell.p))


def dense_roots(function: Any, low: float, high: float, n: int = 200_001) -> np.ndarray:
    grid = np.linspace(low, high, n)
    values = function(grid)
    cells = np.flatnonzero(np.sign(values[1:]) * np.sign(values[:-1]) < 0)
    return np.array([brentq(function, grid[i], grid[i + 1], xtol=1e-13) for i in cells])


def smooth_models() -> list[tuple[str, float]]:
    return [
        (name, current)
        for name, model in models.catalogue.items()
        for current in (0.0, model.current.default)
    ]


@pytest.mark.parametrize(("name", "current"), smooth_models())
def test_nothing_moves_at_a_fixed_point(name: str, current: float) -> None:
    cell = models.catalogue[name]()
    for point in analysis.fixed_points(cell, current):
        scale = 1.0 + np.abs(point.jacobian).max()
        assert np.abs(flow(cell, dict(point.state), current)).max() < 1e-11 * scale


@pytest.mark.parametrize(("name", "current"), smooth_models())
def test_eigenvalues_agree_with_finite_differences(name: str, current: float) -> None:
    cell = models.catalogue[name]()
    for point in analysis.fixed_points(cell, current):
        state = dict(point.state)
        columns = []
        for key, value in state.items():
            h = 1e-5 * max(1.0, abs(value))
            ahead = flow(cell, state | {key: value + h}, current)
            behind = flow(cell, state | {key: value - h}, current)
            columns.append((ahead - behind) / (2.0 * h))
        expected = np.linalg.eigvals(np.stack(columns, axis=1))
        expected = expected[np.argsort(-expected.real)]
        scale = np.abs(expected).max()
        np.testing.assert_allclose(point.eigenvalues.real, expected.real, atol=1e-6 * scale)
        np.testing.assert_allclose(
            np.sort(point.eigenvalues.imag), np.sort(expected.imag), atol=1e-6 * scale
        )


def test_izhikevich_at_rest_has_a_node_at_minus_70_and_a_saddle_at_minus_50() -> None:
    rest, saddle = analysis.fixed_points(models.Izhikevich(), 0.0)
    assert rest.state == pytest.approx({"v": -70.0, "u": -14.0}, abs=1e-9)
    assert saddle.state == pytest.approx({"v": -50.0, "u": -10.0}, abs=1e-9)
    assert (rest.kind, saddle.kind) == ("stable node", "saddle")


def test_the_thalamic_cell_rests_where_the_paper_puts_it() -> None:
    rest, saddle = analysis.fixed_points(models.Izhikevich(b=0.25), 0.0)
    assert rest.state["v"] == pytest.approx(-64.414, abs=1e-3)
    assert saddle.state["v"] == pytest.approx(-54.336, abs=1e-3)


def test_izhikevich_loses_its_rest_by_hopf_just_before_the_fold() -> None:
    cell = models.Izhikevich()
    hopf, fold = 3.7975, 4.0
    assert analysis.fixed_points(cell, hopf - 1e-3)[0].kind == "stable focus"
    assert analysis.fixed_points(cell, hopf)[0].kind == "centre"
    assert analysis.fixed_points(cell, hopf + 1e-3)[0].kind == "unstable focus"
    assert [p.kind for p in analysis.fixed_points(cell, fold)] == ["degenerate"]
    assert len(analysis.fixed_points(cell, fold - 1e-7)) == 2
    assert analysis.fixed_points(cell, fold + 1e-7) == []


def test_a_recovery_that_does_not_contain_itself_still_has_its_fixed_point() -> None:
    cell = models.Izhikevich(b=1.0, v_u=-65.0, u_leak=0.0)
    (point,) = analysis.fixed_points(cell, 0.0)
    assert point.state["v"] == pytest.approx(-65.0, abs=1e-10)
    assert point.state["u"] == pytest.approx(0.04 * 65.0**2 - 5 * 65.0 + 140.0, abs=1e-9)


@relaxed
@given(
    b=within(-0.3, 0.3),
    current=within(-60.0, 60.0),
    k1=within(3.0, 7.0),
    a=within(0.005, 0.2),
)
def test_izhikevich_fixed_points_solve_the_quadratic(
    a: float, b: float, current: float, k1: float
) -> None:
    square = (k1 - b) ** 2 - 0.16 * (140.0 + current)
    found = voltages(analysis.fixed_points(models.Izhikevich(a=a, b=b, k1=k1), current))
    if square < -1e-9:
        assert found == []
    elif square > 1e-9:
        roots = (b - k1 + np.array([-1.0, 1.0]) * np.sqrt(square)) / 0.08
        roots = roots[(roots > -220.0) & (roots < 30.0)]
        np.testing.assert_allclose(found, roots, atol=1e-7)


@relaxed
@given(a=within(-1.0, 2.0), b=st.just(0.0) | within(0.01, 3.0), current=within(-3.0, 3.0))
def test_fitzhugh_nagumo_fixed_points_solve_the_cubic(a: float, b: float, current: float) -> None:
    cell = models.FitzHughNagumo(a=a, b=b)
    found = voltages(analysis.fixed_points(cell, current))
    coefficients = [-b / 3.0, 0.0, b - 1.0, b * current - a]
    roots = np.roots(np.trim_zeros(coefficients, "f"))
    apart = np.abs(roots[:, None] - roots[None, :])[~np.eye(roots.size, dtype=bool)]
    if apart.size and apart.min() < 1e-3:
        return  # too close to a fold to say from the coefficients how many there are
    low, high = models.FitzHughNagumo.states[0].span
    wide = (2 * low - high, 2 * high - low)
    real = np.sort(roots[np.abs(roots.imag) < 1e-9].real)
    np.testing.assert_allclose(found, real[(real > wide[0]) & (real < wide[1])], atol=1e-8)


@relaxed
@given(
    delta_T=within(0.2, 10.0),
    a=within(-5.0, 20.0),
    current=within(-200.0, 900.0),
    v_T=within(-60.0, -40.0),
)
def test_adex_fixed_points_are_lambert_functions(
    delta_T: float, a: float, current: float, v_T: float
) -> None:
    cell = models.AdEx(delta_T=delta_T, a=a, v_T=v_T)
    p = cell.p
    # (g_L + a)(v - v_rest) - I = g_L delta_T exp((v - v_T) / delta_T)
    slope = p.g_L + a
    linear = p.v_rest + current / slope
    z = -p.g_L / slope * np.exp((linear - v_T) / delta_T)
    if abs(z + np.exp(-1.0)) < 1e-9:
        return
    roots = np.array([linear - delta_T * lambertw(z, branch).real for branch in (0, -1)])
    expected = roots if z > -np.exp(-1.0) else np.zeros(0)
    expected = expected[(expected > -195.0) & (expected < p.v_peak)]
    np.testing.assert_allclose(voltages(analysis.fixed_points(cell, current)), expected, atol=1e-7)


@relaxed
@given(
    g_Ca=within(2.0, 8.0),
    V3=within(-20.0, 30.0),
    V4=within(8.0, 40.0),
    current=within(-50.0, 200.0),
)
def test_no_morris_lecar_fixed_point_is_missed(
    g_Ca: float, V3: float, V4: float, current: float
) -> None:
    cell = models.MorrisLecar(g_Ca=g_Ca, V3=V3, V4=V4)
    p = cell.p

    def left(v: Any) -> Any:
        calcium = 0.5 * g_Ca * (1.0 + np.tanh((v - p.V1) / p.V2)) * (v - p.E_Ca)
        potassium = 0.5 * p.g_K * (1.0 + np.tanh((v - V3) / V4)) * (v - p.E_K)
        return current - calcium - potassium - p.g_L * (v - p.E_L)

    found = voltages(analysis.fixed_points(cell, current, (-100.0, 100.0)))
    np.testing.assert_allclose(found, dense_roots(left, -100.0, 100.0), atol=1e-8)


@relaxed
@given(
    g_Na=within(0.0, 200.0),
    g_K=within(0.0, 80.0),
    g_L=within(0.01, 2.0),
    current=within(-20.0, 180.0),
)
def test_no_hodgkin_huxley_fixed_point_is_missed(
    g_Na: float, g_K: float, g_L: float, current: float
) -> None:
    cell = models.HodgkinHuxley(g_Na=g_Na, g_K=g_K, g_L=g_L)

    def left(v: Any) -> Any:
        am, bm = 0.1 * (v + 40) / -np.expm1(-(v + 40) / 10), 4 * np.exp(-(v + 65) / 18)
        ah, bh = 0.07 * np.exp(-(v + 65) / 20), 1 / (1 + np.exp(-(v + 35) / 10))
        an, bn = 0.01 * (v + 55) / -np.expm1(-(v + 55) / 10), 0.125 * np.exp(-(v + 65) / 80)
        m, h, n = am / (am + bm), ah / (ah + bh), an / (an + bn)
        sodium, potassium = g_Na * m**3 * h * (v - 50), g_K * n**4 * (v + 77)
        return current - sodium - potassium - g_L * (v + 54.387)

    found = voltages(analysis.fixed_points(cell, current, (-120.3, 100.3)))
    np.testing.assert_allclose(found, dense_roots(left, -120.3, 100.3), atol=1e-8)


def test_two_roots_in_one_cell_of_the_grid_are_both_found() -> None:
    # 40 V of range: the pair, 0.02 mV apart, lies in one of 1,024 cells; so does the pair at
    # the fold of a cubic beside its third root.
    cell = models.Izhikevich()
    found = analysis.fixed_points(cell, 4.0 - 4e-6, (-20_000.0, 20_000.0))
    np.testing.assert_allclose(voltages(found), [-60.01, -59.99], atol=1e-6)
    cubic = models.FitzHughNagumo(a=0.0, b=1.0001)
    gap = np.sqrt(3.0 * 1e-4 / 1.0001)
    np.testing.assert_allclose(
        voltages(analysis.fixed_points(cubic, 0.0, (-50.0, 50.0))), [-gap, 0.0, gap], atol=1e-9
    )


def test_hodgkin_huxley_rests_at_the_published_state() -> None:
    (rest,) = analysis.fixed_points(models.HodgkinHuxley(), 0.0)
    published = {"v": -64.996, "m": 0.0530, "h": 0.596, "n": 0.3177}
    assert rest.state == pytest.approx(published, abs=5e-4)
    assert rest.kind == "stable focus"


@pytest.mark.parametrize(("hopf", "direction"), [(9.775, 1.0), (154.52, -1.0)])
def test_hodgkin_huxley_changes_stability_at_its_hopf_points(hopf: float, direction: float) -> None:
    cell = models.HodgkinHuxley()
    (outside,) = analysis.fixed_points(cell, hopf - direction * 0.01)
    (between,) = analysis.fixed_points(cell, hopf + direction * 0.01)
    assert outside.stable and not between.stable
    assert between.kind == "saddle-focus (2 unstable directions)"


@pytest.mark.parametrize(
    ("parameters", "rest"),
    [({}, -60.855), ({"g_Ca": 4.0, "V3": 12.0, "V4": 17.4, "phi": 1 / 15}, -59.474)],
)
def test_morris_lecar_rests_at_the_published_voltage(
    parameters: dict[str, float], rest: float
) -> None:
    lowest = analysis.fixed_points(models.MorrisLecar(**parameters), 0.0)[0]
    assert lowest.state["v"] == pytest.approx(rest, abs=1e-3)
    assert lowest.stable


def test_fitzhugh_nagumo_rests_at_the_published_state() -> None:
    (rest,) = analysis.fixed_points(models.FitzHughNagumo(), 0.0)
    assert rest.state == pytest.approx({"v": -1.19941, "w": -0.62426}, abs=1e-5)
    (before,) = analysis.fixed_points(models.FitzHughNagumo(), 0.3312)
    (after,) = analysis.fixed_points(models.FitzHughNagumo(), 0.3314)
    assert (before.kind, after.kind) == ("stable focus", "unstable focus")


def test_one_state_is_stable_unstable_or_half_stable() -> None:
    cell = models.QIF(a=0.05, v_rest=-75.0, v_crit=-55.0, R=100.0)
    assert [p.kind for p in analysis.fixed_points(cell, 0.0)] == ["stable", "unstable"]
    rheobase = 0.05 * 10.0**2 / (1e-3 * 100.0)
    (touching,) = analysis.fixed_points(cell, rheobase)
    assert touching.kind == "half-stable"
    assert touching.state["v"] == pytest.approx(-65.0, abs=1e-5)


def test_a_rest_beyond_the_threshold_of_a_reset_model_does_not_count() -> None:
    cell = models.LIF()  # threshold 20 mV above rest, 100 MOhm
    assert voltages(analysis.fixed_points(cell, 199.0)) == pytest.approx([-55.1])
    assert analysis.fixed_points(cell, 201.0) == []


def test_a_cell_without_leak_or_input_has_no_isolated_fixed_point() -> None:
    assert analysis.fixed_points(models.IF(), 0.0) == []
    assert analysis.fixed_points(models.Izhikevich(a=0.0), 0.0) == []


def test_a_kink_that_touches_zero_on_a_plateau_is_no_trouble() -> None:
    # leak and feedback cancel for x > 0, so dx/dt is the current there and falls below it at 0.
    cell = models.LeakyNoise(leak=3.0, weight=3.0)
    assert voltages(analysis.fixed_points(cell, -0.3)) == pytest.approx([-0.1])
    assert analysis.fixed_points(cell, 0.3) == []


def test_only_the_range_asked_for_is_searched() -> None:
    cell = models.Izhikevich()
    assert voltages(analysis.fixed_points(cell, 0.0, (-60.0, 0.0))) == pytest.approx([-50.0])
    with pytest.raises(ValueError, match="`xlim`"):
        analysis.fixed_points(cell, 0.0, (0.0, -60.0))


@pytest.mark.parametrize(
    ("eigenvalues", "kind"),
    [
        ([-1, -2], "stable node"),
        ([1, 2], "unstable node"),
        ([-1 + 2j, -1 - 2j], "stable focus"),
        ([1 + 2j, 1 - 2j], "unstable focus"),
        ([1, -2], "saddle"),
        ([2j, -2j], "centre"),
        ([0, -1], "degenerate"),
        ([-1, -2, -3], "stable node"),
        ([-1 + 1j, -1 - 1j, -3], "stable focus"),
        ([1, -1, -2], "saddle (1 unstable direction)"),
        ([1 + 1j, 1 - 1j, -2], "saddle-focus (2 unstable directions)"),
        ([1, 2, 3], "unstable node"),
        ([0, -1, -2], "degenerate"),
        ([-1], "stable"),
        ([1], "unstable"),
        ([0], "half-stable"),
    ],
)
def test_kinds_are_named_as_in_the_textbooks(eigenvalues: list[complex], kind: str) -> None:
    values = np.array(eigenvalues, dtype=complex)
    assert classify(values, float(np.abs(values).max())) == kind


class Folded(NeuronModel):
    """A made-up model with three fixed points at each of two voltages: w^3 = w, v^2 = 1."""

    states = (
        State("v", "", "across", span=(-2.0, 2.0)),
        State("w", "", "bends over itself", span=(-2.0, 2.0)),
    )
    current = Input("", 0.0, (0.0, 1.0))

    @staticmethod
    def derivatives(x: Any, current: Any, p: Any) -> Any:
        v, w = x
        return jnp.stack([1.0 + current - v * v, w * w * w - w])

    @staticmethod
    def initial_state(p: Any) -> Any:
        return jnp.full(2, 0.2)


def test_several_fixed_points_at_one_voltage_are_all_found() -> None:
    found = {
        tuple(point.state.values()): point.kind for point in analysis.fixed_points(Folded(), 0)
    }
    rounded = {tuple(round(value, 9) + 0.0 for value in key): kind for key, kind in found.items()}
    assert rounded == {
        (-1.0, -1.0): "unstable node",
        (-1.0, 0.0): "saddle",
        (-1.0, 1.0): "unstable node",
        (1.0, -1.0): "saddle",
        (1.0, 0.0): "stable node",
        (1.0, 1.0): "saddle",
    }


@pytest.mark.parametrize("count", [2, 3])
def test_any_number_of_adaptation_currents_adds_up(count: int) -> None:
    model = models.AdaptiveQuadratic.with_adaptations(count)
    sensitivities = {f"b{k}": 1.0 - 0.5 * k for k in range(2, count + 1)}
    cell = model(b=-2.0, **sensitivities)
    total = -2.0 + sum(sensitivities.values())
    # k (v - v_rest)(v - v_crit) = total (v - v_rest)
    found = analysis.fixed_points(cell, 0.0)
    assert voltages(found) == pytest.approx(sorted([-60.0, -40.0 + total / 0.7]), abs=1e-9)
    assert all(len(point.state) == count + 1 for point in found)


def test_moving_a_slider_does_not_compile() -> None:
    traced = 0

    class Counted(models.Izhikevich):
        @staticmethod
        def derivatives(x: Any, current: Any, p: Any) -> Any:
            nonlocal traced
            traced += 1
            return models.Izhikevich.derivatives(x, current, p)

    analysis.fixed_points(Counted(), 0.0)
    once = traced
    for b, current in [(0.2, 1.0), (0.25, -7.5), (0.1, 3.0)]:
        analysis.fixed_points(Counted(b=b), current, (-100.0, current))
    assert traced == once


def test_a_model_that_was_never_seen_costs_three_programs(caplog: pytest.LogCaptureFixture) -> None:
    class Unseen(models.HodgkinHuxley):
        """Compiled for nothing yet."""

    with jax.log_compiles():
        analysis.fixed_points(Unseen(), 10.0)
    # One for what the model is like, two for the search: no operation is compiled by itself.
    compiled = [r.getMessage() for r in caplog.records if "Compiling" in r.getMessage()]
    assert len(compiled) == 3, compiled
