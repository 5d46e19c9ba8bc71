"""What must exist both in `tf.data` and in the served graph, and what is learnt or read for it."""

from tfmodels.lazy_exports import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "CALENDAR_FEATURES": "calendar",
        "Characters": "characters",
        "Sentences": "sentences",
        "Subwords": "subwords",
        "Tokenizer": "tokenizer",
        "WordVectors": "word_vectors",
        "Words": "words",
        "add_months": "calendar",
        "calendar_features": "calendar",
        "parse_series": "series_text",
        "parse_stamps": "series_text",
        "sample_subwords": "subword_sampling",
        "spellings": "letter_ngrams",
        "train_characters": "characters",
        "train_subwords": "subword_training",
        "train_words": "words",
    },
)
