"""The pages with diagrams in a browser, as their tests see them: sources, plots, sentences."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from .explore import BARE

_FIND = "(name) => window.Bokeh?.documents?.[0]?.get_model_by_name(name)"
_FILLED = f"""([name, column]) => {{
  const data = ({_FIND})(name)?.data
  return Boolean(data && data[column]?.length > 0)
}}"""
_VALUES = f"""([name, column]) => Array.from(({_FIND})(name).data[column])"""
_PLACE = f"""([name, x, y]) => {{
  const view = Bokeh.index.find_one(({_FIND})(name))
  const {{left, top}} = view.canvas_view.el.getBoundingClientRect()
  return [left + view.frame.x_scale.compute(x), top + view.frame.y_scale.compute(y)]
}}"""
_STILL = f"""(name) => {{
  const model = ({_FIND})(name)
  const view = model && Bokeh.index.find_one(model)
  if (!(view?.frame?.bbox.width > 0) || document.readyState !== "complete") {{ return false }}
  view.canvas_view.el.scrollIntoView({{block: "center"}})
  const {{left, top, width, height}} = view.canvas_view.el.getBoundingClientRect()
  const place = [left, top, width, height].join()
  const still = window.lastPlace === place
  window.lastPlace = place
  return still
}}"""
"""Whether a plot stands where it stood when this was asked last."""


class Diagrams:
    """A page with diagrams, ready to be driven."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.wait_for_function("window.Bokeh?.documents?.[0]?.is_idle")

    def filled(self, source: str, column: str) -> None:
        """Wait until a source has something to draw."""
        self.page.wait_for_function(_FILLED, arg=[source, column])

    def values(self, source: str, column: str) -> list[Any]:
        return self.page.evaluate(_VALUES, [source, column])

    def until(self, source: str, column: str, value: float) -> None:
        """Wait until the first value of a column is near another one."""
        self.page.wait_for_function(
            f"([name, column, value]) => Math.abs(({_FIND})(name).data[column][0] - value) < 1e-6",
            arg=[source, column, value],
        )

    def click(self, plot: str, x: float, y: float) -> None:
        """Click a place of a plot, in the units of its axes."""
        self.page.mouse.click(*self._place(plot, x, y))

    def hover(self, plot: str, x: float, y: float) -> None:
        """Put the pointer over a place of a plot, in the units of its axes."""
        self.page.mouse.move(*self._place(plot, x, y))

    def _place(self, plot: str, x: float, y: float) -> tuple[float, float]:
        self.page.wait_for_function(_STILL, arg=plot, polling=250)
        left, top = self.page.evaluate(_PLACE, [plot, x, y])
        self.page.wait_for_function(BARE, arg=[left, top])
        return left, top

    def field(self, name: str) -> Any:
        """The number beside a slider."""
        return self.page.get_by_role("textbox", name=name, exact=True)

    def choose(self, select: str, option: str) -> None:
        self.page.get_by_role("combobox", name=select, exact=True).click()
        self.page.get_by_role("listbox").locator("li", has_text=option).first.click()
