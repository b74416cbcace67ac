"""The 2007 model against its source's spike counts, its saddle-nodes and its other forms."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import AdaptiveQuadratic, Izhikevich

COUNTS = {
    "regular-spiking-60": 2,
    "regular-spiking-70": 3,
    "regular-spiking-85": 5,
    "regular-spiking-100": 7,
    "low-threshold-spiking-100": 1,
    "low-threshold-spiking-125": 4,
    "low-threshold-spiking-200": 9,
    "low-threshold-spiking-300": 21,
    "fast-spiking-73-2": 2,
    "fast-spiking-100": 4,
    "fast-spiking-200": 8,
    "fast-spiking-400": 13,
}
"""Spikes in the source's own step, as recomputed from it."""

CELLS = {  # k, vr, vt, vpeak, C, a, c, d
    "regular-spiking": (0.7, -60, -40, 35, 100, 0.03, -50, 100),
    "intrinsically-bursting": (1.2, -75, -45, 50, 150, 0.01, -56, 130),
    "chattering": (1.5, -60, -40, 25, 50, 0.03, -40, 150),
    "low-threshold-spiking": (1.0, -56, -42, 40, 100, 0.03, -53, 20),
    "fast-spiking": (1.0, -55, -40, 25, 20, 0.2, -45, 0),
    "thalamo-cortical": (1.6, -60, -50, 35, 200, 0.01, -60, 10),
    "reticular-thalamic": (0.25, -65, -45, 0, 40, 0.015, -55, 50),
}


def recovery(kind: str, v_old: float, v_new: float, rest: float) -> float:
    """What u is drawn to, as the source writes it for each kind of cell."""
    if kind == "fast-spiking":
        return 0.0 if v_new < -55.0 else 0.025 * (v_old + 55.0) ** 3
    slopes = {"thalamo-cortical": (15.0, 0.0), "reticular-thalamic": (10.0, 2.0)}
    fixed = {
        "regular-spiking": -2.0,
        "intrinsically-bursting": 5.0,
        "chattering": 1.0,
        "low-threshold-spiking": 8.0,
    }
    low, high = slopes.get(kind, (fixed.get(kind),) * 2)
    return (high if v_new > -65.0 else low) * (v_old - rest)


def spikes_of_the_source(kind: str, current: np.ndarray) -> np.ndarray:
    """Spike times of the source's loop over samples of 0.25 ms, written out for one cell."""
    k, rest, critical, top, C, a, c, d = CELLS[kind]
    v, u, highest, times = float(rest), 0.0, 0.0, []
    for i, drive in enumerate(current):
        v_new = v + 0.25 * (k * (v - rest) * (v - critical) - u + drive) / C
        u = u + 0.25 * a * (recovery(kind, v, v_new, rest) - u)
        highest = max(highest, u)
        shift = {"low-threshold-spiking": -0.1, "thalamo-cortical": 0.1}.get(kind, 0.0)
        peak = top + shift * u
        if v_new > peak or (shift == 0.0 and v_new == peak):
            times.append((i + 1) * 0.25)
            slope = {"low-threshold-spiking": 0.04, "thalamo-cortical": -0.1}.get(kind, 0.0)
            v_new = c + slope * u
            ceiling = 670.0 if kind == "low-threshold-spiking" else np.inf
            u = u + d if highest + d < ceiling else ceiling
        v = v_new
    return np.array(times)


@pytest.mark.parametrize(("slug", "count"), COUNTS.items())
def test_the_cells_of_the_book_fire_as_often_as_the_source_says(slug, count):
    run = AdaptiveQuadratic.presets()[f"{slug}-as-published"].run()
    assert run.spike_times.size == count


@pytest.mark.parametrize(
    "slug", [slug for slug in AdaptiveQuadratic.presets() if slug.endswith("-as-published")]
)
def test_the_published_step_fires_when_the_source_does(slug):
    preset = AdaptiveQuadratic.presets()[slug]
    kind = next(kind for kind in CELLS if slug.startswith(kind))
    current = preset.stimulus.samples(round(preset.duration / 0.25), 0.25, at="start")
    assert preset.run().spike_times.tolist() == spikes_of_the_source(kind, current).tolist()


def test_290_picoampere_are_below_the_rheobase_of_the_bursting_cell():
    preset = AdaptiveQuadratic.presets()["below-rheobase"]
    assert preset.run().spike_times.size == 0
    assert preset.model().simulate(370.0, 600.0).spike_times.size == 3


@pytest.mark.parametrize(
    ("slug", "published"), [("regular-spiking", 51.43), ("chattering", 160.17)]
)
def test_rest_vanishes_at_the_closed_form_of_the_saddle_node(slug, published):
    cell = AdaptiveQuadratic.presets()[slug].model()
    fold = (cell.b + cell.k * (cell.v_crit - cell.v_rest)) ** 2 / (4.0 * cell.k)
    assert fold == pytest.approx(published, abs=0.005)
    v = (cell.v_rest + cell.v_crit) / 2.0 + cell.b / (2.0 * cell.k)
    rest = {"v": v - 0.5, "u": cell.b * (v - 0.5 - cell.v_rest)}
    below, above = (cell.simulate(fold + d, 2000.0, initial=rest) for d in (-0.5, 0.5))
    assert below.spike_times.size == 0
    assert above.spike_times.size > 0


@pytest.mark.parametrize("slug", ["regular-spiking", "intrinsically-bursting", "thalamo-cortical"])
def test_accurate_and_published_steps_agree_for_cells_that_do_not_burst_fast(slug):
    preset = AdaptiveQuadratic.presets()[slug]
    published = preset.model().simulate(preset.stimulus, preset.duration, 0.25, "izhikevich-2007")
    assert abs(published.spike_times.size - preset.run().spike_times.size) <= 1


def test_peak_and_reset_of_the_low_threshold_cell_move_with_u():
    run = AdaptiveQuadratic.presets()["low-threshold-spiking"].run()
    at = np.searchsorted(run.time, run.spike_times)
    peaks, u = run["v"][at], run["u"][at]
    assert peaks == pytest.approx(40.0 - 0.1 * u, abs=1e-6)
    assert peaks[-1] < peaks[0] - 5.0


def test_a_spike_lifts_u_no_higher_than_its_ceiling():
    cell = AdaptiveQuadratic(u_max=40.0)
    run = cell.simulate(150.0, 500.0)
    free = AdaptiveQuadratic().simulate(150.0, 500.0)
    assert run["u"].max() <= 40.0 + 1e-9
    assert free["u"].max() > 80.0
    assert run.spike_times.size > free.spike_times.size


def test_a_thalamic_cell_bursts_only_after_inhibition():
    burst = AdaptiveQuadratic.presets()["thalamo-cortical-burst"].run().spike_times
    assert burst.size >= 3
    assert np.diff(burst)[0] < 20.0
    relay = AdaptiveQuadratic.presets()["thalamo-cortical"].run().spike_times
    assert np.diff(relay).min() > 40.0


def test_an_extra_current_without_effect_changes_nothing():
    three = AdaptiveQuadratic.with_adaptations(3)
    assert three is AdaptiveQuadratic.with_adaptations(3)
    assert three.state_names() == ("v", "u", "u2", "u3")
    assert "- u - u_2 - u_3 + I" in three.equations
    plain = AdaptiveQuadratic().simulate(100.0)
    assert three().simulate(100.0)["v"] == pytest.approx(plain["v"], abs=1e-12)


def test_an_adaptation_current_may_be_split_in_two():
    two = AdaptiveQuadratic.with_adaptations(2)
    halves = two(b=-1.0, d=50.0, a2=0.03, b2=-1.0, d2=50.0).simulate(100.0)
    whole = AdaptiveQuadratic(b=-2.0, d=100.0).simulate(100.0)
    assert halves.spike_times == pytest.approx(whole.spike_times, abs=1e-6)
    assert halves["u"] + halves["u2"] == pytest.approx(whole["u"], abs=1e-6)


def test_the_number_of_adaptation_currents_is_checked_in_one_sentence():
    assert AdaptiveQuadratic.with_adaptations(1) is AdaptiveQuadratic
    for count in (0, 9, 1.5):
        with pytest.raises(ValueError, match="choose 1 to 8 adaptation currents"):
            AdaptiveQuadratic.with_adaptations(count)


def test_it_contains_the_model_of_2003():
    # 0.04 v² + 5 v + 140 = 0.04 (v - r)(v - s); u and I are larger by -b r.
    r, s = sorted(np.roots([0.04, 5.0, 140.0]))
    general = AdaptiveQuadratic(
        C=1.0, k=0.04, v_rest=r, v_crit=s, v_peak=30.0, a=0.02, b=0.2, c=-65.0, d=8.0
    )
    shift = -0.2 * r
    run = general.simulate(10.0 + shift, 300.0, initial={"v": -65.0, "u": -13.0 + shift})
    plain = Izhikevich().simulate(10.0, 300.0, initial={"v": -65.0, "u": -13.0})
    assert run.spike_times == pytest.approx(plain.spike_times, abs=1e-6)


def test_infernos_model_is_this_one_under_other_names():
    # tc_membrane 20 ms, affinity 0.02, resistance 4: C = 5, k = 0.005.
    def slope(v: float, w: float, current: float) -> tuple[float, float]:
        dv = (0.02 * (v + 65.0) * (v + 50.0) + 4.0 * (current - w)) / 20.0
        return dv, (0.3 * (v + 65.0) - w) / 50.0

    cell = AdaptiveQuadratic(C=5.0, k=0.005, v_rest=-65.0, v_crit=-50.0, a=1 / 50.0, b=0.3, c=-70.0)
    ours = np.asarray(cell.derivatives(np.array([-58.0, 1.5]), 3.0, cell.p))
    assert ours == pytest.approx(slope(-58.0, 1.5, 3.0))


def test_the_refractory_period_holds_v_after_a_spike():
    run = models.AdaptiveQuadratic(t_ref=5.0).simulate(100.0, 300.0)
    first = run.spike_times[0]
    held = (run.time > first + 0.2) & (run.time < first + 4.8)
    assert run["v"][held] == pytest.approx(-50.0)


@pytest.mark.parametrize("current", [-1e6, 1e6])
def test_absurd_currents_overflow_nothing(current):
    run = AdaptiveQuadratic().simulate(current, 20.0)
    assert np.isfinite(run["v"]).all()
