"""Competition in a layer: winners are the first to fire, and silence exactly their scope."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import LIF, Layer


def layer_with_one_leader(inhibition: str, winners: int = 1) -> models.LayerRun:
    """Two features of 2 x 2; the cell at (0, 1, 0) gets most current, the others a little less."""
    current = np.full((400, 2, 2, 2), 300.0)
    current[:, 0, 1, 0] = 330.0
    layer = Layer(LIF(t_ref=5.0), (2, 2, 2), winners=winners, inhibition=inhibition)
    return layer.simulate(current)


@pytest.mark.parametrize(
    ("inhibition", "silent"),
    [
        ("feature", [(0, 0, 0), (0, 0, 1), (0, 1, 1)]),
        ("location", [(1, 1, 0)]),
        ("layer", [(0, 0, 0), (0, 0, 1), (0, 1, 1), (1, 0, 0), (1, 1, 0)]),
        ("none", []),
    ],
)
def test_a_winner_silences_exactly_its_scope(inhibition, silent):
    run = layer_with_one_leader(inhibition)
    step, feature, row, column = np.argwhere(run.spikes)[0]
    assert (feature, row, column) == (0, 1, 0)
    assert run.winners[step, 0].tolist() == [0, 1, 0]
    # All others would have fired within the next millisecond.
    soon = run.spikes[step + 1 : step + 20].any(axis=0)
    for place in silent:
        assert not soon[place]
    everybody = {tuple(place) for place in np.ndindex(2, 2, 2)} - {(0, 1, 0)}
    spared = everybody - set(silent) if inhibition != "layer" else set()
    assert all(soon[place] for place in spared)


@pytest.mark.parametrize("name", models.catalogue)
def test_inhibition_works_for_every_model(name):
    model = models.catalogue[name]
    if not model.fires():
        return  # nobody wins
    current = np.full((8000, 2, 1, 2), model.current.default)
    current[:, 1] *= 0.97
    layer = Layer(model(), (2, 1, 2), winners=1, inhibition="layer", pause=40.0)
    run = layer.simulate(current, 0.05)
    won = np.flatnonzero(run.winners[:, 0, 0] >= 0)
    assert won.size >= 2
    assert (np.diff(won) > 800).all()
    for step in won:
        assert run.spikes[step].any()
        assert not run.spikes[step + 1 : step + 801].any()


def test_a_silenced_cell_rests_for_the_whole_steps_of_its_pause():
    current = np.full((600, 1, 1, 2), 300.0)
    current[:, 0, 0, 0] = 400.0
    layer = Layer(LIF(t_ref=0.0), (1, 1, 2), inhibition="feature", pause=3.0)
    run = layer.simulate(current, 0.1, keep=("v",))
    step = int(run.events[0, 0])
    other = run.states["v"][:, 0, 0, 1]
    assert other[step + 1] > -60.0
    assert (other[step + 2 : step + 2 + 30] == -75.0).all()
    assert other[step + 2 + 30] > -75.0


def test_winners_are_the_first_of_each_feature_in_their_order():
    current = np.full((200, 3, 1, 2), 0.0)
    current[:, :, 0, 0] = np.array([400.0, 500.0, 450.0])
    current[:, :, 0, 1] = np.array([399.0, 499.0, 449.0])
    layer = Layer(LIF(), (3, 1, 2), winners=3, inhibition="none")
    run = layer.simulate(current, 5.0, "exponential-euler")  # all six fire within one step
    first = int(np.flatnonzero(run.spikes.sum(axis=(1, 2, 3)) == 6)[0])
    assert run.winners[first].tolist() == [[1, 0, 0], [2, 0, 0], [0, 0, 0]]
    few = Layer(LIF(), (3, 1, 2), winners=2, inhibition="none")
    assert few.simulate(current, 5.0, "exponential-euler").winners[first].tolist() == [
        [1, 0, 0],
        [2, 0, 0],
    ]


def test_ties_go_to_the_lowest_place_and_nobody_wins_in_silence():
    run = Layer(LIF(), (2, 2, 2)).simulate(300.0, duration=60.0)
    fired = run.spikes.any(axis=(1, 2, 3))
    assert (run.winners[~fired] == -1).all()
    assert (run.winners[fired][0] == 0).all()
    assert run.winning_spikes.sum() == fired.sum()
    assert (run.winning_spikes & ~run.spikes).sum() == 0


def test_more_winners_than_features_leave_places_empty():
    run = Layer(LIF(), (2, 2, 2), winners=5, inhibition="none").simulate(300.0, duration=30.0)
    assert run.winners.shape == (300, 5, 3)
    assert (run.winners[:, 2:] == -1).all()
