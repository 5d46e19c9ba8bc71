import json
import os
import subprocess
import sys
from pathlib import Path

import frozen_files
import pytest

SCRIPT = Path(__file__).with_name("killed_exporting.py")


@pytest.mark.slow
@pytest.mark.skipif(frozen_files.compiler() is None, reason="no C compiler")
def test_a_kill_within_an_export_leaves_whole_versions_only(tmp_path):
    path = os.pathsep.join(path for path in sys.path if path)
    environment = frozen_files.preloaded(tmp_path) | {"PYTHONPATH": path}
    words = [sys.executable, SCRIPT, tmp_path / "exports", "5"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    assert not done.returncode, done.stderr[-3000:]
    states = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    assert len(states) > 5
    for call, _, there, kept, names in states:
        assert there in ([1, 2], [1, 2, 3], [2, 3]), call
        assert len(kept) == 2 and kept[-1] == there[-1] + 1, call
        assert names == [str(number) for number in kept], call
