"""What a report of translations says is what the export answers; an export is scored on the data of its run."""

import contextlib
import hashlib
import io
import json
import sys
from pathlib import Path

import pytest

import pipelines
from pipelines import runs
from pipelines.cli import main
from pipelines.runs import report
from tfmodels import metrics

pytestmark = pytest.mark.slow

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
FIT = [
    *["fit", "translation", "--run", "numbers", "--data", "numbers", "--source", "words", "--target", "digits"],
    *["--vocabulary_size", "320", "--max_source_length", "20", "--max_target_length", "20", "--decoding.beam_size=2"],
    *["--transformer.num_layers", "1", "--transformer.d_model", "16", "--transformer.num_heads", "2"],
    *["--transformer.feed_forward_dim", "32", "--training.steps", "2", "--training.interval", "2"],
    *["--training.batch_tokens", "400", "--training.warmup_steps", "1"],
]


@pytest.fixture(scope="module")
def exported(tmp_path_factory, one_replica):
    """The export of a run whose decoding and weights are its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
        Path("numbers").mkdir()
        for split, numbers in {"train": range(100, 300), "val": range(300, 330), "test": range(330, 360)}.items():
            words = (" ".join(WORDS[int(digit)] for digit in str(number)) for number in numbers)
            Path(f"numbers/{split}.words").write_text("".join(f"{text}\n" for text in words))
            Path(f"numbers/{split}.digits").write_text("".join(f"{number}\n" for number in numbers))
        with contextlib.redirect_stdout(io.StringIO()), one_replica():
            assert main.main(FIT) == 0
            assert main.main(["export", "numbers"]) == 0
        yield Path("saved_models/numbers/1")


def card(version):
    return json.loads((version / "assets.extra/tfmodels.json").read_text(encoding="utf-8"))


def page(version):
    return (version / "assets.extra/model_card.md").read_text(encoding="utf-8")


def digests(version):
    files = [path for path in version.rglob("*") if path.is_file()]
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_report_is_what_the_export_answers(exported):
    sources, references = (Path(f"numbers/val.{side}").read_text().splitlines() for side in ("words", "digits"))
    answered = [answer["text"] for answer in pipelines.load(exported).predict(sources)]
    found = metrics.translation_scores(answered, references).scores
    recorded = report.read(runs.ROOT / "numbers" / "report.json")
    assert {name: recorded.metrics[name] for name in found} == pytest.approx(found)
    assert recorded.comparisons.keys() == {"copy the source"}
    by_source = dict(zip(sources, answered, strict=True))
    assert all(example["output"] == by_source[example["source"]] for example in recorded.examples)


def test_an_export_of_the_run_as_it_is_tells_its_scores(exported):
    scores = card(exported)["scores"]
    assert scores["measured"] and scores["note"].startswith("On the validation split: bleu ")
    assert scores["note"] in page(exported)


def test_an_export_is_scored_and_stays_as_it_is(exported, capsys):
    before = digests(exported)
    assert main.main(["evaluate", str(exported)]) == 0
    assert digests(exported) == before
    again = report.read(runs.ROOT / "numbers" / "report.numbers-1.json")
    own = report.read(runs.ROOT / "numbers" / "report.json")
    assert again.metrics == pytest.approx({name: own.metrics[name] for name in again.metrics})
    assert "loss" in own.metrics and "loss" not in again.metrics
    assert again.tables[0]["columns"] == ["metric", "export", "run"]
    assert "report.numbers-1.json" in capsys.readouterr().out


def test_other_weights_or_options_say_that_they_were_not_measured(exported, capsys):
    assert (
        main.main(["export", "numbers", "--to", "saved_models/small", "--weights", "int8", "--decoding.beam_size=1"])
        == 0
    )
    version = Path("saved_models/small/1")
    scores = card(version)["scores"]
    assert not scores["measured"] and scores["command"] == "tfmodels evaluate saved_models/small"
    for text in (scores["note"], page(version), capsys.readouterr().out):
        assert "the weights are stored as int8; decoding.beam_size is 1, in the run 2" in text
        assert "`tfmodels evaluate saved_models/small` measures them" in text
    assert main.main([*scores["command"].split()[1:], "--split", "test"]) == 0
    scored = report.read(runs.ROOT / "numbers" / "report.test.small-1.json")
    sources, references = (Path(f"numbers/test.{side}").read_text().splitlines() for side in ("words", "digits"))
    answered = [answer["text"] for answer in pipelines.load(version).predict(sources)]
    found = metrics.translation_scores(answered, references).scores
    assert {name: scored.metrics[name] for name in found} == pytest.approx(found)
    assert "weights stored as int8" in scored.notes[0] and any("beam_size 1" in note for note in scored.notes)
    assert (runs.ROOT / "numbers" / "test_uses.log").read_text().count("--split test") == 1


def test_an_export_without_its_run_is_refused_with_the_remedy(exported, capsys, monkeypatch):
    history = runs.ROOT / "numbers" / "history.json"
    content = history.read_text()
    history.write_text(content + " ")
    assert main.main(["evaluate", str(exported)]) == 2
    assert "trained anew since then" in capsys.readouterr().err
    history.write_text(content)
    monkeypatch.chdir("..")
    moved = next(Path.cwd().glob("*/saved_models/numbers/1"))
    assert main.main(["evaluate", str(moved)]) == 2
    assert "--run names it" in capsys.readouterr().err
    assert main.main(["evaluate", str(moved), "--decoding.beam_size", "3"]) == 2
    assert "In an export they are fixed" in capsys.readouterr().err
