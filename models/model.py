"""What every neuron model declares: its states, its parameters with units, its equations.

Everything the app shows (sliders, equations, phase planes, links, tests) is derived from these
declarations, so a new model is one file with one class.
"""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from .quantity import Choice as Choice
from .quantity import Declared
from .quantity import Quantity as Quantity

if TYPE_CHECKING:
    from .preset import Preset
    from .simulate import Run
    from .stimulus import Stimulus

Array = jax.Array
"""A JAX array or anything that traces like one."""


@dataclass(frozen=True)
class State:
    """One state variable: a row of the stacked state array.

    Parameters
    ----------
    name : ASCII name, as the field writes it: ``v``, ``u``, ``w``, ``m``, ``h``, ``n``, ``x``.
    unit : unit of the values, ``""`` when dimensionless.
    doc : what it is, in a few words.
    symbol : LaTeX symbol; the name if omitted.
    span : the range a picture of it shows by default (low, high).
    limit : a magnitude beyond which the run is taken to have blown up.
    """

    name: str
    unit: str
    doc: str
    symbol: str = ""
    span: tuple[float, float] = (-100.0, 60.0)
    limit: float = 1e5

    def __post_init__(self) -> None:
        if not self.symbol:
            object.__setattr__(self, "symbol", self.name)


@dataclass(frozen=True)
class Input:
    """The injected current of a model: its unit and the range a slider spans."""

    unit: str
    default: float
    softbounds: tuple[float, float]
    symbol: str = "I"


class NeuronModel(Declared):
    """A neuron model: states, parameters, equations, and how it fires.

    A concrete model declares the class variables below and the pure functions `derivatives`,
    `initial_state` and, if it resets at a spike, `threshold` and `reset`. Each of these functions
    takes the stacked state ``x`` of shape ``(S, ...)`` with the states on the leading axis and
    parameters ``p``, a named tuple of numbers or arrays that broadcast against ``x[0]``.
    Time is in ms.

    Raises
    ------
    ValueError
        On an unknown parameter name, a value out of bounds, or values that do not go together.
    """

    settings_are_called = "parameter"

    title: ClassVar[str] = ""
    """The name people use, such as "Hodgkin-Huxley"."""
    teaching_order: ClassVar[int] = 1000
    """Place in the catalogue; simpler models come first."""
    states: ClassVar[tuple[State, ...]] = ()
    current: ClassVar[Input] = Input("", 0.0, (-10.0, 10.0))
    equations: ClassVar[str] = ""
    """LaTeX, one equation per line of an ``aligned`` block."""
    reference: ClassVar[str] = ""
    """The paper or book the equations come from."""
    spike_prominence: ClassVar[float] = 10.0
    """How far an action potential of a model without reset stands out, in the unit of states[0]."""
    usual_dt: ClassVar[float] = 0.1
    """The step of a run that asks for none, ms: every accurate method is stable at the defaults."""
    has_linear_part: ClassVar[bool] = False
    """Whether `decay_rates` is declared, and with it the exponential Euler method."""
    has_noise: ClassVar[bool] = False
    """Whether `diffusion` is declared: the model brings its own noise."""
    phase_plane: ClassVar[tuple[str, str] | None] = None
    """The classical pair of states for the phase plane, where it is not the first two."""
    telling_axes: ClassVar[tuple[str, str] | None] = None
    """What an atlas has on its axes first, where it is not the current and the first quantity."""
    readings: ClassVar[tuple[State, ...]] = ()
    """What is read off the states at every sample, such as a rate; see `read`."""
    examples: ClassVar[tuple[Preset, ...]] = ()
    """Presets declared with the class; those of `models/presets` are added to them."""

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        problem = self.problem(self.p)
        if problem:
            raise ValueError(problem)

    # --- what a model computes: pure, batch-transparent, traceable ---------------------------

    @staticmethod
    def derivatives(x: Array, current: Array, p: Any) -> Array:
        """Time derivatives (S, ...) of the state, per ms.

        Divide by a parameter as ``* (1.0 / p.tau)``: the reciprocal alone is computed once, ahead
        of the time loop.
        """
        raise NotImplementedError  # abstract: every model declares its own

    @staticmethod
    def initial_state(p: Any) -> Array:
        """The state (S, ...) a run starts from; all quantities in `p` have one shape (...)."""
        raise NotImplementedError  # abstract: every model declares its own

    @staticmethod
    def threshold(x: Array, p: Any) -> Array:
        """How far the state is beyond the spike level; a spike is its upward zero crossing."""
        return jnp.full_like(x[0], -1.0)

    @staticmethod
    def runaway(x: Array, current: Array, dt: Any, p: Any) -> Array:
        """How far the state is beyond the point of no return of a spike that explodes.

        From there it reaches its level within about two steps of `dt`, ms, driven by itself alone.
        Steps of time lose their accuracy, and the rest is integrated over the voltage. The spike
        level is always past it. Negative throughout for a model whose spikes do not explode.
        """
        return jnp.full_like(x[0], -1.0)

    @staticmethod
    def reset(x: Array, p: Any) -> Array:
        """The state right after a spike, from the state at the crossing."""
        return x

    @staticmethod
    def confine(x: Array, p: Any) -> Array:
        """The state kept where the model allows it, such as above a floor; after every step."""
        return x

    @staticmethod
    def refractory(p: Any) -> Any:
        """How long states[0] is held at its reset value after a spike, ms."""
        return 0.0

    @staticmethod
    def decay_rates(x: Array, p: Any) -> Array:
        """Rates (S, ...), 1/ms, at which each state decays linearly; 0 where it does not."""
        return jnp.zeros_like(x)

    @staticmethod
    def diffusion(x: Array, p: Any) -> Array:
        """Noise amplitudes (S, ...): the kick of a step dt is this times sqrt(dt)."""
        return jnp.zeros_like(x)

    @staticmethod
    def read(x: Array, noise: Array, p: Any) -> Array:
        """Values (R, N, ...) of `readings` from the states (S, N, ...) of N units side by side.

        `noise` holds standard normal numbers (R, N, ...), fresh at every sample.
        """
        return x[:0]

    @staticmethod
    def problem(p: Any) -> str | None:
        """One sentence if the parameters do not go together, else None."""
        return None

    @staticmethod
    def fastest_time_constant(p: Any) -> float:
        """Shortest time constant of the linear part, ms; explicit steps over twice it overshoot."""
        return math.inf

    @staticmethod
    def landing_time_constant(p: Any) -> float:
        """Time constant, ms, with which the voltage falls back to rest just after a reset.

        Where a reset lands far out on a curve, it leaves the place at once: explicit steps over
        twice this overshoot there, and what follows is no neuron.
        """
        return math.inf

    # --- what follows from the declaration ---------------------------------------------------

    @classmethod
    @cache
    def parameter_tuple(cls) -> Any:
        """The named-tuple type of `p`: quantities first, then choices."""
        return namedtuple(f"{cls.__name__}Parameters", cls.setting_names())

    @classmethod
    def resets(cls) -> bool:
        """Whether the model resets its state at a spike."""
        return cls.reset is not NeuronModel.reset

    @classmethod
    def explodes(cls) -> bool:
        """Whether the model declares a point of no return."""
        return cls.runaway is not NeuronModel.runaway

    @classmethod
    def fires(cls) -> bool:
        """Whether the model can have spikes at all; a rate unit has none."""
        return cls.resets() or math.isfinite(cls.spike_prominence)

    @classmethod
    def state_names(cls) -> tuple[str, ...]:
        """Names of the states in the order of the stacked array."""
        return tuple(state.name for state in cls.states)

    @classmethod
    def plane(cls) -> tuple[str, str]:
        """The pair of states a phase plane shows first; the second is "" with one state."""
        names = cls.state_names()
        if cls.phase_plane:
            return cls.phase_plane
        return (names[0], names[1]) if len(names) > 1 else (names[0], "")

    @classmethod
    def atlas_axes(cls) -> tuple[str, str]:
        """The two quantities that an atlas shows first; one may be ``"current"``."""
        return cls.telling_axes or ("current", next(iter(cls.quantities())))

    @classmethod
    def state(cls, name: str) -> State:
        """The declaration of state `name`; ValueError if there is none."""
        for state in cls.states:
            if state.name == name:
                return state
        raise ValueError(
            f"{cls.__name__} has no state `{name}`: choose one of {', '.join(cls.state_names())}."
        )

    @property
    def parameters(self) -> dict[str, Any]:
        """All parameters by name."""
        return self.settings

    @property
    def p(self) -> Any:
        """The parameters as the named tuple that the pure functions take."""
        return self.parameter_tuple()(**self.parameters)

    def packed(self) -> np.ndarray:
        """The quantities as one float64 array (P,): the form in which they cross into JAX."""
        return np.array([getattr(self, name) for name in self.quantities()], dtype=np.float64)

    def chosen(self) -> tuple[str, ...]:
        """The choices, the static part of the parameters."""
        return tuple(getattr(self, name) for name in self.choices())

    @classmethod
    def unpack(cls, packed: Any, chosen: tuple[str, ...] = ()) -> Any:
        """`p` from one array (P, ...) of quantities and the choices."""
        quantities = [packed[i] for i in range(len(cls.quantities()))]
        return cls.parameter_tuple()(*quantities, *chosen)

    def replace(self, **changes: Any) -> NeuronModel:
        """A copy of the model with some parameters changed."""
        return type(self)(**(self.parameters | changes))

    @classmethod
    def presets(cls) -> Mapping[str, Preset]:
        """The presets of this model by slug, in teaching order."""
        from .preset import presets_of

        return presets_of(cls)

    @classmethod
    def from_preset(cls, slug: str) -> NeuronModel:
        """A model with the parameters of preset `slug`; ValueError if there is none."""
        from .preset import preset_of

        return preset_of(cls, slug).model()

    def simulate(
        self,
        current: float | Stimulus | Any,
        duration: float = 500.0,
        dt: float | None = None,
        method: str = "rk4",
        seed: int = 0,
        initial: Mapping[str, float] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Run:
        """Run the model; see `models.simulate.simulate`."""
        from .simulate import simulate

        return simulate(self, current, duration, dt, method, seed, initial, options)
