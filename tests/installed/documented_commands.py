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
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

import fresh_wheel
import users_files

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md",
    "docs/index.md",
    "docs/guides/translation.md",
    "docs/guides/summarization.md",
    "docs/guides/forecasting.md",
    "docs/guides/classification.md",
    "docs/guides/recommendation.md",
    "docs/guides/clinical.md",
    "docs/guides/question_answering.md",
    "docs/guides/your_own_task.md",
    "docs/options.md",
    "docs/tuning.md",
    "docs/bulk.md",
    "docs/ensembles.md",
    "docs/benchmarks.md",
    "docs/checks.md",
    "docs/serving.md",
    "docs/operation.md",
    "docs/files.md",
)
LEFT_OUT = {
    "make demo": "installs from a checkout",
    "make test": "installs from a checkout",
    "make docs": "installs from a checkout",
    "pip install": "installs",
    "tfmodels benchmark": "measures for minutes",
    "--find_batch": "measures larger and larger batches for minutes",
    "models.example.org": "nobody answers there",
}
FEW_STEPS = ["--training.steps", "12", "--training.interval", "6", "--training.warmup_steps", "2"]
SMALL = {
    "translation": ["--transformer.d_model", "16", "--transformer.num_heads", "2"],
    "summarization": ["--transformer.d_model", "16", "--transformer.num_heads", "2"],
    "forecasting": ["--baselines", "fast"],
    "recommendation": ["--transformer.d_model", "16"],
    "clinical": ["--transformer.d_model", "16"],
    "question_answering": ["--lstm.d_model", "16"],
}
PORT = 8501


def main() -> int:
    """Runs all of them; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, help="Folder of the `tfmodels` and `python` to use.")
    parser.add_argument("--only", default="", help="Only what contains this text.")
    parser.add_argument("--page", default="", help="Only pages whose path contains this text.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        programs = options.bin.resolve() if options.bin else installed(Path(scratch))
        place = Path(scratch) / "work"
        place.mkdir()
        users_files.write(place)
        shutil.copy(ROOT / "docs/examples/roman.py", place)
        servers: list[subprocess.Popen] = []
        done = [
            run(kind, text, programs, place, servers)
            for page in PAGES
            if options.page in page
            for kind, text in of_page(page)
            if options.only in text
        ]
        stop(servers)
    print(f"{sum(done)} of {len(done)} as documented", flush=True)
    return int(not all(done))


def installed(scratch: Path) -> Path:
    """Builds a wheel of the committed files and installs it alone; the folder of its programs."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(scratch / "clone")], check=True)
    pip = [sys.executable, "-m", "pip", "-qq"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(scratch), str(scratch / "clone")], check=True)
    (wheel,) = scratch.glob("*.whl")
    print(f"{wheel.name}, {wheel.stat().st_size / 2**20:.1f} MiB", flush=True)
    with_extra = wheel.with_name(f"{wheel.name}[tune]")  # as pip takes it
    return fresh_wheel.install(with_extra, scratch / "environment")


def of_page(page: str) -> list[tuple[str, str]]:
    """The kind and text of each command and block of a page, in their order."""
    found = []
    for kind, block in re.findall(r"```(sh|python)\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL):
        if kind == "python":
            found.append((kind, block))
        else:
            found += [(kind, command) for command in commands(block)]
    return found


def commands(block: str) -> list[str]:
    """The commands of a block, without comments; one may have several lines, within quotes or by backslashes."""
    found, command = [], ""
    for line in block.replace("\\\n", " ").splitlines():
        command += line.split("  #")[0] if command or not line.startswith("#") else ""
        if command and command.count("'") % 2 == 0:
            found.append(command.strip())
            command = ""
    return found


def run(kind: str, text: str, programs: Path, place: Path, servers: list[subprocess.Popen]) -> bool:
    """Runs one, prints how it went; whether it did."""
    shown = text if kind == "sh" else text.splitlines()[0]
    if reason := next((reason for part, reason in LEFT_OUT.items() if part in text), ""):
        print(f"left out  {shown}: {reason}", flush=True)
        return True
    start, environment = time.monotonic(), {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    environment.pop("PYTHONPATH", None)
    if shown == "tfmodels serve saved_models":
        return serve(programs, place, environment, servers)
    command = [str(programs / "python"), "-c", text] if kind == "python" else ["bash", "-c", shortened(shown)]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=900, check=False)
    print(f"{'ok  ' if not done.returncode else 'FAILED'} {time.monotonic() - start:5.0f} s  {shown}", flush=True)
    if done.returncode:
        print(done.stdout[-2000:], done.stderr[-3000:], sep="\n", flush=True)
    return not done.returncode


def serve(programs: Path, place: Path, environment: dict[str, str], servers: list[subprocess.Popen]) -> bool:
    """Starts the server in place of an earlier one; whether it has all exports. It ends with this process."""
    stop(servers)
    servers += [
        subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", str(programs / "tfmodels"), "serve", "saved_models"],
            cwd=place, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
    ]  # fmt: skip
    names = [folder.name for folder in (place / "saved_models").iterdir() if (folder / "1").is_dir()]
    for _ in range(240):
        time.sleep(1)
        if all(map(available, names)):
            print(f"ok           tfmodels serve saved_models, on port {PORT}: {', '.join(names)}", flush=True)
            return True
    print("FAILED       tfmodels serve saved_models: not all models in four minutes", flush=True)
    return False


def available(name: str) -> bool:
    """Whether the server has a version of the model."""
    try:
        with urlopen(f"http://localhost:{PORT}/v1/models/{name}") as answer:
            return b"AVAILABLE" in answer.read()
    except OSError:
        return False


def stop(servers: list[subprocess.Popen]) -> None:
    """Ends those that run."""
    while servers:
        server = servers.pop()
        server.terminate()
        server.wait()


def shortened(command: str) -> str:
    """The command with few steps, where it trains; a request fails where the server says so."""
    words = shlex.split(command)
    if words[0] == "curl":
        return shlex.join([words[0], "--fail-with-body", "--silent", "--show-error", *words[1:]])
    if words[:2] == ["tfmodels", "tune"]:
        return shlex.join([*words, *FEW_STEPS, "--trials", "2"])
    if words[:2] != ["tfmodels", "fit"] or any(word.startswith("--find") for word in words):
        return command
    small = SMALL.get(words[2], []) if "--config" not in words else []
    few_words = ["--vocabulary_size", "300"] if {"my/texts", "my/documents"} & set(words) else []
    return shlex.join([*words, *FEW_STEPS, *small, *few_words])


if __name__ == "__main__":
    sys.exit(main())
