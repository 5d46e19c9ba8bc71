"""What the manifests share: the image, the folder of exports in a container, the flags, and the readiness probe."""

import shlex
from pathlib import Path

from tfmodels.export.versions import RESERVED
from tfmodels.serving.config.server_flags import FLAGS, server_flags

IMAGE = "tensorflow/serving:2.20.0"
MOUNT = "/models"  # where containers mount the folder of exports

READY_SCRIPT = """\
#!/usr/bin/env bash
# Succeeds if models.config names models and each of them has an AVAILABLE version.
# Needs bash, sed and grep: the image has no curl.
# usage: ready.sh [PORT]
models=$(sed -n 's/^ *name: "\\(.*\\)"/\\1/p' "$(dirname "$0")/models.config") && [ -n "$models" ] || exit 1
for model in $models; do
  exec 3<>"/dev/tcp/localhost/${1:-8501}" || exit 1
  printf 'GET /v1/models/%s HTTP/1.0\\r\\n\\r\\n' "$model" >&3
  grep -q '"state": "AVAILABLE"' <&3 || exit 1
  exec 3<&-
done
"""


def in_comment(folder: Path, file: str) -> str:
    """The path of a file of the server as a shell takes it, on one line whatever the folder's name holds.

    Args:
        folder: The folder of exports, as given.
        file: The file's name.

    Returns:
        The quoted path.

    Example:
        `in_comment(Path("my models"), "compose.yaml")` -> `"'my models/serving/compose.yaml'"`
    """
    path = shlex.quote(str(folder / RESERVED / file))
    return "".join(letter if letter.isprintable() else "?" for letter in path)


def flag_lines(indent: int) -> str:
    """The flags of the server as a YAML list, each with the reason in a comment.

    Args:
        indent: Spaces before each line.

    Example:
        `flag_lines(6)`
    """
    flags = server_flags(f"{MOUNT}/{RESERVED}", batching=True)
    width = max(map(len, flags))
    return "\n".join(
        f"{' ' * indent}- {flag:{width}}  # {why}" for flag, why in zip(flags, FLAGS.values(), strict=True)
    )
