"""Keras layers: attention, LSTMs, Transformer layers, position encodings, forecast heads, masks."""

from typing import TYPE_CHECKING

from tfmodels.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from tfmodels.layers import copying as copying
    from tfmodels.layers import masks as masks
    from tfmodels.layers.attention.additive_attention import AdditiveAttention as AdditiveAttention
    from tfmodels.layers.attention.attention_pooling import AttentionPooling as AttentionPooling
    from tfmodels.layers.attention.beam_indices import beam_mask as beam_mask
    from tfmodels.layers.attention.beam_indices import start_beam_indices as start_beam_indices
    from tfmodels.layers.attention.beam_indices import update_beam_indices as update_beam_indices
    from tfmodels.layers.attention.coattention import Coattention as Coattention
    from tfmodels.layers.attention.coverage import add_coverage as add_coverage
    from tfmodels.layers.attention.coverage import start_coverage as start_coverage
    from tfmodels.layers.attention.cross_attention import attend as attend
    from tfmodels.layers.attention.cross_attention import make_attention as make_attention
    from tfmodels.layers.attention.dot_product_attention import DotProductAttention as DotProductAttention
    from tfmodels.layers.attention.multi_head_attention import MultiHeadAttention as MultiHeadAttention
    from tfmodels.layers.attention.seasonal_attention import SeasonalAttention as SeasonalAttention
    from tfmodels.layers.channel_standardization import ChannelStandardization as ChannelStandardization
    from tfmodels.layers.dense import Dense as Dense
    from tfmodels.layers.dropout import Dropout as Dropout
    from tfmodels.layers.embedding_dropout import EmbeddingDropout as EmbeddingDropout
    from tfmodels.layers.feature_tower import FeatureTower as FeatureTower
    from tfmodels.layers.heads.conformal_correction import ConformalCorrection as ConformalCorrection
    from tfmodels.layers.heads.direction_head import DirectionHead as DirectionHead
    from tfmodels.layers.heads.horizon_decoder import HorizonDecoder as HorizonDecoder
    from tfmodels.layers.heads.logit_mixture import LogitMixture as LogitMixture
    from tfmodels.layers.heads.negative_binomial_head import NegativeBinomialHead as NegativeBinomialHead
    from tfmodels.layers.heads.point_head import PointHead as PointHead
    from tfmodels.layers.heads.quantile_head import QuantileHead as QuantileHead
    from tfmodels.layers.heads.span_head import SpanHead as SpanHead
    from tfmodels.layers.heads.step_decoder import StepDecoder as StepDecoder
    from tfmodels.layers.heads.student_t_head import StudentTHead as StudentTHead
    from tfmodels.layers.heads.temperature_scaling import TemperatureScaling as TemperatureScaling
    from tfmodels.layers.layer_normalization import LayerNormalization as LayerNormalization
    from tfmodels.layers.next_item_regression import NextItemRegression as NextItemRegression
    from tfmodels.layers.ngram_regression import NGramRegression as NGramRegression
    from tfmodels.layers.ngram_scores import NGramScores as NGramScores
    from tfmodels.layers.positions.learned_positions import LearnedPositions as LearnedPositions
    from tfmodels.layers.positions.rotary_positions import RotaryPositions as RotaryPositions
    from tfmodels.layers.positions.sinusoidal_positions import SinusoidalPositions as SinusoidalPositions
    from tfmodels.layers.recurrent.bidirectional_lstm import BidirectionalLSTM as BidirectionalLSTM
    from tfmodels.layers.recurrent.lstm import LSTM as LSTM
    from tfmodels.layers.recurrent.lstm_stack import LSTMStack as LSTMStack
    from tfmodels.layers.reversible_instance_norm import ReversibleInstanceNorm as ReversibleInstanceNorm
    from tfmodels.layers.spelling_scores import SpellingScores as SpellingScores
    from tfmodels.layers.tabular.boosted_trees import BoostedTrees as BoostedTrees
    from tfmodels.layers.tabular.piecewise_linear import PiecewiseLinear as PiecewiseLinear
    from tfmodels.layers.tabular.tabular_ensemble import TabularEnsemble as TabularEnsemble
    from tfmodels.layers.token_embedding import TokenEmbedding as TokenEmbedding
    from tfmodels.layers.transformer.feed_forward import FeedForward as FeedForward
    from tfmodels.layers.transformer.transformer_decoder_layer import TransformerDecoderLayer as TransformerDecoderLayer
    from tfmodels.layers.transformer.transformer_encoder_layer import TransformerEncoderLayer as TransformerEncoderLayer
    from tfmodels.layers.word_dropout import WordDropout as WordDropout

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_exports(__name__, __file__, register=True)
