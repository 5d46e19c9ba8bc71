"""Questions from the source that the option `data` names."""

from dataclasses import dataclass
from pathlib import Path

from pipelines.sources import split_files
from pipelines.sources.faults import Faults
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.questions import (
    answer_places,
    answer_starts,
    artificial_questions,
    question_checks,
    question_files,
    question_splits,
)
from pipelines.sources.questions.question import Question
from pipelines.sources.questions.question_form import Form
from pipelines.sources.questions.question_rows import Row
from pipelines.sources.split_names import SPLITS
from pipelines.sources.synthetic import synthetic_questions

SYNTHETIC = "synthetic"
_TFDS = "tfds:"
_WHAT = "questions"
_SEED = 1  # of artificial questions
_NO_TEST = "no test split: nothing is held out for a final test; --test_share 0.1 would hold out a tenth"


@dataclass(frozen=True)
class QuestionData:
    """A data set.

    Attributes:
        splits: The questions of each split: `train`, `validation`, and `test` if there is one.
        notes: What is to be said of the data.
        dialect: How the file of training data is written; None unless it is a table.
        columns: Part of a question -> the name of its column, of a table.
    """

    splits: dict[str, list[Question]]
    notes: list[str]
    dialect: Dialect | None
    columns: dict[str, str]


def read(
    data: str, form: Form, faults: Faults, validation_share: float = 0.1, test_share: float = 0.0, seed: int = 1
) -> QuestionData:
    """Reads and checks a data set.

    Args:
        data: `synthetic`, `tfds:NAME` (a data set of TensorFlow Datasets with SQuAD's features), a file, which is all
            training data, or a folder with a file or a folder of files for each split, named by it: `train-v1.1.json`,
            `dev.csv`, `test/`.
        form: How they are written.
        faults: Collects faulty questions and answers.
        validation_share: Share of the training questions to hold back, by article, if there is no validation split.
        test_share: The same of the test split; 0 holds back none.
        seed: Seed of synthetic data; nothing else depends on it.

    Returns:
        The data set.

    Raises:
        FileNotFoundError: There is no such file or folder, or no training split in it.
        ValueError: A file cannot be read, a fault is an error, or a split has no question.

    Example:
        `read("squad", Form(), Faults("error")).splits["train"][0].question`
    """
    rows, dialect = _rows(data, form, faults, seed)
    notes, columns = [], None
    if Path(data).exists():
        columns = question_files.columns(split_files.find(Path(data), _WHAT)["train"], form, dialect)
        notes += [columns.said if columns else "read as SQuAD's JSON"]
        notes += [unread] if Path(data).is_dir() and (unread := split_files.not_read(Path(data), files(data))) else []
    rows, said = _checked(rows, faults)
    for split in rows:
        _require(rows[split], split)
    rows = question_checks.apart(rows, faults)
    notes += [*said, *question_checks.alike(rows)]
    for split, share in (("test", test_share), ("validation", validation_share)):
        if split not in rows and (share or split == "validation"):
            whole = len(rows["train"])
            rows["train"], rows[split] = question_splits.hold_back(rows["train"], share, split)
            notes.append(
                f"no {split} split: {share:.0%} of the questions, by article, chosen by digest, are held back: "
                f"{len(rows[split]):,} of {whole:,}"
            )
    notes += [] if "test" in rows else [_NO_TEST]
    splits = {}
    for split in (split for split in SPLITS if split in rows):
        splits[split], said = _questions(rows[split], split, form, faults)
        notes += said
    if form.unanswerable:
        notes += [_add_artificial(splits, form.unanswerable)]
    for split, questions in splits.items():
        without = sum(not one.answers for one in questions)
        notes += [f"{split}: {without:,} of {len(questions):,} questions have no answer"] if without else []
    return QuestionData(splits, notes, dialect, columns.names if columns else {})


def files(data: str) -> list[Path]:
    """Finds the files, and the folders of files, of a data set; none of synthetic ones and of TFDS.

    Raises:
        FileNotFoundError: There is no such file or folder, or no training split in it.

    Example:
        `files("squad")`
    """
    return [] if _is_made(data) else list(split_files.find(Path(data), _WHAT).values())


def read_other(path: str, split: str, form: Form, faults: Faults, known: Dialect | None = None) -> list[Question]:
    """Reads questions of other data than was prepared, to score them.

    Args:
        path: What `read` takes as `data`; a folder may lack the training split.
        split: The split, of data that has any; a file is read whole.
        form: As in training.
        faults: Collects faulty questions and answers.
        known: Dialect of the training data, which decides where two readings fit.

    Returns:
        The questions.

    Raises:
        FileNotFoundError: There is no such data, or no such split in it.
        ValueError: A file cannot be read, a fault is an error, or there is no question.

    Example:
        `read_other("dev-v1.1.json", "other", Form(), Faults("warn"))`
    """
    if Path(path).exists():
        rows = [row for one in other_files(path, split) for row in question_files.read(one, form, faults, known)]
    else:
        rows = _rows(path, form, faults, 1)[0].get(split, [])
    checked, notes = _checked({split: rows}, faults)
    questions, said = _questions(checked[split], split if split != "train" else "other", form, faults)
    for note in [*notes, *said]:
        faults.note(note)
    return questions


def other_files(data: str, split: str) -> list[Path]:
    """The files that `read_other` reads; none of synthetic data and of TFDS."""
    return [] if _is_made(data) else split_files.of_other(data, split)


def _is_made(data: str) -> bool:
    """Whether there are no files."""
    return data == SYNTHETIC or data.startswith(_TFDS)


def _rows(data: str, form: Form, faults: Faults, seed: int) -> tuple[dict[str, list[Row]], Dialect | None]:
    if data.startswith(_TFDS):
        from pipelines.sources.tfds import tfds_questions

        return tfds_questions.read(data.removeprefix(_TFDS), form, faults), None
    if data == SYNTHETIC:
        made = synthetic_questions.read(seed, form.examples)
        return {split: [Row(one, f"synthetic, id {one.id!r}") for one in of] for split, of in made.items()}, None
    places = split_files.find(Path(data), _WHAT)
    dialect = question_files.dialect_of(question_files.paths(places["train"])[0], form)
    return {split: [*question_files.read(place, form, faults, dialect)] for split, place in places.items()}, dialect


def _checked(splits: dict[str, list[Row]], faults: Faults) -> tuple[dict[str, list[Row]], list[str]]:
    """The questions of each split, repeats merged and the starts of answers in characters."""
    found, notes = {}, []
    for split, rows in splits.items():
        merged, count = question_checks.merge(rows, faults)
        own = question_checks.with_own_ids(merged, faults)
        found[split], counted = answer_starts.in_characters(own)
        notes += [f"{split}: {count:,} questions that repeat another on the same context are merged"] if count else []
        notes += [f"{split}: starts of answers count {counted}, which all of them fit"] if counted else []
    return found, notes


def _questions(rows: list[Row], split: str, form: Form, faults: Faults) -> tuple[list[Question], list[str]]:
    located, notes = answer_places.locate(rows, split, form.search, faults)
    _require(located, split)
    return [row.question for row in located], notes


def _require(rows: list[Row], split: str) -> None:
    if not rows:
        raise ValueError(f"Expected questions in the {split} split. Received: none")


def _add_artificial(splits: dict[str, list[Question]], share: float) -> str:
    """Adds artificial questions to each split, the same ones in runs of any seed, and says how many."""
    counts = []
    for split, questions in splits.items():
        made = artificial_questions.artificial_unanswerable(questions, share, _SEED)
        counts.append(f"{len(made):,} in {split}")
        questions += made
    return f"artificial questions without an answer, asked of another context of the same article: {', '.join(counts)}"
