"""Runs: a folder for each training, with everything needed to resume, evaluate and export it."""

import json
import shutil
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from pipelines.runs import old_formats, option_differences, option_files, registry, settings
from tfmodels.export.versions import RESERVED
from tfmodels.suggestions import did_you_mean

ROOT = Path("runs")  # in the working directory
_CONFIG = "config.yaml"
_FREE_UNTIL_TRAINED = {"training.learning_rate", "training.batch_tokens"}  # prepared data does not depend on these
_NO_RESULTS = {_CONFIG, "assets", "tensorboard", "checkpoints", *("find_lr.json", "find_lr.png", "find_batch.json")}


@dataclass(frozen=True)
class Run:
    """One training: its folder, task and config.

    Attributes:
        path: The folder.
        task: Name of the task, see `registry.find`.
        config: The task's `Config`.
        served: The `Predictor` of an export that is scored in place of the run's own model. None scores that model.
        other: Data that is scored in place of the run's own. Empty scores that.
    """

    path: Path
    task: str
    config: Any
    served: Any = None
    other: str = ""

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.path.name

    @property
    def assets(self) -> Path:
        """Folder of what was fitted to the data before training: tokenizer, vocabulary, scaler."""
        return self.path / "assets"

    @property
    def index(self) -> Path:
        """Folder of the data cache, shared by all runs in the same folder."""
        return self.path.parent / ".index"

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def history(self) -> list[dict[str, Any]]:
        """The evaluations during training so far, oldest first."""
        return json.loads((self.path / "history.json").read_text(encoding="utf-8"))


def create(task: str, config: Any, name: str | None = None, overwrite: bool = False) -> Run:
    """Creates a run, or opens an existing one with the same options.

    Until a run has results, other options replace its own; what was prepared for those is deleted, unless only the
    learning rate or the number of tokens per batch differ. Options that do not affect training may always differ.

    Args:
        task: Name of the task, see `registry.find`.
        config: The task's `Config`.
        name: Name of the folder under `runs/`. Default: the short name of the task.
        overwrite: Whether to replace an existing run; it is kept aside until `commit` or `rollback`.

    Returns:
        The run, with its `config.yaml` written.

    Raises:
        ValueError: If a run of that name has results of other options, the name is not valid for a folder, or it is
            that of the run in `start_from`.

    Example:
        `create("translation", translation.Config(), "translation-deep")`
    """
    run = check(task, config, name, overwrite)
    if _is_run(run.path):
        if overwrite:
            _set_aside(run)
        elif not has_results(run.path) and _differences(run).keys() - _FREE_UNTIL_TRAINED:
            shutil.rmtree(run.assets, ignore_errors=True)
    write(run)
    return run


def check(task: str, config: Any, name: str | None = None, overwrite: bool = False) -> Run:
    """Refuses what `create` would refuse, and changes nothing; takes and returns the same.

    Example:
        `check("translation", translation.Config()).path`
    """
    name = registry.short_name(task) if name is None else name
    _check_name(name)
    run = Run(ROOT / name, task, config)
    if not _is_run(run.path):
        return run
    _refuse_itself_as_origin(run)
    if overwrite:
        return run
    kept = _as_decided(run)
    if has_results(run.path):
        _refuse_other_settings(kept)
        return kept
    return run if _differences(kept).keys() - _FREE_UNTIL_TRAINED else kept


def write(run: Run) -> None:
    """Makes the folder of a run and writes its options there.

    Args:
        run: The run.

    Example:
        `write(Run(Path("runs/translation"), "translation", translation.Config()))`
    """
    import yaml

    run.assets.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(_content(run), sort_keys=False, allow_unicode=True)
    unfinished = run.path / f"{_CONFIG}.unfinished"
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(run.path / _CONFIG)


def load(path_or_name: str | Path) -> Run:
    """Opens a run.

    Args:
        path_or_name: Name of a folder under `runs/`, or a path.

    Returns:
        The run, with its stored options.

    Raises:
        FileNotFoundError: If there is no such run, with the nearest name.
        ValueError: If its options are not valid for the task any more.

    Example:
        `load("translation").config.training.steps`
    """
    path = locate(path_or_name)
    if path is None:
        names = [folder.name for folder in ROOT.glob("[!.]*") if _is_run(folder)]
        raise FileNotFoundError(
            f"Expected a run: its folder, or its name under {ROOT}/. "
            f"Received: {str(path_or_name)!r}{did_you_mean(str(path_or_name), names)}"
        )
    content = option_files.read(path / _CONFIG)
    if "task" not in content:
        raise ValueError(f"Expected the `task` of the run in {path / _CONFIG}. Received: {list(content)}")
    config_type = registry.find(old_formats.current_task(str(content["task"]))).Config
    values = old_formats.config(content, config_type)
    return Run(path, values["task"], settings.from_dict(config_type, values))


def commit(run: Run) -> None:
    """Deletes the run that a new run replaces, after its data is prepared.

    Args:
        run: The run.

    Example:
        `commit(create("translation", translation.Config(), overwrite=True))`
    """
    shutil.rmtree(_aside(run), ignore_errors=True)


def rollback(run: Run) -> None:
    """Removes a run whose options or data were wrong, and restores the run that it replaces.

    What was prepared is removed, too: nothing that was made of wrong data is used again. A run with results is kept.

    Args:
        run: The run.

    Example:
        `rollback(create("translation", translation.Config(data="no such folder")))`
    """
    if _aside(run).exists():
        shutil.rmtree(run.path)
        _aside(run).rename(run.path)
    elif not has_results(run.path):
        shutil.rmtree(run.path)


def is_trained(path: Path) -> bool:
    """Whether a run has checkpoints.

    Args:
        path: Its folder.

    Example:
        `is_trained(Path("runs/translation"))`
    """
    checkpoints = Run(path, "", None).checkpoints
    return any(file.is_file() for file in checkpoints.rglob("*"))  # its folders appear before them


def has_results(path: Path) -> bool:
    """Whether a run holds more than what is prepared or searched before its training.

    Args:
        path: Its folder.

    Example:
        `has_results(Path("runs/translation"))`
    """
    return is_trained(path) or any(entry.name not in _NO_RESULTS for entry in path.iterdir())


def locate(path_or_name: str | Path) -> Path | None:
    """Finds a run's folder.

    Args:
        path_or_name: Name of a folder under `runs/`, or a path.

    Returns:
        The folder; None if there is no run.

    Example:
        `locate("translation")` -> `runs/translation`
    """
    return next(filter(_is_run, (ROOT / path_or_name, Path(path_or_name))), None)


def _aside(run: Run) -> Path:
    """Folder of a replaced run until `commit` or `rollback`."""
    return run.path.with_name(f".{run.name}.overwritten")


def _set_aside(run: Run) -> None:
    if _aside(run).exists():  # left by an interrupted attempt: it is the run to restore
        shutil.rmtree(run.path)
    else:
        run.path.rename(_aside(run))


def _is_run(path: Path) -> bool:
    return (path / _CONFIG).is_file()


def _content(run: Run) -> dict[str, Any]:
    return {"format": old_formats.FORMAT, "task": run.task, **settings.to_dict(run.config)}


def _check_name(name: str) -> None:
    if name.startswith(".") or not name or Path(name).name != name:
        raise ValueError(f"Expected the name of a folder under {ROOT}/, without a leading dot. Received: run={name!r}")
    if name == RESERVED:
        raise ValueError(
            f"Expected another name, since `{name}` holds the server's files among exports. Received: run={name!r}"
        )


def _as_decided(run: Run) -> Run:
    """The run with what its options leave open as its data, or its time, decided it."""
    config = option_files.of_its_time(run.config, run.task, option_files.read(run.path / _CONFIG))
    return replace(run, config=config.taken_from(load(run.path).config) if hasattr(config, "taken_from") else config)


def _refuse_other_settings(run: Run) -> None:
    differences = [f"  {name}: {old} in the run, {new} now" for name, (old, new) in _differences(run).items()]
    if differences:
        raise ValueError(
            f"Expected the options of the existing run {run.path}. Received different options:\n"
            + "\n".join(differences)
            + f"\nChoose another name, such as --run {_free_name(run.name)}, or delete that run with --overwrite."
        )


def _differences(run: Run) -> dict[str, tuple[Any, Any]]:
    before = old_formats.config(option_files.read(run.path / _CONFIG), type(run.config))
    return option_differences.find(type(run.config), before, _content(run))


def _refuse_itself_as_origin(run: Run) -> None:
    """Refuses a run that would start from itself, before its weights are deleted."""
    origin = getattr(run.config, "start_from", "") and locate(run.config.start_from)
    if origin and origin.samefile(run.path):
        raise ValueError(
            f"Expected another run to start from. Received: start_from={run.config.start_from!r}, which is {run.path} "
            f"itself. Choose another name, such as --run {_free_name(run.name)}."
        )


def _free_name(name: str) -> str:
    return next(free for free in (f"{name}-{number}" for number in count(2)) if not (ROOT / free).exists())
