"""Inferno's step: refractory counting, adaptation and its modes, by hand calculation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import models
from models import published

RS07: dict[str, float] = {
    "C": 100.0, "k": 0.7, "v_rest": -60.0, "v_crit": -40.0, "v_peak": 35.0,
    "c": -50.0, "a": 0.03, "b": -2.0, "d": 100.0,
}  # fmt: skip


def blocked_steps(dt: float, t_ref: float, dtype: Any = np.float64) -> int:
    """Steps during which a cell driven to fire at every step is silent."""
    cell = models.AdaptiveQuadratic(**RS07, t_ref=t_ref).replace(d=0.0)
    steps = round(t_ref / dt) + 10
    record = published.run_many(cell, np.full(steps, 1e6), dt, "inferno", dtype=dtype)
    fired = np.flatnonzero(record.outputs["s"])
    return int(fired[1] - fired[0] - 1)


@pytest.mark.parametrize(("dt", "t_ref"), [(0.5, 3.0), (0.25, 2.0), (1.0, 4.0)])
def test_pause_is_one_step_shorter_than_asked_for(dt: float, t_ref: float) -> None:
    assert blocked_steps(dt, t_ref) == round(t_ref / dt) - 1


def test_pause_of_one_step_is_none() -> None:
    assert blocked_steps(0.5, 0.5) == 0 == blocked_steps(0.5, 0.0)


@pytest.mark.parametrize(("t_ref", "double", "single"), [(0.5, 5, 5), (3.0, 29, 30), (5.0, 50, 50)])
def test_rounding_of_the_countdown_can_add_a_step(t_ref: float, double: int, single: int) -> None:
    assert blocked_steps(0.1, t_ref) == double
    assert blocked_steps(0.1, t_ref, np.float32) == single


def test_one_step_by_hand() -> None:
    cell = models.AdaptiveQuadratic(**RS07, t_ref=2.0)
    run = cell.simulate(np.array([50.0]), dt=0.5, method="inferno", initial={"v": -45.0, "u": 20.0})
    v = -45.0 + 0.5 / 100.0 * (0.7 * 15.0 * -5.0 + 50.0 - 20.0)
    w = 20.0 + 0.5 * 0.03 * (-2.0 * (v + 60.0) - 20.0)  # with the new voltage
    assert run["v"][1] == pytest.approx(v, abs=1e-12)
    assert run["u"][1] == pytest.approx(w, abs=1e-12)


def test_spike_by_hand_shows_its_peak_and_returns_the_reset() -> None:
    # From v = 30: 30 + 0.5/100 (0.7·90·70 + 1000) = 57.05, above 35.
    cell = models.AdaptiveQuadratic(**RS07)
    run = cell.simulate(np.array([1000.0]), dt=0.5, method="inferno", initial={"v": 30.0})
    assert run["v"][1] == pytest.approx(57.05)
    assert run.outputs["v"].tolist() == [-50.0]
    assert run.outputs["s"].tolist() == [1]
    assert run.spike_times.tolist() == [0.5]
    # Without refractory period the decay acts too, at the voltage after the reset, then the jump.
    assert run.outputs["w"][0, 0] == pytest.approx(0.5 * 0.03 * (-2.0 * 10.0) + 100.0)


def test_decay_of_adaptation_pauses_while_a_locked_cell_is_refractory() -> None:
    locked, free = (
        models.AdaptiveQuadratic(**RS07, t_ref=3.0)
        .simulate(
            np.array([1000.0, 0.0, 0.0]),
            dt=0.5,
            method="inferno",
            initial={"v": 30.0},
            options={"refrac_lock": lock},
        )
        .outputs
        for lock in (True, False)
    )
    assert locked["v"].tolist() == [-50.0] * 3
    assert locked["w"][:, 0].tolist() == [100.0] * 3
    # Unlocked, the voltage follows the undriven parabola: no input, no adaptation current.
    v = -50.0 + 0.5 / 100.0 * (0.7 * 10.0 * -10.0)
    assert free["v"][1] == pytest.approx(v)
    w = 0.5 * 0.03 * -20.0 + 100.0
    assert free["w"][0, 0] == pytest.approx(w)
    assert free["w"][1, 0] == pytest.approx(w + 0.5 * 0.03 * (-2.0 * (v + 60.0) - w))
    assert free["s"].tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("options", "adapts"),
    [
        ({}, True),
        ({"training": False}, False),
        ({"training": False, "adapt": "on"}, True),
        ({"training": True, "adapt": "off"}, False),
    ],
)
def test_adaptation_follows_the_mode_of_the_module(options: dict[str, Any], adapts: bool) -> None:
    run = models.AdaptiveQuadratic(**RS07).simulate(
        100.0, duration=200.0, dt=0.5, method="inferno", options=options
    )
    assert run.spike_times.size > 0
    assert run.outputs["w"].any() == adapts


def test_silent_cell_of_a_batch_dilutes_the_adaptation_of_the_others() -> None:
    cell = models.AdaptiveQuadratic(**RS07)
    record = published.run_many(
        cell,
        np.array([[1000.0, 0.0, 0.0, 0.0]]),
        0.5,
        "inferno",
        initial={"v": np.array([30.0, -60.0, -60.0, -60.0])},
        options={"batch": True},
    )
    assert record.outputs["s"].tolist() == [[1, 0, 0, 0]]
    alone = 0.5 * 0.03 * -20.0 + 100.0
    assert record.outputs["w"].shape == (1, 1)
    assert record.outputs["w"][0, 0] == pytest.approx(alone / 4.0)


def test_cells_of_a_layer_adapt_on_their_own() -> None:
    cell = models.AdaptiveQuadratic(**RS07)
    samples = np.broadcast_to(np.linspace(60.0, 160.0, 6).reshape(1, 2, 3), (400, 2, 3))
    record = published.run_many(cell, samples, 0.5, "inferno")
    for row, column in np.ndindex(2, 3):
        run = cell.simulate(samples[:, row, column], dt=0.5, method="inferno")
        np.testing.assert_allclose(record.outputs["v"][:, row, column], run.outputs["v"])


def test_three_adaptation_currents_by_hand() -> None:
    cell = models.AdaptiveQuadratic.with_adaptations(3)(
        **RS07, a2=0.01, b2=0.5, d2=20.0, a3=0.1, b3=1.0, d3=-5.0
    )
    run = cell.simulate(
        np.array([0.0]),
        dt=1.0,
        method="inferno",
        initial={"v": -45.0, "u": 3.0, "u2": 4.0, "u3": 5.0},
    )
    v = -45.0 + 1.0 / 100.0 * (0.7 * 15.0 * -5.0 - 12.0)
    expected = [
        w + a * (b * (v + 60.0) - w)
        for w, a, b in ((3.0, 0.03, -2.0), (4.0, 0.01, 0.5), (5.0, 0.1, 1.0))
    ]
    np.testing.assert_allclose(run.outputs["w"][0], expected, atol=1e-12)


def test_resistance_multiplies_input_and_adaptation() -> None:
    run = models.AdaptiveQuadratic(**RS07).simulate(
        np.array([10.0]),
        dt=1.0,
        method="inferno",
        initial={"v": -60.0, "u": 4.0},
        options={"resistance": -3.0},
    )
    assert run["v"][1] == pytest.approx(-60.0 + 0.01 * -3.0 * (10.0 - 4.0))


def test_the_model_of_2003_maps_onto_inferno() -> None:
    root = np.sqrt(25.0 - 4 * 0.04 * 140.0)
    rest, crit = (-5.0 - root) / 0.08, (-5.0 + root) / 0.08
    assert (rest, crit) == (pytest.approx(-82.66, abs=0.01), pytest.approx(-42.34, abs=0.01))
    mapped = models.AdaptiveQuadratic(
        C=1.0, k=0.04, v_rest=rest, v_crit=crit, a=0.02, b=0.2, c=-65.0, d=8.0, v_peak=30.0
    ).simulate(10.0 - 0.2 * rest, duration=20.0, dt=0.01, method="inferno",
               initial={"v": -65.0, "u": -13.0 - 0.2 * rest})  # fmt: skip
    original = models.Izhikevich().simulate(10.0, duration=20.0, dt=0.01, method="ngc-learn:euler")
    # One tests the new voltage, the other the old one: the resets are one step apart.
    assert mapped.spike_times.size == original.spike_times.size > 0
    np.testing.assert_allclose(mapped.spike_times, original.spike_times, atol=0.02)
