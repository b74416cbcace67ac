"""Recorded runs of the published libraries, replayed through this package's own interface.

A case is a recorded run: the settings its library was constructed with, and its inputs. `plan_of`
turns it into a model of the catalogue and one of its published methods; `replay` runs that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

import models
from models import NeuronModel, published
from models.published import ngc_learn, ngc_learn_rate, spyketorch
from models.published.step import Tick, drive, join, resolve, settings_of, split

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Plan:
    """A case in the terms of this package.

    Attributes
    ----------
    cell, method, dt, initial, options, vary : as `models.published.run_many` takes them.
    samples : (T, ...) input; trailing axes are cells.
    batch : whether the one cell stands for a batch of one, on an axis of its own.
    outputs : what the library returned that no step computes.
    """

    cell: NeuronModel
    method: str
    samples: np.ndarray
    dt: float
    initial: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    vary: Mapping[str, np.ndarray] = field(default_factory=dict)
    batch: bool = False
    outputs: Arrays = field(default_factory=dict)


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
    plan = plan_of(case, inputs)
    if plan.samples.ndim == 4:
        return _layer(plan) | plan.outputs
    if plan.samples.ndim > 1:
        return dict(_many(plan).outputs) | plan.outputs
    run = plan.cell.simulate(
        plan.samples,
        dt=plan.dt,
        method=plan.method,
        initial=plan.initial,
        options=plan.options,
    )
    outputs = dict(run.outputs)
    if plan.batch:
        outputs = {
            name: rows[:, None] if rows.ndim == 1 else rows for name, rows in outputs.items()
        }
    return outputs | plan.outputs


def one_step(case: dict[str, Any], recorded: Mapping[str, np.ndarray]) -> Arrays:
    """The library's single-precision run, each step taken from the recorded state before it.

    Parameters
    ----------
    case : the sidecar of a recorded run.
    recorded : all its arrays. What was not recorded in single precision is taken from the run in
        double precision.

    Returns
    -------
    {row: array} in single precision, index k for the value after step k from state k - 1.
    """
    single = {name[:-4]: values for name, values in recorded.items() if name.endswith("_f32")}
    known = dict(recorded) | single
    plan = plan_of(case, {name: values for name, values in known.items() if is_input(name)})
    step = published.published_step(type(plan.cell), plan.method)
    record = _many(plan)
    known = dict(record.rows) | known
    currents = [row for row in step.rows if row[0] == "w" and row[1:].isdigit()]
    for place, row in enumerate(currents):
        column = known["w"][:, place].reshape(-1, *[1] * (plan.samples.ndim - 1))
        known[row] = np.broadcast_to(column, plan.samples.shape)

    def before(row: str) -> np.ndarray:
        rows = np.asarray(known[row], float).reshape(plan.samples.shape)
        return np.concatenate([np.broadcast_to(record.first[row], rows[:1].shape), rows[:-1]])

    p = plan.cell.p._replace(**plan.vary)
    settings = settings_of(step, p, resolve(step, p, plan.options), plan.dt)
    q = join(*split(settings, np.float32))
    dt = np.float32(plan.dt)
    after = jax.jit(
        jax.vmap(
            lambda row, current, series, time: step.advance(row, Tick(current, series, time, dt), q)
        )
    )(
        np.stack([before(row) for row in step.rows], axis=1).astype(np.float32),
        plan.samples.astype(np.float32),
        drive(step, plan.samples.shape, plan.options, 0).astype(np.float32),
        np.float32(record.time[:-1]),
    )
    found = {row: np.asarray(after[:, place]) for place, row in enumerate(step.rows)}
    if currents:
        columns = [found[row].reshape(len(record.time) - 1, -1)[:, 0] for row in currents]
        found["w"] = np.stack(columns, axis=1)
    return found


def is_input(name: str) -> bool:
    """Whether a recorded array is an input of its run."""
    return name in ("I", "j_input", "j_recurrent", "eps") or name.startswith("attr_")


def plan_of(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Plan:
    """How a case is run here."""
    return _SYSTEMS[case["system"]](case, inputs)


def _layer(plan: Plan) -> Arrays:
    options = dict(plan.options)
    layer = models.Layer(
        plan.cell,
        plan.samples.shape[1:],
        vary=plan.vary,
        winners=options.pop("n_winners"),
        inhibition=options.pop("inhibition_mode", "feature"),
    )
    run = layer.simulate(
        plan.samples, dt=plan.dt, method=plan.method, initial=plan.initial, options=options
    )
    return dict(run.outputs)


def _many(plan: Plan) -> published.Record:
    return published.run_many(
        plan.cell,
        plan.samples,
        plan.dt,
        plan.method,
        initial=plan.initial,
        options=plan.options,
        vary=plan.vary,
    )


# --- ngc-learn ----------------------------------------------------------------------------------


def _ngc_izhikevich(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Plan:
    given = case["params"]
    return Plan(
        models.Izhikevich(
            a=1.0 / given["tau_w"],
            b=given["coupling_factor"],
            c=given["v_reset"],
            d=given["w_reset"],
            v_peak=given["v_thr"],
            tau_m=given["tau_m"],
            R=given.get("resist_m", given.get("R_m", 1.0)),
        ),
        ngc_learn.method_for("Izhikevich", case["scheme"]),
        inputs["I"],
        case["dt"],
        {"v": case["init"]["v"], "u": case["init"]["w"]},
    )


def _ngc_hodgkin_huxley(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Plan:
    given = case["params"]
    settings = ("resist_m", "thr", "spike_reset", "v_reset")
    return Plan(
        models.HodgkinHuxley(
            g_Na=given["g_Na"],
            g_K=given["g_K"],
            g_L=given["g_L"],
            E_Na=given["v_Na"],
            E_K=given["v_K"],
            E_L=given["v_L"],
            C=given["tau_v"],
            v_offset=0.0,
        ),
        ngc_learn.method_for("HodgkinHuxley", case["scheme"]),
        inputs["I"],
        case["dt"],
        case["init"],
        {name: given[name] for name in settings if name in given},
    )


def _ngc_leaky_noise(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Plan:
    given = case["params"]
    return Plan(
        models.LeakyNoise(
            tau=given["tau_x"],
            leak=given["leak_scale"],
            sigma_pre=given["sigma_pre"],
            sigma_post=given["sigma_post"],
            activation=case["act"],
        ),
        ngc_learn_rate.method_for(case["scheme"]),
        inputs["j_input"],
        case["dt"],
        case["init"],
        {name: inputs[name] for name in ("eps", "j_recurrent") if name in inputs},
    )


# --- Inferno ------------------------------------------------------------------------------------


def _inferno(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Plan:
    given, call = case["params"], case["call"]
    columns = [
        np.atleast_1d(given[name]).astype(float).tolist()
        for name in ("tc_adaptation", "voltage_coupling", "spike_increment")
    ]
    count = max(map(len, columns))
    columns = [column + column[-1:] * (count - len(column)) for column in columns]
    adaptations: dict[str, float] = {}
    for place, (tau, coupling, jump) in zip(
        _places(count), zip(*columns, strict=True), strict=True
    ):
        adaptations |= {f"a{place}": 1.0 / tau, f"b{place}": coupling, f"d{place}": jump}
    first = case["init"]
    currents = np.broadcast_to(np.asarray(first["w"], float), (count,)).tolist()
    samples = np.asarray(inputs["I"], float)
    alone = samples.shape[1] == 1
    return Plan(
        models.AdaptiveQuadratic.with_adaptations(count)(
            C=given["tc_membrane"],
            k=given["affinity"],
            v_rest=given["rest_v"],
            v_crit=given["crit_v"],
            c=given["reset_v"],
            v_peak=given["thresh_v"],
            t_ref=given["refrac_t"],
            **adaptations,
        ),
        "inferno",
        samples[:, 0] if alone else samples,
        case["dt"],
        {"v": first["v"]} | {f"u{k}": w for k, w in zip(_places(count), currents, strict=True)},
        {
            "resistance": given.get("resistance", 1.0),
            "refrac_lock": call["refrac_lock"],
            "training": call["training"],
            "adapt": {None: "auto", True: "on", False: "off"}[call["adapt"]],
            "batch": not alone,
        },
        batch=True,
    )


def _places(count: int) -> list[str]:
    """What numbers the adaptations of the adaptive quadratic model: nothing, 2, 3 and so on."""
    return ["", *map(str, range(2, count + 1))]


# --- SpykeTorch-Extended ------------------------------------------------------------------------

_CLASSES = {
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
_THRESHOLDS = ("_threshold", "per_neuron_threshold", "per_neuron_thresh", "_per_neuron_thresh")


def _spyketorch(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Plan:
    name, method = _CLASSES[case["cls"]]
    model = models.catalogue[name]
    samples = np.asarray(inputs["I"], float)
    library = _attributes(case)
    dt = _milliseconds(library["ts"])
    cell = _accepted(model, _parameters(name, library, dt))

    known = published.published_step(model, method).options
    options: dict[str, Any] = {"n_winners": case["n_winners"]}
    if library["inhibition_mode"] == "location":
        options["inhibition_mode"] = "location"
    for setting, option in known.items():
        if setting in library and option.default != library[setting]:
            # Passed on if no parameter has it to the last digit: the model may refuse it.
            held = callable(option.default) and option.default(cell.p) == library[setting]
            if not held and not option.is_static:
                options[setting] = float(library[setting])
    if case["cls"] == "EIF_Simple" and any("per_neuron" in given for given in case["params"]):
        options["per_neuron_threshold"] = True

    arrays = _arrays(case, inputs, samples.ndim)
    vary: dict[str, np.ndarray] = {}
    outputs: Arrays = {}
    if "tau_range" in case["params"]:
        low, high = case["params"]["tau_range"]
        outputs["taus"] = spyketorch.uniform_taus(samples.shape[1], (low, high), case["seed"])
        vary = {"tau_m": 1e3 * outputs["taus"][0]}
        options["C"] = library["C"]
    elif "tau_rc" in arrays and name != "AdEx":
        taus = 1e3 * arrays.pop("tau_rc")
        options["C"] = library["C"]
        vary = {"g_L": 1e3 * library["C"] / taus} if name == "EIF" else {"tau_m": taus}
    options |= {setting: values for setting, values in arrays.items() if setting in known}
    return Plan(
        cell, method, samples, dt, _first(name, case, library), options, vary, outputs=outputs
    )


def _attributes(case: dict[str, Any]) -> dict[str, Any]:
    """The attributes of the library's neuron that its step reads, under their public names."""
    library = {name: value for name, value in case["resolved"].items() if value is not None}
    if "_threshold" in library:
        library["threshold"] = library["_threshold"]
    ts = library["ts"]
    # These classes read what their constructor made of the time constant, not the constant.
    if case["cls"] == "LIF_ode" and "ts_over_tau" in library:
        used = ts / library["ts_over_tau"]
    elif case["cls"] in ("LIF_Simple", "EIF_Simple") and "decay" in library:
        used = ts / (1.0 - library["decay"])
    else:
        used = library.get("tau_rc", 0.02)
    if not math.isclose(used, library.get("tau_rc", math.nan), rel_tol=1e-9):
        library["tau_rc"] = used
    for name in case["params"]:
        if "per_neuron" in name and isinstance(case["params"][name], int | float):
            library["threshold"] = case["params"][name]
    return library


def _arrays(
    case: dict[str, Any], inputs: Mapping[str, np.ndarray], axes: int
) -> dict[str, np.ndarray]:
    """The attributes that were set to arrays (1, F, 1, 1), without their batch axis."""
    arrays: dict[str, np.ndarray] = {}
    for name, values in inputs.items():
        if not name.startswith("attr_"):
            continue
        setting = name.removeprefix("attr_")
        values = np.asarray(values, float)
        values = values.reshape(()) if axes == 1 else values.reshape(values.shape[-(axes - 1) :])
        if setting in _THRESHOLDS:
            arrays["threshold"] = values
        elif setting == "ts_over_tau" and case["cls"] == "LIF_ode":
            arrays["tau_rc"] = case["resolved"]["ts"] / values
        elif setting == "decay":
            arrays["tau_rc"] = case["resolved"]["ts"] / (1.0 - values)
        elif setting != "tau_rc" or case["cls"] not in ("LIF_ode", "LIF_Simple", "EIF_Simple"):
            arrays[setting] = values
    return arrays


def _parameters(name: str, library: Mapping[str, Any], dt: float) -> dict[str, float]:
    """The parameters of a model of the catalogue from the library's attributes."""
    threshold = library.get("threshold", 1.0)
    if name == "Izhikevich":
        return {
            "v_peak": threshold,
            "c": library["v_reset"],
            **{key: library[key] for key in "abd" if key in library},
        }
    tau, C = 1e3 * library.get("tau_rc", 0.02), 1e3 * library.get("C", 0.281)
    parameters = {
        "v_rest": library.get("resting_potential", 0.0),
        "v_reset": library.get("v_reset", 0.0),
        "t_ref": library["refractory_timesteps"] * dt,
        ("v_threshold" if name in ("IF", "LIF") else "v_peak"): threshold,
    }
    if name == "IF":
        parameters["C"] = C
    elif name in ("LIF", "QIF"):
        parameters |= {"tau_m": tau, "R": 1e3 * tau / C}
    else:
        parameters |= {"C": C, "g_L": C / tau}
    others = {
        "delta_T": library.get("delta_t"),
        "v_T": library.get("theta_rh"),
        "v_crit": library.get("u_c"),
        "a": library.get("a"),
        "b": library.get("b"),
        "tau_w": 1e3 * library.get("tau_w", 1.0),
    }
    known = models.catalogue[name].quantities()
    return parameters | {
        key: value for key, value in others.items() if key in known and value is not None
    }


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
