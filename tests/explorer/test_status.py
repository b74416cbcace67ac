"""The status line says what a look at the picture would say."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

import models
from explorer import thumbnails
from explorer.views.status import Status, firing, heading, resting, sentences
from models import Constant, Step, analysis

from .pictures import EVERY, picture


@pytest.mark.parametrize(("model", "preset"), EVERY)
def test_every_preset_is_named_and_its_spikes_counted(model, preset):
    made = picture(model, preset)
    title = models.catalogue[model].presets()[preset].title
    assert heading(made, modified=False) == f"{made.model.title}, {title}"
    count = made.run.spike_times.size
    said = firing(made)
    if count:
        assert said.startswith(f"{count} spike{'s' if count > 1 else ''} in ")
    else:
        assert said.startswith(("no spike in ", "it does not fire"))


def test_a_change_is_called_modified():
    made = picture("Izhikevich", p_c=-50.0)
    assert heading(made, modified=True).endswith("(modified)")
    assert "modified" not in heading(made, modified=False)


def test_without_a_preset_the_model_stands_alone():
    assert heading(picture("LIF", duration=50.0), False).startswith("Leaky")
    made = picture("LIF")
    alone = type(made)(made.run, type(made.settings)(**{**vars(made.settings), "preset": None}))
    assert heading(alone, modified=False) == made.model.title


def test_the_rate_is_that_of_the_f_i_curve_whatever_the_onset():
    """77.01 Hz by f = 1 / (t_ref + tau_m ln(I / (I - 200 pA))), though 14 spikes in 200 ms."""
    made = picture("LIF", stimulus=Step(300.0, onset=20.0), duration=200.0)
    (rate,) = re.findall(r"([\d.]+) Hz", firing(made))
    assert float(rate) == pytest.approx(77.01, abs=0.05)


def test_status_line_and_gallery_tell_the_same_rate():
    for model, preset in EVERY:
        told = re.search(r"([\d.]+) Hz", thumbnails.card(model, preset).checked)
        shown = re.search(r"([\d.]+) Hz", firing(picture(model, preset)))
        if told and shown:
            assert float(shown[1]) == pytest.approx(float(told[1]), rel=5e-3), (model, preset)


def test_a_cell_that_stopped_has_no_rate():
    said = firing(picture("Izhikevich", "phasic-bursting"))
    assert said.endswith("phasic bursting")
    assert "Hz" not in said


def test_one_spike_is_one_spike_without_a_rate():
    said = firing(picture("HodgkinHuxley", "single-spike"))
    assert said.startswith("1 spike in ")
    assert "Hz" not in said


def test_a_silent_cell_is_silent():
    assert firing(picture("HodgkinHuxley", stimulus=Constant(0.0))).startswith("no spike in")


def test_a_rate_unit_does_not_fire():
    assert "spike" not in firing(picture("LeakyNoise"))


def test_the_rest_of_hodgkin_and_huxley_is_named_with_its_voltage():
    """Without current the membrane rests at -65.0 mV, a stable focus in 4 dimensions."""
    said = resting(picture("HodgkinHuxley", stimulus=Constant(0.0)))
    assert said.startswith("at I = 0 µA/cm²: stable ")
    (level,) = re.findall(r"(-?[\d.]+) mV", said)
    assert float(level) == pytest.approx(-65.0, abs=0.01)


def test_the_fixed_points_of_izhikevich_are_where_the_quadratic_has_them():
    """0.04 v² + 5 v + 140 - b v + I = 0: two roots at I = 0, none at I = 10."""
    roots = np.sort(np.roots([0.04, 5.0 - 0.2, 140.0]))
    said = resting(picture("Izhikevich", stimulus=Constant(0.0)))
    levels = [float(level) for level in re.findall(r"at (-[\d.]+)", said)]
    np.testing.assert_allclose(levels, roots, atol=0.01)
    assert "stable" in said
    assert "saddle" in said
    assert resting(picture("Izhikevich", stimulus=Constant(10.0))).endswith("no fixed point")


def test_the_pattern_is_that_of_the_analysis():
    made = picture("Izhikevich", "chattering")
    assert analysis.pattern(made.run).label in firing(made)


def test_a_run_that_blew_up_says_so():
    made = picture("HodgkinHuxley", method="euler", dt=0.5)
    assert made.run.diverged_at is not None
    said = firing(made)
    assert f"{made.run.diverged_at:.4g} ms, then the numbers blew up" in said
    assert "Hz" not in said  # a rate over a span that was not run would be made up


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.roles: list[str | None] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.roles.append(dict(attrs).get("role"))

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize(("model", "preset"), EVERY[::7])
def test_the_line_is_one_status_with_all_its_sentences(model, preset):
    made, status, words = picture(model, preset), Status(), _Words()
    status.update(made, modified=True)
    words.feed(status.pane.object)
    assert words.roles.count("status") == 1
    for sentence in sentences(made, modified=True):
        assert sentence in words.text
        assert sentence in status.text


def test_what_rounding_left_is_nothing():
    said = resting(picture("FitzHughNagumo", "epfl-firing"))
    assert said.endswith("unstable node at 0")
    assert "I = 0:" in resting(picture("FitzHughNagumo", "rebound"))
