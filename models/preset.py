"""Presets: a model's parameters, stimulus and numerics with their source and what must be seen.

They are data: the files in `models/presets`, each for one model, and `NeuronModel.examples`.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .model import NeuronModel
from .stimulus import Constant, Stimulus, stimulus_from

if TYPE_CHECKING:
    from .simulate import Run


@dataclass(frozen=True)
class Preset:
    """A point of departure: everything needed to reproduce one known behaviour.

    Attributes
    ----------
    slug : short name in links, such as ``"fast-spiking"``.
    title : name on the screen.
    source : where the values come from.
    parameters : what differs from the model's defaults.
    stimulus, duration, dt, method, seed, initial, options : as `models.simulate.simulate` takes.
    expect : what a run must show; see `models.expectation`.
    note : one sentence on what to look at.
    behaviours : tags by which a gallery finds it, such as ``"bursting"``.
    """

    slug: str
    title: str
    source: str
    model_class: type[NeuronModel]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    stimulus: Stimulus = field(default_factory=Constant)
    duration: float = 500.0
    dt: float = 0.1
    method: str = "rk4"
    seed: int = 0
    initial: Mapping[str, float] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    expect: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    behaviours: tuple[str, ...] = ()

    def model(self) -> NeuronModel:
        """A fresh model with the preset's parameters."""
        return self.model_class(**self.parameters)

    def run(self) -> Run:
        """Simulate the preset."""
        return self.model().simulate(
            self.stimulus,
            self.duration,
            self.dt,
            self.method,
            self.seed,
            initial=self.initial,
            options=self.options,
        )


@cache
def presets_of(model: type[NeuronModel]) -> Mapping[str, Preset]:
    """All presets of a model by slug: those of its class first, then those of the data files."""
    presets = {preset.slug: preset for preset in model.examples}
    for data in _files().get(model.__name__, ()):
        for slug, entry in data["presets"].items():
            if slug in presets:
                raise ValueError(f"{model.__name__} has two presets called `{slug}`.")
            presets[slug] = _preset(model, slug, {"source": data.get("source", ""), **entry})
    return MappingProxyType(presets)


def preset_of(model: type[NeuronModel], slug: str) -> Preset:
    """Preset `slug` of a model; ValueError if there is none."""
    presets = presets_of(model)
    if not isinstance(slug, str) or slug not in presets:
        near = difflib.get_close_matches(slug, presets, n=1) if isinstance(slug, str) else []
        known = f"did you mean `{near[0]}`?" if near else f"choose one of {', '.join(presets)}."
        raise ValueError(f"{model.__name__} has no preset `{slug}`: {known}")
    return presets[slug]


@cache
def _files() -> Mapping[str, tuple[dict[str, Any], ...]]:
    """The preset files by model name, files in alphabetical order."""
    by_model: dict[str, list[dict[str, Any]]] = {}
    folder = resources.files(__package__) / "presets"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            data = tomllib.loads(file.read_text(encoding="utf-8"))
            by_model.setdefault(data["model"], []).append(data)
    return {name: tuple(files) for name, files in by_model.items()}


def _preset(model: type[NeuronModel], slug: str, entry: Mapping[str, Any]) -> Preset:
    settings = dict(entry)
    settings["stimulus"] = stimulus_from(settings.pop("stimulus"))
    settings["behaviours"] = tuple(settings.pop("behaviours", ()))
    return Preset(slug=slug, model_class=model, **settings)
