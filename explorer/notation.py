"""Symbols written in LaTeX, as HTML for controls and as plain Unicode for axis labels.

Only the LaTeX of symbols is known: Greek letters, sub- and superscripts, upright names, dots.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "varepsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "phi": "φ",
    "varphi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Sigma": "Σ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
}
_SIGNS = {"infty": "∞", "cdot": "·", "pm": "±", "prime": "′", "circ": "°"}
_ACCENTS = {"dot": "\u0307", "ddot": "\u0308", "bar": "\u0304", "hat": "\u0302", "tilde": "\u0303"}
_UPRIGHT = ("mathrm", "text", "textrm", "operatorname")
_SUBSCRIPTS = dict(zip("0123456789aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_SUPERSCRIPTS = dict(zip("0123456789n", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ", strict=True))
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}_^]|[^\\{}_^]")


@dataclass(frozen=True)
class _Piece:
    """A stretch of a symbol: how it is set, and its text or the pieces inside."""

    kind: str  # "italic", "upright", "sub", "super"
    content: str | tuple[_Piece, ...]


def to_html(latex: str) -> str:
    """The symbol as HTML: variables in italics, names upright, real sub- and superscripts.

    >>> to_html(r"v_\\mathrm{peak}")
    '<i>v</i><sub>peak</sub>'
    """
    return "".join(_html(piece) for piece in _parse(latex))


def to_text(latex: str) -> str:
    """The symbol as plain Unicode: ``τₘ``; with an underscore where no such subscript exists.

    >>> to_text(r"g_\\mathrm{Na}")
    'g_Na'
    """
    return "".join(_text(piece) for piece in _parse(latex))


def latex_of(name: str, symbol: str = "") -> str:
    """The LaTeX symbol of a setting: its own, or one made of its ASCII name.

    >>> latex_of("tau_m"), latex_of("E_leak"), latex_of("d", r"\\Delta")
    ('\\\\tau_{m}', 'E_\\\\mathrm{leak}', '\\\\Delta')
    """
    if symbol:
        return symbol
    base, _, below = name.partition("_")
    letter = f"\\{base}" if base in GREEK else base if len(base) == 1 else rf"\mathrm{{{base}}}"
    if not below:
        return letter
    return letter + (f"_{{{below}}}" if len(below) == 1 else rf"_\mathrm{{{below}}}")


# --- inside ------------------------------------------------------------------------------------


def _parse(latex: str) -> tuple[_Piece, ...]:
    tokens = _TOKEN.findall(latex)
    pieces, rest = _sequence(tokens, 0)
    if rest != len(tokens):
        raise ValueError(f"`{latex}` has a closing brace too many.")
    return pieces


def _sequence(tokens: list[str], at: int, kind: str = "italic") -> tuple[tuple[_Piece, ...], int]:
    """Pieces from position `at` up to a closing brace or the end, and the position there."""
    pieces: list[_Piece] = []
    while at < len(tokens) and tokens[at] != "}":
        unit, at = _unit(tokens, at, kind)
        pieces.extend(unit)
    return tuple(pieces), at


def _unit(tokens: list[str], at: int, kind: str) -> tuple[tuple[_Piece, ...], int]:
    """The one thing at position `at`, be it a letter, a command or a group."""
    token = tokens[at] if at < len(tokens) else ""
    name = token.removeprefix("\\")
    if token == "{":
        inside, at = _sequence(tokens, at + 1, kind)
        return inside, at + 1
    if token in ("_", "^"):
        inside, at = _unit(tokens, at + 1, kind)
        return (_Piece("sub" if token == "_" else "super", inside),), at
    if name in _UPRIGHT:
        return _unit(tokens, at + 1, "upright")
    if name in _ACCENTS:
        inside, at = _unit(tokens, at + 1, kind)
        return _accented(inside, _ACCENTS[name]), at
    if token.startswith("\\") and name in GREEK:
        return (_Piece("upright" if name[0].isupper() else kind, GREEK[name]),), at + 1
    if token.startswith("\\"):
        return (_Piece("upright", _SIGNS.get(name, "" if name in ",;:! " else name)),), at + 1
    if token.isspace():
        return (), at + 1
    return (_Piece(kind if token.isalpha() else "upright", token),), at + 1


def _accented(pieces: tuple[_Piece, ...], accent: str) -> tuple[_Piece, ...]:
    *before, last = pieces
    if not isinstance(last.content, str):
        return pieces  # an accent over a whole group is not set
    return (*before, _Piece(last.kind, last.content + accent))


def _html(piece: _Piece) -> str:
    if isinstance(piece.content, tuple):
        inside = "".join(_html(part) for part in piece.content)
        tag = "sub" if piece.kind == "sub" else "sup"
        return f"<{tag}>{inside}</{tag}>"
    text = escape(piece.content)
    return f"<i>{text}</i>" if piece.kind == "italic" else text


def _text(piece: _Piece) -> str:
    if isinstance(piece.content, str):
        return piece.content
    inside = "".join(_text(part) for part in piece.content)
    small = _SUBSCRIPTS if piece.kind == "sub" else _SUPERSCRIPTS
    if all(letter in small for letter in inside):
        return "".join(small[letter] for letter in inside)
    return ("_" if piece.kind == "sub" else "^") + inside
