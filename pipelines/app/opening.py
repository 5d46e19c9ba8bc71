"""Opens what a page is of: runs, exports, models on servers, SavedModels of others."""

from pathlib import Path
from typing import Any, Literal

from pipelines.app.model import Model
from pipelines.progress.quiet_import import import_tensorflow, stderr_held_back
from pipelines.runs import old_formats, predictor, registry
from pipelines.runs.predictor import Predictor
from pipelines.runs.rows.request_rows import text_input
from tfmodels import serving
from tfmodels.export import json_file
from tfmodels.export.checks.safe_to_load import check_safe
from tfmodels.export.versions import version_folder, versions
from tfmodels.serving.client.address import read_address

_CARD = Path("assets.extra", "tfmodels.json")


def of(address: str, kind: Literal["run", "export", "server"], found: Predictor, task: str, name: str = "") -> Model:
    """A model of which the predictor is open.

    Args:
        address: The run, the export or the URL.
        kind: What it is.
        found: The predictor.
        task: The task that the user named; empty if none. Another one's code runs only if it is of this package.
        name: How the page calls it. Default: the last name of the address.

    Example:
        `of("saved_models/opinions", "export", pipelines.load("saved_models/opinions"), "")`
    """
    chosen = task or found.card.get("task", "")
    known = bool(task) or kind == "run" or (isinstance(chosen, str) and registry.is_of_package(chosen))
    name = name or (read_address(address).model if kind == "server" else Path(address).resolve().name)
    return Model(name, address, kind, found, registry.find(chosen) if known else None)


def exports(folder: str) -> dict[str, str]:
    """The exports of a folder, as they would be typed.

    Args:
        folder: A folder of exports, the folder of one export, or one of its versions.

    Returns:
        Name -> path.

    Raises:
        FileNotFoundError: There is no export.

    Example:
        `exports("saved_models")` -> `{"opinions": "saved_models/opinions"}`
    """
    names = [one.name for one in serving.read_models(folder)]
    is_one = (Path(folder) / "saved_model.pb").is_file() or versions(Path(folder))
    return {name: folder if is_one else str(Path(folder, name)) for name in names}


def export(name: str, address: str, task: str = "") -> Model:
    """Opens an export, or a SavedModel of others, whose signatures alone are known.

    Args:
        name: How the page calls it.
        address: Its version folder, or the folder of its versions.
        task: See `of`.

    Raises:
        ValueError: It is damaged, or would reach beyond its files.

    Example:
        `export("opinions", "saved_models/opinions")`
    """
    folder = version_folder(address)
    with stderr_held_back():
        found = predictor.load(folder) if (folder / _CARD).is_file() else _of_others(folder)
    return of(address, "export", found, task, name)


def add_card(connected: Predictor, file: Path) -> None:
    """Gives a model on a server the card that servers do not return.

    Args:
        connected: Of `predictor.connect`.
        file: The card, `assets.extra/tfmodels.json` of the export, or the folder of the export.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no card.
    """
    if not file.is_file():
        file = version_folder(file) / _CARD
    connected.card = {**connected.card, **old_formats.card(json_file.read_object(file))}


def _of_others(folder: Path) -> Predictor:
    check_safe(folder)
    import_tensorflow()
    from tfmodels.export.runners.session_runner import SessionRunner

    runner = SessionRunner(folder, optimise=False)
    served: Any = runner.endpoints.get("serving_default")
    inputs = served.inputs if served else {}
    return Predictor({"columns": [text_input(inputs) or min(inputs, default="")]}, runner.endpoints, runner.call)
