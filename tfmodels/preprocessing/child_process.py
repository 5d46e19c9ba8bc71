"""Runs a module in a child process: the `sentencepiece` package has crashed in processes that loaded TensorFlow."""

import subprocess

from tfmodels import parent_process


def run_module(module: str, *arguments: str) -> str:
    """Runs a module in a child process and waits for it; the child ends with this process.

    Args:
        module: The full name of the module.
        *arguments: Its command line arguments.

    Returns:
        Empty on success; otherwise the last line of its standard error, or its exit status.

    Example:
        `run_module("tfmodels.preprocessing.subword_training", folder, "8000", "1")`
    """
    command = parent_process.command(module, *arguments)
    child = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if not child.returncode:
        return ""
    return (child.stderr.strip().splitlines()[-1:] or [f"exit status {child.returncode}"])[0]
