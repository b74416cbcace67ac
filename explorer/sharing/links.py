"""Links: everything that differs from the default, readable and typeable.

`?model=Izhikevich&preset=chattering&c=-48&current=12` is the chattering preset with another reset
and another amplitude. Keys are the model's parameter names; `current` is the amplitude of the first
stimulus; `stimulus` replaces the whole stimulus, written as it would be in Python:
`Step(10,50)+Noise(3)`; `duration`, `dt`, `method`, `seed`, `overlay` are the numerics; `x`, `y`,
`held` the phase plane; `start.v` an initial value. `layers` what is laid over it;
`page` the page in front; `theme=dark` opens it dark. What other pages are set to is in `beside`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote

import models
from models import Stimulus, Sum
from models.simulate import check
from models.stimulus import Samples, kinds

from ..state import OPENING_MODEL, Settings, opening_settings, settings_of
from .beside import PAGES
from .values import LONGEST, number, short, whole, written

_LOOKS = ("theme", "page", "layers")
_PART = re.compile(r"(\w+)\(([^()]*)\)$")


def query(settings: Settings) -> str:
    """The link's query, without "?"; empty keys are what the default has."""
    origin = _origin(settings)
    pairs: dict[str, str] = {"model": settings.model}
    if settings.preset:
        pairs["preset"] = settings.preset
    for name, value in settings.parameters.items():
        if value != origin.parameters.get(name):
            pairs[name] = written(value)
    pairs |= _stimulus_pairs(settings.stimulus, origin.stimulus)
    for name in ("duration", "dt", "method", "seed", "overlay", "x", "y", "held"):
        if getattr(settings, name) != getattr(origin, name):
            pairs[name] = written(getattr(settings, name))
    for name, value in settings.initial.items():
        if value != origin.initial.get(name):
            pairs[f"start.{name}"] = written(value)
    return "&".join(f"{key}={quote(value, safe='(),+-.:')}" for key, value in pairs.items())


def read(text: str) -> tuple[Settings, list[str]]:
    """Settings from a query, and a sentence for each part that was ignored.

    Never raises: what cannot be used is left at the nearest valid state.
    """
    ignored: list[str] = []
    if len(text) > LONGEST:
        ignored.append("the link is too long: only its beginning was read")
    # "+" adds stimuli and is no blank here.
    text = text[:LONGEST].lstrip("?").replace("+", "%2B")
    pairs = dict(parse_qsl(text, keep_blank_values=True))
    # How it is looked at, and what other pages are set to, is read by others.
    pairs = {k: v for k, v in pairs.items() if k not in _LOOKS and not k.startswith(PAGES)}
    settings = _start(pairs, ignored)
    together = settings
    readable = {}
    for key, value in pairs.items():
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


def page(text: str, pages: Mapping[str, Any]) -> str:
    """The page a query asks for, the first one if it names none of `pages`."""
    wanted = _looks(text).get("page", "")
    return wanted if wanted in pages else next(iter(pages))


def layers(text: str, known: Collection[str], usual: list[str]) -> list[str]:
    """The layers of the phase plane a query asks for, those of `known`; `usual` if it says none."""
    wanted = _looks(text).get("layers")
    return usual if wanted is None else [name for name in wanted.split(",") if name in known]


def looks(page: str, layers: list[str]) -> str:
    """What a query says of how the picture is looked at, each with "&" behind it."""
    shown = "" if page == "explore" else f"page={page}&"
    return shown if layers == ["flow"] else f"{shown}layers={','.join(layers)}&"


def _looks(text: str) -> dict[str, str]:
    return dict(parse_qsl(text[:LONGEST].lstrip("?"), keep_blank_values=True))


def _problem(settings: Settings) -> str | None:
    """Why settings cannot be simulated, or None."""
    try:
        for method in filter(None, (settings.method, settings.overlay)):
            check(settings.cell(), settings.duration, settings.dt, method)
    except ValueError as problem:
        return str(problem)
    return None


def _start(pairs: dict[str, str], ignored: list[str]) -> Settings:
    model = pairs.pop("model", OPENING_MODEL)
    if model not in models.catalogue:
        ignored.append(f"model={short(model)}: there is no such model")
        model = OPENING_MODEL
    slug = pairs.pop("preset", None)
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
