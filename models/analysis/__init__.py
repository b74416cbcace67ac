"""What can be read off a model or a run: pure functions, one concept per file."""

from .fixed_points import FixedPoint as FixedPoint
from .fixed_points import fixed_points as fixed_points
from .nullclines import nullclines as nullclines
from .vector_field import vector_field as vector_field
