"""What a diagram can have on an axis: the current or a parameter; where it stands, how to go there.

The current of a diagram is constant. The stimulus on the screen need not be: its present value
is the part of it that a hand would call "the current", and going somewhere sets that part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from models import Constant, NeuronModel, Stimulus, Sum
from models.stimulus import Samples

from .notation import latex_of, to_text
from .state import Explorer, Settings

CURRENT = "current"
"""The name under which the analysis varies the injected current."""

_LEVELS = ("amplitude", "stop", "baseline")
"""The setting of a stimulus that is its current: the first of these that it declares."""
_SWINGING = ("frequency", "sigma", "rate", "width")
"""With one of these an amplitude is a deviation, and the current is the base line."""
_DIGITS = 4
"""Digits of the width of an axis that a click on it sets: about a thousandth."""


@dataclass(frozen=True)
class Varied:
    """A quantity that can be varied.

    Attributes
    ----------
    name : ``"current"`` or the name of a parameter.
    title : what it is, such as "Reset potential".
    symbol : as plain text, such as "v_peak".
    unit : ``""`` when dimensionless.
    low, high : the range of its slider.
    """

    name: str
    title: str
    symbol: str
    unit: str
    low: float
    high: float

    @property
    def axis(self) -> str:
        """The label of an axis, such as "I (pA)"."""
        return f"{self.symbol} ({self.unit})" if self.unit else self.symbol

    def value(self, number: float) -> str:
        """A value in words, such as "I = 10 pA"."""
        return f"{self.symbol} = {number:.4g} {self.unit}".rstrip()


def varied_of(model: type[NeuronModel]) -> dict[str, Varied]:
    """Everything of a model that can be varied, by name; the current first."""
    current = model.current
    found = {
        CURRENT: Varied(
            CURRENT, "Current", to_text(current.symbol), current.unit, *current.softbounds
        )
    }
    for name, quantity in model.quantities().items():
        low, high = quantity.softbounds or quantity.bounds
        symbol = to_text(latex_of(name, quantity.symbol))
        found[name] = Varied(name, quantity.label, symbol, quantity.unit, low, high)
    return found


def present(settings: Settings, name: str) -> float:
    """Where a quantity stands now."""
    if name != CURRENT:
        return float(settings.parameters[name])
    part = settings.stimulus.parts()[0]
    if isinstance(part, Samples):
        return float(part.values.mean())
    return float(part.settings[level_of(part)])


def around(quantity: Varied, value: float) -> tuple[float, float]:
    """The range of an axis: that of the slider, widened to hold a value typed beyond it."""
    if quantity.low <= value <= quantity.high:
        return quantity.low, quantity.high
    margin = 0.1 * (max(value, quantity.high) - min(value, quantity.low))
    return (
        quantity.low if value > quantity.low else value - margin,
        quantity.high if value < quantity.high else value + margin,
    )


def go_to(explorer: Explorer, name: str, value: float) -> None:
    """Set a quantity to a value read off an axis."""
    if name != CURRENT:
        explorer.set_parameter(name, value)
        return
    first, *rest = explorer.settings.stimulus.parts()
    explorer.set_stimulus(
        _at_level(first, value) if not rest else Sum(_at_level(first, value), *rest)
    )


def rounded(value: float, low: float, high: float) -> float:
    """A value read off an axis from low to high, without digits that no hand could mean."""
    digits = _DIGITS - 1 - math.floor(math.log10(high - low)) if high > low else _DIGITS
    return float(round(min(max(value, low), high), digits))


def level_of(stimulus: Stimulus) -> str:
    """The setting of a stimulus that is its current."""
    names = stimulus.quantities()
    deviates = "baseline" in names and any(name in names for name in _SWINGING)
    return "baseline" if deviates else next(name for name in _LEVELS if name in names)


def _at_level(stimulus: Stimulus, value: float) -> Stimulus:
    if isinstance(stimulus, Samples):
        return Constant(value)
    return type(stimulus)(**{**stimulus.settings, level_of(stimulus): value})
