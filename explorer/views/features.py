"""The features of a run in a table: eFEL's names, values, units."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np
import panel as pn

MAIN = (
    "Spikecount",
    "mean_frequency",
    "time_to_first_spike",
    "ISI_CV",
    "adaptation_index2",
    "burst_number",
    "AP_amplitude",
    "AP_duration_half_width",
    "AHP_depth",
    "sag_amplitude",
    "voltage_base",
    "steady_state_voltage_stimend",
)
"""Features that stand first."""

_NO_UNIT = (
    "count", "number", "_CV", "index", "indices", "slope_skip", "log_slope", "semilog", "_ratio",
    "spikes_per",
)  # fmt: skip
_VOLTS = ("voltage",)
_HZ = ("frequency", "freq", "inv_")
_PER_MS = ("rate", "stroke", "phaseslope")
_MS = ("time", "ISI", "duration", "width")


def unit(name: str, volts: str) -> str:
    """The unit of a feature, read off eFEL's name.

    Parameters
    ----------
    volts : unit of the first state.
    """
    per = f"{volts}/ms" if volts else "1/ms"
    for marks, found in (
        (_NO_UNIT, ""), (_VOLTS, volts), (_HZ, "Hz"), (_PER_MS, per), (_MS, "ms")
    ):  # fmt: skip
        if any(mark.lower() in name.lower() for mark in marks):
            return found
    return volts


def value(found: Any) -> str:
    """A feature as text; of one value per spike the mean."""
    if isinstance(found, np.ndarray):
        sound = found[np.isfinite(found)] if found.size else found
        if sound.size == 0:
            return "–"
        return number(float(sound.mean()))
    if found is None or (isinstance(found, float) and not np.isfinite(found)):
        return "–"
    return found if isinstance(found, str) else number(float(found))


def number(found: float) -> str:
    """Four digits; what is zero but for rounding is zero."""
    return "0" if abs(found) < 1e-9 else f"{found:.4g}".replace("-", "−")


def many(found: Any) -> str:
    """How many values the text of a feature is the mean of, where there are several."""
    count = int(np.isfinite(found).sum()) if isinstance(found, np.ndarray) else 0
    return f"mean of {count}" if count > 1 else ""


def rows(found: Mapping[str, Any], volts: str, everything: bool) -> list[tuple[str, str, str, str]]:
    """(name, how many, value, unit) of the main features, or of all."""
    named = [name for name in found if name != "pattern"]
    shown = [*MAIN, *(n for n in named if n not in MAIN)] if everything else MAIN
    return [
        (name, many(found.get(name)), value(found.get(name)), unit(name, volts)) for name in shown
    ]


class Features:
    """The table; its style sheet is given by the page."""

    def __init__(self, stylesheet: str) -> None:
        self.pane = pn.pane.HTML(
            "", margin=0, sizing_mode="stretch_width", stylesheets=[stylesheet]
        )

    def update(self, found: Mapping[str, Any], volts: str, everything: bool) -> None:
        """Show the features of a run."""
        body = "".join(
            f'<tr><th scope="row">{escape(name)} <small>{count}</small></th>'
            f"<td>{escape(shown)}</td><td>{escape(of) if shown != '–' else ''}</td></tr>"
            for name, count, shown, of in rows(found, volts, everything)
        )
        self.pane.object = f"<table><tbody>{body}</tbody></table>"
