"""Training of a run, what it learns after the weights, and publication of its report."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.runs.run_folders import Run
from pipelines.runs.starting import proportions

if TYPE_CHECKING:
    import keras

    from pipelines.runs.report import Report
    from tfmodels.training import Batches, Objective, Options


def train(
    run: Run,
    make_network: "Callable[[], keras.Model]",
    batches: "Mapping[str, Batches]",
    options: "Options",
    initialise: "Callable[[keras.Model], None]",
    objective: "Objective | None" = None,
) -> None:
    """Trains the network of a run, or resumes its training, and draws the learning curves into its folder.

    What is doubtful about the sizes of network, batch and data is printed before the first step.

    Args:
        run: A prepared run.
        make_network: Makes the network.
        batches: Split -> batches, for `train` and `validation`.
        options: Options of the training.
        initialise: Sets weights before the first step.
        objective: The objective to minimise. Default: the cross-entropy of tokens.

    Example:
        `train(run, partial(model, config, run), datasets(config, run), config.training, lambda network: None)`
    """
    from tfmodels import plots, training

    def start(network: "keras.Model") -> None:
        initialise(network)
        for note in proportions.notes(network, batches["train"]):
            print(f"note: {note}")

    validation = batches["validation"].one_epoch()
    _, history = training.fit(
        make_network, batches["train"], validation, options, run.path, initialise=start, objective=objective
    )
    plots.draw_curves(history, run.path / "curves.png")


def calibration(run: Run, name: str, answers: str) -> Path | None:
    """Finds what a training learns on the validation split after the weights; says it if there is none.

    Args:
        run: The run.
        name: Name of the file in its folder.
        answers: What the answers are without it.

    Returns:
        The file; None if the training still runs, or was ended in between.

    Example:
        `calibration(run, "temperature.npy", "its probabilities are not calibrated")`
    """
    if (run.path / name).is_file():
        return run.path / name
    print(
        f"warning: {run.path} has no {name}, which is written at the end of its training: {answers}. `tfmodels fit` "
        "with the same options finishes it.",
        file=sys.stderr,
    )
    return None


def publish(evaluation: "Report", run: Run) -> None:
    """Writes a report and its figures into the folder of its run and prints it.

    Args:
        evaluation: The report.
        run: The run.

    Example:
        `publish(evaluate(config, run, "validation"), run)`
    """
    from pipelines.runs import data_fingerprints, report
    from pipelines.runs.reports import figures, terminal

    evaluation = replace(evaluation, notes=[*evaluation.notes, *data_fingerprints.notes(run)])
    figures.draw(evaluation, report.write(evaluation, run.path))
    terminal.show(evaluation)
