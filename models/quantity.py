"""Declared settings: numbers with a unit, choices among names, and classes made of them."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from functools import cache
from numbers import Real
from typing import Any, ClassVar, TypeVar

import param

Kind = TypeVar("Kind", bound="param.Parameter[Any]")

_PRESENTATION = {"unit": "", "symbol": "", "group": "Parameters", "level": "basic"}
"""What a setting says about how it is shown, with the defaults."""


CURRENT = "current"
"""Unit of a current whose unit depends on the model that it drives."""


class Quantity(param.Number[Any]):
    """A setting that is a finite number with a unit, a symbol and a meaning.

    Parameters
    ----------
    default : value of a fresh object.
    bounds : hard limits (inclusive); what the equations accept. ``None`` leaves an end open.
    softbounds : the range a slider spans; typed values may go beyond, up to `bounds`.
    unit : unit as printed, ``""`` when dimensionless.
    symbol : LaTeX symbol, as in the equations. The screen makes one of the name if omitted.
    group : heading under which the control stands.
    level : ``"basic"`` is always shown, ``"all"`` only on request.

    Raises
    ------
    ValueError
        On assignment of something that is no finite number or lies outside `bounds`; one
        sentence with the name, the value and what is accepted.
    """

    __slots__ = ["group", "level", "symbol", "unit"]
    _slot_defaults = param.Number._slot_defaults | _PRESENTATION

    def __init__(
        self,
        default: Any = param.Undefined,
        *,
        unit: Any = param.Undefined,
        symbol: Any = param.Undefined,
        group: Any = param.Undefined,
        level: Any = param.Undefined,
        **settings: Any,
    ) -> None:
        self.unit = unit
        self.symbol = symbol
        self.group = group
        self.level = level
        super().__init__(default=default, **settings)

    def _validate(self, val: Any) -> None:
        if not is_finite_number(val):
            raise ValueError(
                f"`{self.name}` is {shown(val)}: give a finite number{self._in_unit()}."
            )
        number = float(val)
        low, high = self.bounds or (None, None)
        if low is not None and number < low:
            raise ValueError(f"`{self.name}` is {number:g}{self._unit()}: choose {low:g} or more.")
        if high is not None and number > high:
            raise ValueError(f"`{self.name}` is {number:g}{self._unit()}: choose {high:g} or less.")

    def __get__(self, obj: Any, objtype: Any = None) -> Any:
        # A quantity is never a callable, so reading it skips what `Number` does for those.
        return param.Parameter.__get__(self, obj, objtype)

    def _unit(self) -> str:
        return f" {self.unit}" if self.unit not in ("", CURRENT) else ""

    def _in_unit(self) -> str:
        return f" in{self._unit()}" if self._unit() else ""


class Choice(param.Selector[Any]):
    """A setting that is one of a few names, such as an activation function.

    A model's choices are part of a simulation's compiled form: changing one compiles once more.
    """

    __slots__ = ["group", "level", "symbol", "unit"]
    _slot_defaults = param.Selector._slot_defaults | _PRESENTATION

    def __init__(
        self,
        default: Any = param.Undefined,
        *,
        group: Any = param.Undefined,
        level: Any = param.Undefined,
        **settings: Any,
    ) -> None:
        self.unit = ""
        self.symbol = ""
        self.group = group
        self.level = level
        super().__init__(default=default, **settings)

    def _validate(self, val: Any) -> None:
        if not isinstance(val, str) or val not in self.objects:
            raise ValueError(
                f"`{self.name}` is {shown(val)}: choose one of {', '.join(self.objects)}."
            )


class Declared(param.Parameterized):
    """An object whose settings are the quantities and choices that its class declares.

    Raises
    ------
    ValueError
        On a setting the class does not declare, or a value that one of them does not accept.
    """

    settings_are_called: ClassVar[str] = "setting"
    """What an error message calls a setting of this class."""

    def __init__(self, **settings: Any) -> None:
        known = self.setting_names()
        for given in settings:
            if given not in known:
                near = difflib.get_close_matches(given, known, n=1)
                hint = f"did you mean `{near[0]}`?" if near else f"it has {', '.join(known)}."
                raise ValueError(
                    f"{type(self).__name__} has no {self.settings_are_called} `{given}`: "
                    + (hint if known else "it has none.")
                )
        super().__init__(**settings)  # type: ignore[no-untyped-call]

    @classmethod
    @cache
    def quantities(cls) -> Mapping[str, Quantity]:
        """The numeric settings in the order of declaration."""
        return _declared(cls, Quantity)

    @classmethod
    @cache
    def choices(cls) -> Mapping[str, Choice]:
        """The settings that are one of a few names, in the order of declaration."""
        return _declared(cls, Choice)

    @classmethod
    @cache
    def setting_names(cls) -> tuple[str, ...]:
        """The names of all settings: quantities first, then choices."""
        return (*cls.quantities(), *cls.choices())

    @property
    def settings(self) -> dict[str, Any]:
        """All settings by name."""
        return {name: getattr(self, name) for name in self.setting_names()}


def is_finite_number(value: Any) -> bool:
    """Whether a value is a real number, of any type but boolean, within the range of floats."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond the range of floats
        return False


def shown(value: Any) -> str:
    """A value as an error message prints it: on one line, cut short."""
    text = " ".join((str(value) if isinstance(value, float) else repr(value)).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def written(value: float, digits: int = 3) -> str:
    """A number as a sentence prints it: so many digits, or all before the point, and no power of
    ten up to a million."""
    if 10.0**digits - 0.5 <= abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:.{digits}g}"


def _declared(cls: type[Declared], kind: type[Kind]) -> dict[str, Kind]:
    """Settings of one kind, base classes first, in the order they are written."""
    known = cls.param.objects("existing")
    declared: dict[str, Kind] = {}
    for base in reversed(cls.__mro__):
        for name in vars(base):
            setting = known.get(name)
            if isinstance(setting, kind):
                declared[name] = setting
    return declared
