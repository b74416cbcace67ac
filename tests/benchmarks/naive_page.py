"""The same pictures the usual way: DynamicMaps bound to stock sliders; `panel serve` runs it.

The peer of the browser benchmark, written as the guides of Panel and HoloViews teach it. It is
given every advantage that costs no restructuring: the same compiled simulation and analysis, the
simulation computed once per change, traces thinned as ours are, and canvas instead of WebGL, which
without a graphics card paints many times slower.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import holoviews as hv
import numpy as np
import panel as pn

import models
from explorer.picture import POINTS, extremes
from models import Run, analysis

GROUPS_SHOWN = 12  # sliders, as many as fit beside the pictures


@lru_cache(maxsize=4)
def simulate(model: str, amplitude: float, values: tuple[tuple[str, float], ...]) -> Run:
    """The first preset of a model with another amplitude and some other parameters."""
    preset = next(iter(models.catalogue[model].presets().values()))
    settings = {**preset.stimulus.settings, "amplitude": amplitude}
    stimulus = type(preset.stimulus)(**settings)
    cell = preset.model().replace(**dict(values))
    return cell.simulate(stimulus, preset.duration, preset.dt, preset.method)


def page(model: str) -> pn.Row:
    """Sliders on the left, four plots on the right."""
    cls = models.catalogue[model]
    preset = next(iter(cls.presets().values()))
    cell = preset.model()
    amplitude = _slider("Amplitude", preset.stimulus.amplitude, cls.current.softbounds)
    sliders = {
        name: _slider(quantity.label, getattr(cell, name), quantity.softbounds)
        for name, quantity in list(cls.quantities().items())[:GROUPS_SHOWN]
    }
    x, y = cls.plane()

    def run(amplitude: float, values: dict[str, float]) -> Run:
        return simulate(model, amplitude, tuple(sorted(values.items())))

    def voltage(amplitude: float, **values: float) -> hv.Curve:
        made = run(amplitude, values)
        return hv.Curve(_thin(made, made["v"]), "time", "v")

    def others(amplitude: float, **values: float) -> hv.Overlay:
        made = run(amplitude, values)
        names = cls.state_names()[1:]
        return hv.Overlay([hv.Curve(_thin(made, made[name]), "time", name) for name in names])

    def current(amplitude: float, **values: float) -> hv.Curve:
        made = run(amplitude, values)
        return hv.Curve((made.time[:-1], made.current), "time", "current")

    def plane(amplitude: float, **values: float) -> hv.Overlay:
        made = run(amplitude, values)
        lines = analysis.nullclines(made.cell, x=x, y=y, current=amplitude)
        columns, rows, u, v = analysis.vector_field(made.cell, x=x, y=y, current=amplitude, n=17)
        angle, speed = np.arctan2(v, u), np.log1p(np.hypot(u, v))
        field = hv.VectorField((columns[0], rows[:, 0], angle, speed), [x, y])
        drawn = extremes(made["v"], POINTS)
        return hv.Overlay(
            [
                field,
                *(hv.Path(lines[name], [x, y]) for name in (x, y)),
                hv.Curve((made[x][drawn], made[y][drawn]), x, y),
            ]
        )

    bound: dict[str, Any] = {"amplitude": amplitude, **sliders}
    size = {"width": 560, "responsive": False}
    pictures = [
        hv.DynamicMap(pn.bind(voltage, **bound)).opts(hv.opts.Curve(height=300, **size)),
        hv.DynamicMap(pn.bind(others, **bound)).opts(hv.opts.Curve(height=190, **size)),
        hv.DynamicMap(pn.bind(current, **bound)).opts(hv.opts.Curve(height=150, **size)),
    ]
    right = hv.DynamicMap(pn.bind(plane, **bound)).opts(
        hv.opts.Curve(width=520, height=520), hv.opts.VectorField(magnitude="Magnitude")
    )
    controls = pn.Column(amplitude, *sliders.values(), width=300)
    return pn.Row(controls, pn.Column(*pictures), right)


def _slider(label: str, value: float, span: tuple[float, float]) -> pn.widgets.FloatSlider:
    low, high = min(span[0], value), max(span[1], value)
    return pn.widgets.FloatSlider(
        name=label, value=value, start=low, end=high, step=(high - low) / 200.0
    )


def _thin(run: Run, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    drawn = extremes(values, POINTS)
    return run.time[drawn], values[drawn]


if pn.state.curdoc is not None:
    hv.extension("bokeh")
    hv.renderer("bokeh").webgl = False
    asked = pn.state.session_args.get("model", [b"Izhikevich"])[0].decode()
    page(asked).servable()
