"""Izhikevich's model against its closed forms: equilibria, saddle-node, Andronov-Hopf."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import models


def equilibria(cell: models.Izhikevich, current: float) -> np.ndarray:
    """Closed form: voltages (low, high) where 0.04 v² + (5 - b) v + 140 + I = 0."""
    return np.sort(np.roots([0.04, 5.0 - cell.b, 140.0 + current]).real)


def eigenvalues(cell: models.Izhikevich, v: float, current: float) -> np.ndarray:
    x = jnp.array([v, cell.b * v])
    return np.linalg.eigvals(jax.jacfwd(lambda y: cell.derivatives(y, current, cell.p))(x))


def saddle_node(b: float) -> float:
    return (5.0 - b) ** 2 / 0.16 - 140.0


def hopf(a: float, b: float) -> tuple[float, float]:
    """Voltage and current at which rest loses its stability to an oscillation."""
    v = (a - 5.0) / 0.08
    return v, b * v - 0.04 * v**2 - 5.0 * v - 140.0


@pytest.mark.parametrize(
    ("a", "b", "rest", "saddle"), [(0.02, 0.2, -70.0, -50.0), (0.02, 0.25, -64.414, -54.336)]
)
def test_rest_and_saddle_without_current(a: float, b: float, rest: float, saddle: float):
    cell = models.Izhikevich(a=a, b=b)
    np.testing.assert_allclose(equilibria(cell, 0.0), [rest, saddle], atol=5e-4)
    for v in equilibria(cell, 0.0):
        flow = cell.derivatives(jnp.array([v, b * v]), 0.0, cell.p)
        np.testing.assert_allclose(flow, 0.0, atol=1e-10)
    run = cell.simulate(0.0, 1000.0, 0.1, initial={"v": rest + 2.0, "u": b * rest})
    assert run["v"][-1] == pytest.approx(rest, abs=1e-3)
    assert (eigenvalues(cell, rest, 0.0).real < 0.0).all()
    assert np.prod(eigenvalues(cell, saddle, 0.0)).real < 0.0


@pytest.mark.parametrize(
    ("b", "published_hopf", "published_fold"), [(0.2, 3.7975, 4.0), (0.25, 0.6850, 1.0156)]
)
def test_the_critical_currents_are_those_of_the_closed_forms(
    b: float, published_hopf: float, published_fold: float
):
    assert hopf(0.02, b)[1] == pytest.approx(published_hopf, abs=5e-5)
    assert saddle_node(b) == pytest.approx(published_fold, abs=5e-5)


def test_rest_and_saddle_meet_at_the_saddle_node():
    cell = models.Izhikevich()
    v = (cell.b - 5.0) / 0.08
    flow = cell.derivatives(jnp.array([v, cell.b * v]), saddle_node(cell.b), cell.p)
    np.testing.assert_allclose(flow, 0.0, atol=1e-12)
    assert np.prod(eigenvalues(cell, v, saddle_node(cell.b))) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("b", [0.2, 0.25])
def test_rest_loses_stability_by_a_hopf_bifurcation(b: float):
    cell = models.Izhikevich(b=b)
    v, current = hopf(cell.a, b)
    at_hopf = eigenvalues(cell, v, current)
    np.testing.assert_allclose(at_hopf.real, 0.0, atol=1e-12)
    assert (np.abs(at_hopf.imag) > 0.0).all()
    for shift, sign in ((-0.05, -1), (0.05, 1)):
        rest = equilibria(cell, current + shift)[0]
        run = cell.simulate(current + shift, 300.0, 0.05, initial={"v": rest + 1e-3, "u": b * rest})
        early = np.abs(run["v"] - rest)[run.time < 60.0].max()
        late = np.abs(run["v"] - rest)[run.time > 240.0].max()
        assert np.sign(np.log(late / early)) == sign


def test_tonic_firing_sets_in_beyond_the_saddle_node():
    cell = models.Izhikevich()
    assert cell.simulate(models.Ramp(0.0, 3.7, 0.0, 2000.0), 3000.0, 0.1).spike_times.size == 0
    assert cell.simulate(4.05, 3000.0, 0.1).spike_times.size > 10


def test_the_time_constant_and_resistance_scale_as_they_say():
    """Doubling tau_m halves dv/dt; R multiplies the current."""
    cell = models.Izhikevich()
    x = jnp.array([-60.0, -12.0])
    base = cell.derivatives(x, 10.0, cell.p)
    slow = cell.derivatives(x, 10.0, cell.replace(tau_m=2.0).p)
    assert slow[0] == base[0] / 2.0
    assert slow[1] == base[1]
    double = cell.derivatives(x, 5.0, cell.replace(R=2.0).p)
    np.testing.assert_array_equal(double, base)


def test_a_spike_is_cut_at_the_peak_and_lands_on_c_with_u_raised_by_d():
    cell = models.Izhikevich()
    run = cell.simulate(10.0, 100.0, 0.01)
    k = int(np.ceil(run.spike_times[0] / 0.01))
    assert run["v"][k] == pytest.approx(30.0, abs=1e-6)
    assert run["v"][k + 1] == pytest.approx(cell.c, abs=1.0)
    assert run["u"][k + 1] - run["u"][k] == pytest.approx(cell.d, abs=0.02)


def test_a_reset_at_or_above_the_peak_is_refused():
    with pytest.raises(ValueError, match="`c` is 40 mV but the spike peak `v_peak` is 30 mV"):
        models.Izhikevich(c=40.0)
