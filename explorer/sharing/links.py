"""Links: everything that differs from the default, readable and typeable.

`?model=Izhikevich&preset=chattering&c=-48&current=12` is the chattering preset with another reset
and another amplitude. Keys are the model's parameter names; `current` is the amplitude of the first
stimulus; `stimulus` replaces the whole stimulus, written as it would be in Python:
`Step(10,50)+Noise(3)`; `duration`, `dt`, `method`, `seed`, `overlay` are the numerics; `x`, `y`,
`held` the phase plane; `start.v` an initial value. `layers` what is laid over it;
`page` the page in front; `theme=dark` opens it dark. What single pages are set to is in `beside`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

import models
from models import Stimulus, Sum
from models.simulate import check
from models.stimulus import Samples, kinds

from ..state import OPENING_MODEL, Settings, opening_settings, settings_of
from .beside import PAGES
from .values import number, pairs, short, whole, written

THEMES = ("light", "dark", "default")
MOST_TOLD = 6
"""Parts of a link whose sentences are shown; a hostile one has thousands."""
_LOOKS = ("theme", "page", "layers")
_PART = re.compile(r"(\w+)\(([^()]*)\)$")


def query(settings: Settings) -> str:
    """The link's query, without "?"; empty keys are what the default has."""
    origin = _origin(settings)
    said: dict[str, str] = {"model": settings.model}
    if settings.preset:
        said["preset"] = settings.preset
    for name, value in settings.parameters.items():
        if value != origin.parameters.get(name):
            said[name] = written(value)
    said |= _stimulus_pairs(settings.stimulus, origin.stimulus)
    for name in ("duration", "dt", "method", "seed", "overlay", "x", "y", "held"):
        if getattr(settings, name) != getattr(origin, name):
            said[name] = written(getattr(settings, name))
    for name, value in settings.initial.items():
        if value != origin.initial.get(name):
            said[f"start.{name}"] = written(value)
    return "&".join(f"{key}={quote(value, safe='(),+-.:')}" for key, value in said.items())


def read(text: str) -> tuple[Settings, list[str]]:
    """Settings from a query, and a sentence for each part that was ignored.

    Never raises: what cannot be used is left at the nearest valid state.
    """
    given, ignored = pairs(text)
    # How it is looked at, and what single pages are set to, is read by others.
    given = {k: v for k, v in given.items() if k not in _LOOKS and not k.startswith(PAGES)}
    settings = _start(given, ignored)
    together = settings
    readable = {}
    for key, value in given.items():
        try:
            together = _apply(together, key, value)
            readable[key] = value
        except ValueError as problem:
            ignored.append(f"{short(key)}={short(value)}: {problem}")
    if _problem(together) is None:
        return together, ignored
    # Values that are fine alone need not go together: keep as many as do, in the link's order.
    for key, value in readable.items():
        changed = _apply(settings, key, value)
        problem = _problem(changed)
        if problem is None:
            settings = changed
        else:
            ignored.append(f"{short(key)}={short(value)}: {problem}")
    return settings, ignored


def read_looks(
    text: str, pages: Collection[str], known: Collection[str], usual: Sequence[str]
) -> tuple[str, list[str], list[str]]:
    """How the picture is looked at, and a sentence for each part that was ignored.

    Parameters
    ----------
    text : the query.
    pages : the pages there are; the first is the one in front if the link names none of them.
    known : the layers of the phase plane there are.
    usual : those that are on if the link says nothing of layers.

    Returns
    -------
    page, layers, ignored
    """
    given, _ = pairs(text)
    ignored = []
    page = given.get("page", "")
    if page not in pages:
        if "page" in given:
            ignored.append(f"page={short(page)}: choose one of {', '.join(pages)}")
        page = next(iter(pages))
    layers = list(usual)
    if "layers" in given:
        wanted = [name for name in given["layers"].split(",") if name]
        layers = [name for name in wanted if name in known]
        strange = ",".join(name for name in wanted if name not in known)
        if strange:
            ignored.append(f"layers={short(strange)}: choose some of {', '.join(known)}")
    theme = given.get("theme", THEMES[0])
    if theme not in THEMES:
        ignored.append(f"theme={short(theme)}: choose light or dark")
    return page, layers, ignored


def looks(page: str, layers: list[str]) -> str:
    """What a query says of how the picture is looked at, each with "&" behind it."""
    shown = "" if page == "explore" else f"page={page}&"
    return shown if layers == ["flow"] else f"{shown}layers={','.join(layers)}&"


def sentence(ignored: Sequence[str]) -> str:
    """What is said of a link of which parts were ignored."""
    more = len(ignored) - MOST_TOLD
    told = [*ignored[:MOST_TOLD], *([f"and {more:,} more"] if more > 0 else [])]
    return "Ignored in the link: " + "; ".join(told)


def _problem(settings: Settings) -> str | None:
    """Why settings cannot be simulated, or None."""
    try:
        for method in filter(None, (settings.method, settings.overlay)):
            check(settings.cell(), settings.duration, settings.dt, method)
    except ValueError as problem:
        return str(problem)
    return None


def _start(given: dict[str, str], ignored: list[str]) -> Settings:
    model = given.pop("model", OPENING_MODEL)
    if model not in models.catalogue:
        ignored.append(f"model={short(model)}: there is no such model")
        model = OPENING_MODEL
    slug = given.pop("preset", None)
    presets = models.catalogue[model].presets()
    if slug in presets:
        return settings_of(presets[slug])
    if slug is not None:
        ignored.append(f"preset={short(slug)}: {model} has no such preset")
    return opening_settings(model)


def _apply(settings: Settings, key: str, value: str) -> Settings:
    """The settings with one pair of a link in place; ValueError if it does not fit."""
    model = settings.model_class
    if key in model.quantities():
        return replace(settings, parameters={**settings.parameters, key: number(value)})
    if key in model.choices():
        return replace(settings, parameters={**settings.parameters, key: value})
    if key == "current":
        return replace(settings, stimulus=_with_amplitude(settings.stimulus, number(value)))
    if key == "stimulus":
        return replace(settings, stimulus=parse_stimulus(value))
    if key in ("duration", "dt"):
        return replace(settings, **{key: number(value)})
    if key == "seed":
        return replace(settings, seed=whole(value))
    if key in ("method", "overlay"):
        if value not in models.methods(model) and not (key == "overlay" and value == ""):
            raise ValueError(f"choose one of {', '.join(models.methods(model))}")
        return replace(settings, **{key: value})
    if key in ("x", "y"):
        model.state(value)
        if not settings.y:
            raise ValueError(f"{settings.model} has one state and no second axis")
        if value == getattr(settings, "y" if key == "x" else "x"):
            return replace(settings, x=settings.y, y=settings.x)
        return replace(settings, **{key: value})
    if key == "held":
        if value not in ("steady", "cursor"):
            raise ValueError("choose steady or cursor")
        return replace(settings, held=value)
    if key.startswith("start."):
        name = key.removeprefix("start.")
        model.state(name)
        return replace(settings, initial={**settings.initial, name: number(value)})
    raise ValueError(f"{settings.model} has nothing of this name")


def parse_stimulus(text: str) -> Stimulus:
    """A stimulus from its written form, such as `Step(10,50)+Noise(3)`.

    Raises
    ------
    ValueError
        If it names no stimulus or a value is not accepted.
    """
    parts = []
    for piece in re.split(r"(?<=\))\+", text.replace(" ", "")):
        found = _PART.match(piece)
        if not found or found[1] not in kinds:
            raise ValueError(f"write stimuli as in Step(10,50); there are {', '.join(kinds)}")
        kind = kinds[found[1]]
        names = [*kind.quantities(), *kind.choices()]
        values = found[2].split(",") if found[2] else []
        if len(values) > len(names):
            raise ValueError(f"{found[1]} takes at most {len(names)} values")
        given = {
            name: number(value) if name in kind.quantities() else value
            for name, value in zip(names, values, strict=False)
        }
        parts.append(kind(**given))
    return parts[0] if len(parts) == 1 else Sum(*parts)


def write_stimulus(stimulus: Stimulus) -> str:
    """The written form of a stimulus, trailing default values left out."""
    pieces = []
    for part in stimulus.parts():
        values = list(part.settings.items())
        while values and values[-1][1] == type(part).param[values[-1][0]].default:
            values.pop()
        pieces.append(f"{type(part).__name__}({','.join(written(v) for _, v in values)})")
    return "+".join(pieces)


def _stimulus_pairs(stimulus: Stimulus, origin: Stimulus) -> Mapping[str, str]:
    if stimulus == origin or any(isinstance(part, Samples) for part in stimulus.parts()):
        return {}  # recorded samples do not fit into a link
    amplitude = getattr(stimulus.parts()[0], "amplitude", None)
    scalable = amplitude is not None and "amplitude" in origin.parts()[0].quantities()
    if scalable and stimulus == _with_amplitude(origin, amplitude):
        return {"current": written(amplitude)}
    return {"stimulus": write_stimulus(stimulus)}


def _with_amplitude(stimulus: Stimulus, amplitude: float) -> Stimulus:
    first, *rest = stimulus.parts()
    if "amplitude" not in first.quantities():
        raise ValueError(f"the stimulus is {type(first).title.lower()}, which has no amplitude")
    changed = type(first)(**{**first.settings, "amplitude": amplitude})
    return Sum(changed, *rest) if rest else changed


def _origin(settings: Settings) -> Settings:
    presets = settings.model_class.presets()
    if settings.preset in presets:
        return settings_of(presets[settings.preset])
    return opening_settings(settings.model)
