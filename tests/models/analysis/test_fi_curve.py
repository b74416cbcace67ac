"""f-I curves against closed forms, published rates and single runs."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import analysis
from models.analysis import batch
from models.analysis.batch_loop import run_blocks


def lif_rate(cell: models.LIF, current: np.ndarray) -> np.ndarray:
    drive = 1e-3 * cell.R * current
    reach, need = drive + cell.v_rest - cell.v_reset, drive + cell.v_rest - cell.v_threshold
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = 1e3 / (cell.t_ref + cell.tau_m * np.log(reach / need))
    return np.where(need > 0.0, rate, 0.0)


def test_lif_follows_its_closed_form() -> None:
    cell = models.LIF()
    currents = np.linspace(0.0, 800.0, 81)
    rates = analysis.fi_curve(cell, currents)
    assert np.allclose(rates, lif_rate(cell, currents), rtol=1e-4)
    assert np.allclose(analysis.fi_curve(cell, [250, 300, 400]), [55.27, 77.01, 111.96], atol=0.01)


@pytest.mark.parametrize("t_ref", [0.0, 0.33, 7.0])
@pytest.mark.parametrize("tau_m", [4.0, 25.0])
def test_refractory_periods_need_not_fit_the_time_step(t_ref: float, tau_m: float) -> None:
    cell = models.LIF(t_ref=t_ref, tau_m=tau_m)
    currents = np.array([220.0, 300.0, 600.0])
    assert np.allclose(analysis.fi_curve(cell, currents), lif_rate(cell, currents), rtol=5e-4)


def test_hodgkin_huxley_fires_at_the_published_rates() -> None:
    rates = analysis.fi_curve(models.HodgkinHuxley(), [6.5, 8.0, 10.0, 20.0, 50.0])
    assert np.allclose(rates, [55.1, 62.5, 68.3, 86.5, 117.0], atol=0.06)


def test_hodgkin_huxley_fires_with_small_spikes_and_stops_beyond_its_upper_hopf_point() -> None:
    below, above = analysis.fi_curve(models.HodgkinHuxley(), [100.0, 160.0])
    assert 100.0 < below < 169.0
    assert above == 0.0


def test_class_two_jumps_from_silence() -> None:
    rates = analysis.fi_curve(models.HodgkinHuxley(), np.arange(5.0, 8.0, 0.1), duration=2000.0)
    assert rates[rates > 0.0].min() > 50.0


@pytest.mark.parametrize("name", ["LIF", "QIF", "EIF", "AdEx", "Izhikevich", "AdaptiveQuadratic"])
def test_a_sweep_agrees_with_single_runs(name: str) -> None:
    cell = models.catalogue[name]()
    low, high = cell.current.softbounds
    currents = low + (high - low) * np.array([0.7, 0.85, 1.0])
    rates = analysis.fi_curve(cell, currents)
    for current, rate in zip(currents, rates, strict=True):
        spikes = cell.simulate(float(current), 1000.0, 0.1).spike_times
        late = spikes[np.flatnonzero(spikes >= 250.0)[0] - 1 :]
        assert rate == pytest.approx(1e3 / np.diff(late).mean(), rel=3e-3)


def test_a_cell_that_stops_has_no_rate() -> None:
    phasic = models.Izhikevich(a=0.02, b=0.25, c=-65.0, d=6.0)
    assert phasic.simulate(0.5, 1000.0, initial={"v": -64.0, "u": -16.0}).spike_times.size == 1
    assert analysis.fi_curve(phasic, [0.5])[0] == 0.0


def test_rates_up_and_down_differ_where_rest_and_firing_coexist() -> None:
    currents = np.array([5.0, 6.0, 7.0, 8.0, 9.0, 10.5])
    up, down = analysis.fi_up_and_down(models.HodgkinHuxley(), currents)
    assert list(up > 0.0) == [False, False, False, False, False, True]
    assert list(down > 0.0) == [False, False, True, True, True, True]
    assert up[-1] == pytest.approx(down[-1], rel=1e-3)


def test_a_descent_begins_and_ends_firing_where_long_runs_do() -> None:
    cell = models.MorrisLecar()  # near either end a swing takes seconds to die out, or to grow
    for count in (41, 61):
        currents = np.linspace(-50.0, 300.0, count)
        _, down = analysis.fi_up_and_down(cell, currents)
        state = cell.simulate(float(currents[-1]), 5000.0).states
        for current, rate in list(zip(currents, down, strict=True))[::-1]:
            ended = {name: float(trace[-1]) for name, trace in state.items()}
            run = cell.simulate(float(current), 5000.0, initial=ended)
            state = run.states
            assert (rate > 0.0) == (np.ptp(run.states["v"][-5000:]) > 20.0), (count, current)


def test_the_rate_of_a_bursting_cell_includes_its_pauses() -> None:
    cell = models.HindmarshRose()
    currents = np.linspace(2.0, 3.0, 11)
    for rates in analysis.fi_up_and_down(cell, currents):
        for current, rate in zip(currents, rates, strict=True):
            spikes = cell.simulate(float(current), 20000.0, 0.05).spike_times
            in_the_long_run = (spikes > 10000.0).sum() / 10.0
            assert rate == pytest.approx(in_the_long_run, rel=0.35)  # a window of two bursts


def test_a_descent_starts_when_slow_variables_have_settled() -> None:
    up, down = analysis.fi_up_and_down(models.HindmarshRose(), [4.0, 4.5, 5.0])
    assert down == pytest.approx(up, rel=0.005)


def test_another_parameter_or_current_compiles_nothing() -> None:
    analysis.fi_curve(models.LIF(), np.linspace(0.0, 500.0, 20))
    before = run_blocks._cache_size()
    analysis.fi_curve(models.LIF(tau_m=17.0), np.linspace(100.0, 300.0, 20), duration=700.0)
    assert run_blocks._cache_size() == before


def test_currents_must_be_one_row_of_numbers() -> None:
    with pytest.raises(ValueError, match="`currents`"):
        analysis.fi_curve(models.LIF(), [1.0, np.nan])
    with pytest.raises(ValueError, match="ascend"):
        analysis.fi_up_and_down(models.LIF(), [2.0, 1.0])


@pytest.mark.parametrize("current", [150.0, 151.5, 153.0, 154.0])
def test_an_axon_near_its_upper_hopf_point_fires_in_a_sweep_as_it_does_in_a_run(
    current: float,
) -> None:
    # Its action potentials are 8 to 3 mV high there, less than a failed spike.
    axon = models.HodgkinHuxley()
    (rate,) = analysis.fi_curve(axon, [current])
    run = axon.simulate(current, 1000.0, 0.025)
    assert rate == pytest.approx(1e3 / np.diff(run.spike_times)[-50:].mean(), rel=1e-3)
    assert run.spike_times[-1] > 990.0
    assert analysis.features(run)["pattern"] == "tonic"


def test_beyond_the_upper_hopf_point_sweeps_and_runs_see_a_block() -> None:
    axon = models.HodgkinHuxley()
    patterns = analysis.atlas(
        axon, ("current", 153.0, 156.0, 2), ("g_L", 0.3, 0.31, 2), "pattern", duration=1000.0
    )
    assert list(patterns[0]) == ["tonic", "depolarisation block"]
    assert analysis.features(axon.simulate(156.0, 1000.0, 0.025))["pattern"] == patterns[0, 1]
    assert analysis.fi_curve(axon, [156.0]) == 0.0


def test_firing_ends_at_the_upper_hopf_point_both_ways() -> None:
    # Oscillations that grow out of a block are as small as those that shrink into it.
    currents = np.arange(140.0, 160.0, 2.0)
    for rates in analysis.fi_up_and_down(models.HodgkinHuxley(), currents, 1000.0):
        assert list(rates > 0.0) == list(currents < 154.52)


@pytest.mark.parametrize(
    ("name", "currents"),
    [
        ("HodgkinHuxley", [3.0, 10.0, 100.0, 145.0, 152.0, 154.0, 155.0, 158.0, 170.0]),
        ("MorrisLecar", [80.0, 95.0, 180.0, 205.0, 212.0, 216.0, 230.0, 282.0]),
        ("FitzHughNagumo", [0.2, 0.35, 0.8, 1.3, 1.4, 1.41, 1.45]),
        ("HindmarshRose", [0.5, 1.3, 2.0, 3.2, 4.0, 6.0]),
    ],
)
def test_a_sweep_counts_the_spikes_that_a_run_counts(name: str, currents: list[float]) -> None:
    cell, dt = models.catalogue[name](), 0.025
    found = batch.spike_trains(
        cell, {"current": np.array(currents)}, duration=600.0, dt=dt, dtype=np.float64
    )
    for current, times in zip(currents, found.times, strict=True):
        spikes = cell.simulate(current, 600.0, dt).spike_times
        times = times[np.isfinite(times)]
        # A spike is told only when the trace has come down from it: not yet at the very end.
        assert spikes.size - times.size in (0, 1), f"at {current}"
        assert np.allclose(times, spikes[: times.size], atol=dt), f"at {current}"


@pytest.mark.parametrize("current", [2.5, 4.0, 5.5])
def test_ringing_after_a_spike_is_no_firing(current: float) -> None:
    times = batch.spike_trains(
        models.HodgkinHuxley(), {"current": np.array([current])}, duration=120.0, dt=0.025
    ).times
    assert np.isfinite(times).sum() == 1


def test_the_textbook_form_of_the_quadratic_model_keeps_its_closed_form() -> None:
    """tau dv/dt = v^2 + I from -500 to 500, where a step of 0.1 ms would overshoot: T is
    tau / sqrt(I) (pi - 2 atan(sqrt(I) / 500))."""
    cell = models.QIF.from_preset("theta")
    currents = np.array([0.25, 1.0, 4.0, 16.0])
    root = np.sqrt(currents)
    exact = 1e3 / (10.0 / root * (np.pi - 2.0 * np.arctan(root / 500.0)))
    assert analysis.fi_curve(cell, currents, duration=2000.0) == pytest.approx(exact, rel=3e-4)
    map_of_rates = analysis.atlas(cell, ("current", 1.0, 4.0, 2), ("v_rest", -1.0, 0.0, 2))
    assert map_of_rates[1] == pytest.approx(exact[1:3], rel=1e-3)
    with pytest.raises(ValueError, match=r"0\.01 ms, so every step overshoots"):
        cell.simulate(1.0, duration=100.0, dt=0.1)


def test_a_reset_beyond_the_spike_level_is_no_rate_of_ten_kilohertz() -> None:
    """The low-threshold spiking cell of 2007 lands at -53 + .04 u, and its level is 40 - .1 u: once
    a strong current takes u to 664, that is below."""
    cell = models.AdaptiveQuadratic.from_preset("low-threshold-spiking")
    currents = np.array([300.0, 500.0, 700.0, 800.0])
    rates = analysis.fi_curve(cell, currents)
    assert np.isnan(rates[3]) and (rates[:3] < 400.0).all()
    # Nor where it comes to that in the middle of a run.
    assert np.nanmax(analysis.fi_curve(cell, np.linspace(700.0, 800.0, 41), duration=400.0)) < 500.0
    up, down = analysis.fi_up_and_down(cell, currents)
    assert np.nanmax([up, down]) < 500.0
    assert down[:3] == pytest.approx(rates[:3], rel=0.02)
    diagram = analysis.bifurcation(cell)
    assert all(band.low > 100.0 for band in diagram.bistable)
    assert all((cycle.period > 2.0).all() for cycle in diagram.cycles)
