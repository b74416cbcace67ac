"""How a recorded case is mapped onto this package, beyond the cases that are here."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.reference_cases import plan_of, replay

TS, C = 0.001, 0.281


def spyketorch(cls: str, params: dict[str, Any] | None = None, **entries: Any) -> dict[str, Any]:
    return {
        "system": "spyketorch",
        "cls": cls,
        "params": {"threshold": 1.0} | (params or {}),
    } | entries


def test_the_file_can_be_loaded_by_its_path_alone() -> None:
    path = Path(__file__).parents[2] / "reference_cases.py"
    spec = importlib.util.spec_from_file_location("loaded_by_path", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert callable(module.replay)


def test_values_the_model_refuses_are_passed_on_as_options() -> None:
    case = spyketorch(
        "LIF_ode", {"threshold": -0.5}, dt=0.001, n_winners=1, attrs={}, init={"u": 0.0},
        resolved={
            "_threshold": -0.5, "resting_potential": 0.0, "v_reset": 0.0, "ts": 0.001,
            "inhibition_mode": "feature", "tau_rc": 0.02, "ts_over_tau": 0.05,
            "refractory_timesteps": 2, "C": 0.281,
        },
    )  # fmt: skip
    plan = plan_of(case, {"I": np.zeros(3)})
    assert plan.options["threshold"] == -0.5
    assert plan.options["resting_potential"] == 0.0
    out = plan.cell.simulate(
        plan.samples, dt=plan.dt, method=plan.method, initial=plan.initial, options=plan.options
    ).outputs
    assert not out["s"].any()  # at rest the potential is exactly 0, which never counts


def test_what_a_sidecar_leaves_out_is_what_the_constructor_sets() -> None:
    pulse = {"I": np.array([200.0, 0.0, 400.0])}
    u = replay(spyketorch("LIF"), pulse)["previous_state"]
    jump = 200.0 * TS / C
    # Decayed twice from its one input, then 400 · ts/C on top: above threshold, reset to 0.
    assert u[:2] == pytest.approx([jump, jump * math.exp(-TS / 0.02)])
    assert u[2] == 0.0
    theta = {"threshold": -30.0, "resting_potential": -70.0, "delta_t": 2.0}
    u = replay(spyketorch("EIF", theta), {"I": np.zeros(1)})["previous_state"]
    # theta_rh is threshold - |threshold| / 4 = -37.5; the step is ts/tau = .05.
    assert u == pytest.approx([-70.0 + 0.05 * 2.0 * math.exp((-70.0 + 37.5) / 2.0)], abs=1e-9)
    quiet = {"system": "ngc_izhikevich", "dt": 1.0}
    v = replay(quiet, {"I": np.zeros(1)})["v"]
    assert v == pytest.approx([-65.0 + 0.04 * 65.0**2 - 5.0 * 65.0 + 140.0 + 14.0])


def test_inputs_of_any_kind_and_entries_nobody_knows_are_taken() -> None:
    case = spyketorch("QIF", n_winners=1, seed=None, resolved={"taus": None}, colour="blue")
    given = [0, 20, 40]
    expected = replay(case, {"I": np.array(given, float)})["u_ret"]
    for kind in (np.int64, np.float32, np.float16, list):
        samples = given if kind is list else np.array(given, kind)
        np.testing.assert_array_equal(replay(case, {"I": samples})["u_ret"], expected)


def test_one_sample_of_a_batch_can_come_without_its_axis() -> None:
    params = {
        "rest_v": -60.0, "crit_v": -40.0, "affinity": 0.7, "reset_v": -50.0, "thresh_v": 35.0,
        "refrac_t": 0.0, "tc_membrane": 100.0, "tc_adaptation": 30.0, "voltage_coupling": -2.0,
        "spike_increment": 100.0,
    }  # fmt: skip
    case = {"system": "inferno_izhikevich", "dt": 0.5, "params": params}
    row = np.full(50, 200.0)
    alone, column = replay(case, {"I": row}), replay(case, {"I": row[:, None]})
    assert alone["v"].shape == (50, 1)
    np.testing.assert_array_equal(alone["v"], column["v"])


@pytest.mark.parametrize(
    ("cls", "attribute", "taken"),
    [
        # The library's constructor made ts/tau of it, or the class has no use for it.
        ("LIF_ode", "tau_rc", False),
        ("LIF_Simple", "tau_rc", False),
        ("IF", "tau_rc", False),
        ("Izhikevich", "tau_rc", False),
        ("LIF_Simple", "decay", True),
        ("LIF_ode", "ts_over_tau", True),
        ("LIF", "tau_rc", True),
        ("LIF", "C", True),
        ("EIF", "v_reset", True),
        ("Izhikevich", "v_reset", True),
        ("LIF_ode", "per_neuron_thresh", True),
    ],
)
def test_attributes_set_to_arrays_act_where_the_library_reads_them(
    cls: str, attribute: str, taken: bool
) -> None:
    strong = {"LIF_Simple": 0.6, "Izhikevich": 40.0}.get(cls, 240.0)
    params = {"resting_potential": -70.0, "threshold": 30.0} if cls == "Izhikevich" else {}
    case = spyketorch(cls, params, n_winners=2)
    samples = np.zeros((30, 2, 1, 1))
    samples[::3] = strong
    values = {"tau_rc": 0.05, "decay": 0.5, "ts_over_tau": 0.2, "C": 0.5, "v_reset": -0.3}
    array = np.full((1, 2, 1, 1), values.get(attribute, 0.8))
    plain = replay(case, {"I": samples})["u_ret"]
    changed = replay(case, {"I": samples, f"attr_{attribute}": array})["u_ret"]
    assert (plain != changed).any() == taken


def test_a_threshold_per_neuron_outlives_the_threshold() -> None:
    inputs = {
        "I": np.full((1, 2, 1, 1), 0.8),
        "attr_per_neuron_thresh": np.array([0.5, 0.9]).reshape(1, 2, 1, 1),
        "attr_threshold": np.full((1, 2, 1, 1), 0.1),
    }
    assert replay(spyketorch("LIF_Simple"), inputs)["s"].ravel().tolist() == [1, 0]


def test_setting_thresholds_per_neuron_sets_the_soft_threshold_of_the_simple_class() -> None:
    inputs = {
        "I": np.zeros((1, 2, 1, 1)),
        "attr_per_neuron_thresh": np.array([1.0, 2.0]).reshape(1, 2, 1, 1),
    }
    u = replay(spyketorch("EIF_Simple", {"theta_rh": 0.1}), inputs)["previous_state"].ravel()
    assert u == pytest.approx([0.5 * math.exp(-0.75 / 0.5), 0.5 * math.exp(-1.5 / 0.5)])


@pytest.mark.parametrize(
    ("case", "inputs", "named"),
    [
        ({"system": "nest"}, {}, "system"),
        ({}, {}, "system"),
        (spyketorch("UniformEIF"), {"I": np.zeros(3)}, "UniformEIF"),
        (spyketorch("LIF"), {"J": np.zeros(3)}, "'I'"),
        ({"system": "ngc_izhikevich"}, {"I": np.zeros(3)}, "`dt`"),
        ({"system": "ngc_leaky_noise", "dt": 1.0}, {"j_input": np.zeros((3, 2))}, "`tau_x`"),
        ({"system": "inferno_izhikevich", "dt": 1.0}, {"I": np.zeros(3)}, "`tc_adaptation`"),
        (spyketorch("LIF", {"refractoriness": 0.0015}), {"I": np.zeros(3)}, "refractoriness"),
    ],
)
def test_what_cannot_be_replayed_is_said_in_one_sentence(
    case: dict[str, Any], inputs: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named) as error:
        replay(case, inputs)
    assert str(error.value).count(".") >= 1 and "\n" not in str(error.value)
