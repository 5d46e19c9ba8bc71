"""Training of a run, what it learns after the weights, and publication of its report."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np

from pipelines.runs import option_files
from pipelines.runs.run_folders import Run
from pipelines.runs.starting import asset_digests, preparation, proportions
from tfmodels import array_files

if TYPE_CHECKING:
    import keras

    from pipelines.runs.report import Report
    from tfmodels.training import Batches, Objective, Options

_AGAIN = "`tfmodels fit` with the same options writes it anew."
_BOARD = "tensorboard"  # folder in that of the run, with what TensorBoard shows


def train(
    run: Run,
    make_network: "Callable[[], keras.Model]",
    batches: "Mapping[str, Batches]",
    options: "Options",
    initialise: "Callable[[keras.Model], None]",
    objective: "Objective | None" = None,
    callbacks: "Sequence[keras.callbacks.Callback]" = (),
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
        callbacks: Of Keras, see `training.fit`.

    Example:
        `train(run, partial(model, config, run), datasets(config, run), config.training, lambda network: None)`
    """
    from pipelines.runs.machines import meeting
    from pipelines.runs.reports import captions
    from tfmodels import plots, training
    from tfmodels.training.callbacks import event_file
    from tfmodels.training.devices import cluster
    from tfmodels.training.optimization.objective import next_token

    def start(network: "keras.Model") -> None:
        initialise(network)
        for note in proportions.notes(network, batches["train"]):
            print(f"note: {note}")

    if cluster.is_chief():
        preparation.record(run)  # of one that a script prepared
        preparation.bind(run)
    validation = batches["validation"].one_epoch()
    _, history = training.fit(
        make_network, batches["train"], validation, options, run.path, start, objective, callbacks
    )
    meeting.leave()
    print("Trained. Next the validation split is scored, and the baselines beside it")
    unit = (objective or next_token(options)).unit
    plots.draw_curves(history, run.path / "curves.png", captions.of_run(run), unit)
    board = run.path / _BOARD
    event_file.write_options(board, option_files.flatten(asdict(run.config)))
    event_file.write_figures(board, [run.path / "curves.png"], history[-1]["step"])


def write_calibration(run: Run, name: str, values: np.ndarray) -> None:
    """Writes what a training learns on the validation split after the weights, and keeps its digest.

    Args:
        run: The run.
        name: Name of the file in its folder.
        values: The numbers.

    Example:
        `write_calibration(run, "temperature.npy", np.float32(1.2))`
    """
    with asset_digests.replacing(run.assets, run.path / name) as unfinished:
        np.save(unfinished, values)


def calibration(run: Run, name: str, shape: tuple[int, ...], answers: str) -> np.ndarray | None:
    """Reads what `write_calibration` wrote; says it if there is none.

    Args:
        run: The run.
        name: Name of the file in its folder.
        shape: Of the numbers.
        answers: What the answers are without it.

    Returns:
        The numbers; None if the training still runs, or was ended in between.

    Raises:
        ValueError: The file is lost or changed, or holds something else than finite numbers.

    Example:
        `calibration(run, "temperature.npy", (), "its probabilities are not calibrated")`
    """
    file = run.path / name
    asset_digests.check_beside(run.assets, file, _AGAIN)
    if file.is_file():
        values = array_files.read(file, shape)
        if values.dtype.kind != "f" or not (np.abs(values) <= np.finfo(np.float32).max).all():
            raise ValueError(f"Expected finite numbers in {file}. Received: {str(values)[:80]}. {_AGAIN}")
        return values
    print(
        f"warning: {run.path} has no {name}, which is written at the end of its training: {answers}. `tfmodels fit` "
        "with the same options finishes it.",
        file=sys.stderr,
    )
    return None


def check_temperature(run: Run, name: str, temperature: float) -> None:
    """Refuses what cannot divide logits.

    Args:
        run: The run.
        name: Name of the file in its folder that the temperature was read from.
        temperature: As a float32 holds it.

    Raises:
        ValueError: It is not above 0.

    Example:
        `check_temperature(run, "temperature.npy", 1.2)`
    """
    if temperature <= 0:
        raise ValueError(f"Expected a temperature above 0 in {run.path / name}. Received: {temperature}. {_AGAIN}")


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
    from tfmodels.training.callbacks import event_file

    evaluation = replace(evaluation, notes=[*evaluation.notes, *data_fingerprints.notes(run)])
    drawn = figures.draw(evaluation, report.write(evaluation, run.path, weights=run.weights_digest))
    if drawn and (run.path / _BOARD).is_dir():
        event_file.write_figures(run.path / _BOARD, drawn, run.history[-1]["step"])
    terminal.show(evaluation)
