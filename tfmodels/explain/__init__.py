"""Attributions of a model's answers to its inputs, and how faithful they are.

The functions are bound here at once, since some have the name of their module; a call loads the libraries.
"""

from tfmodels.explain.faithfulness import Faithfulness, faithfulness
from tfmodels.explain.integrated_gradients import Attribution, integrated_gradients

__all__ = ["Attribution", "Faithfulness", "faithfulness", "integrated_gradients"]
