"""SpykeTorch-Extended in its own names: what its constructors make of their arguments.

The library thinks in seconds and nF, with an attribute for each argument and some derived from
them. Given these, `parameters` says which cell of the catalogue is meant, and `classes` which model
and method.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ..model import NeuronModel

Attributes = dict[str, float]
"""Attributes of an object of the library that are plain numbers, by name."""

classes: Mapping[str, tuple[str, str]] = {
    "IF": ("IF", "spyketorch"),
    "LIF": ("LIF", "spyketorch"),
    "LIF_ode": ("LIF", "spyketorch:ode"),
    "LIF_Simple": ("LIF", "spyketorch:simple"),
    "UniformLIF": ("LIF", "spyketorch:uniform"),
    "EIF": ("EIF", "spyketorch"),
    "EIF_Simple": ("EIF", "spyketorch:simple"),
    "QIF": ("QIF", "spyketorch"),
    "AdEx": ("AdEx", "spyketorch"),
    "Izhikevich": ("Izhikevich", "spyketorch"),
}
"""The library's classes that can be constructed: which model that is here, and which method."""

PER_NEURON = ("per_neuron_threshold", "per_neuron_thresh", "_per_neuron_thresh")
"""The names under which the library keeps thresholds per neuron."""

_DEFAULTS = {
    "ts": 0.001,
    "tau_rc": 0.02,
    "C": 0.281,
    "resting_potential": 0.0,
    "refractory_timesteps": 2,
    "delta_t": 0.5,
}
_DEFAULTS_OF = {
    "AdEx": {"a": 0.6, "b": 0.7, "tau_w": 1.0},
    "QIF": {"a": 0.001},
    "Izhikevich": {"a": 0.02, "b": 0.2, "d": 8.0},
}


def constructed(cls: str, given: Mapping[str, float], threshold: float) -> Attributes:
    """The attributes that a class has after construction.

    Parameters
    ----------
    cls : one of `classes`.
    given : the arguments of its constructor that are numbers.
    threshold : the one it has if `given` names none.
    """
    library: Attributes = {**_DEFAULTS, **_DEFAULTS_OF.get(cls, {}), **given}
    threshold = library.get("threshold", threshold)
    for name in PER_NEURON:
        threshold = library.get(name, threshold)
    return {
        "threshold": threshold,
        "v_reset": library["resting_potential"],
        "theta_rh": threshold - abs(threshold) / 4.0,
        "u_c": threshold - abs(threshold) / 4.0,
        "R": library["tau_rc"] / library["C"],
        "ts_over_tau": library["ts"] / library["tau_rc"],
        "decay": 1.0 - library["ts"] / library["tau_rc"],
        "refractoriness": library["refractory_timesteps"] * library["ts"],
    } | library


def use_what_was_precomputed(cls: str, library: Attributes, arrays: dict[str, np.ndarray]) -> None:
    """Put back, in place, what a class made of its arguments in its constructor and reads since.

    Parameters
    ----------
    cls : one of `classes`.
    library : its attributes that are numbers, as `constructed` gives them.
    arrays : those that were set to arrays later.

    Raises
    ------
    ValueError
        If its refractory time is no whole number of steps.
    """
    ts = library["ts"]
    steps = library["refractory_timesteps"] = round(library["refractoriness"] / ts)
    if not math.isclose(steps * ts, library["refractoriness"], rel_tol=1e-9):
        raise ValueError(
            f"`refractoriness` is {library['refractoriness']} s and `ts` {ts} s: give a whole "
            "number of steps."
        )
    if cls == "LIF_ode":
        arrays.pop("tau_rc", None)
        used = ts / library["ts_over_tau"]
        if "ts_over_tau" in arrays:
            arrays["tau_rc"] = ts / arrays["ts_over_tau"]
    elif cls in ("LIF_Simple", "EIF_Simple"):
        arrays.pop("tau_rc", None)
        used = ts / (1.0 - library["decay"])
        if "decay" in arrays:
            arrays["tau_rc"] = ts / (1.0 - arrays["decay"])
    else:
        used = library["tau_rc"]
    if not math.isclose(used, library["tau_rc"], rel_tol=1e-9):
        library["tau_rc"] = used


def parameters(
    model: type[NeuronModel], library: Mapping[str, float], dt: float
) -> dict[str, float]:
    """The parameters that a class's attributes stand for.

    Parameters
    ----------
    model : the model that `classes` names for the class.
    library : its attributes, s and nF.
    dt : step, ms.

    Returns
    -------
    {parameter: value}, ms, pF, nS and mV; not checked against the model's bounds.
    """
    name = model.__name__
    if name == "Izhikevich":
        return {"v_peak": library["threshold"], "c": library["v_reset"]} | {
            key: library[key] for key in "abd"
        }
    tau, C = 1e3 * library["tau_rc"], 1e3 * library["C"]
    parameters = {
        "v_rest": library["resting_potential"],
        "v_reset": library["v_reset"],
        "t_ref": library["refractory_timesteps"] * dt,
        ("v_threshold" if name in ("IF", "LIF") else "v_peak"): library["threshold"],
    }
    if name == "IF":
        parameters["C"] = C
    elif name in ("LIF", "QIF"):
        parameters |= {"tau_m": tau, "R": 1e3 * tau / C}
    else:
        parameters |= {"C": C, "g_L": C / tau}
    others = {
        "delta_T": library["delta_t"],
        "v_T": library["theta_rh"],
        "v_crit": library["u_c"],
        "a": library.get("a"),
        "b": library.get("b"),
        "tau_w": 1e3 * library.get("tau_w", 1.0),
    }
    known = model.quantities()
    return parameters | {
        key: value for key, value in others.items() if key in known and value is not None
    }


def milliseconds(ts: float) -> float:
    """The step in ms that is exactly `ts` seconds when divided by 1000."""
    dt = 1e3 * ts
    for candidate in (dt, math.nextafter(dt, 0.0), math.nextafter(dt, math.inf)):
        if candidate / 1e3 == ts:
            return candidate
    return dt
