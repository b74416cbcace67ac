"""Reset maps against maps in closed form and against long simulations."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import models
from models import analysis
from models.model import Input, NeuronModel, Quantity, State


class Clock(NeuronModel):
    """A made-up model whose voltage rises by 1 per ms from 0 to 1: u alone makes the map."""

    states = (State("v", "", "clock", span=(0.0, 1.0)), State("u", "", "carried", span=(0.0, 1.0)))
    current = Input("", 0.0, (0.0, 1.0))
    decay = Quantity(0.0, doc="how fast u decays")
    growth = Quantity(0.0, bounds=(0.0, 4.0), doc="u becomes growth u (1 - u) at a spike")
    d = Quantity(0.0, doc="u grows by d at a spike")
    t_ref = Quantity(0.0, doc="pause after a spike")

    @staticmethod
    def derivatives(x: Any, current: Any, p: Any) -> Any:
        return jnp.stack([jnp.ones_like(x[0]), -p.decay * x[1]])

    @staticmethod
    def initial_state(p: Any) -> Any:
        return jnp.stack([jnp.zeros_like(jnp.asarray(p.d)), jnp.asarray(p.d * 0.0 + 0.3)])

    @staticmethod
    def threshold(x: Any, p: Any) -> Any:
        return x[0] - 1.0

    @staticmethod
    def reset(x: Any, p: Any) -> Any:
        u = x[1]
        after = jnp.where(p.growth > 0.0, p.growth * u * (1.0 - u), u + p.d)
        return jnp.stack([jnp.zeros_like(u), after])

    @staticmethod
    def refractory(p: Any) -> Any:
        return p.t_ref


def test_a_decaying_recovery_maps_along_a_straight_line() -> None:
    found = analysis.reset_map(Clock(decay=0.5, d=0.25), 0.0)
    keep = np.exp(-0.5)
    np.testing.assert_allclose(found.next, found.u * keep + 0.25, atol=1e-8)
    np.testing.assert_allclose(found.interval, 1.0, atol=1e-8)
    (point,) = found.fixed_points
    assert point.u == pytest.approx(0.25 / (1.0 - keep), abs=1e-8)
    assert point.slope == pytest.approx(keep, abs=1e-4)
    assert point.stable and found.pattern == "tonic"
    assert found.orbit == pytest.approx([point.u], abs=1e-5)


def test_the_recovery_goes_on_while_the_voltage_is_held() -> None:
    found = analysis.reset_map(Clock(decay=0.5, d=0.25, t_ref=2.0), 0.0)
    np.testing.assert_allclose(found.next, found.u * np.exp(-1.5) + 0.25, atol=1e-8)
    np.testing.assert_allclose(found.interval, 3.0, atol=1e-8)


def test_the_logistic_map_repeats_after_two_or_never() -> None:
    twice = analysis.reset_map(Clock(growth=3.2), 0.0)
    assert twice.pattern == "alternating"
    # The two-cycle of r x (1 - x): x = (r + 1 +- sqrt((r - 3)(r + 1))) / 2 r.
    cycle = (4.2 + np.array([-1.0, 1.0]) * np.sqrt(0.2 * 4.2)) / 6.4
    np.testing.assert_allclose(np.sort(twice.orbit), cycle, atol=1e-5)
    point = max(twice.fixed_points, key=lambda point: point.u)
    assert (point.u, point.slope) == pytest.approx((1.0 - 1.0 / 3.2, 2.0 - 3.2), abs=1e-5)
    assert not point.stable
    chaotic = analysis.reset_map(Clock(growth=4.0), 0.0)
    assert chaotic.pattern == "chaotic"
    assert chaotic.exponent == pytest.approx(np.log(2.0), abs=0.1)
    assert "never" in chaotic.why or "No value" in chaotic.why


PRESETS = [
    (models.Izhikevich, "chattering", 10.0),
    (models.Izhikevich, "regular-spiking", 14.0),
    (models.AdEx, "regular-bursting", 210.0),
    (models.AdaptiveQuadratic, "chattering", 300.0),
]


@pytest.mark.parametrize(("model", "slug", "current"), PRESETS)
def test_a_long_simulation_visits_the_orbit_of_the_map(
    model: type[NeuronModel], slug: str, current: float
) -> None:
    cell = model.from_preset(slug)
    found = analysis.reset_map(cell, current)
    run = cell.simulate(current, 3000.0, 0.005)
    at = np.searchsorted(run.time, run.spike_times)  # the sample that shows the spike
    name = cell.states[1].name
    peaks = jnp.asarray(np.stack([run[cell.states[0].name][at], run[name][at]]))
    landed = np.asarray(cell.reset(peaks, cell.p))[1]
    k = len(found.orbit)
    width = cell.states[1].span[1] - cell.states[1].span[0]
    np.testing.assert_allclose(
        np.sort(landed[-k - 1 : -1]), np.sort(found.orbit), atol=2e-3 * width
    )
    intervals = np.diff(run.spike_times)[-k:]
    np.testing.assert_allclose(np.sort(intervals), np.sort(found.intervals), rtol=5e-3)


def test_the_pattern_of_a_preset_follows_from_its_map() -> None:
    patterns = {
        ("chattering", 10.0): "bursting",
        ("regular-spiking", 14.0): "tonic",
        ("fast-spiking", 10.0): "tonic",
        ("phasic-spiking", 0.5): "phasic",
        ("regular-spiking", 0.0): "silent",
    }
    for (slug, current), pattern in patterns.items():
        found = analysis.reset_map(models.Izhikevich.from_preset(slug), current)
        assert found.pattern == pattern, slug
        assert found.why.endswith(".") and found.why.count(". ") == 0


def test_adaptive_exponential_cells_double_their_period_on_the_way_to_chaos() -> None:
    # Touboul & Brette (2009): moving the reset voltage leads through period doubling to chaos.
    cell = models.AdEx.from_preset("irregular")
    periods = []
    for v_reset in (-48.2, -48.1):
        found = analysis.reset_map(cell.replace(v_reset=v_reset), 160.0)
        assert found.exponent < 0.0
        periods.append(len(found.orbit))
    assert periods == [4, 16]
    chaotic = analysis.reset_map(cell.replace(v_reset=-47.9), 160.0)
    assert chaotic.pattern == "chaotic" and chaotic.exponent > 0.2


def test_landing_points_lie_on_the_reset_line() -> None:
    found = analysis.reset_map(models.Izhikevich.from_preset("chattering"), 10.0)
    np.testing.assert_allclose(found.landing[:, 0], -50.0)
    np.testing.assert_allclose(found.landing[:, 1], found.orbit)


def test_models_without_a_map_say_so() -> None:
    for cell in (models.LIF(), models.FitzHughNagumo(), models.HodgkinHuxley()):
        with pytest.raises(ValueError, match="no reset map"):
            analysis.reset_map(cell)
    with pytest.raises(ValueError, match="`ylim`"):
        analysis.reset_map(models.Izhikevich(), ylim=(1.0, 0.0))


def test_every_landing_of_adex_is_where_scipy_finds_it() -> None:
    # Naud et al. 2008, adaptation. The spike current is capped on the way to the peak, and no
    # orbit may end where it is.
    cell = models.AdEx.from_preset("adaptation")
    p, current = cell.p, 500.0
    found = analysis.reset_map(cell, current, n=40)
    assert np.isfinite(found.next).all()

    def flow(_: float, x: np.ndarray) -> list[float]:
        spike = p.g_L * p.delta_T * np.exp(min((x[0] - p.v_T) / p.delta_T, 20.0))
        dv = (p.g_L * (p.v_rest - x[0]) + spike - x[1] + current) / p.C
        return [dv, (p.a * (x[0] - p.v_rest) - x[1]) / p.tau_w]

    def peak(_: float, x: np.ndarray) -> float:
        return float(x[0] - p.v_peak)

    peak.terminal = True  # type: ignore[attr-defined]
    for i in range(0, 40, 6):
        start = [p.v_reset, found.u[i]]
        path = solve_ivp(flow, (0.0, 1e3), start, "DOP853", events=peak, rtol=1e-10, atol=1e-10)
        assert found.interval[i] == pytest.approx(path.t_events[0][0], abs=1e-5)
        assert found.next[i] == pytest.approx(path.y_events[0][0][1] + p.b, abs=1e-3)


def test_what_swings_in_slowly_is_tonic_and_no_cycle_of_two() -> None:
    cell = models.AdEx(
        C=214.0,
        g_L=11.6,
        v_rest=-63.5,
        v_T=-50.0,
        a=-4.63,
        tau_w=208.0,
        b=109.8,
        v_peak=-20.0,
        v_reset=-47.87,
    )
    found = analysis.reset_map(cell, 1468.0)
    (point,) = found.fixed_points
    assert -0.9 < point.slope < -0.7
    assert found.pattern == "tonic"
    assert found.orbit == pytest.approx([point.u], rel=1e-6)


def test_what_creeps_in_is_told_where_it_ends() -> None:
    cell = models.Izhikevich(a=0.005, c=-45.0, d=0.1)
    found = analysis.reset_map(cell, 8.0)
    (stable,) = [point for point in found.fixed_points if point.stable]
    assert found.pattern == "tonic"
    assert found.orbit == pytest.approx([stable.u], abs=1e-6)
    assert f"u = {stable.u:.4g}" in found.why
    spikes = cell.simulate(8.0, 8000.0, 0.01).spike_times
    assert found.intervals[0] == pytest.approx(np.diff(spikes)[-1], rel=1e-4)


def test_a_long_burst_is_a_burst() -> None:
    cell = models.Izhikevich(a=0.0025, c=-43.7137, d=0.3141)
    found = analysis.reset_map(cell, 4.842)
    spikes = cell.simulate(4.842, 8000.0, 0.02).spike_times
    ends = np.flatnonzero(np.diff(spikes) > 500.0)
    assert found.pattern == "bursting"
    assert set(np.diff(ends)[1:]) == {found.orbit.size}
    assert found.intervals.max() == pytest.approx(np.diff(spikes)[ends[-1]], rel=1e-3)
    assert f"after {found.orbit.size} spikes all repeats" in found.why


def test_long_times_are_told_in_plain_numbers() -> None:
    found = analysis.reset_map(models.Izhikevich(a=0.002, c=-45.4807, d=0.5806), 4.351)
    assert f"a pause of {found.intervals.max():.0f} ms" in found.why
    assert found.intervals.max() > 1000.0
