"""How JAX is set up for this package: 64-bit numbers, fused time loops, compilation, devices.

Everything here must happen before the first JAX computation of the process: XLA reads its flags
once, when its backend starts, and ignores later changes in silence.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from importlib.metadata import version
from pathlib import Path

import jax

_TESTED_JAXLIB = "0.10.2"
"""The jaxlib whose flags are known by test; any other version is probed in a subprocess."""

_FUSED_LOOPS = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=1000000000"
"""Compile every time loop into one kernel.

By default XLA does so only for loops whose body touches less than 1,024 bytes; a 64-bit RK4 step
with a reset crosses that limit and then runs six to thirty times slower.
"""

_WIDE_VECTORS = "--xla_cpu_prefer_vector_width=512"
"""Use whole AVX-512 registers where there are any: sweeps of many cells run twice as fast."""

_PLAIN_FUSIONS = "--xla_cpu_use_fusion_emitters=false"
"""Write fused loops straight in LLVM's language, not through a further compiler for each of them.

The code runs as fast; compiling it, a first diagram of Hodgkin-Huxley say, takes half the time.
"""

_CROWD = 65_536
"""Cells from which on an accelerator is quicker than the processor. A step takes it some tens of
microseconds however few they are, in which two cores step about so many: an estimate."""


def configure() -> None:
    """Switch on 64-bit numbers and fused loops; called once, when `models` is imported."""
    jax.config.update("jax_enable_x64", True)
    # One cell takes its steps one after the other: on an accelerator, which JAX would choose, each
    # would cost a start of its kernels. Crowds go there by `accelerator_for`.
    if jax.config.values.get("jax_default_device") is None:
        jax.config.update("jax_default_device", "cpu")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # others use it too
    # Each computation runs in the thread that asks for it. By default all threads share a queue
    # with one place per core, where a run of a millisecond waits behind sweeps that take seconds.
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    flags = os.environ.get("XLA_FLAGS", "")
    if "xla_cpu_small_while_loop_byte_threshold" in flags:
        return
    extended = f"{flags} {_FUSED_LOOPS} {_WIDE_VECTORS} {_PLAIN_FUSIONS}".strip()
    if version("jaxlib") == _TESTED_JAXLIB or _accepts(extended):
        os.environ["XLA_FLAGS"] = extended


def accelerator_for(cells: int) -> jax.Device | None:
    """The accelerator if there is one and it pays off for so many cells at once, else None."""
    return _accelerator() if cells >= _CROWD else None


def on(device: jax.Device | None) -> AbstractContextManager[object]:
    """A context in which the calling thread computes on `device`; None changes nothing."""
    return nullcontext() if device is None else jax.default_device(device)


@cache
def _accelerator() -> jax.Device | None:
    first = jax.devices()[0]
    return None if first.platform == "cpu" else first


def use_compilation_cache(folder: Path | None = None) -> None:
    """Keep compiled simulations on disk, so that the next start skips compiling them.

    Parameters
    ----------
    folder : where to keep them; the user's cache folder if omitted. A folder named in the
        environment variable ``JAX_COMPILATION_CACHE_DIR`` is left in force.
    """
    if os.environ.get("JAX_COMPILATION_CACHE_DIR"):
        return
    if folder is None:
        root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(root) / "rheobase" / "jax"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return  # a read-only home costs start-up time, nothing else
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)


def _accepts(flags: str) -> bool:
    """Whether this jaxlib starts with `flags`; an unknown one ends the process, so ask another."""
    probe = "import jax; jax.numpy.zeros(1).block_until_ready()"
    asked = subprocess.run(
        [sys.executable, "-c", probe],
        env={**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        check=False,
    )
    return asked.returncode == 0
