"""Several runs of a task from text to text as one generator."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipelines.runs.ensembles import members as ensemble_members
from pipelines.seq2seq.training import load_generator
from pipelines.text import vocabulary

if TYPE_CHECKING:
    from pipelines.runs import Run
    from pipelines.seq2seq.generator import Generator


def load_ensemble(
    members: "Sequence[Run]", shared: "Callable[[Run], Mapping[str, Any]]" = lambda run: {}
) -> "Generator":
    """Makes the generator of several trained runs: at each token the normalised mean of their log-probabilities.

    Args:
        members: The runs, with their options; Transformers and LSTMs may be mixed.
        shared: What else of a run must be the same in all of them, by name.

    Returns:
        The generator; like that of one run it has no temperature.

    Raises:
        ValueError: The members differ in subwords, limits, search, validation split or what is `shared`.
        FileNotFoundError: A run has no checkpoint.

    Example:
        `load_ensemble([runs.load("multi30k-0"), runs.load("multi30k-1")]).answer(tf.constant(["A dog."]))`
    """
    from pipelines.seq2seq.generator import Generator
    from tfmodels.decoding import StepEnsemble

    ensemble_members.check_same(members, lambda run: {**_of_text(run), **shared(run)})
    ensemble_members.check_same_rows(members, lambda run: ensemble_members.digest(run.assets / "validation"))
    generators = [load_generator(run.config, run) for run in members]
    first = members[0]
    config, alone = first.config, generators[0]
    network = StepEnsemble([one.network for one in generators])
    return Generator(network, alone.subwords, config.max_source_length, config.max_answer_length, config.decoding)


def _of_text(run: "Run") -> dict[str, Any]:
    config = run.config
    return {
        "vocabulary": vocabulary.digest(run),
        "normalize": config.normalize,
        "max_source_length": config.max_source_length,
        "max_target_length": config.max_target_length,
        "decoding": asdict(config.decoding),
    }
