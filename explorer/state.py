"""The one owner of what is on the screen. No Panel here: it can be driven and tested alone.

A control asks for a change with a method of `Explorer`; `Explorer.settings` is replaced; one
simulation is scheduled however many changes arrive before it starts; `Explorer.run` is assigned
once; views that watch `run` draw it. When the settings cannot be simulated, the last good run
stays and `Explorer.complaints` says why, keyed by the control that was touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import param

import models
from models import NeuronModel, Preset, Run, Stimulus

OPENING_MODEL = "Izhikevich"
"""What a visitor without a link sees."""

MOST_KEPT = 8
"""Runs that can be kept at once; the oldest goes first."""


@dataclass(frozen=True)
class Settings:
    """Everything that determines a picture; also everything that a link carries.

    Attributes
    ----------
    model : class name in `models.catalogue`.
    preset : slug of the preset the settings started from, None without one.
    parameters : value of every parameter of the model.
    stimulus, duration, dt, method, seed, initial, options : as `models.simulate.simulate` takes.
    x, y : states on the axes of the phase plane; y is "" for models with one state.
    held : what the states off the axes are held at: "steady", or "cursor" for their values at
        the time cursor.
    overlay : method of a second run laid over the first, "" for none.
    """

    model: str
    preset: str | None
    parameters: Mapping[str, Any]
    stimulus: Stimulus
    duration: float
    dt: float
    method: str
    seed: int = 0
    initial: Mapping[str, float] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    x: str = "v"
    y: str = ""
    held: str = "steady"
    overlay: str = ""

    @property
    def model_class(self) -> type[NeuronModel]:
        return models.catalogue[self.model]

    def cell(self) -> NeuronModel:
        """The model; ValueError if the parameters are not accepted."""
        return self.model_class(**self.parameters)

    def simulate(self, method: str | None = None) -> Run:
        """Run the settings, or the same with another method; ValueError as `models.simulate`."""
        chosen = method or self.method
        return self.cell().simulate(
            self.stimulus,
            self.duration,
            self.dt,
            chosen,
            self.seed,
            initial=self.initial,
            options=self.options if chosen == self.method else None,
        )


def settings_of(preset: Preset) -> Settings:
    """The settings a preset stands for."""
    x, y = preset.model_class.plane()
    return Settings(
        model=preset.model_class.__name__,
        preset=preset.slug,
        parameters=preset.model().parameters,
        stimulus=preset.stimulus,
        duration=preset.duration,
        dt=preset.dt,
        method=preset.method,
        seed=preset.seed,
        initial=dict(preset.initial),
        options=dict(preset.options),
        x=x,
        y=y,
    )


def opening_settings(model: str) -> Settings:
    """What a model shows first: its first preset."""
    return settings_of(next(iter(models.catalogue[model].presets().values())))


@cache
def _origin(model: str, slug: str | None) -> Settings:
    """The settings of a preset, the opening ones of the model without a known preset."""
    presets = models.catalogue[model].presets()
    return settings_of(presets[slug]) if slug in presets else opening_settings(model)


def _at_once(call: Callable[[], None]) -> None:
    call()


class Explorer(param.Parameterized):
    """What is on the screen, and the ways to change it.

    Parameters
    ----------
    schedule : how to call a function soon, after the events that are waiting; at once if omitted,
        as the first simulation is in any case.
    """

    settings = param.ClassSelector(class_=Settings, doc="what is asked for")
    run = param.ClassSelector(class_=Run, doc="the last good simulation")
    overlay = param.ClassSelector(class_=Run, doc="the same with the overlay method, or None")
    complaints = param.Dict(default={}, doc="{control: sentence} for what could not be done")
    answered = param.Event(doc="what was asked for can be drawn, or it is said why not")
    kept = param.List(default=[], doc="runs kept to compare with, oldest first")
    layers = param.List(default=["flow"], doc="what is laid over the phase plane")
    seeds = param.List(default=[], doc="(x, y) that were clicked for orbits")
    cursor = param.Number(default=None, allow_None=True, doc="pinned time cursor, ms; None: end")
    page = param.String(default="explore", doc="the page in front, by its name in a link")
    beside = param.Dict(
        default={}, doc="{page: what it is set to}; a page not named opens as usual"
    )
    level = param.Selector(default="basic", objects=["basic", "all"], doc="controls on show")

    def __init__(
        self,
        settings: Settings | None = None,
        schedule: Callable[[Callable[[], None]], Any] = _at_once,
    ) -> None:
        super().__init__()
        self._waiting = False
        self._touched = ""
        self._objected = ""
        self._simulated: Settings | None = None
        # The first picture is part of the page as it is sent, so it is simulated at once.
        self._schedule: Callable[[Callable[[], None]], Any] = _at_once
        self.show(settings or opening_settings(OPENING_MODEL))
        self._schedule = schedule

    # --- ways to change what is on the screen --------------------------------------------------

    def show(self, settings: Settings) -> None:
        """Replace everything, as a preset or a link does: one redraw, axes fitted anew."""
        self._touched = "preset"
        self.cursor = None
        # Marks belong to one run. The settings of a page fit one model, but for the gallery's.
        stays = [page for page in self.beside if page != "explore"]
        if settings.model != getattr(self.settings, "model", None):
            self.forget()  # another model has other states: nothing to compare
            stays = [page for page in stays if page == "gallery"]
        self.beside = {page: self.beside[page] for page in stays}
        self.complaints = {}
        self.settings = settings
        self._request()

    def choose_model(self, model: str) -> None:
        if model != self.settings.model:
            self.show(opening_settings(model))

    def choose_preset(self, slug: str) -> None:
        self.show(settings_of(self.settings.model_class.presets()[slug]))

    def set_parameter(self, name: str, value: Any) -> None:
        """Ask for another value of a model parameter."""
        self._change(f"parameter:{name}", parameters={**self.settings.parameters, name: value})

    def set_stimulus(self, stimulus: Stimulus, control: str = "stimulus") -> None:
        self._change(control, stimulus=stimulus)

    def set_numerics(self, **changes: Any) -> None:
        """Ask for another `duration`, `dt`, `method`, `seed` or `overlay`."""
        self._change(next(iter(changes)), **changes)

    def start_at(self, **values: float | None) -> None:
        """Ask for other initial values of some states; None for the model's own."""
        control = f"initial:{next(iter(values))}"
        asked = {**self.settings.initial, **values}
        self._change(control, initial={n: v for n, v in asked.items() if v is not None})

    def set_axes(self, x: str, y: str) -> None:
        """Choose the states on the axes of the phase plane; choosing the other one swaps them."""
        self.seeds = []
        self._change("axes", x=x, y=y if x != y else self.settings.x)

    def hold_others(self, at: str) -> None:
        """Hold the states off the axes "steady" or at the "cursor"."""
        self._change("held", held=at)

    def keep(self) -> None:
        """Keep the run on the screen, to compare the next ones with it."""
        if self.run is not None and all(run is not self.run for run in self.kept):
            self.kept = [*self.kept, self.run][-MOST_KEPT:]

    def forget(self) -> None:
        """Let go of the kept runs and of the orbits of clicks."""
        self.kept = []
        self.seeds = []

    def complain(self, control: str, sentence: str) -> None:
        """Show a sentence at a control whose input never became a value."""
        self.complaints = {**self.complaints, control: sentence}

    def reset(self, group: str | None = None) -> None:
        """Back to the values of the preset, or without one of the model.

        Parameters
        ----------
        group : a parameter group, "Stimulus", "Numerics" or "Initial state"; all if None.
        """
        origin = self.origin()
        if group is None:
            self.show(origin)
        elif group == "Stimulus":
            self._change("stimulus", stimulus=origin.stimulus)
        elif group == "Numerics":
            names = ("duration", "dt", "method", "seed", "overlay")
            self._change("dt", **{name: getattr(origin, name) for name in names})
        elif group == "Initial state":
            self._change("initial", initial=origin.initial)
        else:
            quantities = self.settings.model_class.quantities()
            choices = self.settings.model_class.choices()
            inside = [n for n, q in (quantities | choices).items() if q.group == group]
            back = {name: origin.parameters[name] for name in inside}
            control = f"parameter:{inside[0]}" if inside else ""
            self._change(control, parameters={**self.settings.parameters, **back})

    # --- what follows from the settings --------------------------------------------------------

    def simulated(self) -> Settings:
        """The settings of the run on the screen: what is asked for may be ahead of it."""
        return self._simulated or self.settings

    def origin(self) -> Settings:
        """The settings as their preset has them, the opening ones of the model without a preset."""
        return _origin(self.settings.model, self.settings.preset)

    def modified(self) -> bool:
        """Whether the simulation differs from the preset's."""
        origin, now = self.origin(), self.settings
        return replace(now, x="", y="", held="", overlay="") != replace(
            origin, x="", y="", held="", overlay=""
        )

    # --- inside ----------------------------------------------------------------------------------

    def _change(self, control: str, **changes: Any) -> None:
        self._touched = control
        self.settings = replace(self.settings, **changes)
        self._request()

    def _request(self) -> None:
        """Ask for a simulation; changes that arrive before it starts share it."""
        if not self._waiting:
            self._waiting = True
            self._schedule(self._simulate)

    def _simulate(self) -> None:
        self._waiting = False
        try:
            overlay = self.settings.simulate(self.settings.overlay) if self._overlaid() else None
            run = self.settings.simulate()
        except ValueError as problem:
            self._object(str(problem))
            self.answered = True
        else:
            self.complaints = {}
            # Ahead of the picture: the next movement is on its way while the browser paints this.
            self.answered = True
            self.overlay = overlay
            self._simulated = self.settings
            self.run = run

    def _object(self, sentence: str) -> None:
        """Say why the settings cannot run, once: at the control that was touched last.

        Touching another one leaves a sentence that is still true where it is.
        """
        if sentence != self.complaints.get(self._objected):
            others = {c: s for c, s in self.complaints.items() if c != self._objected}
            self._objected = self._touched
            self.complaints = {**others, self._touched: sentence}

    def _overlaid(self) -> bool:
        return bool(self.settings.overlay) and self.settings.overlay != self.settings.method
