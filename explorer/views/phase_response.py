"""The phase response: what a brief kick does to the next spike, by when it comes."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import Range1d, Span

from models.analysis import PhaseResponse
from models.quantity import written

from ..canvas import lean, move, padded, plot, source
from ..palette import GREY, SPIKE
from ..varied import Varied

_MEANING = {
    "type I": "kicks only advance the next spike",
    "type II": "early kicks delay the next spike, late ones advance it",
}
_METHOD = {"adjoint": "by the adjoint of the flow", "kicks": "by kicking a simulation"}


def arrays(found: PhaseResponse) -> dict[str, Any]:
    """Columns phase and response of the source `phase_response`."""
    return {"phase": lean(found.phase), "response": lean(found.response)}


def sentence(found: PhaseResponse) -> str:
    """The type, what it means, and how it was found."""
    kind = found.kind[0].upper() + found.kind[1:]
    period = f"Period {written(found.period, 4)} ms"
    return f"{kind}: {_MEANING[found.kind]}. {period}, {_METHOD[found.method]}."


class PhaseResponseView:
    """The plot of the advance against the phase of the kick."""

    def __init__(self) -> None:
        self.y_range = Range1d(-1, 1)
        self.source = source("phase_response", "phase", "response")
        made = plot(Range1d(0, 1), self.y_range, name="phase_response_plot")
        made.add_layout(Span(location=0.0, dimension="width", line_color=GREY))
        made.line("phase", "response", source=self.source, line_color=SPIKE, line_width=2.5)
        made.xaxis.axis_label = "phase (0: spike)"
        made.yaxis.formatter.use_scientific = False
        self.figure = made

    def draw(self, found: PhaseResponse, quantity: Varied) -> str:
        """Draw a curve and fit the axis to it; gives the sentence under it."""
        values = np.append(found.response[np.isfinite(found.response)], 0.0)
        move(self.y_range, padded(float(values.min()), float(values.max()), 0.1))
        charge = f"{quantity.unit} ms" if quantity.unit else "unit ms"
        self.figure.yaxis.axis_label = f"ms per {charge}"
        self.source.data = arrays(found)
        return sentence(found)
