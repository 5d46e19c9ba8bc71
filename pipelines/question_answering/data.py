"""The questions of a run: read, checked, tokenised and written into its assets."""

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipelines.question_answering import spans
from pipelines.question_answering.config import Config
from pipelines.runs import Run, data_fingerprints
from pipelines.sources import split_names
from pipelines.sources.faults import Faults, collect_faults
from pipelines.sources.files import dialect, file_options
from pipelines.sources.questions import question_data, question_tables
from pipelines.sources.questions.question_form import Form
from pipelines.text import vocabulary
from tfmodels import whole_files

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf

    from pipelines.sources.questions.question import Question
    from pipelines.sources.questions.question_data import QuestionData
    from tfmodels.preprocessing import Tokenizer

_CONTENT = "questions.json"
_ROWS = 256  # tokenised at a time
_SAMPLES = 4  # questions that an export is tried with


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
    print(f"Preparing {config.data}")
    with collect_faults(config.on_bad) as faults:
        data = _read(config, faults)
    for note in data.notes:
        print(note)
    train = data.splits["train"]
    contexts = dict.fromkeys(question.context for question in train)
    vocabulary.learn(config, run, itertools.chain(contexts, (question.question for question in train)))
    notes = [*data.notes]
    for split, questions in data.splits.items():
        notes += _write(config, run, split, questions)
    content = {
        "notes": notes,
        "samples": [[one.question, one.context] for one in data.splits["validation"][:_SAMPLES]],
        "dialect": dialect.to_dict(data.dialect),
        "columns": data.columns,
        "unanswerable": any(not one.answers for one in train),
    }
    vocabulary.write(run.assets / _CONTENT, json.dumps(content, ensure_ascii=False).encode())  # the last


def notes(run: Run) -> list[str]:
    """What a report says of the data of a prepared run."""
    return _content(run)["notes"]


def samples(run: Run) -> list[tuple[str, str]]:
    """A few questions of the validation split, and their contexts."""
    return [(question, context) for question, context in _content(run)["samples"]]


def has_unanswerable(run: Run) -> bool:
    """Whether the training data of a prepared run has questions without an answer."""
    return _content(run)["unanswerable"]


def file_table(config: Config, run: Run) -> dict[str, Any]:
    """What the card of an export keeps of the files of a prepared run."""
    content, columns = _content(run), {}
    given = {"question": config.question_column, "context": config.context_column, "id": config.id_column}
    for part, name in given.items():
        found = content.get("columns", {}).get(part)
        columns[part] = [name] if name else list(dict.fromkeys([*filter(None, [found]), *question_tables.usual(part)]))
    return {"columns": columns, "files": asdict(file_options.of(config)), "dialect": content.get("dialect")}


def read(config: Config, run: Run, split: str) -> "list[Question]":
    """Reads the questions of a split that `prepare` has checked, or those of other data where `run.other` names some.

    Args:
        config: The options.
        run: The prepared run.
        split: `train`, `validation` or `test`.

    Returns:
        The questions, without those that `prepare` left out.

    Raises:
        FileNotFoundError: A file that the run was prepared from is missing.
        ValueError: There is no such split.
    """
    if run.other:
        with collect_faults("warn") as faults:
            known = dialect.from_dict(_content(run).get("dialect"))
            return question_data.read_other(run.other, split, _form(config), faults, known)
    data_fingerprints.require(run)
    return split_names.chosen(_read(config, Faults("drop")).splits, split, config.data)


def assembled(
    context: "np.ndarray", question: "np.ndarray", targets: "np.ndarray"
) -> tuple[dict[str, "np.ndarray"], "np.ndarray", "np.ndarray"]:
    """Makes an element of a dataset.

    Args:
        context: int32 `[rows, time]`, padded with 0.
        question: int32 `[rows, question]`, padded with 0.
        targets: int32 `[rows, 2 * spans.WIDTH]`.

    Returns:
        `(inputs, targets, weights)`, weights float32 `[rows]`.

    Example:
        `training.TokenBatches(rows, 4096, 1, seed=1, assemble=assembled, beside=targets)`
    """
    import numpy as np

    return {"question": question, "context": context}, targets, np.ones(len(context), np.float32)


def targets(run: Run) -> "dict[str, np.ndarray]":
    """The right spans of each row of each split that there is, int32 `[rows, 2 * spans.WIDTH]`."""
    from tfmodels import array_files, training

    found = {}
    for split in (split for split in split_names.SPLITS if (run.assets / split).is_dir()):
        rows = len(training.TokenRows(run.assets / split))
        found[split] = array_files.read(run.assets / f"{split}.spans.npy", (rows, 2 * spans.WIDTH))
    return found


def _write(config: Config, run: Run, split: str, questions: "Sequence[Question]") -> list[str]:
    """Writes the rows of a split, and says what their tokens can express."""
    import numpy as np

    from tfmodels import training

    rows = list(_rows(config, vocabulary.read(run), questions))
    kept = [row for row in rows if row["kept"]]
    if not kept:
        raise ValueError(
            f"Expected {split} questions whose answers are among the first {config.max_context_length} tokens of their "
            f"contexts (max_context_length) and have at most {config.max_answer_length} (max_answer_length). Received: "
            f"none of {len(rows):,}"
        )
    np.save(run.assets / f"{split}.spans.npy", np.stack([row["targets"] for row in kept]))
    stored = training.TokenRows.write(run.assets / split, _columns(kept))
    lengths = stored.lengths["context"]
    print(f"{split}: {len(kept):,} questions; contexts of {lengths.mean():.0f} tokens, {lengths.max():,} at most")
    answered = [row for row in kept if row["targets"].any()]
    exact = sum(row["exact"] for row in answered)
    notes = []
    if exact < len(answered):
        notes.append(
            f"{exact / len(answered):.1%} of the {split} answers begin and end where tokens do; the others are learnt "
            "with the rest of their first and last token"
        )
    placeless = sum(not row["placed"] for row in rows)
    beyond = len(rows) - len(kept) - placeless
    for count, why in (
        (placeless, "their answers have no one place in their contexts"),
        (beyond, "their answers are beyond max_context_length or longer than max_answer_length"),
    ):
        if count:
            notes.append(
                f"{count:,} of {len(rows):,} {split} questions are not learnt or validated on in training: {why}; "
                "reports score them"
            )
    for note in notes:
        print(note)
    return notes


def _rows(config: Config, tokens: "Tokenizer", questions: "Sequence[Question]") -> Iterator[dict[str, Any]]:
    """The ids of each question and its context, and its targets."""
    import tensorflow as tf

    left = iter(questions)
    while batch := list(itertools.islice(left, _ROWS)):
        asked = _per_row(tokens.ragged_ids(tf.constant([one.question for one in batch]), config.max_question_length))
        places = {context: place for place, context in enumerate(dict.fromkeys(one.context for one in batch))}
        contexts = tf.constant(list(places))
        ids = _per_row(tokens.ragged_ids(contexts, config.max_context_length))
        starts, ends = (side.numpy() for side in tokens.offsets(contexts, config.max_context_length))
        for row, one in enumerate(batch):
            place = places[one.context]
            context = ids[place]
            inside = len(context) - 1  # without </s>
            yield {
                "question": asked[row],
                "context": context,
                **_targets(config, one, starts[place, :inside], ends[place, :inside]),
            }


def _per_row(ids: "tf.RaggedTensor") -> "list[np.ndarray]":
    """The ids of each text; slicing a ragged tensor takes longer than tokenising its row."""
    import numpy as np

    return np.split(ids.values.numpy(), ids.row_splits.numpy()[1:-1])


def _targets(config: Config, question: "Question", starts: "np.ndarray", ends: "np.ndarray") -> dict[str, Any]:
    """The spans of a question's answers, whether they are exact, have a place at all, and can be learnt."""
    ranges = spans.byte_ranges(question.context, question.answers)
    found = [(wanted, spans.token_span(starts, ends, wanted)) for wanted in ranges]
    fitting = [
        (wanted, span) for wanted, span in found if span is not None and span[1] - span[0] < config.max_answer_length
    ]
    exact = any((starts[first], ends[last]) == wanted for wanted, (first, last) in fitting)
    chosen = list(dict.fromkeys(span for _, span in fitting))
    return {
        "targets": spans.packed(chosen),
        "exact": exact,
        "placed": bool(ranges) or not question.answers,
        "kept": bool(chosen) or not question.answers,
    }


def _columns(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    import numpy as np

    for start in range(0, len(rows), _ROWS):
        batch = rows[start : start + _ROWS]
        yield {
            name: (np.concatenate([row[name] for row in batch]), np.array([len(row[name]) for row in batch]))
            for name in ("context", "question")
        }


def _content(run: Run) -> dict[str, Any]:
    return whole_files.read_json(run.assets / _CONTENT)


def _read(config: Config, faults: Faults) -> "QuestionData":
    shares = (config.validation_share, config.test_share)
    return question_data.read(config.data, _form(config), faults, *shares, config.training.seed)


def _form(config: Config) -> Form:
    return Form(
        config.question_column,
        config.context_column,
        config.answer_column,
        config.start_column,
        config.id_column,
        config.title_column,
        config.kind_column,
        config.search,
        config.unanswerable,
        config.examples,
        file_options.of(config),
    )
