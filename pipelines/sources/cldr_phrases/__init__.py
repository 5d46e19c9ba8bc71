"""Dates, times, numbers, currencies and units in two languages, generated offline from the Unicode CLDR."""

from tfmodels.lazy_exports import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "KINDS": "phrases",
        "check": "phrases",
        "generate": "phrases",
        "Builder": "cldr_phrases_dataset_builder",
        "PhrasesConfig": "phrases_config",
        "read": "cldr_phrases_dataset_builder",
    },
)
