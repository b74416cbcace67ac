"""What can be read off a model or a run: pure functions, one concept per file."""

from .atlas import atlas as atlas
from .atlas import coarse_to_fine as coarse_to_fine
from .features import features as features
from .fi_curve import fi_curve as fi_curve
from .fi_curve import fi_up_and_down as fi_up_and_down
from .fixed_points import FixedPoint as FixedPoint
from .fixed_points import fixed_points as fixed_points
from .manifolds import Manifold as Manifold
from .manifolds import manifolds as manifolds
from .nullclines import nullclines as nullclines
from .pattern import Pattern as Pattern
from .pattern import pattern as pattern
from .phase_line import PhaseLine as PhaseLine
from .phase_line import phase_line as phase_line
from .reset_map import MapPoint as MapPoint
from .reset_map import ResetMap as ResetMap
from .reset_map import reset_map as reset_map
from .rheobase import Rheobase as Rheobase
from .rheobase import rheobase as rheobase
from .stimulus_interval import stimulus_interval as stimulus_interval
from .strength_duration import StrengthDuration as StrengthDuration
from .strength_duration import strength_duration as strength_duration
from .vector_field import vector_field as vector_field
