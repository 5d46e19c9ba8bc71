"""The words that may follow on a command line, found without TensorFlow and without code of a user's task."""

import contextlib
import io
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pipelines import runs
from pipelines.cli import subcommands
from pipelines.runs import recipe_files, registry, run_folders, settings

_EXPORTS = Path("saved_models")
_OPTION = re.compile(r"^ {2,}(?:-\w, )?(--[\w.]+)(?: (\S+))?", re.MULTILINE)  # and what its value is called
# Subcommand -> whether its first words are runs, and whether they are exports.
_MODELS = {
    **dict.fromkeys(("evaluate", "predict", "score", "explain", "app"), (True, True)),
    "export": (True, False),
    **dict.fromkeys(("check", "serve"), (False, True)),
}
_TRAINING = ("fit", "tune")  # subcommands that take a task and all of its options
_BENCHMARKED = {"train": (True, False), "decode": (False, True), "serve": (False, True)}
_RUNS_AND_EXPORTS = {"--start_from": (True, False), "--teacher": (False, True), "--run": (True, False)}


def following(words: Sequence[str], known: Mapping[str, subcommands.Subcommand]) -> list[str]:
    """Completes the last word of a command line.

    Args:
        words: Those after `tfmodels`; the last is incomplete, perhaps empty.
        known: Name -> function of all subcommands.

    Returns:
        The words that begin so, in their order. Those that a shell would not take as they are, are left out.

    Example:
        `following(["fit", "tr"], known)` -> `["translation"]`
    """
    words = [word for word in words if word != "="]  # at which bash splits --option=value
    if len(words) < 2:
        found: Iterable[str] = [*known, "--help", "--version"]
    else:
        found = _of_subcommand(words, known)
    return [one for one in dict.fromkeys(found) if one.startswith(words[-1]) and shlex.quote(one) == one]


def _of_subcommand(words: Sequence[str], known: Mapping[str, subcommands.Subcommand]) -> Iterable[str]:
    name, *rest = words
    if name in _TRAINING and len(rest) == 1:
        return [*registry.summaries(), *sorted(map(str, Path().glob("[!-]*.py")))]
    if name == "benchmark" and len(rest) == 1:
        return re.findall(r"^  (\w+)  ", _help(known, [name]), re.MULTILINE)
    if name == "completion":
        return ("bash", "zsh", "fish")
    heading = [name, *rest[:1]] if name in (*_TRAINING, "benchmark") else [name]
    models = _BENCHMARKED.get(rest[0], (False, False)) if name == "benchmark" else _MODELS.get(name, (False, False))
    if name not in known or (name in _TRAINING and not registry.is_of_package(rest[0])):
        return ()
    config_type = registry.find(rest[0]).Config if name in _TRAINING else _config_type(rest[:-1])
    options = dict(_OPTION.findall(_help(known, heading)))
    before = words[-2]
    if before in _RUNS_AND_EXPORTS and not (name in _TRAINING and before == "--run"):
        return _models(*_RUNS_AND_EXPORTS[before])
    if before == "--config":
        return _recipes(rest[0] if name in _TRAINING else "")
    choices = _choices(options.get(before, ""), config_type, before)
    if choices or options.get(before):
        return choices
    if words[-1].startswith("-"):
        return [*options, *(_changeable(config_type) if name not in _TRAINING else [])]
    return _models(*models)


def _help(known: Mapping[str, subcommands.Subcommand], words: Sequence[str]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as shown, contextlib.suppress(SystemExit, ValueError):
        known[words[0]]([*words[1:], "--help"])
    return shown.getvalue()


def _config_type(words: Sequence[str]) -> type | None:
    """Of the run that the words name, if its task is of this package."""
    for word in words:
        path = runs.locate(word) if word and not word.startswith("-") else None
        if path is not None:
            with contextlib.suppress(OSError, ValueError):
                task = str(run_folders.kept(path)["task"])
                return registry.find(task).Config if registry.is_of_package(task) else None
    return None


def _changeable(config_type: type | None) -> list[str]:
    """The options of a task that may be changed after its training."""
    if config_type is None:
        return []
    hints = get_type_hints(config_type)
    groups = {name: getattr(hints[name], "__dataclass_fields__", {}) for name in settings.after_training(config_type)}
    return [f"--{group}.{one}" for group, members in groups.items() for one in members] + [
        f"--{name}" for name, members in groups.items() if not members
    ]


def _choices(metavar: str, config_type: type | None, option: str) -> list[str]:
    """The values of an option that has few."""
    if metavar.startswith("{"):
        return metavar.strip("{}").split(",")
    hint: Any = config_type
    for part in option.removeprefix("--").split("."):
        hints = get_type_hints(hint) if isinstance(hint, type) and hasattr(hint, "__dataclass_fields__") else {}
        hint = hints.get(part)
    if hint is bool:
        return ["true", "false"]
    return [str(one) for one in get_args(hint)] if get_origin(hint) is Literal else []


def _recipes(task: str) -> list[str]:
    return [name for name in recipe_files.names() if not task or recipe_files.task(recipe_files.read(name)) == task]


def _models(with_runs: bool, with_exports: bool) -> list[str]:
    # A run of the name --overwrite would be inserted as an option.
    folders = sorted(run_folders.ROOT.glob("[!.-]*")) if with_runs else []
    exports = sorted(_EXPORTS.glob("[!.]*")) if with_exports else []
    found = [str(folder) for folder in exports if any(one.name.isdigit() for one in folder.glob("*"))]
    return [*(folder.name for folder in folders if run_folders.is_run(folder)), *found]
