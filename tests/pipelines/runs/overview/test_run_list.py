import json
import os
from pathlib import Path

import pytest
from command_line import command

import tfmodels
from pipelines.runs import option_files, report
from pipelines.runs.overview import run_exports, run_list
from pipelines.runs.report import Report
from pipelines.runs.reports import export_card
from pipelines.runs.run_folders import Run
from tfmodels.export.card_file import write_card

EVALUATION = {"step": 20, "epoch": 1.0, "train_loss": 1.0, "val_loss": 2.0, "seconds": 3.0}


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write_run(name, score=None, *, metric="accuracy", higher=True, task="classification", made=0, **options):
    """A run of which nothing was trained; with a score also a history and a report."""
    path = Path("runs", name)
    path.mkdir(parents=True)
    option_files.write(path / "config.yaml", {"format": 2, "task": task, "model": "lstm", **options})
    os.utime(path / "config.yaml", (made, made))
    if score is not None:
        (path / "history.json").write_text(json.dumps([EVALUATION]))
        primary = {"metric": metric, "higher_is_better": higher}
        found = Report(
            task=task, model="LSTM", split="validation", primary=primary, metrics={metric: score, "loss": -score},
            baselines={"majority class": {metric: 50.0}}, seed=1, parameters=1234, train_seconds=61.0, command="x",
        )  # fmt: skip
        for file in (path / "history.json", report.write(found, path)):
            os.utime(file, (made, made))
    return path


def names(**arguments):
    return [run.name for run in run_list.read(**arguments)]


def test_runs_are_listed_with_scores_differences_and_state():
    write_run("first", 80.0, made=1, data="a.csv", training={"steps": 20, "seed": 1})
    write_run("second", 90.0, made=3, data="a.csv", training={"steps": 20, "seed": 2})
    (write_run("stopped", made=2, data="b.csv", training={"steps": 40}) / "history.json").write_text(
        json.dumps([EVALUATION])
    )
    second, first = [run for run in run_list.read() if run.name != "stopped"]
    assert (first.state, first.score, first.baseline, first.baseline_score) == ("scored", 80.0, "majority class", 50.0)
    assert first.differing == second.differing == ("data", "training.steps", "training.seed")
    assert (second.parameters, second.train_seconds) == (1234, 61.0) and second.date > first.date
    (stopped,) = [run for run in run_list.read() if run.name == "stopped"]
    assert stopped.state == "unfinished, step 20 of 40" and stopped.score is None


def test_options_are_compared_within_a_task():
    write_run("texts", 80.0, data="texts")
    write_run("series", 2.0, metric="mae", higher=False, task="forecasting", data="series")
    assert [run.differing for run in run_list.read()] == [(), ()]
    assert names(task="forecasting") == ["series"]


def test_the_best_is_first_in_either_direction():
    for name, score in {"middle": 2.0, "worst": 3.0, "best": 1.0}.items():
        write_run(name, score, metric="mae", higher=False)
    write_run("prepared")
    runs = run_list.read()
    assert [run.name for run in run_list.by_metric(runs, "mae")] == ["best", "middle", "worst", "prepared"]
    assert [run.name for run in run_list.by_metric(runs, "loss")] == ["best", "middle", "worst", "prepared"]
    with pytest.raises(ValueError, match=r"one of loss, mae\. Received: bleu"):
        run_list.by_metric(runs, "bleu")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.yaml", "task: [classification"),
        ("config.yaml", "[" * 5_000 + "]" * 5_000),
        ("config.yaml", "steps: 3\n"),
        ("report.json", '{"task": "classification"}'),
        ("report.json", "["),
        ("config.yaml", "task: classification\nformat: 2\nmade: !!timestamp once\n"),
        ("config.yaml", "task: classification\nformat: 2\nshare: !!float ''\n"),
        ("history.json", "{}"),
    ],
)
def test_a_damaged_run_is_listed_as_such(file, content):
    write_run("sound", 80.0)
    damaged = write_run("damaged", None if file == "history.json" else 70.0)
    (damaged / file).write_text(content)
    (found,) = [run for run in run_list.read() if run.name == "damaged"]
    assert found.state == "damaged" and file in found.fault
    assert command("runs")[1].count("damaged") >= 2


@pytest.mark.parametrize(
    "changes",
    [
        {"parameters": 10**4000},
        {"parameters": -1},
        {"train_seconds": 1e300},
        {"train_seconds": -1.0},
        {"primary": {"metric": ["accuracy"]}},
        {"baselines": {"one": [1]}},
        {"metrics": {"accuracy": "high"}},
    ],
)
def test_a_report_of_other_types_or_sizes_is_damaged(changes):
    file = write_run("odd", 80.0) / "report.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
    (found,) = run_list.read()
    assert found.state == "damaged" and "report.json" in found.fault and len(found.fault) <= 400
    assert command("runs")[0] == 0


@pytest.mark.parametrize("file", ["config.yaml", "report.json", "history.json"])
def test_a_file_of_terabytes_is_not_read(file):
    with (write_run("huge", 80.0) / file).open("wb") as content:
        content.truncate(1 << 40)
    (found,) = run_list.read()
    assert found.state == "damaged" and "bytes" in found.fault


def test_a_file_that_may_not_be_read_is_a_fault_of_its_run_alone(monkeypatch):
    write_run("mine", 80.0)
    closed = write_run("closed", 80.0) / "report.json"
    read = Path.read_bytes

    def refused(path):
        if path == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    faults = {run.name: run.fault for run in run_list.read()}
    assert "Permission denied" in faults["closed"] and not faults["mine"]


def test_pipes_devices_and_links_to_nothing_are_passed_over():
    os.mkfifo(write_run("pipe") / "report.json")
    (write_run("device") / "report.json").symlink_to("/dev/zero")
    (write_run("folder") / "report.json").mkdir()
    Path("runs/nowhere").symlink_to("missing")
    assert {run.name: run.state for run in run_list.read()} == dict.fromkeys(("pipe", "device", "folder"), "prepared")


def test_names_and_values_of_any_kind_are_printed_and_are_json():
    odd = "a\x1b[2J\nb"
    for name in (odd, "half\udcff", "[bold]c"):
        write_run(name, 80.0)
    path = write_run("values") / "config.yaml"
    path.write_text("task: classification\nformat: 2\nday: 2026-12-01\nraw: !!binary aGk=\nset: !!set {a}\ninf: .inf\n")
    status, printed = command("runs")
    assert status == 0 and "\x1b" not in printed and r"half\udcff" in printed
    status, printed = command("runs", "--json")
    found = {run["name"]: run for run in json.loads(printed)}
    assert {odd, "half\udcff", "[bold]c"} < found.keys() and found["values"]["options"]["day"] == "2026-12-01"
    assert {r"half\udcff", odd} < {*tfmodels.runs().index}


def test_exports_are_listed_by_the_training_that_they_came_from():
    paths = [write_run(name, 80.0) for name in ("one", "two")]
    trainings = [export_card.training(Run(path, "", None)) for path in paths]
    cards = {
        "one/1": {"run": {"name": "one", "training": "of before"}},
        "one/2": {"run": {"name": "one", "training": trainings[0]}},
        "both/1": {"members": [{"name": "one", "training": trainings[0]}, {"name": "two", "training": trainings[1]}]},
        "odd/1": {"run": ["one"]},
        "odd/2": {"run": {"name": 3}},
    }
    for place, card in cards.items():
        (Path("saved_models") / place).mkdir(parents=True)
        write_card(Path("saved_models") / place, {"task": "classification", **card})
    (Path("saved_models/odd/3/assets.extra")).mkdir(parents=True)
    Path("saved_models/odd/3/assets.extra/tfmodels.json").write_text("{")
    assert set(run_exports.by_run()) == {"one", "two"}
    exports = {run.name: run.exports for run in run_list.read()}
    assert exports == {"one": ("both/1", "one/1 (of an earlier training)", "one/2"), "two": ("both/1",)}


def test_the_command_prints_a_table_or_json():
    status, printed = command("runs")
    assert status == 0 and printed.startswith("No runs in runs/. `tfmodels fit TASK` makes one.")
    write_run("mine", 80.0, data="[bold]a.csv")
    write_run("own", task="/home/me/roman.py")
    status, printed = command("runs", "--json")
    found = {run["name"]: run for run in json.loads(printed)}
    assert found["mine"]["score"] == 80.0 and found["own"]["state"] == "prepared"
    status, printed = command("runs", "--sort", "accuracy")
    assert status == 0 and "mine" in printed and "roman" in printed and "0:01:01" in printed
    assert command("runs", "--task", "/home/me/roman.py")[1].count("own") == 1
    status, printed = command("runs", "--task", "clasification")
    assert status == 2 and "did you mean classification?" in printed
