"""What is no current, range or number is refused in one sentence that names the argument."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import models
from models import analysis

cell = models.Izhikevich()
axes = (("a", 0.01, 0.1, 4), ("b", 0.1, 0.3, 4))

takes_a_current: dict[str, Callable[[Any], Any]] = {
    "fixed_points": lambda i: analysis.fixed_points(cell, current=i),
    "nullclines": lambda i: analysis.nullclines(cell, current=i),
    "vector_field": lambda i: analysis.vector_field(cell, current=i),
    "manifolds": lambda i: analysis.manifolds(cell, current=i),
    "basins": lambda i: analysis.basins(cell, current=i),
    "limit_cycles": lambda i: analysis.limit_cycles(cell, current=i),
    "reset_map": lambda i: analysis.reset_map(cell, current=i),
    "phase_line": lambda i: analysis.phase_line(models.LIF(), current=i),
    "phase_response": lambda i: analysis.phase_response(cell, current=i),
    "atlas": lambda i: analysis.atlas(cell, *axes, current=i),
    "bifurcation": lambda i: analysis.bifurcation(cell, parameter="b", current=i),
}


@pytest.mark.parametrize("bad", [np.nan, np.inf, "strong", [1.0, 2.0]], ids=str)
@pytest.mark.parametrize("analyse", takes_a_current.values(), ids=takes_a_current)
def test_a_current_must_be_a_finite_number(analyse: Callable[[Any], Any], bad: Any) -> None:
    with pytest.raises(ValueError, match=r"`current` is .*: give one finite number\.$"):
        analyse(bad)


refused: dict[str, Callable[[], Any]] = {
    "over": lambda: analysis.bifurcation(cell, over=5),
    "xlim": lambda: analysis.fixed_points(cell, xlim=(np.nan, 1.0)),
    "ylim": lambda: analysis.nullclines(cell, ylim=(3.0, 3.0)),
    "n": lambda: analysis.vector_field(cell, n=2.5),
    "phases": lambda: analysis.phase_response(cell, phases=-1),
    "x": lambda: analysis.atlas(cell, 3, axes[1]),
    "y": lambda: analysis.atlas(cell, axes[0], ("b", 0.1, 0.3, 2.5)),
    "currents": lambda: analysis.fi_curve(cell, "1"),
    "transient": lambda: analysis.fi_curve(cell, [5.0], transient=2000.0),
    "measure": lambda: analysis.atlas(cell, *axes, measure=3),
    "held": lambda: analysis.nullclines(models.HodgkinHuxley(), "v", "n", held={"m": np.nan}),
}


@pytest.mark.parametrize("name", refused)
def test_a_bad_argument_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=rf"^`{name}` (.*: (give|choose) .*|must be .*)\.$"):
        refused[name]()


experiments: dict[str, Callable[..., Any]] = {
    "rheobase": lambda **given: analysis.rheobase(models.LIF(), **given),
    "strength_duration": lambda **given: analysis.strength_duration(models.LIF(), [2.0], **given),
    "paired_pulse": lambda **given: analysis.paired_pulse(models.LIF(), [5.0], **given),
    "rebound": lambda **given: analysis.rebound(models.LIF(), [-5.0], **given),
    "accommodation": lambda **given: analysis.accommodation(models.LIF(), [5.0], **given),
}


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf, "long", [1.0]], ids=str)
@pytest.mark.parametrize("experiment", experiments)
def test_times_are_positive_numbers(experiment: str, bad: Any) -> None:
    names = {"rheobase": ["dt", "duration"], "paired_pulse": ["dt", "width"]}
    names["rebound"] = names["paired_pulse"]
    for name in names.get(experiment, ["dt"]):
        with pytest.raises(ValueError, match=rf"^`{name}` is .*: give a positive number of milli"):
            experiments[experiment](**{name: bad})


@pytest.mark.parametrize("method", ["rk5", 4])
def test_an_experiment_needs_a_method_that_exists(method: Any) -> None:
    for experiment in ("rheobase", "strength_duration"):
        with pytest.raises(ValueError, match=r"^`method` is .*: choose one of"):
            experiments[experiment](method=method)


@pytest.mark.parametrize("bad", [3.0, [], [np.nan], "text", ["a"], [[1.0], [2.0]], [[1], [1, 2]]])
def test_rows_of_numbers_are_rows_of_numbers(bad: Any) -> None:
    lif = models.LIF()
    for name, analyse in (
        ("currents", analysis.fi_curve),
        ("currents", analysis.fi_up_and_down),
        ("widths", analysis.strength_duration),
        ("gaps", analysis.paired_pulse),
        ("amplitudes", analysis.rebound),
        ("durations", analysis.accommodation),
    ):
        with pytest.raises(ValueError, match=rf"^`{name}` must be one row of .* numbers"):
            analyse(lif, bad)


def test_what_is_held_is_given_by_name() -> None:
    with pytest.raises(ValueError, match=r"`held` is 0\.5: give values by name"):
        analysis.nullclines(models.HodgkinHuxley(), "v", "n", held=0.5)


def test_a_rate_unit_has_no_threshold_in_any_experiment() -> None:
    unit = models.LeakyNoise()
    assert np.isnan(analysis.strength_duration(unit, [1.0, 5.0]).thresholds).all()
    assert np.isnan(analysis.paired_pulse(unit, [5.0]).threshold)
    assert np.isnan(analysis.accommodation(unit, [5.0]).rheobase)
    assert np.isnan(analysis.rheobase(unit))


def test_a_range_may_be_an_array() -> None:
    across, up = np.array([-80.0, -40.0]), np.array([-20.0, 0.0])
    for analyse in (analysis.nullclines, analysis.vector_field):
        given = analyse(cell, current=0.0, xlim=across, ylim=up)
        plain = analyse(cell, current=0.0, xlim=tuple(across), ylim=tuple(up))
        assert len(given) == len(plain)
    assert len(analysis.fixed_points(cell, 0.0, across)) == 2
    assert analysis.phase_line(models.LIF(), 10.0, across).v[0] == -80.0


def test_any_real_number_is_a_current() -> None:
    expected = analysis.fixed_points(cell, current=3.0)[0].state["v"]
    for number in (3, np.float32(3.0), np.array(3.0), jnp.asarray(3.0), np.int64(3)):
        assert analysis.fixed_points(cell, current=number)[0].state["v"] == expected
