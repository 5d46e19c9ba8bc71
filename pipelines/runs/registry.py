"""The registry of tasks: modules of this package, importable modules and `.py` files.

A name that a user types, or that a program passes on from one, may be any of them (`find`). A name that is read from a
file, as in a run or in the card of an export, is data: it stands for code only if it is a task of this package
(`is_of_package`), or if the user says so (`trusted`).
"""

import ast
import functools
import hashlib
import importlib
import importlib.util
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import pipelines
from pipelines.runs import old_formats, option_names
from tfmodels.suggestions import did_you_mean

DIGEST = "task_digest"  # key of config.yaml
_CONFIG = "Config"


def find(name: str) -> ModuleType:
    """Imports a task that a user named.

    Args:
        name: `translation` (a module of this package), `package.module`, or the path of a `.py` file.

    Returns:
        The module.

    Raises:
        ValueError: If there is no such module, it does not define `Config`, or an option in that has the name of a key
            of config.yaml or of an option of `tfmodels fit`.
        FileNotFoundError: If there is no such file.

    Example:
        `find("translation").Config()`
    """
    module = _load_file(Path(name)) if name.endswith(".py") else _import(full_name(name))
    if not hasattr(module, _CONFIG):
        raise ValueError(f"Expected a task, a module that defines `{_CONFIG}`. Received: task={name!r}")
    reserved = (*option_names.FILE_KEYS, *option_names.COMMAND)
    taken = [option for option in getattr(module.Config, "__dataclass_fields__", {}) if option in reserved]
    if taken:
        raise ValueError(
            f"Expected options of {name} with names other than {', '.join(reserved)}, which config.yaml and "
            f"`tfmodels fit` use themselves. Received: {', '.join(taken)}"
        )
    return module


def full_name(name: str) -> str:
    """Makes the name of a task independent of the working directory; runs store it.

    Args:
        name: Name of a task, see `find`.

    Returns:
        The name of a task of this package or of an importable module, or the absolute path of a file.

    Example:
        `full_name("tasks/roman.py")` -> `"/home/me/tasks/roman.py"`
    """
    if name.endswith(".py"):
        return str(Path(name).resolve())
    return name


def short_name(name: str) -> str:
    """Shortens the name of a task, for the default name of its run.

    Args:
        name: Name of a task, see `find`.

    Returns:
        The name without packages, folders and suffix.

    Example:
        `short_name("my.tasks.roman")` and `short_name("/tasks/roman.py")` -> `"roman"`
    """
    return Path(name).stem if name.endswith(".py") else name.rpartition(".")[-1]


def is_of_package(name: str) -> bool:
    """Whether a name is that of a task of this package, the only ones that a file may name.

    Args:
        name: Any text.

    Example:
        `is_of_package("translation")` is True, `is_of_package("my.tasks.roman")` False.
    """
    return name in summaries()


def is_same(kept: Mapping[str, Any], task: str) -> bool:
    """Whether what was written by a task is of this one.

    A task of the user's own may have been moved or edited since, not both renamed and edited.

    Args:
        kept: Content of a run's `config.yaml` or of a card: `task`, in the words of any version; its digest.
        task: Name of a task whose code may run, see `find`.

    Example:
        `is_same({"task": "pipelines.translation"}, "translation")` is True.
    """
    name = old_formats.current_task(str(kept["task"]))
    if name == task or is_of_package(name) or is_of_package(task):
        return name == task
    return short_name(name) == short_name(task) or kept.get(DIGEST) == digest(task)


def trusted(kept: Mapping[str, Any], path: Path, task: str, allow_code: bool) -> str:
    """The task of a run whose code may run.

    Args:
        kept: Content of the run's `config.yaml`.
        path: The folder of the run.
        task: The task that the user named; empty if none.
        allow_code: Whether the user allows the code that the run names.

    Returns:
        Its full name. If its file is not what it was when the run was written, this is said.

    Raises:
        ValueError: If the task is a user's own and neither named nor allowed, or another one is named, whose file has
            another name and other content.

    Example:
        `trusted({"task": "/tasks/roman.py"}, Path("runs/roman"), "roman.py", False)`
    """
    name = old_formats.current_task(str(kept["task"]))
    if task and not is_same(kept, task):
        raise ValueError(f"Expected the task of the run {path}, which is {name}. Received: task={task!r}")
    if is_of_package(name):
        return name
    if not (task or allow_code):
        raise ValueError(
            f"Expected a run of a task of this package: {', '.join(summaries())}. Received: {path}, which names "
            f"{name!r}. Code that a run names is run only if you say so: type its task, --task FILE.py (in Python "
            "task=...), or trust this run with --allow_code (allow_code=True)."
        )
    chosen = full_name(task or name)
    if kept.get(DIGEST) and kept[DIGEST] != digest(chosen):
        _warn(f"{chosen} is not what it was when {path} was written; its code is run as it is now")
    return chosen


def digest(task: str) -> str:
    """SHA-256 of the file of a user's own task.

    Args:
        task: Name of a task that may be imported, see `find`.

    Returns:
        The digest; empty for a task of this package.

    Example:
        `digest("roman.py")` -> `"9f86d0..."`
    """
    file = None if is_of_package(task) else find(task).__file__
    return hashlib.sha256(Path(file).read_bytes()).hexdigest() if file else ""


@functools.cache
def summaries() -> Mapping[str, str]:
    """Summarises the tasks of this package, read from their source because imports may be slow.

    Returns:
        Name -> first line of the module's docstring, by name.

    Example:
        `summaries()["translation"]`
    """
    found = {}
    for path in sorted(Path(pipelines.__file__).parent.glob("*/task.py")):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        found[path.parent.name] = docstring.partition("\n")[0]
    return MappingProxyType(found)


def _import(name: str) -> ModuleType:
    nearest = old_formats.renamed_task(name) or did_you_mean(name, [*summaries(), *_files_in(Path())])
    message = (
        f"Expected a task: {', '.join(summaries())}, an importable module or a .py file. "
        f"Received: task={name!r}{nearest}"
    )
    if not all(part.isidentifier() for part in name.split(".")):
        raise ValueError(message)
    try:
        return importlib.import_module(f"{pipelines.__name__}.{name}.task" if name in summaries() else name)
    except ModuleNotFoundError as error:
        if not f"{name}.".startswith(f"{error.name}."):  # the module exists but one of its imports does not
            raise
        raise ValueError(message) from None


def _files_in(folder: Path) -> list[str]:
    return sorted(map(str, folder.glob("*.py")))


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        nearest = did_you_mean(str(path), _files_in(path.parent))
        raise FileNotFoundError(f"Expected a task's .py file. Received: task={str(path)!r}{nearest}")
    name = re.sub(r"\W", "_", str(path.resolve()))  # without dots, which would separate packages
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ValueError(f"Expected a task's .py file. Received: task={str(path)!r}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # dataclasses look up their module during its execution
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]


@functools.cache  # a command opens its run several times
def _warn(text: str) -> None:
    print(f"warning: {text}", file=sys.stderr)
