"""Greedy search, beam search and sampling over a model's step function and its cache."""

from typing import TYPE_CHECKING

from tfmodels.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from tfmodels.decoding.allowed_tokens import Phrases as Phrases
    from tfmodels.decoding.beam import beam_search as beam_search
    from tfmodels.decoding.decoded import Decoded as Decoded
    from tfmodels.decoding.greedy_search import greedy as greedy
    from tfmodels.decoding.likelihood import log_probability as log_probability
    from tfmodels.decoding.sampling import sample as sample
    from tfmodels.decoding.step_ensemble import StepEnsemble as StepEnsemble
    from tfmodels.decoding.step_model import StepModel as StepModel

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_exports(__name__, __file__)
