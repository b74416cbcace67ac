"""Symbols in LaTeX become HTML and Unicode that mean the same."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

import models
from explorer.notation import latex_of, to_html, to_text
from models.stimulus import kinds


@pytest.mark.parametrize(
    ("latex", "html", "text"),
    [
        ("a", "<i>a</i>", "a"),
        (r"\tau_m", "<i>τ</i><sub><i>m</i></sub>", "τₘ"),
        (r"v_\mathrm{peak}", "<i>v</i><sub>peak</sub>", "vₚₑₐₖ"),
        (r"g_\mathrm{Na}", "<i>g</i><sub>Na</sub>", "g_Na"),
        (r"t_{\mathrm{on}}", "<i>t</i><sub>on</sub>", "tₒₙ"),
        (r"\Delta_T", "Δ<sub><i>T</i></sub>", "Δ_T"),
        (r"k_2", "<i>k</i><sub>2</sub>", "k₂"),
        (r"w_\infty", "<i>w</i><sub>∞</sub>", "w_∞"),
        (r"v^2", "<i>v</i><sup>2</sup>", "v²"),
        (r"m^{3}h", "<i>m</i><sup>3</sup><i>h</i>", "m³h"),
        (r"\dot{v}", "<i>v\u0307</i>", "v\u0307"),
        (r"\varphi", "<i>φ</i>", "φ"),
        (r"a\,b", "<i>a</i><i>b</i>", "ab"),
        ("<", "&lt;", "<"),
    ],
)
def test_a_symbol_is_set_as_in_print(latex: str, html: str, text: str) -> None:
    assert to_html(latex) == html
    assert to_text(latex) == text


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("a", "a"),
        ("C", "C"),
        ("tau_m", r"\tau_{m}"),
        ("v_peak", r"v_\mathrm{peak}"),
        ("temperature", r"\mathrm{temperature}"),
    ],
)
def test_a_name_without_symbol_is_set_like_one(name: str, latex: str) -> None:
    assert latex_of(name) == latex
    assert latex_of(name, r"\xi") == r"\xi"


def test_a_brace_too_many_is_an_error() -> None:
    with pytest.raises(ValueError, match="closing brace"):
        to_html("a}")


class _Tags(HTMLParser):
    """Collects tags and text, and checks that tags are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("declared", [*models.catalogue.values(), *kinds.values()])
def test_every_declared_symbol_can_be_set(declared: type[models.NeuronModel]) -> None:
    symbols = [latex_of(name, q.symbol) for name, q in declared.quantities().items()]
    symbols += [state.symbol for state in getattr(declared, "states", ())]
    for latex in symbols:
        parser = _Tags()
        parser.feed(to_html(latex))
        assert not parser.open
        assert parser.seen <= {"i", "sub", "sup"}
        assert "\\" not in to_text(latex) + to_html(latex)
        assert "{" not in to_text(latex) + to_html(latex)
