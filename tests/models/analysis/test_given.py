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
    "held": lambda: analysis.nullclines(models.HodgkinHuxley(), "v", "n", held={"m": np.nan}),
}


@pytest.mark.parametrize("name", refused)
def test_a_bad_argument_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=rf"^`{name}` .*: (give|choose) .*\.$"):
        refused[name]()


def test_any_real_number_is_a_current() -> None:
    expected = analysis.fixed_points(cell, current=3.0)[0].state["v"]
    for number in (3, np.float32(3.0), np.array(3.0), jnp.asarray(3.0), np.int64(3)):
        assert analysis.fixed_points(cell, current=number)[0].state["v"] == expected
