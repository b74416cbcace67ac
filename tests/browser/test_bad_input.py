"""Input that cannot be used: one sentence by the control, the last good picture, a way out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

from .explore import Explore


@pytest.mark.parametrize(
    ("label", "row", "typed", "said"),
    [
        ("Reset potential", "c", "abc", "`c` is abc: give a number"),
        ("Reset potential", "c", "", "`c` is empty: give a number"),
        ("Time step", "dt", "0", "`dt` is 0"),
        ("Time step", "dt", "-1", "`dt` is -1"),
        ("Duration", "duration", "1e99", "`duration` is 1e+99"),
        ("Onset", "0.onset", "-5", "`onset` is -5"),
    ],
)
def test_one_sentence_stands_by_the_control_and_the_picture_stays(
    explore: Callable[..., Explore], label: str, row: str, typed: str, said: str
) -> None:
    shown = explore()
    before = shown.column("voltage", "v")
    field = shown.field(label)
    field.fill(typed)
    field.press("Enter")
    note = shown.page.locator(f"[data-name='{row}'] [role=alert]")
    expect(note).to_contain_text(said.replace("`", ""))
    assert note.inner_text().strip().count(". ") == 0
    shown.settled()
    np.testing.assert_array_equal(shown.column("voltage", "v"), before)
    assert shown.redraws == 0
    field.fill({"c": "-60", "dt": "0.05", "duration": "250", "0.onset": "5"}[row])
    field.press("Enter")
    shown.redrawn(1)
    expect(note).to_be_empty()


def test_a_sentence_below_the_fold_comes_into_sight(explore: Callable[..., Explore]) -> None:
    shown = explore()
    field = shown.field("Duration")
    field.evaluate("(field) => field.scrollIntoView({block: 'end'})")
    field.fill("-5")
    field.press("Enter")
    note = shown.page.locator("[data-name='duration'] [role=alert]")
    expect(note).to_contain_text("duration is -5")
    expect(note).to_be_in_viewport(ratio=0.99)


def test_values_that_clash_are_said_where_the_hand_is(explore: Callable[..., Explore]) -> None:
    shown = explore("model=LIF")
    before = shown.column("voltage", "v")
    field = shown.field("Reset potential")
    field.fill("-40")
    field.press("Enter")
    note = shown.page.locator("[data-name='v_reset'] [role=alert]")
    expect(note).to_contain_text("v_reset is -40 mV but v_threshold is -55 mV")
    np.testing.assert_array_equal(shown.column("voltage", "v"), before)
    other = shown.field("Threshold")
    other.fill("-30")
    other.press("Enter")
    shown.redrawn(1)
    expect(note).to_be_empty()


def test_a_step_that_is_too_long_is_said_by_the_step(explore: Callable[..., Explore]) -> None:
    """Over twice the membrane time constant every explicit step overshoots."""
    shown = explore("model=LIF")
    field = shown.field("Time step")
    field.fill("30")
    field.press("Enter")
    note = shown.page.locator("[data-name='dt'] [role=alert]")
    expect(note).to_contain_text("dt is 30 ms but the fastest time constant is 10 ms")


def test_a_run_that_blows_up_is_drawn_to_that_moment_with_a_cure(
    explore: Callable[..., Explore],
) -> None:
    shown = explore("model=HodgkinHuxley&method=euler&dt=0.5")
    drawn = shown.column("voltage", "time")
    assert 1 < drawn.size < 120.0 / 0.5
    assert np.isfinite(shown.column("voltage", "v")).all()
    notice = shown.page.get_by_role("alert").filter(has_text="blew up")
    expect(notice).to_contain_text(f"{drawn[-1] + 0.5:.4g} ms")
    expect(shown.status).to_contain_text("blew up")
    before = shown.redraws
    shown.page.get_by_role("button", name="Use ").click()
    shown.redrawn(before + 1)
    expect(notice).to_have_count(0)
    assert shown.column("voltage", "time")[-1] == pytest.approx(120.0, abs=0.5)
    expect(shown.status).not_to_contain_text("blew up")
