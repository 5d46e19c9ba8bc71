import sys
from pathlib import Path

import pytest

from pipelines.runs import registry


def test_a_file_is_found_again_from_another_folder(shout, tmp_path, monkeypatch):
    task, name = registry.find("shout.py"), registry.full_name("shout.py")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert registry.find(name) is task
    assert registry.short_name(name) == "shout"


def test_files_of_one_name_are_two_tasks(shout, tmp_path):
    (tmp_path / "other.folder").mkdir()
    other = tmp_path / "other.folder" / "shout.py"
    other.write_text("class Config: pass\n")
    assert registry.find(str(other)).Config is not registry.find(shout).Config


def test_any_importable_module_is_a_task(shout, tmp_path, monkeypatch):
    (tmp_path / "loud").mkdir()
    (tmp_path / "shout.py").rename(tmp_path / "loud" / "shout_module.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert registry.find("loud.shout_module").__name__ == "loud.shout_module"
    assert registry.full_name("loud.shout_module") == "loud.shout_module"
    assert registry.short_name("loud.shout_module") == "shout_module"
    del sys.modules["loud.shout_module"], sys.modules["loud"]


@pytest.mark.parametrize("name", ["no_such_task", "os.no_such_task", "a/b", "", ".relative", "two words"])
def test_a_name_that_is_not_a_module_is_refused(name):
    with pytest.raises(ValueError, match=r"Expected a task: .* an importable module or a .py file"):
        registry.find(name)


@pytest.mark.parametrize(("name", "nearest"), [("romna", "roman.py"), ("romna.py", "roman.py"), ("trans", "")])
def test_the_file_of_a_task_is_suggested(name, nearest, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "roman.py").touch()
    with pytest.raises((ValueError, FileNotFoundError), match=rf"task='{name}'.*{nearest}"):
        registry.find(name)


def test_an_earlier_name_of_a_task_is_refused_with_the_current_one():
    with pytest.raises(ValueError, match=r"sentiment is now classification"):
        registry.find("sentiment")


def test_a_module_without_config_is_refused():
    with pytest.raises(ValueError, match="defines `Config`"):
        registry.find("json")


def test_a_missing_file_is_refused():
    with pytest.raises(FileNotFoundError, match=r"nowhere\.py"):
        registry.find("nowhere.py")


def test_an_import_error_inside_a_task_is_raised(tmp_path, monkeypatch):
    (tmp_path / "needs_more.py").write_text("import no_such_module\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("needs_more", str(tmp_path / "needs_more.py")):
        with pytest.raises(ModuleNotFoundError, match="no_such_module"):
            registry.find(name)


def test_summaries_name_the_modules_that_define_a_config():
    assert not {"cli", "runs", "tasks", "settings", "report"} & registry.summaries().keys()
    for name, summary in registry.summaries().items():
        assert registry.find(name).__doc__.startswith(summary)
        assert registry.find(name) is registry.find(registry.full_name(name))


@pytest.mark.parametrize("name", ["format", "recipe", "task", "run", "overwrite", "config", "find_lr", "find_batch"])
def test_options_with_names_of_the_file_or_the_command_are_refused(tmp_path, name):
    task = tmp_path / f"{name}.py"
    task.write_text(f"from dataclasses import dataclass\n@dataclass\nclass Config:\n    {name}: str = ''\n")
    with pytest.raises(ValueError, match=f"Expected options of .*other than .*Received: {name}$"):
        registry.find(str(task))


def test_two_own_tasks_are_not_taken_for_one(shout, tmp_path):
    kept = {"task": registry.full_name(shout), registry.DIGEST: registry.digest(shout)}
    for name, text, same in (
        ("moved/shout.py", "edited", True),
        ("renamed.py", "", True),
        ("other.py", "edited", False),
    ):
        task = tmp_path / name
        task.parent.mkdir(exist_ok=True)
        task.write_text(Path(shout).read_text() + f"# {text}\n" * bool(text))
        assert registry.is_same(kept, str(task)) == same, name
        if not same:
            with pytest.raises(ValueError, match=r"Expected the task of the run .*shout\.py\. Received: .*other\.py"):
                registry.trusted(kept, Path("runs/shout"), str(task), allow_code=True)
    assert registry.is_same({"task": "pipelines.translation"}, "translation")
    assert not registry.is_same({"task": "translation"}, "classification")
    assert not registry.is_same({"task": "translation"}, shout) and not registry.is_same(kept, "translation")
    assert not registry.is_same({"task": ["shout.py"]}, str(tmp_path / "other.py"))
