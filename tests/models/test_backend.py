"""How JAX is set up: in time, without losing the user's own flags, and surviving odd ones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jax
import pytest

from models import backend

FUSED = "xla_cpu_small_while_loop_byte_threshold"


def flags_after_import(**environment: str) -> str:
    """XLA_FLAGS of a fresh process that has imported `models` and computed something."""
    program = "import os, models, jax; jax.numpy.ones(2).sum(); print(os.environ['XLA_FLAGS'])"
    clean = {name: value for name, value in os.environ.items() if name != "XLA_FLAGS"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=clean | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_fused_loops_are_switched_on_beside_the_users_flags():
    assert FUSED in flags_after_import()
    both = flags_after_import(XLA_FLAGS="--xla_cpu_enable_fast_math=false")
    assert FUSED in both
    assert "--xla_cpu_enable_fast_math=false" in both


def test_a_users_own_threshold_stands():
    own = f"--xla_backend_extra_options={FUSED}=2048"
    assert flags_after_import(XLA_FLAGS=own) == own


def test_an_unknown_flag_is_found_out_in_a_process_of_its_own():
    assert backend._accepts("--xla_cpu_enable_fast_math=false")
    assert not backend._accepts("--xla_of_another_decade=true")


def test_an_untested_jaxlib_is_probed_first(monkeypatch: pytest.MonkeyPatch):
    asked = []
    monkeypatch.setattr(backend, "version", lambda package: "99.0")
    monkeypatch.setattr(backend, "_accepts", lambda flags: bool(asked.append(flags)))
    monkeypatch.setenv("XLA_FLAGS", "--mine")
    backend.configure()
    assert asked and FUSED in asked[0]
    assert os.environ["XLA_FLAGS"] == "--mine"


CROWDS = """
import jax, models, numpy as np
from models import analysis, backend, layer_loop
from models.analysis import batch
where, computed = [], [batch.run_blocks, layer_loop.run]

def watched(compute):
    def run(*arguments):
        result = compute(*arguments)
        where.extend(jax.tree.leaves(result)[0].devices())
        return result
    return run

batch.run_blocks, layer_loop.run = map(watched, computed)
processor, other = jax.devices()
cell = models.Izhikevich()
layer = models.Layer(models.LIF(), (16, 64, 65), vary={"tau_m": (5.0, 20.0)})
axes = {"x": ("a", 0.01, 0.1, 256), "y": ("d", 0.5, 8.0, 257)}
found = []
for accelerator in (None, other):
    backend._accelerator = lambda: accelerator
    rates = analysis.atlas(cell, **axes, current=10.0, duration=60.0)
    found.append((rates, layer.simulate(300.0, duration=12.8, dt=0.1).spikes))
    assert set(where) == {accelerator or processor}, where
    where.clear()
    analysis.fi_curve(cell, np.linspace(0.0, 20.0, 200), duration=20.0)
    cell.simulate(10.0, duration=20.0)
    assert set(where) == {processor}, where
    where.clear()
assert np.isfinite(found[0][0]).all() and found[0][0].max() > 0 and found[0][1].any()
np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-4)
np.testing.assert_array_equal(found[0][1], found[1][1])
"""


def test_crowds_go_to_an_accelerator_and_one_cell_stays():
    """A second processor stands in for the accelerator: what is computed there is the same."""
    flags = "--xla_force_host_platform_device_count=2"
    done = subprocess.run(
        [sys.executable, "-c", CROWDS],
        env={**os.environ, "XLA_FLAGS": flags},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def cache_settings():
    """Puts JAX's cache folder back after a test."""
    before = jax.config.jax_compilation_cache_dir
    yield
    jax.config.update("jax_compilation_cache_dir", before)


def test_the_cache_lies_in_the_users_cache_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_settings: None
):
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    backend.use_compilation_cache()
    assert Path(jax.config.jax_compilation_cache_dir) == tmp_path / "rheobase" / "jax"
    assert (tmp_path / "rheobase" / "jax").is_dir()


def test_a_folder_that_cannot_be_made_costs_time_but_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_settings: None
):
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    before = jax.config.jax_compilation_cache_dir
    (tmp_path / "file").write_text("")
    backend.use_compilation_cache(tmp_path / "file" / "below")
    assert jax.config.jax_compilation_cache_dir == before


def test_a_cache_named_in_the_environment_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_settings: None
):
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path))
    before = jax.config.jax_compilation_cache_dir
    backend.use_compilation_cache(tmp_path / "other")
    assert jax.config.jax_compilation_cache_dir == before
    assert not (tmp_path / "other").exists()
