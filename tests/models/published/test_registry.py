"""What holds for every published step: offered by name, described, compiled once, fused."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import published
from models.published import step as loop
from models.published.step import resolve, settings_of, split

OFFERED = [
    (model, method) for model in models.catalogue.values() for method in published.methods(model)
]


def test_each_library_cell_is_a_method_of_its_model() -> None:
    offered = {name: published.methods(model) for name, model in models.catalogue.items()}
    for model, methods in {
        "Izhikevich": ("ngc-learn:euler", "ngc-learn:rk2", "spyketorch"),
        "HodgkinHuxley": ("ngc-learn:euler", "ngc-learn:rk2", "ngc-learn:rk4"),
        "LeakyNoise": ("ngc-learn:euler", "ngc-learn:rk2", "ngc-learn:heun"),
        "AdaptiveQuadratic": ("inferno",),
        "LIF": ("spyketorch", "spyketorch:ode", "spyketorch:simple", "spyketorch:uniform"),
        "EIF": ("spyketorch", "spyketorch:simple"),
        "IF": ("spyketorch",),
        "QIF": ("spyketorch",),
        "AdEx": ("spyketorch",),
    }.items():
        assert set(methods) <= set(offered[model])
    assert offered["MorrisLecar"] == ()


@pytest.mark.parametrize(("model", "method"), OFFERED)
def test_each_step_says_in_a_sentence_what_is_different(
    model: type[models.NeuronModel], method: str
) -> None:
    step = published.published_step(model, method)
    for sentence in (step.differs, step.bug):
        assert not sentence or (sentence[0].isupper() and sentence.endswith("."))
    assert step.differs
    for option in step.options.values():
        assert option.doc


@pytest.mark.parametrize(("model", "method"), OFFERED)
def test_a_run_has_the_states_of_its_model_and_the_outputs_of_its_library(
    model: type[models.NeuronModel], method: str
) -> None:
    run = model().simulate(0.0, duration=20.0, dt=0.5, method=method)
    assert list(run.states) == list(model.state_names())
    for values in run.states.values():
        assert values.shape == run.time.shape
    for values in run.outputs.values():
        assert values.shape[0] == 40
    assert run.method == method


@pytest.mark.parametrize(("model", "method"), OFFERED)
def test_many_cells_are_the_cells_one_by_one(model: type[models.NeuronModel], method: str) -> None:
    cell, samples = model(), np.linspace(0.0, 2.0, 60)[:, None] * model.current.default
    step = published.published_step(model, method)
    options = {name: np.zeros((60, 1)) for name in step.series}
    many = published.run_many(cell, samples, 0.02, method, options=options)
    alone = cell.simulate(
        samples[:, 0], dt=0.02, method=method, options={name: np.zeros(60) for name in options}
    )
    for row, name in ((step.row_of(name), name) for name in cell.state_names()):
        np.testing.assert_allclose(many.rows[row][:, 0], alone[name][1:], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("model", "method"), OFFERED)
def test_time_loop_is_one_fused_kernel(model: type[models.NeuronModel], method: str) -> None:
    cell, step = model(), published.published_step(model, method)
    q = settings_of(step, cell.p, resolve(step, cell.p, None), 0.1)
    numbers, form = split(q, np.float64)
    text = loop._loop.lower(
        step,
        form,
        tuple(range(len(step.rows))),
        numbers,
        np.zeros(len(cell.states)),
        np.zeros(1024),
        np.zeros((1024, len(step.series))),
        1024,
        np.asarray(0.1),
    )
    assert "xla_cpu_small_call" in text.compile().as_text()


def test_moving_a_parameter_an_option_or_the_step_compiles_nothing() -> None:
    cell = models.HodgkinHuxley()
    options = {"thr": 4.0}
    cell.simulate(10.0, duration=5.0, dt=0.02, method="ngc-learn:rk4", options=options)
    before = loop._loop._cache_size()
    for k in range(3):
        moved = cell.replace(g_Na=100.0 + k, temperature=7.0 + k)
        moved.simulate(
            5.0 + k, duration=6.0 + k, dt=0.01 + 0.01 * k, method="ngc-learn:rk4",
            options={"thr": 5.0 + k}, initial={"n": 0.3 + 0.1 * k},
        )  # fmt: skip
    assert loop._loop._cache_size() == before


def test_steps_in_single_precision_stay_in_single_precision() -> None:
    samples = np.full((50, 2, 3, 3), 800.0)
    record = published.run_many(models.LIF(), samples, 0.5, "spyketorch", dtype=np.float32)
    assert record.outputs["previous_state"].dtype == np.float32
    assert record.outputs["s"].dtype == np.int8 and record.outputs["s"].any()


def test_only_the_rows_asked_for_are_recorded() -> None:
    samples = np.full((30, 4, 2, 2), 800.0)
    record = published.run_many(models.LIF(), samples, 0.5, "spyketorch", keep=("s",))
    whole = published.run_many(models.LIF(), samples, 0.5, "spyketorch")
    assert list(record.outputs) == ["s"]
    np.testing.assert_array_equal(record.outputs["s"], whole.outputs["s"])


def test_each_cell_starts_from_the_rest_of_its_own_parameters() -> None:
    rest = np.array([-70.0, -65.0])[:, None, None]
    record = published.run_many(
        models.LIF(), np.zeros((3, 2, 1, 2)), 1.0, "spyketorch:ode", vary={"v_rest": rest}
    )
    assert record.first["v"].tolist() == [[[-70.0, -70.0]], [[-65.0, -65.0]]]
    np.testing.assert_array_equal(record.rows["v"][-1], record.first["v"])


def test_noise_repeats_under_its_seed() -> None:
    unit = models.LeakyNoise()
    runs = [unit.simulate(1.0, duration=50.0, dt=1.0, method="ngc-learn:euler", seed=s)["x"]
            for s in (1, 1, 2)]  # fmt: skip
    np.testing.assert_array_equal(runs[0], runs[1])
    assert np.abs(runs[0] - runs[2]).max() > 0.01


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"thrr": 4.0}, "`thrr` is no option of 'ngc-learn:euler'"),
        ({"thr": np.nan}, "`thr` is nan"),
        ({"thr": "high"}, "`thr` is 'high': give a finite number"),
        ({"thr": [4.0, 5.0]}, r"`thr` has shape \(2,\): give one number"),
        ({"spike_reset": 2}, "`spike_reset` is 2"),
    ],
)
def test_unusable_options_are_refused_in_a_sentence(
    options: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        models.HodgkinHuxley().simulate(
            1.0, duration=5.0, dt=0.1, method="ngc-learn:euler", options=options
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inhibition_mode": "global"}, "choose one of 'feature', 'location'"),
        ({"n_winners": 1.5}, "give a whole number"),
        ({"n_winners": -1}, "give a whole number"),
        ({"n_winners": "all"}, "give a whole number"),
        ({"inhibition_mode": ["location"]}, "choose one of 'feature', 'location'"),
    ],
)
def test_unusable_names_and_counts_are_refused_in_a_sentence(
    options: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        models.LIF().simulate(1.0, duration=5.0, dt=1.0, method="spyketorch", options=options)


def test_unknown_methods_and_parameters_are_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="`method` is 'inferno': choose one of"):
        models.LIF().simulate(1.0, duration=5.0, dt=1.0, method="inferno")
    samples = np.zeros((5, 2, 1, 1))
    with pytest.raises(ValueError, match="LIF has no parameter `tau`"):
        published.run_many(models.LIF(), samples, 1.0, "spyketorch", vary={"tau": [1.0]})
    with pytest.raises(ValueError, match="`tau_m` has shape"):
        published.run_many(models.LIF(), samples, 1.0, "spyketorch", vary={"tau_m": [1.0, 2.0]})
    with pytest.raises(ValueError, match="`eps` has shape"):
        models.LeakyNoise().simulate(
            1.0, duration=5.0, dt=1.0, method="ngc-learn:euler", options={"eps": np.zeros(3)}
        )


def test_a_record_too_large_for_memory_is_refused_in_a_sentence() -> None:
    samples = np.broadcast_to(np.zeros(1), (100_000, 100, 100, 1))
    with pytest.raises(ValueError, match=r"88\.0 GB: `keep` fewer rows"):
        published.run_many(models.LIF(), samples, 1.0, "spyketorch")
