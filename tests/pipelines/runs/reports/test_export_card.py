import json
import shutil
from pathlib import Path

import pytest

from pipelines.cli import main
from pipelines.runs.reports import export_card, exported


def test_the_card_tells_licence_scores_data_and_changed_options(shout, tmp_path):
    folder = tmp_path / "my name" / "texts"
    assert main.main(["fit", shout, "--mark", "?", "--data", f"{folder},more/texts"]) == 0
    assert main.main(["evaluate", "shout", "--task", shout]) == 0
    of_user = ["--license", "CC BY 4.0", "--intended_use", "Fun, not\nwork."]
    assert main.main(["export", "shout", "--task", shout, *of_user]) == 0
    page, card = of_version(1)
    assert (card["license"], card["intended_use"]) == ("CC BY 4.0", "Fun, not\nwork.")
    assert "## Licence\n\nCC BY 4.0\n" in page and "## Intended use\n\n> Fun, not\n> work.\n" in page
    assert card["changed"] == ["data", "mark"] and card["config"]["training.steps"] == 20
    assert page.index('\nmark: "?"') < page.index("All:") < page.index("\ntraining.steps: 20")
    (scored,) = card["scores"]["splits"]
    assert (scored["split"], scored["metrics"]) == ("validation", {"volume": 3.0})
    assert "| validation | not counted | volume | 3 | 1 | whisper |" in page
    assert "- The test split: this export was not scored on it." in page
    assert card["data"]["name"] == "texts,more/texts" and card["data"]["prepared"] in page
    assert card["task"] == "shout.py" and "Task: shout.py." in page
    assert "my name" not in page + json.dumps(card) and str(tmp_path) not in page + json.dumps(card)
    assert main.main(["evaluate", "shout", "--task", shout, "--split", "test"]) == 0
    assert main.main(["export", "shout", "--task", shout]) == 0
    page, card = of_version(2)
    assert [one["split"] for one in card["scores"]["splits"]] == ["validation", "test"]
    assert "The test split" not in page and page.count("Not stated") == 2


@pytest.mark.parametrize("text", ["MIT\n## Scores", "MIT" * 100])
def test_a_licence_of_many_lines_or_letters_is_refused(shout, capsys, text):
    assert main.main(["export", "shout", "--task", shout, "--license", text]) == 2
    assert "Expected --license to be one line of at most 200 characters" in capsys.readouterr().err


def test_scores_of_other_weights_are_not_shown(shout):
    assert main.main(["fit", shout]) == 0
    assert main.main(["evaluate", "shout", "--task", shout]) == 0
    assert main.main(["export", "shout", "--task", shout, "--voice.echoes", "2"]) == 0
    page, card = of_version(1)
    assert card["scores"]["splits"] == [] and "voice.echoes is 2, in the run 1" in page
    assert "- The validation split: this export was not scored on it." in page


def test_folders_of_a_run_elsewhere_and_of_the_export_are_not_told(shout, tmp_path):
    assert main.main(["fit", shout, "--run", "loud"]) == 0
    elsewhere = shutil.move("runs/loud", tmp_path / "my name" / "loud")
    for run, to, command in (
        (elsewhere, tmp_path / "to" / "loud", "tfmodels evaluate loud --run loud --task shout.py"),
        ("my name/loud", "to/loud", "tfmodels evaluate to/loud --run 'my name/loud' --task shout.py"),
    ):
        assert main.main(["export", str(run), "--task", shout, "--to", str(to)]) == 0
        page, card = of_version(1 if run == elsewhere else 2, "to/loud")
        assert card["scores"]["command"] == command
        assert str(tmp_path) not in page + json.dumps(card)
        assert exported.load(to, str(run), shout).name == "loud"
    with pytest.raises(FileNotFoundError, match="--run names it"):
        export_of_absolute = tmp_path / "to" / "loud" / "1"
        exported.load(export_of_absolute, task=shout)


@pytest.mark.parametrize("words", [["--task", "shout.py"], ["--allow_code"], []])
def test_an_export_answers_by_the_file_of_its_task_or_without_it(words, shout, tmp_path, monkeypatch, capsys):
    assert main.main(["fit", shout]) == 0
    assert main.main(["export", "shout", "--task", shout]) == 0
    monkeypatch.chdir(Path(shout).resolve().parent)
    capsys.readouterr()
    assert main.main(["predict", str(tmp_path / "saved_models/shout"), "one", *words]) == 0
    assert "ONE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("/home/me/texts", "texts"),
        ("/home/me/texts/", "texts"),
        ("/home/me/texts*3,cldr,/data/b.tsv", "texts*3,cldr,b.tsv"),
        ("my/texts", "my/texts"),
        ("tfds:ted_hrlr_translate/pt_to_en", "tfds:ted_hrlr_translate/pt_to_en"),
        ("../texts", "../texts"),
        ("~/texts", "~/texts"),
        (3, 3),
        (None, None),
    ],
)
def test_absolute_paths_keep_their_last_name(value, kept):
    assert export_card.without_folders(value) == kept


def of_version(number, folder="saved_models/shout"):
    files = Path(folder) / str(number) / "assets.extra"
    return (files / "model_card.md").read_text(), json.loads((files / "tfmodels.json").read_text())
