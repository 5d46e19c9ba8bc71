"""Labelled text from the source that the option `data` names."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipelines.sources import split_files
from pipelines.sources.faults import Faults
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.synthetic import synthetic_opinions
from pipelines.sources.text import label_checks, labelled_files, labelled_splits
from pipelines.sources.text.labelled import Labelled
from pipelines.sources.text.labelled_files import Form
from pipelines.sources.text.labelled_splits import Splits

_WHAT = "labelled text"
_SHOWN = 20  # labels in a message
_NO_TEST = "no test split: nothing is held out for a final test; --test_share 0.1 would hold out a tenth"
_TEST_SEED = 1
_STRATIFIED_SEED = 0  # not the run's: runs with different seeds validate on the same rows


class LabelledText(NamedTuple):
    """A data set.

    Attributes:
        splits: The rows of each split: training and validation, and the test if there is one.
        classes: All labels, in their order.
        notes: What a report says of it.
        dialect: How the file of training data is written; None unless it has columns.
    """

    splits: Splits
    classes: list[str]
    notes: list[str]
    dialect: Dialect | None = None


def read(
    data: str,
    form: Form,
    faults: Faults,
    validation_share: float = 0.1,
    test_share: float = 0.0,
    classes: list[str] | None = None,
    seed: int = 1,
) -> LabelledText:
    """Reads and checks a data set.

    Args:
        data: `synthetic` (synthetic opinions), `tfds:NAME` (a data set of TensorFlow Datasets), a file, which is all
            training data, or a folder with a file or a folder of classes for each split, named by it: `train.tsv`,
            `stsa.fine.dev.gz`, `test/`.
        form: Layout of the files; of a data set of TFDS, its features.
        faults: Collects bad rows; see `labelled_files.read` and `labelled_splits.check`.
        validation_share: Share of each class of the training data that is held out if there is no validation split.
        test_share: The same of the test split; 0 holds out none.
        classes: The labels in their order; by default those of the training data, sorted, if they can be meant.
        seed: Seed of synthetic data.

    Returns:
        The data set.

    Raises:
        FileNotFoundError: There is no such file or folder, or no training split in it.
        ValueError: A row is faulty, there are fewer than two classes, or the labels cannot be meant.

    Example:
        `read("reviews", Form(layout="text_tab_label"), Faults("error")).classes`
    """
    splits, dialect = _splits(data, form, faults, seed)
    notes = [labelled_files.columns_of(split_files.find(Path(data), _WHAT)["train"], form, dialect)] if dialect else []
    notes += [] if classes else label_checks.check(splits["train"], form.layout)
    classes = classes or labelled_splits.classes_of(splits["train"])
    about_test = "" if "test" in splits else _NO_TEST
    if about_test and test_share:
        train, held_back = labelled_splits.stratify(splits["train"], test_share, _TEST_SEED)
        splits |= {"train": train, "test": held_back}
        about_test = _held_out("test", test_share, train, held_back)
    if "validation" not in splits:
        train, held_back = labelled_splits.stratify(splits["train"], validation_share, _STRATIFIED_SEED)
        splits = {
            "train": train,
            "validation": held_back,
            **{split: splits[split] for split in splits if split == "test"},
        }
        notes.append(_held_out("validation", validation_share, train, held_back))
    if Path(data).is_dir() and (unread := split_files.not_read(Path(data), files(data))):
        notes.append(unread)
    notes += [about_test] if about_test else []
    if len(classes) < 2 and not form.separator:
        raise ValueError(f"Expected at least two classes. Received: {classes}, data={data!r}")
    return LabelledText(labelled_splits.check(splits, classes, faults), classes, notes, dialect)


def _held_out(split: str, share: float, train: list[Labelled], held_back: list[Labelled]) -> str:
    return (
        f"no {split} split: {share:.0%} of the different texts of each class, chosen at random, are held out: "
        f"{len(held_back):,} of {len(train) + len(held_back):,} rows"
    )


def files(data: str) -> list[Path]:
    """Finds the files, and the folders of classes, of a data set; none of synthetic ones and of TFDS.

    Raises:
        FileNotFoundError: There is no such file or folder, or no training split in it.

    Example:
        `files("reviews")`
    """
    if data == synthetic_opinions.NAME or data.startswith("tfds:"):
        return []
    return list(split_files.find(Path(data), _WHAT).values())


def read_other(
    data: str, split: str, form: Form, classes: list[str], faults: Faults, dialect: Dialect | None = None
) -> list[Labelled]:
    """Reads rows of other data than was prepared.

    Args:
        data: What `read` takes; a folder may lack the training split.
        split: The split, of data that has any; a file is read whole.
        form: As in training.
        classes: The labels of training.
        faults: Collects bad rows, and rows with other labels; they are left out.
        dialect: That of training, which decides where two readings fit.

    Returns:
        The rows.

    Raises:
        FileNotFoundError: There is no such data, or no such split in it.
        ValueError: It has splits and none is chosen, or no row is left.

    Example:
        `read_other("new.csv", "other", Form(), ["negative", "positive"], Faults("warn"))`
    """
    if Path(data).exists():
        rows = [row for place in other_files(data, split) for row in _rows(place, form, faults, dialect)]
    else:
        rows = _splits(data, form, faults, 1)[0].get(split, [])
    known = labelled_splits.known(rows, classes, faults)
    if not known:
        there = ", ".join(sorted({label for row in rows for label in row.labels})[:_SHOWN]) or "none"
        raise ValueError(
            f"Expected rows with the labels {', '.join(classes[:_SHOWN])}. Received: {there}, data={data!r}"
        )
    return known


def other_files(data: str, split: str) -> list[Path]:
    """The files that `read_other` reads; none of synthetic data and of TFDS."""
    return split_files.of_other(data, split)


def _splits(data: str, form: Form, faults: Faults, seed: int) -> tuple[Splits, Dialect | None]:
    if data == synthetic_opinions.NAME:
        return synthetic_opinions.read(seed), None
    if data.startswith("tfds:"):
        from pipelines.sources.tfds import tfds_labelled

        return tfds_labelled.read(data.removeprefix("tfds:"), form, faults), None
    places = split_files.find(Path(data), _WHAT)
    train = places["train"]
    dialect = None if train.is_dir() else labelled_files.dialect_of(train, form)
    return {split: list(_rows(place, form, faults, dialect)) for split, place in places.items()}, dialect


def _rows(place: Path, form: Form, faults: Faults, dialect: Dialect | None) -> Iterator[Labelled]:
    if place.is_dir():
        return labelled_files.read_folders(place, form, faults)
    return labelled_files.read(place, form, faults, dialect)
