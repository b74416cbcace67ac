"""What a link says of single pages: `layer.rows=20`, `atlas.x=b`, `explore.cursor=40`.

Only what differs from what the page would open with is in a link. What cannot be used is left as
the page would have it, with a sentence that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any
from urllib.parse import quote

import models
from models.competition import INHIBITIONS

from .. import varied
from ..gallery_search import LONGEST, Search, behaviours
from ..layer_picture import check
from ..layer_state import NOTHING, LayerSettings, basis_of, layer_methods, opening, varying
from ..mapping import Frame, framed, measures_of, opening_frame
from ..marks import MOST_ORBITS, Marks
from ..state import Settings
from .values import number, pairs, short, whole, written

PAGES = ("explore.", "layer.", "atlas.", "dynamics.", "gallery.")
"""How the keys of single pages begin."""
_NOTHING = "nothing"
"""How a link writes that nothing varies."""


def query(beside: Mapping[str, Any], settings: Settings) -> str:
    """The pairs of all pages, each with "&" before it.

    Parameters
    ----------
    beside : as `Explorer.beside`.
    settings : what Explore shows.
    """
    differing: dict[str, str] = {}
    if "layer" in beside:
        differing |= _differing("layer", beside["layer"], _layer_origin(beside["layer"], settings))
    if "atlas" in beside:
        differing |= _differing("atlas", beside["atlas"], _atlas_origin(beside["atlas"], settings))
    if beside.get("dynamics", varied.CURRENT) != varied.CURRENT:
        differing["dynamics.over"] = beside["dynamics"]
    if "gallery" in beside:
        differing |= _differing("gallery", beside["gallery"], Search())
    if "explore" in beside:
        differing |= _marked(beside["explore"], settings)
    return "".join(f"&{key}={quote(value, safe='.-,:')}" for key, value in differing.items())


def read(text: str, settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """What pages are set to, by their name, and a sentence for each part that was ignored."""
    given, _ = pairs(text)
    found: dict[str, Any] = {}
    ignored: list[str] = []
    ways = {
        "explore": _explore, "layer": _layer, "atlas": _atlas, "dynamics": _dynamics,
        "gallery": _gallery,
    }  # fmt: skip
    for page, take in ways.items():
        own = {k: v for k, v in given.items() if k.startswith(f"{page}.")}
        if own:
            found[page] = take(own, settings, ignored)
    return found, ignored


# --- inside ------------------------------------------------------------------------------------


def _differing(page: str, now: Any, origin: Any) -> dict[str, str]:
    """The fields in which settings differ from their origin, as pairs."""
    return {
        f"{page}.{each.name}": written(getattr(now, each.name)) or _NOTHING
        for each in fields(now)
        if getattr(now, each.name) != getattr(origin, each.name)
    }


def _taken(
    own: Mapping[str, str],
    start: Any,
    take: Callable[[Any, str, str], Any],
    fails: Callable[[Any], None],
    ignored: list[str],
) -> Any:
    """The settings with all pairs in place, or with as many as go together, in their order.

    Parameters
    ----------
    take : (settings, name, text) -> settings; ValueError if the text is no value of that name.
    fails : raises ValueError for settings that cannot be shown.
    """
    together, readable = start, {}
    for key, text in own.items():
        try:
            together = take(together, key.partition(".")[2], text)
            readable[key] = text
        except ValueError as problem:
            ignored.append(f"{short(key)}={short(text)}: {problem}")
    try:
        fails(together)
        return together
    except ValueError:
        pass
    settings = start
    for key, text in readable.items():
        changed = take(settings, key.partition(".")[2], text)
        try:
            fails(changed)
            settings = changed
        except ValueError as problem:
            ignored.append(f"{short(key)}={short(text)}: {problem}")
    return settings


def _one_of(text: str, known: Any) -> str:
    if text not in known:
        raise ValueError(f"choose one of {', '.join(known)}")
    return text


# --- the marks of Explore ----------------------------------------------------------------------


def _marked(marks: Marks, settings: Settings) -> dict[str, str]:
    """`explore.cursor=40`, `explore.orbits=-60,2:-50,4`; nothing for what a run has not."""
    said = {}
    if marks.cursor is not None and marks.cursor <= settings.duration:
        said["explore.cursor"] = f"{marks.cursor:.6g}"
    if marks.orbits:
        places = (",".join(map(written, place)) for place in marks.orbits[-MOST_ORBITS:])
        said["explore.orbits"] = ":".join(places)
    return said


def _explore(own: dict[str, str], settings: Settings, ignored: list[str]) -> Marks:
    def take(now: Marks, name: str, text: str) -> Marks:
        if name == "cursor":
            return replace(now, cursor=number(text))
        if name == "orbits":
            return replace(now, orbits=_places(text, settings))
        raise ValueError("the Explore page has nothing of this name")

    return _taken(own, Marks(), take, lambda marks: marks.check(settings.duration), ignored)


def _places(text: str, settings: Settings) -> tuple[tuple[float, float], ...]:
    if not settings.y:
        raise ValueError(f"{settings.model} has one state and no orbits in a plane")
    places = [place.split(",") for place in text.split(":")[:MOST_ORBITS]]
    if any(len(place) != 2 for place in places):
        raise ValueError("write places as in -60,2:-50,4")
    return tuple((number(x), number(y)) for x, y in places)


# --- the layer ---------------------------------------------------------------------------------

_COUNTS = ("features", "rows", "columns", "winners", "seed")


def _layer_origin(now: LayerSettings, settings: Settings) -> LayerSettings:
    """What the page opens with, in the range that the varied parameter of now brings along."""
    basis = basis_of(settings)
    usual = opening(basis)
    return (
        usual
        if now.vary == usual.vary
        else replace(varying(usual, basis, now.vary), vary=usual.vary)
    )


def _layer(own: dict[str, str], settings: Settings, ignored: list[str]) -> LayerSettings:
    basis = basis_of(settings)
    model = basis.model_class

    def take(now: LayerSettings, name: str, text: str) -> LayerSettings:
        if name == "vary":
            wanted = NOTHING if text == _NOTHING else _one_of(text, [_NOTHING, *model.quantities()])
            return varying(now, basis, wanted)
        if name == "per":
            return replace(now, per=_one_of(text, ("cell", "feature")))
        if name == "inhibition":
            return replace(now, inhibition=_one_of(text, INHIBITIONS))
        if name == "method":
            return replace(now, method=_one_of(text, layer_methods(model)))
        if name not in {each.name for each in fields(now)}:
            raise ValueError("the Layer page has nothing of this name")
        return replace(now, **{name: whole(text) if name in _COUNTS else number(text)})

    # The varied parameter first: it brings its own range.
    ordered = dict(sorted(own.items(), key=lambda pair: pair[0] != "layer.vary"))
    return _taken(ordered, opening(basis), take, lambda asked: check(basis, asked), ignored)


# --- the atlas ---------------------------------------------------------------------------------


def _atlas_origin(now: Frame, settings: Settings) -> Frame:
    """What the page opens with, in the ranges that the quantities of now bring along."""
    usual = opening_frame(settings)
    spread = framed(framed(usual, settings, "x", now.x), settings, "y", now.y)
    return replace(spread, x=usual.x, y=usual.y)


def _atlas(own: dict[str, str], settings: Settings, ignored: list[str]) -> Frame:
    quantities = varied.varied_of(settings.model_class)

    def take(now: Frame, name: str, text: str) -> Frame:
        if name in ("x", "y"):
            return framed(now, settings, name, _one_of(text, quantities))
        if name == "show":
            return replace(now, show=_one_of(text, measures_of(settings.model_class)))
        if name not in {each.name for each in fields(now)}:
            raise ValueError("the Atlas page has nothing of this name")
        return replace(now, **{name: number(text)})

    # The axes first: they bring their own ranges.
    ordered = dict(sorted(own.items(), key=lambda pair: pair[0] not in ("atlas.x", "atlas.y")))
    return _taken(ordered, opening_frame(settings), take, Frame.check, ignored)


# --- the dynamics ------------------------------------------------------------------------------


def _dynamics(own: dict[str, str], settings: Settings, ignored: list[str]) -> str:
    """The quantity that the bifurcation diagram is drawn over."""

    def take(now: str, name: str, text: str) -> str:
        if name != "over":
            raise ValueError("the Dynamics page has nothing of this name")
        return _one_of(text, varied.varied_of(settings.model_class))

    return _taken(own, varied.CURRENT, take, lambda over: None, ignored)


# --- the gallery -------------------------------------------------------------------------------


def _gallery(own: dict[str, str], settings: Settings, ignored: list[str]) -> Search:
    """Which cards are shown, whatever Explore shows."""

    def take(now: Search, name: str, text: str) -> Search:
        if name == "words":
            return replace(now, words=text[:LONGEST])
        if name == "model":
            return replace(now, model=_one_of(text, models.catalogue))
        if name == "behaviour":
            return replace(now, behaviour=_one_of(text, behaviours()))
        raise ValueError("the Gallery page has nothing of this name")

    return _taken(own, Search(), take, lambda search: None, ignored)
