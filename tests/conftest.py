"""What every test runs under: strict JAX, and compiled loops kept from one run to the next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis
import jax
import pytest

from models import backend

# The first example of a property compiles, so neither a deadline nor a complaint that drawing it
# took long. Every run tries the same examples; `--hypothesis-profile=search` looks for new ones.
_PATIENT: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [hypothesis.HealthCheck.too_slow],
}
hypothesis.settings.register_profile("steady", **_PATIENT, derandomize=True)
hypothesis.settings.register_profile("search", **_PATIENT, max_examples=1000)
hypothesis.settings.load_profile("steady")


def pytest_configure(config: pytest.Config) -> None:
    jax.config.update("jax_numpy_rank_promotion", "raise")
    jax.config.update("jax_numpy_dtype_promotion", "strict")
    jax.config.update("jax_legacy_prng_key", "error")
    if config.cache is not None:
        backend.use_compilation_cache(Path(config.cache.mkdir("jax")))
    # Two test runs may share the cache; an entry caught half-written is compiled afresh.
    config.addinivalue_line("filterwarnings", "ignore:Error reading persistent compilation cache")
