"""Recorded runs of the published libraries, replayed through this package's own interface.

A case is a recorded run: the settings its library was constructed with, and its inputs. `plan_of`
turns it into a model of the catalogue and one of its published methods; `replay` runs that. The
file needs `models` alone and can be loaded by its path.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import models
from models import NeuronModel, published
from models.published import ngc_learn, ngc_learn_rate, spyketorch
from models.published.spyketorch_attributes import (
    PER_NEURON,
    classes,
    constructed,
    milliseconds,
    parameters,
    use_what_was_precomputed,
)

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
        return dict(record_of(plan).outputs) | plan.outputs
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


def is_input(name: str) -> bool:
    """Whether a recorded array is an input of its run."""
    return name in ("I", "j_input", "j_recurrent", "eps") or name.startswith("attr_")


def plan_of(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Plan:
    """How a case is run here; ValueError, in one sentence, if it cannot be."""
    if case.get("system") not in _SYSTEMS:
        raise ValueError(
            f"`system` is {case.get('system')!r}: choose one of {', '.join(_SYSTEMS)}."
        )
    return _SYSTEMS[case["system"]](case, inputs)


def record_of(plan: Plan, dtype: Any = np.float64) -> published.Record:
    """The run of a plan, row by row, in numbers of `dtype`."""
    return published.run_many(
        plan.cell,
        plan.samples,
        plan.dt,
        plan.method,
        initial=plan.initial,
        options=plan.options,
        vary=plan.vary,
        dtype=dtype,
    )


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


# --- ngc-learn ----------------------------------------------------------------------------------

_IZHIKEVICH = {
    "tau_m": 1.0,
    "resist_m": 1.0,
    "v_thr": 30.0,
    "v_reset": -65.0,
    "tau_w": 50.0,
    "w_reset": 8.0,
    "coupling_factor": 0.2,
    "v0": -65.0,
    "w0": -14.0,
}
_HODGKIN_HUXLEY = {
    "tau_v": 1.0,
    "v_Na": 115.0,
    "v_K": -35.0,
    "v_L": 10.6,
    "g_Na": 100.0,
    "g_K": 5.0,
    "g_L": 0.3,
}
_GATES_AT_ZERO = {"n": 0.31767691406069737, "m": 0.05293248525724958, "h": 0.5961207535084603}
_LEAKY_NOISE = {"sigma_pre": 0.1, "sigma_post": 0.1, "leak_scale": 1.0}


def _ngc_izhikevich(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Plan:
    given = _IZHIKEVICH | _part(case, "params")
    first = {"v": given["v0"], "w": given["w0"]} | _part(case, "init")
    return Plan(
        models.Izhikevich(
            a=1.0 / given["tau_w"],
            b=given["coupling_factor"],
            c=given["v_reset"],
            d=given["w_reset"],
            v_peak=given["v_thr"],
            tau_m=given["tau_m"],
            R=given.get("R_m", given["resist_m"]),
        ),
        ngc_learn.method_for("Izhikevich", case.get("scheme", "euler")),
        _input(inputs, "I"),
        _needed(case, "dt"),
        {"v": first["v"], "u": first["w"]},
    )


def _ngc_hodgkin_huxley(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Plan:
    given = _HODGKIN_HUXLEY | _part(case, "params")
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
        ngc_learn.method_for("HodgkinHuxley", case.get("scheme", "euler")),
        _input(inputs, "I"),
        _needed(case, "dt"),
        {"v": 0.0} | _GATES_AT_ZERO | _part(case, "init"),
        {name: given[name] for name in settings if name in given},
    )


def _ngc_leaky_noise(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Plan:
    given = _LEAKY_NOISE | _part(case, "params")
    return Plan(
        models.LeakyNoise(
            tau=_needed(given, "tau_x"),
            leak=given["leak_scale"],
            sigma_pre=given["sigma_pre"],
            sigma_post=given["sigma_post"],
            activation=case.get("act", "relu"),
        ),
        ngc_learn_rate.method_for(case.get("scheme", "euler")),
        _input(inputs, "j_input"),
        _needed(case, "dt"),
        {"x": 0.0} | _part(case, "init"),
        {name: inputs[name] for name in ("eps", "j_recurrent") if name in inputs},
    )


# --- Inferno ------------------------------------------------------------------------------------


def _inferno(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Plan:
    given = _part(case, "params")
    call = {"adapt": None, "training": True, "refrac_lock": True} | _part(case, "call")
    columns = [
        np.atleast_1d(_needed(given, name)).astype(float).tolist()
        for name in ("tc_adaptation", "voltage_coupling", "spike_increment")
    ]
    count = max(map(len, columns))
    columns = [column + column[-1:] * (count - len(column)) for column in columns]
    adaptations: dict[str, float] = {}
    for place, (tau, coupling, jump) in zip(
        _places(count), zip(*columns, strict=True), strict=True
    ):
        adaptations |= {f"a{place}": 1.0 / tau, f"b{place}": coupling, f"d{place}": jump}
    first = {"v": given["rest_v"], "w": 0.0} | _part(case, "init")
    currents = np.broadcast_to(np.asarray(first["w"], float), (count,)).tolist()
    samples = _input(inputs, "I")
    samples = samples[:, None] if samples.ndim == 1 else samples
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
        _needed(case, "dt"),
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

_LEVELS = ("v_rest", "v_reset", "v_threshold", "v_peak", "v_T", "v_crit", "c")


def _spyketorch(case: dict[str, Any], inputs: Mapping[str, np.ndarray]) -> Plan:
    if case.get("cls") not in classes:
        raise ValueError(
            f"`cls` is {case.get('cls')!r}: choose one of {', '.join(classes)}; UniformEIF and "
            "UniformQIF cannot be constructed in the library."
        )
    name, method = classes[case["cls"]]
    model = models.catalogue[name]
    samples = _input(inputs, "I")
    threshold = _part(case, "resolved").get("_threshold", 1.0)
    library = constructed(case["cls"], _numbers(case, "params"), threshold)
    library |= _numbers(case, "attrs") | _numbers(case, "resolved")
    arrays = _arrays(case, inputs, samples.ndim)
    library["threshold"] = library.get("_threshold", library.get("threshold"))
    use_what_was_precomputed(case["cls"], library, arrays)
    dt = milliseconds(library["ts"])
    cell = _accepted(model, parameters(model, library, dt))

    known = published.published_step(model, method).options
    options: dict[str, Any] = {"n_winners": case.get("n_winners", 1)}
    attributes = _part(case, "attrs") | _part(case, "resolved")
    if attributes.get("inhibition_mode") == "location":
        options["inhibition_mode"] = "location"
    for setting, option in known.items():
        if setting in library and not option.is_static:
            # Passed on if no parameter has it to the last digit: the model may refuse it.
            default = option.default(cell.p) if callable(option.default) else option.default
            if default != library[setting]:
                options[setting] = float(library[setting])
    if case["cls"] == "EIF_Simple" and any(given in PER_NEURON for given in _part(case, "params")):
        options["per_neuron_threshold"] = True

    vary: dict[str, np.ndarray] = {}
    outputs: Arrays = {}
    if case["cls"] == "UniformLIF" and case.get("seed") is not None:
        low, high = case["params"]["tau_range"]
        shape = (*samples.shape[1:], 1, 1, 1)[:3]
        outputs["taus"] = spyketorch.uniform_taus(shape, (low, high), case["seed"])
        if samples.ndim == 4:
            vary = {"tau_m": 1e3 * outputs["taus"][0]}
            options["C"] = library["C"]
    elif name in ("LIF", "EIF", "QIF") and "tau_rc" in arrays and "C" not in arrays:
        taus = 1e3 * arrays.pop("tau_rc")
        options["C"] = library["C"]
        vary = {"g_L": 1e3 * library["C"] / taus} if name == "EIF" else {"tau_m": taus}
    options |= {setting: values for setting, values in arrays.items() if setting in known}
    return Plan(
        cell, method, samples, dt, _first(name, case, library), options, vary, outputs=outputs
    )


def _numbers(case: dict[str, Any], part: str) -> dict[str, Any]:
    """The entries of a part of a sidecar that are plain numbers."""
    return {
        name: value
        for name, value in _part(case, part).items()
        if isinstance(value, int | float | np.number) and not isinstance(value, bool)
    }


def _arrays(case: dict[str, Any], inputs: Mapping[str, np.ndarray], axes: int) -> Arrays:
    """The attributes that were set to arrays (1, F, 1, 1), without their batch axis."""
    arrays: Arrays = {}
    for name, given in inputs.items():
        if name.startswith("attr_"):
            values = np.asarray(given, float)
            shape = values.shape[-(axes - 1) :] if axes > 1 else ()
            arrays[name.removeprefix("attr_")] = values.reshape(shape)
    # Thresholds per neuron are what the step reads, whatever `threshold` is set to later.
    for name in ("_threshold", *PER_NEURON):
        if name in arrays:
            arrays["threshold"] = arrays.pop(name)
            if case["cls"] == "EIF_Simple" and name not in _part(case, "params"):
                arrays["theta_rh"] = 0.75 * arrays["threshold"]
    return arrays


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


def _first(name: str, case: dict[str, Any], library: Mapping[str, Any]) -> dict[str, Any]:
    first = {"u": library["resting_potential"], "w": 0.0} | _part(case, "init")
    initial = {"v": first["u"]}
    if name == "AdEx":
        initial["w"] = first["w"]
    if name == "Izhikevich":
        rest = library["resting_potential"] * library["b"]
        initial["u"] = _part(case, "init").get("w", rest)
    return initial


# --- reading a sidecar --------------------------------------------------------------------------


def _part(case: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A part of a sidecar without its empty entries; nothing if it is not there."""
    return {key: value for key, value in (case.get(name) or {}).items() if value is not None}


def _needed(settings: Mapping[str, Any], name: str) -> Any:
    if settings.get(name) is None:
        raise ValueError(f"The case has no `{name}`: add it, the library has no default for it.")
    return settings[name]


def _input(inputs: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    if name not in inputs:
        raise ValueError(f"`inputs` has no {name!r}: it has {', '.join(map(repr, inputs))}.")
    return np.asarray(inputs[name], float)


_SYSTEMS = {
    "ngc_izhikevich": _ngc_izhikevich,
    "ngc_hodgkin_huxley": _ngc_hodgkin_huxley,
    "ngc_leaky_noise": _ngc_leaky_noise,
    "inferno_izhikevich": _inferno,
    "spyketorch": _spyketorch,
}
