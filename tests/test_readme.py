import re
from pathlib import Path

import pytest

import pipelines
from pipelines.cli import main
from pipelines.runs import report

README = Path(__file__).parent.parent / "README.md"
SMALL = ["--lstm.d_model", "16", "--training.steps", "4", "--training.interval", "2", "--training.warmup_steps", "1"]


@pytest.fixture
def task(tmp_path, monkeypatch, one_replica):
    """The task of the chapter, saved as it tells."""
    chapter = README.read_text(encoding="utf-8").partition("## Your own task in one file")[2]
    code = re.search(r"```python\n(.*?)```", chapter, re.DOTALL)[1]
    monkeypatch.chdir(tmp_path)
    Path("roman.py").write_text(code, encoding="utf-8")
    with one_replica():
        yield "roman.py"


@pytest.mark.slow
def test_the_task_of_the_readme_trains_reports_answers_and_explains(task, capsys):
    assert main.main(["fit", task, *SMALL]) == 0
    learnt = report.read(Path("runs/roman/report.json"))
    assert learnt.baselines.keys() == {"nearest number known"}
    assert Path("runs/roman/curves.png").is_file()
    assert [row["step"] for row in pipelines.runs.load("roman", task).history] == [2, 4]
    texts = [answer["text"] for answer in pipelines.load("roman", task=task).predict(["1987", ""])]
    assert all(isinstance(text, str) for text in texts)
    assert texts[1] == ""
    assert main.main(["explain", "roman", "12", "--task", task]) == 0
    assert Path("runs/roman/explain/cross_attention.png").is_file()


def test_the_data_of_the_task_is_right(task):
    roman = pipelines.runs.registry.find(task)
    assert [roman.numeral(number) for number in (4, 1987, 3999)] == ["IV", "MCMLXXXVII", "MMMCMXCIX"]
    splits = [set(roman.pairs(split)) for split in ("train", "validation", "test")]
    assert len(set.union(*splits)) == sum(map(len, splits)) == 3999
