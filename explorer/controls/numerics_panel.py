"""How the run is computed: method, step, duration, seed, a second method; and where it starts."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

from panel.viewable import Viewable, Viewer

from models import NeuronModel, Noise, Poisson, methods

from ..method_titles import method_heading, method_title
from ..notation import to_html, to_text
from ..palette import state_colours
from ..state import Explorer, Settings
from .sheet import Action, Group, Option, Row, Sheet, complaints_about, track

INITIAL = "initial:"
"""What `Explorer.complaints` puts before the name of a state whose start is changed."""
_NO_OVERLAY = "none"
_MOST_SEED = 2**31 - 1


class NumericsPanel(Viewer):
    """Controls of the numerics and of the initial state in `Explorer.settings`."""

    def __init__(self, explorer: Explorer) -> None:
        super().__init__()
        self._explorer = explorer
        self.sheet = Sheet(self._move, self._press, self._refuse, self._default)
        self._follow()
        explorer.param.watch(lambda event: self._follow(), ["settings", "run"])
        explorer.param.watch(lambda event: self._complain(), "complaints")
        explorer.param.watch(lambda event: self.sheet.answer(), "answered")

    def __panel__(self) -> Viewable:
        return self.sheet

    # --- from the explorer to the screen -------------------------------------------------------

    def _follow(self) -> None:
        settings, origin = self._explorer.settings, self._explorer.origin()
        starts = {INITIAL + name: value for name, value in origin.initial.items()}
        self.sheet.arrange(
            groups_of(settings.model_class, noisy(settings)),
            values={**_numerics(settings), **self._starts()},
            defaults={**_numerics(origin), **starts},
        )

    def _starts(self) -> dict[str, float]:
        """Where the run starts: as asked for, else where the model itself does."""
        settings, run = self._explorer.settings, self._explorer.run
        known = run is not None and type(run.cell) is settings.model_class
        first = {name: float(row[0]) for name, row in run.states.items()} if known else {}
        return {INITIAL + name: value for name, value in {**first, **settings.initial}.items()}

    def _complain(self) -> None:
        about = self._explorer.complaints
        notes = {
            name: about[name]
            for name in ("method", "dt", "duration", "seed", "overlay")
            if name in about
        }
        for name, sentence in complaints_about(INITIAL, about).items():
            notes[INITIAL + name] = sentence
        self.sheet.update(notes=notes)

    # --- from the hand to the explorer ---------------------------------------------------------

    def _move(self, name: str, value: Any) -> None:
        if name.startswith(INITIAL):
            self._explorer.start_at(**{name.removeprefix(INITIAL): value})
        elif name == "overlay":
            self._explorer.set_numerics(overlay="" if value == _NO_OVERLAY else value)
        else:
            self._explorer.set_numerics(**{name: value})

    def _press(self, name: str) -> None:
        if name == "noise":
            other = (self._explorer.settings.seed + random.randrange(1, 1000)) % 1000
            self._explorer.set_numerics(seed=other)
        else:
            self._explorer.reset(name)

    def _refuse(self, name: str, sentence: str) -> None:
        self._explorer.complain(name, sentence)

    def _default(self, name: str) -> None:
        self._explorer.start_at(**{name.removeprefix(INITIAL): None})


def noisy(settings: Settings) -> bool:
    """Whether a seed changes anything."""
    random_parts = any(isinstance(part, Noise | Poisson) for part in settings.stimulus.parts())
    return random_parts or settings.model_class.has_noise


@cache
def groups_of(model: type[NeuronModel], noisy: bool) -> tuple[Group, ...]:
    """The rows of the numerics and of the initial state; the seed only where there is noise."""
    ways = tuple(
        Option(name, method_title(model, name), method_heading(name)) for name in methods(model)
    )
    rows = [
        Row("method", "Method", "choice", options=ways, doc="how a step is computed"),
        track(
            "dt",
            "Time step",
            0.001,
            5.0,
            unit="ms",
            symbol="<i>dt</i>",
            doc="shorter is more accurate and slower",
            least=1e-6,
            most=1e3,
        ),
        track(
            "duration",
            "Duration",
            10.0,
            2000.0,
            unit="ms",
            symbol="<i>T</i>",
            doc="how long the run lasts",
            least=0.01,
            most=1e5,
        ),
        Row(
            "overlay",
            "Lay over",
            "choice",
            options=(Option(_NO_OVERLAY, _NO_OVERLAY), *ways),
            doc="a second run with another method, to compare",
        ),
    ]
    seed = Row(
        "seed",
        "Seed",
        "number",
        doc="the same seed gives the same noise",
        least=0,
        most=_MOST_SEED,
        step=1,
        integer=True,
    )
    actions = [Action("Numerics", "Reset", "Reset Numerics", undoes=True)]
    if noisy:
        rows.append(seed)
        actions.insert(0, Action("noise", "New noise", "New noise"))
    starts = Group(
        "Initial state",
        tuple(_start_row(model, name, accent) for name, accent in state_colours(model).items()),
        (Action("Initial state", "Reset", "Reset Initial state", undoes=True),),
    )
    return Group("Numerics", tuple(rows), tuple(actions)), starts


# --- inside ------------------------------------------------------------------------------------


def _numerics(settings: Settings) -> dict[str, Any]:
    return {
        "method": settings.method,
        "dt": settings.dt,
        "duration": settings.duration,
        "seed": settings.seed,
        "overlay": settings.overlay or _NO_OVERLAY,
    }


def _start_row(model: type[NeuronModel], name: str, accent: str) -> Row:
    state = model.state(name)
    low, high = state.span
    return track(
        INITIAL + name,
        f"Initial {state.doc}",
        low,
        high,
        symbol=to_html(state.symbol),
        unit=state.unit,
        doc=f"where {to_text(state.symbol)} starts; without a preset's value, at the model's own",
        least=-state.limit,
        most=state.limit,
        accent=accent,
    )
