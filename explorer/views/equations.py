"""The model's equations, its states in the colours of their curves."""

from __future__ import annotations

import re

import panel as pn

from models import NeuronModel

from ..palette import CURRENT, state_colours
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


_LEFT = """
math { math-style: normal; font-size: clamp(13px, 1.15vw, 18px); }
mtd { padding: 0.25em 0; }
mtd:first-child { text-align: right; }
mtd:nth-child(2) { text-align: left; padding-left: 0.3em; }
.katex-display { display: block; margin: 4px 0; overflow-x: auto; overflow-y: hidden; }
.katex-mathml math[display="block"] { display: inline math; }
"""
"""Panel shows KaTeX's MathML, which browsers align in the centre unless told otherwise."""


class Equations:
    """The equations, typeset in the browser."""

    def __init__(self) -> None:
        self.pane = pn.pane.LaTeX(
            "",
            renderer="katex",
            sizing_mode="stretch_width",
            margin=0,
            stylesheets=[_LEFT, AT_ONCE],
        )

    def fit(self, model: type[NeuronModel]) -> None:
        """Show another model's equations."""
        body = coloured(model)
        self.pane.object = rf"$$\begin{{aligned}} {body} \end{{aligned}}$$"
