"""What a report says of the texts of a run: how they were read, what is held back, what is in two splits."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipelines.seq2seq import teacher_pairs
from pipelines.text import vocabulary
from tfmodels import whole_files

if TYPE_CHECKING:
    from pipelines.runs import Run
    from pipelines.seq2seq.config import Config
    from pipelines.sources.text.parallel_text import PairFiles

_FILE = "notes.json"


def keep(run: "Run", files: "Iterable[PairFiles]") -> None:
    """Prints what is to be said of the files of a run, and keeps it in its assets.

    Args:
        run: The run.
        files: The readers of its files.

    Example:
        `keep(run, [PairFiles(pair_files.find_splits("deu.txt", "en", "de"), PairForm("en", "de"))])`
    """
    found = [
        line
        for read in files
        for line in (*(f"read as: {one}" for one in read.said), *filter(None, [read.unread]), *read.survey.notes)
    ]
    for line in found:
        print(line)
    if found:
        vocabulary.write(run.assets / _FILE, json.dumps(found, ensure_ascii=False).encode())


def of_run(config: "Config", run: "Run") -> list[str]:
    """The notes of a report on the data of a run, unless it scores other data, and on random segmentations.

    Args:
        config: Options.
        run: Prepared.

    Returns:
        Sentences; none where there is nothing to say.

    Example:
        `of_run(run.config, run)`
    """
    path = run.assets / _FILE
    found = whole_files.read_json(path) if path.is_file() and not run.other else []
    found = [*found, *teacher_pairs.notes(config, run)]
    if config.resample_subwords:
        return [*found, f"trained on random segmentations, others in each epoch, alpha {config.subword_alpha}"]
    if not config.subword_samples:
        return found
    drawn = f"trained on {config.subword_samples} random segmentations of each text, alpha {config.subword_alpha}"
    return [*found, drawn]
