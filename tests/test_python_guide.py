"""The notebook of docs/python.md runs from start to end."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_notebook_of_the_guide(tmp_path):
    guide = (ROOT / "docs" / "python.md").read_text(encoding="utf-8").partition("## A notebook from start to end")[2]
    cells = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    assert len(cells) == 5
    (tmp_path / "notebook.py").write_text("\n".join(cells))
    done = subprocess.run(
        [sys.executable, "notebook.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "or delete that run with overwrite=True" in done.stdout
    assert done.stdout.count("best validation loss") == 3  # the same cell again trains nothing
