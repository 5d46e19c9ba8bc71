"""The measurements of `tfmodels benchmark decode`: a text-to-text export in a session of this process."""

import itertools
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tfmodels.export import SessionRunner
from tfmodels.export.graph.rows import Rows
from tfmodels.export.graph.signature import Signature

_DEFAULT, _SAMPLE, _FORCED = "serving_default", "sample", "with_options"
ROUNDS = 5  # measurements of each forced output length
_UNSET = {"int32": 0, "int64": 0, "float32": -1.0, "string": b""}  # dtype -> the value that selects the default
_GREEDY = {"temperature": 0.0}  # samples the most probable token


class DecodingMode(NamedTuple):
    """An endpoint with its options.

    Attributes:
        name: Label in tables and figures.
        endpoint: Name of the endpoint.
        options: Input name -> value for every row; other inputs are unset.
    """

    name: str
    endpoint: str
    options: dict[str, Any]


def decoding_modes(endpoints: Mapping[str, Signature]) -> list[DecodingMode]:
    """Lists the decoding modes of an export: its default search and, if it has the endpoint `sample`, greedy search.

    Args:
        endpoints: Endpoint name -> signature.

    Returns:
        The decoding modes.

    Raises:
        ValueError: If `serving_default` does not map `text` to `text` and `length`.

    Example:
        `decoding_modes(runner.endpoints)[0].endpoint` -> `"serving_default"`
    """
    default = endpoints.get(_DEFAULT)
    if default is None or set(default.inputs) != {"text"} or not {"text", "length"} <= set(default.outputs):
        raise ValueError(
            "Expected an export whose `serving_default` takes `text` and returns `text` and `length`. "
            f"Received: {sorted(endpoints)}"
        )
    greedy = _SAMPLE in endpoints and set(_GREEDY) <= set(endpoints[_SAMPLE].inputs)
    return [
        DecodingMode("as exported", _DEFAULT, {}),
        *([DecodingMode("greedy", _SAMPLE, _GREEDY)] if greedy else []),
    ]


def measure_throughput(
    runner: SessionRunner, mode: DecodingMode, texts: Sequence[bytes], batch: int, seconds: float
) -> dict[str, Any]:
    """Decodes batch after batch and measures latency and throughput.

    Args:
        runner: The export.
        mode: Decoding mode.
        texts: Input texts, used cyclically.
        batch: Batch size.
        seconds: Measuring time; at least three batches are decoded.

    Returns:
        `mode`, `batch`, `batches` (their number); `p50_ms` and `p95_ms` of a batch; `texts_per_second`;
        `tokens_per_second`, output tokens without end tokens.

    Example:
        `measure_throughput(runner, decoding_modes(runner.endpoints)[0], [b"A dog."], 32, 5.0)["texts_per_second"]`
    """
    signature = runner.endpoints[mode.endpoint]
    rows = itertools.cycle(texts)
    durations, tokens = [], 0
    runner.run(mode.endpoint, _feed(signature, list(itertools.islice(rows, batch)), mode.options))
    while sum(durations) < seconds or len(durations) < 3:
        feed = _feed(signature, list(itertools.islice(rows, batch)), mode.options)
        start = time.perf_counter()
        outputs = runner.run(mode.endpoint, feed)
        durations.append(time.perf_counter() - start)
        tokens += int(outputs["length"].sum())
    return {
        "mode": mode.name,
        "batch": batch,
        "batches": len(durations),
        "p50_ms": 1e3 * statistics.median(durations),
        "p95_ms": 1e3 * float(np.quantile(durations, 0.95)),
        "texts_per_second": len(durations) * batch / sum(durations),
        "tokens_per_second": tokens / sum(durations),
    }


def measure_steps(
    runner: SessionRunner, texts: Sequence[bytes], batch: int, steps: Sequence[int], show: Callable[[], None]
) -> list[dict[str, Any]]:
    """Measures decoding time by forced output length: how the time per step depends on the position.

    A prefix forces all tokens of an output. Input texts that are too short for an output of that length are repeated.
    Each round measures every length once.

    Args:
        runner: The export.
        texts: Input texts; repeated if there are fewer than the batch size.
        batch: Batch size.
        steps: Output lengths, in tokens; the export truncates those beyond its limit.
        show: Called after each round.

    Returns:
        A dict for each length: `batch`, `steps`, `p50_ms` and `ms_per_step`, the time per step since the next shorter
        length (for the shortest: since 0, encoder included). Empty if the export has no `with_options` with
        `max_length` and `prefix`.

    Example:
        `measure_steps(runner, [b"A dog."], 1, [10, 20, 40], print)[-1]["ms_per_step"]`
    """
    signature = runner.endpoints.get(_FORCED)
    if signature is None or not {"text", "max_length", "prefix"} <= set(signature.inputs):
        return []
    chosen = list(itertools.islice(itertools.cycle(texts), batch))
    feeds = {}
    for count in sorted(steps):
        prefix = np.array([_repeat_to_words(text, count) for text in chosen], object)
        options = {"max_length": count, "prefix": prefix}
        feed = _feed(signature, [_repeat_to_words(text, max(steps)) for text in chosen], options)
        feeds[int(runner.run(_FORCED, feed)["length"].min())] = feed
    durations: dict[int, list[float]] = {count: [] for count in feeds}
    for _ in range(ROUNDS):
        for count, feed in feeds.items():
            start = time.perf_counter()
            runner.run(_FORCED, feed)
            durations[count].append(time.perf_counter() - start)
        show()
    medians = {count: 1e3 * statistics.median(times) for count, times in durations.items()}
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
    """Texts with options; an option is one value for all rows or an array with a value for each row."""
    values = {name: options.get(name, _UNSET[field.dtype]) for name, field in signature.inputs.items()}
    rows = {
        name: value if isinstance(value, np.ndarray) else [value] * len(texts)
        for name, value in values.items()
        if name != "text"
    }
    return signature.feed({"text": texts, **rows})


def _repeat_to_words(text: bytes, count: int) -> bytes:
    """The text, repeated until it has at least `count` words; each word is at least one token."""
    words = len(text.split())
    return b" ".join([text] * -(-count // words))
