"""Questions from data sets of TensorFlow Datasets with SQuAD's features, by name."""

from typing import Any

from pipelines.sources.faults import Faults
from pipelines.sources.questions import question_rows
from pipelines.sources.questions.question_form import Form
from pipelines.sources.questions.question_rows import Fields, Row
from pipelines.sources.split_names import SPLIT_OF
from pipelines.sources.tfds import tfds_builders
from tfmodels.suggestions import did_you_mean

_NEEDED = ("question", "context", "answers")
_OF_AN_ANSWER = {"text", "answer_start"}


def read(name: str, form: Form, faults: Faults) -> dict[str, list[Row]]:
    """Reads all splits; the first call downloads and prepares the data set.

    Args:
        name: The data set and its configuration: "squad", "squad/v2.0".
        form: Names the feature of the kind of question, if there is one.
        faults: Collects faulty questions; they are left out.

    Returns:
        The questions by split. `plausible_answers` of impossible ones are not read.

    Raises:
        ValueError: There is no such data set or feature, or a fault is an error.

    Example:
        `read("squad", Form(), Faults("warn"))["train"][0].question`
    """
    builder = tfds_builders.builder(name)
    there = list(builder.info.features)
    missing = [one for one in _NEEDED if one not in there]
    parts = () if missing else getattr(builder.info.features["answers"], "feature", ())
    if not _OF_AN_ANSWER.issubset(parts):
        raise ValueError(
            f"Expected a data set with the features of SQuAD: {', '.join(_NEEDED)} (a list of text and answer_start). "
            f"Received: {name!r}, with {', '.join(there)}"
        )
    if form.kind and form.kind not in there:
        raise ValueError(
            f"Expected a feature of {name!r}: {', '.join(there)}. "
            f"Received: kind_column={form.kind!r}{did_you_mean(form.kind, there)}"
        )
    builder.download_and_prepare()
    splits: dict[str, list[Row]] = {}
    for part in (part for part in builder.info.splits if part in SPLIT_OF):
        rows = splits.setdefault(SPLIT_OF[part], [])
        number = 0
        for batch in tfds_builders.batches(builder, part):
            answers = batch.pop("answers")
            batch.pop("plausible_answers", None)
            for place in range(len(batch["question"])):
                number += 1
                one = {feature: _value(batch[feature][place]) for feature in batch}
                named = f", id {one['id']!r}" if "id" in one else ""
                fields = Fields(
                    one["question"], one["context"], _answers(answers, place, one.get("is_impossible", False)),
                    one.get("id"), one.get("title"), one.get(form.kind),
                )  # fmt: skip
                rows += question_rows.row(fields, f"{name}, row {number:,} of {part}{named}", faults)
    return splits


def _answers(answers: Any, place: int, impossible: bool) -> list[tuple[str, int]]:
    """Text and start of each answer of a row; batches are padded with empty texts."""
    if impossible:
        return []
    texts, starts = answers["text"][place], answers["answer_start"][place]  # of unlike lengths in the mocked data
    return [(text.decode(), int(start)) for text, start in zip(texts, starts, strict=False) if text]


def _value(value: Any) -> Any:
    """A feature as text or number."""
    return value.decode() if isinstance(value, bytes) else value.item() if hasattr(value, "item") else value
