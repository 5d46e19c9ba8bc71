"""Several runs as one that answers questions, calibrated together."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipelines.question_answering import calibration, data
from pipelines.question_answering.reader_ensemble import ReaderEnsemble
from pipelines.runs.ensembles import members as ensemble_members
from pipelines.text import vocabulary

if TYPE_CHECKING:
    from pipelines.question_answering.answer_finder import AnswerFinder
    from pipelines.runs import Run


def of_runs(members: "Sequence[Run]") -> "AnswerFinder":
    """What answers for several runs, with a temperature and a threshold of its own, from their validation split.

    Args:
        members: Trained runs, with their options.

    Returns:
        What answers.

    Raises:
        ValueError: The members differ in tokens, lengths, decision, files or validation split.
        FileNotFoundError: A run has no checkpoint, or its data is not there.

    Example:
        `of_runs([runs.load("qamr-0"), runs.load("qamr-1")]).answer(question, context)`
    """
    ensemble_members.check_same(members, _shared)
    ensemble_members.check_same_rows(members, lambda run: data.read(run.config, run, "validation"))
    finders = [calibration.finder(run.config, run) for run in members]
    network = ReaderEnsemble([one.network for one in finders], [one.temperature for one in finders])
    return calibration.of_ensemble(members[0].config, members[0], network)


def _shared(run: "Run") -> dict[str, Any]:
    config = run.config
    lengths = ("max_question_length", "max_context_length", "max_answer_length", "window", "overlap")
    return {
        "vocabulary": vocabulary.digest(run),
        "normalize": config.normalize,
        **{name: getattr(config, name) for name in lengths},
        "score_by": config.score_by,
        "decision": asdict(config.decision),
        "files": data.file_table(config, run),
    }
