"""The labelled text of a run: read, checked, tokenised and written into its assets."""

import itertools
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipelines.classification import soft_labels
from pipelines.classification.config import Config
from pipelines.runs import Run, data_fingerprints
from pipelines.runs.rows import class_weights
from pipelines.sources import split_names
from pipelines.sources.faults import Faults, collect_faults
from pipelines.sources.files import dialect, file_options
from pipelines.sources.text import labelled_text
from pipelines.sources.text.labelled_files import Form
from pipelines.text import unspaced_scripts, vocabulary
from tfmodels import option_lists, whole_files

if TYPE_CHECKING:
    import numpy as np

    from pipelines.sources.text.labelled import Labelled
    from pipelines.sources.text.labelled_text import LabelledText
    from pipelines.text.inputs import FlatInputs, SentenceInputs

_CONTENT = "labels.json"
_ROWS = 1024  # tokenised at a time
_SAMPLES = 4  # texts that an export is tried with


def prepare(config: Config, run: Run) -> None:
    """Reads the data, learns the vocabulary and tokenises all splits, each only once.

    Args:
        config: The options.
        run: Whose assets are prepared.

    Raises:
        FileNotFoundError: There is no such data.
        ValueError: The data, or an option of it, is wrong.
    """
    if (run.assets / _CONTENT).exists():
        return
    from tfmodels import training

    teacher = soft_labels.teacher_of(config, run)
    print(f"Preparing {config.data}")
    with collect_faults(config.on_bad) as faults:
        data = _read(config, faults)
    if data.dialect:
        print(f"read as: {data.dialect.described()}")
    for note in data.notes:
        print(note)
    labels = Counter(label for row in data.splits["train"] for label in row.labels)
    weights = class_weights.parse(config.class_weights, data.classes, [labels[name] for name in data.classes])
    texts = [row.text for row in data.splits["train"]]
    if teacher:
        soft_labels.prepare(config, run, teacher, texts, data.classes)
    warnings = unspaced_scripts.warnings(texts) if config.tokens == "words" else []
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    vocabulary.learn(config, run, texts)
    linear = []
    if config.wide:
        from pipelines.classification import linear_fitting

        held_out, several = data.splits["validation"], bool(config.separator)
        train = texts, targets(data.splits["train"], data.classes, several)
        validation = [row.text for row in held_out], targets(held_out, data.classes, several)
        linear = linear_fitting.learn(config, run, train, validation, weights)
    for split, rows in data.splits.items():
        written = _token_rows(run, rows, data.classes, config)
        lengths = training.TokenRows.write(run.assets / split, written).lengths
        tokens, total = lengths["text"], sum(one.sum() for one in lengths.values())
        print(
            f"{split}: {len(rows):,} texts of {tokens.mean():.1f} tokens on average, {tokens.max():,} at most; "
            f"with the labels, which fill batches too, {total:,} in all"
        )
    stored = {split: training.TokenRows(run.assets / split) for split in data.splits}
    size = vocabulary.read(run).size
    unknown = _unknown(run, {split: rows.counts(size, ["text"]) for split, rows in stored.items()})
    for note in [*unknown, *linear]:
        print(note)
    content = {
        "classes": data.classes,
        "weights": weights,
        "notes": [*data.notes, *warnings, *unknown, *linear],
        "samples": [row.text for row in data.splits["validation"][:_SAMPLES]],
        "dialect": dialect.to_dict(data.dialect),
    }
    vocabulary.write(run.assets / _CONTENT, json.dumps(content, ensure_ascii=False).encode())  # the last


def classes(run: Run) -> list[str]:
    """The labels of a prepared run, in the order of the logits."""
    return _content(run)["classes"]


def weights(run: Run) -> list[float]:
    """The weight of each class of a prepared run in training."""
    return _content(run)["weights"]


def notes(config: Config, run: Run, texts: Sequence[str]) -> list[str]:
    """What a report says of the data of a prepared run; or where `run.other` names some of its `texts`."""
    return _unknown(run, {"these texts": _counts(config, run, texts)}) if run.other else _content(run)["notes"]


def file_table(config: Config, run: Run) -> dict[str, Any]:
    """What the card of an export keeps of the files of a prepared run, for `prediction_files.read_requests`."""
    return {"text": config.text, "files": asdict(file_options.of(config)), "dialect": _content(run).get("dialect")}


def samples(config: Config, run: Run) -> list[str]:
    """A few texts of the validation split; runs that kept none read them from their data."""
    kept = _content(run).get("samples")
    return [row.text for row in read(config, run, "validation")[:_SAMPLES]] if kept is None else kept


def read(config: Config, run: Run, split: str) -> "list[Labelled]":
    """Reads the rows of a split that `prepare` has checked.

    Args:
        config: The options.
        run: The prepared run.
        split: `train`, `validation` or `test`.

    Returns:
        The rows, without those that `prepare` left out, and without labels that the run does not have.

    Raises:
        FileNotFoundError: A file that the run was prepared from is missing.
        ValueError: There is no such split.
    """
    data_fingerprints.require(run)
    return split_names.chosen(_read(config, Faults("drop"), classes(run)).splits, split, config.data)


def to_score(config: Config, run: Run, split: str) -> "list[Labelled]":
    """Reads the rows of a split, or those of other data where `run.other` names some: see `labelled_text.read_other`.

    Rows of other data that cannot be scored are left out and said on standard error.
    """
    if not run.other:
        return read(config, run, split)
    with collect_faults("warn") as faults:
        known = dialect.from_dict(_content(run).get("dialect"))
        return labelled_text.read_other(run.other, split, _file_form(config), classes(run), faults, known)


def targets(rows: "Sequence[Labelled]", names: Sequence[str], multi_label: bool) -> "np.ndarray":
    """The labels of rows as numbers.

    Args:
        rows: The rows.
        names: All labels.
        multi_label: Whether a row may have several labels.

    Returns:
        int32 `[rows]`, the class; or where rows may have several 0 or 1 `[rows, classes]`.

    Example:
        `targets(rows, classes(run), multi_label=False)`
    """
    import numpy as np

    places = {name: place for place, name in enumerate(names)}
    if not multi_label:
        return np.array([places[row.labels[0]] for row in rows], np.int32)
    return np.array([[name in row.labels for name in names] for row in rows], np.int32)


def assembled(
    text: "np.ndarray",
    labels: "np.ndarray",
    soft: "np.ndarray | None" = None,
    *,
    inputs: "FlatInputs | SentenceInputs",
    count: int,
    multi_label: bool,
    teacher_weight: float = 0.0,
) -> tuple["np.ndarray", Any, "np.ndarray"]:
    """Makes an element of a dataset.

    Args:
        text: int32 `[rows, time]`, padded with 0.
        labels: int32 `[rows, n]`, classes counted from 1, padded with 0.
        soft: The probabilities of a teacher, `[rows, classes]`.
        inputs: The inputs of the network.
        count: Number of classes.
        multi_label: Whether a row may have several labels.
        teacher_weight: Share of the teacher's probabilities.

    Returns:
        `(ids, targets, weights)`: targets as of `targets`, but float32 where a row may have several labels; with a
        teacher `{"labels", "mixed"}`, these and `soft_labels.mixed`; weights float32 `[rows]`.

    Example:
        `training.TokenBatches(rows, 4096, 1, seed=1, partial(assembled, inputs=inputs, count=2, multi_label=False))`
    """
    import numpy as np

    ids, weights = inputs.restored(text), np.ones(len(text), np.float32)
    targets = labels[:, 0] - 1
    if multi_label:
        targets = (labels[:, :, np.newaxis] == np.arange(1, count + 1)).any(axis=1).astype(np.float32)
    if soft is None:
        return ids, targets, weights
    return ids, {"labels": targets, "mixed": soft_labels.mixed(targets, soft, teacher_weight)}, weights


def text_inputs(config: Config, run: Run) -> "FlatInputs | SentenceInputs":
    """Makes the inputs of a run's network from its vocabulary.

    Args:
        config: The options.
        run: The run.

    Returns:
        What turns texts into token ids: of sentences for the hierarchical model, else of whole texts.

    Raises:
        FileNotFoundError: The run has no vocabulary.
    """
    from pipelines.text.inputs import FlatInputs, SentenceInputs
    from tfmodels.preprocessing import Sentences

    tokens = vocabulary.read(run)
    if config.model != "hierarchical":
        return FlatInputs(tokens, config.max_length)
    options = config.hierarchical
    return SentenceInputs(Sentences(tokens, options.max_sentences, options.max_words), config.max_length)


def _unknown(run: Run, counts: "Mapping[str, np.ndarray]") -> list[str]:
    """Says how many of the tokens of each text, counted by id, the vocabulary lacks, where it may lack anything."""
    from tfmodels import token_ids

    if not vocabulary.read(run).has_unknown:
        return []
    shares = []
    for name, of in counts.items():
        words = of.sum() - of[[token_ids.PAD, token_ids.END]].sum()
        shares.append(f"{of[token_ids.UNK] / max(words, 1):.1%} in {name}")
    return [f"tokens unknown to the vocabulary: {', '.join(shares)}"]


def _counts(config: Config, run: Run, texts: Sequence[str]) -> "np.ndarray":
    """How often each token stands in texts, int64 `[tokens]`."""
    import numpy as np
    import tensorflow as tf

    inputs = text_inputs(config, run)
    counts = np.zeros(inputs.tokens.size, np.int64)
    for start in range(0, len(texts), _ROWS):
        ids = inputs.stored(tf.constant(texts[start : start + _ROWS])).values.numpy()
        counts += np.bincount(ids, minlength=len(counts))
    return counts


def _content(run: Run) -> dict[str, Any]:
    return whole_files.read_json(run.assets / _CONTENT)


def _read(config: Config, faults: Faults, names: list[str] | None = None) -> "LabelledText":
    names = names or option_lists.split(config.classes)
    form = _file_form(config)
    shares = (config.validation_share, config.test_share)
    return labelled_text.read(config.data, form, faults, *shares, names or None, config.training.seed)


def _file_form(config: Config) -> Form:
    return Form(config.layout, config.text, config.label, config.separator, file_options.of(config))


def _token_rows(run: Run, rows: "Sequence[Labelled]", names: list[str], config: Config) -> Iterator[dict[str, Any]]:
    """Ids of texts and classes, for `training.TokenRows.write`.

    Classes count from 1, since 0 is padding. Where a row may have several labels a 0 ends it, so that none is empty.
    """
    import numpy as np
    import tensorflow as tf

    inputs = text_inputs(config, run)
    places = {name: place for place, name in enumerate(names, start=1)}
    end = [0] if config.separator else []
    left = iter(rows)
    while batch := list(itertools.islice(left, _ROWS)):
        ids = inputs.stored(tf.constant([row.text for row in batch]))
        labels = [[*(places[label] for label in row.labels), *end] for row in batch]
        yield {
            "text": (ids.values.numpy(), ids.row_lengths().numpy()),
            "labels": (np.concatenate(labels).astype(np.int32), np.array([len(row) for row in labels])),
        }
