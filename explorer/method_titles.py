"""What people call the methods, whose names in links and programs are short."""

from __future__ import annotations

from models import NeuronModel
from models.integrators import schemes
from models.published import published_step

_ACCURATE = {
    "euler": "Euler",
    "midpoint": "Midpoint",
    "rk4": "Runge-Kutta 4",
    "exponential-euler": "Exponential Euler",
}


def method_title(model: type[NeuronModel], method: str) -> str:
    """What people call a method of a model: for a published step whose it is, and which."""
    if method in schemes:
        return _ACCURATE[method]
    return published_step(model, method).title


def method_heading(method: str) -> str:
    """What a menu has over a method."""
    return "Accurate" if method in schemes else "As published"
