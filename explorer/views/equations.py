"""The model's equations, its states in the colours of their curves."""

from __future__ import annotations

import re

import panel as pn
from panel.models.katex import KaTeX

from models import NeuronModel

from ..palette import ACCENTS, CURRENT, state_colours
from ..theme import legible
from ..upstream import AT_ONCE

_TOKEN = re.compile(r"\\(?:mathrm|text|operatorname)\{[^}]*\}|\\[A-Za-z]+|\\.|[A-Za-z]+|.", re.S)


def coloured(model: type[NeuronModel]) -> str:
    r"""The equations as LaTeX with `\textcolor` around every state and the injected current.

    A name is a state where it stands alone: not inside a command or an upright word, not part of
    a subscript, and not carrying a subscript of its own (`v_\mathrm{rest}` is a parameter).
    """
    accents = state_colours(model)
    symbols = {state.symbol: accents[state.name] for state in model.states}
    symbols[model.current.symbol] = CURRENT
    tokens = _TOKEN.findall(model.equations)
    made = []
    for place, token in enumerate(tokens):
        before = tokens[place - 1] if place else ""
        after = tokens[place + 1] if place + 1 < len(tokens) else ""
        letters = [token] if token in symbols else list(token) if token.isalpha() else [token]
        for last, letter in enumerate(letters):
            subscripted = after == "_" and last == len(letters) - 1
            free = letter in symbols and before != "_" and not subscripted
            made.append(rf"\textcolor{{{symbols[letter]}}}{{{letter}}}" if free else letter)
    return "".join(made)


_TYPESET = """
span.katex-html { display: block !important; }
.katex-display { margin: 2px 0 !important; overflow-x: auto; overflow-y: hidden; }
.katex-display > .katex { text-align: left !important; font-size: clamp(14.5px, 1.2vw, 21px); }
.katex, .katex .mathrm, .katex .textrm { font-family: "Equations", serif; }
.katex .mathnormal { font-family: "Equations italic", serif; }
.katex .delimsizing.size1 { font-family: "Equations tall", serif; }
"""
"""Equations at the left, as large as the screen allows, in a typeface of the page.

Panel hides what KaTeX typesets, because it ships no typeface for it, and leaves MathML to the
browser; without a typeface for mathematics on the machine that has no roots and no even subscripts.
KaTeX's own names of its typefaces are avoided: they stand for files that Panel does not ship.
"""


def _accents() -> str:
    """Style rules that make coloured letters as legible as black ones; the browser writes rgb()."""
    rules = []
    for accent in ACCENTS:
        red, green, blue = (int(accent[i : i + 2], 16) for i in (1, 3, 5))
        written = f"rgb({red}, {green}, {blue})"
        rules.append(f'[style*="{written}"] {{ color: {legible(accent)} !important; }}')
    return "\n".join(rules)


class Equations:
    """The equations, typeset in the browser."""

    def __init__(self) -> None:
        self.pane = pn.pane.LaTeX(
            "",
            renderer="katex",
            sizing_mode="stretch_width",
            margin=0,
            stylesheets=[*KaTeX.__css__, _TYPESET, _accents(), AT_ONCE],
        )

    def fit(self, model: type[NeuronModel]) -> None:
        """Show another model's equations."""
        body = coloured(model)
        self.pane.object = rf"$$\begin{{aligned}} {body} \end{{aligned}}$$"
