"""Bifurcation diagrams against normal forms, closed forms, published numbers and scipy."""

from __future__ import annotations

import threading
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import models
from models import analysis
from models.analysis.cyclic import solve_cyclic

from .normal_forms import HopfNormalForm, SaddleNodeOnCircle, StrogatzHomoclinic, TorusNormalForm
from .regimes import HOPF_REGIME, SNLC_REGIME


@pytest.fixture(scope="module")
def squid() -> analysis.Diagram:
    return analysis.bifurcation(models.HodgkinHuxley(), "current", (0.0, 200.0))


def test_hodgkin_huxley_oscillates_between_two_hopf_points(squid: analysis.Diagram) -> None:
    assert np.allclose(squid.hopf, [9.775, 154.52], atol=0.005)
    assert [round(point.frequency, 1) for point in squid.hopf] == [93.3, 169.2]
    assert [point.criticality for point in squid.hopf] == ["subcritical", "supercritical"]
    assert squid.folds == ()


def test_hodgkin_huxley_rests_and_fires_between_the_cycle_fold_and_the_hopf_point(
    squid: analysis.Diagram,
) -> None:
    assert squid.cycle_folds[0] == pytest.approx(6.26, abs=0.005)
    (both,) = squid.bistable
    assert (both.low, both.high) == (squid.cycle_folds[0], squid.hopf[0])
    assert squid.sentence == "Rest and firing are both stable between 6.26 and 9.78 µA/cm²."


def test_a_family_of_cycles_joins_the_two_hopf_points(squid: analysis.Diagram) -> None:
    (family,) = squid.cycles
    assert (family.start, family.end) == ("Hopf", "Hopf")
    assert family.limits == pytest.approx((9.775, 154.52), abs=0.005)
    assert not family.stable[0]
    assert len(family.folds) == 3  # Rinzel & Miller 1980: several orbits coexist below the Hopf


def test_the_axon_of_1952_doubles_its_period_where_guckenheimer_and_oliva_found_it() -> None:
    # J. Guckenheimer & R. A. Oliva, SIAM J. Appl. Dyn. Syst. 1 (2002) 105: fold and doubling.
    axon = models.HodgkinHuxley(v_offset=0.0, E_Na=115.0, E_K=-12.0, E_L=10.599)
    found = analysis.bifurcation(axon, "current", (5.0, 12.0))
    assert found.cycle_folds[-1] == pytest.approx(7.92198549, abs=1e-7)
    assert found.period_doublings[-1] == pytest.approx(7.92197768, abs=1e-7)


def test_special_points_of_a_family_lie_on_it(squid: analysis.Diagram) -> None:
    (family,) = squid.cycles
    assert len(family.period_doublings) == 2 and family.tori == ()
    for point in (*family.folds, *family.period_doublings):
        at = np.flatnonzero(family.parameter == float(point))
        assert at.size == 1
        assert family.period[at[0]] == point.period
        assert family.max["v"][at[0]] == point.max["v"]
    # It begins and ends in the equilibrium, with the frequency of the Hopf points.
    for i, hopf in ((0, squid.hopf[0]), (-1, squid.hopf[1])):
        assert family.parameter[i] == hopf
        assert family.min["v"][i] == family.max["v"][i] == hopf.state["v"]
        assert family.period[i] == pytest.approx(1e3 / hopf.frequency)


def test_a_torus_branches_off_where_the_normal_form_says() -> None:
    found = analysis.bifurcation(TorusNormalForm(), "mu", (0.2, 1.0))
    assert found.tori == pytest.approx([0.5], abs=1e-6)
    assert found.period_doublings == ()
    (family,) = found.cycles
    assert np.all(family.stable[family.parameter < 0.5])
    assert not family.stable[family.parameter > 0.501].any()
    assert "A second, slower rhythm joins firing at 0.5." in found.sentence


def test_periods_and_envelopes_agree_with_an_independent_integrator(
    squid: analysis.Diagram,
) -> None:
    (family,) = squid.cycles
    i = int(np.argmin(np.abs(np.where(family.stable, family.parameter, np.inf) - 20.0)))
    cell, current = models.HodgkinHuxley(), family.parameter[i]

    def flow(_: float, x: np.ndarray) -> np.ndarray:
        return np.asarray(cell.derivatives(jnp.asarray(x), jnp.asarray(current), cell.p))

    def upward(_: float, x: np.ndarray) -> float:
        return float(x[0] + 30.0)

    upward.direction = 1.0  # type: ignore[attr-defined]
    start = np.asarray(cell.initial_state(cell.p))
    solved = solve_ivp(flow, (0.0, 200.0), start, "LSODA", rtol=1e-8, atol=1e-8, events=upward)
    late = solved.t > 100.0
    assert np.diff(solved.t_events[0])[-1] == pytest.approx(family.period[i], rel=1e-4)
    assert solved.y[0, late].max() == pytest.approx(family.max["v"][i], abs=0.5)
    assert solved.y[0, late].min() == pytest.approx(family.min["v"][i], abs=0.1)


def test_a_family_that_shrinks_onto_its_hopf_point_is_not_followed_out_again() -> None:
    # Over this range a step of the continuation leads right over the upper Hopf point.
    found = analysis.bifurcation(models.HodgkinHuxley(), "current", (-10.0, 200.0))
    (family,) = found.cycles
    assert (family.start, family.end) == ("Hopf", "Hopf")
    assert family.limits == pytest.approx((9.775, 154.52), abs=0.005)
    assert len(family.folds) == 3


def test_a_family_that_shrinks_onto_a_soft_hopf_point_makes_no_second_state_of_it() -> None:
    # The equations are symmetric about I = 2, so what holds at one end holds at the other; over
    # this range a step used to end on the equilibrium beyond the upper Hopf point.
    found = analysis.bifurcation(models.FitzHughNagumo.from_preset("epfl"), "current", (-1.0, 3.0))
    assert found.cycle_folds == () and found.bistable == ()
    (family,) = found.cycles
    assert family.limits[0] + family.limits[1] == pytest.approx(4.0, abs=1e-8)
    assert family.start == family.end == "Hopf" and family.stable.all()
    assert found.sentence == "An oscillation grows out of rest, from nothing, at 1.259 and 2.741."


def test_a_family_with_a_canard_at_both_ends_is_followed_to_its_end() -> None:
    found = analysis.bifurcation(models.FitzHughNagumo(tau=50.0), "current", (-1.0, 2.0))
    (family,) = found.cycles
    assert (family.start, family.end) == ("Hopf", "Hopf")
    lower, upper = found.cycle_folds
    assert lower + upper == pytest.approx(1.75, abs=1e-6)  # symmetric about I = a / b
    assert found.sentence == (
        "Rest and firing are both stable between 0.2998 and 0.3016 and between 1.4484 and 1.4502."
    )


def test_where_the_parameter_stands_still_rounding_is_no_fold() -> None:
    # The large cycle ends on the saddle within 1e-7 of where it loses its stability.
    found = analysis.bifurcation(models.FitzHughNagumo(), "b", (0.05, 3.0), current=0.5)
    assert found.cycle_folds == pytest.approx([1.42561], abs=1e-5)


def test_fitzhugh_nagumo_is_subcritical_and_the_other_scaling_supercritical() -> None:
    classic = analysis.bifurcation(models.FitzHughNagumo(), "current", (0.0, 2.0))
    assert classic.hopf[0] == pytest.approx(0.33128, abs=1e-5)
    assert {point.criticality for point in classic.hopf} == {"subcritical"}
    variant = models.FitzHughNagumo.from_preset("epfl")
    soft = analysis.bifurcation(variant, "current", (-1.0, 3.0))
    assert len(soft.hopf) == 2
    assert {point.criticality for point in soft.hopf} == {"supercritical"}


@pytest.mark.parametrize(("a", "b"), [(0.02, 0.2), (0.02, 0.25), (0.1, 0.26), (0.05, 0.22)])
def test_izhikevich_loses_rest_where_the_closed_forms_say(a: float, b: float) -> None:
    found = analysis.bifurcation(models.Izhikevich(a=a, b=b), "current", (-5.0, 10.0))
    v = (a - 5.0) / 0.08
    assert found.folds == pytest.approx([(5.0 - b) ** 2 / 0.16 - 140.0], abs=1e-8)
    assert list(found.hopf) == pytest.approx([b * v - 0.04 * v * v - 5.0 * v - 140.0], abs=1e-8)


def test_a_hopf_point_of_the_normal_form_is_soft_or_hard_by_its_cubic_term() -> None:
    soft = analysis.bifurcation(HopfNormalForm(sigma=-1.0), "mu", (-0.5, 0.5))
    (point,) = soft.hopf
    assert point == pytest.approx(0.0, abs=1e-9)
    assert point.criticality == "supercritical"
    assert point.frequency == pytest.approx(1e3 / np.pi, rel=1e-9)
    (family,) = soft.cycles
    assert family.stable.all()
    assert np.allclose(family.max["x"], np.sqrt(family.parameter), atol=1e-4)
    assert family.end == "edge" and family.parameter[-1] == family.limits[1] == 0.5
    hard = analysis.bifurcation(HopfNormalForm(sigma=1.0, tau=-1.0), "mu", (-0.5, 0.5))
    assert hard.hopf[0].criticality == "subcritical"
    assert hard.cycle_folds == pytest.approx([-0.25], abs=1e-6)
    (both,) = hard.bistable
    assert (both.low, both.high) == pytest.approx((-0.25, 0.0), abs=1e-6)


def test_cycles_without_a_hopf_point_are_found_and_end_at_the_saddle_node() -> None:
    found = analysis.bifurcation(SaddleNodeOnCircle(), "mu", (0.5, 3.0))
    assert found.folds == pytest.approx([1.0], abs=1e-9)
    (family,) = found.cycles
    i = int(np.argmax(family.period))
    end, limit = (family.end, family.limits[1]) if i else (family.start, family.limits[0])
    assert (end, limit) == ("SNIC", pytest.approx(1.0, abs=1e-9))
    mu = family.parameter[(family.parameter > 1.001) & (family.parameter < 3.0)]
    period = family.period[(family.parameter > 1.001) & (family.parameter < 3.0)]
    assert np.allclose(period, 2.0 * np.pi / np.sqrt(mu**2 - 1.0), rtol=1e-4)


def test_a_homoclinic_end_is_told_from_a_saddle_node_by_how_the_period_grows() -> None:
    found = analysis.bifurcation(StrogatzHomoclinic(), "mu", (-1.2, -0.7))
    (point,) = found.hopf
    assert point == pytest.approx(-1.0, abs=1e-9)
    assert point.criticality == "supercritical"
    (family,) = found.cycles
    assert family.end == "homoclinic"
    assert family.limits[1] == pytest.approx(-0.8645, abs=1e-4)


def test_a_family_that_reaches_the_edge_of_the_range_is_one_and_ends_there() -> None:
    # Beyond the edge it turns, at g_L < 0: nothing of that belongs to the diagram.
    cell = SNLC_REGIME.replace(phi=0.0666666666666667)
    found = analysis.bifurcation(cell, "g_L", (0.0, 5.0), current=37.0)
    assert found.cycle_folds == ()
    # Simulation meets the family at the edge, where its period is exact: it is not followed again.
    found = analysis.bifurcation(HOPF_REGIME, "g_L", (0.0, 5.0), current=100.0)
    (large,) = (cycle for cycle in found.cycles if cycle.stable.any())
    assert (large.end, large.limits[1], large.parameter[-1]) == ("edge", 0.0, 0.0)

    def flow(_: float, x: np.ndarray) -> list[float]:
        v, w = x
        calcium = 4.4 * 0.5 * (1.0 + np.tanh((v + 1.2) / 18.0)) * (v - 120.0)
        rate = 0.04 * np.cosh((v - 2.0) / 60.0)
        w_inf = 0.5 * (1.0 + np.tanh((v - 2.0) / 30.0))
        return [(100.0 - calcium - 8.0 * w * (v + 84.0)) / 20.0, rate * (w_inf - w)]

    def upward(_: float, x: np.ndarray) -> float:
        return float(x[0])

    upward.direction = 1.0  # type: ignore[attr-defined]
    solved = solve_ivp(flow, (0.0, 1500.0), [40.0, 0.1], "LSODA", None, False, upward, rtol=1e-9)
    assert large.period[-1] == pytest.approx(np.diff(solved.t_events[0])[-1], rel=1e-5)


def test_any_parameter_can_be_varied() -> None:
    found = analysis.bifurcation(models.HodgkinHuxley(), "g_K", (10.0, 60.0), current=10.0)
    stable = next(b for b in found.bistable)
    for g_K, fires in ((stable.low - 1.0, True), (stable.high + 1.0, False)):
        run = models.HodgkinHuxley(g_K=g_K).simulate(10.0, 1000.0, 0.025)
        assert (run.spike_times > 800.0).any() == fires


def test_a_diagram_ends_where_parameters_no_longer_go_together() -> None:
    found = analysis.bifurcation(models.LIF(), "v_reset")
    assert found.over == (-90.0, pytest.approx(-55.0, abs=0.5))  # the threshold
    assert "fires throughout" in found.sentence
    with pytest.raises(ValueError, match="below `v_threshold`"):
        analysis.bifurcation(models.LIF(), "v_reset", (-90.0, -40.0))


@pytest.mark.parametrize("name", models.catalogue)
def test_every_parameter_has_a_range_in_which_it_can_be_varied(name: str) -> None:
    cell = models.catalogue[name]()
    for parameter, quantity in cell.quantities().items():
        low, high = analysis.possible_range(cell, parameter, *quantity.softbounds)
        assert quantity.softbounds[0] <= low < high <= quantity.softbounds[1], parameter
        for end in (low, high):
            cell.replace(**{parameter: end})


def test_equilibria_are_followed_through_their_folds_with_their_stability() -> None:
    (branch,) = analysis.bifurcation(SNLC_REGIME, "current", (-50.0, 120.0)).equilibria
    for i in range(0, branch.parameter.size, 7):
        points = analysis.fixed_points(SNLC_REGIME, float(branch.parameter[i]))
        nearest = min(points, key=lambda point: abs(point.state["v"] - branch.states["v"][i]))
        assert nearest.state["v"] == pytest.approx(branch.states["v"][i], abs=1e-4)
        growth = nearest.eigenvalues.real.max()
        if abs(growth) > 1e-6:  # not the fold itself
            assert (growth < 0.0) == branch.stable[i]


def test_a_cell_that_bursts_is_not_said_to_rest() -> None:
    # Its bursts are on no orbit that was followed: the family born at the Hopf point is unstable.
    slow = analysis.bifurcation(models.HindmarshRose(r=0.001), "current", (-1.0, 5.0))
    assert not any(cycle.stable.any() for cycle in slow.cycles)
    assert slow.sentence.startswith(
        "The cell fires in bursts, or irregularly, at values from about 1.2"
    )
    run = models.HindmarshRose(r=0.001).simulate(2.0, 3000.0, 0.02)
    assert (run.spike_times > 2000.0).any()


def test_three_places_are_listed_with_a_comma() -> None:
    found = analysis.bifurcation(models.HindmarshRose(), "v_rest", (-3.0, 0.0), current=2.0)
    assert "doubles at -1.774, -1.711 and -1.226." in found.sentence


def test_chaos_leads_to_the_same_orbit_but_once() -> None:
    found = analysis.bifurcation(models.HindmarshRose(), "r", (0.001, 0.05), current=3.0)
    (family,) = found.cycles
    assert (family.start, family.end) == ("edge", "edge")
    assert found.sentence.count("0.03785") == 1
    assert found.sentence.endswith(
        "in bursts, or irregularly, at values from about 0.001 to 0.0353."
    )


def test_a_value_of_zero_is_said_without_what_rounding_leaves_of_it() -> None:
    # I = 70 is the rheobase (b + k (v_crit - v_rest))^2 / 4 k of b = 0 exactly.
    found = analysis.bifurcation(models.AdaptiveQuadratic(), "b", (-10.0, 20.0), current=70.0)
    assert found.sentence == "Rest and firing meet at 0 nS, where the rate starts from zero."


def test_an_island_of_cycles_that_no_hopf_point_belongs_to_is_followed_once_around() -> None:
    axon = models.HodgkinHuxley(g_Na=97.5, g_K=42.5, E_K=-82.0, temperature=16.0)
    found = analysis.bifurcation(axon, "current", (0.0, 200.0))
    assert found.hopf == ()
    (island,) = found.cycles
    assert island.start == island.end == "closed"
    assert island.parameter[0] == island.parameter[-1]
    assert island.period[0] == island.period[-1]
    # Followed up and down by scipy's LSODA, firing goes on at 32.04 and 60.51, not at 32.00 and
    # 60.55.
    lower, upper = found.cycle_folds
    assert 32.00 < lower < 32.04 and 60.51 < upper < 60.55
    (both,) = found.bistable
    assert (both.low, both.high) == (lower, upper)


def test_progress_never_goes_back_and_a_cancelled_diagram_stops() -> None:
    parts: list[float] = []
    analysis.bifurcation(HOPF_REGIME, "current", (0.0, 250.0), progress=parts.append)
    assert parts == sorted(parts)
    assert parts[-1] == 1.0
    cancel = threading.Event()

    def stop(part: float) -> None:
        if part > 0.1:
            cancel.set()

    with pytest.raises(analysis.Cancelled):
        analysis.bifurcation(HOPF_REGIME, "current", (0.0, 250.0), progress=stop, cancel=cancel)


@pytest.mark.parametrize(
    ("parameter", "over", "word"),
    [
        ("gK", (0.0, 1.0), "`parameter` is 'gK'"),
        (["g_K"], (0.0, 1.0), "`parameter` is \\['g_K'\\]"),
        ("current", (2.0, 1.0), "`over` is \\(2, 1\\)"),
        ("current", (1.0, 1.0), "`over` is \\(1, 1\\)"),
        ("current", (np.nan, 1.0), "`over` is \\(nan, 1\\)"),
        ("current", (), "`over` is \\(\\)"),
        ("current", np.array([[0.0, 1.0]]), "`over` is array"),
        ("g_K", (-1.0, 1.0), "`g_K` is -1"),
    ],
)
def test_a_wrong_question_gets_one_sentence(parameter: Any, over: Any, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        analysis.bifurcation(models.HodgkinHuxley(), parameter, over)


def test_closed_chains_are_solved_as_a_dense_solver_solves_them() -> None:
    random = np.random.default_rng(1)
    count, size, more, right = 7, 3, 2, 2
    maps = random.normal(size=(count, size, size))
    sides = random.normal(size=(count, size, more + right))
    borders = random.normal(size=(more, count, size))
    corner = random.normal(size=(more, more + right))
    dense = np.zeros((count * size + more, count * size + more))
    rhs = np.zeros((count * size + more, right))
    for i in range(count):
        rows = slice(i * size, (i + 1) * size)
        following = (i + 1) % count
        dense[rows, following * size : (following + 1) * size] += np.eye(size)
        dense[rows, rows] -= maps[i]
        dense[rows, -more:] = sides[i, :, :more]
        rhs[rows] = sides[i, :, more:]
    dense[-more:, :-more] = borders.reshape(more, -1)
    dense[-more:, -more:], rhs[-more:] = corner[:, :more], corner[:, more:]
    expected = np.linalg.solve(dense, rhs)
    x, y = solve_cyclic(*(jnp.asarray(a) for a in (maps, sides, borders, corner)))
    assert np.allclose(np.asarray(x).reshape(-1, right), expected[:-more], atol=1e-9)
    assert np.allclose(y, expected[-more:], atol=1e-9)
