"""The exponential function of the time loops: the digits of the ordinary one, and its limits."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from models.short_exp import SMALLEST, exp


def test_every_digit_is_that_of_the_ordinary_one() -> None:
    exponents = np.concatenate(
        [np.linspace(-699.0, 709.0, 400_001), np.linspace(-1.0, 1.0, 99_999)]
    )
    values = np.asarray(jax.jit(exp)(jnp.asarray(exponents)))
    assert np.abs(values / np.exp(exponents) - 1.0).max() < 5e-16


@pytest.mark.parametrize("exponent", [SMALLEST - 1.0, -1e4, -1e300, -np.inf])
def test_far_below_it_is_nothing(exponent: float) -> None:
    assert float(exp(jnp.asarray(exponent))) == 0.0


def test_what_is_no_number_stays_so() -> None:
    assert np.isnan(float(exp(jnp.asarray(np.nan))))
    assert float(exp(jnp.asarray(0.0))) == 1.0


def test_its_slopes_are_itself() -> None:
    for derivative in (jax.grad(exp), jax.grad(jax.grad(exp))):
        for exponent in (-30.0, -0.34657, 0.0, 0.34658, 15.5):
            assert float(derivative(exponent)) == pytest.approx(np.exp(exponent), rel=1e-15)


def test_in_32_bit_it_is_the_ordinary_one() -> None:
    exponents = jnp.linspace(-80.0, 20.0, 10_001, dtype=jnp.float32)
    assert exp(exponents).dtype == jnp.float32
    np.testing.assert_array_equal(exp(exponents), jnp.exp(exponents))
