"""The steps of SpykeTorch-Extended's neurons, single or in layers with winner-take-all.

All classes share one bookkeeping; `spyketorch_rules` has what tells them apart. The library
thinks in seconds and in potentials without unit. Read its potentials as mV and its inputs as pA,
and its numbers carry over: tau_rc = tau_m / 1000 s, C in nF, R = tau_rc / C in GΩ,
ts = dt / 1000 s, refractory_timesteps = t_ref / dt. The Simple classes and Izhikevich's add the
input to the potential as it is, in mV per step.

Options stand under the library's names and in its units. Those that the model has a parameter for
follow from it and can be given where the model refuses a value that the library accepts.

Written from a description of what commit bb7d059 of the library computes; the library it extends
is M. Mozafari et al., Frontiers in Neuroscience 13 (2019) 625.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..model import Array, NeuronModel
from . import winners
from .spyketorch_rules import Settings, SpykeClass, classes
from .step import Option, PublishedStep, Tick

# --- the bookkeeping all classes share ----------------------------------------------------------

_ROWS = (
    "v",  # what a trace shows: the peak at a spike
    "previous_state",
    "u_ret",
    "thresholded",
    "spikes",
    "refractory_periods",
    "winner_ranks",
    "s",
)


def _start(kind: SpykeClass) -> Callable[[Array, Settings], Array]:
    def start(x0: Array, q: Settings) -> Array:
        u = x0[0]
        quiet = jnp.zeros_like(u)
        extra = [jnp.broadcast_to(value, u.shape).astype(u.dtype) for value in kind.begin(x0, q)]
        return jnp.stack([u, u, u, *[quiet] * 5, *extra])

    return start


def _per_second(sign: Array, ts: Array, single: bool) -> Array:
    """Spikes of amplitude 1/ts; in single precision 1/0.001 is 999.99994."""
    if single:
        return (sign.astype(jnp.float32) / ts.astype(jnp.float32)).astype(sign.dtype)
    return sign / ts


def _rounded(values: Array) -> Array:
    """Values as single precision holds them."""
    return values.astype(jnp.float32).astype(values.dtype)


def _advance(kind: SpykeClass) -> Callable[[Array, Tick, Settings], Array]:
    def advance(row: Array, tick: Tick, q: Settings) -> Array:
        stored = _rounded if kind.single else lambda values: values
        u, timer = stored(row[1]), row[5]
        extra = dict(zip(kind.extra, row[len(_ROWS) :], strict=True))
        P, rest = tick.current, stored(q.resting_potential)
        refractory = timer > 0.0

        star = kind.candidate(u, extra, P, q)
        star = jnp.where(refractory, rest, star)
        if kind.clamps:
            star = jnp.maximum(star, rest)
        star = stored(star)
        # A potential of exactly 0 never counts as fired, and a resting potential at or above
        # threshold lets refractory cells fire.
        peaks = jnp.where(star < q.threshold, 0.0, star)
        fired = peaks != 0.0
        sign = jnp.where(jnp.isnan(peaks), 0.0, jnp.sign(peaks))  # NaN fires without a spike
        sign = sign if kind.signed else jnp.abs(sign)
        spikes = sign if kind.unit_spikes else _per_second(sign, q.ts, kind.single)
        reset = jnp.where(fired, rest if kind.resets_to_rest else q.v_reset, star)
        known = q.inhibition_mode in kind.inhibition
        scope = q.inhibition_mode if known else kind.inhibition[0]
        single = kind.single or u.dtype == jnp.float32
        ranks, hit = winners.compete(peaks, spikes, q.n_winners, scope, single)
        timer = jnp.where(refractory, timer - q.ts, timer)
        timer = jnp.where(hit, q.refractoriness, timer)
        return jnp.stack(
            [
                jnp.where(fired, peaks, reset),
                reset,
                star if kind.returns_peak else reset,
                peaks,
                spikes,
                timer,
                ranks,
                (spikes != 0.0).astype(u.dtype),
                *kind.remember(extra, u, star, fired, P, q),
            ]
        )

    return advance


def _finish(
    outputs: dict[str, np.ndarray], options: Mapping[str, Any], cell: NeuronModel
) -> dict[str, np.ndarray]:
    """List the winners in place of their ranks."""
    outputs = dict(outputs)
    ranks = outputs.pop("winner_ranks", None)
    if ranks is not None:
        layer = ranks[:, 0] if ranks.ndim == 5 else winners.as_layer(ranks, 1)
        outputs["winners"] = winners.table(layer, options["n_winners"])
    return outputs


# --- how the models' parameters become the library's --------------------------------------------

_SHARED = {
    "n_winners": Option(1, "most winners of one step"),
    "inhibition_mode": Option(
        "feature",
        "whom a winner silences: its feature map or its location; AdEx and Izhikevich silence "
        "the layer whatever it says, and only LIF, LIF_Simple and EIF_Simple know locations",
        ("feature", "location"),
    ),
}

_UNITS = {
    "threshold": "level of a spike, mV",
    "resting_potential": "mV, where a refractory cell is held",
    "v_reset": "mV, where a spike resets to",
    "tau_rc": "s, the membrane's time constant",
    "C": "nF, the membrane's capacitance",
    "delta_t": "mV, sharpness of the spike",
    "theta_rh": "mV, the soft threshold",
    "u_c": "mV, the critical voltage",
    "a": "coupling of w to the potential, or the curvature of QIF",
    "b": "jump of w at a spike, or its sensitivity in Izhikevich",
    "d": "jump of w at a spike",
    "tau_w": "s, the time constant of w",
    "R": "GΩ, computed once from tau_rc and C",
}

_USED_TAU = 0.02
"""s, the time constant of every cell of UniformLIF, whatever it drew."""

_LINEAR: dict[str, Callable[[Any], Any]] = {
    "threshold": lambda p: p.v_threshold,
    "resting_potential": lambda p: p.v_rest,
    "tau_rc": lambda p: p.tau_m / 1e3,
    "C": lambda p: p.tau_m / p.R,
}
_EXPONENTIAL: dict[str, Callable[[Any], Any]] = {
    "threshold": lambda p: p.v_peak,
    "resting_potential": lambda p: p.v_rest,
    "v_reset": lambda p: p.v_reset,
    "tau_rc": lambda p: p.C / p.g_L / 1e3,
    "C": lambda p: p.C / 1e3,
    "delta_t": lambda p: p.delta_T,
    "theta_rh": lambda p: p.v_T,
}
_FROM_MODEL: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
    "IF": {
        "threshold": lambda p: p.v_threshold,
        "resting_potential": lambda p: p.v_rest,
        "C": lambda p: p.C / 1e3,
    },
    "LIF": _LINEAR,
    "EIF": _EXPONENTIAL,
    "AdEx": _EXPONENTIAL
    | {
        "a": lambda p: p.a,
        "b": lambda p: p.b,
        "tau_w": lambda p: p.tau_w / 1e3,
        "R": lambda p: 1.0 / p.g_L,
    },
    "QIF": _LINEAR
    | {
        "threshold": lambda p: p.v_peak,
        "v_reset": lambda p: p.v_reset,
        "u_c": lambda p: p.v_crit,
        "a": lambda p: p.a,
    },
    "Izhikevich": {
        "threshold": lambda p: p.v_peak,
        "v_reset": lambda p: p.c,
        "a": lambda p: p.a,
        "b": lambda p: p.b,
        "d": lambda p: p.d,
    },
}
"""The library's settings from the parameters of each model."""


def _options(model: str, name: str) -> dict[str, Option]:
    options = _SHARED | {
        setting: Option(of, f"{_UNITS[setting]}; follows from the model's parameters")
        for setting, of in _FROM_MODEL[model].items()
    }
    if model == "Izhikevich":
        options["resting_potential"] = Option(0.0, _UNITS["resting_potential"])
        options["refractory_timesteps"] = Option(2.0, "steps a silenced cell stays silent")
    if name == "UniformLIF":
        # Neither follows from tau_m, so a tau_m that varies leaves every cell the LIF it is.
        options["tau_rc"] = Option(_USED_TAU, "s, the one time constant that is really used")
        options["C"] = Option(
            lambda p: 1e3 * _USED_TAU / p.R, f"{_UNITS['C']}; follows from tau_rc and the model's R"
        )
    if name == "EIF_Simple":
        options["per_neuron_threshold"] = Option(
            False, "thresholds were given per neuron; theta_rh then stays what it was set to"
        )
    return options


def _settings(p: Any, options: Mapping[str, Any], dt: Array) -> Settings:
    given = {name: options[name] for name in options if name in Settings._fields}
    if hasattr(p, "k2"):
        given |= {"coefficients": (p.k2, p.k1, p.k0), "recovery": (p.v_u, p.u_leak)}
    count = options["refractory_timesteps"] if hasattr(p, "k2") else np.round(p.t_ref / dt)
    ts = dt / 1e3
    return Settings(ts=ts, refractoriness=count * ts, **given)


def uniform_taus(
    shape: tuple[int, int, int], tau_range: tuple[float, float], seed: int
) -> np.ndarray:
    """The time constants (1, F, H, W), s, that UniformLIF draws under NumPy's old seed.

    One for each feature, the same at all its places.
    """
    drawn = np.random.RandomState(seed).uniform(*tau_range, (1, shape[0], 1, 1))
    return np.broadcast_to(drawn, (1, *shape)).copy()


def _step(
    method: str, model: str, name: str, differs: str, bug: str = "", kind: str = ""
) -> PublishedStep:
    rule = classes[kind or name]
    states = {"v": "v", "w": "w", "u": "w"}
    return PublishedStep(
        method=method,
        model=model,
        title=f"SpykeTorch's {name}",
        rows=(*_ROWS, *rule.extra),
        states=states,
        start=_start(rule),
        advance=_advance(rule),
        settings=_settings,
        options=_options(model, name),
        finish=_finish,
        differs=differs,
        bug=bug,
    )


steps: tuple[PublishedStep, ...] = (
    _step(
        "spyketorch",
        "IF",
        "IF",
        "Spikes fall on the grid and reset to rest; the potential is rounded to single precision.",
        "The floor at rest is computed and thrown away.",
    ),
    _step(
        "spyketorch",
        "LIF",
        "LIF",
        "The potential decays from the value it had at the last positive input.",
        "A reset does not reach that value: one strong pulse makes ghost spikes, and negative "
        "input is forgotten after one step.",
    ),
    _step(
        "spyketorch:ode",
        "LIF",
        "LIF_ode",
        "Euler steps; spikes fall on the grid and reset to rest.",
        "The floor at rest is computed and thrown away.",
    ),
    _step(
        "spyketorch:simple",
        "LIF",
        "LIF_Simple",
        "The input is added to the potential as it is, in mV per step.",
        "It leaks towards 0, not to rest.",
    ),
    _step(
        "spyketorch:uniform",
        "LIF",
        "UniformLIF",
        "A layer that draws a time constant for each feature; otherwise the class LIF.",
        "The drawn time constants are never used: every cell has 20 ms.",
        kind="LIF",
    ),
    _step(
        "spyketorch",
        "EIF",
        "EIF",
        "Euler steps clamped at rest; spikes fall on the grid.",
        "Where the threshold is negative, spikes are negative too.",
    ),
    _step(
        "spyketorch:simple",
        "EIF",
        "EIF_Simple",
        "The input is added to the potential as it is, in mV per step; it leaks towards 0.",
        "The exponential is not scaled by the step, so with the library's defaults the cell fires "
        "without input; a soft threshold lives one step, then it is 0.75 of the threshold.",
    ),
    _step(
        "spyketorch",
        "QIF",
        "QIF",
        "Euler steps clamped at rest; spikes fall on the grid.",
        "Where the threshold is negative, spikes are negative too.",
    ),
    _step(
        "spyketorch",
        "AdEx",
        "AdEx",
        "Euler steps clamped at rest; w uses the new potential.",
        "The exponential has no cap: once it overflows, everything is NaN.",
    ),
    _step(
        "spyketorch",
        "Izhikevich",
        "Izhikevich",
        "One step is 1 ms of Euler's method, and u uses the new v.",
        "The step length is ignored, and with the library's resting potential of 0 the cell fires "
        "by itself.",
    ),
)
