"""A model as a family of dynamical systems: one number free, all others fixed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ..model import Array, NeuronModel
from .batch import CURRENT


class Rule(NamedTuple):
    """What a compiled kernel must know of a family; changing it compiles once more."""

    model: type[NeuronModel]
    chosen: tuple[str, ...]


class Numbers(NamedTuple):
    """What crosses into a compiled kernel as numbers; changing it compiles nothing."""

    values: Any
    """(P + 1,) the quantities and the current."""
    index: Any
    """() which of them is free."""
    scale: Any
    """(S + 1,) lengths by which states and the free number are measured."""


@dataclass(frozen=True)
class Family:
    """A model with one free parameter.

    Attributes
    ----------
    cell : the model with the fixed parameters.
    parameter : name of the free one, or ``"current"``.
    low, high : range of the free parameter.
    current : value of the current where it is not the free one.
    """

    cell: NeuronModel
    parameter: str
    low: float
    high: float
    current: float

    @cached_property
    def rule(self) -> Rule:
        """What kernels are compiled for."""
        return Rule(type(self.cell), self.cell.chosen())

    @cached_property
    def numbers(self) -> Numbers:
        """What they take as numbers: quantities, current, and the spans that measure states."""
        names = (*self.cell.quantities(), CURRENT)
        spans = [state.span[1] - state.span[0] for state in self.cell.states]
        return Numbers(
            np.append(self.cell.packed(), self.current),
            np.int64(names.index(self.parameter)),
            np.array([*spans, self.high - self.low]),
        )

    def at(self, value: float) -> tuple[NeuronModel, float]:
        """The model and the current at one value of the free parameter."""
        if self.parameter == CURRENT:
            return self.cell, value
        return self.cell.replace(**{self.parameter: value}), self.current


def rhs(rule: Rule, numbers: Numbers, x: Array, free: Array) -> Array:
    """The right-hand side (S, ...) at states x (S, ...) with the free number set to `free`."""
    p, current = setting(rule, numbers, free)
    return rule.model.derivatives(x, current, p)


def spike_level(rule: Rule, numbers: Numbers, x: Array, free: Array) -> Array:
    """How far the states x (S, ...) are beyond the spike level; negative where a model has none."""
    p, _ = setting(rule, numbers, free)
    return rule.model.threshold(x, p)


def setting(rule: Rule, numbers: Numbers, free: Array) -> tuple[Any, Array]:
    """Parameters and current with the free number set to `free` ()."""
    values = jnp.asarray(numbers.values).at[numbers.index].set(free)
    return rule.model.unpack(values[:-1], rule.chosen), values[-1]


def linearised(rule: Rule, numbers: Numbers, x: Array, free: Array) -> tuple[Array, Array, Array]:
    """At one state: the flow (S,), its slopes (S, S), and its slope in the free number (S,)."""
    both = jnp.append(x, free)
    size = x.shape[0]

    def flow(z: Array) -> Array:
        return rhs(rule, numbers, z[:size], z[size])

    slopes = jax.jacfwd(flow)(both)
    return flow(both), slopes[:, :size], slopes[:, size]
