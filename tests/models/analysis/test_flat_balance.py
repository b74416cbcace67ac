"""Cells whose leaks cancel: nothing pulls them back below the spike, and rounding must not."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import analysis


def test_where_the_balance_is_flat_no_rounding_is_taken_for_fixed_points() -> None:
    """AdEx with a = -g_L: the leaks cancel, and below the spike nothing but digits is left.

    Under I < 0 the one fixed point is where the exponential holds against it, in closed form.
    """
    cell = models.AdEx(g_L=10.0, a=-10.0, v_rest=-65.0, v_T=-50.0, delta_T=2.0)
    assert analysis.fixed_points(cell, 0.0) == []
    for current in (-1.5, -1500.0):
        (point,) = analysis.fixed_points(cell, current)
        assert point.state["v"] == pytest.approx(-50.0 + 2.0 * np.log(-current / 20.0), abs=1e-9)
        assert point.kind == "saddle"
    with pytest.raises(ValueError, match="rests neither without current nor under a"):
        analysis.rheobase(cell)
