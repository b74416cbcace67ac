"""A tile: one analysis with its title, its picture, and one sentence on what it shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui
from bokeh.plotting import figure

from ..background import Slot, Task, Watch
from ..theme import sheet

BAND = 0.2
"""Opacity of a shaded band in a legend, a little more than in a plot: it is small there."""
_PATIENCE = 0.4
"""Seconds after which progress is told; what is quicker would only flicker."""
_STOPPED = "Stopped."
_FOOT = """
:host { display: flex; align-items: flex-start; gap: 6px; width: 100%; }
.said { flex: 1 1 auto; }
"""
_LINE = {
    "textTransform": "none", "minWidth": 0, "height": "26px", "padding": "0 6px",
    "@media (pointer: coarse)": {"height": "40px", "paddingInline": "10px"},
}  # fmt: skip
"""Buttons as high as the line they stand in, so that nothing moves when they come."""


class Tile:
    """A picture that is worked out in the background.

    Parameters
    ----------
    title : of the tile; with neither title nor controls it has no head.
    figures : what it shows, from top to bottom, with their heights in pixels.
    pool : where its tasks run.
    draw : called with each result; gives the sentence under the picture.
    place : name of its place in the grid of the page.
    controls : what stands beside the title.
    button : label of the button that starts it; empty for a tile that follows by itself.
    promise : what it will show, in one sentence, until its button is first pressed.
    legend : as `explain` takes it.

    Attributes
    ----------
    panes : those of the figures, from top to bottom.
    """

    def __init__(
        self,
        title: str,
        figures: Sequence[tuple[figure, int]],
        pool: Executor,
        draw: Callable[[Any], str],
        place: str,
        controls: Sequence[Any] = (),
        button: str = "",
        promise: str = "",
        legend: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        self.title = title
        self._draw = draw
        self._button, self._promise = button, promise
        self._drawn = False
        self.document = pn.state.curdoc
        self.slot = Slot(self.document, pool, self._take, self._complain, self._tell)
        self._sentence: str | None = None
        self._key: Hashable = None
        self._subject: Hashable = None
        self._request: tuple[Task, Hashable, float] | None = None
        self._asked_at = 0.0
        self.run = pmui.Button(
            label=button, size="small", variant="outlined", margin=0, visible=bool(button)
        )
        self.run.on_click(lambda _event: self.start())
        self.caption = _words("", "said")
        small = {"size": "small", "variant": "text", "margin": 0, "visible": False, "sx": _LINE}
        self.stop = pmui.Button(label="Stop", **small)
        self.again = pmui.Button(label="Start again", **small)
        self.stop.on_click(lambda _event: self.halt())
        self.again.on_click(lambda _event: self.start())
        # Until there is a picture its place is kept, but no axes that mean nothing are shown.
        blank = [] if button else ["blank"]
        for drawn, height in figures:
            drawn.update(sizing_mode="stretch_width", height=height, min_height=height)
            drawn.css_classes = blank  # its pane hands on only what changes later
        self.panes = [pn.pane.Bokeh(drawn, margin=0, css_classes=blank) for drawn, _ in figures]
        self._legend = _words("", "legend")
        self.explain(legend)
        self._panes = [self._legend, *self.panes]
        head = []
        if title or controls or button:
            heading = _words(f"<h2>{escape(title)}</h2>", "heading")
            head = [pn.Row(heading, *controls, self.run, css_classes=["head"], margin=0)]
        self.layout = pn.Column(
            *head,
            *self._panes,
            pn.Row(
                self.caption,
                self.stop,
                self.again,
                margin=0,
                css_classes=["foot"],
                stylesheets=[_FOOT],
            ),
            css_classes=["panel-tile", place],
            stylesheets=[sheet("tile")],
            sizing_mode="stretch_width",
            margin=0,
        )
        if button:
            self.say(promise, idle=True)
            for pane in self._panes:
                pane.visible = False

    def follow(
        self, task: Task, key: Hashable, rest: float = 0.0, subject: Hashable = None
    ) -> None:
        """Show what a task gives; one with a button waits for it, and dims what is out of date.

        Parameters
        ----------
        task, key, rest : as `Slot.ask`.
        subject : what the picture is about; that of another subject is dimmed until the new one
            is there.
        """
        if key is not None and key == self._key:
            return
        self._key = key
        another, self._subject = subject != self._subject, subject
        self._request = (task, key, rest)
        if not self._button:
            self.start()
        else:
            self.slot.drop()
            self._stale(self._drawn)
            if self._sentence is not None or self.stop.visible:
                self.say(self._sentence or self._promise, idle=True)
            self.stop.visible = False
            self.run.visible = True
        if another and self.slot.busy:
            self._stale(self._drawn)
            self.say("Working …", idle=True)

    def start(self) -> None:
        """Work out what is shown now."""
        if self._request is None:
            return
        self._asked_at = time.monotonic()
        self._sentence = None
        self.stop.visible = self.again.visible = False
        task, key, rest = self._request
        if self._button:
            self.run.visible = False
            self._work("Working …")
        self.slot.ask(partial(_about, self._subject, task), key, rest)

    def halt(self) -> None:
        """Give up what is being worked out; what stands is dimmed unless it is a part of it."""
        self.slot.drop()
        self.stop.visible = False
        self.run.visible = bool(self._button)
        self.again.visible = not self._button
        self._stale(self._drawn and self._sentence is None)
        self.say(_STOPPED, idle=True)

    def leave(self, sentence: str) -> None:
        """Show nothing, and say why there is nothing to show."""
        self.slot.drop()
        self._key = self._request = None
        self._stale(True)
        self.run.visible = self.stop.visible = self.again.visible = False
        self.say(sentence, idle=True)

    def explain(self, legend: Sequence[tuple[str, str, str]]) -> None:
        """Write the legend: (text, colour, dash) of each kind of line, "band" for a shaded one."""
        entries = _entries(legend)
        if entries != self._legend.object:
            self._legend.object = entries
        self._legend.visible = bool(legend) and (self._drawn or not self._button)

    def say(self, sentence: str, idle: bool = False) -> None:
        """Write the sentence under the picture; `idle` while it is not about what is shown."""
        kind = "idle" if idle else "found"
        self.caption.object = f'<p class="{kind}">{_plain(sentence)}</p>'

    def pause(self) -> None:
        """The page goes behind: what was asked for is asked for again when it is back."""
        if self.slot.busy:
            self.slot.drop()
            self._key = None

    def show(self, result: Any) -> None:
        """Draw a result; from the background, or at once where it needs no working out."""
        self._sentence = self._draw(result)
        if not self.stop.visible:  # else it is told how far it is, and this when it is there
            self.say(self._sentence)
        if not self._drawn:
            self._drawn = True
            for pane in self.panes if self._button else ():
                pane.visible = True
            self._legend.visible = bool(self._legend.object)
        self._stale(False)

    def _take(self, found: tuple[Hashable, Any]) -> None:
        """Show a result, unless the tile has turned to another subject meanwhile."""
        subject, result = found
        if subject == self._subject:
            if self._button:
                self.stop.visible = False
            self.show(result)

    def _complain(self, sentence: str) -> None:
        self.run.visible = bool(self._button)
        self.stop.visible = False
        self._stale(self._drawn)
        self.caption.object = f'<p class="problem" role="alert">{_plain(sentence)}</p>'

    def _tell(self, part: float) -> None:
        if part >= 1.0:
            self.stop.visible = False
            if self._sentence is not None:
                self.say(self._sentence)
        elif time.monotonic() - self._asked_at > _PATIENCE:
            self._work(f"Working … {100 * part:.0f} %")

    def _work(self, sentence: str) -> None:
        """Say that something is worked out, and offer to stop it."""
        self.say(sentence, idle=True)
        self.stop.visible = True

    def _stale(self, stale: bool) -> None:
        classes = [] if not stale else ["stale"]
        if not self._drawn:
            classes = ["blank"]
        for pane in self.panes:
            if pane.css_classes != classes:
                pane.css_classes = pane.object.css_classes = classes


def _about(subject: Hashable, task: Task, watch: Watch) -> Iterator[tuple[Hashable, Any]]:
    """What a task gives, with what it is about; at the end all is done."""
    for result in task(watch):
        yield subject, result
    watch.progress(1.0)


def _entries(legend: Sequence[tuple[str, str, str]]) -> str:
    """Kinds of lines in words, each with a piece of its line."""
    return "".join(
        f'<span><i style="{_line(colour, dash)}"></i>{escape(text)}</span>'
        for text, colour, dash in legend
    )


def _line(colour: str, dash: str) -> str:
    if dash == "band":
        return f"height:10px;background:{colour};opacity:{BAND}"
    return f"border-top:2px {dash} {colour}"


def _plain(sentence: str) -> str:
    """A sentence for the page; the backticks around names are for consoles."""
    return escape(sentence.replace("`", ""))


def _words(html: str, place: str) -> pn.pane.HTML:
    return pn.pane.HTML(
        html,
        margin=0,
        sizing_mode="stretch_width",
        css_classes=[place],
        stylesheets=[sheet("words")],
    )
