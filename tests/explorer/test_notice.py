"""What the line under the status says of published steps, of what is laid over, of blow-ups."""

from __future__ import annotations

from dataclasses import replace

import pytest

import models
from explorer.method_titles import method_title
from explorer.pages.notice import Notice, about
from explorer.state import Explorer, opening_settings
from models import published

PUBLISHED = [
    (name, method)
    for name, model in models.catalogue.items()
    for method in published.methods(model)
]


def told(explorer: Explorer) -> list[str]:
    return about(explorer.settings, explorer.run, explorer.overlay)


@pytest.mark.parametrize(("model", "method"), PUBLISHED)
def test_what_is_laid_over_is_told_by_its_title_with_its_mistake(model: str, method: str) -> None:
    explorer = Explorer(replace(opening_settings(model), overlay=method))
    step = published.published_step(models.catalogue[model], method)
    (line,) = told(explorer)
    assert line.startswith(f"Grey: {step.title}")
    assert method not in line or method == step.title
    assert line.endswith(step.bug or step.differs)
    assert (" spikes against " in line) == (
        models.catalogue[model].fires() and explorer.overlay.diverged_at is None
    )


@pytest.mark.parametrize("model", models.catalogue)
def test_titles_tell_the_methods_of_a_model_apart(model: str) -> None:
    methods = models.methods(models.catalogue[model])
    titles = [method_title(models.catalogue[model], method) for method in methods]
    assert len(set(titles)) == len(titles)
    assert not set(titles) & set(methods)


def test_a_run_laid_over_that_blows_up_says_when() -> None:
    """SpykeTorch's exponential overflows at the first spike."""
    explorer = Explorer(replace(opening_settings("AdEx"), overlay="spyketorch"))
    assert f"which blew up at {explorer.overlay.diverged_at:.4g} ms." in told(explorer)[0]


def test_the_words_follow_a_slider() -> None:
    explorer = Explorer(replace(opening_settings("LIF"), overlay="spyketorch:uniform"))
    before = told(explorer)
    explorer.set_stimulus(models.Step(500.0, onset=20.0))
    assert told(explorer) != before
    counts = [run.spike_times.size for run in (explorer.overlay, explorer.run)]
    assert f"{counts[0]} spikes against {counts[1]}" in told(explorer)[0]


@pytest.mark.parametrize(
    ("model", "method", "dt", "said"),
    [
        ("HodgkinHuxley", "euler", 0.5, "Euler with steps of 0.5 ms is too coarse here."),
        ("AdEx", "spyketorch", 0.01, "The numbers of SpykeTorch's AdEx blew up at"),
    ],
)
def test_a_run_that_blew_up_is_told_by_the_title_of_its_method(
    model: str, method: str, dt: float, said: str
) -> None:
    notice = Notice(Explorer(replace(opening_settings(model), method=method, dt=dt)))
    assert said in str(notice._text.object).replace("&#x27;", "'")
    assert notice._remedy is not None
