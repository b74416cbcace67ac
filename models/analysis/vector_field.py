"""The flow of a model on a grid of its phase plane."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..model import NeuronModel
from .given import count
from .plane import Range, flow_on_grid, plane


def vector_field(
    cell: NeuronModel,
    x: str | None = None,
    y: str | None = None,
    current: float = 10.0,
    xlim: Range | None = None,
    ylim: Range | None = None,
    n: int = 20,
    held: Mapping[str, float] | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """How fast the two axis states move, on an even grid of a phase plane.

    Parameters
    ----------
    cell, x, y, current, xlim, ylim, held : the plane; see `models.analysis.plane.plane`.
    n : points along each axis, both ends included.

    Returns
    -------
    X, Y : (n, n) the grid; rows run along y.
    U, V : (n, n) dx/dt and dy/dt there, per ms.

    Raises
    ------
    ValueError
        As `plane`, and if `n` is no whole number of 2 or more.
    """
    view = plane(cell, x, y, current, xlim, ylim, held)
    nodes = view.nodes(count("n", n, 2, "points along each axis"))
    flow = np.asarray(flow_on_grid(*view.settings, *nodes))
    across, up = np.meshgrid(*nodes)
    return across, up, flow[0], flow[1]
