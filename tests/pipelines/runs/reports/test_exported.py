import json
from pathlib import Path

import pytest

from pipelines import runs
from pipelines.cli import main
from pipelines.runs.reports import export_card, exported
from tfmodels.export.digests import write_digests


@pytest.fixture
def version(shout):
    """The export of a run."""
    assert main.main(["fit", shout]) == 0
    assert main.main(["export", "shout", "--task", shout]) == 0
    return Path("saved_models/shout/1")


def test_fields_of_a_card_that_scoring_reads_are_judged_by_their_form(version, shout):
    file = version / "assets.extra" / "tfmodels.json"
    card = json.loads(file.read_text())
    assert exported.load(version, task=shout).name == "shout"
    for name, value, said in (
        ("run", 5, "`run` .* to be an object"),
        ("run", {"training": ""}, "`run` .* with `name`"),
        ("run", {"name": ["shout"]}, "`run.name` .* to be a text"),
        ("run", {"name": "shout", "training": 5}, "`run.training` .* to be a text"),
        ("run", {"name": "../runs/shout"}, "lies under runs/"),
        ("options", ["voice"], "`options` .* to be an object"),
        ("options", {"voice": 5}, "Expected voice to be a dict"),
        ("options", {"voice": {"echoes": "\0"}}, "voice.echoes"),
        ("options", {"mark": {}}, "do not affect training"),
        ("weights", {}, "`weights` .* one of 'float32'"),
    ):
        file.write_text(json.dumps(card | {name: value}))
        write_digests(version)
        with pytest.raises(ValueError, match=f"Expected .*{said}|{said}"):
            exported.load(version, task=shout)


def test_an_export_of_weights_after_those_of_the_report_has_no_measured_scores(version, shout):
    index = Path("runs/shout/checkpoints/best/ckpt-1.index")
    index.parent.mkdir(parents=True)
    index.write_text("1")
    assert main.main(["evaluate", "shout", "--task", shout]) == 0
    for content, measured in (("1", True), ("2", False)):
        index.write_text(content)
        scores = export_card.card(runs.load("shout", shout), "float32", version.parent)["scores"]
        assert scores["measured"] == measured
    assert "went on after the report" in scores["note"]
    assert main.main(["evaluate", "shout", "--task", shout]) == 0
    assert export_card.card(runs.load("shout", shout), "float32", version.parent)["scores"]["measured"]
