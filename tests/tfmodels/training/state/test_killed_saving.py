import os
import subprocess
import sys
from pathlib import Path

import frozen_files
import pytest

SCRIPT = Path(__file__).with_name("killed_saving.py")


@pytest.mark.skipif(frozen_files.compiler() is None, reason="no C compiler")
@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 101])
def test_a_kill_within_a_save_leaves_the_old_state_or_the_new_one_and_resumes_equal(tmp_path, every):
    path = os.pathsep.join(path for path in sys.path if path)
    environment = frozen_files.preloaded(tmp_path) | {"PYTHONPATH": path}
    words = [sys.executable, SCRIPT, tmp_path / "runs", str(every)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    assert not done.returncode, done.stderr[-3000:]
    tried = [int(line.split()[-1]) for line in done.stdout.splitlines() if line[:1].isdigit()]
    assert len(tried) == 3
    assert all(calls > every for calls in tried)
