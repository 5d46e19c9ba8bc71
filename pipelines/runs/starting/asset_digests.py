"""Digests of what a run has prepared: a file that was changed or cut off since is refused by name."""

import hashlib
import json
from pathlib import Path

from tfmodels import whole_files

FILE = "digests.json"
_MOST_READ = 1 << 26  # bytes; of a larger file the size alone is compared, since it is opened in no time
_REMEDY = "Put it back from a copy, or make the run anew with `tfmodels fit` and --overwrite."


def record(assets: Path) -> None:
    """Keeps the sizes and digests of the files that a run has prepared; only once.

    Args:
        assets: Folder of the files.

    Example:
        `record(run.assets)`
    """
    if not (assets / FILE).exists():
        found = {
            str(path.relative_to(assets)): _described(path) for path in sorted(assets.rglob("*")) if path.is_file()
        }
        whole_files.write(assets / FILE, json.dumps(found, indent=1))


def check(assets: Path) -> None:
    """Refuses a run with files that are not as they were prepared. Runs of earlier versions have no digests.

    Args:
        assets: Folder of the files.

    Raises:
        ValueError: A file is missing or has another content; names it.

    Example:
        `check(run.assets)`
    """
    if not (assets / FILE).is_file():
        return
    kept = whole_files.read_json(assets / FILE, _REMEDY)
    if not isinstance(kept, dict) or any(".." in Path(name).parts or Path(name).is_absolute() for name in kept):
        raise ValueError(f"Expected digests of files in {assets / FILE}. Received: other content. {_REMEDY}")
    for name, described in kept.items():
        path = assets / name
        if not path.is_file():
            raise ValueError(f"Expected the file {path}, which the run has prepared. Received: none. {_REMEDY}")
        if _described(path) != described:
            raise ValueError(
                f"Expected {path} as the run has prepared it. Received: another content, now {path.stat().st_size:,} "
                f"bytes. {_REMEDY}"
            )


def _described(path: Path) -> list:
    size = path.stat().st_size
    return [size, hashlib.sha256(path.read_bytes()).hexdigest() if size <= _MOST_READ else ""]
