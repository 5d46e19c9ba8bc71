"""What the classes of the tasks do with runs: train, score and export them, as the commands do."""

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelines import runs
from pipelines.progress.quiet_import import import_tensorflow, stderr_held_back
from pipelines.runs import command_lines, data_fingerprints, predictor, registry, report, settings
from pipelines.runs.explanation import Explanation
from pipelines.runs.frames import arrow_tables, frame_kinds, python_options, stored_frames
from pipelines.runs.predictor import Predictor
from pipelines.runs.report import Report
from pipelines.runs.reports import export_card, exports, other_data, scoring, wording
from pipelines.runs.starting import run_work
from pipelines.sources.split_names import OTHER

_CHANGED = "Fit it anew with overwrite=True, or score other data by naming it."


def data_of(data: Any) -> str:
    """Data as the option `data` names it: a path or a name as it is, a frame by the file that it is written to.

    Args:
        data: A path, or what `data` may be; a DataFrame, of which the index is not taken, or a table of Arrow.

    Raises:
        ValueError: It is neither, or has no rows.

    Example:
        `data_of(pd.DataFrame({"text": ["Fine."], "label": ["good"]}))` -> `"runs/.frames/3f0c9a1b2c4d5e6f.parquet"`
    """
    if isinstance(data, str | Path):
        return str(data)
    if frame_kinds.of(data) not in ("frame", "arrow"):
        raise ValueError(
            f"Expected a data frame, or the path or name of data. Received: data of type {type(data).__name__}"
        )
    return str(stored_frames.store(arrow_tables.of(data)))


def fit(task: str, name: str, options: Mapping[str, Any], recipe: str, overwrite: bool) -> runs.Run:
    """Trains a run, or resumes its training; one that is trained already is opened at once.

    Args:
        task: A task of this package.
        name: Name of the run.
        options: Of the task, as keyword arguments, `data` among them.
        recipe: File or name of a recipe; empty for none.
        overwrite: Whether to replace a run of other options or other data.

    Returns:
        The run.

    Raises:
        ValueError: A run of that name has other options, an option or the data is wrong.

    Example:
        `fit("forecasting", "load", {"data": "load.csv", "horizon": 24}, "", False).path`
    """
    words = python_options.arguments(registry.find(task).Config, options, recipe)
    command = ["tfmodels", "fit", task, "--run", name, *words]
    with python_options.said_in_python():
        config = _config(task, words)
        run = runs.check(task, config, name, overwrite)
        if not overwrite and _is_finished(run.path) and (kept := runs.load(run.path)).config == run.config:
            data_fingerprints.check_unchanged(kept, False, data_fingerprints.can_go_on(kept))
            return _at_home(kept)
        with command_lines.standing_for(command):
            return _at_home(run_work.do(task, config, name, overwrite))


def evaluate(run: runs.Run, data: str = "", split: str = "") -> Report:
    """Scores a run, and writes the report and its figures beside it.

    Args:
        run: The run.
        data: Other data, as the option `data` names it; empty for that of the run.
        split: `validation` or `test`. Default: validation; of other data all.

    Returns:
        The report.

    Raises:
        ValueError: The data has changed since the run was prepared, or is wrong.

    Example:
        `evaluate(runs.load("load"), split="test").metrics`
    """
    if split not in ("", "validation", "test"):
        raise ValueError(f"Expected split to be 'validation' or 'test'. Received: split={split!r}")
    _check_options(run)
    scored, files, chosen = run, [], split or (OTHER if data else "validation")
    given = [*(["--data", data] if data else []), *(["--split", split] if split else [])]
    with python_options.said_in_python(), command_lines.standing_for(["tfmodels", "evaluate", _named(run), *given]):
        if data:
            scored, files = other_data.instead(run, data, chosen)
        else:
            data_fingerprints.check_unchanged(run, False, _CHANGED)
        import_tensorflow()
        try:
            return scoring.score(scored, chosen, files).report
        except FileNotFoundError as error:
            home = run.path.parent.parent
            there = "" if data or home == Path.cwd() else f". The run was trained in {home}: go back with os.chdir"
            raise FileNotFoundError(f"{str(error).rstrip('.')}{there}") from None


def export(run: runs.Run, folder: str | Path, keep: int | None = None, weights: str = "float32") -> Path:
    """Exports a run for TensorFlow Serving.

    Args:
        run: The run.
        folder: Folder of versions; empty for `saved_models/NAME`.
        keep: How many of the newest versions are kept. Default: all.
        weights: Storage format of weight matrices: `float32`, `bfloat16` or `int8`.

    Returns:
        The folder of the new version.

    Example:
        `export(runs.load("load"), "saved_models/load")` -> `saved_models/load/1`
    """
    if not isinstance(folder, str | Path):
        raise ValueError(f"Expected the path of a folder. Received: folder={folder!r:.80}")
    to = Path(folder or Path("saved_models") / run.name)
    with python_options.said_in_python():
        exports.check_folder(to)
        _check_options(run)
        import_tensorflow()
        with stderr_held_back():
            servable = registry.find(run.task).endpoints(run.config, run)
        return exports.write(servable, export_card.card(run, weights, to), to, keep, weights)


def explain(run: runs.Run, row: str) -> Explanation:
    """Explains what a run answers.

    Args:
        run: The run.
        row: A text; for a forecaster the name of a series.

    Returns:
        The explanation.

    Raises:
        ValueError: It is no text, or there is no such series.

    Example:
        `explain(runs.load("reviews"), "A fine film.")`
    """
    if not isinstance(row, str):
        raise ValueError(f"Expected one text. Received: {row!r:.80} of type {type(row).__name__}")
    _check_options(run)
    with python_options.said_in_python():
        import_tensorflow()
        return registry.find(run.task).explain(run.config, run, row)


def fitted(run: runs.Run | None, of: str) -> runs.Run:
    """The run of an object that is trained.

    Args:
        run: The run; None before `fit`.
        of: Name of the class, for the message.

    Raises:
        ValueError: There is none, or its folder is gone.
    """
    if run is None:
        raise ValueError(
            f"Expected a {of} that is trained: call fit(data), which opens at once what was trained before, or open a "
            f"run with {of}.load(RUN). Received: no run"
        )
    if runs.locate(run.path) is None:
        raise ValueError(
            f"Expected the folder of the run, {run.path}, which was deleted or moved: call fit again, or open where it "
            f"is now with {of}.load(FOLDER)"
        )
    return run


def predictor_of(run: runs.Run) -> Predictor:
    """The predictor of a run, loaded without a library's noise.

    Raises:
        ValueError: It was trained anew with other options or data since.
    """
    _check_options(run)
    import_tensorflow()
    with stderr_held_back():
        return predictor.of_run(run)


def opened(run: str | Path, task: str) -> runs.Run:
    """Opens a run of a task.

    Raises:
        FileNotFoundError: There is none of that name.
        ValueError: It is of another task.
    """
    found = runs.load(run)
    if found.task != task:
        raise ValueError(f"Expected a run of {task}. Received: {run}, which is of {found.task}")
    return _at_home(found)


def shown(name: str, run: runs.Run | None) -> str:
    """A model of a class as HTML: what it is, and the verdict of its report.

    Args:
        name: Its `repr`.
        run: Its run; None before it is trained.

    Example:
        `shown("Forecaster(run='load')", runs.load("load"))`
    """
    file = run.path / "report.json" if run else None
    said = wording.verdict(report.read(file))[0] if file and file.is_file() else ""
    return f"<pre>{html.escape(name)}</pre><p>{html.escape(said)}</p>"


def _config(task: str, words: list[str]) -> Any:
    config_type = registry.find(task).Config
    parser = settings.parser(config_type, prog=f"tfmodels fit {task}")
    return settings.build(config_type, settings.parse(parser, config_type, words, task))


def _is_finished(path: Path) -> bool:
    """Whether a run has the report that is written at the end of its training, of the weights that it has."""
    file = path / "report.json"
    if not file.is_file():
        return False
    kept = re.search(r'"weights": "(\w+)"', file.read_text(encoding="utf-8")[:1000])
    return kept is not None and kept[1] == runs.Run(path, "", None).weights_digest


def _named(run: runs.Run) -> str:
    return run.name if run.path == (runs.ROOT / run.name).resolve() else str(run.path)


def _at_home(run: runs.Run) -> runs.Run:
    """The run, whose folder stays the same where the working directory changes, as in a notebook."""
    return replace(run, path=run.path.resolve())


def _check_options(run: runs.Run) -> None:
    """Refuses a run that another object, or the command, has replaced since it was opened."""
    if runs.load(run.path, run.task).config != run.config:
        raise ValueError(
            f"Expected the run {run.name} as it was opened. Received: one of other options or data, which replaced it: "
            "call fit again, or open it anew with load"
        )
