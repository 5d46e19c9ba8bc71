"""Preprocessing that runs both in `tf.data` and in the served graph, and the training of what it needs."""

from typing import TYPE_CHECKING

from tfmodels.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from tfmodels.preprocessing.calendar import add_business_days as add_business_days
    from tfmodels.preprocessing.calendar import add_days as add_days
    from tfmodels.preprocessing.calendar import add_months as add_months
    from tfmodels.preprocessing.calendar import calendar_features as calendar_features
    from tfmodels.preprocessing.calendar import local_time as local_time
    from tfmodels.preprocessing.calendar import utc_time as utc_time
    from tfmodels.preprocessing.calendar_names import CALENDAR_FEATURES as CALENDAR_FEATURES
    from tfmodels.preprocessing.calendar_names import CalendarFeature as CalendarFeature
    from tfmodels.preprocessing.calendar_names import calendar_feature as calendar_feature
    from tfmodels.preprocessing.characters import Characters as Characters
    from tfmodels.preprocessing.clock import Clock as Clock
    from tfmodels.preprocessing.daily_spread import daily_values as daily_values
    from tfmodels.preprocessing.holidays import HOLIDAY_COLUMNS as HOLIDAY_COLUMNS
    from tfmodels.preprocessing.holidays import holiday_features as holiday_features
    from tfmodels.preprocessing.ngrams.ngram_hashes import character_ngrams as character_ngrams
    from tfmodels.preprocessing.ngrams.text_ngrams import hashed_ngrams as hashed_ngrams
    from tfmodels.preprocessing.ngrams.text_ngrams import spelt_ngrams as spelt_ngrams
    from tfmodels.preprocessing.sentences import Sentences as Sentences
    from tfmodels.preprocessing.series_text import parse_series as parse_series
    from tfmodels.preprocessing.series_text import parse_timestamps as parse_timestamps
    from tfmodels.preprocessing.subword_lattice import SubwordLattice as SubwordLattice
    from tfmodels.preprocessing.subword_sampling import sample_subwords as sample_subwords
    from tfmodels.preprocessing.subword_training import train_subwords as train_subwords
    from tfmodels.preprocessing.subwords import Subwords as Subwords
    from tfmodels.preprocessing.tokenizer import Tokenizer as Tokenizer
    from tfmodels.preprocessing.word_vectors import WordVectors as WordVectors
    from tfmodels.preprocessing.words import Words as Words

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_exports(__name__, __file__)
