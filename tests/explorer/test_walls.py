"""The walls between the rooms: who may import whom, read from the source itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import explorer
import models

SCREEN = {"panel", "panel_material_ui", "holoviews", "bokeh"}


def files(package: object) -> list[Path]:
    return sorted(Path(package.__file__).parent.rglob("*.py"))  # type: ignore[attr-defined]


def name_of(file: Path) -> str:
    """The dotted name of a module of one of the two packages."""
    root = Path(explorer.__file__).parents[1]
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file: Path) -> Iterator[str]:
    """Full dotted names of everything a file imports, anywhere in it."""
    package = name_of(file).split(".")
    if file.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def inside(file: Path, *rooms: str) -> list[str]:
    """What a file imports from some rooms."""
    return [name for name in imports(file) if name.startswith(tuple(f"{room}." for room in rooms))]


@pytest.mark.parametrize("file", files(models), ids=name_of)
def test_the_science_knows_no_screen(file):
    assert not {name.split(".")[0] for name in imports(file)} & (SCREEN | {"explorer"})


def test_importing_the_science_loads_no_screen():
    said = subprocess.run(
        [sys.executable, "-c", "import models, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert not SCREEN & {name.split(".")[0] for name in said.split()}


@pytest.mark.parametrize("name", ["state", "picture", "palette", "notation"])
def test_the_state_of_the_screen_needs_no_screen(name):
    file = Path(explorer.__file__).parent / f"{name}.py"
    assert not {name.split(".")[0] for name in imports(file)} & SCREEN


def test_the_state_imports_the_science_alone():
    file = Path(explorer.__file__).parent / "state.py"
    assert not [name for name in imports(file) if name.startswith("explorer.")]


@pytest.mark.parametrize(
    "file", [file for file in files(explorer) if file.parent.name == "views"], ids=name_of
)
def test_views_know_neither_controls_nor_pages_nor_each_other(file):
    assert not inside(file, "explorer.controls", "explorer.pages", "explorer.views")
    assert "explorer.state.Explorer" not in imports(file)


@pytest.mark.parametrize(
    "file", [file for file in files(explorer) if file.parent.name == "controls"], ids=name_of
)
def test_controls_know_neither_views_nor_pages(file):
    assert not inside(file, "explorer.views", "explorer.pages")


@pytest.mark.parametrize(
    "file", [file for file in files(explorer) if file.parent.name == "sharing"], ids=name_of
)
def test_sharing_knows_neither_controls_nor_pages(file):
    assert not inside(file, "explorer.controls", "explorer.pages")
