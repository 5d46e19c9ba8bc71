"""Installs a wheel in an empty environment and goes from data to answers once, in a folder of its own.

    python tests/installed/fresh_wheel.py dist                # the wheel in that folder, as `make wheel` builds it
    python tests/installed/fresh_wheel.py dist --from-index   # what it requires is installed from the package index

The environment has the wheel and what it says it requires, to any depth, without its extras: by default links to what
is installed beside this script's Python. Exits with 1 if the wheel lacks a file of the packages or has others, if it
requires what is not there, or if a command fails.
"""

import argparse
import subprocess
import sys
import tempfile
import time
import venv
import zipfile
from pathlib import Path

import linked_packages

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("tfmodels", "pipelines")
FIT = (
    "fit translation --examples 500 --transformer.d_model 16 --transformer.num_heads 2 --transformer.num_layers 1 "
    "--training.steps 12 --training.interval 6 --training.warmup_steps 2"
)
COMMANDS = (
    "--version",
    "--help",
    "recipes",
    FIT,
    "export translation",
    "check saved_models/translation",
    "predict saved_models/translation Thursday",
)


def main() -> int:
    """Installs and tries the wheel; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="Where the wheel lies.")
    parser.add_argument("--from-index", action="store_true", help="Install what it requires from the package index.")
    options = parser.parse_args()
    (wheel,) = options.folder.resolve().glob("*.whl")
    if faults := different_files(wheel):
        print(f"Expected the wheel to have the files of the packages and no others. Received: {', '.join(faults)}")
        return 1
    with tempfile.TemporaryDirectory(dir=wheel.parent) as scratch:  # links need the disk of the checkout
        start = time.monotonic()
        programs = install(wheel, Path(scratch) / "environment", links=not options.from_index)
        print(f"installed {wheel.name}, {wheel.stat().st_size / 2**20:.1f} MiB: {time.monotonic() - start:.0f} s")
        return int(not all(run(programs / "tfmodels", words, Path(scratch)) for words in COMMANDS))


def different_files(wheel: Path) -> list[str]:
    """The files of the packages that a wheel lacks, and those that it has besides, its own description excepted."""
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("*") if file.is_file())
    wanted = {file.relative_to(ROOT).as_posix() for file in files if file.parent.name != "__pycache__"}
    return sorted(found ^ wanted)


def install(wheel: Path, environment: Path, links: bool = False) -> Path:
    """Makes an environment with a wheel and what it requires.

    Args:
        wheel: The wheel.
        environment: A folder that is not there yet.
        links: Whether what it requires is linked from the environment of this Python, not installed from an index.

    Returns:
        The folder of its programs.
    """
    venv.create(environment, with_pip=True)
    pip = [str(environment / "bin/python"), "-m", "pip", "-qq"]
    subprocess.run([*pip, "install", *(["--no-deps"] if links else []), str(wheel)], check=True)
    if links:
        linked_packages.link(linked_packages.required(linked_packages.requirements(wheel)), environment)
        subprocess.run([*pip, "check"], check=True)
    return environment / "bin"


def run(program: Path, words: str, folder: Path) -> bool:
    """Runs a command in a folder and prints how it went; whether it did and said something, if only an empty answer."""
    start = time.monotonic()
    done = subprocess.run(
        [str(program), *words.split()], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    fine = done.returncode == 0 and done.stdout != ""
    print(f"{'ok    ' if fine else 'FAILED'} {time.monotonic() - start:4.0f} s  tfmodels {words}", flush=True)
    if not fine:
        print(done.stdout[-2000:], done.stderr[-3000:], sep="\n", flush=True)
    return fine


if __name__ == "__main__":
    sys.exit(main())
