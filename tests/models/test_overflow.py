"""The exponential models overflow nowhere: any parameters that a slider reaches, any current."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models import EIF, AdEx, NeuronModel, Step


def cells(model: type[NeuronModel]) -> st.SearchStrategy[NeuronModel]:
    """Cells with every parameter anywhere on its slider."""

    @st.composite
    def drawn(draw: Any) -> NeuronModel:
        values = {name: draw(st.floats(*q.softbounds)) for name, q in model.quantities().items()}
        try:
            return model(**values)
        except ValueError:  # such as a reset above the peak
            assume(False)
            raise

    return drawn()


@pytest.mark.parametrize("model", [EIF, AdEx])
@given(st.data())
def test_a_run_stays_within_its_range_whatever_the_sliders_say(model, data):
    cell = data.draw(cells(model))
    method = data.draw(st.sampled_from(["euler", "midpoint", "rk4", "exponential-euler"]))
    current = data.draw(st.sampled_from([-1e4, 0.0, 300.0, 3e3, 1e4]))
    run = cell.simulate(Step(amplitude=current, onset=1.0), 10.0, 0.05, method)
    assert run.diverged_at is None
    assert all(np.isfinite(values).all() for values in run.states.values())


@pytest.mark.parametrize("method", ["euler", "midpoint", "rk4", "exponential-euler"])
def test_a_cell_that_is_reset_into_its_upstroke_fires_at_every_step(method):
    """The reset is 23 delta_T above the soft threshold, where nothing is left to wait for."""
    levels = {"v_rest": -66.0, "v_T": -65.0, "v_peak": 40.0, "v_reset": -60.4}
    cell = EIF(C=190.0, g_L=40.0, delta_T=0.2, t_ref=0.0, **levels)
    run = cell.simulate(Step(amplitude=3000.0, onset=1.0), 10.0, 0.05, method)
    assert run.diverged_at is None
    assert run["v"].max() == pytest.approx(40.0)
    assert np.diff(run.spike_times)[3:] == pytest.approx(0.05)
