"""Hodgkin-Huxley against the squid: rest, thresholds, rates, spikes, temperature, conventions."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from models.hodgkin_huxley import gate_rates
from tests.models import solutions


@pytest.fixture(scope="module")
def rest() -> dict[str, float]:
    """Where the cell settles without current."""
    run = models.HodgkinHuxley().simulate(0.0, 400.0, 0.025)
    return {name: float(trace[-1]) for name, trace in run.states.items()}


def run_from(rest: dict[str, float], current: float, duration: float) -> models.Run:
    return models.HodgkinHuxley().simulate(current, duration, 0.025, initial=rest)


# --- gate rates ------------------------------------------------------------------------------


@given(st.floats(-150.0, 120.0))
def test_rates_are_those_printed_in_1952(v: float):
    if min(abs(v + 40.0), abs(v + 55.0)) < 1e-3:
        return  # the printed form loses its digits here
    opening, closing = gate_rates(jnp.array(v), models.HodgkinHuxley().p)
    printed = solutions.squid_rates(v)
    np.testing.assert_allclose(opening, printed[:, 0], rtol=1e-11)
    np.testing.assert_allclose(closing, printed[:, 1], rtol=1e-11)


@pytest.mark.parametrize(("v", "gate", "rate", "slope"), [(-40, 0, 1, 0.05), (-55, 2, 0.1, 0.005)])
def test_removable_singularities_are_removed(v: float, gate: int, rate: float, slope: float):
    p = models.HodgkinHuxley().p

    def opening(v: jax.Array) -> jax.Array:
        return gate_rates(v, p)[0][gate]

    near = v + jnp.array([0.0, 1e-12, -1e-9, 1e-5, -0.999, 1.001])
    z = (near - v) / 10.0
    taylor = rate * (1.0 + z / 2.0 + z**2 / 12.0 - z**4 / 720.0)
    np.testing.assert_allclose(jax.jit(opening)(near), taylor, rtol=1e-9)
    for order, expected in ((1, slope * (1.0 + z / 3.0)), (2, slope / 30.0 + 0.0 * z)):
        function = opening
        for _ in range(order):
            function = jax.grad(function)
        np.testing.assert_allclose(jax.jit(jax.vmap(function))(near), expected, rtol=2e-3)


@given(st.floats(-1e6, 1e6))
def test_rates_and_their_slopes_are_finite_everywhere(v: float):
    p = models.HodgkinHuxley().p
    rates, slopes = jax.jvp(lambda v: gate_rates(v, p), (jnp.array(v),), (jnp.array(1.0),))
    assert np.isfinite(rates).all() and (np.array(rates) >= 0.0).all()
    assert np.isfinite(slopes).all()


def test_rates_grow_threefold_per_ten_degrees():
    cold, warm = models.HodgkinHuxley(), models.HodgkinHuxley(temperature=16.3)
    v = jnp.linspace(-90.0, 40.0, 7)
    for slow, fast in zip(gate_rates(v, cold.p), gate_rates(v, warm.p), strict=True):
        np.testing.assert_allclose(fast, 3.0 * slow, rtol=1e-12)


# --- the published behaviour -----------------------------------------------------------------


def test_the_cell_rests_where_the_squid_does(rest: dict[str, float]):
    expected = {"v": -64.996, "m": 0.0530, "h": 0.596, "n": 0.3177}
    for name, value in expected.items():
        assert rest[name] == pytest.approx(value, abs=0.51 * 10.0 ** -len(str(value).split(".")[1]))


def test_one_trajectory_agrees_with_an_independent_solver():
    start = {"v": -65.0, "m": 0.05, "h": 0.6, "n": 0.32}
    run = models.HodgkinHuxley().simulate(10.0, 20.0, 0.01, initial=start)
    exact = solutions.solve(solutions.hodgkin_huxley(10.0), list(start.values()), 20.0)
    found = [run[name][-1] for name in "vmhn"]
    np.testing.assert_allclose(found, exact, rtol=1e-6)


def test_the_smallest_step_that_fires_one_spike(rest: dict[str, float]):
    """2.26 µA/cm² to the two digits that a graded onset allows."""
    assert run_from(rest, 2.23, 100.0).spike_times.size == 0
    assert run_from(rest, 2.27, 100.0).spike_times.size == 1


def test_repetitive_firing_sets_in_at_6_26(rest: dict[str, float]):
    below, above = run_from(rest, 6.24, 2000.0), run_from(rest, 6.28, 2000.0)
    assert below.spike_times[-1] < 1000.0
    assert above.spike_times[-1] > 1950.0


@pytest.mark.parametrize(
    ("current", "rate"), [(6.5, 55.1), (8.0, 62.5), (10.0, 68.3), (20.0, 86.5), (50.0, 117.0)]
)
def test_the_rate_follows_the_current(rest: dict[str, float], current: float, rate: float):
    spikes = run_from(rest, current, 1000.0).spike_times
    late = spikes[spikes > 300.0]
    digits = 0.5 if rate == 117.0 else 0.05
    assert 1e3 / np.diff(late).mean() == pytest.approx(rate, abs=digits)


@pytest.mark.parametrize(
    ("current", "peak", "digits"),
    [(10.0, 30, 0.5), (50.0, 7.5, 0.05), (80.0, -9.7, 0.05), (100.0, -20, 0.5), (150.0, -39, 0.5)],
)
def test_action_potentials_shrink_as_the_current_grows(
    rest: dict[str, float], current: float, peak: float, digits: float
):
    run = run_from(rest, current, 600.0)
    assert run["v"][run.time > 400.0].max() == pytest.approx(peak, abs=digits)
    assert (run.spike_times > 400.0).sum() > 10, "small action potentials are spikes too"


def test_rest_and_firing_are_both_stable_at_8(rest: dict[str, float]):
    slow = models.Ramp(0.0, 8.0, 0.0, 1000.0)
    silent = models.HodgkinHuxley().simulate(slow, 1500.0, 0.025, initial=rest)
    assert silent.spike_times.size == 0
    assert run_from(rest, 8.0, 500.0).spike_times.size > 25


def test_beyond_the_upper_hopf_the_oscillation_dies(rest: dict[str, float]):
    run = run_from(rest, 165.0, 600.0)
    late = run["v"][run.time > 500.0]
    assert late.max() - late.min() < 0.5


def test_a_rebound_spike_follows_inhibition(rest: dict[str, float]):
    pulse = models.Pulses(-3.0, onset=20.0, width=20.0, count=1)
    run = models.HodgkinHuxley().simulate(pulse, 100.0, 0.025, initial=rest)
    assert run.spike_times.size == 1
    assert 40.0 < run.spike_times[0] < 60.0


def test_warmth_shortens_the_action_potential():
    def width(temperature: float) -> float:
        cell = models.HodgkinHuxley(temperature=temperature)
        run = cell.simulate(models.Pulses(60.0, 5.0, 1.0, count=1), 40.0, 0.01)
        return 0.01 * float((run["v"] > -20.0).sum())

    assert width(16.3) < 0.6 * width(6.3)


def test_the_convention_of_1952_is_the_same_cell_measured_from_rest():
    now = models.HodgkinHuxley()
    then = models.HodgkinHuxley(v_offset=0.0, E_Na=115.0, E_K=-12.0, E_L=10.613)
    runs = [cell.simulate(10.0, 60.0, 0.025) for cell in (now, then)]
    np.testing.assert_allclose(runs[1]["v"] - 65.0, runs[0]["v"], atol=1e-6)
    np.testing.assert_allclose(runs[1]["n"], runs[0]["n"], atol=1e-8)


def test_each_state_decays_at_the_rate_that_exponential_euler_takes():
    cell = models.HodgkinHuxley()
    x = jnp.array([-50.0, 0.2, 0.4, 0.5])
    slopes = jnp.diag(jax.jacfwd(lambda y: cell.derivatives(y, 10.0, cell.p))(x))
    np.testing.assert_allclose(cell.decay_rates(x, cell.p), -slopes, rtol=1e-12)
