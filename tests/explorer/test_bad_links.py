"""Links that cannot be followed open the nearest valid state, and what was left out is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from explorer.sharing.links import MOST_TOLD, read, read_looks, sentence
from explorer.sharing.values import LONGEST
from explorer.state import Explorer, opening_settings, settings_of
from models import Run
from models.simulate import MOST_STEPS, methods

from .valid_settings import assert_valid

MODELS = list(models.catalogue)
FIXED_KEYS = (
    *("model", "preset", "current", "stimulus", "duration", "dt"),
    *("method", "seed", "overlay", "x", "y", "held"),
)
"""The keys that mean the same for every model."""


# --- what is of no use -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "opened", "said"),
    [
        ("model=Nobody", ("Izhikevich", "regular-spiking"), "model=Nobody"),
        ("model=", ("Izhikevich", "regular-spiking"), "model="),
        ("model=izhikevich", ("Izhikevich", "regular-spiking"), "model=izhikevich"),
        ("model=LIF&preset=chattering", ("LIF", "regular"), "preset=chattering"),
        ("model=LIF&preset=", ("LIF", "regular"), "preset="),
    ],
)
def test_an_unknown_model_or_preset_opens_the_nearest_one_and_says_so(text, opened, said):
    settings, ignored = read(text)
    assert (settings.model, settings.preset) == opened
    assert settings == settings_of(settings.model_class.presets()[settings.preset])
    assert len(ignored) == 1
    assert said in ignored[0]


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        ("a=nan", "finite"),
        ("a=inf", "finite"),
        ("a=1e999", "finite"),
        ("a=", "number"),
        ("a=abc", "number"),
        ("a=1,5", "number"),
        ("tau_m=-1", "`tau_m` is -1"),
        ("colour=red", "nothing of this name"),
        ("current=lots", "number"),
        ("stimulus=Step(1", "Step(10,50)"),
        ("stimulus=__import__('os')", "Step(10,50)"),
        ("stimulus=Step(1,2,3,4,5)", "at most 3"),
        ("stimulus=Step(nan)", "finite"),
        ("stimulus=Pulses(1,2,-3)", "`width`"),
        ("stimulus=Ramp(0,1,2,3,never)", "`after`"),
        ("dt=0", "`dt` is 0"),
        ("dt=-0.1", "`dt` is -0.1"),
        ("dt=1e-12", "steps"),
        ("duration=1e300", "steps"),
        ("duration=0", "`duration` is 0"),
        ("seed=-1", "whole number"),
        ("seed=1.5", "whole number"),
        ("seed=1e99", "whole number"),
        ("method=magic", "choose one of"),
        ("overlay=magic", "choose one of"),
        ("x=w", "no state `w`"),
        ("y=w", "no state `w`"),
        ("held=high", "steady or cursor"),
        ("start.w=1", "no state `w`"),
        ("start.v=x", "number"),
        ("start.v=nan", "finite"),
    ],
)
def test_a_pair_that_is_no_use_is_left_out_with_its_reason(pair, reason):
    settings, ignored = read(f"model=Izhikevich&{pair}")
    assert settings == opening_settings("Izhikevich")
    assert len(ignored) == 1
    assert ignored[0].startswith(pair.split("=")[0] + "=")
    assert reason in ignored[0]


def test_what_is_of_use_is_kept_beside_what_is_not():
    settings, ignored = read("model=Izhikevich&a=abc&b=0.25&nonsense=1&dt=0.05")
    assert (settings.parameters["a"], settings.parameters["b"]) == (0.02, 0.25)
    assert settings.dt == 0.05
    assert len(ignored) == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_values_that_only_fit_together_are_taken_together_in_any_order(order):
    """A reset above the preset's threshold is fine beside a higher threshold."""
    pairs = ["v_reset=-40", "v_threshold=-30"]
    settings, ignored = read("model=LIF&" + "&".join(pairs[i] for i in order))
    assert ignored == []
    assert (settings.parameters["v_reset"], settings.parameters["v_threshold"]) == (-40.0, -30.0)


def test_of_values_that_do_not_fit_together_as_many_stay_as_can():
    settings, ignored = read("model=LIF&v_reset=-40&tau_m=12&R=90")
    assert (settings.parameters["tau_m"], settings.parameters["R"]) == (12.0, 90.0)
    assert settings.parameters["v_reset"] == opening_settings("LIF").parameters["v_reset"]
    assert len(ignored) == 1
    assert "`v_reset` is -40 mV" in ignored[0]


@pytest.mark.parametrize("text", ["x=n", "y=v", "x=n&y=v", "y=v&x=n"])
def test_the_state_of_one_axis_put_on_the_other_swaps_them(text):
    settings, ignored = read(f"model=HodgkinHuxley&{text}")
    assert ignored == []
    assert (settings.x, settings.y) == ("n", "v")


def test_axes_that_do_not_stand_together_still_make_a_plane():
    assert_valid(read("model=HodgkinHuxley&x=m&y=m")[0])
    assert_valid(read("model=HodgkinHuxley&dt=99&x=n&y=v")[0])


def test_a_second_axis_of_a_model_with_one_state_is_ignored():
    settings, ignored = read("model=LIF&y=v")
    assert_valid(settings)
    assert len(ignored) == 1


def test_a_second_method_that_cannot_run_is_no_picture_either():
    settings, ignored = read("model=LIF&method=exponential-euler&dt=30&overlay=euler")
    assert (settings.dt, settings.method, settings.overlay) == (30.0, "exponential-euler", "")
    assert len(ignored) == 1
    assert "overlay=euler: `dt` is 30 ms" in ignored[0]


def test_a_long_link_is_read_to_its_limit_and_says_so():
    settings, ignored = read("model=Izhikevich&b=0.25&stimulus=" + "Step(1)+" * 5000)
    assert settings.parameters["b"] == 0.25
    assert len(ignored[0]) < 200
    assert "too long" in ignored[0]
    assert_valid(settings)


def test_what_is_said_about_a_long_value_is_short():
    _, ignored = read("model=Izhikevich&a=" + "9" * (LONGEST - 100))
    assert all(len(sentence) < 300 for sentence in ignored)


def test_a_link_of_the_most_steps_is_still_followed():
    duration = MOST_STEPS * 0.01
    settings, ignored = read(f"model=Izhikevich&dt=0.01&duration={duration}")
    assert ignored == []
    assert settings.duration == duration


@pytest.mark.parametrize(
    ("text", "page", "layers", "said"),
    [
        ("", "explore", ["flow"], []),
        ("page=atlas&layers=&theme=dark", "atlas", [], []),
        ("theme=light&layers=flow,cycles", "explore", ["flow", "cycles"], []),
        ("page=foo", "explore", ["flow"], ["page=foo: choose one of explore, atlas"]),
        ("page=", "explore", ["flow"], ["page=: choose one of explore, atlas"]),
        ("layers=foo", "explore", [], ["layers=foo: choose some of flow, cycles"]),
        ("layers=foo,flow,bar", "explore", ["flow"], ["layers=foo,bar: choose"]),
        ("theme=foo", "explore", ["flow"], ["theme=foo: choose light or dark"]),
        ("theme=%FF", "explore", ["flow"], ["theme=\ufffd: choose light or dark"]),
    ],
)
def test_how_it_is_looked_at_and_what_of_that_was_ignored(text, page, layers, said):
    found = read_looks(text, ["explore", "atlas"], ["flow", "cycles"], ["flow"])
    assert found[:2] == (page, layers)
    assert len(found[2]) == len(said)
    assert all(told.startswith(wanted) for told, wanted in zip(found[2], said, strict=True))
    assert read(text)[1] == []


@pytest.mark.parametrize("key", ["a", "page", "theme", "layers", "layer.rows", "model"])
def test_of_a_key_given_twice_the_first_counts_and_the_other_is_named(key):
    values = {"a": ("0.03", "0.04"), "model": ("LIF", "IF"), "layer.rows": ("3", "4")}
    first, second = values.get(key, ("dark", "light"))
    settings, ignored = read(f"{key}={first}&{key}={second}")
    assert [told for told in ignored if told.startswith(f"{key}={second}: {key} is given already")]
    if key == "a":
        assert settings.parameters["a"] == 0.03
    if key == "model":
        assert settings.model == "LIF"


def test_of_thousands_of_bad_parts_a_few_are_told():
    _, ignored = read("&".join(f"q{number}=1" for number in range(900)))
    told = sentence(ignored)
    assert told.startswith("Ignored in the link: q0=1: ")
    assert told.endswith(f"and {900 - MOST_TOLD} more")
    assert told.count(";") == MOST_TOLD
    assert "more" not in sentence(ignored[:MOST_TOLD])


# --- whatever someone types --------------------------------------------------------------------


KEYS = [*FIXED_KEYS, "a", "c", "v_reset", "g_Na", "start.v", "start.x", "start.", "__class__"]
HOSTILE = st.one_of(
    st.text(),
    st.text(alphabet="model=&preset%+()<>\"'\\\x00start.vxyNaN1e9-"),
    st.lists(
        st.tuples(
            st.sampled_from(KEYS),
            st.one_of(
                st.text(),
                st.sampled_from(MODELS),
                st.floats().map(str),
                st.integers().map(str),
                st.sampled_from(["v", "u", "w", "n", "x", "Step(1)+Noise(2)", "rk4", "inferno"]),
            ),
        )
    ).map(lambda pairs: "&".join(f"{key}={value}" for key, value in pairs)),
)


@given(HOSTILE)
def test_no_text_raises_and_every_text_opens_a_valid_state(text):
    settings, ignored = read(text)
    assert_valid(settings)
    assert all(isinstance(sentence, str) and sentence for sentence in ignored)


@given(st.sampled_from(MODELS), st.data())
def test_every_model_survives_hostile_values_of_its_own_names(name, data):
    model = models.catalogue[name]
    keys = [*model.setting_names(), *(f"start.{state}" for state in model.state_names()), "x", "y"]
    value = st.one_of(st.floats().map(str), st.text(), st.sampled_from(model.state_names()))
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(keys), value), max_size=6))
    text = f"model={name}&" + "&".join(f"{key}={each}" for key, each in pairs)
    settings, _ = read(text)
    assert settings.model == name
    assert_valid(settings)


@given(st.sampled_from(MODELS), st.data())
def test_what_a_link_opens_has_a_picture(name, data):
    """Opening has no last good picture to fall back to, so nothing may go wrong."""
    model = models.catalogue[name]
    value = {
        "preset": st.sampled_from(list(model.presets())),
        "method": st.sampled_from(methods(model)),
        "overlay": st.sampled_from(methods(model)),
        "dt": st.sampled_from(["0.05", "0.5", "1", "7", "30"]),
        "duration": st.sampled_from(["40", "100"]),
        "seed": st.integers(0, 2**32 - 1).map(str),
        **{key: st.floats().map(str) for key in model.quantities()},
        **{f"start.{state}": st.floats().map(str) for state in model.state_names()},
    }
    keys = data.draw(st.lists(st.sampled_from(list(value)), unique=True, max_size=5))
    pairs = [f"{key}={data.draw(value[key])}" for key in ["duration", *keys]]
    settings, _ = read(f"model={name}&" + "&".join(pairs))
    explorer = Explorer(settings)
    assert explorer.complaints == {}
    assert isinstance(explorer.run, Run)
