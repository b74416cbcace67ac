"""Bracketed search for roots, many lanes at once."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
from jax import lax

from ..model import Array

_MOST_STEPS = 80
_LARGE = 1e100
"""Values are clipped to this: an overflowing exponential still has a sign, and squares exist."""

_Carry = tuple[Array, Array, Array, Array, Array, Array, Array, Array]


def bracketed_roots(
    function: Callable[[Array], Array],
    low: Array,
    high: Array,
    below: Array,
    above: Array,
    tolerance: float,
) -> Array:
    """Where `function` changes sign between `low` and `high`, lane by lane.

    Inverse quadratic interpolation where three points allow it, else bisection: T. R. Chandrupatla,
    Adv. Eng. Softw. 28 (1997) 145. One evaluation per step keeps the compiled code small.

    Parameters
    ----------
    function : (M,) -> (M,)
    low, high : (M,) the brackets.
    below, above : (M,) the values of `function` there, of different sign.
    tolerance : accepted error of a root.

    Returns
    -------
    (M,) array. A lane whose ends do not differ in sign gives a number that means nothing.
    """

    def unfinished(carry: _Carry) -> Array:
        step, a, b, _, fa, _, _, _ = carry
        return (step < _MOST_STEPS) & jnp.any((jnp.abs(b - a) > tolerance) & (fa != 0.0))

    def narrow(carry: _Carry) -> _Carry:
        # a is the latest point, b the other end of the bracket, c the point before.
        step, a, b, c, fa, fb, fc, share = carry
        least = jnp.clip(0.5 * tolerance / jnp.maximum(jnp.abs(b - a), tolerance), 0.0, 0.5)
        x = a + jnp.clip(share, least, 1.0 - least) * (b - a)
        fx = _bounded(function(x))
        same = jnp.sign(fx) == jnp.sign(fa)
        c, fc = jnp.where(same, a, b), jnp.where(same, fa, fb)
        b, fb = jnp.where(same, b, a), jnp.where(same, fb, fa)
        done = fa == 0.0
        a, fa = jnp.where(done, carry[1], x), jnp.where(done, fa, fx)
        return step + 1, a, b, c, fa, fb, fc, _next_share(a, b, c, fa, fb, fc)

    below, above = _bounded(below), _bounded(above)
    # A lane without a bracket is finished from the start: both its ends are the same point.
    high = jnp.where(jnp.sign(below) * jnp.sign(above) < 0.0, high, low)
    half = jnp.full_like(low, 0.5)
    carry = lax.while_loop(
        unfinished, narrow, (jnp.zeros((), int), high, low, low, above, below, below, half)
    )
    a, b, fa, fb = carry[1], carry[2], carry[4], carry[5]
    return jnp.where(jnp.abs(fa) <= jnp.abs(fb), a, b)


def _bounded(values: Array) -> Array:
    return jnp.clip(jnp.nan_to_num(values), -_LARGE, _LARGE)


def _next_share(a: Array, b: Array, c: Array, fa: Array, fb: Array, fc: Array) -> Array:
    """The next point as a share of the way from a to b: Chandrupatla's criterion."""

    def quotient(numerator: Array, denominator: Array) -> Array:
        return numerator / jnp.where(denominator == 0.0, 1.0, denominator)

    place = quotient(a - b, c - b)
    level = quotient(fa - fb, fc - fb)
    fits = (level**2 < place) & ((1.0 - level) ** 2 < 1.0 - place)
    share = quotient(fa, fb - fa) * quotient(fc, fb - fc) + quotient(c - a, b - a) * quotient(
        fa, fc - fa
    ) * quotient(fb, fc - fb)
    return jnp.where(fits, share, 0.5)
