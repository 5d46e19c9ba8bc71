"""The task of docs/guides/your_own_task.md, docs/examples/roman.py."""

import shutil
from pathlib import Path

import pytest

import pipelines
from pipelines.cli import main
from pipelines.runs import registry, report

EXAMPLE = Path(__file__).parent.parent / "docs/examples/roman.py"
SMALL = ["--lstm.d_model", "16", "--training.steps", "4", "--training.interval", "2", "--training.warmup_steps", "1"]


@pytest.fixture
def task(tmp_path, monkeypatch, one_replica):
    """The file, copied to where the commands run."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLE, "roman.py")
    with one_replica():
        yield "roman.py"


@pytest.mark.slow
def test_the_task_trains_reports_answers_and_explains(task, capsys):
    assert main.main(["fit", task, *SMALL]) == 0
    learnt = report.read(Path("runs/roman/report.json"))
    assert learnt.baselines.keys() == {"nearest number known"}
    assert Path("runs/roman/curves.png").is_file()
    assert [row["step"] for row in pipelines.runs.load("roman", task).history] == [2, 4]
    texts = [answer["text"] for answer in pipelines.load("roman", task=task).predict(["1987", ""])]
    assert all(isinstance(text, str) for text in texts)
    assert texts[1] == ""
    assert main.main(["export", "roman", "--task", task]) == 0
    assert '{"inputs": {"text": ["1987"]}}' in Path("saved_models/roman/1/assets.extra/model_card.md").read_text()
    assert main.main(["explain", "roman", "12", "--task", task]) == 0
    assert Path("runs/roman/explain/cross_attention.png").is_file()


def test_the_data_of_the_task_is_right(task):
    roman = registry.find(task)
    assert [roman.numeral(number) for number in (4, 1987, 3999)] == ["IV", "MCMLXXXVII", "MMMCMXCIX"]
    splits = [set(roman.pairs(split)) for split in ("train", "validation", "test")]
    assert len(set.union(*splits)) == sum(map(len, splits)) == 3999
