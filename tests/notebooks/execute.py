"""Executes notebooks in empty folders and keeps what they show.

    python tests/notebooks/execute.py                    # all of docs/notebooks
    python tests/notebooks/execute.py forecasting        # one of them

What they draw and print is committed with them, so that readers see it. A notebook that fails is not changed.
"""

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "docs" / "notebooks"


def names() -> list[str]:
    """The names of all notebooks."""
    return sorted(file.stem for file in NOTEBOOKS.glob("*.ipynb"))


def execute(name: str, folder: Path) -> nbformat.NotebookNode:
    """Executes a notebook with the package of the checkout, beside the examples of the documentation.

    Args:
        name: Its name, without the ending.
        folder: An empty folder.

    Returns:
        The notebook with what its cells printed and drew.

    Raises:
        CellExecutionError: A cell failed.

    Example:
        `execute("forecasting", tmp_path)`
    """
    shutil.copytree(ROOT / "docs" / "examples", folder / "examples")
    work = folder / "notebooks"
    work.mkdir()
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        resources={"metadata": {"path": str(work)}},
        startup_timeout=600,  # on a busy machine
        record_timing=False,
        coalesce_streams=True,
    )
    # Kernels ask commands for colours and progress bars, as in a terminal: a page shows plain text.
    plain = {"TTY_COMPATIBLE": "0", "NO_COLOR": "1"}
    # The tests set a level of TensorFlow's log; with one, commands hold none of it back.
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    return client.execute(env={**environment, **plain, "PATH": programs, "PYTHONPATH": str(ROOT)})


def main() -> None:
    """Executes and rewrites them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=names(), help="Names of notebooks. Default: all.")
    for name in parser.parse_args().names:
        start, before = time.monotonic(), _cpu_seconds()
        with tempfile.TemporaryDirectory() as folder:
            shown = nbformat.writes(execute(name, Path(folder)))
        (NOTEBOOKS / f"{name}.ipynb").write_text(f"{shown.replace(f'{folder}/notebooks/', '')}\n", encoding="utf-8")
        seconds, cpu = time.monotonic() - start, _cpu_seconds() - before
        print(f"{name}: {seconds:.0f} s, {cpu:.0f} s of CPU time", flush=True)


def _cpu_seconds() -> float:
    """The CPU time of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
