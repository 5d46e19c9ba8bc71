"""Runs of several sides in turn, each in a process of its own on the same cores, and medians of their ratios.

What else the machine does hits all sides of a round alike: only ratios within a round are comparable.
"""

import json
import os
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

Round = Mapping[str, Mapping[str, float]]  # side -> what it measured


def measure(command: Sequence[str | Path]) -> dict[str, float]:
    """Runs a measuring script, shows and returns the JSON object of its last line of output.

    Args:
        command: The interpreter, the script and its arguments.

    Raises:
        subprocess.CalledProcessError: The script failed; its messages are on standard error.
    """
    result = run(command).splitlines()[-1]
    print(result, flush=True)  # at once: a later run may fail or be cut off
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
    """Measures each side once a round, in this order.

    Args:
        commands: Side -> its measuring script; see `measure`.
        count: Number of rounds.
    """
    return [{side: measure(command) for side, command in commands.items()} for _ in range(count)]


def median(measured: Sequence[Round], side: str, name: str) -> float:
    """The median of what a side measured."""
    return statistics.median(round_[side][name] for round_ in measured)


def median_ratio(measured: Sequence[Round], side: str, other: str, name: str) -> float:
    """The median of the ratios of two sides within a round."""
    return statistics.median(round_[side][name] / round_[other][name] for round_ in measured)


def hold_to(cores: int) -> None:
    """Holds this process, and those it will start, to the first of the cores that it may use."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
