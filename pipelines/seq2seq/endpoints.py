"""The endpoints of a generator: what its export can be asked."""

import itertools
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from pipelines.runs.servable import Servable
from pipelines.seq2seq.generator import UNSET_LENGTH, UNSET_PENALTY, UNSET_PREFIX, Generator
from pipelines.seq2seq.training import load_generator
from pipelines.text import vocabulary
from tfmodels.decoding import StepEnsemble
from tfmodels.export import Endpoint, hard_texts

if TYPE_CHECKING:
    from pipelines.runs import Run
    from pipelines.seq2seq.config import Config, DecodingOptions

_OPTIONS = (
    "max_length: tokens of the answer, 0 or below = unset; length_penalty, coverage_penalty: at least 0, negative = "
    "unset; prefix: what the answer starts with, whole words, empty = unset.",
    "sample: the same seed gives the same answer; temperature: 0 = the most probable token, negative = unset, which "
    "is 1; top_k, top_p: 0 or below = unset, which is all.",
    "score: the natural-log probability, divided by the length penalty and with the coverage penalty added where the "
    "answer was searched for.",
)

# What a request without them has: `predict --endpoint sample` sends these for what is not typed.
_DEFAULTS = {
    "max_length": UNSET_LENGTH,
    "length_penalty": UNSET_PENALTY,
    "coverage_penalty": UNSET_PENALTY,
    "prefix": UNSET_PREFIX,
    "seed": 0,
    "temperature": -1.0,
    "top_k": 0,
    "top_p": 0.0,
}
_ENSEMBLE = (
    "An ensemble: at each token the mean of the log-probabilities of {} models, normalised (their geometric mean), "
    "which all endpoints search, draw and score with. attention: the mean of the members'."
)


def servable(
    config: "Config",
    run: "Run",
    description: str,
    texts: Sequence[str],
    table: dict[str, Any] | None = None,
    generator: Generator | None = None,
    example: str = "",
) -> Servable:
    """What an export of a run needs.

    Args:
        config: Options.
        run: Trained.
        description: What the model does, in a sentence, for the model card.
        texts: Sources that the export is checked on, beside texts that are hard for tokenizers; at least one.
        table: What `requests` is to know of files: `columns`, the names that the column of texts may have, and `files`,
            the options of files. By default the column is `text`.
        generator: What answers, such as an ensemble. Default: that of the run.
        example: A text that is nobody's, which the model card shows with its answer. Default: some words. `texts` may
            be rows of data, and are shown only if the export is to hold them.

    Returns:
        Endpoints, samples and card.

    Example:
        `servable(config, run, "Writes numbers in Roman numerals.", ["1987", "4"], example="1987")`
    """
    generator = generator or load_generator(config, run)
    network = generator.network
    members = list(network.members.values()) if isinstance(network, StepEnsemble) else [network]
    card = {
        "task": run.task,
        "columns": ["text"],
        **({"table": table} if table else {}),
        **({"example": {"text": example}} if example else {}),
        "description": description,
        "defaults": dict(_DEFAULTS),
        "decoding": {
            **asdict(config.decoding),
            "max_length": config.max_answer_length,
            "max_source_length": config.max_source_length,
        },
        "limits": [
            *vocabulary.limits(config),
            f"A text is cut to {config.max_source_length} tokens, its end included.",
            _limit(config),
            _search(config.decoding),
            *([_ENSEMBLE.format(len(members))] if len(members) > 1 else []),
            *_OPTIONS,
        ],
    }
    tracked = [*members, generator.subwords]
    return Servable(endpoints(generator), tracked, samples(generator, [*texts, *hard_texts()]), card)


def endpoints(generator: Generator) -> list[Endpoint]:
    """What an export of a generator can be asked.

    Args:
        generator: The generator.

    Returns:
        The endpoints.

    Example:
        `[endpoint.name for endpoint in endpoints(generator)]`
    """
    text = tf.TensorSpec([None], tf.string, "text")
    options = (
        tf.TensorSpec([None], tf.int32, "max_length"),
        tf.TensorSpec([None], tf.float32, "length_penalty"),
        tf.TensorSpec([None], tf.string, "prefix"),
        tf.TensorSpec([None], tf.float32, "coverage_penalty"),
    )
    chance = (
        tf.TensorSpec([None], tf.int64, "seed"),
        tf.TensorSpec([None], tf.float32, "temperature"),
        tf.TensorSpec([None], tf.int32, "top_k"),
        tf.TensorSpec([None], tf.float32, "top_p"),
    )
    return [
        Endpoint("serving_default", (text,), generator.answer),
        Endpoint("with_options", (text, *options), generator.answer_with_options),
        Endpoint("nbest", (text,), generator.nbest),
        Endpoint("attention", (text,), generator.attention),
        Endpoint("sample", (text, *chance), generator.sample),
        Endpoint("score", (text, tf.TensorSpec([None], tf.string, "target")), generator.score),
    ]


def samples(generator: Generator, texts: Sequence[str | bytes]) -> dict[str, dict[str, list]]:
    """What an export is checked on: these texts at each endpoint, with all sorts of options.

    Args:
        generator: The generator.
        texts: Sources, at least two.

    Returns:
        Endpoint name -> input name -> a value for each text.

    Example:
        `samples(generator, ["one", ""])["score"]["target"]` -> `["", "one"]`
    """
    options = {
        "with_options": {
            "max_length": [0, 3],
            "length_penalty": [UNSET_PENALTY, 0.0, 1.0],
            "prefix": [UNSET_PREFIX, *texts],
            "coverage_penalty": [UNSET_PENALTY, 0.0, 0.2, 0.2],
        },
        "sample": {
            "seed": range(len(texts)),
            "temperature": [-1.0, 0.7, 0.0],
            "top_k": [0, 0, 8],
            "top_p": [0.0, 0.9],
        },
        "score": {"target": texts[::-1]},
    }
    return {
        endpoint.name: {
            "text": list(texts),
            **{
                name: list(itertools.islice(itertools.cycle(values), len(texts)))
                for name, values in options.get(endpoint.name, {}).items()
            },
        }
        for endpoint in endpoints(generator)
    }


def _limit(config: "Config") -> str:
    most, decoding = f"An answer has at most {config.max_answer_length} tokens, its end included", config.decoding
    if not decoding.length_ratio:
        return f"{most}."
    return f"{most}, and at most {decoding.length_ratio:g} times those of its text and {decoding.length_margin} more."


def _search(options: "DecodingOptions") -> str:
    repeats = [
        *([f"no n-gram of {options.no_repeat_ngram} tokens twice"] if options.no_repeat_ngram else []),
        *(
            [f"no phrase of {options.no_repeat_phrase} tokens or more twice in a row"]
            if options.no_repeat_phrase
            else []
        ),
    ]
    return (
        f"Answers are searched for with beam_size {options.beam_size}, length_penalty {options.length_penalty:g} and "
        f"coverage_penalty {options.coverage_penalty:g}; {', '.join(repeats) or 'phrases may repeat'}."
    )
