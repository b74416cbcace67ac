"""The time cursor: it moves in every view, in the browser alone, and tells the server at rest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

from .explore import Explore

TELL_EVERY = 120  # ms, of time_bar.js


def state_at(shown: Explore, time: float) -> tuple[float, float]:
    """v and u of the curves at a time."""
    v, u = (
        np.interp(time, shown.column(source, "time"), shown.column(source, name))
        for source, name in (("voltage", "v"), ("states", "u"))
    )
    return float(v), float(u)


def data_changes(shown: Explore) -> list[dict]:
    """Changes of data that the page told the server."""
    events = [event for message in shown.traffic.sent for event in message["events"]]
    return [event for event in events if event.get("attr") == "data"]


def test_the_marker_starts_at_the_end_of_the_run(explore: Callable[..., Explore]) -> None:
    shown = explore()
    assert shown.cursor() == pytest.approx(300.0, abs=0.01)
    assert shown.marker() == pytest.approx(state_at(shown, 300.0), abs=0.2)


def test_hovering_over_time_moves_the_marker_and_leaving_brings_it_back(
    explore: Callable[..., Explore],
) -> None:
    shown = explore()
    home = shown.marker()
    for time in (12.0, 150.0, 222.0):
        shown.page.mouse.move(*shown.place("voltage_plot", time, -20.0))
        shown.page.wait_for_function(
            "(time) => Math.abs(seen.find('cursor').data.time[0] - time) < 0.5", arg=time
        )
        assert shown.marker() == pytest.approx(state_at(shown, shown.cursor()), abs=0.5)
    shown.page.mouse.move(*shown.place("phase_plane_plot", -40.0, 0.0))
    shown.page.wait_for_function("seen.find('cursor').data.time[0] > 299.9")
    assert shown.marker() == home
    assert data_changes(shown) == []


def test_a_click_pins_the_cursor_for_all_views(explore: Callable[..., Explore]) -> None:
    shown = explore("model=HodgkinHuxley&held=cursor")
    before = shown.column("nullcline_v", "y")
    shown.page.mouse.click(*shown.place("voltage_plot", 22.0, -20.0))
    caption = shown.page.get_by_text("held at the cursor")
    expect(caption).to_contain_text("t = 2")
    shown.page.mouse.move(*shown.place("phase_plane_plot", -40.0, 0.5))
    shown.settled()
    assert shown.cursor() == pytest.approx(22.0, abs=0.3)
    after = shown.column("nullcline_v", "y")
    assert before.shape != after.shape or not np.array_equal(before, after)
    assert shown.redraws == 0  # the run is the same


def test_play_moves_the_cursor_without_a_message_per_frame(
    explore: Callable[..., Explore],
) -> None:
    shown = explore()
    play = shown.page.get_by_role("button", name="Play", exact=True)
    sent, start = len(shown.traffic.sent), shown.page.evaluate("performance.now()")
    play.click()
    pause = shown.page.get_by_role("button", name="Pause", exact=True)
    expect(pause).to_be_visible()
    shown.page.wait_for_function("seen.moves > 60")
    pause.click()
    expect(play).to_be_visible()
    took = shown.page.evaluate("performance.now()") - start
    assert len(shown.traffic.sent) - sent <= 2 + took / TELL_EVERY
    assert data_changes(shown) == []
    stopped = shown.cursor()
    assert 0.0 < stopped < 300.0
    assert shown.marker() == pytest.approx(state_at(shown, stopped), abs=0.5)
    shown.settled()
    assert shown.cursor() == stopped
    assert shown.redraws == 0


def test_play_ends_at_the_end(explore: Callable[..., Explore]) -> None:
    shown = explore()
    bar = shown.page.get_by_role("slider", name="Time", exact=True)
    bar.focus()
    for _ in range(3):
        shown.page.keyboard.press("Shift+ArrowLeft")
    assert shown.cursor() == pytest.approx(282.0, abs=0.5)
    shown.page.get_by_role("button", name="Play", exact=True).click()
    shown.page.wait_for_function("seen.find('cursor').data.time[0] >= 299.9")
    expect(shown.page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_the_readout_says_the_state_under_the_cursor(explore: Callable[..., Explore]) -> None:
    shown = explore()
    shown.page.get_by_role("slider", name="Time", exact=True).focus()
    for _ in range(10):
        shown.page.keyboard.press("Shift+ArrowLeft")
    time = shown.cursor()
    v, u = state_at(shown, time)
    readout = shown.page.locator(".readout")
    for words in (f"t = {time:.1f} ms", f"v = {v:.1f}", f"u = {u:.1f}", "I = 14.0 mV/ms"):
        expect(readout).to_contain_text(words)


def test_a_pinned_cursor_stays_through_a_change_and_goes_with_a_preset(
    explore: Callable[..., Explore],
) -> None:
    shown = explore()
    shown.page.mouse.click(*shown.place("voltage_plot", 100.0, -20.0))
    shown.page.mouse.move(*shown.place("phase_plane_plot", -40.0, 0.0))
    pinned = shown.cursor()
    shown.slider("Reset potential").focus()
    shown.page.keyboard.press("ArrowRight")
    shown.redrawn(1)
    assert shown.cursor() == pinned
    assert shown.marker() == pytest.approx(state_at(shown, pinned), abs=0.5)
    shown.preset("Fast spiking").click()
    shown.redrawn(2)
    shown.page.wait_for_function("Math.abs(seen.find('cursor').data.time[0] - 200) < 0.1")


def test_in_a_gap_of_the_path_the_marker_goes_on_to_the_reset(
    explore: Callable[..., Explore],
) -> None:
    shown = explore()
    spike = float(shown.column("spikes", "time")[2])
    shown.page.mouse.move(*shown.place("voltage_plot", spike, -20.0))
    shown.page.wait_for_function(
        "(time) => Math.abs(seen.find('cursor').data.time[0] - time) < 0.5", arg=spike
    )
    assert np.isfinite(shown.marker()).all()


def test_the_end_of_the_run_is_followed_while_a_slider_moves(
    explore: Callable[..., Explore],
) -> None:
    shown = explore("model=LIF&current=190")
    before = shown.marker()
    shown.slider("Amplitude").press("ArrowLeft")
    shown.redrawn(1)
    last = float(shown.column("voltage", "v")[-1])
    assert last != pytest.approx(before[0], abs=0.01)
    assert shown.marker()[0] == pytest.approx(last, abs=0.01)
    expect(shown.page.locator(".readout")).to_contain_text(f"{last:.1f} mV")
