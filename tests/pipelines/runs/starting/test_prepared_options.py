import json

import pytest

from pipelines import runs
from pipelines.cli import main

PREDICT, EXPORT, EVALUATE = (["predict", "shout", "a"], ["export", "shout"], ["evaluate", "shout"])


@pytest.fixture
def config(shout, capsys):
    """Of a run that was fitted and has checkpoints."""
    assert main.main(["fit", shout]) == 0
    path = runs.ROOT / "shout"
    (path / "checkpoints").mkdir()
    (path / "checkpoints" / "best").touch()
    capsys.readouterr()
    return path / "config.yaml"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mark: '!'", "mark: '?'", "mark: ! when it was prepared, ? now"),
        ("  steps: 20", "  steps: 5", "training.steps: 20 when it was prepared, 5 now"),
    ],
)
@pytest.mark.parametrize("command", [PREDICT, EXPORT, EVALUATE], ids=lambda words: words[0])
def test_an_option_of_training_that_was_edited_is_refused(shout, config, capsys, command, old, new, message):
    text = config.read_text()
    assert old in text
    config.write_text(text.replace(old, new))
    assert main.main([*command, "--task", shout]) == 2
    said = capsys.readouterr().err
    assert "runs/shout/config.yaml" in said and message in said and "Traceback" not in said


def test_what_may_change_after_training_may_be_edited(shout, config):
    config.write_text(config.read_text().replace("echoes: 1", "echoes: 2"))
    assert runs.load("shout", shout).config.voice.echoes == 2


def test_the_same_command_trains_on_while_an_edited_one_does_not(shout, config, capsys):
    assert main.main(["fit", shout]) == 0
    config.write_text(config.read_text().replace("steps: 20", "steps: 5"))
    assert main.main(["fit", shout, "--training.steps", "5"]) == 2
    assert "training.steps: 20 when it was prepared, 5 now" in capsys.readouterr().err


def test_a_run_without_digests_opens_and_its_export_has_no_measured_scores(shout, config, capsys):
    for name in ("digests.json", "options.yaml"):
        (config.parent / "assets" / name).unlink()
    assert main.main([*EXPORT, "--task", shout]) == 0
    assert capsys.readouterr().err.count("note: runs/shout has no digests, as runs of earlier versions") == 1
    card = json.loads(next(config.parents[2].glob("saved_models/shout/*/assets.extra/tfmodels.json")).read_text())
    assert not card["scores"]["measured"] and "the run has no digests" in card["scores"]["note"]


def test_options_that_were_kept_are_refused_if_they_are_damaged_or_lost(shout, config):
    kept = config.parent / "assets" / "options.yaml"
    kept.write_text(kept.read_text().replace("steps: 20", "steps: 5"))
    with pytest.raises(ValueError, match=r"Expected .*options\.yaml"):
        runs.load("shout", shout)
    kept.unlink()
    with pytest.raises(ValueError, match=r"Expected .*options\.yaml"):
        runs.load("shout", shout)
