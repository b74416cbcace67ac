"""Another model on the same page: its units at the axes, its columns, no word from Bokeh."""

from __future__ import annotations

from collections.abc import Callable

from .explore import Explore

_PAINTED = """() => {
  window.painted = {}
  for (const name of ["current_plot", "phase_plane_plot"]) {
    const plot = seen.find(name)
    const axis = plot.left.find((each) => each.axis_label !== undefined)
    const view = Bokeh.index.find_one(plot).views.find_one(axis)
    const paint = view._draw_axis_label
    view._draw_axis_label = function (...given) {
      painted[name] = this._axis_label_view?.model.text
      return paint.apply(this, given)
    }
  }
}"""


def test_another_model_brings_its_units_to_the_axes(explore: Callable[..., Explore]) -> None:
    shown = explore("model=Izhikevich")
    shown.page.evaluate(_PAINTED)
    shown.page.get_by_role("combobox", name="Model", exact=True).first.select_option("QIF")
    shown.page.wait_for_function("painted.current_plot === 'I (pA)'")
    shown.page.wait_for_function("painted.phase_plane_plot === 'dv/dt (mV/ms)'")


def test_the_states_of_a_model_go_when_another_comes(explore: Callable[..., Explore]) -> None:
    """And no curve is ever without its column: what Bokeh says of one that is fails any test."""
    shown = explore("model=Izhikevich")
    for model, states in (("AdEx", "time,w"), ("HodgkinHuxley", "time,m,h,n"), ("QIF", "time")):
        before = shown.redraws
        shown.page.get_by_role("combobox", name="Model", exact=True).first.select_option(model)
        shown.redrawn(before + 1)
        shown.page.wait_for_function(
            "(names) => Object.keys(seen.find('states').data).join() === names", arg=states
        )
