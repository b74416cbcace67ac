"""The catalogue: every model found in this package, in teaching order."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from .model import NeuronModel


def discover() -> Mapping[str, type[NeuronModel]]:
    """Import every module beside this one and collect the models declared there, by class name."""
    package = importlib.import_module(__package__)
    found: dict[str, type[NeuronModel]] = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{__package__}.{info.name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, NeuronModel) and value.states:
                found[value.__name__] = value
    ordered = sorted(found.values(), key=lambda model: (model.teaching_order, model.__name__))
    return MappingProxyType({model.__name__: model for model in ordered})
