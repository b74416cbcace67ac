"""The rheobase: the weakest current, however long it lasts, that makes a resting cell fire."""

from __future__ import annotations

import numpy as np

from ..model import NeuronModel
from . import batch
from .threshold_search import ENDLESS, FromRest


class Rheobase(float):
    """A rheobase, in the model's unit of current: the least step that gives a spike.

    Attributes
    ----------
    repetitive : least step after which the cell keeps firing, None if there is none.
    rest_ends : current at which rest itself is lost, by a fold, a Hopf point or at the threshold,
        so that even a current that grows slowly makes the cell fire; None if it never is.

    In integrators all three agree. A cell that a step can startle into one spike, or that has
    firing beside rest, keeps them apart: Hodgkin-Huxley 2.24, 6.26 and 9.78 µA/cm².
    """

    repetitive: float | None
    rest_ends: float | None

    def __new__(
        cls, value: float, repetitive: float | None = None, rest_ends: float | None = None
    ) -> Rheobase:
        made = super().__new__(cls, value)
        made.repetitive = repetitive
        made.rest_ends = rest_ends
        return made

    def __repr__(self) -> str:
        return (
            f"Rheobase({float(self):g}, repetitive={self.repetitive}, rest_ends={self.rest_ends})"
        )


def rheobase(
    cell: NeuronModel, duration: float = ENDLESS, dt: float | None = None, method: str = "rk4"
) -> Rheobase:
    """The least constant current that makes a resting cell fire.

    The cell rests without current; then the current steps up and stays. The rheobase is the least
    step that gives at least one spike (Lapicque's definition); `Rheobase.repetitive` is the least
    one after which the cell is still firing at the end. A cell that fires by itself has a
    negative rheobase: it is then held at rest by the current at the lower end of the model's range,
    or by a weaker one where that is too much, and stepped up from there. Both are found by
    bisection on simulation in double precision, in which `ENDLESS` ms stand for an endless step;
    but a cell with one state, which climbs as soon as its rest is lost, needs no waiting: its
    rheobase is where that happens, zero for a perfect integrator. A spike of a model without reset
    is a response beyond half way from rest to the highest voltage any tried step reaches: its
    action potential is all or none, and so the exact level is of no consequence.

    Parameters
    ----------
    cell : the model.
    duration : ms within which the spike must come; an endless step by default.
    dt, method : as `fi_curve`.

    Returns
    -------
    Rheobase
        A float; NaN if no current in reach makes the cell fire, or if the model has no spikes.

    Raises
    ------
    ValueError
        As `models.simulate`, or if nothing holds the cell at rest.
    """
    search = FromRest(cell, duration, batch.step_length(cell) if dt is None else dt, method)
    once = search.least()
    if not np.isfinite(once):
        return Rheobase(float("nan"))
    ends = search.rest_ends(once)
    if search.endless(once) < once:
        return Rheobase(ends, ends, ends)
    again = search.least_lasting(once)
    return Rheobase(
        once, again if np.isfinite(again) else None, ends if np.isfinite(ends) else None
    )
