"""SpykeTorch-Extended's winners: who comes first among peaks of any sign, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import models
from models import published

C, TS = 0.281, 0.001
MILLIVOLTS = {"v_rest": -70.0, "v_reset": -65.0, "v_peak": -30.0}
EIF = models.EIF(
    C=281.0, g_L=281.0 / 20.0, v_T=-50.0, delta_T=2.0, t_ref=2.0, **MILLIVOLTS
)  # fmt: skip
ADEX = models.AdEx(
    C=281.0, g_L=281.0 / 20.0, v_T=-50.0, delta_T=2.0, t_ref=2.0, a=0.6, b=0.7, tau_w=1000.0,
    **MILLIVOLTS,
)  # fmt: skip
LIF = models.LIF(
    tau_m=20.0, R=1e3 * 20.0 / 281.0, v_rest=-70.0, v_reset=-70.0, v_threshold=-30.0, t_ref=2.0
)


def one_call(
    cell: models.NeuronModel, jumps: list[float], method: str = "spyketorch", winners: int = 3
) -> Any:
    """What the library returns for cells of one place and many features that jump by `jumps` mV."""
    samples = np.array(jumps, float).reshape(1, len(jumps), 1, 1)
    samples *= 1.0 if method.endswith("simple") else C / TS
    return published.run_many(cell, samples, 1.0, method, options={"n_winners": winners}).outputs


def features(out: Any) -> list[int]:
    return [feature for feature in out["winners"][0, :, 0].tolist() if feature >= 0]


@pytest.mark.parametrize(("cell", "spike"), [(EIF, -1000.0), (ADEX, 1000.0)])
def test_silent_cells_outbid_negative_potentials(cell: models.NeuronModel, spike: float) -> None:
    out = one_call(cell, [45.0, 0.0, 50.0])
    assert out["spikes"].ravel().tolist() == [spike, 0.0, spike]
    assert features(out) == [] and not out["refractory_periods"].any()


@pytest.mark.parametrize(
    ("cell", "first"),
    # A spike of -1000 weighs -25 and -20 mV as +25,000 and +20,000, and takes 1000 times the
    # larger off both: -25 mV scores -24,975,000, more than -20 mV. A spike of +1000 (AdEx) weighs
    # them as -25,000 and -20,000 and takes 1000 times -20,000: -20 mV comes first.
    [(EIF, 0), (LIF, 0), (ADEX, 1)],
)
def test_where_all_fire_below_zero_one_wins_and_its_empty_map_ends_it(
    cell: models.NeuronModel, first: int
) -> None:
    out = one_call(cell, [45.0, 50.0])
    assert out["s"].all()
    assert features(out) == [first]


def test_positive_peaks_come_before_negative_ones() -> None:
    # Peaks of about -25, 5, 10 mV and a silent cell: among +-1000 · peak +- 1000 · 10,000 only
    # the positive are above the silent cell's 0.
    assert features(one_call(EIF, [45.0, 75.0, 80.0, 0.0])) == [2, 1]
    # All spikes of AdEx are positive: -25 mV scores -25,000 + 10,000,000.
    assert features(one_call(ADEX, [45.0, 75.0, 80.0, 0.0])) == [2, 1, 0]


def test_unit_spikes_of_negative_potentials_never_win() -> None:
    # Spikes of -1 weigh -25 and -20 mV as 25 and 20 and take 25 off both: 0 and -5.
    for cells in ([48.5, 53.5], [48.5], [48.5, 0.0]):
        out = one_call(LIF, cells, "spyketorch:simple")
        assert out["spikes"].min() == -1.0
        assert features(out) == [] and not out["refractory_periods"].any()


def test_peaks_that_single_precision_cannot_tell_apart_are_a_tie() -> None:
    jumps = [1.1, 1.10001, 1.1001]
    integrator = models.IF(C=281.0, v_rest=0.0, v_reset=0.0, v_threshold=1.0)
    leaky = models.LIF(tau_m=20.0, R=1e3 * 20.0 / 281.0, v_rest=0.0, v_reset=0.0, v_threshold=1.0)
    # IF adds 1000 · peak to 1000 · 1100: near 1.1 million, single precision has steps of 0.125,
    # and 1100.01 - 1100 is less.
    assert features(one_call(integrator, jumps)) == [2, 0, 1]
    assert features(one_call(leaky, jumps)) == [2, 1, 0]
