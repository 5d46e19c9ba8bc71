"""Runs: a folder for each training, with everything needed to resume, evaluate and export it."""

import functools
import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.runs import old_formats, option_files, registry, settings
from pipelines.runs.starting import asset_digests, prepared_options
from tfmodels import whole_files
from tfmodels.suggestions import did_you_mean

ROOT = Path("runs")  # in the working directory
_CONFIG, _SHOWN = "config.yaml", 5
_EVALUATION = ("step", "epoch", "train_loss", "val_loss", "seconds")  # numbers that every evaluation has
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
        allow_code: Whether the code of the task that the run in `start_from` names may run.
        rehearsal: Whether it is prepared to be measured and deleted: what takes long may be done in part.
    """

    path: Path
    task: str
    config: Any
    served: Any = None
    other: str = ""
    allow_code: bool = False
    rehearsal: bool = False

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
    def weights_digest(self) -> str:
        """A digest of the best weights so far; empty without any. The index of a checkpoint has checksums of all."""
        found = sorted(self.checkpoints.glob("best/*.index"))
        return hashlib.sha256(b"".join(file.read_bytes() for file in found)).hexdigest()[:16] if found else ""

    @property
    def history(self) -> list[dict[str, Any]]:
        """The evaluations during training so far, oldest first; ValueError where their file is damaged."""
        path = self.path / "history.json"
        again = "`tfmodels fit` with the same options writes it anew from the checkpoints."
        found = whole_files.read_json(path, again)
        if not isinstance(found, list) or not found or not all(map(_is_evaluation, found)):
            names = ", ".join(_EVALUATION)
            raise ValueError(f"Expected evaluations in {path}, each with {names}. Received: {str(found)[:80]}. {again}")
        return found


def write(run: Run) -> None:
    """Makes the folder of a run and writes its options there.

    Args:
        run: The run.

    Example:
        `write(Run(Path("runs/translation"), "translation", translation.Config()))`
    """
    run.assets.mkdir(parents=True, exist_ok=True)
    option_files.write(run.path / _CONFIG, content(run))


def load(path_or_name: str | Path, task: str = "", allow_code: bool = False) -> Run:
    """Opens a run.

    A run is data and may come from anyone: what it names as its task is imported only if it is of this package. The
    code of a task of your own runs if you name that task, or allow what the run names.

    Args:
        path_or_name: Name of a folder under `runs/`, or a path.
        task: The run's task, if it is one of your own: an importable module or a `.py` file. That this has changed
            since the run was written is said.
        allow_code: Whether to run the code of whatever task the run names.

    Returns:
        The run, with its stored options.

    Raises:
        FileNotFoundError: If there is no such run, with the nearest name.
        ValueError: If its task is neither of this package nor named, its options are not valid for it any more,
            or not those that it was prepared with, or a file that it prepared is damaged.

    Example:
        `load("translation").config.training.steps` or `load("roman", task="roman.py")`
    """
    path = locate(path_or_name)
    if path is None:
        names = sorted(folder.name for folder in ROOT.glob("[!.]*") if is_run(folder))
        raise FileNotFoundError(
            f"Expected a run: its folder, or its name under {ROOT}/. "
            f"Received: {str(path_or_name)!r}{did_you_mean(str(path_or_name), names) or _listed(names)}"
        )
    found = kept(path)
    name = registry.trusted(found, path, task, allow_code)
    asset_digests.check(path / "assets")
    if is_trained(path):
        asset_digests.check_bound(path / "assets", path / "checkpoints")
    if not asset_digests.are_kept(path / "assets") and is_trained(path):
        _note(
            f"{path} has no digests, as runs of earlier versions: whether its files are those that were prepared and "
            "trained is not known"
        )
    config_type = registry.find(name).Config
    values = old_formats.config(found, config_type)
    run = Run(path, name, settings.from_dict(config_type, values))
    prepared_options.check(run.assets, config_type, content(run))
    return run


def kept(path: Path) -> dict[str, Any]:
    """Reads the options of a run as its file has them; nothing of them is imported.

    Args:
        path: Its folder.

    Returns:
        The content of its `config.yaml`.

    Raises:
        ValueError: If it does not name a task.

    Example:
        `kept(Path("runs/translation"))["task"]`
    """
    found = option_files.read(path / _CONFIG)
    if "task" not in found:
        raise ValueError(f"Expected the `task` of the run in {path / _CONFIG}. Received: {list(found)}")
    return found


def content(run: Run) -> dict[str, Any]:
    """What `write` writes.

    Args:
        run: The run.

    Example:
        `content(run)["task"]` -> `"translation"`
    """
    digest = registry.digest(run.task)
    header = {"format": old_formats.FORMAT, "task": run.task, **({registry.DIGEST: digest} if digest else {})}
    return header | settings.to_dict(run.config)


def is_trained(path: Path) -> bool:
    """Whether a run has checkpoints.

    Args:
        path: Its folder.

    Example:
        `is_trained(Path("runs/translation"))`
    """
    checkpoints = Run(path, "", None).checkpoints
    written = (file for file in checkpoints.rglob("*") if file.is_file())  # its folders appear before them
    return any(
        "unfinished" not in file.name and "_temp" not in file.parent.name and file.name != asset_digests.PREPARED
        for file in written
    )


def has_results(path: Path) -> bool:
    """Whether a run holds more than what is prepared or searched before its training.

    Args:
        path: Its folder.

    Example:
        `has_results(Path("runs/translation"))`
    """
    names = (entry.name for entry in path.iterdir() if whole_files.UNFINISHED not in entry.name)
    return is_trained(path) or any(name not in _NO_RESULTS for name in names)


def locate(path_or_name: str | Path) -> Path | None:
    """Finds a run's folder.

    Args:
        path_or_name: Name of a folder under `runs/`, or a path.

    Returns:
        The folder; None if there is no run.

    Raises:
        ValueError: It is neither a name nor a path.

    Example:
        `locate("translation")` -> `runs/translation`
    """
    if not isinstance(path_or_name, str | Path):
        raise ValueError(
            f"Expected a run: its folder, or its name under {ROOT}/. Received: {path_or_name!r:.80} of type "
            f"{type(path_or_name).__name__}"
        )
    return next(filter(is_run, (ROOT / path_or_name, Path(path_or_name))), None)


def _listed(names: list[str]) -> str:
    """What runs there are, for the end of a message."""
    if not names:
        return f". There are none in {ROOT}/ here; `tfmodels fit` trains one"
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return f". There are {', '.join(names[:_SHOWN])}{more}"


def is_run(path: Path) -> bool:
    """Whether a folder is that of a run."""
    return os.path.isfile(path / _CONFIG)  # of a name that is too long, too


@functools.cache  # a command opens its run several times
def _note(text: str) -> None:
    print(f"note: {text}", file=sys.stderr)


def _is_evaluation(row: Any) -> bool:
    return isinstance(row, dict) and all(type(row.get(name)) in (int, float) for name in _EVALUATION)
