import os
import subprocess
import sys
from pathlib import Path

import documented_commands
import pytest
import users_files

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_session_at_the_shell_runs_as_it_stands(tmp_path):
    """From an empty folder, outside the checkout, each line by bash; its output is in the failure's message."""
    users_files.write(tmp_path)
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": programs, "PYTHONPATH": str(ROOT)}
    for kind, line in documented_commands.of_page("docs/shell.md"):
        assert kind == "sh"
        command = ["bash", "-o", "pipefail", "-c", documented_commands.shortened(line)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 141), (line, done.stdout[-500:], done.stderr[-2000:])
        assert done.stdout or ">" in line, line
    assert len((tmp_path / "both.csv").read_text().splitlines()) >= 20
    assert (tmp_path / "forecast.csv").is_file() and list((tmp_path / "figures").glob("*.png"))
