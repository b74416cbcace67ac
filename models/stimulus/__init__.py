"""What is injected into a cell: constant, step, pulses, ramp, sine, chirp, noise, Poisson, samples.

Every stimulus turns into one number per time step with `Stimulus.samples`. Stimuli add with ``+``.
Their amplitudes are in the current unit of the model they drive.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..quantity import CURRENT as CURRENT
from .base import Constant as Constant
from .base import Samples as Samples
from .base import Stimulus as Stimulus
from .base import Sum as Sum
from .base import as_stimulus as as_stimulus
from .noise import Noise as Noise
from .noise import Poisson as Poisson
from .waveforms import Chirp as Chirp
from .waveforms import Pulses as Pulses
from .waveforms import Ramp as Ramp
from .waveforms import Sine as Sine
from .waveforms import Step as Step

kinds: Mapping[str, type[Stimulus]] = {
    kind.__name__: kind for kind in (Constant, Step, Pulses, Ramp, Sine, Chirp, Noise, Poisson)
}
"""The stimuli an editor offers, by name."""


def stimulus_from(data: Mapping[str, Any]) -> Stimulus:
    """The stimulus described by plain data, as `Stimulus.as_data` gives it.

    Raises
    ------
    ValueError
        If the type is unknown or a setting is not accepted.
    """
    if not isinstance(data, Mapping):
        raise ValueError("A stimulus is described by a mapping with its `type` and settings.")
    settings = {str(key): value for key, value in data.items() if key != "type"}
    kind = str(data.get("type"))
    if kind == "Sum":
        parts = settings.get("parts")
        if not isinstance(parts, list | tuple) or not all(map(_is_single, parts)):
            raise ValueError("A sum of stimuli is described by the list of its `parts`.")
        return Sum(*map(stimulus_from, parts))
    if kind == "Samples":
        return Samples(settings.get("values", ()))
    if kind not in kinds:
        raise ValueError(f"`{kind}` is no stimulus: choose one of {', '.join(kinds)}.")
    return kinds[kind](**settings)


def _is_single(data: Any) -> bool:
    return isinstance(data, Mapping) and data.get("type") != "Sum"
