"""Runs every command and Python block of the documentation with an installed wheel, outside the checkout.

    python tests/installed/documented_commands.py                  # builds a wheel, installs it alone
    python tests/installed/documented_commands.py --bin .venv/bin  # with what is installed there

Trainings have a few steps; the data are small files under the documentation's names. What is left out is listed with
the reason. Exits with 1 if anything failed.
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from urllib.request import urlopen

import users_files

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "docs/files.md", "docs/guides/summarization.md")
LEFT_OUT = {
    "make ": "installs from a checkout",
    "tfmodels benchmark ": "measures for minutes",
    "tfmodels fit translation --run next --find_batch": "measures larger and larger batches for minutes",
}
FEW_STEPS = ["--training.steps", "12", "--training.interval", "6", "--training.warmup_steps", "2"]
SMALL = {
    "translation": ["--transformer.d_model", "16", "--transformer.num_heads", "2"],
    "forecasting": ["--baselines", "fast"],
}
PORT = 8501


def main() -> int:
    """Runs all of them; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, help="Folder of the `tfmodels` and `python` to use.")
    parser.add_argument("--only", default="", help="Only what contains this text.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        programs = options.bin.resolve() if options.bin else installed(Path(scratch))
        place = Path(scratch) / "work"
        place.mkdir()
        users_files.write(place)
        own_task = next(text for kind, text in documented() if kind == "python" and "class Config" in text)
        (place / "roman.py").write_text(own_task, encoding="utf-8")
        done = [run(kind, text, programs, place) for kind, text in documented() if options.only in text]
    print(f"{sum(done)} of {len(done)} as documented", flush=True)
    return int(not all(done))


def installed(scratch: Path) -> Path:
    """Builds a wheel of the committed files and installs it alone; the folder of its programs."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(scratch / "clone")], check=True)
    environment = scratch / "environment"
    venv.create(environment, with_pip=True)
    pip = [str(environment / "bin/python"), "-m", "pip", "-qq"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(scratch), str(scratch / "clone")], check=True)
    (wheel,) = scratch.glob("*.whl")
    print(f"{wheel.name}, {wheel.stat().st_size / 2**20:.1f} MiB", flush=True)
    subprocess.run([*pip, "install", str(wheel)], check=True)
    return environment / "bin"


def documented() -> list[tuple[str, str]]:
    """The kind and text of each command and block, in their order."""
    return [found for page in PAGES for found in of_page(page)]


def of_page(page: str) -> list[tuple[str, str]]:
    """The same of one page."""
    found = []
    for kind, block in re.findall(r"```(sh|python)\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL):
        if kind == "python":
            found.append((kind, block))
        else:
            lines = block.replace("\\\n", " ").splitlines()
            found += [(kind, line.split("  #")[0].strip()) for line in lines if line.strip()]
    return found


def run(kind: str, text: str, programs: Path, place: Path) -> bool:
    """Runs one, prints how it went; whether it did."""
    shown = text if kind == "sh" else text.splitlines()[0]
    if reason := next((reason for start, reason in LEFT_OUT.items() if shown.startswith(start)), ""):
        print(f"left out  {shown}: {reason}", flush=True)
        return True
    start, environment = time.monotonic(), {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    environment.pop("PYTHONPATH", None)
    if shown == "tfmodels serve saved_models":
        return serve(programs, place, environment)
    command = [str(programs / "python"), "-c", text] if kind == "python" else ["bash", "-c", shortened(shown)]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=900, check=False)
    print(f"{'ok  ' if not done.returncode else 'FAILED'} {time.monotonic() - start:5.0f} s  {shown}", flush=True)
    if done.returncode:
        print(done.stdout[-2000:], done.stderr[-3000:], sep="\n", flush=True)
    return not done.returncode


def serve(programs: Path, place: Path, environment: dict[str, str]) -> bool:
    """Starts the server, which ends with this process; whether it answers."""
    subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", str(programs / "tfmodels"), "serve", "saved_models"],
        cwd=place, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(120):
        time.sleep(1)
        try:
            with urlopen(f"http://localhost:{PORT}/v1/models/mine") as answer:
                if b"AVAILABLE" in answer.read():
                    print(f"ok           tfmodels serve saved_models, on port {PORT}", flush=True)
                    return True
        except OSError:
            continue
    print("FAILED       tfmodels serve saved_models: no answer in two minutes", flush=True)
    return False


def shortened(command: str) -> str:
    """The command with few steps, where it trains."""
    words = shlex.split(command)
    if words[:2] != ["tfmodels", "fit"] or any(word.startswith("--find") for word in words):
        return command
    small = SMALL.get(words[2], []) if "--config" not in words else []
    few_words = ["--vocabulary_size", "300"] if "my/texts" in words else []
    return shlex.join([*words, *FEW_STEPS, *small, *few_words])


if __name__ == "__main__":
    sys.exit(main())
