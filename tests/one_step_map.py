"""Single precision without chaos: each step of a recorded run from the recorded state before it.

Two runs in single precision drift apart however right both are. One step from a given state does
not: it is the same to rounding, or the step is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from models import published
from models.published.step import Tick, drive, join, resolve, settings_of, split
from tests.reference_cases import Arrays, is_input, plan_of, record_of


def one_step(case: dict[str, Any], recorded: Mapping[str, np.ndarray]) -> Arrays:
    """The library's single-precision run, each step taken from the recorded state before it.

    Parameters
    ----------
    case : the sidecar of a recorded run.
    recorded : all its arrays. What was not recorded in single precision is taken from the run in
        double precision.

    Returns
    -------
    {row: array} in single precision, index k for the value after step k from state k - 1.
    """
    single = {name[:-4]: values for name, values in recorded.items() if name.endswith("_f32")}
    known = dict(recorded) | single
    plan = plan_of(case, {name: values for name, values in known.items() if is_input(name)})
    step = published.published_step(type(plan.cell), plan.method)
    record = record_of(plan)
    known = dict(record.rows) | known
    currents = [row for row in step.rows if row[0] == "w" and row[1:].isdigit()]
    for place, row in enumerate(currents):
        column = known["w"][:, place].reshape(-1, *[1] * (plan.samples.ndim - 1))
        known[row] = np.broadcast_to(column, plan.samples.shape)

    def before(row: str) -> np.ndarray:
        rows = np.asarray(known[row], float).reshape(plan.samples.shape)
        return np.concatenate([np.broadcast_to(record.first[row], rows[:1].shape), rows[:-1]])

    p = plan.cell.p._replace(**plan.vary)
    settings = settings_of(step, p, resolve(step, p, plan.options), plan.dt)
    q = join(*split(settings, np.float32))
    dt = np.float32(plan.dt)
    after = jax.jit(
        jax.vmap(
            lambda row, current, series, time: step.advance(row, Tick(current, series, time, dt), q)
        )
    )(
        np.stack([before(row) for row in step.rows], axis=1).astype(np.float32),
        plan.samples.astype(np.float32),
        drive(step, plan.samples.shape, plan.options, 0).astype(np.float32),
        np.float32(record.time[:-1]),
    )
    found = {row: np.asarray(after[:, place]) for place, row in enumerate(step.rows)}
    if currents:
        columns = [found[row].reshape(len(record.time) - 1, -1)[:, 0] for row in currents]
        found["w"] = np.stack(columns, axis=1)
    return found
