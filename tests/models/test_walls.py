"""`models` knows no screen, and importing it starts nothing that belongs to one."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCREEN = ("explorer", "panel", "panel_material_ui", "holoviews", "bokeh")


def in_a_fresh_process(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The top-level modules in memory after a run and an analysis."""
    program = (
        "import sys, models; models.LIF().simulate(300.0, 20.0); import models.analysis;"
        "print(' '.join({name.split('.')[0] for name in sys.modules}))"
    )
    return set(in_a_fresh_process(program).split())


@pytest.mark.parametrize("package", SCREEN)
def test_models_load_no_screen(loaded: set[str], package: str):
    assert package not in loaded


def test_importing_models_does_not_start_the_jax_backend():
    """A server forks before its processes start JAX; a started backend would not survive that."""
    program = (
        "import models; from jax._src import xla_bridge as bridge;"
        "print(bridge.backends_are_initialized())"
    )
    assert in_a_fresh_process(program) == "False"
