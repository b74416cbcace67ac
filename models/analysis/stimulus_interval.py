"""When the current of a run is something else than its beginning: the stimulus interval."""

from __future__ import annotations

import numpy as np

from ..simulate import Run


def stimulus_interval(run: Run) -> tuple[float, float]:
    """Start and end of the stimulus, ms.

    The current at time zero is the base line. The stimulus lasts from the first step with another
    current to the last one; a current that never changes is a stimulus from beginning to end.
    """
    current = run.current
    other = np.flatnonzero(current != current[0]) if current.size else np.empty(0, int)
    if other.size == 0:
        return 0.0, run.duration
    return float(run.time[other[0]]), float(run.time[other[-1] + 1])
