"""After any mistakes the corrected command prepares what it would have prepared at once."""

import random
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipelines import runs
from pipelines.cli import main
from pipelines.runs import registry

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
RIGHT = {
    "forecasting": {
        **{"--data": "days.csv", "--time": "day", "--target": "y", "--calendar": ""},
        **{"--context": "14", "--horizon": "5", "--model": "linear"},
    },
    "classification": {"--data": "texts", "--vocabulary_size": "50"},
    "translation": {"--data": "pairs", "--vocabulary_size": "300"},
}
# Options that are added to the right ones, or replace them
WRONG = {
    "forecasting": [
        {"--data": "nowhere.csv"},
        {"--target": "z"},
        {"--horizon": "90"},
        {"--hold_out": "north"},
        {"--start_from": "nowhere"},
        {"--data": "outage.csv"},
        {"--known": "y"},
        {"--issue": "05:30"},
    ],
    "classification": [
        {"--data": "nowhere"},
        {"--class_weights": "good=2,dab=1"},
        {"--vectors": "narrow.txt"},
        {"--start_from": "nowhere"},
        {"--text": "txt"},
        {"--classes": "good,bad,other"},
    ],
    "translation": [
        {"--data": "nowhere"},
        {"--vocabulary_size": "9"},
        {"--vectors": "narrow.txt"},
        {"--start_from": "nowhere"},
        {"--target": "fr"},
        {"--data": "empty"},
    ],
}


@pytest.fixture(scope="module", autouse=True)
def workplace(two_replicas, tmp_path_factory):
    """A working directory with right and wrong data."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
        days = pd.DataFrame({"day": pd.date_range("2024-01-01", periods=100), "y": np.sin(np.arange(100))})
        days.to_csv("days.csv", index=False)
        days.assign(y=days["y"].where((days.index < 60) | (days.index > 90))).to_csv("outage.csv", index=False)
        texts = [f"a {word} film,{label}" for word in WORDS for label in ("good", "bad")]
        for split, part in (("train", texts), ("dev", [text.replace("a ", "no ") for text in texts])):
            Path("texts").mkdir(exist_ok=True)
            lines = [line.replace("film", f"{split} {line[-1]} film") for line in part]
            Path("texts", f"{split}.csv").write_text("\n".join(["text,label", *lines]) + "\n")
        for folder, validation in (("pairs", 10), ("empty", 0)):
            Path(folder).mkdir()
            for split, count in (("train", 60), ("val", validation), ("test", 10)):
                draw = random.Random(split)
                lines = [" ".join(draw.choices(WORDS, k=4)) for _ in range(count)]
                for language in ("en", "de"):
                    text = "".join(f"{line if language == 'en' else line[::-1]}\n" for line in lines)
                    Path(folder, f"{split}.{language}").write_text(text)
        Path("narrow.txt").write_text("one 0.1 0.2\n")
        yield


def fit(task, name, **changes):
    options = RIGHT[task] | changes
    return main.main(["fit", task, "--run", name, *(word for pair in options.items() for word in pair)])


def prepared(name):
    folder = runs.load(name).assets
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("task", RIGHT)
def test_the_corrected_command_is_never_refused(task, monkeypatch, capsys):
    monkeypatch.setattr(registry.find(task), "fit", lambda config, run: None)
    assert fit(task, f"{task}-clean") == 0
    for wrong in WRONG[task]:
        capsys.readouterr()
        assert fit(task, f"{task}-dirty", **wrong) == 2, wrong
        assert "Expected" in capsys.readouterr().err
        assert runs.locate(f"{task}-dirty") is None
    assert fit(task, f"{task}-dirty") == 0
    assert prepared(f"{task}-dirty") == prepared(f"{task}-clean") != {}


def test_a_mistake_that_training_finds_leaves_nothing(monkeypatch):
    def refuse(config, run):
        raise ValueError(f"Expected other data. Received: data={config.data!r}")

    monkeypatch.setattr(registry.find("forecasting"), "fit", refuse)
    assert fit("forecasting", "refused") == 2
    assert runs.locate("refused") is None


def test_prepared_for_other_options_is_prepared_again(monkeypatch):
    monkeypatch.setattr(registry.find("forecasting"), "fit", lambda config, run: None)
    assert fit("forecasting", "again", **{"--split": "0.6,0.2,0.2"}) == 0
    assert fit("forecasting", "again") == 0
    assert fit("forecasting", "once") == 0
    assert prepared("again") == prepared("once")
