"""Runs what needs the `sentencepiece` package apart from TensorFlow, beside which it has crashed."""

import subprocess
import sys


def run_module(module: str, *arguments: str) -> str:
    """Runs a module in a process of its own and waits for it.

    Args:
        module: Its full name.
        *arguments: Of its command line.

    Returns:
        Why it failed, the last line of its errors or else its exit status; empty if it did not.

    Example:
        `run_module("tfmodels.preprocessing.subword_training", folder, "8000", "1")`
    """
    child = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True, errors="replace")
    if not child.returncode:
        return ""
    return (child.stderr.strip().splitlines()[-1:] or [f"exit status {child.returncode}"])[0]
