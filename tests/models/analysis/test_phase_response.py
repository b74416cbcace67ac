"""Phase responses: the adjoint against kicks, and both against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

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


def test_a_cell_at_rest_has_no_phase() -> None:
    with pytest.raises(ValueError, match="`current` is 5"):
        analysis.phase_response(models.HodgkinHuxley(), 5.0)
    with pytest.raises(ValueError, match="`method`"):
        analysis.phase_response(models.LIF(), 300.0, method="adjoint")
