"""Greedy search, beam search and sampling over a model's step function and its cache."""

from tfmodels.lazy_exports import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Decoded": "decoded",
        "StepModel": "step_model",
        "beam_search": "beam",
        "greedy": "greedy_search",
        "log_probability": "likelihood",
        "sample": "sampling",
    },
)
