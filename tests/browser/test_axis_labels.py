"""What is written at an axis is what it shows, also after another model was chosen."""

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
