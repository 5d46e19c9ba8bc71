"""Whole networks, made of layers."""

from typing import TYPE_CHECKING

from tfmodels.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from tfmodels.models.classifier import Classifier as Classifier
    from tfmodels.models.event_classifiers.event_classifier import EventClassifier as EventClassifier
    from tfmodels.models.event_classifiers.lstm_event_classifier import LSTMEventClassifier as LSTMEventClassifier
    from tfmodels.models.event_classifiers.transformer_event_classifier import (
        TransformerEventClassifier as TransformerEventClassifier,
    )
    from tfmodels.models.event_options import LSTMEventOptions as LSTMEventOptions
    from tfmodels.models.event_options import TransformerEventOptions as TransformerEventOptions
    from tfmodels.models.forecasters.attention_lstm_forecaster import AttentionLSTMForecaster as AttentionLSTMForecaster
    from tfmodels.models.forecasters.forecast_shape import ForecastShape as ForecastShape
    from tfmodels.models.forecasters.forecaster import Forecaster as Forecaster
    from tfmodels.models.forecasters.linear_forecaster import LinearForecaster as LinearForecaster
    from tfmodels.models.forecasters.linear_options import LinearForecasterOptions as LinearForecasterOptions
    from tfmodels.models.forecasters.lstm_forecaster import LSTMForecaster as LSTMForecaster
    from tfmodels.models.forecasters.transformer_forecaster import TransformerForecaster as TransformerForecaster
    from tfmodels.models.hierarchical_classifier import HierarchicalClassifier as HierarchicalClassifier
    from tfmodels.models.lstm_classifier import LSTMClassifier as LSTMClassifier
    from tfmodels.models.lstm_options import AttentionLSTMForecasterOptions as AttentionLSTMForecasterOptions
    from tfmodels.models.lstm_options import LSTMForecasterOptions as LSTMForecasterOptions
    from tfmodels.models.lstm_options import LSTMOptions as LSTMOptions
    from tfmodels.models.lstm_seq2seq import LSTMSeq2Seq as LSTMSeq2Seq
    from tfmodels.models.reader_options import LSTMReaderOptions as LSTMReaderOptions
    from tfmodels.models.reader_options import TransformerReaderOptions as TransformerReaderOptions
    from tfmodels.models.readers.lstm_reader import LSTMReader as LSTMReader
    from tfmodels.models.readers.reader import Reader as Reader
    from tfmodels.models.readers.transformer_reader import TransformerReader as TransformerReader
    from tfmodels.models.recommender_options import LSTMRecommenderOptions as LSTMRecommenderOptions
    from tfmodels.models.recommender_options import TransformerRecommenderOptions as TransformerRecommenderOptions
    from tfmodels.models.recommenders.feature_sizes import FeatureSizes as FeatureSizes
    from tfmodels.models.recommenders.lstm_recommender import LSTMRecommender as LSTMRecommender
    from tfmodels.models.recommenders.recommender import Recommender as Recommender
    from tfmodels.models.recommenders.transformer_recommender import TransformerRecommender as TransformerRecommender
    from tfmodels.models.transformer_classifier import TransformerClassifier as TransformerClassifier
    from tfmodels.models.transformer_options import TransformerClassifierOptions as TransformerClassifierOptions
    from tfmodels.models.transformer_options import TransformerForecasterOptions as TransformerForecasterOptions
    from tfmodels.models.transformer_options import TransformerOptions as TransformerOptions
    from tfmodels.models.transformer_seq2seq import TransformerSeq2Seq as TransformerSeq2Seq

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_exports(__name__, __file__, register=True)
