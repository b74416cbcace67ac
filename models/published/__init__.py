"""One step exactly as a published library takes it, quirks included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model import NeuronModel

if TYPE_CHECKING:
    from ..simulate import Run


def methods(model: type[NeuronModel]) -> tuple[str, ...]:
    """The published steps a model can be run with, such as ``"ngc-learn:euler"``."""
    return ()


def check(cell: NeuronModel, method: str) -> None:
    """ValueError, in one sentence, if `method` is no method of the model."""
    from ..simulate import methods as all_methods

    raise ValueError(f"`method` is {method!r}: choose one of {', '.join(all_methods(type(cell)))}.")


def run(
    cell: NeuronModel,
    samples: np.ndarray,
    dt: float,
    method: str,
    seed: int,
    initial: Mapping[str, float] | None,
    options: Mapping[str, Any] | None,
) -> Run:
    """Run a published step over samples (T,) of current."""
    raise ValueError(f"`method` is {method!r}, which no model has.")
