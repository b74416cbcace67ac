"""ngc-learn's steps: what is peculiar about them, beyond the recorded runs."""

from __future__ import annotations

import math

import jax
import numpy as np
import pytest

import models
from models import published
from models.leaky_noise import activations
from models.published import ngc_learn, ngc_learn_rate

SQUID = {"E_Na": 115.0, "E_K": -12.0, "E_L": 10.6, "v_offset": 0.0}
LIBRARY_DEFAULT = SQUID | {"g_Na": 100.0, "g_K": 5.0, "E_K": -35.0}


def error_at_2_ms(cell: models.NeuronModel, method: str, dt: float, **initial: float) -> float:
    """How far v is off after 2 ms under 10 units of current."""
    exact = cell.simulate(10.0, duration=2.0, dt=5e-4, method="rk4", initial=initial)["v"][-1]
    return cell.simulate(10.0, duration=2.0, dt=dt, method=method, initial=initial)["v"][-1] - exact


@pytest.mark.parametrize(
    ("method", "errors"),
    [
        ("ngc-learn:euler", (-8.6, -4.0)),
        ("ngc-learn:rk2", (-20.3, -9.9)),
        ("ngc-learn:rk4", (-20.1, -9.8)),
        ("midpoint", (-0.20, -0.053)),
        ("rk4", (-0.001, -0.00006)),
    ],
)
def test_partner_frozen_rk4_of_the_membrane_is_first_order_and_worse_than_euler(
    method: str, errors: tuple[float, float]
) -> None:
    cell = models.HodgkinHuxley(**SQUID)
    for dt, published_error in zip((0.02, 0.01), errors, strict=True):
        assert error_at_2_ms(cell, method, dt) == pytest.approx(published_error, rel=0.02)


@pytest.mark.parametrize(
    ("method", "error"),
    [("ngc-learn:euler", -0.93), ("ngc-learn:rk2", -0.028), ("midpoint", -0.045)],
)
def test_partner_frozen_midpoint_of_izhikevich_hardly_shows(method: str, error: float) -> None:
    found = error_at_2_ms(models.Izhikevich(), method, 0.1, v=-65.0, u=-14.0)
    assert found == pytest.approx(error, rel=0.02)


def test_library_default_membrane_fires_without_input() -> None:
    run = models.HodgkinHuxley(**LIBRARY_DEFAULT).simulate(
        0.0, duration=200.0, dt=0.025, method="ngc-learn:rk4"
    )
    assert run.spike_times.size == 12


def test_reset_at_4_mv_lets_no_action_potential_develop() -> None:
    run = models.HodgkinHuxley(**LIBRARY_DEFAULT).simulate(
        20.0, duration=40.0, dt=0.02, method="ngc-learn:euler", options={"spike_reset": True}
    )
    assert run["v"].max() < 4.0
    assert run.outputs["s"].sum() > 100
    assert run.spike_times.size == 0


@pytest.mark.parametrize("method", ["ngc-learn:euler", "ngc-learn:rk2", "ngc-learn:rk4"])
def test_steps_of_a_tenth_of_a_millisecond_blow_up(method: str) -> None:
    run = models.HodgkinHuxley(**SQUID).simulate(10.0, duration=50.0, dt=0.1, method=method)
    assert run.diverged_at is not None


@pytest.mark.parametrize("level", [10.0, 25.0])
def test_reset_where_a_rate_divides_by_zero_makes_everything_nan(level: float) -> None:
    options = {"spike_reset": True, "v_reset": level}
    run = models.HodgkinHuxley(**LIBRARY_DEFAULT).simulate(
        20.0, duration=4.0, dt=0.02, method="ngc-learn:euler", options=options
    )
    first = int(np.argmax(run.outputs["s"]))
    gate = run.outputs["n" if level == 10.0 else "m"]
    assert np.isfinite(gate[:first]).all() and np.isnan(gate[first:]).all()
    assert np.isnan(run.outputs["v"][first + 1 :]).all()
    assert run.outputs["v"].size == 200
    assert run.diverged_at == pytest.approx((first + 1) * 0.02)
    assert np.isfinite(run["v"]).all()


@pytest.mark.parametrize("model", [models.Izhikevich, models.HodgkinHuxley])
def test_heun_is_accepted_and_takes_euler_steps(model: type[models.NeuronModel]) -> None:
    euler, heun = (
        model().simulate(10.0, duration=50.0, dt=0.02, method=f"ngc-learn:{name}")
        for name in ("euler", "heun")
    )
    np.testing.assert_array_equal(euler["v"], heun["v"])


@pytest.mark.parametrize(
    ("model", "asked", "taken"),
    [
        ("Izhikevich", "midpoint", "rk2"),
        ("Izhikevich", "rk4", "euler"),
        ("Izhikevich", "rk2_heun", "heun"),
        ("Izhikevich", "rk1", "euler"),
        ("HodgkinHuxley", "midpoint", "rk2"),
        ("HodgkinHuxley", "rk4", "rk4"),
        ("HodgkinHuxley", "ralston", "heun"),
        ("HodgkinHuxley", "rk2_ralston", "heun"),
        ("HodgkinHuxley", "anything", "euler"),
    ],
)
def test_names_of_schemes_are_taken_as_the_library_takes_them(
    model: str, asked: str, taken: str
) -> None:
    assert ngc_learn.method_for(model, asked) == f"ngc-learn:{taken}"


def test_spike_resets_one_step_after_the_voltage_has_passed_the_level() -> None:
    # By hand: v = 40 is above 30, so the step ignores dynamics and input and resets.
    run = models.Izhikevich().simulate(
        np.array([1e3, 0.0]), dt=1.0, method="ngc-learn:euler", initial={"v": 40.0, "u": -10.0}
    )
    assert run.outputs["s"].tolist() == [1, 0]
    assert run["v"].tolist()[:2] == [40.0, -65.0]
    assert run["u"][1] == pytest.approx(-2.0)
    assert run.outputs["tols"].tolist() == [0.0, 0.0]
    assert run.spike_times.tolist() == [0.0]
    # Then one Euler step of 1 ms from (-65, -2): 0.04 v² + 5 v + 140 + 2 = -14.
    assert run["v"][2] == pytest.approx(-79.0)
    assert run["u"][2] == pytest.approx(-2.0 + 0.02 * (0.2 * -65.0 + 2.0))


def test_steps_of_the_membrane_are_the_same_from_any_voltage_origin() -> None:
    absolute = models.HodgkinHuxley(E_Na=50.0, E_K=-77.0, E_L=-54.4)
    relative = models.HodgkinHuxley(**SQUID)
    for method in ("ngc-learn:euler", "ngc-learn:rk4"):
        a = absolute.simulate(10.0, duration=20.0, dt=0.01, method=method)
        b = relative.simulate(10.0, duration=20.0, dt=0.01, method=method)
        np.testing.assert_allclose(a["v"] + 65.0, b["v"], atol=1e-8)


# --- the rate unit ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dt", "measured"), [(0.1, 0.031), (0.5, 0.071), (1.0, 0.101), (2.0, 0.145), (5.0, 0.239)]
)
def test_noise_of_the_rate_unit_grows_with_the_root_of_the_step(dt: float, measured: float) -> None:
    unit = models.LeakyNoise(tau=20.0, sigma_pre=0.1, sigma_post=0.0, activation="identity")
    steps = 4000
    record = published.run_many(unit, np.zeros((steps, 200)), dt, "ngc-learn:euler", seed=3)
    settled = record.outputs["x"][min(steps // 2, round(200.0 / dt)) :].std()
    exact = 0.1 * math.sqrt(40.0) * (dt / 20.0) / math.sqrt(1.0 - (1.0 - dt / 20.0) ** 2)
    assert exact == pytest.approx(measured, rel=0.03)
    # 200 units over at least 50 correlation times: standard error below 1 %.
    assert settled == pytest.approx(exact, rel=0.03)


def test_noise_of_the_state_and_of_the_rate_are_one_number() -> None:
    unit = models.LeakyNoise(tau=20.0, sigma_pre=1.0, sigma_post=1.0, activation="identity")
    record = published.run_many(unit, np.zeros((1, 50)), 1.0, "ngc-learn:euler", seed=5)
    x, r = record.outputs["x"][0], record.outputs["r"][0]
    np.testing.assert_allclose(x / math.sqrt(2.0 / 20.0), r - x, atol=1e-12)


def test_rate_after_the_rectifier_can_be_negative() -> None:
    unit = models.LeakyNoise(sigma_pre=0.0, sigma_post=0.5, activation="relu")
    record = published.run_many(unit, np.zeros((200, 1)), 1.0, "ngc-learn:euler")
    assert record.outputs["r"].min() < 0.0
    assert (record.outputs["r_prime"] == 1.0).all()  # the slope at 0 counts as 1


@pytest.mark.parametrize("asked", ["rk4", "ralston", "rk2_ralston"])
def test_rate_unit_fails_for_schemes_the_library_numbers_but_does_not_have(asked: str) -> None:
    with pytest.raises(ValueError, match="heun"):
        ngc_learn_rate.method_for(asked)
    assert ngc_learn_rate.method_for("midpoint") == "ngc-learn:rk2"
    assert ngc_learn_rate.method_for("rk2_heun") == "ngc-learn:heun"


def test_heun_of_the_rate_unit_takes_runge_kutta_steps() -> None:
    # Linear decay over one step z = h/tau: RK4 is the Taylor polynomial of exp(-z) to order 4.
    unit = models.LeakyNoise(tau=10.0, sigma_pre=0.0, sigma_post=0.0, activation="identity")
    z = 0.5
    run = unit.simulate(np.zeros(1), dt=5.0, method="ngc-learn:heun", initial={"x": 1.0})
    assert run["x"][1] == pytest.approx(1 - z + z**2 / 2 - z**3 / 6 + z**4 / 24, abs=1e-14)
    run = unit.simulate(np.zeros(1), dt=5.0, method="ngc-learn:rk2", initial={"x": 1.0})
    assert run["x"][1] == pytest.approx(1 - z + z**2 / 2, abs=1e-14)


def layer_of(activation: str, x: list[float]) -> dict[str, np.ndarray]:
    """What the library returns for units that stand at x: no leak, no input, no noise."""
    unit = models.LeakyNoise(leak=0.0, sigma_pre=0.0, sigma_post=0.0, activation=activation)
    record = published.run_many(
        unit, np.zeros((1, len(x))), 1.0, "ngc-learn:euler", initial={"x": np.array(x)}
    )
    return {name: values[0] for name, values in record.outputs.items()}


def test_softmax_competes_over_the_units_and_its_slope_is_the_jacobian() -> None:
    x = [0.3, -1.2, 2.0]
    out = layer_of("softmax", x)
    share = np.exp(x) / np.exp(x).sum()
    np.testing.assert_allclose(out["r"], share, atol=1e-14)
    np.testing.assert_allclose(out["r_prime"], np.diag(share) - np.outer(share, share), atol=1e-14)


def test_bkwta_keeps_the_five_largest_units_on() -> None:
    out = layer_of("bkwta", [0.1, 0.9, -3.0, 0.5, 0.4, 2.0, 0.3])
    assert out["r"].tolist() == [0, 1, 0, 1, 1, 1, 1]
    np.testing.assert_array_equal(out["r_prime"], out["r"])


@pytest.mark.parametrize(
    ("activation", "x", "rate", "slope"),
    [
        ("relu", [-1.0, 0.0, 2.0], [0.0, 0.0, 2.0], [0.0, 1.0, 1.0]),
        ("lrelu", [-1.0, 0.0, 2.0], [-0.01, 0.0, 2.0], [0.01, 1.0, 1.0]),
        ("relu6", [-1.0, 0.0, 6.0, 7.0], [0.0, 0.0, 6.0, 6.0], [0.0, 1.0, 1.0, 0.0]),
        ("unit_threshold", [0.9, 1.0, 2.0], [0.0, 1.0, 1.0], [1.0, 1.0, 1.0]),
        ("heaviside", [-0.1, 0.0, 2.0], [0.0, 1.0, 1.0], [1.0, 1.0, 1.0]),
        ("identity", [-0.1, 0.0, 2.0], [-0.1, 0.0, 2.0], [1.0, 1.0, 1.0]),
    ],
)
def test_kinks_follow_the_library(
    activation: str, x: list[float], rate: list[float], slope: list[float]
) -> None:
    out = layer_of(activation, x)
    np.testing.assert_allclose(out["r"], rate, atol=1e-15)
    np.testing.assert_allclose(out["r_prime"], slope, atol=1e-15)


@pytest.mark.parametrize(
    "activation", ["tanh", "sigmoid", "elu", "silu", "gelu", "telu", "sine", "softplus"]
)
def test_slopes_of_smooth_activations_are_their_derivatives(activation: str) -> None:
    x = np.array([-3.0, -0.7, -0.01, 0.2, 1.5, 4.0])
    derivative = jax.vmap(jax.grad(lambda y: activations[activation].rate(y[None])[0]))(x)
    np.testing.assert_allclose(layer_of(activation, x.tolist())["r_prime"], derivative, atol=1e-9)


@pytest.mark.parametrize(
    ("activation", "x", "rate"),
    [
        ("gelu", 0.7, 0.7 / (1.0 + math.exp(-1.702 * 0.7))),
        ("telu", 0.7, 0.7 * math.tanh(math.exp(0.7))),
        ("silu", 0.7, 0.7 / (1.0 + math.exp(-0.7))),
        ("elu", -0.7, math.exp(-0.7) - 1.0),
        ("sine", 0.7, math.sin(21.0)),
        ("softplus", 0.7, math.log(1.0 + math.exp(0.7))),
    ],
)
def test_smooth_activations_by_hand(activation: str, x: float, rate: float) -> None:
    assert layer_of(activation, [x])["r"][0] == pytest.approx(rate, abs=1e-13)
