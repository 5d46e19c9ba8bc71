"""Options that were chosen after the training of a run, in place of those it was made with."""

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipelines.runs import settings
from pipelines.runs.run_folders import Run
from tfmodels import whole_files

FILE = "decoding_choice.json"  # in the folder of the run
_REMEDY = "`tfmodels evaluate --choose_decoding` writes it anew; without it the options are those of the command."


def trials(run: Run, conditions: Mapping[str, str]) -> dict[str, Any]:
    """What was tried with a run before, under the same conditions.

    Args:
        run: The run.
        conditions: Digests of what the results depend on besides the options.

    Returns:
        Options -> result.

    Example:
        `trials(run, {"weights": run.weights_digest})` -> `{}`
    """
    found = _read(run)
    return found["trials"] if found.get("conditions") == conditions else {}


def write_trials(run: Run, conditions: Mapping[str, str], found: Mapping[str, Any]) -> None:
    """Keeps what was tried; takes what `trials` takes and returns.

    Example:
        `write_trials(run, conditions, {})`
    """
    _write(run, _read(run) | {"conditions": conditions, "trials": found})


def keep(before: Run, after: Run) -> None:
    """Keeps which options were chosen in place of which, for `instead`.

    Args:
        before: The run with the options that it had.
        after: The run with those that were chosen.

    Example:
        `keep(run, replace(run, config=settings.replaced(run.config, {"decoding": {"beam_size": 8}})))`
    """
    _write(before, _read(before) | {"before": _later(original(before)), "after": _later(after)})


def original(run: Run) -> Run:
    """The run with the options in whose place those that it has were chosen; as it is where none were.

    Args:
        run: The run.

    Returns:
        The run.

    Raises:
        ValueError: The file of the choice is damaged.

    Example:
        `original(runs.load("multi30k")).config.decoding`
    """
    found = _read(run)
    if found.get("after") != _later(run):  # also after a `fit` with other options
        return run
    return replace(run, config=settings.replaced(run.config, found["before"]))


def instead(run: Run) -> Run:
    """The run of a command with what was chosen for it, if the command has what the run was trained with.

    Args:
        run: The run with the options of a command.

    Returns:
        The run; that its options were chosen is said.

    Raises:
        ValueError: The file of the choice is damaged.

    Example:
        `instead(run).config.decoding`
    """
    found = _read(run)
    if "after" not in found or found["after"] == found["before"] or found["before"] != _later(run):
        return run
    print(f"note: {run.path} keeps the options that were chosen on validation, see {FILE} there", file=sys.stderr)
    return replace(run, config=settings.replaced(run.config, found["after"]))


def _later(run: Run) -> dict[str, Any]:
    """The options that may change after the training."""
    values = settings.to_dict(run.config)
    return {name: values[name] for name in settings.after_training(type(run.config))}


def _read(run: Run) -> dict[str, Any]:
    if not (run.path / FILE).is_file():
        return {}
    found = whole_files.read_json(run.path / FILE, _REMEDY)
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()) or not _is_whole(found):
        raise ValueError(f"Expected options and their scores in {run.path / FILE}. Received: other values. {_REMEDY}")
    return found


def _is_whole(found: Mapping[str, Any]) -> bool:
    """Whether a file has options of before beside those of after, and scores of all that was tried."""
    results = found.get("trials", {}).values()
    scores = [one.get("metrics") for one in results if isinstance(one, dict)]
    return (
        ("after" in found) == ("before" in found)
        and len(scores) == len(results)
        and all(isinstance(one, dict) and one and all(map(_is_number, one.values())) for one in scores)
        and all(_is_number(one.get("seconds")) for one in results)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _write(run: Run, content: Mapping[str, Any]) -> None:
    whole_files.write(run.path / FILE, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
