"""What `tfmodels benchmark decode` measures: an exported model from text to text, in a session of this process."""

import itertools
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tfmodels.export import SessionRunner
from tfmodels.export.graph.rows import Rows
from tfmodels.export.graph.signature import Signature

_BEAM, _GREEDY, _FORCED = "serving_default", "sample", "with_options"
ROUNDS = 5  # of forced steps
_UNSET = {"int32": 0, "int64": 0, "float32": -1.0, "string": b""}  # of an option that is left to the export
_ALWAYS_THE_MOST_PROBABLE = {"temperature": 0.0}


class Way(NamedTuple):
    """How texts are answered.

    Attributes:
        name: Of the table.
        endpoint: That is asked.
        options: Input -> value for each row; those left out are unset.
    """

    name: str
    endpoint: str
    options: dict[str, Any]


def ways(endpoints: Mapping[str, Signature]) -> list[Way]:
    """How an export can be asked for its answer: by its own search and, where it samples, greedily.

    Args:
        endpoints: Endpoint name -> signature.

    Returns:
        The ways.

    Raises:
        ValueError: If it does not answer texts by texts of a `length`.

    Example:
        `ways(runner.endpoints)[0].endpoint` -> `"serving_default"`
    """
    default = endpoints.get(_BEAM)
    if default is None or set(default.inputs) != {"text"} or not {"text", "length"} <= set(default.outputs):
        raise ValueError(
            "Expected an export whose `serving_default` takes `text` and gives `text` and `length`. "
            f"Received: {sorted(endpoints)}"
        )
    greedy = _GREEDY in endpoints and set(_ALWAYS_THE_MOST_PROBABLE) <= set(endpoints[_GREEDY].inputs)
    return [
        Way("as exported", _BEAM, {}),
        *([Way("greedy", _GREEDY, _ALWAYS_THE_MOST_PROBABLE)] if greedy else []),
    ]


def measure_answers(
    runner: SessionRunner, way: Way, texts: Sequence[bytes], batch: int, seconds: float
) -> dict[str, Any]:
    """Asks for the answers of texts, batch after batch, for some time.

    Args:
        runner: The export.
        way: How to ask.
        texts: In turn.
        batch: Texts at once.
        seconds: How long to ask; at least for three batches.

    Returns:
        `way`, `batch`, `batches`; `p50_ms` and `p95_ms` of a batch; `texts_per_second`; `tokens_per_second`, of the
        answers, their ends left out.

    Example:
        `measure_answers(runner, ways(runner.endpoints)[0], [b"A dog."], 32, 5.0)["texts_per_second"]`
    """
    signature = runner.endpoints[way.endpoint]
    rows = itertools.cycle(texts)
    taken, tokens = [], 0
    runner.run(way.endpoint, _feed(signature, list(itertools.islice(rows, batch)), way.options))
    while sum(taken) < seconds or len(taken) < 3:
        feed = _feed(signature, list(itertools.islice(rows, batch)), way.options)
        start = time.perf_counter()
        answers = runner.run(way.endpoint, feed)
        taken.append(time.perf_counter() - start)
        tokens += int(answers["length"].sum())
    return {
        "way": way.name,
        "batch": batch,
        "batches": len(taken),
        "p50_ms": 1e3 * statistics.median(taken),
        "p95_ms": 1e3 * float(np.quantile(taken, 0.95)),
        "texts_per_second": len(taken) * batch / sum(taken),
        "tokens_per_second": tokens / sum(taken),
    }


def measure_steps(
    runner: SessionRunner, texts: Sequence[bytes], batch: int, steps: Sequence[int], show: Callable[[], None]
) -> list[dict[str, Any]]:
    """Times answers of forced lengths: how the cost of a step depends on its position.

    The first tokens of an answer are given, as many as it may have; texts that are too short for so long an answer are
    repeated. The lengths take turns.

    Args:
        runner: The export.
        texts: What is answered, as many as there are in a batch or fewer.
        batch: Texts at once.
        steps: Lengths, in tokens; the export cuts those that it does not allow.
        show: Called after each round.

    Returns:
        By length `batch`, `steps`, `p50_ms` and `ms_per_step` since the length before (since none, the encoder
        included); nothing if the export has no `with_options` with `max_length` and `prefix`.

    Example:
        `measure_steps(runner, [b"A dog."], 1, [10, 20, 40], print)[-1]["ms_per_step"]`
    """
    signature = runner.endpoints.get(_FORCED)
    if signature is None or not {"text", "max_length", "prefix"} <= set(signature.inputs):
        return []
    chosen = list(itertools.islice(itertools.cycle(texts), batch))
    feeds = {}
    for count in sorted(steps):
        prefix = np.array([_of_words(text, count) for text in chosen], object)
        options = {"max_length": count, "prefix": prefix}
        feed = _feed(signature, [_of_words(text, max(steps)) for text in chosen], options)
        feeds[int(runner.run(_FORCED, feed)["length"].min())] = feed
    taken: dict[int, list[float]] = {count: [] for count in feeds}
    for _ in range(ROUNDS):
        for count, feed in feeds.items():
            start = time.perf_counter()
            runner.run(_FORCED, feed)
            taken[count].append(time.perf_counter() - start)
        show()
    medians = {count: 1e3 * statistics.median(times) for count, times in taken.items()}
    before = {0: 0.0, **medians}
    return [
        {
            "batch": batch,
            "steps": count,
            "p50_ms": medians[count],
            "ms_per_step": (medians[count] - before[last]) / (count - last),
        }
        for last, count in itertools.pairwise(before)
    ]


def _feed(signature: Signature, texts: Sequence[bytes], options: Mapping[str, Any]) -> Rows:
    """Texts with options, each a value for all rows or one for each; other inputs are unset."""
    values = {name: options.get(name, _UNSET[field.dtype]) for name, field in signature.inputs.items()}
    rows = {
        name: value if isinstance(value, np.ndarray) else [value] * len(texts)
        for name, value in values.items()
        if name != "text"
    }
    return signature.feed({"text": texts, **rows})


def _of_words(text: bytes, count: int) -> bytes:
    """A text of at least so many words, repeated if it has fewer: each word is a token or more."""
    words = len(text.split())
    return b" ".join([text] * -(-count // words))
