"""Sliders, menus and buttons: derived from what models and stimuli declare.

Each panel shows a part of `Explorer.settings` and asks for changes with methods of `Explorer`.
"""

from .model_panel import ModelPanel as ModelPanel
from .numerics_panel import NumericsPanel as NumericsPanel
from .parameter_panel import ParameterPanel as ParameterPanel
from .stimulus_panel import StimulusPanel as StimulusPanel
