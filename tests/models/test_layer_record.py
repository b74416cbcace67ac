"""What a layer keeps of a run, and that keeping it compiles one loop, once."""

from __future__ import annotations

import numpy as np
import pytest

from models import LIF, Constant, Izhikevich, Layer, layer_loop
from models.layer_loop import run as compiled_loop

QUIET = {"winners": 0}


def test_bits_events_counts_and_rates_tell_the_same():
    layer = Layer(Izhikevich(), (2, 5, 5), vary={"d": (2.0, 8.0)}, **QUIET)
    run = layer.simulate(10.0, duration=137.3)
    assert run.steps == 1373 and run.spikes.shape == (1373, 2, 5, 5)
    step, cell = run.events.T
    assert np.argwhere(run.spikes.reshape(1373, -1)).tolist() == np.stack([step, cell], 1).tolist()
    assert (run.spikes.sum(axis=0) == run.counts).all()
    edges, population = run.population_rate(5.0)
    assert population.shape == (2, edges.size - 1)
    binned = run.spikes[:1350].reshape(27, 50, 2, 25).sum(axis=(1, 3)).T
    assert population == pytest.approx(binned / (0.005 * 25))


def test_states_are_kept_on_request_from_the_start():
    run = Layer(Izhikevich(), (1, 2, 2), **QUIET).simulate(10.0, duration=20.0, keep=("u", "v"))
    assert list(run.states) == ["u", "v"]
    assert run.states["v"].shape == (201, 1, 2, 2) and run.time.shape == (201,)
    alone = Izhikevich().simulate(10.0, 20.0)
    assert run.states["u"][0, 0, 0, 0] == pytest.approx(alone["u"][0])
    assert run.states["v"][25, 0, 1, 1] == pytest.approx(alone["v"][25], abs=1e-3)


def test_a_large_layer_keeps_no_states_unless_asked():
    layer = Layer(LIF(), (4, 50, 50), **QUIET)
    assert layer.simulate(300.0, duration=100.0).states == {}
    assert list(layer.simulate(300.0, duration=2.0).states) == ["v"]
    assert layer.simulate(300.0, duration=100.0, keep=("v",)).states["v"].shape == (1001, 4, 50, 50)


def test_initial_states_may_differ_from_cell_to_cell():
    start = np.linspace(-75.0, -56.0, 4).reshape(1, 2, 2)
    run = Layer(LIF(), (1, 2, 2), **QUIET).simulate(
        300.0, duration=30.0, initial={"v": start}, keep=("v",)
    )
    assert run.states["v"][0] == pytest.approx(start)
    first = [np.flatnonzero(run.spikes[:, 0, r, c])[0] for r in (0, 1) for c in (0, 1)]
    assert sorted(first, reverse=True) == first


@pytest.mark.parametrize("winners", [0, 1, 3])
def test_the_loop_of_a_layer_is_one_kernel(winners, monkeypatch):
    texts = []

    def lowered(*given):
        texts.append(compiled_loop.lower(*given).compile().as_text())
        return compiled_loop(*given)

    monkeypatch.setattr(layer_loop, "run", lowered)
    Layer(LIF(), (4, 5, 5), vary={"tau_m": (5.0, 15.0)}, winners=winners).simulate(300.0)
    assert "xla_cpu_small_call" in texts[0]


def test_moving_a_parameter_compiles_nothing():
    layer = Layer(LIF(), (2, 3, 3), vary={"tau_m": (5.0, 15.0)})
    layer.simulate(300.0, duration=50.0)
    before = compiled_loop._cache_size()
    Layer(LIF(R=120.0), (2, 3, 3), vary={"tau_m": (6.0, 9.0)}, pause=5.0, seed=2).simulate(
        Constant(250.0), 0.05, duration=40.0
    )
    assert compiled_loop._cache_size() == before
