"""Makes the images of docs/gallery.md by the commands that stand in it: `python docs/gallery.py` (also `make gallery`).

The runs are made in a folder of their own and deleted. `--keep FOLDER` keeps them there, and the same command goes on
where it was ended.
"""

import argparse
import os
import re
import shlex
import tempfile
import time
import zlib
from pathlib import Path

from PIL import Image

from pipelines.cli.main import main as command

DOCS = Path(__file__).resolve().parent
COLORS = 64  # of an image: figures have few, and a palette takes a third of the bytes
IMAGE = re.compile(r"!\[.*?\]\(gallery/(?P<name>[\w-]+\.png)\)<!-- (?P<file>\S+) -->")


def main() -> None:
    """Runs the commands and copies the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", metavar="FOLDER", type=Path)
    folder = parser.parse_args().keep
    with tempfile.TemporaryDirectory() as temporary:
        make((folder or Path(temporary)).resolve())


def make(folder: Path) -> None:
    """Runs the commands of the page in a folder, and writes its images."""
    page = (DOCS / "gallery.md").read_text("utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    commands = "".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL)).replace("\\\n", "")
    for line in commands.splitlines():
        program, *arguments = shlex.split(line, comments=True)
        done, started = folder / f"{zlib.crc32(line.encode()):08x}.done", time.perf_counter()
        if program != "tfmodels" or done.exists():
            continue
        if command(arguments):
            raise SystemExit(f"failed: {line}")
        done.touch()
        print(f"{time.perf_counter() - started:.0f} s: {line}", flush=True)
    for found in IMAGE.finditer(page):
        copy(folder / found["file"], DOCS / "gallery" / found["name"])


def copy(figure: Path, image: Path) -> None:
    """Copies a figure with a palette, for few bytes."""
    with Image.open(figure) as opened:
        opened.convert("RGB").quantize(COLORS).save(image, optimize=True)
    print(f"{image.stat().st_size / 1000:.0f} kB: {image}")


if __name__ == "__main__":
    main()
