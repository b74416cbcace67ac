"""Each method converges with its order, and spike times converge faster than the grid."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

import models
from models.integrators import orders, schemes, spiking_step
from tests.models import solutions

SMOOTH = {
    "LIF": (models.LIF(), {"v": -72.0}, 150.0, solutions.lif(150.0), 10.0),
    "Izhikevich": (
        models.Izhikevich(),
        {"v": -75.0, "u": -12.0},
        3.0,
        solutions.izhikevich(3.0),
        10.0,
    ),
    "HodgkinHuxley": (
        models.HodgkinHuxley(),
        {"v": -65.0, "m": 0.06, "h": 0.6, "n": 0.32},
        10.0,
        solutions.hodgkin_huxley(10.0),
        4.0,
    ),
}
"""Model, start, current, independent derivatives, duration: no spike is reset on the way."""


def final_error(name: str, method: str, dt: float) -> float:
    cell, start, current, derivatives, duration = SMOOTH[name]
    run = cell.simulate(current, duration, dt, method, initial=start)
    exact = solutions.solve(derivatives, list(start.values()), duration)
    return float(abs(run["v"][-1] - exact[0]))


def slope(steps: list[float], errors: list[float]) -> float:
    return float(np.polyfit(np.log(steps), np.log(errors), 1)[0])


@pytest.mark.parametrize(
    ("name", "method"),
    [
        (name, method)
        for name in SMOOTH
        for method in schemes
        if (name, method) != ("LIF", "exponential-euler")  # exact: see test_lif
    ],
)
def test_a_smooth_run_converges_with_the_order_of_its_method(name: str, method: str):
    # RK4 meets the accuracy of the reference unless its steps are long.
    long = {"LIF": 0.5, "Izhikevich": 0.2, "HodgkinHuxley": 0.04}[name]
    first = {1: 0.005, 2: 0.01, 4: long}[orders[method]]
    steps = [first, first / 2, first / 4]
    errors = [final_error(name, method, dt) for dt in steps]
    assert slope(steps, errors) == pytest.approx(orders[method], abs=0.2)


@pytest.fixture(scope="module")
def tonic_spikes() -> np.ndarray:
    """Eight spikes of regular spiking at I = 10."""
    return solutions.spike_times(
        solutions.izhikevich(10.0), [-65.0, -13.0], 300.0, 30.0, lambda x: [-65.0, x[1] + 8.0]
    )


def test_rk4_spike_times_converge_with_its_own_order(tonic_spikes: np.ndarray):
    steps = [0.1, 0.05, 0.025]
    runs = [models.Izhikevich().simulate(10.0, 300.0, dt, "rk4") for dt in steps]
    errors = [np.abs(run.spike_times - tonic_spikes).max() for run in runs]
    assert slope(steps, errors) >= 3.8
    assert errors[0] < 1e-3


@pytest.mark.parametrize(("method", "order"), [("euler", 1), ("midpoint", 2)])
def test_lower_orders_are_not_raised_by_the_spike_search(
    tonic_spikes: np.ndarray, method: str, order: int
):
    steps = [0.01, 0.005, 0.0025]
    runs = [models.Izhikevich().simulate(10.0, 300.0, dt, method) for dt in steps]
    errors = [np.abs(run.spike_times - tonic_spikes).max() for run in runs]
    assert slope(steps, errors) == pytest.approx(order, abs=0.2)


def test_an_upstroke_that_explodes_within_one_step_is_still_located():
    cell = models.Izhikevich()
    state, p = jnp.array([25.0, -10.0]), cell.p
    for h in (1.0, 4.0, 16.0):  # the full RK4 step reaches 1e6, then inf, then nan
        step = spiking_step(
            models.Izhikevich, schemes["rk4"], state, jnp.zeros(()), jnp.array(10.0), h, p
        )
        first = solutions.spike_times(
            solutions.izhikevich(10.0), [25.0, -10.0], 0.5, 30.0, lambda x: [-65.0, x[1] + 8.0]
        )[0]
        assert step.crossing == pytest.approx(first, abs=1e-5)
        assert step.shown[0] == pytest.approx(30.0, abs=1e-6)


def test_a_state_above_the_level_fires_at_once():
    run = models.Izhikevich().simulate(10.0, 10.0, 0.1, initial={"v": 31.0})
    assert run.spike_times[0] == pytest.approx(0.0, abs=1e-9)


def test_exponential_euler_is_plain_euler_where_nothing_decays():
    flow = models.integrators.Flow(lambda x: 2.0 * x, jnp.zeros_like)
    x = jnp.array([1.0, -3.0])
    assert jnp.array_equal(
        schemes["exponential-euler"](flow, x, 0.1), schemes["euler"](flow, x, 0.1)
    )
