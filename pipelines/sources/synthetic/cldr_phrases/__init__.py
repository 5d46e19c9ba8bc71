"""Dates, times, numbers, currencies and units in two languages, generated offline from the Unicode CLDR."""

from typing import TYPE_CHECKING

from tfmodels.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from pipelines.sources.synthetic.cldr_phrases.cldr_phrases_dataset_builder import Builder as Builder
    from pipelines.sources.synthetic.cldr_phrases.cldr_phrases_dataset_builder import read as read
    from pipelines.sources.synthetic.cldr_phrases.phrases import KINDS as KINDS
    from pipelines.sources.synthetic.cldr_phrases.phrases import check as check
    from pipelines.sources.synthetic.cldr_phrases.phrases import generate as generate
    from pipelines.sources.synthetic.cldr_phrases.phrases_config import PhrasesConfig as PhrasesConfig

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_exports(__name__, __file__)
