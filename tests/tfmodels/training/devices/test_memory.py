import subprocess
import sys

import pytest

from tfmodels.training.devices import memory

_CHILD = """
import numpy as np
from tfmodels.training.devices import memory
before = memory.peak_memory()
held = np.ones(before // 8 + 2**23)  # 8 bytes each
size = held.nbytes
del held
print(memory.peak_memory() >= size > before)
"""


def test_the_peak_holds_what_was_freed():
    """In a process that has used little so far."""
    result = subprocess.run([sys.executable, "-c", _CHILD], capture_output=True, text=True, check=True)
    assert result.stdout == "True\n"


@pytest.mark.parametrize("files", [("memory.max", "memory.current", "memory.stat"), memory._LIMITS[1]])
def test_a_container_s_limit_counts_without_what_can_be_reclaimed(tmp_path, monkeypatch, files):
    (tmp_path / "memory").mkdir()
    monkeypatch.setattr(memory, "_CGROUPS", tmp_path)
    free = memory.available_memory()
    if free is None:
        pytest.skip("the system does not tell its memory")
    for file, text in zip(files, ("10000\n", "7000\n", "anon 1\ninactive_file 2000\n"), strict=True):
        (tmp_path / file).write_text(text)
    assert memory.available_memory() == 10000 - (7000 - 2000) < free
    (tmp_path / files[0]).write_text("max\n")
    assert memory.available_memory() > 10000
