"""Installs a wheel alone in an empty environment and goes from data to answers once, outside the checkout.

    python tests/installed/fresh_wheel.py dist    # the wheel in that folder, as `make wheel` builds it

Exits with 1 if the wheel lacks a file of the packages or has others, or if a command fails.
"""

import argparse
import subprocess
import sys
import tempfile
import time
import venv
import zipfile
from pathlib import Path

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
    (wheel,) = parser.parse_args().folder.resolve().glob("*.whl")
    if faults := different_files(wheel):
        print(f"Expected the wheel to have the files of the packages and no others. Received: {', '.join(faults)}")
        return 1
    with tempfile.TemporaryDirectory() as scratch:
        start = time.monotonic()
        programs = install(wheel, Path(scratch) / "environment")
        print(f"installed {wheel.name}, {wheel.stat().st_size / 2**20:.1f} MiB: {time.monotonic() - start:.0f} s")
        return int(not all(run(programs / "tfmodels", words, Path(scratch)) for words in COMMANDS))


def different_files(wheel: Path) -> list[str]:
    """The files of the packages that a wheel lacks, and those that it has besides, its own description excepted."""
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("*") if file.is_file())
    wanted = {file.relative_to(ROOT).as_posix() for file in files if file.parent.name != "__pycache__"}
    return sorted(found ^ wanted)


def install(wheel: Path, environment: Path) -> Path:
    """Makes an environment with a wheel and what it requires.

    Args:
        wheel: The wheel.
        environment: A folder that is not there yet.

    Returns:
        The folder of its programs.
    """
    venv.create(environment, with_pip=True)
    subprocess.run([str(environment / "bin/python"), "-m", "pip", "-qq", "install", str(wheel)], check=True)
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
