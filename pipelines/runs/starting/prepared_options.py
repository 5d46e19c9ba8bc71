"""The options that a run was prepared with: those in its `config.yaml` that were changed since are refused by name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.runs import old_formats, option_differences, option_files, registry

FREE_UNTIL_TRAINED = {"training.learning_rate", "training.batch_tokens"}  # prepared data does not depend on these
FILE = "options.yaml"  # among the assets, which have digests
_HEADER = {"format", "task", registry.DIGEST}


def record(assets: Path, content: Mapping[str, Any]) -> None:
    """Keeps the options of a run.

    Args:
        assets: Folder of what it has prepared.
        content: The options, nested, as its `config.yaml` has them.

    Example:
        `record(run.assets, run_folders.content(run))`
    """
    option_files.write(assets / FILE, content)


def check(assets: Path, config_type: type, content: Mapping[str, Any]) -> None:
    """Refuses other options than the run was prepared with. Runs of earlier versions did not keep them.

    Options that do not affect training may differ.

    Args:
        assets: Folder of what it has prepared.
        config_type: The dataclass of the task's options.
        content: As in `record`.

    Raises:
        ValueError: An option differs; names the file and the option.

    Example:
        `check(run.assets, type(run.config), run_folders.content(run))`
    """
    if not (assets / FILE).is_file():
        return
    before = old_formats.config(option_files.read(assets / FILE), config_type)
    found = option_differences.find(config_type, before, content)
    changed = [
        f"  {name}: {old} when it was prepared, {new} now"
        for name, (old, new) in found.items()
        if name not in FREE_UNTIL_TRAINED | _HEADER
    ]
    if changed:
        raise ValueError(
            f"Expected the options that the run was prepared with in {assets.parent / 'config.yaml'}. Received other "
            "options:\n" + "\n".join(changed) + "\nPut them back, or train a run of another name with them."
        )
