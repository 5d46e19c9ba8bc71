"""Partial results of a long benchmark, from which the same command resumes after an interruption."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def read(file: Path, conditions: Mapping[str, Any]) -> dict[str, Any]:
    """Reads partial results.

    Args:
        file: The file that `write` wrote; it need not exist.
        conditions: Conditions of this benchmark as JSON; the results of others are not used.

    Returns:
        Results by key; empty if there are none or their conditions differ.

    Example:
        `read(Path("benchmarks/parallelism.unfinished.json"), {"width": 128})` -> `{"length 64": {"seconds": 0.2}}`
    """
    before = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return before["results"] if before.get("conditions") == conditions else {}


def write(file: Path, conditions: Mapping[str, Any], results: Mapping[str, Any]) -> None:
    """Writes partial results atomically.

    Args:
        file: The file; it is replaced, and its folder is created if missing.
        conditions: See `read`.
        results: Results by key, as JSON.

    Example:
        `write(Path("benchmarks/parallelism.unfinished.json"), {"width": 128}, {"length 64": {"seconds": 0.2}})`
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(json.dumps({"conditions": conditions, "results": results}), encoding="utf-8")
    new.replace(file)
