"""Attributions of a model's predictions to its inputs, and their faithfulness.

The functions are imported at once, since some have the name of their module; the libraries load at the first call.
"""

from tfmodels.explain.event_contributions import EventContributions, event_contributions
from tfmodels.explain.faithfulness import Faithfulness, faithfulness
from tfmodels.explain.integrated_gradients import Attribution, integrated_gradients

__all__ = [
    "Attribution",
    "EventContributions",
    "Faithfulness",
    "event_contributions",
    "faithfulness",
    "integrated_gradients",
]
