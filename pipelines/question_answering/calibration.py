"""What a reader learns after its weights: a temperature of its logits, and from when on it answers."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from pipelines.question_answering import data, network
from pipelines.question_answering.answer_finder import AnswerFinder
from pipelines.question_answering.config import Config
from pipelines.question_answering.objective import span_loss
from pipelines.runs import Run, fitting
from pipelines.runs.rows import output_columns
from pipelines.text import vocabulary
from tfmodels import training

if TYPE_CHECKING:
    from pipelines.question_answering.reader_ensemble import ReaderEnsemble
    from tfmodels.models import Reader

_FILE = "calibration.npy"  # temperature, threshold
_TEMPERATURES = np.geomspace(0.25, 8, 81, dtype=np.float32)


def learn(config: Config, run: Run) -> None:
    """Fits the temperature, and the threshold of no answer, to the validation split and writes both into the run.

    Args:
        config: The options.
        run: The run, trained.
    """
    learnt = _learnt(config, run, network.trained(config, run))
    fitting.write_calibration(run, _FILE, np.array(learnt, np.float32))


def finder(config: Config, run: Run) -> AnswerFinder:
    """The graph functions of a trained run, with what it learnt after its weights.

    Args:
        config: The options.
        run: The run, trained.

    Returns:
        What answers.

    Raises:
        FileNotFoundError: The run has no checkpoint.
        ValueError: The file of the calibration is lost or changed.
    """
    found = fitting.calibration(run, _FILE, (2,), "its probabilities are not calibrated and it always answers")
    temperature, threshold = (1.0, 0.0) if found is None else map(float, found)
    fitting.check_temperature(run, _FILE, temperature)
    return _finder(config, run, network.trained(config, run), temperature, threshold)


def of_ensemble(config: Config, run: Run, readers: "ReaderEnsemble") -> AnswerFinder:
    """The graph functions of several readers as one, calibrated together.

    Args:
        config: The options.
        run: One of their runs; the others have the same validation split.
        readers: The readers.

    Returns:
        What answers.
    """
    return _finder(config, run, readers, *_learnt(config, run, readers))


def _learnt(config: Config, run: Run, reader: "Reader | ReaderEnsemble") -> tuple[float, float]:
    """The temperature, and the threshold of no answer, that suit the validation split."""
    temperature = _temperature(config, run, reader)
    threshold = _threshold(config, run, reader, temperature) if data.has_unanswerable(run) else 0.0
    return temperature, threshold


def _finder(
    config: Config, run: Run, reader: "Reader | ReaderEnsemble", temperature: float, threshold: float
) -> AnswerFinder:
    chosen = threshold if config.decision.answerable < 0 else config.decision.answerable
    return AnswerFinder(
        reader, vocabulary.read(run), config.max_question_length, temperature, chosen, config.decision.choose
    )


def _temperature(config: Config, run: Run, reader: "Reader | ReaderEnsemble") -> float:
    """The temperature with the most probable validation answers."""

    @tf.function(autograph=False, reduce_retracing=True)
    def losses(inputs: dict[str, tf.Tensor], targets: tf.Tensor) -> tf.Tensor:
        logits = reader(inputs, training=False)

        def scaled(temperature: tf.Tensor) -> tf.Tensor:
            return tf.reduce_sum(span_loss(targets, logits / temperature, config.max_answer_length))

        return tf.map_fn(scaled, tf.constant(_TEMPERATURES))  # one after the other: all at once take much memory

    rows = training.TokenRows(run.assets / "validation")
    batches = training.TokenBatches(
        rows, config.training.batch_tokens, 1, 0, data.assembled, beside=data.targets(run)["validation"]
    )
    total = sum(losses(inputs, targets).numpy() for inputs, targets, _ in batches.one_epoch())
    return float(_TEMPERATURES[np.argmin(total)])


def _threshold(config: Config, run: Run, reader: "Reader | ReaderEnsemble", temperature: float) -> float:
    """The threshold of no answer with the best F1 on the validation split."""
    from pipelines.question_answering import scores
    from pipelines.runs import predictor

    questions = data.read(config, run, "validation")
    always = replace(config, decision=replace(config.decision, answerable=0.0))
    answering = predictor.to_score(run, _finder(always, run, reader, temperature, 0.0).endpoints())
    inputs = {"question": [one.question for one in questions], "context": [one.context for one in questions]}
    found = answering.predict_columns(inputs, ["answer", "answerable"])
    answers = output_columns.texts(found["answer"], "answer")
    return scores.best_threshold(questions, answers, found["answerable"], config.score_by)
