"""Links carry what other pages are set to; what cannot be used is left out and said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from explorer import varied
from explorer.gallery_search import Search
from explorer.layer_picture import check
from explorer.layer_state import NOTHING, basis_of, layer_methods, opening, varying
from explorer.mapping import framed, measures_of, opening_frame
from explorer.marks import MOST_ORBITS, Marks
from explorer.pages.atlas import AtlasPage
from explorer.pages.diagram_study import DiagramStudy
from explorer.pages.explore import ExplorePage
from explorer.pages.gallery import GalleryPage
from explorer.pages.layer import LayerPage
from explorer.sharing import beside, links
from explorer.state import Explorer, opening_settings
from models.competition import INHIBITIONS

MODELS = list(models.catalogue)
LIF = opening_settings("LIF")


def both_ways(found: dict[str, Any], settings: Any) -> None:
    """What was written is read again, and by nobody else."""
    text = links.query(settings) + beside.query(found, settings)
    again, ignored = beside.read(text, settings)
    assert ignored == []
    for page, one in found.items():
        assert again.get(page, one) == one
    assert links.read(text) == (settings, [])


@pytest.mark.parametrize("model", MODELS)
def test_pages_as_they_open_are_not_in_the_link(model):
    settings = opening_settings(model)
    found = {
        "layer": opening(basis_of(settings)),
        "atlas": opening_frame(settings),
        "dynamics": varied.CURRENT,
    }
    assert beside.query(found, settings) == ""
    assert beside.query({}, settings) == ""


def test_layers_read_like_a_list_of_what_was_set():
    asked = replace(opening(basis_of(LIF)), rows=20, winners=3, inhibition="layer")
    assert beside.query({"layer": asked}, LIF) == (
        "&layer.rows=20&layer.winners=3&layer.inhibition=layer"
    )


@pytest.mark.parametrize("model", MODELS)
def test_any_parameter_can_be_varied_without_further_ado(model):
    """Also a reset potential, which must stay below the threshold."""
    basis = basis_of(opening_settings(model))
    for name in basis.model_class.quantities():
        asked = varying(opening(basis), basis, name)
        check(basis, asked)
        assert asked.low <= float(basis.parameters[name]) <= asked.high


def test_a_parameter_that_varies_in_its_usual_range_is_its_name_alone():
    basis = basis_of(LIF)
    asked = varying(opening(basis), basis, "R")
    assert beside.query({"layer": asked}, LIF) == "&layer.vary=R"
    assert beside.read("layer.vary=R", LIF) == ({"layer": asked}, [])
    alike = varying(opening(basis), basis, NOTHING)
    assert beside.query({"layer": alike}, LIF) == "&layer.vary=nothing"
    both_ways({"layer": alike}, LIF)


@st.composite
def layers(draw: Any) -> Any:
    """A model's opening settings and a layer of it that can be simulated."""
    settings = opening_settings(draw(st.sampled_from(MODELS)))
    basis = basis_of(settings)
    quantities = settings.model_class.quantities()
    asked = varying(opening(basis), basis, draw(st.sampled_from([NOTHING, *quantities])))
    size = st.integers(1, 6)
    share = st.floats(0.0, 1.0).map(lambda value: round(value, 6))
    return settings, replace(
        asked,
        features=draw(size),
        rows=draw(size),
        columns=draw(size),
        per=draw(st.sampled_from(["cell", "feature"])),
        winners=draw(st.integers(0, 8)),
        inhibition=draw(st.sampled_from(list(INHIBITIONS))),
        strength=draw(share),
        spread=draw(share),
        noise=draw(share),
        gain=draw(share),
        duration=draw(st.sampled_from([asked.duration, 40.0])),
        method=draw(st.sampled_from(layer_methods(settings.model_class))),
        seed=draw(st.integers(0, 999)),
    )


@given(layers())
def test_a_link_brings_back_the_layer_it_was_made_of(case):
    settings, asked = case
    check(basis_of(settings), asked)
    both_ways({"layer": asked}, settings)


@given(st.data())
def test_a_link_brings_back_the_atlas_and_the_diagram(data):
    settings = opening_settings(data.draw(st.sampled_from(MODELS)))
    names = list(varied.varied_of(settings.model_class))
    x, y = data.draw(st.permutations(names))[:2]
    frame = framed(framed(opening_frame(settings), settings, "x", x), settings, "y", y)
    frame = replace(frame, show=data.draw(st.sampled_from(list(measures_of(settings.model_class)))))
    if data.draw(st.booleans()):
        frame = replace(frame, x_from=-1.5, x_to=2.25)
    both_ways({"atlas": frame, "dynamics": data.draw(st.sampled_from(names))}, settings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("layer.rows=many", "this is no number"),
        ("layer.rows=2.5", "whole number"),
        ("layer.rows=0", "`shape`"),
        ("layer.rows=1e9", "cells"),
        ("layer.vary=nobody", "choose one of"),
        ("layer.low=99", "`low` is 99"),
        ("layer.low=-3", "`tau_m`"),
        ("layer.method=ngc-learn:euler", "choose one of"),
        ("layer.inhibition=all", "choose one of feature, location"),
        ("layer.per=row", "choose one of cell, feature"),
        ("layer.winners=-1", "whole number"),
        ("layer.spread=2", "`spread` 2"),
        ("layer.noise=-1", "`noise` is -1"),
        ("layer.dt=1000", "`dt` is 1000"),
        ("layer.colour=red", "nothing of this name"),
        ("layer.=1", "nothing of this name"),
        ("atlas.x=nobody", "choose one of"),
        ("atlas.y=current", "both current"),
        ("atlas.x_from=1e9", "`x_from`"),
        ("atlas.show=weather", "choose one of rate"),
        ("atlas.z=1", "nothing of this name"),
        ("dynamics.over=nobody", "choose one of"),
        ("dynamics.under=R", "nothing of this name"),
    ],
)
def test_what_cannot_be_used_is_left_out_and_said(text, said):
    found, ignored = beside.read(text + "&layer.columns=7", LIF)
    assert len(ignored) == 1
    assert ignored[0].startswith(text.partition("=")[0])
    assert said in ignored[0]
    assert found.pop("layer") == replace(opening(basis_of(LIF)), columns=7)
    for page, usual in (("atlas", opening_frame(LIF)), ("dynamics", varied.CURRENT)):
        assert found.get(page, usual) == usual


@given(st.text(max_size=40), st.sampled_from(["rows", "vary", "low", "dt", "method", "seed", ""]))
def test_hostile_values_leave_a_layer_that_runs(text, name):
    value = text.replace("&", "").replace("=", "")
    found, _ = beside.read(f"layer.{name}={value}", LIF)
    check(basis_of(LIF), found["layer"])


# --- pages and their part of the link ------------------------------------------------------------


def opened(text: str) -> Explorer:
    settings, _ = links.read(text)
    explorer = Explorer(settings)
    explorer.beside = beside.read(text, settings)[0]
    return explorer


def link(explorer: Explorer) -> str:
    return links.query(explorer.settings) + beside.query(explorer.beside, explorer.settings)


def test_the_layer_page_opens_as_the_link_says_and_says_the_same_again():
    text = "model=LIF&preset=regular&layer.rows=4&layer.columns=5&layer.winners=0"
    explorer = opened(text)
    page = LayerPage(explorer)
    page.show()
    assert page.picture.settings.shape == (4, 4, 5)
    assert "no competition" in page.status.text
    assert link(explorer) == text
    page.panel.sheet._on_move("winners", 2)
    assert link(explorer).endswith("&layer.columns=5&layer.winners=2")
    page.panel.sheet._on_press("Layer")
    assert link(explorer) == "model=LIF&preset=regular&layer.winners=2"


def test_a_page_that_was_never_opened_keeps_its_part_of_the_link():
    text = "model=LIF&preset=regular&layer.rows=4&atlas.x=R&dynamics.over=tau_m"
    assert link(opened(text)).split("&")[2:3] == ["layer.rows=4"]
    assert set(link(opened(text)).split("&")) >= set(text.split("&"))


def test_another_model_starts_from_its_own_settings():
    explorer = opened("model=LIF&preset=regular&layer.rows=4&layer.duration=50")
    page = LayerPage(explorer)
    page.show()
    explorer.choose_model("Izhikevich")
    assert "layer." not in link(explorer)


def test_the_atlas_opens_as_the_link_says_and_says_the_same_again():
    text = "model=LIF&preset=regular&atlas.x=R&atlas.x_from=60&atlas.y=t_ref&atlas.show=cv"
    explorer = opened(text)
    page = AtlasPage(explorer)
    page._offer(explorer.settings)
    assert (page.x.value, page.y.value, page.measure.value) == ("R", "t_ref", "cv")
    assert page.ends["x_low"].value == 60
    explorer.beside = {"atlas": page._frame()}
    assert link(explorer) == text


def test_the_diagram_opens_over_the_quantity_of_the_link():
    explorer = opened("model=LIF&preset=regular&dynamics.over=tau_m")
    assert DiagramStudy(explorer).over.value == "tau_m"


def test_the_gallery_opens_as_the_link_says_also_when_another_model_was_opened_from_it():
    text = "gallery.words=reset%20line&gallery.model=AdEx&gallery.behaviour=bursting"
    explorer = opened(f"model=LIF&preset=regular&{text}")
    page = GalleryPage(explorer)
    wanted = {"words": "reset line", "model": "AdEx", "behaviour": "bursting"}
    assert page.grid.wanted == wanted
    explorer.choose_model("Izhikevich")
    assert link(explorer).endswith(f"&{text}")
    page.grid._handle_msg({"search": {"words": "", "model": "AdEx", "behaviour": ""}})
    assert link(explorer).endswith("&gallery.model=AdEx")


@pytest.mark.parametrize(
    "part", ["gallery.model=Nobody", "gallery.behaviour=flying", "gallery.rows=3"]
)
def test_what_the_gallery_cannot_be_searched_for_is_said(part):
    found, ignored = beside.read(part, opening_settings("LIF"))
    assert found == {"gallery": Search()}
    assert ignored[0].startswith(part)


def test_a_pinned_cursor_and_the_places_of_orbits_come_back_once():
    marks = Marks(40.5, ((-60.0, 2.0), (-50.5, -4.0)))
    settings = opening_settings("Izhikevich")
    text = "&explore.cursor=40.5&explore.orbits=-60,2:-50.5,-4"
    assert beside.query({"explore": marks}, settings) == text
    both_ways({"explore": marks}, settings)
    explorer = opened(f"model=Izhikevich{text}")
    ExplorePage(explorer)
    assert (explorer.cursor, tuple(explorer.seeds)) == (marks.cursor, marks.orbits)
    explorer.cursor = None
    ExplorePage(explorer)
    assert explorer.cursor is None
    assert beside.query({"explore": Marks()}, settings) == ""


def test_marks_of_one_run_are_not_put_on_another():
    explorer = opened("model=Izhikevich&explore.cursor=40&explore.orbits=-60,2")
    explorer.choose_preset("chattering")
    ExplorePage(explorer)
    assert (explorer.cursor, explorer.seeds) == (None, [])


def test_a_link_with_many_orbits_has_the_newest_and_stays_short():
    marks = Marks(None, tuple((-60.25 + 0.5 * n, -12.75) for n in range(200)))
    text = beside.query({"explore": marks}, opening_settings("Izhikevich"))
    assert len(text) < 320
    found, _ = beside.read(text, opening_settings("Izhikevich"))
    assert found["explore"].orbits == marks.orbits[-MOST_ORBITS:]


@pytest.mark.parametrize(
    ("model", "part"),
    [
        ("Izhikevich", "explore.cursor=1e6"),
        ("Izhikevich", "explore.cursor=soon"),
        ("Izhikevich", "explore.orbits=1,2,3"),
        ("Izhikevich", "explore.orbits=1,x"),
        ("Izhikevich", "explore.rows=3"),
        ("LIF", "explore.orbits=1,2"),
    ],
)
def test_marks_that_cannot_be_are_said(model, part):
    found, ignored = beside.read(part, opening_settings(model))
    assert found == {"explore": Marks()}
    assert ignored[0].startswith(part)
