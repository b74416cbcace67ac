"""The pictures of a layer: no spike lost, colours by feature, means that are means."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bokeh.models import Range1d

from explorer import feature_colours
from explorer.feature_colours import COLOURS, PALETTE, SHADES, colours_of, scaled, shaded
from explorer.layer_picture import NUDGE
from explorer.views import layer_status, population_rate, raster, rate_distribution, winner_map
from explorer.views.layer_bar import layer_cursor
from models import Constant

from .layers import basis, layer

QUIET = {"p_sigma_pre": 0.0, "p_sigma_post": 0.0, "p_activation": "tanh"}


def points_by_hand(picture, time, cells, width, merged):
    """The (row, column) that hold a spike, from the dense record."""
    dt = picture.run.dt
    first, last = round(time[0] / dt), round(time[1] / dt)
    columns = min(width, last - first)
    dense = picture.run.spikes.reshape(picture.run.steps, -1)[first:last, cells[0] : cells[1]]
    step, cell = np.nonzero(dense)
    return set(zip(cell // merged, step * columns // (last - first), strict=True))


@pytest.mark.parametrize(
    ("time", "cells", "width", "height", "merged"),
    [
        ((0.0, 100.0), (0, 40), 2000, 500, 1),
        ((0.0, 100.0), (0, 40), 170, 40, 1),
        ((0.0, 100.0), (0, 40), 170, 13, 4),
        ((30.0, 41.5), (7, 23), 170, 100, 1),
    ],
)
def test_every_spike_has_its_point_in_the_raster(time, cells, width, height, merged):
    picture = layer(winners=0)
    made = raster.image(picture, time, cells, width, height)
    assert made.shape[0] == -(-(cells[1] - cells[0]) // merged)
    assert made.shape[1] <= width
    drawn = set(zip(*np.nonzero(made), strict=True))
    assert drawn == points_by_hand(picture, time, cells, width, merged)
    assert drawn


def test_a_row_of_one_cell_is_drawn_in_the_full_colour_of_its_feature():
    picture = layer(winners=0, features=3)
    made = raster.image(picture, (0.0, 100.0), (0, 60), 170, 100)
    for row in range(60):
        seen = set(made[row]) - {0}
        assert {PALETTE[number] for number in seen} <= {f"{COLOURS[row // 20]}FF"}


def test_a_row_of_several_cells_is_stronger_where_more_of_them_fire():
    picture = layer(of=basis(stimulus=Constant(300.0)), winners=0, features=1, vary="", rows=10)
    alone, together = (raster.image(picture, (0.0, 100.0), (0, 50), 100, h) for h in (50, 5))
    assert np.count_nonzero(alone) == 10 * np.count_nonzero(together)
    assert {PALETTE[number][-2:] for number in np.unique(together)} <= {"00", "FF"}


def test_rates_are_drawn_by_sign_and_size():
    picture = layer(of=basis("LeakyNoise", **QUIET), gain=0.0, duration=40.0)
    made = raster.image(picture, (0.0, 40.0), (0, 40), 50, 40)
    assert made.shape == (40, 50)
    shown = scaled(np.array([-2.0, -1.0, 0.0, 1.0]), 1.0)
    assert PALETTE[shown[0]] == PALETTE[shown[1]] == f"{feature_colours.VERMILLION}FF"
    assert PALETTE[shown[2]].endswith("00")
    assert PALETTE[shown[3]] == f"{feature_colours.BLUE}FF"


def test_colours_repeat_after_the_last_one_and_fit_one_byte():
    features = np.arange(40)
    assert len(PALETTE) < 256
    np.testing.assert_array_equal(colours_of(features), features % len(COLOURS))
    faint, full = (shaded(features, np.full(40, strength)) for strength in (0.0, 1.0))
    np.testing.assert_array_equal(full.astype(int) - faint, SHADES - 1)


def test_the_population_rate_counts_every_spike_of_its_bins():
    picture = layer(winners=0)
    drawn = population_rate.arrays(picture)
    time, rates = population_rate.per_feature(picture)
    width = time[1] - time[0]
    step, cell = picture.spikes
    for feature in range(2):
        inside = (cell // 20 == feature) & (step * picture.run.dt < time.size * width - 1e-9)
        assert rates[feature].sum() * 20 * width * 1e-3 == pytest.approx(inside.sum())
    np.testing.assert_allclose(drawn["population_rate"]["rate"], rates.mean(axis=0), rtol=1e-6)


def test_the_population_rate_of_units_is_the_mean_of_their_rates():
    picture = layer(of=basis("LeakyNoise", **QUIET), gain=0.0, duration=40.0)
    drawn = population_rate.arrays(picture)["population_rate"]
    at = np.round(drawn["time"] / picture.run.dt).astype(int)
    np.testing.assert_allclose(drawn["rate"], picture.outputs[at].mean(axis=1), rtol=1e-5)


def test_the_winner_map_has_every_win_in_the_order_of_time():
    picture = layer(winners=2, rows=4, columns=5)
    drawn = winner_map.arrays(picture)
    step, rank = np.nonzero(picture.run.winners[:, :, 0] >= 0)
    places = picture.run.winners[step, rank]
    assert step.size > 10
    np.testing.assert_allclose(drawn["time"], (step + 1) * picture.run.dt, rtol=1e-6)
    np.testing.assert_array_equal(drawn["place"], places[:, 1] * 5 + places[:, 2])
    np.testing.assert_array_equal(drawn["colour"], places[:, 0])


def test_of_too_many_wins_the_last_one_of_each_place_and_moment_stays(monkeypatch):
    picture = layer(winners=2)
    all_of_them = winner_map.arrays(picture)
    monkeypatch.setattr(winner_map, "MOST", 10)
    monkeypatch.setattr(winner_map, "MOMENTS", 4)
    fewer = winner_map.arrays(picture)
    assert fewer["time"].size <= 4 * 20
    for moment in range(1, 5):
        for place in range(20):
            seen = []
            for drawn in (all_of_them, fewer):
                upto = (drawn["place"] == place) & (drawn["time"] <= 25.0 * moment + 1e-3)
                seen.append(
                    (drawn["time"][upto][-1:].tolist(), drawn["colour"][upto][-1:].tolist())
                )
            assert seen[0] == seen[1]


def test_nobody_wins_where_nobody_competes():
    drawn = winner_map.arrays(layer(winners=0))
    assert all(column.size == 0 for column in drawn.values())


def test_the_map_of_units_follows_the_largest_rate():
    picture = layer(of=basis("LeakyNoise", **QUIET), gain=0.9, duration=60.0)
    drawn = winner_map.arrays(picture)
    latest = {}
    for place, colour in zip(drawn["place"], drawn["colour"], strict=True):
        latest[int(place)] = int(colour)
    best = picture.outputs[-1].reshape(2, 20).argmax(axis=0)
    assert latest == dict(enumerate(best.tolist()))


def test_dots_are_cells_and_the_line_is_their_mean():
    picture = layer(winners=0)
    drawn = rate_distribution.arrays(picture)
    cells = drawn["cell_rates"]["cell"]
    np.testing.assert_array_equal(np.sort(cells), np.arange(40))
    np.testing.assert_allclose(drawn["cell_rates"]["value"], picture.varied[cells], rtol=1e-6)
    np.testing.assert_allclose(drawn["cell_rates"]["rate"], picture.rates[cells], rtol=1e-6)
    low, high = picture.varied.min(), picture.varied.max()
    edges = np.linspace(low, high, rate_distribution.BINS + 1)
    first = (picture.varied >= edges[0]) & (picture.varied < edges[1])
    assert drawn["mean_rates"]["rate"][0] == pytest.approx(picture.rates[first].mean())


def test_a_large_layer_is_thinned_and_says_so(monkeypatch):
    picture = layer(winners=0)
    monkeypatch.setattr(rate_distribution, "MOST", 15)
    drawn = rate_distribution.arrays(picture)
    assert drawn["cell_rates"]["cell"].size == 15
    assert "15 of 40" in rate_distribution.caption(picture)
    assert "4 to a row" in raster.caption(picture, 10)
    assert "to a row" not in raster.caption(picture, 40)


def test_a_cell_that_competes_is_said_to_be_opened_alone():
    """It may fire more there."""
    assert raster.caption(layer(winners=0), 40) == "One row per cell: click to open it."
    assert raster.caption(layer(winners=1), 40) == "One row per cell: click to open it alone."


def test_cells_that_are_alike_are_told_apart_by_weight_or_by_feature():
    alike = layer(vary="", winners=0)
    assert rate_distribution.axis_label(alike) == rate_distribution.FEATURE
    np.testing.assert_array_equal(np.unique(alike.varied), [1.0, 2.0])
    weighted = layer(vary="", winners=0, spread=0.3)
    np.testing.assert_array_equal(weighted.varied, weighted.weights.ravel())


def test_the_status_says_how_many_fired_and_who_won():
    picture = layer(winners=1)
    said = "; ".join(layer_status.sentences(picture))
    assert "40 cells (2 × 4 × 5)" in said
    assert f"{picture.spikes[0].size:,} spikes in 100 ms" in said
    wins = np.count_nonzero(picture.run.winners[:, :, 0] >= 0)
    assert f"{wins:,} wins" in said
    quiet = layer(of=basis(stimulus=Constant(0.0)))
    assert "no spike in 100 ms" in layer_status.firing(quiet)
    assert layer_status.winning(quiet) == "no winner"


def test_the_status_calls_it_chaos_only_where_a_difference_grows_within_bounds():
    picture = layer(of=basis("LeakyNoise", **QUIET), gain=0.5, duration=200.0)
    assert "shrinks" in layer_status.feedback(picture)
    assert "order" in layer_status.feedback(picture)
    assert "chaos" in layer_status.feedback(replace(picture, apart=1.0))
    assert "longer run" in layer_status.feedback(replace(picture, apart=0.9 * NUDGE))
    assert layer_status.feedback(replace(picture, apart=None)) == "no recurrence"


def test_a_network_that_has_died_out_says_so_and_its_map_is_blank():
    picture = layer(
        of=basis("LeakyNoise", stimulus=Constant(0.0), **QUIET), gain=0.5, duration=500.0
    )
    assert "all rates have died out" in layer_status.rates(picture)
    drawn = winner_map.arrays(picture)
    latest = dict(zip(drawn["place"].tolist(), drawn["colour"].tolist(), strict=True))
    assert set(latest.values()) == {feature_colours.NOBODY}
    assert len(latest) == 20


def test_rates_without_bounds_are_refused_with_the_way_out():
    of = basis("LeakyNoise", p_sigma_pre=0.0, p_sigma_post=0.0, p_activation="relu")
    with pytest.raises(
        ValueError, match=r"`gain` is 8: the rates grow past 1e\+06 .* such as tanh"
    ):
        layer(of=of, gain=8.0, duration=400.0)


def test_cells_that_blow_up_are_counted_in_the_status():
    of = basis("HodgkinHuxley")
    good = layer(of=of, duration=30.0)
    assert not layer_status.blown_up(good)
    bad = layer(of=of, duration=30.0, dt=0.5, method="euler")
    assert bad.run.diverged.any()
    assert "blew up" in "; ".join(layer_status.sentences(bad))


def test_the_key_names_the_colour_of_each_feature():
    for features in (1, 4, 12):
        made = feature_colours.key(features)
        for colour in COLOURS[:features]:
            assert colour in made
        assert made.endswith("…") == (features > len(COLOURS))


@pytest.mark.parametrize("size", [(1, 1), (0, 0), (3, 200)])
def test_a_plot_that_has_no_room_yet_is_drawn_all_the_same(monkeypatch, size):
    """While the browser lays out the page it tells of any size."""
    monkeypatch.setattr(raster.Raster, "size", size)
    picture = layer()
    made = raster.Raster(Range1d(0, 100), layer_cursor()).columns(picture)["image"][0]
    assert made.shape[1] >= 1
    assert made.any()
