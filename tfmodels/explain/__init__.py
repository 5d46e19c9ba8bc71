"""Pictures of what a model did: attention maps, training curves, range tests, loads.

The functions are bound here at once, since each bears the name of its module; a call loads the drawing libraries.
"""

from tfmodels.explain.draw_attention import draw_attention
from tfmodels.explain.draw_curves import draw_curves
from tfmodels.explain.draw_learning_rate_range import draw_learning_rate_range
from tfmodels.explain.draw_load import draw_load

__all__ = ["draw_attention", "draw_curves", "draw_learning_rate_range", "draw_load"]
