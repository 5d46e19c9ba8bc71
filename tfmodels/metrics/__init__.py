"""Scores of a model's predictions, and the baselines to compare them with.

The scores of translations are imported at once, since one has the name of its module; sacreBLEU loads when one is
called. All else, which needs NumPy, is imported when it is first used.
"""

from typing import TYPE_CHECKING

from tfmodels.lazy_exports import lazy_exports
from tfmodels.metrics.translation_scores import (
    TranslationScores,
    bleu_of_sums,
    bleu_statistics,
    looks_tokenized,
    sentence_bleu,
    sentence_scores,
    translation_scores,
)

if TYPE_CHECKING:
    from tfmodels.metrics.answer_scores import squad_scores as squad_scores
    from tfmodels.metrics.answerability import PlattScaling as PlattScaling
    from tfmodels.metrics.answerability import Threshold as Threshold
    from tfmodels.metrics.answerability import best_threshold as best_threshold
    from tfmodels.metrics.answerability import platt_scaling as platt_scaling
    from tfmodels.metrics.bootstrap import Difference as Difference
    from tfmodels.metrics.bootstrap import independent_blocks as independent_blocks
    from tfmodels.metrics.bootstrap import margin_of_error as margin_of_error
    from tfmodels.metrics.bootstrap import paired_difference as paired_difference
    from tfmodels.metrics.bootstrap import ratio as ratio
    from tfmodels.metrics.calibration import Calibration as Calibration
    from tfmodels.metrics.calibration import reliability as reliability
    from tfmodels.metrics.classification_baselines import LinearBaseline as LinearBaseline
    from tfmodels.metrics.classification_baselines import linear_models as linear_models
    from tfmodels.metrics.classification_baselines import majority_class as majority_class
    from tfmodels.metrics.classification_scores import ClassificationScores as ClassificationScores
    from tfmodels.metrics.classification_scores import ClassScores as ClassScores
    from tfmodels.metrics.classification_scores import micro_f1_of_sums as micro_f1_of_sums
    from tfmodels.metrics.classification_scores import multi_label_scores as multi_label_scores
    from tfmodels.metrics.classification_scores import single_label_scores as single_label_scores
    from tfmodels.metrics.forecast_baselines import drift as drift
    from tfmodels.metrics.forecast_baselines import mean_of_history as mean_of_history
    from tfmodels.metrics.forecast_baselines import repeat_last as repeat_last
    from tfmodels.metrics.forecast_baselines import seasonal_naive as seasonal_naive
    from tfmodels.metrics.forecast_regressions import least_absolute_errors as least_absolute_errors
    from tfmodels.metrics.forecast_regressions import ridge as ridge
    from tfmodels.metrics.forecast_regressions import ridge_of_directions as ridge_of_directions
    from tfmodels.metrics.forecast_scores import coverage as coverage
    from tfmodels.metrics.forecast_scores import crps as crps
    from tfmodels.metrics.forecast_scores import direction_accuracy as direction_accuracy
    from tfmodels.metrics.forecast_scores import direction_mcc as direction_mcc
    from tfmodels.metrics.forecast_scores import mae as mae
    from tfmodels.metrics.forecast_scores import mape as mape
    from tfmodels.metrics.forecast_scores import mase as mase
    from tfmodels.metrics.forecast_scores import mse as mse
    from tfmodels.metrics.forecast_scores import msis as msis
    from tfmodels.metrics.forecast_scores import msse as msse
    from tfmodels.metrics.forecast_scores import owa as owa
    from tfmodels.metrics.forecast_scores import pinball as pinball
    from tfmodels.metrics.forecast_scores import rmse as rmse
    from tfmodels.metrics.forecast_scores import seasonal_error as seasonal_error
    from tfmodels.metrics.forecast_scores import smape as smape
    from tfmodels.metrics.forecast_trees import boosted_trees as boosted_trees
    from tfmodels.metrics.forecast_trees import boosted_trees_of_directions as boosted_trees_of_directions
    from tfmodels.metrics.nearest_class_baseline import nearest_class as nearest_class
    from tfmodels.metrics.paired.character_f import chrf_of_sums as chrf_of_sums
    from tfmodels.metrics.paired.character_f import chrf_statistics as chrf_statistics
    from tfmodels.metrics.paired.row_metric import RowMetric as RowMetric
    from tfmodels.metrics.phrase_repeats import repeated_phrase as repeated_phrase
    from tfmodels.metrics.phrase_repeats import repeated_phrases as repeated_phrases
    from tfmodels.metrics.ranked_items import CatalogueScores as CatalogueScores
    from tfmodels.metrics.ranked_items import catalogue_scores as catalogue_scores
    from tfmodels.metrics.ranked_items import gini as gini
    from tfmodels.metrics.ranked_items import mean_ranks as mean_ranks
    from tfmodels.metrics.ranked_items import ranking_scores as ranking_scores
    from tfmodels.metrics.risks.event_aggregates import IrregularEvents as IrregularEvents
    from tfmodels.metrics.risks.event_aggregates import aggregate_names as aggregate_names
    from tfmodels.metrics.risks.event_aggregates import event_aggregates as event_aggregates
    from tfmodels.metrics.risks.number_baselines import ridge_numbers as ridge_numbers
    from tfmodels.metrics.risks.number_baselines import tree_numbers as tree_numbers
    from tfmodels.metrics.risks.risk_baselines import RiskTable as RiskTable
    from tfmodels.metrics.risks.risk_baselines import logistic_probabilities as logistic_probabilities
    from tfmodels.metrics.risks.risk_baselines import logistic_risk as logistic_risk
    from tfmodels.metrics.risks.risk_baselines import prevalence_risk as prevalence_risk
    from tfmodels.metrics.risks.risk_baselines import severity_risk as severity_risk
    from tfmodels.metrics.risks.risk_baselines import tree_probabilities as tree_probabilities
    from tfmodels.metrics.risks.risk_baselines import tree_risk as tree_risk
    from tfmodels.metrics.risks.risk_decisions import DecisionCurve as DecisionCurve
    from tfmodels.metrics.risks.risk_decisions import decision_curve as decision_curve
    from tfmodels.metrics.risks.risk_decisions import risk_threshold as risk_threshold
    from tfmodels.metrics.risks.risk_groups import GroupScores as GroupScores
    from tfmodels.metrics.risks.risk_groups import gap_warnings as gap_warnings
    from tfmodels.metrics.risks.risk_groups import group_scores as group_scores
    from tfmodels.metrics.risks.risk_scores import RiskCases as RiskCases
    from tfmodels.metrics.risks.risk_scores import risk_difference as risk_difference
    from tfmodels.metrics.risks.risk_scores import risk_margin as risk_margin
    from tfmodels.metrics.risks.risk_scores import risk_scores as risk_scores
    from tfmodels.metrics.window_rows import SeenWindows as SeenWindows

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_exports(__name__, __file__)

__all__ = [
    "TranslationScores",
    "bleu_of_sums",
    "bleu_statistics",
    "looks_tokenized",
    "sentence_bleu",
    "sentence_scores",
    "translation_scores",
]
