"""Files of a translator that change after its training, and other pairs to score."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from pipelines.cli import main

pytestmark = pytest.mark.slow
FIT = [
    *["fit", "translation", "--run", "mine", "--data", "texts", "--source", "en", "--target", "de"],
    *["--vocabulary_size", "320", "--max_source_length", "20", "--max_target_length", "20"],
    *["--transformer.num_layers", "1", "--transformer.d_model", "16", "--transformer.num_heads", "2"],
    *["--transformer.feed_forward_dim", "32", "--training.steps", "4", "--training.interval", "2"],
    *["--training.batch_tokens", "400", "--training.warmup_steps", "1"],
]


def write(split, first, count):
    for language, word in (("en", "number"), ("de", "Zahl")):
        lines = (f"{word} {number}\n" for number in range(first, first + count))
        Path(f"texts/{split}.{language}").write_text("".join(lines))


def report(name):
    return json.loads(Path(f"runs/mine/{name}").read_text(encoding="utf-8"))


@pytest.fixture
def trained(two_replicas, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
    Path("texts").mkdir()
    for split, first, count in (("train", 0, 200), ("val", 300, 30), ("test", 400, 30)):
        write(split, first, count)
    assert main.main(FIT) == 0


def test_all_figures_of_a_report_are_of_the_same_rows(trained, capsys):
    assert main.main(["evaluate", "mine", "--split", "test"]) == 0
    before = report("report.test.json")
    write("test", 500, 7)
    capsys.readouterr()
    assert main.main(["evaluate", "mine", "--split", "test"]) == 2
    message = capsys.readouterr().err
    assert "test.en: 30 lines" in message and "7 lines" in message and "--data_changed ok" in message
    assert main.main(["evaluate", "mine", "--split", "test", "--data_changed", "ok"]) == 0
    changed = report("report.test.changed.json")
    assert changed["notes"][0].startswith("7 pairs")
    assert any("data file changed since" in note for note in changed["notes"])
    assert report("report.test.json") == before
    shutil.copytree("texts", "copy")
    assert main.main(["evaluate", "mine", "--split", "test", "--data", "copy"]) == 0
    assert report("report.other.json")["metrics"] == pytest.approx(changed["metrics"])
    pairs = zip(*(Path(f"copy/test.{language}").read_text().splitlines() for language in ("en", "de")), strict=True)
    Path("pairs.tsv").write_text("".join(f"{source}\t{target}\n" for source, target in pairs))
    before = Path("pairs.tsv").read_bytes()
    capsys.readouterr()
    for output, data in (("pairs.tsv", ["--data", "pairs.tsv"]), ("linked.csv", ["--data_changed", "ok"])):
        Path("linked.csv").unlink(missing_ok=True)
        Path("linked.csv").symlink_to(Path("texts/train.en").resolve())
        assert main.main(["evaluate", "mine", *data, "--output", output]) == 2  # the references would be gone
        assert "so that the input stays" in capsys.readouterr().err
    assert Path("pairs.tsv").read_bytes() == before
    assert main.main(["evaluate", "mine", "--data", "pairs.tsv"]) == 0
    other = report("report.other.json")
    assert other["split"] == "other" and other["metrics"] == pytest.approx(changed["metrics"])
    assert "SHA-256" in other["notes"][1]
