"""What a long benchmark has measured so far, in a file, so that the same command goes on where it was cut off."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def read(file: Path, conditions: Mapping[str, Any]) -> dict[str, Any]:
    """Finds what was measured before.

    Args:
        file: Of `write`; it need not be there.
        conditions: Numbers, texts and dicts that must be the same for results to belong together.

    Returns:
        Results by key; empty if there are none, or they were measured under other conditions.

    Example:
        `read(Path("benchmarks/parallelism.unfinished.json"), {"width": 128})` -> `{"length 64": {"seconds": 0.2}}`
    """
    before = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return before["results"] if before.get("conditions") == conditions else {}


def write(file: Path, conditions: Mapping[str, Any], results: Mapping[str, Any]) -> None:
    """Keeps what was measured, also if the process is killed meanwhile.

    Args:
        file: Replaced; its folder is made.
        conditions: See `read`.
        results: By key; of texts, numbers and None.

    Example:
        `write(Path("benchmarks/parallelism.unfinished.json"), {"width": 128}, {"length 64": {"seconds": 0.2}})`
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(json.dumps({"conditions": conditions, "results": results}), encoding="utf-8")
    new.replace(file)
