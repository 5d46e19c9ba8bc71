"""A teacher's answers to the training sources, as training pairs (sequence-level distillation; Kim and Rush, 2016)."""

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from pipelines.runs.rows import output_columns
from pipelines.runs.teachers import teacher
from pipelines.sources.text.mixture import Component
from tfmodels import whole_files

if TYPE_CHECKING:
    from pipelines.runs import Run
    from pipelines.seq2seq.config import Config

    Sources = Sequence[tuple[Component, Callable[[str], Iterable[tuple]]]]  # as `data` has them

_FILE = "teacher_pairs.jsonl"
_ROWS = 1024  # asked at a time
_NAME = "the teacher's answers"


def check_teacher(config: "Config", run: "Run", description: str) -> None:
    """Refuses a teacher that does something else, before any work; nothing where its answers are in the run.

    Args:
        config: The options.
        run: The run that is to be taught.
        description: What the model of the run does, as the card of its export will say it.

    Raises:
        FileNotFoundError: There is no such teacher.
        ValueError: It is of another task, or does something else.

    Example:
        `check_teacher(config, run, "Translates en to de.")`
    """
    if not config.teacher or teacher.is_kept(run):
        return
    taught_by = teacher.load(run)
    teacher.check_fields(run, taught_by, ["text"], ["text"])
    found = taught_by.model.card.get("description")
    if found != description:
        raise ValueError(
            f"Expected a teacher that does the same as this run: {description} Received: "
            f"teacher={config.teacher!r}: {found}"
        )


def taught(config: "Config", run: "Run", sources: "Sources") -> "Sources":
    """The sources of the training pairs: with a teacher its pairs too, or alone.

    Args:
        config: The options.
        run: The run; it gets the answers, which are asked for only once.
        sources: The data.

    Returns:
        The sources; the given ones without a teacher.

    Raises:
        FileNotFoundError: There is no such teacher.
        ValueError: It is of another task, or answers no text.

    Example:
        `taught(config, run, [(Component("my/texts"), read)])`
    """
    if not config.teacher:
        return sources
    if not teacher.is_kept(run):
        _ask(teacher.load(run), run, sources)
    given = [] if config.teacher_pairs == "replace" else list(sources)
    return [*given, (Component(_NAME), lambda split: _pairs(run))]


def notes(config: "Config", run: "Run") -> list[str]:
    """What a report says of the teacher."""
    how = "beside" if config.teacher_pairs == "add" else "instead of"
    return teacher.notes(run, f"its answers to the training sources are targets {how} those of the data")


def _ask(taught_by: teacher.Teacher, run: "Run", sources: "Sources") -> None:
    model = taught_by.model
    pairs = ((pair[0], pair[1]) for _, read in sources for pair in read("train"))
    texts = (source for source, _ in itertools.islice(pairs, teacher.rows_to_ask(run)))
    empty = 0
    with (
        whole_files.replacing(run.assets / _FILE) as unfinished,
        teacher.asking(run, "texts", _total(sources)) as count,
        unfinished.open("w", encoding="utf-8") as file,
    ):
        while batch := list(itertools.islice(texts, _ROWS)):
            answered = output_columns.texts(model.predict_columns({"text": batch}, ["text"])["text"], "text")
            for source, target in zip(batch, answered, strict=True):
                empty += not target.strip()
                if target.strip():
                    file.write(json.dumps([source, target], ensure_ascii=False) + "\n")
            count(len(batch))
        for pair in pairs:  # left by a rehearsal: those of the data, which are of similar length
            file.write(json.dumps(pair, ensure_ascii=False) + "\n")
    if empty:
        print(f"the teacher has no answer to {empty:,} sources, which give no pair of it")
    teacher.keep(run, taught_by)


def _total(sources: "Sources") -> int | None:
    """The number of training pairs, each once; None where a source is no file."""
    from pipelines.sources.text.parallel_text import PairFiles

    found = [read.check("train") for _, read in sources if isinstance(read, PairFiles)]
    return sum(found) if len(found) == len(sources) else None


def _pairs(run: "Run") -> Iterator[tuple[str, str]]:
    with (run.assets / _FILE).open(encoding="utf-8") as file:
        for line in file:
            source, target = json.loads(line)
            yield source, target
