"""Recorded runs of the published libraries, replayed through this package's own interface.

A case is a recorded run: the settings its library was constructed with, and its inputs. `replay`
turns it into a model of the catalogue and one of its published methods.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

import models
from models import NeuronModel, published
from models.published import ngc_learn, ngc_learn_rate, spyketorch

Arrays = dict[str, np.ndarray]


def replay(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Arrays:
    """What the library returned for a case, under the recorded names.

    Parameters
    ----------
    case : the sidecar of a recorded run.
    inputs : its input arrays only: `I`, `j_input`, `j_recurrent`, `eps`, `attr_*`.

    Returns
    -------
    {name: array} with index k for the value after step k.
    """
    return _SYSTEMS[case["system"]](case, inputs)


# --- ngc-learn ----------------------------------------------------------------------------------


def _ngc_izhikevich(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Arrays:
    given = case["params"]
    cell = models.Izhikevich(
        a=1.0 / given["tau_w"],
        b=given["coupling_factor"],
        c=given["v_reset"],
        d=given["w_reset"],
        v_peak=given["v_thr"],
        tau_m=given["tau_m"],
        R=given.get("resist_m", given.get("R_m", 1.0)),
    )
    run = cell.simulate(
        inputs["I"],
        dt=case["dt"],
        method=ngc_learn.method_for("Izhikevich", case["scheme"]),
        initial={"v": case["init"]["v"], "u": case["init"]["w"]},
    )
    return dict(run.outputs)


def _ngc_hodgkin_huxley(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Arrays:
    given = case["params"]
    cell = models.HodgkinHuxley(
        g_Na=given["g_Na"],
        g_K=given["g_K"],
        g_L=given["g_L"],
        E_Na=given["v_Na"],
        E_K=given["v_K"],
        E_L=given["v_L"],
        C=given["tau_v"],
        v_offset=0.0,
    )
    run = cell.simulate(
        inputs["I"],
        dt=case["dt"],
        method=ngc_learn.method_for("HodgkinHuxley", case["scheme"]),
        initial=case["init"],
        options={
            name: given[name]
            for name in ("resist_m", "thr", "spike_reset", "v_reset")
            if name in given
        },
    )
    return dict(run.outputs)


def _ngc_leaky_noise(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Arrays:
    given = case["params"]
    cell = models.LeakyNoise(
        tau=given["tau_x"],
        leak=given["leak_scale"],
        sigma_pre=given["sigma_pre"],
        sigma_post=given["sigma_post"],
        activation=case["act"],
    )
    record = published.run_many(
        cell,
        inputs["j_input"],
        dt=case["dt"],
        method=ngc_learn_rate.method_for(case["scheme"]),
        initial=case["init"],
        options={name: inputs[name] for name in ("eps", "j_recurrent") if name in inputs},
    )
    return dict(record.rows)


# --- Inferno ------------------------------------------------------------------------------------


def _inferno(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Arrays:
    given, call = case["params"], case["call"]
    taus, couplings, jumps = (
        np.atleast_1d(given[name]).astype(float).tolist()
        for name in ("tc_adaptation", "voltage_coupling", "spike_increment")
    )
    count = max(len(taus), len(couplings), len(jumps))
    taus += taus[-1:] * (count - len(taus))  # the library repeats the last
    adaptations = {
        f"{name}{place or ''}": value
        for place, values in zip(
            (0, *range(2, count + 1)), zip(taus, couplings, jumps, strict=True), strict=True
        )
        for name, value in zip("abd", (1.0 / values[0], *values[1:]), strict=True)
    }
    cell = models.AdaptiveQuadratic.with_adaptations(count)(
        C=given["tc_membrane"],
        k=given["affinity"],
        v_rest=given["rest_v"],
        v_crit=given["crit_v"],
        c=given["reset_v"],
        v_peak=given["thresh_v"],
        t_ref=given["refrac_t"],
        **adaptations,
    )
    first = case["init"]
    currents = np.broadcast_to(np.asarray(first["w"], float), (count,))
    names = ("u", *(f"u{k}" for k in range(2, count + 1)))
    record = published.run_many(
        cell,
        inputs["I"],
        dt=case["dt"],
        method="inferno",
        initial={"v": first["v"], **dict(zip(names, map(float, currents), strict=True))},
        options={
            "resistance": given.get("resistance", 1.0),
            "refrac_lock": call["refrac_lock"],
            "training": call["training"],
            "adapt": {None: "auto", True: "on", False: "off"}[call["adapt"]],
            "batch": True,
        },
    )
    return dict(record.rows)


# --- SpykeTorch-Extended --------------------------------------------------------------------------

_SPYKETORCH = {
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
_LEVELS = ("v_rest", "v_reset", "v_threshold", "v_peak", "v_T", "v_crit", "c")


def _spyketorch(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Arrays:
    name, method = _SPYKETORCH[case["cls"]]
    model = models.catalogue[name]
    library = _resolved(case)
    dt = _milliseconds(library["ts"])
    cell = _accepted(model, _parameters(name, library, dt))
    options: dict[str, Any] = {
        "n_winners": case["n_winners"],
        "inhibition_mode": library["inhibition_mode"],
    }
    if name == "Izhikevich":
        options["refractory_timesteps"] = float(library["refractory_timesteps"])
        options["resting_potential"] = library["resting_potential"]
    if method == "spyketorch:uniform":
        options["tau_rc"] = library["tau_rc"]
    if "per_neuron_threshold" in case["params"]:
        options["threshold"] = np.asarray(case["params"]["per_neuron_threshold"], float)
        if case["cls"] == "EIF_Simple":
            options["per_neuron_threshold"] = True
    # What the model refuses, or holds only to the last digit but one.
    for setting, option in published.published_step(model, method).options.items():
        if callable(option.default) and setting in library and setting not in options:
            value = library[setting]
            if option.default(cell.p) != value:
                options[setting] = value

    samples = np.asarray(inputs["I"], float)
    vary: dict[str, np.ndarray] = {}
    outputs: Arrays = {}
    if "attr_tau_rc" in inputs:
        taus = 1e3 * inputs["attr_tau_rc"][0]
        vary = _varied_time_constant(cell, taus)
        options["C"] = library["C"]
    if "tau_range" in case["params"]:
        low, high = case["params"]["tau_range"]
        taus = spyketorch.uniform_taus(samples.shape[1], (low, high), case["seed"])
        vary = _varied_time_constant(cell, 1e3 * taus[0])
        outputs["taus"] = taus
    record = published.run_many(
        cell,
        samples,
        dt,
        method,
        initial=_first(name, case, library),
        options=options,
        vary=vary,
    )
    return dict(record.rows) | outputs


def _resolved(case: dict[str, Any]) -> dict[str, Any]:
    """The attributes of the library's neuron that its step reads, under their public names."""
    library = {name: value for name, value in case["resolved"].items() if value is not None}
    library["threshold"] = library.pop("_threshold")
    ts = library["ts"]
    # These classes read what their constructor made of the time constant, not the constant.
    if case["cls"] == "LIF_ode":
        derived = ts / library["ts_over_tau"]
    elif case["cls"] in ("LIF_Simple", "EIF_Simple"):
        derived = ts / (1.0 - library["decay"])
    else:
        derived = library.get("tau_rc", 0.02)
    if not math.isclose(derived, library.get("tau_rc", math.nan), rel_tol=1e-9):
        library["tau_rc"] = derived
    return library


def _parameters(name: str, library: Mapping[str, Any], dt: float) -> dict[str, float]:
    """The parameters of a model of the catalogue from the library's attributes."""
    if name == "Izhikevich":
        return {
            "v_peak": library["threshold"],
            "c": library["v_reset"],
            **{key: library[key] for key in "abd"},
        }
    tau, C = 1e3 * library["tau_rc"], 1e3 * library.get("C", 0.281)
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
        parameters |= {"delta_T": library["delta_t"], "v_T": library["theta_rh"]}
    if name == "QIF":
        parameters |= {"v_crit": library["u_c"], "a": library["a"]}
    if name == "AdEx":
        parameters |= {"a": library["a"], "b": library["b"], "tau_w": 1e3 * library["tau_w"]}
    return parameters


def _accepted(model: type[NeuronModel], parameters: Mapping[str, float]) -> NeuronModel:
    """The model with those parameters that it accepts: the library checks less."""
    within = {}
    for name, value in parameters.items():
        low, high = model.quantities()[name].bounds
        if low <= value <= high:
            within[name] = value
    try:
        return model(**within)
    except ValueError:
        return model(**{name: value for name, value in within.items() if name not in _LEVELS})


def _varied_time_constant(cell: NeuronModel, taus: np.ndarray) -> dict[str, np.ndarray]:
    """Time constants (F, 1, 1), ms, with the capacitance as it is."""
    if "g_L" in cell.quantities():
        return {"g_L": cell.parameters["C"] / taus}
    resistance = cell.parameters["R"] / cell.parameters["tau_m"]
    return {"tau_m": taus, "R": resistance * taus}


def _first(name: str, case: dict[str, Any], library: Mapping[str, Any]) -> dict[str, float]:
    first = case["init"]
    initial = {"v": float(first["u"])}
    if name == "AdEx":
        initial["w"] = float(first.get("w", 0.0))
    if name == "Izhikevich":
        initial["u"] = float(first.get("w", library["resting_potential"] * library["b"]))
    return initial


def _milliseconds(ts: float) -> float:
    """The step in ms that is exactly `ts` seconds when divided by 1000."""
    dt = 1e3 * ts
    for candidate in (dt, math.nextafter(dt, 0.0), math.nextafter(dt, math.inf)):
        if candidate / 1e3 == ts:
            return candidate
    return dt


_SYSTEMS = {
    "ngc_izhikevich": _ngc_izhikevich,
    "ngc_hodgkin_huxley": _ngc_hodgkin_huxley,
    "ngc_leaky_noise": _ngc_leaky_noise,
    "inferno_izhikevich": _inferno,
    "spyketorch": _spyketorch,
}
