"""Phase responses: the adjoint against kicks, and both against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

import models
from models import analysis

SNLC_REGIME = models.MorrisLecar(g_Ca=4.0, V3=12.0, V4=17.4, phi=1.0 / 15.0)


@pytest.mark.parametrize(
    ("cell", "current"),
    [(models.HodgkinHuxley(), 10.0), (SNLC_REGIME, 45.0), (models.FitzHughNagumo(), 0.5)],
)
def test_the_adjoint_agrees_with_kicks(cell: models.NeuronModel, current: float) -> None:
    exact = analysis.phase_response(cell, current, phases=16)
    kicked = analysis.phase_response(cell, current, phases=16, method="kicks")
    assert np.allclose(kicked.response, exact.response, atol=2e-3 * np.abs(exact.response).max())
    assert kicked.kind == exact.kind
    assert (exact.method, kicked.method) == ("adjoint", "kicks")


def test_hodgkin_huxley_is_type_two_and_the_saddle_node_type_one() -> None:
    squid = analysis.phase_response(models.HodgkinHuxley(), 10.0)
    assert squid.kind == "type II"
    assert 1e3 / squid.period == pytest.approx(68.3, abs=0.05)
    assert analysis.phase_response(SNLC_REGIME, 41.0).kind == "type I"


def test_lif_advances_by_the_closed_form() -> None:
    cell = models.LIF()
    found = analysis.phase_response(cell, 300.0, phases=40)
    assert 1e3 / found.period == pytest.approx(77.01, abs=0.005)
    end = cell.v_rest + 1e-3 * cell.R * 300.0
    t = found.phase * found.period - cell.t_ref
    v = end + (cell.v_reset - end) * np.exp(-t / cell.tau_m)
    # dt/dv times dv per charge, and nothing while refractory.
    expected = np.where(t < 0.0, 0.0, 1e-3 * cell.R / (end - v))
    assert np.allclose(found.response, expected, rtol=1e-4, atol=1e-9)
    assert found.kind == "type I"


def test_qif_responds_like_one_over_its_speed() -> None:
    cell = models.QIF()
    found = analysis.phase_response(cell, 200.0, phases=24)
    run = cell.simulate(200.0, found.period * 1.01, 1e-3, initial={"v": cell.v_reset})
    t = found.phase * found.period
    speed = np.interp(t, run.time[:-1], np.diff(run["v"]) / 1e-3)
    per_charge = 1e-3 * cell.R / cell.tau_m
    assert np.allclose(found.response, per_charge / speed, rtol=0.01)


@pytest.mark.parametrize(("delta_T", "current"), [(2.0, 205.0), (2.0, 300.0), (0.5, 400.0)])
def test_eif_responds_like_one_over_its_speed(delta_T: float, current: float) -> None:
    # To a part in a thousand: a spike that explodes within a step adds no noise.
    cell = models.EIF(delta_T=delta_T)
    found = analysis.phase_response(cell, current, phases=50)

    def speed(v: float) -> float:
        spike = cell.g_L * delta_T * np.exp((v - cell.v_T) / delta_T)
        return (cell.g_L * (cell.v_rest - v) + current + spike) / cell.C

    bends = [cell.v_T, cell.v_T + 5.0 * delta_T]
    climb = quad(lambda v: 1.0 / speed(v), cell.v_reset, cell.v_peak, points=bends, limit=500)
    assert found.period == pytest.approx(cell.t_ref + climb[0], abs=1e-5)
    t = found.phase * found.period - cell.t_ref
    inside = (t > 0.05) & (found.phase < 0.97)
    v = solve_ivp(
        lambda _, x: [speed(x[0])],
        (0.0, t[inside][-1]),
        [cell.v_reset],
        t_eval=t[inside],
        rtol=1e-11,
        atol=1e-11,
    ).y[0]
    expected = 1.0 / (cell.C * np.array([speed(x) for x in v]))
    assert np.allclose(found.response[inside], expected, rtol=1e-3)


def test_a_cell_at_rest_has_no_phase() -> None:
    with pytest.raises(ValueError, match="`current` is 5"):
        analysis.phase_response(models.HodgkinHuxley(), 5.0)
    with pytest.raises(ValueError, match="`method`"):
        analysis.phase_response(models.LIF(), 300.0, method="adjoint")


def test_a_steep_spike_is_periodic_however_coarsely_its_time_is_told() -> None:
    cell = models.EIF(C=50.0, g_L=25.0, v_T=-54.0, delta_T=1.9, v_peak=-15.0, t_ref=0.0)
    found = analysis.phase_response(cell, 720.0, phases=20)

    def speed(v: float) -> float:
        spike = 25.0 * 1.9 * np.exp((v + 54.0) / 1.9)
        return float((25.0 * (-75.0 - v) + spike + 720.0) / 50.0)

    def until(v: float) -> float:
        return float(quad(lambda x: 1.0 / speed(x), -75.0, v, limit=200)[0])

    assert found.period == pytest.approx(until(-15.0), rel=1e-4)
    times = found.phase[1:] * found.period
    v = [brentq(lambda x, t=t: until(x) - t, -75.0, -15.0) for t in times]
    expected = [1.0 / 50.0 / speed(x) for x in v]
    assert np.allclose(found.response[1:], expected, rtol=0.01)


@pytest.mark.parametrize(
    ("cell", "current"),
    [
        (models.HindmarshRose(r=0.0085, s=1.77), 3.684),
        (models.MorrisLecar(phi=0.295), 155.0),
        (models.Izhikevich(d=0.3), 40.0),
        (models.AdEx(b=5.0, tau_w=500.0), 1500.0),
        (models.AdaptiveQuadratic.with_adaptations(2)(d2=20.0), 400.0),
    ],
)
def test_a_lasting_current_is_many_kicks_however_slowly_they_are_forgotten(
    cell: models.NeuronModel, current: float
) -> None:
    # A little more current throughout changes the period by all its kicks together.
    step = 2e-3 * current
    found = analysis.phase_response(cell, current, phases=400)
    beside = [analysis.phase_response(cell, current + s, phases=1) for s in (step, -step)]
    shorter = (beside[1].period - beside[0].period) / (2.0 * step)
    assert found.response.mean() * found.period == pytest.approx(shorter, rel=0.02)


@pytest.mark.parametrize(
    ("cell", "current"),
    [
        (models.HindmarshRose(), 2.0),  # bursts
        (models.HindmarshRose(), 3.25),  # chaos
        (models.HindmarshRose(r=0.021, s=3.71), 2.827),  # in pairs, around an orbit that repels
        (models.Izhikevich(c=-50.0, d=2.0), 10.0),
        (models.AdaptiveQuadratic(c=-40.0, k=1.5, C=50.0, b=1.0, d=150.0), 300.0),
    ],
)
def test_what_bursts_has_no_phase(cell: models.NeuronModel, current: float) -> None:
    with pytest.raises(ValueError, match=r"`current` is .* does not fire periodically: choose"):
        analysis.phase_response(cell, current)


@pytest.mark.parametrize("kick", [0.0, -1.0, float("nan"), "a little", True])
def test_a_kick_is_a_positive_charge(kick: float) -> None:
    with pytest.raises(ValueError, match="`kick` is"):
        analysis.phase_response(models.LIF(), 300.0, kick=kick)
