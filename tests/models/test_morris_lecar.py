"""Morris-Lecar against the algebra of its equations, written out here."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from models import MorrisLecar
from tests.models import solutions

REGIMES = {
    "hopf": {"g_Ca": 4.4, "V3": 2.0, "V4": 30.0, "phi": 0.04},
    "snlc": {"g_Ca": 4.0, "V3": 12.0, "V4": 17.4, "phi": 1.0 / 15.0},
    "homoclinic": {"g_Ca": 4.0, "V3": 12.0, "V4": 17.4, "phi": 0.23},
}


class Algebra:
    """The equations on the curve of equilibria, parametrised by v."""

    def __init__(self, g_Ca: float, V3: float, V4: float, phi: float) -> None:
        self.g_Ca, self.V3, self.V4, self.phi = g_Ca, V3, V4, phi

    def current(self, v: float) -> float:
        """The current that holds the cell at v."""
        m = 0.5 * (1 + np.tanh((v + 1.2) / 18.0))
        w = 0.5 * (1 + np.tanh((v - self.V3) / self.V4))
        return self.g_Ca * m * (v - 120) + 8 * w * (v + 84) + 2 * (v + 60)

    def jacobian(self, v: float) -> np.ndarray:
        m = 0.5 * (1 + np.tanh((v + 1.2) / 18.0))
        w = 0.5 * (1 + np.tanh((v - self.V3) / self.V4))
        dm = 0.5 / 18.0 / np.cosh((v + 1.2) / 18.0) ** 2
        dw = 0.5 / self.V4 / np.cosh((v - self.V3) / self.V4) ** 2
        rate = self.phi * np.cosh((v - self.V3) / (2 * self.V4))
        slope = -(self.g_Ca * (m + dm * (v - 120)) + 8 * w + 2)
        return np.array([[slope / 20, -8 * (v + 84) / 20], [rate * dw, -rate]])

    def roots(self, of: str) -> list[float]:
        """Voltages of Hopf points (trace 0, determinant above 0) or folds (determinant 0)."""
        measure = np.trace if of == "hopf" else np.linalg.det
        grid = np.linspace(-70, 50, 4001)
        values = np.array([measure(self.jacobian(v)) for v in grid])
        at = np.flatnonzero(values[:-1] * values[1:] < 0)
        found = [brentq(lambda v: measure(self.jacobian(v)), grid[i], grid[i + 1]) for i in at]
        return [v for v in found if of != "hopf" or np.linalg.det(self.jacobian(v)) > 0]


@pytest.mark.parametrize("regime", REGIMES)
def test_the_model_is_the_equations_of_the_book(regime):
    cell, book = MorrisLecar(**REGIMES[regime]), Algebra(**REGIMES[regime])
    for v in (-60.0, -25.0, 5.0):
        w = 0.5 * (1 + np.tanh((v - book.V3) / book.V4))
        slopes = cell.derivatives(np.array([v, w]), book.current(v), cell.p)
        assert np.asarray(slopes) == pytest.approx([0.0, 0.0], abs=1e-12)


@pytest.mark.parametrize(
    ("regime", "rest"), [("hopf", -60.855), ("snlc", -59.474), ("homoclinic", -59.474)]
)
def test_it_rests_where_the_sources_say(regime, rest):
    run = MorrisLecar(**REGIMES[regime]).simulate(0.0, 3000.0, initial={"v": rest - 0.5})
    assert run["v"][-1] == pytest.approx(rest, abs=5e-4)


def test_the_hopf_points_of_the_hopf_regime():
    book = Algebra(**REGIMES["hopf"])
    low, high = book.roots("hopf")
    assert book.current(low) == pytest.approx(93.858, abs=5e-4)
    assert book.current(high) == pytest.approx(212.019, abs=5e-4)
    frequency = np.sqrt(np.linalg.det(book.jacobian(low))) / (2 * np.pi) * 1000
    assert frequency == pytest.approx(12.7, abs=0.05)


def test_the_fold_does_not_move_with_phi_and_the_hopf_point_does():
    snlc, homoclinic = Algebra(**REGIMES["snlc"]), Algebra(**REGIMES["homoclinic"])
    for book in (snlc, homoclinic):
        assert book.current(book.roots("fold")[0]) == pytest.approx(39.963, abs=5e-4)
    assert snlc.current(snlc.roots("hopf")[0]) == pytest.approx(97.788, abs=5e-4)
    assert homoclinic.current(homoclinic.roots("hopf")[0]) == pytest.approx(36.316, abs=5e-4)


def test_below_the_hopf_point_rest_and_firing_are_both_stable():
    book = Algebra(**REGIMES["hopf"])
    v = brentq(lambda v: book.current(v) - 91.0, -40, -20)
    rest = {"v": v + 0.2, "w": 0.5 * (1 + np.tanh((v - 2) / 30))}
    assert MorrisLecar().simulate(91.0, 2000.0, initial=rest).spike_times.size == 0
    firing = MorrisLecar().simulate(91.0, 2000.0, initial={"v": 10.0, "w": 0.1})
    assert firing.spike_times[-1] > 1850.0


def test_above_the_hopf_point_rest_gives_way_to_full_spikes():
    book = Algebra(**REGIMES["hopf"])
    v = brentq(lambda v: book.current(v) - 95.0, -40, -20)
    rest = {"v": v + 0.2, "w": 0.5 * (1 + np.tanh((v - 2) / 30))}
    run = MorrisLecar().simulate(95.0, 4000.0, initial=rest)
    assert np.ptp(run["v"][run.time > 3000.0]) > 70.0


def test_firing_from_the_fold_starts_at_zero_rate_with_a_square_root_law():
    cell = MorrisLecar(**REGIMES["snlc"])
    assert cell.simulate(39.9, 2000.0).spike_times.size == 0
    beyond = np.array([0.05, 0.2])
    rates = []
    for distance in beyond:
        times = cell.simulate(39.9632 + distance, 6000.0).spike_times
        rates.append(1000.0 / np.diff(times)[1:].mean())
    assert rates[0] < 4.0
    # Four times the distance, twice the rate, up to the time of the spike itself.
    assert rates[1] / rates[0] == pytest.approx(2.0, abs=0.15)


def test_in_the_homoclinic_regime_a_cycle_lives_beside_rest():
    cell, book = MorrisLecar(**REGIMES["homoclinic"]), Algebra(**REGIMES["homoclinic"])
    v = brentq(lambda v: book.current(v) - 37.0, -45, -30)
    rest = {"v": v, "w": 0.5 * (1 + np.tanh((v - 12) / 17.4))}
    assert cell.simulate(37.0, 1000.0, initial=rest).spike_times.size == 0
    firing = cell.simulate(37.0, 1000.0, initial={"v": 0.0, "w": 0.1})
    assert firing.spike_times[-1] > 960.0
    # Towards the homoclinic current, near 35.0, the period grows with its logarithm.
    periods = [
        np.diff(cell.simulate(i, 2000.0, initial={"v": 0.0, "w": 0.1}).spike_times)[-1]
        for i in (37.0, 35.4, 35.1)
    ]
    assert periods[2] > periods[1] > periods[0]
    assert cell.simulate(34.8, 2000.0, initial={"v": 0.0, "w": 0.1}).spike_times.size < 5


@pytest.mark.parametrize(
    ("method", "order", "dt"),
    [("euler", 1, 0.02), ("midpoint", 2, 0.2), ("rk4", 4, 0.8), ("exponential-euler", 1, 0.02)],
)
def test_a_run_converges_with_the_order_of_its_method(method, order, dt):
    book = Algebra(**REGIMES["hopf"])

    def derivatives(t: float, x: np.ndarray) -> list[float]:
        v, w = x
        w_inf = 0.5 * (1 + np.tanh((v - 2) / 30))
        held = 8 * 0.5 * (1 + np.tanh((v - 2) / 30)) * (v + 84)
        dv = (100.0 - book.current(v) + held - 8 * w * (v + 84)) / 20
        return [dv, 0.04 * np.cosh((v - 2) / 60) * (w_inf - w)]

    exact = solutions.solve(derivatives, [-40.0, 0.05], 40.0)
    steps = np.array([dt, dt / 2, dt / 4])
    errors = [
        abs(
            MorrisLecar().simulate(100.0, 40.0, h, method, initial={"v": -40.0, "w": 0.05})["v"][-1]
            - exact[0]
        )
        for h in steps
    ]
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] == pytest.approx(order, abs=0.25)


def test_absurd_currents_never_make_the_slopes_infinite():
    cell = MorrisLecar()
    for v in (-1e5, 1e5):
        slopes = np.asarray(cell.derivatives(np.array([v, 0.5]), 1e6, cell.p))
        assert np.isfinite(slopes).all()
