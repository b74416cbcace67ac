"""Labels of axes that change with the model are painted again once they are ready."""

from __future__ import annotations

from panel.custom import JSComponent


class AxisLabels(JSComponent):
    """Has a plot painted when the new label of one of its axes is there.

    Bokeh 3.9 makes a label anew in its own time and asks for no paint afterwards. The axes are on a
    canvas that stays as it is while curves move, so that a plot kept the unit of the model before:
    mV/ms at a current in pA, "u" at the axis of a rate of change.
    Guard: `tests/browser/test_axis_labels.py` chooses another model.
    """

    _esm = """
    export function render({el}) {
      el.style.display = "none"
      const {AxisView} = Bokeh.require("models/axes/axis")
      const axis = AxisView.prototype
      if (axis.repaints) { return }
      axis.repaints = true
      const make = axis._init_axis_label
      axis._init_axis_label = async function () {
        await make.call(this)
        if (this.layout != null) { this.plot_view.request_layout() }
      }
    }
    """
