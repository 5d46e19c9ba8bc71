"""The log of uses of the test split in a run."""

from datetime import UTC, datetime
from pathlib import Path

from tfmodels import whole_files

_LOG = "test_uses.log"


def log(run_path: Path, command: str) -> None:
    """Adds a line to `test_uses.log`.

    Args:
        run_path: The folder of the run.
        command: The command that used the split; names in it may be of any characters.

    Raises:
        OSError: The file cannot be written, or is a link.

    Example:
        `log(run.path, "tfmodels evaluate mine --split test")`
    """
    line = command.encode(errors="backslashreplace").decode().replace("\n", "\\n")
    whole_files.append(run_path / _LOG, f"{datetime.now(UTC).isoformat(timespec='seconds')} {line}\n")
