"""Scores of a model's answers.

The functions are bound here at once, since one bears the name of its module; sacreBLEU loads when one is called.
"""

from tfmodels.metrics.translation_scores import TranslationScores, looks_tokenized, sentence_scores, translation_scores

__all__ = ["TranslationScores", "looks_tokenized", "sentence_scores", "translation_scores"]
