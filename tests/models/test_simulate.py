"""`simulate`: shapes, currents, compilation counts, divergence, and what it refuses."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from models.integrators import schemes
from models.simulate import methods, start_state
from models.time_loop import integrate

ACCURATE = [
    (name, method)
    for name, model in models.catalogue.items()
    for method in methods(model)
    if method in schemes
]


# --- what a run is ---------------------------------------------------------------------------


def test_sample_k_of_the_current_drives_the_step_from_k_to_k_plus_one():
    """With Euler and no spike, v[k+1] - v[k] shows which sample was used."""
    cell = models.LIF()
    current = np.zeros(10)
    current[3] = 100.0
    run = cell.simulate(current, dt=0.1, method="euler")
    expected = np.zeros(10)
    expected[3] = 0.1 * 100.0 * 1e-3 * cell.R / cell.tau_m
    np.testing.assert_allclose(np.diff(run["v"])[:4], expected[:4], atol=1e-12)


def test_shapes_follow_the_number_of_steps():
    run = models.Izhikevich().simulate(10.0, duration=50.0, dt=0.1)
    assert run.time.shape == run["v"].shape == run["u"].shape == (501,)
    assert run.current.shape == (500,)
    assert run.time[-1] == pytest.approx(50.0)
    assert set(run.states) == {"v", "u"}
    assert run.diverged_at is None
    with pytest.raises(KeyError, match="no state `w`: it has v, u"):
        run["w"]


def test_samples_set_the_duration():
    run = models.Izhikevich().simulate(np.full(120, 5.0), dt=0.5)
    assert run.duration == pytest.approx(60.0)
    np.testing.assert_array_equal(run.current, np.full(120, 5.0))


def test_a_number_a_constant_and_samples_mean_the_same():
    cell = models.Izhikevich()
    number = cell.simulate(10.0, 100.0, 0.1)
    for current in (models.Constant(10.0), np.full(1000, 10.0), [10.0] * 1000):
        np.testing.assert_array_equal(cell.simulate(current, 100.0, 0.1)["v"], number["v"])


@pytest.mark.parametrize("current", [np.float32(10.0), np.array(10.0), 10, jnp.asarray(10.0)])
def test_any_kind_of_number_is_a_current(current):
    run = models.Izhikevich().simulate(current, 20.0, 0.1)
    np.testing.assert_array_equal(run.current, 10.0)


def test_the_trace_shows_the_peak_at_each_spike():
    cell = models.Izhikevich()
    run = cell.simulate(10.0, 300.0, 0.1)
    samples = np.ceil(run.spike_times / run.dt).astype(int)
    np.testing.assert_allclose(run["v"][samples], cell.v_peak, atol=1e-6)
    assert (run["v"][samples + 1] < -50.0).all()


def test_initial_values_replace_the_models_own():
    run = models.Izhikevich().simulate(0.0, 10.0, 0.1, initial={"v": -55.0})
    assert run["v"][0] == -55.0
    assert run["u"][0] == models.Izhikevich().simulate(0.0, 10.0, 0.1)["u"][0]


@pytest.mark.parametrize("steps", [1, 2, 1023, 1024, 1025])
def test_run_lengths_around_a_bucket_are_exact(steps: int):
    cell = models.Izhikevich()
    run = cell.simulate(10.0, steps * 0.1, 0.1)
    longer = cell.simulate(10.0, 200.0, 0.1)
    assert run.time.shape == (steps + 1,)
    np.testing.assert_array_equal(run["v"], longer["v"][: steps + 1])


# --- compiled once, and into one kernel ------------------------------------------------------


def test_no_slider_ever_compiles():
    cell = models.Izhikevich()
    cell.simulate(10.0, 1000.0, 0.1)
    compiled = integrate._cache_size()
    for change in [
        *({name: getattr(cell, name) * 1.01} for name in cell.quantities()),
        {"a": 1},  # an integer from a text field
    ]:
        cell.replace(**change).simulate(10.0, 1000.0, 0.1)
    cell.simulate(11.0, 1000.0, 0.1)
    cell.simulate(models.Noise(), 1000.0, 0.1, seed=7)
    cell.simulate(models.Step(5.0) + models.Sine(), 1000.0, 0.1)
    cell.simulate(10.0, 1000.0, 0.08)
    cell.simulate(10.0, 900, 0.1)  # as many steps as fit into the same power of two
    cell.simulate(10.0, 1000.0, 0.1, initial={"v": -60.0, "u": -10})
    assert integrate._cache_size() == compiled


@pytest.mark.parametrize(("name", "method"), ACCURATE)
def test_the_time_loop_is_one_kernel(name: str, method: str):
    """Above a size limit XLA runs the loop operation by operation, six to thirty times slower."""
    model = models.catalogue[name]
    cell = model()
    noise = np.zeros((1024 if model.has_noise else 0, len(model.states)))
    lowered = integrate.lower(
        model,
        cell.chosen(),
        method,
        start_state(cell, None),
        np.zeros(1024),
        noise,
        1000,
        0.1,
        cell.packed(),
    )
    assert "xla_cpu_small_call" in lowered.compile().as_text()


def test_traces_are_64_bit():
    run = models.HodgkinHuxley().simulate(10.0, 10.0, 0.025)
    assert {trace.dtype for trace in run.states.values()} == {np.dtype(np.float64)}
    assert jax.config.jax_enable_x64


# --- noise -----------------------------------------------------------------------------------


def test_the_seed_decides_the_run():
    cell = models.Izhikevich()
    runs = [cell.simulate(models.Noise(), 100.0, 0.1, seed=seed)["v"] for seed in (1, 1, 2)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert np.abs(runs[0] - runs[2]).max() > 0.1


def test_a_longer_run_begins_as_the_shorter_one():
    cell = models.LeakyNoise() if "LeakyNoise" in models.catalogue else models.LIF()
    stimulus = models.Noise() + models.Poisson()
    short = cell.simulate(stimulus, 90.0, 0.1, seed=3)
    long = cell.simulate(stimulus, 400.0, 0.1, seed=3)
    name = cell.state_names()[0]
    np.testing.assert_array_equal(short[name], long[name][:901])


# --- divergence ------------------------------------------------------------------------------


def test_a_run_that_blows_up_keeps_its_finite_part_and_says_when():
    run = models.HodgkinHuxley().simulate(10.0, 100.0, 0.4, "euler")
    assert run.diverged_at is not None
    assert 0.0 < run.diverged_at <= 100.0
    assert run.time[-1] == pytest.approx(run.diverged_at - 0.4)
    for trace in run.states.values():
        assert trace.shape == run.time.shape
        assert np.isfinite(trace).all()
    assert run.current.size == run.time.size - 1
    finer = models.HodgkinHuxley().simulate(10.0, 100.0, 0.025, "euler")
    assert finer.diverged_at is None
    assert finer.spike_times.size == 7


def test_a_run_that_diverges_in_its_first_step_still_has_a_start():
    run = models.HodgkinHuxley().simulate(1e6, 10.0, 1.0, "euler")
    assert run.diverged_at == pytest.approx(1.0)
    assert run.time.size == 1
    assert run.spike_times.size == 0


# --- what it refuses -------------------------------------------------------------------------

REFUSED = [
    ({"dt": 0.0}, "`dt` is 0.0: give a positive number"),
    ({"dt": -0.1}, "`dt` is -0.1"),
    ({"dt": float("nan")}, "`dt` is nan"),
    ({"dt": "0.1"}, "`dt` is '0.1'"),
    ({"dt": True}, "`dt` is True"),
    ({"duration": float("inf")}, "`duration` is inf"),
    ({"duration": None}, "`duration` is None"),
    ({"dt": 20.0, "duration": 10.0}, "`dt` is 20 ms but the run lasts 10 ms"),
    ({"dt": 1e-9}, "`dt` 1e-09 ms, 100,000,000,000 steps: choose a larger dt"),
    ({"duration": 1e300}, "`dt` 0.1 ms, 1e+301 steps: choose a larger dt"),
    ({"method": "rk5"}, "`method` is 'rk5': choose one of euler, midpoint, rk4"),
    ({"method": None}, "`method` is None"),
    ({"current": float("nan")}, "`current` is nan: give a finite number"),
    ({"current": "10"}, "`current` is '10'"),
    ({"current": None}, "`current` is None"),
    ({"current": [1.0, float("inf")]}, "finite numbers"),
    ({"current": np.zeros((2, 3))}, "`current` is array([[0., 0., 0.], [0., 0., 0.]])"),
    ({"current": []}, "`current` is []: give one row of finite numbers, at least one"),
    ({"current": np.ones(3) + 1j}, "`current` is array([1.+1.j"),
    ({"initial": {"w": 0.0}}, "no state `w`"),
    ({"initial": {"v": float("nan")}}, "`v` starts at nan"),
    ({"initial": {"v": "x"}}, "`v` starts at 'x'"),
    ({"initial": -65.0}, "`initial` is -65.0: give values by name"),
    ({"method": "ngc-learn:euler", "options": "thr"}, "`options` is 'thr'"),
    ({"seed": -1}, "`seed` is -1: give a whole number"),
    ({"seed": 0.5}, "`seed` is 0.5"),
    ({"options": {"adapt": True}}, "`options` belong to published steps"),
]


@pytest.mark.parametrize(("change", "sentence"), REFUSED, ids=[str(r[0])[:40] for r in REFUSED])
def test_a_bad_argument_gives_one_sentence(change: dict, sentence: str):
    arguments = {"current": 10.0, "duration": 100.0, "dt": 0.1} | change
    with pytest.raises(ValueError) as refusal:
        models.Izhikevich().simulate(**arguments)
    message = str(refusal.value)
    assert sentence in message
    assert "\n" not in message


def test_a_step_longer_than_the_leak_allows_is_refused_with_the_way_out():
    cell = models.LIF(tau_m=1.0)
    with pytest.raises(ValueError, match=r"`dt` is 3 ms but the fastest time constant is 1 ms"):
        cell.simulate(100.0, 100.0, 3.0, "euler")
    assert cell.simulate(100.0, 100.0, 3.0, "exponential-euler").diverged_at is None


awkward = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(),
    st.text(max_size=5),
    st.none(),
    st.booleans(),
    st.lists(st.floats(), max_size=2),
    st.sampled_from([lambda: 1.0, 1j, {}, np.array([1.0]), np.nan, 10**400]),
)


@given(value=awkward, data=st.data())
def test_a_parameter_is_accepted_within_bounds_or_refused_in_one_sentence(value, data):
    model = data.draw(st.sampled_from(list(models.catalogue.values())))
    name = data.draw(st.sampled_from(list(model.quantities())))
    try:
        cell = model(**{name: value})
    except ValueError as refusal:
        message = str(refusal)
        assert f"`{name}`" in message
        assert "\n" not in message
        assert message.endswith(".")
    else:
        low, high = model.quantities()[name].bounds
        assert low <= getattr(cell, name) <= high
        assert np.isfinite(cell.packed()).all()


@given(st.dictionaries(st.sampled_from(["current", "duration", "dt", "seed", "method"]), awkward))
def test_simulate_runs_or_refuses_in_one_sentence(arguments):
    call = {"current": 10.0, "duration": 5.0, "dt": 0.5} | arguments
    duration, dt = call["duration"], call["dt"]
    if isinstance(duration, float | int) and isinstance(dt, float | int) and dt > 0:
        call["duration"] = min(duration, 1000 * dt)  # short runs only
    try:
        run = models.Izhikevich().simulate(**call)
    except ValueError as refusal:
        assert "\n" not in str(refusal)
    else:
        assert all(np.isfinite(trace).all() for trace in run.states.values())
