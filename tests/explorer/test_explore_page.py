"""The Explore page draws a run with its own settings, however far the hand is ahead of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import models
from explorer.pages.explore import ExplorePage
from explorer.state import Explorer, opening_settings


@pytest.mark.parametrize("built", ["before", "after"])
@pytest.mark.parametrize(("first", "then"), [("Izhikevich", "QIF"), ("QIF", "HodgkinHuxley")])
def test_turning_to_the_page_with_another_model_draws_what_is_there_and_then_the_new_one(
    first: str, then: str, built: str
) -> None:
    """As a card of the gallery does: the page comes to the front before the model has run."""
    waiting: list[Callable[[], None]] = []
    explorer = Explorer(opening_settings(first), schedule=waiting.append)
    page = ExplorePage(explorer) if built == "before" else None
    explorer.show(opening_settings(then))
    page = page or ExplorePage(explorer)
    page.show()
    assert page.picture().model is models.catalogue[first]
    assert models.catalogue[first].title in page.status.text
    waiting.pop()()
    assert page.picture().settings == explorer.settings
    assert models.catalogue[then].title in page.status.text
    flat = len(models.catalogue[then].states) == 1
    assert ("flat" in page.layout.css_classes) == flat
    # Faint over the curve of a model with one state, which noise would cover else.
    assert page.planes[1].path.glyph.line_alpha == (0.3 if flat else 0.85)
