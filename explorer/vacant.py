"""A sentence in the middle of a plot that has nothing to draw, in place of its empty axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bokeh.models import Label, Node
from bokeh.plotting import figure

_QUIET = "#7D818A"
"""Of words: as far from white as from near-black."""


class Vacant:
    """The sentence of one plot; the plot keeps its size, so nothing moves when a curve comes.

    Parameters
    ----------
    plot : the plot.
    hidden : what is hidden meanwhile; axes, grid and everything drawn if omitted.
    """

    def __init__(self, plot: figure, hidden: Sequence[Any] = ()) -> None:
        self._hidden = list(hidden) or [*plot.axis, *plot.grid, *plot.renderers]
        middle = Node(target="frame", symbol="center")
        self.label = Label(
            x=middle, y=middle, text_align="center", text_baseline="middle", text_color=_QUIET,
            text_font_size="13px", visible=False,
        )  # fmt: skip
        plot.add_layout(self.label)

    def say(self, sentence: str) -> None:
        """Show a sentence in place of the axes; an empty one brings the axes back."""
        if sentence == self.label.text and bool(sentence) == self.label.visible:
            return
        self.label.update(text=sentence, visible=bool(sentence))
        for part in self._hidden:
            part.visible = not sentence
