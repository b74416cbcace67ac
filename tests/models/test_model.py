"""Every model of the catalogue declares what the app, the docs and other tests derive from it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import models
from models.integrators import schemes
from models.simulate import methods

every_model = pytest.mark.parametrize("model", models.catalogue.values(), ids=models.catalogue)
Model = type[models.NeuronModel]


def states_within_span(model: Model, cells: int) -> jax.Array:
    """Random states (S, cells) inside the spans that pictures show."""
    low, high = np.array([state.span for state in model.states]).T
    unit = np.random.default_rng(1).uniform(size=(len(model.states), cells))
    return jnp.asarray(low[:, None] + unit * (high - low)[:, None])


def varied_parameters(model: Model, cells: int) -> np.ndarray:
    """Quantities (P, cells) around the defaults, inside the bounds."""
    packed = np.repeat(model().packed()[:, None], cells, axis=1)
    varied = packed * np.linspace(0.98, 1.02, cells)
    bounds = [quantity.bounds for quantity in model.quantities().values()]
    low, high = np.array(bounds, dtype=float).T[:, :, None]
    return np.clip(varied, low, high)


def test_the_catalogue_names_models_by_class_in_teaching_order():
    assert all(name == model.__name__ for name, model in models.catalogue.items())
    order = [model.teaching_order for model in models.catalogue.values()]
    assert order == sorted(order)


@every_model
def test_a_model_says_what_it_is(model: Model):
    assert model.title
    assert model.states
    assert model.equations.count(r"\dot") >= len(model.states)
    assert any(character.isdigit() for character in model.reference), "a reference has a year"
    assert "References" in model.__doc__
    assert model.current.unit or "dimensionless" in model.__doc__.lower()
    low, high = model.current.softbounds
    assert low <= model.current.default <= high


@every_model
def test_states_have_names_units_docs_and_spans(model: Model):
    assert len(set(model.state_names())) == len(model.states)
    for state in model.states:
        assert state.name.isidentifier() and state.name.isascii()
        assert state.doc and state.symbol
        assert state.span[0] < state.span[1]
        assert state.limit > max(map(abs, state.span))


@every_model
def test_every_quantity_has_label_symbol_unit_doc_and_sensible_bounds(model: Model):
    assert model.quantities()
    for name, quantity in model.quantities().items():
        assert name.isidentifier() and name.isascii()
        assert quantity.label and quantity.symbol and quantity.doc and quantity.group, name
        assert isinstance(quantity.unit, str), name
        assert quantity.level in ("basic", "all"), name
        low, high = quantity.bounds
        soft_low, soft_high = quantity.softbounds
        assert low <= soft_low < soft_high <= high, name
        assert soft_low <= quantity.default <= soft_high, name
        assert quantity.step is None or 0 < quantity.step <= (soft_high - soft_low) / 10, name


@every_model
def test_every_choice_says_what_it_chooses(model: Model):
    for name, choice in model.choices().items():
        assert choice.label and choice.doc, name
        assert choice.default in choice.objects, name


@every_model
def test_a_model_has_at_least_three_presets_with_a_source(model: Model):
    presets = model.presets()
    assert len(presets) >= 3
    for slug, preset in presets.items():
        assert slug == slug.lower() and " " not in slug
        assert preset.title and preset.source
        assert preset.method in methods(model)


@every_model
def test_every_accurate_method_gives_finite_traces(model: Model):
    cell = model()
    offered = [method for method in methods(model) if method in schemes]
    assert {"euler", "midpoint", "rk4"} <= set(offered)
    assert ("exponential-euler" in offered) == model.has_linear_part
    for method in offered:
        run = cell.simulate(model.current.default, 50.0, 0.02, method)
        assert run.diverged_at is None, method
        assert run.time.shape == (2501,)
        assert run.current.shape == (2500,)
        for name in model.state_names():
            assert run[name].shape == (2501,)
            assert np.isfinite(run[name]).all(), (method, name)


@every_model
def test_a_run_that_asks_for_nothing_but_a_current_is_finite(model: Model):
    for method in (method for method in methods(model) if method in schemes):
        run = model().simulate(model.current.default, method=method)
        assert (run.dt, run.duration, run.diverged_at) == (model.usual_dt, 500.0, None), method
    assert not models.Layer(model(), (1, 2, 2)).simulate(model.current.default).diverged.any()


@every_model
def test_derivatives_do_not_care_about_batch_axes(model: Model):
    x = states_within_span(model, 5)
    cell = model()
    current = jnp.linspace(-1.0, 1.0, 5) * model.current.default
    p = cell.p
    together = model.derivatives(x, current, p)
    assert together.shape == x.shape
    single = [model.derivatives(x[:, i], current[i], p) for i in range(5)]
    mapped = jax.vmap(lambda x, i: model.derivatives(x, i, p), (1, 0), 1)(x, current)
    np.testing.assert_allclose(together, jnp.stack(single, axis=1), rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(together, mapped, rtol=1e-13, atol=1e-13)


@every_model
def test_every_pure_function_takes_a_parameter_per_cell(model: Model):
    packed = varied_parameters(model, 5)
    chosen = model().chosen()
    x = states_within_span(model, 5)
    current = jnp.full(5, model.current.default)
    batch = model.unpack(jnp.asarray(packed), chosen)
    singles = [model.unpack(jnp.asarray(packed[:, i]), chosen) for i in range(5)]
    functions = {
        "initial_state": lambda x, current, p: model.initial_state(p),
        "derivatives": model.derivatives,
        "decay_rates": lambda x, current, p: model.decay_rates(x, p),
        "diffusion": lambda x, current, p: model.diffusion(x, p),
        "threshold": lambda x, current, p: model.threshold(x, p),
        "reset": lambda x, current, p: model.reset(x, p),
    }
    for name, function in functions.items():
        together = function(x, current, batch)
        single = [function(x[:, i], current[i], p) for i, p in enumerate(singles)]
        expected = jnp.stack(single, axis=-1)
        assert together.shape == expected.shape, name
        np.testing.assert_allclose(together, expected, rtol=1e-13, atol=1e-13, err_msg=name)


@every_model
def test_a_reset_leaves_the_state_below_threshold(model: Model):
    if not model.resets():
        return
    p = model().p
    landed = model.reset(states_within_span(model, 5), p)
    assert (model.threshold(landed, p) < 0.0).all()


def test_a_model_is_copied_with_changes():
    cell = models.Izhikevich(a=0.1)
    other = cell.replace(b=0.25)
    assert (other.a, other.b) == (0.1, 0.25)
    assert cell.b == 0.2


def test_a_preset_gives_a_model_and_a_run():
    preset = models.Izhikevich.presets()["chattering"]
    cell = models.Izhikevich.from_preset("chattering")
    assert cell.parameters == preset.model().parameters
    run = preset.run()
    assert run.duration == pytest.approx(preset.duration)
    assert run.spike_times.size > 3


def test_unknown_names_are_told_with_what_there_is():
    with pytest.raises(ValueError, match=r"no preset `chatering`.*chattering"):
        models.Izhikevich.from_preset("chatering")
    with pytest.raises(ValueError, match="no state `w`: choose one of v, u"):
        models.Izhikevich.state("w")
    with pytest.raises(AttributeError, match="no attribute 'Perceptron'"):
        models.Perceptron  # noqa: B018


@every_model
def test_an_atlas_opens_on_two_quantities_that_the_model_has(model):
    x, y = model.atlas_axes()
    assert x != y
    assert {x, y} <= {"current", *model.quantities()}
