from pathlib import Path

import pytest

from pipelines import runs
from pipelines.cli import main


@pytest.mark.slow
def test_a_dry_run_says_what_a_training_would_be_and_leaves_nothing(repeat, capsys):
    assert main.main(["fit", repeat, "--dry_run"]) == 0
    printed = capsys.readouterr().out
    assert not Path("runs").exists()
    assert "training: 4 steps" in printed and "evaluation every 2 steps, 2 in all" in printed
    assert "│ train │   60 │" in printed
    assert "network: 221 parameters" in printed
    assert "memory, an estimate: 0." in printed and "evaluations: about 0:00:" in printed
    assert "The same command without --dry_run makes the run runs/repeat" in printed

    assert main.main(["fit", repeat]) == 0
    before = sorted(path for path in Path("runs").rglob("*"))
    assert main.main(["fit", repeat, "--dry_run"]) == 0
    assert "resumes the run runs/repeat" in capsys.readouterr().out
    assert main.main(["fit", repeat, "--width", "4", "--dry_run"]) == 2
    assert "width: 8 in the run, 4 now" in capsys.readouterr().err
    assert main.main(["fit", repeat, "--width", "4", "--dry_run", "--overwrite"]) == 0
    assert sorted(path for path in Path("runs").rglob("*")) == before


def test_a_task_that_cannot_be_measured_is_prepared_at_least(shout, capsys):
    assert main.main(["fit", shout, "--dry_run"]) == 0
    assert "without `datasets` and `model`" in capsys.readouterr().out
    assert not Path("runs").exists()
    assert main.main(["fit", shout, "--data", "missing", "--dry_run"]) == 2
    assert not runs.ROOT.exists()
