"""SpykeTorch-Extended's step: each class by hand, its bookkeeping, its winners, its mistakes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import models
from models import published
from models.published import spyketorch

# The library's own defaults in the terms of the models: tau_rc .02 s, C .281, rest 0, ts .001 s.
C, TAU, TS = 0.281, 0.02, 0.001
R = 1e3 * TAU / C
LEAKY = {"tau_m": 20.0, "R": R, "v_rest": 0.0, "v_reset": 0.0, "v_threshold": 1.0}
SPIKY = {
    "C": 281.0, "g_L": 281.0 / 20.0, "v_rest": 0.0, "v_reset": 0.0, "v_peak": 1.0,
    "v_T": 0.75, "delta_T": 0.5, "t_ref": 2.0,
}  # fmt: skip
REST_70 = {"resting_potential": -70.0}


def lif(**changes: float) -> models.NeuronModel:
    return models.LIF(**(LEAKY | changes))


def eif(**changes: float) -> models.NeuronModel:
    return models.EIF(**(SPIKY | changes))


def outputs(cell: models.NeuronModel, samples: Any, method: str = "spyketorch", **more: Any) -> Any:
    """What the library returns for samples at its step of 1 ms."""
    samples = np.asarray(samples, float)
    return published.run_many(cell, samples, more.pop("dt", 1.0), method, **more).outputs


# --- the classes, one step each by hand ---------------------------------------------------------


def test_perfect_integrator_adds_its_input_and_rounds_to_single_precision() -> None:
    cell = models.IF(C=281.0, v_rest=0.0, v_reset=0.0, v_threshold=1.0)
    out = outputs(cell, [90.0, -30.0])
    first = float(np.float32(90.0 * TS / C))
    assert out["previous_state"].tolist() == [
        first,
        float(np.float32(first - 30.0 * TS / C)),
    ]


def test_perfect_integrator_rests_at_the_single_precision_of_its_rest() -> None:
    cell = models.IF(C=281.0, v_rest=-70.1, v_reset=-70.1, v_threshold=-50.0, t_ref=2.0)
    out = outputs(cell, [0.0, 20e3, 0.0])
    rest = float(np.float32(-70.1))
    assert rest != -70.1
    assert out["s"].tolist() == [0, 1, 0]
    assert out["previous_state"].tolist() == [rest, rest, rest]
    assert out["thresholded"][1] == np.float32(rest + 20e3 * TS / C)


def test_leaky_neuron_decays_from_its_last_positive_input() -> None:
    out = outputs(lif(), [200.0, 0.0, 0.0, 100.0])
    jump = 200.0 * TS / C
    assert out["previous_state"] == pytest.approx(
        [
            jump,
            jump * math.exp(-0.05),
            jump * math.exp(-0.10),
            jump * math.exp(-0.15) + jump / 2.0,
        ],
        abs=1e-12,
    )
    assert out["time_since_injection"] == pytest.approx([TS, 2 * TS, 3 * TS, TS])


def test_negative_input_acts_for_one_step_and_is_forgotten() -> None:
    out = outputs(lif(), [-200.0, 0.0])
    assert out["previous_state"] == pytest.approx([-200.0 * TS / C, 0.0])


def test_ode_neuron_takes_euler_steps_and_is_not_clamped() -> None:
    out = outputs(lif(v_rest=-0.2, v_reset=-0.2), [-100.0, 50.0], "spyketorch:ode")
    u = -0.2 - 100.0 * TS / C
    assert out["previous_state"] == pytest.approx([u, u + (-0.2 - u) * 0.05 + 50.0 * TS / C])


def test_simple_neuron_leaks_to_zero_and_takes_its_input_as_it_is() -> None:
    out = outputs(lif(v_rest=0.3, v_reset=0.3), [0.1, 0.0, 0.9], "spyketorch:simple")
    u = 0.3 * 0.95 + 0.1
    assert out["thresholded"].tolist() == [0.0, 0.0, pytest.approx(u * 0.95**2 + 0.9)]
    assert out["spikes"].tolist() == [0.0, 0.0, 1.0]
    assert out["previous_state"] == pytest.approx([u, u * 0.95, 0.3])


def test_exponential_neuron_by_hand_and_clamped_at_rest() -> None:
    out = outputs(eif(), [8.0, -500.0])
    spike = 0.5 * math.exp(-1.5)
    u = TS * (spike / TAU + 8.0 / C)
    assert out["previous_state"] == pytest.approx([u, 0.0])


def test_simple_exponential_neuron_does_not_scale_its_exponential() -> None:
    out = outputs(eif(delta_T=0.1), [0.05, 0.02], "spyketorch:simple")
    u = 0.1 * math.exp(-7.5) + 0.05
    assert out["previous_state"] == pytest.approx(
        [u, 0.95 * u + 0.1 * math.exp((u - 0.75) / 0.1) + 0.02]
    )


def test_quadratic_neuron_by_hand_and_clamped_at_rest() -> None:
    cell = models.QIF(tau_m=20.0, R=R, v_rest=0.0, v_crit=0.75, v_peak=1.0, v_reset=0.0, a=2.0)
    out = outputs(cell, [60.0, 10.0, -500.0])
    u = 60.0 * TS / C
    second = u + TS * (2.0 * u * (u - 0.75) / TAU + 10.0 / C)
    assert out["previous_state"] == pytest.approx([u, second, 0.0])


def test_adaptive_neuron_uses_the_new_potential_for_w_and_the_old_w_for_the_potential() -> None:
    cell = models.AdEx(**SPIKY, a=0.6, b=0.7, tau_w=100.0)
    out = outputs(cell, [8.0, 900.0], initial={"w": 2.0})
    resistance = TAU / C
    u = 0.05 * (0.5 * math.exp(-1.5) + resistance * (8.0 - 2.0))
    w = 2.0 + 0.01 * (0.6 * u - 2.0)
    peak = u + 0.05 * (-u + 0.5 * math.exp((u - 0.75) / 0.5) + resistance * (900.0 - w))
    assert out["thresholded"] == pytest.approx([0.0, peak])
    assert out["w"] == pytest.approx([w, w + 0.01 * (0.6 * peak - w) + 0.7])


def test_izhikevich_neuron_by_hand() -> None:
    cell = models.Izhikevich()
    out = outputs(cell, [10.0], initial={"v": -70.0, "u": -14.0}, options=REST_70)
    u = -70.0 + 0.04 * 4900.0 - 350.0 + 140.0 + 10.0 + 14.0
    assert out["previous_state"] == pytest.approx([u])
    assert out["w"] == pytest.approx([-14.0 + 0.02 * (0.2 * u + 14.0)])


# --- what a library's student should see ----------------------------------------------------------


def test_one_strong_pulse_makes_eight_ghost_spikes() -> None:
    pulse = np.zeros(120)
    pulse[10] = 900.0
    run = lif().simulate(pulse, dt=1.0, method="spyketorch")
    # The peak 900·ts/C = 3.203 decays as if never reset and fires every third step until below 1.
    peak = 900.0 * TS / C
    times = [10 + 3 * k for k in range(50) if peak * math.exp(-3 * k * TS / TAU) >= 1.0]
    assert len(times) == 8
    assert (run.spike_times - 1.0).tolist() == times
    accurate = lif().simulate(pulse, dt=1.0, method="exponential-euler")
    assert accurate.spike_times.size == 1


def test_without_refractory_time_a_steady_input_fires_at_every_step() -> None:
    spikes = outputs(lif(t_ref=0.0), np.full(80, 25.0))["s"]
    first = int(np.argmax(spikes))
    assert first > 0 and spikes[first:].all()


def test_step_length_of_izhikevich_is_ignored() -> None:
    runs = [
        outputs(models.Izhikevich(), np.full(300, 10.0), dt=dt, options=REST_70)
        for dt in (1.0, 0.1)
    ]
    np.testing.assert_array_equal(runs[0]["previous_state"], runs[1]["previous_state"])
    assert runs[0]["spikes"].max() == pytest.approx(1e3)
    assert runs[1]["spikes"].max() == pytest.approx(1e4)


def test_izhikevich_at_the_library_s_rest_of_zero_jumps_to_140_and_fires_for_ever() -> None:
    out = outputs(models.Izhikevich(c=0.0), np.zeros(200), initial={"v": 0.0, "u": 0.0})
    assert out["thresholded"][0] == pytest.approx(140.0)
    assert out["s"][-20:].any()


def test_simple_exponential_neuron_fires_without_input() -> None:
    assert outputs(eif(), np.zeros(300), "spyketorch:simple")["s"].any()


def test_soft_threshold_of_the_simple_exponential_neuron_lives_one_step() -> None:
    cell = eif(v_peak=1.5, v_T=0.6, delta_T=0.12)
    given = outputs(cell, np.full(3, 0.2), "spyketorch:simple")
    np.testing.assert_allclose(given["theta_rh"], 0.75 * 1.5)
    first = 0.12 * math.exp(-5.0) + 0.2
    second = 0.95 * first + 0.12 * math.exp((first - 1.125) / 0.12) + 0.2
    assert given["u_ret"][:2] == pytest.approx([first, second])
    kept = outputs(
        cell, np.full(3, 0.2), "spyketorch:simple", options={"per_neuron_threshold": True}
    )
    assert kept["u_ret"][1] == pytest.approx(
        0.95 * first + 0.12 * math.exp((first - 0.6) / 0.12) + 0.2
    )


def test_simple_exponential_neuron_alone_returns_its_peak() -> None:
    out = outputs(eif(delta_T=0.1), [5.0], "spyketorch:simple")
    assert out["u_ret"][0] == out["thresholded"][0] > 1.0
    assert out["previous_state"][0] == 0.0
    assert outputs(eif(delta_T=0.1), [5e3])["u_ret"].tolist() == [0.0]


def test_negative_thresholds_make_negative_spikes() -> None:
    out = outputs(lif(v_rest=-70.0, v_reset=-70.0, v_threshold=-50.0), [1e4])
    assert out["spikes"].tolist() == [-1000.0]
    # AdEx and Izhikevich take the absolute value.
    out = outputs(models.Izhikevich(v_peak=-40.0), [50.0], options=REST_70)
    assert out["thresholded"][0] < 0.0 and out["spikes"].tolist() == [1000.0]


def test_potential_of_exactly_zero_never_counts_as_fired() -> None:
    cell = lif(v_rest=-1.0, v_reset=-1.0, v_threshold=-0.5)
    at_zero = outputs(cell, [0.95], "spyketorch:simple", initial={"v": -1.0})
    assert at_zero["u_ret"].tolist() == [0.0] and at_zero["s"].tolist() == [0]
    beside = outputs(cell, [0.96], "spyketorch:simple", initial={"v": -1.0})
    assert beside["s"].tolist() == [1]


def test_potential_at_the_threshold_fires() -> None:
    out = outputs(lif(v_threshold=0.5), [0.5], "spyketorch:simple")
    assert out["s"].tolist() == [1]


def test_refractory_cell_fires_where_rest_is_at_threshold() -> None:
    options = {"threshold": 0.2, "resting_potential": 0.3}
    out = outputs(
        lif(t_ref=3.0), np.zeros(5), "spyketorch:ode", options=options, initial={"v": 0.3}
    )
    assert out["s"].tolist() == [1, 1, 1, 1, 1]
    assert out["thresholded"] == pytest.approx([0.3] * 5)


@pytest.mark.parametrize("ts", [0.001, 0.0005])
@pytest.mark.parametrize("count", range(1, 21))
def test_refractory_steps_are_counted_exactly_at_small_steps(ts: float, count: int) -> None:
    assert refractory_steps(ts, count, np.float64) == count


@pytest.mark.parametrize("count", range(5, 18))
def test_refractory_time_is_one_step_too_long_at_steps_of_a_hundredth(count: int) -> None:
    assert refractory_steps(0.01, count, np.float64) == count + (10 <= count <= 14)
    assert refractory_steps(0.01, count, np.float32) == count + (7 <= count <= 15)


def refractory_steps(ts: float, count: int, dtype: Any) -> int:
    """Silent steps between two spikes of a cell that any input makes fire."""
    dt = 1e3 * ts
    cell = lif(tau_m=1e4, t_ref=count * dt)
    samples = np.full(count + 5, 2.0)
    out = published.run_many(cell, samples, dt, "spyketorch:simple", dtype=dtype).outputs
    fired = np.flatnonzero(out["s"])
    return int(fired[1] - fired[0] - 1)


def test_exponential_of_adex_overflows_to_nan_for_ever() -> None:
    cell = models.AdEx(**(SPIKY | {"delta_T": 0.01, "v_T": 0.5}), a=0.6, b=0.7, tau_w=1000.0)
    out = outputs(cell, np.zeros(8), initial={"v": 10.0})  # the exponent is 950
    assert out["w"][0] == np.inf
    assert np.isnan(out["w"][1:]).all()
    assert np.isnan(out["thresholded"][3::3]).all()
    # NaN is not 0, so the cell counts as fired and wins; but the sign of NaN is no spike there.
    assert out["s"].tolist() == [1, 0, 0, 0, 0, 0, 0, 0]
    assert out["spikes"].tolist() == [1000.0, 0, 0, 0, 0, 0, 0, 0]
    assert out["winners"][3::3, 0, 0].tolist() == [0, 0]


# --- layers ---------------------------------------------------------------------------------------


def test_uniform_layer_never_uses_its_time_constants() -> None:
    taus = spyketorch.uniform_taus((4, 1, 1), (0.005, 0.05), 1)
    assert taus.shape == (1, 4, 1, 1) and taus.min() >= 0.005 and taus.max() <= 0.05
    wide = spyketorch.uniform_taus((4, 2, 3), (0.005, 0.05), 1)
    np.testing.assert_array_equal(wide, np.broadcast_to(taus, (1, 4, 2, 3)))
    samples = np.broadcast_to(np.linspace(15.0, 30.0, 4)[:, None, None], (200, 4, 1, 1))
    cell = lif()
    vary = {"tau_m": 1e3 * taus[0]}
    options = {"n_winners": 4, "C": C}
    plain = outputs(cell, samples, options=options)
    as_is = outputs(cell, samples, "spyketorch:uniform", options=options, vary=vary)
    meant = outputs(cell, samples, options=options, vary=vary)
    np.testing.assert_array_equal(plain["previous_state"], as_is["previous_state"])
    assert np.abs(meant["previous_state"] - as_is["previous_state"]).max() > 0.1


def test_layer_whose_features_never_compete_is_its_cells_one_by_one() -> None:
    samples = np.broadcast_to(np.linspace(10.0, 40.0, 3)[:, None, None], (150, 3, 1, 1))
    for method in ("spyketorch", "spyketorch:ode"):
        layer = outputs(lif(), samples, method, options={"n_winners": 3})
        for feature in range(3):
            alone = outputs(lif(), samples[:, feature, 0, 0], method)
            np.testing.assert_array_equal(layer["u_ret"][:, feature, 0, 0], alone["u_ret"])


LAYER = np.array([[[0.0, 3.0], [1.5, 0.0]], [[2.0, 0.0], [0.0, 5.0]], [[5.0, 0.0], [4.0, 0.0]]])
"""Input (3, 2, 2) of one step that makes six cells of a simple layer fire."""


def simple_layer(samples: np.ndarray, **options: Any) -> Any:
    return outputs(lif(t_ref=5.0), samples, "spyketorch:simple", options=options)


def test_winners_are_the_highest_peaks_one_per_map_and_ties_go_to_the_lowest_index() -> None:
    out = simple_layer(LAYER[None], n_winners=4)
    # 5 stands in maps 1 and 2: map 1 comes first; then map 2, then the best of map 0.
    assert out["winners"][0].tolist() == [[1, 1, 1], [2, 0, 0], [0, 0, 1], [-1, -1, -1]]
    assert out["s"].sum() == 6  # losers spike too


def test_feature_inhibition_silences_the_winner_s_map_and_losers_elsewhere_stay_free() -> None:
    out = simple_layer(LAYER[None], n_winners=1)
    timers = out["refractory_periods"][0]
    assert timers[1] == pytest.approx(np.full((2, 2), 5e-3))
    assert not timers[0].any() and not timers[2].any()


def test_location_inhibition_silences_all_maps_at_the_winner_s_place() -> None:
    out = simple_layer(LAYER[None], n_winners=2, inhibition_mode="location")
    timers = out["refractory_periods"][0]
    expected = np.zeros((3, 2, 2))
    expected[:, 1, 1] = expected[:, 0, 0] = 5e-3
    assert timers == pytest.approx(expected)


@pytest.mark.parametrize("method", ["spyketorch", "spyketorch:ode", "spyketorch:simple"])
def test_which_leaky_classes_know_locations(method: str) -> None:
    samples = 1e3 * LAYER[None] if method != "spyketorch:simple" else LAYER[None]
    options = {"inhibition_mode": "location"}
    timers = outputs(lif(), samples, method, options=options)["refractory_periods"][0]
    silent = timers > 0.0
    if method == "spyketorch:ode":
        assert silent[1].all() and not silent[[0, 2]].any()
    else:
        assert silent[:, 1, 1].all() and silent.sum() == 3


@pytest.mark.parametrize(
    ("cell", "known"),
    [
        (models.IF(C=281.0, v_rest=0.0, v_reset=0.0, v_threshold=1.0), False),
        (eif(), False),
        (models.QIF(tau_m=20.0, R=R, v_rest=0.0, v_crit=0.75, v_peak=1.0, v_reset=0.0), False),
    ],
)
def test_other_classes_silence_the_map_whatever_mode_is_asked_for(
    cell: models.NeuronModel, known: bool
) -> None:
    options = {"inhibition_mode": "location"}
    cell = cell.replace(t_ref=2.0)
    silent = outputs(cell, 1e3 * LAYER[None], options=options)["refractory_periods"][0] > 0.0
    assert silent[1].all() and not silent[[0, 2]].any()


def test_simple_exponential_layer_knows_locations() -> None:
    options = {"inhibition_mode": "location"}
    out = outputs(eif(delta_T=0.1), LAYER[None], "spyketorch:simple", options=options)
    silent = out["refractory_periods"][0] > 0.0
    assert silent[:, 1, 1].all() and silent.sum() == 3


@pytest.mark.parametrize("mode", ["feature", "location"])
def test_any_winner_of_an_adaptive_layer_silences_all_of_it(mode: str) -> None:
    adex = models.AdEx(**SPIKY, a=0.6, b=0.7, tau_w=1000.0)
    options = {"inhibition_mode": mode}
    out = outputs(adex, 1e3 * LAYER[None], options=options)
    assert (out["refractory_periods"] == 2e-3).all()
    izhikevich = outputs(models.Izhikevich(), 50.0 * LAYER[None], options=options | REST_70)
    assert (izhikevich["refractory_periods"] == 2e-3).all()
    quiet = outputs(adex, 0.0 * LAYER[None], options=options)
    assert not quiet["refractory_periods"].any()


def test_silenced_cells_lose_their_potential_and_ignore_input() -> None:
    out = simple_layer(np.broadcast_to(LAYER / 2.0, (3, 3, 2, 2)), n_winners=1)
    # Map 1 wins the first step, map 2 the second; both stand at rest from the step after.
    assert out["winners"][:, 0, 0].tolist()[:2] == [1, 2]
    assert not out["previous_state"][1, 1].any()
    assert not out["previous_state"][2, 2].any()


def test_only_the_first_item_of_a_batch_competes() -> None:
    batch = np.stack([LAYER, 2.0 * LAYER])[None]
    out = outputs(lif(t_ref=5.0), batch, "spyketorch:simple")
    assert out["winners"][0].tolist() == [[1, 1, 1]]
    assert out["refractory_periods"][0, 0].any() and not out["refractory_periods"][0, 1].any()
    assert out["s"][0, 1].sum() == 6


def test_time_constants_per_feature_mean_what_they_say() -> None:
    taus = np.array([8.0, 30.0])[:, None, None]
    pulse = np.zeros((4, 2, 1, 1))
    pulse[0] = 200.0
    out = outputs(lif(), pulse, vary={"tau_m": taus}, options={"C": C})
    decay = np.exp(-3.0 / taus.ravel())
    assert out["previous_state"][3].ravel() == pytest.approx(200.0 * TS / C * decay)
    euler = outputs(eif(), pulse, vary={"g_L": 281.0 / taus})["previous_state"]
    start = TS * (0.5 * math.exp(-1.5) / (taus.ravel() / 1e3) + 200.0 / C)
    assert euler[0].ravel() == pytest.approx(start)
