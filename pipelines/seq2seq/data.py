"""Pairs of texts as subwords in the assets of a run: learnt and written before the model."""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.progress.progress_bars import progress
from pipelines.runs import warm_start
from pipelines.seq2seq import data_notes, teacher_pairs
from pipelines.sources import data_cache
from pipelines.sources.split_names import SPLITS
from pipelines.text import vocabulary
from tfmodels import whole_files

if TYPE_CHECKING:
    import numpy as np

    from pipelines.runs import Run
    from pipelines.seq2seq.config import Config
    from pipelines.sources.text.mixture import Component
    from pipelines.sources.text.parallel_text import PairFiles
    from tfmodels.preprocessing import Subwords

    Reader = Callable[[str], Iterable[tuple]]  # from a split to its tuples, which start with source and target
    Sources = Sequence[tuple[Component, Reader]]

_SOURCES = "sources.json"
_ROWS = 1024  # tokenised at a time


def prepare(config: "Config", run: "Run", sources: "Sources") -> None:
    """Checks the data, learns the subwords and tokenises all splits, each only once.

    Results from files are taken from the data cache if an earlier run made the same from the same files; the files are
    not read then.

    An epoch of training holds the pairs of each source as often as its weight says, and each in
    `config.subword_samples` random segmentations instead of the best one, if that is not 0. Validation and test are
    those of the first source, in the best segmentation.

    Args:
        config: Options.
        run: Whose assets are prepared.
        sources: The data, with a reader of each split.

    Raises:
        ValueError: A file has a fault, or there are too few texts for that many subwords.

    Example:
        `prepare(config, run, [(Component("my/texts"), read)])`
    """
    prepared = is_prepared(run)
    run.assets.mkdir(parents=True, exist_ok=True)
    for read in [] if prepared else _pair_files(sources):
        for split in SPLITS:
            read.check(split)
    if not prepared:
        data_notes.keep(run, _pair_files(sources))
    if len(sources) > 1 or (run.assets / _SOURCES).is_file():
        _report(run, sources)
    if prepared:
        return
    if config.keep_tokens and not (run.assets / vocabulary.SUBWORDS).exists():
        _keep_subwords(config, run)
    _learn(config, run, sources)
    (source, read), *_ = sources
    for split in SPLITS:
        of = teacher_pairs.taught(config, run, sources) if split == "train" else [(source._replace(times=1), read)]
        _tokenise(config, run, split, of)


def is_prepared(run: "Run") -> bool:
    """Whether a run has the tokens of all splits, so that `prepare` reads no source."""
    return all((run.assets / split).exists() for split in SPLITS)


def subwords(run: "Run") -> "Subwords":
    """The subwords of a prepared run.

    Args:
        run: The run.

    Returns:
        The subwords.

    Raises:
        FileNotFoundError: If it has none.

    Example:
        `subwords(runs.load("translation")).size`
    """
    return vocabulary.read(run)


def token_rows(subwords: "Subwords", pairs: Iterable[tuple], max_source: int, max_target: int) -> Iterator[dict]:
    """Tokenises pairs of texts, for `training.TokenRows.write`; nothing is read before the first batch is asked for.

    Args:
        subwords: Of both sides.
        pairs: Tuples that start with source and target.
        max_source: Tokens that a source is cut to, its end included.
        max_target: The same of a target.

    Yields:
        Dicts of `source` and `target`: the tokens of up to 1,024 texts in a row, and the texts' lengths.

    Example:
        `training.TokenRows.write(run.assets / "train", token_rows(subwords(run), pairs, 64, 64))`
    """
    import tensorflow as tf

    from tfmodels import training

    def batches() -> Iterator[tuple]:
        rows = iter(pairs)
        while batch := list(itertools.islice(rows, _ROWS)):
            yield tuple(zip(*(pair[:2] for pair in batch), strict=True))

    def tokenise(source, target):  # noqa: ANN001, ANN202 - AutoGraph evaluates annotations
        sides = {"source": subwords.ragged_ids(source, max_source), "target": subwords.ragged_ids(target, max_target)}
        return {side: (ids.values, ids.row_lengths()) for side, ids in sides.items()}

    texts = tf.TensorSpec([None], tf.string)
    yield from training.generator_dataset(batches, (texts, texts), tokenise).as_numpy_iterator()


def teacher_forced(source: "np.ndarray", target: "np.ndarray") -> tuple:
    """Makes an element of a dataset: the decoder's input is the target shifted by one; padding has weight 0.

    Args:
        source: int32 `[rows, source]`, padded with 0.
        target: int32 `[rows, target]`, each row ended by `</s>` and padded with 0.

    Returns:
        `({"source", "target"}, targets, weights)`; the weights are float32 `[rows, target]`.

    Example:
        `training.TokenBatches(rows, 4096, 1, seed=1, assemble=teacher_forced)`
    """
    import numpy as np

    from tfmodels import token_ids

    shifted = np.concatenate([np.full_like(target[:, :1], token_ids.START), target[:, :-1]], axis=1)
    shifted[target == token_ids.PAD] = token_ids.PAD
    return {"source": source, "target": shifted}, target, (target != token_ids.PAD).astype(np.float32)


def sources_table(run: "Run") -> dict | None:
    """The share of each source in an epoch, as a table of a report; None if there is only one source.

    Args:
        run: A prepared run.

    Returns:
        `title`, `columns` and `rows`.

    Example:
        `sources_table(runs.load("translation"))`
    """
    path = run.assets / _SOURCES
    if not path.is_file():
        return None
    return {
        "title": "training data",
        "columns": ["source", "pairs", "times", "percent of an epoch"],
        "rows": whole_files.read_json(path),
    }


def _report(run: "Run", sources: "Sources") -> None:
    """Counts the pairs of several sources, once, and prints them."""
    path = run.assets / _SOURCES
    if not path.is_file():
        pairs = [_count(run, read) for _, read in sources]
        whole = sum(count * source.times for count, (source, _) in zip(pairs, sources, strict=True))
        rows = [
            [source.name, count, source.times, 100 * count * source.times / whole]
            for count, (source, _) in zip(pairs, sources, strict=True)
        ]
        vocabulary.write(path, json.dumps(rows).encode())
    for name, count, times, percent in whole_files.read_json(path):
        print(f"{name}: {count:,} training pairs, times {times}: {percent:.1f} % of an epoch")


def _count(run: "Run", read: "Reader") -> int:
    """Training pairs of a source."""
    from pipelines.sources.text.parallel_text import PairFiles

    return read.check("train") if isinstance(read, PairFiles) else sum(1 for _ in read("train"))


def _keep_subwords(config: "Config", run: "Run") -> None:
    origin = warm_start.origin(config, run)
    if not (origin.assets / vocabulary.SUBWORDS).is_file():
        raise ValueError(f"Expected a run with subwords to keep. Received: start_from={config.start_from!r}")
    vocabulary.keep(origin, run)


def _learn(config: "Config", run: "Run", sources: "Sources") -> None:
    """Learns the subwords, or takes those that another run learnt from the same files."""
    from tfmodels import preprocessing

    def learn(path: Path) -> None:
        texts = _texts(_pairs(run, sources, "train", "reading for subwords, pairs"))
        normalize = vocabulary.is_normalized(config)
        preprocessing.train_subwords(texts, path, config.vocabulary_size, normalize=normalize)

    settings = {
        "vocabulary_size": config.vocabulary_size,
        "normalize": config.normalize,
        "sentencepiece": version("sentencepiece"),
    }
    key = _key("subwords", sources, "train", settings)
    data_cache.provide(run.assets / vocabulary.SUBWORDS, run.index, key, learn)


def _tokenise(config: "Config", run: "Run", split: str, sources: "Sources") -> None:
    """Writes the rows of a split, or takes those that another run wrote from the same files and subwords."""
    from tfmodels import preprocessing, training

    model, limits = run.assets / vocabulary.SUBWORDS, (config.max_source_length, config.max_target_length)
    samples = config.subword_samples if split == "train" else 0
    drawn = {"samples": samples, "alpha": config.subword_alpha, "seed": config.training.seed} if samples else None

    def tokenise(folder: Path) -> None:
        pairs = _pairs(run, sources, split, f"tokenising {split}, pairs", samples or 1)
        if samples:
            ids = preprocessing.sample_subwords(
                _texts(pairs), model, config.subword_alpha, config.training.seed, vocabulary.is_normalized(config)
            )
            rows = _rows(ids, *limits)
        else:
            rows = token_rows(subwords(run), pairs, *limits)
        training.TokenRows.write(folder, rows)

    settings = {
        "subwords": hashlib.sha256(model.read_bytes()).hexdigest(),
        "normalize": config.normalize,
        "max_lengths": limits,
        "drawn": drawn,
    }
    data_cache.provide(run.assets / split, run.index, _key("tokens", sources, split, settings), tokenise)


def _pair_files(sources: "Sources") -> "list[PairFiles]":
    from pipelines.sources.text.parallel_text import PairFiles

    return [read for _, read in sources if isinstance(read, PairFiles)]


def _key(what: str, sources: "Sources", split: str, settings: dict[str, Any]) -> dict[str, Any] | None:
    """The key of an entry of the data cache; None if it comes from sources that are no files."""
    found = _pair_files(sources)
    if len(found) < len(sources):
        return None
    stamps = [[files.stamp(split), source.times] for files, (source, _) in zip(found, sources, strict=True)]
    return {what: stamps, **settings}


def _pairs(run: "Run", sources: "Sources", split: str, what: str, samples: int = 1) -> Iterator[tuple]:
    """Each source as often as its `times`, with progress."""
    files = _pair_files(sources)
    total = None
    if len(files) == len(sources):
        counts = (read.check(split) for read in files)
        total = samples * sum(count * source.times for count, (source, _) in zip(counts, sources, strict=True))
    pairs = itertools.chain.from_iterable(
        read(split) for source, read in sources for _ in range(source.times * samples)
    )
    first = next(pairs, None)
    if first is None:
        names = ", ".join(source.name for source, _ in sources)
        raise ValueError(f"Expected pairs in each split. Received: none in {split}, data={names}")
    return progress(itertools.chain([first], pairs), what, total)


def _texts(pairs: Iterable[tuple]) -> Iterator[str]:
    return (text for pair in pairs for text in pair[:2])


def _rows(ids: Iterator, *limits: int) -> Iterator[dict]:
    """Ids of sources and targets in turn as batches for `TokenRows.write`, cut to their limits, `</s>` included."""
    import numpy as np

    from tfmodels import token_ids

    texts = (
        np.append(text[: limit - 1], token_ids.END).astype(np.int32)
        for text, limit in zip(ids, itertools.cycle(limits), strict=False)
    )
    while batch := list(itertools.islice(texts, 2 * _ROWS)):
        sides = {"source": batch[0::2], "target": batch[1::2]}
        yield {side: (np.concatenate(rows), np.array([len(row) for row in rows])) for side, rows in sides.items()}
