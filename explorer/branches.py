"""Branches of a bifurcation diagram cut into what is stable and what is not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


def stretches(
    x: np.ndarray, y: np.ndarray, stable: np.ndarray, wanted: bool
) -> Iterator[np.ndarray]:
    """The parts (m, 2) of a branch x, y (n,) that are, or are not, stable.

    A piece of line is stable if both of its ends are, so every piece is in one part and no gap
    shows between them.
    """
    kind = (stable[:-1] & stable[1:]) == wanted
    edges = np.flatnonzero(np.diff(np.concatenate([[0], kind.astype(int), [0]])))
    for first, after in edges.reshape(-1, 2):
        yield np.stack([x[first : after + 1], y[first : after + 1]], axis=1)
