"""The rate unit: statistics that do not depend on the step, two noises apart, rate functions."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from models import LeakyNoise, Pulses
from models.leaky_noise import activations

QUIET = {"sigma_pre": 0.0, "sigma_post": 0.0}


@pytest.mark.parametrize("method", ["rk4", "exponential-euler"])
@pytest.mark.parametrize("dt", [0.1, 0.5, 2.0, 10.0])
def test_the_spread_of_the_state_does_not_depend_on_the_step(dt, method):
    cell = LeakyNoise(tau=20.0, sigma_pre=0.1)
    run = cell.simulate(0.0, min(400_000.0, 1e6 * dt), dt, method, seed=5)
    settled = run["x"][run.time > 200.0]
    # x is correlated over tau: the estimate of its variance has about duration / tau samples.
    samples = settled.size * dt / 20.0
    assert settled.std() == pytest.approx(0.1, rel=4.0 / np.sqrt(2.0 * samples))
    assert abs(settled.mean()) < 4.0 * 0.1 / np.sqrt(samples / 2.0)


def test_the_spread_follows_from_leak_and_sigma():
    for leak in (0.5, 4.0):
        cell = LeakyNoise(tau=10.0, leak=leak, sigma_pre=0.3)
        run = cell.simulate(0.0, 200_000.0, 1.0, seed=1)
        assert run["x"][500:].std() == pytest.approx(0.3 / np.sqrt(leak), rel=0.04)


def test_euler_steps_reach_the_same_spread_as_they_shrink():
    spreads = [
        LeakyNoise(sigma_pre=0.1).simulate(0.0, 400_000.0, dt, "euler", seed=2)["x"].std()
        for dt in (1.0, 0.5)
    ]
    assert spreads == pytest.approx([0.1, 0.1], rel=0.04)


def test_the_state_forgets_with_its_time_constant():
    run = LeakyNoise(tau=20.0, sigma_pre=0.1).simulate(0.0, 400_000.0, 1.0, seed=3)
    x = run["x"][500:]
    assert np.corrcoef(x[20:], x[:-20])[0, 1] == pytest.approx(np.exp(-1.0), abs=0.03)


def test_noise_of_the_rate_is_apart_from_noise_of_the_state():
    cell = LeakyNoise(activation="identity", sigma_pre=0.2, sigma_post=0.3)
    run = cell.simulate(0.5, 100_000.0, 1.0, seed=4)
    error = run.outputs["r"] - run["x"]
    assert error.std() == pytest.approx(0.3, rel=0.02)
    assert abs(np.corrcoef(error[1:], np.diff(run["x"]))[0, 1]) < 0.02
    assert abs(np.corrcoef(error[1:], error[:-1])[0, 1]) < 0.02
    assert cell.simulate(0.5, 1000.0, 1.0, seed=4).outputs["r"].size == 1001


def test_the_same_seed_gives_the_same_run_and_a_longer_one_begins_with_it():
    cell = LeakyNoise()
    short, long, other = (
        cell.simulate(1.0, duration, seed=seed) for duration, seed in ((50, 7), (90, 7), (50, 8))
    )
    assert long["x"][:501].tolist() == short["x"].tolist()
    assert not np.allclose(other["x"], short["x"])


@pytest.mark.parametrize("method", ["rk4", "exponential-euler"])
def test_without_noise_it_relaxes_exponentially(method):
    cell = LeakyNoise(tau=20.0, leak=0.5, **QUIET)
    run = cell.simulate(1.5, 100.0, 0.5, method)
    assert run["x"] == pytest.approx(3.0 * (1.0 - np.exp(-run.time * 0.5 / 20.0)), abs=1e-7)


def test_feedback_amplifies_and_at_one_it_remembers():
    amplified = LeakyNoise(weight=0.5, activation="identity", **QUIET).simulate(1.0, 1000.0)
    assert amplified["x"][-1] == pytest.approx(2.0, abs=1e-6)
    pulse = Pulses(amplitude=1.0, onset=10.0, width=20.0, count=1)
    memory = LeakyNoise(weight=1.0, activation="identity", **QUIET).simulate(pulse, 1000.0)
    assert memory["x"][-1] == pytest.approx(1.0, abs=1e-9)


def test_strong_feedback_through_tanh_has_two_states():
    cell = LeakyNoise(weight=2.0, activation="tanh", **QUIET)
    ends = [cell.simulate(0.0, 1000.0, initial={"x": x})["x"][-1] for x in (0.1, -0.1)]
    assert ends == pytest.approx([1.9150, -1.9150], abs=1e-4)  # x = 2 tanh x


def test_it_has_no_spikes():
    run = LeakyNoise(sigma_pre=2.0).simulate(3.0, 2000.0)
    assert run.spike_times.size == 0


@pytest.mark.parametrize("name", activations)
def test_every_rate_function_runs_within_a_unit(name):
    run = LeakyNoise(activation=name, weight=0.5).simulate(1.0, 50.0)
    assert np.isfinite(run["x"]).all()
    assert np.isfinite(run.outputs["r"]).all()


SMOOTH = ("tanh", "sigmoid", "elu", "silu", "gelu", "telu", "sine", "softplus", "identity")


@pytest.mark.parametrize("name", SMOOTH)
def test_slopes_are_the_derivatives_of_the_rates(name):
    x = jnp.linspace(-3.0, 3.0, 41) + 0.013
    slopes = jax.vmap(jax.grad(lambda v: activations[name].rate(v[None])[0]))(x)
    assert np.asarray(activations[name].slope(x)) == pytest.approx(np.asarray(slopes), abs=1e-10)


@pytest.mark.parametrize(
    ("name", "x", "rate", "slope"),
    [
        ("relu", [-1.0, 0.0, 2.0], [0.0, 0.0, 2.0], [0.0, 1.0, 1.0]),
        ("relu6", [-1.0, 0.0, 6.0, 7.0], [0.0, 0.0, 6.0, 6.0], [0.0, 1.0, 1.0, 0.0]),
        ("lrelu", [-2.0, 0.0, 2.0], [-0.02, 0.0, 2.0], [0.01, 1.0, 1.0]),
        ("unit_threshold", [0.9, 1.0], [0.0, 1.0], [1.0, 1.0]),
        ("heaviside", [-0.1, 0.0], [0.0, 1.0], [1.0, 1.0]),
        ("softmax", [0.0, np.log(3.0)], [0.25, 0.75], [0.1875, 0.1875]),
        ("bkwta", [3.0, 1, 7, 5, 4, 6], [1.0, 0, 1, 1, 1, 1], [1.0, 0, 1, 1, 1, 1]),
    ],
)
def test_rates_at_and_around_the_kinks(name, x, rate, slope):
    x = jnp.asarray(x)
    assert np.asarray(activations[name].rate(x)) == pytest.approx(rate)
    assert np.asarray(activations[name].slope(x)) == pytest.approx(slope)


def test_an_unknown_rate_function_is_refused():
    with pytest.raises(ValueError, match="`activation` is 'cubic'"):
        LeakyNoise(activation="cubic")
