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
