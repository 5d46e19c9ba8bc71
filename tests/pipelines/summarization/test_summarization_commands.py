import json
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from command_line import command
from running_server import running
from small_reports import FIT, HOSTILE, SIZES, write_reports

import pipelines
from pipelines import runs

pytestmark = pytest.mark.slow

TEXTS = ["The council of Melton meets on Friday.", "", *HOSTILE.values()]


@pytest.fixture(scope="module", autouse=True, params=list(SIZES))
def workplace(request, tmp_path_factory, one_replica):
    """The working directory of all tests here: a folder of reports, and `one`, trained on one replica."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[__name__], "FIT", [*FIT, *SIZES[request.param]])
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])
        write_reports(Path("news"))
        with one_replica():
            succeeds(*FIT, "--run", "one")
        yield Path.cwd()


def succeeds(*words):
    status, printed = command(*words)
    assert status == 0, printed
    return printed


def losses(name):
    return [(row["train_loss"], row["val_loss"]) for row in runs.load(name).history]


def texts_of(model, rows=TEXTS):
    return [answer["text"] for answer in pipelines.load(model).predict(rows)]


def test_two_replicas_train_as_one(two_replicas):
    succeeds(*FIT, "--run", "two")
    np.testing.assert_allclose(losses("two"), losses("one"), rtol=1e-3)


def test_a_killed_training_goes_on_as_if_it_had_not_been(one_replica):
    fitting = subprocess.Popen([sys.executable, "-m", "tfmodels", *FIT, "--run", "resumed", "--training.replicas", "1"])
    while fitting.poll() is None and not Path("runs/resumed/history.json").exists():
        time.sleep(0.01)
    fitting.kill()
    assert fitting.wait() == -signal.SIGKILL, "it ended before it could be killed"
    with one_replica():
        succeeds(*FIT, "--run", "resumed", "--training.replicas", "1")
    np.testing.assert_allclose(losses("resumed"), losses("one"), rtol=1e-5)
    assert texts_of("resumed") == texts_of("one")


def test_seeds_are_summed_up():
    succeeds(*FIT, "--run", "several", "--seeds", "0,1")
    found = json.loads(Path("runs/several-seeds.json").read_text())
    assert [one["run"] for one in found["runs"]] == ["several-seed-0", "several-seed-1"]
    assert found["metrics"]["rougeL"]["mean"] == pytest.approx(
        np.mean([one["metrics"]["rougeL"] for one in found["runs"]])
    )


def test_int8_and_float32_are_checked_and_served_alike():
    for weights in ("float32", "int8"):
        printed = succeeds("export", "one", "--weights", weights, "--to", f"saved_models/{weights}")
        assert "checked" in printed
        succeeds("check", f"saved_models/{weights}")
    with running(Path("saved_models/float32")) as server:
        address = f"{server.rest}/v1/models/float32:predict"
        with urllib.request.urlopen(address, json.dumps({"inputs": TEXTS}).encode()) as answer:
            served = json.load(answer)["outputs"]
    assert served["text"] == texts_of("saved_models/float32") == texts_of("one")
    assert len(texts_of("saved_models/int8")) == len(TEXTS)


def test_a_wished_length_is_kept():
    succeeds("export", "one", "--to", "saved_models/wished")
    rows = [{"text": TEXTS[0], "max_length": length} for length in (1, 5)]
    found = pipelines.load("saved_models/wished").predict(rows, "with_options")
    assert [row["length"] <= wished for row, wished in zip(found, (1, 5), strict=True)] == [True, True]


def test_several_runs_are_one_export_that_teaches_another():
    succeeds(*FIT, "--run", "second", "--training.seed", "2")
    succeeds("export", "one", "second", "--to", "saved_models/both")
    assert len(texts_of("saved_models/both")) == len(TEXTS)
    succeeds(*FIT, "--run", "taught", "--teacher", "saved_models/both")
    pairs = [json.loads(line) for line in (runs.load("taught").assets / "teacher_pairs.jsonl").read_text().splitlines()]
    assert [target for _, target in pairs[:3]] == texts_of("saved_models/both", [source for source, _ in pairs[:3]])


def test_a_translator_is_a_start():
    words = ["report", "council", "Friday", "harbour", "festival", "game"]
    folder = Path("dictionary")
    folder.mkdir()
    for split in ("train", "val", "test"):
        lines = [f"{first} {second}" for first in words for second in words]
        (folder / f"{split}.en").write_text("\n".join(lines) + "\n")
        (folder / f"{split}.up").write_text("\n".join(lines).upper() + "\n")
    translate = [word for word in FIT if word not in ("--data", "news")]
    translate[1] = "translation"
    languages = ("--data", "dictionary", "--source", "en", "--target", "up")
    succeeds(*translate, *languages, "--run", "translator", "--copy", "true", "--vocabulary_size", "320")
    succeeds(*FIT, "--run", "started", "--start_from", "translator", "--training.steps", "3")
    assert losses("started")[0] != losses("one")[0]


def test_rates_and_batches_are_searched_for():
    assert "learning_rate" in succeeds(*FIT, "--run", "searched", "--find_lr")
    assert Path("runs/searched/find_lr.png").is_file()
