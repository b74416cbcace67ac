"""Bracketed search for roots, many lanes at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jax import lax

from ..model import Array

_MOST_STEPS = 80
_LARGE = 1e100
"""Values are clipped to this: an overflowing exponential still has a sign, and squares exist."""


class _Search(NamedTuple):
    """Where the search stands: a is the latest point, b the other end of the bracket, c the point
    before; each with the value of the function there."""

    step: Array
    a: Array
    b: Array
    c: Array
    fa: Array
    fb: Array
    fc: Array
    around: Array
    """The larger of the values at the ends."""


def bracketed_roots(
    function: Callable[[Array], Array], low: Array, high: Array, tolerance: float
) -> tuple[Array, Array, Array]:
    """Where `function` changes sign between `low` and `high`, lane by lane.

    Inverse quadratic interpolation where three points allow it, else bisection: T. R. Chandrupatla,
    Adv. Eng. Softw. 28 (1997) 145. The function is compiled once: the first two steps evaluate it
    at the ends.

    Parameters
    ----------
    function : (M,) -> (M,)
    low, high : (M,) the brackets.
    tolerance : accepted error of a root.

    Returns
    -------
    root : (M,) a number that means nothing where the ends do not differ in sign.
    value : (M,) of the function there.
    around : (M,) the larger magnitude of its values at the ends.
    """

    def unfinished(now: _Search) -> Array:
        open_ = (jnp.abs(now.b - now.a) > tolerance) & (now.fa != 0.0)
        return (now.step < _MOST_STEPS) & ((now.step < 2) | jnp.any(open_))

    def narrow(now: _Search) -> _Search:
        step, a, b, c, fa, fb, fc, around = now
        least = jnp.clip(0.5 * tolerance / jnp.maximum(jnp.abs(b - a), tolerance), 0.0, 0.5)
        share = jnp.clip(_next_share(now), least, 1.0 - least)
        x = jnp.where(step == 0, low, jnp.where(step == 1, high, a + share * (b - a)))
        fx = _bounded(function(x))
        around = jnp.where(step < 2, jnp.maximum(around, jnp.abs(fx)), around)
        same = jnp.sign(fx) == jnp.sign(fa)
        c, fc = jnp.where(same, a, b), jnp.where(same, fa, fb)
        b, fb = jnp.where(same, b, a), jnp.where(same, fb, fa)
        done = fa == 0.0
        a, fa = jnp.where(done, a, x), jnp.where(done, fa, fx)
        # At the first step there is only one point; without a bracket the second is the last.
        b, fb = jnp.where(step == 0, a, b), jnp.where(step == 0, fa, fb)
        c, fc = jnp.where(step == 0, a, c), jnp.where(step == 0, fa, fc)
        b = jnp.where((step == 1) & same, a, b)
        return _Search(step + 1, a, b, c, fa, fb, fc, around)

    one, zero = jnp.ones_like(low), jnp.zeros_like(low)
    start = _Search(jnp.zeros((), int), low, low, low, one, one, one, zero)
    end = lax.while_loop(unfinished, narrow, start)
    nearer = jnp.abs(end.fa) <= jnp.abs(end.fb)
    root, value = jnp.where(nearer, end.a, end.b), jnp.where(nearer, end.fa, end.fb)
    return root, value, end.around


def _bounded(values: Array) -> Array:
    return jnp.clip(jnp.nan_to_num(values), -_LARGE, _LARGE)


def _next_share(now: _Search) -> Array:
    """The next point as a share of the way from a to b: Chandrupatla's criterion."""
    _, a, b, c, fa, fb, fc, _ = now

    def quotient(numerator: Array, denominator: Array) -> Array:
        return numerator / jnp.where(denominator == 0.0, 1.0, denominator)

    place = quotient(a - b, c - b)
    level = quotient(fa - fb, fc - fb)
    fits = (level**2 < place) & ((1.0 - level) ** 2 < 1.0 - place)
    share = quotient(fa, fb - fa) * quotient(fc, fb - fc) + quotient(c - a, b - a) * quotient(
        fa, fc - fa
    ) * quotient(fb, fc - fb)
    return jnp.where(fits, share, 0.5)
