"""Links carry every setting there and back, written as the documentation writes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from explorer.sharing.links import (
    parse_stimulus,
    query,
    read,
    write_stimulus,
)
from explorer.state import Settings, opening_settings, settings_of
from models import (
    Chirp,
    Constant,
    Noise,
    Poisson,
    Pulses,
    Quantity,
    Ramp,
    Samples,
    Sine,
    Step,
    Stimulus,
)
from models.stimulus import kinds

from .valid_settings import assert_valid

MODELS = list(models.catalogue)


# --- round trips -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_every_preset_is_its_model_and_slug_alone(name):
    for slug, preset in models.catalogue[name].presets().items():
        settings = settings_of(preset)
        assert query(settings) == f"model={name}&preset={slug}"
        assert read(query(settings)) == (settings, [])


def quantity_values(quantity: Quantity) -> st.SearchStrategy[float]:
    """Values a quantity accepts, to the twelve digits that a link carries."""
    low, high = quantity.bounds or (None, None)
    span = quantity.softbounds or (low, high)
    low = span[0] if low is None else low
    high = span[1] if high is None else high
    if isinstance(quantity.default, int):
        return st.integers(int(low), int(high)).map(float)
    digits = st.floats(low, high).map(lambda value: float(f"{value:.12g}"))
    return digits.filter(lambda value: low <= value <= high)


@st.composite
def stimuli(draw: Any) -> Stimulus:
    """One to three stimuli of any kind with any settings."""
    parts = []
    for kind in draw(st.lists(st.sampled_from(list(kinds.values())), min_size=1, max_size=3)):
        given_ = {n: draw(quantity_values(q)) for n, q in kind.quantities().items()}
        chosen = {n: draw(st.sampled_from(c.objects)) for n, c in kind.choices().items()}
        parts.append(kind(**given_, **chosen))
    return parts[0] if len(parts) == 1 else models.Sum(*parts)


@st.composite
def settings_of_any_model(draw: Any) -> Settings:
    """Any preset with some parameters, the stimulus and the numerics changed."""
    name = draw(st.sampled_from(MODELS))
    model = models.catalogue[name]
    settings = settings_of(draw(st.sampled_from(list(model.presets().values()))))
    quantities = model.quantities()
    moved = draw(st.lists(st.sampled_from(list(quantities)), unique=True, max_size=4))
    parameters = dict(settings.parameters)
    parameters |= {n: draw(quantity_values(quantities[n])) for n in moved}
    parameters |= {n: draw(st.sampled_from(c.objects)) for n, c in model.choices().items()}
    axes = draw(st.permutations(model.state_names()))
    return replace(
        settings,
        parameters=parameters,
        stimulus=draw(st.one_of(st.just(settings.stimulus), stimuli())),
        duration=draw(st.sampled_from([settings.duration, 37.5, 1000.0])),
        dt=draw(st.sampled_from([settings.dt, 0.01, 0.025])),
        method=draw(st.sampled_from([settings.method, "euler", "midpoint", "rk4"])),
        seed=draw(st.integers(0, 2**32 - 1)),
        overlay=draw(st.sampled_from(["", "euler"])),
        held=draw(st.sampled_from(["steady", "cursor"])),
        x=axes[0],
        y=axes[1] if len(axes) > 1 else "",
        initial=dict(settings.initial)
        | draw(
            st.dictionaries(st.sampled_from(axes), st.floats(-90, 30).map(lambda v: round(v, 6)))
        ),
    )


def runs(settings: Settings) -> bool:
    try:
        assert_valid(settings)
    except ValueError:
        return False
    return True


@given(settings_of_any_model().filter(runs))
def test_a_link_brings_back_what_it_was_made_of(settings):
    again, ignored = read(query(settings))
    assert ignored == []
    assert again == settings
    assert read("?" + query(settings))[0] == settings


@given(stimuli())
def test_a_stimulus_is_read_as_it_was_written(stimulus):
    assert parse_stimulus(write_stimulus(stimulus)) == stimulus


@given(settings_of_any_model().filter(runs))
def test_a_link_survives_being_pasted_through_other_programs(settings):
    """Readers of addresses may decode and encode them again; the pairs must not change."""
    text = query(settings)
    assert set(text) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%&=(),+:"
    )
    pairs = dict(parse_qsl(text.replace("+", "%2B"), keep_blank_values=True))
    encoded = "&".join(f"{key}={value.replace('+', '%2B')}" for key, value in pairs.items())
    assert read(encoded)[0] == settings


# --- as the documentation writes them ----------------------------------------------------------


def test_the_documented_link_means_what_it_says():
    settings, ignored = read("?model=Izhikevich&preset=chattering&c=-48&current=12")
    chattering = models.Izhikevich.presets()["chattering"]
    assert ignored == []
    assert settings.preset == "chattering"
    assert settings.parameters == chattering.model().parameters | {"c": -48.0}
    assert settings.stimulus.parts()[0].amplitude == 12.0
    rest = {k: v for k, v in settings.stimulus.settings.items() if k != "amplitude"}
    assert rest == {k: v for k, v in chattering.stimulus.settings.items() if k != "amplitude"}
    assert query(settings) == "model=Izhikevich&preset=chattering&c=-48&current=12"


def test_no_link_is_the_opening_page():
    for text in ("", "?"):
        assert read(text) == (opening_settings("Izhikevich"), [])


def test_a_model_alone_opens_its_first_preset():
    assert read("model=HodgkinHuxley") == (opening_settings("HodgkinHuxley"), [])


@pytest.mark.parametrize(
    ("text", "stimulus"),
    [
        ("Constant(3)", Constant(3.0)),
        ("Step(10,50)", Step(10.0, 50.0)),
        ("Step(10,50)+Noise(3)", Step(10.0, 50.0) + Noise(3.0)),
        ("Step( 10, 50 ) + Noise( 3 )", Step(10.0, 50.0) + Noise(3.0)),
        ("Ramp(0,20,10,100,return)", Ramp(0.0, 20.0, 10.0, 100.0, after="return")),
        ("Pulses()", Pulses()),
        ("Sine(-1e-3,+40)", Sine(-1e-3, 40.0)),
        ("Step(1e+2,5)+Poisson(800)", Step(100.0, 5.0) + Poisson(800.0)),
        ("Chirp(1)", Chirp(1.0)),
    ],
)
def test_stimuli_are_written_as_in_python(text, stimulus):
    assert parse_stimulus(text) == stimulus
    settings, ignored = read(f"stimulus={text}")
    assert ignored == []
    assert settings.stimulus == stimulus


def test_a_sum_is_written_with_a_plus_that_needs_no_encoding():
    settings = replace(opening_settings("Izhikevich"), stimulus=Step(10.0, 20.0) + Noise(2.0))
    assert "stimulus=Step(10,20)+Noise(2)" in query(settings)


def test_recorded_samples_stay_out_of_links():
    settings = replace(opening_settings("Izhikevich"), stimulus=Samples([1.0, 2.0]))
    assert query(settings) == query(opening_settings("Izhikevich"))


def test_only_what_differs_from_the_preset_is_written():
    settings = opening_settings("HodgkinHuxley")
    changed = replace(
        settings,
        parameters={**settings.parameters, "g_Na": 100.0},
        x="m",
        y="h",
        held="cursor",
        initial={"v": -60.5},
        seed=7,
    )
    assert query(changed).split("&") == [
        "model=HodgkinHuxley",
        "preset=squid",
        "g_Na=100",
        "seed=7",
        "x=m",
        "y=h",
        "held=cursor",
        "start.v=-60.5",
    ]
