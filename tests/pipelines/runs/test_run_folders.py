import hashlib
import json
from pathlib import Path

import pytest
import yaml

from pipelines import runs
from pipelines.runs import option_files, registry, settings


@pytest.fixture
def config(shout):
    return registry.find(shout).Config


def test_a_run_is_loaded_with_its_stored_options(shout, config):
    made = config(
        data="Ünïcode: yes", languages=("no", "null"), training=registry.find(shout).Options(steps=3, rate=1e-7)
    )
    created = runs.create(shout, made, "first")
    assert runs.load("first", shout) == created
    assert runs.load(created.path.resolve(), shout).config == made
    assert created.name == "first"
    assert created.assets.is_dir()


def test_the_default_name_is_that_of_the_task(shout, config):
    assert runs.create(shout, config()).path == Path("runs/shout")


def test_equal_settings_resume(shout, config):
    run = runs.create(shout, config())
    (run.path / "weights").touch()
    assert runs.create(shout, config()) == run
    assert (run.path / "weights").exists()


def test_other_settings_of_a_run_with_results_are_refused_field_by_field(shout, config):
    (runs.create(shout, config()).path / "weights").touch()
    runs.create(shout, config(), "shout-2")
    other = config(mark="?", training=registry.find(shout).Options(steps=5))
    with pytest.raises(ValueError, match="different options") as error:
        runs.create(shout, other)
    message = str(error.value)
    assert "mark: ! in the run, ? now" in message
    assert "training.steps: 20 in the run, 5 now" in message
    assert "languages" not in message
    assert "--run shout-3" in message
    assert "--overwrite" in message
    assert runs.load("shout", shout).config == config()


def test_a_field_that_only_one_side_has_is_a_difference(shout, config):
    file = runs.create(shout, config()).path / "config.yaml"
    file.with_name("weights").touch()
    file.write_text(file.read_text().replace("mark: '!'", "volume: 3"))
    with pytest.raises(ValueError, match="volume: 3 in the run, nothing now") as error:
        runs.create(shout, config())
    assert "mark" not in str(error.value)  # its default on both sides


def test_a_field_added_later_has_its_default(shout, config):
    file = runs.create(shout, config()).path / "config.yaml"
    file.with_name("weights").touch()
    file.write_text(file.read_text().replace("mark: '!'\n", ""))
    with pytest.raises(ValueError, match=r"mark: ! in the run, \? now"):
        runs.create(shout, config(mark="?"))
    assert runs.create(shout, config()) == runs.load("shout", shout)


@pytest.mark.parametrize(
    ("name", "other", "message"),
    [
        ("translation", {"data": "tfds:x"}, "data: cldr in the run"),
        ("classification", {"quotes": "text"}, "quotes: .* now"),
    ],
)
def test_the_same_command_resumes_a_run_made_before_an_option_was_added(shout, name, other, message):
    task, config = registry.full_name(name), registry.find(name).Config
    file = runs.create(task, config()).path / "config.yaml"
    file.with_name("weights").touch()
    later = option_files.completed({"task": name}).keys() - {"task"}
    file.write_text("".join(line for line in file.open() if line.partition(":")[0] not in later))
    with pytest.raises(ValueError, match=message):
        runs.create(task, config(**other))
    resumed = runs.create(task, config())
    assert {getattr(resumed.config, option) for option in later} <= {"none", "by_ending"}
    assert runs.load(name).config == resumed.config


def test_a_replaced_run_is_deleted_by_commit(shout, config):
    run = runs.create(shout, config())
    (run.path / "weights").touch()
    for mark in "?.":  # the first attempt is interrupted
        other = runs.create(shout, config(mark=mark), overwrite=True)
        assert runs.load("shout", shout) == other
        assert not (run.path / "weights").exists()
    runs.rollback(other)
    assert runs.load("shout", shout) == run
    assert (run.path / "weights").exists()
    runs.commit(runs.create(shout, config(mark="?"), overwrite=True))
    assert [path.name for path in runs.ROOT.iterdir()] == ["shout"]
    (run.path / "weights").touch()
    runs.rollback(runs.load("shout", shout))  # it has results
    (run.path / "weights").unlink()
    (run.assets / "prepared").touch()
    runs.rollback(runs.load("shout", shout))
    assert not list(runs.ROOT.iterdir())


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../a", "/a", ".index", ".hidden"])
def test_names_that_are_not_valid_for_a_folder_are_refused(shout, config, name):
    with pytest.raises(ValueError, match="name of a folder"):
        runs.create(shout, config(), name, overwrite=True)


def test_the_name_of_the_server_s_files_is_refused(shout, config):
    with pytest.raises(ValueError, match=r"Expected another name.*run='serving'"):
        runs.create(shout, config(), "serving")


def test_a_missing_run_is_refused_with_the_nearest_name(shout, config):
    runs.create(shout, config())
    with pytest.raises(FileNotFoundError, match=r"Received: 'shuot' \(did you mean shout\?\)"):
        runs.load("shuot")


def test_settings_that_the_task_no_longer_has_are_refused(shout, config):
    file = runs.create(shout, config()).path / "config.yaml"
    values = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump({**values, "marks": "!"}))
    with pytest.raises(ValueError, match=r"marks \(did you mean mark\?\)"):
        runs.load("shout", shout)
    del values["task"]
    file.write_text(yaml.safe_dump(values))
    with pytest.raises(ValueError, match="Expected the `task`"):
        runs.load("shout", shout)


def test_the_config_names_task_and_every_option(shout, config):
    values = yaml.safe_load((runs.create(shout, config()).path / "config.yaml").read_text())
    assert (values.pop("format"), values.pop("task")) == (2, shout)
    assert values.pop("task_digest") == hashlib.sha256(Path(shout).read_bytes()).hexdigest()
    assert values == settings.to_dict(config())


def test_the_command_line_is_quoted(monkeypatch):
    monkeypatch.setattr("sys.argv", ["/bin/tfmodels", "predict", "run", "two words"])
    assert runs.command_line() == "tfmodels predict run 'two words'"


def test_a_run_without_results_is_prepared_again_for_other_options(shout, config):
    run = runs.create(shout, config())
    (run.assets / "prepared").touch()
    (run.path / "find_lr.json").touch()
    run.checkpoints.mkdir()  # made before the first step
    assert not runs.has_results(run.path)
    runs.create(shout, config())
    assert (run.assets / "prepared").exists()
    other = runs.create(shout, config(mark="?"))
    assert other == runs.load("shout", shout)
    assert list(run.assets.iterdir()) == []


def test_what_was_prepared_stays_when_learning_rate_or_batch_change(shout):
    from pipelines.translation import task as translation
    from tfmodels.training import Options

    def create(**options):
        return runs.create("translation", translation.Config(training=Options(**options)))

    run = create(learning_rate=0.1, batch_tokens=100)
    (run.assets / "prepared").touch()
    create(learning_rate=0.2, batch_tokens=200)
    assert (run.assets / "prepared").exists()
    assert runs.load("translation").config.training.batch_tokens == 200
    (run.checkpoints / "last").mkdir(parents=True)
    (run.checkpoints / "last" / "checkpoint").touch()
    assert runs.is_trained(run.path)
    with pytest.raises(ValueError, match=r"training\.learning_rate: 0\.2 in the run, 0\.3 now"):
        create(learning_rate=0.3, batch_tokens=200)


def test_a_training_killed_within_its_first_save_is_not_trained(shout, config):
    run = runs.create(shout, config())
    for name in ("best/unfinished.index", "last/ckpt-1_temp/part-00000-of-00001.index"):
        (run.checkpoints / name).parent.mkdir(parents=True)
        (run.checkpoints / name).touch()
    assert not runs.is_trained(run.path)
    (run.checkpoints / "last" / "ckpt-1.index").touch()
    assert runs.is_trained(run.path)


EVALUATION = {"step": 2, "epoch": 1.0, "train_loss": 0.7, "val_loss": 0.8, "seconds": 4.0}
HISTORIES = ["", "{}", "[]", "[1, 2]", "[" * 100_000, "9" * 5_000]
HISTORIES += [json.dumps([EVALUATION, EVALUATION | {name: "4"}]) for name in EVALUATION]


@pytest.mark.parametrize("content", HISTORIES, ids=range(len(HISTORIES)))
def test_a_damaged_history_is_refused_by_its_file(tmp_path, content):
    (tmp_path / "history.json").write_text(content)
    with pytest.raises(ValueError, match=r"Expected .* in .*history\.json.*tfmodels fit"):
        _ = runs.Run(tmp_path, "translation", None).history


def test_a_history_is_read_as_written(tmp_path):
    (tmp_path / "history.json").write_text(json.dumps([EVALUATION]))
    assert runs.Run(tmp_path, "translation", None).history == [EVALUATION]


def test_a_missing_run_is_told_with_those_that_there_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="There are none in runs/ here; `tfmodels fit` trains one"):
        runs.load("translation")
    for name in ("stays", "shop", "a", "b", "c", "d", "e"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "config.yaml").write_text("task: clinical\n", encoding="utf-8")
    with pytest.raises(FileNotFoundError, match=r"Received: 'translation'. There are a, b, c, d, e and 2 more"):
        runs.load("translation")
    with pytest.raises(FileNotFoundError, match=r"did you mean shop\?"):
        runs.load("shopp")
