"""Alternating measurements of several sides, each in a separate process on the same cores, and medians of ratios.

Other load on the machine affects all sides of a round alike, so only ratios within a round are comparable.
"""

import json
import os
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

Round = Mapping[str, Mapping[str, float]]  # side -> name -> measurement


def measure(command: Sequence[str | Path]) -> dict[str, float]:
    """Runs a measurement script; prints and returns the JSON object in the last line of its output.

    Args:
        command: The interpreter, the script and its arguments.

    Raises:
        subprocess.CalledProcessError: If the script fails; its messages are on standard error.
    """
    result = run(command).splitlines()[-1]
    print(result, flush=True)  # immediately, since a later run may fail
    return json.loads(result)


def run(command: Sequence[str | Path]) -> str:
    """Runs a script and returns its output.

    Args:
        command: See `measure`.

    Raises:
        subprocess.CalledProcessError: See `measure`.
    """
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def rounds(commands: Mapping[str, Sequence[str | Path]], count: int) -> list[Round]:
    """Measures each side once per round, in the given order.

    Args:
        commands: Side -> its measurement command, see `measure`.
        count: Number of rounds.
    """
    return [{side: measure(command) for side, command in commands.items()} for _ in range(count)]


def median(measured: Sequence[Round], side: str, name: str) -> float:
    """The median of a measurement of a side."""
    return statistics.median(round_[side][name] for round_ in measured)


def median_ratio(measured: Sequence[Round], side: str, other: str, name: str) -> float:
    """The median of the ratios of two sides within a round."""
    return statistics.median(round_[side][name] / round_[other][name] for round_ in measured)


def limit_cores(cores: int) -> None:
    """Restricts this process and its future child processes to the first `cores` of its CPU cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
