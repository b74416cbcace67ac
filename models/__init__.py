"""Neuron models: declared once, simulated fast, analysed. Knows no screen.

>>> import models
>>> run = models.Izhikevich.presets()["chattering"].run()
>>> run.spike_times
"""

from __future__ import annotations

from collections.abc import Mapping

from . import backend

backend.configure()

from . import analysis as analysis
from .adaptive_quadratic import AdaptiveQuadratic as AdaptiveQuadratic
from .catalogue import discover as _discover
from .exponential import EIF as EIF
from .exponential import AdEx as AdEx
from .fitzhugh_nagumo import FitzHughNagumo as FitzHughNagumo
from .hindmarsh_rose import HindmarshRose as HindmarshRose
from .hodgkin_huxley import HodgkinHuxley as HodgkinHuxley
from .integrate_and_fire import IF as IF
from .integrate_and_fire import LIF as LIF
from .izhikevich import Izhikevich as Izhikevich
from .layer import Layer as Layer
from .layer_inputs import random_recurrence as random_recurrence
from .layer_run import LayerRun as LayerRun
from .leaky_noise import LeakyNoise as LeakyNoise
from .model import Choice as Choice
from .model import Input as Input
from .model import NeuronModel as NeuronModel
from .model import Quantity as Quantity
from .model import State as State
from .morris_lecar import MorrisLecar as MorrisLecar
from .preset import Preset as Preset
from .quadratic import QIF as QIF
from .simulate import Run as Run
from .simulate import methods as methods
from .simulate import simulate as simulate
from .stimulus import Chirp as Chirp
from .stimulus import Constant as Constant
from .stimulus import Noise as Noise
from .stimulus import Poisson as Poisson
from .stimulus import Pulses as Pulses
from .stimulus import Ramp as Ramp
from .stimulus import Samples as Samples
from .stimulus import Sine as Sine
from .stimulus import Step as Step
from .stimulus import Stimulus as Stimulus
from .stimulus import Sum as Sum

catalogue: Mapping[str, type[NeuronModel]] = _discover()
"""Every model by class name, in teaching order."""


def __getattr__(name: str) -> type[NeuronModel]:
    """Models in files of their own that this page does not name."""
    try:
        return catalogue[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
